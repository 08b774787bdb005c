//! One shape for every error, and one table from failures to statuses.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use echolot_engine::{AccessRole, Blame, Error, QueryError};
use serde::Serialize;
use utoipa::ToSchema;

/// The kind of content of a problem.
pub(super) const PROBLEM_TYPE: &str = "application/problem+json";

/// What went wrong (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Names the kind of problem; it ends with the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:problem-type:echolot:not_found")]
    kind: Box<str>,
    /// The kind of problem, for people.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What is wrong here, and what would be right.
    #[schema(example = "there is no theme 99; `echolot themes` lists them")]
    detail: Box<str>,
    /// Stable code for programs: `bad_request`, `key_missing`, `key_invalid`,
    /// `role_missing`, `beyond_products`, `host_unknown`, `not_found`,
    /// `method_not_allowed`, `conflict`, `generation_gone`, `too_large`, `address_too_long`,
    /// `unsupported_media_type`, `idempotency_key_reused`, `internal`, `busy`,
    /// `overloaded`, `timeout` or `not_ready`.
    #[schema(example = "not_found")]
    code: &'static str,
    /// The character of the query, from 0, at which it is wrong; left out
    /// where the problem is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u32>,
    /// The kind of mistake in the query, where there is an `offset`:
    /// `unclosed_phrase`, `empty_phrase`, `no_words`, `unclosed_group`, `unopened_group`,
    /// `empty_group`, `missing_operand`, `short_pattern`, `fuzzy_of_no_word`, `bad_edits`,
    /// `unknown_field`, `bad_value`, `not_in_rules`, `too_deep` or `too_long`.
    #[serde(skip_serializing_if = "Option::is_none")]
    mistake: Option<&'static str>,
    /// The name of the request, as in the header `x-request-id` and in the log.
    #[schema(example = "0b6c2f0e-8a53-4d4e-b7c4-51d1b5b7c3a9")]
    request_id: String,
    /// Seconds after which it is worth asking again, for the header.
    #[serde(skip)]
    retry_after_s: Option<u16>,
}

/// Seconds until a server that has too much to do may have less.
const OVERLOADED_S: u16 = 1;
/// Seconds until a run or an edit that holds the data folder may be done.
const BUSY_S: u16 = 10;

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: String) -> Self {
        Self {
            kind: format!("urn:problem-type:echolot:{code}").into(),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            offset: None,
            mistake: None,
            request_id: String::new(),
            retry_after_s: None,
        }
    }

    pub(super) fn bad_request(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// A body that cannot be read.
    pub(super) fn of_body(status: StatusCode, detail: String) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "too_large", detail),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(status, "unsupported_media_type", detail)
            }
            _ => Self::bad_request(detail),
        }
    }

    /// An address of more bytes than one may have.
    pub(super) fn address_too_long(bytes: usize, most: usize) -> Self {
        let detail = format!(
            "the address has {bytes} bytes, and at most {most} are taken; ask with fewer \
             conditions or a shorter text"
        );
        Self::new(StatusCode::URI_TOO_LONG, "address_too_long", detail)
    }

    /// A path whose escapes are no text.
    pub(super) fn no_text() -> Self {
        Self::bad_request("the path of the address is not UTF-8; escape it again".to_owned())
    }

    /// More questions at once than are answered at once.
    pub(super) fn overloaded() -> Self {
        let detail = "as many questions as `serve.max_requests` allows are being answered";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let retry_after_s = Some(OVERLOADED_S);
        Self { retry_after_s, ..Self::new(status, "overloaded", detail.to_owned()) }
    }

    /// A question that took longer than it may.
    pub(super) fn timed_out(seconds: u64) -> Self {
        let detail = format!(
            "it was not answered within the {seconds} s of `serve.timeout_s`; ask for less at once"
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail)
    }

    /// Nothing was published yet.
    pub(super) fn nothing_published() -> Self {
        let detail = "no run has published anything yet; `echolot run` does";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail.to_owned())
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
            Blame::Conflict if matches!(error, Error::OtherBody) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            }
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
        let (offset, mistake) = match &error {
            Error::Index(QueryError::Query { position, problem, .. }) => {
                (u32::try_from(*position).ok(), Some(problem.code()))
            }
            _ => (None, None),
        };
        let retry_after_s = (code == "busy").then_some(BUSY_S);
        Self { offset, mistake, retry_after_s, ..Self::new(status, code, error.to_string()) }
    }
}

impl Problem {
    /// The answer to the request of this name.
    pub(super) fn answer(self, request_id: &str) -> Response {
        let problem = Self { request_id: request_id.to_owned(), ..self };
        let mut response = (problem.status(), Json(&problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if let Some(seconds) = problem.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if problem.status == StatusCode::UNAUTHORIZED.as_u16() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    /// The problem itself goes along: its words are written where the name of
    /// the request is known.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
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
