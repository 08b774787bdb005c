//! `score`: one line out for each line in.

use serde_json::{Value, json};

use crate::bed::{Answer, TestBed, jsonl};

fn score(input: &str) -> Answer {
    TestBed::new().echolot_reading(input.as_bytes(), &["score"])
}

/// Texts in which bytes, characters and what the reader sees differ.
fn awkward_texts() -> Vec<Value> {
    let texts = [
        "Die Lieferung kam viel zu spät, aber der Preis ist super! Das Personal war freundlich.",
        "Größe 👍🏽 gut, Übergröße schlecht – 🇩🇪 Lieferung später",
        "<p>Das <b>Paket</b> ist kaputt.</p><br/>Die&nbsp;Rechnung &amp; der Preis sind gut",
        "Mail an kunde@example.org oder 0171 2345678: Paket kaputt",
        "Cafe\u{301} gut, Paket\u{200b} schlecht",
        "",
        "   ",
        "👍",
        "...",
        "BAD SUPPORT!!! BROKEN PARCEL!!!",
    ];
    texts
        .iter()
        .enumerate()
        .map(|(id, text)| json!({ "id": format!("t{id}"), "text": text }))
        .collect()
}

#[test]
fn every_line_is_answered_in_order() {
    let items: Vec<Value> = awkward_texts()
        .into_iter()
        .filter(|item| !item["text"].as_str().unwrap().trim().is_empty())
        .collect();
    let answer = score(&jsonl(&items));
    assert_eq!(answer.exit, 0, "{answer:?}");
    let ids: Vec<Value> = answer.lines().iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>());
}

#[test]
fn a_bad_line_is_answered_with_its_number_and_does_not_stop_the_others() {
    let answer = score(
        "{\"id\": \"a\", \"text\": \"gut\"}\n{\"id\": \n\n[]\n{\"id\": \"b\"}\n{\"id\": \"c\", \"text\": \"Paket kaputt\"}\n",
    );
    assert_eq!(answer.exit, 3, "{answer:?}");
    let lines = answer.lines();
    let shown: Vec<Value> =
        lines.iter().map(|line| line.get("id").or(line.get("line")).unwrap().clone()).collect();
    assert_eq!(shown, [json!("a"), json!(2), json!(4), json!(5), json!("c")]);
    for line in &lines[1..4] {
        assert_eq!(line.as_object().unwrap().len(), 2, "{line}");
        assert!(!line["error"].as_str().unwrap().is_empty());
    }
}

#[test]
fn offsets_count_characters_of_the_text_as_it_was_given() {
    let items = awkward_texts();
    for line in score(&jsonl(&items)).lines() {
        let Some(id) = line.get("id") else { continue };
        let given = items.iter().find(|item| item["id"] == *id).unwrap()["text"].as_str().unwrap();
        let characters: Vec<char> = given.chars().collect();
        let masked = line["redacted_text"].as_str().unwrap();
        assert_eq!(masked.chars().count(), characters.len(), "{line}");
        let mut before = 0;
        for opinion in line["opinions"].as_array().unwrap() {
            let (start, end) = (
                opinion["start"].as_u64().unwrap() as usize,
                opinion["end"].as_u64().unwrap() as usize,
            );
            assert!(start < end && end <= characters.len(), "{line}");
            assert!(before <= start, "opinions stand in the order of the text: {line}");
            before = start;
            let quote: String = characters[start..end].iter().collect();
            let is_trimmed = quote.trim() == quote;
            assert!(is_trimmed, "`{quote}`");
        }
    }
}

/// Topic, polarity and words of the opinions of one text.
fn opinions(text: &str) -> Vec<(String, String, String)> {
    let line = score(&jsonl(&[json!({ "text": text })])).lines().remove(0);
    let opinions = line["opinions"].as_array().unwrap().iter().map(|opinion| {
        let (start, end) = (
            opinion["start"].as_u64().unwrap() as usize,
            opinion["end"].as_u64().unwrap() as usize,
        );
        let quote = text.chars().skip(start).take(end - start).collect();
        (
            opinion["topic"].as_str().unwrap().to_owned(),
            opinion["polarity"].as_str().unwrap().to_owned(),
            quote,
        )
    });
    opinions.collect()
}

#[test]
fn each_opinion_has_its_own_words() {
    let said = |topic: &str, polarity: &str, quote: &str| {
        (topic.to_owned(), polarity.to_owned(), quote.to_owned())
    };
    assert_eq!(
        opinions("👍🏽 Größe: Die Lieferung kam zu spät. Der Preis ist super!"),
        [
            said("delivery", "negative", "👍🏽 Größe: Die Lieferung kam zu spät."),
            said("price_value", "positive", "Der Preis ist super!"),
        ]
    );
    assert_eq!(
        opinions("<p>Das <b>Paket</b> ist kaputt.</p><p>Die Hotline ist gut.</p>"),
        [
            said("delivery", "negative", "Das <b>Paket</b> ist kaputt."),
            said("customer_support", "positive", "Die Hotline ist gut."),
        ]
    );
    assert_eq!(
        opinions("kunde@example.org schreibt. Das Paket ist kaputt."),
        [said("delivery", "negative", "Das Paket ist kaputt.")]
    );
}

#[test]
fn a_text_that_says_nothing_gets_an_empty_analysis() {
    for text in ["...", "?!", "–"] {
        let line = score(&jsonl(&[json!({ "text": text })])).lines().remove(0);
        assert_eq!((&line["polarity"], &line["score"]), (&json!("neutral"), &json!(0.0)), "{line}");
        assert_eq!((&line["opinions"], &line["intents"]), (&json!([]), &json!([])), "{line}");
    }
}

#[test]
fn a_text_without_a_word_in_it_is_refused() {
    let answer = score("{\"id\": 1, \"text\": \"\"}\n{\"id\": 2, \"text\": \" \\n\"}\n");
    assert_eq!(answer.exit, 3, "{answer:?}");
    let refused = |line| json!({ "line": line, "error": "text is empty" });
    assert_eq!(answer.lines(), [refused(1), refused(2)]);
}

#[test]
fn a_file_is_scored_like_standard_input() {
    let bed = TestBed::new();
    let text = jsonl(&awkward_texts());
    bed.write("items.jsonl", &text);
    let (file, input) =
        (bed.echolot(&["score", "items.jsonl"]), bed.echolot_reading(text.as_bytes(), &["score"]));
    assert_eq!((file.out, file.exit), (input.out, input.exit));
    bed.echolot(&["score", "nowhere.jsonl"]).fails_with(2, &["nowhere.jsonl"]);
}

#[test]
fn nothing_in_is_nothing_out() {
    let answer = score("");
    assert_eq!((answer.exit, answer.out.as_str()), (0, ""));
}

#[test]
fn a_text_has_the_same_line_alone_and_in_any_company() {
    let items = awkward_texts();
    let together = score(&jsonl(&items));
    let alone: String =
        items.iter().map(|item| score(&jsonl(std::slice::from_ref(item))).out).collect();
    // A refused line is named by its number, which differs.
    let scored = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("{\"id\"")).map(str::to_owned).collect()
    };
    assert_eq!(scored(&alone), scored(&together.out));

    let mut shuffled: Vec<Value> = items.iter().rev().cloned().collect();
    shuffled.rotate_left(3);
    let mut sorted = [scored(&together.out), scored(&score(&jsonl(&shuffled)).out)];
    for lines in &mut sorted {
        lines.sort();
    }
    assert_eq!(sorted[0], sorted[1]);

    let bed = TestBed::new();
    bed.write("items.jsonl", jsonl(&items));
    for workers in ["1", "2"] {
        let answer =
            bed.echolot_with(&[("ECHOLOT_MODEL_WORKERS", workers)], &["score", "items.jsonl"]);
        assert_eq!(answer.out, together.out, "{workers} workers");
    }
}

#[test]
fn more_lines_than_are_analysed_at_once_keep_their_order() {
    let items: Vec<Value> =
        (0..2500).map(|id| json!({ "id": id.to_string(), "text": "Paket kaputt" })).collect();
    let ids: Vec<String> = score(&jsonl(&items))
        .lines()
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, (0..2500).map(|id| id.to_string()).collect::<Vec<_>>());
}
