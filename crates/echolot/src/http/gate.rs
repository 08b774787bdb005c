//! The gate before every route: who asks, whether they may, and what the log keeps of it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, ETAG, HOST, IF_NONE_MATCH};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use echolot_core::Fingerprint;
use echolot_engine::{AccessEntry, Error, Key};

use super::api::{Access, Entry};
use super::asker::Asker;
use super::error::Problem;
use super::exchange;
use super::served::Served;
use crate::edits::now;

/// The id of the key that a request was answered for.
#[derive(Debug, Clone)]
pub(super) struct Holder(pub(super) String);

/// Lets a request through to its handler, with what it may see, or refuses it.
pub(super) async fn admit(access: Access, request: Request, next: Next) -> Response {
    let Some(served) = request.extensions().get::<Arc<Served>>().cloned() else {
        return Problem::crashed().into_response();
    };
    let asker = match enter(access, served, request.headers()).await {
        Ok(asker) => asker,
        Err(problem) => return problem.into_response(),
    };
    let holder = asker.key().map(|key| Holder(key.id.clone()));
    let mut response = match answer(access, asker, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    if let Some(holder) = holder {
        response.extensions_mut().insert(holder);
    }
    response
}

/// Whoever asks, if they may and there is room.
async fn enter(access: Access, served: Arc<Served>, headers: &HeaderMap) -> Result<Asker, Problem> {
    // How the server is, is said also when it has too much to do.
    let turn = match access.entry {
        Entry::Open => None,
        _ => Some(served.take_turn().ok_or_else(Problem::overloaded)?),
    };
    let key = identify(access, &served, headers).await?;
    Ok(Asker::new(served, key, turn))
}

/// The answer, with its tag, after what it leaves in the log.
async fn answer(
    access: Access,
    asker: Asker,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let entry = access.action.map(|action| entry(action, &asker, &request));
    let tag = access.is_of_generation.then(|| tag(&asker, &request));
    let is_known = tag.as_ref().is_some_and(|tag| knows(request.headers(), tag));
    request.extensions_mut().insert(asker.clone());
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { next.run(request).await };
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok())
        && matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED)
    {
        response.headers_mut().insert(ETAG, tag);
        // To be kept by whoever asked, and to be asked for again each time.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    if let Some(entry) = entry {
        let status = response.status().as_u16();
        let entry = AccessEntry { detail: asker.noted(), status, ..entry };
        let served = Arc::clone(asker.served());
        // An answer that left no trace is not given.
        let kept = tokio::task::spawn_blocking(move || served.access().log(&entry)).await;
        kept.map_err(|_| Problem::crashed())?.map_err(Error::from)?;
    }
    Ok(response)
}

/// What an answer follows from: the generation, the program and how it is
/// configured, the question, and what whoever asks may see. Equal tags mean
/// equal answers.
fn tag(asker: &Asker, request: &Request) -> String {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let products = asker.key().map_or(&[][..], |key| &key.products);
    let edition = asker.served().edition().0;
    let parts = [&edition[..], target.as_bytes()];
    let parts = parts.into_iter().chain(products.iter().map(String::as_bytes));
    format!("W/\"{}-{}\"", asker.generation(), Fingerprint::of(parts))
}

/// Whether whoever asks has the answer with this tag already.
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|list| list.split(',')).any(|known| opaque(known) == opaque(tag))
}

/// The key of whoever asks, if one is needed and it gives the right.
async fn identify(
    access: Access,
    served: &Arc<Served>,
    headers: &HeaderMap,
) -> Result<Option<Key>, Problem> {
    if access.entry == Entry::Open {
        return Ok(None);
    }
    let presented = headers.get(AUTHORIZATION).map(|value| bearer(value.as_bytes()));
    let Some(presented) = presented else {
        if served.needs_key().await? {
            return Err(Problem::key_missing());
        }
        return if is_of_this_machine(headers) { Ok(None) } else { Err(Problem::host_unknown()) };
    };
    let token = presented.ok_or_else(Problem::key_invalid)?;
    let key = served.admit(token).await?.ok_or_else(Problem::key_invalid)?;
    if let Entry::Role(role) = access.entry
        && !key.role.may(role)
    {
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
        request_id: exchange::id_of(request),
    }
}

#[cfg(test)]
mod tests {
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
    fn a_tag_is_known_by_its_letters_alone() {
        let knows = |known: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(known));
            super::knows(&headers, "W/\"7-ab\"")
        };
        assert!(knows("W/\"7-ab\"") && knows("\"7-ab\"") && knows("\"x\", W/\"7-ab\""));
        assert!(!knows("\"7-abc\"") && !knows("7-ab") && !knows(""));
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
