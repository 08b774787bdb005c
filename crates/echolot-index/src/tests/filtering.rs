//! Conditions on attributes, journey stages and opinions.

use std::collections::BTreeMap;

use echolot_core::{
    CesAnswer, CesVersion, Journey, JourneyStage, KeyFigure, Polarity, Rating, Topic,
};

use crate::error::Error;
use crate::filter::Filter;
use crate::fixtures::{self, analysed, bare};
use crate::records::AnalysedFeedback;
use crate::snapshot::Snapshot;

/// An item with opinions on delivery and waiting time (negative) and on staff
/// (positive), and these attributes.
fn item(id: &str, attributes: &[(&str, &str)]) -> AnalysedFeedback {
    let mut feedback = bare(id, "Die Lieferung kam zu spät.");
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    feedback.attributes = attributes.iter().map(owned).collect::<BTreeMap<_, _>>();
    analysed(&feedback)
}

fn snapshot() -> (tempfile::TempDir, Snapshot) {
    let items = [
        item("a", &[("Filiale", "Köln")]),
        item("b", &[("Filiale", "Bonn"), ("touchpoint", "Kasse")]),
        item("c", &[("journey_stage", "loyalty"), ("note", "\"Filiale\":\"Köln\"")]),
        item("d", &[("journey_stage", "checkout")]),
    ];
    let (temp, folder) = fixtures::folder();
    fixtures::run(&folder, &items);
    let mut journey = Journey::default();
    journey.set_stage(Topic::Delivery, Some(JourneyStage::Delivery));
    journey.set_touchpoint(Topic::Staff, Some("counter".to_owned()));
    let snapshot = folder.snapshot().unwrap().with_journey(journey);
    (temp, snapshot)
}

fn rows(snapshot: &Snapshot, filter: &Filter) -> Vec<u32> {
    snapshot.rows(filter).unwrap().into_iter().map(|row| row.0).collect()
}

#[test]
fn attributes_are_columns_from_the_first_question_on() {
    let (_temp, snapshot) = snapshot();
    let branch = |values: &[&str]| Filter {
        attributes: vec![(
            "Filiale".to_owned(),
            values.iter().map(|&value| value.to_owned()).collect(),
        )],
        ..Filter::default()
    };
    assert_eq!(rows(&snapshot, &branch(&["Köln"])), [0], "a value is not a name");
    assert_eq!(rows(&snapshot, &branch(&["Bonn", "Köln"])), [0, 1]);
    assert_eq!(snapshot.attribute("Filiale").unwrap().all(), ["Köln", "Bonn"]);
    match snapshot.attribute("filiale") {
        Err(Error::UnknownAttribute { name, known }) => {
            assert_eq!(name, "filiale");
            assert_eq!(known, ["Filiale", "journey_stage", "note", "touchpoint"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_an_item_states_goes_before_what_its_topics_say() {
    let (_temp, snapshot) = snapshot();
    let stage = |stage| Filter { stages: vec![stage], ..Filter::default() };
    assert_eq!(
        rows(&snapshot, &stage(JourneyStage::Delivery)),
        [0, 1, 3],
        "`checkout` is no stage"
    );
    assert_eq!(rows(&snapshot, &stage(JourneyStage::Loyalty)), [2]);
    let touchpoint =
        |name: &str| Filter { touchpoints: vec![name.to_owned()], ..Filter::default() };
    assert_eq!(rows(&snapshot, &touchpoint("counter")), [0, 2, 3]);
    assert_eq!(rows(&snapshot, &touchpoint("Kasse")), [1]);
}

#[test]
fn figures_that_an_item_must_have_are_those_it_answers() {
    let (_temp, folder) = fixtures::folder();
    let mut rated = bare("rated", "Gut.");
    rated.rating = Some(Rating::new(4.0).unwrap());
    let mut old = bare("old", "Mühsam.");
    old.ces = Some(CesAnswer::new(5.0, CesVersion::V1).unwrap());
    let items = [rated, old, fixtures::review(3), fixtures::conversation(4)];
    let mut items: Vec<AnalysedFeedback> = items.iter().map(analysed).collect();
    for unanswered in &mut items[..3] {
        unanswered.first_response_s = None;
    }
    fixtures::run(&folder, &items);
    let snapshot = folder.snapshot().unwrap();
    let having = |figures: &[KeyFigure]| {
        rows(&snapshot, &Filter { figures: figures.to_vec(), ..Filter::default() })
    };
    assert_eq!(having(&[KeyFigure::Rating]), [0, 2]);
    assert_eq!(having(&[KeyFigure::Nps]), [2]);
    assert_eq!(having(&[KeyFigure::Csat, KeyFigure::Ces]), [2]);
    assert_eq!(having(&[KeyFigure::CesV1]), [1], "the versions are never mixed");
    assert_eq!(having(&[KeyFigure::Frt]), [3]);
    assert_eq!(having(&[KeyFigure::Rating, KeyFigure::Frt]), [0; 0]);
}

#[test]
fn conditions_on_opinions_hold_for_one_opinion_together() {
    let (_temp, snapshot) = snapshot();
    let about = |topic, polarity| Filter {
        topics: vec![topic],
        opinion_polarities: vec![polarity],
        ..Filter::default()
    };
    assert_eq!(rows(&snapshot, &about(Topic::Delivery, Polarity::Negative)).len(), 4);
    assert_eq!(rows(&snapshot, &about(Topic::Delivery, Polarity::Positive)).len(), 0);
    let filter = about(Topic::Staff, Polarity::Positive);
    let test = snapshot.select(&filter).unwrap();
    let row = crate::records::RowId(0);
    assert_eq!(test.opinions(row).map(|opinion| opinion.topic).collect::<Vec<_>>(), [Topic::Staff]);
    assert_eq!(filter.frame(), Filter::default());
}
