//! Counting by cell: the one place that goes through the rows for counts.

use std::collections::BTreeMap;
use std::ops::Range;

use echolot_index::{Facts, OpinionFact, RowId};
use rayon::prelude::*;

use super::column::Column;
use super::counts::CountOf;
use super::segment::Scope;

/// The rows of each cell, by its number. A row stands in all of its cells.
pub(super) fn rows_by_group(scope: &Scope, columns: &[Column]) -> Vec<(u64, Vec<RowId>)> {
    let mut groups: BTreeMap<u64, Vec<RowId>> = BTreeMap::new();
    let mut cells = Vec::new();
    for row in scope.rows() {
        cells_of((scope, columns, CountOf::Verbatims), row, &mut cells);
        for cell in cells.drain(..) {
            groups.entry(cell).or_default().push(row);
        }
    }
    groups.into_iter().collect()
}

/// Counts by cell.
pub(super) struct Cells {
    /// All together, each once.
    pub(super) total: u64,
    /// The cells that are not empty, ascending.
    pub(super) counts: Vec<(u64, u64)>,
}

/// So many cells have a counter each; of more, those that occur are sorted.
const DENSE: u64 = 1 << 18;

/// Blocks for each thread, so that one with more work does not hold up all.
const BLOCKS_PER_THREAD: usize = 4;

/// Counts what the scope accepts by the cells of its columns.
///
/// One pass over blocks of rows, on all threads. Every block has counters of
/// its own, and these are added up: sums of whole numbers, so that neither the
/// blocks nor the threads can show. Where an owner is to be counted once, a
/// second pass over blocks of owners counts those that have several rows.
pub(super) fn count(scope: &Scope, columns: &[Column], of: CountOf) -> Cells {
    let num_cells = columns.iter().map(Column::num_groups).product();
    let owners = Owners::new(scope.facts, of);
    let of_rows = in_blocks(scope.facts.len(), |rows| {
        let mut tally = Tally::new(num_cells);
        tally.add_rows((scope, columns, of), &owners, rows);
        tally
    });
    let owned = Owned::new(&of_rows, owners.has_several.len());
    let of_owners = in_blocks(owned.num_owners(), |block| {
        let mut tally = Tally::new(num_cells);
        tally.add_owners(&owned, block);
        tally
    });
    Tally::sum(of_rows.into_iter().chain(of_owners).collect(), num_cells)
}

/// Does something for blocks of the numbers below `len`, on all threads.
fn in_blocks<T: Send>(len: usize, work: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
    let blocks = rayon::current_num_threads() * BLOCKS_PER_THREAD;
    let size = len.div_ceil(blocks).max(1);
    let starts: Vec<usize> = (0..len).step_by(size).collect();
    starts.into_par_iter().map(|start| work(start..(start + size).min(len))).collect()
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

/// The cells of owners with several rows, those of one owner next to each other.
struct Owned {
    /// Where the cells of each owner begin, and the end of the last.
    starts: Vec<usize>,
    cells: Vec<u64>,
}

impl Owned {
    /// Puts together what blocks of rows have met, by the numbers of owners: counted
    /// and then put in place, which takes one step for each and no sorting.
    fn new(tallies: &[Tally], num_owners: usize) -> Self {
        let met = || tallies.iter().flat_map(|tally| &tally.owned);
        let mut starts = vec![0; num_owners + 1];
        for (owner, _) in met() {
            starts[*owner as usize + 1] += 1;
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut next = starts.clone();
        let mut cells = vec![0; end];
        for (owner, cell) in met() {
            let place = &mut next[*owner as usize];
            cells[*place] = *cell;
            *place += 1;
        }
        Self { starts, cells }
    }

    fn num_owners(&self) -> usize {
        self.starts.len() - 1
    }

    fn of(&self, owner: usize) -> &[u64] {
        &self.cells[self.starts[owner]..self.starts[owner + 1]]
    }
}

/// The counters of a block of rows or owners.
struct Tally {
    total: u64,
    /// By cell; empty when there are too many cells.
    dense: Vec<u64>,
    /// Cells that were met, where there are too many for counters.
    met: Vec<u64>,
    /// Owners that may come again, each with a cell.
    owned: Vec<(u32, u64)>,
}

impl Tally {
    fn new(num_cells: u64) -> Self {
        let dense = if num_cells <= DENSE { vec![0; num_cells as usize] } else { vec![] };
        Self { total: 0, dense, met: vec![], owned: vec![] }
    }

    fn add_rows(
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
                Counted::With(owner) => self.owned.extend(cells.iter().map(|cell| (owner, *cell))),
                Counted::No => {}
            }
            cells.clear();
        }
    }

    /// Each owner with a row that counts, once in all and once in each of its cells.
    fn add_owners(&mut self, owned: &Owned, owners: Range<usize>) {
        let mut cells: Vec<u64> = Vec::new();
        for owner in owners {
            cells.extend_from_slice(owned.of(owner));
            self.total += u64::from(!cells.is_empty());
            cells.sort_unstable();
            cells.dedup();
            for cell in cells.drain(..) {
                self.meet(cell);
            }
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
        }
        sum.met.par_sort_unstable();
        let dense = sum.dense.iter().zip(0..).filter(|(count, _)| **count > 0);
        let mut counts: Vec<(u64, u64)> = dense.map(|(count, cell)| (cell, *count)).collect();
        // Cells are either all counted or all met.
        counts.extend(sum.met.chunk_by(|a, b| a == b).map(|met| (met[0], met.len() as u64)));
        Cells { total: sum.total, counts }
    }
}
