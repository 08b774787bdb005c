//! Small made-up records for the tests of this crate.

use std::collections::BTreeMap;

use echolot_core::{
    Analysis, Body, CesAnswer, CesVersion, CharSpan, CsatAnswer, Feedback, FeedbackId, Fingerprint,
    Intent, Language, NpsAnswer, Opinion, Polarity, Rating, Role, ThemeId, Timestamp, Topic, Turn,
};

use crate::folder::DataFolder;
use crate::query::{Query, Synonyms};
use crate::records::{AnalysedFeedback, OpinionUnit, RowId, StoredReading, UnitReading};
use crate::search::SearchRequest;
use crate::shard::ShardRow;
use crate::theme_records::{Placement, PrototypeId, StoredPrototype, StoredTheme};

/// A data folder that goes away with the test.
pub(crate) fn folder() -> (tempfile::TempDir, DataFolder) {
    let temp = tempfile::tempdir().unwrap();
    let folder = DataFolder::create_or_open(&temp.path().join("data")).unwrap();
    (temp, folder)
}

/// A text with nothing known about it.
pub(crate) fn bare(id: &str, text: &str) -> Feedback {
    Feedback {
        id: FeedbackId::new(id),
        body: Body::Text(text.to_owned()),
        source: None,
        channel: None,
        created_at: None,
        product: None,
        release: None,
        rating: None,
        nps: None,
        csat: None,
        ces: None,
        respondent: None,
        language: None,
        url: None,
        attributes: BTreeMap::new(),
    }
}

/// A review with everything a source can know.
pub(crate) fn review(number: u32) -> Feedback {
    Feedback {
        source: Some("play_store".to_owned()),
        channel: Some("review".to_owned()),
        created_at: Timestamp::from_seconds(1_700_000_000 + i64::from(number)),
        product: Some(format!("App {}", number % 3)),
        release: Some(format!("3.{}.0", number % 4)),
        rating: Some(Rating::new(f64::from(number % 5) + 1.0).unwrap()),
        nps: Some(NpsAnswer::new(f64::from(number % 11)).unwrap()),
        csat: Some(CsatAnswer::new(f64::from(number % 5) + 1.0, 5).unwrap()),
        ces: Some(CesAnswer::new(f64::from(number % 7) + 1.0, CesVersion::V2).unwrap()),
        respondent: Some(format!("r{}", number % 10)),
        language: Some(Language::GERMAN),
        url: Some(format!("https://example.org/{number}")),
        attributes: BTreeMap::from([("Filiale".to_owned(), "Köln".to_owned())]),
        ..bare(&format!("review-{number}"), &format!("Die Lieferung {number} kam zu spät."))
    }
}

/// A conversation with three voices.
pub(crate) fn conversation(number: u32) -> Feedback {
    let turn = |role, text: &str, at| Turn { role, text: text.to_owned(), at };
    let turns = vec![
        turn(Role::Bot, "Willkommen!", None),
        turn(Role::Customer, "Mein Paket fehlt.", Timestamp::from_seconds(1_700_000_000)),
        turn(Role::Agent, "Ich sehe nach.", Timestamp::from_seconds(1_700_000_060)),
        turn(Role::Customer, "Danke! 👍", None),
    ];
    Feedback { body: Body::Turns(turns), ..bare(&format!("chat-{number}"), "") }
}

/// An item with its text in a language and no opinion.
pub(crate) fn plain(id: &str, language: Language, text: &str) -> AnalysedFeedback {
    let feedback = bare(id, text);
    AnalysedFeedback {
        content: Fingerprint::of_text(text),
        verbatim: text.to_owned(),
        clean: text.to_owned(),
        language,
        reading_key: Fingerprint::of_text(text),
        duplicate_key: Fingerprint::of_text(&text.to_lowercase()),
        bands: vec![],
        analysis: Analysis::empty(),
        units: vec![],
        opinion_units: vec![],
        first_response_s: None,
        resolution_s: None,
        is_analysed: true,
        feedback,
    }
}

/// An item with two units and three opinions, and every field set.
pub(crate) fn analysed(feedback: &Feedback) -> AnalysedFeedback {
    let verbatim = feedback.body.verbatim();
    let end = verbatim.chars().count();
    let (first, second) = (CharSpan::new(0, end / 2), CharSpan::new(end / 2, end));
    let opinion = |span, topic, polarity, confidence| Opinion { span, topic, polarity, confidence };
    let opinions = vec![
        opinion(first, Topic::Delivery, Polarity::Negative, 0.75),
        opinion(first, Topic::WaitingTime, Polarity::Negative, 0.5),
        opinion(second, Topic::Staff, Polarity::Positive, 0.25),
    ];
    let unit = |span, topic, polarity, value| OpinionUnit {
        span,
        polarity,
        topic,
        vector: vec![value; 4],
    };
    AnalysedFeedback {
        analysis: Analysis {
            polarity: Polarity::Negative,
            score: -0.5,
            intents: vec![Intent::Complaint, Intent::Churn],
            opinions,
        },
        units: vec![
            unit(first, Topic::Delivery, Polarity::Negative, -128),
            unit(second, Topic::Staff, Polarity::Positive, 127),
        ],
        opinion_units: vec![0, 0, 1],
        bands: vec![7, u64::MAX],
        first_response_s: Some(60),
        resolution_s: Some(3600),
        feedback: feedback.clone(),
        ..plain(feedback.id.as_str(), Language::GERMAN, &verbatim)
    }
}

/// Model output with one unit.
pub(crate) fn reading(seed: u8) -> StoredReading {
    let unit = UnitReading {
        span: CharSpan::new(1, 9),
        topics: vec![0.25; Topic::ALL.len()],
        polarity: [0.1, 0.2, 0.7],
        vector: vec![-128, 0, 127],
    };
    StoredReading {
        polarity: [0.7, 0.1, 0.2],
        score: -0.75,
        intents: vec![0.5; Intent::ALL.len()],
        topics: vec![f32::MIN_POSITIVE; Topic::ALL.len()],
        vector: vec![seed.cast_signed(), -1],
        units: vec![unit],
    }
}

/// A row of scored output.
pub(crate) fn shard_row(number: u32) -> ShardRow {
    let item = analysed(&review(number));
    ShardRow {
        feedback: item.feedback,
        content: item.content,
        verbatim: item.verbatim,
        clean: item.clean,
        language: item.language,
        reading_key: item.reading_key,
        duplicate_key: item.duplicate_key,
        bands: item.bands,
        first_response_s: item.first_response_s,
        resolution_s: None,
        reading: (!number.is_multiple_of(3)).then(|| reading(number as u8)),
        error: number.is_multiple_of(3).then(|| "no text".to_owned()),
    }
}

/// A theme with every field set.
pub(crate) fn theme(id: u32, row: RowId) -> StoredTheme {
    StoredTheme {
        id: ThemeId(id),
        label: "Lieferung zu spät".to_owned(),
        terms: vec!["Lieferung".to_owned(), "spät".to_owned()],
        topic: Topic::Delivery,
        polarity: Polarity::Negative,
        name: Some("Zu spät".to_owned()),
        size: 2,
        representative: (row, 0),
        examples: vec![(row, 0), (row, 1)],
        born: 1,
        is_pinned: true,
        is_hidden: true,
        parent: None,
        successor: None,
        ended: Some(7),
    }
}

/// The prototype of a theme, with its number.
pub(crate) fn prototype(theme: u32) -> StoredPrototype {
    StoredPrototype {
        id: PrototypeId(theme),
        theme: ThemeId(theme),
        polarity: Polarity::Negative,
        centroid: vec![i64::MIN, 0, i64::MAX],
        size: 2,
        threshold: 0.625,
    }
}

/// A unit's place in a theme with one prototype of the same number.
pub(crate) fn placement(theme: u32, similarity: f64) -> Placement {
    Placement {
        theme: ThemeId(theme),
        prototype: PrototypeId(theme),
        similarity,
        confidence: 0.875,
    }
}

/// When the runs of tests are committed.
pub(crate) fn at() -> Timestamp {
    Timestamp::from_seconds(1_760_000_000).unwrap()
}

/// Stores items as one run and publishes it.
pub(crate) fn run(folder: &DataFolder, items: &[AnalysedFeedback]) -> u64 {
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    for item in items {
        match writer.known(&item.feedback.id).unwrap() {
            None => drop(writer.insert(item, None).unwrap()),
            Some((row, _)) => drop(writer.replace(row, item, None).unwrap()),
        }
    }
    writer.commit(&serde_json::json!({ "items": items.len() }), at()).unwrap();
    folder.publish(&lock).unwrap()
}

/// A search by words for up to a hundred hits.
pub(crate) fn asked(query: &str) -> SearchRequest {
    let query = Query::parse(query, &Synonyms::default()).unwrap();
    SearchRequest { query, limit: 100, ..Default::default() }
}
