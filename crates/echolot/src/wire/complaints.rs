//! The complaints about one release.

use echolot_engine::ComplaintTable;
use serde::Serialize;
use utoipa::ToSchema;

use super::rounded;
use super::themes::{ExampleJson, examples};

/// The complaints about one release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComplaintsJson {
    generation: u64,
    product: String,
    release: String,
    /// The release it is compared with; null when it is the first.
    baseline: Option<String>,
    /// Verbatims about the release, near-duplicates once.
    verbatims: u64,
    /// Verbatims about the release, every one counted.
    mentions: u64,
    /// Verbatims about the baseline, near-duplicates once.
    baseline_verbatims: u64,
    /// Verbatims with a negative opinion, near-duplicates once.
    with_complaint: u64,
    /// Of those, verbatims whose negative opinions are in no theme.
    without_theme: u64,
    /// The themes, by volume.
    rows: Vec<ComplaintJson>,
}

/// One complaint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComplaintJson {
    theme: u32,
    label: String,
    topic: &'static str,
    /// Verbatims with a negative opinion in the theme, near-duplicates once.
    volume: u64,
    /// The same, every verbatim counted.
    mentions: u64,
    /// The volume's share of the release's verbatims, 0..=1.
    share: f64,
    /// Lower end of the 95 % Wilson interval.
    share_low: f64,
    /// Upper end of the 95 % Wilson interval.
    share_high: f64,
    /// The share in the baseline; null without one.
    baseline_share: Option<f64>,
    examples: Vec<ExampleJson>,
}

impl ComplaintsJson {
    pub(crate) fn new(generation: u64, table: ComplaintTable) -> Self {
        let rows = table.rows.into_iter().map(|row| ComplaintJson {
            theme: row.theme.0,
            label: row.label,
            topic: row.topic.code(),
            volume: row.volume,
            mentions: row.mentions,
            share: rounded(row.share.value),
            share_low: rounded(row.share.low),
            share_high: rounded(row.share.high),
            baseline_share: row.baseline_share.map(|share| rounded(share.value)),
            examples: examples(row.examples),
        });
        Self {
            generation,
            product: table.product,
            release: table.release,
            baseline: table.baseline,
            verbatims: table.verbatims,
            mentions: table.mentions,
            baseline_verbatims: table.baseline_verbatims,
            with_complaint: table.with_complaint,
            without_theme: table.without_theme,
            rows: rows.collect(),
        }
    }
}
