//! `score`: feedback items in, their analysis out, in order and without a data folder.

use std::collections::VecDeque;

use echolot_core::{Analysis, FeedbackId, Language};

use crate::analyst::{Analysed, Analyst};
use crate::ingest::{Delivered, Deliveries, Rejection};
use crate::{Error, Progress, Step};

/// What is said of one line of input.
#[derive(Debug, Clone, PartialEq)]
pub enum Scored {
    /// The analysis of an item.
    Item(Box<ScoredItem>),
    /// A line that is no feedback item.
    Rejected(Rejection),
}

/// The analysis of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredItem {
    /// The id given, or derived from the content.
    pub id: FeedbackId,
    /// The language of the text.
    pub language: Language,
    /// What is stated.
    pub analysis: Analysis,
    /// The verbatim with personal data masked; as many characters as the
    /// original.
    pub redacted_text: String,
    /// Why the model could not read the text; the analysis is then empty.
    pub error: Option<String>,
}

/// Lines that are analysed together. The result does not depend on it.
const LINES_AT_ONCE: usize = 1024;

/// Analyses what a reader delivers and hands one result per row to `take`, in
/// order. Memory does not grow with the input.
pub fn score<E: From<Error>>(
    mut lines: Deliveries,
    analyst: &Analyst,
    progress: &dyn Progress,
    mut take: impl FnMut(Scored) -> Result<(), E>,
) -> Result<(), E> {
    progress.begin(Step::Analyse, None);
    loop {
        let chunk: Vec<Delivered> =
            lines.by_ref().take(LINES_AT_ONCE).collect::<Result<_, _>>().map_err(Error::from)?;
        if chunk.is_empty() {
            return Ok(());
        }
        progress.advance(chunk.len() as u64);
        let mut items = Vec::with_capacity(chunk.len());
        // The rejections, each with the number of items before it.
        let mut rejections = VecDeque::new();
        for delivered in chunk {
            match delivered {
                Delivered::Item(item, _) => items.push(*item),
                Delivered::Rejected(rejection) => rejections.push_back((items.len(), rejection)),
            }
        }
        for (before, analysed) in analyst.analyse(items).into_iter().enumerate() {
            while let Some((_, rejection)) = rejections.pop_front_if(|(at, _)| *at == before) {
                take(Scored::Rejected(rejection))?;
            }
            take(Scored::Item(Box::new(scored(analysed))))?;
        }
        rejections.into_iter().try_for_each(|(_, rejection)| take(Scored::Rejected(rejection)))?;
    }
}

fn scored(Analysed { draft, outcome }: Analysed) -> ScoredItem {
    let (analysis, error) = match outcome {
        Ok((analysis, _)) => (analysis, None),
        Err(error) => (Analysis::empty(), Some(error.to_string())),
    };
    ScoredItem {
        id: draft.feedback.id,
        language: draft.language,
        analysis,
        redacted_text: draft.verbatim,
        error,
    }
}
