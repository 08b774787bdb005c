//! Changes of themes over HTTP.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::http::{get, router, router_with};
use crate::scenario;

async fn send(router: &Router, path: &str, kind: &str, body: String) -> (u16, Value) {
    let request = Request::builder().method(Method::POST).uri(path).header(CONTENT_TYPE, kind);
    let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}")))
}

pub(crate) async fn post(router: &Router, path: &str, body: Value) -> (u16, Value) {
    send(router, path, "application/json", body.to_string()).await
}

#[tokio::test]
async fn every_change_is_answered_and_seen_by_the_next_question() {
    let bed = scenario::bed();
    let router = router(&bed);
    let changes = [
        ("/v1/themes/2/rename", json!({ "name": "Verspätet", "author": "anna" }), "rename"),
        ("/v1/themes/3/merge", json!({ "into": 2 }), "merge"),
        ("/v1/themes/2/pin", json!({}), "pin"),
        ("/v1/themes/2/unpin", json!({}), "unpin"),
        ("/v1/themes/1/hide", json!({}), "hide"),
        ("/v1/themes/1/unhide", json!({}), "unhide"),
        ("/v1/themes/move", json!({ "units": ["n1#0"], "to": null }), "move"),
        ("/v1/themes/edits/7/undo", json!({ "author": "ben" }), "undo"),
    ];
    for (number, (path, body, kind)) in (1..).zip(changes) {
        let (status, answer) = post(&router, path, body).await;
        assert_eq!((status, &answer["edit"]), (200, &json!(number)), "{path}: {answer}");
        assert_eq!((&answer["kind"], &answer["generation"]), (&json!(kind), &json!(number + 1)));
        let (_, _, health) = get(&router, "/v1/ready").await;
        assert_eq!(health["generation"], number + 1, "{path}");
    }
    let (status, _, theme) = get(&router, "/v1/themes/3").await;
    assert_eq!((status, &theme["theme"]), (200, &json!(2)));
    assert_eq!((&theme["redirected_from"], &theme["label"]), (&json!(3), &json!("Verspätet")));
    assert_eq!((&theme["mentions"], &theme["ended"]), (&json!(27), &json!(null)));
    let (_, _, theme) = get(&router, "/v1/themes/2").await;
    assert!(theme.get("redirected_from").is_none(), "{theme}");

    let (_, _, ledger) = get(&router, "/v1/themes/ledger").await;
    assert_eq!(ledger["edits"].as_array().unwrap().len(), 8);
    assert_eq!(ledger["edits"][7]["author"], "ben");
    assert_eq!(ledger, bed.ask(&["themes", "ledger"]));
    let (_, _, ledger) = get(&router, "/v1/themes/3/ledger").await;
    assert_eq!(ledger, bed.ask(&["themes", "ledger", "3"]));
}

#[tokio::test]
async fn what_cannot_be_changed_is_a_problem_and_changes_nothing() {
    let bed = scenario::bed();
    let router = router(&bed);
    let mistakes = [
        ("/v1/themes/99/rename", json!({ "name": "x" }), 404, "not_found", "no theme 99"),
        ("/v1/themes/one/pin", json!({}), 400, "bad_request", "`one` is not a theme number"),
        ("/v1/themes/2/rename", json!({}), 400, "bad_request", "`name` is missing"),
        ("/v1/themes/2/pin", json!({ "who": "x" }), 400, "bad_request", "`who` is not known"),
        ("/v1/themes/2/merge", json!({ "into": 2 }), 409, "conflict", "into itself"),
        ("/v1/themes/2/unpin", json!({}), 409, "conflict", "theme 2 is not pinned"),
        ("/v1/themes/2/split", json!({}), 409, "conflict", "has no sub-themes"),
        ("/v1/themes/move", json!({ "units": ["n1"], "to": 1 }), 400, "bad_request", "`n1`"),
        ("/v1/themes/move", json!({ "units": ["x#0"], "to": 1 }), 404, "not_found", "x#0"),
        ("/v1/themes/edits/5/undo", json!({}), 404, "not_found", "no edit 5"),
        ("/v1/themes/edits/last/undo", json!({}), 400, "bad_request", "`last`"),
    ];
    for (path, body, status, code, detail) in mistakes {
        let (found, answer) = post(&router, path, body).await;
        assert_eq!((found, &answer["code"]), (status, &json!(code)), "{path}: {answer}");
        assert!(answer["detail"].as_str().unwrap().contains(detail), "{path}: {answer}");
    }
    // A form of another site cannot send JSON, so nothing else is taken.
    let (status, _) = send(&router, "/v1/themes/2/pin", "text/plain", "{}".to_owned()).await;
    assert_eq!(status, 415);
    let (status, _, _) = get(&router, "/v1/themes/2/pin").await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn an_edit_over_http_waits_for_whoever_writes_as_long_as_a_request_may_take() {
    let bed = scenario::bed();
    let lock = std::fs::OpenOptions::new().write(true).open(bed.data().join("lock")).unwrap();
    lock.lock().unwrap();
    let hurried = router_with(&bed, &[("ECHOLOT_SERVE_TIMEOUT_S", "1")]);
    let (status, answer) = post(&hurried, "/v1/themes/2/pin", json!({})).await;
    assert_eq!((status, &answer["code"]), (503, &json!("busy")));
    let (_, _, health) = get(&hurried, "/v1/ready").await;
    assert_eq!(health["generation"], 1);

    let patient = router(&bed);
    let waiting = tokio::spawn({
        let patient = patient.clone();
        async move { post(&patient, "/v1/themes/2/pin", json!({})).await }
    });
    let (_, _, asked) = get(&patient, "/v1/themes").await;
    assert_eq!(asked["generation"], 1, "questions are answered meanwhile");
    drop(lock);
    let (status, answer) = waiting.await.unwrap();
    assert_eq!((status, &answer["generation"]), (200, &json!(2)), "{answer}");
}
