//! Own topics: found over all rows and row by row alike, counted, kept of the past.

use echolot_core::{Fingerprint, Journey, JourneyStage, Polarity, Topic};

use crate::error::Error;
use crate::facts::Facts;
use crate::filter::Filter;
use crate::fixtures::{self, analysed, review};
use crate::folder::DataFolder;
use crate::query::{Query, QueryProblem};
use crate::records::RowId;
use crate::search::SearchRequest;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::taxonomy::{AppliedTaxonomy, OwnTopic, OwnTopicMatch, Taxonomy, TopicPrototype};

fn topic(key: &str, parent: Option<&str>, rule: Option<&str>) -> OwnTopic {
    OwnTopic {
        key: key.to_owned(),
        name: key.to_uppercase(),
        parent: parent.map(str::to_owned),
        rule: rule.map(str::to_owned),
        prototype: None,
        stage: None,
        touchpoint: None,
    }
}

/// Parcels, and below them late ones and those of one app; and praise by example.
pub(super) fn topics() -> Vec<OwnTopic> {
    let prototype = TopicPrototype { vector: vec![127; 4], threshold: 0.9 };
    vec![
        OwnTopic { stage: Some(JourneyStage::Loyalty), ..topic("parcel", None, None) },
        topic("late", Some("parcel"), Some("\"zu spät\" AND rating:..3")),
        topic("app", Some("late"), Some("product:\"App 1\"")),
        OwnTopic {
            prototype: Some(prototype),
            touchpoint: Some("counter".to_owned()),
            ..topic("staff", None, Some("freundlich"))
        },
    ]
}

pub(super) fn apply(folder: &DataFolder, topics: Vec<OwnTopic>) -> u64 {
    let lock = folder.lock().unwrap();
    let taxonomy = Taxonomy::new(topics).unwrap();
    let matches = folder.snapshot().unwrap().find_own_topics(&taxonomy).unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    let applied = AppliedTaxonomy {
        generation: writer.generation(),
        at: fixtures::at(),
        author: "anna".to_owned(),
        document: format!("{} topics", taxonomy.topics().len()),
        topics: taxonomy.topics().to_vec(),
        model: Some(Fingerprint::of_text("model")),
    };
    writer.theme_store().apply_taxonomy(&applied, &matches).unwrap();
    writer.commit(&serde_json::json!({ "taxonomy": applied.document }), fixtures::at()).unwrap();
    folder.publish(&lock).unwrap()
}

/// What the columns say, as what would be found anew.
fn stored(facts: &Facts) -> Vec<(RowId, u16, bool, bool)> {
    let rows = facts.rows().flat_map(|row| facts.own.of(row).iter().map(move |fact| (row, fact)));
    rows.map(|(row, fact)| (row, fact.topic, fact.by_rule, fact.by_examples)).collect()
}

fn found(snapshot: &Snapshot) -> Vec<(RowId, u16, bool, bool)> {
    let taxonomy = Taxonomy::new(topics()).unwrap();
    let matches = snapshot.find_own_topics(&taxonomy).unwrap();
    let plain = |one: &OwnTopicMatch| (one.row, one.topic, one.by_rule, one.nearest.is_some());
    matches.iter().map(plain).collect()
}

#[test]
fn rows_that_come_later_have_what_applying_anew_would_find() {
    let (_temp, folder) = fixtures::folder();
    let items: Vec<_> = (0..12).map(|number| analysed(&review(number))).collect();
    fixtures::run(&folder, &items[..6]);
    apply(&folder, topics());
    fixtures::run(&folder, &items[6..]);
    let mut again = review(7);
    again.product = Some("App 9".to_owned());
    again.rating = None;
    fixtures::run(&folder, &[analysed(&again)]);

    let snapshot = folder.snapshot().unwrap();
    let facts = snapshot.facts().unwrap();
    let stored = stored(facts);
    assert_eq!(stored, found(&snapshot));
    // Row 0 is rated 1: late, so a parcel too. Rows 1 and 4 are of App 1, which is below late;
    // row 4 is rated 5. All are like the example. Row 7 is of another app by now.
    let of = |row: u32| {
        let of_row = facts.own.of(RowId(row)).iter();
        of_row.map(|fact| (fact.topic, fact.by_rule)).collect::<Vec<_>>()
    };
    assert_eq!(of(0), [(0, false), (1, true), (3, false)]);
    assert_eq!(of(1), [(0, false), (1, true), (2, true), (3, false)]);
    assert_eq!(of(4), [(0, false), (1, false), (2, true), (3, false)]);
    assert_eq!(of(7), [(3, false)]);

    let evidence = snapshot.own_topics_of(RowId(1)).unwrap();
    let keys: Vec<&str> = evidence.iter().map(|one| one.topic.key.as_str()).collect();
    assert_eq!(keys, ["parcel", "late", "app", "staff"]);
    // "Die Lieferung 1 kam zu spät."
    let words: Vec<_> = evidence[1].words.iter().map(|span| (span.start, span.end)).collect();
    assert_eq!(words, [(20, 27)]);
    assert_eq!((evidence[1].nearest, evidence[2].words.len()), (None, 0));
    let (unit, similarity) = evidence[3].nearest.unwrap();
    assert!(unit == 1 && (similarity - 1.0).abs() < 1e-6);
}

/// A filter on the columns, in SQL and in a search.
fn rows(snapshot: &Snapshot, filter: &Filter) -> Vec<u32> {
    let numbers = |rows: Vec<RowId>| rows.into_iter().map(|row| row.0).collect::<Vec<_>>();
    let counted = numbers(snapshot.rows(filter).unwrap());
    let selection = Selection { filter: filter.clone(), ..Selection::default() };
    let selected = snapshot.select_rows(&selection).unwrap();
    assert_eq!(counted, numbers(selected.into_iter().map(|row| row.row).collect()));
    counted
}

#[test]
fn own_topics_are_filtered_by_and_lend_their_stage() {
    let (_temp, folder) = fixtures::folder();
    let mut items: Vec<_> = (0..6).map(|number| analysed(&review(number))).collect();
    items[2].feedback.attributes.insert("journey_stage".to_owned(), "use".to_owned());
    fixtures::run(&folder, &items);
    apply(&folder, topics());
    let mut journey = Journey::default();
    journey.set_stage(Topic::Delivery, Some(JourneyStage::Delivery));
    journey.set_touchpoint(Topic::Staff, Some("counter".to_owned()));
    let snapshot = folder.snapshot().unwrap().with_journey(journey);

    let own = |keys: &[&str]| Filter {
        own_topics: keys.iter().map(|key| (*key).to_owned()).collect(),
        ..Filter::default()
    };
    // Rated up to 3 are rows 0, 1, 2 and 5; of App 1 are 1 and 4.
    assert_eq!(rows(&snapshot, &own(&["late"])), [0, 1, 2, 4, 5]);
    assert_eq!(rows(&snapshot, &own(&["app"])), [1, 4]);
    assert_eq!(rows(&snapshot, &own(&["app", "staff"])), [0, 1, 2, 3, 4, 5]);
    let negative = Filter { opinion_polarities: vec![Polarity::Negative], ..own(&["parcel"]) };
    assert_eq!(rows(&snapshot, &negative), [0, 1, 2, 4, 5]);
    assert_eq!(rows(&snapshot, &negative.frame()), [0, 1, 2, 3, 4, 5]);
    let stage = |stage| Filter { stages: vec![stage], ..Filter::default() };
    // Row 2 states its stage, so neither topic nor own topic says it.
    assert_eq!(rows(&snapshot, &stage(JourneyStage::Loyalty)), [0, 1, 4, 5]);
    assert_eq!(rows(&snapshot, &stage(JourneyStage::Delivery)), [0, 1, 3, 4, 5]);
    assert_eq!(rows(&snapshot, &stage(JourneyStage::Use)), [2]);
    let counter = Filter { touchpoints: vec!["counter".to_owned()], ..Filter::default() };
    assert_eq!(rows(&snapshot, &counter), [0, 1, 2, 3, 4, 5]);
    let group = |name: &str, value: Option<&str>| {
        let groups = vec![(name.to_owned(), value.map(str::to_owned))];
        let selected = snapshot.select_rows(&Selection { groups, ..Selection::default() }).unwrap();
        selected.into_iter().map(|row| row.row.0).collect::<Vec<_>>()
    };
    assert_eq!(group("own_topic", Some("app")), [1, 4]);
    assert_eq!(group("own_topic", None), Vec::<u32>::new());
    assert_eq!(group("stage", Some("loyalty")), [0, 1, 4, 5]);
    // Opinions on staff have no stage but that of the own topic: only row 3 has one without.
    assert_eq!(group("stage", None), [3]);

    let hits = |query: &str| {
        let page = snapshot.search(&fixtures::asked(query)).unwrap();
        let mut rows: Vec<u32> = page.hits.iter().map(|hit| hit.row.0).collect();
        rows.sort_unstable();
        rows
    };
    assert_eq!(hits("own:APP"), [1, 4]);
    assert_eq!(hits("own:late -own:app"), [0, 2, 5]);
    assert_eq!(hits("own:none"), Vec::<u32>::new());
    let unknown = SearchRequest { filter: own(&["latte"]), ..fixtures::asked("spät") };
    match snapshot.search(&unknown) {
        Err(Error::UnknownOwnTopic { key, known }) => {
            assert_eq!((key.as_str(), known.len()), ("latte", 4));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_past_has_the_taxonomy_that_was_in_force() {
    let (_temp, folder) = fixtures::folder();
    let items: Vec<_> = (0..4).map(|number| analysed(&review(number))).collect();
    let before = fixtures::run(&folder, &items);
    let first = apply(&folder, topics());
    let mut had = Vec::new();
    for generation in [before, first] {
        had.push(stored(folder.snapshot_at(generation).unwrap().facts().unwrap()));
    }
    assert!(had[0].is_empty() && !had[1].is_empty());
    let second = apply(&folder, vec![topic("other", None, Some("lieferung"))]);
    let replaced = fixtures::run(
        &folder,
        &[analysed(&review(1)), {
            let mut item = analysed(&review(0));
            item.feedback.rating = None;
            item.content = Fingerprint::of_text("new");
            item
        }],
    );
    let third = apply(&folder, vec![]);
    assert!(stored(folder.snapshot().unwrap().facts().unwrap()).is_empty());
    let at = |generation| stored(folder.snapshot_at(generation).unwrap().facts().unwrap());
    assert_eq!([at(before), at(first)].as_slice(), had.as_slice());
    assert_eq!((at(second).len(), at(replaced).len(), at(third).len()), (4, 4, 0));
    let applied = folder.snapshot_at(first).unwrap().taxonomies().unwrap();
    assert_eq!((applied.len(), applied[0].topics.clone()), (1, topics()));
    assert_eq!(folder.snapshot().unwrap().taxonomies().unwrap().len(), 3);
}

#[test]
fn a_corrected_answer_is_what_rules_are_about() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(0))]);
    apply(&folder, vec![topic("sad", None, Some("topic:delivery AND polarity:negative"))]);
    let has = || stored(folder.snapshot().unwrap().facts().unwrap()).len();
    assert_eq!(has(), 1);
    let lock = folder.lock().unwrap();
    let writer = folder.begin_run(&lock).unwrap();
    let store = writer.theme_store();
    store.connection.execute_batch("UPDATE feedback SET polarity = 'positive'").unwrap();
    store.find_own_topics(std::iter::once(RowId(0))).unwrap();
    writer.commit(&serde_json::json!(null), fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
    assert_eq!(has(), 0);
}

#[test]
fn rules_name_nothing_that_changes_by_itself() {
    for (rule, position) in [("spät theme:3", 5), ("own:late", 0), ("", 0), ("  ", 0)] {
        match Query::parse_rule(rule) {
            Err(Error::Query { position: at, problem, .. }) => {
                assert_eq!(at, position, "{rule}");
                let is_named = matches!(problem, QueryProblem::NotInRules(_));
                assert_eq!(is_named, rule.contains(':'), "{rule}");
            }
            other => panic!("{other:?}"),
        }
    }
    let child = topic("late", Some("parcel"), Some("x"));
    assert!(matches!(Taxonomy::new(vec![child]), Err(Error::Damaged { .. })));
}
