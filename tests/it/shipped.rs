//! The model that is shipped, for the tests that need more than the fake one.

use std::io::Cursor;

use echolot_engine::{
    Analyst, Config, Error, Scored, ScoredItem, Silent, SourceOptions, read_jsonl, score,
};
use serde_json::{Value, json};

use crate::bed::{jsonl, repository};

/// The shipped model with two workers; none, and a message, where ONNX Runtime
/// was not fetched.
pub(crate) fn shipped_model() -> Option<Analyst> {
    if !repository().join(".cache/runtime").is_dir() {
        eprintln!("SKIPPED: there is no ONNX Runtime; `make runtime` fetches it");
        return None;
    }
    let model_folder = Some(repository().join("models"));
    let config = Config { model_folder, workers: 2, ..Config::standard().unwrap() };
    Some(Analyst::open(&config).expect("the shipped model can be loaded"))
}

/// Items with numbers as ids.
pub(crate) fn numbered<T: AsRef<str>>(texts: &[T]) -> Vec<Value> {
    let item = |(id, text): (usize, &T)| json!({ "id": id.to_string(), "text": text.as_ref() });
    texts.iter().enumerate().map(item).collect()
}

/// What is said of each item, in order; none may be rejected.
pub(crate) fn scored(analyst: &Analyst, items: &[Value]) -> Vec<ScoredItem> {
    let mut scored = Vec::new();
    let take = |answer: Scored| -> Result<(), Error> {
        match answer {
            Scored::Item(item) => scored.push(*item),
            Scored::Rejected(rejection) => panic!("{rejection:?}"),
        }
        Ok(())
    };
    let rows = read_jsonl(Cursor::new(jsonl(items)), "items", &SourceOptions::default()).unwrap();
    score(rows, analyst, &Silent, take).unwrap();
    scored
}
