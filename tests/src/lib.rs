//! The fake model that the program under test answers with.
//!
//! Everything but the weights is real: [`fake_analyst`] puts a
//! [`HashModel`] where the night job otherwise has a transformer. What it
//! says of a text can be worked out by hand, so tests can state figures.

use std::path::PathBuf;

use echolot_core::{Intent, Polarity, Topic};
use echolot_engine::{Analyst, Config, Decision, Error, HashModel, Labels};

/// Words and the topics they stand for, beside the codes of the topics.
///
/// Which way a text points follows from other words: `gut`, `super`, `good`,
/// `great` and a few more are praise; `schlecht`, `kaputt`, `spät`, `fehler`,
/// `bad`, `broken`, `late` and `error` are complaints.
pub const TOPIC_WORDS: &[(&str, &str)] = &[
    ("lieferung", "delivery"),
    ("paket", "delivery"),
    ("parcel", "delivery"),
    ("absturz", "malfunction"),
    ("crash", "malfunction"),
    ("akku", "performance"),
    ("battery", "performance"),
    ("preis", "price_value"),
    ("price", "price_value"),
    ("rechnung", "billing_payment"),
    ("invoice", "billing_payment"),
    ("hotline", "customer_support"),
    ("support", "customer_support"),
    ("login", "account_access"),
    ("personal", "staff"),
];

/// The fake model with the labels of this program.
pub fn fake_model() -> HashModel {
    let labels = Labels {
        polarity: Polarity::ALL.iter().map(|label| label.code().to_owned()).collect(),
        intents: Intent::ALL.iter().map(|label| label.code().to_owned()).collect(),
        topics: Topic::ALL.iter().map(|label| label.code().to_owned()).collect(),
    };
    HashModel::new(labels, TOPIC_WORDS)
}

/// A decision rule by which every unit stands for itself: what is likelier
/// than not is stated.
pub fn plain_decision() -> Decision {
    Decision {
        topic_thresholds: vec![0.5; Topic::ALL.len()],
        intent_thresholds: vec![0.5; Intent::ALL.len()],
        unit_weight: 1.0,
        polarity_unit_weight: 1.0,
        topic_margin: 9.0,
        general_beside_threshold: 0.9,
    }
}

/// An analyst with the fake model.
///
/// # Errors
/// As [`Analyst::with_model`]; for instance when a configured redaction
/// pattern cannot be used.
pub fn fake_analyst(config: &Config) -> Result<Analyst, Error> {
    let folder = PathBuf::from("(fake model)");
    Analyst::with_model(config, Box::new(fake_model()), plain_decision(), folder)
}
