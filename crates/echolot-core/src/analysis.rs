//! What the analysis of one verbatim says.

use crate::{CharSpan, Intent, Polarity, Topic};

/// One stretch of a verbatim with what it judges and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Where the opinion stands in the original text.
    pub span: CharSpan,
    /// What it is about; [`Topic::General`] means nothing in particular.
    pub topic: Topic,
    /// Which way it points.
    pub polarity: Polarity,
    /// The model's probability of this topic and polarity here, 0..=1.
    pub confidence: f32,
}

/// The analysis of one verbatim.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The polarity of the whole.
    pub polarity: Polarity,
    /// Graded sentiment, -1 (very negative) to 1 (very positive).
    pub score: f32,
    /// What the writer wants, in the order of [`Intent::ALL`].
    pub intents: Vec<Intent>,
    /// The opinions in the order of their place in the text.
    pub opinions: Vec<Opinion>,
}

impl Analysis {
    /// The analysis of a verbatim in which nothing is said.
    pub fn empty() -> Self {
        Self { polarity: Polarity::Neutral, score: 0.0, intents: vec![], opinions: vec![] }
    }

    /// Whether the verbatim holds both a positive and a negative opinion.
    pub fn is_mixed(&self) -> bool {
        let has = |polarity| self.opinions.iter().any(|opinion| opinion.polarity == polarity);
        has(Polarity::Positive) && has(Polarity::Negative)
    }
}
