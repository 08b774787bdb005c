//! Customers' own words that stand for a figure.

use std::collections::HashSet;

use echolot_core::{CharSpan, FeedbackId};
use echolot_index::{OpinionFact, RowId, StoredTheme};

use super::Snapshot;
use crate::Error;

/// A stretch of a verbatim that stands for a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The feedback item.
    pub id: FeedbackId,
    /// Where the words stand in its verbatim.
    pub span: CharSpan,
    /// The words.
    pub quote: String,
}

/// The words of a quote that tell enough and are quickly read, in characters.
const READABLE: std::ops::RangeInclusive<usize> = 20..=160;

/// Up to `limit` examples of a theme among `places`, no two from repeats of
/// the same verbatim: those that the theme itself is shown by, then those of
/// readable length, the surest first.
pub(super) fn choose(
    snapshot: &Snapshot,
    theme: &StoredTheme,
    places: &[(RowId, OpinionFact)],
    limit: usize,
) -> Result<Vec<Example>, Error> {
    let shown: Vec<RowId> = std::iter::once(&theme.representative)
        .chain(&theme.examples)
        .map(|(row, _)| *row)
        .collect();
    of_places(snapshot, &shown, places, limit)
}

/// As [`choose`], where the rows in `shown` come first.
pub(super) fn of_places(
    snapshot: &Snapshot,
    shown: &[RowId],
    places: &[(RowId, OpinionFact)],
    limit: usize,
) -> Result<Vec<Example>, Error> {
    let facts = snapshot.facts()?;
    let rank = |row: &RowId| shown.iter().position(|first| first == row).unwrap_or(shown.len());
    let mut ranked: Vec<&(RowId, OpinionFact)> = places.iter().collect();
    ranked.sort_by(|(row_a, a), (row_b, b)| {
        let is_unreadable = |opinion: &OpinionFact| !READABLE.contains(&opinion.span.len());
        rank(row_a)
            .cmp(&rank(row_b))
            .then(is_unreadable(a).cmp(&is_unreadable(b)))
            .then(b.confidence.total_cmp(&a.confidence))
            .then(row_a.cmp(row_b))
    });
    let mut seen = HashSet::new();
    ranked.retain(|(row, _)| seen.insert(facts.canonical[row.index()]));
    ranked.truncate(limit);
    let rows: Vec<RowId> = ranked.iter().map(|(row, _)| *row).collect();
    let texts = snapshot.inner.texts(&rows)?;
    let examples = ranked.into_iter().zip(texts).map(|((_, opinion), (id, text))| Example {
        id,
        span: opinion.span,
        quote: opinion.span.of(&text).to_owned(),
    });
    Ok(examples.collect())
}
