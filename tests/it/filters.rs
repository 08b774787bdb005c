//! Filters: one language for every report, on the command line and over HTTP.

use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::http::{get, router};
use crate::scenario::{self, CRASH, LATE, PRICE};

/// Every filter with a value that some verbatims of the scenario meet.
const FILTERS: [(&str, &str); 19] = [
    ("lang", "de"),
    ("product", "Nordlicht,Südwind"),
    ("release", "4.1.0,4.2.0"),
    ("channel", "review"),
    ("source", "shop"),
    ("q", "Lieferung OR crash"),
    ("polarity", "negative"),
    ("topic", "delivery,malfunction"),
    ("intent", "complaint"),
    ("theme", "1,2"),
    ("opinion_polarity", "negative"),
    ("stage", "delivery"),
    ("touchpoint", "parcel"),
    ("respondent", "anna,r1"),
    ("from", "2025-05-11"),
    ("to", "2025-06-11"),
    ("rating", "1..2"),
    ("rating_max", "2"),
    ("has", "rating"),
];

const REPORTS: [(&str, &[&str]); 8] = [
    ("/v1/counts", &["count", "--by", "theme"]),
    ("/v1/kpi", &["kpi", "--by", "release"]),
    ("/v1/trends", &["trend", "--measure", "share", "--by", "month"]),
    ("/v1/compare", &["compare", "--a", "q=Lieferung", "--b", "q=crash"]),
    ("/v1/emerging", &["emerging", "--level", "0.5"]),
    ("/v1/complaints", &["complaints", "--where", "product=Nordlicht;release=4.2.0"]),
    ("/v1/drivers", &["drivers", "--on", "rating"]),
    ("/v1/themes", &["themes"]),
];

/// An address that asks what a command asks.
fn address(path: &str, args: &[&str], (key, value): (&str, &str)) -> String {
    let asked = args[1..].chunks(2).map(|pair| (pair[0].trim_start_matches("--"), pair[1]));
    let more = [("limit", "20"), (key, value)].into_iter();
    let takes_no_limit = ["/v1/kpi", "/v1/trends"].contains(&path);
    let pairs = asked.chain(more).filter(|(key, _)| !(takes_no_limit && *key == "limit"));
    let encoded = |text: &str| {
        let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        bytes.concat()
    };
    let pairs = pairs.map(|(key, value)| format!("{key}={}", encoded(value)));
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

#[tokio::test]
async fn every_report_takes_every_filter_as_flag_condition_and_parameter() {
    let bed = scenario::bed();
    let api = router(&bed);
    for (path, args) in REPORTS {
        for (key, value) in FILTERS {
            if path == "/v1/complaints" && ["product", "release"].contains(&key) {
                continue; // It names one of each.
            }
            let flag = match key {
                "q" => "--query".to_owned(),
                key => format!("--{}", key.replace('_', "-")),
            };
            let asked =
                |more: &[&str]| bed.echolot(&[args, more, &["--json", "--limit", "20"]].concat());
            let asked = |more: &[&str]| match path {
                "/v1/kpi" | "/v1/trends" => bed.echolot(&[args, more, &["--json"]].concat()),
                _ => asked(more),
            };
            let by_flag = asked(&[&flag, value]);
            let condition = format!("{key}={value}");
            let by_condition = asked(&["--where", &condition]);
            assert_eq!(
                (by_flag.exit, &by_flag.out, &by_flag.err),
                (by_condition.exit, &by_condition.out, &by_condition.err),
                "{path} {key}"
            );
            let (status, _, answer) = get(&api, &address(path, args, (key, value))).await;
            if by_flag.exit == 0 {
                assert_eq!((status, answer), (200, by_flag.json()), "{path} {key}");
            } else {
                // A period and a release are both said at once, or only an end is.
                assert_eq!((status, path), (400, "/v1/emerging"), "{key}: {answer}");
            }
        }
    }
}

#[test]
fn several_names_are_alternatives() {
    let bed = TestBed::new();
    let item = |id, product| json!({ "id": id, "text": LATE, "lang": "de", "product": product });
    bed.write_jsonl(
        "items.jsonl",
        &[item("a", "Herd, schwarz"), item("b", "Ofen"), item("c", "Topf")],
    );
    bed.run(&["items.jsonl"]);
    let total = |args: &[&str]| bed.ask(&[&["count"], args].concat())["total"].clone();
    assert_eq!(total(&["--product", "Ofen,Topf"]), 2);
    assert_eq!(total(&["--product", r"Herd\, schwarz,Ofen"]), 2);
    assert_eq!(total(&["--where", r"product=Herd\, schwarz"]), 1);
    bed.echolot(&["count", "--where", "attribute.Ort=Ulm"])
        .fails_with(2, &["no item has an attribute `Ort`; no item has any attribute"]);
}

#[test]
fn complaints_are_ranked_by_share_or_by_what_they_do_to_an_answer() {
    let bed = scenario::bed();
    let asked = ["complaints", "--product", "Nordlicht", "--release", "4.1.0,4.2.0"];
    bed.echolot(&asked).fails_with(2, &["release: name one release"]);
    let asked = ["complaints", "--product", "Nordlicht", "--release", "4.1.0"];
    let themes = |table: &Value| -> Vec<String> {
        let rows = table["rows"].as_array().unwrap().iter();
        rows.map(|row| row["examples"][0]["quote"].as_str().unwrap()[..4].to_owned()).collect()
    };
    let by_share = bed.ask(&asked);
    assert_eq!((&by_share["rank"], by_share.get("impact_on")), (&json!("share"), None));
    assert_eq!(themes(&by_share), ["Cons", "Die "]);
    let by_impact = bed.ask(&[&asked[..], &["--rank", "impact"]].concat());
    assert_eq!((&by_impact["impact_on"], &by_impact["answers"]), (&json!("rating"), &json!(20)));
    // 2 x 1, 6 x 2 and 12 x 5 stars: 74 / 20; without the crash 62 / 14, without the
    // late deliveries 72 / 18.
    let impact = |at: usize| by_impact["rows"][at]["impact"]["value"].as_f64().unwrap();
    assert!((impact(0) - (3.7 - 62.0 / 14.0)).abs() < 1e-6, "{by_impact:#}");
    assert!((impact(1) - (3.7 - 4.0)).abs() < 1e-6, "{by_impact:#}");
    // Nobody who complains of a crash answered how likely they recommend it.
    let on_nps = bed.ask(&[&asked[..], &["--rank", "impact", "--on", "nps"]].concat());
    assert_eq!(themes(&on_nps), ["Die ", "Cons"]);
    assert_eq!(on_nps["rows"][1].get("impact"), None);
    bed.echolot(&[&asked[..], &["--rank", "size"]].concat())
        .fails_with(2, &["`size` is not one of share, impact"]);
}

#[test]
fn conditions_on_what_is_said_choose_complaints_and_leave_the_whole() {
    let bed = scenario::bed();
    let asked = ["complaints", "--product", "Nordlicht", "--release", "4.2.0"];
    let of = |more: &[&str]| bed.ask(&[&asked[..], more].concat());
    for more in [&["--topic", "delivery"][..], &["--query", "Lieferung"], &["--rating", "1"]] {
        let table = of(more);
        let [late] = &table["rows"].as_array().unwrap()[..] else { panic!("{table:#}") };
        let whole = if more[0] == "--rating" { 10 } else { 50 };
        assert_eq!((&late["volume"], &table["verbatims"]), (&json!(10), &json!(whole)), "{more:?}");
    }
    let reviews = of(&["--channel", "review"]);
    assert_eq!((&reviews["verbatims"], &reviews["baseline_verbatims"]), (&json!(35), &json!(20)));
    assert_eq!(reviews["baseline_is_small"], true);
    let told = bed.echolot(&asked).out;
    assert!(told.contains("That is few: only great changes can show"), "{told}");
    let same = bed.echolot(&[&asked[..], &["--baseline", "4.2.0"]].concat());
    same.fails_with(2, &["baseline: `4.2.0` is the release itself; name another"]);
    let missing = bed.echolot(&[&asked[..], &["--notes", "none.md"]].concat());
    missing.fails_with(2, &["notes: ", "none.md"]);
    assert_eq!(missing.err.matches("No such file").count(), 1, "{}", missing.err);
    // Nothing is wider than a page of 120 columns, and --wide shows what is left out.
    let by_impact = bed.echolot(&[&asked[..], &["--rank", "impact"]].concat()).out;
    for line in told.lines().chain(by_impact.lines()) {
        assert!(line.chars().count() <= 120, "{line}");
    }
    let wide = bed.echolot(&[&asked[..], &["--wide", "--rank", "impact"]].concat()).out;
    for title in ["TOPIC", "WITH REPEATS", "DETECTABLE", " P ", "IMPACT", "IN CUSTOMERS' WORDS"] {
        assert!(wide.contains(title), "{title}: {wide}");
    }
}

#[test]
fn what_one_query_finds_stands_beside_what_another_finds() {
    let bed = TestBed::new();
    let texts = [
        (6, LATE.to_owned()),
        (5, CRASH.to_owned()),
        (4, format!("{LATE} {CRASH}")),
        (9, PRICE.to_owned()),
    ];
    let mut items = Vec::new();
    for (count, text) in texts {
        for _ in 0..count {
            let number = items.len();
            let text = format!("{text} {number}");
            items.push(json!({ "id": format!("i{number}"), "text": text, "lang": "de", "respondent": format!("r{number}") }));
        }
    }
    bed.write_jsonl("items.jsonl", &items);
    bed.run(&["items.jsonl"]);
    let found =
        bed.ask(&["compare", "--a", "q=Lieferung", "--b", "q=crash", "--by", "opinion_polarity"]);
    let of = |side: &str| found[side].as_u64().unwrap();
    assert!((1..=6).contains(&of("a")) && (1..=5).contains(&of("b")), "{found:#}");
    assert_eq!(found["left_out"], 4);
    for side in ["a", "b"] {
        let trace = found["rows"][0][side]["trace"].as_str().unwrap();
        let recount = bed.echolot(&["recount", trace, "--json"]);
        assert_eq!((recount.exit, &recount.json()["agrees"]), (0, &json!(true)), "{recount:?}");
    }
    // A query on both sides is one more condition of both.
    let both = ["compare", "--query", "crash", "--a", "q=Lieferung", "--b", "q=NOT Lieferung"];
    assert_eq!(bed.ask(&[&both[..], &["--by", "topic"]].concat()).get("left_out"), None);
    bed.echolot(&["compare", "--a", "q=crash", "--b", "topic=malfunction"])
        .fails_with(2, &["verbatims are in both sets", "or words (`q`)"]);
}

#[test]
fn effort_and_times_are_followed_too() {
    let bed = TestBed::new();
    let chat = |id: &str, customer: &str, day: u32, minutes: u32| {
        let at = |hour: &str| format!("2025-06-{day:02}T{hour}Z");
        let turn = |role: &str, at: String| json!({ "role": role, "text": LATE, "at": at });
        json!({
            "id": id, "lang": "de", "product": "Nordlicht", "respondent": customer, "ces": 5 + day % 2,
            "turns": [turn("customer", at("09:00:00")), turn("agent", at(&format!("09:{minutes:02}:00")))],
            "resolved_at": at("10:00:00"), "created_at": at("09:00:00"),
        })
    };
    // Anna is back after three days, Ben after 20, Cem never; Dora's week is not over.
    bed.write_jsonl(
        "chats.jsonl",
        &[
            chat("a1", "anna", 1, 10),
            chat("b1", "ben", 2, 20),
            chat("c1", "cem", 3, 30),
            chat("a2", "anna", 4, 4),
            chat("b2", "ben", 22, 6),
            chat("d1", "dora", 23, 8),
        ],
    );
    bed.run(&["chats.jsonl"]);
    let point = |measure: &str| {
        let args = ["trend", "--measure", measure, "--by", "month"];
        let point = bed.ask(&args)["points"][0].clone();
        let trace = point["trace"].as_str().unwrap().to_owned();
        let recount = bed.echolot(&["recount", &trace, "--json"]);
        assert_eq!((recount.exit, &recount.json()["agrees"]), (0, &json!(true)), "{recount:?}");
        assert_eq!(bed.echolot(&args).exit, 0);
        point
    };
    let fcr = point("fcr");
    // Of a1, b1, c1 and a2, whose weeks have passed, only Anna was back after the first.
    assert_eq!((&fcr["value"], &fcr["hits"], &fcr["count"]), (&json!(0.75), &json!(3), &json!(4)));
    assert_eq!(bed.ask(&["kpi", "--by", "month"])["rows"][0]["fcr"]["share"], 0.75);
    assert_eq!(point("frt")["value"], 780.0);
    assert_eq!((&point("art")["value"], &point("art")["low"]), (&json!(3600.0), &Value::Null));
    let ces = point("ces");
    assert_eq!((&ces["value"], &ces["count"]), (&json!(5.5), &json!(6)));
    // 5.5 ± 2.570582 of five degrees · √(.3 / 6).
    assert!((ces["low"].as_f64().unwrap() - 4.925_200).abs() < 1e-4, "{ces}");
    assert_eq!(
        bed.ask(&["drivers", "--on", "ces", "--by", "topic", "--minimum", "1"])["answers"],
        4,
        "who says the same twice answers once"
    );
}
