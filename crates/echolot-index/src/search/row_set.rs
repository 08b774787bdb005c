//! A set of rows, one bit each.

use std::ops::Range;

use crate::records::RowId;

const WORD_BITS: usize = u64::BITS as usize;

/// A set of the rows of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowSet {
    bits: Vec<u64>,
    num_rows: usize,
}

impl RowSet {
    pub(crate) fn none(num_rows: usize) -> Self {
        Self { bits: vec![0; num_rows.div_ceil(WORD_BITS)], num_rows }
    }

    pub(crate) fn all(num_rows: usize) -> Self {
        Self::none(num_rows).complement()
    }

    /// The rows for which a test holds.
    pub(crate) fn of(num_rows: usize, holds: impl Fn(RowId) -> bool) -> Self {
        let mut set = Self::none(num_rows);
        (0..num_rows as u32).map(RowId).filter(|row| holds(*row)).for_each(|row| set.insert(row));
        set
    }

    pub(crate) fn insert(&mut self, row: RowId) {
        self.bits[row.index() / WORD_BITS] |= 1 << (row.index() % WORD_BITS);
    }

    pub(crate) fn remove(&mut self, row: RowId) {
        self.bits[row.index() / WORD_BITS] &= !(1 << (row.index() % WORD_BITS));
    }

    pub(crate) fn contains(&self, row: RowId) -> bool {
        self.bits[row.index() / WORD_BITS] >> (row.index() % WORD_BITS) & 1 == 1
    }

    pub(crate) fn len(&self) -> u64 {
        self.bits.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The rows, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = RowId> {
        self.bits.iter().zip(0_u32..).flat_map(|(word, at)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(RowId(at * WORD_BITS as u32 + bit))
            })
        })
    }

    /// The runs of rows that follow each other within a range, ascending.
    pub(crate) fn runs(&self, rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut at = rows.start;
        std::iter::from_fn(move || {
            let start = self.next(at..rows.end, true);
            at = self.next(start..rows.end, false);
            (start < at).then_some(start..at)
        })
    }

    /// The first row of a range that is in the set, or is not; the end of the
    /// range when there is none.
    fn next(&self, rows: Range<usize>, is_in: bool) -> usize {
        let mut at = rows.start;
        while at < rows.end {
            let word = self.bits[at / WORD_BITS];
            let wanted = if is_in { word } else { !word } >> (at % WORD_BITS);
            if wanted != 0 {
                return rows.end.min(at + wanted.trailing_zeros() as usize);
            }
            at = (at / WORD_BITS + 1) * WORD_BITS;
        }
        rows.end
    }

    /// The rows that are not in it.
    pub(crate) fn complement(mut self) -> Self {
        self.bits.iter_mut().for_each(|word| *word = !*word);
        let tail = self.num_rows % WORD_BITS;
        if let (Some(last), 1..) = (self.bits.last_mut(), tail) {
            *last &= (1 << tail) - 1;
        }
        self
    }

    /// The rows of both.
    pub(crate) fn intersection(mut self, other: &Self) -> Self {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= other);
        self
    }

    /// The rows of either.
    pub(crate) fn union(mut self, other: &Self) -> Self {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word |= other);
        self
    }

    /// The rows that are in at least `count` of the sets.
    pub(crate) fn at_least(num_rows: usize, count: usize, sets: Vec<Self>) -> Self {
        if count == 0 {
            return Self::all(num_rows);
        }
        let all = sets.len();
        let mut sets = sets.into_iter();
        let first = sets.next().unwrap_or_else(|| Self::none(num_rows));
        if count > all {
            return Self::none(num_rows);
        }
        if count == all {
            return sets.fold(first, |both, set| both.intersection(&set));
        }
        if count == 1 {
            return sets.fold(first, |either, set| either.union(&set));
        }
        let mut counts = vec![0_u16; num_rows];
        for set in std::iter::once(first).chain(sets) {
            set.iter().for_each(|row| counts[row.index()] += 1);
        }
        Self::of(num_rows, |row| usize::from(counts[row.index()]) >= count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_those_of_counting(
            rows in prop::collection::vec(prop::collection::vec(any::<bool>(), 130), 0..6),
            count in 0..7_usize,
            num_rows in 0..130_usize,
        ) {
            let sets: Vec<RowSet> =
                rows.iter().map(|has| RowSet::of(num_rows, |row| has[row.index()])).collect();
            let found = RowSet::at_least(num_rows, count, sets);
            let expected: Vec<RowId> = (0..num_rows)
                .filter(|row| rows.iter().filter(|has| has[*row]).count() >= count)
                .map(|row| RowId(row as u32))
                .collect();
            prop_assert_eq!(found.len(), expected.len() as u64);
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected.clone());
            let runs: Vec<_> = found.runs(7.min(num_rows)..num_rows).collect();
            prop_assert!(runs.windows(2).all(|pair| pair[0].end < pair[1].start));
            let in_runs = runs.into_iter().flatten().map(|row| RowId(row as u32));
            let behind = expected.iter().copied().filter(|row| row.index() >= 7);
            prop_assert_eq!(in_runs.collect::<Vec<_>>(), behind.collect::<Vec<_>>());
            let left: Vec<RowId> = found.complement().iter().collect();
            prop_assert_eq!(left.len() + expected.len(), num_rows);
            prop_assert!(left.iter().all(|row| !expected.contains(row)));
        }
    }
}
