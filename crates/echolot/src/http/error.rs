//! One shape for every error, and one table from failures to statuses.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use echolot_engine::{AccessRole, Blame, Error};
use serde::Serialize;
use utoipa::ToSchema;

/// The kind of content of a problem.
pub(super) const PROBLEM_TYPE: &str = "application/problem+json";

/// What went wrong (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// Stable code for programs: `bad_request`, `key_missing`, `key_invalid`,
    /// `role_missing`, `beyond_products`, `host_unknown`, `not_found`,
    /// `method_not_allowed`, `conflict`, `busy`, `not_ready` or `internal`.
    #[schema(example = "not_found")]
    code: &'static str,
    /// The kind of problem.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// What is wrong here, and what would be right.
    #[schema(example = "there is no theme 99; `echolot themes` lists them")]
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: String) -> Self {
        Self {
            status: status.as_u16(),
            code,
            title: status.canonical_reason().unwrap_or("Error"),
            detail,
        }
    }

    pub(super) fn bad_request(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    pub(super) fn key_missing() -> Self {
        let detail = "whoever asks needs a key, as `Authorization: Bearer KEY`; \
                      `echolot key add` makes one";
        Self::new(StatusCode::UNAUTHORIZED, "key_missing", detail.to_owned())
    }

    pub(super) fn key_invalid() -> Self {
        let detail = "this is no key, or it was revoked; `echolot key list` names those there are";
        Self::new(StatusCode::UNAUTHORIZED, "key_invalid", detail.to_owned())
    }

    pub(super) fn role_missing(has: AccessRole, needed: AccessRole) -> Self {
        let detail = format!("this needs the role {needed}, and the key has the role {has}");
        Self::new(StatusCode::FORBIDDEN, "role_missing", detail)
    }

    pub(super) fn beyond_products() -> Self {
        let detail = "this is about all products, and the key is restricted to some";
        Self::new(StatusCode::FORBIDDEN, "beyond_products", detail.to_owned())
    }

    /// A request that was led here by a name of somebody else's.
    pub(super) fn host_unknown() -> Self {
        let detail = "without keys only requests to localhost or 127.0.0.1 are answered; \
                      `echolot key add` makes a key";
        Self::new(StatusCode::FORBIDDEN, "host_unknown", detail.to_owned())
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
            Blame::Conflict => (StatusCode::CONFLICT, "conflict"),
            Blame::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Blame::NotReady | Blame::BadConfig => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
            Blame::Internal => {
                tracing::error!(%error, "a question failed");
                return Self::crashed();
            }
        };
        Self::new(status, code, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
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
