//! German compounds, taken apart by a list of words.
//!
//! The method is that of Koehn and Knight, "Empirical Methods for Compound
//! Splitting" (EACL 2003): a word is split where all parts are known words,
//! linking letters allowed between them, unless the whole is more frequent
//! than the geometric mean of its parts. They translate, where a compound with
//! a meaning of its own had better stay whole; who searches for `Fehler` wants
//! `Fehlermeldung`, however frequent it is. So a word stays whole only when it
//! is several times as frequent, as names are. The list says besides which
//! words are nouns, since only a noun ends a compound of nouns, and of several
//! ways to split the one with the fewest parts is taken, then the one with
//! the most frequent.
//!
//! The list is compiled in, so that what a text says does not depend on what
//! else is stored. `corpora/make_compound_parts.py` makes it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::stemming::Stemming;
use super::{fold, fold_umlauts};

const LIST: &str = include_str!("../../data/compound_parts.txt");
/// Letters that may stand between two parts.
const LINKS: [&str; 6] = ["", "s", "es", "n", "en", "er"];
/// Endings that a form may have beside the ones in the list.
const ENDINGS: [&str; 6] = ["n", "en", "e", "er", "s", "es"];
/// How many times as frequent as the geometric mean of its parts a word may be.
const WHOLE_RATIO: u128 = 4;
/// The shortest part; those of three letters are chosen by hand.
const MIN_PART: usize = 3;
/// "Fehlende" is no end of anything.
const PARTICIPLE_ENDINGS: [&str; 2] = ["ende", "enden"];

static WORDS: LazyLock<PartList> = LazyLock::new(|| PartList::read(LIST));

/// The words that compounds are made of, folded, with their frequencies.
#[derive(Debug, Default)]
struct PartList {
    nouns: HashMap<String, u64>,
    /// Nouns by their stem, for forms that are not in the list.
    noun_stems: HashMap<String, u64>,
    /// Stems of verbs, which only open a compound.
    verbs: HashMap<String, u64>,
}

/// The best way to take apart what follows a place in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Split {
    parts: Vec<String>,
    /// The product of the frequencies.
    product: u128,
}

impl Split {
    fn is_better_than(&self, other: &Self) -> bool {
        (other.parts.len(), self.product) > (self.parts.len(), other.product)
    }
}

/// The parts of a folded word from left to right; none when it is no compound.
pub(super) fn split(word: &str) -> Vec<String> {
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) { WORDS.split(word) } else { Vec::new() }
}

/// The parts of a folded word, and the parts of these.
pub(super) fn all_parts(word: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = vec![word.to_owned()];
    while let Some(word) = open.pop() {
        let parts = split(&word);
        open.extend(parts.iter().cloned());
        found.extend(parts);
    }
    found
}

impl PartList {
    fn read(list: &str) -> Self {
        let mut read = Self::default();
        for line in list.lines() {
            let (word, count) = line.split_once(' ').unwrap_or((line, "1"));
            let count = count.parse().unwrap_or(1);
            let folded = fold_umlauts(&fold(word.trim_end_matches('-')));
            let slot = if word.ends_with('-') { &mut read.verbs } else { &mut read.nouns };
            let most = slot.entry(folded).or_default();
            *most = count.max(*most);
        }
        for (noun, count) in &read.nouns {
            let most = read.noun_stems.entry(Stemming::GERMAN.stem(noun)).or_default();
            *most = (*count).max(*most);
        }
        read
    }

    /// The parts of a word from left to right; none when it stays whole.
    fn split(&self, word: &str) -> Vec<String> {
        // What follows each place, from the end to the beginning.
        let mut best: Vec<Option<Split>> = vec![None; word.len()];
        for start in (0..word.len().saturating_sub(MIN_PART - 1)).rev() {
            let mut candidates = Vec::new();
            if start > 0
                && let Some(count) = self.end(&word[start..])
            {
                let parts = vec![word[start..].to_owned()];
                candidates.push(Split { parts, product: u128::from(count) });
            }
            for cut in start + MIN_PART..word.len() {
                let Some(rest) = &best[cut] else { continue };
                let Some((opening, count)) = self.opening(&word[start..cut], &rest.parts[0]) else {
                    continue;
                };
                let parts = std::iter::once(opening).chain(rest.parts.iter().cloned()).collect();
                candidates
                    .push(Split { parts, product: rest.product.saturating_mul(count.into()) });
            }
            best[start] = candidates
                .into_iter()
                .reduce(|best, next| if next.is_better_than(&best) { next } else { best });
        }
        let Some(Some(split)) = best.into_iter().next() else { return Vec::new() };
        let whole = u128::from(self.nouns.get(word).copied().unwrap_or(0));
        let num_parts = split.parts.len() as u32;
        let most = split.product.saturating_mul(WHOLE_RATIO.saturating_pow(num_parts));
        let is_one_word = whole.saturating_pow(num_parts) > most;
        if is_one_word { Vec::new() } else { split.parts }
    }

    /// The frequency of a word that may end a compound.
    fn end(&self, word: &str) -> Option<u64> {
        self.nouns.get(word).copied().or_else(|| {
            let is_form = ENDINGS.iter().any(|ending| word.ends_with(ending)) && word.len() > 4;
            is_form.then(|| self.noun_stems.get(&Stemming::GERMAN.stem(word)).copied())?
        })
    }

    /// The word that opens a compound as `letters`, with its frequency.
    fn opening(&self, letters: &str, next: &str) -> Option<(String, u64)> {
        let linked = LINKS.iter().filter_map(|link| {
            let noun = letters.strip_suffix(link)?;
            let long_enough = noun.len() > MIN_PART || (link.is_empty() && noun.len() == MIN_PART);
            let count = self.nouns.get(noun).filter(|_| long_enough)?;
            Some((noun.to_owned(), *count))
        });
        // "Adressbuch", "Sprachwahl": a final e falls, if not of short words:
        // "Support" is no Suppe.
        let shortened = (letters.len() > MIN_PART + 1)
            .then(|| self.nouns.get_key_value(&format!("{letters}e")))
            .flatten()
            .map(|(noun, count)| (noun.clone(), *count));
        let verb = (!PARTICIPLE_ENDINGS.contains(&next))
            .then(|| self.verbs.get(letters))
            .flatten()
            .map(|count| (letters.to_owned(), *count));
        let readings = linked.chain(shortened).chain(verb);
        readings.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &str) {
        assert_eq!(all_parts(&fold_umlauts(&fold(word))).join(" "), expected, "{word}");
    }

    #[test]
    fn compounds_are_taken_apart() {
        check("Lieferverzögerung", "liefer verzogerung");
        check("Lieferverzögerungen", "liefer verzogerungen");
        check("Akkulaufzeit", "akku laufzeit lauf zeit");
        check("Versandkosten", "versand kosten");
        check("Kundendienst", "kunde dienst");
        check("Fehlermeldung", "fehler meldung");
        check("Adressänderung", "adresse anderung");
        check("Appabsturz", "app absturz");
        check("Wartezeit", "warte zeit");
        check("Rückerstattung", "ruck erstattung");
        check("Rechnungsbetrag", "rechnung betrag");
    }

    #[test]
    fn other_words_stay_whole() {
        for word in [
            "Lieferung",
            "Software",
            "Antwort",
            "Partner",
            "überhaupt",
            "fehlende",
            "kommende",
            "Erwartung",
            "Mitarbeiter",
            "Benachrichtigung",
            "Samsung",
            "erreichbar",
            "Support",
            "Android",
            "Android",
            "gut",
            "zuverlässig",
            "39508",
            "",
            "x",
            "配送",
        ] {
            check(word, "");
        }
    }

    #[test]
    fn the_whole_stays_when_it_is_more_frequent_than_its_parts() {
        let list = PartList::read("karten 4\nspiel 9\nkartenspiel 25\nabend 2\n");
        assert_eq!(list.split("kartenspiel"), Vec::<String>::new());
        let list = PartList::read("karten 4\nspiel 9\nkartenspiel 24\nabend 2\n");
        assert_eq!(list.split("kartenspiel"), ["karten", "spiel"]);
        // Fewer parts go before more frequent ones.
        assert_eq!(list.split("kartenspielabend"), ["kartenspiel", "abend"]);
    }
}
