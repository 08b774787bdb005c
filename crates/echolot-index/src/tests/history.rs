//! Generations of the past read as they did.

use echolot_core::{ThemeId, Timestamp};
use serde_json::json;

use crate::error::Error;
use crate::filter::Filter;
use crate::fixtures::{self, analysed, at, bare, review};
use crate::folder::DataFolder;
use crate::records::RowId;
use crate::search::SearchRequest;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::writer::RunWriter;

/// All that readers can see.
fn everything(snapshot: &Snapshot) -> Vec<String> {
    let mut all = Vec::new();
    let take = |verbatim| {
        all.push(format!("{verbatim:?}"));
        Ok::<_, Error>(())
    };
    snapshot.for_each_feedback(take).unwrap();
    all.push(format!("{:?}", snapshot.themes().unwrap()));
    all.push(format!("{:?}", snapshot.ledger(None).unwrap()));
    all.push(format!("{:?}", snapshot.runs().unwrap()));
    all.push(format!("{:?}", snapshot.units_by_hand().unwrap()));
    let request = SearchRequest { query: "Lieferung".to_owned(), limit: 9, ..Default::default() };
    // The weight of a word follows from all that the index has ever held.
    let found = snapshot.search(&request).unwrap();
    let mut hits: Vec<_> = found.hits.into_iter().map(|hit| (hit.row, hit.highlights)).collect();
    hits.sort_unstable_by_key(|(row, _)| *row);
    all.push(format!("{} {hits:?}", found.total));
    let facts = snapshot.facts().unwrap();
    all.extend(facts.rows().map(|row| format!("{:?}", facts.opinions(row))));
    let selection = Selection { filter: Filter::default(), ..Selection::default() };
    all.push(format!("{:?}", snapshot.select_rows(&selection).unwrap()));
    all
}

/// One run after another, each with everything that can change.
fn write(folder: &DataFolder, change: impl FnOnce(&mut RunWriter)) -> Vec<String> {
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    change(&mut writer);
    writer.commit(&json!({ "run": true }), at()).unwrap();
    folder.publish(&lock).unwrap();
    drop(lock);
    everything(&folder.snapshot().unwrap())
}

fn generations() -> (tempfile::TempDir, DataFolder, Vec<Vec<String>>) {
    let (temp, folder) = fixtures::folder();
    let mut seen = Vec::new();
    seen.push(write(&folder, |writer| {
        for number in 0..4 {
            writer.insert(&analysed(&review(number)), None).unwrap();
        }
        let repeat = analysed(&bare("repeat", "Die Lieferung 0 kam zu spät."));
        writer.insert(&repeat, Some(RowId(0))).unwrap();
        let store = writer.theme_store();
        store.put_theme(&fixtures::theme(1, RowId(0))).unwrap();
        store.put_prototype(&fixtures::prototype(1)).unwrap();
        for row in 0..3 {
            store.place((RowId(row), 0), &fixtures::placement(1, 0.75)).unwrap();
        }
        store.record(ThemeId(1), "born", &json!({ "units": 3 })).unwrap();
    }));
    // A canonical row changes, so that its repeat takes over.
    seen.push(write(&folder, |writer| {
        let changed = analysed(&bare("review-0", "Alles anders, und der Preis ist gut."));
        writer.replace(RowId(0), &changed, None).unwrap();
        writer.insert(&analysed(&review(9)), None).unwrap();
    }));
    // A person moves a unit, twice, and a theme gets a name.
    seen.push(write(&folder, |writer| {
        let store = writer.theme_store();
        store.fix((RowId(1), 0), None, true).unwrap();
        store.fix((RowId(1), 0), Some(ThemeId(1)), true).unwrap();
        let mut theme = fixtures::theme(1, RowId(0));
        theme.name = Some("Spät".to_owned());
        theme.is_hidden = true;
        store.put_theme(&theme).unwrap();
        store.record(ThemeId(1), "renamed", &json!({ "name": "Spät" })).unwrap();
    }));
    // The item that changed changes again, twice in one run.
    seen.push(write(&folder, |writer| {
        for text in ["Noch einmal anders.", "Und wieder anders, die Lieferung fehlt."] {
            writer.replace(RowId(0), &analysed(&bare("review-0", text)), None).unwrap();
        }
        let store = writer.theme_store();
        store.put_theme(&fixtures::theme(2, RowId(3))).unwrap();
        store.put_prototype(&fixtures::prototype(2)).unwrap();
        store.place((RowId(2), 0), &fixtures::placement(2, 0.5)).unwrap();
    }));
    (temp, folder, seen)
}

#[test]
fn every_generation_reads_as_it_did() {
    let (_temp, folder, seen) = generations();
    for (generation, then) in (1..).zip(&seen) {
        assert_eq!(&everything(&folder.snapshot_at(generation).unwrap()), then, "{generation}");
        assert_eq!(&everything(&folder.rows_at(generation).unwrap()), then, "{generation}");
    }
    for (a, b) in seen.iter().zip(&seen[1..]) {
        assert_ne!(a, b, "each run changed something");
    }
    for generation in [0, 5] {
        let error = folder.snapshot_at(generation).unwrap_err();
        assert!(matches!(error, Error::UnknownGeneration { oldest: 1, newest: 4, .. }), "{error}");
    }
}

#[test]
fn nothing_is_kept_of_what_nobody_has_seen() {
    let (_temp, folder, _) = generations();
    let connection = rusqlite::Connection::open(folder.database_path()).unwrap();
    let count = |query: &str| -> i64 { connection.query_row(query, [], |row| row.get(0)).unwrap() };
    // The first and the second text of the item, but not the one of a moment.
    assert_eq!(count("SELECT count(*) FROM past_verbatim"), 2);
    assert_eq!(count("SELECT count(*) FROM past_verbatim WHERE verbatim LIKE 'Noch%'"), 0);
    // Of the unit that was moved twice in one run only what it was before.
    assert_eq!(count("SELECT count(*) FROM past_opinion_unit WHERE row = 1"), 1);
}

#[test]
fn a_day_is_closed_once() {
    let (_temp, folder, _) = generations();
    assert_eq!(folder.closing("2025-06-30").unwrap(), None);
    let lock = folder.lock().unwrap();
    assert_eq!(folder.close(&lock, "2025-06-30", 2).unwrap(), 2);
    assert_eq!(folder.close(&lock, "2025-06-30", 4).unwrap(), 2);
    drop(lock);
    assert_eq!(folder.closing("2025-06-30").unwrap(), Some(2));
    let later = Timestamp::from_seconds(at().seconds() + 1).unwrap();
    assert_eq!(folder.generation_before(at()).unwrap(), None);
    assert_eq!(folder.generation_before(later).unwrap(), Some(4));
}
