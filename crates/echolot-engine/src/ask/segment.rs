//! A set of verbatims: conditions on what is known about them, and words.

use echolot_index::{Facts, Filter, OpinionFact, RowId, RowTest};

use super::Snapshot;
use crate::Error;

/// Which verbatims are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Segment {
    /// What is known about them.
    pub filter: Filter,
    /// What they must say, as a search by words understands it; blank asks
    /// for nothing.
    pub query: String,
}

impl Segment {
    /// The whole that a share of this segment is a share of: the same product,
    /// release, source, period and so on, whatever is said.
    #[must_use]
    pub fn frame(&self) -> Self {
        Self { filter: self.filter.frame(), query: String::new() }
    }

    /// Those of its verbatims that say this too; blank asks for nothing.
    #[must_use]
    pub fn saying(self, query: &str) -> Self {
        let query = match (self.query.trim(), query.trim()) {
            (all, "") | ("", all) => all.to_owned(),
            (one, other) => format!("({one}) AND ({other})"),
        };
        Self { query, ..self }
    }
}

impl From<Filter> for Segment {
    fn from(filter: Filter) -> Self {
        Self { filter, query: String::new() }
    }
}

/// What people have said of a set of verbatims against the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CorrectedCount {
    /// Verbatims of which something else is counted than the model says.
    pub corrected: u64,
    /// Verbatims that are left out as spam.
    pub spam: u64,
}

impl std::ops::Add for CorrectedCount {
    type Output = Self;

    /// Of two sets that share no verbatim.
    fn add(self, other: Self) -> Self {
        Self { corrected: self.corrected + other.corrected, spam: self.spam + other.spam }
    }
}

pub(super) fn corrected(snapshot: &Snapshot, segment: &Segment) -> Result<CorrectedCount, Error> {
    let facts = snapshot.facts()?;
    if !facts.is_corrected.contains(&true) {
        return Ok(CorrectedCount::default());
    }
    let filter = Filter { with_spam: true, ..segment.filter.clone() };
    let whole = Segment { filter, query: segment.query.clone() };
    let mut count = CorrectedCount::default();
    for row in Scope::new(snapshot, &whole)?.rows() {
        if facts.is_spam[row.index()] {
            count.spam += 1;
        } else {
            count.corrected += u64::from(facts.is_corrected[row.index()]);
        }
    }
    Ok(count)
}

/// A segment made ready for the columns of a snapshot.
pub(super) struct Scope<'a> {
    pub(super) facts: &'a Facts,
    test: RowTest<'a>,
    matches: Option<Vec<bool>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, segment: &'a Segment) -> Result<Self, Error> {
        let matches = match segment.query.trim() {
            "" => None,
            query => Some(snapshot.inner.matches(&snapshot.query(query)?)?),
        };
        let test = snapshot.inner.select(&snapshot.enclosed(&segment.filter))?;
        Ok(Self { facts: snapshot.facts()?, test, matches })
    }

    pub(super) fn accepts(&self, row: RowId) -> bool {
        self.matches.as_ref().is_none_or(|matches| matches[row.index()]) && self.test.accepts(row)
    }

    /// The opinions of an accepted row that count.
    pub(super) fn opinions(&self, row: RowId) -> impl Iterator<Item = &'a OpinionFact> {
        self.test.opinions(row)
    }

    /// The accepted rows, ascending.
    pub(super) fn rows(&self) -> Vec<RowId> {
        self.facts.rows().filter(|row| self.accepts(*row)).collect()
    }
}
