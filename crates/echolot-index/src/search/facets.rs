//! Exact counts over a set of rows.

use echolot_core::{Polarity, Topic};
use rayon::prelude::*;

use super::row_set::RowSet;
use crate::facts::{Facts, Words};
use crate::records::RowId;

/// Rows that are counted at a time.
const BLOCK: usize = 1 << 16;

/// How many of the matching verbatims have a value, the commonest first and
/// equals by value. A verbatim counts once for each of its topics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// By language, as a code.
    pub languages: Vec<(String, u64)>,
    /// By polarity.
    pub polarities: Vec<(Polarity, u64)>,
    /// By product.
    pub products: Vec<(String, u64)>,
    /// By release.
    pub releases: Vec<(String, u64)>,
    /// By kind of contact.
    pub channels: Vec<(String, u64)>,
    /// By topic.
    pub topics: Vec<(Topic, u64)>,
}

/// Counts the rows of a set.
pub(crate) fn count(facts: &Facts, set: &RowSet) -> Facets {
    let rows: Vec<RowId> = set.iter().collect();
    let words = |column: &Words| {
        let counts = tally(&rows, column.all().len(), |row, counts| {
            if let Some(code) = column.code(row) {
                counts[code as usize] += 1;
            }
        });
        commonest(column.all().iter().cloned().zip(counts).collect())
    };
    let polarities = tally(&rows, Polarity::ALL.len(), |row, counts| {
        counts[facts.polarity[row.index()] as usize] += 1;
    });
    let topics = tally(&rows, Topic::ALL.len(), |row, counts| {
        let mut seen = 0_u32;
        for opinion in facts.opinions(row) {
            let bit = 1 << opinion.topic as u8;
            counts[opinion.topic as usize] += u64::from(seen & bit == 0);
            seen |= bit;
        }
    });
    Facets {
        languages: words(&facts.language),
        polarities: commonest(Polarity::ALL.iter().copied().zip(polarities).collect()),
        products: words(&facts.product),
        releases: words(&facts.release),
        channels: words(&facts.channel),
        topics: commonest(Topic::ALL.iter().copied().zip(topics).collect()),
    }
}

/// Adds up what `add` counts of each row, on all threads.
fn tally(rows: &[RowId], num_values: usize, add: impl Fn(RowId, &mut [u64]) + Sync) -> Vec<u64> {
    let blocks = rows.par_chunks(BLOCK).map(|block| {
        let mut counts = vec![0; num_values];
        for row in block {
            add(*row, &mut counts);
        }
        counts
    });
    blocks.reduce(
        || vec![0; num_values],
        |mut sums, counts| {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            sums
        },
    )
}

fn commonest<T: Ord>(mut counts: Vec<(T, u64)>) -> Vec<(T, u64)> {
    counts.retain(|(_, count)| *count > 0);
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}
