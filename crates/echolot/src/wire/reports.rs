//! A report as JSON: the figures of several questions, each with its trace.

use echolot_core::{Polarity, Timestamp};
use echolot_engine::{Grouping, Quantity, Report, Scope, ThemeList, ThemeRow, Trace};
use serde::Serialize;
use utoipa::ToSchema;

use super::complaints::ComplaintsJson;
use super::drivers::DriversJson;
use super::emerging::EmergingJson;
use super::kpis::{KpiJson, KpisJson};
use super::themes::{ExampleJson, examples};
use super::trends::TrendJson;
use super::{CorrectedJson, rounded, trace};

/// The form of the document.
const FORM: u32 = 1;

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportJson {
    /// The form of this document.
    report: u32,
    generation: u64,
    /// The day whose end it is of; null for the state at hand.
    #[schema(example = "2025-06-30")]
    as_of: Option<String>,
    /// Null for all products.
    product: Option<String>,
    /// Null for all releases.
    release: Option<String>,
    /// When the first verbatim was written; null where no time is known.
    first: Option<String>,
    /// When the last one was written.
    last: Option<String>,
    /// Verbatims, every one.
    verbatims: u64,
    /// Verbatims, near-duplicates once.
    texts: u64,
    /// With which both can be counted again.
    trace: String,
    /// What people have said of them against the model.
    corrections: CorrectedJson,
    /// The key figures of all of them.
    kpis: KpiJson,
    /// How many were written by month.
    volume: TrendJson,
    /// Their net sentiment by month.
    sentiment: TrendJson,
    /// Key figures of the product's releases; null without a product.
    releases: Option<KpisJson>,
    /// What is complained about, by volume.
    complaints: Vec<ReportThemeJson>,
    /// What is praised, by volume.
    praise: Vec<ReportThemeJson>,
    /// The complaints of the release, or else of the newest, beside the one
    /// before; null without a product that has releases.
    changes: Option<ComplaintsJson>,
    /// What emerges; null where neither time nor release is known.
    emerging: Option<EmergingJson>,
    /// What goes with good and bad answers, for each answer that was given.
    drivers: Vec<DriversJson>,
}

/// A theme in one polarity.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportThemeJson {
    theme: u32,
    label: String,
    topic: &'static str,
    /// Verbatims with an opinion of the polarity in the theme, near-duplicates
    /// once.
    volume: u64,
    /// The same, every verbatim counted.
    mentions: u64,
    /// The volume's share of the texts, 0..=1; null when there are none.
    share: Option<f64>,
    /// Lower end of the 95 % Wilson interval.
    share_low: Option<f64>,
    /// Upper end of the 95 % Wilson interval.
    share_high: Option<f64>,
    /// With which the figures can be counted again.
    trace: String,
    examples: Vec<ExampleJson>,
}

impl ReportJson {
    pub(crate) fn new(generation: u64, report: Report) -> Self {
        let segment = Trace::new(generation, report.filter.clone().into());
        let all = segment.clone().texts(Scope::All, report.texts).stating(
            Scope::All,
            Quantity::Verbatims,
            report.kpis.verbatims as f64,
        );
        let of_product = report.question.product.is_some();
        let releases = echolot_engine::Filter { releases: vec![], ..report.filter.clone() };
        Self {
            report: FORM,
            generation,
            as_of: report.question.as_of.map(|day| day.to_string()),
            product: report.question.product,
            release: report.question.release,
            first: report.written.map(|(first, _)| Timestamp::to_string(&first)),
            last: report.written.map(|(_, last)| last.to_string()),
            verbatims: report.kpis.verbatims,
            texts: report.texts,
            trace: trace::write(&all),
            corrections: report.corrected.into(),
            kpis: KpiJson::new(&segment, None, report.kpis),
            volume: TrendJson::new(generation, &report.volume.0, report.volume.1),
            sentiment: TrendJson::new(generation, &report.sentiment.0, report.sentiment.1),
            releases: of_product.then(|| {
                let state = (generation, report.releases_corrected);
                KpisJson::new(state, (&Grouping::Release, &releases.into()), report.releases)
            }),
            complaints: themes(&segment, Polarity::Negative, report.complaints),
            praise: themes(&segment, Polarity::Positive, report.praise),
            changes: report.changes.map(|table| ComplaintsJson::new(generation, table)),
            emerging: report
                .emerging
                .map(|(question, table)| EmergingJson::new(generation, &question, table)),
            drivers: report
                .drivers
                .into_iter()
                .map(|(question, table)| DriversJson::new(generation, &question, table))
                .collect(),
        }
    }
}

fn themes(segment: &Trace, polarity: Polarity, list: ThemeList) -> Vec<ReportThemeJson> {
    let texts = list.verbatims;
    let theme = |row: ThemeRow| {
        let group = segment
            .clone()
            .by(Grouping::OpinionPolarity, Some(polarity.code().to_owned()))
            .by(Grouping::Theme, Some(row.theme.id.to_string()))
            .texts(Scope::Group, row.volume)
            .stating(Scope::Group, Quantity::Verbatims, row.mentions as f64)
            .texts(Scope::All, texts);
        ReportThemeJson {
            theme: row.theme.id.0,
            label: row.theme.title().to_owned(),
            topic: row.theme.topic.code(),
            volume: row.volume,
            mentions: row.mentions,
            share: row.share.map(|share| rounded(share.value)),
            share_low: row.share.map(|share| rounded(share.low)),
            share_high: row.share.map(|share| rounded(share.high)),
            trace: trace::write(&group),
            examples: examples(row.examples),
        }
    };
    list.rows.into_iter().map(theme).collect()
}
