//! Themes that emerge.

use echolot_core::ThemeId;
use echolot_engine::{
    DayBurst, EmergingPeriod, EmergingQuestion, EmergingTable, Filter, Grouping, Scope, Segment,
    Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::themes::{ExampleJson, examples};
use super::{CorrectedJson, rounded, trace};

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
    /// With which the verbatims of the period can be counted again.
    trace: String,
    /// The same for its history.
    history_trace: String,
    /// How many themes were tested, all corrected together.
    tested: u64,
    /// What people have said of these verbatims against the model.
    corrections: CorrectedJson,
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
    /// With which the figures of the period can be counted again.
    trace: String,
    /// The same for its history.
    history_trace: String,
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
        let [now, before] = sets(generation, question, &table.period);
        let now = now.texts(Scope::All, table.verbatims);
        let before = before.texts(Scope::All, table.history_verbatims);
        let (release, period) = match table.period {
            EmergingPeriod::Release(release) => (Some(release), None),
            EmergingPeriod::Time(from, to) => (None, Some((from.to_string(), to.to_string()))),
        };
        let (from, to) = period.unzip();
        let of_theme = |set: &Trace, theme: ThemeId, volume: u64| {
            let group = set.clone().by(Grouping::Theme, Some(theme.to_string()));
            trace::write(&group.texts(Scope::Group, volume))
        };
        let rows = table.rows.into_iter().map(|row| EmergingThemeJson {
            trace: of_theme(&now, row.theme, row.share.hits),
            history_trace: of_theme(&before, row.theme, row.history_share.hits),
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
            trace: trace::write(&now),
            history_trace: trace::write(&before),
            verbatims: table.verbatims,
            history_verbatims: table.history_verbatims,
            tested: table.tested,
            corrections: table.corrected.into(),
            rows: rows.collect(),
        }
    }
}

/// The period and its history.
fn sets(generation: u64, question: &EmergingQuestion, period: &EmergingPeriod) -> [Trace; 2] {
    let Segment { filter: whole, query } = question.whole();
    let set =
        |filter: Filter| Trace::new(generation, Segment { filter, query: query.clone() }).apart();
    match period {
        EmergingPeriod::Release(release) => {
            let before = Some(release.clone());
            let now = Filter { releases: vec![release.clone()], ..whole.clone() };
            [set(now), Trace { before_release: before, ..set(whole) }]
        }
        EmergingPeriod::Time(from, to) => {
            let now = Filter { from: Some(*from), to: Some(*to), ..whole.clone() };
            [set(now), set(Filter { to: Some(*from), ..whole })]
        }
    }
}
