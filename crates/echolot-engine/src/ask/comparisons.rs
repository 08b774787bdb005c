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
    /// Verbatims of the frame of `a` (see [`Segment::frame`]), near-duplicates
    /// once.
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
    let frames = (question.a.frame(), question.b.frame());
    let whole = (Scope::new(snapshot, &frames.0)?, Scope::new(snapshot, &frames.1)?);
    let facts = snapshot.facts()?;
    let shared = facts.rows().filter(|row| whole.0.accepts(*row) && whole.1.accepts(*row)).count();
    if shared > 0 {
        let reason = format!(
            "{shared} verbatims are in both sets, which must be apart to be compared; tell them \
             apart by release, product, time, channel or an attribute"
        );
        return Err(Error::BadValue { key: "b", reason });
    }
    let columns = [Column::new(snapshot, &question.by)?];
    let volumes = |segment: &Segment, whole: &Scope| -> Result<Volumes<u64>, Error> {
        let cells = count(&Scope::new(snapshot, segment)?, &columns, CountOf::Texts);
        // Those without a value are no group.
        let counts = cells.counts.into_iter().filter(|(code, _)| columns[0].value(*code).is_some());
        let total = count(whole, &[], CountOf::Texts).total;
        Ok(Volumes { total, by_key: counts.collect() })
    };
    let a = volumes(&question.a, &whole.0)?;
    let b = volumes(&question.b, &whole.1)?;
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
    let corrected = snapshot.corrected(&frames.0)? + snapshot.corrected(&frames.1)?;
    Ok(CompareTable { a: a.total, b: b.total, compared, corrected, rows: rows.collect() })
}
