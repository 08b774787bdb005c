//! Cells: one group of each grouping together, by number, and their order.

use super::column::Column;

/// The groups of a cell. Its number counts codes in the order of the columns, the
/// last one the quickest.
pub(super) fn codes_of(columns: &[Column], cell: u64) -> Vec<u64> {
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

/// Puts the cells of at most two columns, each given once, in the order of their
/// groups, the first column first, and leaves the first `limit`. `cell_of` gives
/// the number of a cell, `size_of` how much is in it.
///
/// A million cells need not be sorted for the first thousand: each group of the
/// first column that is shown has one of them at least, so only so many groups are
/// looked for, and only their cells are sorted.
pub(super) fn put_in_order<T>(
    columns: &[Column],
    cells: &mut Vec<T>,
    limit: usize,
    cell_of: impl Fn(&T) -> u64,
    size_of: impl Fn(&T) -> u64,
) {
    let Some(first) = columns.first() else { return };
    let second = columns.get(1);
    let width = second.map_or(1, Column::num_groups);
    let groups_of = |cell: &T| ((cell_of(cell) / width) as usize, (cell_of(cell) % width) as usize);
    let mut sizes = (vec![None; first.num_groups() as usize], vec![None; width as usize]);
    for cell in &*cells {
        let (group, of_second) = groups_of(cell);
        *sizes.0[group].get_or_insert(0) += size_of(cell);
        *sizes.1[of_second].get_or_insert(0) += size_of(cell);
    }
    let ranks = first.ranks(&sizes.0, limit);
    let ranks_of_second =
        second.map_or_else(|| vec![Some(0)], |second| second.ranks(&sizes.1, usize::MAX));
    cells.retain(|cell| ranks[groups_of(cell).0].is_some());
    cells.sort_unstable_by_key(|cell| {
        let (group, of_second) = groups_of(cell);
        (ranks[group], ranks_of_second[of_second])
    });
    cells.truncate(limit);
}
