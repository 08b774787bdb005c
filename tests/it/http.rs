//! Every route of the HTTP API, its errors included.

use std::collections::HashSet;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{Method, Request};
use echolot_engine::{Config, SearchAids};
use echolot_tests::fake_analyst;
use insta::assert_snapshot;
use serde_json::Value;
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::scenario;

pub(crate) fn router(bed: &TestBed) -> Router {
    router_with(bed, &[])
}

/// The API with some keys of the configuration set.
pub(crate) fn router_with(bed: &TestBed, keys: &[(&str, &str)]) -> Router {
    router_of(bed, None, keys)
}

/// The API with a configuration file of the bed.
pub(crate) fn router_of(bed: &TestBed, file: Option<&str>, keys: &[(&str, &str)]) -> Router {
    let floor = ("ECHOLOT_SEARCH_MIN_SIMILARITY", "0.6");
    let keys = keys.iter().chain([&floor]);
    let keys = keys.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let config = Config::load(file.map(|file| bed.path(file)).as_deref(), keys).unwrap();
    let aids = SearchAids::new(Ok(fake_analyst(&config).unwrap()));
    echolot::router_for(&bed.data(), &config, aids).unwrap()
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
        ("/v1/search?limit=many", 400, "bad_request", "limit: `many` is not a whole number from 0"),
        ("/v1/search?limit=99999999999999999999", 400, "bad_request", "limit"),
        ("/v1/search?q=a&q=b", 400, "bad_request", "`q` is given twice"),
        ("/v1/search?min_similarity=x", 400, "bad_request", "`x` is not a number"),
        ("/v1/themes?hidden=maybe", 400, "bad_request", "`maybe` is not true or false"),
        ("/v1/verbatims/%FF", 400, "bad_request", "not UTF-8"),
        ("/v1/search?limit=1001", 400, "bad_request", "more than 1000"),
        ("/v1/search?topic=food", 400, "bad_request", "`food` is not a topic"),
        ("/v1/search?polarity=bad", 400, "bad_request", "`bad` is not a polarity"),
        ("/v1/search?lang=german", 400, "bad_request", "two-letter"),
        ("/v1/search?q=%22offen", 400, "bad_request", "at character 0"),
        ("/v1/search?mode=magic", 400, "bad_request", "words, meaning, hybrid"),
        ("/v1/search?like=c1&like_text=x", 400, "bad_request", "cannot both be given"),
        ("/v1/search?like=nobody", 404, "not_found", "no feedback item `nobody`"),
        ("/v1/search?min_similarity=2", 400, "bad_request", "is not from -1 to 1"),
        ("/v1/search?cursor=x", 400, "bad_request", "is not one that an answer gave"),
        ("/v1/search?from=gestern", 400, "bad_request", "from: `gestern`"),
        ("/v1/themes?polarity=positive,negative", 400, "bad_request", "polarity"),
        ("/v1/themes?limit=-1", 400, "bad_request", "limit"),
        ("/v1/themes/99", 404, "not_found", "no theme 99"),
        ("/v1/themes/first", 400, "bad_request", "`first` is not a theme number"),
        ("/v1/complaints?product=Nordlicht", 400, "bad_request", "`release` is missing"),
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
        ("/v1", 404, "not_found", "/openapi.json"),
        ("/v1/themes/1/nothing", 404, "not_found", "/openapi.json"),
        ("/nowhere", 404, "not_found", "/openapi.json"),
        ("/index.html", 404, "not_found", "/openapi.json"),
        ("/assets/nothing.js", 404, "not_found", "/assets/nothing.js"),
        ("/v1/search?has=stars", 400, "bad_request", "`stars` is not a key figure"),
        ("/v1/runs/9", 404, "not_found", "no run made generation 9"),
        ("/v1/runs/last", 400, "bad_request", "`last` is not a generation"),
        ("/v1/runs/9/rejected", 404, "not_found", "no run made generation 9"),
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
async fn a_query_that_is_wrong_is_wrong_at_a_character() {
    let bed = scenario::bed();
    let (status, _, body) = get(&router(&bed), "/v1/search?q=gut+(sp%C3%A4t").await;
    assert_eq!((status, &body["offset"]), (400, &4.into()), "{body}");
    assert_eq!(body["mistake"], "unclosed_group");
    let (_, _, body) = get(&router(&bed), "/v1/search?limit=-1").await;
    assert_eq!((body.get("offset"), body.get("mistake")), (None, None));
}

#[tokio::test]
async fn a_cursor_of_a_generation_that_is_gone_says_so() {
    let bed = scenario::bed();
    let before = router(&bed);
    let (_, _, page) = get(&before, "/v1/search?q=Lieferung&mode=words&limit=5").await;
    let next = page["next"].as_str().unwrap();
    let path = format!("/v1/search?q=Lieferung&mode=words&limit=5&cursor={next}");
    let (status, _, second) = get(&before, &path).await;
    assert_eq!((status, second["hits"].as_array().unwrap().len()), (200, 5));
    assert_ne!(second["hits"], page["hits"]);

    bed.write_jsonl("next.jsonl", &[serde_json::json!({ "id": "x", "text": scenario::LATE })]);
    bed.run(&["next.jsonl"]);
    assert_eq!(get(&before, &path).await.2, second, "as long as it is served");
    let (status, kind, body) = get(&router(&bed), &path).await;
    assert_eq!((status, kind.as_str()), (410, "application/problem+json"));
    assert_eq!(body["code"], "generation_gone");
}

#[tokio::test]
async fn the_description_lists_every_route_and_parameter() {
    let bed = scenario::bed();
    let router = router(&bed);
    let (status, kind, body) = get(&router, "/openapi.json").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    let printed: Value = serde_json::from_str(&bed.echolot(&["openapi"]).out).unwrap();
    assert_eq!(body, printed, "the program prints the same");

    let mut named = HashSet::new();
    for method in body["paths"].as_object().unwrap().values().filter_map(Value::as_object) {
        for operation in method.values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(named.insert(id), "two routes are called {id}");
        }
    }
    let mut paths: Vec<&String> = body["paths"].as_object().unwrap().keys().collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "/metrics",
            "/v1/access-log",
            "/v1/alerts",
            "/v1/alerts/check",
            "/v1/audit",
            "/v1/audit/labels",
            "/v1/audit/sample",
            "/v1/compare",
            "/v1/complaints",
            "/v1/corrections",
            "/v1/corrections/{edit}/undo",
            "/v1/counts",
            "/v1/drivers",
            "/v1/emerging",
            "/v1/explain",
            "/v1/export",
            "/v1/feedback",
            "/v1/health",
            "/v1/kpi",
            "/v1/me",
            "/v1/queue",
            "/v1/queue/{id}",
            "/v1/ready",
            "/v1/recount",
            "/v1/report",
            "/v1/runs",
            "/v1/runs/{generation}",
            "/v1/runs/{generation}/rejected",
            "/v1/search",
            "/v1/taxonomy",
            "/v1/themes",
            "/v1/themes/certificate",
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
    // What Prometheus reads and what is exported is no JSON.
    let described = body["paths"].as_object().unwrap().iter();
    for (path, methods) in
        described.filter(|(path, _)| !["/metrics", "/v1/export"].contains(&path.as_str()))
    {
        // A described route is there: whatever is wrong, it is not the address.
        let address = ["{id}", "{edit}", "{generation}"]
            .into_iter()
            .fold(path.clone(), |path, name| path.replace(name, "1"));
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
async fn the_page_is_one_document_at_all_of_its_addresses() {
    let bed = scenario::bed();
    let router = router(&bed);
    // A machine without Node builds the program without the page.
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/echolot/web/dist/index.html");
    let status_of_page = if fs_err::exists(built).unwrap() { 200 } else { 503 };
    for path in [
        "/",
        "/themes",
        "/themes/7?by=release",
        "/releases",
        "/search?q=a",
        "/queue?open=n1",
        "/alerts",
        "/audit?view=label",
        "/taxonomy",
        "/runs/1",
    ] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status_of_page, "{path}");
        let headers = response.headers();
        assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(body.starts_with(b"<!doctype html>"), "{path}");
    }
    let (status, _, _) = call(&router, Method::POST, "/themes").await;
    assert_eq!(status, 405);
    // What is not there is said by the page to those who read pages.
    let missing = if status_of_page == 200 { 404 } else { status_of_page };
    for (path, accept, status, kind) in [
        ("/nonsense", "text/html,*/*;q=0.8", missing, "text/html; charset=utf-8"),
        ("/nonsense", "*/*", 404, "application/problem+json"),
        ("/v1/nonsense", "text/html", 404, "application/problem+json"),
        ("/assets/nothing.js", "text/html", 404, "application/problem+json"),
    ] {
        let request = Request::builder().uri(path).header(ACCEPT, accept);
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let found = response.headers()[CONTENT_TYPE].to_str().unwrap();
        assert_eq!((response.status().as_u16(), found), (status, kind), "{path} {accept}");
        assert!(!response.headers().contains_key(ETAG), "{path}");
    }
}

#[tokio::test]
async fn runs_tell_what_they_did_and_what_they_refused() {
    let bed = TestBed::new();
    bed.write("one.jsonl", "{\"id\":\"a\",\"text\":\"Paket kaputt\"}\n");
    bed.run(&["one.jsonl"]);
    bed.write(
        "two.jsonl",
        "{\"id\":\"b\",\"text\":\"gut\",\"nps\":11}\n{\"id\":\"c\",\"text\":\" \"}\n\
         {\"id\":\"d\",\"text\":\"Preis gut\"}\n",
    );
    let told = bed.echolot(&["run", "--input", "two.jsonl", "--json"]);
    let report: Value = serde_json::from_str(&told.out).unwrap();
    bed.ask(&["correct", "a", "--spam"]);
    let router = router(&bed);

    let (status, _, body) = get(&router, "/v1/runs").await;
    assert_eq!((status, &body["generation"]), (200, &3.into()), "an edit is no run");
    let of = |run: &Value| ["generation", "rows", "new", "rejected"].map(|key| run[key].as_u64());
    let runs: Vec<_> = body["runs"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(runs, [[Some(2), Some(3), Some(1), Some(2)], [Some(1), Some(1), Some(1), Some(0)]]);

    let (status, _, body) = get(&router, "/v1/runs/2").await;
    assert_eq!((status, &body["inputs"]), (200, &report["inputs"]));
    let (status, _, body) = get(&router, "/v1/runs/2/rejected?limit=1").await;
    assert_eq!((status, &body["total"]), (200, &2.into()));
    let row = &body["rows"][0];
    assert_eq!(row["line"], 1);
    assert_eq!(row["reason"], "nps is 11, but must be a whole number from 0 to 10");
    assert!(row["raw"].as_str().unwrap().contains("\"nps\":11"), "{row}");
    assert_eq!(get(&router, "/v1/runs/3").await.0, 404);
    let (_, _, body) = get(&router, "/v1/runs/2/rejected?offset=1").await;
    assert_eq!((&body["rows"][0]["line"], body["rows"].as_array().unwrap().len()), (&2.into(), 1));
    let (status, _, body) = get(&router, "/v1/runs/1/rejected").await;
    assert_eq!((status, &body["total"]), (200, &0.into()));
}

#[tokio::test]
async fn all_can_be_one_group_and_answers_lead_to_who_gave_them() {
    let bed = scenario::bed();
    let router = router(&bed);
    let (_, _, whole) = get(&router, "/v1/kpi?by=all&channel=survey").await;
    let (_, _, split) = get(&router, "/v1/kpi?by=channel&channel=survey").await;
    let rows = whole["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["group"]), (1, &"all".into()));
    for name in ["points", "count"] {
        assert_eq!(rows[0]["nps"][name], split["rows"][0]["nps"][name]);
    }
    for figure in ["nps", "rating"] {
        let (_, _, kpi) = get(&router, "/v1/kpi?by=all").await;
        let path = format!("/v1/search?has={figure}&limit=0");
        let (_, _, found) = get(&router, &path).await;
        let count = kpi["rows"][0][figure]["count"].as_u64().unwrap_or(0);
        assert_eq!(found["total"], count, "{figure}");
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
    assert_eq!((&after["generation"], &after["total"]), (&2.into(), &18.into()));
}
