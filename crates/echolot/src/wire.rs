//! The JSON that leaves the program, on the command line and over HTTP.
//!
//! Field names are a contract: they are documented by the generated OpenAPI
//! description, and tests hold them.

mod access;
mod alerts;
mod analysis;
mod audit;
mod certificate;
mod clusters;
mod comparisons;
mod complaints;
mod corrections;
mod counts;
mod delivery;
mod drivers;
mod emerging;
mod explanation;
mod kpis;
mod ledger;
mod queue;
mod recount;
mod reports;
mod runs;
mod search;
mod suggestions;
mod taxonomy;
mod themes;
mod trace;
mod trends;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use access::{AccessLogJson, KeyJson, MeJson, NewKeyJson};
pub(crate) use alerts::{AlertCheckJson, AlertsJson};
pub(crate) use analysis::{ScoredJson, VerbatimJson};
pub(crate) use audit::{AuditJson, CorrectedShareJson, LabelledJson, SampleJson};
pub(crate) use certificate::CertificateJson;
pub(crate) use clusters::{ClusteredJson, FileThemeJson};
pub(crate) use comparisons::CompareJson;
pub(crate) use complaints::ComplaintsJson;
pub(crate) use corrections::{CorrectedJson, CorrectionsJson, judgement_json};
pub(crate) use counts::CountsJson;
pub(crate) use delivery::{DeliveryBody, ReceivedJson};
pub(crate) use drivers::DriversJson;
pub(crate) use emerging::EmergingJson;
pub(crate) use explanation::ExplanationJson;
pub(crate) use kpis::KpisJson;
pub(crate) use ledger::{EditJson, ThemeLedgerJson};
pub(crate) use queue::{CaseEventJson, QueueJson};
pub(crate) use recount::RecountJson;
pub(crate) use reports::ReportJson;
pub(crate) use runs::{RejectedRowsJson, RunReportJson, RunsJson};
pub(crate) use search::SearchJson;
pub(crate) use suggestions::{SuggestionJson, SuggestionsJson};
pub(crate) use taxonomy::{FoundTopicJson, TaxonomyJson};
pub(crate) use themes::{ThemeDetailJson, ThemesJson};
pub(crate) use trace::read as read_trace;
pub use trace::traces_of;
pub(crate) use trends::TrendJson;

/// That the server is alive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthJson {
    /// Always `ok`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// The program's version.
    #[schema(example = "0.1.0")]
    pub(crate) version: &'static str,
}

/// That questions can be answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyJson {
    /// Always `ok`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// The published generation that is served.
    #[schema(example = 12)]
    pub(crate) generation: u64,
}

/// Six decimals are far below any uncertainty and keep the output readable.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
