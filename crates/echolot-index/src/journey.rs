//! Journey stage and touchpoint of opinions: what their item states, or else what their topic maps to.

use std::sync::Arc;

use echolot_core::{JourneyStage, Topic};

use crate::attributes::{STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};
use crate::facts::{Facts, Words};
use crate::records::RowId;

/// A column of words that an item states for all its opinions, or that follow
/// from the topic of each.
#[derive(Debug)]
pub struct JourneyColumn {
    words: Vec<String>,
    /// What items state, and the code of each of these words; none for a word
    /// that does not count.
    stated: Option<Arc<Words>>,
    of_stated: Vec<Option<u32>>,
    of_topic: Vec<Option<u32>>,
}

impl JourneyColumn {
    /// The journey stages, by the order of [`JourneyStage::ALL`]. Only its
    /// codes count as stated.
    pub(crate) fn stages(facts: &Facts) -> Self {
        let words = JourneyStage::ALL.iter().map(|stage| stage.code().to_owned()).collect();
        let of_topic = |topic| facts.journey.stage(topic).map(JourneyStage::code);
        Self::new(words, facts.attributes.get(STAGE_ATTRIBUTE), of_topic)
    }

    /// The touchpoints: those of the topics, then all others that are stated.
    pub(crate) fn touchpoints(facts: &Facts) -> Self {
        let stated = facts.attributes.get(TOUCHPOINT_ATTRIBUTE);
        let of_topic = |topic| facts.journey.touchpoint(topic);
        let mut words: Vec<String> = Vec::new();
        let mapped = Topic::ALL.iter().filter_map(|&topic| of_topic(topic));
        let all = stated.iter().flat_map(|stated| stated.all().iter().map(String::as_str));
        for word in mapped.chain(all) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        Self::new(words, stated, of_topic)
    }

    fn new<'a>(
        words: Vec<String>,
        stated: Option<Arc<Words>>,
        of_topic: impl Fn(Topic) -> Option<&'a str>,
    ) -> Self {
        let code = |word: &str| words.iter().position(|known| known == word).map(|at| at as u32);
        let of_stated = stated.iter().flat_map(|stated| stated.all()).map(|word| code(word));
        Self {
            of_stated: of_stated.collect(),
            of_topic: Topic::ALL.iter().map(|&topic| of_topic(topic).and_then(code)).collect(),
            stated,
            words,
        }
    }

    /// The code of an opinion of a row, or of a row without an opinion.
    pub fn code(&self, row: RowId, topic: Option<Topic>) -> Option<u32> {
        let stated = self.stated.as_ref().and_then(|stated| stated.code(row));
        stated
            .and_then(|word| self.of_stated[word as usize])
            .or_else(|| self.of_topic[topic? as usize])
    }

    /// All words, by code.
    pub fn all(&self) -> &[String] {
        &self.words
    }
}
