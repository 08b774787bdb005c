//! `doctor`: names what is wrong, what mends it, and mends nothing itself.

use serde_json::Value;

use crate::bed::{TestBed, jsonl};
use crate::scenario;

/// The state and finding of each part.
fn checks(bed: &TestBed, variables: &[(&str, &str)]) -> (i32, Vec<(String, String, String)>) {
    let answer = bed.echolot_with(variables, &["doctor", "--json"]);
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = answer.json()["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (word(&check["subject"]), word(&check["state"]), word(&check["finding"])))
        .collect();
    (answer.exit, checks)
}

/// How one part is.
fn part(bed: &TestBed, subject: &str) -> (String, String) {
    let (_, checks) = checks(bed, &[]);
    let found = checks.into_iter().find(|check| check.0 == subject);
    let (_, state, finding) = found.unwrap_or_else(|| panic!("{subject} is not examined"));
    (state, finding)
}

#[test]
fn a_sound_data_folder_is_found_sound() {
    let bed = scenario::bed();
    let (state, finding) = part(&bed, "database");
    assert_eq!(state, "ok", "{finding}");
    assert!(finding.contains("feedback 83"), "{finding}");
    assert_eq!(part(&bed, "search index"), ("ok".to_owned(), "current".to_owned()));
    assert_eq!(part(&bed, "model").0, "ok", "the model in the repository is found");
    let (_, checks) = checks(&bed, &[]);
    assert!(checks.iter().all(|check| check.0 != "unfinished run"), "{checks:?}");
}

#[test]
fn a_missing_model_is_named_with_its_folder() {
    let bed = TestBed::new();
    let missing = bed.path("no-model").display().to_string();
    let (exit, checks) = checks(&bed, &[("ECHOLOT_MODEL_FOLDER", &missing)]);
    assert_eq!(exit, 1);
    let model = checks.iter().find(|check| check.0 == "model").unwrap();
    assert_eq!(model.1, "bad");
    assert!(model.2.contains("no-model"), "{model:?}");
}

#[test]
fn a_missing_runtime_is_named_with_its_path() {
    let bed = TestBed::new();
    let (exit, checks) = checks(&bed, &[("ECHOLOT_RUNTIME_LIBRARY", "/no/such/libonnxruntime.so")]);
    assert_eq!(exit, 1);
    let runtime = checks.iter().find(|check| check.0 == "runtime").unwrap();
    assert_eq!(runtime.1, "bad");
    assert!(runtime.2.contains("/no/such/libonnxruntime.so"), "{runtime:?}");
}

#[test]
fn a_missing_data_folder_is_bad() {
    let bed = TestBed::new();
    let (state, finding) = part(&bed, "data folder");
    assert_eq!(state, "bad");
    assert!(finding.contains("`echolot run` makes one"), "{finding}");
    assert!(!bed.data().exists(), "looking makes nothing");
}

#[test]
fn a_damaged_search_index_is_noticed_and_the_next_command_rebuilds_it() {
    let bed = scenario::bed();
    let expected = bed.ask(&["search", "Lieferung"]);
    for file in
        bed.stored_files().into_iter().filter(|file| file.starts_with(bed.data().join("index")))
    {
        fs_err::write(file, b"no longer an index").unwrap();
    }
    let (state, finding) = part(&bed, "search index");
    assert_eq!(state, "warning");
    assert!(finding.contains("the next command rebuilds it"), "{finding}");
    assert_eq!(bed.ask(&["search", "Lieferung"]), expected, "and it does");
    assert_eq!(part(&bed, "search index").0, "ok");
}

#[test]
fn a_missing_search_index_is_rebuilt_too() {
    let bed = scenario::bed();
    let expected = bed.ask(&["search", "Lieferung"]);
    fs_err::remove_dir_all(bed.data().join("index")).unwrap();
    assert_eq!(part(&bed, "search index").0, "warning");
    assert_eq!(bed.ask(&["search", "Lieferung"]), expected);
    assert_eq!(part(&bed, "search index").0, "ok");
}

#[test]
fn a_damaged_database_is_bad() {
    let bed = scenario::bed();
    let file = bed.data().join("echolot.sqlite");
    let mut bytes = fs_err::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0xa5);
    fs_err::write(&file, bytes).unwrap();
    let (exit, checks) = checks(&bed, &[]);
    assert_eq!(exit, 1);
    // What is damaged may be the description of the tables, and then nothing can be opened.
    let is_bad = |check: &(String, String, String)| {
        ["database", "data folder"].contains(&check.0.as_str()) && check.1 == "bad"
    };
    assert!(checks.iter().any(is_bad), "{checks:?}");
}

#[test]
fn an_unfinished_run_is_noticed_with_what_to_do() {
    let bed = scenario::bed();
    // What a killed run leaves: rows that were staged and never stored.
    fs_err::create_dir_all(bed.data().join("staging/0123456789abcdef")).unwrap();
    fs_err::write(bed.data().join("staging/0123456789abcdef/00000.in"), b"rows").unwrap();
    let (state, finding) = part(&bed, "unfinished run");
    assert_eq!(state, "warning");
    assert!(finding.contains("start it again with the same inputs"), "{finding}");

    bed.write("next.jsonl", jsonl(&[serde_json::json!({ "id": "x", "text": "Paket kaputt" })]));
    bed.run(&["next.jsonl"]);
    let (_, checks) = checks(&bed, &[]);
    assert!(checks.iter().all(|check| check.0 != "unfinished run"), "a run cleans up: {checks:?}");
}
