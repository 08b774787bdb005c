//! Stems of words, by language.

use echolot_core::Language;
use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

use super::{fold, fold_number, fold_umlauts};

/// The rules by which the words of a language become stems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stemming {
    /// The code of the language, `xx` for all that have no rules.
    code: &'static str,
    algorithm: Option<Algorithm>,
}

const fn rules(code: &'static str, algorithm: Algorithm) -> Stemming {
    Stemming { code, algorithm: Some(algorithm) }
}

impl Stemming {
    pub(super) const GERMAN: Self = rules("de", Algorithm::German);

    /// All there are; a word of a query may be of any language.
    pub(super) const ALL: &[Self] = &[
        Self::GERMAN,
        rules("en", Algorithm::English),
        rules("ar", Algorithm::Arabic),
        rules("da", Algorithm::Danish),
        rules("el", Algorithm::Greek),
        rules("es", Algorithm::Spanish),
        rules("fi", Algorithm::Finnish),
        rules("fr", Algorithm::French),
        rules("hu", Algorithm::Hungarian),
        rules("it", Algorithm::Italian),
        rules("nl", Algorithm::Dutch),
        rules("no", Algorithm::Norwegian),
        rules("pt", Algorithm::Portuguese),
        rules("ro", Algorithm::Romanian),
        rules("ru", Algorithm::Russian),
        rules("sv", Algorithm::Swedish),
        rules("tr", Algorithm::Turkish),
        Self { code: "xx", algorithm: None },
    ];

    /// The rules for a text. One of unknown language, often of a word or two,
    /// is found by the forms of German and of English.
    pub(super) fn of_language(language: Language) -> &'static [Self] {
        if language == Language::UNKNOWN {
            return &Self::ALL[..2];
        }
        let code = if language.code() == "nb" { "no" } else { language.code() };
        let at = Self::ALL.iter().position(|rules| rules.code == code);
        let at = at.unwrap_or(Self::ALL.len() - 1);
        &Self::ALL[at..=at]
    }

    /// The term of a whole word.
    pub(super) fn whole(&self, word: &str) -> String {
        format!("{}={}", self.code, self.stem(word))
    }

    /// The term of a word as part of a compound.
    pub(super) fn part(&self, word: &str) -> String {
        format!("{}+{}", self.code, self.stem(word))
    }

    /// The stems of a part of a compound, with the sign of a whole word or of
    /// a part. One on -er or -el may be that of a verb, as in Lieferzeit, and
    /// is a stem already: Snowball takes -er for an ending.
    pub(super) fn stems_of_part(&self, part: &str, sign: char) -> Vec<String> {
        let is_stem = part.ends_with("er") || part.ends_with("el");
        let stem = self.stem(part);
        let given = (is_stem && stem != part).then(|| part.to_owned());
        let stems = std::iter::once(stem).chain(given);
        stems.map(|stem| format!("{}{sign}{stem}", self.code)).collect()
    }

    /// The stem of a word as it is written, or of one that is folded already.
    pub(super) fn stem(&self, word: &str) -> String {
        let folded = fold(word);
        if folded.chars().any(char::is_numeric) {
            return fold_number(&folded);
        }
        match self.algorithm {
            None => folded,
            Some(Algorithm::German) => german_stem(&fold_umlauts(&folded)),
            // In Latin script people leave accents out; in others a mark makes
            // another letter, by which the rules know an ending.
            Some(algorithm) if folded.is_ascii() => snowball(algorithm, &folded),
            Some(algorithm) => {
                let lower: String = word.nfc().flat_map(char::to_lowercase).collect();
                fold(&snowball(algorithm, &lower))
            }
        }
    }
}

/// Snowball German, and two endings that it leaves: -et after t or d, so that
/// "verspätet" meets "Verspätung", and the plural of loan words ("Akkus",
/// "Apps", "Infos").
fn german_stem(word: &str) -> String {
    let mut stem = snowball(Algorithm::German, word);
    if stem.len() >= 6 && (stem.ends_with("tet") || stem.ends_with("det")) {
        stem.truncate(stem.len() - 2);
    }
    let is_plural = match stem.as_bytes() {
        [.., b'p', b's'] => stem.len() >= 4,
        [.., b'a' | b'i' | b'o' | b'u' | b'y', b's'] => stem.len() >= 5,
        _ => false,
    };
    if is_plural {
        stem.truncate(stem.len() - 1);
    }
    stem
}

fn snowball(algorithm: Algorithm, word: &str) -> String {
    Stemmer::create(algorithm).stem(word).into_owned()
}
