//! The themes of a set of verbatims.

use echolot_core::{Polarity, Share, ThemeId, wilson};
use echolot_index::{Filter, LedgerEntry, StoredTheme};

use super::examples::{Example, choose};
use super::{Snapshot, tally};
use crate::Error;

/// Which themes are asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeQuestion {
    /// The verbatims that count.
    pub filter: Filter,
    /// Only opinions of this polarity count.
    pub polarity: Option<Polarity>,
    /// The greatest number of themes; none means all.
    pub limit: Option<usize>,
    /// How many examples each theme gets.
    pub examples: usize,
}

/// The themes of a set of verbatims, by volume.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeList {
    /// Verbatims in the set, near-duplicates once.
    pub verbatims: u64,
    /// Verbatims with an opinion that counts, near-duplicates once.
    pub with_opinion: u64,
    /// Of those, verbatims none of whose opinions is in a theme.
    pub without_theme: u64,
    /// How many themes there are in the set, shown or not.
    pub total: u64,
    /// The themes.
    pub rows: Vec<ThemeRow>,
}

/// One theme in a set of verbatims.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeRow {
    /// The theme as it is stored.
    pub theme: StoredTheme,
    /// Verbatims that speak of it, near-duplicates once.
    pub volume: u64,
    /// Verbatims that speak of it, every one counted.
    pub mentions: u64,
    /// The volume's share of the set; none when the set is empty.
    pub share: Option<Share>,
    /// Customers' words that stand for it.
    pub examples: Vec<Example>,
}

/// One theme over all verbatims.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeDetail {
    /// The theme and its figures.
    pub row: ThemeRow,
    /// What happened to it, oldest first.
    pub ledger: Vec<LedgerEntry>,
}

/// How many examples a theme's own page shows.
const DETAIL_EXAMPLES: usize = 10;

pub(super) fn list(snapshot: &Snapshot, question: &ThemeQuestion) -> Result<ThemeList, Error> {
    let facts = snapshot.facts()?;
    let counts = tally::count(facts, &question.filter.rows(facts), question.polarity);
    let mut found: Vec<_> = counts.by_theme.iter().collect();
    found.sort_by_key(|(id, tally)| (std::cmp::Reverse(tally.volume()), **id));
    let total = found.len() as u64;
    found.truncate(question.limit.unwrap_or(usize::MAX));
    let themes = snapshot.stored_themes()?;
    let rows = found.into_iter().map(|(id, tally)| {
        let theme = find(&themes, *id)?;
        Ok(ThemeRow {
            theme: theme.clone(),
            volume: tally.volume(),
            mentions: tally.mentions,
            share: wilson(tally.volume(), counts.verbatims),
            examples: choose(snapshot, theme, &tally.places, question.examples)?,
        })
    });
    Ok(ThemeList {
        rows: rows.collect::<Result<_, Error>>()?,
        verbatims: counts.verbatims,
        with_opinion: counts.with_opinion,
        without_theme: counts.without_theme,
        total,
    })
}

pub(super) fn detail(snapshot: &Snapshot, id: ThemeId) -> Result<ThemeDetail, Error> {
    let themes = snapshot.stored_themes()?;
    let stored = find(&themes, id)?;
    let facts = snapshot.facts()?;
    let all: Vec<_> = facts.rows().collect();
    let counts = tally::count(facts, &all, None);
    let nothing = tally::Tally::default();
    let tally = counts.by_theme.get(&id).unwrap_or(&nothing);
    let row = ThemeRow {
        theme: stored.clone(),
        volume: tally.volume(),
        mentions: tally.mentions,
        share: wilson(tally.volume(), counts.verbatims),
        examples: choose(snapshot, stored, &tally.places, DETAIL_EXAMPLES)?,
    };
    Ok(ThemeDetail { row, ledger: snapshot.inner.ledger(id)? })
}

pub(super) fn find(themes: &[StoredTheme], id: ThemeId) -> Result<&StoredTheme, Error> {
    themes.iter().find(|theme| theme.id == id).ok_or(Error::UnknownTheme(id))
}
