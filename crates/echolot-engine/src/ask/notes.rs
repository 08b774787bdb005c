//! What the notes of a release say was done, beside what customers say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use echolot_core::{Share, ThemeId};
use echolot_index::StoredTheme;
use flate2::read::MultiGzDecoder;
use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use super::complaints::ComplaintChange;
use crate::Error;

/// A line of release notes with the complaints it speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseNote {
    /// The line.
    pub line: String,
    /// Whether it says that something was mended.
    pub says_fixed: bool,
    /// The complaints whose words it shares, best first, at most three.
    pub themes: Vec<NotedTheme>,
}

/// A complaint that a line of release notes speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct NotedTheme {
    /// The theme.
    pub theme: ThemeId,
    /// Its name.
    pub label: String,
    /// The words of the line that it shares.
    pub words: Vec<String>,
    /// Its share of the release's verbatims.
    pub share: Share,
    /// Its share in the baseline; none without one.
    pub baseline_share: Option<Share>,
    /// What became of it since the baseline; none without one.
    pub change: Option<ComplaintChange>,
}

/// The most themes of one line.
const MOST: usize = 3;

/// Shared words must weigh at least this much together; a word that a single
/// theme has weighs 1, one that all have 0.
const LEAST_WEIGHT: f64 = 0.6;

/// And at least this part of all words of the line that any theme has: a long
/// line is not about a theme for one word.
const LEAST_PART: f64 = 0.3;

/// A word that more than this part of the themes have, and more than `FEW` of them, tells
/// none from the others.
const COMMON_PART: f64 = 0.05;
const FEW: usize = 2;

/// Words that release notes are full of, and that say of no theme what it is about: in
/// German and in English, as they are written in lower case.
const FILLING: [&str; 131] = [
    "aber",
    "about",
    "added",
    "all",
    "alle",
    "allgemein",
    "allgemeine",
    "als",
    "and",
    "anpassung",
    "anpassungen",
    "app",
    "application",
    "are",
    "auch",
    "auf",
    "aus",
    "behoben",
    "bei",
    "beim",
    "bug",
    "bugfix",
    "bugfixes",
    "bugs",
    "but",
    "can",
    "das",
    "dass",
    "dem",
    "den",
    "der",
    "des",
    "die",
    "diese",
    "dieser",
    "dieses",
    "durch",
    "ein",
    "eine",
    "einem",
    "einen",
    "einer",
    "einige",
    "fehler",
    "fehlerbehebung",
    "fehlerbehebungen",
    "fix",
    "fixed",
    "fixes",
    "for",
    "from",
    "für",
    "general",
    "gibt",
    "haben",
    "has",
    "hat",
    "have",
    "ihr",
    "ihre",
    "improved",
    "improvement",
    "improvements",
    "into",
    "issue",
    "issues",
    "ist",
    "jetzt",
    "kann",
    "kein",
    "keine",
    "kleine",
    "kleinere",
    "können",
    "mehr",
    "minor",
    "mit",
    "nach",
    "neu",
    "neue",
    "neuen",
    "new",
    "nicht",
    "noch",
    "not",
    "now",
    "nun",
    "nur",
    "oder",
    "our",
    "problem",
    "problems",
    "release",
    "resolved",
    "several",
    "sich",
    "sie",
    "sind",
    "some",
    "that",
    "the",
    "this",
    "und",
    "update",
    "updated",
    "updates",
    "various",
    "verbessert",
    "verbesserte",
    "verbesserung",
    "verbesserungen",
    "version",
    "von",
    "vor",
    "war",
    "was",
    "wenn",
    "werden",
    "were",
    "when",
    "wie",
    "wir",
    "wird",
    "with",
    "wurde",
    "wurden",
    "you",
    "your",
    "zum",
    "zur",
    "über",
];

/// Beginnings of the words by which notes say that something was mended.
const MENDED: [&str; 14] = [
    "behob",
    "beheb",
    "fehlerbeheb",
    "gelöst",
    "korrig",
    "beseitig",
    "repar",
    "bugfix",
    "fix",
    "resolv",
    "solv",
    "correct",
    "mend",
    "patch",
];

/// For each line the complaints it shares words with. Words are compared by
/// their German and English stems and weighed by how few themes have them in
/// their names and terms: ln(themes / themes with the word) / ln(themes). Words that
/// fill release notes, and words of many themes, weigh nothing.
///
/// `figures` has the statistics of each theme that may be meant.
pub(super) fn matched(
    lines: &[String],
    themes: &[&StoredTheme],
    figures: impl Fn(&StoredTheme) -> Option<NotedTheme>,
) -> Vec<ReleaseNote> {
    let stems = Stems::new();
    let of_themes: Vec<BTreeSet<String>> = themes
        .iter()
        .map(|theme| {
            let texts = theme.terms.iter().map(String::as_str).chain([theme.title()]);
            texts.flat_map(|text| stems.of_words(text)).flat_map(|(_, stems)| stems).collect()
        })
        .collect();
    let mut num_with: BTreeMap<&str, usize> = BTreeMap::new();
    for stem in of_themes.iter().flatten() {
        *num_with.entry(stem).or_default() += 1;
    }
    let all = themes.len() as f64;
    let is_common = |with: usize| with > FEW && with as f64 > COMMON_PART * all;
    let weight = |stem: &str| match num_with.get(stem) {
        Some(&with) if is_common(with) => 0.0,
        Some(&with) if all > 1.0 => (all / with as f64).ln() / all.ln(),
        Some(_) => 1.0,
        None => 0.0,
    };
    let note = |line: &String| {
        let mut words = stems.of_words(line);
        words.retain(|(word, _)| !FILLING.contains(&word.as_str()));
        let weight_of =
            |stems: &[String]| stems.iter().map(|stem| weight(stem)).fold(0.0_f64, f64::max);
        let whole: f64 = words.iter().map(|(_, stems)| weight_of(stems)).sum();
        let mut found: Vec<(f64, NotedTheme)> = Vec::new();
        for (theme, of_theme) in themes.iter().zip(&of_themes) {
            let shared: Vec<&(String, Vec<String>)> = words
                .iter()
                .filter(|(_, stems)| stems.iter().any(|stem| of_theme.contains(stem)))
                .collect();
            let sum: f64 = shared.iter().map(|(_, stems)| weight_of(stems)).sum();
            if sum < LEAST_WEIGHT || sum < LEAST_PART * whole {
                continue;
            }
            let words = shared.iter().map(|(word, _)| word.clone()).collect();
            found.extend(figures(theme).map(|figures| (sum, NotedTheme { words, ..figures })));
        }
        found.sort_by(|(sum_a, a), (sum_b, b)| sum_b.total_cmp(sum_a).then(a.theme.cmp(&b.theme)));
        found.truncate(MOST);
        let lower = line.to_lowercase();
        let mut spoken = lower.split(|c: char| !c.is_alphanumeric());
        ReleaseNote {
            says_fixed: spoken.any(|word| MENDED.iter().any(|mended| word.starts_with(mended))),
            themes: found.into_iter().map(|(_, theme)| theme).collect(),
            line: line.clone(),
        }
    };
    lines.iter().map(note).collect()
}

/// Words by their stems in both languages.
struct Stems {
    german: Stemmer,
    english: Stemmer,
}

impl Stems {
    fn new() -> Self {
        Self {
            german: Stemmer::create(Algorithm::German),
            english: Stemmer::create(Algorithm::English),
        }
    }

    /// Each distinct word of three letters or more with its stems.
    fn of_words(&self, text: &str) -> Vec<(String, Vec<String>)> {
        let mut seen = BTreeSet::new();
        let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        let words = words.filter(|word| word.chars().count() >= 3 && seen.insert(word.clone()));
        words
            .map(|word| {
                let mut stems = vec![
                    self.german.stem(&word).into_owned(),
                    self.english.stem(&word).into_owned(),
                ];
                stems.dedup();
                (word, stems)
            })
            .collect()
    }
}

/// Notes as app stores deliver them, one object for each release.
#[derive(Deserialize)]
struct StoreNotes {
    #[serde(alias = "product")]
    app: Option<String>,
    #[serde(alias = "release")]
    version: String,
    #[serde(alias = "notes", alias = "changes")]
    recent_changes: Option<String>,
}

/// Reads the notes of a release, a line each: from text or Markdown, which is
/// about the release as a whole, or from JSON lines with `app`, `version` and
/// `recent_changes`, also compressed with gzip.
///
/// # Errors
/// When the file cannot be read, or has no notes of the release.
pub fn read_release_notes(file: &Path, product: &str, release: &str) -> Result<Vec<String>, Error> {
    let bad = |reason: String| Error::BadValue { key: "notes", reason };
    let bytes = fs_err::read(file).map_err(|error| bad(error.to_string()))?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    } else {
        bytes.as_slice().read_to_string(&mut text)?;
    }
    if !text.trim_start().starts_with('{') {
        return Ok(lines(&text));
    }
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let notes: StoreNotes = serde_json::from_str(line)
            .map_err(|error| bad(format!("{}, line {}: {error}", file.display(), number + 1)))?;
        let is_meant = notes.app.is_none_or(|app| app == product) && notes.version == release;
        if is_meant {
            found.extend(notes.recent_changes.iter().flat_map(|changes| lines(changes)));
        }
    }
    if found.is_empty() {
        let file = file.display();
        return Err(bad(format!("{file} has no notes of release `{release}` of `{product}`")));
    }
    Ok(found)
}

/// Lines without their bullets and heading marks.
fn lines(text: &str) -> Vec<String> {
    let bare = |line: &str| {
        let line = line.trim().trim_start_matches(['-', '*', '•', '–', '#', '+']).trim();
        (!line.is_empty()).then(|| line.to_owned())
    };
    text.lines().filter_map(bare).collect()
}

#[cfg(test)]
mod tests {
    use echolot_core::{Polarity, Topic, wilson};
    use echolot_index::RowId;

    use super::*;

    fn theme(id: u32, terms: &[&str]) -> StoredTheme {
        StoredTheme {
            id: ThemeId(id),
            label: terms[0].to_owned(),
            terms: terms.iter().map(|&term| term.to_owned()).collect(),
            topic: Topic::Malfunction,
            polarity: Polarity::Negative,
            size: 1,
            representative: (RowId(0), 0),
            examples: vec![],
            born: 1,
            name: None,
            is_pinned: false,
            is_hidden: false,
            parent: None,
            successor: None,
            ended: None,
        }
    }

    fn figures(theme: &StoredTheme) -> Option<NotedTheme> {
        Some(NotedTheme {
            theme: theme.id,
            label: theme.label.clone(),
            words: vec![],
            share: wilson(1, 10)?,
            baseline_share: None,
            change: None,
        })
    }

    #[test]
    fn a_line_finds_the_complaints_whose_rare_words_it_shares() {
        let themes = [
            theme(1, &["Fehlercode 39508", "Fehler", "App"]),
            theme(2, &["Akku leer", "Akkuverbrauch", "App"]),
            theme(3, &["Anmeldung", "Passwort", "App"]),
            theme(4, &["Crash on start", "Fehler", "App"]),
        ];
        let themes: Vec<&StoredTheme> = themes.iter().collect();
        let lines = [
            "Der Fehler 39508 wurde behoben",
            "Die App verbraucht weniger Akku",
            "Allgemeine Verbesserungen der App",
            "We fixed crashes",
        ];
        let notes = matched(&lines.map(str::to_owned), &themes, figures);
        let found = |at: usize| {
            let note: &ReleaseNote = &notes[at];
            let themes: Vec<u32> = note.themes.iter().map(|theme| theme.theme.0).collect();
            (note.says_fixed, themes)
        };
        assert_eq!(found(0), (true, vec![1]));
        assert_eq!(notes[0].themes[0].words, ["39508"], "a word that fills notes says nothing");
        assert_eq!(found(1), (false, vec![2]));
        assert_eq!(found(2), (false, vec![]), "a word of all themes says nothing");
        assert_eq!(found(3), (true, vec![4]), "in another form");
    }

    #[test]
    fn what_fills_release_notes_speaks_of_no_theme() {
        // As many themes as a product has: a few speak of the app, one of the hotline.
        let mut themes: Vec<StoredTheme> = (10..110)
            .map(|id| theme(id, &[&format!("Sache{id}"), &format!("thing{id}")]))
            .collect();
        themes.extend((1..=4).map(|id| theme(id, &["App", &format!("Absturz{id}"), "bug"])));
        themes.push(theme(5, &["Hotline", "Warteschleife", "waiting time"]));
        themes.push(theme(6, &["Login", "Anmeldung", "password reset"]));
        // Seven of them are about the parcel: too many for the word to tell them apart.
        themes.extend((200..207).map(|id| theme(id, &["Paket", &format!("parcel{id}")])));
        let themes: Vec<&StoredTheme> = themes.iter().collect();
        let lines = [
            "Fixed a bug in the app",
            "Fehlerbehebungen und Verbesserungen der App",
            "Wir haben einige kleinere Fehler behoben.",
            "Bug fixes and performance improvements",
            "Paket: neue Ansicht",
            "Die Warteschleife der Hotline ist nun kürzer",
            "We fixed an issue with the password reset",
        ];
        let notes = matched(&lines.map(str::to_owned), &themes, figures);
        let found = notes.iter().map(|note| {
            let themes = note.themes.iter().map(|theme| theme.theme.0);
            (themes.collect::<Vec<_>>(), note.line.as_str())
        });
        let expected = [&[][..], &[], &[], &[], &[], &[5], &[6]];
        for ((themes, line), expected) in found.zip(expected) {
            assert_eq!(themes, expected, "{line}");
        }
        assert_eq!(notes.len(), lines.len(), "lines without a theme are listed as well");
    }

    #[test]
    fn notes_are_read_from_text_and_from_app_stores() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs_err::write(&file, text).unwrap();
            file
        };
        let plain = write("notes.md", "# 1.1\n\n- Crash mended\n* Dark mode\n");
        assert_eq!(
            read_release_notes(&plain, "A", "1.1").unwrap(),
            ["1.1", "Crash mended", "Dark mode"]
        );
        let store = write(
            "notes.jsonl",
            "{\"app\":\"A\",\"version\":\"1.0\",\"recent_changes\":\"First\"}\n\
             {\"app\":\"A\",\"version\":\"1.1\",\"recent_changes\":\"- Crash mended\\r\\n- Dark mode\"}\n\
             {\"app\":\"B\",\"version\":\"1.1\",\"recent_changes\":\"Other\"}\n",
        );
        assert_eq!(read_release_notes(&store, "A", "1.1").unwrap(), ["Crash mended", "Dark mode"]);
        let message = read_release_notes(&store, "A", "7").unwrap_err().to_string();
        assert!(message.contains("no notes of release `7` of `A`"), "{message}");
    }
}
