//! What customers complain about in a release, beside a baseline.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{
    Change, ChangeRule, Comparison, Count, DetectableChange, Polarity, Share, TestDesign, ThemeId,
    Timestamp, Topic, benjamini_hochberg, compare_releases, compare_shares, detectable_change,
    judge_change, wilson,
};
use echolot_index::{Filter, RowId, StoredTheme};

use super::examples::{Example, choose};
use super::notes::{self, NotedTheme, ReleaseNote};
use super::segment::CorrectedCount;
use super::tally::{self, Counts, Volumes};
use super::{Snapshot, themes};
use crate::Error;

/// Which release is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComplaintQuestion {
    /// The product.
    pub product: String,
    /// The release.
    pub release: String,
    /// The release to compare with; none means the one before.
    pub baseline: Option<String>,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
    /// Lines of release notes, to be set beside the complaints they speak of.
    pub notes: Vec<String>,
    /// Only what was written before this time, or at a time that is not known.
    pub as_of: Option<Timestamp>,
}

/// The complaints about one release.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplaintTable {
    /// The product.
    pub product: String,
    /// The release.
    pub release: String,
    /// The release it is compared with; none when it is the first.
    pub baseline: Option<String>,
    /// Verbatims about the release, near-duplicates once.
    pub verbatims: u64,
    /// Verbatims about the release, every one counted.
    pub mentions: u64,
    /// Verbatims about the baseline, near-duplicates once.
    pub baseline_verbatims: u64,
    /// Verbatims with a negative opinion, near-duplicates once.
    pub with_complaint: u64,
    /// Of those, verbatims whose negative opinions are in no theme.
    pub without_theme: u64,
    /// The themes, by volume; after them those that were complained about in
    /// the baseline only, if that is beyond chance.
    pub rows: Vec<ComplaintRow>,
    /// The lines of the release notes that were given.
    pub notes: Vec<ReleaseNote>,
    /// As asked.
    pub as_of: Option<Timestamp>,
    /// What people have said of the verbatims of both releases against the model.
    pub corrected: CorrectedCount,
}

/// One complaint.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplaintRow {
    /// The theme.
    pub theme: ThemeId,
    /// Its name.
    pub label: String,
    /// The topic most of its opinions have.
    pub topic: Topic,
    /// Verbatims with a negative opinion in the theme, near-duplicates once.
    pub volume: u64,
    /// The same, every verbatim counted.
    pub mentions: u64,
    /// The volume's share of the release's verbatims.
    pub share: Share,
    /// Verbatims with a negative opinion in the theme in the baseline.
    pub baseline_volume: u64,
    /// The share in the baseline; none without one.
    pub baseline_share: Option<Share>,
    /// What became of it since the baseline; none without one.
    pub change: Option<ComplaintChange>,
    /// Customers' words that stand for it.
    pub examples: Vec<Example>,
}

/// What became of a complaint since the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComplaintChange {
    /// The word for it, by [`ChangeRule::default`].
    pub word: Change,
    /// The difference of the shares and its p value.
    pub comparison: Comparison,
    /// The p value corrected for all themes of the two releases together, also
    /// those that are not in the table (Benjamini-Hochberg), 0..=1.
    pub q: f64,
    /// The smallest changes that a comparison of these two releases shows
    /// four times out of five.
    pub detectable: DetectableChange,
}

/// How many examples a row gets.
const EXAMPLES: usize = 3;

pub(super) fn table(
    snapshot: &Snapshot,
    question: &ComplaintQuestion,
) -> Result<ComplaintTable, Error> {
    let facts = snapshot.facts()?;
    let releases = known_releases(snapshot, &question.product, question.as_of)?;
    let position = known_release(&releases, question, &question.release)?;
    let baseline = match &question.baseline {
        Some(baseline) => Some(known_release(&releases, question, baseline)?),
        None => position.checked_sub(1),
    };
    let baseline = baseline.map(|at| releases[at].clone());

    let counts = tally::count(
        facts,
        &rows_of(snapshot, question, &question.release)?,
        Some(Polarity::Negative),
    );
    let before = match &baseline {
        None => Counts::default(),
        Some(release) => {
            let rows = rows_of(snapshot, question, release)?;
            tally::count(facts, &rows, Some(Polarity::Negative))
        }
    };
    let both = std::iter::once(&question.release).chain(&baseline).cloned().collect();
    let corrected = snapshot.corrected(&filter_of(question, both).into())?;
    let changes = changes(&counts.volumes(), &before.volumes());
    let stored = snapshot.stored_themes()?;
    let hidden = themes::hidden(&stored);
    let is_shown = |id: &ThemeId| {
        !hidden.contains(id)
            && (counts.by_theme.contains_key(id)
                || changes.get(id).is_some_and(|change| change.word == Change::Better))
    };
    let in_either =
        |id: &ThemeId| counts.by_theme.contains_key(id) || before.by_theme.contains_key(id);
    let all: BTreeSet<ThemeId> =
        counts.by_theme.keys().chain(before.by_theme.keys()).copied().collect();
    let mut found: Vec<ThemeId> = all.into_iter().filter(is_shown).collect();
    found.sort_by_key(|id| (Reverse(counts.volume(*id)), Reverse(before.volume(*id)), *id));
    found.truncate(question.limit.unwrap_or(usize::MAX));

    let rows = found.iter().filter_map(|id| {
        let now = counts.by_theme.get(id);
        let share = wilson(counts.volume(*id), counts.verbatims)?;
        let quoted = now.or_else(|| before.by_theme.get(id))?;
        Some(themes::find(&stored, *id).and_then(|theme| {
            Ok(ComplaintRow {
                theme: *id,
                label: theme.title().to_owned(),
                topic: theme.topic,
                volume: counts.volume(*id),
                mentions: now.map_or(0, |tally| tally.mentions),
                share,
                baseline_volume: before.volume(*id),
                baseline_share: wilson(before.volume(*id), before.verbatims),
                change: changes.get(id).copied(),
                examples: choose(snapshot, theme, &quoted.places, EXAMPLES)?,
            })
        }))
    });
    // Only complaints of either release can have been mended.
    let known: Vec<&StoredTheme> = stored.iter().filter(|theme| in_either(&theme.id)).collect();
    let notes = notes::matched(&question.notes, &known, |theme| {
        Some(NotedTheme {
            theme: theme.id,
            label: theme.title().to_owned(),
            words: vec![],
            share: wilson(counts.volume(theme.id), counts.verbatims)?,
            baseline_share: wilson(before.volume(theme.id), before.verbatims),
            change: changes.get(&theme.id).copied(),
        })
    });
    Ok(ComplaintTable {
        notes,
        rows: rows.collect::<Result<_, Error>>()?,
        product: question.product.clone(),
        release: question.release.clone(),
        baseline,
        verbatims: counts.verbatims,
        mentions: counts.mentions,
        baseline_verbatims: before.verbatims,
        with_complaint: counts.with_opinion,
        without_theme: counts.without_theme,
        as_of: question.as_of,
        corrected,
    })
}

/// What became of each theme, or whatever else is counted, of two sets; nothing
/// when one of them is empty.
pub(super) fn changes<K: Ord + Copy>(
    now: &Volumes<K>,
    before: &Volumes<K>,
) -> BTreeMap<K, ComplaintChange> {
    let keys: BTreeSet<K> = now.by_key.keys().chain(before.by_key.keys()).copied().collect();
    let compared: Vec<(K, Count, Count, Comparison)> = keys
        .into_iter()
        .filter_map(|key| {
            let (now, before) = (now.count(&key), before.count(&key));
            Some((key, now, before, compare_shares(now, before)?))
        })
        .collect();
    let p: Vec<f64> = compared.iter().map(|(_, _, _, comparison)| comparison.p).collect();
    let describe = |((key, count, baseline, comparison), q)| {
        let change = ComplaintChange {
            word: judge_change(count, baseline, q, ChangeRule::default()),
            comparison,
            q,
            detectable: detectable_change(count.total(), baseline, TestDesign::default()),
        };
        (key, change)
    };
    compared.into_iter().zip(benjamini_hochberg(&p)).map(describe).collect()
}

/// The releases of a product in their order.
pub(super) fn known_releases(
    snapshot: &Snapshot,
    product: &str,
    as_of: Option<Timestamp>,
) -> Result<Vec<String>, Error> {
    let facts = snapshot.facts()?;
    let mut by_product: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in snapshot.rows(&Filter { as_of, ..Filter::default() })? {
        if let Some(name) = facts.product.get(row) {
            let releases = by_product.entry(name).or_default();
            releases.extend(facts.release.get(row).filter(|release| !releases.contains(release)));
        }
    }
    let Some(releases) = by_product.get_mut(product) else {
        return Err(Error::UnknownProduct {
            product: product.to_owned(),
            known: list(by_product.into_keys()),
        });
    };
    releases.sort_by(|a, b| compare_releases(a, b));
    Ok(releases.iter().map(|&release| release.to_owned()).collect())
}

fn known_release(
    releases: &[String],
    question: &ComplaintQuestion,
    release: &str,
) -> Result<usize, Error> {
    releases
        .iter()
        .position(|known| known == release)
        .ok_or_else(|| unknown_release(&question.product, release, releases))
}

/// A release that a product does not have.
pub(super) fn unknown_release(product: &str, release: &str, known: &[String]) -> Error {
    Error::UnknownRelease {
        product: product.to_owned(),
        release: release.to_owned(),
        known: list(known.iter().map(String::as_str)),
    }
}

/// At most twenty names, and how many more there are.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => "none".to_owned(),
        1..=20 => names.join(", "),
        more => format!("{} and {} more", names[..20].join(", "), more - 20),
    }
}

fn rows_of(
    snapshot: &Snapshot,
    question: &ComplaintQuestion,
    release: &str,
) -> Result<Vec<RowId>, Error> {
    snapshot.rows(&filter_of(question, vec![release.to_owned()]))
}

/// The verbatims about releases of the product.
fn filter_of(question: &ComplaintQuestion, releases: Vec<String>) -> Filter {
    let products = vec![question.product.clone()];
    Filter { products, releases, as_of: question.as_of, ..Filter::default() }
}
