//! The routes of the complaint queue.

use axum::extract::{Path, State};
use echolot_core::FeedbackId;
use echolot_engine::{CaseEvent, QueueQuestion, complaint_queue, set_case_status};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::answers::{Shared, limited};
use super::asked::Asked;
use super::edits::Told;
use super::error::Problem;
use super::served::Answer;
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
    /// Who gives it.
    #[serde(default = "super::edits::unknown")]
    author: String,
}

/// Which customers need an answer, the most urgent first.
#[utoipa::path(
    get, path = "/v1/queue", tag = "ask", params(QueueParams, FilterParams),
    responses((status = 200, body = QueueJson), (status = 400, body = Problem))
)]
pub(super) async fn queue(
    State(served): Shared,
    Asked(params, filter): Asked<QueueParams, FilterParams>,
) -> Answer<QueueJson> {
    let question = QueueQuestion {
        filter: filter.filter()?,
        statuses: case_statuses(&params.status)?,
        limit: Some(limited(params.limit)?),
        now: now(),
    };
    let (data, config) = (served.data().to_owned(), served.config().queue.clone());
    served
        .ask(move |snapshot| {
            let queue = complaint_queue(&data, snapshot, &question, &config)?;
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
    State(served): Shared,
    Path(id): Path<String>,
    Told(told): Told<StatusTold>,
) -> Answer<CaseEventJson> {
    let StatusTold { status, note, author } = told;
    let status = case_status(&status)?;
    let event = CaseEvent { id: FeedbackId::new(id), status, at: now(), author, note };
    let data = served.data().to_owned();
    served
        .ask(move |snapshot| {
            set_case_status(&data, snapshot, &event)?;
            Ok(CaseEventJson::from(event))
        })
        .await
}
