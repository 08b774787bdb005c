//! The web page: the files that Vite built, with what a browser needs to know of them.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::no_such_route;

/// What `make web` built: embedded in an optimised program, read from the folder
/// by any other. There is nothing where Node was missing.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Built;

/// The addresses of the page. It is one document that shows what the address
/// says; `web/src/state/place.svelte.ts` and `web/src/App.svelte` know the same.
const ADDRESSES: [&str; 11] = [
    "/",
    "/themes",
    "/themes/{id}",
    "/releases",
    "/search",
    "/queue",
    "/alerts",
    "/audit",
    "/taxonomy",
    "/runs",
    "/runs/{generation}",
];

/// Nothing comes from elsewhere, nothing goes elsewhere, and nothing but the
/// built files runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// The names of assets hold a hash of their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The document is asked for again each time, and answered by its tag alone if
/// it is the same.
const EACH_TIME: &str = "no-cache";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Echolot</title>\
    <h1>Echolot</h1><p>This program was built without its page. <code>make build</code> builds both; \
    it needs Node.js 20.19 or newer.</p><p>The API is there: <a href=\"/openapi.json\">its description\
    </a>.</p></html>";

/// The routes of the page and its assets.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let pages = ADDRESSES
        .into_iter()
        .fold(Router::new(), |router, address| router.route(address, get(document)));
    pages.route("/assets/{*file}", get(asset))
}

async fn document(headers: HeaderMap) -> Response {
    if let Some(file) = Built::get("index.html") {
        return answer(&headers, ("index.html", &file), EACH_TIME);
    }
    let policy = [(CONTENT_SECURITY_POLICY, POLICY)];
    (StatusCode::SERVICE_UNAVAILABLE, policy, Html(NOT_BUILT)).into_response()
}

/// Says that there is nothing at an address: to readers of the page by the
/// page itself, to everybody else as the API does.
pub(super) async fn nowhere(uri: Uri, headers: HeaderMap) -> Response {
    let wants_page = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|kinds| kinds.contains("text/html"));
    let is_api = uri.path() == "/v1" || uri.path().starts_with("/v1/");
    if !wants_page || is_api {
        return no_such_route(uri).await.into_response();
    }
    // Without the tag, so that what is not there is never taken for unchanged.
    let mut response = document(HeaderMap::new()).await;
    response.headers_mut().remove(ETAG);
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

async fn asset(Path(file): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let name = format!("assets/{file}");
    match Built::get(&name) {
        Some(found) => answer(&headers, (&name, &found), FOR_EVER),
        None => no_such_route(uri).await.into_response(),
    }
}

/// A file, or that the browser has it already.
fn answer(asked: &HeaderMap, (name, file): (&str, &EmbeddedFile), caching: &str) -> Response {
    let hash = file.metadata.sha256_hash();
    let half = hash[..16].iter().fold(0_u128, |half, &byte| (half << 8) | u128::from(byte));
    let tag = format!("\"{half:032x}\"");
    let described = [
        (CONTENT_TYPE, content_type(name)),
        (CACHE_CONTROL, caching),
        (ETAG, &tag),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    let described = described.map(|(header, value)| (header, value.to_owned()));
    if is_known(asked, &tag) {
        return (StatusCode::NOT_MODIFIED, described).into_response();
    }
    (described, file.data.clone().into_owned()).into_response()
}

/// Whether the browser holds what has this tag. Compression on the way makes a
/// tag weak, which is the same content here.
fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let held = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    held.flat_map(|list| list.split(',')).any(|held| held.trim().trim_start_matches("W/") == tag)
}

/// The kinds of files that Vite makes of this page.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use axum::http::HeaderValue;
    use rust_embed::Metadata;

    use super::*;

    fn file(content: &'static [u8]) -> EmbeddedFile {
        let metadata = Metadata::__rust_embed_new([7; 32], None, None);
        EmbeddedFile { data: Cow::Borrowed(content), metadata }
    }

    #[test]
    fn a_file_is_described_and_its_tag_saves_the_next_answer() {
        let script = file(b"export {}");
        let first = answer(&HeaderMap::new(), ("assets/main-abc.js", &script), FOR_EVER);
        assert_eq!(first.status(), StatusCode::OK);
        let header = |name| first.headers()[&name].to_str().unwrap().to_owned();
        assert_eq!(header(CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert!(header(CACHE_CONTROL).contains("immutable"));
        assert!(
            header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'; script-src 'self'")
        );
        assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");

        let tag = header(ETAG);
        assert_eq!(tag, format!("\"{}\"", "07".repeat(16)));
        for held in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&held).unwrap());
            let again = answer(&headers, ("assets/main-abc.js", &script), FOR_EVER);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{held}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        assert_eq!(answer(&headers, ("x.js", &script), FOR_EVER).status(), StatusCode::OK);
    }

    #[test]
    fn every_kind_of_file_of_the_page_has_its_type() {
        for name in Built::iter().filter(|name| !name.starts_with('.')) {
            assert_ne!(content_type(&name), "application/octet-stream", "{name}");
        }
        assert_eq!(content_type("assets/a.b.woff2"), "font/woff2");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }
}
