//! Themes and the units that are in them.

use echolot_core::{FeedbackId, Polarity, ThemeId};
use serde_json::json;

use crate::filter::Filter;
use crate::fixtures::{self, analysed, review};
use crate::query::{Query, Synonyms};
use crate::records::{RowId, UnitRow};
use crate::theme_records::{Equal, PrototypeId, StoredTheme};

#[test]
fn units_wait_for_a_theme_until_they_have_one() {
    let (_temp, folder) = fixtures::folder();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    let row = writer.insert(&analysed(&review(1)), None).unwrap();
    let copy = writer.insert(&analysed(&review(2)), Some(row)).unwrap();
    let store = writer.theme_store();
    let units = store.new_units().unwrap();
    assert_eq!(
        units.iter().map(|unit| (unit.row, unit.unit)).collect::<Vec<_>>(),
        [(row, 0), (row, 1), (copy, 0), (copy, 1)]
    );
    assert_eq!(units[0].text, "Die Lieferung ");
    assert_eq!(units[1].text, "1 kam zu spät.");
    assert_eq!(units[0].vector, [-128; 4]);
    assert_eq!((units[0].canonical, units[2].canonical), (row, row));
    store.put_theme(&fixtures::theme(1, row)).unwrap();
    store.place((row, 0), &fixtures::placement(1, 0.5)).unwrap();
    assert_eq!(store.units().unwrap(), store.new_units().unwrap());
    assert_eq!(store.units().unwrap()[0].prototype, Some(PrototypeId(1)));
    assert_eq!(store.unit_row((copy, 1)).unwrap().as_ref(), Some(&units[3]));
    assert_eq!(store.unit_row((copy, 2)).unwrap(), None);
    let missing = store.place((row, 9), &fixtures::placement(1, 0.5)).unwrap_err();
    assert_eq!(missing.to_string(), "`opinion_unit` is damaged: row 0 has no unit 9");
    store.release((row, 0)).unwrap();
    assert_eq!(store.new_units().unwrap(), units);
}

#[test]
fn only_the_newest_of_the_units_that_still_wait_are_tried_again() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[1, 2, 3].map(|number| analysed(&review(number))));
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    let new = writer.insert(&analysed(&review(9)), None).unwrap();
    writer.replace(RowId(0), &analysed(&review(1)), None).unwrap();
    let store = writer.theme_store();
    let places = |units: Vec<UnitRow>| -> Vec<(u32, u32)> {
        units.iter().map(|unit| (unit.row.0, unit.unit)).collect()
    };
    let new_units = places(store.new_units().unwrap());
    assert_eq!(new_units, [(0, 0), (0, 1), (new.0, 0), (new.0, 1)]);
    let waiting = |limit| places(store.waiting_units(limit).unwrap());
    // The first units of all have the same words, so who looks at one looks at all.
    let new_and_alike = [(0, 0), (0, 1), (1, 0), (2, 0), (new.0, 0), (new.0, 1)];
    assert_eq!(waiting(0), new_and_alike);
    assert_eq!(waiting(1).len(), new_and_alike.len() + 1);
    assert_eq!(waiting(1)[4], (2, 1));
    assert_eq!(waiting(100).len(), 8);
}

#[test]
fn a_unit_finds_those_that_say_the_same_in_the_same_words() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(1)), analysed(&review(2))]);
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    writer.insert(&analysed(&review(3)), None).unwrap();
    let store = writer.theme_store();
    store.put_theme(&fixtures::theme(1, RowId(0))).unwrap();
    store.put_prototype(&fixtures::prototype(1)).unwrap();
    let units = store.new_units().unwrap();
    let shouted = UnitRow { text: "DIE  lieferung".to_owned(), ..units[0].clone() };
    let waiting = Some(Equal { prototype: None, confidence: None });
    assert_eq!(store.equal_unit(&shouted).unwrap(), waiting);
    assert_eq!(store.equal_unit(&units[1]).unwrap(), None, "only it is number 3");
    let other_side = match units[0].polarity {
        Polarity::Positive => Polarity::Negative,
        _ => Polarity::Positive,
    };
    let praise = UnitRow { polarity: other_side, ..units[0].clone() };
    assert_eq!(store.equal_unit(&praise).unwrap(), None);
    store.place((RowId(0), 0), &fixtures::placement(1, 0.5)).unwrap();
    let found = store.equal_unit(&shouted).unwrap().unwrap();
    assert_eq!(found.prototype, Some(PrototypeId(1)));
    // What a person does with it changes nothing in what the program had found.
    store.fix((RowId(0), 0), None, true).unwrap();
    assert_eq!(store.equal_unit(&shouted).unwrap(), Some(found));
}

#[test]
fn a_person_s_word_on_a_unit_stays() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(1)), analysed(&review(2))]);
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    let store = writer.theme_store();
    for theme in [1, 2] {
        store.put_theme(&fixtures::theme(theme, RowId(0))).unwrap();
        store.put_prototype(&fixtures::prototype(theme)).unwrap();
    }
    for unit in [0, 1] {
        store.place((RowId(0), unit), &fixtures::placement(1, 0.5)).unwrap();
    }
    store.fix((RowId(0), 1), Some(ThemeId(2)), true).unwrap();
    store.fix((RowId(1), 0), None, true).unwrap();
    assert_eq!(store.fixed_units(ThemeId(2)).unwrap(), [(RowId(0), 1)]);
    assert_eq!(store.themes_with_fixed_units().unwrap(), [ThemeId(2)]);
    let waiting = store.waiting_units(9).unwrap();
    assert_eq!(waiting.iter().map(|unit| (unit.row.0, unit.unit)).collect::<Vec<_>>(), [(1, 1)]);
    // What the prototype took goes with it, what a person put does not.
    store.hand_over(PrototypeId(1), (ThemeId(1), ThemeId(2))).unwrap();
    assert_eq!([1, 2].map(|id| store.count_units(ThemeId(id)).unwrap()), [0, 2]);
    store.hand_over(PrototypeId(1), (ThemeId(2), ThemeId(1))).unwrap();
    assert_eq!([1, 2].map(|id| store.count_units(ThemeId(id)).unwrap()), [1, 1]);
    let state = store.unit(&FeedbackId::new("review-1"), 1).unwrap().unwrap();
    assert_eq!(store.unit_at((RowId(0), 1)).unwrap(), Some(state));
    assert_eq!((state.theme, state.prototype), (Some(ThemeId(2)), Some(PrototypeId(1))));
    assert_eq!(store.unit(&FeedbackId::new("review-1"), 2).unwrap(), None);
    store.remove_prototype(PrototypeId(1)).unwrap();
    store.forget_removed_prototypes().unwrap();
    let states = [0, 1].map(|unit| store.unit_at((RowId(0), unit)).unwrap().unwrap().prototype);
    assert_eq!(states, [Some(PrototypeId(1)), None]);
    let lost = writer.replace(RowId(0), &analysed(&review(5)), None).unwrap();
    assert_eq!(
        lost.iter().map(|unit| unit.theme).collect::<Vec<_>>(),
        [1, 2].map(|id| Some(ThemeId(id)))
    );
}

#[test]
fn opinions_count_for_the_theme_and_for_the_part_of_it() {
    let (_temp, folder) = fixtures::folder();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    writer.insert(&analysed(&review(1)), None).unwrap();
    let store = writer.theme_store();
    let theme = |id| StoredTheme { ended: None, ..fixtures::theme(id, RowId(0)) };
    store.put_theme(&theme(1)).unwrap();
    store.put_theme(&StoredTheme { parent: Some(ThemeId(1)), ..theme(2) }).unwrap();
    store
        .put_theme(&StoredTheme { successor: Some(ThemeId(2)), ended: Some(1), ..theme(3) })
        .unwrap();
    store.place((RowId(0), 0), &fixtures::placement(2, 0.5)).unwrap();
    writer.commit(&json!(null), crate::fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
    let snapshot = folder.snapshot().unwrap();
    let facts = snapshot.facts().unwrap();
    let opinions = facts.opinions(RowId(0));
    assert_eq!((opinions[0].theme, opinions[0].part), (Some(ThemeId(1)), Some(ThemeId(2))));
    assert_eq!((opinions[2].theme, opinions[2].part), (None, None));
    let unit = &snapshot.verbatim(RowId(0)).unwrap().unwrap().units[0];
    assert_eq!((unit.theme, unit.part), (Some(ThemeId(1)), Some(ThemeId(2))));
    for (id, rows) in [(1, 1), (2, 1), (3, 1), (4, 0)] {
        let filter = Filter { themes: vec![ThemeId(id)], ..Filter::default() };
        assert_eq!(snapshot.rows(&filter).unwrap().len(), rows, "theme {id}");
        let query = Query::parse(&format!("theme:{id}"), &Synonyms::default()).unwrap();
        assert_eq!(snapshot.matches(&query).unwrap(), [rows == 1], "theme:{id}");
    }
}
