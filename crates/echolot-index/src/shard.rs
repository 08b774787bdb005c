//! One shard of a run: its place, its rows and the receipt of its scoring.

use std::ops::Range;
use std::path::{Path, PathBuf};

use echolot_core::{Feedback, Fingerprint, Language, Polarity};
use serde::{Deserialize, Serialize};

use crate::encoding::{FeedbackRecord, ReadingRecord, fingerprint, language, language_bytes};
use crate::error::Error;
use crate::records::StoredReading;

/// What a worker needs to know to score one shard. The output of a shard is a
/// function of its id and the model, so two workers that score the same shard
/// write the same bytes to the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardSpec {
    /// Distinct within the staged run.
    pub shard_id: String,
    /// The file with the input rows.
    pub input_uri: String,
    /// The rows of the run that the shard holds.
    pub row_range: Range<u64>,
    /// The fingerprint of the models, in hexadecimal digits.
    pub model_sha: String,
    /// The file that is to hold the output rows.
    pub output_uri: String,
}

impl ShardSpec {
    pub(crate) fn input_path(&self) -> &Path {
        Path::new(&self.input_uri)
    }

    pub(crate) fn output_path(&self) -> &Path {
        Path::new(&self.output_uri)
    }

    pub(crate) fn receipt_path(&self) -> PathBuf {
        PathBuf::from(format!("{}.receipt.json", self.output_uri))
    }

    pub(crate) fn num_rows(&self) -> u64 {
        self.row_range.end - self.row_range.start
    }
}

/// What a worker leaves when a shard is done. Sums are integers, so receipts
/// add up to the same totals in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The shard.
    pub shard_id: String,
    /// The models that scored it.
    pub model_sha: String,
    /// The number of rows written.
    pub rows: u64,
    /// The wrapping sum of the checksums of the rows.
    pub checksum_sum: u64,
    /// The exclusive or of the checksums of the rows.
    pub checksum_xor: u64,
    /// Counts by language and polarity, in that order.
    pub partials: Vec<Partial>,
}

/// How many rows of a shard share a language and a polarity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// The ISO 639-1 code, `xx` when unknown.
    pub language: String,
    /// The likeliest polarity of the reading; none where the shard holds none.
    pub polarity: Option<String>,
    /// The number of rows.
    pub rows: u64,
}

/// One row of the output of a shard: a feedback item ready to be loaded, and
/// what the model said about it. What follows from the reading is decided when
/// the row is loaded, so a change of thresholds needs no model.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardRow {
    /// The item, its text and turns already redacted.
    pub feedback: Feedback,
    /// The fingerprint of the item as it was delivered.
    pub content: Fingerprint,
    /// The redacted words of the customer.
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
    /// Seconds from the first message to the first human reply.
    pub first_response_s: Option<i64>,
    /// Seconds from the first message to the resolution.
    pub resolution_s: Option<i64>,
    /// What the model said; none when it is kept already or the text cannot
    /// be read.
    pub reading: Option<StoredReading>,
    /// Why the model could not read the text.
    pub error: Option<String>,
}

/// A row of input as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InputRecord {
    feedback: FeedbackRecord,
    content: [u8; 16],
}

impl InputRecord {
    pub(crate) fn of(feedback: &Feedback, content: Fingerprint) -> Self {
        Self { feedback: feedback.into(), content: content.0 }
    }

    pub(crate) fn into_row(self) -> Result<(Feedback, Fingerprint), Error> {
        Ok((self.feedback.try_into()?, Fingerprint(self.content)))
    }
}

/// A row of output as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OutputRecord {
    feedback: FeedbackRecord,
    content: [u8; 16],
    verbatim: String,
    clean: String,
    language: [u8; 2],
    reading_key: [u8; 16],
    duplicate_key: [u8; 16],
    bands: Vec<u64>,
    first_response_s: Option<i64>,
    resolution_s: Option<i64>,
    reading: Option<ReadingRecord>,
    error: Option<String>,
}

impl From<&ShardRow> for OutputRecord {
    fn from(row: &ShardRow) -> Self {
        Self {
            feedback: (&row.feedback).into(),
            content: row.content.0,
            verbatim: row.verbatim.clone(),
            clean: row.clean.clone(),
            language: language_bytes(row.language),
            reading_key: row.reading_key.0,
            duplicate_key: row.duplicate_key.0,
            bands: row.bands.clone(),
            first_response_s: row.first_response_s,
            resolution_s: row.resolution_s,
            reading: row.reading.as_ref().map(Into::into),
            error: row.error.clone(),
        }
    }
}

impl TryFrom<OutputRecord> for ShardRow {
    type Error = Error;

    fn try_from(record: OutputRecord) -> Result<Self, Error> {
        Ok(Self {
            feedback: record.feedback.try_into()?,
            content: fingerprint(&record.content)?,
            verbatim: record.verbatim,
            clean: record.clean,
            language: language(record.language)?,
            reading_key: Fingerprint(record.reading_key),
            duplicate_key: Fingerprint(record.duplicate_key),
            bands: record.bands,
            first_response_s: record.first_response_s,
            resolution_s: record.resolution_s,
            reading: record.reading.map(Into::into),
            error: record.error,
        })
    }
}

/// The likeliest polarity; of equals the first in the order of [`Polarity::ALL`].
pub(crate) fn likeliest(scores: &[f32; 3]) -> Polarity {
    let mut best = 0;
    for (index, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = index;
        }
    }
    Polarity::ALL[best]
}
