//! The routes that tell of runs.

use axum::extract::Path;
use echolot_engine::{Error, RunRecord, Snapshot};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::{Nothing, limited};
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use crate::wire::{RejectedRowsJson, RunReportJson, RunsJson};

fn generation(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::bad_request(format!("`{text}` is not a generation")))
}

/// The runs that took input. Edits and discoveries are committed as runs are,
/// and their reports have no rows.
fn all(snapshot: &Snapshot) -> Result<Vec<RunRecord>, Error> {
    let mut runs = snapshot.runs()?;
    runs.retain(|run| run.report.get("totals").is_some());
    Ok(runs)
}

fn run(snapshot: &Snapshot, generation: u64) -> Result<RunRecord, Error> {
    let found = all(snapshot)?.into_iter().find(|run| run.generation == generation);
    found.ok_or(Error::UnknownRun(generation))
}

/// All runs that changed something, newest first. Edits and discoveries are
/// generations too, but no runs.
#[utoipa::path(get, path = "/v1/runs", tag = "ask", responses((status = 200, body = RunsJson)))]
pub(super) async fn runs(asker: Asker) -> Answer<RunsJson> {
    asker.ask(|snapshot| Ok(RunsJson::new(snapshot.generation(), &all(snapshot)?))).await
}

/// The report of one run.
#[utoipa::path(
    get, path = "/v1/runs/{generation}", operation_id = "run_report", tag = "ask",
    params(("generation" = u64, Path, description = "The generation that the run made")),
    responses(
        (status = 200, body = RunReportJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn report(asker: Asker, Path(number): Path<String>) -> Answer<RunReportJson> {
    let number = generation(&number)?;
    asker.ask(move |snapshot| Ok(run(snapshot, number)?.into())).await
}

/// Which rejected rows to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct RejectedParams {
    /// The greatest number of rows, at most 1000.
    limit: usize,
    /// How many rows to pass over.
    offset: usize,
}

impl Default for RejectedParams {
    fn default() -> Self {
        Self { limit: 100, offset: 0 }
    }
}

/// The rows that one run refused, with the reasons.
#[utoipa::path(
    get, path = "/v1/runs/{generation}/rejected", tag = "ask",
    params(
        ("generation" = u64, Path, description = "The generation that the run made"),
        RejectedParams
    ),
    responses(
        (status = 200, body = RejectedRowsJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn rejected(
    asker: Asker,
    Path(number): Path<String>,
    Asked(params, Nothing {}): Asked<RejectedParams, Nothing>,
) -> Answer<RejectedRowsJson> {
    let number = generation(&number)?;
    let page = (limited(params.limit)?, params.offset);
    asker
        .ask(move |snapshot| {
            let of = run(snapshot, number)?.generation;
            Ok(RejectedRowsJson::new(of, snapshot.rejected()?, page))
        })
        .await
}
