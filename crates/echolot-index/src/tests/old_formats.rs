//! Data folders of older formats.

use echolot_core::{FeedbackId, Polarity, ThemeId};
use fs_err as fs;
use rusqlite::Connection;

use crate::database;
use crate::error::Error;
use crate::folder::DataFolder;
use crate::schema::{FORMAT_VERSION, TABLES};
use crate::theme_records::{Discovery, PrototypeId, StoredPrototype};

/// One item with one unit in one theme, as format 1 kept them.
const CONTENT: &str = "
INSERT INTO run VALUES (1, x'00112233445566778899aabbccddeeff', '{\"generation\":1}');
INSERT INTO feedback VALUES (0, 'a', 1, NULL, 'de', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 'negative', 0, -0.5, 'complaint',
    zeroblob(16), zeroblob(16), zeroblob(16));
INSERT INTO verbatim VALUES (0, 'Viel zu spät.', 'Viel zu spät.', NULL, NULL, NULL, '{}', x'');
INSERT INTO theme VALUES (1, 'spät', '[\"spät\"]', 'delivery', 'negative',
    x'01000000000000000200000000000000', 1, 0.5, 0, 0, '[]', 1);
INSERT INTO opinion_unit VALUES (0, 0, 0, 13, 'delivery', 'negative', 1, 0.75);
INSERT INTO unit_vector VALUES (0, 0, x'0102');
INSERT INTO opinion VALUES (0, 0, 0, 0, 13, 'delivery', 'negative', 0.9);
INSERT INTO theme_event VALUES (1, 1, 1, 'born', '{\"units\":1,\"label\":\"spät\"}');
";

fn format_1() -> (tempfile::TempDir, DataFolder) {
    let temp = tempfile::tempdir().unwrap();
    for part in ["index", "staging", "reports", "rejected"] {
        fs::create_dir_all(temp.path().join(part)).unwrap();
    }
    let database = Connection::open(temp.path().join("echolot.sqlite")).unwrap();
    database.execute_batch(include_str!("formats/1.sql")).unwrap();
    database.execute_batch(CONTENT).unwrap();
    database.pragma_update(None, "user_version", 1).unwrap();
    let folder = DataFolder::open(temp.path()).unwrap();
    (temp, folder)
}

/// Every column of every table, and every index.
fn layout(folder: &DataFolder) -> Vec<String> {
    let database = Connection::open(folder.database_path()).unwrap();
    let query = "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\"
                 FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'
                 UNION SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
                 ORDER BY 1";
    let mut statement = database.prepare(query).unwrap();
    let lines = statement.query_map([], |row| row.get(0)).unwrap();
    lines.collect::<Result<_, _>>().unwrap()
}

#[test]
fn readers_of_an_old_folder_are_told_what_converts_it() {
    let (_temp, folder) = format_1();
    let error = folder.snapshot().unwrap_err();
    assert!(matches!(error, Error::Format { found: 1, .. }), "{error}");
    assert!(error.to_string().ends_with("change of a theme converts it"), "{error}");
    assert_eq!(folder.inspect().format_version, Some(1));
    assert_eq!(folder.inspect().format_version, Some(1), "looking changes nothing");
}

#[test]
fn the_lock_converts_a_folder_of_format_1() {
    let (_temp, folder) = format_1();
    let lock = folder.lock().unwrap();
    let (_fresh_temp, fresh) = crate::fixtures::folder();
    assert_eq!(layout(&folder), layout(&fresh));
    folder.publish(&lock).unwrap();

    let writer = folder.begin_run(&lock).unwrap();
    let store = writer.theme_store();
    let theme = &store.themes().unwrap()[0];
    assert_eq!((theme.title(), theme.size, theme.is_alive()), ("spät", 1, true));
    let expected = StoredPrototype {
        id: PrototypeId(1),
        theme: ThemeId(1),
        polarity: Polarity::Negative,
        centroid: vec![1, 2],
        size: 1,
        threshold: 0.5,
    };
    assert_eq!(store.prototypes().unwrap(), [expected]);
    let unit = store.unit(&FeedbackId::new("a"), 0).unwrap().unwrap();
    assert_eq!(
        (unit.theme, unit.prototype, unit.is_fixed),
        (Some(ThemeId(1)), Some(PrototypeId(1)), false)
    );
    let discovery =
        Discovery { generation: 1, units: 1, units_since: 0, inputs: None, certificate: None };
    assert_eq!(store.last_discovery().unwrap(), Some(discovery));
    drop(writer);

    let snapshot = folder.snapshot().unwrap();
    assert_eq!(snapshot.ledger(None).unwrap()[0].detail["size"], 1);
    let unit = &snapshot.verbatim_by_id(&FeedbackId::new("a")).unwrap().unwrap().units[0];
    assert_eq!(
        (unit.theme, unit.similarity, unit.confidence),
        (Some(ThemeId(1)), Some(0.75), None)
    );
    assert_eq!(folder.inspect().problems, Vec::<String>::new());
    // The lock is free for the next, which finds nothing to convert.
    drop(lock);
    drop(folder.lock().unwrap());
}

#[test]
fn a_folder_that_nothing_was_themed_in_counts_as_never_discovered() {
    let (_temp, folder) = format_1();
    let database = database::open_any_format(&folder.database_path()).unwrap();
    database
        .execute_batch(
            "UPDATE opinion_unit SET theme = NULL; DELETE FROM theme_event; DELETE FROM theme",
        )
        .unwrap();
    drop(database);
    let lock = folder.lock().unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    assert_eq!(writer.theme_store().last_discovery().unwrap(), None);
}

#[test]
fn the_lock_converts_a_folder_of_format_2() {
    let temp = tempfile::tempdir().unwrap();
    for part in ["index", "staging", "reports", "rejected"] {
        fs::create_dir_all(temp.path().join(part)).unwrap();
    }
    let database = Connection::open(temp.path().join("echolot.sqlite")).unwrap();
    database.execute_batch(TABLES).unwrap();
    // Format 2 is what the tables were without the times and days of format 3.
    database.execute_batch("ALTER TABLE run DROP COLUMN committed_at; DROP TABLE closing").unwrap();
    database.pragma_update(None, "user_version", 2).unwrap();
    drop(database);
    let folder = DataFolder::open(temp.path()).unwrap();
    let error = folder.snapshot().unwrap_err();
    assert!(matches!(error, Error::Format { found: 2, .. }), "{error}");
    drop(folder.lock().unwrap());
    let (_fresh_temp, fresh) = crate::fixtures::folder();
    assert_eq!(layout(&folder), layout(&fresh));
    assert_eq!(folder.inspect().format_version, Some(FORMAT_VERSION));
}
