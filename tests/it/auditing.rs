//! The audit: a sample to label, its labels, and shares corrected by them.

use axum::http::Method;
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::correcting::send;
use crate::http::{get, router};
use crate::scenario;

/// Forty complaints and sixty praises in the model's eyes.
fn bed() -> TestBed {
    let bed = TestBed::new();
    let item = |number: usize| {
        let text = if number < 40 { scenario::LATE } else { scenario::PRICE };
        json!({ "id": format!("r{number}"), "text": text, "lang": "de", "product": "P" })
    };
    bed.write_jsonl("items.jsonl", &(0..100).map(item).collect::<Vec<_>>());
    bed.run(&["items.jsonl"]);
    bed
}

fn sample(bed: &TestBed, args: &[&str]) -> Vec<Value> {
    let answer = bed.echolot(&[&["audit", "sample", "--jsonl"], args].concat());
    assert_eq!(answer.exit, 0, "{answer:?}");
    answer.lines()
}

#[test]
fn a_sample_is_drawn_by_stratum_and_by_its_seed() {
    let bed = bed();
    let drawn = sample(&bed, &["--per-stratum", "10"]);
    assert_eq!(drawn.len(), 20);
    let of =
        |stratum: &str| drawn.iter().filter(|row| row["stratum"] == stratum).collect::<Vec<_>>();
    let (late, price) = (of("negative / de"), of("positive / de"));
    assert_eq!((late.len(), &late[0]["weight"]), (10, &json!(4.0)));
    assert_eq!((price.len(), &price[0]["weight"]), (10, &json!(6.0)));
    assert_eq!((&late[0]["polarity"], late[0].get("model_polarity")), (&json!(null), None));
    assert_eq!(sample(&bed, &["--per-stratum", "10"]), drawn);
    assert_ne!(sample(&bed, &["--per-stratum", "10", "--seed", "1"]), drawn);
    let shown = sample(&bed, &["--per-stratum", "1", "--by", "product", "--show-answers"]);
    assert_eq!(
        (shown.len(), &shown[0]["stratum"], &shown[0]["weight"]),
        (1, &json!("P"), &json!(100.0))
    );
    assert!(shown[0]["model_polarity"].is_string());
    bed.echolot(&["audit", "sample", "--per-stratum", "1", "--by", "topic"])
        .fails_with(2, &["several values of `topic`"]);
}

#[test]
fn labels_give_accuracy_and_corrected_shares() {
    let bed = bed();
    assert_eq!(bed.ask(&["audit"])["heads"], json!([]));
    assert!(bed.ask(&["count", "--by", "polarity"])["rows"][0].get("corrected_share").is_none());
    // Every verbatim labelled, each for itself: the model takes 8 of 40 complaints wrongly
    // for complaints, and misses none.
    let mut drawn = sample(&bed, &["--per-stratum", "100"]);
    let mut late = 0;
    for row in &mut drawn {
        let is_late = row["stratum"] == "negative / de";
        late += usize::from(is_late);
        let truly = if is_late && late > 8 { "negative" } else { "positive" };
        row["polarity"] = json!(truly);
    }
    bed.write_jsonl("labels.jsonl", &drawn);
    let imported = bed.ask(&["audit", "import", "labels.jsonl", "--by", "anna"]);
    assert_eq!((&imported["generation"], &imported["labelled"]), (&json!(2), &json!(100)));
    let audit = bed.ask(&["audit"]);
    assert_eq!(audit, imported);
    let head = &audit["heads"][0];
    assert_eq!((&head["head"], &head["exact"]["share"]), (&json!("polarity"), &json!(0.92)));
    let negative = &head["labels"][0];
    assert_eq!((&negative["label"], &negative["truly"]), (&json!("negative"), &json!(32)));
    assert_eq!(
        (&negative["sensitivity"]["share"], &negative["sensitivity"]["count"]),
        (&json!(1.0), &json!(32))
    );
    assert_eq!(
        (&negative["specificity"]["share"], &negative["specificity"]["count"]),
        (&json!(0.882_353), &json!(68))
    );

    // (.4 + 60/68 - 1) / (1 + 60/68 - 1) = .32, which is the truth.
    let counts = bed.ask(&["count", "--by", "polarity"]);
    let rows = counts["rows"].as_array().unwrap();
    let negative = rows.iter().find(|row| row["group"][0]["value"] == "negative").unwrap();
    assert_eq!(
        (&negative["share"], &negative["corrected_share"]["share"]),
        (&json!(0.4), &json!(0.32))
    );
    let kpi = &bed.ask(&["kpi", "--by", "product"])["rows"][0];
    assert_eq!(
        (&kpi["net_sentiment"]["points"], &kpi["corrected_sentiment"]["points"]),
        (&json!(20.0), &json!(36.0))
    );
    // Among what the model calls delivery its errors are others.
    let chosen = bed.ask(&["count", "--by", "polarity", "--topic", "delivery"]);
    assert!(chosen["rows"][0].get("corrected_share").is_none());
    let shown = bed.echolot(&["count", "--by", "polarity"]).out;
    assert!(shown.contains("CORRECTED FOR ERROR") && shown.contains("32.0 %"), "{shown}");

    // Words that were replaced since do not count, and neither do corrections: the
    // model said what it said.
    bed.ask(&["correct", "r0", "--polarity", "positive"]);
    assert_eq!(bed.ask(&["audit"])["heads"], audit["heads"]);
    bed.write_jsonl(
        "other.jsonl",
        &[json!({ "id": "r99", "text": "Ganz anderer Text.", "lang": "de", "product": "P" })],
    );
    bed.run(&["other.jsonl"]);
    assert_eq!(bed.ask(&["audit"])["stale"], 1);
}

#[test]
fn labels_of_one_product_say_nothing_of_another() {
    let bed = bed();
    let other = |number: usize| json!({ "id": format!("s{number}"), "text": scenario::LATE, "lang": "de", "product": "S" });
    bed.write_jsonl("other.jsonl", &(0..50).map(other).collect::<Vec<_>>());
    bed.run(&["other.jsonl"]);
    let label = |args: &[&str]| {
        let mut drawn = sample(&bed, &[&["--per-stratum", "100"], args].concat());
        for (at, row) in drawn.iter_mut().enumerate() {
            let is_late = row["stratum"] == "negative / de" && at % 10 > 0;
            row["polarity"] = json!(if is_late { "negative" } else { "positive" });
        }
        bed.write_jsonl("labels.jsonl", &drawn);
        bed.ask(&["audit", "import", "labels.jsonl"]);
    };
    let labelled = |args: &[&str]| {
        let counts = bed.ask(&[&["count", "--by", "polarity"], args].concat());
        let rows = counts["rows"].as_array().unwrap().iter();
        let mut labelled = rows.map(|row| row["corrected_share"]["labelled"].clone());
        labelled.next().unwrap()
    };
    label(&["--product", "P"]);
    assert_eq!(labelled(&["--product", "P"]), 100);
    for args in [&["--product", "S"][..], &[]] {
        assert_eq!(labelled(args), Value::Null, "{args:?}: nobody looked at S");
    }
    let kpis = bed.ask(&["kpi", "--by", "product"]);
    let corrected: Vec<bool> = kpis["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.get("corrected_sentiment").is_some())
        .collect();
    assert_eq!(corrected, [true, false]);
    let shown = bed.echolot(&["count", "--by", "polarity", "--product", "P"]).out;
    assert!(shown.contains("by 100 labels"), "{shown}");

    label(&["--product", "S"]);
    assert_eq!(labelled(&[]), 150);
}

#[test]
fn mistakes_of_a_file_are_named_by_line_and_store_nothing() {
    let bed = bed();
    bed.write(
        "labels.csv",
        "id,stratum,weight,polarity\nr1,x,1,negative\nnobody,x,1,negative\nr2,x,0,negative\nr1,x,1,neutral\n",
    );
    bed.echolot(&["audit", "import", "labels.csv"]).fails_with(
        2,
        &[
            "line 3: there is no feedback item `nobody`",
            "line 4: the weight is not above 0",
            "line 5: `r1` is on line 2 already",
        ],
    );
    bed.write("labels.csv", "id,weight,polarity\nr1,1,bad\n");
    bed.echolot(&["audit", "import", "labels.csv"])
        .fails_with(2, &["line 2: polarity: `bad` is not a polarity; known are: negative"]);
    bed.write("labels.csv", "id,weight,polarity,words\nr1,1,negative,0000\n");
    bed.echolot(&["audit", "import", "labels.csv"])
        .fails_with(2, &["the words of `r1` were replaced"]);
    bed.write("labels.csv", "id,weight,polarity\nr1,1,\n");
    bed.echolot(&["audit", "import", "labels.csv"]).fails_with(2, &["no line answers anything"]);
    assert_eq!(bed.ask(&["audit"])["generation"], 1);
}

#[tokio::test]
async fn the_api_says_how_well_the_model_does() {
    let bed = bed();
    let (status, _, audit) = get(&router(&bed), "/v1/audit").await;
    assert_eq!((status, audit), (200, bed.ask(&["audit"])));
}

#[tokio::test]
async fn a_sample_is_drawn_and_labelled_over_the_api_as_in_files() {
    let bed = bed();
    let router = router(&bed);
    let path = "/v1/audit/sample?per_stratum=10&seed=1";
    let (status, _, drawn) = get(&router, path).await;
    assert_eq!(
        (status, &drawn["seed"], &drawn["by"]),
        (200, &json!(1), &json!(["polarity", "language"]))
    );
    let verbatims = drawn["verbatims"].as_array().unwrap();
    let in_file = sample(&bed, &["--per-stratum", "10", "--seed", "1"]);
    assert_eq!(verbatims.len(), in_file.len());
    for (one, row) in verbatims.iter().zip(&in_file) {
        for field in ["id", "stratum", "weight", "words", "language", "product", "text"] {
            assert_eq!(one[field], row[field], "{field}");
        }
        assert_eq!(one.as_object().unwrap().len(), 7, "nothing of what the model says");
    }
    let (status, _, problem) = get(&router, "/v1/audit/sample?by=topic").await;
    assert_eq!((status, &problem["code"]), (400, &json!("bad_request")));
    let (status, _, _) = get(&router, "/v1/audit/sample?per_stratum=1001").await;
    assert_eq!(status, 400);

    // The first is labelled, the second was passed over; what was drawn may come back whole.
    let mut labels = verbatims.clone();
    labels.truncate(2);
    labels[0]["polarity"] = json!("positive");
    labels[0]["topics"] = json!(["staff", "delivery"]);
    labels[0]["intents"] = json!([]);
    labels[1]["polarity"] = json!(null);
    let told = json!({ "labels": labels, "author": "anna" });
    let (status, stored) = send(&router, Method::POST, "/v1/audit/labels", told).await;
    assert_eq!((status, stored), (200, json!({ "generation": 2, "labels": 1 })));
    let (_, _, audit) = get(&router, "/v1/audit").await;
    assert_eq!((&audit["generation"], &audit["labelled"]), (&json!(2), &json!(1)));
    assert_eq!(audit, bed.ask(&["audit"]));
    let heads = audit["heads"].as_array().unwrap();
    assert_eq!(heads.len(), 3, "an empty list is an answer too: {audit}");

    // Mistakes are named by their place, and nothing is stored then.
    labels[0]["polarity"] = json!("good");
    labels[1]["topics"] = json!(["food"]);
    let told = json!({ "labels": labels });
    let (status, problem) = send(&router, Method::POST, "/v1/audit/labels", told).await;
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!(status, 400);
    for part in ["line 1: polarity: `good`", "line 2: topics: `food`"] {
        assert!(detail.contains(part), "{detail}");
    }
    for wrong in
        [json!({ "labels": [] }), json!({ "labels": [{ "id": "r1", "weight": 0 }] }), json!({})]
    {
        let (status, problem) = send(&router, Method::POST, "/v1/audit/labels", wrong).await;
        assert_eq!((status, &problem["code"]), (400, &json!("bad_request")), "{problem}");
    }
    assert_eq!(bed.ask(&["audit"])["generation"], 2);
}
