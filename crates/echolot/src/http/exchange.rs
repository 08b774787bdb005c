//! Around every request: its id, its time limit, one shape for what goes wrong, its trace.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::request_id::RequestId;

use super::error::Problem;
use super::gate::Holder;
use super::served::Served;

/// The header that names a request.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A longer name of a request, or one of other signs, is replaced: names go to
/// logs and into answers.
const MAX_ID_BYTES: usize = 128;

/// A longer address is refused with words; one that the server cannot even
/// read, of more than 65,534 bytes, without.
const MAX_ADDRESS_BYTES: usize = 32 * 1024;

/// Takes the name off a request that has an unusable one, so that it gets one.
pub(super) async fn check_id(mut request: Request) -> Request {
    let is_usable = |value: &[u8]| {
        (1..=MAX_ID_BYTES).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic)
    };
    if !request.headers().get(REQUEST_ID).is_some_and(|id| is_usable(id.as_bytes())) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// The name of a request.
pub(super) fn id_of(request: &Request) -> String {
    let id = request.extensions().get::<RequestId>();
    id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default().to_owned()
}

/// Answers in time, gives a problem the name of the request, counts the
/// exchange and writes a line about it.
pub(super) async fn exchange(
    State(served): State<Arc<Served>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let id = id_of(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let limit = served.limits().time;
    let running = served.metrics().begin();
    let length = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let mut response = if length > MAX_ADDRESS_BYTES {
        Problem::address_too_long(length, MAX_ADDRESS_BYTES).into_response()
    } else {
        let answered = tokio::time::timeout(limit, next.run(request)).await;
        answered.unwrap_or_else(|_| Problem::timed_out(limit.as_secs()).into_response())
    };
    drop(running);
    // The router refuses by itself only paths that it cannot read.
    let is_problem = response.extensions().get::<Problem>().is_some();
    if response.status() == StatusCode::BAD_REQUEST && !is_problem {
        response = Problem::no_text().into_response();
    }
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.answer(&id);
    }

    let took = begun.elapsed();
    // What nobody registered has one name, so that strangers cannot make many.
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    let status = response.status().as_u16();
    served.metrics().count((name_of(&method), route), status, took);
    let key = response.extensions().get::<Holder>().map_or("", |Holder(id)| id.as_str());
    tracing::info!(
        request_id = id,
        method = name_of(&method),
        route,
        status,
        key,
        duration_ms = took.as_secs_f64() * 1000.0,
        "answered"
    );
    response
}

/// The name of a method that the API knows.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
