//! Themes that emerge.

use echolot_engine::{DayBurst, EmergingPeriod, EmergingQuestion, EmergingTable};
use serde::Serialize;
use utoipa::ToSchema;

use super::rounded;
use super::themes::{ExampleJson, examples};

/// Themes whose share rose beyond chance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmergingJson {
    generation: u64,
    /// The release that is looked at; null for a period of time.
    release: Option<String>,
    /// The beginning of the period; null for a release.
    from: Option<String>,
    /// The end of the period, which is not in it; null for a release.
    to: Option<String>,
    /// The greatest q value that counts as beyond chance.
    level: f64,
    /// The least verbatims in the period.
    minimum: u64,
    /// Verbatims in the period, near-duplicates once.
    verbatims: u64,
    /// Verbatims before it, near-duplicates once.
    history_verbatims: u64,
    /// How many themes were tested, all corrected together.
    tested: u64,
    /// The themes, surest first.
    rows: Vec<EmergingThemeJson>,
}

/// One theme that emerges.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmergingThemeJson {
    theme: u32,
    label: String,
    topic: &'static str,
    polarity: &'static str,
    /// `new` when nobody spoke of it before, else `rising`.
    #[schema(value_type = String)]
    word: &'static str,
    /// Verbatims in the period that speak of it, near-duplicates once.
    volume: u64,
    /// How many there would be at the share of its history.
    expected: f64,
    /// The volume's share of the period's verbatims, 0..=1.
    share: f64,
    /// Lower end of the 95 % Wilson interval.
    share_low: f64,
    /// Upper end of the 95 % Wilson interval.
    share_high: f64,
    /// Verbatims before that speak of it.
    history_volume: u64,
    /// Their share of the verbatims before.
    history_share: f64,
    /// The probability of so many or more if nothing had changed (exact,
    /// one-sided), 0..=1.
    p: f64,
    /// The p value corrected over all themes tested (Benjamini-Hochberg).
    q: f64,
    /// Runs of days, touching the period, on which it was far more frequent
    /// than usual (Kleinberg).
    bursts: Vec<BurstJson>,
    examples: Vec<ExampleJson>,
}

/// A run of days on which a theme was far more frequent than usual.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BurstJson {
    /// The first day.
    #[schema(example = "2025-06-01")]
    first: String,
    /// The last day.
    last: String,
    /// How much likelier these days are in a burst than outside one, as a
    /// natural logarithm.
    weight: f64,
}

impl From<DayBurst> for BurstJson {
    fn from(burst: DayBurst) -> Self {
        Self {
            first: burst.first.to_string(),
            last: burst.last.to_string(),
            weight: rounded(burst.weight),
        }
    }
}

impl EmergingJson {
    pub(crate) fn new(generation: u64, question: &EmergingQuestion, table: EmergingTable) -> Self {
        let (release, period) = match table.period {
            EmergingPeriod::Release(release) => (Some(release), None),
            EmergingPeriod::Time(from, to) => (None, Some((from.to_string(), to.to_string()))),
        };
        let (from, to) = period.unzip();
        let rows = table.rows.into_iter().map(|row| EmergingThemeJson {
            theme: row.theme.0,
            label: row.label,
            topic: row.topic.code(),
            polarity: row.polarity.code(),
            word: row.word.word(),
            volume: row.share.hits,
            expected: rounded(row.expected),
            share: rounded(row.share.value),
            share_low: rounded(row.share.low),
            share_high: rounded(row.share.high),
            history_volume: row.history_share.hits,
            history_share: rounded(row.history_share.value),
            p: row.p,
            q: row.q,
            bursts: row.bursts.into_iter().map(BurstJson::from).collect(),
            examples: examples(row.examples),
        });
        Self {
            generation,
            release,
            from,
            to,
            level: question.level.value(),
            minimum: question.minimum,
            verbatims: table.verbatims,
            history_verbatims: table.history_verbatims,
            tested: table.tested,
            rows: rows.collect(),
        }
    }
}
