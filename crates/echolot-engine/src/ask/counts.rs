//! Exact counts of feedback by up to two groupings.

use std::collections::BTreeMap;
use std::ops::Range;

use echolot_core::{CorrectedShare, Count, Share, ThemeId, wilson};
use echolot_index::{Facts, OpinionFact, RowId};
use rayon::prelude::*;

use super::audit::correctable_share;
use super::column::{Column, put_in_order};
use super::segment::{Scope, Segment};
use super::themes::titles;
use super::{Grouping, Snapshot, by_name};
use crate::Error;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CountOf {
    /// Verbatims, every one.
    #[default]
    Verbatims,
    /// Opinions that meet the conditions on opinions.
    Opinions,
    /// Customers, each once; verbatims without a respondent do not count.
    Respondents,
    /// Verbatims, near-duplicates once.
    Texts,
}

impl CountOf {
    /// All that can be counted.
    pub const ALL: [Self; 4] = [Self::Verbatims, Self::Opinions, Self::Respondents, Self::Texts];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verbatims => "verbatims",
            Self::Opinions => "opinions",
            Self::Respondents => "respondents",
            Self::Texts => "texts",
        }
    }
}

impl std::str::FromStr for CountOf {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("of", name, &Self::ALL, Self::name)
    }
}

/// What to count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CountQuestion {
    /// Among which verbatims.
    pub segment: Segment,
    /// By what; at most two groupings.
    pub by: Vec<Grouping>,
    /// What.
    pub of: CountOf,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
}

/// Counts by group.
#[derive(Debug, Clone, PartialEq)]
pub struct CountTable {
    /// How many there are in all groups together, each once.
    pub total: u64,
    /// How many groups there are, shown or not.
    pub groups: u64,
    /// The groups that are not empty.
    pub rows: Vec<CountRow>,
}

/// The count of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct CountRow {
    /// Its value for each grouping.
    pub group: Vec<Group>,
    /// How many there are.
    pub count: u64,
    /// Their share of the total.
    pub share: Share,
    /// The share corrected for the known error of the model; none where there are no
    /// labels, or the groups are no labels of the model.
    pub corrected: Option<CorrectedShare>,
}

/// A value of a grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The value; none for those without one.
    pub value: Option<String>,
    /// The name of a theme or an own topic.
    pub label: Option<String>,
}

pub(super) fn table(snapshot: &Snapshot, question: &CountQuestion) -> Result<CountTable, Error> {
    if question.by.len() > 2 {
        let reason = "at most two groupings can be crossed".to_owned();
        return Err(Error::BadValue { key: "by", reason });
    }
    let scope = Scope::new(snapshot, &question.segment)?;
    let columns: Vec<Column> = question
        .by
        .iter()
        .map(|grouping| Column::new(snapshot, grouping))
        .collect::<Result<_, _>>()?;
    let cells = count(&scope, &columns, question.of);
    let with_codes = |(cell, count): &(u64, u64)| (codes_of(&columns, *cell), *count);
    let mut order: Vec<(Vec<u64>, u64)> = cells.counts.iter().map(with_codes).collect();
    put_in_order(&columns, &mut order, |(codes, _)| codes, |(_, count)| *count);
    let groups = order.len() as u64;
    order.truncate(question.limit.unwrap_or(usize::MAX));

    let names =
        if question.by.contains(&Grouping::Theme) { titles(snapshot)? } else { BTreeMap::new() };
    let report = snapshot.audit()?;
    let correct = correctable_share(question, report);
    let rows = order.into_iter().filter_map(|(codes, count)| {
        let group =
            question.by.iter().zip(&columns).zip(codes).map(|((grouping, column), code)| {
                let is_theme = *grouping == Grouping::Theme;
                let theme = is_theme.then(|| names.get(&ThemeId(code as u32)).cloned()).flatten();
                Group { value: column.value(code), label: theme.or_else(|| column.label(code)) }
            });
        let group: Vec<Group> = group.collect();
        let corrected = correct.as_ref().and_then(|correct| {
            correct(group.first()?.value.as_deref()?, Count::new(count, cells.total))
        });
        Some(CountRow { group, count, share: wilson(count, cells.total)?, corrected })
    });
    Ok(CountTable { total: cells.total, groups, rows: rows.collect() })
}

/// The rows of each cell, by the codes of its groups. A row stands in all of
/// its cells.
pub(super) fn rows_by_group(scope: &Scope, columns: &[Column]) -> Vec<(Vec<u64>, Vec<RowId>)> {
    let mut groups: BTreeMap<u64, Vec<RowId>> = BTreeMap::new();
    let mut cells = Vec::new();
    for row in scope.rows() {
        cells_of((scope, columns, CountOf::Verbatims), row, &mut cells);
        for cell in cells.drain(..) {
            groups.entry(cell).or_default().push(row);
        }
    }
    groups.into_iter().map(|(cell, rows)| (codes_of(columns, cell), rows)).collect()
}

/// Counts by cell.
pub(super) struct Cells {
    /// All together, each once.
    pub(super) total: u64,
    /// The cells that are not empty, ascending.
    pub(super) counts: Vec<(u64, u64)>,
}

/// The number of a cell: codes in the order of the columns, the last one the
/// quickest.
fn codes_of(columns: &[Column], cell: u64) -> Vec<u64> {
    let mut rest = cell;
    let mut codes: Vec<u64> = columns
        .iter()
        .rev()
        .map(|column| {
            let code = rest % column.num_groups();
            rest /= column.num_groups();
            code
        })
        .collect();
    codes.reverse();
    codes
}

/// So many cells have a counter each; of more, those that occur are sorted.
const DENSE: u64 = 1 << 18;

/// Blocks for each thread, so that one with more work does not hold up all.
const BLOCKS_PER_THREAD: usize = 4;

/// Counts what the scope accepts by the cells of its columns.
///
/// One pass over blocks of rows, on all threads. Every block has counters of
/// its own, and these are added up: sums of whole numbers, so that neither the
/// blocks nor the threads can show.
pub(super) fn count(scope: &Scope, columns: &[Column], of: CountOf) -> Cells {
    let num_cells = columns.iter().map(Column::num_groups).product();
    let owners = Owners::new(scope.facts, of);
    let blocks = rayon::current_num_threads() * BLOCKS_PER_THREAD;
    let size = scope.facts.len().div_ceil(blocks).max(1);
    let starts: Vec<usize> = (0..scope.facts.len()).step_by(size).collect();
    let tallies: Vec<Tally> = starts
        .into_par_iter()
        .map(|start| {
            let mut tally = Tally::new(num_cells);
            let rows = start..(start + size).min(scope.facts.len());
            tally.add((scope, columns, of), &owners, rows);
            tally
        })
        .collect();
    Tally::sum(tallies, num_cells)
}

/// Pushes the cells of a row: each once, but for opinions one for each.
fn cells_of((scope, columns, of): (&Scope, &[Column], CountOf), row: RowId, cells: &mut Vec<u64>) {
    if of == CountOf::Opinions {
        for opinion in scope.opinions(row) {
            push_cells(columns, row, Some(opinion), cells);
        }
        return;
    }
    if !columns.iter().any(Column::is_of_opinions) || scope.facts.opinions(row).is_empty() {
        push_cells(columns, row, None, cells);
        return;
    }
    for opinion in scope.opinions(row) {
        push_cells(columns, row, Some(opinion), cells);
    }
    cells.sort_unstable();
    cells.dedup();
}

fn push_cells(columns: &[Column], row: RowId, opinion: Option<&OpinionFact>, cells: &mut Vec<u64>) {
    match columns {
        [] => cells.push(0),
        [column] => column.for_each(row, opinion, |code| cells.push(code)),
        [first, second, ..] => first.for_each(row, opinion, |code| {
            let base = code * second.num_groups();
            second.for_each(row, opinion, |code| cells.push(base + code));
        }),
    }
}

/// Who must not be counted twice, where that is asked.
struct Owners<'a> {
    facts: &'a Facts,
    of: CountOf,
    /// Whether an owner has more than one row: all others cannot be counted
    /// twice, and need not be looked for.
    has_several: Vec<bool>,
}

/// How a row counts.
enum Counted {
    /// By itself.
    Alone,
    /// Once with all other rows of an owner.
    With(u32),
    /// Not at all.
    No,
}

impl<'a> Owners<'a> {
    fn new(facts: &'a Facts, of: CountOf) -> Self {
        let num_owners = match of {
            CountOf::Verbatims | CountOf::Opinions => 0,
            CountOf::Respondents => facts.respondent.all().len(),
            CountOf::Texts => facts.len(),
        };
        let mut owners = Self { facts, of, has_several: vec![] };
        let mut has_one = vec![false; num_owners];
        let mut has_several = vec![false; num_owners];
        if num_owners > 0 {
            for owner in facts.rows().filter_map(|row| owners.owner(row)) {
                has_several[owner as usize] |= has_one[owner as usize];
                has_one[owner as usize] = true;
            }
        }
        owners.has_several = has_several;
        owners
    }

    fn owner(&self, row: RowId) -> Option<u32> {
        match self.of {
            CountOf::Verbatims | CountOf::Opinions => None,
            CountOf::Respondents => self.facts.respondent.code(row),
            CountOf::Texts => Some(self.facts.canonical[row.index()].0),
        }
    }

    fn counted(&self, row: RowId) -> Counted {
        match self.owner(row) {
            Some(owner) if self.has_several[owner as usize] => Counted::With(owner),
            None if self.of == CountOf::Respondents => Counted::No,
            _ => Counted::Alone,
        }
    }
}

/// The counters of a block of rows.
struct Tally {
    total: u64,
    /// By cell; empty when there are too many cells.
    dense: Vec<u64>,
    /// Cells that were met, where there are too many for counters.
    met: Vec<u64>,
    /// Cells with owners that may come again.
    owned: Vec<(u64, u32)>,
}

/// The cell in which owners are counted over all cells.
const TOTAL: u64 = u64::MAX;

impl Tally {
    fn new(num_cells: u64) -> Self {
        let dense = if num_cells <= DENSE { vec![0; num_cells as usize] } else { vec![] };
        Self { total: 0, dense, met: vec![], owned: vec![] }
    }

    fn add(
        &mut self,
        (scope, columns, of): (&Scope, &[Column], CountOf),
        owners: &Owners,
        rows: Range<usize>,
    ) {
        let mut cells = Vec::new();
        for row in rows.map(|row| RowId(row as u32)).filter(|row| scope.accepts(*row)) {
            cells_of((scope, columns, of), row, &mut cells);
            match owners.counted(row) {
                Counted::Alone => {
                    self.total += if of == CountOf::Opinions {
                        scope.opinions(row).count() as u64
                    } else {
                        1
                    };
                    for cell in &cells {
                        self.meet(*cell);
                    }
                }
                Counted::With(owner) => {
                    self.owned.push((TOTAL, owner));
                    self.owned.extend(cells.iter().map(|cell| (*cell, owner)));
                }
                Counted::No => {}
            }
            cells.clear();
        }
    }

    fn meet(&mut self, cell: u64) {
        match self.dense.get_mut(cell as usize) {
            Some(counter) => *counter += 1,
            None => self.met.push(cell),
        }
    }

    /// All tallies as one.
    fn sum(tallies: Vec<Self>, num_cells: u64) -> Cells {
        let mut sum = Self::new(num_cells);
        for tally in tallies {
            sum.total += tally.total;
            for (counter, count) in sum.dense.iter_mut().zip(&tally.dense) {
                *counter += count;
            }
            sum.met.extend(tally.met);
            sum.owned.extend(tally.owned);
        }
        let mut owned = std::mem::take(&mut sum.owned);
        owned.par_sort_unstable();
        owned.dedup();
        for (cell, _) in owned {
            if cell == TOTAL { sum.total += 1 } else { sum.meet(cell) }
        }
        sum.met.par_sort_unstable();
        let dense = sum.dense.iter().zip(0..).filter(|(count, _)| **count > 0);
        let mut counts: Vec<(u64, u64)> = dense.map(|(count, cell)| (cell, *count)).collect();
        // Cells are either all counted or all met.
        counts.extend(sum.met.chunk_by(|a, b| a == b).map(|met| (met[0], met.len() as u64)));
        Cells { total: sum.total, counts }
    }
}
