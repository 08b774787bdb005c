//! The views agree with what the program itself reads, and their documented
//! examples run.

use echolot_core::{Correction, Fingerprint, Judgement, Polarity, ThemeId, Topic};
use rusqlite::{Connection, Row};
use serde_json::{Value, json};

use super::corrections::{say, undo};
use super::own_topics::{apply, topics};
use crate::audit_labels::AuditLabel;
use crate::fixtures::{self, analysed, conversation, review};
use crate::folder::DataFolder;
use crate::records::RowId;

const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sql.md"));

/// Ninety reviews and two conversations, every other review in a theme, and
/// one that repeats another.
fn themed_folder() -> (tempfile::TempDir, DataFolder) {
    let (temp, folder) = fixtures::folder();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    let mut items: Vec<_> = (0..90).map(|number| analysed(&review(number))).collect();
    items.extend([analysed(&conversation(1)), analysed(&conversation(2))]);
    for item in &items {
        writer.insert(item, None).unwrap();
    }
    let repeat = analysed(&fixtures::bare("repeat", "Die Lieferung 0 kam zu spät."));
    let repeated = writer.insert(&repeat, Some(RowId(0))).unwrap();
    let store = writer.theme_store();
    store.put_theme(&fixtures::theme(1, RowId(0))).unwrap();
    store.put_prototype(&fixtures::prototype(1)).unwrap();
    for row in (0..90).step_by(2).map(RowId).chain([repeated]) {
        store.place((row, 0), &fixtures::placement(1, 0.75)).unwrap();
    }
    store.record(ThemeId(1), "born", &json!({ "units": 45 })).unwrap();
    writer
        .commit(
            &json!({ "totals": { "rows": 93, "new": 93 }, "opinions": 279 }),
            crate::fixtures::at(),
        )
        .unwrap();
    folder.publish(&lock).unwrap();
    drop(lock);
    (temp, folder)
}

fn database(folder: &DataFolder) -> Connection {
    Connection::open(folder.path().join("echolot.sqlite")).unwrap()
}

fn rows<T>(
    connection: &Connection,
    query: &str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement =
        connection.prepare(query).unwrap_or_else(|error| panic!("{error}: {query}"));
    let rows = statement.query_map([], |row| read(row)).unwrap();
    rows.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {query}"))
}

#[test]
fn the_views_say_what_a_snapshot_says() {
    let (_temp, folder) = themed_folder();
    let (snapshot, connection) = (folder.snapshot().unwrap(), database(&folder));
    let items = rows(&connection, "SELECT * FROM feedback_items ORDER BY row", |row| {
        let list = |name: &str| -> rusqlite::Result<Value> {
            Ok(serde_json::from_str(&row.get::<_, String>(name)?).unwrap())
        };
        Ok(json!({
            "id": row.get::<_, String>("id")?,
            "text": row.get::<_, String>("text")?,
            "polarity": row.get::<_, String>("polarity")?,
            "mixed": row.get::<_, bool>("mixed")?,
            "intents": list("intents")?,
            "topics": list("topics")?,
            "themes": list("themes")?,
            "created_at": row.get::<_, Option<String>>("created_at")?,
            "ces_version": row.get::<_, Option<String>>("ces_version")?,
            "duplicate_of_row": row.get::<_, Option<u32>>("duplicate_of_row")?,
        }))
    });
    let opinions = rows(&connection, "SELECT * FROM opinions ORDER BY row, opinion", |row| {
        let text = |name: &str| row.get::<_, String>(name);
        Ok((text("id")?, text("quote")?, text("topic")?, row.get::<_, Option<u32>>("theme")?))
    });
    let (mut expected_items, mut expected_opinions) = (Vec::new(), Vec::new());
    for row in 0..items.len() {
        let stored = snapshot.verbatim(RowId(row as u32)).unwrap().unwrap();
        let (feedback, analysis) = (&stored.feedback, &stored.analysis);
        let themes: Vec<u32> = stored.units.iter().filter_map(|unit| Some(unit.theme?.0)).collect();
        expected_items.push(json!({
            "id": feedback.id.as_str(),
            "text": stored.verbatim,
            "polarity": analysis.polarity.code(),
            "mixed": analysis.is_mixed(),
            "intents": analysis.intents.iter().map(|intent| intent.code()).collect::<Vec<_>>(),
            "topics": analysis.opinions.iter().map(|o| o.topic.code()).collect::<Vec<_>>(),
            "themes": themes,
            "created_at": feedback.created_at.map(|at| at.to_string()),
            "ces_version": feedback.ces.map(|answer| answer.version().code()),
            "duplicate_of_row": (stored.canonical != stored.row).then_some(stored.canonical.0),
        }));
        for (number, opinion) in analysis.opinions.iter().enumerate() {
            expected_opinions.push((
                feedback.id.as_str().to_owned(),
                opinion.span.of(&stored.verbatim).to_owned(),
                opinion.topic.code().to_owned(),
                stored.theme_of(number).map(|theme| theme.0),
            ));
        }
    }
    assert_eq!(items.len(), 93);
    assert_eq!(items, expected_items);
    assert_eq!(opinions, expected_opinions);
    let themes = rows(&connection, "SELECT theme, volume, mentions, label FROM themes", |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?, row.get(3)?))
    });
    assert_eq!(themes, [(1, 45, 46, "Zu spät".to_owned())]);
}

/// Says something of two items, takes one of that back, and labels two.
fn people_speak(folder: &DataFolder) -> u64 {
    let whole = |judgement| Correction { span: None, judgement };
    let both = [
        whole(Judgement::Polarity(Polarity::Positive)),
        whole(Judgement::topics(vec![Topic::Delivery, Topic::Staff])),
    ];
    let undone = say(folder, "review-1", &both);
    undo(folder, undone, RowId(1));
    let edit = say(folder, "review-2", &[whole(Judgement::Spam)]);
    let lock = folder.lock().unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    for (row, intents) in [(0, None), (1, Some(vec![]))] {
        let label = AuditLabel {
            row: RowId(row),
            author: "ada".to_owned(),
            text: Fingerprint::of_text("x"),
            stratum: "negative / de".to_owned(),
            weight: 1.5,
            polarity: Some(Polarity::Negative),
            topics: Some(vec![Topic::Delivery, Topic::Staff]),
            intents,
        };
        writer.theme_store().put_audit_label(&label).unwrap();
    }
    writer.commit(&json!({ "audit": { "labels": 2 } }), fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
    edit
}

#[test]
fn what_people_say_stands_in_views_and_is_no_run() {
    let (_temp, folder) = themed_folder();
    let edit = people_speak(&folder);
    let connection = database(&folder);
    let said =
        "SELECT id, field, says, undone_by IS NULL, edit FROM corrections ORDER BY edit, field";
    let said = rows(&connection, said, |row| {
        let (id, field, says) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?);
        Ok(json!([
            id,
            field,
            says_of(says),
            row.get::<_, bool>(3)?,
            row.get::<_, i64>(4)? == edit.cast_signed()
        ]))
    });
    let expected = [
        json!(["review-1", "polarity", "positive", false, false]),
        json!(["review-1", "topics", "[\"delivery\",\"staff\"]", false, false]),
        json!(["review-2", "spam", null, true, true]),
    ];
    assert_eq!(said, expected);
    let labels = "SELECT id, weight, polarity, topics, intents FROM audit_labels ORDER BY row";
    let labels = rows(&connection, labels, |row| {
        let text = |at| row.get::<_, Option<String>>(at);
        Ok(json!([text(0)?, row.get::<_, f64>(1)?, text(2)?, text(3)?, text(4)?]))
    });
    let topics = "[\"delivery\",\"staff\"]";
    let expected = [
        json!(["review-0", 1.5, "negative", topics, null]),
        json!(["review-1", 1.5, "negative", topics, "[]"]),
    ];
    assert_eq!(labels, expected);
    let runs = rows(&connection, "SELECT generation FROM runs", |row| row.get::<_, u32>(0));
    assert_eq!(runs, [1], "edits and labels are no runs");
}

/// Text, or nothing.
fn says_of(says: Option<String>) -> Value {
    says.map_or(Value::Null, Value::String)
}

#[test]
fn every_documented_example_runs_and_finds_something() {
    let (_temp, folder) = themed_folder();
    apply(&folder, topics());
    people_speak(&folder);
    let connection = database(&folder);
    let examples: Vec<&str> = DOCUMENT
        .split("```sql\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("an example ends"))
        .collect();
    assert!(examples.len() >= 5, "{}", examples.len());
    for example in examples {
        assert!(!rows(&connection, example, |_| Ok(())).is_empty(), "{example}");
    }
}

#[test]
fn every_column_is_documented() {
    let (_temp, folder) = themed_folder();
    let connection = database(&folder);
    let views = rows(
        &connection,
        "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name",
        |row| row.get::<_, String>(0),
    );
    assert_eq!(
        views,
        [
            "audit_labels",
            "corrections",
            "feedback_items",
            "opinions",
            "own_topics",
            "runs",
            "theme_events",
            "themes"
        ]
    );
    for view in views {
        let section = DOCUMENT.split(&format!("## `{view}`")).nth(1);
        let section = section.unwrap_or_else(|| panic!("{view} has no section"));
        let section = section.split("\n## ").next().unwrap_or_default();
        let columns = format!("SELECT name FROM pragma_table_info('{view}')");
        for column in rows(&connection, &columns, |row| row.get::<_, String>(0)) {
            assert!(section.contains(&format!("`{column}`")), "{view}.{column}");
        }
    }
}

#[test]
fn a_view_that_was_changed_by_hand_is_made_anew() {
    let (_temp, folder) = themed_folder();
    database(&folder)
        .execute_batch("DROP VIEW themes; CREATE VIEW themes AS SELECT 1 AS one; DROP VIEW runs")
        .unwrap();
    let folder = DataFolder::create_or_open(folder.path()).unwrap();
    let volumes = rows(&database(&folder), "SELECT volume FROM themes", |row| row.get::<_, u32>(0));
    assert_eq!(volumes, [45]);
    assert_eq!(rows(&database(&folder), "SELECT generation FROM runs", |_| Ok(())).len(), 1);
}
