//! How well the model does on verbatims that people labelled.

use echolot_core::{CorrectedShare, Count, wilson};
use echolot_engine::{AuditReport, HeadAccuracy, LabelAccuracy};
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

/// A share corrected for the model's known error (Rogan-Gladen).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectedShareJson {
    share: f64,
    /// Lower end of the 95 % interval, which need not be centred on the share.
    share_low: f64,
    share_high: f64,
    /// Whether the estimate itself lay outside 0..=1 and was cut.
    cut: bool,
}

impl From<CorrectedShare> for CorrectedShareJson {
    fn from(share: CorrectedShare) -> Self {
        Self {
            share: rounded(share.value),
            share_low: rounded(share.low),
            share_high: rounded(share.high),
            cut: share.is_cut,
        }
    }
}

impl AuditJson {
    pub(crate) fn new(generation: u64, report: &AuditReport) -> Self {
        let heads = report.heads.iter().map(HeadJson::from).collect();
        Self { generation, labelled: report.labelled, stale: report.stale, heads }
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
