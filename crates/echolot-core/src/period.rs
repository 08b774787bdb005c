//! Days, weeks and months in UTC, numbered without gaps.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::Timestamp;

/// How the calendar is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Calendar {
    /// Days from midnight to midnight.
    Day,
    /// Weeks from Monday on (ISO 8601).
    Week,
    /// Months.
    Month,
}

/// One day, week or month in UTC. Periods of one calendar are numbered in
/// their order without gaps, so that a series can be filled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    calendar: Calendar,
    number: i64,
}

/// Seconds of a day.
const DAY: i64 = 86_400;
const EPOCH: Date = date(1970, 1, 1);
/// From a day of 1970-01-01 to the Monday of its week: it was a Thursday.
const SINCE_MONDAY: i64 = 3;

impl Period {
    /// The period in which a time lies.
    pub fn of(calendar: Calendar, at: Timestamp) -> Self {
        let day = at.seconds().div_euclid(DAY);
        let number = match calendar {
            Calendar::Day => day,
            Calendar::Week => (day + SINCE_MONDAY).div_euclid(7),
            Calendar::Month => month_of(day),
        };
        Self { calendar, number }
    }

    /// The period of this number; day 0 is 1970-01-01, and week 0 and month 0
    /// hold it.
    pub fn from_number(calendar: Calendar, number: i64) -> Self {
        Self { calendar, number }
    }

    /// Its number among the periods of its calendar.
    pub fn number(self) -> i64 {
        self.number
    }

    /// The first moment of it.
    pub fn start(self) -> Timestamp {
        let days = self.first_day().since((jiff::Unit::Day, EPOCH));
        let days = days.map_or(0, |span| i64::from(span.get_days()));
        Timestamp::from_seconds(days * DAY).unwrap_or_else(|| unreachable!("a date has a time"))
    }

    /// The period after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self { number: self.number + 1, ..self }
    }

    fn first_day(self) -> Date {
        let day = |number: i64| EPOCH.saturating_add(number.days());
        match self.calendar {
            Calendar::Day => day(self.number),
            Calendar::Week => day(self.number * 7 - SINCE_MONDAY),
            Calendar::Month => EPOCH.saturating_add(self.number.months()),
        }
    }
}

impl fmt::Display for Period {
    /// `2025-06-01`, `2025-W22` or `2025-06`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first_day();
        match self.calendar {
            Calendar::Day => write!(f, "{first}"),
            Calendar::Week => {
                let week = first.iso_week_date();
                write!(f, "{:04}-W{:02}", week.year(), week.week())
            }
            Calendar::Month => write!(f, "{:04}-{:02}", first.year(), first.month()),
        }
    }
}

/// Months since January 1970, from days since 1970-01-01. Source: H. Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms" (2013), `civil_from_days`:
/// years begin in March, so that the leap day is their last.
fn month_of(day: i64) -> i64 {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    (era * 400 + year - 1970) * 12 + from_march + 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(calendar: Calendar, time: &str) -> String {
        Period::of(calendar, time.parse().unwrap()).to_string()
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        assert_eq!(shown(Calendar::Day, "2025-06-01T23:59:59Z"), "2025-06-01");
        assert_eq!(shown(Calendar::Day, "1969-12-31T23:59:59Z"), "1969-12-31");
        // A Sunday belongs to the week before, and a week to the year of its Thursday.
        assert_eq!(shown(Calendar::Week, "2025-06-01"), "2025-W22");
        assert_eq!(shown(Calendar::Week, "2025-06-02"), "2025-W23");
        assert_eq!(shown(Calendar::Week, "2021-01-03"), "2020-W53");
        assert_eq!(shown(Calendar::Month, "2024-02-29"), "2024-02");
        assert_eq!(shown(Calendar::Month, "1969-12-31"), "1969-12");
    }

    proptest! {
        #[test]
        fn a_time_lies_in_its_period(seconds in -60_000_000_000_i64..200_000_000_000) {
            let at = Timestamp::from_seconds(seconds).unwrap();
            for calendar in [Calendar::Day, Calendar::Week, Calendar::Month] {
                let period = Period::of(calendar, at);
                prop_assert!(period.start() <= at && at < period.next().start());
                prop_assert_eq!(Period::of(calendar, period.start()), period);
            }
        }
    }
}
