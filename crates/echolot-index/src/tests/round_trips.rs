//! What is written is read back, and nothing else is seen.

use echolot_core::{FeedbackId, Fingerprint, Intent, Polarity, ThemeId, Timestamp, Topic};
use serde_json::json;

use crate::error::Error;
use crate::fixtures::{self, analysed, conversation, review};
use crate::folder::DataFolder;
use crate::records::{AnalysedFeedback, RowId, Verbatim};
use crate::run_reader::Rejected;
use crate::schema::FORMAT_VERSION;
use crate::search::SearchRequest;
use crate::theme_records::{Change, Discovery};

fn assert_same(stored: &Verbatim, item: &AnalysedFeedback) {
    assert_eq!(stored.feedback, item.feedback);
    assert_eq!(stored.verbatim, item.verbatim);
    assert_eq!(stored.language, item.language);
    assert_eq!(stored.analysis, item.analysis);
    assert_eq!(stored.opinion_units, item.opinion_units);
    assert_eq!(stored.first_response_s, item.first_response_s);
    assert_eq!(stored.resolution_s, item.resolution_s);
    assert_eq!(stored.is_analysed, item.is_analysed);
    assert_eq!(stored.content, item.content);
    assert_eq!(stored.units.len(), item.units.len());
    for (stored, unit) in stored.units.iter().zip(&item.units) {
        assert_eq!(
            (stored.span, stored.polarity, stored.topic),
            (unit.span, unit.polarity, unit.topic)
        );
    }
}

fn rejected() -> Rejected {
    let text = str::to_owned;
    Rejected { source: text("a.csv"), line: 7, reason: text("no text"), raw: text("1;;") }
}

#[test]
fn every_field_of_every_record_reads_back() {
    let (_temp, folder) = fixtures::folder();
    let items =
        [analysed(&review(1)), analysed(&conversation(2)), analysed(&fixtures::bare("leer", ""))];
    let (text, model) = (Fingerprint::of_text("text"), Fingerprint::of_text("model"));
    let theme = fixtures::theme(4, RowId(0));

    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    for item in &items {
        writer.insert(item, None).unwrap();
    }
    writer.put_reading(text, model, &fixtures::reading(9)).unwrap();
    assert_eq!(writer.reading(text, model).unwrap(), Some(fixtures::reading(9)));
    assert_eq!(writer.reading(model, text).unwrap(), None);
    writer.reject(&rejected()).unwrap();
    let store = writer.theme_store();
    store.put_theme(&theme).unwrap();
    assert_eq!(store.themes().unwrap(), std::slice::from_ref(&theme));
    store.put_prototype(&fixtures::prototype(4)).unwrap();
    assert_eq!(store.prototypes().unwrap(), [fixtures::prototype(4)]);
    store.place((RowId(0), 0), &fixtures::placement(4, 0.75)).unwrap();
    store.record(theme.id, "born", &json!({ "size": 2 })).unwrap();
    let discovery = Discovery {
        generation: 1,
        units: 4,
        units_since: 2,
        inputs: Some(Fingerprint::of_text("four units")),
        certificate: Some(json!({ "units": 4 })),
    };
    store.put_discovery(&discovery).unwrap();
    assert_eq!(store.last_discovery().unwrap().as_ref(), Some(&discovery));
    let at = Timestamp::from_seconds(1_700_000_000).unwrap();
    let changes = [Change::Pin { theme: theme.id, is_pinned: true }, Change::Undo { edit: 1 }];
    assert_eq!(store.add_edit(("anna", at), &changes[0]).unwrap(), 1);
    assert_eq!(store.add_edit(("ben", at), &changes[1]).unwrap(), 2);
    store.mark_undone(1, 2).unwrap();
    assert_eq!(writer.known(&items[1].feedback.id).unwrap(), Some((RowId(1), items[1].content)));
    assert_eq!(writer.clean_text(RowId(1)).unwrap(), items[1].clean);
    assert_eq!(writer.commit(&json!({ "loaded": 3 }), crate::fixtures::at()).unwrap(), 1);
    assert_eq!(folder.publish(&lock).unwrap(), 1);
    drop(lock);

    let snapshot = DataFolder::open(folder.path()).unwrap().snapshot().unwrap();
    assert_eq!(snapshot.generation(), 1);
    for (number, item) in items.iter().enumerate() {
        let stored = snapshot.verbatim(RowId(number as u32)).unwrap().unwrap();
        assert_same(&stored, item);
        assert_eq!(snapshot.verbatim_by_id(&item.feedback.id).unwrap(), Some(stored));
    }
    assert_eq!(snapshot.verbatim(RowId(3)).unwrap(), None);
    assert_eq!(snapshot.verbatim_by_id(&FeedbackId::new("nobody")).unwrap(), None);
    let first = snapshot.verbatim(RowId(0)).unwrap().unwrap();
    assert_eq!((first.theme_of(0), first.theme_of(2)), (Some(ThemeId(4)), None));
    let unit = &first.units[0];
    assert_eq!((unit.similarity, unit.confidence), (Some(0.75), Some(0.875)));
    assert_eq!(snapshot.themes().unwrap(), [theme]);
    let edits = snapshot.edits().unwrap();
    assert_eq!((edits[0].undone_by, edits[1].undone_by), (Some(2), None));
    assert_eq!((edits[1].author.as_str(), edits[1].at), ("ben", at));
    assert_eq!([&edits[0].change, &edits[1].change], [&changes[0], &changes[1]]);
    let ledger = snapshot.ledger(Some(ThemeId(4))).unwrap();
    assert_eq!(snapshot.ledger(None).unwrap(), ledger);
    assert_eq!(snapshot.ledger(Some(ThemeId(5))).unwrap(), []);
    assert_eq!((ledger[0].event.as_str(), &ledger[0].detail), ("born", &json!({ "size": 2 })));
    assert_eq!(snapshot.runs().unwrap()[0].report, json!({ "loaded": 3 }));
    let rejected = &snapshot.rejected().unwrap()[0];
    assert_eq!(
        (rejected.line, rejected.reason.as_str(), rejected.raw.as_str()),
        (7, "no text", "1;;")
    );
}

#[test]
fn facts_say_what_was_stored() {
    let (_temp, folder) = fixtures::folder();
    let quiet = fixtures::plain("still", echolot_core::Language::UNKNOWN, "Hm");
    let items = [analysed(&review(1)), quiet, analysed(&review(2)), analysed(&review(1_000))];
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    for item in &items {
        writer.insert(item, None).unwrap();
    }
    let store = writer.theme_store();
    store.put_theme(&fixtures::theme(1, RowId(0))).unwrap();
    store.place((RowId(0), 1), &fixtures::placement(1, 1.0)).unwrap();
    store.place((RowId(2), 0), &fixtures::placement(1, 1.0)).unwrap();
    writer.commit(&json!(null), crate::fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();

    let snapshot = folder.snapshot().unwrap();
    let facts = snapshot.facts().unwrap();
    assert_eq!(facts.len(), 4);
    for (row, item) in facts.rows().zip(&items) {
        let (at, feedback) = (row.index(), &item.feedback);
        assert_eq!(facts.product.get(row), feedback.product.as_deref());
        assert_eq!(facts.release.get(row), feedback.release.as_deref());
        assert_eq!(facts.respondent.get(row), feedback.respondent.as_deref());
        assert_eq!(facts.language.get(row), Some(item.language.code()));
        assert_eq!(facts.created_at[at], feedback.created_at);
        assert_eq!(
            (facts.rating[at], facts.nps[at], facts.csat[at], facts.ces[at]),
            (feedback.rating, feedback.nps, feedback.csat, feedback.ces)
        );
        assert_eq!(facts.is_mixed[at], item.analysis.is_mixed());
        assert_eq!(facts.intents[at].iter().collect::<Vec<_>>(), item.analysis.intents);
        let topics: Vec<Topic> = facts.opinions(row).iter().map(|opinion| opinion.topic).collect();
        let expected: Vec<Topic> =
            item.analysis.opinions.iter().map(|opinion| opinion.topic).collect();
        assert_eq!(topics, expected);
    }
    let themes =
        |row| facts.opinions(RowId(row)).iter().map(|o| o.theme.map(|t| t.0)).collect::<Vec<_>>();
    assert_eq!(themes(0), [None, None, Some(1)]);
    assert_eq!(themes(2), [Some(1), Some(1), None]);
    assert_eq!(themes(3), [None, None, None]);
    assert!(facts.intents[0].contains(Intent::Churn));
    assert_eq!(facts.polarity[1], Polarity::Neutral);
}

#[test]
fn a_dropped_run_leaves_nothing() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(1))]);
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    writer.insert(&analysed(&review(2)), None).unwrap();
    writer.replace(RowId(0), &analysed(&conversation(9)), None).unwrap();
    drop(writer);
    assert_eq!(folder.publish(&lock).unwrap(), 1);
    let writer = folder.begin_run(&lock).unwrap();
    assert_eq!(writer.generation(), 2);
    assert_eq!(writer.known(&FeedbackId::new("review-2")).unwrap(), None);
    drop(writer);
    let snapshot = folder.snapshot().unwrap();
    assert_same(&snapshot.verbatim(RowId(0)).unwrap().unwrap(), &analysed(&review(1)));
    assert_eq!(snapshot.facts().unwrap().len(), 1);
}

#[test]
fn a_snapshot_stays_as_it_is_while_runs_come_and_go() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(1))]);
    let old = folder.snapshot().unwrap();
    let changed =
        AnalysedFeedback { feedback: review(1), ..analysed(&fixtures::bare("x", "Alles gut.")) };
    // More runs than the index keeps segments, so that files of `old` are deleted.
    for number in 2..14 {
        fixtures::run(&folder, &[analysed(&review(number)), changed.clone()]);
    }
    let new = folder.snapshot().unwrap();
    let find = |snapshot: &crate::Snapshot, query: &str| {
        let request = fixtures::asked(query);
        snapshot.search(&request).unwrap().total
    };
    assert_eq!((old.generation(), new.generation()), (1, 13));
    assert_eq!((find(&old, "Lieferung"), find(&new, "Lieferung")), (1, 12));
    assert_eq!((find(&old, "alles gut"), find(&new, "alles gut")), (0, 1));
    assert_eq!((old.facts().unwrap().len(), new.facts().unwrap().len()), (1, 13));
    assert_eq!(old.verbatim(RowId(0)).unwrap().unwrap().verbatim, "Die Lieferung 1 kam zu spät.");
    assert_eq!(new.verbatim(RowId(0)).unwrap().unwrap().verbatim, "Alles gut.");
    assert_eq!(new.verbatim(RowId(0)).unwrap().unwrap().generation, 13);
}

#[test]
fn a_snapshot_opens_while_a_run_is_writing() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(1))]);
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    writer.insert(&analysed(&review(2)), None).unwrap();
    let snapshot = folder.snapshot().unwrap();
    assert_eq!((snapshot.generation(), snapshot.facts().unwrap().len()), (1, 1));
    writer.commit(&json!(null), crate::fixtures::at()).unwrap();
    assert_eq!(folder.published_generation().unwrap(), 1);
    folder.publish(&lock).unwrap();
    assert_eq!(folder.published_generation().unwrap(), 2);
    assert_eq!(snapshot.facts().unwrap().len(), 1);
}

#[test]
fn a_snapshot_is_shared_between_threads() {
    fn assert_shared<T: Send + Sync>() {}
    assert_shared::<crate::Snapshot>();
    let (_temp, folder) = fixtures::folder();
    let items: Vec<_> = (0..20).map(|number| analysed(&review(number))).collect();
    fixtures::run(&folder, &items);
    let snapshot = folder.snapshot().unwrap();
    let request = fixtures::asked("Lieferung");
    let pages: Vec<_> = std::thread::scope(|scope| {
        let search = || scope.spawn(|| snapshot.search(&request).unwrap());
        let threads: Vec<_> = (0..12).map(|_| search()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(pages[0].total, 20);
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[test]
fn export_hands_out_every_row_in_order_and_stops_at_an_error() {
    let (_temp, folder) = fixtures::folder();
    let items: Vec<_> = (0..600).map(|number| analysed(&review(number))).collect();
    fixtures::run(&folder, &items);
    let snapshot = folder.snapshot().unwrap();
    let mut ids = Vec::new();
    let export = snapshot.for_each_feedback(|verbatim| {
        // The callback may read the snapshot itself.
        assert_eq!(snapshot.texts(&[verbatim.row])?[0].0, *verbatim.id());
        ids.push(verbatim.row.0);
        Ok::<(), Error>(())
    });
    export.unwrap();
    assert_eq!(ids, (0..600).collect::<Vec<_>>());
    let mut seen = 0;
    let stopped = snapshot.for_each_feedback(|_| {
        seen += 1;
        if seen == 300 { Err(Error::damaged("test", "enough")) } else { Ok(()) }
    });
    assert!(stopped.is_err());
    assert_eq!(seen, 300);
}

#[test]
fn another_format_is_refused_with_what_to_do() {
    let (_temp, folder) = fixtures::folder();
    for (version, advice) in [
        (FORMAT_VERSION + 1, "use the newer program that wrote it"),
        (0, "load the feedback again into a new folder"),
    ] {
        let database = rusqlite::Connection::open(folder.database_path()).unwrap();
        database.pragma_update(None, "user_version", version).unwrap();
        drop(database);
        for result in [DataFolder::open(folder.path()), DataFolder::create_or_open(folder.path())] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Format { found, .. } if found == version), "{error}");
            assert!(error.to_string().ends_with(advice), "{error}");
        }
    }
}

#[test]
fn a_missing_folder_names_the_command_that_makes_one() {
    let temp = tempfile::tempdir().unwrap();
    let error = DataFolder::open(temp.path()).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }));
    assert!(error.to_string().ends_with("`echolot run` makes one"), "{error}");
}

#[test]
fn a_new_folder_has_an_empty_snapshot() {
    let (_temp, folder) = fixtures::folder();
    assert_eq!(folder.published_generation().unwrap(), 0);
    let snapshot = folder.snapshot().unwrap();
    assert_eq!(snapshot.generation(), 0);
    assert!(snapshot.facts().unwrap().is_empty());
    let page = snapshot.search(&SearchRequest { limit: 10, ..Default::default() }).unwrap();
    assert_eq!((page.total, page.hits.len()), (0, 0));
}
