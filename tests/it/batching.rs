//! With the model that is shipped: the company a text is read in does not matter.

use echolot_engine::{Analyst, Delivered, ScoredItem, SourceOptions, open};
use serde_json::Value;

use crate::bed::{TestBed, corpus, repository};
use crate::shipped::{numbered, scored, shipped_model};

/// Every so many texts of the demo corpus are read, so that the test ends soon
/// and still meets all lengths.
const STRIDE: usize = 20;

/// Texts of the demo corpus, and some that are nobody's idea of feedback.
fn items() -> Vec<Value> {
    let files = [
        "app_store.tsv",
        "chats.txt",
        "emails.xlsx",
        "reviews.jsonl.gz",
        "social.json",
        "surveys.csv",
    ];
    let options = SourceOptions::default();
    let mut texts: Vec<String> = Vec::new();
    for file in files {
        let rows = open(corpus(&format!("demo/{file}")).as_ref(), &options).unwrap();
        let verbatims = rows.filter_map(|row| match row.unwrap() {
            Delivered::Item(item, _) => Some(item.body.verbatim()),
            Delivered::Rejected(_) => None,
        });
        texts.extend(verbatims.step_by(STRIDE));
    }
    let rant =
        "Ich warte seit Wochen, und niemand meldet sich! Die Hotline? Ein Witz. Und der Preis … ";
    texts.push(rant.repeat(120).chars().take(10_000).collect());
    let odd = [
        "👍",
        "🤬🤬🤬",
        "...",
        "</s>",
        "Super</s>schlecht <s> <pad> <mask> <unk>",
        "WARUM GEHT DAS NICHT??? SEIT DREI TAGEN KEIN INTERNET!!!",
        "La livraison est arrivée en retard et le service client ne répond pas.",
        "Доставка опоздала, но товар хороший.",
        "配送が遅かったです。",
        "الخدمة سيئة جدا",
        "a",
        "Großgerätetransportversicherungsbedingungen",
    ];
    texts.extend(odd.map(str::to_owned));
    numbered(&texts)
}

/// What is said of each item, by id, to the last bit: floats are written so
/// that they read back as the same number.
fn said(analyst: &Analyst, items: &[Value]) -> Vec<(usize, String)> {
    let number = |item: &ScoredItem| item.id.as_str().parse().unwrap();
    scored(analyst, items).iter().map(|item| (number(item), format!("{item:?}"))).collect()
}

#[test]
fn a_text_is_read_the_same_alone_and_in_any_company() {
    let Some(analyst) = shipped_model() else { return };
    let items = items();
    let together = said(&analyst, &items);
    assert_eq!(together.len(), items.len());
    let has_opinion = |(_, said): &&(usize, String)| said.contains("Opinion {");
    assert!(together.iter().filter(has_opinion).count() > items.len() / 2);
    let has_error = |(_, said): &&(usize, String)| !said.contains("error: None");
    let unread = together.iter().filter(has_error).count();
    assert!(unread <= 3, "only scripts the model does not know may stay unread: {unread}");

    let alone = items.iter().flat_map(|item| said(&analyst, std::slice::from_ref(item)));
    let mut shuffled = items.clone();
    shuffled.reverse();
    shuffled.rotate_left(items.len() / 3);
    for (label, mut other) in
        [("alone", alone.collect::<Vec<_>>()), ("in another order", said(&analyst, &shuffled))]
    {
        other.sort();
        assert_eq!(other.len(), together.len(), "{label}");
        // They were given with rising ids, so they are sorted.
        for (other, expected) in other.iter().zip(&together) {
            assert_eq!(other, expected, "{label}: {}", items[expected.0]);
        }
    }
}

#[test]
fn any_number_of_workers_prints_the_same_bytes() {
    if shipped_model().is_none() {
        return;
    }
    let bed = TestBed::new();
    let items = items();
    bed.write_jsonl("items.jsonl", &items);
    let score = |workers: &str| {
        let folder = repository().join("models");
        let folder = folder.to_str().unwrap();
        let variables = [("ECHOLOT_MODEL_FOLDER", folder), ("ECHOLOT_MODEL_WORKERS", workers)];
        let answer = bed.echolot_with(&variables, &["score", "items.jsonl"]);
        assert_eq!(answer.exit, 0, "{answer:?}");
        answer.out
    };
    let (one, two) = (score("1"), score("2"));
    assert_eq!(one.lines().count(), items.len());
    for (one, two) in one.lines().zip(two.lines()) {
        assert_eq!(one, two);
    }
    assert!(one == two);
}
