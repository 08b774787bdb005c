//! A month of feedback, small enough to count by hand.
//!
//! Product Nordlicht has two releases. In the fake model's eyes every text
//! states at most one opinion, and every theme is one text:
//!
//! | text | 4.1.0 | 4.2.0 | NPS | stars |
//! |---|---|---|---|---|
//! | `LATE`, complaint about delivery | 2 | 9 + 5 by one person | 2 | 1 |
//! | `CRASH`, complaint about a malfunction | 6 | 5 | none | 2 |
//! | `PRICE`, praise of the price | 12 | 20 | 10 | 5 |
//! | `BOUGHT`, no opinion | none | 15 | 7 | none |
//! | verbatims | 20 | 54 | | |
//! | near-duplicates once | 20 | 50 | | |
//!
//! Product Südwind has release 1.0 with one complaint that six people posted
//! in nearly the same words, and three chats without a release.

use serde_json::{Value, json};

use crate::bed::TestBed;

pub(crate) const LATE: &str = "Die Lieferung kam viel zu spät.";
pub(crate) const CRASH: &str = "Constant crash on start is bad.";
pub(crate) const PRICE: &str = "Der Preis ist super.";
pub(crate) const BOUGHT: &str = "Am Montag im Laden gekauft.";

/// A bed in which the scenario was taken in as two files.
pub(crate) fn bed() -> TestBed {
    bed_of(&reviews())
}

/// The same with other reviews, as many.
pub(crate) fn bed_of(reviews: &[Value]) -> TestBed {
    let bed = TestBed::new();
    bed.write_jsonl("reviews.jsonl", reviews);
    bed.write_jsonl("chats.jsonl", &chats());
    // Narrow themes: texts of different words never meet in one.
    let narrow = [("ECHOLOT_THEMES_GRANULARITY", "2.0")];
    let args = ["run", "--json", "--input", "reviews.jsonl", "chats.jsonl"];
    let report = bed.echolot_with(&narrow, &args).json();
    assert_eq!(report["totals"]["new"], 20 + 54 + 6 + 3);
    bed
}

/// The reviews of both products.
pub(crate) fn reviews() -> Vec<Value> {
    let mut items = Vec::new();
    let mut add = |(release, count): (&str, usize), text: &str, answers: Value| {
        for _ in 0..count {
            let number = items.len() + 1;
            let mut item = json!({
                "id": format!("n{number}"),
                "text": text,
                "lang": if text == CRASH { "en" } else { "de" },
                "product": "Nordlicht",
                "release": release,
                "channel": if text == BOUGHT { "survey" } else { "review" },
                "source": "shop",
                "created_at": if release == "4.1.0" { "2025-05-10" } else { "2025-06-10" },
                "respondent": format!("r{number}"),
            });
            let answers = answers.as_object().expect("answers are an object").clone();
            item.as_object_mut().unwrap().extend(answers);
            items.push(item);
        }
    };
    add(("4.1.0", 2), LATE, json!({ "nps": 2, "rating": 1, "csat": 2 }));
    add(("4.1.0", 6), CRASH, json!({ "rating": 2, "csat": 2 }));
    add(("4.1.0", 12), PRICE, json!({ "nps": 10, "rating": 5, "csat": 5 }));
    add(("4.2.0", 9), LATE, json!({ "nps": 2, "rating": 1 }));
    add(("4.2.0", 5), LATE, json!({ "nps": 2, "rating": 1, "respondent": "anna" }));
    add(("4.2.0", 5), CRASH, json!({ "rating": 2 }));
    add(("4.2.0", 20), PRICE, json!({ "nps": 10, "rating": 5 }));
    add(("4.2.0", 15), BOUGHT, json!({ "nps": 7 }));
    items.extend((1..=6).map(|number| {
        json!({
            "id": format!("s{number}"),
            "text": format!(
                "Die Rechnung zur Bestellung {number} war nun schon zum dritten Mal in diesem Jahr \
                 falsch ausgestellt und das finde ich wirklich schlecht"
            ),
            "lang": "de",
            "product": "Südwind",
            "release": "1.0",
            "channel": "review",
            "source": "forum",
            "created_at": "2025-06-12",
        })
    }));
    items
}

/// Three chats: answered by a person after two minutes and resolved after
/// half an hour, answered after ten minutes, and never answered.
pub(crate) fn chats() -> Vec<Value> {
    let turn = |role: &str, text: &str, at: &str| json!({ "role": role, "text": text, "at": at });
    let chat = |id: &str, turns: Vec<Value>, more: Value| {
        let mut item = json!({
            "id": id, "turns": turns, "lang": "de", "product": "Südwind", "channel": "chat", "source": "desk",
        });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    vec![
        chat(
            "c1",
            vec![
                turn("bot", "Willkommen!", "2025-06-20T08:59:00Z"),
                turn(
                    "customer",
                    "Wegen der Lieferverzögerung rief ich an.",
                    "2025-06-20T09:00:00Z",
                ),
                turn("bot", "Einen Moment.", "2025-06-20T09:00:05Z"),
                turn("agent", "Das tut mir leid.", "2025-06-20T09:02:00Z"),
            ],
            json!({ "resolved_at": "2025-06-20T09:30:00Z" }),
        ),
        chat(
            "c2",
            vec![
                turn("customer", "Wo finde ich das Handbuch?", "2025-06-21T10:00:00Z"),
                turn("agent", "Auf unserer Seite.", "2025-06-21T10:10:00Z"),
            ],
            json!({}),
        ),
        chat("c3", vec![turn("customer", "Ist da jemand?", "2025-06-22T10:00:00Z")], json!({})),
    ]
}
