//! What people say against the model: at once, lasting, attributed, and to be undone.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::http::{get, router};
use crate::scenario;

fn correct(bed: &TestBed, args: &[&str]) -> Value {
    bed.ask(&[&["correct"], args, &["--by", "anna"]].concat())
}

/// How many verbatims of the product have each polarity, and how many there are.
fn polarities(bed: &TestBed) -> Value {
    let counts = bed.ask(&["count", "--by", "polarity", "--product", "Nordlicht"]);
    let of = |code: &str| {
        let rows = counts["rows"].as_array().unwrap().iter();
        let mut rows = rows.filter(|row| row["group"][0]["value"] == code);
        rows.next().map_or(json!(0), |row| row["count"].clone())
    };
    json!([of("negative"), of("neutral"), of("positive"), counts["total"]])
}

#[test]
fn a_correction_counts_at_once_everywhere_and_is_undone_as_if_never_made() {
    let bed = scenario::bed();
    assert_eq!(polarities(&bed), json!([27, 15, 32, 74]));
    let before = bed.export_text("feedback");

    let edit = correct(
        &bed,
        &["n1", "n2", "--polarity", "neutral", "--intents", "question", "--note", "sie fragen nur"],
    );
    assert_eq!(
        (&edit["edit"], &edit["kind"], &edit["author"]),
        (&json!(1), &json!("correct"), &json!("anna"))
    );
    assert_eq!(polarities(&bed), json!([25, 17, 32, 74]));
    let counts = bed.ask(&["count", "--by", "intent", "--product", "Nordlicht"]);
    assert_eq!(counts["corrections"], json!({ "corrected": 2, "spam": 0 }));
    let hit = &bed.ask(&["search", "Lieferung", "--release", "4.1.0"])["hits"][0];
    assert_eq!((&hit["polarity"], &hit["corrected"]), (&json!("neutral"), &json!(true)));
    let exported = bed.export("feedback");
    assert_eq!(
        (&exported[0]["polarity"], &exported[0]["intents"], &exported[0]["corrected"]),
        (&json!("neutral"), &json!(["question"]), &json!(true))
    );
    let answer = bed.echolot(&["count", "--by", "product"]);
    assert!(answer.out.contains("2 verbatims are counted as corrected"), "{}", answer.out);

    // A later run keeps it, and so does the item when it comes again with another rating.
    let mut again = scenario::reviews()[0].clone();
    again["rating"] = json!(3);
    bed.write_jsonl("again.jsonl", &[again]);
    assert_eq!(bed.run(&["again.jsonl"])["totals"]["changed"], 1);
    assert_eq!(polarities(&bed), json!([25, 17, 32, 74]));

    let listed = bed.ask(&["corrections"]);
    assert_eq!((&listed["total"], &listed["conflicts"]), (&json!(4), &json!(0)));
    let first = &listed["corrections"][0];
    assert_eq!(
        (&first["id"], &first["field"], &first["says"], &first["model_says"], &first["note"]),
        (
            &json!("n1"),
            &json!("polarity"),
            &json!("neutral"),
            &json!("negative"),
            &json!("sie fragen nur")
        )
    );

    bed.write_jsonl("as-before.jsonl", &scenario::reviews()[..1]);
    bed.run(&["as-before.jsonl"]);
    let undone = bed.ask(&["corrections", "undo", "1", "--by", "ben"]);
    assert_eq!((&undone["kind"], &undone["author"]), (&json!("undo"), &json!("ben")));
    assert_eq!(bed.export_text("feedback"), before);
    assert_eq!(bed.ask(&["corrections"])["total"], 0);
}

#[test]
fn every_answer_says_how_much_of_it_people_have_corrected() {
    let bed = scenario::bed();
    correct(&bed, &["n1", "n2", "--polarity", "neutral"]);
    correct(&bed, &["n40", "--spam"]);
    let of_product: [&[&str]; 6] = [
        &["trend", "--measure", "volume"],
        &["trend", "--measure", "share", "--topic", "price_value"],
        &["compare", "--a", "release=4.2.0", "--b", "release=4.1.0"],
        &["complaints", "--release", "4.2.0"],
        &["drivers", "--on", "rating"],
        &["emerging"],
    ];
    for args in of_product {
        let args = [args, &["--product", "Nordlicht"]].concat();
        let found = bed.ask(&args);
        assert_eq!(found["corrections"], json!({ "corrected": 2, "spam": 1 }), "{args:?}");
        let told = bed.echolot(&args).out;
        let words = "2 verbatims are counted as corrected; 1 are hidden as spam.";
        assert!(told.contains(words), "{args:?}: {told}");
    }
    let other = ["trend", "--measure", "volume", "--product", "Südwind"];
    assert_eq!(bed.ask(&other)["corrections"], json!({ "corrected": 0, "spam": 0 }));
    assert!(!bed.echolot(&other).out.contains("corrected"));
}

#[test]
fn an_edit_names_the_command_that_undoes_it() {
    let bed = scenario::bed();
    let corrected = bed.echolot(&["correct", "n1", "--polarity", "neutral"]);
    assert!(corrected.out.contains("`echolot corrections undo 1` undoes it"), "{}", corrected.out);
    let moved = bed.echolot(&["correct", "n1", "--unit", "0", "--theme", "none"]);
    assert!(moved.out.contains("`echolot corrections undo 2` undoes it"), "{}", moved.out);
    assert_eq!(bed.ask(&["corrections", "undo", "2"])["kind"], "undo");
    let pinned = bed.echolot(&["themes", "pin", "2"]);
    assert!(pinned.out.contains("`echolot themes undo 4` undoes it"), "{}", pinned.out);
}

#[test]
fn spam_is_left_out_of_everything_and_can_still_be_read() {
    let bed = scenario::bed();
    let edit = correct(&bed, &["s1", "s2", "s3", "s4", "s5", "s6", "--spam"]);
    assert_eq!(edit["edit"], 1);
    let counts = bed.ask(&["count", "--product", "Südwind"]);
    assert_eq!(
        (&counts["total"], &counts["corrections"]),
        (&json!(3), &json!({ "corrected": 0, "spam": 6 }))
    );
    assert_eq!(bed.ask(&["search", "Rechnung"])["total"], 0);
    let themes = bed.ask(&["themes", "--product", "Südwind"]);
    assert_eq!(themes["total"], 0);
    let spam = bed.export("feedback").into_iter().filter(|row| row["spam"] == true).count();
    assert_eq!(spam, 6);
    assert!(bed.export("opinions").iter().all(|row| row["id"] != "s1"));
}

#[test]
fn topics_and_polarity_of_one_unit() {
    let bed = scenario::bed();
    correct(&bed, &["n1", "--unit", "0", "--topics", "customer_support", "--polarity", "positive"]);
    let opinions = bed.export("opinions");
    let opinion = opinions.iter().find(|row| row["id"] == "n1").unwrap();
    assert_eq!(
        (&opinion["topic"], &opinion["polarity"], &opinion["confidence"], &opinion["theme"]),
        (&json!("customer_support"), &json!("positive"), &json!(1.0), &json!(2))
    );
    correct(&bed, &["n1", "--unit", "0", "--topics", "none"]);
    assert!(bed.export("opinions").iter().all(|row| row["id"] != "n1"));
    correct(&bed, &["n2", "--unit", "0", "--theme", "none"]);
    let themes = bed.ask(&["themes"]);
    let delays = themes["themes"].as_array().unwrap().iter().find(|row| row["theme"] == 2);
    let mentions = &delays.unwrap()["mentions"];
    assert_eq!(*mentions, 14, "16 but the one without an opinion and the one that was moved");
}

#[test]
fn what_cannot_be_corrected_says_why() {
    let bed = scenario::bed();
    let mistakes: [(&[&str], &[&str]); 8] = [
        (&["nobody", "--spam"], &["no feedback item `nobody`"]),
        (&["n1"], &["say what it is"]),
        (&["n1", "--polarity", "bad"], &["polarity: `bad` is not a polarity"]),
        (&["n1", "--topics", "parcels"], &["topics: `parcels`", "delivery"]),
        (&["n1", "--unit", "7", "--topics", "staff"], &["no opinion unit n1#7"]),
        (&["n1", "--unit", "0", "--spam"], &["spam is said of a verbatim"]),
        (&["n1", "--polarity", "negative"], &["what is said of it already"]),
        (&["n1", "--theme", "1"], &["name its number with --unit"]),
    ];
    for (args, words) in mistakes {
        bed.echolot(&[&["correct"], args].concat()).fails_with(2, words);
    }
    assert_eq!(bed.ask(&["corrections"])["generation"], 1, "nothing was changed");
    correct(&bed, &["n1", "--polarity", "neutral"]);
    correct(&bed, &["n1", "--polarity", "positive"]);
    bed.echolot(&["corrections", "undo", "1"])
        .fails_with(2, &["cannot be undone before edit 2 (correct)"]);
}

pub(crate) async fn send(router: &Router, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{path}: {error}")))
}

#[tokio::test]
async fn the_api_corrects_lists_and_undoes() {
    let bed = scenario::bed();
    let router = router(&bed);
    let told = json!({ "id": "n1", "polarity": "positive", "intents": [], "author": "anna" });
    let (status, edit) = send(&router, Method::POST, "/v1/corrections", told).await;
    assert_eq!((status, &edit["kind"], &edit["generation"]), (200, &json!("correct"), &json!(2)));
    let (_, _, verbatim) = get(&router, "/v1/verbatims/n1").await;
    assert_eq!((&verbatim["polarity"], &verbatim["score"]), (&json!("positive"), &json!(0.0)));
    assert_eq!(
        (&verbatim["model"]["polarity"], &verbatim["spam"]),
        (&json!("negative"), &json!(false))
    );
    assert_eq!(verbatim["corrections"].as_array().unwrap().len(), 2);
    let (_, _, listed) = get(&router, "/v1/corrections").await;
    assert_eq!(listed, bed.ask(&["corrections"]));
    let (_, _, conflicts) = get(&router, "/v1/corrections?conflicts=true").await;
    assert_eq!((&conflicts["total"], &conflicts["corrections"]), (&json!(2), &json!([])));

    let moved = json!({ "id": "n1", "unit": 0, "theme": 1 });
    let (status, edit) = send(&router, Method::POST, "/v1/corrections", moved).await;
    assert_eq!((status, &edit["kind"]), (200, &json!("move")));
    let both = json!({ "id": "n1", "unit": 0, "theme": 1, "polarity": "neutral" });
    let (status, _) = send(&router, Method::POST, "/v1/corrections", both).await;
    assert_eq!(status, 400);
    let (status, _) = send(&router, Method::POST, "/v1/corrections/1/undo", json!({})).await;
    assert_eq!(status, 200);
    let (_, _, verbatim) = get(&router, "/v1/verbatims/n1").await;
    assert_eq!(verbatim["polarity"], "negative");
    assert!(verbatim.get("model").is_none() && verbatim.get("corrections").is_none());
}
