//! How well the model does on verbatims that people labelled, and what that says of counts.

mod accuracy;
mod sample;

use echolot_core::{
    Accuracy, Analysis, CorrectedShare, FeedbackId, Fingerprint, Intent, Language, Polarity, Share,
    Topic,
};
use echolot_index::RowId;

use super::{Grouping, Segment};
pub(super) use accuracy::{correctable_share, corrected_sentiment, report};
pub use sample::audit_sample;

/// A question that the model answers of every verbatim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Which way it points.
    Polarity,
    /// What it is about.
    Topics,
    /// What the writer wants.
    Intents,
}

impl Head {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Polarity, Self::Topics, Self::Intents];

    /// The word for it, also in answers to other programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Polarity => "polarity",
            Self::Topics => "topics",
            Self::Intents => "intents",
        }
    }
}

/// Which verbatims are drawn to be labelled.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditQuestion {
    /// Among which.
    pub segment: Segment,
    /// What parts them into strata; groupings by which a verbatim has one value.
    pub by: Vec<Grouping>,
    /// How many are drawn from each stratum, at most.
    pub per_stratum: usize,
    /// What decides which are drawn.
    pub seed: u64,
}

/// A verbatim that was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnVerbatim {
    /// The feedback item.
    pub id: FeedbackId,
    /// The values that make its stratum.
    pub stratum: String,
    /// How many verbatims of the stratum it stands for.
    pub weight: f64,
    /// The language of the text.
    pub language: Language,
    /// The product.
    pub product: Option<String>,
    /// The customer's words.
    pub text: String,
    /// The fingerprint of the words, by which it can be told whether they changed.
    pub words: Fingerprint,
    /// What the model says.
    pub model: Analysis,
}

/// What people found in the verbatims that they labelled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditReport {
    /// Verbatims with labels.
    pub labelled: u64,
    /// Of those, verbatims whose words were replaced since; they do not count.
    pub stale: u64,
    /// One for each question that was answered.
    pub heads: Vec<HeadAccuracy>,
    /// What it is made of.
    audited: Vec<Audited>,
}

/// A label with what the model says of the same words.
#[derive(Debug, Clone, PartialEq)]
struct Audited {
    row: RowId,
    weight: f64,
    person: Answers,
    model: Answers,
}

/// A share corrected for the errors that labels show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditedShare {
    /// The share.
    pub share: CorrectedShare,
    /// How many labelled verbatims it rests on.
    pub labelled: u64,
}

/// How well the model answers one question.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadAccuracy {
    /// The question.
    pub head: Head,
    /// How many verbatims were labelled.
    pub labelled: u64,
    /// The share answered as the person did, in every part; by weight.
    pub exact: Option<Share>,
    /// The labels that occur, in their fixed order.
    pub labels: Vec<LabelAccuracy>,
}

/// How well the model finds one label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelAccuracy {
    /// The code of the label.
    pub label: &'static str,
    /// Verbatims that truly have it.
    pub truly: u64,
    /// Sensitivity and specificity, by weight, in effective rows.
    pub accuracy: Accuracy,
}

/// What a person found in a verbatim, or the model says of it, by question.
#[derive(Debug, Clone, PartialEq)]
struct Answers {
    polarity: Option<Polarity>,
    topics: Option<Vec<Topic>>,
    intents: Option<Vec<Intent>>,
}

impl Answers {
    /// The codes that were found for a question; none where it was not answered.
    fn codes(&self, head: Head) -> Option<Vec<&'static str>> {
        match head {
            Head::Polarity => self.polarity.map(|label| vec![label.code()]),
            Head::Topics => {
                self.topics.as_ref().map(|found| found.iter().map(|label| label.code()).collect())
            }
            Head::Intents => {
                self.intents.as_ref().map(|found| found.iter().map(|label| label.code()).collect())
            }
        }
    }
}

impl From<&Analysis> for Answers {
    fn from(analysis: &Analysis) -> Self {
        let mut topics: Vec<Topic> = analysis.opinions.iter().map(|o| o.topic).collect();
        topics.sort_unstable();
        topics.dedup();
        Self {
            polarity: Some(analysis.polarity),
            topics: Some(topics),
            intents: Some(analysis.intents.clone()),
        }
    }
}

/// The codes of all labels of a question.
fn labels_of(head: Head) -> Vec<&'static str> {
    match head {
        Head::Polarity => Polarity::ALL.iter().map(|label| label.code()).collect(),
        Head::Topics => Topic::ALL.iter().map(|label| label.code()).collect(),
        Head::Intents => Intent::ALL.iter().map(|label| label.code()).collect(),
    }
}
