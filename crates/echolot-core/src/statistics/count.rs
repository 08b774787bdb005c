//! The checked numbers that go into the statistics: counts, rates and levels.

/// How many of a whole have a property; the whole may be empty.
///
/// This is the raw form of a [`Share`](crate::Share), for the arithmetic of
/// several of them: one release beside another, one day after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    hits: u64,
    total: u64,
}

impl Count {
    /// `hits` of `total`.
    ///
    /// # Panics
    /// When `hits` exceeds `total`, which no count can produce.
    pub fn new(hits: u64, total: u64) -> Self {
        assert!(hits <= total, "{hits} of {total} is not a share");
        Self { hits, total }
    }

    /// How many have the property.
    pub fn hits(self) -> u64 {
        self.hits
    }

    /// How many there are.
    pub fn total(self) -> u64 {
        self.total
    }

    /// How many do not have the property.
    pub fn misses(self) -> u64 {
        self.total - self.hits
    }

    /// `hits / total`, 0..=1; none of nothing.
    pub fn share(self) -> Option<f64> {
        (self.total > 0).then(|| self.hits as f64 / self.total as f64)
    }

    /// Both counts as one.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, total: self.total + other.total }
    }
}

/// How often something happened in a stretch of time, a number of contacts or
/// whatever else gave it the chance to happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    events: u64,
    exposure: f64,
}

impl Rate {
    /// `events` in `exposure` units, such as days or thousands of orders; the
    /// exposure must be a finite number above 0.
    pub fn new(events: u64, exposure: f64) -> Result<Self, InvalidParameter> {
        checked("exposure", exposure, "a finite number above 0", |x| x.is_finite() && x > 0.0)
            .map(|exposure| Self { events, exposure })
    }

    /// How often it happened.
    pub fn events(self) -> u64 {
        self.events
    }

    /// How much chance there was for it.
    pub fn exposure(self) -> f64 {
        self.exposure
    }
}

/// A probability strictly between 0 and 1: a significance level, a false
/// discovery rate or a power.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// 0.05, the level of every published interval and test.
    pub const FIVE_PERCENT: Self = Self(0.05);
    /// 0.80, the customary power.
    pub const EIGHTY_PERCENT: Self = Self(0.80);

    /// Checks the range.
    pub fn new(value: f64) -> Result<Self, InvalidParameter> {
        checked("level", value, "a number above 0 and below 1", |x| 0.0 < x && x < 1.0).map(Self)
    }

    /// The level as a number.
    pub fn value(self) -> f64 {
        self.0
    }
}

/// A number that a method cannot work with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{parameter} {value} is not possible; expected {expected}")]
pub struct InvalidParameter {
    parameter: &'static str,
    value: f64,
    expected: &'static str,
}

pub(super) fn checked(
    parameter: &'static str,
    value: f64,
    expected: &'static str,
    is_valid: impl Fn(f64) -> bool,
) -> Result<f64, InvalidParameter> {
    if is_valid(value) { Ok(value) } else { Err(InvalidParameter { parameter, value, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked() {
        assert_eq!(Count::new(0, 0).share(), None);
        assert_eq!(Count::new(1, 4).share(), Some(0.25));
        assert_eq!(Count::new(1, 4).joined(Count::new(2, 3)), Count::new(3, 7));
        for level in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(Level::new(level).is_err());
        }
        for exposure in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Rate::new(1, exposure).is_err());
        }
        assert_eq!(
            Level::new(2.0).unwrap_err().to_string(),
            "level 2 is not possible; expected a number above 0 and below 1"
        );
    }

    #[test]
    #[should_panic(expected = "3 of 2 is not a share")]
    fn hits_never_exceed_the_total() {
        Count::new(3, 2);
    }
}
