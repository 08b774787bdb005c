//! What people change in themes: at once, lasting, and to be undone.

use std::io::{BufRead, BufReader};

use rusqlite::{Connection, types::Value as Cell};
use serde_json::{Value, json};

use crate::bed::{TestBed, repository};
use crate::scenario::{self, LATE};

/// Numbers of the themes of the scenario, by size.
const PRICES: u32 = 1;
const DELAYS: u32 = 2;
const CRASHES: u32 = 3;
const INVOICES: u32 = 4;

/// The scenario, but for the complaint of Südwind: six people have it, each in a verbatim
/// of its own, for what is said once is no theme.
fn scene() -> TestBed {
    let mut reviews = scenario::reviews();
    for item in &mut reviews {
        if item["product"] == "Südwind" {
            item["text"] = json!("Die Rechnung war schlecht.");
            item["respondent"] = item["id"].clone();
        }
    }
    scenario::bed_of(&reviews)
}

/// Edits are made by Anna, so that no account's name matters.
fn edit(bed: &TestBed, args: &[&str]) -> Value {
    bed.ask(&[&["themes"], args, &["--author", "anna"]].concat())
}

fn refused(bed: &TestBed, args: &[&str], words: &[&str]) {
    bed.echolot(&[&["themes"], args].concat()).fails_with(2, words);
}

/// Numbers of themes with their mentions, in the order of the list.
fn listed(bed: &TestBed, args: &[&str]) -> Vec<(u32, u64)> {
    let rows = bed.ask(&[&["themes"], args].concat());
    let number = |row: &Value| u32::try_from(row["theme"].as_u64().unwrap()).unwrap();
    let row = |row: &Value| (number(row), row["mentions"].as_u64().unwrap());
    rows["themes"].as_array().unwrap().iter().map(row).collect()
}

/// Every row that a query finds in the database.
fn rows(bed: &TestBed, query: &str) -> Vec<Vec<Cell>> {
    let database = Connection::open(bed.data().join("echolot.sqlite")).unwrap();
    let mut statement = database.prepare(query).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

/// What themes are and hold, to the last byte.
fn state(bed: &TestBed) -> Vec<Vec<Cell>> {
    let queries = [
        "SELECT * FROM theme ORDER BY theme",
        "SELECT * FROM theme_prototype ORDER BY prototype",
        "SELECT * FROM opinion_unit ORDER BY row, unit",
    ];
    queries.iter().flat_map(|query| rows(bed, query)).collect()
}

/// The same without what tells how many generations there were, and without
/// how sure a run was, which depends on what was apart then.
fn history(bed: &TestBed) -> Vec<Vec<Cell>> {
    let queries = [
        "SELECT theme, label, name, terms, topic, polarity, size, representative_row,
             representative_unit, examples, is_pinned, is_hidden, parent, successor,
             ended IS NULL FROM theme ORDER BY theme",
        "SELECT * FROM theme_prototype ORDER BY prototype",
        "SELECT row, unit, theme, prototype, similarity, is_fixed FROM opinion_unit
             ORDER BY row, unit",
    ];
    queries.iter().flat_map(|query| rows(bed, query)).collect()
}

/// A night with something for each theme, and something new.
fn night(bed: &TestBed, number: usize) {
    let texts = [
        "Die Lieferung kam wieder viel zu spät.",
        "Constant crash on start is really bad.",
        "Der Preis ist super.",
        "Die Rechnung war wieder schlecht.",
        "Der Akku ist leider kaputt.",
        "Der Akku ist schon kaputt.",
        "Der Akku ist jetzt kaputt.",
        "Der Akku ist wieder kaputt.",
        "Der Akku ist nach Tagen kaputt.",
    ];
    let item = |(place, text): (usize, &&str)| json!({ "id": format!("night-{number}-{place}"), "text": text, "lang": "de", "product": "Nordlicht" });
    let items: Vec<Value> = texts.iter().enumerate().map(item).collect();
    let name = bed.write_jsonl(&format!("night-{number}.jsonl"), &items);
    bed.run(&[&name]);
}

#[test]
fn a_name_takes_effect_at_once_lasts_and_is_undone() {
    let bed = scene();
    let before = state(&bed);
    let made = edit(&bed, &["rename", "2", " Lieferung verspätet "]);
    assert_eq!(
        (&made["edit"], &made["generation"], &made["kind"]),
        (&json!(1), &json!(2), &json!("rename"))
    );
    assert_eq!(made["author"], "anna");
    assert_eq!(made["ledger"][0]["detail"], json!({ "name": "Lieferung verspätet", "edit": 1 }));
    let label = |bed: &TestBed| {
        let rows = bed.ask(&["themes"]);
        let rows = rows["themes"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["theme"] == DELAYS).unwrap();
        (row["label"].as_str().unwrap().to_owned(), row["is_named"].clone())
    };
    let named = ("Lieferung verspätet".to_owned(), json!(true));
    assert_eq!(label(&bed), named);
    night(&bed, 1);
    assert_eq!(label(&bed), named);
    assert_eq!(bed.ask(&["themes", "discover"])["generation"], 4);
    assert_eq!(label(&bed), named, "what has a name is not discovered anew");
    edit(&bed, &["undo", "1"]);
    assert_eq!(label(&bed).1, false);

    let again = scene();
    edit(&again, &["rename", "2", "x"]);
    edit(&again, &["undo", "1"]);
    assert_eq!(state(&again), before);
    refused(&again, &["rename", "2", ""], &["has that name already"]);
    refused(&again, &["rename", "2", "a\nb"], &["name: a name has one line"]);
    refused(&again, &["rename", "9", "x"], &["no theme 9"]);
    refused(&again, &["undo", "1"], &["edit 1 was undone by edit 2"]);
    refused(&again, &["undo", "2"], &["edit 2 undid another"]);
    refused(&again, &["undo", "7"], &["no edit 7"]);
    assert_eq!(state(&again), before);
}

#[test]
fn merged_themes_count_as_one_and_their_numbers_lead_on() {
    let bed = scene();
    let before = state(&bed);
    edit(&bed, &["merge", "3", "4", "--into", "2"]);
    assert_eq!(listed(&bed, &[]), [(PRICES, 32), (DELAYS, 16 + 11 + 6)]);
    // An old number is a filter still, and is answered with where it leads.
    assert_eq!(bed.ask(&["search", "", "--theme", "3"])["total"], 16 + 11 + 6);
    let renamed = edit(&bed, &["rename", "4", "Ärger"]);
    assert_eq!(renamed["redirects"], json!([{ "from": INVOICES, "to": DELAYS }]));
    let said = bed.echolot(&["themes", "pin", "3"]);
    assert!(
        said.out.starts_with("theme 3 has ended and leads to theme 2\nedit 3 (pin) by "),
        "{said:?}"
    );
    refused(&bed, &["merge", "3", "--into", "2"], &["cannot be merged into itself"]);
    refused(&bed, &["pin", "2"], &["theme 2 is already pinned"]);

    edit(&bed, &["merge", "2", "--into", "1"]);
    refused(&bed, &["undo", "1"], &["edit 1 cannot be undone before edit 4 (merge)"]);
    for number in ["4", "3", "2", "1"] {
        edit(&bed, &["undo", number]);
    }
    assert_eq!(state(&bed), before);
}

#[test]
fn an_edit_that_is_undone_after_nights_leaves_what_they_would_have_left() {
    let nights = |bed: &TestBed| {
        for number in 1..4 {
            night(bed, number);
        }
    };
    let undisturbed = scene();
    nights(&undisturbed);
    let expected = history(&undisturbed);
    for made in [
        &["merge", "3", "4", "--into", "2"][..],
        &["move", "n3#0", "n21#0", "--to", "1"],
        &["hide", "3"],
    ] {
        let bed = scene();
        edit(&bed, made);
        nights(&bed);
        edit(&bed, &["undo", "1"]);
        assert!(history(&bed) == expected, "{made:?}");
    }
}

#[test]
fn moved_opinions_stay_where_a_person_put_them() {
    let bed = scene();
    let before = state(&bed);
    // The first two reviews are about delays.
    edit(&bed, &["move", "n1#0", "n2#0", "--to", "1"]);
    let mentions = |id: u32| {
        let rows = listed(&bed, &["--limit", "99"]);
        rows.iter().find(|row| row.0 == id).map_or(0, |row| row.1)
    };
    assert_eq!((mentions(PRICES), mentions(DELAYS)), (34, 14));
    edit(&bed, &["move", "n3#0", "--to", "none"]);
    assert_eq!(mentions(CRASHES), 10);
    refused(&bed, &["move", "n1#0", "--to", "1"], &["there already"]);
    refused(&bed, &["move", "n1#7", "--to", "1"], &["no opinion unit n1#7"]);
    refused(&bed, &["move", "nobody#0", "--to", "1"], &["no opinion unit nobody#0"]);
    refused(&bed, &["move", "n1", "--to", "1"], &["`n1` is not the id"]);
    refused(&bed, &["move", "n1#0", "--to", "one"], &["to: `one`"]);
    night(&bed, 1);
    bed.ask(&["themes", "discover"]);
    let theme_of = |id: &str| {
        let opinions = bed.export("opinions");
        opinions.into_iter().find(|row| row["id"] == id).unwrap()["theme"].clone()
    };
    assert_eq!((theme_of("n1"), theme_of("n3")), (json!(PRICES), Value::Null));

    // The discovery has made the prototypes of the others anew; what comes back
    // goes where it fits.
    edit(&bed, &["undo", "2"]);
    edit(&bed, &["undo", "1"]);
    assert_eq!(theme_of("n1"), theme_of("n21"));
    assert_eq!(theme_of("n3"), theme_of("n4"));

    let again = scene();
    edit(&again, &["move", "n1#0", "n1#0", "--to", "1"]);
    edit(&again, &["move", "n1#0", "--to", "3"]);
    refused(&again, &["undo", "1"], &["before edit 2 (move)"]);
    edit(&again, &["undo", "2"]);
    edit(&again, &["undo", "1"]);
    assert_eq!(state(&again), before);
}

#[test]
fn hidden_themes_are_left_out_and_pinned_ones_are_not_discovered_again() {
    let bed = scene();
    let before = state(&bed);
    edit(&bed, &["hide", "1"]);
    let shown = bed.ask(&["themes"]);
    assert_eq!((&shown["total"], shown["themes"].as_array().unwrap().len()), (&json!(3), 3));
    assert_eq!(listed(&bed, &["--hidden"])[0], (1, 32));
    edit(&bed, &["pin", "2"]);
    let prototype =
        || rows(&bed, "SELECT prototype, centroid FROM theme_prototype WHERE theme = 2");
    let pinned = prototype();
    bed.ask(&["themes", "discover"]);
    assert_eq!(prototype(), pinned);
    edit(&bed, &["unpin", "2"]);
    edit(&bed, &["unhide", "1"]);
    let again = scene();
    for made in [["hide", "1"], ["pin", "2"], ["undo", "2"], ["unhide", "1"]] {
        edit(&again, &made);
    }
    assert_eq!(state(&again), before);
}

#[test]
fn no_list_of_what_matters_most_names_a_hidden_theme() {
    let bed = scene();
    let complaints = ["complaints", "--product", "Nordlicht", "--release", "4.2.0"];
    let drivers = ["drivers", "--product", "Nordlicht"];
    let named = |asked: &[&str]| -> Vec<(u64, Value)> {
        let found = bed.ask(asked);
        let row = |row: &Value| (row["theme"].as_u64().unwrap(), row["change"]["q"].clone());
        found["rows"].as_array().unwrap().iter().map(row).collect()
    };
    let without = |mut rows: Vec<(u64, Value)>| {
        let delays = u64::from(DELAYS);
        assert!(rows.iter().any(|(theme, _)| *theme == delays), "{rows:?}");
        rows.retain(|(theme, _)| *theme != delays);
        rows
    };
    let (told, drove) = (without(named(&complaints)), without(named(&drivers)));
    edit(&bed, &["hide", "2"]);
    assert_eq!(named(&complaints), told, "the rest stays, corrected for as many");
    assert_eq!(named(&drivers), drove);
}

/// Complaints about six subjects, sixty each, in groups of ten that share some
/// made-up words beside the subject. Broad themes hold several groups, which
/// are then their sub-themes.
pub(crate) fn bed_with_parts() -> TestBed {
    let word = |number: usize| -> String {
        let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
        [letter(number / 26), letter(number * 7), letter(number)].iter().collect()
    };
    let subjects = ["Paket", "Akku", "Rechnung", "Hotline", "Preis", "Login"];
    let item = |number: usize| {
        let group = number / 10;
        let shared = |count: usize, first: usize| -> String {
            (0..count).map(|place| word(first + place) + " ").collect()
        };
        let subject = group % subjects.len();
        let text = format!(
            "{} schlecht {}{}{}",
            subjects[subject],
            shared(3, 700 + subject * 3),
            shared(3, 100 + group * 3),
            word(300 + number)
        );
        json!({ "id": format!("p{number}"), "text": text, "lang": "de" })
    };
    let bed = TestBed::new();
    bed.write_jsonl("parts.jsonl", &(0..360).map(item).collect::<Vec<_>>());
    let broad = [("ECHOLOT_THEMES_GRANULARITY", "0.6")];
    let answer = bed.echolot_with(&broad, &["run", "--input", "parts.jsonl"]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    bed
}

#[test]
fn a_hidden_sub_theme_is_in_no_list() {
    let bed = bed_with_parts();
    let parts = |more: &[&str]| -> Vec<Value> {
        let list = bed.ask(&[&["themes"], more].concat());
        let rows = list["themes"].as_array().unwrap().iter();
        let parts = rows.flat_map(|row| row["sub_themes"].as_array().unwrap());
        parts.map(|part| part["theme"].clone()).collect()
    };
    let before = parts(&[]);
    edit(&bed, &["hide", &before[0].to_string()]);
    assert_eq!(parts(&[]), before[1..]);
    assert_eq!(parts(&["--hidden"]).len(), before.len());
}

#[test]
fn a_theme_is_split_into_its_sub_themes_and_put_together_again() {
    let bed = bed_with_parts();
    let list = bed.ask(&["themes"]);
    let rows = list["themes"].as_array().unwrap();
    let has_parts = |row: &&Value| !row["sub_themes"].as_array().unwrap().is_empty();
    let whole = rows.iter().find(has_parts).unwrap_or_else(|| panic!("{list:#}"));
    let parts = whole["sub_themes"].as_array().unwrap();
    let sizes: Vec<u64> = parts.iter().map(|part| part["mentions"].as_u64().unwrap()).collect();
    assert!(sizes.len() > 2 && sizes.iter().all(|&size| size == 10), "{list:#}");
    assert_eq!(whole["mentions"], sizes.iter().sum::<u64>());
    let number = |value: &Value| value["theme"].to_string();
    let (theme, part, other) = (number(whole), number(&parts[0]), number(&parts[1]));
    let plain = bed.echolot(&["themes"]).out;
    assert!(plain.contains(" - "), "sub-themes stand below their theme: {plain}");
    let found = |theme: &str| bed.ask(&["search", "", "--theme", theme])["total"].clone();
    assert_eq!((found(&theme), found(&part)), (whole["mentions"].clone(), json!(10)));
    let free = format!("theme {part} is a part of theme {theme}");
    refused(&bed, &["split", &part], &[&free]);

    let before = state(&bed);
    edit(&bed, &["split", &theme]);
    let split = state(&bed);
    let total = |bed: &TestBed| bed.ask(&["themes"])["total"].as_u64().unwrap() as usize;
    assert_eq!(total(&bed), rows.len() - 1 + parts.len());
    // Nothing was in no part, so the theme has ended and leads to the largest.
    let renamed = edit(&bed, &["rename", &theme, "Nur dies"]);
    assert_eq!(renamed["redirects"][0]["to"].to_string(), part);
    edit(&bed, &["undo", "2"]);
    assert_eq!(state(&bed), split);
    bed.ask(&["themes", "discover"]);
    assert_eq!((found(&part), found(&other)), (json!(10), json!(10)), "it stays split");
    refused(&bed, &["split", &other], &["has no sub-themes"]);
    edit(&bed, &["merge", &part, "--into", &other]);
    refused(&bed, &["undo", "1"], &["before edit 4 (merge)"]);

    let again = bed_with_parts();
    edit(&again, &["split", &theme]);
    edit(&again, &["undo", "1"]);
    assert_eq!(state(&again), before);
}

#[test]
fn an_edit_waits_for_whoever_writes_and_disturbs_no_reader() {
    let bed = scene();
    let lock = std::fs::OpenOptions::new().write(true).open(bed.data().join("lock")).unwrap();
    lock.lock().unwrap();
    fs_err::write(bed.data().join("lock"), "4711\n").unwrap();
    for made in [&["rename", "2", "x"][..], &["discover"]] {
        let refused = bed.echolot(&[&["themes"], made, &["--wait", "0"]].concat());
        refused.fails_with(1, &["is in use", "process 4711"]);
    }
    assert_eq!(bed.ask(&["themes"])["generation"], 1);

    let mut waiting = bed.start(&[], &["themes", "rename", "2", "x"]);
    let mut said = String::new();
    BufReader::new(waiting.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("process 4711") && said.contains("waiting up to 60 s"), "{said}");
    drop(lock);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(bed.ask(&["themes"])["generation"], 2);
}

#[test]
fn a_run_discovers_anew_when_half_as_much_has_come() {
    let bed = scene();
    night(&bed, 1);
    let generation = || rows(&bed, "SELECT max(generation), units_since FROM discovery")[0].clone();
    assert_eq!(generation(), [Cell::Integer(1), Cell::Integer(9)]);
    let late: Vec<Value> = (0..40)
        .map(|number| json!({ "id": format!("late-{number}"), "text": LATE, "lang": "de" }))
        .collect();
    bed.write_jsonl("late.jsonl", &late);
    let report = bed.run(&["late.jsonl"]);
    assert_eq!(report["themes"]["rediscovered"], true);
    assert_eq!(generation(), [Cell::Integer(3), Cell::Integer(0)]);
    let ledger = bed.ask(&["themes", "ledger", "2"]);
    let last = ledger["ledger"].as_array().unwrap().last().unwrap();
    assert_eq!(last["event"], "grown");
    assert_eq!(last["detail"]["overlap"]["of_old"], 1.0);
    assert_eq!(bed.ask(&["themes", "discover"])["themes"]["born"], json!([]), "nothing is new");
}

#[test]
fn the_ledger_says_who_changed_what() {
    let bed = scene();
    edit(&bed, &["rename", "2", "Verspätet"]);
    edit(&bed, &["merge", "3", "--into", "2"]);
    edit(&bed, &["hide", "1"]);
    edit(&bed, &["undo", "3"]);
    let ledger = bed.ask(&["themes", "ledger"]);
    let edits: Vec<[&Value; 3]> = ledger["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| [&edit["kind"], &edit["author"], &edit["undone_by"]])
        .collect();
    let expected = [
        [&json!("rename"), &json!("anna"), &json!(null)],
        [&json!("merge"), &json!("anna"), &json!(null)],
        [&json!("hide"), &json!("anna"), &json!(4)],
        [&json!("undo"), &json!("anna"), &json!(null)],
    ];
    assert_eq!(edits, expected);
    let of_one = bed.ask(&["themes", "ledger", "3"]);
    let events: Vec<&Value> =
        of_one["ledger"].as_array().unwrap().iter().map(|entry| &entry["event"]).collect();
    assert_eq!(events, ["born", "merged"]);
    assert_eq!(of_one["edits"].as_array().unwrap().len(), 1);
    let plain = bed.echolot(&["themes", "ledger", "3"]);
    assert!(plain.out.contains("merged") && plain.out.contains("anna"), "{plain:?}");
    bed.echolot(&["themes", "ledger", "99"]).fails_with(2, &["no theme 99"]);
    let account = bed.echolot_with(&[("USER", "ben")], &["themes", "pin", "1", "--json"]);
    assert_eq!(account.json()["author"], "ben");
}

const INVOICE_ITEMS: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

#[test]
fn what_is_hidden_as_spam_leaves_its_theme_and_comes_back_as_it_was() {
    let bed = scene();
    let before = state(&bed);
    let hide = [&["correct"], &INVOICE_ITEMS[..], &["--spam", "--by", "anna"]].concat();
    let left = json!({ "units": 6, "size": 0, "edit": 1 });
    let ledger = bed.ask(&hide)["ledger"].clone();
    assert_eq!(ledger.as_array().unwrap().len(), 1);
    assert_eq!(
        (&ledger[0]["theme"], &ledger[0]["event"], &ledger[0]["detail"]),
        (&json!(INVOICES), &json!("shrunk"), &left)
    );
    let size = "SELECT size FROM theme_prototype WHERE theme = 4";
    assert_eq!(rows(&bed, size), [[Cell::Integer(0)]]);
    bed.ask(&["corrections", "undo", "1"]);
    assert_eq!(state(&bed), before);

    // A night later they still come back, to a theme that took nothing meanwhile.
    bed.ask(&hide);
    night(&bed, 1);
    edit(&bed, &["merge", "4", "--into", "3"]);
    bed.ask(&["corrections", "undo", "3"]);
    let mentions = |theme| listed(&bed, &[]).into_iter().find(|(id, _)| *id == theme);
    assert_eq!(mentions(CRASHES), Some((CRASHES, 11 + 6)));
    edit(&bed, &["undo", "4"]);
    assert_eq!(mentions(CRASHES), Some((CRASHES, 11)));
    assert_eq!(mentions(INVOICES), Some((INVOICES, 6)));
}

#[test]
fn spam_shapes_no_theme() {
    let wave = |number: usize| {
        json!({
            "id": format!("w{number}"),
            "text": format!("Die Hotline ist schlecht, Gutschein {number}."),
            "lang": "de",
            "product": "Nordlicht",
        })
    };
    let ids: Vec<String> = (0..30).map(|number| format!("w{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let clean = scene();
    let bed = scene();
    bed.write_jsonl("wave.jsonl", &(0..30).map(wave).collect::<Vec<_>>());
    bed.run(&["wave.jsonl"]);
    let is_of_wave = |row: &Value| row["examples"][0]["id"].as_str().unwrap().starts_with('w');
    let of_wave = |bed: &TestBed| -> Vec<u64> {
        let themes = bed.ask(&["themes"])["themes"].as_array().unwrap().clone();
        let rows = themes.iter().filter(|row| is_of_wave(row));
        rows.map(|row| row["mentions"].as_u64().unwrap()).collect()
    };
    assert_eq!(of_wave(&bed), [30]);

    bed.ask(&[&["correct"], &ids[..], &["--spam"]].concat());
    // What is found and certified is what there would be without it.
    let certificate = |bed: &TestBed| {
        let mut found = bed.ask(&["themes", "certificate", "--again"]);
        found["generation"] = Value::Null;
        found
    };
    assert_eq!(certificate(&bed), certificate(&clean));
    let found = |bed: &TestBed| {
        bed.ask(&["themes", "discover"]);
        rows(
            bed,
            "SELECT label, terms, size FROM theme WHERE ended IS NULL ORDER BY size DESC, label",
        )
    };
    assert_eq!(found(&bed), found(&clean));
    let kept = "SELECT count(*) FROM opinion_unit JOIN feedback USING (row)
         WHERE is_spam AND (theme IS NOT NULL OR prototype IS NOT NULL)";
    assert_eq!(rows(&bed, kept), [[Cell::Integer(0)]]);

    // Undone, the next run puts it to a theme again.
    bed.ask(&["corrections", "undo", "1"]);
    assert!(of_wave(&bed).is_empty());
    night(&bed, 1);
    assert_eq!(of_wave(&bed), [30]);
}

#[test]
fn a_folder_of_format_1_is_converted_by_the_next_run_or_edit() {
    for converts in [&["run", "--input", "reviews.jsonl"][..], &["themes", "pin", "2"]] {
        let bed = scene();
        let before = bed.export_text("themes");
        make_format_1(&bed);
        bed.echolot(&["themes"]).fails_with(1, &["has format 1", "`echolot run`", "converts it"]);
        let answer = bed.echolot(converts);
        assert_eq!(answer.exit, 0, "{answer:?}");
        assert_eq!(bed.export_text("themes"), before);
        let doctor = bed.echolot(&["doctor"]).out;
        assert!(doctor.contains("whole; "), "{doctor}");
        edit(&bed, &["merge", "3", "--into", "2"]);
        night(&bed, 1);
        assert_eq!(bed.ask(&["themes"])["themes"][0]["theme"], PRICES);
    }
}

/// Puts the content of the data folder into the tables of format 1.
fn make_format_1(bed: &TestBed) {
    let old = bed.data().join("old.sqlite");
    let database = Connection::open(&old).unwrap();
    let schema = repository().join("crates/echolot-index/src/tests/formats/1.sql");
    database.execute_batch(&fs_err::read_to_string(schema).unwrap()).unwrap();
    let now = bed.data().join("echolot.sqlite");
    database.execute("ATTACH ? AS now", [now.to_str().unwrap()]).unwrap();
    database
        .execute_batch(
            "BEGIN; PRAGMA defer_foreign_keys = ON;
             INSERT INTO run SELECT generation, state, report FROM now.run;
             INSERT INTO feedback SELECT row, id, generation, canonical_row, language, source,
                 channel, product, release, respondent, created_at, rating, nps, csat, csat_scale,
                 ces, ces_version, first_response_s, resolution_s, is_analysed, polarity, is_mixed,
                 score, intents, content, reading_key, duplicate_key FROM now.feedback;
             INSERT INTO verbatim SELECT * FROM now.verbatim;
             INSERT INTO opinion_unit SELECT row, unit, span_start, span_end, topic, polarity,
                 theme, similarity FROM now.opinion_unit;
             INSERT INTO unit_vector SELECT row, unit, vector FROM now.unit_vector;
             INSERT INTO opinion SELECT * FROM now.opinion;
             INSERT INTO theme SELECT t.theme, label, terms, topic, t.polarity, centroid, t.size,
                 threshold, representative_row, representative_unit, examples, born
                 FROM now.theme t JOIN now.theme_prototype USING (theme);
             INSERT INTO theme_event SELECT * FROM now.theme_event;
             INSERT INTO reading SELECT * FROM now.reading;
             INSERT INTO duplicate_band SELECT * FROM now.duplicate_band;
             INSERT INTO rejected SELECT * FROM now.rejected;
             COMMIT; DETACH now;
             PRAGMA user_version = 1; PRAGMA application_id = 1162037327;",
        )
        .unwrap();
    drop(database);
    for side in ["-wal", "-shm"] {
        fs_err::remove_file(bed.data().join(format!("echolot.sqlite{side}"))).ok();
    }
    fs_err::rename(old, now).unwrap();
}
