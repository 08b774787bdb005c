//! The analysis of one verbatim, alone and with everything stored about it.

use echolot_core::{Analysis, FeedbackId};
use echolot_engine::{Error, Rejection, Scored, Snapshot, Verbatim};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::corrections::CorrectionJson;
use super::{FoundTopicJson, rounded};

/// One opinion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpinionJson {
    /// First character of the opinion in the verbatim.
    pub(crate) start: u32,
    /// One past its last character.
    pub(crate) end: u32,
    /// Topic code.
    #[schema(example = "delivery")]
    pub(crate) topic: &'static str,
    /// `positive`, `neutral` or `negative`.
    #[schema(example = "negative")]
    pub(crate) polarity: &'static str,
    /// Probability of topic and polarity, 0..=1.
    pub(crate) confidence: f64,
    /// The theme it belongs to; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) theme: Option<u32>,
    /// The number of the unit it lies in, by which it can be moved; absent
    /// where nothing is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<u32>,
}

/// Where an opinion is stored: theme and unit.
type Place = (Option<u32>, Option<u32>);

/// The analysis of one verbatim.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnalysisJson {
    /// ISO 639-1 code, `xx` when unknown.
    #[schema(example = "de")]
    language: String,
    /// Polarity of the whole.
    #[schema(example = "negative")]
    polarity: &'static str,
    /// Graded sentiment, -1 (very negative) to 1 (very positive).
    score: f64,
    /// Whether it holds both a positive and a negative opinion.
    mixed: bool,
    /// Any of `complaint`, `praise`, `suggestion`, `question`, `churn`.
    intents: Vec<&'static str>,
    /// The opinions in the order of the text.
    opinions: Vec<OpinionJson>,
}

impl AnalysisJson {
    fn new(language: &str, analysis: &Analysis, place: impl Fn(usize) -> Place) -> Self {
        let opinions = analysis.opinions.iter().enumerate().map(|(number, opinion)| OpinionJson {
            start: opinion.span.start,
            end: opinion.span.end,
            topic: opinion.topic.code(),
            polarity: opinion.polarity.code(),
            confidence: rounded(f64::from(opinion.confidence)),
            theme: place(number).0,
            unit: place(number).1,
        });
        Self {
            language: language.to_owned(),
            polarity: analysis.polarity.code(),
            score: rounded(f64::from(analysis.score)),
            mixed: analysis.is_mixed(),
            intents: analysis.intents.iter().map(|intent| intent.code()).collect(),
            opinions: opinions.collect(),
        }
    }
}

/// One line of `echolot score`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ScoredJson {
    /// An analysed item.
    Item {
        id: String,
        #[serde(flatten)]
        analysis: AnalysisJson,
        redacted_text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A line that is no feedback item.
    Rejected { line: u64, error: String },
}

impl From<Scored> for ScoredJson {
    fn from(scored: Scored) -> Self {
        match scored {
            Scored::Item(item) => Self::Item {
                id: item.id.to_string(),
                analysis: AnalysisJson::new(item.language.code(), &item.analysis, |_| (None, None)),
                redacted_text: item.redacted_text,
                error: item.error,
            },
            Scored::Rejected(Rejection { line, reason, .. }) => {
                Self::Rejected { line, error: reason }
            }
        }
    }
}

/// Everything stored about one feedback item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerbatimJson {
    id: String,
    /// The customer's words, personal data masked.
    text: String,
    #[serde(flatten)]
    analysis: AnalysisJson,
    /// The whole conversation; absent for a single text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turns: Vec<TurnJson>,
    source: Option<String>,
    channel: Option<String>,
    created_at: Option<String>,
    product: Option<String>,
    release: Option<String>,
    rating: Option<f64>,
    nps: Option<u8>,
    csat: Option<u8>,
    ces: Option<u8>,
    respondent: Option<String>,
    url: Option<String>,
    #[schema(value_type = Object)]
    attributes: Value,
    /// The verbatim it repeats (near-duplicate), by its number of loading.
    duplicate_of: Option<u32>,
    /// The number of loading, from 0.
    row: u32,
    /// Whether a model has read the text.
    analysed: bool,
    /// Whether a person has hidden it as spam.
    spam: bool,
    /// The company's own topics that it has, in the order of the taxonomy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    own_topics: Vec<FoundTopicJson>,
    /// What people say of it against the model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    corrections: Vec<CorrectionJson>,
    /// What the model says of it; absent unless people have corrected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<AnalysisJson>,
}

/// One message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnJson {
    /// `customer`, `agent` or `bot`.
    role: &'static str,
    text: String,
    at: Option<String>,
}

impl VerbatimJson {
    /// Reads an item with what people say of it.
    pub(crate) fn read(snapshot: &Snapshot, id: &FeedbackId) -> Result<Self, Error> {
        let stored = snapshot.verbatim(id)?;
        let standing = snapshot.corrections(Some(stored.row))?;
        let model = snapshot.model_answer(stored.row)?;
        let own = snapshot.own_topics_of(stored.row)?;
        let language = stored.language.code().to_owned();
        Ok(Self {
            own_topics: own.into_iter().map(FoundTopicJson::from).collect(),
            corrections: standing.into_iter().map(CorrectionJson::from).collect(),
            model: model.map(|model| AnalysisJson::new(&language, &model, |_| (None, None))),
            ..Self::from(stored)
        })
    }
}

impl From<Verbatim> for VerbatimJson {
    fn from(stored: Verbatim) -> Self {
        let place = |opinion: usize| {
            let theme = stored.theme_of(opinion).map(|theme| theme.0);
            (theme, stored.opinion_units.get(opinion).copied())
        };
        let analysis = AnalysisJson::new(stored.language.code(), &stored.analysis, place);
        let feedback = stored.feedback;
        let turns = feedback.body.turns().iter().map(|turn| TurnJson {
            role: turn.role.code(),
            text: turn.text.clone(),
            at: turn.at.map(|at| at.to_string()),
        });
        Self {
            turns: turns.collect(),
            id: feedback.id.to_string(),
            text: stored.verbatim,
            analysis,
            source: feedback.source,
            channel: feedback.channel,
            created_at: feedback.created_at.map(|at| at.to_string()),
            product: feedback.product,
            release: feedback.release,
            rating: feedback.rating.map(echolot_core::Rating::value),
            nps: feedback.nps.map(echolot_core::NpsAnswer::value),
            csat: feedback.csat.map(echolot_core::CsatAnswer::value),
            ces: feedback.ces.map(echolot_core::CesAnswer::value),
            respondent: feedback.respondent,
            url: feedback.url,
            attributes: feedback
                .attributes
                .into_iter()
                .map(|(key, value)| (key, Value::String(value)))
                .collect(),
            duplicate_of: (stored.canonical != stored.row).then_some(stored.canonical.0),
            row: stored.row.0,
            analysed: stored.is_analysed,
            spam: stored.is_spam,
            own_topics: vec![],
            corrections: vec![],
            model: None,
        }
    }
}
