//! What a word, phrase, wildcard or misspelling of a query finds.

use super::Synonyms;
use crate::analyser::{self, FORM_SIGN, Tokens};

/// How much a synonym counts beside the word itself.
const SYNONYM_WEIGHT: f32 = 0.8;
/// How much the parts of a compound count, when they stand apart.
const SCATTERED_WEIGHT: f32 = 0.5;
/// The letters of a word in which one edit is allowed, and from which on two.
const ONE_EDIT_FROM: usize = 3;
const TWO_EDITS_FROM: usize = 6;

/// Something to find in a text: any of several ways to say it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) ways: Vec<Way>,
    /// A word without quotation mark, wildcard or tilde, of which a text by
    /// its meaning may do without.
    pub(crate) is_plain: bool,
}

/// Words that must occur together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    pub(crate) slots: Vec<Slot>,
    /// Whether they must follow each other.
    pub(crate) is_ordered: bool,
    pub(crate) weight: f32,
}

/// One word, in any of its forms.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Slot {
    /// Terms of the index with the weight of each.
    Terms(Vec<(String, f32)>),
    /// All words that are like a pattern.
    Like(Pattern),
}

/// What the form of a word is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// The pieces between wildcards, each of which stands for any letters.
    Wildcard(Vec<String>),
    /// A word with at most `edits` letters put in, left out, replaced or
    /// swapped with their neighbour; the first letter stays.
    Fuzzy { form: Vec<char>, edits: usize },
}

impl Text {
    /// One or several words as they stand in a query without quotation marks.
    /// Several, such as `Top-App`, must follow each other or be one word.
    pub(crate) fn plain(words: &[String], synonyms: &Synonyms) -> Self {
        let one = |word: &str, weight| Way {
            slots: vec![Slot::Terms(analyser::terms_of_query(word))],
            is_ordered: false,
            weight,
        };
        let ways = if let [word] = words {
            let parts = analyser::german_parts(word);
            let scattered = (!parts.is_empty()).then(|| Way {
                slots: parts
                    .iter()
                    .map(|part| Slot::Terms(analyser::terms_of_part(part)))
                    .collect(),
                is_ordered: false,
                weight: SCATTERED_WEIGHT,
            });
            let synonyms = synonyms.of(word).map(|word| one(word, SYNONYM_WEIGHT));
            std::iter::once(one(word, 1.0)).chain(scattered).chain(synonyms).collect()
        } else {
            vec![sequence(words), one(&words.concat(), 1.0)]
        };
        Self { ways, is_plain: true }
    }

    /// Words that must follow each other, as they are: no compounds, no synonyms.
    pub(crate) fn phrase(words: &[String]) -> Self {
        Self { ways: vec![sequence(words)], is_plain: false }
    }

    /// All words like a pattern.
    pub(crate) fn like(pattern: Pattern) -> Self {
        let way = Way { slots: vec![Slot::Like(pattern)], is_ordered: false, weight: 1.0 };
        Self { ways: vec![way], is_plain: false }
    }

    /// Whether a text says it.
    pub(crate) fn is_in(&self, tokens: &Tokens) -> bool {
        self.ways.iter().any(|way| !way.places(tokens).is_empty())
    }
}

fn sequence(words: &[String]) -> Way {
    let slots = words.iter().map(|word| Slot::Terms(analyser::whole_terms(word))).collect();
    Way { slots, is_ordered: true, weight: 1.0 }
}

impl Way {
    /// The words of a text by which it says this, as ranges of their numbers;
    /// none where it does not.
    pub(crate) fn places(&self, tokens: &Tokens) -> Vec<(usize, usize)> {
        if self.is_ordered {
            let fits = |window: &[Vec<String>]| {
                window.iter().zip(&self.slots).all(|(terms, slot)| slot.accepts(terms))
            };
            let windows = tokens.terms.windows(self.slots.len()).enumerate();
            let fitting = windows.filter(|(_, window)| fits(window));
            return fitting.map(|(start, _)| (start, start + self.slots.len())).collect();
        }
        let mut places = Vec::new();
        for slot in &self.slots {
            let before = places.len();
            let words = tokens.terms.iter().enumerate();
            let fitting = words.filter(|(_, terms)| slot.accepts(terms));
            places.extend(fitting.map(|(at, _)| (at, at + 1)));
            if places.len() == before {
                return Vec::new();
            }
        }
        places
    }
}

impl Slot {
    /// Whether a word of a text, given by its terms, is meant.
    fn accepts(&self, terms: &[String]) -> bool {
        match self {
            Self::Terms(wanted) => terms.iter().any(|term| wanted.iter().any(|(w, _)| w == term)),
            Self::Like(pattern) => terms
                .iter()
                .filter_map(|term| term.strip_prefix(FORM_SIGN))
                .any(|form| pattern.accepts(form)),
        }
    }
}

impl Pattern {
    /// Reads letters among which `*` stands for any; none when there are fewer than two.
    pub(crate) fn wildcard(letters: &str) -> Option<Self> {
        let pieces = letters.split('*').map(|piece| {
            let letters: String = piece.chars().filter(|c| c.is_alphanumeric()).collect();
            analyser::form(&letters)
        });
        let pieces: Vec<String> = pieces.collect();
        let count: usize = pieces.iter().map(|piece| piece.chars().count()).sum();
        (count >= 2).then_some(Self::Wildcard(pieces))
    }

    /// A word that may be misspelt. Without a number of edits it follows from
    /// the length: none below three letters, one below six, else two.
    pub(crate) fn fuzzy(word: &str, edits: Option<usize>) -> Self {
        let form: Vec<char> = analyser::form(word).chars().collect();
        let edits = edits.unwrap_or(match form.len() {
            TWO_EDITS_FROM.. => 2,
            ONE_EDIT_FROM.. => 1,
            _ => 0,
        });
        Self::Fuzzy { form, edits }
    }

    /// What every accepted form begins with.
    pub(crate) fn beginning(&self) -> String {
        match self {
            Self::Wildcard(pieces) => pieces[0].clone(),
            Self::Fuzzy { form, .. } => form.iter().take(1).collect(),
        }
    }

    /// Whether a form is like the pattern.
    pub(crate) fn accepts(&self, word: &str) -> bool {
        match self {
            Self::Wildcard(pieces) => fits(pieces, word),
            Self::Fuzzy { form, edits } => {
                word.chars().next() == form.first().copied()
                    && is_within(form, &word.chars().collect::<Vec<_>>(), *edits)
            }
        }
    }
}

fn fits(pieces: &[String], word: &str) -> bool {
    let (first, rest) = pieces.split_first().expect("a pattern has a piece");
    let Some(mut left) = word.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
    for piece in middle {
        let Some(at) = left.find(piece.as_str()) else { return false };
        left = &left[at + piece.len()..];
    }
    left.ends_with(last.as_str())
}

/// Whether at most `edits` insertions, deletions, replacements and swaps of
/// neighbours lead from one word to the other, no letter edited twice (the
/// optimal string alignment distance).
fn is_within(a: &[char], b: &[char], edits: usize) -> bool {
    if a.len().abs_diff(b.len()) > edits {
        return false;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        if row.iter().min() > Some(&edits) {
            return false;
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()] <= edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_any_letters() {
        let accepts = |pattern: &str, word: &str| {
            Pattern::wildcard(pattern).unwrap().accepts(&analyser::form(word))
        };
        assert!(accepts("liefer*", "Lieferungen") && accepts("liefer*", "liefer"));
        assert!(accepts("*kosten", "Versandkosten") && !accepts("*kosten", "kostenlos"));
        assert!(accepts("ver*ung", "Verspätung") && accepts("verspae*", "Verspätung"));
        assert!(accepts("grö*", "groesser") && accepts("GROE*", "Größe"));
        assert!(!accepts("ab*ba", "aba") && accepts("ab*ba", "abba"));
        assert_eq!(Pattern::wildcard("a*"), None);
        assert_eq!(Pattern::wildcard("**"), None);
    }

    #[test]
    fn misspelt_words_are_near_and_others_are_not() {
        let near = |a: &str, b: &str| Pattern::fuzzy(a, None).accepts(&analyser::form(b));
        assert!(near("akku", "Aku") && near("akku", "akkku") && near("akku", "akuk"));
        assert!(near("Verspätung", "Verspähtung") && near("lieferung", "leiferung"));
        assert!(!near("akku", "Auto") && !near("in", "im") && near("in", "in"));
        assert!(!near("haus", "maus"), "the first letter stays");
        assert!(!Pattern::fuzzy("lieferung", Some(1)).accepts("lefrung"));
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        let chars = |word: &str| word.chars().collect::<Vec<_>>();
        let distance = |a: &str, b: &str| (0..9).find(|n| is_within(&chars(a), &chars(b), *n));
        assert_eq!(distance("ca", "abc"), Some(3));
        assert_eq!(distance("kitten", "sitting"), Some(3));
        assert_eq!(distance("ab", "ba"), Some(1));
        assert_eq!(distance("", "ab"), Some(2));
    }
}
