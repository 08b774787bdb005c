//! A single verbatim as a query is compared with it, without an index.

use echolot_core::{
    Analysis, Feedback, Language, NpsAnswer, Polarity, Rating, ThemeId, Timestamp, Topic,
};

use super::field::{Condition, Known, Name, NumberField, WordField};
use super::{Evaluate, Text};
use crate::analyser::{Tokeniser, Tokens};
use crate::error::Error;
use crate::facts::IntentSet;
use crate::records::{AnalysedFeedback, Verbatim};

/// A verbatim made ready to be compared with queries.
#[derive(Debug)]
pub struct Document<'a> {
    feedback: &'a Feedback,
    language: Language,
    analysis: &'a Analysis,
    themes: &'a [ThemeId],
    tokens: Tokens,
}

impl<'a> Document<'a> {
    /// An item with the themes and sub-themes of its opinions, by the numbers
    /// they have today.
    pub fn new(item: &'a AnalysedFeedback, themes: &'a [ThemeId]) -> Self {
        let tokens = Tokeniser::default().tokens(&item.clean, item.language);
        let AnalysedFeedback { feedback, language, analysis, .. } = item;
        Self { feedback, language: *language, analysis, themes, tokens }
    }

    /// A stored item, without its themes, and its normalised text.
    pub(crate) fn of_row(stored: &'a Verbatim, clean: &str, tokeniser: &mut Tokeniser) -> Self {
        let tokens = tokeniser.tokens(clean, stored.language);
        let Verbatim { feedback, language, analysis, .. } = stored;
        Self { feedback, language: *language, analysis, themes: &[], tokens }
    }
}

impl Known for Document<'_> {
    fn word(&self, field: WordField) -> Option<&str> {
        let feedback = self.feedback;
        match field {
            WordField::Language => Some(self.language.code()),
            WordField::Source => feedback.source.as_deref(),
            WordField::Channel => feedback.channel.as_deref(),
            WordField::Product => feedback.product.as_deref(),
            WordField::Release => feedback.release.as_deref(),
            WordField::Respondent => feedback.respondent.as_deref(),
        }
    }

    fn number(&self, field: NumberField) -> Option<f64> {
        match field {
            NumberField::Rating => self.feedback.rating.map(Rating::value),
            NumberField::Nps => self.feedback.nps.map(NpsAnswer::value).map(f64::from),
            NumberField::Score => Some(f64::from(self.analysis.score)),
        }
    }

    fn created_at(&self) -> Option<Timestamp> {
        self.feedback.created_at
    }

    fn polarity(&self) -> Polarity {
        self.analysis.polarity
    }

    fn intents(&self) -> IntentSet {
        IntentSet::of(&self.analysis.intents)
    }

    fn has_topic(&self, topic: Topic) -> bool {
        self.analysis.opinions.iter().any(|opinion| opinion.topic == topic)
    }

    fn has_theme(&self, theme: ThemeId) -> bool {
        self.themes.contains(&theme)
    }

    /// Own topics follow from rules, and no rule asks for them.
    fn has_own_topic(&self, _names: &[Name]) -> bool {
        false
    }
}

impl Evaluate for &Document<'_> {
    type Set = bool;

    fn all(&mut self) -> bool {
        true
    }

    fn text(&mut self, text: &Text, _is_scored: bool) -> Result<bool, Error> {
        Ok(text.is_in(&self.tokens))
    }

    fn condition(&mut self, condition: &Condition) -> bool {
        condition.holds(*self)
    }

    fn not(&mut self, inner: bool) -> bool {
        !inner
    }

    fn at_least(&mut self, count: usize, sets: Vec<bool>) -> bool {
        sets.into_iter().filter(|holds| *holds).count() >= count
    }
}
