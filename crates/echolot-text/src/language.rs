//! Which language a text is written in.

use std::collections::BTreeSet;

use echolot_core::Language;
use lingua::{Language as Known, LanguageDetectorBuilder};

/// A language and how sure the detector is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// The language, or [`Language::UNKNOWN`].
    pub language: Language,
    /// The share of the probability that falls to the language, 0..=1, to four
    /// decimals; zero for an unknown one.
    pub confidence: f64,
}

/// Tells German, English, French, Italian, Spanish, Dutch, Portuguese, Polish
/// and Russian apart, and a few more by their script.
pub struct LanguageDetector {
    /// Character n-grams of one to five letters. The models of three letters
    /// alone would be faster, but fail on most texts of one or two words.
    n_grams: lingua::LanguageDetector,
}

const KNOWN: &[Known] = &[
    Known::German,
    Known::English,
    Known::French,
    Known::Italian,
    Known::Spanish,
    Known::Dutch,
    Known::Portuguese,
    Known::Polish,
    Known::Russian,
];

/// Enough characters to be sure; what follows costs only time.
const MAX_CHARS: usize = 400;
/// Shorter texts say little, so German and English, which are expected, weigh
/// up to [`EXPECTED_WEIGHT`] times as much, less with every character.
const SHORT_CHARS: f64 = 40.0;
const EXPECTED_WEIGHT: f64 = 3.0;
/// How many times as probable as the second the first language must be.
const MIN_RATIO: f64 = 1.5;
/// Longest text read word by word as a verdict, in words.
const MAX_VERDICT_WORDS: usize = 4;

impl LanguageDetector {
    /// Loads the language models of the nine languages, which takes some 60 MB
    /// once for all detectors of the process.
    pub fn new() -> Self {
        let n_grams =
            LanguageDetectorBuilder::from_languages(KNOWN).with_preloaded_language_models().build();
        Self { n_grams }
    }

    /// Detects the language of a normalised text. Unknown are texts without
    /// letters, words common to several languages (`Super`, `ok`), texts in
    /// which two languages are about as probable, and scripts and alphabets
    /// that none of the known languages uses.
    pub fn detect(&self, clean: &str) -> Detection {
        let end = clean.char_indices().nth(MAX_CHARS).map_or(clean.len(), |(byte, _)| byte);
        let text = &clean[..end];
        let told = match Letters::of(text).told().or_else(|| read_verdict(text)) {
            Told::Language(tag) => Some((language(tag), 1.0)),
            Told::Unknown => None,
            Told::Open => self.measure(text),
        };
        let (language, confidence) = told.unwrap_or((Language::UNKNOWN, 0.0));
        Detection { language, confidence }
    }

    /// The language that its n-grams make clearly the most probable.
    fn measure(&self, text: &str) -> Option<(Language, f64)> {
        // Words that are said again tell nothing more.
        let words: BTreeSet<&str> = text.split_whitespace().collect();
        let said: usize = words.iter().map(|word| word.chars().count() + 1).sum();
        let shortness = (1.0 - said.saturating_sub(1) as f64 / SHORT_CHARS).max(0.0);
        let weight = 1.0 + (EXPECTED_WEIGHT - 1.0) * shortness;
        let values = self.n_grams.compute_language_confidence_values(text);
        // The order of summation differs from call to call, and with it the
        // last bits; rounding takes them away. The order of `KNOWN` breaks ties.
        let mut weighed: Vec<(Known, f64)> = KNOWN
            .iter()
            .map(|&known| {
                let value = values.iter().find(|(other, _)| *other == known).map_or(0.0, |v| v.1);
                let is_expected = matches!(known, Known::German | Known::English);
                (known, round(value) * if is_expected { weight } else { 1.0 })
            })
            .collect();
        weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
        let [(known, first), (_, second), ..] = weighed[..] else { return None };
        let total: f64 = weighed.iter().map(|(_, value)| value).sum();
        (first > 0.0 && first >= MIN_RATIO * second)
            .then(|| (language(&known.iso_code_639_1().to_string()), round(first / total)))
    }
}

impl Default for LanguageDetector {
    fn default() -> Self {
        Self::new()
    }
}

fn round(confidence: f64) -> f64 {
    (confidence * 1e4).round() / 1e4
}

fn language(tag: &str) -> Language {
    Language::from_tag(tag).unwrap_or(Language::UNKNOWN)
}

/// How many letters of a text belong to which script.
#[derive(Debug, Default)]
struct Letters {
    all: usize,
    /// Latin and Cyrillic.
    modelled: usize,
    /// Latin letters that none of the known languages writes.
    foreign: usize,
    ukrainian: usize,
    kana: usize,
    hangul: usize,
    greek: usize,
    hebrew: usize,
    thai: usize,
}

/// What can be said without looking at n-grams.
enum Told {
    Language(&'static str),
    Unknown,
    Open,
}

impl Told {
    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Open) { other() } else { self }
    }
}

impl Letters {
    fn of(text: &str) -> Self {
        let mut letters = Self::default();
        for char in text.chars().filter(|char| char.is_alphabetic()) {
            letters.all += 1;
            match char {
                'å' | 'Å' | 'ø' | 'Ø' | 'ğ' | 'Ğ' | 'ş' | 'Ş' | 'ı' | 'İ' | 'ř' | 'Ř' | 'ě'
                | 'Ě' | 'ů' | 'Ů' | 'ő' | 'Ő' | 'ű' | 'Ű' | 'ț' | 'ș' | 'ă' | 'đ' | 'č' | 'Č'
                | 'š' | 'Š' | 'ž' | 'Ž' | 'ā' | 'ē' | 'ī' | 'ū' | 'ė' | 'þ' | 'ð' => {
                    letters.modelled += 1;
                    letters.foreign += 1;
                }
                'і' | 'І' | 'ї' | 'Ї' | 'є' | 'Є' | 'ґ' | 'Ґ' => {
                    letters.modelled += 1;
                    letters.ukrainian += 1;
                }
                'ª'
                | 'º'
                | 'a'..='z'
                | 'A'..='Z'
                | '\u{c0}'..='\u{24f}'
                | '\u{400}'..='\u{52f}'
                | '\u{1e00}'..='\u{1eff}' => letters.modelled += 1,
                '\u{3041}'..='\u{30ff}' => letters.kana += 1,
                '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => letters.hangul += 1,
                '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => letters.greek += 1,
                '\u{590}'..='\u{5ff}' => letters.hebrew += 1,
                '\u{e00}'..='\u{e7f}' => letters.thai += 1,
                _ => {}
            }
        }
        letters
    }

    fn told(&self) -> Told {
        let is_much = |count: usize| count * 2 > self.all;
        let are_one_percent = |count: usize| count > 1 && count * 100 >= self.all;
        match self {
            _ if self.all == 0 => Told::Unknown,
            // Japanese writes Han characters beside its own.
            _ if self.kana * 5 > self.all => Told::Language("ja"),
            _ if is_much(self.hangul) => Told::Language("ko"),
            _ if is_much(self.greek) => Told::Language("el"),
            _ if is_much(self.hebrew) => Told::Language("he"),
            _ if is_much(self.thai) => Told::Language("th"),
            _ if are_one_percent(self.ukrainian) => Told::Language("uk"),
            // One such letter is a name in a text of another language.
            _ if are_one_percent(self.foreign) || !is_much(self.modelled) => Told::Unknown,
            _ => Told::Open,
        }
    }
}

/// Words of one-word reviews that only German has.
const GERMAN_VERDICTS: &[&str] = &[
    "alles",
    "bestens",
    "danke",
    "einfach",
    "empfehlenswert",
    "furchtbar",
    "geil",
    "genial",
    "gerne",
    "gut",
    "gute",
    "guter",
    "gutes",
    "hilfreich",
    "klasse",
    "langsam",
    "mist",
    "müll",
    "nicht",
    "nie",
    "nützlich",
    "nutzlos",
    "prima",
    "quatsch",
    "schlecht",
    "schlechte",
    "schnell",
    "schön",
    "schrott",
    "schwach",
    "sehr",
    "sinnlos",
    "spitze",
    "teuer",
    "toll",
    "tolle",
    "tolles",
    "überflüssig",
    "unbrauchbar",
    "ungenügend",
    "wieder",
    "wunderbar",
    "zufrieden",
];
/// Words of one-word reviews that only English has.
const ENGLISH_VERDICTS: &[&str] = &[
    "amazing",
    "awesome",
    "awful",
    "best",
    "brilliant",
    "crap",
    "easy",
    "fast",
    "good",
    "great",
    "helpful",
    "like",
    "love",
    "nice",
    "not",
    "poor",
    "rubbish",
    "slow",
    "thanks",
    "the",
    "to",
    "use",
    "useful",
    "useless",
    "very",
    "waste",
    "well",
    "works",
    "worst",
];
/// Words of one-word reviews that several languages share.
const SHARED_VERDICTS: &[&str] = &[
    "app",
    "bad",
    "excellent",
    "ideal",
    "it",
    "ok",
    "okay",
    "oké",
    "perfect",
    "perfekt",
    "super",
    "top",
    "service",
    "horrible",
    "terrible",
    "fantastic",
    "update",
    "wow",
];

/// Reads a text of a few words, all of them common in short reviews: the
/// language that its words have in common, or none. Open if a word is not
/// among them.
fn read_verdict(text: &str) -> Told {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (mut count, mut german, mut english) = (0, 0, 0);
    for word in words {
        count += 1;
        if GERMAN_VERDICTS.contains(&word) {
            german += 1;
        } else if ENGLISH_VERDICTS.contains(&word) {
            english += 1;
        } else if !SHARED_VERDICTS.contains(&word) {
            return Told::Open;
        }
        if count > MAX_VERDICT_WORDS {
            return Told::Open;
        }
    }
    match (german, english) {
        (1.., 0) => Told::Language("de"),
        (0, 1..) => Told::Language("en"),
        _ => Told::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fs_err as fs;

    #[test]
    fn tells_languages_and_admits_doubt() {
        let detector = LanguageDetector::new();
        for (text, expected) in [
            ("Die Lieferung kam drei Tage zu spät.", "de"),
            ("The delivery was three days late.", "en"),
            ("La livraison est arrivée trop tard.", "fr"),
            ("La consegna è arrivata troppo tardi.", "it"),
            ("El pedido llegó demasiado tarde.", "es"),
            ("De levering kwam drie dagen te laat.", "nl"),
            ("A entrega chegou muito tarde, não gostei.", "pt"),
            ("Dostawa przyszła o trzy dni za późno.", "pl"),
            ("Доставка опоздала на три дня.", "ru"),
            ("gut", "de"),
            ("Sehr gut!!", "de"),
            ("Super, danke", "de"),
            ("Müll", "de"),
            ("Good", "en"),
            ("Nice app", "en"),
            ("Easy to use.", "en"),
            ("Super", "xx"),
            ("Top", "xx"),
            ("ok", "xx"),
            ("", "xx"),
            ("👍👍 10/10", "xx"),
            ("とても良いアプリです", "ja"),
            ("좋아요", "ko"),
            ("ممتاز", "xx"),
            ("Πολύ καλό", "el"),
            ("Дуже зручний і корисний застосунок, її люблю", "uk"),
            (
                "Intentionen er prisværdig men udførelsen halter, når baggrundschecket går i stå",
                "xx",
            ),
        ] {
            let found = detector.detect(text);
            assert_eq!(found.language.code(), expected, "{text}: {found:?}");
            assert!((0.0..=1.0).contains(&found.confidence));
            assert_eq!(found.confidence > 0.0, found.language.is_known(), "{text}");
        }
    }

    #[test]
    fn the_words_of_verdicts_belong_to_one_list() {
        let mut all = [GERMAN_VERDICTS, ENGLISH_VERDICTS, SHARED_VERDICTS].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn saying_it_again_leaves_the_language() {
        let detector = LanguageDetector::new();
        for (sentence, language) in [("Der Akku ist leer. ", "de"), ("The battery is dead. ", "en")]
        {
            for times in [1, 2, 3, 10, 100] {
                let found = detector.detect(sentence.repeat(times).trim());
                assert_eq!(found.language.code(), language, "{times} times {sentence}");
            }
        }
    }

    #[test]
    fn finds_german_and_english_among_real_verbatims() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/gold/verbatims.jsonl");
        let Ok(lines) = fs::read_to_string(path) else {
            println!("skipped: {path} is absent");
            return;
        };
        let detector = LanguageDetector::new();
        let (mut total, mut right) = (0, 0);
        for line in lines.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            total += 1;
            right += usize::from(
                detector.detect(row["text"].as_str().unwrap()).language.code() == row["lang"],
            );
        }
        assert!(right * 100 >= total * 99, "{right} of {total}");
    }
}
