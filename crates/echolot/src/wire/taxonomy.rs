//! A company's own taxonomy, with counts.

use std::collections::BTreeMap;

use echolot_core::Share;
use echolot_engine::{
    AppliedTaxonomy, Filter, Grouping, OwnTopicAccuracy, OwnTopicOfRow, OwnTopicRow, Quantity,
    Scope, Snapshot, TaxonomyView, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::kpis::ShareJson;
use super::{rounded, trace};

/// A company's own taxonomy, with how many verbatims have each topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaxonomyJson {
    generation: u64,
    /// When the taxonomy in force was applied; null where none ever was.
    applied: Option<AppliedJson>,
    /// Those that were in force before, oldest first.
    former: Vec<AppliedJson>,
    /// Verbatims, near-duplicates once.
    verbatims: u64,
    /// Of them, those with any own topic.
    with_topic: u64,
    /// The topics, each after the one above it, those beside each other in the order of
    /// the file.
    topics: Vec<OwnTopicJson>,
    /// The taxonomy in TOML, as it was given; null for a key that is restricted to some
    /// products.
    document: Option<String>,
}

/// That a taxonomy was put in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppliedJson {
    /// The generation that made.
    generation: u64,
    author: String,
    at: String,
}

/// A topic of a company's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnTopicJson {
    /// What it is asked for by.
    #[schema(example = "late_parcel")]
    key: String,
    /// What it is called.
    #[schema(example = "Late parcel")]
    name: String,
    /// Its names by language code; none where one serves all.
    names: BTreeMap<String, String>,
    /// The key of the topic above it.
    parent: Option<String>,
    /// How many topics are above it.
    depth: usize,
    /// A query that holds for verbatims that have it.
    rule: Option<String>,
    /// Sentences that have it.
    examples: Vec<String>,
    /// The least similarity to the examples of an opinion unit that has it; null where
    /// there are none.
    threshold: Option<f64>,
    /// The journey stage of verbatims that have it.
    #[schema(value_type = Option<String>)]
    stage: Option<&'static str>,
    /// The touchpoint of verbatims that have it.
    touchpoint: Option<String>,
    /// Verbatims that have it, near-duplicates once.
    volume: u64,
    /// Verbatims that have it, every one counted.
    mentions: u64,
    /// The volume's share of all verbatims, 0..=1; null when there are none.
    share: Option<f64>,
    /// Lower end of the 95 % Wilson interval.
    share_low: Option<f64>,
    /// Upper end of the 95 % Wilson interval.
    share_high: Option<f64>,
    /// Of the volume, those for which the rule holds.
    by_rule: u64,
    /// Of the volume, those that are like the examples.
    by_examples: u64,
    /// Of the volume, those that have it only because they have a topic below it.
    by_children: u64,
    /// How right it is; null where nothing is labelled.
    accuracy: Option<OwnTopicAccuracyJson>,
    /// With which the volume can be counted again, where the taxonomy is in force.
    trace: String,
}

/// How right an own topic is, by what people say of some verbatims.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnTopicAccuracyJson {
    /// How many verbatims are labelled and seen.
    labelled: u64,
    /// How many labels are of verbatims that are not there or not seen.
    missing: u64,
    /// Of the labelled ones that have it, the share that should.
    precision: Option<ShareJson>,
    /// Of the labelled ones that should have it, the share that does.
    recall: Option<ShareJson>,
}

/// An own topic of a verbatim, and why it has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundTopicJson {
    key: String,
    name: String,
    /// Whether the rule of the topic holds.
    by_rule: bool,
    /// Where words of the rule stand in the verbatim.
    spans: Vec<StretchJson>,
    /// The number of the opinion unit that is most like the examples; absent where none
    /// is like them.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<u32>,
    /// How like them it is, -1..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    similarity: Option<f64>,
    /// Whether the verbatim has it only because it has a topic below it.
    by_children: bool,
}

/// A stretch of a verbatim.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StretchJson {
    /// First character.
    start: u32,
    /// One past the last.
    end: u32,
}

impl TaxonomyJson {
    pub(crate) fn new(snapshot: &Snapshot, view: TaxonomyView) -> Self {
        let generation = snapshot.generation();
        Self {
            generation,
            applied: view.applied.map(AppliedJson::from),
            former: view.former.into_iter().map(AppliedJson::from).collect(),
            verbatims: view.verbatims,
            with_topic: view.with_topic,
            topics: view.rows.into_iter().map(|row| OwnTopicJson::new(generation, row)).collect(),
            document: view.document,
        }
    }
}

impl From<AppliedTaxonomy> for AppliedJson {
    fn from(applied: AppliedTaxonomy) -> Self {
        let AppliedTaxonomy { generation, author, at, .. } = applied;
        Self { generation, author, at: at.to_string() }
    }
}

impl OwnTopicJson {
    fn new(generation: u64, row: OwnTopicRow) -> Self {
        let name = row.topic.name().to_owned();
        let topic = row.topic;
        let counted = Trace::new(generation, Filter::default().into())
            .by(Grouping::OwnTopic, Some(topic.key.clone()))
            .stating(Scope::Group, Quantity::Texts, row.volume as f64);
        let share = |part: fn(&Share) -> f64| row.share.as_ref().map(|share| rounded(part(share)));
        Self {
            name,
            parent: topic.parent,
            depth: topic.depth,
            rule: topic.rule,
            examples: topic.examples,
            threshold: row.threshold.map(|threshold| rounded(f64::from(threshold))),
            stage: topic.stage.map(echolot_core::JourneyStage::code),
            touchpoint: topic.touchpoint,
            volume: row.volume,
            mentions: row.mentions,
            share: share(|share| share.value),
            share_low: share(|share| share.low),
            share_high: share(|share| share.high),
            by_rule: row.by_rule,
            by_examples: row.by_examples,
            by_children: row.by_children,
            accuracy: row.accuracy.map(OwnTopicAccuracyJson::from),
            trace: trace::write(&counted),
            names: topic.names.into_iter().filter(|(code, _)| !code.is_empty()).collect(),
            key: topic.key,
        }
    }
}

impl From<OwnTopicAccuracy> for OwnTopicAccuracyJson {
    fn from(accuracy: OwnTopicAccuracy) -> Self {
        Self {
            labelled: accuracy.labelled,
            missing: accuracy.missing,
            precision: accuracy.precision.map(ShareJson::from),
            recall: accuracy.recall.map(ShareJson::from),
        }
    }
}

impl From<OwnTopicOfRow> for FoundTopicJson {
    fn from(found: OwnTopicOfRow) -> Self {
        let place = |span: echolot_core::CharSpan| StretchJson { start: span.start, end: span.end };
        Self {
            key: found.topic.key,
            name: found.topic.name,
            by_rule: found.by_rule,
            spans: found.words.into_iter().map(place).collect(),
            unit: found.nearest.map(|(unit, _)| unit),
            similarity: found.nearest.map(|(_, similarity)| rounded(f64::from(similarity))),
            by_children: !found.by_rule && found.nearest.is_none(),
        }
    }
}
