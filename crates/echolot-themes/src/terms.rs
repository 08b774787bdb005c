//! Texts to the terms by which themes are named: words and short phrases.

use std::collections::HashMap;

use echolot_core::Language;
use rust_stemmers::{Algorithm, Stemmer};

use crate::spelling::push_folded;
use crate::stopwords::{Role, Roles};

/// A word, or up to [`PHRASE_WORDS`] words that stand side by side, whatever
/// their endings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Term(pub(crate) Vec<String>);

/// The stem of all negations.
const NOT: &str = "¬";

/// The most words of a term.
const PHRASE_WORDS: usize = 3;

/// One occurrence of a term in a text.
#[derive(Debug)]
pub(crate) struct Occurrence {
    pub(crate) term: Term,
    /// As it was written.
    pub(crate) surface: String,
    /// Whether it opens a sentence, so that its capital says nothing.
    pub(crate) opens: bool,
}

/// Reads terms out of texts of any language.
pub(crate) struct Reader {
    roles: Roles,
    stemmers: HashMap<&'static str, Stemmer>,
}

struct Word<'a> {
    surface: &'a str,
    stem: String,
    role: Role,
    opens: bool,
    /// Whether only a space stands between this word and the one before.
    adjoins: bool,
    /// Whether a clause ends here, by a mark or by the word that follows.
    closes: bool,
}

/// The text without what stands for personal data, such as `[EMAIL*****]`: it
/// is nobody's word. A line stands in its place, so that nothing adjoins over
/// it.
pub(crate) fn without_masks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        kept.push_str(before);
        let close = from.find(']').filter(|close| is_mask(&from[1..*close]));
        let end = close.map_or(1, |close| close + 1);
        kept.push_str(if close.is_some() { "|" } else { "[" });
        rest = &from[end..];
    }
    kept.push_str(rest);
    kept
}

/// Whether a text is nothing but what stands for personal data, as where a chat
/// asks for an address and gets it.
pub(crate) fn is_all_masks(text: &str) -> bool {
    text.contains('[') && {
        let kept = without_masks(text);
        kept != text && !kept.chars().any(char::is_alphanumeric)
    }
}

/// Whether this stands between brackets in a mask: a label in capitals, filled
/// up with asterisks.
fn is_mask(inside: &str) -> bool {
    let label = inside.trim_end_matches('*');
    label.len() > 1 && label.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

impl Reader {
    pub(crate) fn new() -> Self {
        let stemmers = [
            ("da", Algorithm::Danish),
            ("de", Algorithm::German),
            ("en", Algorithm::English),
            ("es", Algorithm::Spanish),
            ("fi", Algorithm::Finnish),
            ("fr", Algorithm::French),
            ("hu", Algorithm::Hungarian),
            ("it", Algorithm::Italian),
            ("nl", Algorithm::Dutch),
            ("no", Algorithm::Norwegian),
            ("pt", Algorithm::Portuguese),
            ("ro", Algorithm::Romanian),
            ("ru", Algorithm::Russian),
            ("sv", Algorithm::Swedish),
            ("tr", Algorithm::Turkish),
        ];
        let create = |(code, algorithm)| (code, Stemmer::create(algorithm));
        Self { roles: Roles::new(), stemmers: stemmers.into_iter().map(create).collect() }
    }

    /// The terms of a text in the order of their place: every content word, and
    /// every phrase of adjoining words that says something by itself.
    pub(crate) fn terms(&self, text: &str, language: Language) -> Vec<Occurrence> {
        let text = without_masks(text);
        let words = self.words(&text, language);
        let mut occurrences = vec![];
        for start in 0..words.len() {
            for length in 1..=PHRASE_WORDS.min(words.len() - start) {
                let phrase = &words[start..start + length];
                if length > 1 && !phrase[length - 1].adjoins {
                    break;
                }
                if says_something(phrase, language) {
                    let surfaces: Vec<&str> = phrase.iter().map(|word| word.surface).collect();
                    occurrences.push(Occurrence {
                        term: Term(phrase.iter().map(|word| word.stem.clone()).collect()),
                        surface: surfaces.join(" "),
                        opens: phrase[0].opens,
                    });
                }
            }
        }
        occurrences
    }

    /// The terms of a text, each once, in their order.
    pub(crate) fn distinct_terms(&self, text: &str, language: Language) -> Vec<Term> {
        let mut terms: Vec<Term> =
            self.terms(text, language).into_iter().map(|found| found.term).collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    fn words<'a>(&self, text: &'a str, language: Language) -> Vec<Word<'a>> {
        let stemmer = self.stemmers.get(language.code());
        let mut words = vec![];
        let mut rest = text;
        let mut opens = true;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            let gap = &rest[..start];
            opens |= gap.contains(['.', '!', '?', ':', '\n', '…', '"', '„', '“']);
            let run = &rest[start..];
            let end = word_end(run);
            let surface = &run[..end];
            let folded = fold(surface);
            let role = self.roles.of(&folded);
            let stem = match stemmer {
                // Whatever the writer negates with, it is the same term.
                _ if role == Role::Negation && folded != "mehr" => NOT.to_owned(),
                Some(stemmer) if language == Language::GERMAN => {
                    stemmer.stem(&unfold(&folded)).into_owned()
                }
                Some(stemmer) => stemmer.stem(&surface.to_lowercase()).into_owned(),
                None => folded.clone(),
            };
            words.push(Word { surface, stem, role, opens, adjoins: gap == " ", closes: true });
            opens = false;
            rest = &run[end..];
        }
        for index in 1..words.len() {
            let next = &words[index];
            words[index - 1].closes = !next.adjoins || is_conjunction(next.surface);
        }
        words
    }
}

/// Whether words that stand side by side make a term: they begin and end with
/// what carries meaning, and one of them does so alone. A particle carries it
/// where it ends a clause, as the part of a verb: `stürzt ab`, `log in`. A
/// negation carries it at the end where it follows a verb: `öffnet nicht mehr`,
/// but not `card isn't` or `App nicht`, which are sentences cut off.
fn says_something(words: &[Word], language: Language) -> bool {
    let Some((last, before)) = words.split_last() else { return false };
    let has_content = words.iter().any(|word| word.role == Role::Content);
    let begins_well = matches!(words[0].role, Role::Content | Role::Negation);
    let ends_well = match (last.role, before.last()) {
        (Role::Content, _) => true,
        (Role::Negation, Some(verb)) => language != Language::ENGLISH && may_be_negated(verb),
        (Role::Particle, Some(verb)) => last.closes && verb.role != Role::Stop,
        _ => false,
    };
    has_content && begins_well && ends_well
}

/// Whether a word can stand before a negation that says something of it: no
/// stop word, and no noun, which German writes with a capital.
fn may_be_negated(word: &Word) -> bool {
    let is_noun = word.surface.starts_with(char::is_uppercase) && !word.opens;
    !is_noun && matches!(word.role, Role::Content | Role::Negation)
}

fn is_conjunction(word: &str) -> bool {
    ["und", "oder", "aber", "and", "or", "but"].contains(&word.to_lowercase().as_str())
}

/// Where the word at the start of `run` ends. Hyphens, apostrophes and dots
/// between letters or digits belong to it (`WLAN-Router`, `doesn't`, `4.2.0`).
fn word_end(run: &str) -> usize {
    let mut end = 0;
    let mut chars = run.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let joins = match c {
            '-' | '\'' | '’' => next.is_some_and(char::is_alphanumeric),
            '.' => next.is_some_and(|next| next.is_ascii_digit()),
            c => c.is_alphanumeric(),
        };
        if !joins {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// Lower case with umlauts as two letters and one kind of apostrophe.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len() + 2);
    for c in word.chars() {
        push_folded(&mut folded, if c == '’' { '\'' } else { c });
    }
    folded
}

/// Folded umlauts as umlauts again, which the German stemmer then takes for
/// the plain vowel: `zuege` and `zug` have one stem. Other words with these
/// letters suffer the same change wherever they occur, so no harm is done.
/// After `a`, `e` and `q` the letters `ue` are none (`neue`, `Frauen`).
fn unfold(folded: &str) -> String {
    let mut unfolded = String::with_capacity(folded.len());
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        let umlaut = match c {
            'a' => 'ä',
            'o' => 'ö',
            'u' if !unfolded.ends_with(['a', 'e', 'q']) => 'ü',
            _ => c,
        };
        if umlaut != c && chars.next_if_eq(&'e').is_some() {
            unfolded.push(umlaut);
        } else {
            unfolded.push(c);
        }
    }
    unfolded
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[test]
    fn masks_are_nobodys_words() {
        let mail = "Mail an [EMAIL*****], bitte [dringend]";
        assert_eq!(without_masks(mail), "Mail an |, bitte [dringend]");
        assert_eq!(without_masks("[PHONE] [A [IBAN***]"), "| [A |");
        assert_eq!(without_masks("offen ["), "offen [");
        for (text, expected) in
            [("[EMAIL*****].", true), ("[PHONE], [NAME*]", true), ("[EMAIL*] bitte", false)]
        {
            assert_eq!(is_all_masks(text), expected, "{text}");
        }
        assert!(!is_all_masks("👍") && !is_all_masks("[ok]"));
    }

    fn check(text: &str, language: Language, expected: &Expect) {
        let occurrences = Reader::new().terms(text, language);
        let lines: Vec<String> = occurrences
            .iter()
            .map(|found| format!("{} <- {}", found.term.0.join("+"), found.surface))
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn german_words_are_stemmed_and_folded() {
        check(
            "Die Lieferungen kamen zu spät, geht nicht!",
            Language::GERMAN,
            &expect![[r"
                liefer <- Lieferungen
                liefer+kam <- Lieferungen kamen
                kam <- kamen
                kam+zu+spat <- kamen zu spät
                spat <- spät"]],
        );
    }

    #[test]
    fn spellings_and_numbers_of_a_german_word_are_one_term() {
        let reader = Reader::new();
        for forms in
            [["Züge", "Zug", "Zuege"], ["spät", "spaet", "SPÄT"], ["Straße", "Strasse", "strassen"]]
        {
            let term = |form| reader.terms(form, Language::GERMAN).remove(0).term;
            assert_eq!(forms.map(term), [term(forms[0]), term(forms[0]), term(forms[0])]);
        }
    }

    #[test]
    fn negations_count_beside_a_content_word() {
        check(
            "App funktioniert nicht",
            Language::GERMAN,
            &expect![[r"
                app <- App
                app+funktioniert <- App funktioniert
                app+funktioniert+¬ <- App funktioniert nicht
                funktioniert <- funktioniert
                funktioniert+¬ <- funktioniert nicht"]],
        );
    }

    #[test]
    fn parts_of_verbs_end_a_clause_and_prepositions_do_not() {
        check(
            "App stürzt ab, Login auf dem Handy meldet nicht an. Öffnet nicht mehr",
            Language::GERMAN,
            &expect![[r"
                app <- App
                app+sturzt <- App stürzt
                app+sturzt+ab <- App stürzt ab
                sturzt <- stürzt
                sturzt+ab <- stürzt ab
                login <- Login
                handy <- Handy
                handy+meldet <- Handy meldet
                handy+meldet+¬ <- Handy meldet nicht
                meldet <- meldet
                meldet+¬ <- meldet nicht
                meldet+¬+an <- meldet nicht an
                offnet <- Öffnet
                offnet+¬ <- Öffnet nicht
                offnet+¬+mehr <- Öffnet nicht mehr"]],
        );
        check(
            "I can't log in and it doesn't work",
            Language::ENGLISH,
            &expect![[r"
                ¬+log <- can't log
                ¬+log+in <- can't log in
                log <- log
                log+in <- log in
                ¬+work <- doesn't work
                work <- work"]],
        );
    }

    #[test]
    fn codes_versions_and_compounds_stay_whole() {
        check(
            "Error 39508 since v1.0.4 on my Wi-Fi router, 5 times",
            Language::ENGLISH,
            &expect![[r"
                error <- Error
                error+39508 <- Error 39508
                39508 <- 39508
                39508+sinc+v1.0.4 <- 39508 since v1.0.4
                v1.0.4 <- v1.0.4
                wi-fi <- Wi-Fi
                wi-fi+router <- Wi-Fi router
                router <- router
                time <- times"]],
        );
    }
}
