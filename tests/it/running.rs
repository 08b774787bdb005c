//! The night job: what it counts, what it keeps, and what it leaves alone.

use insta::{assert_snapshot, with_settings};
use serde_json::{Value, json};

use crate::bed::{TestBed, jsonl};

fn review(id: &str, text: &str) -> Value {
    json!({ "id": id, "text": text, "lang": "de", "product": "Nordlicht" })
}

fn three_reviews() -> Vec<Value> {
    vec![
        review("a", "Die Lieferung kam viel zu spät."),
        review("b", "Der Preis ist super."),
        review("c", "Am Montag gekauft."),
    ]
}

#[test]
fn a_run_reports_what_became_of_every_row() {
    let bed = TestBed::new();
    bed.write_jsonl("one.jsonl", &three_reviews());
    bed.write("two.csv", "id;Kommentar;Note\nd;Paket kaputt;1\ne;;2\nf;Hotline gut;elf\n");
    let answer = bed.echolot(&["run", "--input", "one.jsonl", "two.csv"]);
    assert_eq!(answer.exit, 3, "two rows cannot be used: {answer:?}");
    with_settings!({ filters => [(r" +\d+\.\d s", " [TIME]")] }, {
        assert_snapshot!(answer.shown());
    });
}

#[test]
fn what_goes_in_is_new_changed_known_or_rejected() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &three_reviews());
    let first = bed.run(&["day.jsonl"]);
    assert_eq!(first["generation"], 1);
    assert_eq!(
        first["totals"],
        json!({ "rows": 3, "new": 3, "changed": 0, "known": 0, "rejected": 0 })
    );
    assert_eq!((&first["texts_read"], &first["opinions"]), (&json!(3), &json!(2)));

    let mut next_day = three_reviews();
    next_day[1] = review("b", "Der Preis ist schlecht.");
    next_day.push(review("d", "Paket kaputt"));
    let bad = r#"{"id": "e"}"#;
    bed.write("next.jsonl", format!("{}{bad}\n", jsonl(&next_day)));
    let answer = bed.echolot(&["run", "--json", "--input", "next.jsonl"]);
    assert_eq!(answer.exit, 3, "{answer:?}");
    let second = answer.json();
    assert_eq!(second["generation"], 2);
    assert_eq!(
        second["totals"],
        json!({ "rows": 5, "new": 1, "changed": 1, "known": 2, "rejected": 1 })
    );

    let stored: Vec<(Value, Value)> = bed
        .export("feedback")
        .into_iter()
        .map(|row| (row["id"].clone(), row["polarity"].clone()))
        .collect();
    let expected = [("a", "negative"), ("b", "negative"), ("c", "neutral"), ("d", "negative")];
    assert_eq!(stored, expected.map(|(id, polarity)| (json!(id), json!(polarity))));
}

#[test]
fn the_same_file_twice_adds_nothing_and_keeps_the_generation() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &three_reviews());
    bed.run(&["day.jsonl"]);
    let before = bed.export_text("feedback");
    let again = bed.run(&["day.jsonl"]);
    assert_eq!(again["generation"], 1);
    assert_eq!(again["totals"]["known"], 3);
    assert_eq!(again["texts_read"], 0);
    assert_eq!(bed.export_text("feedback"), before);
}

#[test]
fn the_same_file_twice_in_one_run_adds_nothing_either() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &three_reviews());
    let report = bed.run(&["day.jsonl", "day.jsonl"]);
    assert_eq!(report["inputs"][1]["known"], 3);
    assert_eq!(bed.export("feedback").len(), 3);
}

#[test]
fn a_text_that_was_read_before_is_not_read_again() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &three_reviews());
    bed.run(&["day.jsonl"]);
    bed.write_jsonl("next.jsonl", &[review("z", "Der Preis ist super.")]);
    let report = bed.run(&["next.jsonl"]);
    assert_eq!((&report["texts_read"], &report["texts_reused"]), (&json!(0), &json!(1)));
    assert_eq!(bed.export("opinions").last().unwrap()["topic"], "price_value");
}

#[test]
fn a_run_in_two_steps_stores_what_one_run_stores() {
    let (at_once, in_steps) = (TestBed::new(), TestBed::new());
    let reviews = three_reviews();
    for bed in [&at_once, &in_steps] {
        bed.write_jsonl("one.jsonl", &reviews[..2]);
        bed.write_jsonl("two.jsonl", &reviews[2..]);
    }
    at_once.run(&["one.jsonl", "two.jsonl"]);
    in_steps.run(&["one.jsonl"]);
    in_steps.run(&["two.jsonl"]);
    for what in ["feedback", "opinions"] {
        assert_eq!(in_steps.export_text(what), at_once.export_text(what));
    }
}

#[test]
fn rejected_rows_are_kept_with_their_reason_for_repair() {
    let bed = TestBed::new();
    bed.write("day.jsonl", "{\"id\": 1, \"text\": \"gut\"}\n{\"id\": 2, \"text\": \n");
    let answer = bed.echolot(&["run", "--input", "day.jsonl"]);
    answer.fails_with(3, &["1 row was rejected", "rejected"]);

    let kept = kept_for_repair(&bed);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["source"], "day.jsonl");
    assert_eq!(kept[0]["line"], 2);
    assert_eq!(kept[0]["raw"], "{\"id\": 2, \"text\":");
    assert!(kept[0]["reason"].as_str().unwrap().contains("not valid JSON"), "{kept:?}");
}

#[test]
fn a_file_with_nothing_but_rejected_rows_keeps_them_too() {
    let bed = TestBed::new();
    bed.write("day.csv", "id;Kommentar;NPS\n1;gut;99\n2;gut;-1\n");
    let answer = bed.echolot(&["run", "--input", "day.csv"]);
    assert_eq!(answer.exit, 3, "{answer:?}");
    let kept = kept_for_repair(&bed);
    assert_eq!(kept.iter().map(|row| &row["line"]).collect::<Vec<_>>(), [2, 3]);
}

/// The rows in `rejected/` of the data folder.
fn kept_for_repair(bed: &TestBed) -> Vec<Value> {
    let folder = bed.data().join("rejected");
    let files = bed.stored_files().into_iter().filter(|path| path.starts_with(&folder));
    files.flat_map(|path| crate::bed::lines(&fs_err::read_to_string(path).unwrap())).collect()
}

#[test]
fn a_second_run_at_the_same_time_is_told_who_is_at_work() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &three_reviews());
    bed.run(&["day.jsonl"]);
    // The holder of the lock is played by this process, so that the test does
    // not depend on how long a run takes.
    let lock = std::fs::OpenOptions::new().write(true).open(bed.data().join("run.lock")).unwrap();
    lock.lock().unwrap();
    fs_err::write(bed.data().join("run.lock"), "4711\n").unwrap();

    bed.write_jsonl("next.jsonl", &[review("z", "Paket kaputt")]);
    let refused = bed.echolot(&["run", "--input", "next.jsonl"]);
    refused.fails_with(1, &["is in use", "process 4711"]);
    assert_eq!(bed.ask(&["search", ""])["total"], 3, "reading goes on meanwhile");

    drop(lock);
    assert_eq!(bed.run(&["next.jsonl"])["totals"]["new"], 1);
}

#[test]
fn an_input_that_breaks_off_changes_nothing() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &three_reviews());
    bed.run(&["day.jsonl"]);
    let before = bed.export_text("feedback");
    let cut_off = crate::bed::corpus("fixtures/cut-off.jsonl.gz");
    bed.echolot(&["run", "--input", &cut_off]).fails_with(2, &["cut-off.jsonl.gz", "line"]);
    assert_eq!(bed.export_text("feedback"), before);
    assert_eq!(bed.run(&["day.jsonl"])["generation"], 1);
}

#[test]
fn a_date_that_is_still_to_come_is_named_and_distorts_nothing() {
    let bed = TestBed::new();
    let mut items = three_reviews();
    for (day, item) in items.iter_mut().enumerate() {
        item["created_at"] = json!(format!("2025-06-{:02}", day + 1));
    }
    let mut wrong = review("wrong", "Paket kaputt");
    wrong["created_at"] = json!("2099-01-01");
    items.push(wrong);
    bed.write_jsonl("day.jsonl", &items);
    let answer = bed.echolot(&["run", "--json", "--input", "day.jsonl"]);
    assert_eq!((answer.exit, &answer.json()["totals"]["new"]), (0, &json!(4)));
    let named = json!({ "input": "day.jsonl", "line": 4, "created_at": "2099-01-01T00:00:00Z" });
    assert_eq!(answer.json()["future_dates"], json!({ "items": 1, "first": [named] }));
    assert!(answer.err.contains("day.jsonl, line 4: 2099-01-01"), "{answer:?}");

    assert_eq!(bed.ask(&["count", "--by", "month"])["total"], 4, "it counts");
    let trend = bed.ask(&["trend", "--measure", "volume", "--by", "month"]);
    let points = trend["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0]["period"]), (1, &json!("2025-06")), "{trend}");
    let emerging = bed.ask(&["emerging"]);
    assert_eq!(emerging["to"], "2025-06-04T00:00:00Z", "{emerging:#}");

    let rule = "[[alert]]\nname = \"broken\"\nwhen = \"keyword\"\nquery = \"kaputt OR super OR Lieferung OR Hotline\"\ndays = 2\n";
    bed.write("rules.toml", rule);
    let check = bed.ask(&["alerts", "check", "--dry-run", "--config", "rules.toml"]);
    let findings = check["findings"].as_array().unwrap();
    let of = |finding: &Value| finding["found"]["verbatims"][0]["id"].as_str().unwrap().to_owned();
    let found: Vec<String> = findings.iter().map(of).collect();
    assert!(!found.is_empty() && !found.contains(&"wrong".to_owned()), "{check:#}");
}
