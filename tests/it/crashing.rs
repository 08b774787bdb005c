//! Runs that are killed: the work is not lost, and the result is the same.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bed::TestBed;

/// Rows of a night, enough for a run to be killed in each of its steps.
const ROWS: usize = 2400;

/// Small shards, so that a killed run leaves some of them done.
const SHARDS: &[(&str, &str)] = &[("ECHOLOT_RUN_SHARD_ROWS", "200")];

/// A night of feedback that is the same every time. Every part of a text is
/// chosen by another digit of its number, so that themes, repeats and
/// refused rows all occur.
fn night(name: &str, rows: usize) -> Vec<Value> {
    let subjects = [
        "Die Lieferung",
        "Das Paket",
        "Der Akku",
        "The crash",
        "The invoice",
        "Die Hotline",
        "Der Preis",
    ];
    let verdicts = [
        "kam viel zu spät",
        "ist kaputt",
        "is bad",
        "war schlecht",
        "ist super",
        "war am Montag",
        "is great",
    ];
    let details = [
        "",
        " und niemand meldet sich",
        " beim dritten Versuch",
        " in the living room",
        ", obwohl mir die freundliche Dame am Telefon letzte Woche noch etwas ganz anderes versprochen hatte",
    ];
    let item = |number: usize| {
        let text = format!(
            "{} {}{}.",
            subjects[number % subjects.len()],
            verdicts[number / 7 % verdicts.len()],
            details[number / 11 % details.len()]
        );
        if number % 97 == 5 {
            return json!({ "id": format!("{name}-{number}"), "text": text, "nps": 11 });
        }
        json!({
            "id": format!("{name}-{number}"),
            "text": text,
            "product": if number.is_multiple_of(3) { "Nordlicht" } else { "Südwind" },
            "release": format!("4.{}.0", number / 800),
            "respondent": format!("r{}", number % 1500),
            "created_at": format!("2025-06-{:02}", 1 + number % 30),
        })
    };
    (0..rows).map(item).collect()
}

/// Everything that a data folder tells the world.
fn everything(bed: &TestBed) -> [String; 4] {
    let rejected =
        bed.stored_files().into_iter().filter(|path| path.starts_with(bed.data().join("rejected")));
    let rejected: String = rejected.map(|path| fs_err::read_to_string(path).unwrap()).collect();
    [bed.export_text("feedback"), bed.export_text("opinions"), bed.export_text("themes"), rejected]
}

fn run_to_the_end(bed: &TestBed, input: &str) {
    let answer = bed.echolot_with(SHARDS, &["run", "--input", input]);
    assert_eq!(answer.exit, 3, "some rows are refused: {answer:?}");
}

/// Starts a run and kills it after a while, as a power cut would. Whether it
/// was still at work then does not matter.
fn run_and_kill(bed: &TestBed, input: &str, after: Duration) {
    let mut child = bed.start(SHARDS, &["run", "--input", input]);
    sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Starts a run and kills it as soon as so many shards are done. Returns
/// whether it was at work when it was killed.
fn run_and_kill_after_shards(bed: &TestBed, input: &str, shards: usize) -> bool {
    let mut child = bed.start(SHARDS, &["run", "--input", input]);
    let is_receipt = |path: &PathBuf| path.to_string_lossy().ends_with(".receipt.json");
    while bed.staged_files().iter().filter(|path| is_receipt(path)).count() < shards {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// A bed in which nothing went wrong, and how long its run took.
fn undisturbed(rows: &[Value]) -> (TestBed, Duration) {
    let bed = TestBed::new();
    bed.write_jsonl("night.jsonl", rows);
    let start = Instant::now();
    run_to_the_end(&bed, "night.jsonl");
    (bed, start.elapsed())
}

/// The same as what it should be, and nothing left over.
fn assert_same(bed: &TestBed, expected: &[String; 4], label: &str) {
    for (found, expected) in everything(bed).iter().zip(expected) {
        // Megabytes of text are no message.
        assert!(
            found == expected,
            "{label}: the folder tells another story than that of an undisturbed run"
        );
    }
    let leftovers = bed.staged_files();
    assert!(leftovers.is_empty(), "{label}: {leftovers:?}");
}

#[test]
fn a_run_that_was_killed_at_any_moment_ends_as_if_it_had_not_been() {
    let rows = night("n", ROWS);
    let (calm, duration) = undisturbed(&rows);
    let expected = everything(&calm);
    assert!(expected.iter().all(|part| !part.is_empty()), "there is something to lose");
    for tenths in 0..=9 {
        let bed = TestBed::new();
        bed.write_jsonl("night.jsonl", &rows);
        run_and_kill(&bed, "night.jsonl", duration * tenths / 10);
        run_to_the_end(&bed, "night.jsonl");
        assert_same(&bed, &expected, &format!("killed after {tenths} tenths"));
    }
}

#[test]
fn a_run_goes_on_after_the_shards_that_were_done() {
    let rows = night("n", ROWS);
    let (calm, _) = undisturbed(&rows);
    let expected = everything(&calm);
    for shards in [1, 5, ROWS / 200] {
        let bed = TestBed::new();
        bed.write_jsonl("night.jsonl", &rows);
        let is_killed = run_and_kill_after_shards(&bed, "night.jsonl", shards);
        let done: Vec<_> = bed.staged_files();
        run_to_the_end(&bed, "night.jsonl");
        assert_same(&bed, &expected, &format!("killed after {shards} shards"));
        assert!(!is_killed || !done.is_empty(), "the work of a killed run is kept");
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_gets_there_in_the_end() {
    let rows = night("n", ROWS);
    let (calm, duration) = undisturbed(&rows);
    let bed = TestBed::new();
    bed.write_jsonl("night.jsonl", &rows);
    for tenths in [2, 4, 5, 6, 7, 8, 9] {
        run_and_kill(&bed, "night.jsonl", duration * tenths / 10);
    }
    run_to_the_end(&bed, "night.jsonl");
    assert_same(&bed, &everything(&calm), "killed seven times");
}

#[test]
fn what_was_published_before_stays_readable_after_a_kill() {
    let bed = TestBed::new();
    bed.write_jsonl("first.jsonl", &night("a", 300));
    run_to_the_end(&bed, "first.jsonl");
    let before = everything(&bed);
    let rows = night("n", ROWS);
    let (_, duration) = undisturbed(&rows);
    bed.write_jsonl("night.jsonl", &rows);
    run_and_kill(&bed, "night.jsonl", duration / 2);
    let after = everything(&bed);
    let health = bed.ask(&["search", "", "--limit", "1"]);
    if health["generation"] == 1 {
        assert!(after == before, "the killed run can be seen in part");
    } else {
        // The machine was quick and the kill came after the commit.
        assert!(after[0].len() > before[0].len());
    }
}

#[test]
fn another_file_after_a_kill_loses_neither() {
    let (first, second) = (night("a", ROWS), night("b", 600));
    let calm = TestBed::new();
    calm.write_jsonl("first.jsonl", &first);
    calm.write_jsonl("second.jsonl", &second);
    run_to_the_end(&calm, "second.jsonl");
    let start = Instant::now();
    run_to_the_end(&calm, "first.jsonl");
    let duration = start.elapsed();

    let bed = TestBed::new();
    bed.write_jsonl("first.jsonl", &first);
    bed.write_jsonl("second.jsonl", &second);
    run_and_kill(&bed, "first.jsonl", duration / 3);
    run_to_the_end(&bed, "second.jsonl");
    run_to_the_end(&bed, "first.jsonl");
    let ids = |bed: &TestBed| {
        let mut ids: Vec<String> =
            bed.export("feedback").iter().map(|row| row["id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&bed), ids(&calm));
    // Where the kill came before the commit, the order of the runs is the same
    // as in the calm folder, and so is every byte.
    if bed.export("feedback")[0]["id"].as_str().unwrap().starts_with("b-") {
        assert_same(&bed, &everything(&calm), "killed, then another file");
    }
}
