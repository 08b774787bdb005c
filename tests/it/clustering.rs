//! `cluster`: the themes of one file, without a data folder.

use serde_json::{Value, json};

use crate::bed::{TestBed, lines};

fn items() -> Vec<Value> {
    let texts = ["Die Lieferung kam viel zu spät.", "Der Akku ist nach zwei Stunden leer.", "…"];
    let repeated =
        texts.iter().zip([9, 7, 2]).flat_map(|(text, count)| std::iter::repeat_n(text, count));
    repeated.enumerate().map(|(id, text)| json!({ "id": id.to_string(), "text": text })).collect()
}

#[test]
fn every_row_is_assigned_and_every_theme_described() {
    let bed = TestBed::new();
    bed.write_jsonl("items.jsonl", &items());
    let answer = bed.echolot_with(
        &[("ECHOLOT_THEMES_GRANULARITY", "2.0")],
        &["cluster", "items.jsonl", "--themes", "themes.jsonl"],
    );
    assert_eq!(answer.exit, 0, "{answer:?}");
    let themes: Vec<Value> = answer.lines().iter().map(|row| row["theme"].clone()).collect();
    let expected: Vec<Value> = [(json!(0), 9), (json!(1), 7), (Value::Null, 2)]
        .into_iter()
        .flat_map(|(theme, count)| std::iter::repeat_n(theme, count))
        .collect();
    assert_eq!(themes, expected, "the largest first; where nothing is said there is no theme");

    let described = lines(&fs_err::read_to_string(bed.path("themes.jsonl")).unwrap());
    assert_eq!(described.len(), 2);
    assert_eq!((&described[0]["theme"], &described[0]["size"]), (&json!(0), &json!(9)));
    for theme in &described {
        assert!(!theme["label"].as_str().unwrap().is_empty(), "{theme}");
        let example: usize = theme["examples"][0].as_str().unwrap().parse().unwrap();
        assert_eq!(themes[example], theme["theme"]);
    }
    assert!(!bed.data().exists(), "no data folder is made");
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let bed = TestBed::new();
    let mut items = items();
    bed.write_jsonl("there.jsonl", &items);
    items.reverse();
    bed.write_jsonl("back.jsonl", &items);
    let assigned = |file: &str| {
        let mut rows =
            bed.echolot(&["cluster", file, "--themes", &format!("themes-of-{file}")]).lines();
        rows.sort_by_key(|row| row["id"].to_string());
        (rows, fs_err::read_to_string(bed.path(&format!("themes-of-{file}"))).unwrap())
    };
    assert_eq!(assigned("there.jsonl"), assigned("back.jsonl"));
}

#[test]
fn a_bad_row_is_named_in_its_place() {
    let bed = TestBed::new();
    bed.write("items.csv", "id;Kommentar;NPS\n1;gut;10\n2;schlecht;12\n3;gut;9\n");
    let answer = bed.echolot(&["cluster", "items.csv"]);
    assert_eq!(answer.exit, 3, "{answer:?}");
    let rows = answer.lines();
    assert_eq!(
        (&rows[0]["id"], &rows[1]["line"], &rows[2]["id"]),
        (&json!("1"), &json!(3), &json!("3"))
    );
    assert!(rows[1]["error"].as_str().unwrap().contains("nps"), "{rows:?}");
}
