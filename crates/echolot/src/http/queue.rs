//! The routes of the complaint queue.

use axum::extract::Path;
use echolot_core::FeedbackId;
use echolot_engine::{CaseEvent, QueueQuestion, complaint_queue, set_case_status};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::answers::limited;
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use super::told::Told;
use crate::edits::now;
use crate::filters::{FilterParams, case_status, case_statuses};
use crate::wire::{CaseEventJson, QueueJson};

/// Which complaints to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct QueueParams {
    /// Statuses: `new`, `in_work`, `answered`, `closed`.
    status: String,
    /// The greatest number of groups, at most 1000.
    limit: usize,
}

impl Default for QueueParams {
    fn default() -> Self {
        Self { status: "new,in_work".to_owned(), limit: 100 }
    }
}

/// The status of a complaint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusTold {
    /// `new`, `in_work`, `answered` or `closed`.
    #[schema(example = "answered")]
    status: String,
    /// What there is to say of it.
    note: Option<String>,
    /// Who gives it; the name of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

/// Which customers need an answer, the most urgent first.
#[utoipa::path(
    get, path = "/v1/queue", tag = "ask", params(QueueParams, FilterParams),
    responses((status = 200, body = QueueJson), (status = 400, body = Problem))
)]
pub(super) async fn queue(
    asker: Asker,
    Asked(params, filter): Asked<QueueParams, FilterParams>,
) -> Answer<QueueJson> {
    let question = QueueQuestion {
        segment: filter.segment()?,
        statuses: case_statuses(&params.status)?,
        limit: Some(limited(params.limit)?),
        now: now(),
    };
    let served = asker.served().clone();
    asker
        .ask(move |snapshot| {
            let config = &served.config().queue;
            let queue = complaint_queue(served.data(), snapshot, &question, config)?;
            Ok(QueueJson::new(snapshot.generation(), question.now, queue))
        })
        .await
}

/// Gives a complaint a status, which is seen at once.
#[utoipa::path(
    put, path = "/v1/queue/{id}", tag = "edit", request_body = StatusTold,
    params(("id" = String, Path, description = "The id of the feedback item")),
    responses(
        (status = 200, body = CaseEventJson), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)
    )
)]
pub(super) async fn set(
    asker: Asker,
    Path(id): Path<String>,
    Told(told): Told<StatusTold>,
) -> Answer<CaseEventJson> {
    let StatusTold { status, note, author } = told;
    let status = case_status(&status)?;
    let author = asker.signature(author);
    let event = CaseEvent { id: FeedbackId::new(id), status, at: now(), author, note };
    let served = asker.served().clone();
    let answer = asker.ask(move |snapshot| {
        set_case_status(served.data(), snapshot, &event)?;
        Ok(CaseEventJson::from(event))
    });
    let answer = answer.await?;
    asker.note(json!({ "kind": "case", "status": status.code() }));
    Ok(answer)
}
