//! The taxonomy in force: how many verbatims have each of its topics, and how right that is.

use std::collections::BTreeSet;

use echolot_core::{FeedbackId, Share, wilson};
use echolot_index::{AppliedTaxonomy, Filter, OwnTopics, RowId};

use super::Snapshot;
use crate::{Error, TaxonomyFile, TopicDefinition};

/// A taxonomy with its counts.
#[derive(Debug, Clone, PartialEq)]
pub struct TaxonomyView {
    /// The taxonomy in force; none where none ever was.
    pub applied: Option<AppliedTaxonomy>,
    /// Those that were in force before, oldest first.
    pub former: Vec<AppliedTaxonomy>,
    /// The taxonomy that is counted, unless only some products are seen: its labels
    /// name items of others.
    pub document: Option<String>,
    /// Verbatims, near-duplicates once.
    pub verbatims: u64,
    /// Of them, those with any own topic.
    pub with_topic: u64,
    /// The topics, each after the one above it.
    pub rows: Vec<OwnTopicRow>,
}

/// A topic of a company's own with its counts.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnTopicRow {
    /// The topic as its file defines it.
    pub topic: TopicDefinition,
    /// The least cosine to its examples; none where it has none.
    pub threshold: Option<f32>,
    /// Verbatims that have it, near-duplicates once.
    pub volume: u64,
    /// Verbatims that have it, every one counted.
    pub mentions: u64,
    /// The volume's share of all verbatims; none when there are none.
    pub share: Option<Share>,
    /// Of the volume, those for which the rule holds.
    pub by_rule: u64,
    /// Of the volume, those with a unit that is like the examples.
    pub by_examples: u64,
    /// Of the volume, those that have it only because they have a topic below it.
    pub by_children: u64,
    /// How right it is; none where nothing is labelled.
    pub accuracy: Option<OwnTopicAccuracy>,
}

/// How right an own topic is, by what people say of some verbatims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnTopicAccuracy {
    /// How many verbatims are labelled and seen.
    pub labelled: u64,
    /// How many labels are of verbatims that are not there or not seen.
    pub missing: u64,
    /// Of the labelled ones that have it, how many should.
    pub precision: Option<Share>,
    /// Of the labelled ones that should have it, how many do.
    pub recall: Option<Share>,
}

pub(super) fn in_force(snapshot: &Snapshot) -> Result<TaxonomyView, Error> {
    let applied = snapshot.inner.taxonomies()?.pop();
    let document = applied.map(|applied| applied.document).unwrap_or_default();
    let file = TaxonomyFile::parse(&document, "the taxonomy in force")?;
    view(snapshot, &file, &snapshot.facts()?.own)
}

/// Counts a taxonomy whose topics were found.
pub(crate) fn view(
    snapshot: &Snapshot,
    file: &TaxonomyFile,
    own: &OwnTopics,
) -> Result<TaxonomyView, Error> {
    let facts = snapshot.facts()?;
    let rows = snapshot.rows(&Filter::default())?;
    let mut found = vec![Found::default(); own.topics().len()];
    let (mut all, mut with_topic) = (BTreeSet::new(), BTreeSet::new());
    for &row in &rows {
        let canonical = facts.canonical[row.index()];
        all.insert(canonical);
        for fact in own.of(row) {
            with_topic.insert(canonical);
            let found = &mut found[fact.topic as usize];
            found.mentions += 1;
            found.all.insert(canonical);
            if fact.by_rule {
                found.by_rule.insert(canonical);
            }
            if fact.by_examples {
                found.by_examples.insert(canonical);
            }
        }
    }
    let total = all.len() as u64;
    let mut topics = Vec::with_capacity(file.topics().len());
    for (place, topic) in (0..).zip(file.topics()) {
        let found = &found[place as usize];
        let volume = found.all.len() as u64;
        let by_itself = found.by_rule.union(&found.by_examples).count() as u64;
        let prototype = own.topics()[place as usize].prototype.as_ref();
        topics.push(OwnTopicRow {
            threshold: prototype.map(|prototype| prototype.threshold),
            volume,
            mentions: found.mentions,
            share: wilson(volume, total),
            by_rule: found.by_rule.len() as u64,
            by_examples: found.by_examples.len() as u64,
            by_children: volume - by_itself,
            accuracy: accuracy(snapshot, topic, &|row| {
                own.of(row).iter().any(|fact| fact.topic == place)
            })?,
            topic: topic.clone(),
        });
    }
    let mut former = snapshot.inner.taxonomies()?;
    Ok(TaxonomyView {
        applied: former.pop(),
        former,
        document: (!snapshot.is_restricted()).then(|| file.document().to_owned()),
        verbatims: total,
        with_topic: with_topic.len() as u64,
        rows: topics,
    })
}

/// The verbatims of one topic.
#[derive(Debug, Clone, Default)]
struct Found {
    mentions: u64,
    all: BTreeSet<RowId>,
    by_rule: BTreeSet<RowId>,
    by_examples: BTreeSet<RowId>,
}

fn accuracy(
    snapshot: &Snapshot,
    topic: &TopicDefinition,
    has: &dyn Fn(RowId) -> bool,
) -> Result<Option<OwnTopicAccuracy>, Error> {
    if topic.labelled_yes.is_empty() && topic.labelled_no.is_empty() {
        return Ok(None);
    }
    let mut missing = 0;
    // How many have it, and how many there are.
    let mut count = |ids: &[FeedbackId]| -> Result<(u64, u64), Error> {
        let (mut having, mut seen) = (0, 0);
        for id in ids {
            match snapshot.row_of(id)? {
                Some(row) => {
                    seen += 1;
                    having += u64::from(has(row));
                }
                None => missing += 1,
            }
        }
        Ok((having, seen))
    };
    let (right, should) = count(&topic.labelled_yes)?;
    let (wrong, should_not) = count(&topic.labelled_no)?;
    Ok(Some(OwnTopicAccuracy {
        labelled: should + should_not,
        missing,
        precision: wilson(right, right + wrong),
        recall: wilson(right, should),
    }))
}
