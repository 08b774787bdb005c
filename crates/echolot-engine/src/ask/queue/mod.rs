//! The complaint queue: which customers need an answer, the most urgent first.

mod cases;
mod grouping;

use std::cmp::Ordering;
use std::path::Path;

use echolot_core::{
    CaseStatus, ClosedContact, FeedbackId, NpsAnswer, Rating, ResponseTimes, SeverityWeights,
    Share, ThemeId, Timestamp, first_contact_resolution, response_times,
};
use echolot_index::{CaseEvent, RowId};

use super::themes::titles;
use super::{Segment, Snapshot};
use crate::{Error, open_follow_up};
use cases::{Case, complaints};
pub use grouping::GroupKind;
use grouping::{CaseGroup, group};

/// What makes a complaint urgent, and which belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueConfig {
    /// How much each sign of urgency counts.
    pub weights: SeverityWeights,
    /// The worst and the best rating.
    pub rating_range: (f64, f64),
    /// Complaints that lie no more days apart may be one case.
    pub repeat_days: u32,
    /// A case is resolved when the customer is not back within so many days.
    pub reopen_days: u32,
}

/// Which complaints are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueQuestion {
    /// The verbatims that count.
    pub segment: Segment,
    /// Those with one of these statuses are shown.
    pub statuses: Vec<CaseStatus>,
    /// The greatest number of groups; none means all.
    pub limit: Option<usize>,
    /// The time until which customers have waited.
    pub now: Timestamp,
}

/// Complaints by urgency.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// How many complaints have each status, in the order of [`CaseStatus::ALL`].
    pub by_status: Vec<(CaseStatus, u64)>,
    /// How many groups have a complaint that is asked for, shown or not.
    pub num_groups: u64,
    /// The groups, the most urgent first.
    pub groups: Vec<QueueGroup>,
    /// How complaints are answered.
    pub figures: QueueFigures,
}

/// How the complaints of a set are answered, by the stamps of the queue and the
/// times that conversations carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueFigures {
    /// From the complaint to its first answer.
    pub first_response: Option<ResponseTimes>,
    /// From the complaint to when it was closed.
    pub resolution: Option<ResponseTimes>,
    /// The share of closed ones whose customer did not come back.
    pub first_contact_resolution: Option<Share>,
}

/// Complaints that are one case.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueGroup {
    /// What makes them one.
    pub kind: GroupKind,
    /// The customer, where it is one.
    pub respondent: Option<String>,
    /// The theme they share, with its name, where it is that.
    pub theme: Option<(ThemeId, String)>,
    /// The severity of the most urgent one that is asked for, 0..=1.
    pub severity: f64,
    /// How many complaints there are in it, whatever their status.
    pub size: u64,
    /// Those that are asked for, the most urgent first.
    pub cases: Vec<QueueCase>,
}

/// One complaint of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueCase {
    /// The feedback item.
    pub id: FeedbackId,
    /// How urgent it is, 0..=1.
    pub severity: f64,
    /// How far it has come.
    pub status: CaseStatus,
    /// The status that a person gave it last; none where nobody has.
    pub last_event: Option<CaseEvent>,
    /// Whether the writer left or threatens to.
    pub is_churn: bool,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// Seconds that the customer has waited, or had to until the first answer.
    pub waited_s: Option<i64>,
    /// The product.
    pub product: Option<String>,
    /// The pseudonymous id of the customer.
    pub respondent: Option<String>,
    /// The rating.
    pub rating: Option<f64>,
    /// The answer to the recommendation question.
    pub nps: Option<u8>,
    /// The customer's words.
    pub text: String,
}

const DAY: i64 = 86_400;

/// The complaints of a published generation with the statuses that people have
/// given them until now.
///
/// # Errors
/// When the notes of the data folder at `path` cannot be read, and when the
/// filter names an attribute that no item has.
pub fn complaint_queue(
    path: &Path,
    snapshot: &Snapshot,
    question: &QueueQuestion,
    config: &QueueConfig,
) -> Result<Queue, Error> {
    let events = open_follow_up(path)?.case_events()?;
    let cases = complaints(snapshot, question, (config, events))?;
    let groups = group(snapshot.facts()?, &cases, i64::from(config.repeat_days) * DAY);
    let count = |status| cases.iter().filter(|case| case.status == status).count() as u64;
    let by_status = CaseStatus::ALL.iter().map(|&status| (status, count(status))).collect();
    let figures = figures(&cases, &groups, (config, question.now));

    let asked = |group: CaseGroup| {
        let repeats = group.members.len() as u64 - 1;
        let members = group.members.iter().map(|&member| &cases[member]);
        let members = members.filter(|case| question.statuses.contains(&case.status));
        let mut asked: Vec<(f64, &Case)> =
            members.map(|case| (case.severity(repeats, &config.weights), case)).collect();
        asked.sort_by(most_urgent_first);
        (!asked.is_empty()).then_some((group, asked))
    };
    let mut shown: Vec<(CaseGroup, Vec<(f64, &Case)>)> =
        groups.into_iter().filter_map(asked).collect();
    shown.sort_by(|(_, a), (_, b)| most_urgent_first(&a[0], &b[0]));
    let num_groups = shown.len() as u64;
    shown.truncate(question.limit.unwrap_or(usize::MAX));
    let titles = titles(snapshot)?;
    let groups = shown.into_iter().map(|(group, asked)| {
        let theme = group.theme.map(|id| (id, titles.get(&id).cloned().unwrap_or_default()));
        show(snapshot, (group, theme), &asked)
    });
    Ok(Queue { by_status, num_groups, groups: groups.collect::<Result<_, _>>()?, figures })
}

fn most_urgent_first(a: &(f64, &Case), b: &(f64, &Case)) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.row.cmp(&b.1.row))
}

/// Gives a complaint a status. It is seen at once, by a run that goes on too.
///
/// # Errors
/// When there is no such item in the published generation, and when it has the
/// status already.
pub fn set_case_status(path: &Path, snapshot: &Snapshot, event: &CaseEvent) -> Result<(), Error> {
    if snapshot.row_of(&event.id)?.is_none() {
        return Err(Error::UnknownFeedback(event.id.clone()));
    }
    let follow_up = open_follow_up(path)?;
    let events = follow_up.case_events()?;
    let last = events.iter().rev().find(|earlier| earlier.id == event.id);
    if last.is_some_and(|last| last.status == event.status && last.note == event.note) {
        let reason = format!("`{}` is {} already", event.id, event.status);
        return Err(Error::NothingToChange(reason));
    }
    Ok(follow_up.add_case_event(event)?)
}

fn show(
    snapshot: &Snapshot,
    (group, theme): (CaseGroup, Option<(ThemeId, String)>),
    asked: &[(f64, &Case)],
) -> Result<QueueGroup, Error> {
    let facts = snapshot.facts()?;
    let rows: Vec<RowId> = asked.iter().map(|(_, case)| case.row).collect();
    let texts = snapshot.inner.texts(&rows)?;
    let cases = asked.iter().zip(texts).map(|((severity, case), (id, text))| {
        let (row, at) = (case.row, case.row.index());
        QueueCase {
            id,
            severity: *severity,
            status: case.status,
            last_event: case.last_event.clone(),
            is_churn: case.signs.is_churn,
            created_at: facts.created_at[at],
            waited_s: case.signs.waited_s,
            product: facts.product.get(row).map(str::to_owned),
            respondent: facts.respondent.get(row).map(str::to_owned),
            rating: facts.rating[at].map(Rating::value),
            nps: facts.nps[at].map(NpsAnswer::value),
            text,
        }
    });
    Ok(QueueGroup {
        kind: group.kind,
        respondent: (group.kind == GroupKind::Respondent)
            .then(|| facts.respondent.get(rows[0]).map(str::to_owned))
            .flatten(),
        theme,
        severity: asked[0].0,
        size: group.members.len() as u64,
        cases: cases.collect(),
    })
}

fn figures(
    cases: &[Case],
    groups: &[CaseGroup],
    (config, now): (&QueueConfig, Timestamp),
) -> QueueFigures {
    let since = |case: &Case, end: Option<Timestamp>| {
        let seconds = end?.seconds() - case.created_at?.seconds();
        (seconds >= 0).then_some(seconds)
    };
    let mut contacts = Vec::new();
    for group in groups {
        for &member in &group.members {
            let Some(closed_at) = cases[member].closed_at else { continue };
            let again = group.members.iter().filter(|_| group.kind == GroupKind::Respondent);
            let again = again.filter_map(|&other| cases[other].created_at);
            let back = again.chain(cases[member].reopened_at).filter(|&back| back > closed_at);
            contacts.push(ClosedContact { closed_at, back_at: back.min() });
        }
    }
    let window = i64::from(config.reopen_days) * DAY;
    QueueFigures {
        first_response: response_times(
            cases.iter().filter_map(|case| since(case, case.answered_at)),
        ),
        resolution: response_times(cases.iter().filter_map(|case| since(case, case.closed_at))),
        first_contact_resolution: first_contact_resolution(contacts, window, now),
    }
}
