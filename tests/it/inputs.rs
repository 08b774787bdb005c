//! Every form of file that is promised goes in.

use serde_json::Value;

use crate::bed::{Answer, TestBed, corpus, repository};

/// What a run makes of a fixture: rows, rejected rows.
const FIXTURES: &[(&str, u64, u64)] = &[
    ("answers.jsonl", 6, 3),
    ("bars.csv", 1, 0),
    ("broken-list.json", 4, 2),
    ("broken-rows.jsonl", 10, 8),
    ("byte-order-mark.csv", 1, 0),
    ("carriage-returns.csv", 2, 0),
    ("conversations-in-column.csv", 2, 0),
    ("empty.csv", 0, 0),
    ("header-only.csv", 0, 0),
    ("newlines-in-quotes.csv", 2, 0),
    ("one-column.txt", 2, 0),
    ("play-console.csv", 1, 0),
    ("same-rows-german.csv", 3, 0),
    ("same-rows.csv", 3, 0),
    ("same-rows.json", 3, 0),
    ("same-rows.jsonl", 3, 0),
    ("same-rows.jsonl.gz", 3, 0),
    ("same-rows.jsonl.zst", 3, 0),
    ("same-rows.parquet", 3, 0),
    ("same-rows.tsv", 3, 0),
    ("same-rows.xlsx", 3, 0),
    ("stray-quote.csv", 4, 1),
    ("transcript.txt", 3, 1),
    ("windows-1252.csv", 2, 0),
    ("wrong-width.csv", 4, 2),
];

/// What a run says of a fixture that is no input at all.
const REFUSED: &[(&str, &str)] = &[
    ("cut-off.jsonl.gz", "reading broke off at line"),
    (
        "no-text-column.csv",
        "no column holds the customers' words; the columns are `Nr`, `Ort`, `Freigabe`",
    ),
    ("not-a-workbook.xlsx", "workbook"),
    ("not-json.json", "JSON"),
    ("old-workbook.xls", "save it as .xlsx"),
    ("picture.csv", "this is no text"),
    ("same-rows.xlsx.gz", "decompress it first"),
    ("twice-compressed.jsonl.gz", "compressed twice"),
];

fn sum(counts: &Value) -> u64 {
    ["new", "changed", "known", "rejected"].iter().map(|key| counts[*key].as_u64().unwrap()).sum()
}

/// A run with what the workbook needs: its words are not in its first sheet.
fn run(bed: &TestBed, inputs: &[&str]) -> Answer {
    let sheet = "[[input.source]]\nfile = \"same-rows.xlsx\"\nsheet = \"Daten\"\n";
    bed.write("mine.toml", sheet);
    bed.echolot(&[&["run", "--json", "--config", "mine.toml", "--input"], inputs].concat())
}

#[test]
fn every_fixture_goes_in_or_is_refused_with_a_reason() {
    for (name, rows, rejected) in FIXTURES {
        let bed = TestBed::new();
        let answer = run(&bed, &[&corpus(&format!("fixtures/{name}"))]);
        assert_eq!(answer.exit, if *rejected > 0 { 3 } else { 0 }, "{name}: {answer:?}");
        let totals = &answer.json()["totals"];
        assert_eq!(
            (&totals["rows"], &totals["rejected"]),
            (&(*rows).into(), &(*rejected).into()),
            "{name}"
        );
        assert_eq!(sum(totals), *rows, "{name}: {totals}");
    }
    for (name, reason) in REFUSED {
        let bed = TestBed::new();
        let answer = bed.echolot(&["run", "--input", &corpus(&format!("fixtures/{name}"))]);
        answer.fails_with(2, &[name, reason]);
    }
    let mut tested: Vec<&str> =
        FIXTURES.iter().map(|row| row.0).chain(REFUSED.iter().map(|row| row.0)).collect();
    tested.sort_unstable();
    assert_eq!(tested, files_in("fixtures"), "every fixture is tested");
}

#[test]
fn the_same_rows_are_the_same_in_every_form() {
    let forms = ["csv", "json", "jsonl", "jsonl.gz", "jsonl.zst", "tsv", "xlsx", "parquet"];
    let files: Vec<String> =
        forms.iter().map(|form| corpus(&format!("fixtures/same-rows.{form}"))).collect();
    let bed = TestBed::new();
    let inputs: Vec<&str> = files.iter().map(String::as_str).collect();
    let report = run(&bed, &inputs).json();
    assert_eq!(report["totals"]["new"], 3, "the first form brings them: {report}");
    assert_eq!(
        report["totals"]["known"],
        3 * (forms.len() - 1),
        "and the others know them: {report}"
    );
}

#[test]
fn the_demo_corpus_goes_in_without_a_rejected_row() {
    let bed = TestBed::new();
    let files: Vec<String> =
        files_in("demo").iter().map(|name| corpus(&format!("demo/{name}"))).collect();
    let inputs: Vec<&str> = files.iter().map(String::as_str).collect();
    let report = bed.run(&inputs);
    let rows = |input: &Value| input["rows"].as_u64().unwrap();
    for input in report["inputs"].as_array().unwrap() {
        let name = input["input"].as_str().unwrap().rsplit_once("corpora/").unwrap().1;
        assert_eq!(rows(input), rows_in_manifest(name), "{name}");
        assert_eq!((sum(input), &input["rejected"]), (rows(input), &0.into()), "{name}");
    }
    assert_eq!(bed.export("feedback").len() as u64, rows(&report["totals"]));
}

/// The names of the files in a folder of the corpora, its README apart.
fn files_in(folder: &str) -> Vec<String> {
    let entries = fs_err::read_dir(repository().join("corpora").join(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "README.md");
    names.sort();
    names
}

/// How many rows a file has by the manifest of the corpora.
fn rows_in_manifest(file: &str) -> u64 {
    let manifest = fs_err::read_to_string(corpus("manifest.toml")).unwrap();
    let (_, entry) = manifest.split_once(&format!("file = \"{file}\"")).unwrap();
    let (_, rows) = entry.split_once("rows = ").unwrap();
    rows.lines().next().unwrap().parse().unwrap()
}
