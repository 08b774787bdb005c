//! What people say against the model.

use echolot_core::{Intent, Judgement, Topic};
use echolot_engine::{CorrectedCount, StandingCorrection};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The corrections that stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectionsJson {
    generation: u64,
    /// How many stand, shown or not.
    total: u64,
    /// How many of them are conflicts.
    conflicts: u64,
    /// By edit, oldest first.
    corrections: Vec<CorrectionJson>,
}

/// One correction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectionJson {
    /// The edit, by which it can be undone.
    edit: u64,
    at: String,
    author: String,
    note: Option<String>,
    /// The feedback item.
    id: String,
    /// The number of its opinion unit; null for the verbatim as a whole, and for
    /// a unit that is gone.
    unit: Option<u32>,
    /// The characters of the unit, `[start, end)`; null for the verbatim as a whole.
    span: Option<[u32; 2]>,
    /// `polarity`, `topics`, `intents` or `spam`.
    #[schema(value_type = String, example = "polarity")]
    field: &'static str,
    /// What the person says: a code, a list of codes, or true for spam.
    says: Value,
    /// What the model said then; null of spam.
    model_said: Value,
    /// What the model says now; null of spam and of a unit that is gone.
    model_says: Value,
    /// `holds`, `model_changed`, `unit_gone` or `text_changed`; all but the
    /// first are conflicts.
    #[schema(value_type = String, example = "holds")]
    standing: &'static str,
    /// Whether counts and answers follow it.
    in_force: bool,
}

/// What people have said of the verbatims of an answer against the model.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct CorrectedJson {
    /// Verbatims of which something else is counted than the model says.
    corrected: u64,
    /// Verbatims that are left out as spam.
    spam: u64,
}

impl From<CorrectedCount> for CorrectedJson {
    fn from(count: CorrectedCount) -> Self {
        Self { corrected: count.corrected, spam: count.spam }
    }
}

impl CorrectionsJson {
    pub(crate) fn new(
        generation: u64,
        standing: Vec<StandingCorrection>,
        only_conflicts: bool,
    ) -> Self {
        let is_conflict = |one: &&StandingCorrection| one.standing.is_conflict();
        let conflicts = standing.iter().filter(is_conflict).count() as u64;
        let total = standing.len() as u64;
        let shown = standing.into_iter().filter(|one| !only_conflicts || is_conflict(&one));
        let corrections = shown.map(CorrectionJson::from).collect();
        Self { generation, total, conflicts, corrections }
    }
}

impl From<StandingCorrection> for CorrectionJson {
    fn from(one: StandingCorrection) -> Self {
        let correction = &one.answer.correction;
        let answer = |judgement: Option<&Judgement>| judgement.map_or(Value::Null, judgement_json);
        Self {
            span: correction.span.map(|span| [span.start, span.end]),
            field: correction.judgement.field(),
            says: judgement_json(&correction.judgement),
            model_said: answer(one.answer.said.as_ref()),
            model_says: answer(one.model.as_ref()),
            standing: one.standing.word(),
            in_force: one.standing.is_in_force(),
            edit: one.edit,
            at: one.at.to_string(),
            author: one.author,
            note: one.note,
            id: one.id.to_string(),
            unit: one.unit,
        }
    }
}

/// An answer as a code, a list of codes, or true.
pub(crate) fn judgement_json(judgement: &Judgement) -> Value {
    match judgement {
        Judgement::Polarity(polarity) => json!(polarity.code()),
        Judgement::Topics(topics) => {
            topics.iter().copied().map(Topic::code).collect::<Vec<_>>().into()
        }
        Judgement::Intents(intents) => {
            intents.iter().copied().map(Intent::code).collect::<Vec<_>>().into()
        }
        Judgement::Spam => json!(true),
    }
}
