//! Searching by words, by meaning and by both, page after page.

use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::scenario;

/// German and English feedback in which the same is said in several words.
fn bed() -> TestBed {
    let bed = TestBed::new();
    let texts = [
        ("a", "de", "Schon wieder eine Lieferverzögerung, die Lieferung war schlecht."),
        ("b", "de", "Die Lieferung kam viel zu spät."),
        ("c", "de", "Akkulaufzeit kaputt nach dem Update."),
        ("d", "de", "Der Akku ist schlecht."),
        ("e", "en", "The delivery was late, bad support."),
        ("f", "de", "Groesse und Preis sind gut."),
        ("g", "de", "Batterie hält lange, super."),
    ];
    let item = |(id, language, text): (&str, &str, &str)| json!({ "id": id, "text": text, "language": language, "product": "P" , "rating": if id == "g" { 5 } else { 2 } });
    bed.write_jsonl("reviews.jsonl", &texts.map(item));
    bed.run(&["reviews.jsonl"]);
    bed
}

fn ids(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["id"].as_str().unwrap()).collect()
}

fn words<'a>(bed: &TestBed, query: &'a str) -> (Value, &'a str) {
    (bed.ask(&["search", query, "--mode", "words"]), query)
}

#[test]
fn the_query_language_on_the_command_line() {
    let bed = bed();
    let table: [(&str, &[&str]); 12] = [
        ("Verzögerung", &["a"]),
        ("Verzoegerungen", &["a"]),
        ("Akku", &["c", "d"]),
        ("Größe", &["f"]),
        ("liefer*", &["a", "b"]),
        ("Liferung~", &["a", "b"]),
        ("\"zu spät\"", &["b"]),
        ("Lieferung AND NOT spät", &["a"]),
        ("Akku OR Batterie", &["c", "d", "g"]),
        ("rating:3..", &["g"]),
        ("product:p lang:en", &["e"]),
        ("(Akku OR Batterie) rating:..2", &["c", "d"]),
    ];
    for (query, expected) in table {
        let (answer, query) = words(&bed, query);
        let mut found = ids(&answer);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        assert_eq!(answer["total"], expected.len(), "{query}");
        assert_eq!((&answer["mode"], &answer["by_meaning"]), (&json!("words"), &Value::Null));
    }
}

#[test]
fn highlights_cover_whole_words() {
    let bed = bed();
    let (answer, _) = words(&bed, "Verzögerung");
    assert_eq!(answer["hits"][0]["highlights"], json!([[18, 35]]), "Lieferverzögerung");
}

#[test]
fn an_error_is_pointed_at() {
    let bed = bed();
    let answer = bed.echolot(&["search", "gut (spät"]);
    answer.fails_with(2, &["at character 4: the parenthesis", "\n  gut (spät\n      ^\n"]);
    bed.echolot(&["search", "produkt:X"]).fails_with(2, &["known are lang, source", "\n  ^\n"]);
    bed.echolot(&["search", "x", "--mode", "magic"]).fails_with(2, &["words, meaning, hybrid"]);
}

#[test]
fn synonyms_are_those_of_the_company() {
    let bed = bed();
    bed.write("mine.toml", "[search]\nsynonyms = [[\"Akku\", \"Batterie\"]]\n");
    let ask = |query: &str| {
        let args = ["--config", "mine.toml", "search", query, "--mode", "words", "--json"];
        bed.echolot(&args).json()
    };
    assert_eq!(ask("Akku")["total"], 3);
    assert_eq!(ask("\"Akku\"")["total"], 1, "in quotation marks a word is itself");
    bed.write("mine.toml", "[search]\nsynonyms = [[\"zu spät\", \"verspätet\"]]\n");
    bed.echolot(&["--config", "mine.toml", "search", "x"])
        .fails_with(2, &["search.synonyms", "`zu spät` is not one word"]);
}

#[test]
fn counts_are_about_a_set_that_is_declared() {
    let bed = bed();
    let hybrid = bed.ask(&["search", "Lieferung", "--min-similarity", "0.2"]);
    assert_eq!(hybrid["mode"], "hybrid");
    let floor = hybrid["min_similarity"].as_f64().unwrap();
    assert!((floor - 0.2).abs() < 1e-6);
    // Every verbatim that is near at all, to count by hand.
    let all = bed.ask(&["search", "Lieferung", "--mode", "meaning", "--min-similarity", "-1"]);
    let near = |hit: &&Value| hit["similarity"].as_f64().unwrap() >= floor;
    let hits = all["hits"].as_array().unwrap();
    let near: Vec<&str> = hits.iter().filter(near).map(|hit| hit["id"].as_str().unwrap()).collect();
    assert!(!near.is_empty() && near.len() < hits.len(), "{all:#}");
    let (by_words, _) = words(&bed, "Lieferung");
    let mut either = [near.clone(), ids(&by_words)].concat();
    either.sort_unstable();
    either.dedup();
    assert_eq!(hybrid["by_meaning"], near.len());
    assert_eq!(hybrid["by_words"], by_words["total"]);
    assert_eq!(hybrid["total"], either.len());
    let mut found = ids(&hybrid);
    found.sort_unstable();
    assert_eq!(found, either);
}

#[test]
fn more_like_one_or_like_a_text() {
    let bed = bed();
    let like = bed.ask(&["search", "--like", "b", "--min-similarity", "0.3"]);
    assert_eq!(like["mode"], "meaning");
    assert!(!ids(&like).contains(&"b"), "the one itself is known");
    assert_eq!(ids(&like)[0], "a", "{like:#}");
    let text = bed.ask(&[
        "search",
        "--like-text",
        "Die Lieferung kam viel zu spät.",
        "--min-similarity",
        "0.3",
    ]);
    assert_eq!(ids(&text)[0], "b");
    let near = bed.ask(&["search", "product:Q", "--like", "b"]);
    assert_eq!(near["total"], 0, "conditions hold");

    bed.echolot(&["search", "--like-text", " "]).fails_with(2, &["like_text", "no text"]);
    bed.echolot(&["search", "--like", "nobody"]).fails_with(2, &["no feedback item `nobody`"]);
    bed.echolot(&["search", "Akku", "--like", "b"])
        .fails_with(2, &["like: stands with conditions"]);
}

#[test]
fn without_a_model_words_are_searched_and_it_is_said() {
    let bed = bed();
    let none = [("ECHOLOT_MODEL_FOLDER", "nowhere")];
    let answer = bed.echolot_with(&none, &["search", "Lieferung", "--json"]).json();
    assert_eq!((&answer["mode"], &answer["total"]), (&json!("words"), &json!(2)));
    assert!(
        answer["notice"]
            .as_str()
            .unwrap()
            .starts_with("only words were searched: there is no model")
    );
    let meaning = bed.echolot_with(&none, &["search", "Lieferung", "--mode", "meaning"]);
    meaning.fails_with(1, &["there is no model to compare meanings"]);
    // What is stored is compared without it.
    let like = bed.echolot_with(&none, &["search", "--like", "b", "--json"]).json();
    assert_eq!(like["mode"], "meaning");
    assert!(
        bed.echolot_with(&none, &["search", "Lieferung"]).err.contains("only words were searched")
    );
}

#[test]
fn pages_follow_one_another() {
    let bed = bed();
    let all = bed.ask(&["search", "Lieferung OR Akku", "--mode", "words"]);
    let mut paged = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let cursor: Vec<&str> = next.iter().flat_map(|next| ["--cursor", next]).collect();
        let asked = ["search", "Lieferung OR Akku", "--mode", "words", "--limit", "1"];
        let page = bed.ask(&[&asked[..], &cursor].concat());
        paged.extend(page["hits"].as_array().unwrap().clone());
        let Some(cursor) = page["next"].as_str() else { break };
        next = Some(cursor.to_owned());
    }
    assert_eq!(json!(paged), all["hits"]);

    let cursor = next.unwrap();
    bed.echolot(&["search", "Akku", "--cursor", &cursor]).fails_with(2, &["another question"]);
    bed.write_jsonl("next.jsonl", &[json!({ "id": "x", "text": "Die Lieferung war gut." })]);
    bed.run(&["next.jsonl"]);
    bed.echolot(&["search", "Lieferung OR Akku", "--mode", "words", "--cursor", &cursor])
        .fails_with(2, &["generation 1 is no longer there, now it is 2; ask again without cursor"]);
}

#[test]
fn reports_read_words_as_a_search_does() {
    let bed = bed();
    bed.write("mine.toml", "[search]\nsynonyms = [[\"Akku\", \"Batterie\"]]\n");
    let counted = |config: &[&str], query: &str| {
        let args = ["count", "--by", "product", "--query", query, "--json"];
        bed.echolot(&[config, &args].concat()).json()["total"].clone()
    };
    for query in [
        "Verzögerung",
        "Lieferung spät Support",
        "Akku OR Batterie",
        "(Akku OR liefer*) AND NOT rating:3..",
        "\"zu spät\"",
        "Liferung~",
        "lang:en",
    ] {
        assert_eq!(counted(&[], query), words(&bed, query).0["total"], "{query}");
    }
    assert_eq!(counted(&[], "Akku"), 2);
    assert_eq!(counted(&["--config", "mine.toml"], "Akku"), 3);
    bed.echolot(&["count", "--by", "product", "--query", "gut (spät"])
        .fails_with(2, &["at character 4: the parenthesis", "\n  gut (spät\n      ^\n"]);
}

#[test]
fn a_query_may_begin_with_a_minus_sign() {
    let bed = scenario::bed();
    let all = bed.ask(&["search", ""])["total"].as_u64().unwrap();
    for word in ["Lieferung", "hotline", "Versand"] {
        let with = bed.ask(&["search", word, "--mode", "words"])["total"].as_u64().unwrap();
        let without = bed.ask(&["search", &format!("-{word}"), "--mode", "words"]);
        assert_eq!(without["total"], all - with, "{word}");
    }
    bed.echolot(&["search", "--jsno"]).fails_with(2, &["no such option", "NOT word"]);
}
