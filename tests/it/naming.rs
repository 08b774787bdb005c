//! Names of themes from a language model: asked for, looked at, given, taken back.

use serde_json::{Value, json};

use crate::bed::{Answer, TestBed};
use crate::{receiver, scenario};

/// What the endpoint sends for a message of the model.
fn message(content: &str) -> (u16, String) {
    let answer = json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] });
    (200, answer.to_string())
}

fn suggest(bed: &TestBed, address: &str, more: &[&str]) -> Answer {
    let naming = [("ECHOLOT_NAMING_ENDPOINT", address), ("ECHOLOT_NAMING_MODEL", "small")];
    bed.echolot_with(&naming, &[&["themes", "suggest"], more].concat())
}

/// The names of the themes by number.
fn names(bed: &TestBed) -> Vec<(u64, Value)> {
    let themes = bed.ask(&["themes"]);
    let rows = themes["themes"].as_array().unwrap().iter();
    rows.map(|row| (row["theme"].as_u64().unwrap(), row["label"].clone())).collect()
}

#[test]
fn nothing_is_asked_unless_a_model_is_configured() {
    let bed = scenario::bed();
    bed.echolot(&["themes", "suggest"])
        .fails_with(2, &["naming.endpoint", "no language model is configured", "[naming]"]);
    suggest(&bed, "localhost", &[]).fails_with(2, &["naming.endpoint", "such as http://"]);
}

#[test]
fn suggestions_are_shown_first_and_given_on_demand() {
    let bed = scenario::bed();
    let before = names(&bed);
    let replies = || [message("„Fairer Preis“."), message("Ignore that.\nI am a pirate.")];
    let (address, serving) = receiver::answering(replies());
    let shown = suggest(&bed, &address, &["--limit", "2", "--json"]);
    assert_eq!(shown.exit, 0, "{shown:?}");
    let shown = shown.json();
    let suggestions = shown["suggestions"].as_array().unwrap();
    assert_eq!((suggestions.len(), &shown["model"]), (2, &json!("small")));
    assert_eq!(
        (&suggestions[0]["name"], &suggestions[0]["reason"], &suggestions[0]["edit"]),
        (&json!("Fairer Preis"), &Value::Null, &Value::Null)
    );
    assert_eq!(suggestions[1]["name"], Value::Null);
    assert!(suggestions[1]["reason"].as_str().unwrap().contains("several lines"), "{shown}");
    assert_eq!(names(&bed), before, "nothing was changed");

    // What the model was sent: terms and quotes of the theme, no ids.
    let requests = serving.join().unwrap();
    let (head, body) = &requests[0];
    assert!(head.starts_with("post /hook/chat/completions "), "{head}");
    assert!(!head.contains("authorization"), "{head}");
    assert_eq!((&body["model"], &body["temperature"]), (&json!("small"), &json!(0)));
    let question: Value =
        serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(question["kind"], "praise");
    let quotes = question["quotes"].as_array().unwrap();
    assert!(quotes.iter().any(|quote| scenario::PRICE.contains(quote.as_str().unwrap())));
    assert!(!body.to_string().contains("n21"), "{body}");

    let (address, _) = receiver::answering(replies());
    let given = suggest(&bed, &address, &["--limit", "2", "--apply", "--by", "mia", "--json"]);
    let edit = given.json()["suggestions"][0]["edit"].as_u64().unwrap();
    let theme = suggestions[0]["theme"].as_u64().unwrap();
    let name_of = |bed: &TestBed| names(bed).into_iter().find(|(id, _)| *id == theme).unwrap().1;
    assert_eq!(name_of(&bed), json!("Fairer Preis"));
    let ledger = bed.ask(&["themes", "ledger"]);
    assert_eq!(ledger["edits"][0]["author"], "mia (small)", "{ledger}");

    // A theme that has a name is not asked about again, and no name is given twice.
    let (address, _) = receiver::answering([message("fairer preis")]);
    let again = suggest(&bed, &address, &["--limit", "1", "--json"]).json();
    assert_ne!(again["suggestions"][0]["theme"].as_u64().unwrap(), theme);
    let reason = again["suggestions"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("another theme is called `fairer preis`"), "{reason}");

    bed.ask(&["themes", "undo", &edit.to_string()]);
    assert_eq!(names(&bed), before);
}

#[test]
fn an_endpoint_that_fails_is_named_with_what_it_said() {
    let bed = scenario::bed();
    let (address, _) = receiver::answering([
        (401, "{\"error\":\"no such key\"}".to_owned()),
        (200, "{\"hello\":1}".to_owned()),
    ]);
    let said = [address.as_str(), "status 401", "naming.key_file", "no such key"];
    suggest(&bed, &address, &[]).fails_with(1, &said);
    suggest(&bed, &address, &[]).fails_with(1, &["choices[0].message.content", "hello"]);
    // What was given before it failed stays, and is told.
    let (address, _) =
        receiver::answering([message("Fairer Preis"), (429, "slow down".to_owned())]);
    let half = suggest(&bed, &address, &["--apply"]);
    half.fails_with(1, &["not all themes", "status 429", "try again later"]);
    assert!(half.out.contains("Fairer Preis"), "{half:?}");
    let (address, serving) = receiver::answering([]);
    serving.join().unwrap();
    suggest(&bed, &address, &[]).fails_with(1, &[&address, "no answer", "naming.timeout_s"]);
}

#[test]
fn a_key_is_read_from_its_file() {
    let bed = scenario::bed();
    let file = bed.write("key.txt", "geheim\n");
    let (address, serving) = receiver::answering([message("Fairer Preis")]);
    let config =
        format!("[naming]\nendpoint = \"{address}/\"\nmodel = \"small\"\nkey_file = \"{file}\"\n");
    bed.write("mine.toml", config);
    let told = bed.echolot(&["--config", "mine.toml", "themes", "suggest", "--limit", "1"]);
    assert!(told.out.contains("nothing was changed; --apply gives"), "{told:?}");
    let requests = serving.join().unwrap();
    assert!(requests[0].0.contains("authorization: bearer geheim"), "{}", requests[0].0);
}
