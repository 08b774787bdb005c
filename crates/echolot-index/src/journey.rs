//! Journey stage and touchpoint of opinions: what their item states, or else what their topic and own topics map to.

use std::sync::Arc;

use echolot_core::{JourneyStage, Topic};

use crate::attributes::{STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};
use crate::facts::{Facts, Words};
use crate::own_topics::OwnTopics;
use crate::records::RowId;
use crate::taxonomy::OwnTopic;

/// A column of words that an item states for all its opinions, or that follow
/// from the topic of each and from the own topics of the item.
#[derive(Debug)]
pub struct JourneyColumn {
    words: Vec<String>,
    /// What items state, and the code of each of these words; none for a word
    /// that does not count.
    stated: Option<Arc<Words>>,
    of_stated: Vec<Option<u32>>,
    of_topic: Vec<Option<u32>>,
    own: OwnTopics,
    of_own: Vec<Option<u32>>,
}

impl JourneyColumn {
    /// The journey stages, by the order of [`JourneyStage::ALL`]. Only its
    /// codes count as stated.
    pub(crate) fn stages(facts: &Facts) -> Self {
        let words = JourneyStage::ALL.iter().map(|stage| stage.code().to_owned()).collect();
        let of_topic = |topic| facts.journey.stage(topic).map(JourneyStage::code);
        let of_own = |own: &OwnTopic| own.stage.map(JourneyStage::code);
        Self::new(facts, (words, STAGE_ATTRIBUTE), of_topic, of_own)
    }

    /// The touchpoints: those of the topics, then those of own topics, then all
    /// others that are stated.
    pub(crate) fn touchpoints(facts: &Facts) -> Self {
        let of_topic = |topic| facts.journey.touchpoint(topic);
        let stated = facts.attributes.get(TOUCHPOINT_ATTRIBUTE);
        let mut words: Vec<String> = Vec::new();
        let mapped = Topic::ALL.iter().filter_map(|&topic| of_topic(topic));
        let own = facts.own.topics().iter().filter_map(|own| own.touchpoint.as_deref());
        let all = stated.iter().flat_map(|stated| stated.all().iter().map(String::as_str));
        for word in mapped.chain(own).chain(all) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        let of_own = |own: &OwnTopic| own.touchpoint.clone();
        Self::new(facts, (words, TOUCHPOINT_ATTRIBUTE), of_topic, of_own)
    }

    fn new<'a, W: AsRef<str>>(
        facts: &Facts,
        (words, attribute): (Vec<String>, &str),
        of_topic: impl Fn(Topic) -> Option<&'a str>,
        of_own: impl Fn(&OwnTopic) -> Option<W>,
    ) -> Self {
        let code = |word: &str| words.iter().position(|known| known == word).map(|at| at as u32);
        let stated = facts.attributes.get(attribute);
        let of_stated = stated.iter().flat_map(|stated| stated.all()).map(|word| code(word));
        let own = facts.own.topics().iter();
        Self {
            of_stated: of_stated.collect(),
            of_topic: Topic::ALL.iter().map(|&topic| of_topic(topic).and_then(code)).collect(),
            of_own: own.map(|own| code(of_own(own)?.as_ref())).collect(),
            own: facts.own.clone(),
            stated,
            words,
        }
    }

    /// Hands over the codes of an opinion of a row, or of a row without an
    /// opinion, each once: what the item states, or else that of the topic
    /// and those of the own topics.
    pub fn for_each(&self, row: RowId, topic: Option<Topic>, mut take: impl FnMut(u32)) {
        let stated = self.stated.as_ref().and_then(|stated| stated.code(row));
        if let Some(code) = stated.and_then(|word| self.of_stated[word as usize]) {
            return take(code);
        }
        let of_topic = topic.and_then(|topic| self.of_topic[topic as usize]);
        of_topic.into_iter().for_each(&mut take);
        let own = self.own.of(row);
        let code = |at: usize| self.of_own[own[at].topic as usize];
        for at in 0..own.len() {
            let is_new = |code| {
                of_topic != Some(code)
                    && (0..at).all(|it| self.of_own[own[it].topic as usize] != Some(code))
            };
            code(at).filter(|&code| is_new(code)).into_iter().for_each(&mut take);
        }
    }

    /// All words, by code.
    pub fn all(&self) -> &[String] {
        &self.words
    }
}
