//! The themes of a set of verbatims.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{Polarity, Share, ThemeId, wilson};
use echolot_index::{EditRecord, Filter, LedgerEntry, StoredTheme};

use super::examples::{Example, choose};
use super::segment::Segment;
use super::tally::{Counts, Tally};
use super::{Snapshot, tally};
use crate::Error;

/// Which themes are asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThemeQuestion {
    /// The verbatims that count.
    pub segment: Segment,
    /// Only opinions of this polarity count.
    pub polarity: Option<Polarity>,
    /// Whether the themes that people have hidden are listed too.
    pub with_hidden: bool,
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
    /// How many themes there are in the set, shown or not, but for hidden ones.
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
    /// Its sub-themes in the set, by volume.
    pub parts: Vec<ThemePart>,
    /// Customers' words that stand for it.
    pub examples: Vec<Example>,
}

/// A sub-theme in a set of verbatims.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemePart {
    /// The sub-theme as it is stored.
    pub theme: StoredTheme,
    /// Verbatims that speak of it, near-duplicates once.
    pub volume: u64,
    /// Verbatims that speak of it, every one counted.
    pub mentions: u64,
}

/// One theme over all verbatims.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeDetail {
    /// The theme and its figures.
    pub row: ThemeRow,
    /// The number that was asked for, where that theme has ended and leads here.
    pub redirected_from: Option<ThemeId>,
    /// What happened to it, oldest first. Its figures are of all products, so
    /// it is empty for whoever may not see them all.
    pub ledger: Vec<LedgerEntry>,
}

/// What happened to a theme, or to all, and what people changed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeLedger {
    /// The entries, oldest first.
    pub entries: Vec<LedgerEntry>,
    /// The edits, oldest first.
    pub edits: Vec<EditRecord>,
}

/// How many examples a theme's own page shows.
const DETAIL_EXAMPLES: usize = 10;

pub(super) fn list(snapshot: &Snapshot, question: &ThemeQuestion) -> Result<ThemeList, Error> {
    let facts = snapshot.facts()?;
    let counts = tally::count(facts, &snapshot.rows_of(&question.segment)?, question.polarity);
    let themes = snapshot.stored_themes()?;
    let mut found: Vec<(&StoredTheme, &Tally)> = Vec::new();
    for (id, tally) in &counts.by_theme {
        let theme = find(&themes, *id)?;
        if question.with_hidden || !theme.is_hidden {
            found.push((theme, tally));
        }
    }
    found.sort_by_key(|(theme, tally)| (Reverse(tally.volume()), theme.id));
    let total = found.len() as u64;
    found.truncate(question.limit.unwrap_or(usize::MAX));
    let shown = Shown {
        snapshot,
        themes: &themes,
        counts: &counts,
        examples: question.examples,
        with_hidden: question.with_hidden,
    };
    let rows = found.into_iter().map(|(theme, tally)| shown.row(theme, tally));
    Ok(ThemeList {
        rows: rows.collect::<Result<_, Error>>()?,
        verbatims: counts.verbatims,
        with_opinion: counts.with_opinion,
        without_theme: counts.without_theme,
        total,
    })
}

/// What rows of themes are made from.
struct Shown<'a> {
    snapshot: &'a Snapshot,
    themes: &'a [StoredTheme],
    counts: &'a Counts,
    examples: usize,
    with_hidden: bool,
}

impl Shown<'_> {
    fn row(&self, theme: &StoredTheme, tally: &Tally) -> Result<ThemeRow, Error> {
        let mut parts: Vec<ThemePart> = Vec::new();
        let is_shown = |part: &&StoredTheme| self.with_hidden || !part.is_hidden;
        let of_theme = self.themes.iter().filter(|part| part.parent == Some(theme.id));
        for part in of_theme.filter(is_shown) {
            let Some(tally) = self.counts.by_part.get(&part.id) else { continue };
            let (volume, mentions) = (tally.volume(), tally.mentions);
            parts.push(ThemePart { theme: part.clone(), volume, mentions });
        }
        parts.sort_by_key(|part| (Reverse(part.volume), part.theme.id));
        Ok(ThemeRow {
            theme: theme.clone(),
            volume: tally.volume(),
            mentions: tally.mentions,
            share: wilson(tally.volume(), self.counts.verbatims),
            parts,
            examples: choose(self.snapshot, theme, &tally.places, self.examples)?,
        })
    }
}

/// The names of all themes.
pub(super) fn titles(snapshot: &Snapshot) -> Result<BTreeMap<ThemeId, String>, Error> {
    let titled = |theme: StoredTheme| (theme.id, theme.title().to_owned());
    Ok(snapshot.stored_themes()?.into_iter().map(titled).collect())
}

pub(super) fn detail(snapshot: &Snapshot, asked: ThemeId) -> Result<ThemeDetail, Error> {
    let themes = snapshot.stored_themes()?;
    find(&themes, asked)?;
    let facts = snapshot.facts()?;
    let id = facts.kinship.current(asked);
    let theme = find(&themes, id)?;
    let all = snapshot.rows(&Filter::default())?;
    let counts = tally::count(facts, &all, None);
    let nothing = Tally::default();
    let found = counts.by_theme.get(&id).or_else(|| counts.by_part.get(&id));
    // Its name would tell what customers say of products that may not be seen.
    if found.is_none() && snapshot.is_restricted() {
        return Err(Error::UnknownTheme(asked));
    }
    let tally = found.unwrap_or(&nothing);
    let shown = Shown {
        snapshot,
        themes: &themes,
        counts: &counts,
        examples: DETAIL_EXAMPLES,
        with_hidden: true,
    };
    Ok(ThemeDetail {
        row: shown.row(theme, tally)?,
        redirected_from: Some(asked).filter(|asked| *asked != id),
        ledger: if snapshot.is_restricted() { vec![] } else { snapshot.inner.ledger(Some(id))? },
    })
}

pub(super) fn ledger(snapshot: &Snapshot, theme: Option<ThemeId>) -> Result<ThemeLedger, Error> {
    if let Some(id) = theme {
        find(&snapshot.stored_themes()?, id)?;
    }
    let entries = snapshot.inner.ledger(theme)?;
    let named: BTreeSet<u64> =
        entries.iter().filter_map(|entry| entry.detail["edit"].as_u64()).collect();
    let mut edits = snapshot.inner.edits()?;
    edits.retain(|edit| theme.is_none() || named.contains(&edit.number));
    Ok(ThemeLedger { entries, edits })
}

/// The themes that people have hidden: no list of what matters most names them,
/// though every comparison is corrected for them too.
pub(super) fn hidden(themes: &[StoredTheme]) -> BTreeSet<ThemeId> {
    themes.iter().filter(|theme| theme.is_hidden).map(|theme| theme.id).collect()
}

pub(super) fn find(themes: &[StoredTheme], id: ThemeId) -> Result<&StoredTheme, Error> {
    themes.iter().find(|theme| theme.id == id).ok_or(Error::UnknownTheme(id))
}
