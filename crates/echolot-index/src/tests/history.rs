//! Generations of the past read as they did.

use echolot_core::{Correction, Fingerprint, Judgement, Polarity, ThemeId, Timestamp, Topic};
use serde_json::json;

use crate::audit_labels::AuditLabel;
use crate::error::Error;
use crate::filter::Filter;
use crate::fixtures::{self, analysed, at, bare, review};
use crate::folder::DataFolder;
use crate::records::RowId;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::tests::corrections::{say, undo};
use crate::theme_records::StoredTheme;
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
    all.push(format!("{:?}", snapshot.edits().unwrap()));
    all.push(format!("{:?}", snapshot.corrections(None).unwrap()));
    all.push(format!("{:?}", snapshot.audit_labels().unwrap()));
    for query in ["Lieferung", "topic:staff OR gut", "polarity:positive"] {
        all.push(format!("{:?}", snapshot.search(&fixtures::asked(query)).unwrap()));
    }
    let facts = snapshot.facts().unwrap();
    all.extend(facts.rows().map(|row| format!("{:?}", snapshot.model_answer(row).unwrap())));
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

/// A person's label of the second item.
fn label(folder: &DataFolder, polarity: Polarity) {
    let lock = folder.lock().unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    let label = AuditLabel {
        row: RowId(1),
        author: "anna".to_owned(),
        text: Fingerprint::of_text("x"),
        stratum: "positive / de".to_owned(),
        weight: 1.5,
        polarity: Some(polarity),
        topics: None,
        intents: None,
    };
    writer.theme_store().put_audit_label(&label).unwrap();
    writer.commit(&json!({ "labels": 1 }), at()).unwrap();
    folder.publish(&lock).unwrap();
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
        let theme = StoredTheme { born: 4, ..fixtures::theme(2, RowId(3)) };
        store.put_theme(&theme).unwrap();
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
fn what_people_say_against_the_model_is_of_its_generation() {
    let (_temp, folder) = fixtures::folder();
    let item = analysed(&review(1));
    let of = |span, judgement| Correction { span, judgement };
    let topics = |topics: &[Topic]| Judgement::topics(topics.to_vec());
    let whole = [Topic::Staff, Topic::PriceValue, Topic::Delivery, Topic::Usability];
    let mut seen = Vec::new();
    let mut look = || seen.push(everything(&folder.snapshot().unwrap()));

    fixtures::run(&folder, &[analysed(&review(0)), item.clone(), analysed(&review(2))]);
    look();
    // More is said than the model has, in a unit it does not have.
    let more = [
        of(None, topics(&whole)),
        of(Some(item.units[0].span), topics(&[Topic::Staff, Topic::PriceValue])),
        of(None, Judgement::Polarity(Polarity::Positive)),
    ];
    let first = say(&folder, "review-1", &more);
    look();
    let spam = say(&folder, "review-0", &[of(None, Judgement::Spam)]);
    look();
    label(&folder, Polarity::Positive);
    look();
    undo(&folder, first, RowId(1));
    look();
    label(&folder, Polarity::Negative);
    look();
    // Said again, and less; then the item is delivered anew.
    say(&folder, "review-1", &more);
    look();
    say(&folder, "review-1", &[of(Some(item.units[0].span), topics(&[]))]);
    look();
    let mut anew = item.clone();
    anew.feedback.rating = None;
    fixtures::run(&folder, &[anew]);
    look();
    undo(&folder, spam, RowId(0));
    look();

    for (generation, then) in (1..).zip(&seen) {
        assert_eq!(&everything(&folder.rows_at(generation).unwrap()), then, "{generation}");
    }
    for (a, b) in seen.iter().zip(&seen[1..]) {
        assert_ne!(a, b, "each run changed something");
    }
    assert_eq!(folder.inspect().problems, Vec::<String>::new());
}

#[test]
fn the_past_is_searched_by_words_alone() {
    let (_temp, folder, _) = generations();
    let past = folder.snapshot_at(2).unwrap();
    let error = past.unit_vectors(RowId(0)).unwrap_err();
    assert!(matches!(error, Error::NoVectors { generation: 2 }), "{error}");
    past.prepare_search(false).unwrap();
    past.prepare_search(true).unwrap_err();
    folder.snapshot().unwrap().prepare_search(true).unwrap();
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
