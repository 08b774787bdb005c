//! Rows that repeat each other keep one canonical row, whatever changes.

use echolot_core::{Fingerprint, Language};

use crate::duplicates::MAX_NEAR_CANDIDATES;
use crate::fixtures;
use crate::records::{AnalysedFeedback, RowId};
use crate::writer::RunWriter;

fn item(id: &str, text: &str, bands: &[u64]) -> AnalysedFeedback {
    AnalysedFeedback { bands: bands.to_vec(), ..fixtures::plain(id, Language::GERMAN, text) }
}

fn key(text: &str) -> Fingerprint {
    fixtures::plain("", Language::GERMAN, text).duplicate_key
}

fn with_writer(test: impl FnOnce(&mut RunWriter)) {
    let (_temp, folder) = fixtures::folder();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    test(&mut writer);
    writer.commit(&serde_json::json!(null), crate::fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
    let problems = folder.inspect().problems;
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn exact_and_near_candidates_are_canonical_rows() {
    with_writer(|writer| {
        let first = writer.insert(&item("a", "Paket fehlt", &[1, 2]), None).unwrap();
        let near = writer.insert(&item("b", "Paket fehlt!!", &[2, 3]), Some(first)).unwrap();
        let other = writer.insert(&item("c", "App top", &[3, 4]), None).unwrap();
        let exact = writer.duplicate_candidates(key("paket fehlt!!"), &[3]).unwrap();
        assert_eq!((exact.exact, exact.near), (Some(first), vec![]));
        let found = writer.duplicate_candidates(key("neu"), &[4, 2, 3]).unwrap();
        assert_eq!((found.exact, found.near), (None, vec![first, other]));
        // A row that repeats a repetition belongs to the first.
        let third = writer.insert(&item("d", "paket Fehlt!!", &[2]), Some(near)).unwrap();
        assert_eq!(writer.canonical_of(third).unwrap(), first);
    });
}

#[test]
fn near_candidates_are_the_lowest_rows_and_bounded() {
    with_writer(|writer| {
        for number in 0..200_u32 {
            let band = u64::from(number % 2);
            writer
                .insert(&item(&number.to_string(), &format!("Text {number}"), &[band]), None)
                .unwrap();
        }
        let found = writer.duplicate_candidates(key("neu"), &[1, 0]).unwrap();
        let lowest: Vec<RowId> = (0..MAX_NEAR_CANDIDATES).map(RowId).collect();
        assert_eq!(found.near, lowest);
    });
}

#[test]
fn a_changed_text_hands_its_group_to_the_next_row() {
    with_writer(|writer| {
        let rows: Vec<RowId> = ["a", "b", "c"]
            .iter()
            .enumerate()
            .map(|(number, id)| {
                let canonical = (number > 0).then_some(RowId(0));
                writer.insert(&item(id, "Immer dasselbe", &[5]), canonical).unwrap()
            })
            .collect();
        writer.replace(rows[0], &item("a", "Etwas anderes", &[6]), None).unwrap();
        let canonical: Vec<RowId> =
            rows.iter().map(|row| writer.canonical_of(*row).unwrap()).collect();
        assert_eq!(canonical, [rows[0], rows[1], rows[1]]);
        assert_eq!(writer.duplicate_candidates(key("neu"), &[5]).unwrap().near, [rows[1]]);
        assert_eq!(writer.duplicate_candidates(key("neu"), &[6]).unwrap().near, [rows[0]]);
    });
}

#[test]
fn a_row_that_nearly_repeats_its_own_old_text_follows_the_next_row() {
    with_writer(|writer| {
        let first = writer.insert(&item("a", "Immer dasselbe", &[5]), None).unwrap();
        let second = writer.insert(&item("b", "Immer dasselbe", &[5]), Some(first)).unwrap();
        writer.replace(first, &item("a", "Immer dasselbe hier", &[5]), Some(first)).unwrap();
        assert_eq!(writer.canonical_of(first).unwrap(), second);
        assert_eq!(writer.canonical_of(second).unwrap(), second);
        assert_eq!(writer.duplicate_candidates(key("neu"), &[5]).unwrap().near, [second]);
    });
}

#[test]
fn other_metadata_with_the_same_text_leaves_the_group_alone() {
    with_writer(|writer| {
        let first = writer.insert(&item("a", "Immer dasselbe", &[5]), None).unwrap();
        let second = writer.insert(&item("b", "Immer dasselbe", &[5]), Some(first)).unwrap();
        writer.replace(first, &item("a", "IMMER dasselbe", &[5]), Some(first)).unwrap();
        writer.replace(second, &item("b", "Immer DASSELBE", &[5]), Some(first)).unwrap();
        assert_eq!(writer.canonical_of(first).unwrap(), first);
        assert_eq!(writer.canonical_of(second).unwrap(), first);
    });
}
