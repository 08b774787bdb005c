//! Complaints with what speaks for their urgency and how far they have come.

use std::collections::BTreeMap;

use echolot_core::{
    CaseStatus, ComplaintSigns, Intent, NpsAnswer, Rating, SeverityWeights, Timestamp, severity,
};
use echolot_index::{CaseEvent, Facts, IntentSet, RowId};

use super::{QueueConfig, QueueQuestion};
use crate::Error;
use crate::ask::Snapshot;

/// One complaint.
pub(super) struct Case {
    pub(super) row: RowId,
    pub(super) status: CaseStatus,
    pub(super) last_event: Option<CaseEvent>,
    pub(super) created_at: Option<Timestamp>,
    /// When the customer first got an answer.
    pub(super) answered_at: Option<Timestamp>,
    /// When it was first closed.
    pub(super) closed_at: Option<Timestamp>,
    /// When it was first opened again after that.
    pub(super) reopened_at: Option<Timestamp>,
    /// What speaks for its urgency, but for repeats.
    pub(super) signs: ComplaintSigns,
}

impl Case {
    pub(super) fn severity(&self, repeats: u64, weights: &SeverityWeights) -> f64 {
        severity(&ComplaintSigns { repeats, ..self.signs }, weights)
    }
}

/// The complaints of a set, by row: what states a complaint or churn, and what
/// a person has given a status.
pub(super) fn complaints(
    snapshot: &Snapshot,
    question: &QueueQuestion,
    (config, events): (&QueueConfig, Vec<CaseEvent>),
) -> Result<Vec<Case>, Error> {
    let facts = snapshot.facts()?;
    let mut by_row: BTreeMap<RowId, Vec<CaseEvent>> = BTreeMap::new();
    for event in events {
        // An item of another data folder's notes, or one that was erased, is not asked for.
        if let Some(row) = snapshot.row_of(&event.id)? {
            by_row.entry(row).or_default().push(event);
        }
    }
    let complaint = IntentSet::of(&[Intent::Complaint, Intent::Churn]);
    let mut cases = Vec::new();
    for row in snapshot.rows_of(&question.segment)? {
        let events = by_row.remove(&row).unwrap_or_default();
        if facts.intents[row.index()].intersects(complaint) || !events.is_empty() {
            cases.push(case(facts, row, events, (config, question.now)));
        }
    }
    Ok(cases)
}

fn case(
    facts: &Facts,
    row: RowId,
    events: Vec<CaseEvent>,
    (config, now): (&QueueConfig, Timestamp),
) -> Case {
    let at = row.index();
    let created_at = facts.created_at[at];
    // What a conversation says of itself counts where no person says more.
    let after = |seconds: Option<i64>| {
        Timestamp::from_seconds(created_at?.seconds().checked_add(seconds?)?)
    };
    let first = |is_meant: fn(CaseStatus) -> bool| {
        events.iter().find(|event| is_meant(event.status)).map(|event| event.at)
    };
    let resolved_at = after(facts.resolution_s[at]);
    let replied_at = after(facts.first_response_s[at]);
    let closed_at = earliest(first(|status| status == CaseStatus::Closed), resolved_at);
    let answered_at = earliest(first(|status| !status.is_open()), replied_at.or(resolved_at));
    let reopened_at = events
        .iter()
        .find(|event| event.status.is_open() && closed_at.is_some_and(|closed| event.at >= closed))
        .map(|event| event.at);
    let status = match events.last() {
        Some(event) => event.status,
        None if resolved_at.is_some() => CaseStatus::Closed,
        None if replied_at.is_some() => CaseStatus::Answered,
        None => CaseStatus::New,
    };
    let until = answered_at.filter(|_| !status.is_open()).unwrap_or(now);
    let waited_s = created_at.map(|created| (until.seconds() - created.seconds()).max(0));
    Case {
        row,
        status,
        last_event: events.into_iter().next_back(),
        created_at,
        answered_at,
        closed_at,
        reopened_at,
        signs: ComplaintSigns {
            score: f64::from(facts.score[at]),
            is_churn: facts.intents[at].contains(Intent::Churn),
            dissatisfaction: dissatisfaction(facts, row, config.rating_range),
            repeats: 0,
            waited_s,
        },
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

/// How far the worst of the answers is from the best that could be given, 0..=1.
fn dissatisfaction(facts: &Facts, row: RowId, (worst, best): (f64, f64)) -> Option<f64> {
    let at = row.index();
    let rating = facts.rating[at].map(Rating::value).map(|rating| (best - rating) / (best - worst));
    let nps = facts.nps[at].map(NpsAnswer::value).map(|nps| (10.0 - f64::from(nps)) / 10.0);
    let csat = facts.csat[at]
        .map(|answer| f64::from(answer.scale() - answer.value()) / f64::from(answer.scale() - 1));
    let answers = [rating, nps, csat].into_iter().flatten();
    answers.map(|value| value.clamp(0.0, 1.0)).reduce(f64::max)
}
