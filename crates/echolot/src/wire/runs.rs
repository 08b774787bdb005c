//! Runs with their reports, and the rows they refused.

use echolot_engine::{RejectedRow, RunRecord};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::CertificateJson;

/// All runs that changed something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunsJson {
    generation: u64,
    /// The runs, newest first.
    runs: Vec<RunJson>,
}

/// One run, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunJson {
    /// The generation it made.
    generation: u64,
    /// Rows of all inputs.
    rows: u64,
    /// Rows that were new.
    new: u64,
    /// Rows with a known id and other content.
    changed: u64,
    /// Rows that were known already.
    known: u64,
    /// Rows that were refused.
    rejected: u64,
    /// Opinions found.
    opinions: u64,
    /// Themes that came into being.
    themes_born: u64,
    /// Themes that gained opinions.
    themes_grown: u64,
    /// Themes that ended.
    themes_ended: u64,
    /// How long all steps took together.
    duration_s: f64,
}

/// The report of one run, as `echolot run --json` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = RunReportDescription)]
#[serde(transparent)]
pub(crate) struct RunReportJson(Value);

/// Rows that a run refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejectedRowsJson {
    /// The generation that the run made.
    generation: u64,
    /// How many rows it refused.
    total: u64,
    /// The wanted part of them, in the order of input.
    rows: Vec<RejectedRowJson>,
}

/// A row that is no feedback item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejectedRowJson {
    /// The file or stream it came from.
    source: String,
    /// Its line or record number there, from 1; 0 when unknown.
    line: u64,
    /// Why it was refused.
    reason: String,
    /// The row as it was, personal data masked.
    raw: String,
}

impl RunsJson {
    pub(crate) fn new(generation: u64, runs: &[RunRecord]) -> Self {
        Self { generation, runs: runs.iter().rev().map(RunJson::from).collect() }
    }
}

impl From<&RunRecord> for RunJson {
    fn from(run: &RunRecord) -> Self {
        let report = &run.report;
        let total = |key: &str| report["totals"][key].as_u64().unwrap_or(0);
        let themes = |key: &str| report["themes"][key].as_array().map_or(0, Vec::len) as u64;
        let seconds =
            report["durations_s"].as_object().into_iter().flat_map(|steps| steps.values());
        Self {
            generation: run.generation,
            rows: total("rows"),
            new: total("new"),
            changed: total("changed"),
            known: total("known"),
            rejected: total("rejected"),
            opinions: report["opinions"].as_u64().unwrap_or(0),
            themes_born: themes("born"),
            themes_grown: themes("grown"),
            themes_ended: themes("ended"),
            duration_s: super::rounded(seconds.filter_map(Value::as_f64).sum()),
        }
    }
}

impl From<RunRecord> for RunReportJson {
    fn from(run: RunRecord) -> Self {
        Self(run.report)
    }
}

impl RejectedRowsJson {
    /// `limit` of the rows that the run of this generation refused, from `offset` on.
    pub(crate) fn new(
        generation: u64,
        rows: Vec<RejectedRow>,
        (limit, offset): (usize, usize),
    ) -> Self {
        let own: Vec<_> = rows.into_iter().filter(|row| row.generation == generation).collect();
        let total = own.len() as u64;
        let shown = own.into_iter().skip(offset).take(limit);
        let rows = shown.map(|RejectedRow { source, line, reason, raw, .. }| RejectedRowJson {
            source,
            line,
            reason,
            raw,
        });
        Self { generation, total, rows: rows.collect() }
    }
}

/// What a report holds. It is a JSON document from birth and never read back
/// into a type; this says to readers of the description what is in it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described, never made")]
struct RunReportDescription {
    /// The generation that the run made.
    generation: u64,
    totals: RowCountsDescription,
    inputs: Vec<InputDescription>,
    /// Texts that the model was shown.
    texts_read: u64,
    /// Texts whose reading was known.
    texts_reused: u64,
    /// Texts that the model could not read.
    unanalysed: u64,
    /// Items that repeat another.
    repeated: u64,
    /// Opinions found.
    opinions: u64,
    themes: ThemeCountsDescription,
    /// Seconds of each step, in their order.
    durations_s: std::collections::BTreeMap<String, f64>,
}

/// What became of rows.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described, never made")]
struct RowCountsDescription {
    rows: u64,
    new: u64,
    changed: u64,
    known: u64,
    rejected: u64,
}

/// What became of the rows of one input.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described, never made")]
struct InputDescription {
    rows: u64,
    new: u64,
    changed: u64,
    known: u64,
    rejected: u64,
    /// The input as it was given.
    input: String,
}

/// What became of themes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described, never made")]
struct ThemeCountsDescription {
    /// Whether all themes were discovered anew.
    rediscovered: bool,
    born: Vec<u32>,
    grown: Vec<GrownDescription>,
    ended: Vec<EndedDescription>,
    /// Opinion units put to themes.
    assigned: u64,
    /// Opinion units looked at that fit none, those that waited before included.
    unassigned: u64,
    /// How far the themes can be relied upon; only where all were discovered anew.
    certificate: Option<CertificateJson>,
}

/// A theme that gained opinion units.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described, never made")]
struct GrownDescription {
    theme: u32,
    units: u64,
}

/// A theme that ended.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described, never made")]
struct EndedDescription {
    theme: u32,
    /// The theme it leads to.
    successor: Option<u32>,
}
