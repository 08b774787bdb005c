//! The complaints about one release.

use echolot_core::{Impact, Polarity, ThemeId};
use echolot_engine::{
    ComplaintChange, ComplaintRank, ComplaintTable, Grouping, Outcome, Quantity, ReleaseNote,
    Scope, Segment, Statistic, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::themes::{ExampleJson, examples};
use super::{CorrectedJson, rounded, trace};

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
    /// Whether the baseline has fewer than 50 verbatims, which show great changes
    /// only.
    baseline_is_small: bool,
    /// What comes first: `share` or `impact`.
    #[schema(value_type = String)]
    rank: &'static str,
    /// The answer that impacts are on; absent unless they decide the rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    impact_on: Option<&'static str>,
    /// How many such answers there are, near-duplicates once.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<u64>,
    /// What people have said of these verbatims against the model.
    corrections: CorrectedJson,
    /// With which the figures about the release can be counted again.
    trace: String,
    /// The same for the baseline; null without one.
    baseline_trace: Option<String>,
    /// The themes, as ranked; those that were complained about in the baseline
    /// only, if that is beyond chance, come after them.
    rows: Vec<ComplaintJson>,
    /// The lines of the release notes, where some were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NoteJson>,
}

/// A line of release notes with the complaints it speaks of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteJson {
    line: String,
    /// Whether it says that something was mended.
    says_fixed: bool,
    /// The complaints whose words it shares, best first, at most three.
    themes: Vec<NotedThemeJson>,
}

/// A complaint that a line of release notes speaks of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotedThemeJson {
    theme: u32,
    label: String,
    /// The words of the line that it shares.
    words: Vec<String>,
    /// Its share of the release's verbatims, 0..=1.
    share: f64,
    /// Its share in the baseline; null without one.
    baseline_share: Option<f64>,
    /// What became of it since the baseline; null without one.
    change: Option<ChangeJson>,
}

impl From<ReleaseNote> for NoteJson {
    fn from(note: ReleaseNote) -> Self {
        let themes = note.themes.into_iter().map(|theme| NotedThemeJson {
            theme: theme.theme.0,
            label: theme.label,
            words: theme.words,
            share: rounded(theme.share.value),
            baseline_share: theme.baseline_share.map(|share| rounded(share.value)),
            change: theme.change.map(ChangeJson::new),
        });
        Self { line: note.line, says_fixed: note.says_fixed, themes: themes.collect() }
    }
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
    /// Verbatims with a negative opinion in the theme in the baseline.
    baseline_volume: u64,
    /// The share in the baseline; null without one.
    baseline_share: Option<f64>,
    /// What became of it since the baseline; null without one.
    change: Option<ChangeJson>,
    /// What it does to the mean answer; absent unless that decides the rank, and
    /// where nobody who complains of it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<ImpactJson>,
    /// With which the figures of the release can be counted again.
    trace: String,
    /// The same for the baseline; null without one.
    baseline_trace: Option<String>,
    examples: Vec<ExampleJson>,
}

/// The mean of all answers less the mean without those that complain of a theme;
/// an association.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImpactJson {
    /// In units of the answer, or in points for NPS and CSAT.
    value: f64,
    /// Lower end of the 95 % bootstrap interval.
    low: f64,
    /// Upper end of the interval.
    high: f64,
    /// How many of those who complain of it answered.
    answers: u64,
}

impl From<Impact> for ImpactJson {
    fn from(impact: Impact) -> Self {
        Self {
            value: rounded(impact.value),
            low: rounded(impact.low),
            high: rounded(impact.high),
            answers: impact.answers,
        }
    }
}

/// What became of a complaint since the baseline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeJson {
    /// `new`, `worse` or `better` where q is at most .05 and the interval of the
    /// difference leaves 0 out; `same` where neither is so and there are enough
    /// verbatims to tell; else `too few`.
    #[schema(value_type = String)]
    word: &'static str,
    /// The share minus the baseline's, -1..=1.
    difference: f64,
    /// Lower end of its 95 % interval (Newcombe's hybrid score).
    difference_low: f64,
    /// Upper end of its 95 % interval.
    difference_high: f64,
    /// The two-sided p value, 0..=1.
    p: f64,
    /// `fisher` where an expected count is below 5, else `z`.
    #[schema(value_type = String)]
    test: &'static str,
    /// The p value corrected over all themes of both releases
    /// (Benjamini-Hochberg), 0..=1.
    q: f64,
    /// The smallest rise of the share that is found four times out of five at
    /// the 5 % level; null when none is.
    detectable_rise: Option<f64>,
    /// The smallest fall; null when none is.
    detectable_fall: Option<f64>,
}

impl ChangeJson {
    pub(super) fn new(change: ComplaintChange) -> Self {
        let ComplaintChange { word, comparison, q, detectable } = change;
        Self {
            word: word.word(),
            difference: rounded(comparison.difference.value),
            difference_low: rounded(comparison.difference.low),
            difference_high: rounded(comparison.difference.high),
            p: comparison.p,
            test: comparison.test.code(),
            q,
            detectable_rise: detectable.rise.map(rounded),
            detectable_fall: detectable.fall.map(rounded),
        }
    }
}

impl ComplaintsJson {
    pub(crate) fn new(generation: u64, table: ComplaintTable) -> Self {
        // What is negative about a release, by theme.
        let negative = |segment: &Segment| {
            let polarity = Some(Polarity::Negative.code().to_owned());
            Trace::new(generation, segment.clone()).by(Grouping::OpinionPolarity, polarity)
        };
        let of_theme = |segment: &Segment, theme: ThemeId, (volume, verbatims): (u64, u64)| {
            negative(segment)
                .by(Grouping::Theme, Some(theme.to_string()))
                .texts(Scope::Group, volume)
                .texts(Scope::Frame, verbatims)
        };
        let on = match table.rank {
            ComplaintRank::Share => None,
            ComplaintRank::Impact(on) => Some(on),
        };
        let baseline_is_small = table.has_small_baseline();
        let rows = table.rows.into_iter().map(|row| ComplaintJson {
            trace: {
                let group = of_theme(&table.segment, row.theme, (row.volume, table.verbatims));
                let mentions = row.mentions as f64;
                let group = group.stating(Scope::Group, Quantity::Verbatims, mentions);
                trace::write(&match on.zip(row.impact) {
                    Some((on, impact)) => trace::of_impact(group, on, &impact),
                    None => group,
                })
            },
            baseline_trace: table.baseline_segment.as_ref().map(|baseline| {
                let volumes = (row.baseline_volume, table.baseline_verbatims);
                trace::write(&of_theme(baseline, row.theme, volumes))
            }),
            impact: row.impact.map(ImpactJson::from),
            theme: row.theme.0,
            label: row.label,
            topic: row.topic.code(),
            volume: row.volume,
            mentions: row.mentions,
            share: rounded(row.share.value),
            share_low: rounded(row.share.low),
            share_high: rounded(row.share.high),
            baseline_volume: row.baseline_volume,
            baseline_share: row.baseline_share.map(|share| rounded(share.value)),
            change: row.change.map(ChangeJson::new),
            examples: examples(row.examples),
        });
        let rows: Vec<ComplaintJson> = rows.collect();
        let release = negative(&table.segment)
            .texts(Scope::Group, table.with_complaint)
            .stating(Scope::Group, Quantity::Unthemed, table.without_theme as f64)
            .texts(Scope::Frame, table.verbatims)
            .stating(Scope::Frame, Quantity::Verbatims, table.mentions as f64);
        let release = match on.zip(table.answers) {
            Some((on, answers)) => {
                let quantity = Quantity::Mean(on, Statistic::Answers);
                release.stating(Scope::All, quantity, answers as f64)
            }
            None => release,
        };
        let baseline = table.baseline_segment.as_ref().map(negative);
        let baseline =
            baseline.map(|baseline| baseline.texts(Scope::Frame, table.baseline_verbatims));
        Self {
            generation,
            trace: trace::write(&release),
            baseline_trace: baseline.as_ref().map(trace::write),
            product: table.product,
            release: table.release,
            baseline: table.baseline,
            verbatims: table.verbatims,
            mentions: table.mentions,
            baseline_verbatims: table.baseline_verbatims,
            with_complaint: table.with_complaint,
            without_theme: table.without_theme,
            baseline_is_small,
            rank: table.rank.name(),
            impact_on: on.map(Outcome::name),
            answers: table.answers,
            corrections: table.corrected.into(),
            rows,
            notes: table.notes.into_iter().map(NoteJson::from).collect(),
        }
    }
}
