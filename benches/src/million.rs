//! A data folder of any size, written past the pipeline.
//!
//! A million verbatims would take the night job minutes; what is measured of
//! them is searching, so they are written as a run writes them, with vectors
//! that nothing is meant by.

use std::path::Path;

use echolot_core::{
    Analysis, Body, CharSpan, Draws, Feedback, FeedbackId, Fingerprint, Intent, Opinion, Polarity,
    Timestamp, Topic,
};
use echolot_index::{AnalysedFeedback, DataFolder, OpinionUnit};

use crate::corpus::{Sentences, demo_items};

/// The components of a vector of the shipped model.
pub const DIMS: usize = 256;

/// A vector that looks like any other; the same for the same number.
pub fn vector(number: u64) -> Vec<i8> {
    let mut draws = Draws::new(number << 20);
    // The sum of draws is near a normal distribution, as components are.
    let component = |draws: &mut Draws| (0..4).map(|_| draws.below(40)).sum::<usize>();
    (0..DIMS).map(|_| (component(&mut draws).cast_signed() - 78) as i8).collect()
}

/// Makes a data folder with so many verbatims at `folder`, each of two or
/// three sentences of the demo corpus, with one opinion unit.
///
/// # Panics
/// When the folder cannot be written.
pub fn index_of(verbatims: usize, folder: &Path) {
    let items = demo_items();
    let sentences = Sentences::of(&items);
    let mut draws = Draws::new(1);
    let folder = DataFolder::create_or_open(folder).expect("the folder can be made");
    let lock = folder.lock().expect("nobody else writes");
    let mut writer = folder.begin_run(&lock).expect("the run begins");
    for number in 0..verbatims {
        let (text, first, language) = sentences.text(&mut draws);
        let feedback = Feedback {
            id: FeedbackId::new(format!("m{number}")),
            body: Body::Text(text.clone()),
            language: None,
            ..items[first].clone()
        };
        let span = CharSpan::new(0, text.chars().count());
        let polarity = Polarity::ALL[draws.below(Polarity::ALL.len())];
        let topic = Topic::ALL[draws.below(Topic::ALL.len())];
        let opinion = Opinion { span, topic, polarity, confidence: 0.5 };
        let key = Fingerprint::of_text(&number.to_string());
        let item = AnalysedFeedback {
            feedback,
            content: key,
            verbatim: text.clone(),
            clean: text,
            language,
            reading_key: key,
            duplicate_key: key,
            bands: vec![],
            analysis: Analysis {
                polarity,
                score: 0.0,
                intents: vec![Intent::Complaint],
                opinions: vec![opinion],
            },
            units: vec![OpinionUnit { span, polarity, topic, vector: vector(number as u64) }],
            opinion_units: vec![0],
            first_response_s: None,
            resolution_s: None,
            is_analysed: true,
        };
        writer.insert(&item, None).expect("the row is written");
    }
    let at = Timestamp::from_seconds(0).expect("1970 is a year");
    writer.commit(&serde_json::json!({}), at).expect("the run commits");
    folder.publish(&lock).expect("the run is published");
}
