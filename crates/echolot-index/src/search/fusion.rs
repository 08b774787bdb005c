//! One ranking out of two.
//!
//! Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): a row is
//! worth the sum of 1/(60 + rank) over the rankings it stands in, so that
//! scores of different kinds need not be compared.

use super::row_set::RowSet;
use super::{Ranked, first_in_order};
use crate::records::RowId;

/// The constant of the method.
const DAMPING: f32 = 60.0;
/// Ranks beyond this are worth nothing; nobody reads that far, and finding
/// them means to sort everything.
const NUM_RANKS: usize = 1000;

/// Puts the rows that say a query, by their BM25, and those that are near in
/// meaning together, ascending by row.
pub(super) fn fuse(said: &RowSet, scores: Option<&[f32]>, near: &[(RowId, f32)]) -> Vec<Ranked> {
    let mut fused: Vec<Ranked> = merge(said, near);
    let mut add_ranks = |mut ranking: Vec<(RowId, f32)>| {
        let count = ranking.len().min(NUM_RANKS);
        let best =
            first_in_order(&mut ranking, count, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for ((row, _), rank) in best.iter().zip(1_u16..) {
            let at = fused.binary_search_by_key(row, |ranked| ranked.row);
            let ranked = &mut fused[at.expect("both rankings are part of the whole")];
            ranked.score += 1.0 / (DAMPING + f32::from(rank));
        }
    };
    if let Some(scores) = scores {
        add_ranks(said.iter().map(|row| (row, scores[row.index()])).collect());
    }
    add_ranks(near.to_vec());
    fused
}

/// The rows of both, ascending, unranked.
fn merge(said: &RowSet, near: &[(RowId, f32)]) -> Vec<Ranked> {
    let mut merged = Vec::with_capacity(near.len() + said.len() as usize);
    let mut near = near.iter().copied().peekable();
    for row in said.iter() {
        while let Some((row, similarity)) = near.next_if(|(other, _)| *other < row) {
            merged.push(Ranked { row, score: 0.0, similarity: Some(similarity) });
        }
        let similarity = near.next_if(|(other, _)| *other == row).map(|(_, similarity)| similarity);
        merged.push(Ranked { row, score: 0.0, similarity });
    }
    let rest =
        near.map(|(row, similarity)| Ranked { row, score: 0.0, similarity: Some(similarity) });
    merged.extend(rest);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_added() {
        let said = RowSet::of(5, |row| row.0 != 3);
        let scores = [0.5, 2.0, 1.0, 0.0, 1.0];
        let near = [(RowId(1), 0.7), (RowId(2), 0.9), (RowId(3), 0.8)];
        let fused = fuse(&said, Some(&scores), &near);
        let rows: Vec<u32> = fused.iter().map(|ranked| ranked.row.0).collect();
        assert_eq!(rows, [0, 1, 2, 3, 4]);
        // By words 1, 2, 4, 0; by meaning 2, 3, 1.
        let expected =
            [1.0 / 64.0, 1.0 / 61.0 + 1.0 / 63.0, 1.0 / 62.0 + 1.0 / 61.0, 1.0 / 62.0, 1.0 / 63.0];
        for (ranked, expected) in fused.iter().zip(expected) {
            assert!((ranked.score - expected).abs() < 1e-6, "{ranked:?}");
        }
        assert_eq!(fused[3].similarity, Some(0.8));
        assert_eq!(fused[4].similarity, None);
    }
}
