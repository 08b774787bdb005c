//! How often chance alone would raise an alarm: releases or dates dealt out anew.

use echolot_core::{Change, Draws, Level, compare_releases};
use echolot_index::{Facts, Filter, RowId};

use super::complaints::changes;
use super::emerging::rises;
use super::{Snapshot, tally};
use crate::Error;

/// Among which verbatims, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmQuestion {
    /// The product.
    pub product: String,
    /// How often releases, and then dates, are dealt out anew.
    pub shuffles: u64,
    /// The greatest q value that counts as beyond chance.
    pub level: Level,
    /// The least verbatims of an alarm.
    pub minimum: u64,
}

/// What was tried on shuffled feedback and how often it raised an alarm. All
/// alarms are false, so the share of tables with one is also the rate of false
/// discoveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlarmRate {
    /// What raised them.
    pub method: &'static str,
    /// Tables that were made.
    pub tables: u64,
    /// Tables with an alarm.
    pub with_alarm: u64,
    /// Themes that were tested in all tables.
    pub tests: u64,
    /// Alarms in all tables.
    pub alarms: u64,
}

/// The part of the feedback, the newest, that stands for a period.
const PERIOD: usize = 20;

pub(super) fn rates(
    snapshot: &Snapshot,
    question: &AlarmQuestion,
) -> Result<Vec<AlarmRate>, Error> {
    let facts = snapshot.facts()?;
    let filter = Filter { products: vec![question.product.clone()], ..Filter::default() };
    // Repeats come together in time. Dealt out one by one they would count
    // anew in every release, so that only the first of each is kept.
    let rows: Vec<RowId> =
        snapshot.rows(&filter)?.into_iter().filter(|row| !facts.is_duplicate(*row)).collect();
    let releases = Releases::new(facts, &rows);
    let mut shuffled = releases.rows.clone();
    let mut dated = rows;
    let mut draws = Draws::new(0);
    let rate = |method| AlarmRate { method, tables: 0, with_alarm: 0, tests: 0, alarms: 0 };
    let mut by_release = rate("emerging, by release");
    let mut by_date = rate("emerging, by date");
    let mut by_table = rate("complaints, release beside the one before");
    for _ in 0..question.shuffles {
        draws.shuffle(&mut shuffled);
        for release in releases.sizes.windows(2) {
            let (start, middle, end) = (release[0].start, release[1].start, release[1].end);
            let (now, before) = (&shuffled[middle..end], &shuffled[..middle]);
            by_release.add_rises(facts, question, (now, before));
            by_table.add_changes(facts, question, (now, &shuffled[start..middle]));
        }
        draws.shuffle(&mut dated);
        let (now, before) = dated.split_at(dated.len() / PERIOD);
        by_date.add_rises(facts, question, (now, before));
    }
    Ok(vec![by_release, by_date, by_table])
}

impl AlarmRate {
    fn add_rises(
        &mut self,
        facts: &Facts,
        question: &AlarmQuestion,
        (now, before): (&[RowId], &[RowId]),
    ) {
        let rises = rises(&tally::count(facts, now, None), &tally::count(facts, before, None));
        let alarms =
            rises.iter().filter(|rise| rise.is_beyond(question.level, question.minimum)).count();
        self.add(rises.len(), alarms);
    }

    fn add_changes(
        &mut self,
        facts: &Facts,
        question: &AlarmQuestion,
        (now, before): (&[RowId], &[RowId]),
    ) {
        let negative = Some(echolot_core::Polarity::Negative);
        let count = |rows| tally::count(facts, rows, negative).volumes();
        let changes = changes(&count(now), &count(before));
        let is_alarm = |word| matches!(word, Change::New | Change::Worse | Change::Better);
        let alarms = changes
            .values()
            .filter(|change| is_alarm(change.word) && change.q <= question.level.value());
        self.add(changes.len(), alarms.count());
    }

    fn add(&mut self, tests: usize, alarms: usize) {
        self.tables += 1;
        self.with_alarm += u64::from(alarms > 0);
        self.tests += tests as u64;
        self.alarms += alarms as u64;
    }
}

/// The rows that have a release, and how many places each release has.
struct Releases {
    rows: Vec<RowId>,
    sizes: Vec<std::ops::Range<usize>>,
}

impl Releases {
    fn new(facts: &Facts, rows: &[RowId]) -> Self {
        let mut rows: Vec<RowId> =
            rows.iter().copied().filter(|row| facts.release.code(*row).is_some()).collect();
        let release = |row: &RowId| facts.release.get(*row).unwrap_or_default();
        rows.sort_by(|a, b| compare_releases(release(a), release(b)).then(a.cmp(b)));
        let mut start = 0;
        let sizes = rows.chunk_by(|a, b| release(a) == release(b)).map(|of_release| {
            let places = start..start + of_release.len();
            start = places.end;
            places
        });
        let sizes = sizes.collect();
        Self { rows, sizes }
    }
}
