//! Masking: a feedback item without what identifies a person.

use echolot_core::{Body, Feedback, FeedbackId, Fingerprint};
use echolot_text::{Prepared, Redactor, prepare};

use crate::{Config, Error};

/// Masks personal data, as configured.
pub(crate) struct Masker {
    redactor: Redactor,
}

impl Masker {
    /// # Errors
    /// When a configured pattern cannot be used.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let redactor = if config.redact {
            Redactor::with_patterns(&config.redaction_patterns)?
        } else {
            Redactor::none()
        };
        Ok(Self { redactor })
    }

    /// The item with personal data masked wherever it may stand. Texts keep
    /// their number of characters.
    pub(crate) fn redact(&self, mut feedback: Feedback) -> Feedback {
        let hide = |text: &mut String| {
            *text = self.redact_text(text);
        };
        match &mut feedback.body {
            Body::Text(text) => hide(text),
            Body::Turns(turns) => turns.iter_mut().for_each(|turn| hide(&mut turn.text)),
        }
        let attributes = std::mem::take(&mut feedback.attributes).into_iter();
        feedback.attributes = attributes
            .map(|(name, value)| (self.redact_text(&name), self.redact_text(&value)))
            .collect();
        let Feedback { url, source, channel, product, release, .. } = &mut feedback;
        [url, source, channel, product, release].into_iter().flatten().for_each(hide);
        // An item must stay the same item, and a respondent the same person,
        // without being named.
        if let Some(hidden) = self.pseudonym(feedback.id.as_str()) {
            feedback.id = FeedbackId::new(hidden);
        }
        let respondent = feedback.respondent.as_deref().and_then(|word| self.pseudonym(word));
        feedback.respondent = respondent.or(feedback.respondent);
        feedback
    }

    /// What stands for a word that holds personal data: a hash of it.
    fn pseudonym(&self, word: &str) -> Option<String> {
        let is_personal = !self.prepare(word).pii.is_empty();
        is_personal.then(|| format!("p-{}", Fingerprint::of_text(word)))
    }

    /// A text with personal data masked.
    pub(crate) fn redact_text(&self, text: &str) -> String {
        self.prepare(text).redacted
    }

    /// A text made ready for models, with personal data masked.
    pub(crate) fn prepare(&self, text: &str) -> Prepared {
        prepare(text, &self.redactor)
    }
}
