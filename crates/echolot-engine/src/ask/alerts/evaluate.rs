//! What the rules find in a published generation.

use std::cmp::Reverse;

use echolot_core::{
    Calendar, CharSpan, FeedbackId, Intent, Level, Period, Rating, Share, csat, net_sentiment, nps,
    wilson,
};
use echolot_index::{Facts, RowId};

use super::{AlertCondition, AlertFigure, Finding, PreparedRule, Subject};
use crate::Error;
use crate::ask::emerging::{self, EmergingQuestion};
use crate::ask::examples::Example;
use crate::ask::segment::{Scope, Segment};
use crate::ask::{EmergingRow, Snapshot};

/// How many verbatims a finding shows.
const EXAMPLES: usize = 5;

/// What each rule finds, in the order of the rules; the findings of one rule
/// surest or newest first. No clock is asked: the days a rule looks at end with
/// the newest verbatim it means that was written by the time of the run.
///
/// # Errors
/// When a rule names an attribute that no item has, or words that cannot be
/// searched for.
pub fn evaluate_alerts(snapshot: &Snapshot, rules: &[PreparedRule]) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for prepared in rules {
        let Some(recent) = recent(snapshot, prepared)? else { continue };
        findings.extend(evaluate(snapshot, prepared, &recent)?);
    }
    Ok(findings)
}

fn evaluate(
    snapshot: &Snapshot,
    prepared: &PreparedRule,
    recent: &Segment,
) -> Result<Vec<Finding>, Error> {
    match &prepared.rule.condition {
        AlertCondition::Emerging { level } => emerging(snapshot, prepared, (recent, *level)),
        AlertCondition::ShareAbove { above } => share(snapshot, prepared, (recent, *above)),
        AlertCondition::KpiBelow { figure, below } => {
            figure_below(snapshot, prepared, (recent, *figure, *below))
        }
        AlertCondition::Churn => {
            let facts = snapshot.facts()?;
            let is_churn = |row: &RowId| facts.intents[row.index()].contains(Intent::Churn);
            verbatims(snapshot, prepared, (recent, &is_churn))
        }
        AlertCondition::Keyword { query } => {
            let segment = recent.clone().saying(query);
            verbatims(snapshot, prepared, (&segment, &|_| true))
        }
    }
}

/// The verbatims a rule means of its last days; none when there is none with a
/// time.
fn recent(snapshot: &Snapshot, prepared: &PreparedRule) -> Result<Option<Segment>, Error> {
    let facts = snapshot.facts()?;
    let frame = prepared.segment.frame();
    let rows = Scope::new(snapshot, &frame)?.rows();
    let horizon = snapshot.horizon()?;
    let times = rows.iter().filter_map(|row| facts.created_at[row.index()]);
    let Some(newest) = times.filter(|at| horizon.is_none_or(|end| *at < end)).max() else {
        return Ok(None);
    };
    let last = Period::of(Calendar::Day, newest).number();
    let first = last - i64::from(prepared.rule.days) + 1;
    let start = Period::from_number(Calendar::Day, first).start();
    let mut segment = prepared.segment.clone();
    segment.filter.from = Some(segment.filter.from.map_or(start, |from| from.max(start)));
    segment.filter.to = segment.filter.to.into_iter().chain(horizon).min();
    Ok(Some(segment))
}

fn emerging(
    snapshot: &Snapshot,
    prepared: &PreparedRule,
    (recent, level): (&Segment, Level),
) -> Result<Vec<Finding>, Error> {
    let question = EmergingQuestion {
        segment: recent.clone(),
        level,
        minimum: prepared.rule.minimum,
        limit: None,
    };
    let found = emerging::table(snapshot, &question)?;
    let finding = |row: EmergingRow| Finding {
        rule: prepared.rule.name.clone(),
        figures: vec![
            ("share", row.share.value),
            ("share_low", row.share.low),
            ("share_high", row.share.high),
            ("history_share", row.history_share.value),
            ("expected", row.expected),
            ("p", row.p),
            ("q", row.q),
        ],
        total: row.share.hits,
        subject: Subject::Theme(row.theme, row.label),
        examples: row.examples,
    };
    Ok(found.rows.into_iter().map(finding).collect())
}

fn share(
    snapshot: &Snapshot,
    prepared: &PreparedRule,
    (recent, above): (&Segment, f64),
) -> Result<Vec<Finding>, Error> {
    let frame = recent.frame();
    let whole = distinct(snapshot.facts()?, Scope::new(snapshot, &frame)?.rows());
    let meant = distinct(snapshot.facts()?, Scope::new(snapshot, recent)?.rows());
    let found = wilson(meant.len() as u64, whole.len() as u64);
    let is_above = |share: &Share| share.low > above && meant.len() as u64 >= prepared.rule.minimum;
    let Some(share) = found.filter(is_above) else { return Ok(vec![]) };
    Ok(vec![Finding {
        rule: prepared.rule.name.clone(),
        subject: Subject::Everything,
        figures: vec![
            ("share", share.value),
            ("share_low", share.low),
            ("share_high", share.high),
            ("of", share.total as f64),
            ("above", above),
        ],
        total: meant.len() as u64,
        examples: newest(snapshot, meant)?,
    }])
}

fn figure_below(
    snapshot: &Snapshot,
    prepared: &PreparedRule,
    (recent, figure, below): (&Segment, AlertFigure, f64),
) -> Result<Vec<Finding>, Error> {
    let facts = snapshot.facts()?;
    let rows = Scope::new(snapshot, recent)?.rows();
    let Some((value, answers)) = figure_of(facts, &rows, figure) else { return Ok(vec![]) };
    if value >= below || answers < prepared.rule.minimum {
        return Ok(vec![]);
    }
    let mut worst = distinct(facts, rows.clone());
    worst.retain(|row| is_against(facts, *row, figure));
    Ok(vec![Finding {
        rule: prepared.rule.name.clone(),
        subject: Subject::Everything,
        figures: vec![(figure.name(), value), ("answers", answers as f64), ("below", below)],
        total: rows.len() as u64,
        examples: newest(snapshot, worst)?,
    }])
}

/// A figure with the number of answers that it is made of.
fn figure_of(facts: &Facts, rows: &[RowId], figure: AlertFigure) -> Option<(f64, u64)> {
    let at = |row: &RowId| row.index();
    match figure {
        AlertFigure::Nps => {
            let found = nps(rows.iter().filter_map(|row| facts.nps[at(row)]))?;
            Some((found.points, found.answers()))
        }
        AlertFigure::Csat => {
            let found = csat(rows.iter().filter_map(|row| facts.csat[at(row)]))?;
            Some((found.value, found.total))
        }
        AlertFigure::Rating => {
            let ratings: Vec<f64> =
                rows.iter().filter_map(|row| facts.rating[at(row)].map(Rating::value)).collect();
            let count = ratings.len();
            (count > 0).then(|| (ratings.iter().sum::<f64>() / count as f64, count as u64))
        }
        AlertFigure::NetSentiment => {
            let opined = rows.iter().filter(|row| !facts.opinions(**row).is_empty());
            let found = net_sentiment(opined.map(|row| facts.polarity[at(row)]))?;
            Some((found.points, found.positive + found.neutral + found.negative))
        }
    }
}

/// Whether a verbatim pulls a figure down.
fn is_against(facts: &Facts, row: RowId, figure: AlertFigure) -> bool {
    let at = row.index();
    match figure {
        AlertFigure::Nps => facts.nps[at].is_some_and(|answer| answer.balance() < 0),
        AlertFigure::Csat => facts.csat[at].is_some_and(|answer| !answer.is_satisfied()),
        AlertFigure::Rating | AlertFigure::NetSentiment => {
            facts.polarity[at] == echolot_core::Polarity::Negative
        }
    }
}

/// One finding for each verbatim, the newest first; repeats once.
fn verbatims(
    snapshot: &Snapshot,
    prepared: &PreparedRule,
    (segment, is_meant): (&Segment, &dyn Fn(&RowId) -> bool),
) -> Result<Vec<Finding>, Error> {
    let facts = snapshot.facts()?;
    let mut rows = Scope::new(snapshot, segment)?.rows();
    rows.retain(is_meant);
    let mut rows = distinct(facts, rows);
    if (rows.len() as u64) < prepared.rule.minimum {
        return Ok(vec![]);
    }
    newest_first(facts, &mut rows);
    let findings = whole_texts(snapshot, &rows)?.into_iter().zip(rows).map(|(example, row)| {
        let score = f64::from(facts.score[row.index()]);
        Finding {
            rule: prepared.rule.name.clone(),
            subject: Subject::Verbatim(example.id.clone()),
            figures: vec![("score", score)],
            total: 1,
            examples: vec![example],
        }
    });
    Ok(findings.collect())
}

/// The rows without repeats of one another, ascending.
fn distinct(facts: &Facts, mut rows: Vec<RowId>) -> Vec<RowId> {
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.insert(facts.canonical[row.index()]));
    rows
}

fn newest_first(facts: &Facts, rows: &mut [RowId]) {
    rows.sort_by_key(|row| Reverse((facts.created_at[row.index()], *row)));
}

fn newest(snapshot: &Snapshot, mut rows: Vec<RowId>) -> Result<Vec<Example>, Error> {
    newest_first(snapshot.facts()?, &mut rows);
    rows.truncate(EXAMPLES);
    whole_texts(snapshot, &rows)
}

fn whole_texts(snapshot: &Snapshot, rows: &[RowId]) -> Result<Vec<Example>, Error> {
    let example = |(id, quote): (FeedbackId, String)| {
        let span = CharSpan::new(0, quote.chars().count());
        Example { id, span, quote }
    };
    Ok(snapshot.inner.texts(rows)?.into_iter().map(example).collect())
}
