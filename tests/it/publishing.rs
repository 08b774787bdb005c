//! Nights that publish while many ask: no request fails, and no answer mixes two generations.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::serving::Server;

/// Verbatims that each night adds.
const NIGHT: u64 = 40;
const NIGHTS: u64 = 5;
const CLIENTS: usize = 6;

fn night(bed: &TestBed, number: u64) {
    let items: Vec<Value> = (0..NIGHT)
        .map(|item| {
            json!({
                "id": format!("{number}-{item}"),
                "text": format!("Die Lieferung kam zu spät, Nummer {number} von {item}."),
                "product": if item % 4 == 0 { "Nord" } else { "Süd" },
                "release": format!("{number}.0"),
                "rating": 1 + item % 5,
                "created_at": format!("2025-06-{:02}", number),
            })
        })
        .collect();
    bed.write_jsonl("night.jsonl", &items);
    assert_eq!(bed.run(&["night.jsonl"])["generation"], number);
}

/// Questions, and how to read off each answer how many verbatims it is about,
/// in parts of a night's: every night says the same, so the counts of an
/// answer tell the generation it was made from.
type Question = (&'static str, fn(&Value) -> u64);

const QUESTIONS: [Question; 6] = [
    ("/v1/search?q=Lieferung&limit=3", |answer| answer["total"].as_u64().unwrap()),
    ("/v1/search?product=Nord&limit=0", |answer| 4 * answer["total"].as_u64().unwrap()),
    ("/v1/counts?by=product", |answer| sum(&answer["rows"], "count")),
    ("/v1/counts?by=release,product", |answer| sum(&answer["rows"], "count")),
    ("/v1/kpi?by=product", |answer| sum(&answer["rows"], "verbatims")),
    ("/v1/themes?limit=1", |answer| answer["verbatims"].as_u64().unwrap()),
];

fn sum(rows: &Value, field: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).sum()
}

#[test]
fn no_request_fails_or_mixes_two_generations_while_nights_publish() {
    let bed = TestBed::new();
    night(&bed, 1);
    let server = Server::start(&bed);
    let is_over = AtomicBool::new(false);
    let seen: Vec<(u64, u64)> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (server, is_over) = (&server, &is_over);
                scope.spawn(move || {
                    let (mut newest, mut asked) = (0, 0);
                    for (path, count) in QUESTIONS.iter().cycle().skip(client) {
                        let answer = server.get(path);
                        let generation = answer["generation"].as_u64().unwrap();
                        assert_eq!(count(&answer), NIGHT * generation, "{path}: {answer}");
                        assert!(generation >= newest, "{path}: time runs forward");
                        (newest, asked) = (generation, asked + 1);
                        if is_over.load(Ordering::Relaxed) && newest == NIGHTS {
                            break;
                        }
                    }
                    (newest, asked)
                })
            })
            .collect();
        (2..=NIGHTS).for_each(|number| night(&bed, number));
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    assert!(seen.iter().all(|(newest, asked)| *newest == NIGHTS && *asked > 0), "{seen:?}");
}
