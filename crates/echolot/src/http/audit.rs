//! The routes of the audit.

use std::path::Path;

use axum::Json;
use echolot_engine::{AuditQuestion, audit_sample, import_audit};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::answers::limited;
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use super::told::Told;
use crate::audit_file::{Row, answers};
use crate::edits::now;
use crate::filters::FilterParams;
use crate::wire::{AuditJson, LabelledJson, SampleJson};

/// How well the model does on verbatims that people labelled.
#[utoipa::path(get, path = "/v1/audit", tag = "ask", responses((status = 200, body = AuditJson)))]
pub(super) async fn audit(asker: Asker) -> Answer<AuditJson> {
    asker.ask(|snapshot| Ok(AuditJson::new(snapshot.generation(), snapshot.audit()?))).await
}

/// Which verbatims to draw.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct SampleParams {
    /// How many verbatims are drawn from each stratum at most, up to 1000.
    per_stratum: usize,
    /// What parts verbatims into strata: groupings with one value for each, separated by
    /// commas.
    #[param(example = "polarity,language")]
    by: String,
    /// Decides which are drawn: the same seed draws the same.
    seed: u64,
}

impl Default for SampleParams {
    fn default() -> Self {
        Self { per_stratum: 10, by: "polarity,language".to_owned(), seed: 0 }
    }
}

/// Draws verbatims for a person to label, so many from each stratum, without
/// what the model says of them. They come in an order of chance, so the first of
/// them are a sample as well.
#[utoipa::path(
    get, path = "/v1/audit/sample", tag = "ask", params(SampleParams, FilterParams),
    responses((status = 200, body = SampleJson), (status = 400, body = Problem))
)]
pub(super) async fn sample(
    asker: Asker,
    Asked(params, filter): Asked<SampleParams, FilterParams>,
) -> Answer<SampleJson> {
    let by = params.by.split(',').map(|by| by.trim().parse());
    let question = AuditQuestion {
        segment: filter.segment()?,
        by: by.collect::<Result<_, _>>()?,
        per_stratum: limited(params.per_stratum)?,
        seed: params.seed,
    };
    asker
        .ask(move |snapshot| {
            let drawn = audit_sample(snapshot, &question)?;
            Ok(SampleJson::new(snapshot.generation(), &question, drawn))
        })
        .await
}

/// A person's answers about drawn verbatims.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    /// The verbatims as they were drawn, with the answers beside them. They are
    /// lines 1, 2 and so on to whoever is told of a mistake.
    labels: Vec<Row>,
    /// Who labelled them; the name of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

/// Takes the labels of a sample: all of them, or none. They replace what the
/// same verbatims were labelled before.
#[utoipa::path(
    post, path = "/v1/audit/labels", tag = "edit", request_body = Labels,
    responses(
        (status = 200, body = LabelledJson), (status = 400, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn label(asker: Asker, Told(told): Told<Labels>) -> Answer<LabelledJson> {
    let answers = answers(told.labels)?;
    let stored = answers.iter().filter(|answer| answer.is_answered()).count();
    let author = asker.signature(told.author);
    let make = move |data: &Path| import_audit(data, &answers, (&author, now()));
    let generation = asker.change_and_ask(make, |snapshot| Ok(snapshot.generation())).await?;
    asker.note(json!({ "kind": "audit", "labels": stored, "generation": generation }));
    Ok(Json(LabelledJson { generation, labels: stored as u64 }))
}
