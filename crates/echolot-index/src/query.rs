//! The query language: words, "phrases" and -exclusions.
//!
//! At least half of the words must occur, in any of their forms; what holds
//! more of them, or rarer ones, comes first. Every phrase must occur. Function words ("zu", "the") are wished for but not demanded, as
//! long as another word is there. Words in quotation marks must follow each
//! other. A minus sign before a word or phrase leaves out what holds it. A
//! word that consists of several, such as `Top-App`, is a phrase.

use std::fmt;

use crate::analyser::{self, Analyser};
use crate::error::Error;

/// What is wrong with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryProblem {
    /// A quotation mark opens a phrase and none closes it.
    UnclosedPhrase,
    /// Nothing that could be found stands in quotation marks.
    EmptyPhrase,
    /// The query holds only punctuation.
    NoWords,
}

impl fmt::Display for QueryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnclosedPhrase => "the phrase that begins here has no closing quotation mark",
            Self::EmptyPhrase => "there is no word between the quotation marks",
            Self::NoWords => "there is no word to search for",
        })
    }
}

/// How a clause takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occur {
    Required,
    Wished,
    Excluded,
}

/// Words that must follow each other; mostly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) occur: Occur,
    pub(crate) words: Vec<String>,
}

impl Clause {
    /// The terms of the words for one analyser.
    pub(crate) fn terms(&self, analyser: Analyser) -> Vec<String> {
        self.words.iter().map(|word| analyser.term(word)).collect()
    }
}

/// Reads a query. A blank one has no clauses.
pub(crate) fn parse(query: &str) -> Result<Vec<Clause>, Error> {
    let chars: Vec<char> = query.chars().collect();
    let mut clauses = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let begin = at;
        let starts_word = begin == 0 || chars[begin - 1].is_whitespace();
        let is_excluded = is_minus(chars[at]) && starts_word;
        at += usize::from(is_excluded);
        match chars.get(at) {
            Some(c) if is_quote(*c) => {
                let open = at;
                let close = chars[open + 1..].iter().position(|c| is_quote(*c));
                let Some(length) = close else {
                    return Err(problem(open, QueryProblem::UnclosedPhrase));
                };
                let words = split(&chars[open + 1..=open + length]);
                if words.is_empty() {
                    return Err(problem(open, QueryProblem::EmptyPhrase));
                }
                clauses.push(Clause { occur: occur(is_excluded), words });
                at = open + length + 2;
            }
            Some(c) if !c.is_whitespace() => {
                let is_end = |c: &char| c.is_whitespace() || is_quote(*c);
                let length = chars[at..].iter().position(is_end).unwrap_or(chars.len() - at);
                let words = split(&chars[at..at + length]);
                if !words.is_empty() {
                    clauses.push(Clause { occur: occur(is_excluded), words });
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    if clauses.is_empty() && !query.trim().is_empty() {
        let first = chars.iter().position(|c| !c.is_whitespace()).unwrap_or(0);
        return Err(problem(first, QueryProblem::NoWords));
    }
    release_function_words(&mut clauses);
    Ok(clauses)
}

fn problem(position: usize, problem: QueryProblem) -> Error {
    Error::Query { position, problem }
}

fn occur(is_excluded: bool) -> Occur {
    if is_excluded { Occur::Excluded } else { Occur::Required }
}

fn split(chars: &[char]) -> Vec<String> {
    let text: String = chars.iter().collect();
    analyser::words(&text).into_iter().map(|range| text[range].to_owned()).collect()
}

fn release_function_words(clauses: &mut [Clause]) {
    let is_weak =
        |clause: &Clause| matches!(&clause.words[..], [word] if analyser::is_function_word(word));
    let is_strong = |clause: &Clause| clause.occur == Occur::Required && !is_weak(clause);
    if !clauses.iter().any(is_strong) {
        return;
    }
    for clause in clauses {
        if clause.occur == Occur::Required && is_weak(clause) {
            clause.occur = Occur::Wished;
        }
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−')
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(query: &str, expected: &Expect) {
        let shown = match parse(query) {
            Ok(clauses) => clauses.iter().map(show).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&shown);
    }

    fn show(clause: &Clause) -> String {
        let sign = match clause.occur {
            Occur::Required => '+',
            Occur::Wished => '~',
            Occur::Excluded => '-',
        };
        format!("{sign}{}", clause.words.join("_"))
    }

    #[test]
    fn words_phrases_and_exclusions() {
        check("Lieferung spät", &expect!["+Lieferung +spät"]);
        check("Lieferung kam zu spät", &expect!["+Lieferung +kam ~zu +spät"]);
        check("\"zu spät\" -Hotline", &expect!["+zu_spät -Hotline"]);
        check("„zu spät“ -\"gerne wieder\"", &expect!["+zu_spät -gerne_wieder"]);
        check("Top-App 3.11.0 Fehler:39508", &expect!["+Top_App +3.11.0 +Fehler_39508"]);
        check("Lieferung - zu spät!", &expect!["+Lieferung ~zu +spät"]);
        check("to be or not to be", &expect!["~to ~be ~or +not ~to ~be"]);
        check("in der", &expect!["+in +der"]);
        check("-der Preis", &expect!["-der +Preis"]);
        check("", &expect![""]);
        check("  ", &expect![""]);
    }

    #[test]
    fn a_malformed_query_is_told_where() {
        check(
            "gut \"zu spät",
            &expect![
                "the query has an error at character 4: the phrase that begins here has no closing quotation mark"
            ],
        );
        check(
            "für -\"\" gut",
            &expect![
                "the query has an error at character 5: there is no word between the quotation marks"
            ],
        );
        check(
            "  ?!",
            &expect!["the query has an error at character 2: there is no word to search for"],
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_query_or_an_error_within_it(query in any::<String>()) {
            match parse(&query) {
                Ok(clauses) => prop_assert!(clauses.iter().all(|clause| !clause.words.is_empty())),
                Err(Error::Query { position, .. }) => prop_assert!(position < query.chars().count()),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
