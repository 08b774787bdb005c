//! Counts of verbatims by theme, each verbatim once.

use std::collections::{BTreeMap, HashSet};

use echolot_core::{Count, Polarity, ThemeId};
use echolot_index::{Facts, OpinionFact, RowId};

/// How many verbatims speak of a theme.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Verbatims, every one counted.
    pub(super) mentions: u64,
    /// The verbatims that are not repeats of one another.
    distinct: HashSet<RowId>,
    /// The rows, ascending, with the surest opinion of each.
    pub(super) places: Vec<(RowId, OpinionFact)>,
}

impl Tally {
    /// Verbatims, near-duplicates counted once.
    pub(super) fn volume(&self) -> u64 {
        self.distinct.len() as u64
    }

    /// Counts an opinion of a row; rows come in ascending order.
    fn add(&mut self, (row, canonical): (RowId, RowId), opinion: &OpinionFact) {
        match self.places.last_mut() {
            Some((last, surest)) if *last == row => {
                if opinion.confidence > surest.confidence {
                    *surest = *opinion;
                }
            }
            _ => {
                self.mentions += 1;
                self.distinct.insert(canonical);
                self.places.push((row, *opinion));
            }
        }
    }
}

/// The verbatims of a set, counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Verbatims, every one counted.
    pub(super) mentions: u64,
    /// Verbatims, near-duplicates counted once.
    pub(super) verbatims: u64,
    /// Verbatims with an opinion that counts, near-duplicates once.
    pub(super) with_opinion: u64,
    /// Of those, verbatims none of whose opinions is in a theme.
    pub(super) without_theme: u64,
    pub(super) by_theme: BTreeMap<ThemeId, Tally>,
    /// The same by sub-theme.
    pub(super) by_part: BTreeMap<ThemeId, Tally>,
}

impl Counts {
    /// The volumes of all themes.
    pub(super) fn volumes(&self) -> Volumes<ThemeId> {
        let by_key = self.by_theme.iter().map(|(id, tally)| (*id, tally.volume())).collect();
        Volumes { total: self.verbatims, by_key }
    }

    /// Verbatims that speak of a theme, near-duplicates counted once.
    pub(super) fn volume(&self, id: ThemeId) -> u64 {
        self.by_theme.get(&id).map_or(0, Tally::volume)
    }
}

/// How many verbatims speak of each key, of how many; near-duplicates once.
#[derive(Debug, Default)]
pub(super) struct Volumes<K> {
    pub(super) total: u64,
    pub(super) by_key: BTreeMap<K, u64>,
}

impl<K: Ord> Volumes<K> {
    /// How many of all speak of a key.
    pub(super) fn count(&self, key: &K) -> Count {
        Count::new(self.by_key.get(key).copied().unwrap_or(0), self.total)
    }
}

/// Counts `rows` by the themes of their opinions; only opinions of `polarity`
/// count where one is given.
pub(super) fn count(facts: &Facts, rows: &[RowId], polarity: Option<Polarity>) -> Counts {
    count_said(facts, rows, |row| {
        let said = facts.opinions(row).iter();
        said.filter(move |opinion| polarity.is_none_or(|p| p == opinion.polarity))
    })
}

/// Counts `rows` by the themes of those of their opinions that `said` gives.
pub(super) fn count_said<'a, I: Iterator<Item = &'a OpinionFact>>(
    facts: &'a Facts,
    rows: &[RowId],
    said: impl Fn(RowId) -> I,
) -> Counts {
    let mut counts = Counts { mentions: rows.len() as u64, ..Counts::default() };
    let (mut seen, mut opined, mut themed) = (HashSet::new(), HashSet::new(), HashSet::new());
    for &row in rows {
        let canonical = facts.canonical[row.index()];
        seen.insert(canonical);
        for opinion in said(row) {
            opined.insert(canonical);
            let Some(theme) = opinion.theme else { continue };
            themed.insert(canonical);
            counts.by_theme.entry(theme).or_default().add((row, canonical), opinion);
            if let Some(part) = opinion.part {
                counts.by_part.entry(part).or_default().add((row, canonical), opinion);
            }
        }
    }
    counts.verbatims = seen.len() as u64;
    counts.with_opinion = opined.len() as u64;
    counts.without_theme = (opined.len() - themed.len()) as u64;
    counts
}
