//! One ranking out of two.
//!
//! A row is worth a weighted sum of what it says and what it means, each from
//! 0 to 1: BM25 as a part of the greatest that is found, and similarity as a
//! part of the way from the least that is asked for to the same direction.
//! Bruch, Gai and Ingber ("An Analysis of Fusion Functions for Hybrid
//! Retrieval", ACM TOIS 42, 2023) find such sums better than sums of
//! reciprocal ranks, which forget by how much one row is the better match.

use super::Ranked;
use super::row_set::RowSet;
use crate::records::RowId;

/// How much words count; meaning counts the rest. Vectors that are made to
/// find themes tell less of a query of two words than the words do.
const WORDS_WEIGHT: f32 = 0.8;
/// The similarity of two equal directions.
const SAME: f32 = 1.0;

/// Puts the rows that say a query, by their BM25, and those that are near in
/// meaning, of at least the similarity `floor`, together, ascending by row.
pub(super) fn fuse(
    said: &RowSet,
    scores: Option<&[f32]>,
    (near, floor): (&[(RowId, f32)], f32),
) -> Vec<Ranked> {
    let mut fused = merge(said, near);
    let said_score = |row: RowId| {
        scores.filter(|_| said.contains(row)).map_or(0.0, |scores| scores[row.index()])
    };
    let best_score = said.iter().map(said_score).fold(0.0, f32::max);
    for ranked in &mut fused {
        let by_words = share(said_score(ranked.row), best_score);
        let above = ranked.similarity.map_or(0.0, |similarity| similarity - floor);
        let by_meaning = share(above, SAME - floor);
        ranked.score = WORDS_WEIGHT * by_words + (1.0 - WORDS_WEIGHT) * by_meaning;
    }
    fused
}

/// What part of the whole a value is; 0 of nothing.
fn share(value: f32, whole: f32) -> f32 {
    if whole > 0.0 { value / whole } else { 0.0 }
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
    fn both_scores_count_as_parts_of_the_greatest() {
        let said = RowSet::of(5, |row| row.0 != 3);
        let scores = [0.5, 2.0, 1.0, 9.0, 0.0];
        let near = [(RowId(1), 0.625), (RowId(2), 1.0), (RowId(3), 0.8125)];
        let fused = fuse(&said, Some(&scores), (&near, 0.25));
        let rows: Vec<u32> = fused.iter().map(|ranked| ranked.row.0).collect();
        assert_eq!(rows, [0, 1, 2, 3, 4]);
        // By words 1/4, 1, 1/2, none and 0; by meaning none, 1/2, 1, 3/4 and none.
        let (words, meaning) = (WORDS_WEIGHT, 1.0 - WORDS_WEIGHT);
        let expected =
            [0.25 * words, words + 0.5 * meaning, 0.5 * words + meaning, 0.75 * meaning, 0.0];
        for (ranked, expected) in fused.iter().zip(expected) {
            assert!((ranked.score - expected).abs() < 1e-6, "{ranked:?}");
        }
        assert_eq!(fused[3].similarity, Some(0.8125));
        assert_eq!(fused[4].similarity, None);
    }

    #[test]
    fn what_is_all_alike_has_no_order() {
        let said = RowSet::none(2);
        let fused = fuse(&said, None, (&[(RowId(0), 0.25), (RowId(1), 0.25)], 0.25));
        assert!(fused.iter().all(|ranked| ranked.score == 0.0), "{fused:?}");
    }
}
