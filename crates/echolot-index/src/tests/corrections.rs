//! What people say against the model holds through every re-run, beside the
//! model's own answer.

use echolot_core::{
    Analysis, CharSpan, Correction, FeedbackId, Intent, Judgement, Polarity, Timestamp, Topic,
};
use serde_json::json;

use crate::corrections::Standing;
use crate::fixtures::{self, analysed, review};
use crate::folder::DataFolder;
use crate::records::{AnalysedFeedback, RowId, Verbatim};
use crate::theme_records::{Change, CorrectedAnswer};

/// Says something of an item, as an edit does, and returns the edit's number.
pub(super) fn say(folder: &DataFolder, id: &str, corrections: &[Correction]) -> u64 {
    let lock = folder.lock().unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    let store = writer.theme_store();
    let text = store.correctable(&FeedbackId::new(id)).unwrap().unwrap();
    let answers = corrections.iter().map(|correction| CorrectedAnswer {
        row: text.row,
        said: correction.answer_in(&text.model),
        correction: correction.clone(),
        text: text.text,
    });
    let change = Change::Correct { note: None, corrections: answers.collect() };
    let number = store.add_edit(("anna", Timestamp::from_seconds(0).unwrap()), &change).unwrap();
    store.restate(text.row).unwrap();
    writer.commit(&json!({ "edit": number }), fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
    number
}

pub(super) fn undo(folder: &DataFolder, edit: u64, row: RowId) {
    let lock = folder.lock().unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    let store = writer.theme_store();
    let signed = ("ben", Timestamp::from_seconds(1).unwrap());
    let by = store.add_edit(signed, &Change::Undo { edit }).unwrap();
    store.mark_undone(edit, by).unwrap();
    store.restate(row).unwrap();
    writer.commit(&json!({ "edit": by }), fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
}

fn stored(folder: &DataFolder, row: u32) -> Verbatim {
    folder.snapshot().unwrap().verbatim(RowId(row)).unwrap().unwrap()
}

fn standings(folder: &DataFolder) -> Vec<(u64, Standing)> {
    let standing = folder.snapshot().unwrap().corrections(None).unwrap();
    standing.iter().map(|one| (one.edit, one.standing)).collect()
}

fn of(span: Option<CharSpan>, judgement: Judgement) -> Correction {
    Correction { span, judgement }
}

fn first_unit(item: &AnalysedFeedback) -> CharSpan {
    item.units[0].span
}

#[test]
fn a_correction_holds_through_a_new_delivery_and_its_undoing_leaves_no_trace() {
    let (_temp, folder) = fixtures::folder();
    let item = analysed(&review(1));
    fixtures::run(&folder, &[analysed(&review(0)), item.clone()]);
    let before = stored(&folder, 1);

    let topics = Judgement::topics(vec![Topic::Staff, Topic::PriceValue]);
    let edit = say(
        &folder,
        "review-1",
        &[
            of(Some(first_unit(&item)), topics),
            of(None, Judgement::Polarity(Polarity::Positive)),
            of(None, Judgement::intents(vec![Intent::Praise])),
        ],
    );
    let check = |stored: &Verbatim| {
        assert!(stored.is_corrected && !stored.is_spam);
        assert_eq!(stored.analysis.polarity, Polarity::Positive);
        assert_eq!(stored.analysis.intents, [Intent::Praise]);
        let topics: Vec<Topic> = stored.analysis.opinions.iter().map(|o| o.topic).collect();
        assert_eq!(topics, [Topic::PriceValue, Topic::Staff, Topic::Staff]);
        assert_eq!(stored.opinion_units, [0, 0, 1]);
    };
    check(&stored(&folder, 1));
    let snapshot = folder.snapshot().unwrap();
    assert_eq!(snapshot.model_answer(RowId(1)).unwrap(), Some(before.analysis.clone()));
    assert_eq!(snapshot.model_answer(RowId(0)).unwrap(), None);
    assert_eq!(snapshot.facts().unwrap().is_corrected, [false, true]);

    // Delivered again with another rating: the same words, analysed anew.
    let mut again = item.clone();
    again.feedback.rating = None;
    fixtures::run(&folder, &[again]);
    check(&stored(&folder, 1));
    assert_eq!(standings(&folder), [(edit, Standing::Holds); 3]);

    undo(&folder, edit, RowId(1));
    let after = stored(&folder, 1);
    assert_eq!(after.analysis, before.analysis);
    assert_eq!(after.opinion_units, before.opinion_units);
    assert!(!after.is_corrected);
    assert_eq!(standings(&folder), []);
    assert_eq!(folder.snapshot().unwrap().model_answer(RowId(1)).unwrap(), None);
    assert_eq!(folder.inspect().problems, Vec::<String>::new());
}

#[test]
fn a_model_that_changes_its_mind_is_a_conflict_and_one_that_comes_round_is_none() {
    let (_temp, folder) = fixtures::folder();
    let item = analysed(&review(1));
    fixtures::run(&folder, std::slice::from_ref(&item));
    let edit = say(&folder, "review-1", &[of(None, Judgement::Polarity(Polarity::Positive))]);
    for (polarity, standing) in [
        (Polarity::Neutral, Standing::ModelChanged),
        (Polarity::Positive, Standing::Holds),
        (Polarity::Negative, Standing::Holds),
    ] {
        let analysis = Analysis { polarity, ..item.analysis.clone() };
        fixtures::run(&folder, &[AnalysedFeedback { analysis, ..item.clone() }]);
        assert_eq!(standings(&folder), [(edit, standing)], "{polarity}");
        assert_eq!(stored(&folder, 0).analysis.polarity, Polarity::Positive);
    }
}

#[test]
fn a_unit_that_is_gone_and_words_that_changed_end_a_correction_and_are_listed() {
    let (_temp, folder) = fixtures::folder();
    let item = analysed(&review(1));
    fixtures::run(&folder, std::slice::from_ref(&item));
    let about_unit = say(
        &folder,
        "review-1",
        &[of(Some(first_unit(&item)), Judgement::topics(vec![Topic::Staff]))],
    );
    let spam = say(&folder, "review-1", &[of(None, Judgement::Spam)]);
    assert_eq!(folder.snapshot().unwrap().facts().unwrap().is_spam, [true]);

    let units = vec![item.units[1].clone()];
    let opinions = vec![item.analysis.opinions[2].clone()];
    let analysis = Analysis { opinions, ..item.analysis.clone() };
    let other_units = AnalysedFeedback { units, opinion_units: vec![0], analysis, ..item.clone() };
    fixtures::run(&folder, &[other_units]);
    let expected = [(about_unit, Standing::UnitGone), (spam, Standing::Holds)];
    assert_eq!(standings(&folder), expected);

    let other_words = AnalysedFeedback { verbatim: "Alles ganz anders hier.".to_owned(), ..item };
    fixtures::run(&folder, &[other_words]);
    let expected = [(about_unit, Standing::TextChanged), (spam, Standing::TextChanged)];
    assert_eq!(standings(&folder), expected);
    let now = stored(&folder, 0);
    assert!(!now.is_corrected && !now.is_spam);
    assert_eq!(folder.inspect().problems, Vec::<String>::new());
}

#[test]
fn a_topic_of_the_whole_gets_a_unit_that_stays_out_of_clustering() {
    let (_temp, folder) = fixtures::folder();
    let silent = fixtures::plain("still", echolot_core::Language::GERMAN, "Immer dasselbe.");
    fixtures::run(&folder, &[silent]);
    say(&folder, "still", &[of(None, Judgement::topics(vec![Topic::Delivery]))]);
    let now = stored(&folder, 0);
    let opinion = &now.analysis.opinions[0];
    assert_eq!((opinion.span, opinion.topic), (CharSpan::new(0, 15), Topic::Delivery));
    assert_eq!((now.opinion_units.as_slice(), now.units.len()), (&[0][..], 1));
    let snapshot = folder.snapshot().unwrap();
    assert_eq!(snapshot.units().unwrap(), []);
    assert_eq!(snapshot.facts().unwrap().opinions(RowId(0)).len(), 1);
}
