//! What customers complain about in a release, beside a baseline.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{
    Answers, Change, ChangeRule, Comparison, Count, DetectableChange, Impact, Polarity, Resampling,
    Share, TestDesign, ThemeId, Timestamp, Topic, benjamini_hochberg, compare_releases,
    compare_shares, detectable_change, judge_change, leave_out_difference, leave_out_impact,
    wilson,
};
use echolot_index::{Facts, Filter, RowId, StoredTheme};

use super::examples::{Example, choose};
use super::notes::{self, NotedTheme, ReleaseNote};
use super::segment::{CorrectedCount, Scope, Segment};
use super::tally::{self, Counts, Tally, Volumes};
use super::{Outcome, Snapshot, by_name, themes};
use crate::Error;

/// Which release is asked about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComplaintQuestion {
    /// The product.
    pub product: String,
    /// The release.
    pub release: String,
    /// The release to compare with; none means the one before.
    pub baseline: Option<String>,
    /// Further conditions on the verbatims of both releases. Those on what is said
    /// decide which complaints count; shares are of the frame (see
    /// [`Segment::frame`]).
    pub segment: Segment,
    /// Which complaints come first.
    pub rank: ComplaintRank,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
    /// Lines of release notes, to be set beside the complaints they speak of.
    pub notes: Vec<String>,
}

/// Which complaints come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ComplaintRank {
    /// Those with the greatest share.
    #[default]
    Share,
    /// Those that draw the mean of an answer down most: by leave-out impact. The
    /// older effort question, of which a high answer is a bad one, is drawn up.
    Impact(Outcome),
}

impl ComplaintRank {
    /// The rank of a name, `share` or `impact`, with the answer that an impact is
    /// on.
    ///
    /// # Errors
    /// When it is neither.
    pub fn named(name: &str, on: Outcome) -> Result<Self, Error> {
        by_name("rank", name, &[Self::Share, Self::Impact(on)], Self::name)
    }

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Impact(_) => "impact",
        }
    }
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
    /// The verbatims whose complaints count, of the release.
    pub segment: Segment,
    /// The same of the baseline; none without one.
    pub baseline_segment: Option<Segment>,
    /// Which complaints come first.
    pub rank: ComplaintRank,
    /// Answers that impacts are on, near-duplicates once; none unless they decide
    /// the rank.
    pub answers: Option<u64>,
    /// The themes, as ranked; those that were complained about in the baseline
    /// only, if that is beyond chance, come after them.
    pub rows: Vec<ComplaintRow>,
    /// The lines of the release notes that were given.
    pub notes: Vec<ReleaseNote>,
    /// What people have said of the verbatims of both releases against the model.
    pub corrected: CorrectedCount,
}

/// Below so many verbatims a baseline shows great changes only: from it a share
/// of 0 must rise by more than 7 points to be found four times out of five.
const SMALL_BASELINE: u64 = 50;

impl ComplaintTable {
    /// Whether the baseline has too few verbatims to show other than great
    /// changes.
    pub fn has_small_baseline(&self) -> bool {
        self.baseline.is_some() && self.baseline_verbatims < SMALL_BASELINE
    }
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
    /// What it does to the mean answer of the verbatims that count; none unless
    /// that decides the rank, and where nobody who complains of it answered.
    pub impact: Option<Impact>,
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
    let releases = known_releases(snapshot, &question.product, question.segment.filter.as_of)?;
    let position = known_release(&releases, question, &question.release)?;
    let baseline = match &question.baseline {
        Some(baseline) if *baseline == question.release => {
            let reason = format!("`{baseline}` is the release itself; name another");
            return Err(Error::BadValue { key: "baseline", reason });
        }
        Some(baseline) => Some(known_release(&releases, question, baseline)?),
        None => position.checked_sub(1),
    };
    let baseline = baseline.map(|at| releases[at].clone());

    let segment = segment_of(question, &question.release);
    let baseline_segment = baseline.as_deref().map(|release| segment_of(question, release));
    let (counts, rows) = counted(snapshot, &segment)?;
    let before = baseline_segment.as_ref().map(|segment| counted(snapshot, segment)).transpose()?;
    let before = before.map(|(counts, _)| counts).unwrap_or_default();
    let mut corrected = snapshot.corrected(&segment.frame())?;
    if let Some(segment) = &baseline_segment {
        corrected = corrected + snapshot.corrected(&segment.frame())?;
    }
    let answers = match question.rank {
        ComplaintRank::Share => None,
        ComplaintRank::Impact(on) => Some(Answered::new(facts, on, &rows)),
    };
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
    if let Some(answers) = &answers {
        found.sort_by_cached_key(|id| answers.harm(counts.by_theme.get(id)));
    }
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
                impact: answers.as_ref().and_then(|answers| answers.impact(now?)),
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
        answers: answers.as_ref().map(|answers| answers.all.total()),
        rank: question.rank,
        segment,
        baseline_segment,
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

/// The verbatims of a release that are asked about.
fn segment_of(question: &ComplaintQuestion, release: &str) -> Segment {
    let Segment { filter, query } = question.segment.clone();
    let (products, releases) = (vec![question.product.clone()], vec![release.to_owned()]);
    Segment { filter: Filter { products, releases, ..filter }, query }
}

/// The negative opinions of a segment that meet its conditions, counted among all
/// of its frame, and its rows.
fn counted(snapshot: &Snapshot, segment: &Segment) -> Result<(Counts, Vec<RowId>), Error> {
    let scope = Scope::new(snapshot, segment)?;
    let rows = scope.rows();
    let mut counts = tally::count_said(scope.facts, &rows, |row| {
        scope.opinions(row).filter(|opinion| opinion.polarity == Polarity::Negative)
    });
    let frame = segment.frame();
    if frame != *segment {
        let frame = tally::count(scope.facts, &snapshot.rows_of(&frame)?, None);
        (counts.verbatims, counts.mentions) = (frame.verbatims, frame.mentions);
    }
    Ok((counts, rows))
}

/// The answers of a set, on which complaints have an impact.
struct Answered<'a> {
    facts: &'a Facts,
    on: Outcome,
    all: Answers,
}

impl<'a> Answered<'a> {
    fn new(facts: &'a Facts, on: Outcome, rows: &[RowId]) -> Self {
        let all = Self::of_rows((facts, on), rows.iter().copied());
        Self { facts, on, all }
    }

    /// The answers of rows; a repeat of a verbatim is the same person's answer once
    /// more.
    fn of_rows((facts, on): (&Facts, Outcome), rows: impl Iterator<Item = RowId>) -> Answers {
        let rows = rows.filter(|row| facts.canonical[row.index()] == *row);
        rows.filter_map(|row| on.of(facts, row)).collect()
    }

    /// Those of whoever complains of a theme.
    fn with(&self, theme: &Tally) -> Answers {
        Self::of_rows((self.facts, self.on), theme.places.iter().map(|(row, _)| *row))
    }

    fn impact(&self, theme: &Tally) -> Option<Impact> {
        leave_out_impact(&self.all, &self.with(theme), Resampling::default())
    }

    fn harm(&self, theme: Option<&Tally>) -> Harm {
        let impact = theme.and_then(|theme| leave_out_difference(&self.all, &self.with(theme)));
        Harm(impact.map(|impact| if self.on == Outcome::CesV1 { -impact } else { impact }))
    }
}

/// An impact in the order of harm: what draws an answer down most first, and what
/// has none last.
#[derive(PartialEq)]
struct Harm(Option<f64>);

impl Eq for Harm {}

impl PartialOrd for Harm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Harm {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |harm: &Self| harm.0.unwrap_or(f64::INFINITY);
        key(self).total_cmp(&key(other))
    }
}
