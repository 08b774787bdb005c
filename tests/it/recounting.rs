//! Figures counted again from the stored rows, in their own generation.

use echolot::traces_of;
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::counting::{self, Draws};
use crate::editing::post;
use crate::http::router;
use crate::scenario::{self, LATE, PRICE};

/// Questions of every kind, with conditions on everything there is.
const QUESTIONS: [&str; 39] = [
    "count --by product --by release --of texts",
    "count --by theme --by week --product Nordlicht",
    "count --by topic --by opinion_polarity --of opinions --lang de",
    "count --by stage --by touchpoint --of respondents",
    "count --by intent --by rating --channel review",
    "count --by attribute.Filiale --by polarity --polarity negative,neutral",
    "count --by month --query Lieferung",
    "count --by day --topic delivery,price_value --opinion-polarity negative --stage delivery",
    "count --by source --by language --intent complaint --rating-min 2 --of texts",
    "trend --measure share --by month --query \"zu spät\" --product Nordlicht",
    "trend --measure volume --by week --topic delivery",
    "trend --measure rating --by day",
    "trend --measure net-sentiment --by release --product Nordlicht",
    "compare --a product=Nordlicht --b product=Südwind --by topic",
    "compare --a channel=review --b channel=survey --by attribute.Filiale",
    "kpi --by release",
    "kpi --by stage --topic delivery",
    "drivers --on rating --by theme --minimum 2",
    "drivers --on rating --by stage --minimum 2 --topic delivery",
    "emerging --product Nordlicht --level 0.9 --minimum 1 --topic delivery",
    "emerging --from 2025-01-10 --to 2025-01-20 --level 0.9 --minimum 1",
    "complaints --product Nordlicht --release 2.0-beta",
    "count --by topic --has rating --query \"polarity:negative OR Akku\"",
    "kpi --by month --has rating",
    "kpi --by all --channel review",
    "kpi --by channel --query Lieferung --polarity negative",
    "complaints --product Nordlicht --release 1.10 --topic malfunction,delivery --query \"Akku OR Lieferung\"",
    "complaints --product Nordlicht --release 1.10 --rank impact --channel review",
    "drivers --on rating --by topic --minimum 1 --query Lieferung --polarity negative",
    "drivers --on rating --by own_topic",
    "trend --measure fcr --by month",
    "trend --measure ces --by month",
    "compare --a q=Akku --b q=Lieferung --by topic",
    "emerging --from 2025-01-10 --to 2025-01-20 --level 0.9 --minimum 1 --query Lieferung",
    "themes --limit 100",
    "themes --polarity negative --topic delivery --product Nordlicht",
    "search --mode words --product Nordlicht",
    "search --mode words Lieferung",
    "search --mode words --topic delivery \"Preis OR Lieferung\"",
];

/// The words of a command; quotation marks hold words together.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(
            |(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() },
        )
        .collect()
}

#[test]
fn a_hundred_figures_drawn_from_all_answers_agree() {
    let mut draws = Draws(11);
    let bed = TestBed::new();
    bed.write_jsonl("items.jsonl", &counting::items(&mut draws));
    bed.run(&["items.jsonl"]);
    drawn_figures_agree(&bed, &mut draws);
}

/// Says something against the model of some items, and hides others; of both
/// also such as others repeat.
fn people_speak(bed: &TestBed, draws: &mut Draws) {
    let first = bed.export("opinions").into_iter().filter(|row| row["opinion"] == 0);
    let id = |row: Value| row["id"].as_str().unwrap().to_owned();
    let mut ids: Vec<String> = first.map(id).collect();
    for what in [
        &["--spam"][..],
        &["--polarity", "positive", "--intents", "praise,churn"],
        &["--topics", "performance,staff,delivery", "--polarity", "negative"],
        &["--topics", "none"],
        &["--unit", "0", "--topics", "price_value,staff", "--polarity", "neutral"],
    ] {
        let some: Vec<String> = (0..8).map(|_| ids.swap_remove(draws.below(ids.len()))).collect();
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        bed.ask(&[&["correct"], &some[..], what, &["--by", "anna"]].concat());
    }
}

#[test]
fn a_hundred_figures_agree_where_people_have_spoken() {
    let mut draws = Draws(12);
    let bed = TestBed::new();
    bed.write_jsonl("items.jsonl", &counting::items(&mut draws));
    bed.run(&["items.jsonl"]);
    let before: Vec<String> = QUESTIONS
        .iter()
        .flat_map(|question| traces_of(&bed.ask(&words(question))))
        .take(40)
        .collect();
    people_speak(&bed, &mut draws);
    let corrections = &bed.ask(&["kpi", "--by", "product"])["corrections"];
    assert_eq!(corrections, &json!({ "corrected": 32, "spam": 8 }));
    drawn_figures_agree(&bed, &mut draws);
    // What was counted before holds of its own generation.
    for trace in before {
        let answer = bed.echolot(&["recount", &trace, "--json"]);
        assert_eq!(answer.exit, 0, "{:#}", answer.json());
    }
}

fn drawn_figures_agree(bed: &TestBed, draws: &mut Draws) {
    let mut found = Vec::new();
    for question in QUESTIONS {
        let some = traces_of(&bed.ask(&words(question)));
        assert!(!some.is_empty(), "{question}");
        found.push(some);
    }
    // Of every question the first, and then as they are drawn.
    let mut chosen: Vec<&String> = found.iter().map(|some| &some[0]).collect();
    while chosen.len() < 125 {
        let some = &found[draws.below(found.len())];
        chosen.push(&some[draws.below(some.len())]);
    }
    for trace in chosen {
        let answer = bed.echolot(&["recount", trace, "--json"]);
        let recounted = answer.json();
        assert_eq!((answer.exit, &recounted["agrees"]), (0, &json!(true)), "{recounted:#}");
        assert_eq!(&recounted["trace"], trace);
    }
}

#[test]
fn a_recount_names_the_words_it_counts() {
    let bed = scenario::bed();
    let table = bed.ask(&["complaints", "--product", "Nordlicht", "--release", "4.2.0"]);
    let late = table["rows"].as_array().unwrap().iter().find(|row| row["volume"] == 10).unwrap();
    let trace = late["trace"].as_str().unwrap();
    let recounted = bed.ask(&["recount", trace]);
    let figures = json!([
        { "figure": "texts", "stated": 10.0, "recounted": 10.0 },
        { "figure": "frame.texts", "stated": 50.0, "recounted": 50.0 },
        { "figure": "verbatims", "stated": 14.0, "recounted": 14.0 },
    ]);
    assert_eq!(recounted["figures"], figures);
    let verbatims = recounted["verbatims"].as_array().unwrap();
    assert_eq!(verbatims.len(), 14);
    let length = LATE.chars().count();
    assert!(verbatims.iter().all(|one| one["spans"] == json!([[0, length]])), "{verbatims:?}");
    assert_eq!(verbatims.iter().filter(|one| !one["duplicate_of"].is_null()).count(), 4);

    let shown = bed.echolot(&["recount", trace]);
    assert_eq!(shown.exit, 0, "{shown:?}");
    assert!(shown.out.contains("agree with the stored rows"), "{shown:?}");
}

#[test]
fn a_figure_that_is_not_so_is_refuted() {
    let bed = scenario::bed();
    let answer = bed.echolot(&["recount", "g=1&product=Nordlicht&is.verbatims=75", "--json"]);
    assert_eq!((answer.exit, &answer.json()["agrees"]), (1, &json!(false)));
    assert_eq!(answer.json()["figures"][0]["recounted"], 74.0);
    let shown = bed.echolot(&["recount", "g=1&product=Nordlicht&is.nps=-100"]);
    assert_eq!(shown.exit, 1);
    assert!(shown.out.contains("DO NOT AGREE"), "{shown:?}");
    for (trace, words) in [
        ("g=2&is.texts=1", ["no generation 2", "1 to 1"]),
        ("is.texts=1", ["trace", "names no generation"]),
        ("g=1", ["states no figure", "is.texts=12"]),
        ("g=1&colour=red", ["`colour`", "nothing that a trace says"]),
        ("g=1&by.attribute.Ort=x&q=%22&is.texts=1", ["query", "character 0"]),
    ] {
        bed.echolot(&["recount", trace]).fails_with(2, &words);
    }
}

#[test]
fn a_trace_of_an_earlier_generation_still_holds() {
    let bed = scenario::bed();
    let themes = bed.ask(&["themes"]);
    let number = |label: &str| {
        let themes = themes["themes"].as_array().unwrap();
        let theme = themes.iter().find(|theme| {
            theme["examples"][0]["quote"].as_str().is_some_and(|quote| label.starts_with(quote))
        });
        theme.unwrap_or_else(|| panic!("{themes:?}"))["theme"].to_string()
    };
    let (late, price) = (number(LATE), number(PRICE));
    let asked = ["count", "--by", "theme", "--by", "release", "--product", "Nordlicht"];
    let mut before = traces_of(&bed.ask(&asked));
    before.extend(traces_of(&bed.ask(&["trend", "--query", "Lieferung", "--by", "release"])));
    before.extend(traces_of(&bed.ask(&["drivers", "--on", "nps"])));

    // Items are replaced and added, themes merged and renamed, units moved.
    let mut items = scenario::reviews();
    items.truncate(3);
    for item in &mut items {
        item["text"] = json!("Der Preis ist super, die Lieferung kam auch.");
        item["release"] = json!("4.2.0");
    }
    items.push(json!({ "id": "new", "text": LATE, "lang": "de", "product": "Nordlicht", "release": "4.2.0", "nps": 0 }));
    bed.write_jsonl("later.jsonl", &items);
    bed.run(&["later.jsonl"]);
    for act in [
        vec!["themes", "merge", &late, "--into", &price],
        vec!["themes", "rename", &price, "Alles"],
        vec!["themes", "move", "n10#0", "--to", "none"],
        vec!["themes", "discover"],
    ] {
        let answer = bed.echolot(&act);
        assert_eq!(answer.exit, 0, "{answer:?}");
    }
    let after = traces_of(&bed.ask(&asked));
    assert!(before.iter().all(|trace| trace.starts_with("g=1&")));
    assert!(after.iter().all(|trace| trace.starts_with("g=6&")), "{after:?}");
    for trace in before.iter().chain(&after) {
        let answer = bed.echolot(&["recount", trace, "--json"]);
        assert_eq!(answer.exit, 0, "{:#}", answer.json());
    }
    // The same question has another answer today.
    let (then, now) = (before[0].replace("g=1&", ""), after[0].replace("g=6&", ""));
    assert_ne!(then, now);
}

#[tokio::test]
async fn figures_are_counted_again_over_http() {
    let bed = scenario::bed();
    let router = router(&bed);
    let trace = "g=1&product=Nordlicht&by.release=4.2.0&is.verbatims=54&is.nps=-12.5";
    let (status, answer) = post(&router, "/v1/recount", json!({ "trace": trace })).await;
    assert_eq!((status, &answer["agrees"]), (200, &json!(false)));
    assert_eq!(answer["figures"][0]["recounted"], 54.0);
    let (status, answer) = post(&router, "/v1/recount", json!({ "trace": "g=9&is.texts=1" })).await;
    assert_eq!((status, &answer["code"]), (404, &json!("not_found")));
    let (status, answer) = post(&router, "/v1/recount", json!({ "trace": "g=1&x=y" })).await;
    assert_eq!((status, &answer["code"]), (400, &json!("bad_request")));
}
