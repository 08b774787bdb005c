//! What surrounds every answer of the API: ids, tags, limits, shapes of errors, figures about it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    ORIGIN, RETRY_AFTER,
};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request};
use echolot_engine::Config;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::http::router_with;
use crate::scenario;

async fn send(router: &Router, request: Builder, body: Body) -> (u16, HeaderMap, String) {
    let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let request = headers
        .iter()
        .fold(Request::builder().uri(path), |request, (name, value)| request.header(*name, *value));
    send(router, request, Body::empty()).await
}

fn problem(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A body of which nothing comes until it is sent, and what says that somebody
/// waits for it.
fn body_to_come() -> (oneshot::Sender<&'static str>, oneshot::Receiver<()>, Body) {
    let (sender, receiver) = oneshot::channel();
    let (waits, is_awaited) = oneshot::channel();
    let sent = async move {
        waits.send(()).ok();
        Ok::<_, std::io::Error>(receiver.await.unwrap_or_default())
    };
    (sender, is_awaited, Body::from_stream(stream::once(sent)))
}

fn pin() -> Builder {
    Request::builder()
        .method(Method::POST)
        .uri("/v1/themes/2/pin")
        .header(CONTENT_TYPE, "application/json")
}

#[tokio::test]
async fn a_request_has_a_name_in_its_answer_and_in_its_problem() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[]);
    let (_, headers, text) = get(&router, "/v1/themes/99", &[("x-request-id", "night-7")]).await;
    assert_eq!(headers["x-request-id"], "night-7");
    assert_eq!(
        problem(&text),
        json!({
            "type": "urn:problem-type:echolot:not_found",
            "title": "Not Found",
            "status": 404,
            "detail": "there is no theme 99; `echolot themes` lists them",
            "code": "not_found",
            "request_id": "night-7",
        })
    );
    // One is made where there is none, or none that could be written to a log.
    let long = "x".repeat(200);
    for given in [None, Some(long.as_str()), Some("two words"), Some("")] {
        let given: Vec<_> = given.into_iter().map(|id| ("x-request-id", id)).collect();
        let (_, headers, text) = get(&router, "/v1/nowhere", &given).await;
        let made = headers["x-request-id"].to_str().unwrap();
        assert_eq!(made.len(), 36, "{made}");
        assert_eq!(problem(&text)["request_id"], made);
    }
}

#[tokio::test]
async fn an_answer_is_given_once_for_each_generation() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[]);
    let path = "/v1/search?q=Lieferung&limit=1";
    let (status, headers, text) = get(&router, path, &[]).await;
    let tag = headers[ETAG].to_str().unwrap().to_owned();
    assert_eq!((status, &headers[CACHE_CONTROL]), (200, &"private, no-cache".parse().unwrap()));
    assert!(text.contains("\"generation\":1"));
    let known = [(IF_NONE_MATCH.as_str(), tag.as_str())];
    let (status, headers, text) = get(&router, path, &known).await;
    assert_eq!((status, text.as_str()), (304, ""));
    assert_eq!(headers[ETAG], tag);

    assert_eq!(get(&router, "/v1/search?q=Lieferung&limit=2", &known).await.0, 200);
    let other = router_with(&bed, &[("ECHOLOT_SERVE_TIMEOUT_S", "7")]);
    assert_eq!(
        get(&other, path, &known).await.0,
        200,
        "another configuration may answer otherwise"
    );
    let (status, _, _) = send(&router, pin(), Body::from("{}")).await;
    assert_eq!(status, 200);
    let (status, headers, text) = get(&router, path, &known).await;
    assert_eq!(status, 200);
    assert_ne!(headers[ETAG], tag);
    assert!(text.contains("\"generation\":2"));
    for path in ["/v1/corrections", "/v1/audit", "/v1/runs", "/v1/runs/1"] {
        assert!(get(&router, path, &[]).await.1.contains_key(ETAG), "{path}");
    }
    for path in ["/v1/themes/99", "/v1/ready", "/metrics", "/v1/queue", "/v1/alerts"] {
        assert!(!get(&router, path, &[]).await.1.contains_key(ETAG), "{path}");
    }
}

#[tokio::test]
async fn two_keys_that_may_see_different_things_have_different_tags() {
    let bed = scenario::bed();
    let add = |args: &[&str]| {
        let answer = bed.echolot(&[&["key", "add", "--role", "reader"], args].concat());
        format!("Bearer {}", answer.out.trim())
    };
    let (all, one) = (add(&[]), add(&["--product", "Nordlicht"]));
    let router = router_with(&bed, &[]);
    let path = "/v1/counts?by=product";
    let (_, headers, _) = get(&router, path, &[(AUTHORIZATION.as_str(), &all)]).await;
    let tag = headers[ETAG].to_str().unwrap();
    let known = (IF_NONE_MATCH.as_str(), tag);
    assert_eq!(get(&router, path, &[(AUTHORIZATION.as_str(), &all), known]).await.0, 304);
    assert_eq!(get(&router, path, &[(AUTHORIZATION.as_str(), &one), known]).await.0, 200);
    assert_eq!(get(&router, path, &[known]).await.0, 401, "a tag is no key");
}

#[tokio::test]
async fn a_body_that_is_not_what_is_taken_is_a_problem() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[("ECHOLOT_SERVE_MAX_BODY_MIB", "1")]);
    let large = format!("{{\"author\":\"{}\"}}", "x".repeat(1 << 20));
    let plain = || Request::builder().method(Method::POST).uri("/v1/themes/2/pin");
    for (request, body, status, code, reason) in [
        (pin(), large.as_str(), 413, "too_large", "`serve.max_body_mib`"),
        (plain(), "{}", 415, "unsupported_media_type", "Content-Type: application/json"),
        (plain().header(CONTENT_TYPE, "text/plain"), "{}", 415, "unsupported_media_type", "JSON"),
        (pin(), "{", 400, "bad_request", "it ends while parsing"),
        (pin(), "[]", 400, "bad_request", "it must be an object"),
        (pin(), "{\"author\":1}", 400, "bad_request", "author: integer `1`, expected a string"),
        (pin(), "{\"autor\":\"x\"}", 400, "bad_request", "`autor` is not known here"),
        (pin(), "{\"author\":\"x\",\"author\":\"y\"}", 400, "bad_request", "given twice"),
    ] {
        let (found, headers, text) = send(&router, request, Body::from(body.to_owned())).await;
        assert_eq!((found, problem(&text)["code"].as_str()), (status, Some(code)), "{text}");
        assert!(problem(&text)["detail"].as_str().unwrap().contains(reason), "{text}");
        assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
    }
}

#[tokio::test]
async fn an_address_that_is_too_long_is_a_problem() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[]);
    let long = |bytes: usize| format!("/v1/search?like_text={}", "a+".repeat(bytes / 2));
    let (status, headers, text) = get(&router, &long(40_000), &[]).await;
    assert_eq!((status, &problem(&text)["code"]), (414, &json!("address_too_long")), "{text}");
    assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
    assert!(problem(&text)["detail"].as_str().unwrap().contains("at most 32768"), "{text}");
    assert_ne!(get(&router, &long(30_000), &[]).await.0, 414);
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[("ECHOLOT_SERVE_TIMEOUT_S", "1")]);
    let (_sender, _is_awaited, body) = body_to_come();
    let (status, _, text) = send(&router, pin(), body).await;
    assert_eq!((status, &problem(&text)["code"]), (503, &json!("timeout")), "{text}");
}

#[tokio::test]
async fn who_comes_when_there_is_too_much_to_do_is_told_to_come_back() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[("ECHOLOT_SERVE_MAX_REQUESTS", "1")]);
    let (sender, is_awaited, body) = body_to_come();
    let (first, busy) = (router.clone(), pin().body(body).unwrap());
    let first = tokio::spawn(async move { first.oneshot(busy).await.unwrap().status() });
    is_awaited.await.unwrap();
    let (status, headers, text) = get(&router, "/v1/kpi", &[]).await;
    assert_eq!((status, &problem(&text)["code"]), (503, &json!("overloaded")), "{text}");
    assert_eq!(headers[RETRY_AFTER], "1");
    assert_eq!(get(&router, "/v1/health", &[]).await.0, 200, "it is alive");
    sender.send("{}").unwrap();
    assert_eq!(first.await.unwrap(), 200);
    assert_eq!(get(&router, "/v1/kpi", &[]).await.0, 200);
}

#[tokio::test]
async fn pages_of_other_origins_may_ask_only_where_they_are_named() {
    let bed = scenario::bed();
    let from = |origin| [(ORIGIN.as_str(), origin)];
    let own = from("https://voice.example.org");
    let (_, headers, _) = get(&router_with(&bed, &[]), "/v1/kpi", &own).await;
    assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));

    let named = "https://voice.example.org, https://b.example.org:8443";
    let router = router_with(&bed, &[("ECHOLOT_SERVE_CORS_ORIGINS", named)]);
    let (_, headers, _) = get(&router, "/v1/kpi", &own).await;
    assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://voice.example.org");
    let (_, headers, _) = get(&router, "/v1/kpi", &from("https://evil.example")).await;
    assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri("/v1/themes/2/pin")
        .header(ORIGIN, "https://b.example.org:8443")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let (status, headers, _) = send(&router, preflight, Body::empty()).await;
    assert_eq!(status, 200);
    assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://b.example.org:8443");

    let wrong = [("ECHOLOT_SERVE_CORS_ORIGINS".to_owned(), "example.org/page".to_owned())];
    let error = Config::load(None, wrong).unwrap_err().to_string();
    assert!(error.contains("serve.cors_origins"), "{error}");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status() {
    let bed = scenario::bed();
    let router = router_with(&bed, &[]);
    for path in ["/v1/themes/1", "/v1/themes/2", "/v1/themes/99", "/v1/x", "/v1/y"] {
        get(&router, path, &[]).await;
    }
    let (status, headers, text) = get(&router, "/metrics", &[]).await;
    assert_eq!(status, 200);
    assert!(headers[CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    for line in [
        r#"echolot_http_requests_total{method="GET",route="/v1/themes/{id}",status="200"} 2"#,
        r#"echolot_http_requests_total{method="GET",route="/v1/themes/{id}",status="404"} 1"#,
        r#"echolot_http_requests_total{method="GET",route="other",status="404"} 2"#,
        r#"echolot_http_request_duration_seconds_count{method="GET",route="/v1/themes/{id}"} 3"#,
        "echolot_http_requests_running 1",
        "echolot_generation 1",
        "echolot_verbatims 83",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
}

#[tokio::test]
async fn a_server_is_alive_before_it_is_ready() {
    let bed = TestBed::new();
    bed.write("empty.jsonl", "");
    bed.run(&["empty.jsonl"]);
    let empty = router_with(&bed, &[]);
    assert_eq!(get(&empty, "/v1/health", &[]).await.0, 200);
    let (status, _, text) = get(&empty, "/v1/ready", &[]).await;
    assert_eq!((status, &problem(&text)["code"]), (503, &json!("not_ready")));
    let full = router_with(&scenario::bed(), &[]);
    let (status, _, text) = get(&full, "/v1/ready", &[]).await;
    assert_eq!((status, problem(&text)), (200, json!({ "status": "ok", "generation": 1 })));
}
