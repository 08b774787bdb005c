//! Topics of a company's own: checked, applied at once to old and new rows, counted everywhere.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use echolot_engine::{Config, CountQuestion, Grouping, open_snapshot, steps_between};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::correcting::send;
use crate::http::{get, router};
use crate::scenario;

const TAXONOMY: &str = r#"
[[topic]]
key = "preis"
examples = ["Der Preis ist super.", "Der Preis ist sehr super", "Super ist der Preis"]

[[topic]]
key = "spaet"
parent = "logistik"
name = "Zu spät"
rule = '"zu spät" -drohne'
stage = "loyalty"
touchpoint = "Paketdienst"
labelled = { yes = ["n1", "n2", "c1", "gone"], no = ["n3", "n9"] }

[[topic]]
key = "logistik"
name = { de = "Logistik", en = "Logistics" }
"#;

/// The scenario with the taxonomy in force.
fn bed() -> TestBed {
    let bed = scenario::bed();
    bed.write("taxonomy.toml", TAXONOMY);
    let applied = bed.ask(&["taxonomy", "apply", "taxonomy.toml", "--by", "anna"]);
    assert_eq!(
        (&applied["generation"], &applied["applied"]["author"]),
        (&json!(2), &json!("anna"))
    );
    bed
}

fn topic<'a>(taxonomy: &'a Value, key: &str) -> &'a Value {
    taxonomy["topics"].as_array().unwrap().iter().find(|topic| topic["key"] == key).unwrap()
}

/// Key, label and count of each group.
fn groups(counts: &Value) -> Value {
    let rows = counts["rows"].as_array().unwrap().iter();
    rows.map(|row| json!([row["group"][0]["value"], row["group"][0]["label"], row["count"]]))
        .collect()
}

#[test]
fn a_taxonomy_holds_at_once_for_all_that_is_stored_and_all_that_comes() {
    let bed = bed();
    let shown = bed.ask(&["taxonomy", "show"]);
    let order: Vec<Value> = shown["topics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|topic| json!([topic["key"], topic["depth"], topic["volume"], topic["mentions"]]))
        .collect();
    // 14 late parcels of 4.2.0, five of them by one person, and 2 before; 32 like the price.
    let expected = json!([["preis", 0, 32, 32], ["logistik", 0, 12, 16], ["spaet", 1, 12, 16]]);
    assert_eq!(json!(order), expected);
    assert_eq!((&shown["verbatims"], &shown["with_topic"]), (&json!(74), &json!(44)));
    let late = topic(&shown, "spaet");
    assert_eq!(
        json!([late["by_rule"], late["by_examples"], late["by_children"], late["threshold"]]),
        json!([12, 0, 0, null])
    );
    assert_eq!(topic(&shown, "logistik")["by_children"], 12);
    assert_eq!(topic(&shown, "logistik")["names"], json!({ "de": "Logistik", "en": "Logistics" }));
    let price = topic(&shown, "preis");
    assert_eq!((&price["by_rule"], &price["by_examples"]), (&json!(0), &json!(32)));
    assert!(price["threshold"].as_f64().unwrap() > 0.5, "{price}");
    // n1 and n2 are late; c1 speaks of a delay in another word; two more have it not.
    let accuracy = &late["accuracy"];
    assert_eq!((&accuracy["labelled"], &accuracy["missing"]), (&json!(5), &json!(1)));
    let share = |name: &str| json!([accuracy[name]["share"], accuracy[name]["count"]]);
    assert_eq!([share("precision"), share("recall")], [json!([1.0, 2]), json!([0.666_667, 3])]);

    // What comes later has it too, and loses it with its words.
    let mut item = scenario::reviews()[0].clone();
    item["id"] = json!("new");
    item["respondent"] = json!("new");
    bed.write_jsonl("new.jsonl", std::slice::from_ref(&item));
    bed.run(&["new.jsonl"]);
    assert_eq!(topic(&bed.ask(&["taxonomy", "show"]), "spaet")["mentions"], 17);
    item["text"] = json!("Die Drohne kam viel zu spät.");
    bed.write_jsonl("new.jsonl", &[item]);
    bed.run(&["new.jsonl"]);
    assert_eq!(topic(&bed.ask(&["taxonomy", "show"]), "spaet")["mentions"], 16);
    let before = bed.ask(&["taxonomy", "show", "--generation", "1"]);
    assert_eq!((&before["applied"], &before["topics"]), (&Value::Null, &json!([])));
    let then = bed.ask(&["taxonomy", "show", "--generation", "3"]);
    assert_eq!(topic(&then, "spaet")["mentions"], 17, "the past stays as it was");
}

#[test]
fn own_topics_are_asked_for_wherever_topics_are() {
    let bed = bed();
    let counts = bed.ask(&["count", "--by", "own_topic", "--product", "Nordlicht"]);
    let expected = json!([
        ["preis", "preis", 32],
        ["logistik", "Logistics", 16],
        ["spaet", "Zu spät", 16],
        [null, null, 26],
    ]);
    assert_eq!(groups(&counts), expected);
    for row in counts["rows"].as_array().unwrap() {
        let trace = row["trace"].as_str().unwrap();
        assert_eq!(bed.echolot(&["recount", trace]).exit, 0, "{trace}");
    }
    let negative = bed.ask(&["count", "--own-topic", "logistik", "--opinion-polarity", "negative"]);
    assert_eq!(negative["total"], 16);
    assert_eq!(bed.echolot(&["recount", negative["trace"].as_str().unwrap()]).exit, 0);
    let kpis = bed.ask(&["kpi", "--by", "own_topic"]);
    let of = |key: &str| kpis["rows"].as_array().unwrap().iter().find(|row| row["group"] == key);
    assert_eq!(of("spaet").unwrap()["nps"]["points"], -100.0);
    let compared = bed.ask(&[
        "compare",
        "--by",
        "own_topic",
        "--product",
        "Nordlicht",
        "--a",
        "release=4.2.0",
        "--b",
        "release=4.1.0",
    ]);
    assert_eq!(compared["compared"], 3);
    let trend = bed.ask(&[
        "trend",
        "--measure",
        "share",
        "--by",
        "release",
        "--product",
        "Nordlicht",
        "--own-topic",
        "spaet",
    ]);
    // 2 of 20 and 10 of 50.
    let shares: Vec<&Value> =
        trend["points"].as_array().unwrap().iter().map(|point| &point["value"]).collect();
    assert_eq!(shares, [&json!(0.1), &json!(0.2)], "{trend}");

    let drivers = bed.ask(&["drivers", "--by", "own_topic", "--product", "Nordlicht"]);
    let late = drivers["rows"].as_array().unwrap().iter().find(|row| row["own_topic"] == "spaet");
    let late = late.unwrap_or_else(|| panic!("{drivers:#}"));
    assert_eq!((&late["label"], &late["polarity"]), (&json!("Zu spät"), &json!("negative")));
    // Stars, repeats once: 12 x 1, 11 x 2 and 32 x 5.
    let impact = late["impact"].as_f64().unwrap();
    assert!((impact - (194.0 / 55.0 - 182.0 / 43.0)).abs() < 1e-6, "{late:#}");
    assert_eq!(bed.echolot(&["recount", late["trace"].as_str().unwrap()]).exit, 0, "{late:#}");

    let found = bed.ask(&["search", "own:spaet release:4.1.0", "--mode", "words"]);
    assert_eq!(found["total"], 2);
    // The stage of the topic stands beside that of the built-in one, and so does the touchpoint.
    let stage = |stage: &str| bed.ask(&["count", "--stage", stage])["total"].clone();
    assert_eq!((stage("loyalty"), stage("delivery")), (json!(16), json!(16)));
    let touchpoints = bed.ask(&["count", "--by", "touchpoint", "--own-topic", "spaet"]);
    let expected = json!([["delivery", null, 16], ["Paketdienst", null, 16]]);
    assert_eq!(groups(&touchpoints), expected);
    for row in touchpoints["rows"].as_array().unwrap() {
        let trace = row["trace"].as_str().unwrap();
        assert_eq!(bed.echolot(&["recount", trace]).exit, 0, "{trace}");
    }
    bed.echolot(&["count", "--own-topic", "spät"])
        .fails_with(2, &["no own topic `spät`", "known are: preis, logistik, spaet"]);
}

#[test]
fn a_taxonomy_is_tried_before_it_is_applied_and_a_former_one_comes_back() {
    let bed = bed();
    bed.write("other.toml", "[[topic]]\nkey = \"bad\"\nrule = 'polarity:negative'\n");
    let tried = bed.ask(&["taxonomy", "check", "other.toml", "--data", "data"]);
    let bad = topic(&tried, "bad")["mentions"].clone();
    assert_eq!((&tried["generation"], &bad), (&json!(2), &json!(16 + 11 + 6)));
    assert!(bed.echolot(&["taxonomy", "check", "other.toml"]).out.contains("nothing is wrong"));

    let applied = bed.ask(&["taxonomy", "apply", "other.toml"]);
    assert_eq!((&applied["generation"], &topic(&applied, "bad")["mentions"]), (&json!(3), &bad));
    bed.echolot(&["taxonomy", "apply", "other.toml"]).fails_with(2, &["in force already"]);
    // What a person says against the model is what the rule is about.
    assert_eq!(bed.echolot(&["correct", "n1", "--polarity", "neutral"]).exit, 0);
    assert_eq!(topic(&bed.ask(&["taxonomy", "show"]), "bad")["mentions"], 32);
    assert_eq!(bed.echolot(&["corrections", "undo", "1"]).exit, 0);
    assert_eq!(topic(&bed.ask(&["taxonomy", "show"]), "bad")["mentions"], 33);

    let former = bed.echolot(&["taxonomy", "show", "--generation", "2", "--file"]).out;
    assert_eq!(former.trim(), TAXONOMY.trim());
    bed.write("former.toml", former);
    let again = bed.ask(&["taxonomy", "apply", "former.toml"]);
    let late = topic(&again, "spaet");
    assert_eq!((&late["mentions"], again["former"].as_array().unwrap().len()), (&json!(16), 2));
    bed.write("empty.toml", "");
    let none = bed.ask(&["taxonomy", "apply", "empty.toml"]);
    assert_eq!((&none["topics"], &none["with_topic"]), (&json!([]), &json!(0)));
}

#[test]
fn mistakes_name_file_line_topic_and_remedy() {
    let bed = scenario::bed();
    bed.write(
        "mine.toml",
        "[[topic]]\nkey = \"a\"\nrule = '(spät'\n[[topic]]\nkey = \"a\"\nparent = \"b\"\n",
    );
    let words = [
        "mine.toml: line 3, topic `a`, rule: the rule has an error at character 0 (`(spät`)",
        "line 5, topic `a`, key: the key is that of the topic on line 2; choose another",
        "line 6, topic `a`, parent: there is no topic `b`",
    ];
    bed.echolot(&["taxonomy", "check", "mine.toml"]).fails_with(2, &words);
    bed.echolot(&["taxonomy", "apply", "mine.toml"]).fails_with(2, &words);
    bed.echolot(&["taxonomy", "check", "none.toml"]).fails_with(1, &["none.toml"]);
    assert_eq!(bed.ask(&["taxonomy", "show"])["generation"], 1, "nothing was changed");
}

async fn send_toml(router: &Router, document: &str) -> (u16, Value) {
    let request = Request::builder().method(Method::PUT).uri("/v1/taxonomy");
    let request = request.header(CONTENT_TYPE, "application/toml; charset=utf-8");
    let request = request.body(Body::from(document.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn the_api_shows_tries_and_applies() {
    let bed = scenario::bed();
    let router = router(&bed);
    let put = |body: Value| send(&router, Method::PUT, "/v1/taxonomy", body);
    let (status, tried) = put(json!({ "document": TAXONOMY, "preview": true })).await;
    assert_eq!((status, &tried["generation"], &tried["applied"]), (200, &json!(1), &Value::Null));
    assert_eq!(topic(&tried, "spaet")["mentions"], 16);
    let (_, _, shown) = get(&router, "/v1/taxonomy").await;
    assert_eq!(shown["topics"], json!([]), "nothing was changed");

    let (status, made) = put(json!({ "document": TAXONOMY, "author": "anna" })).await;
    assert_eq!((status, &made["generation"]), (200, &json!(2)));
    assert_eq!(
        made["topics"],
        tried["topics"]
            .as_array()
            .map(|topics| {
                let traced = topics.iter().cloned().map(|mut topic| {
                    topic["trace"] =
                        json!(topic["trace"].as_str().unwrap().replace("g=1&", "g=2&"));
                    topic
                });
                json!(traced.collect::<Vec<_>>())
            })
            .unwrap()
    );
    let (_, _, shown) = get(&router, "/v1/taxonomy").await;
    assert_eq!(shown, made);
    assert_eq!(shown, bed.ask(&["taxonomy", "show"]));
    let (status, _, _) = get(&router, "/v1/counts?by=own_topic&own_topic=logistik").await;
    assert_eq!(status, 200);
    let (_, _, verbatim) = get(&router, "/v1/verbatims/n1").await;
    // "Die Lieferung kam viel zu spät."
    let expected = json!([
        { "key": "logistik", "name": "Logistics", "by_rule": false, "spans": [], "by_children": true },
        {
            "key": "spaet", "name": "Zu spät", "by_rule": true,
            "spans": [{ "start": 23, "end": 30 }], "by_children": false,
        },
    ]);
    assert_eq!(verbatim["own_topics"], expected);
    let (_, _, verbatim) = get(&router, "/v1/verbatims/n9").await;
    let price = &verbatim["own_topics"][0];
    assert_eq!((&price["key"], &price["unit"]), (&json!("preis"), &json!(0)));
    assert!(price["similarity"].as_f64().unwrap() > 0.5);

    let (status, problem) = put(json!({ "document": TAXONOMY })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    let (status, problem) = put(json!({ "document": "[[topic]]\nkey = 'a'" })).await;
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!((status, &problem["code"]), (400, &json!("bad_request")));
    assert!(detail.starts_with("taxonomy: line 2, topic `a`, key: nothing has this"), "{detail}");
    let (status, made) = send_toml(&router, "[[topic]]\nkey = 'a'\nrule = 'Preis'\n").await;
    assert_eq!((status, &made["applied"]["author"]), (200, &json!("unknown")));
    assert_eq!(
        (&made["topics"][0]["mentions"], &made["former"][0]["author"]),
        (&json!(32), &json!("anna"))
    );
}

#[test]
fn whoever_sees_some_products_sees_their_counts() {
    let bed = bed();
    let all = open_snapshot(&bed.data()).unwrap();
    let own = all.within(&["Südwind".to_owned()]).taxonomy().unwrap();
    assert_eq!((own.document, own.verbatims), (None, 4));
    let late = own.rows.iter().find(|row| row.topic.key == "spaet").unwrap();
    assert_eq!((late.volume, late.mentions), (0, 0));
    let accuracy = late.accuracy.unwrap();
    assert_eq!((accuracy.labelled, accuracy.missing), (1, 5), "of the others nothing is told");
}

#[test]
fn what_a_taxonomy_changes_is_explained_as_taxonomy() {
    let bed = bed();
    let mut item = scenario::reviews()[0].clone();
    item["id"] = json!("new");
    item["respondent"] = json!("new");
    bed.write_jsonl("new.jsonl", &[item]);
    bed.run(&["new.jsonl"]);
    bed.ask(&["correct", "n1", "--polarity", "neutral"]);
    let config = Config::standard().unwrap();
    let steps = steps_between(&bed.data(), (1, 4), &config).unwrap();
    let late = steps.each_ref().map(|state| {
        let question = CountQuestion { by: vec![Grouping::OwnTopic], ..CountQuestion::default() };
        let rows = state.counts(&question).unwrap().rows;
        let row = rows.iter().find(|row| row.group[0].value.as_deref() == Some("spaet"));
        row.map_or(0, |row| row.count)
    });
    // Before; with the new item; with the model as it is now; with the taxonomy, but for
    // what a person has touched; as it is now.
    assert_eq!(late, [0, 1, 1, 16, 17]);
}
