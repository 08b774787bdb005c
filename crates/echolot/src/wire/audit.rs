//! How well the model does on verbatims that people labelled.

use echolot_core::{Count, wilson};
use echolot_engine::{
    AuditQuestion, AuditReport, AuditedShare, DrawnVerbatim, HeadAccuracy, LabelAccuracy,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::kpis::ShareJson;
use super::rounded;

/// How well the model does on verbatims that people labelled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditJson {
    generation: u64,
    /// Verbatims with labels.
    labelled: u64,
    /// Of those, verbatims whose words were replaced since; they do not count.
    stale: u64,
    /// One for each question that was answered.
    heads: Vec<HeadJson>,
}

/// How well the model answers one question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeadJson {
    /// `polarity`, `topics` or `intents`.
    #[schema(value_type = String, example = "polarity")]
    head: &'static str,
    /// Verbatims for which a person answered it.
    labelled: u64,
    /// The share answered as the person did, in every part.
    exact: Option<ShareJson>,
    /// The labels that occur.
    labels: Vec<LabelJson>,
}

/// How well the model finds one label. Shares are by weight, and `count` is the
/// effective number of rows behind each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelJson {
    #[schema(value_type = String, example = "negative")]
    label: &'static str,
    /// Verbatims that truly have it.
    truly: u64,
    /// Of those that truly have it, the share that was given it.
    sensitivity: Option<ShareJson>,
    /// Of those that truly do not have it, the share that was not given it.
    specificity: Option<ShareJson>,
}

/// Verbatims that were drawn to be labelled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SampleJson {
    generation: u64,
    /// How many were drawn from each stratum at most.
    per_stratum: usize,
    /// What parts verbatims into strata.
    by: Vec<String>,
    /// What decided which were drawn.
    seed: u64,
    /// In an order of chance.
    verbatims: Vec<DrawnJson>,
}

/// A verbatim that was drawn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DrawnJson {
    id: String,
    /// The values that make its stratum.
    #[schema(example = "negative / de")]
    stratum: String,
    /// How many verbatims of the stratum it stands for.
    weight: f64,
    /// The fingerprint of its words, by which it can be told whether they changed.
    words: String,
    /// ISO 639-1 code, `xx` when unknown.
    #[schema(example = "de")]
    language: String,
    product: Option<String>,
    /// The customer's words, personal data masked.
    text: String,
}

/// What became of labels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelledJson {
    /// The generation that readers see since.
    pub(crate) generation: u64,
    /// How many verbatims were labelled.
    pub(crate) labels: u64,
}

/// A share corrected for the model's known error (Rogan-Gladen).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectedShareJson {
    share: f64,
    /// Lower end of the 95 % interval, which need not be centred on the share.
    share_low: f64,
    share_high: f64,
    /// Whether the estimate itself lay outside 0..=1 and was cut.
    cut: bool,
    /// How many labelled verbatims it rests on.
    labelled: u64,
}

impl From<AuditedShare> for CorrectedShareJson {
    fn from(AuditedShare { share, labelled }: AuditedShare) -> Self {
        Self {
            share: rounded(share.value),
            share_low: rounded(share.low),
            share_high: rounded(share.high),
            cut: share.is_cut,
            labelled,
        }
    }
}

impl AuditJson {
    pub(crate) fn new(generation: u64, report: &AuditReport) -> Self {
        let heads = report.heads.iter().map(HeadJson::from).collect();
        Self { generation, labelled: report.labelled, stale: report.stale, heads }
    }
}

impl SampleJson {
    pub(crate) fn new(
        generation: u64,
        question: &AuditQuestion,
        drawn: Vec<DrawnVerbatim>,
    ) -> Self {
        Self {
            generation,
            per_stratum: question.per_stratum,
            by: question.by.iter().map(|by| by.name().into_owned()).collect(),
            seed: question.seed,
            verbatims: drawn.into_iter().map(DrawnJson::from).collect(),
        }
    }
}

impl From<DrawnVerbatim> for DrawnJson {
    fn from(drawn: DrawnVerbatim) -> Self {
        Self {
            id: drawn.id.to_string(),
            stratum: drawn.stratum,
            // Not rounded: it comes back with the label.
            weight: drawn.weight,
            words: drawn.words.to_string(),
            language: drawn.language.code().to_owned(),
            product: drawn.product,
            text: drawn.text,
        }
    }
}

impl From<&HeadAccuracy> for HeadJson {
    fn from(head: &HeadAccuracy) -> Self {
        Self {
            head: head.head.name(),
            labelled: head.labelled,
            exact: head.exact.map(ShareJson::from),
            labels: head.labels.iter().map(LabelJson::from).collect(),
        }
    }
}

impl From<&LabelAccuracy> for LabelJson {
    fn from(label: &LabelAccuracy) -> Self {
        let share = |count: Count| wilson(count.hits(), count.total()).map(ShareJson::from);
        Self {
            label: label.label,
            truly: label.truly,
            sensitivity: share(label.accuracy.sensitivity),
            specificity: share(label.accuracy.specificity),
        }
    }
}
