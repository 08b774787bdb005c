//! What a person says against the model: checked, written down and put into effect.

use echolot_core::{CharSpan, Correction, FeedbackId, Judgement};
use echolot_index::{Change, CorrectableText, CorrectedAnswer};

use super::desk::Desk;
use crate::Error;

/// The longest note, in characters.
const LONGEST_NOTE: usize = 2000;

/// What a person says of verbatims, or of one opinion unit, instead of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRequest {
    /// The feedback items, each with the number of a unit or as a whole.
    pub targets: Vec<(FeedbackId, Option<u32>)>,
    /// What is said of each of them.
    pub judgements: Vec<Judgement>,
    /// Why.
    pub note: Option<String>,
}

impl Desk<'_> {
    /// Checks the corrections and returns what is to be written down. They
    /// take effect when the desk is closed.
    pub(super) fn correct(&mut self, request: &CorrectionRequest) -> Result<Change, Error> {
        let bad = |key, reason: &str| Err(Error::BadValue { key, reason: reason.to_owned() });
        if request.judgements.is_empty() {
            return bad("correct", "say what it is: polarity, topics, intents or spam");
        }
        let note = request.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
            return bad("note", &format!("a note has at most {LONGEST_NOTE} characters"));
        }
        let mut corrections: Vec<CorrectedAnswer> = Vec::new();
        for (id, unit) in &request.targets {
            let text =
                self.store.correctable(id)?.ok_or_else(|| Error::UnknownFeedback(id.clone()))?;
            let span = unit.map(|unit| unit_span(id, unit, &text)).transpose()?;
            for judgement in &request.judgements {
                if span.is_some() && matches!(judgement, Judgement::Intents(_) | Judgement::Spam) {
                    let reason =
                        format!("{} is said of a verbatim, not of a unit", judgement.field());
                    return bad("unit", &reason);
                }
                let correction = Correction { span, judgement: judgement.clone() };
                let said = correction.answer_in(&text.model);
                let answer = CorrectedAnswer { row: text.row, correction, said, text: text.text };
                if !corrections.contains(&answer) {
                    corrections.push(answer);
                }
            }
            self.restated.insert(text.row);
        }
        self.leave_out_what_stands(&mut corrections)?;
        Ok(Change::Correct { note: note.map(str::to_owned), corrections })
    }

    /// Takes out what is the case already, by the model or a correction.
    fn leave_out_what_stands(&self, corrections: &mut Vec<CorrectedAnswer>) -> Result<(), Error> {
        let edits = self.store.edits()?;
        let standing = |answer: &CorrectedAnswer| {
            let edits = edits.iter().rev().filter(|edit| edit.undone_by.is_none());
            let mut said = edits.flat_map(|edit| match &edit.change {
                Change::Correct { corrections, .. } => corrections.as_slice(),
                _ => &[],
            });
            said.find(|earlier| {
                earlier.row == answer.row
                    && earlier.text == answer.text
                    && answer.correction.replaces(&earlier.correction)
            })
        };
        corrections.retain(|answer| {
            let says = &answer.correction.judgement;
            match standing(answer) {
                Some(earlier) => earlier.correction.judgement != *says,
                None => answer.said.as_ref() != Some(says),
            }
        });
        if corrections.is_empty() {
            return Err(Error::NothingToChange("that is what is said of it already".to_owned()));
        }
        Ok(())
    }
}

fn unit_span(id: &FeedbackId, unit: u32, text: &CorrectableText) -> Result<CharSpan, Error> {
    let span = text.units.get(unit as usize).copied();
    // A unit that a correction had made is not one of the model's.
    let is_models = |span: &CharSpan| text.model.opinions.iter().any(|o| o.span == *span);
    span.filter(is_models).ok_or_else(|| Error::UnknownUnit { id: id.clone(), unit })
}
