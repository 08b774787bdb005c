//! Counts the figures of a trace again, from the stored rows.
//!
//! Nothing here looks at the columns or the counting core that the figures
//! came from: rows are selected by one SQL statement and counted one by one.
//! Only the published formulas (means, points, intervals) are the same.

use std::collections::BTreeSet;

use echolot_core::{
    Answers, CesVersion, CharSpan, ClosedContact, FeedbackId, Impact, Rating, Resampling, Share,
    Timestamp, ces_mean, csat, first_contact_resolution, leave_out_impact, net_sentiment, nps,
    response_times,
};
use echolot_index::{RowId, SelectedRow, Selection};

use super::trace::{Figure, Kpi, Quantity, Scope, Statistic, Trace};
use super::{Grouping, Outcome, Segment, Snapshot};
use crate::Error;

/// What came of counting again.
#[derive(Debug, Clone, PartialEq)]
pub struct Recount {
    /// What was to be counted.
    pub trace: Trace,
    /// Each figure of the trace with what was found: none where there is
    /// nothing to compute it from.
    pub found: Vec<(Figure, Option<f64>)>,
    /// The verbatims of the group, in the order of first load.
    pub verbatims: Vec<RecountedVerbatim>,
}

/// A verbatim that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecountedVerbatim {
    /// The feedback item.
    pub id: FeedbackId,
    /// Its number.
    pub row: RowId,
    /// The row it repeats, or itself.
    pub canonical: RowId,
    /// Where the opinions that count stand in its verbatim, in order; the
    /// whole of it where it has none.
    pub spans: Vec<CharSpan>,
}

/// Stated numbers have six decimals.
const TOLERANCE: f64 = 1e-6;

impl Recount {
    /// Whether every figure was found as it was stated.
    pub fn agrees(&self) -> bool {
        self.found.iter().all(|(figure, found)| is_found(figure, *found))
    }
}

/// Whether a figure was found as it was stated.
pub(super) fn is_found(figure: &Figure, found: Option<f64>) -> bool {
    found.is_some_and(|found| (found - figure.value).abs() <= TOLERANCE)
}

pub(super) fn recount(snapshot: &Snapshot, trace: &Trace) -> Result<Recount, Error> {
    let rows = select(snapshot, trace, Scope::Group)?;
    let mut found = Vec::with_capacity(trace.figures.len());
    for figure in &trace.figures {
        let of_scope;
        let set = if figure.scope == Scope::Group {
            &rows
        } else {
            of_scope = select(snapshot, trace, figure.scope)?;
            &of_scope
        };
        let value = match figure.quantity {
            Quantity::Impact(outcome, statistic) => {
                let all = select(snapshot, trace, Scope::All)?;
                impact(outcome, &all, set).map(|impact| part(&impact, statistic))
            }
            Quantity::Mean(outcome, statistic) => mean(&answers(outcome, set), statistic),
            Quantity::Kpi(Kpi::FirstContact, statistic) => {
                let share = first_contact(snapshot, set)?;
                match statistic {
                    Statistic::Answers => Some(share.map_or(0.0, |share| share.total as f64)),
                    _ => share.map(|share| share.value),
                }
            }
            Quantity::Kpi(kpi, statistic) => kpi_of(kpi, statistic, set),
            counted => Some(count(counted, set) as f64),
        };
        found.push((*figure, value));
    }
    let verbatims = rows.into_iter().map(|row| {
        let mut spans: Vec<CharSpan> = row.opinions.iter().map(|(span, _)| *span).collect();
        // Opinions about two topics can share a stretch.
        spans.dedup();
        if spans.is_empty() {
            spans.push(CharSpan { start: 0, end: row.length });
        }
        RecountedVerbatim {
            id: FeedbackId::new(row.id),
            row: row.row,
            canonical: row.canonical,
            spans,
        }
    });
    Ok(Recount { trace: trace.clone(), found, verbatims: verbatims.collect() })
}

/// The rows of one of the sets of a trace.
fn select(snapshot: &Snapshot, trace: &Trace, scope: Scope) -> Result<Vec<SelectedRow>, Error> {
    let segment = match scope {
        Scope::Group | Scope::All => trace.segment.clone(),
        Scope::Frame | Scope::FrameGroup => trace.segment.frame(),
    };
    let in_group = matches!(scope, Scope::Group | Scope::FrameGroup);
    if !(trace.is_apart && in_group) {
        return select_group(snapshot, trace, (&segment, in_group));
    }
    let chosen = select_group(snapshot, trace, (&segment, false))?;
    let chosen: BTreeSet<RowId> = chosen.into_iter().map(|row| row.row).collect();
    let mut rows = select_group(snapshot, trace, (&segment.frame(), true))?;
    rows.retain(|row| chosen.contains(&row.row));
    Ok(rows)
}

fn select_group(
    snapshot: &Snapshot,
    trace: &Trace,
    (segment, in_group): (&Segment, bool),
) -> Result<Vec<SelectedRow>, Error> {
    let name = |(grouping, value): &(Grouping, Option<String>)| {
        (grouping.name().into_owned(), value.clone())
    };
    let selection = Selection {
        filter: segment.filter.clone(),
        groups: trace.groups.iter().filter(|_| in_group).map(name).collect(),
        before_release: trace.before_release.clone(),
    };
    let mut rows = snapshot.inner.select_rows(&selection)?;
    if !segment.query.trim().is_empty() {
        let matches = snapshot.inner.matches(&snapshot.query(&segment.query)?)?;
        rows.retain(|row| matches[row.row.index()]);
    }
    Ok(rows)
}

fn count(quantity: Quantity, rows: &[SelectedRow]) -> u64 {
    let texts = |rows: &mut dyn Iterator<Item = &SelectedRow>| {
        rows.map(|row| row.canonical).collect::<BTreeSet<_>>().len()
    };
    let opined = || texts(&mut rows.iter().filter(|row| !row.opinions.is_empty()));
    let count = match quantity {
        Quantity::Opined => opined(),
        Quantity::Texts => texts(&mut rows.iter()),
        Quantity::Respondents => {
            rows.iter().filter_map(|row| row.respondent.as_ref()).collect::<BTreeSet<_>>().len()
        }
        Quantity::Opinions => rows.iter().map(|row| row.opinions.len()).sum(),
        Quantity::Unthemed => {
            let is_themed =
                |row: &&SelectedRow| row.opinions.iter().any(|(_, theme)| theme.is_some());
            opined() - texts(&mut rows.iter().filter(is_themed))
        }
        _ => rows.len(),
    };
    count as u64
}

/// A statistic of a key figure; of none there are no answers.
fn kpi_of(kpi: Kpi, statistic: Statistic, rows: &[SelectedRow]) -> Option<f64> {
    match (statistic, figures(kpi, rows)) {
        (Statistic::Answers, None) => Some(0.0),
        (Statistic::Answers, Some((.., answers))) => Some(answers as f64),
        (Statistic::Value, figures) => figures.map(|(value, ..)| value),
        (Statistic::Median, figures) => figures.and_then(|(_, median, _)| median),
        (Statistic::Low | Statistic::High, _) => None,
    }
}

/// A key figure with its median, where it has one, and its number of answers.
fn figures(kpi: Kpi, rows: &[SelectedRow]) -> Option<(f64, Option<f64>, u64)> {
    let ces = |version| {
        let mean = ces_mean(rows.iter().filter_map(|row| row.ces), version)?;
        Some((mean.value, None, mean.count))
    };
    let times = |seconds: &dyn Fn(&SelectedRow) -> Option<i64>| {
        let times = response_times(rows.iter().filter_map(seconds))?;
        Some((times.mean_seconds, Some(times.median_seconds), times.count))
    };
    let figures = match kpi {
        Kpi::Rating => {
            let ratings: Vec<f64> =
                rows.iter().filter_map(|row| row.rating.map(Rating::value)).collect();
            if ratings.is_empty() {
                return None;
            }
            (ratings.iter().sum::<f64>() / ratings.len() as f64, None, ratings.len() as u64)
        }
        Kpi::Nps => {
            let nps = nps(rows.iter().filter_map(|row| row.nps))?;
            (nps.points, None, nps.answers())
        }
        Kpi::Csat => {
            let share = csat(rows.iter().filter_map(|row| row.csat))?;
            (share.value, None, share.total)
        }
        Kpi::Ces => ces(CesVersion::V2)?,
        Kpi::CesV1 => ces(CesVersion::V1)?,
        Kpi::NetSentiment => {
            let opined = rows.iter().filter(|row| row.has_opinions).map(|row| row.polarity);
            let net = net_sentiment(opined)?;
            (net.points, None, net.positive + net.neutral + net.negative)
        }
        Kpi::FirstResponse => times(&|row| row.first_response_s)?,
        Kpi::Resolution => times(&|row| row.resolution_s)?,
        // It looks at other rows as well: see `first_contact`.
        Kpi::FirstContact => return None,
    };
    Some(figures)
}

/// FCR of the resolved conversations of a set: its customers are back with the next
/// item about the same product.
fn first_contact(snapshot: &Snapshot, set: &[SelectedRow]) -> Result<Option<Share>, Error> {
    let all = snapshot.inner.select_rows(&Selection::default())?;
    let Some(now) = all.iter().filter_map(|row| row.created_at).max() else { return Ok(None) };
    let contacts = set.iter().filter_map(|row| {
        let customer = row.respondent.as_ref()?;
        let seconds = row.created_at?.seconds().checked_add(row.resolution_s?)?;
        let closed_at = Timestamp::from_seconds(seconds)?;
        let of_customer = all.iter().filter(|other| {
            other.respondent.as_ref() == Some(customer) && other.product == row.product
        });
        let back = of_customer.filter_map(|other| other.created_at).filter(|at| *at > closed_at);
        Some(ClosedContact { closed_at, back_at: back.min() })
    });
    Ok(first_contact_resolution(contacts, snapshot.reopen_s, now))
}

/// The answers of rows, repeats left out.
fn answers(outcome: Outcome, rows: &[SelectedRow]) -> Answers {
    let effort = |row: &SelectedRow, version| {
        let answer = row.ces.filter(|answer| answer.version() == version);
        answer.map(|answer| f64::from(answer.value()))
    };
    let answer = |row: &SelectedRow| match outcome {
        Outcome::Ces => effort(row, CesVersion::V2),
        Outcome::CesV1 => effort(row, CesVersion::V1),
        Outcome::Rating => row.rating.map(Rating::value),
        Outcome::Nps => row.nps.map(|answer| 100.0 * f64::from(answer.balance())),
        Outcome::Csat => row.csat.map(|answer| if answer.is_satisfied() { 100.0 } else { 0.0 }),
    };
    rows.iter().filter(|row| row.canonical == row.row).filter_map(answer).collect()
}

fn mean(answers: &Answers, statistic: Statistic) -> Option<f64> {
    match statistic {
        Statistic::Answers => Some(answers.total() as f64),
        _ => answers.mean(),
    }
}

/// The leave-out impact of `group` within `all`.
fn impact(outcome: Outcome, all: &[SelectedRow], group: &[SelectedRow]) -> Option<Impact> {
    leave_out_impact(&answers(outcome, all), &answers(outcome, group), Resampling::default())
}

fn part(impact: &Impact, statistic: Statistic) -> f64 {
    match statistic {
        Statistic::Value | Statistic::Median => impact.value,
        Statistic::Low => impact.low,
        Statistic::High => impact.high,
        Statistic::Answers => impact.answers as f64,
    }
}
