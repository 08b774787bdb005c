//! Taking in the labels that people gave to a sample: all of them, or none.

use std::collections::BTreeMap;
use std::path::Path;

use echolot_core::{FeedbackId, Intent, Polarity, Timestamp, Topic};
use echolot_index::{AuditLabel, DataFolder};
use serde_json::json;

use crate::Error;

/// A person's answers about one verbatim, as a file has them.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditAnswer {
    /// The line of the file, from 1.
    pub line: u64,
    /// The feedback item.
    pub id: FeedbackId,
    /// The part of all verbatims it was drawn from.
    pub stratum: String,
    /// How many verbatims of it this one stands for.
    pub weight: f64,
    /// The fingerprint of the words that were read, in hexadecimal; none where the
    /// file does not say.
    pub words: Option<String>,
    /// Which way it points; none where that was not answered.
    pub polarity: Option<Polarity>,
    /// All topics of it.
    pub topics: Option<Vec<Topic>>,
    /// All intents of it.
    pub intents: Option<Vec<Intent>>,
}

impl AuditAnswer {
    /// Whether any question was answered.
    pub fn is_answered(&self) -> bool {
        self.polarity.is_some() || self.topics.is_some() || self.intents.is_some()
    }
}

/// So many mistakes of a file are named.
const NAMED: usize = 10;

/// Stores labels over those that the same verbatims have, as a generation of
/// its own, and returns its number.
///
/// # Errors
/// When an item is not known or given twice, when a weight is no number above 0,
/// when no line answers anything, and when a run or an edit holds the folder.
/// Nothing is stored then; each mistake is named with its line.
pub fn import_audit(
    path: &Path,
    answers: &[AuditAnswer],
    (author, at): (&str, Timestamp),
) -> Result<u64, Error> {
    let folder = DataFolder::open(path)?;
    let lock = folder.lock()?;
    folder.publish(&lock)?;
    let writer = folder.begin_run(&lock)?;
    let store = writer.theme_store();
    let mut lines: BTreeMap<&FeedbackId, u64> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let mut stored: u64 = 0;
    for answer in answers {
        let AuditAnswer { line, id, stratum, weight, .. } = answer;
        if let Some(first) = lines.insert(id, *line) {
            mistakes.push(format!("line {line}: `{id}` is on line {first} already; keep one"));
        }
        if !(weight.is_finite() && *weight > 0.0) {
            mistakes
                .push(format!("line {line}: the weight is not above 0; keep that of the sample"));
            continue;
        }
        if !answer.is_answered() {
            continue;
        }
        let Some(text) = store.correctable(id)? else {
            mistakes.push(format!(
                "line {line}: there is no feedback item `{id}`; keep the ids of the sample"
            ));
            continue;
        };
        if answer.words.as_ref().is_some_and(|words| *words != text.text.to_string()) {
            mistakes.push(format!(
                "line {line}: the words of `{id}` were replaced since they were drawn; leave it out"
            ));
            continue;
        }
        stored += 1;
        store.put_audit_label(&AuditLabel {
            row: text.row,
            author: author.to_owned(),
            text: text.text,
            stratum: stratum.clone(),
            weight: *weight,
            polarity: answer.polarity,
            topics: answer.topics.clone(),
            intents: answer.intents.clone(),
        })?;
    }
    if stored == 0 && mistakes.is_empty() {
        mistakes.push("no line answers anything; fill in polarity, topics or intents".to_owned());
    }
    if !mistakes.is_empty() {
        let more = mistakes.len().saturating_sub(NAMED);
        mistakes.truncate(NAMED);
        mistakes.extend((more > 0).then(|| format!("and {more} more")));
        return Err(Error::BadValue { key: "labels", reason: mistakes.join("\n  ") });
    }
    let generation = writer.generation();
    let report = json!({
        "generation": generation,
        "audit": { "labels": stored, "author": author, "at": at.to_string() },
    });
    writer.commit(&report, at)?;
    folder.publish(&lock)?;
    Ok(generation)
}
