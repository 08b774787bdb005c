//! What goes with good and bad answers: the drivers of a rating, NPS, CSAT or effort.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use echolot_core::{
    CesVersion, DriverTally, Impact, JourneyStage, Polarity, Resampling, ThemeId, Topic,
    leave_out_impact, relative_weights,
};
use echolot_index::{Facts, JourneyColumn, OpinionFact, OwnTopic, OwnTopics, RowId, StoredTheme};

use super::examples::{Example, choose, of_places};
use super::segment::{CorrectedCount, Segment};
use super::{Snapshot, by_name, themes};
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
    /// The effort answer, 1 to 7, high is easy.
    Ces,
    /// The answer to the older effort question, 1 to 5, high is effort.
    CesV1,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [Self::Rating, Self::Nps, Self::Csat, Self::Ces, Self::CesV1];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Nps => "nps",
            Self::Csat => "csat",
            Self::Ces => "ces",
            Self::CesV1 => "ces_v1",
        }
    }

    /// Whether it is counted in units of its own scale, and not in points.
    pub fn is_on_scale(self) -> bool {
        !matches!(self, Self::Nps | Self::Csat)
    }

    /// What the row's answer counts in a mean; none without an answer.
    pub(super) fn of(self, facts: &Facts, row: RowId) -> Option<f64> {
        let at = row.index();
        let effort = |version| {
            let answer = facts.ces[at].filter(|answer| answer.version() == version);
            answer.map(|answer| f64::from(answer.value()))
        };
        match self {
            Self::Ces => effort(CesVersion::V2),
            Self::CesV1 => effort(CesVersion::V1),
            Self::Rating => facts.rating[at].map(echolot_core::Rating::value),
            Self::Nps => facts.nps[at].map(|answer| 100.0 * f64::from(answer.balance())),
            Self::Csat => {
                facts.csat[at].map(|answer| if answer.is_satisfied() { 100.0 } else { 0.0 })
            }
        }
    }
}

impl FromStr for Outcome {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("on", name, &Self::ALL, Self::name)
    }
}

/// What drivers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverKind {
    /// Themes.
    Theme,
    /// Topics, each by polarity.
    Topic,
    /// Topics of the company's own, each by the polarity of opinions beside it.
    OwnTopic,
    /// Journey stages, each by polarity: gains and pains.
    Stage,
}

impl DriverKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Theme, Self::Topic, Self::OwnTopic, Self::Stage];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Topic => "topic",
            Self::OwnTopic => "own_topic",
            Self::Stage => "stage",
        }
    }
}

impl FromStr for DriverKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("by", name, &Self::ALL, Self::name)
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
    pub segment: Segment,
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
    /// Their mean; none without an answer.
    pub mean: Option<f64>,
    /// The share of the answers' variance that all drivers explain together in
    /// a linear regression; none when all answers are the same.
    pub r_squared: Option<f64>,
    /// What people have said of the set against the model.
    pub corrected: CorrectedCount,
    /// The drivers, by the size of their impact.
    pub rows: Vec<DriverRow>,
}

/// A theme, or a topic or journey stage in one polarity.
#[derive(Debug, Clone, PartialEq)]
pub enum Driver {
    /// A theme.
    Theme(Box<StoredTheme>),
    /// Opinions of a topic in one polarity.
    Topic(Topic, Polarity),
    /// Opinions in one polarity of verbatims that have an own topic.
    OwnTopic(OwnTopic, Polarity),
    /// Opinions of a journey stage in one polarity.
    Stage(JourneyStage, Polarity),
}

/// One driver.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverRow {
    /// What it is.
    pub driver: Driver,
    /// The journey stage of most answers that speak of it; none where most
    /// have none.
    pub stage: Option<JourneyStage>,
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

/// The most drivers that are looked at, the commonest ones: to weigh them
/// against each other takes time that grows with their cube.
const MOST: usize = 300;

/// What tells drivers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Theme(ThemeId),
    Topic(Topic, Polarity),
    /// By the place of the topic in its taxonomy.
    OwnTopic(u16, Polarity),
    Stage(JourneyStage, Polarity),
}

/// Finds the drivers of opinions.
struct Keys<'a> {
    by: DriverKind,
    own: &'a OwnTopics,
    stages: JourneyColumn,
}

impl Keys<'_> {
    /// The drivers an opinion speaks of.
    fn of(&self, row: RowId, opinion: &OpinionFact) -> Vec<Key> {
        match self.by {
            DriverKind::Theme => opinion.theme.map(Key::Theme).into_iter().collect(),
            DriverKind::Topic => vec![Key::Topic(opinion.topic, opinion.polarity)],
            DriverKind::OwnTopic => {
                let own = self.own.of(row).iter();
                own.map(|fact| Key::OwnTopic(fact.topic, opinion.polarity)).collect()
            }
            DriverKind::Stage => {
                let stages = self.stages(row, opinion.topic).into_iter();
                stages.map(|stage| Key::Stage(stage, opinion.polarity)).collect()
            }
        }
    }

    fn stages(&self, row: RowId, topic: Topic) -> Vec<JourneyStage> {
        let mut stages = Vec::new();
        self.stages
            .for_each(row, Some(topic), |code| stages.push(JourneyStage::ALL[code as usize]));
        stages
    }
}

/// Where each driver is spoken of: the rows, ascending, each with an opinion.
type Places = BTreeMap<Key, Vec<(RowId, OpinionFact)>>;

pub(super) fn table(snapshot: &Snapshot, question: &DriverQuestion) -> Result<DriverTable, Error> {
    let facts = snapshot.facts()?;
    // A repeat of a verbatim is the same person's answer once more.
    let answers: Vec<(RowId, f64)> = snapshot
        .rows_of(&question.segment)?
        .into_iter()
        .filter(|&row| facts.canonical[row.index()] == row)
        .filter_map(|row| Some((row, question.on.of(facts, row)?)))
        .collect();
    let keys = Keys { by: question.by, own: &facts.own, stages: snapshot.inner.stages()? };
    let places = places(facts, &answers, (question, &keys));
    let tally = tally(facts, &answers, &keys, &places);
    let weights = relative_weights(&tally);
    let stored = snapshot.stored_themes()?;
    let hidden = themes::hidden(&stored);
    let is_shown = |key: &Key| !matches!(key, Key::Theme(theme) if hidden.contains(theme));
    let mut found: Vec<(Key, Impact, Option<f64>)> = places
        .keys()
        .enumerate()
        .filter(|(_, key)| is_shown(key))
        .filter_map(|(driver, &key)| {
            let impact = leave_out_impact(tally.all(), tally.with(driver), Resampling::default())?;
            Some((key, impact, weights.as_ref().map(|weights| weights.weights[driver])))
        })
        .collect();
    found.sort_by(|(key_a, a, _), (key_b, b, _)| by_size(a, b).then(key_a.cmp(key_b)));
    found.truncate(question.limit.unwrap_or(usize::MAX));

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
            Key::OwnTopic(topic, polarity) => {
                let examples = of_places(snapshot, &[], &places[&key], EXAMPLES)?;
                (Driver::OwnTopic(facts.own.topics()[topic as usize].clone(), polarity), examples)
            }
            Key::Stage(stage, polarity) => {
                let examples = of_places(snapshot, &[], &places[&key], EXAMPLES)?;
                (Driver::Stage(stage, polarity), examples)
            }
        };
        let stage = commonest_stage(&keys, &places[&key]);
        Ok(DriverRow { driver, stage, impact, weight, examples })
    });
    Ok(DriverTable {
        corrected: snapshot.corrected(&question.segment)?,
        answers: tally.all().total(),
        mean: tally.all().mean(),
        r_squared: weights.as_ref().map(|weights| weights.r_squared),
        rows: rows.collect::<Result<_, Error>>()?,
    })
}

/// The places of the commonest drivers that enough answers speak of.
fn places(
    facts: &Facts,
    answers: &[(RowId, f64)],
    (question, keys): (&DriverQuestion, &Keys),
) -> Places {
    let mut places = Places::new();
    for &(row, _) in answers {
        for opinion in facts.opinions(row) {
            for key in keys.of(row, opinion) {
                let of_key = places.entry(key).or_default();
                if of_key.last().is_none_or(|(last, _)| *last != row) {
                    of_key.push((row, *opinion));
                }
            }
        }
    }
    places.retain(|_, places| places.len() as u64 >= question.minimum);
    let mut common: Vec<(Reverse<usize>, Key)> =
        places.iter().map(|(key, places)| (Reverse(places.len()), *key)).collect();
    common.sort_unstable();
    for (_, rare) in common.into_iter().skip(MOST) {
        places.remove(&rare);
    }
    places
}

/// The answers by the drivers they speak of, numbered in the order of `places`.
fn tally(facts: &Facts, answers: &[(RowId, f64)], keys: &Keys, places: &Places) -> DriverTally {
    let drivers: BTreeMap<Key, usize> = places.keys().copied().zip(0..).collect();
    let mut tally = DriverTally::new(drivers.len());
    for &(row, answer) in answers {
        let named = facts.opinions(row).iter().flat_map(|opinion| keys.of(row, opinion));
        let named: BTreeSet<usize> = named.filter_map(|key| drivers.get(&key).copied()).collect();
        tally.add(answer, &named.into_iter().collect::<Vec<_>>());
    }
    tally
}

/// The stage that most places have; of equals the earlier one.
fn commonest_stage(keys: &Keys, places: &[(RowId, OpinionFact)]) -> Option<JourneyStage> {
    let mut counts: BTreeMap<Reverse<Option<JourneyStage>>, usize> = BTreeMap::new();
    for (row, opinion) in places {
        let stages = keys.stages(*row, opinion.topic);
        *counts.entry(Reverse(stages.first().copied())).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).and_then(|(Reverse(stage), _)| stage)
}

/// The greater impact first, whichever way it goes.
fn by_size(a: &Impact, b: &Impact) -> Ordering {
    b.value.abs().total_cmp(&a.value.abs())
}
