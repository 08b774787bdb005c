//! Every route of the HTTP API, its errors included.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use insta::assert_snapshot;
use serde_json::Value;
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::scenario;

const TIMEOUT: Duration = Duration::from_mins(1);

pub(crate) fn router(bed: &TestBed) -> Router {
    echolot::router_for(&bed.data(), TIMEOUT).unwrap()
}

/// Status, kind of content and body of an answer.
async fn call(router: &Router, method: Method, path: &str) -> (u16, String, Value) {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body =
        serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body:?}"));
    (status, kind.unwrap_or_default(), body)
}

pub(crate) async fn get(router: &Router, path: &str) -> (u16, String, Value) {
    call(router, Method::GET, path).await
}

/// An answer as a person reads it, for snapshots.
async fn shown(router: &Router, path: &str) -> String {
    let (status, kind, body) = get(router, path).await;
    format!("GET {path}\n{status} {kind}\n{body:#}\n")
}

#[tokio::test]
async fn health_says_what_is_served() {
    let bed = scenario::bed();
    let (status, kind, body) = get(&router(&bed), "/v1/health").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert_eq!(
        (&body["status"], &body["generation"], &body["verbatims"]),
        (&"ok".into(), &1.into(), &83.into())
    );
}

#[tokio::test]
async fn every_question_has_its_answer() {
    let bed = scenario::bed();
    let router = router(&bed);
    let questions = [
        ("search", "/v1/search?q=Lieferung&limit=1&release=4.1.0"),
        ("search_for_nothing", "/v1/search?q=gibtesnicht"),
        ("themes", "/v1/themes?product=Nordlicht&polarity=negative&limit=1"),
        ("theme", "/v1/themes/1"),
        ("complaints", "/v1/complaints?product=Nordlicht&release=4.2.0&limit=1"),
        ("kpi", "/v1/kpi?by=release&product=Nordlicht"),
        ("verbatim", "/v1/verbatims/c1"),
    ];
    for (name, path) in questions {
        assert_snapshot!(name, shown(&router, path).await);
    }
}

#[tokio::test]
async fn the_api_answers_what_the_command_line_answers() {
    let bed = scenario::bed();
    let router = router(&bed);
    let pairs: [(&str, &[&str]); 9] = [
        (
            "/v1/search?q=Lieferung&lang=de&polarity=negative&limit=3&offset=2",
            &[
                "search",
                "Lieferung",
                "--lang",
                "de",
                "--polarity",
                "negative",
                "--limit",
                "3",
                "--offset",
                "2",
            ],
        ),
        ("/v1/themes?channel=review", &["themes", "--channel", "review"]),
        (
            "/v1/complaints?product=S%C3%BCdwind&release=1.0",
            &["complaints", "--product", "Südwind", "--release", "1.0"],
        ),
        ("/v1/drivers?on=nps&by=topic", &["drivers", "--on", "nps", "--by", "topic"]),
        (
            "/v1/counts?by=stage,month&of=texts&q=Lieferung",
            &["count", "--by", "stage", "--by", "month", "--of", "texts", "--query", "Lieferung"],
        ),
        (
            "/v1/trends?measure=volume&by=release&where=channel=review",
            &["trend", "--measure", "volume", "--by", "release", "--where", "channel=review"],
        ),
        (
            "/v1/compare?a=release=4.2.0&b=release=4.1.0&product=Nordlicht",
            &["compare", "--a", "release=4.2.0", "--b", "release=4.1.0", "--product", "Nordlicht"],
        ),
        ("/v1/emerging?product=Nordlicht", &["emerging", "--product", "Nordlicht"]),
        ("/v1/kpi?by=channel&from=2025-06-01", &["kpi", "--by", "channel", "--from", "2025-06-01"]),
    ];
    for (path, args) in pairs {
        let (status, _, body) = get(&router, path).await;
        assert_eq!((status, body), (200, bed.ask(args)), "{path}");
    }
}

#[tokio::test]
async fn every_mistake_is_a_problem_with_a_stable_code() {
    let bed = scenario::bed();
    let router = router(&bed);
    let mistakes = [
        ("/v1/search?qq=x", 400, "bad_request", "`qq` is not a parameter here"),
        ("/v1/search?limit=many", 400, "bad_request", "limit"),
        ("/v1/search?limit=1001", 400, "bad_request", "more than 1000"),
        ("/v1/search?topic=food", 400, "bad_request", "`food` is not a topic"),
        ("/v1/search?polarity=bad", 400, "bad_request", "`bad` is not a polarity"),
        ("/v1/search?lang=german", 400, "bad_request", "two-letter"),
        ("/v1/search?q=%22offen", 400, "bad_request", "at character 0"),
        ("/v1/search?from=gestern", 400, "bad_request", "from: `gestern`"),
        ("/v1/themes?polarity=positive,negative", 400, "bad_request", "polarity"),
        ("/v1/themes?limit=-1", 400, "bad_request", "limit"),
        ("/v1/themes/99", 404, "not_found", "no theme 99"),
        ("/v1/themes/first", 400, "bad_request", "`first` is not a theme number"),
        ("/v1/complaints?product=Nordlicht", 400, "bad_request", "release"),
        ("/v1/complaints?product=X&release=1", 404, "not_found", "known are: Nordlicht, Südwind"),
        ("/v1/complaints?product=Nordlicht&release=9", 404, "not_found", "known are: 4.1.0, 4.2.0"),
        (
            "/v1/complaints?product=Nordlicht&release=4.2.0&baseline=9",
            404,
            "not_found",
            "release `9`",
        ),
        ("/v1/kpi?by=weekday", 400, "bad_request", "`weekday` is not one of"),
        ("/v1/counts?by=topic,theme,day", 400, "bad_request", "at most two"),
        ("/v1/counts?where=relase=1", 400, "bad_request", "`relase` is not one of lang"),
        ("/v1/counts?where=attribute.Filiale=1", 404, "not_found", "no item has an attribute"),
        ("/v1/trends?by=topic", 400, "bad_request", "`topic` is not one of day"),
        ("/v1/compare?a=release=4.2.0", 400, "bad_request", "`b`"),
        ("/v1/emerging?level=2", 400, "bad_request", "level"),
        ("/v1/verbatims/nobody", 404, "not_found", "no feedback item `nobody`"),
        ("/v1/nowhere", 404, "not_found", "/openapi.json"),
        ("/", 404, "not_found", "/openapi.json"),
    ];
    for (path, status, code, detail) in mistakes {
        let (found, kind, body) = get(&router, path).await;
        assert_eq!((found, kind.as_str()), (status, "application/problem+json"), "{path}: {body}");
        assert_eq!((&body["status"], &body["code"]), (&status.into(), &code.into()), "{path}");
        assert!(body["detail"].as_str().unwrap().contains(detail), "{path}: {body}");
        assert!(!body["title"].as_str().unwrap().is_empty(), "{path}");
    }
    let (status, kind, body) = call(&router, Method::POST, "/v1/search").await;
    assert_eq!((status, kind.as_str()), (405, "application/problem+json"));
    assert_eq!(body["code"], "method_not_allowed");
}

#[tokio::test]
async fn the_description_lists_every_route_and_parameter() {
    let bed = scenario::bed();
    let router = router(&bed);
    let (status, kind, body) = get(&router, "/openapi.json").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    let printed: Value = serde_json::from_str(&bed.echolot(&["openapi"]).out).unwrap();
    assert_eq!(body, printed, "the program prints the same");

    let mut paths: Vec<&String> = body["paths"].as_object().unwrap().keys().collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "/v1/compare",
            "/v1/complaints",
            "/v1/counts",
            "/v1/drivers",
            "/v1/emerging",
            "/v1/explain",
            "/v1/health",
            "/v1/kpi",
            "/v1/recount",
            "/v1/report",
            "/v1/search",
            "/v1/themes",
            "/v1/themes/edits/{edit}/undo",
            "/v1/themes/ledger",
            "/v1/themes/move",
            "/v1/themes/{id}",
            "/v1/themes/{id}/hide",
            "/v1/themes/{id}/ledger",
            "/v1/themes/{id}/merge",
            "/v1/themes/{id}/pin",
            "/v1/themes/{id}/rename",
            "/v1/themes/{id}/split",
            "/v1/themes/{id}/unhide",
            "/v1/themes/{id}/unpin",
            "/v1/trends",
            "/v1/verbatims/{id}"
        ]
    );
    for (path, methods) in body["paths"].as_object().unwrap() {
        // A described route is there: whatever is wrong, it is not the address.
        let address = path.replace("{id}", "1").replace("{edit}", "1");
        let (_, _, answer) = get(&router, &address).await;
        let detail = answer["detail"].as_str().unwrap_or_default();
        assert!(!detail.contains("there is nothing at"), "{path}");
        // A described parameter is taken.
        for parameter in methods["get"]["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                let name = parameter["name"].as_str().unwrap();
                let (_, _, answer) = get(&router, &format!("{address}?{name}=1")).await;
                let detail = answer["detail"].as_str().unwrap_or_default();
                assert!(!detail.contains("is not a parameter here"), "{path}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_empty_store_has_answers_too() {
    let bed = TestBed::new();
    bed.write("empty.jsonl", "");
    bed.run(&["empty.jsonl"]);
    let router = router(&bed);
    let (status, _, body) = get(&router, "/v1/search").await;
    assert_eq!((status, &body["total"]), (200, &0.into()));
    let (status, _, body) = get(&router, "/v1/themes").await;
    assert_eq!((status, &body["total"]), (200, &0.into()));
    let (status, _, body) = get(&router, "/v1/kpi").await;
    assert_eq!((status, &body["rows"]), (200, &serde_json::json!([])));
    let (status, _, body) = get(&router, "/v1/complaints?product=X&release=1").await;
    assert_eq!((status, &body["code"]), (404, &"not_found".into()), "{body}");
}

#[tokio::test]
async fn a_generation_that_is_served_does_not_change_under_a_question() {
    let bed = scenario::bed();
    let before = router(&bed);
    let (_, _, expected) = get(&before, "/v1/search?q=Lieferung").await;
    bed.write_jsonl(
        "next.jsonl",
        &[serde_json::json!({ "id": "x", "text": crate::scenario::LATE, "lang": "de" })],
    );
    bed.run(&["next.jsonl"]);
    assert_eq!(
        get(&before, "/v1/search?q=Lieferung").await.2,
        expected,
        "the old one still answers"
    );
    let (_, _, after) = get(&router(&bed), "/v1/search?q=Lieferung").await;
    assert_eq!((&after["generation"], &after["total"]), (&2.into(), &17.into()));
}
