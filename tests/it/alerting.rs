//! Alerts: told once, sent until they arrive, and lost by no crash.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::bed::{TestBed, lines};
use crate::editing::post;
use crate::http::{get, router, router_of};
use crate::{receiver, scenario};

/// A rule that finds something in the scenario, one that finds nothing, and one for
/// each further kind.
const RULES: &str = r#"
[[alert]]
name = "Late parcels"
when = "share"
where = "product=Nordlicht; topic=delivery; opinion_polarity=negative"
above = 0.05
tell = ["team"]

[[alert]]
name = "Everything is lost"
when = "share"
where = "topic=delivery"
above = 0.9
tell = ["team"]

[[alert]]
name = "Few promoters"
when = "kpi"
kpi = "nps"
where = "product=Nordlicht"
below = 60.0
minimum = 10
tell = ["team"]

[[alert]]
name = "Manual"
when = "keyword"
query = "Handbuch"
days = 3
tell = ["team"]

[[alert]]
name = "Rising"
when = "emerging"
where = "product=Nordlicht"
"#;

/// The rules with one channel.
fn config(bed: &TestBed, channel: &str) -> String {
    bed.write("alerts.toml", format!("{RULES}\n[[alerts.channel]]\nname = \"team\"\n{channel}\n"))
}

fn check(bed: &TestBed, more: &[&str]) -> Value {
    let answer =
        bed.echolot(&[&["--config", "alerts.toml", "alerts", "check", "--json"], more].concat());
    assert_eq!(answer.exit, 0, "{answer:?}");
    answer.json()
}

/// Each finding: rule, subject and what is done about it.
fn findings(check: &Value) -> Vec<(&str, &str, &str)> {
    let findings = check["findings"].as_array().unwrap().iter();
    let found = findings.map(|found| {
        (
            found["rule"].as_str().unwrap(),
            found["found"]["subject"].as_str().unwrap(),
            found["told"].as_str().unwrap(),
        )
    });
    found.collect()
}

#[test]
fn a_dry_run_says_what_would_be_told_and_writes_nothing() {
    let bed = scenario::bed();
    config(&bed, "file = \"alerts.jsonl\"");
    let found = check(&bed, &["--dry-run"]);
    let expected = [
        ("Late parcels", "", "new"),
        ("Few promoters", "", "new"),
        ("Manual", "verbatim c2", "new"),
        ("Rising", "theme 2", "new"),
    ];
    assert_eq!(findings(&found)[..3], expected[..3]);
    // By hand: in the week of June 10 there are 50 texts, 10 of them late parcels.
    let late = &found["findings"][0]["found"];
    assert_eq!((&late["total"], &late["figures"]["share"]), (&json!(10), &json!(0.2)));
    assert_eq!(late["figures"]["share_low"], json!(0.112_438));
    assert_eq!(late["verbatims"].as_array().unwrap().len(), 5);
    // NPS of 20 promoters, 15 passives and 14 detractors.
    assert_eq!(found["findings"][1]["found"]["figures"]["nps"], json!(12.244_898));
    let message = &found["messages"][0];
    assert_eq!((&message["channel"], found["dry_run"].as_bool()), (&json!("team"), Some(true)));
    assert!(message["body"]["text"].as_str().unwrap().contains("surely above 5.0 %"), "{message}");
    assert_eq!(bed.ask(&["alerts"])["alerts"], json!([]));
    assert!(!bed.path("alerts.jsonl").exists());
}

#[test]
fn without_a_rule_a_check_shows_how_one_looks() {
    let bed = scenario::bed();
    let bare = bed.echolot(&["alerts", "check"]);
    assert_eq!(bare.exit, 0, "{bare:?}");
    assert!(bare.out.starts_with("No alert is configured"), "{}", bare.out);
    assert_eq!(bed.ask(&["alerts", "check"])["rules"], 0);
    // A check that knows no rule, as without --config, ends nothing that lasts.
    config(&bed, "file = \"told.jsonl\"");
    check(&bed, &[]);
    let lasting = bed.ask(&["alerts"])["alerts"].clone();
    assert_ne!(lasting, json!([]));
    bed.echolot(&["alerts", "check"]);
    assert_eq!(bed.ask(&["alerts"])["alerts"], lasting);
    // What is shown works as it stands.
    let shown = &bare.out[bare.out.find("[[").unwrap()..bare.out.find("\n\n`").unwrap()];
    bed.write("alerts.toml", shown);
    let found = check(&bed, &["--dry-run"]);
    assert_eq!((&found["rules"], found["findings"].as_array().unwrap().len()), (&json!(1), 0));
}

#[test]
fn a_thing_is_told_once_until_it_ends_and_comes_back() {
    let bed = scenario::bed();
    config(&bed, "file = \"alerts.jsonl\"");
    assert!(findings(&check(&bed, &[])).iter().all(|(.., told)| *told == "new"));
    let told = |bed: &TestBed| lines(&fs_err::read_to_string(bed.path("alerts.jsonl")).unwrap());
    let first = told(&bed);
    let rules: Vec<&str> = first.iter().map(|line| line["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["Late parcels", "Few promoters", "Manual"]);
    assert!(first[0]["id"].as_str().unwrap() != first[1]["id"].as_str().unwrap());

    assert!(findings(&check(&bed, &[])).iter().all(|(.., told)| *told == "standing"));
    assert_eq!(told(&bed), first);
    let lasting = bed.ask(&["alerts"]);
    assert_eq!(lasting["waiting"], json!([]));
    let manual = lasting["alerts"].as_array().unwrap().iter();
    let manual: Vec<&Value> = manual.filter(|alert| alert["rule"] == "Manual").collect();
    assert_eq!(
        (&manual[0]["state"], &manual[0]["found"]["verbatims"][0]["id"]),
        (&json!("lasting"), &json!("c2"))
    );

    // Hidden as spam it ends; undone it comes back and is told again.
    bed.ask(&["correct", "c2", "--spam"]);
    assert_eq!(check(&bed, &[])["ended"][0]["rule"], "Manual");
    bed.ask(&["corrections", "undo", "1"]);
    assert!(findings(&check(&bed, &[])).contains(&("Manual", "verbatim c2", "new")));
    assert_eq!(told(&bed).len(), first.len() + 1);
    assert_eq!(
        bed.ask(&["alerts", "--all"])["alerts"].as_array().unwrap().len(),
        lasting["alerts"].as_array().unwrap().len() + 1
    );

    // With no quiet time what lasts is told at every check.
    let loud = bed.echolot_with(
        &[("ECHOLOT_ALERTS_QUIET_DAYS", "0.0")],
        &["--config", "alerts.toml", "alerts", "check", "--json"],
    );
    assert!(findings(&loud.json()).iter().all(|(.., told)| *told == "again"));
}

#[test]
fn what_a_webhook_does_not_take_waits_and_keeps_its_id() {
    let bed = scenario::bed();
    let (address, answering) =
        receiver::answering([500, 200, 200, 200].map(|status| (status, String::new())));
    config(&bed, &format!("webhook = \"{address}\"\n[alerts]\nretry_s = 1\n"));
    let checked = bed.echolot(&["--config", "alerts.toml", "alerts", "check"]);
    assert!(checked.out.contains("2 messages sent, 1 wait"), "{}", checked.out);
    let waiting = bed.ask(&["alerts"])["waiting"].clone();
    assert_eq!((waiting.as_array().unwrap().len(), &waiting[0]["attempts"]), (1, &json!(1)));
    assert!(waiting[0]["error"].as_str().unwrap().contains("500"), "{waiting}");
    let mut last = String::new();
    while !bed.ask(&["alerts"])["waiting"].as_array().unwrap().is_empty() {
        last = bed.echolot(&["--config", "alerts.toml", "alerts", "send"]).out;
    }
    assert_eq!(last.trim(), "1 messages sent, 0 wait to be tried again");
    let requests = answering.join().unwrap();
    assert_eq!(requests[0].1, requests[3].1, "the second attempt is the same message");
    assert_eq!(requests[3].1["id"], waiting[0]["id"]);
    let id = requests[3].1["id"].as_str().unwrap();
    assert!(requests[0].0.contains(&format!("idempotency-key: {id}")), "{}", requests[0].0);
    assert!(requests[0].1["text"].as_str().unwrap().starts_with("Echolot: Late parcels"));
    let sent = bed.echolot(&["--config", "alerts.toml", "alerts", "send"]);
    assert_eq!(sent.out.trim(), "0 messages sent, 0 wait to be tried again");
}

/// A mail server that takes one mail and returns what it was told.
fn mail_server() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut heard, mut is_mail) = (String::new(), false);
        stream.write_all(b"220 test\r\n").unwrap();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap() == 0 {
                return heard;
            }
            heard.push_str(&line);
            let reply: &[u8] = match line.trim_end() {
                "." => {
                    is_mail = false;
                    b"250 taken\r\n"
                }
                _ if is_mail => continue,
                "DATA" => {
                    is_mail = true;
                    b"354 go on\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 ok\r\n",
            };
            stream.write_all(reply).unwrap();
        }
    });
    (port, serving)
}

#[test]
fn the_night_run_checks_the_rules_and_sends_a_mail() {
    let bed = TestBed::new();
    let (port, serving) = mail_server();
    bed.write("reviews.jsonl", crate::bed::jsonl(&scenario::reviews()));
    let rule = RULES.split("[[alert]]").nth(1).unwrap();
    bed.write(
        "alerts.toml",
        format!(
            "[[alert]]{rule}\n[[alerts.channel]]\nname = \"team\"\nmail = \"Team <team@example.org>\"\n\
             [alerts.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"echolot@example.org\"\n"
        ),
    );
    let run = bed.echolot(&["--config", "alerts.toml", "run", "--input", "reviews.jsonl"]);
    assert_eq!(run.exit, 0, "{run:?}");
    assert!(run.err.contains("alerts: 1 messages sent, 0 wait"), "{}", run.err);
    let heard = serving.join().unwrap();
    assert!(heard.contains("RCPT TO:<team@example.org>"), "{heard}");
    assert!(heard.contains("Subject: Echolot: Late parcels"), "{heard}");
    let again = bed.echolot(&["--config", "alerts.toml", "run", "--input", "reviews.jsonl"]);
    assert_eq!((again.exit, again.err.contains("alerts:")), (0, false), "{again:?}");
}

#[test]
fn a_rule_that_cannot_be_read_stops_the_run_before_its_first_row() {
    let bed = TestBed::new();
    bed.write("reviews.jsonl", crate::bed::jsonl(&scenario::reviews()));
    let mistakes: [(&str, &[&str]); 6] = [
        ("when = \"share\"\nabove = 0.1\nwhere = \"topik=x\"", &["`A`", "`topik` is not one of"]),
        ("when = \"sharp\"", &["alert.when", "`sharp` is not one of emerging"]),
        ("when = \"share\"", &["alert.above", "needs a number"]),
        (
            "when = \"churn\"\nbelow = 3.0",
            &["alert.below", "an alert of the kind `churn` has no such key"],
        ),
        ("when = \"kpi\"\nkpi = \"mps\"\nbelow = 1.0", &["alert.kpi", "`mps` is not one of nps"]),
        ("when = \"churn\"\ntell = [\"nobody\"]", &["`A` tells `nobody`"]),
    ];
    for (rule, words) in mistakes {
        bed.write("mine.toml", format!("[[alert]]\nname = \"A\"\n{rule}\n"));
        let run = bed.echolot(&["--config", "mine.toml", "run", "--input", "reviews.jsonl"]);
        run.fails_with(2, words);
        assert!(!bed.data().exists());
    }
}

#[tokio::test]
async fn the_api_lists_alerts() {
    let bed = scenario::bed();
    config(&bed, "file = \"alerts.jsonl\"");
    check(&bed, &[]);
    let (status, _, alerts) = get(&router(&bed), "/v1/alerts").await;
    assert_eq!((status, &alerts), (200, &bed.ask(&["alerts"])));
    assert_eq!(alerts["rules"], json!([]), "this server is told of no rules");
    let (_, _, configured) =
        get(&router_of(&bed, Some("alerts.toml"), &[]), "/v1/alerts?all=true").await;
    assert_eq!(configured["alerts"], alerts["alerts"]);
    let rules = configured["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 5);
    let rule = json!({
        "name": "Manual", "when": "keyword", "where": "", "days": 3, "minimum": 1, "tell": ["team"],
    });
    assert_eq!(rules[3], rule);
}

#[tokio::test]
async fn the_api_checks_the_rules_as_the_command_does() {
    let bed = scenario::bed();
    config(&bed, &format!("file = {:?}", bed.path("alerts.jsonl")));
    let router = router_of(&bed, Some("alerts.toml"), &[]);
    let dry = check(&bed, &["--dry-run"]);
    let (status, answer) = post(&router, "/v1/alerts/check?dry_run=true", json!({})).await;
    assert_eq!((status, &answer), (200, &dry));
    assert!(!dry["findings"].as_array().unwrap().is_empty(), "{dry}");
    let (_, _, none) = get(&router, "/v1/alerts").await;
    assert_eq!(none["alerts"], json!([]), "nothing was written down");

    let (status, answer) = post(&router, "/v1/alerts/check", json!({})).await;
    assert_eq!(
        (status, &answer["findings"], &answer["dry_run"]),
        (200, &dry["findings"], &json!(false))
    );
    let (_, _, told) = get(&router, "/v1/alerts").await;
    assert!(!told["alerts"].as_array().unwrap().is_empty(), "{told}");
    let (_, again) = post(&router, "/v1/alerts/check", json!({})).await;
    assert_eq!(again["messages"], json!([]), "told once");
}
