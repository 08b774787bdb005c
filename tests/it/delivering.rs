//! Feedback that is delivered over HTTP and taken by the next run.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bed::{TestBed, jsonl};
use crate::http::router;
use crate::scenario;

const LIST: &str = "application/json";
const LINES: &str = "application/x-ndjson";

/// A bed with an empty data folder.
fn empty_bed() -> TestBed {
    let bed = TestBed::new();
    bed.write("empty.jsonl", "");
    bed.run(&["empty.jsonl"]);
    bed
}

async fn deliver(
    router: &Router,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> (u16, HeaderMap, Value) {
    let request = Request::builder().method(Method::POST).uri("/v1/feedback");
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, headers, serde_json::from_slice(&body).unwrap())
}

fn of(kind: &str) -> [(&str, &str); 1] {
    [(CONTENT_TYPE.as_str(), kind)]
}

#[tokio::test]
async fn every_row_is_answered_and_the_next_run_takes_what_was_accepted() {
    let bed = empty_bed();
    let router = router(&bed);
    let rows = json!([
        { "id": "a", "text": "Die Lieferung kam zu spät.", "product": "Vitaloop" },
        { "id": "b", "nps": 3 },
        { "id": "c", "Kommentar": "gut", "nps": 11 },
        "no object",
        { "text": "Der Preis ist super." },
    ]);
    let (status, _, answer) = deliver(&router, &of(LIST), rows.to_string()).await;
    assert_eq!((status, &answer["accepted"], &answer["rejected"]), (200, &json!(2), &json!(3)));
    let found = answer["rows"].as_array().unwrap();
    assert_eq!(found[0], json!({ "row": 1, "status": "accepted", "id": "a" }));
    assert_eq!(found[4]["status"], "accepted");
    for (row, reason) in [(1, "text"), (2, "nps"), (3, "not a JSON object")] {
        assert_eq!(
            (&found[row]["row"], &found[row]["status"]),
            (&json!(row + 1), &json!("rejected"))
        );
        assert!(found[row]["reason"].as_str().unwrap().contains(reason), "{}", found[row]);
    }

    let report = bed.echolot(&["run", "--json"]).json();
    assert_eq!(report["inputs"][0]["input"], "inbox");
    assert_eq!((&report["totals"]["new"], &report["generation"]), (&json!(2), &json!(1)));
    let ids: Vec<Value> = bed.export("feedback").iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, [&found[0]["id"], &found[4]["id"]].map(Clone::clone));
    let again = bed.echolot(&["run", "--json"]).json();
    assert_eq!((&again["totals"]["rows"], &again["generation"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn what_is_delivered_becomes_what_a_file_becomes() {
    let (by_file, by_list, by_lines) = (TestBed::new(), empty_bed(), empty_bed());
    let mut items = scenario::reviews();
    items.extend(scenario::chats());
    // Answers that nothing tells apart are as many as there are.
    items.extend((0..3).map(|_| json!({ "text": "Die Hotline ist super." })));
    by_file.write_jsonl("all.jsonl", &items);
    by_file.run(&["all.jsonl"]);
    let list = serde_json::to_string(&items).unwrap();
    assert_eq!(deliver(&router(&by_list), &of(LIST), list).await.2["accepted"], items.len());
    for part in items.chunks(30) {
        deliver(&router(&by_lines), &of(LINES), jsonl(part)).await;
    }
    for bed in [by_list, by_lines] {
        assert_eq!(bed.echolot(&["run"]).exit, 0);
        for what in ["feedback", "opinions", "themes"] {
            assert_eq!(bed.export_text(what), by_file.export_text(what), "{what}");
        }
    }
}

#[tokio::test]
async fn a_delivery_that_is_sent_again_adds_nothing() {
    let bed = empty_bed();
    let item = |text: &str| json!({ "id": "a", "text": text }).to_string();
    let keyed = |key| [(CONTENT_TYPE.as_str(), LIST), ("idempotency-key", key)];
    let (_, first_headers, first) = deliver(&router(&bed), &keyed("k1"), item("gut")).await;
    assert!(!first_headers.contains_key("idempotency-replayed"));
    let (status, headers, again) = deliver(&router(&bed), &keyed("k1"), item("gut")).await;
    assert_eq!((status, again), (200, first), "also by a server that was started since");
    assert_eq!(headers["idempotency-replayed"], "true");
    let (status, _, other) = deliver(&router(&bed), &keyed("k1"), item("schlecht")).await;
    assert_eq!((status, &other["code"]), (422, &json!("idempotency_key_reused")));
    let long = "k".repeat(256);
    for wrong in ["", "two words", long.as_str()] {
        let (status, _, problem) = deliver(&router(&bed), &keyed(wrong), item("gut")).await;
        assert_eq!((status, &problem["code"]), (400, &json!("bad_request")), "{wrong}");
    }
    // The id of an item says as much as a key: the last words are taken.
    deliver(&router(&bed), &keyed("k2"), item("gut")).await;
    deliver(&router(&bed), &keyed("k3"), item("Preis super")).await;
    let report = bed.echolot(&["run", "--json"]).json();
    let counts =
        ["rows", "new", "known", "changed"].map(|name| report["totals"][name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 1, 1]);
    assert_eq!(bed.export("feedback")[0]["text"], "Preis super");
    // The key is remembered when the rows are long gone.
    let (_, headers, _) = deliver(&router(&bed), &keyed("k1"), item("gut")).await;
    assert_eq!(headers["idempotency-replayed"], "true");
    assert_eq!(bed.echolot(&["run", "--json"]).json()["totals"]["rows"], 0);
}

#[tokio::test]
async fn what_cannot_be_read_as_a_whole_is_not_taken_in_part() {
    let bed = empty_bed();
    let router = router(&bed);
    for (kind, body, status, code) in [
        (LIST, "[{\"text\":\"gut\"},", 400, "bad_request"),
        ("text/csv", "text\ngut\n", 415, "unsupported_media_type"),
        ("", "{\"text\":\"gut\"}", 415, "unsupported_media_type"),
    ] {
        let (found, _, problem) = deliver(&router, &of(kind), body).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{kind}: {problem}");
    }
    let (status, _, answer) = deliver(&router, &of(LINES), "").await;
    assert_eq!((status, &answer["rows"]), (200, &json!([])));
    assert_eq!(bed.echolot(&["run", "--json"]).json()["totals"]["rows"], 0);
}

#[tokio::test]
async fn a_key_for_deliveries_can_deliver_for_its_products_and_nothing_else() {
    let bed = empty_bed();
    let add =
        bed.echolot(&["key", "add", "--role", "ingest", "--product", "Vitaloop", "--name", "shop"]);
    let key = format!("Bearer {}", add.out.trim());
    let router = router(&bed);
    let headers = [(CONTENT_TYPE.as_str(), LINES), (AUTHORIZATION.as_str(), key.as_str())];
    let rows = [
        json!({ "id": "own", "text": "gut", "product": "Vitaloop" }),
        json!({ "id": "other", "text": "gut", "product": "Nordlicht" }),
        json!({ "id": "none", "text": "gut" }),
    ];
    let (status, _, answer) = deliver(&router, &headers, jsonl(&rows)).await;
    assert_eq!((status, &answer["accepted"], &answer["rejected"]), (200, &json!(1), &json!(2)));
    let reason = answer["rows"][1]["reason"].as_str().unwrap();
    assert!(reason.contains("`Nordlicht` is not one this key delivers for: Vitaloop"), "{reason}");
    let (status, _, _) = deliver(&router, &of(LINES), jsonl(&rows)).await;
    assert_eq!(status, 401);
    let log = bed.ask(&["key", "log"]);
    assert_eq!(log["entries"][0]["action"], "ingest");
    assert_eq!(
        log["entries"][0]["detail"],
        json!({ "accepted": 1, "rejected": 2, "is_repeated": false })
    );
}

#[tokio::test]
async fn no_file_holds_personal_data_while_it_waits() {
    let bed = empty_bed();
    let router = router(&bed);
    let item = json!({
        "id": "zaphod.beeblebrox@example.org", "text": "Mail an zaphod.beeblebrox@example.org bitte",
        "respondent": "zaphod.beeblebrox@example.org", "Kontakt": "+49 30 901820 4711",
    });
    let (_, _, answer) = deliver(&router, &of(LIST), item.to_string()).await;
    assert_eq!(answer["accepted"], 1);
    for file in bed.stored_files() {
        let text = String::from_utf8_lossy(&fs_err::read(&file).unwrap()).to_lowercase();
        for piece in ["zaphod", "beeblebrox", "901820"] {
            assert!(!text.contains(piece), "{piece} in {}", file.display());
        }
    }
    assert!(!answer.to_string().contains("zaphod"), "{answer}");
}

#[tokio::test]
async fn deliveries_go_on_while_a_run_holds_the_folder() {
    let bed = empty_bed();
    let lock = fs_err::OpenOptions::new().write(true).open(bed.data().join("lock")).unwrap();
    lock.file().try_lock().unwrap();
    let (status, _, answer) = deliver(&router(&bed), &of(LIST), "{\"text\":\"gut\"}").await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)));
    lock.file().unlock().unwrap();
    assert_eq!(bed.echolot(&["run", "--json"]).json()["totals"]["new"], 1);
}

/// The inbox as it lies on the disk.
fn inbox_files(bed: &TestBed) -> Vec<std::path::PathBuf> {
    let is_inbox = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("inbox.sqlite"))
    };
    bed.stored_files().into_iter().filter(is_inbox).collect()
}

#[tokio::test]
async fn a_run_that_is_killed_before_it_empties_the_inbox_doubles_nothing() {
    let bed = empty_bed();
    let text = |number: usize| json!({ "text": format!("Die Lieferung {number} kam zu spät") });
    let rows: Vec<Value> = (0..50).map(text).collect();
    deliver(&router(&bed), &of(LINES), jsonl(&rows)).await;
    // The state of a run that was killed right after its commit: the inbox is
    // as it was before.
    let before: Vec<_> =
        inbox_files(&bed).into_iter().map(|path| (fs_err::read(&path).unwrap(), path)).collect();
    assert_eq!(bed.echolot(&["run", "--json"]).json()["totals"]["new"], 50);
    let stored = bed.export_text("feedback");
    for path in inbox_files(&bed) {
        fs_err::remove_file(path).unwrap();
    }
    for (bytes, path) in &before {
        fs_err::write(path, bytes).unwrap();
    }
    let more = jsonl(&[text(50)]);
    deliver(&router(&bed), &of(LINES), more).await;
    let report = bed.echolot(&["run", "--json"]).json();
    // What was taken is not even read again.
    assert_eq!((&report["totals"]["rows"], &report["totals"]["new"]), (&json!(1), &json!(1)));
    assert!(bed.export_text("feedback").starts_with(&stored));
    assert_eq!(bed.export("feedback").len(), 51);
}

#[tokio::test]
async fn an_inbox_that_was_put_away_does_not_hide_the_next_one() {
    let bed = empty_bed();
    deliver(&router(&bed), &of(LIST), "[{\"text\":\"eins\"},{\"text\":\"zwei\"}]").await;
    bed.echolot(&["run"]);
    for path in inbox_files(&bed) {
        fs_err::remove_file(path).unwrap();
    }
    deliver(&router(&bed), &of(LIST), "{\"text\":\"drei\"}").await;
    assert_eq!(bed.echolot(&["run", "--json"]).json()["totals"]["new"], 1);
}
