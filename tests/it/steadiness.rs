//! What a theme is made of, and what leaves themes as they are.

use rusqlite::{Connection, types::Value as Cell};
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::http::{get, router};
use crate::{receiver, scenario};

/// Every row that a query finds in the database.
fn rows(bed: &TestBed, query: &str) -> Vec<Vec<Cell>> {
    let database = Connection::open(bed.data().join("echolot.sqlite")).unwrap();
    let mut statement = database.prepare(query).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

/// What themes are, and which units they hold.
fn themes(bed: &TestBed) -> Vec<Vec<Cell>> {
    [
        "SELECT * FROM theme ORDER BY theme",
        "SELECT * FROM theme_prototype ORDER BY prototype",
        "SELECT row, unit, theme, prototype, similarity, confidence FROM opinion_unit
         WHERE theme IS NOT NULL ORDER BY row, unit",
    ]
    .iter()
    .flat_map(|query| rows(bed, query))
    .collect()
}

/// Takes in texts in German as the file `name`; each has a respondent of its own.
fn take(bed: &TestBed, name: &str, texts: &[String]) -> Value {
    let item = |(number, text): (usize, &String)| {
        let id = format!("{name}-{number}");
        json!({ "id": id, "text": text, "lang": "de", "respondent": id })
    };
    let items: Vec<Value> = texts.iter().enumerate().map(item).collect();
    let file = bed.write_jsonl(&format!("{name}.jsonl"), &items);
    let answer = bed.echolot_with(&NARROW, &["run", "--json", "--input", &file]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    answer.json()
}

/// Narrow themes: texts of different words never meet in one.
const NARROW: [(&str, &str); 1] = [("ECHOLOT_THEMES_GRANULARITY", "2.0")];

fn discover(bed: &TestBed) -> Value {
    bed.echolot_with(&NARROW, &["themes", "discover", "--json"]).json()
}

#[test]
fn what_one_verbatim_says_over_and_over_is_no_theme() {
    let bed = TestBed::new();
    let mut texts = vec!["Der Akku ist kaputt. ".repeat(12)];
    texts.extend((0..2).map(|_| "Der Preis ist super. ".repeat(4)));
    texts.extend((0..5).map(|_| "Die Hotline ist schlecht.".to_owned()));
    // One complaint in nearly the same words, whoever posts it.
    texts.extend((0..9).map(|number| {
        format!(
            "Die Rechnung zur Bestellung {number} war nun schon zum dritten Mal in diesem Jahr \
             falsch ausgestellt und das finde ich wirklich schlecht"
        )
    }));
    take(&bed, "first", &texts);
    let found = bed.ask(&["themes"]);
    let volumes: Vec<&Value> =
        found["themes"].as_array().unwrap().iter().map(|row| &row["volume"]).collect();
    assert_eq!(volumes, [&json!(5)], "{found:#}");
    // A third voice makes a theme of what two had said four times each, once it is looked for.
    take(&bed, "second", &["Der Preis ist super.".to_owned()]);
    assert_eq!(bed.ask(&["themes"])["total"], 1, "two of three were judged before");
    discover(&bed);
    let found = bed.ask(&["themes"]);
    assert_eq!((&found["total"], &found["themes"][0]["volume"]), (&json!(2), &json!(5)));
    assert_eq!(found["themes"][1]["volume"], 3);
}

#[test]
fn a_night_without_new_opinions_changes_no_theme() {
    let bed = scenario::bed();
    let waiting: Vec<String> = (0..4).map(|_| "Der Akku ist leider kaputt.".to_owned()).collect();
    take(&bed, "waiting", &waiting);
    let before = themes(&bed);
    let report = take(&bed, "bought", &[scenario::BOUGHT.to_owned()]);
    assert_eq!((&report["totals"]["new"], &report["opinions"]), (&json!(1), &json!(0)));
    assert_eq!(report["themes"]["born"], json!([]));
    assert_eq!(report["themes"]["grown"], json!([]));
    assert_eq!(themes(&bed), before);
    // One more opinion is no reason to take up what waits; the fifth of a kind is.
    let report = take(&bed, "other", &["Der Login ist schlecht.".to_owned()]);
    assert_eq!((&report["themes"]["born"], &report["themes"]["grown"]), (&json!([]), &json!([])));
    let report = take(&bed, "fifth", &["Der Akku ist leider kaputt.".to_owned()]);
    assert_eq!(report["themes"]["born"].as_array().unwrap().len(), 1);
}

#[test]
fn discovering_what_was_discovered_changes_nothing() {
    let bed = scenario::bed();
    discover(&bed);
    let (before, generation) = (themes(&bed), bed.ask(&["themes"])["generation"].clone());
    let report = discover(&bed);
    assert_eq!(
        (&report["generation"], &report["themes"]["rediscovered"]),
        (&generation, &json!(false))
    );
    assert_eq!(themes(&bed), before);
    assert_eq!(bed.ask(&["themes"])["generation"], generation);
    let plain = bed.echolot_with(&NARROW, &["themes", "discover"]);
    assert!(plain.out.contains("nothing has changed since the last discovery"), "{plain:?}");
    // Other options, and what a person decides, are something else.
    let finer = [("ECHOLOT_THEMES_GRANULARITY", "1.7")];
    let report = bed.echolot_with(&finer, &["themes", "discover", "--json"]).json();
    assert_eq!(report["themes"]["rediscovered"], true);
    bed.ask(&["themes", "pin", "1"]);
    let report = bed.echolot_with(&finer, &["themes", "discover", "--json"]).json();
    assert_eq!(report["themes"]["rediscovered"], true);
}

/// A sequence of numbers that depends on its seed alone (splitmix64, Steele et al. 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 33) as usize % sides
    }
}

#[test]
fn equal_words_on_one_side_are_never_parted() {
    const SUBJECTS: [&str; 5] = ["Der Akku", "Das Paket", "Die Hotline", "Der Preis", "Die App"];
    const SAID: [&str; 4] =
        ["ist schlecht", "ist leider kaputt", "ist super", "ist wieder schlecht"];
    const PARTED: &str = "SELECT words, count(DISTINCT coalesce(prototype, 0))
        FROM unit_vector JOIN opinion_unit USING (row, unit) WHERE NOT is_fixed
        GROUP BY words, polarity = 'positive' HAVING count(DISTINCT coalesce(prototype, 0)) > 1";
    for seed in 0..4 {
        let bed = TestBed::new();
        let mut dice = Dice(seed);
        for night in 0..8 {
            let mut said = || {
                let (subject, said) = (SUBJECTS[dice.roll(5)], SAID[dice.roll(4)]);
                let sentence = format!("{subject} {said}.");
                if dice.roll(3) == 0 { sentence.to_uppercase() } else { sentence }
            };
            let texts: Vec<String> = (0..12).map(|_| format!("{} {}", said(), said())).collect();
            // Few are looked at again, so that equals lie outside of what is.
            let few = [("ECHOLOT_THEMES_RETRY", "3"), ("ECHOLOT_THEMES_REDISCOVER_GROWTH", "0")];
            let item = |(number, text): (usize, &String)| {
                let id = format!("{night}-{number}");
                json!({ "id": id, "text": text, "lang": "de", "respondent": id })
            };
            let items: Vec<Value> = texts.iter().enumerate().map(item).collect();
            let file = bed.write_jsonl("night.jsonl", &items);
            let answer = bed.echolot_with(&few, &["run", "--input", &file]);
            assert_eq!(answer.exit, 0, "{answer:?}");
            assert_eq!(rows(&bed, PARTED), Vec::<Vec<Cell>>::new(), "seed {seed}, night {night}");
            let alive = rows(&bed, "SELECT theme FROM theme WHERE ended IS NULL ORDER BY theme");
            let edited = match (night, alive.first()) {
                (2, Some(_)) => bed.echolot(&["themes", "move", "2-0#0", "--to", "none"]),
                (3, Some(theme)) => {
                    let [Cell::Integer(theme)] = theme[..] else { unreachable!("a number") };
                    bed.echolot(&["themes", "pin", &theme.to_string()])
                }
                (5, _) => bed.echolot(&["themes", "discover"]),
                _ => continue,
            };
            assert_eq!(edited.exit, 0, "{edited:?}");
            assert_eq!(rows(&bed, PARTED), Vec::<Vec<Cell>>::new(), "seed {seed}, edit {night}");
        }
    }
}

#[test]
fn a_suggested_name_keeps_no_theme_from_being_discovered() {
    let bed = scenario::bed();
    let message = json!({ "choices": [{ "message": { "content": "Fairer Preis" } }] });
    let (address, _) = receiver::answering([(200, message.to_string())]);
    let naming = [("ECHOLOT_NAMING_ENDPOINT", &*address), ("ECHOLOT_NAMING_MODEL", "small")];
    let given = ["themes", "suggest", "--limit", "1", "--apply"];
    assert_eq!(bed.echolot_with(&naming, &given).exit, 0);
    bed.ask(&["themes", "rename", "2", "Verspätung"]);
    let prototypes = |theme: u32| {
        rows(&bed, &format!("SELECT prototype FROM theme_prototype WHERE theme = {theme}"))
    };
    let before = [1, 2].map(prototypes);
    discover(&bed);
    let after = [1, 2].map(prototypes);
    assert_ne!(after[0], before[0], "what a model named is found anew");
    assert_eq!(after[1], before[1], "what a person named is not");
    // Its name stays with what stays the same theme, and in the ledger.
    let names = rows(&bed, "SELECT name FROM theme WHERE theme < 3 ORDER BY theme");
    let name = |name: &str| vec![Cell::Text(name.to_owned())];
    assert_eq!(names, [name("Fairer Preis"), name("Verspätung")]);
}

#[test]
fn a_merged_theme_is_shown_by_all_it_has_at_once() {
    let bed = scenario::bed();
    let theme = || {
        let found = bed.ask(&["themes"]);
        let rows = found["themes"].as_array().unwrap();
        let mut row = rows.iter().find(|row| row["theme"] == 2).unwrap().clone();
        // Traces name the generation, which is another after every edit.
        row["trace"] = Value::Null;
        row
    };
    let before = theme();
    assert_eq!((&before["polarity"], &before["topic"]), (&json!("negative"), &json!("delivery")));
    bed.ask(&["themes", "merge", "1", "--into", "2"]);
    let merged = theme();
    assert_eq!(
        (&merged["polarity"], &merged["topic"]),
        (&json!("positive"), &json!("price_value"))
    );
    assert_eq!(merged["label"], before["label"], "the name it goes by stays");
    let terms = merged["terms"].to_string();
    assert!(terms.contains("Preis"), "{terms}");
    let quotes = merged["examples"].to_string();
    assert!(quotes.contains("Preis"), "{quotes}");
    bed.ask(&["themes", "undo", "1"]);
    assert_eq!(theme(), before);
}

#[tokio::test]
async fn every_discovery_writes_a_certificate() {
    let bed = scenario::bed();
    let report = fs_err::read_to_string(bed.data().join("reports/run-1.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let kept = bed.ask(&["themes", "certificate"]);
    assert_eq!(report["themes"]["certificate"], kept, "{report:#}");
    assert_eq!((&kept["generation"], &kept["kept_shuffled"]), (&json!(1), &json!(1.0)));
    assert_eq!(kept["units"], kept["sampled"]);
    let (status, _, answer) = get(&router(&bed), "/v1/themes/certificate").await;
    assert_eq!((status, &answer), (200, &kept));
    // A night without a discovery leaves it as it is; certifying again looks at all.
    take(&bed, "late", &[scenario::LATE.to_owned()]);
    assert_eq!(bed.ask(&["themes", "certificate"]), kept);
    let again = bed.echolot_with(&NARROW, &["themes", "certificate", "--again", "--json"]).json();
    assert_eq!(again["units"].as_u64().unwrap(), kept["units"].as_u64().unwrap() + 1);
    let report = bed.echolot_with(&NARROW, &["themes", "discover"]);
    assert!(report.out.contains("keep their theme when a fifth is left out"), "{report:?}");
    assert_eq!(bed.ask(&["themes", "certificate"])["generation"], 3);

    // What an older program discovered has none.
    let database = Connection::open(bed.data().join("echolot.sqlite")).unwrap();
    database.execute("UPDATE discovery SET certificate = NULL", []).unwrap();
    drop(database);
    assert_eq!(bed.ask(&["themes", "certificate"])["units"], again["units"]);
    let (status, _, answer) = get(&router(&bed), "/v1/themes/certificate").await;
    assert_eq!(status, 404, "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains("`echolot themes discover` writes one"));
}

#[test]
fn without_themes_there_is_nothing_to_certify() {
    let bed = TestBed::new();
    take(&bed, "one", &["Der Akku ist kaputt.".to_owned()]);
    let plain = bed.echolot(&["themes", "certificate"]);
    assert!(plain.out.contains("there is nothing to certify: the 1 opinion units"), "{plain:?}");
    let found = bed.ask(&["themes", "certificate"]);
    assert_eq!((&found["themes"], &found["kept_shuffled"]), (&json!(0), &Value::Null));
    assert_eq!(found["kept_resampled"], json!([]));
}
