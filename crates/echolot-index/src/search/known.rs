//! What is known about a row, as conditions of a query ask for it.

use echolot_core::{NpsAnswer, Polarity, Rating, ThemeId, Timestamp, Topic};

use crate::facts::{Facts, IntentSet, Words};
use crate::query::{Known, Name, NumberField, WordField};
use crate::records::RowId;

/// A row of the facts.
pub(crate) struct RowFacts<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) row: RowId,
}

/// The column of a field.
pub(crate) fn word_column(facts: &Facts, field: WordField) -> &Words {
    match field {
        WordField::Language => &facts.language,
        WordField::Source => &facts.source,
        WordField::Channel => &facts.channel,
        WordField::Product => &facts.product,
        WordField::Release => &facts.release,
        WordField::Respondent => &facts.respondent,
    }
}

impl Known for RowFacts<'_> {
    fn word(&self, field: WordField) -> Option<&str> {
        word_column(self.facts, field).get(self.row)
    }

    fn number(&self, field: NumberField) -> Option<f64> {
        let at = self.row.index();
        match field {
            NumberField::Rating => self.facts.rating[at].map(Rating::value),
            NumberField::Nps => self.facts.nps[at].map(NpsAnswer::value).map(f64::from),
            NumberField::Score => Some(f64::from(self.facts.score[at])),
        }
    }

    fn created_at(&self) -> Option<Timestamp> {
        self.facts.created_at[self.row.index()]
    }

    fn polarity(&self) -> Polarity {
        self.facts.polarity[self.row.index()]
    }

    fn intents(&self) -> IntentSet {
        self.facts.intents[self.row.index()]
    }

    fn has_topic(&self, topic: Topic) -> bool {
        self.facts.opinions(self.row).iter().any(|opinion| opinion.topic == topic)
    }

    fn has_theme(&self, theme: ThemeId) -> bool {
        let theme = self.facts.kinship.current(theme);
        let mut opinions = self.facts.opinions(self.row).iter();
        opinions.any(|opinion| [opinion.theme, opinion.part].contains(&Some(theme)))
    }

    fn has_own_topic(&self, names: &[Name]) -> bool {
        let own = &self.facts.own;
        own.of(self.row).iter().any(|fact| {
            let key = &own.topics()[fact.topic as usize].key;
            names.iter().any(|name| name.is(key))
        })
    }
}
