//! A grouping made ready for the columns of a snapshot.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use echolot_core::{Calendar, Intent, Period, Polarity, Rating, Topic, compare_releases};
use echolot_index::{Facts, JourneyColumn, OpinionFact, RowId, Words};

use super::{Grouping, Snapshot};
use crate::Error;

/// Gives each row, and where the grouping is one of opinions each opinion, the
/// codes of its groups.
pub(super) struct Column<'a> {
    facts: &'a Facts,
    codes: Codes<'a>,
    /// One more than the highest code of a group with a value.
    num_codes: u64,
    /// Releases have an order of their own among words.
    is_release: bool,
}

enum Codes<'a> {
    Words(&'a Words),
    Attribute(Arc<Words>),
    Rating(Vec<Rating>),
    Time { calendar: Calendar, first: i64 },
    Polarity,
    OpinionPolarity,
    Topic,
    Theme,
    OwnTopic,
    Intent,
    Journey(JourneyColumn),
    All,
}

impl<'a> Column<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, grouping: &Grouping) -> Result<Self, Error> {
        let facts = snapshot.facts()?;
        let codes = match grouping {
            Grouping::Product => Codes::Words(&facts.product),
            Grouping::Release => Codes::Words(&facts.release),
            Grouping::Channel => Codes::Words(&facts.channel),
            Grouping::Source => Codes::Words(&facts.source),
            Grouping::Language => Codes::Words(&facts.language),
            Grouping::Respondent => Codes::Words(&facts.respondent),
            Grouping::Attribute(name) => Codes::Attribute(snapshot.inner.attribute(name)?),
            Grouping::Rating => Codes::Rating(ratings(facts)),
            Grouping::Time(calendar) => {
                let first = facts.created_at.iter().flatten().min();
                let first = first.map_or(0, |&at| Period::of(*calendar, at).number());
                Codes::Time { calendar: *calendar, first }
            }
            Grouping::Polarity => Codes::Polarity,
            Grouping::OpinionPolarity => Codes::OpinionPolarity,
            Grouping::Topic => Codes::Topic,
            Grouping::Theme => Codes::Theme,
            Grouping::OwnTopic => Codes::OwnTopic,
            Grouping::Intent => Codes::Intent,
            Grouping::Stage => Codes::Journey(snapshot.inner.stages()?),
            Grouping::Touchpoint => Codes::Journey(snapshot.inner.touchpoints()?),
            Grouping::All => Codes::All,
        };
        let num_codes = match &codes {
            Codes::Words(words) => words.all().len() as u64,
            Codes::Attribute(words) => words.all().len() as u64,
            Codes::Rating(ratings) => ratings.len() as u64,
            Codes::Time { calendar, first } => {
                let last = facts.created_at.iter().flatten().max();
                last.map_or(0, |&at| (Period::of(*calendar, at).number() - first + 1) as u64)
            }
            Codes::Polarity | Codes::OpinionPolarity => Polarity::ALL.len() as u64,
            Codes::Topic => Topic::ALL.len() as u64,
            Codes::Theme => u64::from(facts.theme_bound()),
            Codes::OwnTopic => facts.own.topics().len() as u64,
            Codes::Intent => Intent::ALL.len() as u64,
            Codes::Journey(column) => column.all().len() as u64,
            Codes::All => 1,
        };
        let is_release = *grouping == Grouping::Release;
        Ok(Self { facts, codes, num_codes, is_release })
    }

    /// One more than the highest code: the last group is that of no value.
    pub(super) fn num_groups(&self) -> u64 {
        self.num_codes + 1
    }

    /// Whether opinions of one verbatim can stand in several groups.
    pub(super) fn is_of_opinions(&self) -> bool {
        matches!(
            self.codes,
            Codes::OpinionPolarity | Codes::Topic | Codes::Theme | Codes::Journey(_)
        )
    }

    /// Hands over the code of each group that a row is in by one of its
    /// opinions, or by itself when it has none.
    pub(super) fn for_each(
        &self,
        row: RowId,
        opinion: Option<&OpinionFact>,
        mut take: impl FnMut(u64),
    ) {
        let at = row.index();
        let code = match &self.codes {
            Codes::Words(words) => words.code(row).map(u64::from),
            Codes::Attribute(words) => words.code(row).map(u64::from),
            Codes::Rating(ratings) => self.facts.rating[at].map(|rating| code_of(ratings, rating)),
            Codes::Time { calendar, first } => self.facts.created_at[at]
                .map(|at| (Period::of(*calendar, at).number() - first) as u64),
            Codes::Polarity => Some(self.facts.polarity[at] as u64),
            Codes::OpinionPolarity => opinion.map(|opinion| opinion.polarity as u64),
            Codes::Topic => opinion.map(|opinion| opinion.topic as u64),
            Codes::Theme => opinion.and_then(|opinion| Some(u64::from(opinion.theme?.0))),
            Codes::Journey(column) => {
                let mut last = None;
                column.for_each(row, opinion.map(|opinion| opinion.topic), |code| {
                    if let Some(before) = last.replace(u64::from(code)) {
                        take(before);
                    }
                });
                last
            }
            Codes::OwnTopic => {
                let mut own = self.facts.own.of(row).iter().map(|fact| u64::from(fact.topic));
                let first = own.next();
                own.for_each(&mut take);
                first
            }
            Codes::All => Some(0),
            Codes::Intent => {
                let mut intents = self.facts.intents[at].iter().map(|intent| intent as u64);
                let first = intents.next();
                intents.for_each(&mut take);
                first
            }
        };
        take(code.unwrap_or(self.num_codes));
    }

    /// The value of a group; none for that of no value.
    pub(super) fn value(&self, code: u64) -> Option<String> {
        if code >= self.num_codes {
            return None;
        }
        let at = code as usize;
        Some(match &self.codes {
            Codes::Words(words) => words.all()[at].clone(),
            Codes::Attribute(words) => words.all()[at].clone(),
            Codes::Rating(ratings) => ratings[at].value().to_string(),
            Codes::Time { calendar, first } => {
                Period::from_number(*calendar, first + code.cast_signed()).to_string()
            }
            Codes::Polarity | Codes::OpinionPolarity => Polarity::ALL[at].to_string(),
            Codes::Topic => Topic::ALL[at].to_string(),
            Codes::Theme => code.to_string(),
            Codes::OwnTopic => self.facts.own.topics()[at].key.clone(),
            Codes::Intent => Intent::ALL[at].to_string(),
            Codes::Journey(column) => column.all()[at].clone(),
            Codes::All => Grouping::All.name().into_owned(),
        })
    }

    /// What people call a group that is asked for by a key.
    pub(super) fn label(&self, code: u64) -> Option<String> {
        let own = matches!(self.codes, Codes::OwnTopic).then(|| self.facts.own.topics())?;
        own.get(code as usize).map(|own| own.name.clone())
    }

    /// The place of each group among the first `limit`, by the size of each that occurs:
    /// times, ratings, stages and releases in their own order, others by their size,
    /// equals by value; no value last.
    pub(super) fn ranks(&self, sizes: &[Option<u64>], limit: usize) -> Vec<Option<u32>> {
        let occurring = sizes.iter().zip(0_u64..);
        let mut groups: Vec<(u64, u64)> =
            occurring.filter_map(|(size, code)| Some((code, (*size)?))).collect();
        let order = |a: &(u64, u64), b: &(u64, u64)| {
            let is_none = |code: u64| code >= self.num_codes;
            is_none(a.0).cmp(&is_none(b.0)).then_with(|| self.order(*a, *b)).then(a.0.cmp(&b.0))
        };
        if limit < groups.len() {
            groups.select_nth_unstable_by(limit, order);
            groups.truncate(limit);
        }
        groups.sort_unstable_by(order);
        let mut ranks = vec![None; sizes.len()];
        for ((code, _), rank) in groups.into_iter().zip(0_u32..) {
            ranks[code as usize] = Some(rank);
        }
        ranks
    }

    fn order(&self, (a, size_a): (u64, u64), (b, size_b): (u64, u64)) -> Ordering {
        let by_size = Reverse(size_a).cmp(&Reverse(size_b));
        match &self.codes {
            Codes::Time { .. } | Codes::Rating(_) => a.cmp(&b),
            Codes::Words(words) if self.is_release => {
                compare_releases(word(words, a), word(words, b))
            }
            Codes::Words(words) => by_size.then_with(|| word(words, a).cmp(word(words, b))),
            Codes::Attribute(words) => by_size.then_with(|| word(words, a).cmp(word(words, b))),
            _ => by_size.then(a.cmp(&b)),
        }
    }
}

/// The word of a code; none is before all.
fn word(words: &Words, code: u64) -> &str {
    words.all().get(code as usize).map_or("", String::as_str)
}

/// All ratings that occur, ascending.
fn ratings(facts: &Facts) -> Vec<Rating> {
    let mut found: Vec<Rating> = Vec::new();
    for &rating in facts.rating.iter().flatten() {
        let by_value = |known: &Rating| known.value().total_cmp(&rating.value());
        if let Err(at) = found.binary_search_by(by_value) {
            found.insert(at, rating);
        }
    }
    found
}

fn code_of(ratings: &[Rating], rating: Rating) -> u64 {
    ratings.partition_point(|known| known.value().total_cmp(&rating.value()).is_lt()) as u64
}
