//! Keys of the HTTP API: who may do what, who sees what, and what is kept of it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::http::{router, router_with};
use crate::scenario;

/// An answer with its headers.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
}

/// Tells something as JSON, with a key.
async fn tell(router: &Router, (method, path): (Method, &str), key: &str, body: Body) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, format!("Bearer {key}"))
        .header(CONTENT_TYPE, "application/json");
    send(router, request.body(body).unwrap()).await
}

/// Asks with a key; a body is sent with everything but a GET.
async fn ask(router: &Router, method: Method, path: &str, key: &str) -> Answer {
    let body = if method == Method::GET { Body::empty() } else { Body::from("{}") };
    tell(router, (method, path), key, body).await
}

async fn get(router: &Router, path: &str, key: &str) -> Answer {
    ask(router, Method::GET, path, key).await
}

/// Makes a key on the command line.
fn add_key(bed: &TestBed, args: &[&str]) -> String {
    let answer = bed.echolot(&[&["key", "add", "--role"], args].concat());
    assert_eq!(answer.exit, 0, "{answer:?}");
    answer.out.trim().to_owned()
}

fn id_of(key: &str) -> &str {
    key.split('_').nth(1).unwrap()
}

#[tokio::test]
async fn a_key_is_shown_once_and_lets_its_holder_in_until_it_is_revoked() {
    let bed = scenario::bed();
    let router = router(&bed);
    let open = Request::builder().uri("/v1/kpi").body(Body::empty()).unwrap();
    assert_eq!(send(&router, open).await.status, 200, "no key is needed before there is one");

    let key = add_key(&bed, &["reader", "--name", "dashboard", "--product", "Nordlicht"]);
    let list = bed.echolot(&["key", "list"]);
    assert!(list.out.contains("dashboard") && list.out.contains("Nordlicht"), "{list:?}");
    assert!(!list.out.contains(&key[key.len() - 64..]), "the key itself is not listed");

    let without = Request::builder().uri("/v1/kpi").body(Body::empty()).unwrap();
    let refused = send(&router, without).await;
    assert_eq!((refused.status, refused.code()), (401, "key_missing".to_owned()));
    assert_eq!(refused.headers[WWW_AUTHENTICATE], "Bearer");
    let refused = get(&router, "/v1/kpi", "echolot_000000000000_00").await;
    assert_eq!((refused.status, refused.code()), (401, "key_invalid".to_owned()));
    assert_eq!(get(&router, "/v1/kpi", &key).await.status, 200);
    for path in ["/v1/health", "/openapi.json"] {
        let open = Request::builder().uri(path).body(Body::empty()).unwrap();
        assert_eq!(send(&router, open).await.status, 200, "{path}");
    }

    assert_eq!(bed.echolot(&["key", "revoke", id_of(&key)]).exit, 0);
    let refused = get(&router, "/v1/kpi", &key).await;
    assert_eq!((refused.status, refused.code()), (401, "key_invalid".to_owned()));
    let without = Request::builder().uri("/v1/kpi").body(Body::empty()).unwrap();
    assert_eq!(send(&router, without).await.status, 401, "the last key locks behind itself");
}

#[test]
fn keys_that_cannot_be_are_refused_with_the_reason() {
    let bed = scenario::bed();
    let add = |args: &[&str]| bed.echolot(&[&["key", "add", "--role"], args].concat());
    add(&["root"]).fails_with(2, &["`root` is no role", "reader, editor, admin, ingest"]);
    add(&["reader", "--product", "Nordlich"])
        .fails_with(2, &["no feedback is of `Nordlich`", "nearest are `Nordlicht`", "--force"]);
    assert_eq!(add(&["reader", "--product", "Nordlich", "--force"]).exit, 0);
    assert_eq!(add(&["ingest", "--product", "Neu"]).exit, 0, "it brings the first");
    add(&["admin", "--product", "Nordlicht"]).fails_with(2, &["answers for all products"]);
    bed.echolot(&["key", "revoke", "0"]).fails_with(2, &["no key `0`", "echolot key list"]);
    let empty = TestBed::new();
    empty.echolot(&["key", "list"]).fails_with(2, &["no data folder"]);
}

#[test]
fn a_server_that_others_can_reach_does_not_start_without_keys() {
    let bed = scenario::bed();
    let answer = bed.echolot(&["serve", "--listen", "0.0.0.0:0"]);
    answer.fails_with(2, &["0.0.0.0:0", "there are no keys", "echolot key add --role admin"]);
}

#[tokio::test]
async fn a_page_of_another_name_cannot_read_along_where_no_key_is_needed() {
    let bed = scenario::bed();
    let router = router(&bed);
    let from = |host: &str| {
        let request = Request::builder().uri("/v1/kpi").header(HOST, host);
        request.body(Body::empty()).unwrap()
    };
    for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
        assert_eq!(send(&router, from(host)).await.status, 200, "{host}");
    }
    let refused = send(&router, from("evil.example:8080")).await;
    assert_eq!((refused.status, refused.code()), (403, "host_unknown".to_owned()));
}

#[tokio::test]
async fn every_route_is_open_to_the_role_it_declares_and_to_no_lower_one() {
    let bed = scenario::bed();
    let roles = ["reader", "editor", "admin", "ingest"];
    let keys = roles.map(|role| add_key(&bed, &[role]));
    let restricted = add_key(&bed, &["editor", "--product", "Nordlicht"]);
    let router = router(&bed);
    let description: Value = serde_json::from_str(&bed.echolot(&["openapi"]).out).unwrap();
    let mut seen = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let names = ["{id}", "{edit}", "{generation}"];
        let address = names.into_iter().fold(path.clone(), |path, name| path.replace(name, "no"));
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let needed = operation["security"][0]["key"][0].as_str();
            seen.push(needed);
            for (role, key) in roles.iter().zip(&keys) {
                let may = match needed {
                    None => true,
                    Some("reader") => *role != "ingest",
                    Some("editor") => matches!(*role, "editor" | "admin"),
                    Some("ingest") => matches!(*role, "ingest" | "admin"),
                    Some("admin") => *role == "admin",
                    Some(other) => panic!("{path} needs the role {other}"),
                };
                let answer = ask(&router, method.clone(), &address, key).await;
                assert_eq!(answer.status != 403, may, "{role} {method} {path}: {}", answer.text);
                assert_ne!(answer.status, 401, "{role} {method} {path}");
            }
            let answer = ask(&router, method.clone(), &address, &restricted).await;
            // What is said of one verbatim may be said of those of the product.
            let is_of_one = path.starts_with("/v1/queue/") || path.starts_with("/v1/corrections");
            if needed == Some("editor") && !is_of_one {
                assert_eq!(answer.code(), "beyond_products", "{method} {path}");
            }
        }
    }
    for role in [None, Some("reader"), Some("editor"), Some("admin")] {
        assert!(seen.contains(&role), "some route needs {role:?}");
    }
}

#[tokio::test]
async fn whoever_asks_learns_what_their_key_gives_them() {
    let bed = scenario::bed();
    let router = router(&bed);
    let open = || Request::builder().uri("/v1/me").body(Body::empty()).unwrap();
    let nobody = json!({
        "is_key_needed": false, "key": null, "key_name": null, "role": "admin", "products": []
    });
    assert_eq!(send(&router, open()).await.json(), nobody, "who needs no key may do everything");

    let key = add_key(&bed, &["editor", "--name", "anna", "--product", "Nordlicht"]);
    let me = get(&router, "/v1/me", &key).await;
    let expected = json!({
        "is_key_needed": true, "key": id_of(&key), "key_name": "anna", "role": "editor",
        "products": ["Nordlicht"],
    });
    assert_eq!((me.status, me.json()), (200, expected));
    let ingest = add_key(&bed, &["ingest"]);
    assert_eq!(get(&router, "/v1/me", &ingest).await.json()["role"], "ingest");

    assert_eq!(send(&router, open()).await.code(), "key_missing");
    assert_eq!(bed.echolot(&["key", "revoke", id_of(&key)]).exit, 0);
    assert_eq!(get(&router, "/v1/me", &key).await.code(), "key_invalid");
}

/// Two products; everything that only the other one has holds this word.
const SECRET: &str = "geheim";

fn bed_of_two_products() -> TestBed {
    let bed = TestBed::new();
    let mut items = Vec::new();
    for number in 0..12 {
        items.push(json!({
            "id": format!("n{number}"), "text": format!("Die Lieferung kam zu spät, Teil {number}."),
            "product": "Nord", "release": if number < 6 { "1.0" } else { "2.0" }, "nps": 3,
            "rating": 2, "created_at": format!("2025-06-{:02}", number + 1), "respondent": "nora",
            "Filiale": "Bonn",
        }));
        items.push(json!({
            "id": format!("{SECRET}{number}"),
            "text": format!("Hotline schlecht wegen {SECRET}sache Nummer {number}."),
            "product": "Süd", "release": format!("{SECRET}.{}", number / 6), "nps": 9,
            "rating": 5, "created_at": format!("2025-07-{:02}", number + 1),
            "respondent": format!("{SECRET}rat"), "channel": SECRET, "source": SECRET,
            "url": format!("https://example.org/{SECRET}"), "Filiale": format!("{SECRET}dorf"),
        }));
    }
    bed.write_jsonl("items.jsonl", &items);
    let narrow = [("ECHOLOT_THEMES_GRANULARITY", "2.0")];
    let answer = bed.echolot_with(&narrow, &["run", "--input", "items.jsonl"]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    work_on(&bed);
    bed
}

/// What people say of two verbatims of either product: they correct one, give
/// one a status, label all of them, and put a taxonomy in force that names some.
fn work_on(bed: &TestBed) {
    for id in ["n1", "geheim1"] {
        bed.ask(&["correct", id, "--polarity", "neutral", "--note", id, "--by", id]);
    }
    for id in ["n2", "geheim2"] {
        bed.ask(&["queue", "set", id, "in_work", "--note", id, "--by", id]);
    }
    let mut labels = bed.echolot(&["audit", "sample", "--jsonl", "--per-stratum", "100"]).lines();
    for label in &mut labels {
        label["polarity"] = json!("negative");
    }
    bed.write_jsonl("labels.jsonl", &labels);
    bed.ask(&["audit", "import", "labels.jsonl", "--by", SECRET]);
    let labelled = format!("labelled = {{ yes = [\"n1\", \"{SECRET}1\"] }}");
    bed.write(
        "taxonomy.toml",
        format!("[[topic]]\nkey = \"anruf\"\nrule = 'Hotline OR Lieferung'\n{labelled}\n"),
    );
    bed.ask(&["taxonomy", "apply", "taxonomy.toml", "--by", "anna"]);
}

/// What widens, or seems to; groupings that would name what may not be seen.
const WIDENINGS: [&str; 30] = [
    "",
    "product=S%C3%BCd",
    "product=Nord",
    "where=product%3DS%C3%BCd",
    "where=attribute.Filiale%3Dgehei",
    "by=product",
    "by=respondent",
    "by=release",
    "by=channel",
    "by=source",
    "by=theme",
    "by=topic",
    "by=own_topic",
    "own_topic=anruf",
    "by=attribute.Filiale",
    "q=Hotline",
    "q=Hotline&mode=words",
    "q=Hotline&mode=meaning&min_similarity=-1",
    "q=product:S%C3%BCd%20OR%20product:Nord",
    "q=NOT%20product:Nord",
    "like=geheim1&min_similarity=-1",
    "like=n1&min_similarity=-1",
    "like_text=Hotline&min_similarity=-1",
    "status=new,in_work,answered,closed",
    "has=nps",
    "all=true",
    "topic=customer_support",
    "hidden=true",
    "minimum=1&level=0.99",
    "on=nps&by=topic&minimum=1",
];

#[tokio::test]
async fn a_key_of_one_product_sees_nothing_of_another_on_any_route() {
    let bed = bed_of_two_products();
    let all = add_key(&bed, &["reader"]);
    let own = add_key(&bed, &["reader", "--product", "Nord"]);
    let router = router(&bed);
    let description: Value = serde_json::from_str(&bed.echolot(&["openapi"]).out).unwrap();
    let required = "product=Nord&release=2.0&a=rating_max%3D5&b=rating_min%3D1";
    let (mut told, mut asked) = (0, 0);
    for (path, methods) in description["paths"].as_object().unwrap() {
        let Some(operation) = methods.get("get") else { continue };
        let known: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let path = path.replace("{generation}", "1");
        let is_known = |pair: &&str| known.contains(&pair.split('=').next().unwrap_or_default());
        let ids: &[&str] =
            if path.contains("{id}") { &["1", "2", "3", "n1", "geheim1"] } else { &["1"] };
        for id in ids {
            for widening in WIDENINGS {
                let given: Vec<&str> = widening.split('&').filter(|pair| is_known(pair)).collect();
                let names: Vec<&str> =
                    given.iter().map(|pair| pair.split('=').next().unwrap()).collect();
                let mut query = given.clone();
                query.extend(required.split('&').filter(|pair| {
                    let name = pair.split('=').next().unwrap();
                    let is_needed =
                        operation["parameters"].as_array().into_iter().flatten().any(|parameter| {
                            parameter["name"] == name && parameter["required"] == true
                        });
                    is_needed && !names.contains(&name)
                }));
                let address = format!("{}?{}", path.replace("{id}", id), query.join("&"));
                let answer = get(&router, &address, &own).await;
                // What was asked may come back in what is wrong with it.
                let words = answer.text.replace("`geheim1`", "");
                assert!(!words.to_lowercase().contains(SECRET), "{address}: {}", answer.text);
                assert!(answer.status < 500, "{address}: {}", answer.text);
                asked += 1;
                let full = get(&router, &address, &all).await;
                told += usize::from(full.text.to_lowercase().contains(SECRET));
            }
        }
    }
    assert!(asked > 100 && told > 50, "{told} of {asked} answers tell it to who may see it");

    let total = |answer: &Answer| answer.json()["total"].as_u64().unwrap();
    for (path, own_total, full_total) in [
        ("/v1/search", 12, 24),
        ("/v1/search?product=S%C3%BCd", 0, 12),
        ("/v1/search?where=product%3DS%C3%BCd", 0, 12),
        ("/v1/search?q=Hotline", 0, 12),
        ("/v1/search?q=NOT%20product:Nord", 0, 12),
        ("/v1/search?q=Hotline&mode=meaning&min_similarity=-1", 12, 24),
        ("/v1/search?q=Hotline&mode=hybrid&min_similarity=-1", 12, 24),
        ("/v1/search?like=n1&min_similarity=-1", 11, 23),
        ("/v1/search?like_text=Hotline&min_similarity=-1", 12, 24),
        ("/v1/counts?q=Hotline", 0, 12),
        ("/v1/corrections", 1, 2),
    ] {
        assert_eq!(total(&get(&router, path, &own).await), own_total, "{path}");
        assert_eq!(total(&get(&router, path, &all).await), full_total, "{path}");
    }
    let like = "/v1/search?like=geheim1";
    for path in [like, "/v1/verbatims/geheim1", "/v1/complaints?product=S%C3%BCd&release=geheim.1"]
    {
        assert_eq!(get(&router, path, &own).await.status, 404, "{path}");
        assert_eq!(get(&router, path, &all).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn what_people_say_of_other_products_is_not_told_either() {
    let bed = bed_of_two_products();
    let all = add_key(&bed, &["editor"]);
    let own = add_key(&bed, &["editor", "--product", "Nord"]);
    let router = router(&bed);
    for (key, ids, labelled) in [(&own, &["n1"][..], 12), (&all, &["n1", "geheim1"], 24)] {
        let found = get(&router, "/v1/corrections", key).await.json();
        let corrected: Vec<&str> = found["corrections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|correction| correction["id"].as_str().unwrap())
            .collect();
        assert_eq!(corrected, ids);
        let count = get(&router, "/v1/counts", key).await.json();
        assert_eq!(count["corrections"]["corrected"], json!(ids.len()));
        let audit = get(&router, "/v1/audit", key).await.json();
        assert_eq!(audit["labelled"], labelled);

        let queue = get(&router, "/v1/queue?status=in_work", key).await.json();
        let in_work = &queue["by_status"][1];
        assert_eq!(in_work, &json!({ "status": "in_work", "count": ids.len() }));
        let mut cases: Vec<&str> = queue["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["cases"].as_array().unwrap())
            .map(|case| case["id"].as_str().unwrap())
            .collect();
        cases.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        assert_eq!(cases, ["n2", "geheim2"][..ids.len()]);
    }

    // What is about all products at once needs a key for all of them.
    for path in ["/v1/runs", "/v1/runs/1", "/v1/runs/1/rejected", "/v1/alerts"] {
        assert_eq!(get(&router, path, &own).await.code(), "beyond_products", "{path}");
        assert_eq!(get(&router, path, &all).await.status, 200, "{path}");
    }
    for (method, path) in [(Method::POST, "/v1/recount"), (Method::POST, "/v1/explain")] {
        let refused = ask(&router, method, path, &own).await;
        assert_eq!((refused.status, refused.code()), (403, "beyond_products".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_key_of_one_product_edits_its_verbatims_and_no_others() {
    let bed = bed_of_two_products();
    let own = add_key(&bed, &["editor", "--product", "Nord"]);
    let router = router(&bed);
    let say = async |method: Method, path: &str, told: Value| {
        tell(&router, (method, path), &own, Body::from(told.to_string())).await
    };
    let answered = || json!({ "status": "answered" });
    let changed = say(Method::PUT, "/v1/queue/n2", answered()).await;
    assert_eq!((changed.status, &changed.json()["status"]), (200, &json!("answered")));
    let spam = |id: &str| json!({ "id": id, "spam": true });
    let changed = say(Method::POST, "/v1/corrections", spam("n3")).await;
    assert_eq!((changed.status, &changed.json()["kind"]), (200, &json!("correct")));
    assert!(!changed.text.contains(SECRET), "{}", changed.text);
    assert_eq!(changed.json()["ledger"], json!([]), "what happens to themes is of all products");
    let edit = changed.json()["edit"].clone();
    assert_eq!(get(&router, "/v1/search", &own).await.json()["total"], 11);
    let undo = format!("/v1/corrections/{edit}/undo");
    assert_eq!(say(Method::POST, &undo, json!({})).await.status, 200);
    assert_eq!(get(&router, "/v1/search", &own).await.json()["total"], 12);

    // Those of another product are not there; nor is what was said of them.
    let of_another = bed.ask(&["corrections"])["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .find(|correction| correction["id"] == "geheim1")
        .unwrap()["edit"]
        .clone();
    let before = bed.ask(&["themes", "ledger"]);
    for (method, path, told) in [
        (Method::PUT, "/v1/queue/geheim2", answered()),
        (Method::PUT, "/v1/queue/nobody", answered()),
        (Method::POST, "/v1/corrections", spam("geheim3")),
        (Method::POST, &format!("/v1/corrections/{of_another}/undo"), json!({})),
        (Method::POST, "/v1/corrections/99/undo", json!({})),
    ] {
        let refused = say(method, path, told).await;
        assert_eq!((refused.status, refused.code()), (404, "not_found".to_owned()), "{path}");
    }
    // A theme is of all products.
    let told = json!({ "id": "n4", "unit": 0, "theme": 1 });
    let refused = say(Method::POST, "/v1/corrections", told).await;
    assert_eq!(refused.code(), "beyond_products");
    assert_eq!(bed.ask(&["themes", "ledger"]), before);
}

#[tokio::test]
async fn a_cursor_into_the_generation_before_leads_to_nothing_of_another_product() {
    let bed = bed_of_two_products();
    let all = add_key(&bed, &["editor"]);
    let own = add_key(&bed, &["reader", "--product", "Nord"]);
    let router = router(&bed);
    let question = "/v1/search?q=Hotline&mode=meaning&min_similarity=-1&limit=5";
    let first = get(&router, question, &own).await.json();
    let change = (Method::POST, "/v1/themes/1/pin");
    assert_eq!(tell(&router, change, &all, Body::from("{}")).await.status, 200);

    let path = format!("{question}&cursor={}", first["next"].as_str().unwrap());
    let next = get(&router, &path, &own).await.json();
    assert_eq!(next["generation"], first["generation"], "it is still kept");
    assert_eq!((&next["total"], next["hits"].as_array().unwrap().len()), (&json!(12), 5));
    assert!(!next.to_string().contains(SECRET), "{next}");
    let log = bed.ask(&["key", "log", "--action", "read"]);
    let detail = &log["entries"][0]["detail"];
    assert_eq!(*detail, json!({ "generation": first["generation"] }), "which one was read");
}

#[tokio::test]
async fn reads_of_verbatims_and_edits_are_logged_and_figures_are_not() {
    let bed = scenario::bed();
    let keys = ["reader", "editor", "admin"].map(|role| add_key(&bed, &[role, "--name", role]));
    let [reader, editor, admin] = &keys;
    let router = router(&bed);
    get(&router, "/v1/kpi", reader).await;
    get(&router, "/v1/search?q=Lieferung&limit=1", reader).await;
    get(&router, "/v1/verbatims/n1", editor).await;
    ask(&router, Method::POST, "/v1/themes/2/pin", editor).await;
    ask(&router, Method::POST, "/v1/themes/2/pin", reader).await;

    let log = get(&router, "/v1/access-log", admin).await.json();
    let entries = log["entries"].as_array().unwrap();
    let shown: Vec<_> = entries
        .iter()
        .map(|entry| {
            [&entry["key_name"], &entry["action"], &entry["target"]]
                .map(|word| word.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ["editor", "edit", "/v1/themes/2/pin"],
            ["editor", "read", "/v1/verbatims/n1"],
            ["reader", "read", "/v1/search?q=Lieferung&limit=1"],
        ]
    );
    assert_eq!(entries[0]["detail"], json!({ "edit": 1, "kind": "pin" }));
    assert_eq!(entries[1]["route"], "GET /v1/verbatims/{id}");
    assert_eq!((&entries[1]["generation"], &entries[1]["status"]), (&json!(1), &json!(200)));
    assert_eq!(entries[1]["key"], id_of(editor));
    assert!(!entries[1]["request_id"].as_str().unwrap().is_empty());

    let page = get(&router, "/v1/access-log?limit=1&before=3&action=read", admin).await.json();
    assert_eq!(page["entries"], json!([entries[1]]));
    let printed = bed.ask(&["key", "log", "--action", "edit"]);
    assert_eq!(printed["entries"], json!([entries[0]]));
    let text = bed.echolot(&["key", "log"]).out;
    assert!(text.contains("/v1/verbatims/n1") && text.contains("administer"), "{text}");
    // The edit is signed with the name of the key.
    assert_eq!(bed.ask(&["themes", "ledger"])["edits"][0]["author"], "editor");

    let (case, correction) = (json!({ "status": "in_work" }), json!({ "id": "n1", "spam": true }));
    let set = (Method::PUT, "/v1/queue/n1");
    let set = tell(&router, set, editor, Body::from(case.to_string())).await;
    assert_eq!((set.status, set.json()["author"].as_str()), (200, Some("editor")));
    let said = (Method::POST, "/v1/corrections");
    let said = tell(&router, said, editor, Body::from(correction.to_string())).await;
    assert_eq!((said.status, said.json()["author"].as_str()), (200, Some("editor")));
    for path in ["/v1/queue", "/v1/corrections", "/v1/alerts", "/v1/runs/1/rejected"] {
        assert_eq!(get(&router, path, reader).await.status, 200, "{path}");
    }
    get(&router, "/v1/audit", reader).await;
    let log = bed.ask(&["key", "log", "--limit", "6"]);
    let entries = log["entries"].as_array().unwrap().iter();
    let asked: Vec<&str> = entries.clone().map(|entry| entry["route"].as_str().unwrap()).collect();
    assert_eq!(
        asked,
        [
            "GET /v1/runs/{generation}/rejected",
            "GET /v1/alerts",
            "GET /v1/corrections",
            "GET /v1/queue",
            "POST /v1/corrections",
            "PUT /v1/queue/{id}",
        ]
    );
    let details: Vec<&Value> = entries.map(|entry| &entry["detail"]).skip(4).collect();
    assert_eq!(
        details,
        [&json!({ "edit": 2, "kind": "correct" }), &json!({ "kind": "case", "status": "in_work" })]
    );
}

#[tokio::test]
async fn keys_are_made_and_used_while_somebody_writes_to_the_folder() {
    let bed = scenario::bed();
    let lock = fs_err::OpenOptions::new().write(true).open(bed.data().join("lock")).unwrap();
    lock.file().try_lock().unwrap();
    let key = add_key(&bed, &["editor"]);
    let router = router_with(&bed, &[("ECHOLOT_SERVE_TIMEOUT_S", "4")]);
    assert_eq!(get(&router, "/v1/search", &key).await.status, 200);
    let busy = ask(&router, Method::POST, "/v1/themes/2/pin", &key).await;
    assert_eq!((busy.status, busy.code()), (503, "busy".to_owned()));
    assert_eq!(bed.ask(&["key", "log"])["entries"].as_array().unwrap().len(), 2);
}
