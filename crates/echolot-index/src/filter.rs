//! Which verbatims are meant, by what is known about them.

use std::sync::Arc;

use echolot_core::{
    CesVersion, Intent, JourneyStage, KeyFigure, Language, Polarity, ThemeId, Timestamp, Topic,
};

use crate::attributes::{STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};
use crate::facts::{Facts, IntentSet, OpinionFact, Words};
use crate::journey::JourneyColumn;
use crate::records::RowId;

/// Conditions on verbatims. Within a list any entry will do, and an empty list
/// asks for nothing; between the fields all must hold, and those on opinions
/// must hold for one opinion together. A verbatim without a value does not
/// meet a condition on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// The language of the text.
    pub languages: Vec<Language>,
    /// The polarity of the whole verbatim.
    pub polarities: Vec<Polarity>,
    /// The product.
    pub products: Vec<String>,
    /// The release.
    pub releases: Vec<String>,
    /// The kind of contact.
    pub channels: Vec<String>,
    /// The system the item came from.
    pub sources: Vec<String>,
    /// The pseudonymous id of the customer.
    pub respondents: Vec<String>,
    /// Attributes by name, each with the values that will do.
    pub attributes: Vec<(String, Vec<String>)>,
    /// Topics of opinions.
    pub topics: Vec<Topic>,
    /// Themes or sub-themes of opinions. The number of a theme that has ended
    /// stands for its successor.
    pub themes: Vec<ThemeId>,
    /// Keys of own topics. What has a topic has those above it too.
    pub own_topics: Vec<String>,
    /// Polarities of opinions.
    pub opinion_polarities: Vec<Polarity>,
    /// Journey stages that the item states or the topic of an opinion has.
    pub stages: Vec<JourneyStage>,
    /// Touchpoints that the item states or the topic of an opinion has.
    pub touchpoints: Vec<String>,
    /// Intents of which the writer has one.
    pub intents: Vec<Intent>,
    /// Written at this time or later.
    pub from: Option<Timestamp>,
    /// Written before this time.
    pub to: Option<Timestamp>,
    /// Written before this time, or at a time that is not known.
    pub as_of: Option<Timestamp>,
    /// The least rating.
    pub rating_min: Option<f64>,
    /// The highest rating.
    pub rating_max: Option<f64>,
    /// Whether verbatims that people have hidden as spam are meant too.
    pub with_spam: bool,
    /// Figures that the item has a value for: all of them.
    pub figures: Vec<KeyFigure>,
    /// Products beyond which nothing is seen, whatever the other conditions
    /// say: what whoever asks is restricted to. Empty where nobody is.
    pub within: Vec<String>,
}

impl Filter {
    /// The conditions on whose feedback is meant and when it was written,
    /// without those on what it says: the whole that a share is a share of.
    #[must_use]
    pub fn frame(&self) -> Self {
        Self {
            polarities: vec![],
            topics: vec![],
            themes: vec![],
            own_topics: vec![],
            opinion_polarities: vec![],
            stages: vec![],
            touchpoints: vec![],
            intents: vec![],
            ..self.clone()
        }
    }

    /// The attributes that must be read before verbatims can be tested.
    pub(crate) fn attribute_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.attributes.iter().map(|(name, _)| name.as_str()).collect();
        names.extend((!self.stages.is_empty()).then_some(STAGE_ATTRIBUTE));
        names.extend((!self.touchpoints.is_empty()).then_some(TOUCHPOINT_ATTRIBUTE));
        names
    }

    fn asks_for_opinions(&self) -> bool {
        !(self.topics.is_empty()
            && self.themes.is_empty()
            && self.opinion_polarities.is_empty()
            && self.stages.is_empty()
            && self.touchpoints.is_empty())
    }
}

fn has(facts: &Facts, at: usize, figure: KeyFigure) -> bool {
    let effort = |version| facts.ces[at].is_some_and(|answer| answer.version() == version);
    match figure {
        KeyFigure::Rating => facts.rating[at].is_some(),
        KeyFigure::Nps => facts.nps[at].is_some(),
        KeyFigure::Csat => facts.csat[at].is_some(),
        KeyFigure::Ces => effort(CesVersion::V2),
        KeyFigure::CesV1 => effort(CesVersion::V1),
        KeyFigure::Frt => facts.first_response_s[at].is_some(),
        KeyFigure::Art => facts.resolution_s[at].is_some(),
    }
}

/// A filter made ready for the columns of a snapshot.
#[derive(Debug)]
pub struct RowTest<'a> {
    filter: Filter,
    facts: &'a Facts,
    words: Vec<(&'a Words, Vec<bool>)>,
    attributes: Vec<(Arc<Words>, Vec<bool>)>,
    intents: Option<IntentSet>,
    themes: Vec<ThemeId>,
    /// For each own topic whether it is wanted; none where all will do.
    own_topics: Option<Vec<bool>>,
    journey: Vec<(JourneyColumn, Vec<bool>)>,
    asks_for_opinions: bool,
}

impl<'a> RowTest<'a> {
    /// Makes a filter ready. The attributes it names must have been read;
    /// [`Snapshot`](crate::Snapshot) sees to that.
    pub(crate) fn new(filter: &Filter, facts: &'a Facts) -> Self {
        let languages: Vec<&str> = filter.languages.iter().map(Language::code).collect();
        let words = [
            (&facts.language, languages),
            (&facts.product, as_strs(&filter.products)),
            (&facts.product, as_strs(&filter.within)),
            (&facts.release, as_strs(&filter.releases)),
            (&facts.channel, as_strs(&filter.channels)),
            (&facts.source, as_strs(&filter.sources)),
            (&facts.respondent, as_strs(&filter.respondents)),
        ];
        let words = words.into_iter().filter(|(_, wanted)| !wanted.is_empty());
        let attributes = filter.attributes.iter().map(|(name, wanted)| {
            let column = facts.attributes.get(name);
            debug_assert!(column.is_some(), "the attribute {name} was not read");
            let column = column.unwrap_or_default();
            let accepted = accepted(column.all(), &as_strs(wanted));
            (column, accepted)
        });
        let stages: Vec<&str> = filter.stages.iter().map(|stage| stage.code()).collect();
        let mut journey = Vec::new();
        if !stages.is_empty() {
            journey.push((JourneyColumn::stages(facts), stages));
        }
        if !filter.touchpoints.is_empty() {
            journey.push((JourneyColumn::touchpoints(facts), as_strs(&filter.touchpoints)));
        }
        let keys = as_strs(&filter.own_topics);
        let own_topics = facts.own.topics().iter().map(|own| keys.contains(&own.key.as_str()));
        let journey = journey.into_iter().map(|(column, wanted)| {
            let accepted = accepted(column.all(), &wanted);
            (column, accepted)
        });
        Self {
            filter: filter.clone(),
            facts,
            words: words
                .map(|(column, wanted)| (column, accepted(column.all(), &wanted)))
                .collect(),
            attributes: attributes.collect(),
            intents: Some(IntentSet::of(&filter.intents)).filter(|_| !filter.intents.is_empty()),
            themes: filter.themes.iter().map(|&id| facts.kinship.current(id)).collect(),
            own_topics: Some(own_topics.collect()).filter(|_| !keys.is_empty()),
            journey: journey.collect(),
            asks_for_opinions: filter.asks_for_opinions(),
        }
    }

    /// Whether a verbatim meets all conditions.
    pub fn accepts(&self, row: RowId) -> bool {
        let (facts, at) = (self.facts, row.index());
        let has_word = |(column, accepted): &(&Words, Vec<bool>)| {
            column.code(row).is_some_and(|code| accepted[code as usize])
        };
        let has_value = |(column, accepted): &(Arc<Words>, Vec<bool>)| {
            column.code(row).is_some_and(|code| accepted[code as usize])
        };
        (self.filter.with_spam || !facts.is_spam[at])
            && self.words.iter().all(has_word)
            && is_in(&self.filter.polarities, facts.polarity[at])
            && self.intents.is_none_or(|wanted| facts.intents[at].intersects(wanted))
            && self.accepts_time(facts.created_at[at])
            && self.accepts_rating(facts.rating[at].map(echolot_core::Rating::value))
            && self.filter.figures.iter().all(|&figure| has(facts, at, figure))
            && self.attributes.iter().all(has_value)
            && self.accepts_own_topics(row)
            && self.accepts_opinions(row)
    }

    /// The opinions of a row that meet the conditions on opinions.
    pub fn opinions(&self, row: RowId) -> impl Iterator<Item = &'a OpinionFact> {
        self.facts.opinions(row).iter().filter(move |opinion| self.accepts_opinion(row, opinion))
    }

    fn accepts_own_topics(&self, row: RowId) -> bool {
        let Some(wanted) = &self.own_topics else { return true };
        self.facts.own.of(row).iter().any(|fact| wanted[fact.topic as usize])
    }

    fn accepts_time(&self, time: Option<Timestamp>) -> bool {
        self.filter.from.is_none_or(|from| time.is_some_and(|time| time >= from))
            && self.filter.to.is_none_or(|to| time.is_some_and(|time| time < to))
            && self.filter.as_of.is_none_or(|end| time.is_none_or(|time| time < end))
    }

    fn accepts_rating(&self, rating: Option<f64>) -> bool {
        self.filter.rating_min.is_none_or(|min| rating.is_some_and(|rating| rating >= min))
            && self.filter.rating_max.is_none_or(|max| rating.is_some_and(|rating| rating <= max))
    }

    /// A row without an opinion can only meet conditions on what its item
    /// states.
    fn accepts_opinions(&self, row: RowId) -> bool {
        if !self.asks_for_opinions {
            return true;
        }
        let filter = &self.filter;
        let mut opinions = self.facts.opinions(row).iter();
        if opinions.len() > 0 {
            return opinions.any(|opinion| self.accepts_opinion(row, opinion));
        }
        filter.topics.is_empty()
            && filter.themes.is_empty()
            && filter.opinion_polarities.is_empty()
            && self.accepts_journey(row, None)
    }

    fn accepts_opinion(&self, row: RowId, opinion: &OpinionFact) -> bool {
        let filter = &self.filter;
        is_in(&filter.topics, opinion.topic)
            && is_in(&filter.opinion_polarities, opinion.polarity)
            && (self.themes.is_empty()
                || [opinion.theme, opinion.part]
                    .iter()
                    .flatten()
                    .any(|theme| self.themes.contains(theme)))
            && self.accepts_journey(row, Some(opinion.topic))
    }

    fn accepts_journey(&self, row: RowId, topic: Option<Topic>) -> bool {
        self.journey.iter().all(|(column, accepted)| {
            let mut accepts = false;
            column.for_each(row, topic, |code| accepts |= accepted[code as usize]);
            accepts
        })
    }
}

/// For each word, whether it is wanted.
fn accepted(words: &[String], wanted: &[&str]) -> Vec<bool> {
    words.iter().map(|word| wanted.contains(&word.as_str())).collect()
}

/// Whether a list asks for nothing or has the value.
fn is_in<T: PartialEq + Copy>(list: &[T], value: T) -> bool {
    list.is_empty() || list.contains(&value)
}

fn as_strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
