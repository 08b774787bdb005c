//! The complaint queue: who needs an answer, and how far it has come.

use axum::http::Method;
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::correcting::send;
use crate::http::{get, router};
use crate::scenario;

fn queue(bed: &TestBed, args: &[&str]) -> Value {
    bed.ask(&[&["queue"], args].concat())
}

/// How many complaints have each status.
fn statuses(queue: &Value) -> Vec<u64> {
    let counts = queue["by_status"].as_array().unwrap().iter();
    counts.map(|status| status["count"].as_u64().unwrap()).collect()
}

fn ids(group: &Value) -> Vec<&str> {
    group["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect()
}

#[test]
fn one_customer_is_one_case_and_the_others_are_grouped_by_issue() {
    let bed = scenario::bed();
    // Two complaints in May and fourteen in June are about deliveries, five of them by Anna.
    let found = queue(&bed, &["--product", "Nordlicht"]);
    assert_eq!(statuses(&found), [27, 0, 0, 0]);
    let groups = found["groups"].as_array().unwrap();
    let shape: Vec<(&str, u64)> = groups
        .iter()
        .map(|group| (group["kind"].as_str().unwrap(), group["size"].as_u64().unwrap()))
        .collect();
    assert_eq!(shape, [("issue", 9), ("respondent", 5), ("issue", 6), ("issue", 5), ("issue", 2)]);
    assert_eq!((&groups[1]["respondent"], ids(&groups[1]).len()), (&json!("anna"), 5));
    assert_eq!((&groups[0]["theme"], &groups[0]["respondent"]), (&json!(2), &json!(null)));
    // By hand, with the standard weights: words -1, NPS 2 of 10 and one star are the worst
    // answer, four repeats, and more than three days of waiting: (1 + 0 + 1 + 4/5 + 1) / 6.
    assert_eq!(groups[1]["severity"], json!(0.633_333));
}

#[test]
fn a_status_is_there_at_once_and_gives_the_figures() {
    let bed = scenario::bed();
    let set = |id: &str, status: &str| {
        bed.ask(&["queue", "set", id, status, "--by", "ben", "--note", "angerufen"])
    };
    let answer = set("n1", "in_work");
    assert_eq!(
        (&answer["id"], &answer["status"], &answer["author"]),
        (&json!("n1"), &json!("in_work"), &json!("ben"))
    );
    set("n2", "answered");
    set("n9", "closed");
    // Praise that a person makes a case is one.
    set("n10", "new");
    let found = queue(&bed, &["--release", "4.1.0"]);
    assert_eq!(statuses(&found), [7, 1, 1, 1]);
    assert_eq!(found["figures"]["frt"]["count"], 2);
    assert_eq!(found["figures"]["art"]["count"], 1);
    assert_eq!(found["figures"]["fcr"], json!(null), "the window has not passed");
    assert_eq!(found["generation"], 1);
    let closed = queue(&bed, &["--release", "4.1.0", "--status", "closed"]);
    assert_eq!((closed["total"].as_u64(), ids(&closed["groups"][0])), (Some(1), vec!["n9"]));
    assert_eq!(closed["groups"][0]["cases"][0]["last_change"]["note"], "angerufen");

    // A run that goes on holds the lock and the database; a status does not wait for it.
    let lock = std::fs::OpenOptions::new().write(true).open(bed.data().join("lock")).unwrap();
    lock.lock().unwrap();
    set("n1", "closed");
    drop(lock);
    assert_eq!(statuses(&queue(&bed, &["--release", "4.1.0"])), [7, 0, 1, 2]);

    let again = bed.echolot(&["queue", "set", "n1", "closed", "--note", "angerufen"]);
    again.fails_with(2, &["`n1` is closed already"]);
    bed.echolot(&["queue", "set", "nobody", "closed"])
        .fails_with(2, &["no feedback item `nobody`"]);
    bed.echolot(&["queue", "set", "n1", "done"]).fails_with(2, &["status: `done`", "in_work"]);
    let shown = bed.echolot(&["queue", "--product", "Nordlicht"]);
    assert!(shown.out.contains("5 by anna") && shown.out.contains("same case"), "{}", shown.out);
}

#[test]
fn a_conversation_says_itself_how_it_was_answered() {
    let bed = TestBed::new();
    let turn = |role: &str, text: &str, at: &str| json!({ "role": role, "text": text, "at": at });
    let chat = |id: &str, day: &str, resolved: Option<&str>| {
        json!({
            "id": id, "respondent": "carla", "resolved_at": resolved,
            "turns": [
                turn("customer", "Die Lieferung ist kaputt.", &format!("{day}T09:00:00Z")),
                turn("agent", "Das tut mir leid.", &format!("{day}T09:10:00Z")),
            ],
        })
    };
    bed.write_jsonl(
        "chats.jsonl",
        &[
            chat("c1", "2025-01-01", Some("2025-01-01T10:00:00Z")),
            chat("c2", "2025-01-03", Some("2025-01-03T10:00:00Z")),
            chat("c3", "2025-03-01", None),
        ],
    );
    bed.run(&["chats.jsonl"]);
    let found = queue(&bed, &[]);
    assert_eq!(statuses(&found), [0, 0, 1, 2]);
    assert_eq!(found["figures"]["frt"], json!({ "mean_s": 600.0, "median_s": 600.0, "count": 3 }));
    assert_eq!(
        found["figures"]["art"],
        json!({ "mean_s": 3600.0, "median_s": 3600.0, "count": 2 })
    );
    let fcr = &found["figures"]["fcr"];
    assert_eq!(
        (&fcr["share"], &fcr["count"]),
        (&json!(0.5), &json!(2)),
        "carla was back in two days"
    );
}

#[tokio::test]
async fn the_api_lists_the_queue_and_takes_statuses() {
    let bed = scenario::bed();
    let router = router(&bed);
    let told = json!({ "status": "answered", "author": "anna" });
    let (status, event) = send(&router, Method::PUT, "/v1/queue/n1", told).await;
    assert_eq!(
        (status, &event["status"], &event["author"]),
        (200, &json!("answered"), &json!("anna"))
    );
    let (status, _, found) = get(&router, "/v1/queue?product=Nordlicht&limit=1").await;
    assert_eq!((status, statuses(&found)), (200, vec![26, 0, 1, 0]));
    assert_eq!((found["groups"].as_array().unwrap().len(), found["total"].as_u64()), (1, Some(5)));
    let (status, answer) =
        send(&router, Method::PUT, "/v1/queue/n1", json!({ "status": "done" })).await;
    assert_eq!((status, &answer["code"]), (400, &json!("bad_request")));
    let (status, _) =
        send(&router, Method::PUT, "/v1/queue/nobody", json!({ "status": "new" })).await;
    assert_eq!(status, 404);
}
