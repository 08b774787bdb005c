//! Thirty nights with edits and discoveries: the ledger tells all of it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use echolot_core::{FeedbackId, Judgement, ThemeId, Timestamp};
use echolot_engine::{
    Analyst, Blame, Config, CorrectionRequest, Error, ReplayedTheme, SearchAids, SearchQuestion,
    Silent, Snapshot, StoredTheme, ThemeEdit, ThemeQuestion, correct, discover_themes, edit_themes,
    open_past, open_snapshot, replay, run_in,
};
use echolot_tests::fake_analyst;
use serde_json::json;

use crate::bed::{TestBed, jsonl};

const NIGHTS: usize = 30;
const ROWS: usize = 30;

/// A night of feedback that is the same every time: few subjects with their
/// verdicts, so that themes come, grow and come near to each other.
fn night(number: usize) -> String {
    let subjects =
        ["Die Lieferung", "Das Paket", "Der Akku", "Die Rechnung", "The crash", "Der Preis"];
    let verdicts = ["kam viel zu spät", "ist ganz kaputt", "war wirklich schlecht", "ist super"];
    let details = ["", "seit Montag", "erneut", "wie immer", "trotz Anruf"];
    let item = |row: usize| {
        let at = number * ROWS + row;
        // New subjects come up late, and old ones fade.
        let subject = subjects[(at * 7 + number / 9) % (3 + number / 10)];
        let verdict = verdicts[at / 3 % verdicts.len()];
        let detail = details[at * 5 / 7 % details.len()];
        // Now and then an item of the night before comes again in other words.
        let id = if row == 0 && number > 0 { at - ROWS } else { at };
        json!({ "id": format!("r{id}"), "text": format!("{subject} {verdict} {detail}."), "lang": "de" })
    };
    jsonl(&(0..ROWS).map(item).collect::<Vec<_>>())
}

/// The themes that have not ended and are no parts, the largest first.
fn whole(themes: &[StoredTheme]) -> Vec<ThemeId> {
    let alive = themes.iter().filter(|theme| theme.is_alive() && theme.parent.is_none());
    let mut whole: Vec<&StoredTheme> = alive.collect();
    whole.sort_by_key(|theme| (std::cmp::Reverse(theme.size), theme.id));
    whole.into_iter().map(|theme| theme.id).collect()
}

/// What somebody does after a night.
enum Act {
    Edit(ThemeEdit),
    Say(CorrectionRequest),
}

/// What somebody changes after a night.
fn edits_of(night: usize, snapshot: &Snapshot, edits: u64) -> Vec<ThemeEdit> {
    let themes = whole(&snapshot.stored_themes().unwrap());
    let theme = themes[night % themes.len()];
    let other = themes[(night / 2 + 1) % themes.len()];
    let last = ThemeEdit::Undo { edit: edits.saturating_sub(night as u64 % 3) };
    match night % 8 {
        0 => vec![ThemeEdit::Rename { theme, name: format!("Thema der Nacht {night}") }],
        1 => vec![ThemeEdit::Merge { themes: vec![theme], into: other }, last],
        2 => vec![
            ThemeEdit::Pin { theme, is_pinned: true },
            ThemeEdit::Hide { theme: other, is_hidden: true },
        ],
        3 => themes.iter().map(|&theme| ThemeEdit::Split { theme }).collect(),
        4 => {
            let unit = |row: usize| (FeedbackId::new(format!("r{}", night * ROWS - row)), 0);
            let units = (1..4).map(unit).collect();
            vec![ThemeEdit::Move { units, to: Some(theme) }, last]
        }
        5 => vec![ThemeEdit::Merge { themes: vec![theme, other], into: themes[0] }],
        6 => vec![last, ThemeEdit::Rename { theme, name: String::new() }],
        _ => vec![
            ThemeEdit::Pin { theme, is_pinned: false },
            ThemeEdit::Hide { theme: other, is_hidden: false },
            ThemeEdit::Move { units: vec![(FeedbackId::new("r5"), 0)], to: None },
        ],
    }
}

/// What somebody hides as spam after a night: items of that night and older ones.
fn spam_of(night: usize) -> Option<CorrectionRequest> {
    let id = |at: usize| (FeedbackId::new(format!("r{at}")), None);
    (night % 4 == 1).then(|| CorrectionRequest {
        targets: vec![id(night * ROWS), id(night * ROWS - 7), id(night * 13)],
        judgements: vec![Judgement::Spam],
        note: None,
    })
}

/// Holds the ledger against the tables, and the tables against the units.
fn check(data: &Path) {
    let snapshot = open_snapshot(data).unwrap();
    let themes = snapshot.stored_themes().unwrap();
    let stored: BTreeMap<ThemeId, ReplayedTheme> =
        themes.iter().map(|theme| (theme.id, ReplayedTheme::from(theme))).collect();
    let ledger = snapshot.ledger(None).unwrap();
    for (id, told) in replay(&ledger.entries) {
        assert_eq!(
            Some(&told),
            stored.get(&id),
            "theme {id} in generation {}",
            snapshot.generation()
        );
    }
    let mut counted: BTreeMap<ThemeId, u64> = BTreeMap::new();
    snapshot
        .for_each_verbatim::<Error>(|verbatim| {
            // Units of spam only keep in mind where they were.
            for unit in verbatim.units.into_iter().filter(|_| !verbatim.is_spam) {
                for id in unit.theme.into_iter().chain(unit.part) {
                    *counted.entry(id).or_default() += 1;
                }
            }
            Ok(())
        })
        .unwrap();
    for theme in &themes {
        let units = counted.get(&theme.id).copied().unwrap_or_default();
        assert_eq!(theme.size, units, "size of {theme:?}");
        assert!(theme.is_alive() || units == 0, "{theme:?} has ended");
        // Every old number leads to a theme that is alive, or says that it ended.
        let found = snapshot.theme(theme.id).unwrap();
        let leads_on = found.redirected_from == Some(theme.id) && found.row.theme.is_alive();
        assert_eq!(leads_on, theme.successor.is_some(), "{theme:?}");
    }
}

/// All that a snapshot says, but for the reports of runs, which hold durations.
fn everything(snapshot: &Snapshot) -> String {
    let mut all = String::new();
    snapshot
        .for_each_verbatim::<Error>(|verbatim| {
            writeln!(all, "{verbatim:?}").unwrap();
            Ok(())
        })
        .unwrap();
    let themes = snapshot.themes(&ThemeQuestion { examples: 3, ..ThemeQuestion::default() });
    let question = SearchQuestion {
        query: "Lieferung \"viel zu spät\"".to_owned(),
        limit: 1000,
        ..SearchQuestion::default()
    };
    let no_model = SearchAids::new(Err("none is needed".to_owned()));
    let found = snapshot.search(&question, &no_model).unwrap();
    writeln!(all, "{:?}", snapshot.stored_themes().unwrap()).unwrap();
    writeln!(all, "{:?}", snapshot.ledger(None).unwrap()).unwrap();
    writeln!(all, "{:?}\n{found:?}", themes.unwrap()).unwrap();
    writeln!(all, "{}", snapshot.runs().unwrap().len()).unwrap();
    all
}

#[test]
fn the_ledger_of_thirty_nights_gives_the_themes_of_the_last() {
    let bed = TestBed::new();
    let mut config = Config::standard().unwrap();
    config.themes.options.min_size = 3;
    let analyst: Analyst = fake_analyst(&config).unwrap();
    let data = bed.data();
    let (mut made, mut refused) = (0_u64, 0);
    let mut seen: Vec<(u64, String)> = Vec::new();
    for number in 0..NIGHTS {
        bed.write("night.jsonl", night(number));
        let inputs: [PathBuf; 1] = [bed.path("night.jsonl")];
        let at = Timestamp::from_seconds(1_750_000_000).unwrap();
        run_in(&data, &inputs, (&config, &analyst), (&Silent, at)).unwrap();
        let edits = edits_of(number, &open_snapshot(&data).unwrap(), made).into_iter();
        for act in edits.map(Act::Edit).chain(spam_of(number).map(Act::Say)) {
            let at = Timestamp::from_seconds(1_750_000_000 + made.cast_signed()).unwrap();
            let done = match act {
                Act::Edit(edit) => edit_themes(&data, &edit, ("anna", at)),
                Act::Say(request) => correct(&data, &request, ("anna", at)),
            };
            match done {
                Ok(report) => {
                    assert_eq!(report.edit, made + 1);
                    made += 1;
                }
                // Some of it cannot be done by then, which must change nothing.
                Err(error) => {
                    let blame = error.blame();
                    assert!(matches!(blame, Blame::Conflict | Blame::NotFound), "{error}");
                    refused += 1;
                }
            }
        }
        check(&data);
        if number % 10 == 7 {
            discover_themes(&data, &config.themes, (&Silent, at)).unwrap();
            check(&data);
        }
        let snapshot = open_snapshot(&data).unwrap();
        seen.push((snapshot.generation(), everything(&snapshot)));
    }
    for (generation, then) in seen {
        let again = everything(&open_past(&data, generation).unwrap());
        assert!(again == then, "generation {generation} reads otherwise than it did");
    }
    let snapshot = open_snapshot(&data).unwrap();
    let ledger = snapshot.ledger(None).unwrap();
    assert_eq!(ledger.edits.len() as u64, made);
    assert!(made > 30 && refused > 0, "{made} edits, {refused} refused");
    let count = |event: &str| ledger.entries.iter().filter(|entry| entry.event == event).count();
    for event in ["born", "grown", "shrunk", "kept", "merged", "renamed", "pinned", "hidden"] {
        assert!(count(event) > 0, "no theme was {event}");
    }
    assert!(ledger.edits.iter().any(|edit| edit.undone_by.is_some()));
}
