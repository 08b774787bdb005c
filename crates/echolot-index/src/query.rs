//! The query language.
//!
//! | written | means |
//! |---|---|
//! | `Lieferung kam spät` | half of the words (one of two or three), in any of their forms; function words aside |
//! | `"kam zu spät"` | these words, in any of their forms, after each other |
//! | `product:Vitaloop` | what is known about the verbatim; `topic:delivery,staff` is any of them |
//! | `own:late_parcel` | a topic of the company's own, by its key |
//! | `rating:1..2`, `date:2025-06..` | a range, ends included |
//! | `liefer*`, `*kosten` | words with any letters in place of the star |
//! | `akku~`, `akku~1` | words misspelt by up to two letters, or as many as said |
//! | `a AND b`, `a OR b`, `NOT a`, `-a`, `( )` | both, either, not; OR binds least |
//!
//! What stands side by side is a list: half of its words, rounded down, and
//! everything else in it must hold. A word that consists of several, such as `Top-App`, is
//! found in a row or as one word. A function word ("zu", "the") counts only
//! where nothing else is asked for.
//!
//! A [`Query`] is independent of the index: [`Query::matches`] compares it with a
//! single verbatim and agrees with what the index finds.

mod document;
mod field;
mod parser;
mod problem;
mod synonyms;
mod text;

pub use document::Document;
pub(crate) use field::{Condition, Known, Name, NumberField, WordField};
use parser::Parser;
pub use problem::QueryProblem;
pub use synonyms::Synonyms;
pub(crate) use text::{Pattern, Slot, Text, Way};

use crate::error::Error;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub(crate) root: Node,
    said: String,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Everything.
    All,
    Text(Text),
    Condition(Condition),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    /// Half of the words, rounded down but at least one, and all of the rest.
    List {
        words: Vec<Node>,
        rest: Vec<Node>,
    },
}

impl Query {
    /// Reads a query. A blank one asks for everything.
    ///
    /// # Errors
    /// [`Error::Query`] with the place of what cannot be understood.
    pub fn parse(query: &str, synonyms: &Synonyms) -> Result<Self, Error> {
        let mut parser = Parser::new(query, synonyms);
        let root = parser.parse()?;
        Ok(Self { root, said: parser.said.join(" ") })
    }

    /// Reads the rule of an own topic: a query that stands for itself, without
    /// synonyms of the configuration, and names nothing that changes by itself
    /// from night to night: no theme, and no own topic.
    ///
    /// # Errors
    /// As [`Query::parse`]; and for a rule that asks for everything.
    pub fn parse_rule(rule: &str) -> Result<Self, Error> {
        let synonyms = Synonyms::default();
        let mut parser = Parser::new(rule, &synonyms).of_rule();
        let root = parser.parse()?;
        if root == Node::All {
            let problem = QueryProblem::NoWords;
            return Err(Error::Query { query: rule.to_owned(), position: 0, problem });
        }
        Ok(Self { root, said: parser.said.join(" ") })
    }

    /// Everything.
    pub fn all() -> Self {
        Self { root: Node::All, said: String::new() }
    }

    /// The words and phrases that are asked for, without the language around
    /// them: what a model reads for the meaning. Empty when only conditions or
    /// exclusions are given.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Whether a verbatim is what the query asks for.
    pub fn matches(&self, document: &Document) -> bool {
        let mut document = document;
        // Only an index can fail.
        self.root.evaluate(&mut document, Demand::All).unwrap_or(false)
    }
}

/// What is demanded of a verbatim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// All that the query says.
    All,
    /// What meaning does not make up for: plain words, alone or in a list, may
    /// be missing; phrases, wildcards, conditions, exclusions and what is
    /// joined by AND must hold.
    Conditions,
}

/// Something that knows which verbatims meet the leaves of a query.
pub(crate) trait Evaluate {
    /// The verbatims that meet a part.
    type Set;

    fn all(&mut self) -> Self::Set;
    /// Those that say a text; `is_scored` unless it is asked not to be there.
    fn text(&mut self, text: &Text, is_scored: bool) -> Result<Self::Set, Error>;
    fn condition(&mut self, condition: &Condition) -> Self::Set;
    fn not(&mut self, set: Self::Set) -> Self::Set;
    /// Those that are in at least `count` of the sets.
    fn at_least(&mut self, count: usize, sets: Vec<Self::Set>) -> Self::Set;
}

impl Default for Query {
    fn default() -> Self {
        Self::all()
    }
}

impl Node {
    /// The verbatims that meet this part.
    pub(crate) fn evaluate<E: Evaluate>(
        &self,
        on: &mut E,
        demand: Demand,
    ) -> Result<E::Set, Error> {
        self.evaluate_part(on, demand, demand == Demand::All)
    }

    fn evaluate_part<E: Evaluate>(
        &self,
        on: &mut E,
        demand: Demand,
        is_scored: bool,
    ) -> Result<E::Set, Error> {
        let sets = |on: &mut E, parts: &[Self], demand| -> Result<Vec<E::Set>, Error> {
            parts.iter().map(|part| part.evaluate_part(on, demand, is_scored)).collect()
        };
        match self {
            Self::All => Ok(on.all()),
            Self::Text(text) if demand == Demand::Conditions && text.is_plain => Ok(on.all()),
            Self::Text(text) => on.text(text, is_scored),
            Self::Condition(condition) => Ok(on.condition(condition)),
            Self::Not(part) => {
                let inner = part.evaluate_part(on, Demand::All, false)?;
                Ok(on.not(inner))
            }
            Self::And(parts) => {
                let sets = sets(on, parts, Demand::All)?;
                Ok(on.at_least(sets.len(), sets))
            }
            Self::Or(parts) => {
                let sets = sets(on, parts, demand)?;
                Ok(on.at_least(1, sets))
            }
            Self::List { words, rest } => {
                let half = sets(on, words, demand)?;
                let half = on.at_least((words.len() / 2).max(1), half);
                let mut all = sets(on, rest, demand)?;
                all.push(half);
                Ok(on.at_least(all.len(), all))
            }
        }
    }

    /// Whether this only leaves out.
    fn is_negative(&self) -> bool {
        matches!(self, Self::Not(_))
    }

    /// Everything that is asked for and not left out, to be shown in a text.
    pub(crate) fn wanted(&self) -> Vec<&Text> {
        match self {
            Self::All | Self::Condition(_) | Self::Not(_) => vec![],
            Self::Text(text) => vec![text],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::wanted).collect(),
            Self::List { words, rest } => words.iter().chain(rest).flat_map(Self::wanted).collect(),
        }
    }

    /// Whether words decide, so that verbatims can be ranked by them.
    pub(crate) fn is_ranked(&self) -> bool {
        !self.wanted().is_empty()
    }
}

#[cfg(test)]
mod tests;
