//! Counts, trends and comparisons, against the exported rows and figures counted by hand.

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{Intent, Journey, JourneyStage, Period, Polarity, Timestamp, Topic};
use echolot_engine::{
    Config, CountOf, CountQuestion, Filter, Grouping, Segment, Snapshot, open_snapshot,
};
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::scenario::{self, BOUGHT, CRASH, LATE, PRICE};

/// Numbers that look drawn and are always the same.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    /// The beginning of one of 40 days.
    fn time(&mut self) -> i64 {
        START + self.below(40).cast_signed() as i64 * DAY
    }

    /// One of the list, or none once in `1 / none`.
    fn pick<T: Clone>(&mut self, list: &[T], none: usize) -> Option<T> {
        (self.below(none) > 0).then(|| list[self.below(list.len())].clone())
    }
}

const REPEATED: &str = "Die Rechnung zur letzten Bestellung war nun schon zum dritten Mal in \
                        diesem Jahr falsch ausgestellt und das finde ich wirklich schlecht.";
const CHAINS: [&str; 3] = ["Köln", "Bonn \"Mitte\"", "Ulm"];
const DAY: i64 = 86_400;
/// 2024-12-20, so that weeks and months cross the year.
const START: i64 = 1_734_652_800;

/// Feedback in which everything may be stated or not.
pub(crate) fn items(draws: &mut Draws) -> Vec<Value> {
    let sentences = [LATE, CRASH, PRICE, BOUGHT, "Die Hotline ist gut.", "Der Akku ist kaputt."];
    let item = |number| {
        let text = match draws.below(5) {
            0 => REPEATED.to_owned(),
            count => {
                let words: Vec<&str> =
                    (0..count.min(3)).map(|_| sentences[draws.below(sentences.len())]).collect();
                words.join(" ")
            }
        };
        let mut item = json!({ "id": format!("i{number}"), "text": text, "lang": "de" });
        let mut state = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                item[name] = value;
            }
        };
        let text = |word: Option<&str>| word.map(|word| json!(word));
        state("product", text(draws.pick(&["Nordlicht", "Südwind"], 9)));
        state("release", text(draws.pick(&["1.9", "1.10", "2.0-beta"], 4)));
        state("channel", text(draws.pick(&["review", "survey"], 5)));
        state("source", text(draws.pick(&["shop"], 3)));
        state("respondent", text(draws.pick(&["anna", "ben", "cem", "dora", "eva"], 4)));
        state("rating", draws.pick(&[1.0, 2.0, 4.5, 5.0], 4).map(|stars| json!(stars)));
        state("Filiale", text(draws.pick(&CHAINS, 3)));
        state("Kontaktpunkt", text(draws.pick(&["Kasse", "staff"], 3)));
        state("Journey Stage", text(draws.pick(&["loyalty", "use", "checkout"], 3)));
        let at = draws.time() + draws.below(DAY as usize).cast_signed() as i64;
        state("created_at", (draws.below(6) > 0).then(|| json!(at.to_string())));
        item
    };
    (0..160).map(item).collect()
}

/// The exported rows, from which everything is counted anew.
struct Exported {
    feedback: Vec<Value>,
    opinions: BTreeMap<String, Vec<Value>>,
    journey: Journey,
}

impl Exported {
    fn of(bed: &TestBed) -> Self {
        let mut opinions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for opinion in bed.export("opinions") {
            opinions.entry(opinion["id"].as_str().unwrap().to_owned()).or_default().push(opinion);
        }
        let journey = Config::standard().unwrap().journey;
        Self { feedback: bed.export("feedback"), opinions, journey }
    }

    fn opinions_of(&self, row: &Value) -> &[Value] {
        self.opinions.get(row["id"].as_str().unwrap()).map_or(&[], Vec::as_slice)
    }

    fn stage(&self, row: &Value, opinion: Option<&Value>) -> Option<String> {
        let stated = row["attributes"]["journey_stage"].as_str();
        let stated = stated.filter(|code| code.parse::<JourneyStage>().is_ok());
        let topic = || self.journey.stage(topic(opinion?)).map(JourneyStage::code);
        stated.or_else(topic).map(str::to_owned)
    }

    fn touchpoint(&self, row: &Value, opinion: Option<&Value>) -> Option<String> {
        let stated = row["attributes"]["touchpoint"].as_str();
        stated.or_else(|| self.journey.touchpoint(topic(opinion?))).map(str::to_owned)
    }

    /// The groups of a row by one of its opinions.
    fn groups(&self, by: &Grouping, row: &Value, opinion: Option<&Value>) -> Vec<Option<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let said = |name: &str| opinion.and_then(|opinion| text(&opinion[name]));
        let one = match by {
            Grouping::Intent => {
                let intents = row["intents"].as_array().unwrap();
                return if intents.is_empty() {
                    vec![None]
                } else {
                    intents.iter().map(text).collect()
                };
            }
            Grouping::Rating => row["rating"].as_f64().map(|rating| rating.to_string()),
            Grouping::Time(calendar) => time(row).map(|at| Period::of(*calendar, at).to_string()),
            Grouping::OpinionPolarity => said("polarity"),
            Grouping::Topic => said("topic"),
            Grouping::Theme => {
                opinion.and_then(|opinion| opinion["theme"].as_u64()).map(|theme| theme.to_string())
            }
            Grouping::Stage => self.stage(row, opinion),
            Grouping::Touchpoint => self.touchpoint(row, opinion),
            Grouping::Attribute(name) => text(&row["attributes"][name]),
            other => text(&row[&*other.name()]),
        };
        vec![one]
    }

    fn meets(filter: &Filter, row: &Value) -> bool {
        let is_one_of = |list: &[String], value: &Value| {
            list.is_empty()
                || value.as_str().is_some_and(|value| list.iter().any(|one| one == value))
        };
        let at = time(row);
        is_one_of(&filter.products, &row["product"])
            && is_one_of(&filter.releases, &row["release"])
            && is_one_of(&filter.channels, &row["channel"])
            && is_one_of(&filter.respondents, &row["respondent"])
            && filter
                .attributes
                .iter()
                .all(|(name, values)| is_one_of(values, &row["attributes"][name]))
            && (filter.polarities.is_empty()
                || filter.polarities.iter().any(|polarity| row["polarity"] == polarity.code()))
            && (filter.intents.is_empty()
                || row["intents"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|intent| filter.intents.iter().any(|wanted| intent == wanted.code())))
            && filter.from.is_none_or(|from| at.is_some_and(|at| at >= from))
            && filter.to.is_none_or(|to| at.is_some_and(|at| at < to))
            && filter.rating_min.is_none_or(|min| row["rating"].as_f64().is_some_and(|r| r >= min))
    }

    fn opinion_meets(&self, filter: &Filter, row: &Value, opinion: Option<&Value>) -> bool {
        let is_in = |list: &[String], value: Option<String>| {
            list.is_empty() || value.is_some_and(|value| list.contains(&value))
        };
        let code = |name: &str| opinion.map(|opinion| opinion[name].as_str().unwrap().to_owned());
        let codes =
            |codes: &mut dyn Iterator<Item = &str>| codes.map(str::to_owned).collect::<Vec<_>>();
        is_in(&codes(&mut filter.topics.iter().map(|topic| topic.code())), code("topic"))
            && is_in(
                &codes(&mut filter.opinion_polarities.iter().map(|polarity| polarity.code())),
                code("polarity"),
            )
            && is_in(
                &codes(&mut filter.stages.iter().map(|stage| stage.code())),
                self.stage(row, opinion),
            )
            && is_in(&filter.touchpoints, self.touchpoint(row, opinion))
    }

    /// Counts as the glossary says, in the slowest way.
    fn count(&self, question: &CountQuestion) -> (u64, BTreeMap<Vec<Option<String>>, u64>) {
        let filter = &question.segment.filter;
        let mut total = Counter::default();
        let mut counters: BTreeMap<Vec<Option<String>>, Counter> = BTreeMap::new();
        for row in self.feedback.iter().filter(|row| Self::meets(filter, row)) {
            let opinions = self.opinions_of(row);
            let mut counted: Vec<Option<&Value>> = opinions.iter().map(Some).collect();
            if opinions.is_empty() {
                counted.push(None);
            }
            counted.retain(|opinion| self.opinion_meets(filter, row, *opinion));
            let owner = match question.of {
                CountOf::Verbatims | CountOf::Opinions => Some(row["row"].clone()),
                CountOf::Respondents => Some(row["respondent"].clone()).filter(|id| !id.is_null()),
                CountOf::Texts => {
                    let canonical = &row["duplicate_of_row"];
                    Some(if canonical.is_null() { row["row"].clone() } else { canonical.clone() })
                }
            };
            let Some(owner) = owner else { continue };
            for (number, opinion) in counted.into_iter().enumerate() {
                let unit = match (question.of, opinion) {
                    (CountOf::Opinions, None) => continue,
                    (CountOf::Opinions, Some(_)) => format!("{owner}/{number}"),
                    _ => owner.to_string(),
                };
                total.add(&unit);
                for group in cross(&question.by, |by| self.groups(by, row, opinion)) {
                    counters.entry(group).or_default().add(&unit);
                }
            }
        }
        (
            total.count(),
            counters.into_iter().map(|(group, counter)| (group, counter.count())).collect(),
        )
    }
}

#[derive(Default)]
struct Counter(BTreeSet<String>);

impl Counter {
    fn add(&mut self, unit: &str) {
        self.0.insert(unit.to_owned());
    }

    fn count(&self) -> u64 {
        self.0.len() as u64
    }
}

fn cross(
    by: &[Grouping],
    groups: impl Fn(&Grouping) -> Vec<Option<String>>,
) -> Vec<Vec<Option<String>>> {
    by.iter().fold(vec![vec![]], |rows, by| {
        let values = groups(by);
        let with = |row: &Vec<Option<String>>, value: &Option<String>| {
            let mut row = row.clone();
            row.push(value.clone());
            row
        };
        rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect()
    })
}

fn topic(opinion: &Value) -> Topic {
    opinion["topic"].as_str().unwrap().parse().unwrap()
}

fn time(row: &Value) -> Option<Timestamp> {
    row["created_at"].as_str().map(|at| at.parse().unwrap())
}

fn groupings() -> Vec<Grouping> {
    let names = "product release channel source language respondent rating day week month polarity \
                 opinion_polarity topic theme intent stage touchpoint attribute.Filiale";
    names.split(' ').map(|name| name.parse().unwrap()).collect()
}

fn question(draws: &mut Draws) -> CountQuestion {
    let groupings = groupings();
    let mut filter = Filter::default();
    // Few conditions at a time, or nothing is left to count.
    for _ in 0..draws.below(3) {
        let at = |draws: &mut Draws| Timestamp::from_seconds(draws.time());
        match draws.below(12) {
            0 => filter.products = vec!["Nordlicht".to_owned()],
            1 => filter.releases = vec!["1.10".to_owned(), "2.0-beta".to_owned()],
            2 => filter.channels = vec!["review".to_owned()],
            3 => filter.respondents = vec!["anna".to_owned(), "eva".to_owned()],
            4 => filter.attributes = vec![("Filiale".to_owned(), vec![CHAINS[1].to_owned()])],
            5 => filter.topics = vec![Topic::Delivery, Topic::PriceValue],
            6 => filter.opinion_polarities = vec![Polarity::Negative],
            7 => filter.stages = vec![JourneyStage::Delivery, JourneyStage::Loyalty],
            8 => filter.touchpoints = vec!["staff".to_owned(), "product".to_owned()],
            9 => filter.polarities = vec![Polarity::Negative, Polarity::Neutral],
            10 => filter.intents = vec![Intent::Complaint],
            _ => (filter.from, filter.rating_min) = (at(draws), Some(2.0)),
        }
    }
    CountQuestion {
        segment: Segment::from(filter),
        by: (0..draws.below(3)).map(|_| groupings[draws.below(groupings.len())].clone()).collect(),
        of: CountOf::ALL[draws.below(4)],
        limit: None,
    }
}

#[test]
fn counts_are_those_of_the_exported_rows() {
    let mut draws = Draws(7);
    let bed = TestBed::new();
    bed.write_jsonl("items.jsonl", &items(&mut draws));
    bed.run(&["items.jsonl"]);
    let exported = Exported::of(&bed);
    assert!(exported.feedback.iter().any(|row| !row["duplicate_of_row"].is_null()));
    let snapshot = open_snapshot(&bed.data()).unwrap();
    let mut largest = 0;
    for _ in 0..400 {
        let question = question(&mut draws);
        let found = counted(&snapshot, &question);
        assert_eq!(found, exported.count(&question), "{question:?}");
        largest = largest.max(found.1.len());
    }
    assert!(largest > 100, "some tables have many groups: {largest}");
}

/// The total and the groups; no group comes twice.
fn counted(
    snapshot: &Snapshot,
    question: &CountQuestion,
) -> (u64, BTreeMap<Vec<Option<String>>, u64>) {
    let table = snapshot.counts(question).unwrap();
    assert_eq!(table.groups, table.rows.len() as u64);
    let mut groups = BTreeMap::new();
    for row in table.rows {
        let group = row.group.into_iter().map(|group| group.value).collect();
        assert_eq!(groups.insert(group, row.count), None, "{question:?}");
    }
    (table.total, groups)
}

#[test]
fn groups_are_printed_in_their_order_and_as_csv() {
    let bed = scenario::bed();
    let by_release = bed.ask(&["count", "--product", "Nordlicht", "--by", "release"]);
    assert_eq!((&by_release["of"], &by_release["total"]), (&json!("verbatims"), &json!(74)));
    assert_eq!(
        by_release["rows"][0],
        json!({
            "group": [{ "value": "4.1.0" }], "count": 20,
            "share": 0.27027, "share_low": 0.182_302, "share_high": 0.380_912,
            "trace": "g=1&product=Nordlicht&by.release=4.1.0&is.verbatims=20&is.all.verbatims=74"
        })
    );
    let texts = bed.ask(&["count", "--of", "texts", "--product", "Nordlicht", "--by", "release"]);
    assert_eq!((&texts["total"], &texts["rows"][1]["count"]), (&json!(70), &json!(50)));

    let answer = bed.echolot(&[
        "count",
        "--by",
        "topic",
        "--by",
        "opinion_polarity",
        "--of",
        "opinions",
        "--csv",
    ]);
    let lines: Vec<&str> = answer.out.lines().collect();
    assert_eq!(lines[0], "topic,opinion_polarity,opinions,share,share_low,share_high");
    assert!(lines[1].starts_with("price_value,positive,32,"), "{lines:?}");

    let people = bed.ask(&["count", "--of", "respondents", "--release", "4.2.0"]);
    assert_eq!(people["total"], 50, "one of them wrote five times");
    let found = bed.ask(&["count", "--query", "Lieferung spät", "--by", "release"]);
    // Sixteen deliveries and one "Lieferverzögerung".
    assert_eq!((&found["total"], &found["rows"][1]["count"]), (&json!(17), &json!(14)));

    bed.echolot(&["count", "--by", "weather"]).fails_with(2, &["by: `weather`", "attribute.NAME"]);
    bed.echolot(&["count", "--by", "attribute.Filiale"])
        .fails_with(2, &["no item has an attribute `Filiale`"]);
    bed.echolot(&["count", "--by", "day", "--by", "topic", "--by", "theme"])
        .fails_with(2, &["at most two"]);
}

#[test]
fn a_trend_has_every_period_with_its_interval() {
    let bed = scenario::bed();
    let weekly = bed.ask(&[
        "trend",
        "--measure",
        "share",
        "--by",
        "week",
        "--product",
        "Nordlicht",
        "--topic",
        "delivery",
        "--opinion-polarity",
        "negative",
    ]);
    let points = weekly["points"].as_array().unwrap();
    assert_eq!(points.len(), 6, "from 10 May to 10 June: {points:#?}");
    assert_eq!((&points[0]["hits"], &points[0]["count"]), (&json!(2), &json!(20)));
    assert_eq!(
        points[1],
        json!({
            "period": "2025-W20", "value": null, "low": null, "high": null, "hits": 0, "count": 0,
            "trace": "g=1&product=Nordlicht&topic=delivery&opinion_polarity=negative&by.week=2025-W20\
                      &is.texts=0&is.frame.group.texts=0"
        })
    );
    // 10 of 50: [0.1124, 0.3304].
    assert_eq!((&points[5]["low"], &points[5]["high"]), (&json!(0.112_438), &json!(0.330_371)));
    let change = &weekly["change_point"];
    assert_eq!((&change["period"], &change["before"]), (&json!("2025-W24"), &json!(0.1)));
    assert!(change["p"].as_f64().unwrap() > 0.05, "too few to tell: {change}");
    assert_eq!(change["test"], "binomial_likelihood_ratio");

    // 20 texts in the 30 days from 10 May to 8 June, 50 in the two days of the last week.
    let weekly =
        bed.ask(&["trend", "--measure", "volume", "--by", "week", "--product", "Nordlicht"]);
    let change = &weekly["change_point"];
    assert_eq!(
        (&change["period"], &change["before"], &change["after"], &change["test"]),
        (&json!("2025-W24"), &json!(0.666_667), &json!(25.0), &json!("poisson_likelihood_ratio"))
    );
    assert!(change["p"].as_f64().unwrap() > 0.05, "six weeks cannot tell: {change}");

    let nps = bed.ask(&["trend", "--measure", "nps", "--by", "release", "--product", "Nordlicht"]);
    assert_eq!(nps["points"][1]["value"], 12.244_898);
    let low = nps["points"][1]["low"].as_f64().unwrap();
    assert!((low - (12.244_898 - 2.010_635 * 11.892_608)).abs() < 1e-4, "{low}");
    // 12 promoters and 2 detractors before 20, 15 passives and 14: more fell than rose in
    // 12 (15 + 14) - 2 (15 + 20) = 278 of all pairs; twice the ranks less 64 are -47, -16 and
    // 31 with squares that sum to 69936, so p = 2 exp(-2 278² 62 / (63 69936)).
    let change = &nps["change_point"];
    assert_eq!(
        (&change["period"], &change["before"], &change["after"], &change["test"]),
        (&json!("4.2.0"), &json!(71.428_571), &json!(12.244_898), &json!("pettitt"))
    );
    let p = 2.0 * f64::exp(-2.0 * 278.0_f64.powi(2) * 62.0 / (63.0 * 69_936.0));
    assert!((change["p"].as_f64().unwrap() - p).abs() < 1e-12, "{change}");
    let told =
        bed.echolot(&["trend", "--measure", "nps", "--by", "release", "--product", "Nordlicht"]);
    assert!(told.out.contains("change: +71.4 before 4.2.0, +12.2 from then on"), "{}", told.out);
    let volume = ["trend", "--measure", "volume", "--by", "release", "--product", "Nordlicht"];
    assert_eq!(bed.ask(&volume)["change_point"], Value::Null);
    bed.echolot(&["trend", "--by", "topic"]).fails_with(2, &["day, week, month, release"]);
}

#[test]
fn a_limit_shows_the_first_of_all_groups() {
    let bed = scenario::bed();
    for by in [["respondent", "theme"], ["topic", "release"], ["month", "respondent"]] {
        for of in ["verbatims", "respondents"] {
            let args = ["count", "--by", by[0], "--by", by[1], "--of", of];
            let all = bed.ask(&[&args[..], &["--limit", "1000"]].concat());
            for limit in [1, 7] {
                let few = bed.ask(&[&args[..], &["--limit", &limit.to_string()]].concat());
                let shown = all["rows"].as_array().unwrap().iter().take(limit);
                assert_eq!(few["rows"], shown.cloned().collect::<Value>(), "{args:?} {limit}");
                assert_eq!((&few["total"], &few["groups"]), (&all["total"], &all["groups"]));
            }
        }
    }
}

#[test]
fn two_sets_are_compared_only_if_they_are_apart() {
    let bed = scenario::bed();
    let base = ["compare", "--product", "Nordlicht"];
    let found = bed.ask(
        &[&base[..], &["--a", "release=4.2.0", "--b", "release=4.1.0", "--by", "topic"]].concat(),
    );
    assert_eq!((&found["a"], &found["b"], &found["compared"]), (&json!(50), &json!(20), &json!(3)));
    let price = &found["rows"][0];
    assert_eq!(
        (&price["value"], &price["a"]["volume"], &price["b"]["volume"]),
        (&json!("malfunction"), &json!(5), &json!(6)),
        "the surest difference comes first: {found:#}"
    );
    assert_eq!(price["change"]["word"], "too few");
    let overlapping = [&base[..], &["--a", "channel=review", "--b", "release=4.1.0"]].concat();
    bed.echolot(&overlapping).fails_with(2, &["20 verbatims are in both sets"]);
}

#[test]
fn a_theme_emerges_that_rose_beyond_chance() {
    let bed = TestBed::new();
    let mut items = Vec::new();
    let mut add = |(release, day): (&str, u32), text: &str, count: usize| {
        for _ in 0..count {
            let number = items.len();
            items.push(json!({
                "id": format!("e{number}"), "respondent": format!("r{number}"), "text": text,
                "lang": "de", "product": "Nordlicht", "release": release,
                "created_at": format!("2025-06-{day:02}"),
            }));
        }
    };
    for (release, day) in [("1.9", 1), ("1.9", 2), ("1.10", 8)] {
        add((release, day), PRICE, 30);
        add((release, day), LATE, 6);
    }
    add(("1.10", 9), CRASH, 12);
    bed.write_jsonl("items.jsonl", &items);
    // Narrow themes: texts of different words never meet in one.
    let narrow = [("ECHOLOT_THEMES_GRANULARITY", "2.0")];
    assert_eq!(bed.echolot_with(&narrow, &["run", "--input", "items.jsonl"]).exit, 0);

    let found = bed.ask(&["emerging", "--product", "Nordlicht"]);
    assert_eq!((&found["release"], &found["tested"]), (&json!("1.10"), &json!(3)), "1.9 < 1.10");
    assert_eq!((&found["verbatims"], &found["history_verbatims"]), (&json!(48), &json!(72)));
    let [crash] = &found["rows"].as_array().unwrap()[..] else { panic!("{found:#}") };
    assert_eq!((&crash["word"], &crash["volume"]), (&json!("new"), &json!(12)));
    assert_eq!(crash["expected"], 0.0);
    // The probability that the 12 of 120 all fall among the last 48.
    let p: f64 = (0..12).map(|k| f64::from(48 - k) / f64::from(120 - k)).product();
    let ratio = |value: &Value, expected: f64| value.as_f64().unwrap() / expected;
    assert!((ratio(&crash["p"], p) - 1.0).abs() < 1e-9, "{crash:#}");
    assert!((ratio(&crash["q"], 3.0 * p) - 1.0).abs() < 1e-9, "{crash:#}");
    assert_eq!(crash["bursts"][0]["first"], "2025-06-09");

    let by_time = bed.ask(&["emerging", "--from", "2025-06-09"]);
    assert_eq!(by_time["release"], Value::Null);
    assert_eq!(
        (&by_time["from"], &by_time["to"]),
        (&json!("2025-06-09T00:00:00Z"), &json!("2025-06-10T00:00:00Z"))
    );
    assert_eq!(by_time["rows"][0]["volume"], 12);
    let last_days = bed.ask(&["emerging"]);
    assert_eq!(last_days["from"], "2025-06-01T00:00:00Z", "all four days are among the last seven");
    assert_eq!((&last_days["history_verbatims"], &last_days["rows"]), (&json!(0), &json!([])));

    bed.echolot(&["emerging", "--release", "1.9"]).fails_with(2, &["only within a product"]);
    bed.echolot(&["emerging", "--product", "Nordlicht", "--release", "7"])
        .fails_with(2, &["known are: 1.9, 1.10"]);
    bed.echolot(&["emerging", "--level", "2"]).fails_with(2, &["level"]);
}

#[test]
fn release_notes_stand_beside_the_complaints_they_speak_of() {
    let bed = scenario::bed();
    bed.write("notes.md", "# 4.2.0\n\n- Crash on start fixed\n- Dark mode\n");
    let asked =
        ["complaints", "--product", "Nordlicht", "--release", "4.2.0", "--notes", "notes.md"];
    let table = bed.ask(&asked);
    let notes = table["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 3, "{notes:#?}");
    let crash = &notes[1];
    assert_eq!(
        (&crash["line"], &crash["says_fixed"]),
        (&json!("Crash on start fixed"), &json!(true))
    );
    let themes = crash["themes"].as_array().unwrap();
    assert_eq!(themes.len(), 1, "{crash:#}");
    assert_eq!((&themes[0]["share"], &themes[0]["baseline_share"]), (&json!(0.1), &json!(0.3)));
    assert_eq!(notes[2]["themes"], json!([]));
    let shown = bed.echolot(&asked).out;
    assert!(shown.contains("said to be fixed; share fell from 30.0 % to 10.0 %"), "{shown}");
}

#[test]
fn drivers_by_stage_are_gains_and_pains() {
    let bed = scenario::bed();
    let found = bed.ask(&["drivers", "--product", "Nordlicht", "--by", "stage"]);
    let rows: Vec<(&str, &str, u64)> = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            (text("stage"), text("polarity"), row["answers"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        rows,
        [("consideration", "positive", 32), ("delivery", "negative", 12), ("use", "negative", 11)]
    );
    let topics = bed.ask(&["drivers", "--product", "Nordlicht", "--by", "topic"]);
    assert_eq!(topics["rows"][0]["stage"], "consideration");
}
