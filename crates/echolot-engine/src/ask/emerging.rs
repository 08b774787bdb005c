//! Themes whose share rose in a release or period beyond what their history makes likely.

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{
    BurstModel, Calendar, Count, Level, Period, Polarity, Share, ThemeId, Timestamp, Topic,
    benjamini_hochberg, compare_releases, find_bursts, share_rise, wilson,
};
use echolot_index::{Facts, Filter, RowId};

use super::complaints::{known_releases, unknown_release};
use super::examples::{Example, choose};
use super::segment::{CorrectedCount, Segment};
use super::tally::{self, Counts};
use super::{Snapshot, themes};
use crate::Error;

/// What is asked of emerging themes.
#[derive(Debug, Clone, PartialEq)]
pub struct EmergingQuestion {
    /// The verbatims that count. A release of it, or its beginning and end, is
    /// the period; all that is older is the history. Without either the period
    /// is the newest release of the product, or else the last seven days that
    /// have feedback.
    pub segment: Segment,
    /// The greatest q value that counts as beyond chance.
    pub level: Level,
    /// The least verbatims in the period.
    pub minimum: u64,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
}

impl EmergingQuestion {
    /// The verbatims of the period, of its history, and after it.
    #[must_use]
    pub fn whole(&self) -> Segment {
        let filter = self.segment.filter.clone();
        let filter = Filter { releases: vec![], from: None, to: None, ..filter };
        Segment { filter, query: self.segment.query.clone() }
    }
}

/// The themes that emerge, surest first.
#[derive(Debug, Clone, PartialEq)]
pub struct EmergingTable {
    /// What is looked at.
    pub period: EmergingPeriod,
    /// Verbatims in the period, near-duplicates once.
    pub verbatims: u64,
    /// Verbatims before it, near-duplicates once.
    pub history_verbatims: u64,
    /// How many themes were tested, all corrected together.
    pub tested: u64,
    /// What people have said of the verbatims of the period and before it against the model.
    pub corrected: CorrectedCount,
    /// The themes.
    pub rows: Vec<EmergingRow>,
}

/// What is set against its history.
#[derive(Debug, Clone, PartialEq)]
pub enum EmergingPeriod {
    /// A release; all earlier ones are its history.
    Release(String),
    /// A time from one moment to before another; all earlier feedback is its
    /// history.
    Time(Timestamp, Timestamp),
}

/// Whether a theme has a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emergence {
    /// Nobody spoke of it before.
    New,
    /// It was known, and is spoken of more than before.
    Rising,
}

impl Emergence {
    /// The word for it, also in answers to other programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Rising => "rising",
        }
    }
}

/// One theme that emerges.
#[derive(Debug, Clone, PartialEq)]
pub struct EmergingRow {
    /// The theme.
    pub theme: ThemeId,
    /// Its name.
    pub label: String,
    /// The topic most of its opinions have.
    pub topic: Topic,
    /// Which way it points.
    pub polarity: Polarity,
    /// Whether it has a history.
    pub word: Emergence,
    /// Its share of the period's verbatims, near-duplicates once.
    pub share: Share,
    /// Its share of the verbatims before.
    pub history_share: Share,
    /// How many verbatims the period would have at the share of its history.
    pub expected: f64,
    /// The probability of so many or more if nothing had changed.
    pub p: f64,
    /// The p value corrected for all themes tested (Benjamini-Hochberg).
    pub q: f64,
    /// Runs of days, touching the period, on which it was far more frequent
    /// than usual.
    pub bursts: Vec<DayBurst>,
    /// Customers' words that stand for it.
    pub examples: Vec<Example>,
}

/// Days on which a theme was far more frequent than usual.
#[derive(Debug, Clone, PartialEq)]
pub struct DayBurst {
    /// The first day.
    pub first: Period,
    /// The last day.
    pub last: Period,
    /// How much more likely these days are in a burst than outside one, as a
    /// natural logarithm.
    pub weight: f64,
}

/// How many examples a row gets.
const EXAMPLES: usize = 3;

/// The period of those who do not name one, in days that have feedback.
const LAST_DAYS: usize = 7;

pub(super) fn table(
    snapshot: &Snapshot,
    question: &EmergingQuestion,
) -> Result<EmergingTable, Error> {
    let facts = snapshot.facts()?;
    let whole = question.whole();
    let rows = snapshot.rows_of(&whole)?;
    let period = period_of(snapshot, question, &rows)?;
    let (now, before) = divide(facts, &period, &rows);
    let (now, before) = (tally::count(facts, &now, None), tally::count(facts, &before, None));
    let rises = rises(&now, &before);
    let tested = rises.len() as u64;
    let stored = snapshot.stored_themes()?;
    let hidden = themes::hidden(&stored);
    let is_shown = |rise: &Rise| {
        rise.is_beyond(question.level, question.minimum) && !hidden.contains(&rise.theme)
    };
    let mut found: Vec<Rise> = rises.into_iter().filter(is_shown).collect();
    found.sort_by(|a, b| a.p.total_cmp(&b.p).then(a.theme.cmp(&b.theme)));
    found.truncate(question.limit.unwrap_or(usize::MAX));

    let horizon = snapshot.horizon()?;
    let is_past = |row: &RowId| {
        horizon.is_none_or(|end| facts.created_at[row.index()].is_none_or(|at| at < end))
    };
    let rows: Vec<RowId> = rows.into_iter().filter(is_past).collect();
    let days = Days::new(facts, &rows);
    let rows = found.iter().map(|rise| {
        let theme = themes::find(&stored, rise.theme)?;
        let places = &now.by_theme[&rise.theme].places;
        let share = |count: Count| {
            wilson(count.hits(), count.total()).ok_or(Error::UnknownTheme(rise.theme))
        };
        let history_share = share(rise.history)?;
        Ok(EmergingRow {
            theme: rise.theme,
            label: theme.title().to_owned(),
            topic: theme.topic,
            polarity: theme.polarity,
            word: if rise.history.hits() == 0 { Emergence::New } else { Emergence::Rising },
            share: share(rise.period)?,
            expected: history_share.value * rise.period.total() as f64,
            history_share,
            p: rise.p,
            q: rise.q,
            bursts: days.bursts(
                facts,
                rise.theme,
                &places.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
            ),
            examples: choose(snapshot, theme, places, EXAMPLES)?,
        })
    });
    Ok(EmergingTable {
        corrected: snapshot.corrected(&whole)?,
        rows: rows.collect::<Result<_, Error>>()?,
        period,
        verbatims: now.verbatims,
        history_verbatims: before.verbatims,
        tested,
    })
}

/// How a theme's share in the period stands against its history.
pub(super) struct Rise {
    theme: ThemeId,
    period: Count,
    history: Count,
    p: f64,
    q: f64,
}

impl Rise {
    pub(super) fn is_beyond(&self, level: Level, minimum: u64) -> bool {
        self.q <= level.value() && self.period.hits() >= minimum
    }
}

/// Tests every theme that occurs in the period or before it, by the exact test
/// of [`share_rise`], and corrects all together.
///
/// Rare themes are tested too: to leave out those with few verbatims in the
/// period would keep just those that chance made frequent.
pub(super) fn rises(now: &Counts, before: &Counts) -> Vec<Rise> {
    if before.verbatims == 0 {
        return Vec::new();
    }
    let ids: BTreeSet<ThemeId> =
        now.by_theme.keys().chain(before.by_theme.keys()).copied().collect();
    let tested: Vec<(ThemeId, Count, Count)> = ids
        .into_iter()
        .map(|id| {
            let count = |counts: &Counts| Count::new(counts.volume(id), counts.verbatims);
            (id, count(now), count(before))
        })
        .collect();
    let p: Vec<f64> = tested.iter().map(|(_, now, before)| share_rise(*now, *before)).collect();
    let q = benjamini_hochberg(&p);
    let rises = tested.into_iter().zip(p).zip(q);
    rises.map(|(((theme, period, history), p), q)| Rise { theme, period, history, p, q }).collect()
}

fn period_of(
    snapshot: &Snapshot,
    question: &EmergingQuestion,
    rows: &[RowId],
) -> Result<EmergingPeriod, Error> {
    let facts = snapshot.facts()?;
    let Filter { products, releases, from, to, .. } = &question.segment.filter;
    let bad = |key, reason: &str| Err(Error::BadValue { key, reason: reason.to_owned() });
    let known = match products.as_slice() {
        [product] => Some(known_releases(snapshot, product, question.segment.filter.as_of)?),
        _ => None,
    };
    if releases.len() > 1 {
        return bad("release", "the period is one release; all earlier ones are its history");
    }
    if let [release] = releases.as_slice() {
        let (Some(known), [product]) = (known, products.as_slice()) else {
            return bad("release", "releases have an order only within a product; name one");
        };
        if from.is_some() || to.is_some() {
            return bad("release", "the period is either a release or a time");
        }
        if !known.contains(release) {
            return Err(unknown_release(product, release, &known));
        }
        return Ok(EmergingPeriod::Release(release.clone()));
    }
    let horizon = snapshot.horizon()?;
    let times = || {
        let times = rows.iter().filter_map(|row| facts.created_at[row.index()]);
        times.filter(|at| horizon.is_none_or(|end| *at < end))
    };
    let last = times().max();
    let after_last = last.map(|at| Period::of(Calendar::Day, at).next().start());
    match (from, to, known.and_then(|known| known.last().cloned())) {
        (Some(from), to, _) => {
            let end = to.or(after_last).unwrap_or(*from).max(*from);
            Ok(EmergingPeriod::Time(*from, end))
        }
        (None, Some(_), _) => bad("to", "a period needs its beginning as well (`from`)"),
        (None, None, Some(newest)) => Ok(EmergingPeriod::Release(newest)),
        (None, None, None) => {
            let days: BTreeSet<Period> = times().map(|at| Period::of(Calendar::Day, at)).collect();
            let Some(first) = days.iter().rev().take(LAST_DAYS).next_back() else {
                return bad("from", "no verbatim here says when it was written");
            };
            Ok(EmergingPeriod::Time(first.start(), after_last.unwrap_or(first.start())))
        }
    }
}

/// The rows of the period and those before it.
fn divide(facts: &Facts, period: &EmergingPeriod, rows: &[RowId]) -> (Vec<RowId>, Vec<RowId>) {
    let order = |row: &RowId| match period {
        EmergingPeriod::Release(release) => {
            facts.release.get(*row).map(|found| compare_releases(found, release))
        }
        EmergingPeriod::Time(from, to) => facts.created_at[row.index()].map(|at| {
            if at < *from {
                std::cmp::Ordering::Less
            } else if at < *to {
                std::cmp::Ordering::Equal
            } else {
                std::cmp::Ordering::Greater
            }
        }),
    };
    let of = |wanted| rows.iter().copied().filter(|row| order(row) == Some(wanted)).collect();
    (of(std::cmp::Ordering::Equal), of(std::cmp::Ordering::Less))
}

/// How many verbatims there are by day, repeats left out.
struct Days {
    first: i64,
    totals: Vec<u64>,
    rows: Vec<RowId>,
}

impl Days {
    fn new(facts: &Facts, rows: &[RowId]) -> Self {
        let mut by_day: BTreeMap<i64, u64> = BTreeMap::new();
        let rows: Vec<RowId> = rows
            .iter()
            .copied()
            .filter(|&row| !facts.is_duplicate(row) && facts.created_at[row.index()].is_some())
            .collect();
        for day in rows.iter().filter_map(|row| day_of(facts, *row)) {
            *by_day.entry(day).or_default() += 1;
        }
        let first = by_day.keys().next().copied().unwrap_or(0);
        let last = by_day.keys().next_back().copied().unwrap_or(-1);
        let totals = (first..=last).map(|day| by_day.get(&day).copied().unwrap_or(0)).collect();
        Self { first, totals, rows }
    }

    /// The bursts of a theme that touch the days of `period`.
    fn bursts(&self, facts: &Facts, theme: ThemeId, period: &[RowId]) -> Vec<DayBurst> {
        let mut hits = vec![0; self.totals.len()];
        for row in &self.rows {
            let speaks = facts.opinions(*row).iter().any(|opinion| opinion.theme == Some(theme));
            if let Some(day) = day_of(facts, *row).filter(|_| speaks) {
                hits[(day - self.first) as usize] += 1;
            }
        }
        let counts = hits.iter().zip(&self.totals).map(|(hits, total)| Count::new(*hits, *total));
        let counts: Vec<Count> = counts.collect();
        let days = || period.iter().filter_map(|row| day_of(facts, *row));
        let (Some(first), Some(last)) = (days().min(), days().max()) else { return vec![] };
        let bursts = find_bursts(&counts, BurstModel::default()).into_iter();
        let bursts = bursts.map(|burst| {
            let day = |at: usize| {
                Period::from_number(Calendar::Day, self.first + at.cast_signed() as i64)
            };
            DayBurst {
                first: day(burst.days.start),
                last: day(burst.days.end - 1),
                weight: burst.weight,
            }
        });
        bursts
            .filter(|burst| burst.first.number() <= last && first <= burst.last.number())
            .collect()
    }
}

fn day_of(facts: &Facts, row: RowId) -> Option<i64> {
    facts.created_at[row.index()].map(|at| Period::of(Calendar::Day, at).number())
}
