//! Data folders to ask, made with a model that costs nothing.

use std::path::{Path, PathBuf};

use echolot_core::{Intent, Polarity, Timestamp, Topic};
use echolot_engine::{Analyst, Config, Decision, HashModel, Labels, Silent, run_in};

use crate::corpus::{demo_items, jsonl, resampled};

/// Words for which the free model states a topic.
const TOPIC_WORDS: &[(&str, &str)] = &[
    ("lieferung", "delivery"),
    ("paket", "delivery"),
    ("delivery", "delivery"),
    ("akku", "performance"),
    ("battery", "performance"),
    ("preis", "price_value"),
    ("price", "price_value"),
    ("hotline", "customer_support"),
    ("support", "customer_support"),
    ("personal", "staff"),
    ("update", "malfunction"),
    ("login", "account_access"),
    ("rechnung", "billing_payment"),
    ("room", "facilities"),
    ("zimmer", "facilities"),
    ("app", "usability"),
];

/// An analyst whose model hashes words, so that what is measured is everything
/// but the model.
///
/// # Panics
/// When the fake model does not fit the engine, which a test would show.
pub fn free_analyst(config: &Config) -> Analyst {
    let labels = Labels {
        polarity: Polarity::ALL.iter().map(|label| label.code().to_owned()).collect(),
        intents: Intent::ALL.iter().map(|label| label.code().to_owned()).collect(),
        topics: Topic::ALL.iter().map(|label| label.code().to_owned()).collect(),
    };
    let decision = Decision {
        topic_thresholds: vec![0.5; Topic::ALL.len()],
        intent_thresholds: vec![0.5; Intent::ALL.len()],
        unit_weight: 1.0,
        polarity_unit_weight: 1.0,
        topic_margin: 9.0,
        general_beside_threshold: 0.9,
    };
    let model = Box::new(HashModel::new(labels, TOPIC_WORDS));
    Analyst::with_model(config, model, decision, PathBuf::from("(free model)"))
        .expect("the fake model fits")
}

/// Makes a data folder with so many verbatims at `folder`.
///
/// # Panics
/// When the folder cannot be written.
pub fn store_of(verbatims: usize, folder: &Path) {
    let input = folder.with_extension("jsonl");
    fs_err::write(&input, jsonl(&resampled(&demo_items(), verbatims)))
        .expect("the input can be written");
    let config = Config::standard().expect("the default configuration is valid");
    let at = Timestamp::from_seconds(0).expect("1970 is a year");
    let report = run_in(folder, &[input], (&config, &free_analyst(&config)), (&Silent, at))
        .expect("the run succeeds");
    assert_eq!(report.totals().new, verbatims as u64, "every row is stored");
}
