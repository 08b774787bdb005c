//! The gate before every route: who asks, whether they may, and what the log keeps of it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use echolot_engine::{AccessEntry, Key};

use super::api::Access;
use super::asker::Asker;
use super::error::Problem;
use super::served::Served;
use crate::edits::now;

/// Lets a request through to its handler, with what it may see, or refuses it.
pub(super) async fn admit(access: Access, mut request: Request, next: Next) -> Response {
    let Some(served) = request.extensions().get::<Arc<Served>>().cloned() else {
        return Problem::crashed().into_response();
    };
    let key = match identify(access, &served, request.headers()).await {
        Ok(key) => key,
        Err(problem) => return problem.into_response(),
    };
    let asker = Asker::new(Arc::clone(&served), key);
    let entry = access.action.map(|action| entry(action, &asker, &request));
    request.extensions_mut().insert(asker.clone());
    let response = next.run(request).await;
    let Some(entry) = entry else { return response };
    let entry = AccessEntry { detail: asker.noted(), status: response.status().as_u16(), ..entry };
    // An answer that left no trace is not given.
    match tokio::task::spawn_blocking(move || served.access().log(&entry)).await {
        Ok(Ok(())) => response,
        Ok(Err(error)) => Problem::from(echolot_engine::Error::from(error)).into_response(),
        Err(_) => Problem::crashed().into_response(),
    }
}

/// The key of whoever asks, if one is needed and it gives the right.
async fn identify(
    access: Access,
    served: &Arc<Served>,
    headers: &HeaderMap,
) -> Result<Option<Key>, Problem> {
    let Some(role) = access.role else { return Ok(None) };
    let presented = headers.get(AUTHORIZATION).map(|value| bearer(value.as_bytes()));
    let Some(presented) = presented else {
        if served.needs_key().await? {
            return Err(Problem::key_missing());
        }
        return if is_of_this_machine(headers) { Ok(None) } else { Err(Problem::host_unknown()) };
    };
    let token = presented.ok_or_else(Problem::key_invalid)?;
    let key = served.admit(token).await?.ok_or_else(Problem::key_invalid)?;
    if !key.role.may(role) {
        return Err(Problem::role_missing(key.role, role));
    }
    if access.is_of_all && !key.products.is_empty() {
        return Err(Problem::beyond_products());
    }
    Ok(Some(key))
}

/// The key in an `Authorization` header.
fn bearer(value: &[u8]) -> Option<String> {
    let (scheme, token) = std::str::from_utf8(value).ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Whether a request names this machine as its host. Where no key is needed, a
/// page of somebody else's whose name was made to lead here must not read along.
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What is known of a request before it is answered.
fn entry(action: &str, asker: &Asker, request: &Request) -> AccessEntry {
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let request_id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    AccessEntry {
        entry: 0,
        at: now(),
        key: asker.key().map(|key| (key.id.clone(), key.name.clone())),
        action: action.to_owned(),
        route: format!("{} {}", request.method(), pattern.unwrap_or(target)),
        target: target.to_owned(),
        detail: None,
        generation: (*request.method() == Method::GET).then(|| asker.generation()),
        status: 0,
        request_id: request_id.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_read_from_the_header_alone() {
        assert_eq!(bearer(b"Bearer abc"), Some("abc".to_owned()));
        assert_eq!(bearer(b"bearer  abc "), Some("abc".to_owned()));
        for wrong in [&b"Basic abc"[..], b"Bearer", b"abc", b"Bearer \xff"] {
            assert_eq!(bearer(wrong), None);
        }
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        let of = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            is_of_this_machine(&headers)
        };
        for own in ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "[::1]:8080", "127.1.2.3"] {
            assert!(of(own), "{own}");
        }
        for other in ["example.org", "127.0.0.1.example.org", "10.0.0.1:8080", "", "a b"] {
            assert!(!of(other), "{other}");
        }
        assert!(is_of_this_machine(&HeaderMap::new()));
    }
}
