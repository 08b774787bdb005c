//! A company's own taxonomy: read from its file, tried, and put in force as a generation.

mod file;
mod prototype;

use std::path::Path;

use echolot_core::{Fingerprint, Timestamp};
use echolot_index::{AppliedTaxonomy, DataFolder, OwnTopic, OwnTopics, Taxonomy};
use serde_json::json;

pub(crate) use file::listed;
pub use file::{TaxonomyFile, TaxonomyMistake, TopicDefinition};

use crate::ask::{TaxonomyView, view};
use crate::{Error, SearchAids, Snapshot};

/// Puts a taxonomy in force in the data folder at `path`, for all that is stored
/// and all that will be, and returns the generation that makes. No stored text
/// is read by the model: rules are searched for, and what the model says of the
/// examples is compared with what it once said of the stored opinion units.
///
/// # Errors
/// When a run or an edit holds the folder, when the same is in force already,
/// and when there are examples and no model to read them. Nothing is changed then.
pub fn apply_taxonomy(
    path: &Path,
    file: &TaxonomyFile,
    aids: &SearchAids,
    (author, at): (&str, Timestamp),
) -> Result<u64, Error> {
    let folder = DataFolder::open(path)?;
    let lock = folder.lock()?;
    folder.publish(&lock)?;
    let snapshot = folder.snapshot()?;
    let (topics, model) = compiled(&snapshot, file, aids)?;
    let in_force = snapshot.taxonomies()?.pop();
    let is_same = match &in_force {
        Some(in_force) => {
            in_force.document == file.document()
                && in_force.topics == topics
                && in_force.model == model
        }
        None => topics.is_empty(),
    };
    if is_same {
        let reason = "this taxonomy is in force already".to_owned();
        return Err(Error::NothingToChange(reason));
    }
    let taxonomy = Taxonomy::new(topics)?;
    let matches = snapshot.find_own_topics(&taxonomy)?;
    let writer = folder.begin_run(&lock)?;
    let applied = AppliedTaxonomy {
        generation: writer.generation(),
        at,
        author: author.to_owned(),
        document: file.document().to_owned(),
        topics: taxonomy.topics().to_vec(),
        model,
    };
    writer.theme_store().apply_taxonomy(&applied, &matches)?;
    let generation = writer.generation();
    let report = json!({
        "generation": generation,
        "taxonomy": { "topics": applied.topics.len(), "author": author, "at": at.to_string() },
    });
    writer.commit(&report, at)?;
    folder.publish(&lock)?;
    Ok(generation)
}

/// How many verbatims would have each topic of a taxonomy, which is not put in
/// force.
///
/// # Errors
/// As [`apply_taxonomy`].
pub fn preview_taxonomy(
    snapshot: &Snapshot,
    file: &TaxonomyFile,
    aids: &SearchAids,
) -> Result<TaxonomyView, Error> {
    let (topics, _) = compiled(&snapshot.inner, file, aids)?;
    let taxonomy = Taxonomy::new(topics)?;
    let own = OwnTopics::new(taxonomy.topics(), &snapshot.inner.find_own_topics(&taxonomy)?);
    view(snapshot, file, &own)
}

/// What is looked for, and the model that read the examples.
fn compiled(
    snapshot: &echolot_index::Snapshot,
    file: &TaxonomyFile,
    aids: &SearchAids,
) -> Result<(Vec<OwnTopic>, Option<Fingerprint>), Error> {
    let mut topics = Vec::with_capacity(file.topics().len());
    let mut model = None;
    for topic in file.topics() {
        let prototype = if topic.examples.is_empty() {
            None
        } else {
            let analyst = aids.analyst()?;
            model = Some(analyst.model_fingerprint());
            let examples = topic.examples.iter().map(|example| analyst.direction(example));
            Some(prototype::of(&examples.collect::<Result<Vec<_>, _>>()?, snapshot)?)
        };
        topics.push(OwnTopic {
            key: topic.key.clone(),
            name: topic.name().to_owned(),
            parent: topic.parent.clone(),
            rule: topic.rule.clone(),
            prototype,
            stage: topic.stage,
            touchpoint: topic.touchpoint.clone(),
        });
    }
    Ok((topics, model))
}
