//! The examples in the description of the API are what the program answers.

use axum::Router;
use serde_json::{Map, Value, json};

use crate::bed::{TestBed, corpus, repository};
use crate::correcting::send;
use crate::http::{get, router};
use crate::theming::bed_with_parts;

/// Entries of a list that an example shows.
const SHOWN: usize = 2;

/// Asks, and keeps what was asked and answered.
struct Recorder {
    router: Router,
    recorded: Map<String, Value>,
    description: Value,
}

impl Recorder {
    /// The answer of `route`, such as `GET /v1/themes/{id}`, at `address`.
    async fn ask(&mut self, route: &str, address: &str, body: Option<Value>) -> Value {
        let method = route.split(' ').next().unwrap();
        let sent = body.clone().unwrap_or_default();
        let (status, answer) = send(&self.router, method.parse().unwrap(), address, sent).await;
        assert_eq!(status, 200, "{method} {address}: {answer:#}");
        assert_eq!(self.violations(route, &answer), [""; 0], "{method} {address}");
        let mut example = json!({ "asked": format!("{method} {address}") });
        if let Some(body) = body {
            example["body"] = shortened(body);
        }
        example["answer"] = shortened(answer.clone());
        self.recorded.insert(route.to_owned(), example);
        answer
    }

    /// Where an answer is not what the description says of it.
    fn violations(&self, route: &str, answer: &Value) -> Vec<String> {
        let (method, path) = route.split_once(' ').unwrap();
        let described = &self.description["paths"][path][method.to_lowercase()];
        let content = &described["responses"]["200"]["content"]["application/json"];
        let mut schema = content["schema"].clone();
        schema["components"] = self.description["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let violations = validator.iter_errors(answer);
        violations.map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    async fn get(&mut self, path: &str, query: &str) -> Value {
        self.ask(&format!("GET {path}"), &format!("{path}{query}"), None).await
    }

    /// Changes theme `theme`.
    async fn change(&mut self, theme: &Value, what: &str, body: Value) -> Value {
        let route = format!("POST /v1/themes/{{id}}/{what}");
        self.ask(&route, &format!("/v1/themes/{theme}/{what}"), Some(body)).await
    }
}

/// A value whose lists end after the first entries.
fn shortened(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().take(SHOWN).map(shortened).collect(),
        Value::Object(object) => {
            object.into_iter().map(|(key, value)| (key, shortened(value))).collect()
        }
        other => other,
    }
}

/// Where two values differ in their fields or in the kinds of their values.
fn difference(at: &str, a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = |object: &Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
            if keys(a) != keys(b) {
                return Some(format!("{at}: {:?}, not {:?}", keys(a), keys(b)));
            }
            a.iter().find_map(|(key, value)| difference(&format!("{at}.{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                return Some(format!("{at}: {} entries, not {}", a.len(), b.len()));
            }
            a.iter().zip(b).find_map(|(a, b)| difference(&format!("{at}[]"), a, b))
        }
        _ => {
            let is_same = std::mem::discriminant(a) == std::mem::discriminant(b);
            (!is_same).then(|| format!("{at}: {a}, not {b}"))
        }
    }
}

/// Every question and change, asked of the demo corpus, each once.
async fn recorded() -> Map<String, Value> {
    let bed = TestBed::new();
    let files = ["reviews.jsonl.gz", "surveys.csv", "chats.txt"];
    for file in files {
        bed.write(file, fs_err::read(corpus(&format!("demo/{file}"))).unwrap());
    }
    bed.write("torn.jsonl", "{\"id\": \"torn\", \"text\": \"Akku leer\", \"nps\": 11}\n");
    let answer = bed.echolot(&[&["run", "--input", "torn.jsonl"], &files[..]].concat());
    assert_eq!(answer.exit, 3, "a row is refused: {answer:?}");
    let description = serde_json::from_str(&echolot::openapi_json()).unwrap();
    let mut api = Recorder { router: router(&bed), recorded: Map::new(), description };

    api.get("/v1/health", "").await;
    api.get("/v1/ready", "").await;
    api.get("/v1/me", "").await;
    api.get("/v1/search", "?q=Lieferung&mode=words&polarity=negative&limit=1").await;
    let themes = api.get("/v1/themes", "?polarity=negative&limit=2").await;
    let id = themes["themes"][0]["theme"].clone();
    let other = themes["themes"][1]["theme"].clone();
    api.ask("GET /v1/themes/{id}", &format!("/v1/themes/{id}"), None).await;
    api.get("/v1/complaints", "?product=Vitaloop&release=2.9.0&limit=1").await;
    api.get("/v1/kpi", "?by=channel").await;
    api.get("/v1/drivers", "?on=nps&by=topic").await;
    api.get("/v1/counts", "?by=topic&polarity=negative&limit=2").await;
    api.get("/v1/trends", "?measure=share&by=month&topic=delivery").await;
    api.get("/v1/compare", "?a=release=2.9.0&b=release=2.8.0&product=Vitaloop&by=topic").await;
    api.get("/v1/emerging", "?product=Vitaloop").await;
    let report = api.get("/v1/report", "?product=Vitaloop").await;
    api.ask("POST /v1/explain", "/v1/explain", Some(json!({ "a": report, "b": report }))).await;
    let trace = json!({ "trace": "g=1&product=Vitaloop&is.verbatims=1" });
    api.ask("POST /v1/recount", "/v1/recount", Some(trace)).await;
    let queue = api.get("/v1/queue", "?limit=1").await;
    let case = queue["groups"][0]["cases"][0]["id"].as_str().unwrap().to_owned();
    let quoted = themes["themes"][0]["examples"][0]["id"].as_str().unwrap();
    let address = format!("/v1/verbatims/{quoted}");
    let verbatim = api.ask("GET /v1/verbatims/{id}", &address, None).await;
    let unit = format!("{quoted}#{}", verbatim["opinions"][0]["unit"]);
    api.get("/v1/themes/certificate", "").await;
    api.get("/v1/runs", "").await;
    api.ask("GET /v1/runs/{generation}", "/v1/runs/1", None).await;
    api.ask("GET /v1/runs/{generation}/rejected", "/v1/runs/1/rejected", None).await;
    let taxonomy = "[[topic]]\nkey = \"late_parcel\"\nrule = '\"too late\" OR delay*'\n";
    let taxonomy = json!({ "document": taxonomy, "author": "ada" });
    api.ask("PUT /v1/taxonomy", "/v1/taxonomy", Some(taxonomy)).await;
    api.get("/v1/taxonomy", "").await;
    api.get("/v1/alerts", "").await;
    api.ask("POST /v1/alerts/check", "/v1/alerts/check?dry_run=true", Some(json!({}))).await;
    let drawn = api.get("/v1/audit/sample", "?per_stratum=1&lang=de").await;
    let mut label = drawn["verbatims"][0].clone();
    label["polarity"] = json!("negative");
    label["topics"] = json!(["delivery"]);
    label["intents"] = json!([]);
    let labels = json!({ "labels": [label], "author": "ada" });
    api.ask("POST /v1/audit/labels", "/v1/audit/labels", Some(labels)).await;
    api.get("/v1/audit", "").await;

    let status = json!({ "status": "answered", "note": "called back", "author": "ada" });
    api.ask("PUT /v1/queue/{id}", &format!("/v1/queue/{case}"), Some(status)).await;
    let said = json!({ "id": case, "polarity": "neutral", "note": "irony", "author": "ada" });
    let edit = api.ask("POST /v1/corrections", "/v1/corrections", Some(said)).await["edit"].clone();
    let said = json!({ "id": case, "intents": [], "spam": true, "author": "ada" });
    api.ask("POST /v1/corrections", "/v1/corrections", Some(said)).await;
    api.get("/v1/corrections", "").await;
    let address = format!("/v1/corrections/{edit}/undo");
    api.ask("POST /v1/corrections/{edit}/undo", &address, Some(json!({ "author": "ada" }))).await;

    let signed = || json!({ "author": "ada" });
    api.change(&id, "rename", json!({ "name": "Parcel late", "author": "ada" })).await;
    for what in ["pin", "unpin", "hide", "unhide"] {
        api.change(&id, what, signed()).await;
    }
    let merged = api.change(&other, "merge", json!({ "into": id, "author": "ada" })).await;
    let address = format!("/v1/themes/edits/{}/undo", merged["edit"]);
    api.ask("POST /v1/themes/edits/{edit}/undo", &address, Some(signed())).await;
    let moved = json!({ "units": [unit], "to": other, "author": "ada" });
    api.ask("POST /v1/themes/move", "/v1/themes/move", Some(moved)).await;
    api.get("/v1/themes/ledger", "").await;
    api.ask("GET /v1/themes/{id}/ledger", &format!("/v1/themes/{id}/ledger"), None).await;

    let delivered = json!([
        { "id": "a-1", "text": "Great support, quick answer.", "product": "Vitaloop", "nps": 10 },
        { "id": "a-2", "text": "Gut", "nps": 11 },
    ]);
    api.ask("POST /v1/feedback", "/v1/feedback", Some(delivered)).await;
    api.get("/v1/access-log", "?limit=1").await;

    // Only a large theme has parts.
    let bed = bed_with_parts();
    api.router = router(&bed);
    let (_, _, all) = get(&api.router, "/v1/themes?limit=1000").await;
    let has_parts = |theme: &&Value| !theme["sub_themes"].as_array().unwrap().is_empty();
    let whole = all["themes"].as_array().unwrap().iter().find(has_parts).unwrap();
    api.change(&whole["theme"], "split", signed()).await;
    api.recorded
}

#[tokio::test]
async fn every_route_has_an_example_that_has_the_form_of_its_answer() {
    let recorded = recorded().await;
    let file = repository().join("docs/examples.json");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs_err::write(&file, format!("{:#}\n", Value::Object(recorded))).unwrap();
        return;
    }
    let kept: Value = serde_json::from_str(&fs_err::read_to_string(&file).unwrap()).unwrap();
    for (route, example) in &recorded {
        let remedy = "INSTA_UPDATE=always records it anew; then run `cargo xtask openapi`";
        let difference = difference(route, example, &kept[route]);
        assert_eq!(difference, None, "{remedy}");
    }

    let described: Value = serde_json::from_str(&echolot::openapi_json()).unwrap();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, route) in methods.as_object().unwrap() {
            // What Prometheus reads and what is exported is no JSON.
            let Some(content) = route["responses"]["200"]["content"].get("application/json") else {
                assert!(["/metrics", "/v1/export"].contains(&path.as_str()), "{path}");
                continue;
            };
            let route = format!("{} {path}", method.to_uppercase());
            assert!(recorded.contains_key(&route), "{route} has no example");
            assert_eq!(content["examples"]["recorded"]["value"], kept[&route]["answer"], "{route}");
        }
    }
}
