//! From text to the terms of the index: one way for texts, queries and highlights.
//!
//! Words are lower-cased, freed of accents and stemmed by language. In German
//! the spellings of an umlaut meet ("Größe", "Groesse", "Grösse"): ä and ae
//! become a, and so on. A pair that follows a vowel or q ("neue", "Bauer",
//! "Quelle") or ends the word ("Menue", "Issues") is no umlaut; one that is
//! folded wrongly ("aktuell") is so everywhere and still finds itself.
//!
//! What a word says stands at its place as several terms, each with a sign in
//! front: its stem by the rules of its language (`de=liefer`), in German the
//! stems of the parts of a compound (`de+liefer`), and the word itself
//! (`==lieferung`), which wildcards and misspellings are compared with. All
//! of it follows from the text and its language alone.

mod compounds;
mod stemming;

use std::collections::HashMap;
use std::ops::Range;

use echolot_core::Language;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use stemming::Stemming;

/// Changes with every change of what this module returns, so that an index
/// made by other rules is rebuilt.
pub(crate) const ANALYSER_VERSION: u32 = 2;

/// A longer run of letters is no word that anyone searches for.
const MAX_WORD_BYTES: usize = 100;
/// About 40 MB.
const MAX_CACHED_WORDS: usize = 200_000;
/// The sign of terms that are the word itself.
pub(crate) const FORM_SIGN: &str = "==";
/// How much a part of a compound counts beside a whole word.
const PART_WEIGHT: f32 = 0.6;

/// The words of a text and what each of them says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tokens {
    /// Where each word stands in the text, in bytes.
    pub(crate) ranges: Vec<Range<usize>>,
    /// The terms of each word.
    pub(crate) terms: Vec<Vec<String>>,
}

/// Turns texts into terms, and remembers the words it met: most words of a
/// text are common ones, and stemming costs more than looking up.
#[derive(Debug, Default)]
pub(crate) struct Tokeniser {
    known: HashMap<Language, HashMap<String, Vec<String>>>,
}

impl Tokeniser {
    /// The words of a text in a language.
    pub(crate) fn tokens(&mut self, text: &str, language: Language) -> Tokens {
        let ranges = words(text);
        let terms = ranges.iter().map(|range| self.terms(&text[range.clone()], language)).collect();
        Tokens { ranges, terms }
    }

    fn terms(&mut self, word: &str, language: Language) -> Vec<String> {
        let known = self.known.entry(language).or_default();
        if let Some(terms) = known.get(word) {
            return terms.clone();
        }
        if known.len() == MAX_CACHED_WORDS {
            known.clear();
        }
        let terms = terms(word, language);
        known.insert(word.to_owned(), terms.clone());
        terms
    }
}

/// The terms of a word of a text.
fn terms(word: &str, language: Language) -> Vec<String> {
    let mut terms = vec![form_term(&form(word))];
    for stemming in Stemming::of_language(language) {
        terms.push(stemming.whole(word));
        if *stemming == Stemming::GERMAN {
            let parts = compounds::all_parts(&fold_umlauts(&fold(word)));
            terms.extend(parts.iter().flat_map(|part| stemming.stems_of_part(part, '+')));
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The terms by which a word of a query is found whole, in any of its forms
/// and in any language.
pub(crate) fn whole_terms(word: &str) -> Vec<(String, f32)> {
    Stemming::ALL.iter().map(|stemming| (stemming.whole(word), 1.0)).collect()
}

/// As [`whole_terms`], and as a part of German compounds.
pub(crate) fn terms_of_query(word: &str) -> Vec<(String, f32)> {
    let mut terms = whole_terms(word);
    terms.push((Stemming::GERMAN.part(word), PART_WEIGHT));
    terms
}

/// The terms by which a part of a compound is found where it stands alone or
/// in another compound.
pub(crate) fn terms_of_part(part: &str) -> Vec<(String, f32)> {
    let german = Stemming::GERMAN;
    let alone = german.stems_of_part(part, '=').into_iter().map(|term| (term, 1.0));
    let inside = german.stems_of_part(part, '+').into_iter().map(|term| (term, PART_WEIGHT));
    alone.chain(inside).collect()
}

/// The parts of a German compound from left to right, folded and not stemmed;
/// none when it is no compound.
pub(crate) fn german_parts(word: &str) -> Vec<String> {
    compounds::split(&fold_umlauts(&fold(word)))
}

/// The word itself, without accents and umlauts.
pub(crate) fn form(word: &str) -> String {
    let folded = fold(word);
    if folded.chars().any(char::is_numeric) {
        return fold_number(&folded);
    }
    // What a word begins with has the same form as the beginning of the word.
    fold_pairs(&folded, |_| false)
}

/// The term that stands for a form.
pub(crate) fn form_term(form: &str) -> String {
    format!("{FORM_SIGN}{form}")
}

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

/// With ä, ö and ü in one spelling.
fn fold_umlauts(word: &str) -> String {
    fold_pairs(word, |rest| matches!(rest, "e" | "es"))
}

/// Takes the e out of ae, oe and ue, unless the pair follows a vowel or what
/// begins with its e is kept.
fn fold_pairs(word: &str, is_kept: impl Fn(&str) -> bool) -> String {
    let mut folded = String::with_capacity(word.len());
    let mut before = ' ';
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        folded.push(c);
        let is_pair = matches!(c, 'a' | 'o' | 'u') && rest.starts_with('e');
        let follows_vowel = matches!(before, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'q');
        before = c;
        if is_pair && !follows_vowel && !is_kept(rest) {
            rest = &rest[1..];
        }
    }
    folded
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

    const GERMAN: Language = Language::GERMAN;
    const ENGLISH: Language = Language::ENGLISH;

    fn whole(language: Language, word: &str) -> String {
        Stemming::of_language(language)[0].whole(word)
    }

    fn assert_meet(language: Language, forms: &[&str]) {
        let terms: Vec<String> = forms.iter().map(|form| whole(language, form)).collect();
        assert!(terms.windows(2).all(|pair| pair[0] == pair[1]), "{forms:?} became {terms:?}");
    }

    fn assert_differ(language: Language, a: &str, b: &str) {
        assert_ne!(whole(language, a), whole(language, b), "{a} and {b}");
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
        assert_meet(
            GERMAN,
            &["Verspätung", "Verspaetung", "VERSPÄTUNG", "verspätet", "Verspätungen"],
        );
        assert_meet(GERMAN, &["Größe", "Groesse", "Grösse", "größe"]);
        assert_meet(GERMAN, &["Straße", "Strasse", "Straßen", "STRASSE"]);
        assert_meet(GERMAN, &["Lieferung", "Lieferungen", "Lie\u{ad}ferung"]);
        assert_meet(GERMAN, &["für", "fuer", "fu\u{308}r"]);
        assert_meet(GERMAN, &["Häuser", "Haeuser"]);
        assert_meet(GERMAN, &["Menü", "Menue"]);
        assert_meet(GERMAN, &["neue", "neu", "neuer"]);
        assert_meet(GERMAN, &["arbeitet", "arbeiten"]);
        assert_meet(GERMAN, &["E-Mail", "Email", "EMail"]);
        assert_meet(GERMAN, &["aktuell", "aktuelle", "aktuellen"]);
        assert_meet(GERMAN, &["Bauer", "Bauern"]);
        assert_meet(GERMAN, &["App", "Apps"]);
        assert_meet(GERMAN, &["Akku", "Akkus"]);
        assert_meet(GERMAN, &["Preis", "Preise", "Preisen"]);
        assert_meet(GERMAN, &["Krankenhaus", "Krankenhäuser"]);
    }

    #[test]
    fn different_words_stay_apart() {
        assert_differ(GERMAN, "Quelle", "Qualle");
        assert_differ(GERMAN, "Feuer", "Feier");
        assert_differ(GERMAN, "Paket", "Pakt");
        assert_differ(GERMAN, "39508", "39509");
    }

    #[test]
    fn english_forms_meet_without_umlaut_rules() {
        assert_meet(ENGLISH, &["issue", "issues"]);
        assert_meet(ENGLISH, &["delivery", "deliveries", "Delivery"]);
        assert_meet(ENGLISH, &["don't", "dont", "don’t"]);
        assert_meet(ENGLISH, &["Apple's", "Apples"]);
        assert_meet(ENGLISH, &["café", "cafe"]);
    }

    #[test]
    fn numbers_are_kept_whole() {
        for language in [GERMAN, ENGLISH, Language::from_tag("pl").unwrap()] {
            assert_meet(language, &["3.11.0", "v3.11.0", "V3.11.0"]);
            assert_meet(language, &["1,5", "1.5"]);
            assert!(whole(language, "A52s").ends_with("=a52s"));
        }
    }

    #[test]
    fn other_languages_have_their_stems() {
        let meet = |code, forms: &[&str]| assert_meet(Language::from_tag(code).unwrap(), forms);
        meet("fr", &["livraison", "livraisons"]);
        meet("fr", &["problème", "probleme", "problèmes"]);
        meet("es", &["entrega", "entregas"]);
        meet("it", &["consegna", "consegne"]);
        meet("nl", &["levering", "leveringen"]);
        meet("ru", &["хороший", "хорошая"]);
        meet("nb", &["levering", "leveringen"]);
        assert_eq!(whole(Language::from_tag("ja").unwrap(), "配"), "xx=配");
    }

    #[test]
    fn a_word_of_a_text_says_its_stem_its_parts_and_itself() {
        let shown = |word, language| terms(word, language).join(" ");
        assert_eq!(
            shown("Lieferverzögerungen", GERMAN),
            "==lieferverzogerungen de+lief de+liefer de+verzoger de=lieferverzoger"
        );
        assert_eq!(shown("deliveries", ENGLISH), "==deliveries en=deliveri");
        assert_eq!(shown("Größe", Language::UNKNOWN), "==grosse de=gross en=gross");
        assert_eq!(form("Menue"), "menu");
    }

    #[test]
    fn a_query_finds_a_word_whole_and_as_a_part() {
        let finds = |query: &str, word: &str| {
            let terms = terms(word, GERMAN);
            terms_of_query(query).iter().any(|(term, _)| terms.contains(term))
        };
        assert!(finds("Verzögerung", "Lieferverzögerungen"));
        assert!(finds("Lieferung", "Lieferzeit") && finds("Akku", "Akkulaufzeit"));
        assert!(!finds("Verzögerung", "Verzug") && !finds("Tag", "Montag"));
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
                for language in [GERMAN, ENGLISH, Language::UNKNOWN] {
                    prop_assert!(terms(word, language).len() >= 2);
                }
            }
        }

        #[test]
        fn umlaut_spellings_meet_in_any_word(head in "[b-df-hj-np-tv-z]{1,3}", tail in "[b-df-hj-np-tv-z]{1,4}") {
            for (umlaut, pair) in [("ä", "ae"), ("ö", "oe"), ("ü", "ue")] {
                prop_assume!(!head.ends_with('q') && !head.ends_with('y') && tail != "s");
                let (a, b) = (format!("{head}{umlaut}{tail}"), format!("{head}{pair}{tail}"));
                prop_assert_eq!(whole(GERMAN, &a), whole(GERMAN, &b));
                prop_assert_eq!(form(&a), form(&b));
            }
        }
    }
}
