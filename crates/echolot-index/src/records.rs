//! What is written and read back: feedback with its analysis, model output and rejections.

use std::fmt;

use echolot_core::{
    Analysis, CharSpan, Feedback, FeedbackId, Fingerprint, Language, Polarity, ThemeId, Topic,
};

use crate::theme_records::PrototypeId;

/// The number of a feedback item in the order of first load, from 0 without
/// gaps. It is the position of the item in every column of
/// [`Facts`](crate::Facts) and stays the same for the life of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u32);

impl RowId {
    /// The row as a position in a column.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Raw model output for one text, kept per text and model so that no text is
/// read twice by the same model. Scores of labels are logits.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReading {
    /// Scores in the order of [`Polarity::ALL`].
    pub polarity: [f32; 3],
    /// Graded sentiment, -1..=1.
    pub score: f32,
    /// Scores in the order of [`Intent::ALL`](echolot_core::Intent::ALL).
    pub intents: Vec<f32>,
    /// Scores in the order of [`Topic::ALL`].
    pub topics: Vec<f32>,
    /// The quantised embedding of the whole text.
    pub vector: Vec<i8>,
    /// The reading of each unit, in the order of the text.
    pub units: Vec<UnitReading>,
}

/// Raw model output for one unit of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitReading {
    /// Where the unit stands in the original text.
    pub span: CharSpan,
    /// Scores in the order of [`Topic::ALL`].
    pub topics: Vec<f32>,
    /// Scores in the order of [`Polarity::ALL`].
    pub polarity: [f32; 3],
    /// The quantised embedding of the unit.
    pub vector: Vec<i8>,
}

/// One feedback item with everything that is stored about it.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysedFeedback {
    /// The item, its text and turns already redacted.
    pub feedback: Feedback,
    /// The fingerprint of the item as it was delivered.
    pub content: Fingerprint,
    /// The redacted words of the customer; every span counts in this string.
    pub verbatim: String,
    /// The normalised text that models and the search index see.
    pub clean: String,
    /// The language of the text.
    pub language: Language,
    /// Under which key the model output of this text is kept.
    pub reading_key: Fingerprint,
    /// Equal for texts that count as the same text.
    pub duplicate_key: Fingerprint,
    /// The bands of the near-duplicate signature; none for short texts.
    pub bands: Vec<u64>,
    /// What the analysis says.
    pub analysis: Analysis,
    /// The units that carry an opinion, in the order of the text.
    pub units: Vec<OpinionUnit>,
    /// For each opinion of the analysis the index of its unit in `units`.
    pub opinion_units: Vec<u32>,
    /// Seconds from the first message to the first human reply.
    pub first_response_s: Option<i64>,
    /// Seconds from the first message to the resolution.
    pub resolution_s: Option<i64>,
    /// Whether a model has read the text.
    pub is_analysed: bool,
}

/// A stretch of a verbatim that carries at least one opinion.
#[derive(Debug, Clone, PartialEq)]
pub struct OpinionUnit {
    /// Where it stands in the original text.
    pub span: CharSpan,
    /// Which way it points.
    pub polarity: Polarity,
    /// Its strongest topic.
    pub topic: Topic,
    /// Its quantised embedding.
    pub vector: Vec<i8>,
}

/// Rows that may be the same text as a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidates {
    /// The canonical row of the texts with the same duplicate key.
    pub exact: Option<RowId>,
    /// Canonical rows that share a band of the signature, ascending, at most
    /// [`MAX_NEAR_CANDIDATES`](crate::MAX_NEAR_CANDIDATES); empty when there is an exact one.
    pub near: Vec<RowId>,
}

/// An opinion unit as it is put to themes.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRow {
    /// The verbatim it is part of.
    pub row: RowId,
    /// Its number within the verbatim, from 0.
    pub unit: u32,
    /// The row this verbatim is a duplicate of; `row` itself when it is none.
    pub canonical: RowId,
    /// Which way it points.
    pub polarity: Polarity,
    /// Its strongest topic.
    pub topic: Topic,
    /// The language of the verbatim.
    pub language: Language,
    /// The customer's words of this unit.
    pub text: String,
    /// Its quantised embedding.
    pub vector: Vec<i8>,
    /// Made of the feedback id and the unit number: distinct for every unit
    /// and free of the order in which rows were loaded.
    pub key: Fingerprint,
    /// The theme or sub-theme it is in.
    pub theme: Option<ThemeId>,
    /// The prototype by which it is there.
    pub prototype: Option<PrototypeId>,
    /// The generation that loaded its item, last changed it, or took back what a person
    /// had said of it: hidden as spam it was not there for a discovery.
    pub generation: u64,
}

/// One committed run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// The generation the run made.
    pub generation: u64,
    /// The report the run left.
    pub report: serde_json::Value,
}

/// A row of input that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The generation of the run that refused it.
    pub generation: u64,
    /// The file or stream it came from.
    pub source: String,
    /// Its line or record number there, from 1; 0 when unknown.
    pub line: u64,
    /// Why it was refused.
    pub reason: String,
    /// The row as it was, for repair.
    pub raw: String,
}

/// Everything stored about one verbatim.
#[derive(Debug, Clone, PartialEq)]
pub struct Verbatim {
    /// Its row.
    pub row: RowId,
    /// The row it is a duplicate of; `row` itself when it is none.
    pub canonical: RowId,
    /// The item, redacted.
    pub feedback: Feedback,
    /// The redacted words of the customer; every span counts in this string.
    pub verbatim: String,
    /// The language of the text.
    pub language: Language,
    /// What the analysis says.
    pub analysis: Analysis,
    /// The units that carry an opinion, in the order of the text.
    pub units: Vec<ThemedUnit>,
    /// For each opinion of the analysis the index of its unit in `units`.
    pub opinion_units: Vec<u32>,
    /// Seconds from the first message to the first human reply.
    pub first_response_s: Option<i64>,
    /// Seconds from the first message to the resolution.
    pub resolution_s: Option<i64>,
    /// Whether a model has read the text.
    pub is_analysed: bool,
    /// The fingerprint of the item as it was delivered.
    pub content: Fingerprint,
    /// The generation in which the item was loaded or last changed.
    pub generation: u64,
    /// Whether the analysis holds what a person says against the model.
    pub is_corrected: bool,
    /// Whether a person has hidden it as spam.
    pub is_spam: bool,
}

impl Verbatim {
    /// The theme of the opinion number `opinion`, if its unit belongs to one.
    pub fn theme_of(&self, opinion: usize) -> Option<ThemeId> {
        let unit = *self.opinion_units.get(opinion)?;
        self.units.get(unit as usize)?.theme
    }

    /// The id of the feedback item.
    pub fn id(&self) -> &FeedbackId {
        &self.feedback.id
    }
}

/// An opinion unit with the theme it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemedUnit {
    /// Where it stands in the original text.
    pub span: CharSpan,
    /// Which way it points.
    pub polarity: Polarity,
    /// Its strongest topic.
    pub topic: Topic,
    /// Its theme.
    pub theme: Option<ThemeId>,
    /// Its sub-theme.
    pub part: Option<ThemeId>,
    /// Its similarity to the theme's prototype when it joined, -1..=1.
    pub similarity: Option<f64>,
    /// How likely a discovery over all units would put it there too, 0..=1.
    pub confidence: Option<f64>,
    /// Whether a person has said where it belongs.
    pub is_fixed: bool,
}
