//! Exports: the same rows in every form.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bed::TestBed;
use crate::http::{get, router};
use crate::scenario;

const WHAT: [&str; 3] = ["feedback", "opinions", "themes"];

fn export_to(bed: &TestBed, what: &str, format: &str) -> std::path::PathBuf {
    let name = format!("{what}.{format}");
    let answer = bed.echolot(&["export", "--what", what, "--format", format, "--output", &name]);
    assert_eq!((answer.exit, answer.out.as_str()), (0, ""), "{answer:?}");
    bed.path(&name)
}

/// The rows of an export as CSV: names and cells.
fn csv_rows(bed: &TestBed, what: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_path(export_to(bed, what, "csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        header.iter().zip(&record).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[test]
fn csv_holds_what_json_lines_hold() {
    let bed = scenario::bed();
    for what in WHAT {
        let expected = bed.export(what);
        let rows = csv_rows(&bed, what);
        assert_eq!(rows.len(), expected.len(), "{what}");
        assert!(!rows.is_empty(), "{what}");
        for (cells, object) in rows.iter().zip(&expected) {
            let object = object.as_object().unwrap();
            assert!(cells.iter().map(|(name, _)| name).eq(object.keys()), "{what}: {cells:?}");
            for ((name, cell), value) in cells.iter().zip(object.values()) {
                match value {
                    Value::Null => assert_eq!(cell, "", "{what}: {name}"),
                    Value::String(text) => assert_eq!(cell, text, "{what}: {name}"),
                    other => assert_eq!(
                        &serde_json::from_str::<Value>(cell).unwrap(),
                        other,
                        "{what}: {name}"
                    ),
                }
            }
        }
    }
}

#[test]
fn parquet_holds_what_csv_holds() {
    let bed = scenario::bed();
    for what in WHAT {
        let (file, _) = fs_err::File::open(export_to(&bed, what, "parquet")).unwrap().into_parts();
        let rows: Vec<Vec<(String, String)>> = SerializedFileReader::new(file)
            .unwrap()
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                row.unwrap()
                    .get_column_iter()
                    .map(|(name, field)| (name.clone(), as_text(field)))
                    .collect()
            })
            .collect();
        assert_eq!(rows, csv_rows(&bed, what), "{what}");
    }
}

/// A value as CSV writes it.
fn as_text(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Bool(value) => value.to_string(),
        Field::Long(value) => value.to_string(),
        Field::Double(value) => json!(value).to_string(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => bytes.as_utf8().unwrap().to_owned(),
        other => panic!("an export has no such column: {other:?}"),
    }
}

/// Status, kind of content, name of the file and body of an answer.
async fn fetch(router: &Router, path: &str) -> (u16, String, String, Vec<u8>) {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let header = |name| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (kind, name) = (header(CONTENT_TYPE), header(CONTENT_DISPOSITION));
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, kind, name, body.to_vec())
}

/// The rows of an answer as JSON lines.
async fn fetched(router: &Router, query: &str) -> Vec<Value> {
    let path = format!("/v1/export?format=jsonl&{query}");
    let (status, kind, _, body) = fetch(router, &path).await;
    assert_eq!((status, kind.as_str()), (200, "application/x-ndjson"), "{path}");
    let text = String::from_utf8(body).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_a_search_finds_is_exported_over_the_api_in_the_order_of_its_hits() {
    let bed = scenario::bed();
    let router = router(&bed);
    let all = fetched(&router, "q=").await;
    let mut by_row = all.clone();
    by_row.sort_by_key(|item| item["row"].as_u64());
    assert_eq!(by_row, bed.export("feedback"));
    for query in [
        "q=Lieferung",
        "q=Lieferung&mode=words&lang=de",
        "polarity=negative&product=Nordlicht",
        "q=Lieferung&mode=meaning",
        "like=n1&min_similarity=-1",
        "q=gibtesnicht&mode=words",
    ] {
        let (_, _, found) = get(&router, &format!("/v1/search?limit=1000&{query}")).await;
        let ids = |items: &[Value]| -> Vec<Value> {
            items.iter().map(|item| item["id"].clone()).collect()
        };
        let exported = fetched(&router, query).await;
        assert_eq!(ids(&exported), ids(found["hits"].as_array().unwrap()), "{query}");
    }
    let opinions = fetched(&router, "what=opinions&q=").await;
    let mut expected = bed.export("opinions");
    let mut sorted = opinions.clone();
    let key = |row: &Value| (row["id"].to_string(), row["opinion"].as_u64());
    expected.sort_by_key(key);
    sorted.sort_by_key(key);
    assert_eq!(sorted, expected);

    assert_eq!(fetched(&router, "what=themes").await, bed.export("themes"));
    let late = fetched(&router, "what=themes&product=Nordlicht&release=4.1.0").await;
    let volumes: Vec<&Value> = late.iter().map(|theme| &theme["volume"]).collect();
    assert_eq!(volumes, [12, 2, 6].map(|volume| json!(volume)).iter().collect::<Vec<_>>());

    let (_, kind, name, body) = fetch(&router, "/v1/export?product=Nordlicht").await;
    assert_eq!(kind, "text/csv; charset=utf-8");
    assert_eq!(name, "attachment; filename=\"echolot-1.csv\"");
    let rows = csv::Reader::from_reader(body.as_slice()).into_records().count();
    assert_eq!(rows, fetched(&router, "product=Nordlicht").await.len());
    let (_, kind, _, body) = fetch(&router, "/v1/export?format=parquet").await;
    assert_eq!(kind, "application/vnd.apache.parquet");
    let file = SerializedFileReader::new(Bytes::from(body)).unwrap();
    assert_eq!(file.get_row_iter(None).unwrap().count(), all.len());

    for (query, status) in [
        ("q=%22offen", 400),
        ("format=xlsx", 400),
        ("what=themes&q=Lieferung", 400),
        ("what=views", 400),
        ("limit=5", 400),
        ("like=nobody", 404),
        ("like=n1&like_text=x", 400),
    ] {
        assert_eq!(fetch(&router, &format!("/v1/export?{query}")).await.0, status, "{query}");
    }
}

#[tokio::test]
async fn a_spreadsheet_takes_no_words_of_customers_for_a_formula() {
    let bed = TestBed::new();
    bed.write_jsonl(
        "items.jsonl",
        &[json!({ "id": "f", "text": "=HYPERLINK(\"x\";\"Klick\") schlecht" })],
    );
    bed.run(&["items.jsonl"]);
    let (_, _, _, body) = fetch(&router(&bed), "/v1/export?format=spreadsheet").await;
    let text = String::from_utf8(body).unwrap();
    assert!(text.starts_with("\u{feff}id,text,"), "{text}");
    assert!(text.contains("f,\"'=HYPERLINK("), "{text}");
    let answer = bed.echolot(&["export", "--what", "feedback", "--format", "spreadsheet"]);
    assert_eq!(answer.out, text);
    let plain = bed.echolot(&["export", "--what", "feedback", "--format", "csv"]);
    assert!(plain.out.contains("f,\"=HYPERLINK("), "{plain:?}");
}

#[tokio::test]
async fn an_export_is_logged_as_one_and_holds_what_the_key_may_see() {
    let bed = scenario::bed();
    let key = |args: &[&str]| {
        bed.echolot(&[&["key", "add", "--role"], args].concat()).out.trim().to_owned()
    };
    let (own, admin) = (key(&["reader", "--product", "Nordlicht"]), key(&["admin"]));
    let router = router(&bed);
    let ask = async |key: &str, path: &str| {
        let request = Request::builder().uri(path).header(AUTHORIZATION, format!("Bearer {key}"));
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    };
    let exported = ask(&own, "/v1/export?format=jsonl").await;
    assert!(exported.lines().count() > 10);
    for line in exported.lines() {
        let item: Value = serde_json::from_str(line).unwrap();
        assert_eq!(item["product"], "Nordlicht");
    }
    let log: Value = serde_json::from_str(&ask(&admin, "/v1/access-log").await).unwrap();
    let entries = log["entries"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["action"] == "export").unwrap();
    assert_eq!(entry["route"], "GET /v1/export");
    assert_eq!(entry["detail"]["verbatims"], json!(exported.lines().count()));
}

#[test]
fn parquet_files_of_the_views_hold_what_the_views_hold() {
    let bed = scenario::bed();
    bed.write("taxonomy.toml", "[[topic]]\nkey = 'spaet'\nrule = 'spät'\n");
    bed.ask(&["taxonomy", "apply", "taxonomy.toml"]);
    bed.ask(&["correct", "n1", "--topics", "staff,delivery", "--note", "the courier"]);
    bed.write("labels.csv", "id,stratum,weight,polarity,topics\nn2,x,1.5,negative,delivery\n");
    bed.ask(&["audit", "import", "labels.csv"]);
    let answer =
        bed.echolot(&["export", "--what", "views", "--format", "parquet", "--output", "warehouse"]);
    assert_eq!((answer.exit, answer.out.as_str()), (0, ""), "{answer:?}");
    let database = rusqlite::Connection::open(bed.data().join("echolot.sqlite")).unwrap();
    let query = "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name";
    let mut views = database.prepare(query).unwrap();
    let views: Vec<String> =
        views.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        views,
        [
            "audit_labels",
            "corrections",
            "feedback_items",
            "opinions",
            "own_topics",
            "runs",
            "theme_events",
            "themes"
        ]
    );
    for view in views {
        let path = bed.path("warehouse").join(format!("{view}.parquet"));
        let (file, _) = fs_err::File::open(path).unwrap().into_parts();
        let written = SerializedFileReader::new(file).unwrap();
        let rows: Vec<Vec<(String, Option<String>)>> = written
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                row.get_column_iter().map(|(name, field)| (name.clone(), as_cell(field))).collect()
            })
            .collect();
        let mut stored = database.prepare(&format!("SELECT * FROM {view} ORDER BY 1")).unwrap();
        let names: Vec<String> = stored.column_names().map(str::to_owned).collect();
        let stored = stored.query_map([], |row| {
            let cell = |(at, name): (usize, &String)| {
                use rusqlite::types::ValueRef;
                let cell = match row.get_ref(at)? {
                    ValueRef::Null => None,
                    ValueRef::Integer(value) => Some(value.to_string()),
                    ValueRef::Real(value) => Some(json!(value).to_string()),
                    ValueRef::Text(text) => Some(String::from_utf8(text.to_vec()).unwrap()),
                    ValueRef::Blob(_) => panic!("{name} holds bytes"),
                };
                Ok((name.clone(), cell))
            };
            names.iter().enumerate().map(cell).collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut stored: Vec<Vec<(String, Option<String>)>> =
            stored.unwrap().collect::<Result<_, _>>().unwrap();
        let mut rows = rows;
        stored.sort();
        rows.sort();
        assert!(!rows.is_empty(), "{view}");
        assert_eq!(rows, stored, "{view}");
    }
    bed.echolot(&["export", "--what", "views", "--output", "warehouse"])
        .fails_with(2, &["--format parquet", "--output FOLDER"]);
}

/// A value as the database has it: yes and no as 1 and 0.
fn as_cell(field: &Field) -> Option<String> {
    match field {
        Field::Null => None,
        Field::Bool(value) => Some(i64::from(*value).to_string()),
        other => Some(as_text(other)),
    }
}

#[test]
fn what_is_printed_is_what_is_written() {
    let bed = scenario::bed();
    for what in WHAT {
        let written = fs_err::read_to_string(export_to(&bed, what, "jsonl")).unwrap();
        assert_eq!(bed.export_text(what), written);
    }
}

#[test]
fn a_row_of_feedback_says_everything_that_was_delivered() {
    let bed = scenario::bed();
    let rows = bed.export("feedback");
    assert_eq!(rows.len(), 83);
    let chat = rows.iter().find(|row| row["id"] == "c1").unwrap();
    assert_eq!(
        chat["text"], "Wegen der Lieferverzögerung rief ich an.",
        "the customer's words alone"
    );
    assert_eq!(chat["turns"].as_array().unwrap().len(), 4);
    assert_eq!(chat["turns"][3]["at"], "2025-06-20T09:02:00Z");
    assert_eq!((&chat["first_response_s"], &chat["resolution_s"]), (&json!(120), &json!(1800)));
    assert_eq!(chat["attributes"]["resolved_at"], "2025-06-20T09:30:00Z");
    let anna: Vec<&Value> = rows.iter().filter(|row| row["respondent"] == "anna").collect();
    let repeats: Vec<&Value> = anna.iter().map(|row| &row["duplicate_of_row"]).collect();
    assert_eq!(repeats[0], &Value::Null);
    assert!(repeats[1..].iter().all(|row| **row == anna[0]["row"]), "{repeats:?}");
}

#[test]
fn opinions_point_into_the_text_they_are_about() {
    let bed = scenario::bed();
    let texts = bed.export("feedback");
    let opinions = bed.export("opinions");
    assert_eq!(opinions.len(), 16 + 11 + 32 + 6);
    for opinion in &opinions {
        let row = texts.iter().find(|row| row["id"] == opinion["id"]).unwrap();
        let (start, end) = (opinion["start"].as_u64().unwrap(), opinion["end"].as_u64().unwrap());
        let text = row["text"].as_str().unwrap().chars();
        let quote: String = text.skip(start as usize).take((end - start) as usize).collect();
        assert_eq!(opinion["quote"], quote);
        let themes = row["themes"].as_array().unwrap();
        // What six people posted in nearly the same words is one voice, and no theme.
        if opinion["product"] == "Südwind" {
            assert_eq!((themes.len(), &opinion["theme"]), (0, &Value::Null));
        } else {
            assert!(themes.contains(&opinion["theme"]), "{opinion}");
        }
    }
}

#[test]
fn a_path_that_cannot_be_written_is_named() {
    let bed = scenario::bed();
    let answer =
        bed.echolot(&["export", "--what", "themes", "--output", "no/such/folder/themes.csv"]);
    answer.fails_with(1, &["no/such/folder/themes.csv"]);
}
