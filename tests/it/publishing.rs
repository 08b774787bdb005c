//! Nights that publish while many ask: no request fails, and no answer mixes two generations.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use echolot::traces_of;
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::serving::Server;

/// Verbatims that each night adds.
const NIGHT: u64 = 40;
const NIGHTS: u64 = 5;
const CLIENTS: usize = 8;

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

/// Questions, and how to read off each answer how many verbatims it is about:
/// every night says the same, so the counts of an answer tell the generation
/// it was made from.
type Question = (&'static str, fn(&Value) -> u64);

const QUESTIONS: [Question; 16] = [
    ("/v1/search?q=Lieferung&limit=3", |answer| answer["total"].as_u64().unwrap()),
    ("/v1/search?q=sp%C3%A4t&mode=words&limit=2", |answer| {
        let facet = sum(&answer["facets"]["products"], "count");
        if facet == answer["total"] { facet } else { 0 }
    }),
    ("/v1/search?product=Nord&limit=0", |answer| 4 * answer["total"].as_u64().unwrap()),
    ("/v1/search?like=1-1&min_similarity=-1&limit=1", |answer| {
        1 + answer["total"].as_u64().unwrap()
    }),
    ("/v1/counts?by=product", |answer| sum(&answer["rows"], "count")),
    ("/v1/counts?by=release,product", |answer| sum(&answer["rows"], "count")),
    ("/v1/kpi?by=product", |answer| sum(&answer["rows"], "verbatims")),
    ("/v1/themes?limit=1", |answer| answer["verbatims"].as_u64().unwrap()),
    ("/v1/trends?measure=rating&by=release", |answer| sum(&answer["points"], "count")),
    ("/v1/report?product=Nord", |answer| {
        let of_releases = sum(&answer["releases"]["rows"], "verbatims");
        if of_releases == answer["verbatims"] { 4 * of_releases } else { 0 }
    }),
    ("/v1/queue?limit=1", |answer| sum(&answer["by_status"], "count")),
    ("/v1/complaints?product=Nord&release=1.0", |answer| of_one_night(answer, "mentions")),
    ("/v1/runs", |answer| NIGHT * answer["runs"].as_array().unwrap().len() as u64),
    ("/v1/corrections", |answer| NIGHT * answer["generation"].as_u64().unwrap()),
    ("/v1/audit", |answer| NIGHT * answer["generation"].as_u64().unwrap()),
    ("/v1/ready", |answer| NIGHT * answer["generation"].as_u64().unwrap()),
];

/// What is about the first night alone never changes.
fn of_one_night(answer: &Value, field: &str) -> u64 {
    let has_all = answer[field] == NIGHT / 4;
    if has_all { NIGHT * answer["generation"].as_u64().unwrap() } else { 0 }
}

/// Every trace within an answer leads back to its generation.
fn leads_to(generation: u64, answer: &Value) -> bool {
    let start = format!("g={generation}");
    traces_of(answer).iter().all(|trace| trace.split('&').next() == Some(&start))
}

/// Reads a list page by page: all of its verbatims, each once, of one
/// generation, whatever is published in between. None when two were, after
/// which the first is not served any more.
fn read_through(server: &Server) -> Option<u64> {
    let question = "/v1/search?q=Lieferung&mode=words&limit=17";
    let mut page = server.get(question);
    let (generation, mut ids) = (page["generation"].clone(), BTreeSet::new());
    loop {
        assert_eq!(page["generation"], generation);
        assert_eq!(page["total"], NIGHT * generation.as_u64().unwrap());
        for hit in page["hits"].as_array().unwrap() {
            assert!(ids.insert(hit["id"].as_str().unwrap().to_owned()), "twice: {hit}");
        }
        let Some(next) = page["next"].as_str() else { break };
        let (status, answer) = server.ask(&format!("{question}&cursor={next}"));
        if status == 410 {
            return None;
        }
        assert_eq!(status, 200, "{answer}");
        page = answer;
    }
    assert_eq!(ids.len() as u64, NIGHT * generation.as_u64().unwrap());
    generation.as_u64()
}

fn sum(rows: &Value, field: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).sum()
}

#[test]
fn no_request_fails_or_mixes_two_generations_while_nights_publish() {
    let bed = TestBed::new();
    night(&bed, 1);
    let server = Server::start(&bed);
    let is_over = AtomicBool::new(false);
    let seen: Vec<(u64, usize)> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (server, is_over) = (&server, &is_over);
                scope.spawn(move || {
                    let (mut newest, mut asked) = (0, 0_usize);
                    for (path, count) in QUESTIONS.iter().cycle().skip(3 * client) {
                        let answer = server.get(path);
                        let generation = answer["generation"].as_u64().unwrap();
                        assert_eq!(count(&answer), NIGHT * generation, "{path}: {answer}");
                        assert!(leads_to(generation, &answer), "{path}: {answer}");
                        asked += 1;
                        // A report is made of the newest generation there is, which
                        // other questions are about a moment later.
                        if !path.starts_with("/v1/report") {
                            assert!(generation >= newest, "{path}: time runs forward");
                            newest = generation;
                        }
                        let has_asked_all = asked >= QUESTIONS.len();
                        if is_over.load(Ordering::Relaxed) && newest == NIGHTS && has_asked_all {
                            break;
                        }
                    }
                    (newest, asked)
                })
            })
            .collect();
        let reader = scope.spawn(|| while read_through(&server) != Some(NIGHTS) {});
        (2..=NIGHTS).for_each(|number| night(&bed, number));
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    assert!(seen.iter().all(|(newest, _)| *newest == NIGHTS), "{seen:?}");
}
