//! A taxonomy of a company's own: what its topics are, and which verbatims have them.
//!
//! A verbatim has an own topic where the rule of the topic holds, where one of
//! its opinion units is like the examples, or where it has a topic below it.
//! The same is found row by row as items are written, and over all rows by
//! the search index and the vectors when a taxonomy is applied.

use echolot_core::{Fingerprint, JourneyStage, Timestamp};

use crate::error::Error;
use crate::query::{Document, Query};
use crate::records::RowId;
use crate::search::cosine;

/// A topic of a company's own.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnTopic {
    /// What it is asked for by: a word without blanks and commas.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The key of the topic above it.
    pub parent: Option<String>,
    /// A query that holds for verbatims that have it.
    pub rule: Option<String>,
    /// What its examples have in common.
    pub prototype: Option<TopicPrototype>,
    /// The journey stage of verbatims that have it.
    pub stage: Option<JourneyStage>,
    /// The touchpoint of verbatims that have it.
    pub touchpoint: Option<String>,
}

/// What opinion units are compared with to be put to an own topic.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPrototype {
    /// The direction of the examples, one signed byte a component.
    pub vector: Vec<i8>,
    /// The least cosine of a unit that has the topic, -1..=1.
    pub threshold: f32,
}

/// A taxonomy as it was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedTaxonomy {
    /// The generation that has it.
    pub generation: u64,
    /// When it was applied.
    pub at: Timestamp,
    /// Who applied it.
    pub author: String,
    /// The file as it was given.
    pub document: String,
    /// Its topics, each after the one above it.
    pub topics: Vec<OwnTopic>,
    /// The model that read its examples; none where there were none.
    pub model: Option<Fingerprint>,
}

/// That a verbatim has an own topic, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnTopicMatch {
    /// The verbatim.
    pub row: RowId,
    /// The place of the topic in its taxonomy.
    pub topic: u16,
    /// Whether its rule holds.
    pub by_rule: bool,
    /// The number of the opinion unit that is most like the examples, and its
    /// cosine, where that is enough.
    pub nearest: Option<(u32, f32)>,
}

/// A taxonomy made ready to find its topics.
#[derive(Debug, Default)]
pub struct Taxonomy {
    topics: Vec<OwnTopic>,
    rules: Vec<Option<Query>>,
    /// The places of all topics above each.
    above: Vec<Vec<u16>>,
}

impl Taxonomy {
    /// Makes topics ready. Each must come after the one above it.
    ///
    /// # Errors
    /// [`Error::Query`] for a rule that cannot be read, [`Error::Damaged`] for
    /// a topic that comes before the one above it.
    pub fn new(topics: Vec<OwnTopic>) -> Result<Self, Error> {
        let rules = topics.iter().map(|topic| topic.rule.as_deref().map(Query::parse_rule));
        let rules = rules.map(Option::transpose).collect::<Result<_, _>>()?;
        let mut above: Vec<Vec<u16>> = Vec::with_capacity(topics.len());
        for (at, topic) in topics.iter().enumerate() {
            let Some(parent) = &topic.parent else {
                above.push(vec![]);
                continue;
            };
            let place = topics[..at].iter().position(|other| other.key == *parent);
            let place = place.ok_or_else(|| {
                Error::damaged("taxonomy", format!("`{}` comes before `{parent}`", topic.key))
            })?;
            let mut places = above[place].clone();
            places.push(place as u16);
            above.push(places);
        }
        Ok(Self { topics, rules, above })
    }

    /// The topics, each after the one above it.
    pub fn topics(&self) -> &[OwnTopic] {
        &self.topics
    }

    /// The rule of the topic at a place.
    pub(crate) fn rule(&self, topic: u16) -> Option<&Query> {
        self.rules.get(topic as usize)?.as_ref()
    }

    /// What a single verbatim has, by topic; `units` are its opinion units that
    /// have a vector.
    pub(crate) fn of_document(
        &self,
        row: RowId,
        document: &Document,
        units: &[(u32, Vec<i8>)],
    ) -> Vec<OwnTopicMatch> {
        let mut found = Vec::new();
        for (topic, (own, rule)) in (0..).zip(self.topics.iter().zip(&self.rules)) {
            let by_rule = rule.as_ref().is_some_and(|rule| rule.matches(document));
            let nearest = own.prototype.as_ref().and_then(|prototype| prototype.nearest(units));
            if by_rule || nearest.is_some() {
                found.push(OwnTopicMatch { row, topic, by_rule, nearest });
            }
        }
        self.with_those_above(found)
    }

    /// Adds for each match the topics above, where nothing else says that the
    /// verbatim has them; by row and topic.
    pub(crate) fn with_those_above(&self, mut found: Vec<OwnTopicMatch>) -> Vec<OwnTopicMatch> {
        let direct: Vec<(RowId, u16)> = found.iter().map(|one| (one.row, one.topic)).collect();
        for (row, topic) in direct {
            let above = self.above[topic as usize].iter();
            found.extend(above.map(|&topic| OwnTopicMatch {
                row,
                topic,
                by_rule: false,
                nearest: None,
            }));
        }
        // What a topic has by itself comes before what follows from those below it.
        let is_implied = |one: &OwnTopicMatch| !one.by_rule && one.nearest.is_none();
        found.sort_by_key(|one| (one.row, one.topic, is_implied(one)));
        found.dedup_by_key(|one| (one.row, one.topic));
        found
    }
}

impl TopicPrototype {
    /// The unit with the greatest cosine, the first of equals, if that is enough.
    fn nearest(&self, units: &[(u32, Vec<i8>)]) -> Option<(u32, f32)> {
        let mut nearest: Option<(u32, f32)> = None;
        for (unit, vector) in units.iter().filter(|(_, vector)| vector.len() == self.vector.len()) {
            let similarity = cosine(vector, &self.vector);
            if nearest.is_none_or(|(_, best)| similarity > best) {
                nearest = Some((*unit, similarity));
            }
        }
        nearest.filter(|(_, similarity)| *similarity >= self.threshold)
    }
}
