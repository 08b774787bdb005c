//! The serving process: it answers while runs publish, and follows them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::scenario;

/// A server on a free port of this machine; it ends with this value.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// Kept open, so that the server can go on writing to it.
    errors: BufReader<ChildStderr>,
}

impl Server {
    pub(crate) fn start(bed: &TestBed) -> Self {
        Self::start_with(bed, &[])
    }

    fn start_with(bed: &TestBed, variables: &[(&str, &str)]) -> Self {
        let mut child = bed.start(variables, &["serve", "--listen", "127.0.0.1:0"]);
        let mut errors = BufReader::new(child.stderr.take().expect("errors are piped"));
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        let (_, rest) = line
            .split_once("http://")
            .unwrap_or_else(|| panic!("it says where it listens: {line}"));
        let address = rest.split_whitespace().next().unwrap().to_owned();
        Self { child, address, errors }
    }

    /// Asks what can be answered.
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(path);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Asks over a connection of its own.
    pub(crate) fn ask(&self, path: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
        (status.unwrap_or_else(|| panic!("{answer}")), body)
    }

    /// Asks until the answer is as wanted. How long that takes is not tested;
    /// the end is for a server that never gets there.
    fn wait_for(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..600 {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("{path} never became what was wanted");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_server_takes_up_what_a_run_publishes_and_answers_all_the_while() {
    let bed = scenario::bed();
    let server = Server::start(&bed);
    assert_eq!(server.get("/v1/ready")["generation"], 1);

    bed.write_jsonl(
        "next.jsonl",
        &(0..400)
            .map(|id| json!({ "id": format!("x{id}"), "text": scenario::LATE, "lang": "de" }))
            .collect::<Vec<_>>(),
    );
    let mut run = bed.start(&[], &["run", "--input", "next.jsonl"]);
    let mut is_over = false;
    while !is_over {
        is_over = run.try_wait().unwrap().is_some();
        let answer = server.get("/v1/search?q=Lieferung&limit=0");
        let state = (answer["generation"].as_u64().unwrap(), answer["total"].as_u64().unwrap());
        assert!(
            [(1, 17), (2, 417)].contains(&state),
            "an answer is about one state as a whole: {state:?}"
        );
    }
    assert!(run.wait().unwrap().success());
    server.wait_for("/v1/ready", |ready| ready["generation"] == 2);
    assert_eq!(server.get("/v1/search?limit=0")["total"], 483);
    assert_eq!(server.get("/v1/search?q=Lieferung&limit=0")["total"], 417);
}

#[test]
fn a_run_is_not_kept_from_publishing_by_a_server() {
    let bed = scenario::bed();
    let server = Server::start(&bed);
    for generation in 2..=4 {
        bed.write_jsonl(
            "next.jsonl",
            &[json!({ "id": format!("y{generation}"), "text": "Paket kaputt" })],
        );
        assert_eq!(bed.run(&["next.jsonl"])["generation"], generation);
    }
    server.wait_for("/v1/ready", |ready| ready["generation"] == 4);
    let doctor = bed.echolot(&["doctor", "--json"]).json();
    let is_current = |check: &Value| check["subject"] == "search index" && check["state"] == "ok";
    assert!(doctor["checks"].as_array().unwrap().iter().any(is_current), "{doctor}");
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_stops_with_a_clean_exit() {
    let bed = scenario::bed();
    let mut server = Server::start(&bed);
    let stopped =
        std::process::Command::new("kill").arg(server.child.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn an_address_in_use_is_an_error() {
    let bed = scenario::bed();
    let server = Server::start(&bed);
    let answer = bed.echolot(&["serve", "--listen", &server.address]);
    answer.fails_with(1, &["in use"]);
}

#[test]
fn every_request_leaves_a_line_in_the_log() {
    let bed = scenario::bed();
    let variables = [("ECHOLOT_LOG", "info"), ("ECHOLOT_LOG_FORMAT", "json")];
    let mut server = Server::start_with(&bed, &variables);
    server.get("/v1/themes/1");
    server.child.kill().unwrap();
    let mut log = String::new();
    server.errors.read_to_string(&mut log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.into_iter().find(|line| line["message"] == "answered").unwrap();
    assert_eq!(
        ["method", "route", "status", "key"].map(|field| &line[field]),
        [&json!("GET"), &json!("/v1/themes/{id}"), &json!(200), &json!("")]
    );
    assert!(!line["request_id"].as_str().unwrap().is_empty() && line["duration_ms"].is_f64());
}
