//! Reports: what they say, that they stay as they are, and why they differ.

use std::path::PathBuf;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use echolot_core::{Calendar, Period, Timestamp};
use echolot_engine::{Config, Silent, open_as_of, run_in};
use echolot_tests::fake_analyst;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::editing::post;
use crate::http::{get, router};
use crate::scenario::{self, CRASH, LATE};

const FORMS: [&[&str]; 5] = [
    &["--format", "json"],
    &["--format", "markdown"],
    &["--format", "html"],
    &["--format", "markdown", "--lang", "de"],
    &["--format", "html", "--lang", "de", "--product", "Nordlicht"],
];

fn report(bed: &TestBed, args: &[&str]) -> String {
    let answer = bed.echolot(&[&["report"], args].concat());
    assert_eq!((answer.exit, answer.err.as_str()), (0, ""), "{answer:?}");
    answer.out
}

fn json_of(bed: &TestBed, args: &[&str]) -> Value {
    serde_json::from_str(&report(bed, &[args, &["--format", "json"]].concat())).unwrap()
}

/// The theme whose first example is the text.
fn theme_of(bed: &TestBed, text: &str) -> String {
    let themes = bed.ask(&["themes"]);
    let themes = themes["themes"].as_array().unwrap();
    let is_shown = |theme: &&Value| {
        let quote = theme["examples"][0]["quote"].as_str().unwrap();
        text.starts_with(quote)
    };
    themes.iter().find(is_shown).unwrap()["theme"].to_string()
}

/// More feedback, changed items, edits of themes, a correction and a discovery.
fn later(bed: &TestBed) {
    let mut items = scenario::reviews();
    items.truncate(4);
    for item in &mut items {
        item["text"] = json!(CRASH);
        item["rating"] = json!(3);
    }
    for number in 0..8 {
        items.push(json!({
            "id": format!("x{number}"), "text": LATE, "lang": "de", "product": "Nordlicht",
            "release": "4.2.0", "nps": 1, "rating": 1, "created_at": "2025-06-11",
        }));
    }
    bed.write_jsonl("later.jsonl", &items);
    bed.run(&["later.jsonl"]);
    let (late, crash) = (theme_of(bed, LATE), theme_of(bed, CRASH));
    for act in [
        vec!["themes", "merge", &crash, "--into", &late],
        vec!["themes", "rename", &late, "Ärger"],
        vec!["themes", "move", "n21#0", "--to", "none"],
        vec!["themes", "discover"],
    ] {
        let answer = bed.echolot(&act);
        assert_eq!(answer.exit, 0, "{answer:?}");
    }
}

/// People correct some verbatims, hide one as spam, take a correction back and
/// label others; one that was corrected is delivered anew.
fn people_speak(bed: &TestBed) {
    for act in [
        vec![
            "correct",
            "n21",
            "n22",
            "--polarity",
            "positive",
            "--topics",
            "staff,delivery,price_value",
        ],
        vec!["correct", "n23", "s1", "--spam"],
        vec!["correct", "n24", "--unit", "0", "--topics", "staff"],
        vec!["corrections", "undo", "3"],
    ] {
        let answer = bed.echolot(&[act.as_slice(), &["--by", "anna"]].concat());
        assert_eq!(answer.exit, 0, "{answer:?}");
    }
    let label = |number: usize| {
        let polarity = ["negative", "positive", "negative"][number % 3];
        format!("n{number},1,{polarity}\n")
    };
    let labels: String = (1..=60).map(label).collect();
    bed.write("labels.csv", format!("id,weight,polarity\n{labels}"));
    bed.ask(&["audit", "import", "labels.csv", "--by", "anna"]);
    let mut items = scenario::reviews();
    items.retain(|item| item["id"] == "n21");
    items[0]["rating"] = json!(4);
    bed.write_jsonl("anew.jsonl", &items);
    bed.run(&["anew.jsonl"]);
}

#[test]
fn a_report_as_of_a_day_is_the_same_after_people_spoke() {
    let bed = scenario::bed();
    let as_of = |form: &&[&str]| report(&bed, &[&["--as-of", "2025-06-30"], *form].concat());
    let first: Vec<String> = FORMS.iter().map(as_of).collect();
    let today = report(&bed, &["--product", "Nordlicht"]);
    people_speak(&bed);
    let again: Vec<String> = FORMS.iter().map(as_of).collect();
    assert_eq!(again, first);
    let spoken = report(&bed, &["--product", "Nordlicht"]);
    assert_ne!(spoken, today);
    assert!(spoken.contains("2 of them are counted as people have corrected them"), "{spoken}");
    let made = json_of(&bed, &[]);
    assert_eq!(made["corrections"], json!({ "corrected": 2, "spam": 2 }));
}

#[test]
fn a_report_as_of_a_day_stays_as_it_is() {
    let bed = scenario::bed();
    let as_of = |form: &&[&str]| report(&bed, &[&["--as-of", "2025-06-30"], *form].concat());
    let first: Vec<String> = FORMS.iter().map(as_of).collect();
    let of_one: Vec<String> =
        FORMS.iter().map(|form| report(&bed, &[&["--generation", "1"], *form].concat())).collect();
    let today = report(&bed, &["--product", "Nordlicht"]);
    later(&bed);
    let again: Vec<String> = FORMS.iter().map(as_of).collect();
    assert_eq!(again, first);
    let of_one_again: Vec<String> =
        FORMS.iter().map(|form| report(&bed, &[&["--generation", "1"], *form].concat())).collect();
    assert_eq!(of_one_again, of_one);
    assert_ne!(report(&bed, &["--product", "Nordlicht"]), today);
}

#[test]
fn a_report_as_of_a_day_leaves_out_what_was_written_later() {
    let bed = scenario::bed();
    let may = json_of(&bed, &["--as-of", "2025-05-31"]);
    // The reviews of May; nothing else was written by then.
    assert_eq!((&may["as_of"], &may["verbatims"]), (&json!("2025-05-31"), &json!(20)));
    assert_eq!(may["last"], "2025-05-10T00:00:00Z");
    let june = json_of(&bed, &["--as-of", "2025-06-30"]);
    assert_eq!((&june["verbatims"], &june["texts"]), (&json!(83), &json!(74)));
}

#[test]
fn a_day_that_is_over_has_the_generation_of_its_end() {
    let bed = TestBed::new();
    let config = Config::standard().unwrap();
    let analyst = fake_analyst(&config).unwrap();
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let items = scenario::reviews();
    for (number, time) in ["2025-06-01T02:00:00Z", "2025-06-02T02:00:00Z", "2025-06-04T02:00:00Z"]
        .into_iter()
        .enumerate()
    {
        bed.write_jsonl("night.jsonl", &items[number * 10..number * 10 + 10]);
        let inputs: [PathBuf; 1] = [bed.path("night.jsonl")];
        run_in(&bed.data(), &inputs, (&config, &analyst), (&Silent, at(time))).unwrap();
    }
    let generation = |day: &str, now: &str| {
        let day = Period::of(Calendar::Day, at(day));
        open_as_of(&bed.data(), day, at(now)).unwrap().generation()
    };
    assert_eq!(generation("2025-06-01", "2025-07-01"), 1);
    assert_eq!(generation("2025-06-03", "2025-07-01"), 2);
    assert_eq!(generation("2025-06-04", "2025-07-01"), 3);
    // Nothing was there by then: the day gets what there is, and keeps it.
    assert_eq!(generation("2025-05-31", "2025-07-01"), 3);
    // The day is not over, and is closed with its first report.
    assert_eq!(generation("2025-07-01", "2025-07-01T12:00:00Z"), 3);
    bed.write_jsonl("night.jsonl", &items[30..40]);
    let inputs: [PathBuf; 1] = [bed.path("night.jsonl")];
    let last = at("2025-07-01T18:00:00Z");
    run_in(&bed.data(), &inputs, (&config, &analyst), (&Silent, last)).unwrap();
    for (day, expected) in [("2025-05-31", 3), ("2025-07-01", 3), ("2025-07-02", 4)] {
        assert_eq!(generation(day, "2025-08-01"), expected, "{day}");
    }
}

#[test]
fn a_report_holds_what_the_single_questions_answer() {
    let bed = scenario::bed();
    let report = json_of(&bed, &["--product", "Nordlicht", "--limit", "3"]);
    let complaints =
        bed.ask(&["complaints", "--product", "Nordlicht", "--release", "4.2.0", "--limit", "3"]);
    assert_eq!(report["changes"], complaints);
    let emerging = bed.ask(&["emerging", "--product", "Nordlicht", "--limit", "3"]);
    assert_eq!(report["emerging"], emerging);
    let drivers = bed.ask(&["drivers", "--on", "nps", "--product", "Nordlicht", "--limit", "3"]);
    assert_eq!(report["drivers"][1], drivers);
    let releases = bed.ask(&["kpi", "--by", "release", "--product", "Nordlicht"]);
    assert_eq!(report["releases"], releases);
    let share = &report["complaints"][0];
    // 2 + 10 late parcels among 70 texts.
    assert_eq!((&share["volume"], &share["share"]), (&json!(12), &json!(0.171_429)));

    bed.echolot(&["report", "--product", "Westwind"]).fails_with(2, &["no feedback", "Nordlicht"]);
    bed.echolot(&["report", "--product", "Nordlicht", "--release", "9"])
        .fails_with(2, &["release `9`", "4.1.0, 4.2.0"]);
    bed.echolot(&["report", "--as-of", "gestern"]).fails_with(2, &["as_of", "gestern"]);
    bed.echolot(&["report", "--generation", "7"]).fails_with(2, &["no generation 7", "1 to 1"]);
}

#[test]
fn a_page_needs_nothing_else() {
    let bed = scenario::bed();
    let answer = bed.echolot(&[
        "report",
        "--product",
        "Nordlicht",
        "--format",
        "html",
        "--lang",
        "de",
        "--output",
        "r.html",
    ]);
    assert_eq!((answer.exit, answer.out.as_str()), (0, ""), "{answer:?}");
    let page = fs_err::read_to_string(bed.path("r.html")).unwrap();
    for wanted in [
        "<html lang=\"de\">",
        "Häufigste Beschwerden",
        "<svg role=\"img\"",
        "prefers-color-scheme:dark",
        "@media print",
        LATE,
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    for unwanted in ["<script", "http://", "https://", "<link", "<img", "url("] {
        assert!(!page.contains(unwanted), "{unwanted}");
    }
    let text = report(&bed, &["--product", "Nordlicht", "--lang", "de"]);
    assert!(text.starts_with("# Die Stimme der Kunden: Nordlicht\n"), "{text}");
    assert!(text.contains("| NPS | "), "{text}");
}

/// A cause of the change of a figure between two reports.
fn cause(explained: &Value, figure: &str, cause: &str) -> f64 {
    let figures = explained["figures"].as_array().unwrap();
    let found = figures.iter().find(|one| one["figure"] == figure);
    found.unwrap_or_else(|| panic!("{figure} is missing in {explained:#}"))["causes"][cause]
        .as_f64()
        .unwrap()
}

#[test]
fn a_change_between_reports_is_split_into_its_causes() {
    let bed = scenario::bed();
    let write = |name: &str| {
        bed.write(name, report(&bed, &["--product", "Nordlicht", "--format", "json"]));
    };
    write("a.json");
    let explain = |from: &str, to: &str| -> Value {
        let explained = bed.ask(&["explain", from, to]);
        for figure in explained["figures"].as_array().unwrap() {
            let Some(causes) = figure["causes"].as_object() else { continue };
            let sum: f64 = causes.values().map(|part| part.as_f64().unwrap()).sum();
            let change = figure["change"].as_f64().unwrap();
            assert!((sum - change).abs() < 1e-9, "{figure}");
            if let (Some(a), Some(b)) = (figure["a"].as_f64(), figure["b"].as_f64()) {
                assert!((b - a - change).abs() < 1e-9, "{figure}");
            }
        }
        explained
    };
    assert_eq!(explain("a.json", "a.json")["figures"], json!([]));

    // Eight more late parcels, with eight promoters less.
    let (late, crash) = (theme_of(&bed, LATE), theme_of(&bed, CRASH));
    let items: Vec<Value> = (0..8)
        .map(|number| {
            json!({
                "id": format!("x{number}"), "text": LATE, "lang": "de", "product": "Nordlicht",
                "release": "4.2.0", "nps": 1, "created_at": "2025-06-11", "respondent": format!("x{number}"),
            })
        })
        .collect();
    bed.write_jsonl("later.jsonl", &items);
    bed.run(&["later.jsonl"]);
    write("b.json");
    let volume = format!("complaints[theme={late}].volume");
    let explained = explain("a.json", "b.json");
    assert_eq!(explained["order"], json!(["data", "model", "taxonomy", "correction"]));
    assert!((cause(&explained, "texts", "data") - 8.0).abs() < 1e-9);
    for (name, value) in [("data", 8.0), ("model", 0.0), ("taxonomy", 0.0), ("correction", 0.0)] {
        assert!((cause(&explained, &volume, name) - value).abs() < 1e-9, "{name}: {explained:#}");
    }

    // One is moved out of the theme, and all crashes become part of it.
    for act in [
        vec!["themes", "merge", &crash, "--into", &late],
        vec!["themes", "move", "n21#0", "--to", "none"],
    ] {
        assert_eq!(bed.echolot(&act).exit, 0);
    }
    write("c.json");
    let explained = explain("a.json", "c.json");
    for (name, value) in [("data", 8.0), ("model", 0.0), ("taxonomy", 11.0), ("correction", -1.0)] {
        assert!((cause(&explained, &volume, name) - value).abs() < 1e-9, "{name}: {explained:#}");
    }
    let gone = format!("complaints[theme={crash}].volume");
    assert!((cause(&explained, &gone, "taxonomy") + 11.0).abs() < 1e-9);

    // A late parcel turns out to be spam, and another is praised by its customer
    // in the eyes of a person, who takes that back again.
    for act in [
        vec!["correct", "n22", "--spam"],
        vec!["correct", "n23", "--polarity", "positive"],
        vec!["corrections", "undo", "4"],
    ] {
        assert_eq!(bed.echolot(&act).exit, 0);
    }
    write("f.json");
    let explained = explain("c.json", "f.json");
    for (name, value) in [("data", 0.0), ("model", 0.0), ("taxonomy", 0.0), ("correction", -1.0)] {
        for figure in ["texts", volume.as_str()] {
            let found = cause(&explained, figure, name);
            assert!((found - value).abs() < 1e-9, "{figure} {name}: {explained:#}");
        }
    }
    let sentiment = cause(&explained, "kpis.net_sentiment.points", "correction");
    assert!(sentiment > 0.0, "{explained:#}");
    // What is back as it was has not changed.
    let explained = explain("a.json", "f.json");
    assert!((cause(&explained, &volume, "correction") + 2.0).abs() < 1e-9, "{explained:#}");

    bed.write_jsonl("other.jsonl", &[]);
    bed.write("d.json", report(&bed, &["--format", "json"]));
    let text = fs_err::read_to_string(bed.path("a.json")).unwrap();
    bed.write("e.json", text.replacen("\"texts\": 70", "\"texts\": 71", 1));
    for (from, to, words) in [
        ("c.json", "a.json", ["later than", "other way round"]),
        ("a.json", "d.json", ["reports", "different products"]),
        ("later.jsonl", "a.json", ["later.jsonl", "no JSON"]),
        ("e.json", "c.json", ["`texts` is 71", "but 70"]),
    ] {
        bed.echolot(&["explain", from, to]).fails_with(2, &words);
    }
}

#[tokio::test]
async fn reports_are_made_over_http() {
    let bed = scenario::bed();
    let router = router(&bed);
    let (status, _, made) = get(&router, "/v1/report?product=Nordlicht").await;
    assert_eq!(status, 200);
    assert_eq!(made, json_of(&bed, &["--product", "Nordlicht"]));
    let (status, explained) = post(&router, "/v1/explain", json!({ "a": made, "b": made })).await;
    assert_eq!((status, &explained["figures"]), (200, &json!([])));
    let (status, _, problem) = get(&router, "/v1/report?as_of=2025-06-30&generation=1").await;
    assert_eq!((status, &problem["code"]), (400, &json!("bad_request")));
    let (status, _, _) = get(&router, "/v1/report?generation=4").await;
    assert_eq!(status, 404);

    let request = Request::builder().uri("/v1/report?format=html&lang=de").body(Body::empty());
    let response = router.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let expected = report(&bed, &["--format", "html", "--lang", "de"]);
    assert_eq!(String::from_utf8(body.to_vec()).unwrap(), expected);
}
