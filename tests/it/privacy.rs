//! What identifies a person is nowhere below the data folder after a run.

use serde_json::{Value, json};

use crate::bed::{Answer, TestBed, jsonl};

/// Personal data as customers write it, and pieces by which any of it that was
/// left would be found. The card and the account are the examples of their
/// standards, with valid check digits.
const SECRETS: &[&str] = &[
    "zaphod.beeblebrox@example.org",
    "+49 30 901820 4711",
    "0171 2345678",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
];
const PIECES: &[&str] = &[
    "zaphod",
    "beeblebrox",
    "901820",
    "2345678",
    "3704 0044",
    "370400440532",
    "4111 1111",
    "41111111",
];

fn telling(text: &str) -> String {
    format!("{text} {}", SECRETS.join(" oder "))
}

/// A night's input with personal data wherever there can be some.
fn night(bed: &TestBed) -> Answer {
    let items = [
        json!({ "id": "text", "text": telling("Die Lieferung kam zu spät, bitte melden:") }),
        json!({ "id": "turns", "turns": [
            { "role": "customer", "text": telling("Ich bin"), "at": "2025-06-01T09:00:00Z" },
            { "role": "bot", "text": telling("Sie sind"), "at": "2025-06-01T09:00:02Z" },
            { "role": "agent", "text": telling("Stimmt"), "at": "2025-06-01T09:00:09Z" },
        ]}),
        json!({ "id": "attributes", "text": "gut", "Kontakt": telling("Am besten"), "note": SECRETS[1] }),
        json!({ "id": "respondent-mail", "text": "gut", "respondent": SECRETS[0] }),
        json!({ "id": "respondent-phone", "text": "gut", "respondent": SECRETS[1] }),
        json!({ "id": "link", "text": "gut",
                "url": format!("https://shop.example/account?mail={}", SECRETS[0]) }),
        json!({ "id": SECRETS[0], "text": "gut", "product": SECRETS[0], "release": SECRETS[0],
                "source": SECRETS[0], "channel": SECRETS[1], SECRETS[0]: "x" }),
        json!({ "id": "refused", "text": telling("Ruf mich an"), "nps": 99 }),
    ];
    // A row cut off in the middle is not even JSON.
    let cut_off = format!("{{\"id\": \"cut\", \"text\": \"{}\n", telling("Hallo"));
    bed.write("night.jsonl", jsonl(&items) + &cut_off);
    bed.write("night.csv", format!("id;Kommentar;NPS\nrow;{};99\n", telling("Schade:")));
    bed.echolot(&["run", "--json", "--input", "night.jsonl", "night.csv"])
}

#[test]
fn no_file_below_the_data_folder_holds_personal_data() {
    let bed = TestBed::new();
    let answer = night(&bed);
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert_eq!(answer.json()["totals"]["new"], 7);
    assert_eq!(answer.json()["totals"]["rejected"], 3);

    let files = bed.stored_files();
    assert!(files.iter().any(|file| file.ends_with("echolot.sqlite")), "{files:?}");
    for file in &files {
        let name = file.strip_prefix(bed.data()).unwrap().display().to_string();
        assert!(!name.starts_with("staging"), "staging is compressed, and must be gone: {name}");
        let bytes = fs_err::read(file).unwrap().to_ascii_lowercase();
        for piece in PIECES {
            let is_there = bytes.windows(piece.len()).any(|window| window == piece.as_bytes());
            assert!(!is_there, "{name} holds `{piece}`");
        }
    }
}

#[test]
fn nothing_that_is_printed_holds_personal_data() {
    let bed = TestBed::new();
    let run = night(&bed);
    let mut shown = vec![run];
    for what in ["feedback", "opinions", "themes"] {
        shown.push(bed.echolot(&["export", "--what", what]));
    }
    shown.push(bed.echolot(&["search", "--json", ""]));
    for piece in PIECES {
        for answer in &shown {
            let both = format!("{}{}", answer.out, answer.err).to_lowercase();
            assert!(!both.contains(piece), "`{piece}` in {both}");
        }
        assert_eq!(bed.ask(&["search", piece])["total"], 0, "`{piece}` can be searched");
    }
}

#[test]
fn a_masked_text_keeps_its_length_and_says_what_was_there() {
    let bed = TestBed::new();
    let text = "Größe 👍: zaphod.beeblebrox@example.org, danke";
    bed.write_jsonl("day.jsonl", &[json!({ "id": 1, "text": text })]);
    bed.run(&["day.jsonl"]);
    let stored = bed.export("feedback")[0]["text"].as_str().unwrap().to_owned();
    assert_eq!(stored, "Größe 👍: [EMAIL**********************], danke");
    assert_eq!(stored.chars().count(), text.chars().count());
}

#[test]
fn a_respondent_stays_the_same_person_without_a_name() {
    let bed = TestBed::new();
    let item = |id, who| json!({ "id": id, "text": "gut", "respondent": who });
    let mail = SECRETS[0];
    bed.write_jsonl("day.jsonl", &[item(1, mail), item(2, "r-17"), item(3, mail)]);
    bed.run(&["day.jsonl"]);
    let who: Vec<Value> =
        bed.export("feedback").iter().map(|row| row["respondent"].clone()).collect();
    assert_eq!(who[0], who[2]);
    assert_ne!(who[0], who[1]);
    assert_eq!(who[1], "r-17", "a pseudonym is kept as it is");
}

#[test]
fn what_else_is_masked_and_whether_anything_is_can_be_configured() {
    let bed = TestBed::new();
    bed.write_jsonl("day.jsonl", &[json!({ "id": 1, "text": "KD-123456, Mail a@example.org" })]);
    bed.write("more.toml", "[[privacy.pattern]]\nlabel = \"KD\"\nregex = 'KD-\\d{6}'\n");
    bed.write("none.toml", "[privacy]\nredact = false\n");
    let stored = |config, folder| {
        let done =
            bed.echolot(&["run", "--config", config, "--data", folder, "--input", "day.jsonl"]);
        assert_eq!(done.exit, 0, "{done:?}");
        let exported = bed.echolot(&["export", "--data", folder, "--what", "feedback"]);
        exported.lines()[0]["text"].clone()
    };
    assert_eq!(stored("more.toml", "masked"), "[KD*****], Mail [EMAIL******]");
    assert_eq!(stored("none.toml", "plain"), "KD-123456, Mail a@example.org");
}
