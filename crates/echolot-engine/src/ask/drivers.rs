//! What goes with good and bad answers: the drivers of a rating, the NPS or CSAT.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use echolot_core::{
    DriverTally, Impact, Polarity, Resampling, ThemeId, Topic, leave_out_impact, relative_weights,
};
use echolot_index::{Facts, Filter, OpinionFact, RowId, StoredTheme};

use super::examples::{Example, choose, of_places};
use super::{Snapshot, themes};
use crate::Error;

/// The answer that drivers are sought for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The rating, in its own unit.
    Rating,
    /// The Net Promoter Score: a promoter counts 100, a detractor -100.
    Nps,
    /// CSAT: a satisfied answer counts 100, another 0.
    Csat,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Rating, Self::Nps, Self::Csat];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Nps => "nps",
            Self::Csat => "csat",
        }
    }

    /// What the row's answer counts in a mean; none without an answer.
    fn of(self, facts: &Facts, row: RowId) -> Option<f64> {
        let at = row.index();
        match self {
            Self::Rating => facts.rating[at].map(echolot_core::Rating::value),
            Self::Nps => facts.nps[at].map(|answer| match answer.value() {
                9.. => 100.0,
                7..=8 => 0.0,
                _ => -100.0,
            }),
            Self::Csat => {
                facts.csat[at].map(|answer| if answer.is_satisfied() { 100.0 } else { 0.0 })
            }
        }
    }
}

impl FromStr for Outcome {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name).ok_or_else(|| {
            Error::BadValue {
                key: "on",
                reason: format!("`{name}` is not one of {}", Self::ALL.map(Self::name).join(", ")),
            }
        })
    }
}

/// What drivers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverKind {
    /// Themes.
    Theme,
    /// Topics, each by polarity.
    Topic,
}

impl DriverKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Theme, Self::Topic];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Topic => "topic",
        }
    }
}

impl FromStr for DriverKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| Error::BadValue {
            key: "by",
            reason: format!("`{name}` is not one of {}", Self::ALL.map(Self::name).join(", ")),
        })
    }
}

/// Which drivers are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverQuestion {
    /// The answer they shall go with.
    pub on: Outcome,
    /// What they are.
    pub by: DriverKind,
    /// The verbatims that count.
    pub filter: Filter,
    /// The least answers that speak of a driver.
    pub minimum: u64,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
}

/// The drivers of an answer, strongest first.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverTable {
    /// Answers of the set, near-duplicates once.
    pub answers: u64,
    /// Their mean.
    pub mean: f64,
    /// The share of the answers' variance that all drivers explain together in
    /// a linear regression; none when all answers are the same.
    pub r_squared: Option<f64>,
    /// The drivers, by the size of their impact.
    pub rows: Vec<DriverRow>,
}

/// A theme, or a topic in one polarity.
#[derive(Debug, Clone, PartialEq)]
pub enum Driver {
    /// A theme.
    Theme(Box<StoredTheme>),
    /// Opinions of a topic in one polarity.
    Topic(Topic, Polarity),
}

/// One driver.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverRow {
    /// What it is.
    pub driver: Driver,
    /// Mean of all answers less the mean without those that speak of it.
    pub impact: Impact,
    /// Its share of the explained variance (Johnson's relative weight), 0..=1;
    /// none when nothing is explained.
    pub weight: Option<f64>,
    /// Customers' words that stand for it.
    pub examples: Vec<Example>,
}

/// How many examples a row gets.
const EXAMPLES: usize = 3;

/// The most drivers that are weighed against each other; the time grows with
/// their cube.
const MOST_WEIGHED: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Theme(ThemeId),
    Topic(Topic, Polarity),
}

pub(super) fn table(snapshot: &Snapshot, question: &DriverQuestion) -> Result<DriverTable, Error> {
    let facts = snapshot.facts()?;
    let key = |opinion: &OpinionFact| match question.by {
        DriverKind::Theme => opinion.theme.map(Key::Theme),
        DriverKind::Topic => Some(Key::Topic(opinion.topic, opinion.polarity)),
    };
    // A repeat of a verbatim is the same person's answer once more.
    let answers: Vec<(RowId, f64)> = question
        .filter
        .rows(facts)
        .into_iter()
        .filter(|&row| facts.canonical[row.index()] == row)
        .filter_map(|row| Some((row, question.on.of(facts, row)?)))
        .collect();
    let mut places: BTreeMap<Key, Vec<(RowId, OpinionFact)>> = BTreeMap::new();
    for &(row, _) in &answers {
        for opinion in facts.opinions(row) {
            let Some(key) = key(opinion) else { continue };
            let of_key = places.entry(key).or_default();
            if of_key.last().is_none_or(|(last, _)| *last != row) {
                of_key.push((row, *opinion));
            }
        }
    }
    places.retain(|_, places| places.len() as u64 >= question.minimum);
    // The commonest are weighed when there are too many.
    let mut common: Vec<(usize, Key)> =
        places.iter().map(|(key, places)| (places.len(), *key)).collect();
    common.sort_by_key(|&(count, key)| (std::cmp::Reverse(count), key));
    common.truncate(MOST_WEIGHED);
    let drivers: BTreeMap<Key, usize> =
        common.iter().map(|&(_, key)| key).collect::<BTreeSet<_>>().into_iter().zip(0..).collect();

    let mut tally = DriverTally::new(drivers.len());
    for &(row, answer) in &answers {
        let named: BTreeSet<usize> = facts
            .opinions(row)
            .iter()
            .filter_map(|opinion| drivers.get(&key(opinion)?).copied())
            .collect();
        tally.add(answer, &named.into_iter().collect::<Vec<_>>());
    }
    let Some(mean) = tally.all().mean() else {
        return Ok(DriverTable { answers: 0, mean: 0.0, r_squared: None, rows: vec![] });
    };
    let weights = relative_weights(&tally);
    let mut found: Vec<(Key, Impact, Option<f64>)> = drivers
        .iter()
        .filter_map(|(&key, &driver)| {
            let impact = leave_out_impact(tally.all(), tally.with(driver), Resampling::default())?;
            Some((key, impact, weights.as_ref().map(|weights| weights.weights[driver])))
        })
        .collect();
    found.sort_by(|(key_a, a, _), (key_b, b, _)| by_size(a, b).then(key_a.cmp(key_b)));
    found.truncate(question.limit.unwrap_or(usize::MAX));

    let stored = snapshot.stored_themes()?;
    let rows = found.into_iter().map(|(key, impact, weight)| {
        let (driver, examples) = match key {
            Key::Theme(id) => {
                let theme = themes::find(&stored, id)?;
                let examples = choose(snapshot, theme, &places[&key], EXAMPLES)?;
                (Driver::Theme(Box::new(theme.clone())), examples)
            }
            Key::Topic(topic, polarity) => {
                let examples = of_places(snapshot, &[], &places[&key], EXAMPLES)?;
                (Driver::Topic(topic, polarity), examples)
            }
        };
        Ok(DriverRow { driver, impact, weight, examples })
    });
    Ok(DriverTable {
        answers: tally.all().total(),
        mean,
        r_squared: weights.as_ref().map(|weights| weights.r_squared),
        rows: rows.collect::<Result<_, Error>>()?,
    })
}

/// The greater impact first, whichever way it goes.
fn by_size(a: &Impact, b: &Impact) -> Ordering {
    b.value.abs().total_cmp(&a.value.abs())
}
