//! One shape for every error, and one table from failures to statuses.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use echolot_engine::{Blame, Error, QueryError};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// Stable code for programs: `bad_request`, `not_found`,
    /// `method_not_allowed`, `conflict`, `generation_gone`, `busy`, `not_ready` or `internal`.
    #[schema(example = "not_found")]
    code: &'static str,
    /// The kind of problem.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// What is wrong here, and what would be right.
    #[schema(example = "there is no theme 99; `echolot themes` lists them")]
    detail: String,
    /// The character of the query, from 0, at which it is wrong; left out
    /// where the problem is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: String) -> Self {
        Self {
            status: status.as_u16(),
            code,
            title: status.canonical_reason().unwrap_or("Error"),
            detail,
            offset: None,
        }
    }

    pub(super) fn bad_request(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// A question that brought its thread down; the details are in the log.
    pub(super) fn crashed() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the question could not be answered".to_owned(),
        )
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = match error.blame() {
            Blame::BadInput => (StatusCode::BAD_REQUEST, "bad_request"),
            Blame::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Blame::Gone => (StatusCode::GONE, "generation_gone"),
            Blame::Conflict => (StatusCode::CONFLICT, "conflict"),
            Blame::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Blame::NotReady | Blame::BadConfig => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
            Blame::Internal => {
                tracing::error!(%error, "a question failed");
                return Self::crashed();
            }
        };
        let offset = match &error {
            Error::Index(QueryError::Query { position, .. }) => Some(*position),
            _ => None,
        };
        Self { offset, ..Self::new(status, code, error.to_string()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

pub(super) async fn no_such_route(uri: Uri) -> Problem {
    let detail = format!("there is nothing at {}; see /openapi.json", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
}

pub(super) async fn method_not_allowed() -> Problem {
    let detail = "this address does not take this method; see /openapi.json".to_owned();
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
