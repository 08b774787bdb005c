//! From text to the terms of the index: one way for texts, queries and highlights.
//!
//! Words are lower-cased, freed of accents and stemmed by language. In German
//! the spellings of an umlaut meet ("Größe", "Groesse", "Grösse"): ä and ae
//! become a, and so on. A pair that follows a vowel or q ("neue", "Bauer",
//! "Quelle") or ends the word ("Menue", "Issues") is no umlaut; one that is
//! folded wrongly ("aktuell") is so everywhere and still finds itself.

use std::ops::Range;
use std::sync::LazyLock;

use echolot_core::Language;
use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Changes with every change of what this module returns, so that an index
/// made by other rules is rebuilt.
pub(crate) const ANALYSER_VERSION: u32 = 1;

/// A longer run of letters is no word that anyone searches for.
const MAX_WORD_BYTES: usize = 100;

/// A way to turn words into terms; each has its own field in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Analyser {
    /// Umlauts folded, Snowball German.
    German,
    /// Snowball English.
    English,
    /// No stemming, so that a query need not guess among many languages.
    Plain,
}

impl Analyser {
    pub(crate) const ALL: [Self; 3] = [Self::German, Self::English, Self::Plain];

    /// The analysers of a text. One of unknown language, often of a word or
    /// two, is found by the forms of German and of English.
    pub(crate) fn of_language(language: Language) -> &'static [Self] {
        match language {
            Language::GERMAN => &[Self::German],
            Language::ENGLISH => &[Self::English],
            Language::UNKNOWN => &[Self::German, Self::English],
            _ => &[Self::Plain],
        }
    }

    /// The term of a word.
    pub(crate) fn term(self, word: &str) -> String {
        let folded = fold(word);
        if folded.chars().any(char::is_numeric) {
            return fold_number(&folded);
        }
        match self {
            Self::German => german_stem(&fold_umlauts(&folded)),
            Self::English => ENGLISH.stem(&folded).into_owned(),
            Self::Plain => folded,
        }
    }
}

static GERMAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::German));
static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// The words of a text as byte ranges, in order. A word is a run of letters
/// and digits; it goes on over a point or comma between digits ("3.11.0"), an
/// apostrophe before at most two last letters ("don't", "geht's") and a
/// hyphen after its first letter ("E-Mail"). Of scripts without spaces every
/// character is a word.
pub(crate) fn words(text: &str) -> Vec<Range<usize>> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let byte_at = |index: usize| chars.get(index).map_or(text.len(), |(byte, _)| *byte);
    let mut words = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        let first = chars[start].1;
        let mut end = start + 1;
        if first.is_alphanumeric() {
            if !is_unspaced(first) {
                while end < chars.len() && continues(&chars, start, end) {
                    end += 1;
                }
            }
            let range = byte_at(start)..byte_at(end);
            if range.len() <= MAX_WORD_BYTES {
                words.push(range);
            }
        }
        start = end;
    }
    words
}

/// Whether the word that begins at `start` goes on with the character `at`.
fn continues(chars: &[(usize, char)], start: usize, at: usize) -> bool {
    let char_at = |index: usize| chars.get(index).map_or(' ', |(_, c)| *c);
    let (before, here, after) = (char_at(at - 1), char_at(at), char_at(at + 1));
    match here {
        '.' | ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        '\'' | '\u{2019}' => {
            let tail = chars[at + 1..].iter().take(3).take_while(|(_, c)| c.is_alphanumeric());
            before.is_alphabetic() && (1..=2).contains(&tail.count())
        }
        '-' => at == start + 1 && before.is_alphabetic() && after.is_alphabetic(),
        _ => (here.is_alphanumeric() && !is_unspaced(here)) || is_silent(here),
    }
}

/// Characters inside a word that do not change it.
fn is_silent(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}') || is_combining_mark(c)
}

/// Chinese and Japanese, which put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Lower case without accents, joiners and silent characters.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            '\'' | '\u{2019}' | '-' => {}
            c if is_silent(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

/// A decimal comma is a decimal point, and `v3.11.0` is release 3.11.0.
fn fold_number(folded: &str) -> String {
    let number = folded.replace(',', ".");
    match number.strip_prefix('v') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => number,
    }
}

fn fold_umlauts(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    let mut before = ' ';
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        folded.push(c);
        let is_pair = matches!(c, 'a' | 'o' | 'u') && rest.starts_with('e');
        let follows_vowel = matches!(before, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'q');
        let ends_word = matches!(rest, "e" | "es");
        before = c;
        if is_pair && !follows_vowel && !ends_word {
            rest = &rest[1..];
        }
    }
    folded
}

/// Snowball German, and the ending -et after t or d, which it leaves: so
/// "verspätet" meets "Verspätung" and "arbeitet" meets "arbeiten".
fn german_stem(word: &str) -> String {
    let mut stem = GERMAN.stem(word).into_owned();
    if stem.len() >= 6 && (stem.ends_with("tet") || stem.ends_with("det")) {
        stem.truncate(stem.len() - 2);
    }
    stem
}

/// Words that join others and say little alone, by which no verbatim should
/// be left out: German and English, folded as terms are but not stemmed.
const FUNCTION_WORDS: &[&str] = &[
    "a", "aber", "als", "also", "am", "an", "and", "are", "as", "at", "auch", "auf", "aus", "be",
    "bei", "beim", "bin", "bis", "but", "by", "da", "das", "dass", "de", "dem", "den", "der",
    "des", "die", "dies", "diese", "dieser", "dieses", "do", "does", "du", "ein", "eine", "einem",
    "einen", "einer", "eines", "er", "es", "for", "from", "fur", "hab", "habe", "haben", "had",
    "has", "hat", "hatte", "have", "he", "i", "ich", "ihr", "im", "in", "is", "ist", "it", "its",
    "ja", "man", "me", "mein", "meine", "meinem", "meinen", "meiner", "mich", "mir", "mit", "my",
    "nach", "noch", "nun", "nur", "ob", "oder", "of", "on", "or", "our", "she", "sich", "sie",
    "sind", "so", "that", "the", "their", "them", "there", "they", "this", "to", "uber", "um",
    "und", "uns", "unser", "us", "vom", "von", "vor", "war", "waren", "was", "we", "wenn", "were",
    "wie", "wir", "wird", "with", "you", "your", "zu", "zum", "zur",
];

/// Whether a word only joins others.
pub(crate) fn is_function_word(word: &str) -> bool {
    let folded = fold_umlauts(&fold(word));
    FUNCTION_WORDS.binary_search(&folded.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all_words(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|range| &text[range]).collect()
    }

    fn assert_meet(analyser: Analyser, forms: &[&str]) {
        let terms: Vec<String> = forms.iter().map(|form| analyser.term(form)).collect();
        assert!(terms.windows(2).all(|pair| pair[0] == pair[1]), "{forms:?} became {terms:?}");
    }

    fn assert_differ(analyser: Analyser, a: &str, b: &str) {
        assert_ne!(analyser.term(a), analyser.term(b), "{a} and {b}");
    }

    #[test]
    fn words_are_what_people_take_for_words() {
        assert_eq!(
            all_words("Fehler 39508 seit v3.11.0, 1,5 Sterne. E-Mail geht's? L'avion (don’t) 30%"),
            [
                "Fehler", "39508", "seit", "v3.11.0", "1,5", "Sterne", "E-Mail", "geht's", "L",
                "avion", "don’t", "30"
            ]
        );
        assert_eq!(all_words("Top-App, zu-spät"), ["Top", "App", "zu", "spät"]);
        assert_eq!(all_words("配送 schnell"), ["配", "送", "schnell"]);
        assert_eq!(all_words("Lie\u{ad}ferung u\u{308}ber"), ["Lie\u{ad}ferung", "u\u{308}ber"]);
        assert_eq!(all_words(&"x".repeat(500)), Vec::<&str>::new());
    }

    #[test]
    fn german_spellings_and_forms_meet() {
        use Analyser::German;
        assert_meet(
            German,
            &["Verspätung", "Verspaetung", "VERSPÄTUNG", "verspätet", "Verspätungen"],
        );
        assert_meet(German, &["Größe", "Groesse", "Grösse", "größe"]);
        assert_meet(German, &["Straße", "Strasse", "Straßen", "STRASSE"]);
        assert_meet(German, &["Lieferung", "Lieferungen", "Lie\u{ad}ferung"]);
        assert_meet(German, &["für", "fuer", "fu\u{308}r"]);
        assert_meet(German, &["Häuser", "Haeuser"]);
        assert_meet(German, &["Menü", "Menue"]);
        assert_meet(German, &["neue", "neu", "neuer"]);
        assert_meet(German, &["arbeitet", "arbeiten"]);
        assert_meet(German, &["E-Mail", "Email", "EMail"]);
        assert_meet(German, &["aktuell", "aktuelle", "aktuellen"]);
        assert_meet(German, &["Bauer", "Bauern"]);
    }

    #[test]
    fn different_words_stay_apart() {
        use Analyser::German;
        assert_differ(German, "Quelle", "Qualle");
        assert_differ(German, "Feuer", "Feier");
        assert_differ(German, "Paket", "Pakt");
        assert_differ(German, "39508", "39509");
    }

    #[test]
    fn english_forms_meet_without_umlaut_rules() {
        use Analyser::English;
        assert_meet(English, &["issue", "issues"]);
        assert_meet(English, &["delivery", "deliveries", "Delivery"]);
        assert_meet(English, &["don't", "dont", "don’t"]);
        assert_meet(English, &["Apple's", "Apples"]);
        assert_meet(English, &["café", "cafe"]);
    }

    #[test]
    fn numbers_are_kept_whole() {
        for analyser in Analyser::ALL {
            assert_meet(analyser, &["3.11.0", "v3.11.0", "V3.11.0"]);
            assert_meet(analyser, &["1,5", "1.5"]);
            assert_eq!(analyser.term("A52s"), "a52s");
        }
    }

    #[test]
    fn function_words_are_sorted_and_found() {
        assert!(FUNCTION_WORDS.is_sorted());
        for word in ["zu", "für", "fuer", "über", "THE"] {
            assert!(is_function_word(word), "{word}");
        }
        for word in ["spät", "nicht", "not", "App"] {
            assert!(!is_function_word(word), "{word}");
        }
    }

    proptest! {
        #[test]
        fn words_lie_in_the_text_in_order(text in any::<String>()) {
            let mut end = 0;
            for range in words(&text) {
                prop_assert!(range.start >= end);
                prop_assert!(range.start < range.end);
                end = range.end;
                let word = &text[range];
                for analyser in Analyser::ALL {
                    let _ = analyser.term(word);
                }
            }
        }

        #[test]
        fn umlaut_spellings_meet_in_any_word(head in "[b-df-hj-np-tv-z]{1,3}", tail in "[b-df-hj-np-tv-z]{1,4}") {
            for (umlaut, pair) in [("ä", "ae"), ("ö", "oe"), ("ü", "ue")] {
                prop_assume!(!head.ends_with('q') && !head.ends_with('y') && tail != "s");
                let (a, b) = (format!("{head}{umlaut}{tail}"), format!("{head}{pair}{tail}"));
                prop_assert_eq!(Analyser::German.term(&a), Analyser::German.term(&b));
            }
        }
    }
}
