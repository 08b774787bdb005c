//! Which verbatims are meant, by what is known about them.

use echolot_core::{Intent, Language, Polarity, ThemeId, Timestamp, Topic};

use crate::facts::{Facts, IntentSet, Words};
use crate::records::RowId;

/// Conditions on verbatims. Within a list any entry will do, and an empty list
/// asks for nothing; between the fields all must hold. A verbatim without a
/// value does not meet a condition on it.
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
    /// Topics of which some opinion has one.
    pub topics: Vec<Topic>,
    /// Intents of which the writer has one.
    pub intents: Vec<Intent>,
    /// Themes or sub-themes of which some opinion is in one. The number of a
    /// theme that has ended stands for its successor.
    pub themes: Vec<ThemeId>,
    /// Written at this time or later.
    pub from: Option<Timestamp>,
    /// Written before this time.
    pub to: Option<Timestamp>,
    /// The least rating.
    pub rating_min: Option<f64>,
    /// The highest rating.
    pub rating_max: Option<f64>,
}

impl Filter {
    /// The rows that meet all conditions, ascending.
    pub fn rows(&self, facts: &Facts) -> Vec<RowId> {
        let test = RowTest::new(self, facts);
        facts.rows().filter(|row| test.accepts(*row)).collect()
    }
}

/// A filter made ready for the columns of a snapshot.
pub(crate) struct RowTest<'a> {
    filter: &'a Filter,
    facts: &'a Facts,
    words: Vec<(&'a Words, Vec<bool>)>,
    polarities: Option<Vec<Polarity>>,
    intents: Option<IntentSet>,
    themes: Vec<ThemeId>,
}

impl<'a> RowTest<'a> {
    pub(crate) fn new(filter: &'a Filter, facts: &'a Facts) -> Self {
        let languages: Vec<&str> = filter.languages.iter().map(Language::code).collect();
        let words = [
            (&facts.language, languages),
            (&facts.product, as_strs(&filter.products)),
            (&facts.release, as_strs(&filter.releases)),
            (&facts.channel, as_strs(&filter.channels)),
            (&facts.source, as_strs(&filter.sources)),
        ];
        let asked = words.into_iter().filter(|(_, wanted)| !wanted.is_empty());
        let accepted = |(column, wanted): (&'a Words, Vec<&str>)| {
            let accepted = column.all().iter().map(|word| wanted.contains(&word.as_str()));
            (column, accepted.collect())
        };
        Self {
            filter,
            facts,
            words: asked.map(accepted).collect(),
            polarities: Some(filter.polarities.clone()).filter(|list| !list.is_empty()),
            intents: Some(IntentSet::of(&filter.intents)).filter(|_| !filter.intents.is_empty()),
            themes: filter.themes.iter().map(|&id| facts.kinship.current(id)).collect(),
        }
    }

    pub(crate) fn accepts(&self, row: RowId) -> bool {
        let (facts, at) = (self.facts, row.index());
        let has_word = |(column, accepted): &(&Words, Vec<bool>)| {
            column.code(row).is_some_and(|code| accepted[code as usize])
        };
        self.words.iter().all(has_word)
            && self.polarities.as_ref().is_none_or(|list| list.contains(&facts.polarity[at]))
            && self.intents.is_none_or(|wanted| facts.intents[at].intersects(wanted))
            && self.accepts_time(facts.created_at[at])
            && self.accepts_rating(facts.rating[at].map(echolot_core::Rating::value))
            && self.accepts_opinions(row)
    }

    fn accepts_time(&self, time: Option<Timestamp>) -> bool {
        self.filter.from.is_none_or(|from| time.is_some_and(|time| time >= from))
            && self.filter.to.is_none_or(|to| time.is_some_and(|time| time < to))
    }

    fn accepts_rating(&self, rating: Option<f64>) -> bool {
        self.filter.rating_min.is_none_or(|min| rating.is_some_and(|rating| rating >= min))
            && self.filter.rating_max.is_none_or(|max| rating.is_some_and(|rating| rating <= max))
    }

    fn accepts_opinions(&self, row: RowId) -> bool {
        let (topics, themes) = (&self.filter.topics, &self.themes);
        let opinions = self.facts.opinions(row);
        (topics.is_empty() || opinions.iter().any(|opinion| topics.contains(&opinion.topic)))
            && (themes.is_empty()
                || opinions
                    .iter()
                    .flat_map(|opinion| [opinion.theme, opinion.part])
                    .flatten()
                    .any(|theme| themes.contains(&theme)))
    }
}

fn as_strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
