//! Exports: the same rows in every form.

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};

use crate::bed::TestBed;
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

#[test]
fn parquet_files_of_the_views_hold_what_the_views_hold() {
    let bed = scenario::bed();
    bed.write("taxonomy.toml", "[[topic]]\nkey = 'spaet'\nrule = 'spät'\n");
    bed.ask(&["taxonomy", "apply", "taxonomy.toml"]);
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
        ["feedback_items", "opinions", "own_topics", "runs", "theme_events", "themes"]
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
        assert!(row["themes"].as_array().unwrap().contains(&opinion["theme"]), "{opinion}");
    }
}

#[test]
fn a_path_that_cannot_be_written_is_named() {
    let bed = scenario::bed();
    let answer =
        bed.echolot(&["export", "--what", "themes", "--output", "no/such/folder/themes.csv"]);
    answer.fails_with(1, &["no/such/folder/themes.csv"]);
}
