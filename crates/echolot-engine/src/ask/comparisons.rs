//! What is said in one set of verbatims beside another.

use std::collections::BTreeMap;

use echolot_core::{Share, ThemeId, wilson};

use super::cell_counts::count;
use super::cells::put_in_order;
use super::column::Column;
use super::complaints::{ComplaintChange, changes};
use super::counts::{CountOf, Group};
use super::segment::{CorrectedCount, Scope, Segment};
use super::tally::Volumes;
use super::themes::titles;
use super::{Grouping, Snapshot};
use crate::Error;

/// Which sets are compared, and over what.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareQuestion {
    /// The one set.
    pub a: Segment,
    /// The set it is compared with.
    pub b: Segment,
    /// What is compared: themes, topics or any other grouping.
    pub by: Grouping,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
}

/// Shares in two sets, surest differences first.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareTable {
    /// The sets that were compared, `a` and `b`: those asked for, without what is
    /// left out of both.
    pub sets: [Segment; 2],
    /// Whether shares are of the frames of the sets (see [`Segment::frame`]). Where
    /// the frames have verbatims in common, they are of the sets themselves.
    pub is_of_frames: bool,
    /// Verbatims that say what both queries ask for, and are left out of both sets.
    pub left_out: u64,
    /// Verbatims that the shares of `a` are of, near-duplicates once.
    pub a: u64,
    /// The same of `b`.
    pub b: u64,
    /// How many groups were compared, all corrected together.
    pub compared: u64,
    /// What people have said of the verbatims of both against the model.
    pub corrected: CorrectedCount,
    /// The groups.
    pub rows: Vec<CompareRow>,
}

/// The shares of one group in two sets.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareRow {
    /// The group.
    pub group: Group,
    /// Its share in `a`.
    pub a: Share,
    /// Its share in `b`.
    pub b: Share,
    /// The difference `a` - `b`, and the word for it as if `b` came first.
    pub change: ComplaintChange,
}

pub(super) fn table(
    snapshot: &Snapshot,
    question: &CompareQuestion,
) -> Result<CompareTable, Error> {
    let Apart { sets, wholes, left_out } = apart(snapshot, question)?;
    let [set_a, set_b] = &sets;
    let whole = (Scope::new(snapshot, &wholes[0])?, Scope::new(snapshot, &wholes[1])?);
    let columns = [Column::new(snapshot, &question.by)?];
    let volumes = |segment: &Segment, whole: &Scope| -> Result<Volumes<u64>, Error> {
        let cells = count(&Scope::new(snapshot, segment)?, &columns, CountOf::Texts);
        // Those without a value are no group.
        let counts = cells.counts.into_iter().filter(|(code, _)| columns[0].value(*code).is_some());
        let total = count(whole, &[], CountOf::Texts).total;
        Ok(Volumes { total, by_key: counts.collect() })
    };
    let a = volumes(set_a, &whole.0)?;
    let b = volumes(set_b, &whole.1)?;
    let mut found: Vec<(u64, ComplaintChange)> = changes(&a, &b).into_iter().collect();
    let compared = found.len() as u64;
    let size_of = |(code, _): &(u64, ComplaintChange)| a.count(code).hits();
    put_in_order(&columns, &mut found, usize::MAX, |(code, _)| *code, size_of);
    found.sort_by(|(_, x), (_, y)| x.comparison.p.total_cmp(&y.comparison.p));
    found.truncate(question.limit.unwrap_or(usize::MAX));

    let names: BTreeMap<ThemeId, String> =
        if question.by == Grouping::Theme { titles(snapshot)? } else { BTreeMap::new() };
    let rows = found.into_iter().filter_map(|(code, change)| {
        let share = |volumes: &Volumes<u64>| {
            let count = volumes.count(&code);
            wilson(count.hits(), count.total())
        };
        let label = names.get(&ThemeId(code as u32)).cloned().or_else(|| columns[0].label(code));
        let group = Group { value: columns[0].value(code), label };
        Some(CompareRow { group, a: share(&a)?, b: share(&b)?, change })
    });
    let corrected = snapshot.corrected(&wholes[0])? + snapshot.corrected(&wholes[1])?;
    let rows = rows.collect();
    let is_of_frames = wholes[0] == set_a.frame() && wholes[1] == set_b.frame();
    let (a, b) = (a.total, b.total);
    Ok(CompareTable { sets, is_of_frames, left_out, a, b, compared, corrected, rows })
}

/// Sets that have no verbatim in common.
struct Apart {
    sets: [Segment; 2],
    /// What shares are of.
    wholes: [Segment; 2],
    left_out: u64,
}

/// The sets of a question, made to have nothing in common where two queries tell
/// them apart: what says both is left out.
fn apart(snapshot: &Snapshot, question: &CompareQuestion) -> Result<Apart, Error> {
    let CompareQuestion { a, b, .. } = question;
    let frames = [a.frame(), b.frame()];
    if shared(snapshot, &frames)? == 0 {
        return Ok(Apart { sets: [a.clone(), b.clone()], wholes: frames, left_out: 0 });
    }
    let sets = [a.clone(), b.clone()];
    let both = shared(snapshot, &sets)?;
    if both == 0 {
        return Ok(Apart { wholes: sets.clone(), sets, left_out: 0 });
    }
    let said = |segment: &Segment| segment.query.trim().to_owned();
    let are_told_apart =
        a.filter == b.filter && ![said(a), said(b)].contains(&String::new()) && said(a) != said(b);
    if !are_told_apart {
        let reason = format!(
            "{both} verbatims are in both sets, which must be apart to be compared; tell them \
             apart by release, product, time, channel, an attribute or words (`q`)"
        );
        return Err(Error::BadValue { key: "b", reason });
    }
    let without =
        |one: &Segment, other: &Segment| one.clone().saying(&format!("NOT ({})", said(other)));
    let sets = [without(a, b), without(b, a)];
    Ok(Apart { wholes: sets.clone(), sets, left_out: both })
}

/// How many verbatims are in both sets.
fn shared(snapshot: &Snapshot, [a, b]: &[Segment; 2]) -> Result<u64, Error> {
    let (a, b) = (Scope::new(snapshot, a)?, Scope::new(snapshot, b)?);
    let rows = a.facts.rows().filter(|row| a.accepts(*row) && b.accepts(*row));
    Ok(rows.count() as u64)
}
