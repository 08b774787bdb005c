//! Points in time.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A date or time that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a date or time; write it as 2025-06-01, 2025-06-01T14:30:00, \
     2025-06-01T14:30:00+02:00, 01.06.2025, 01.06.2025 14:30 or as seconds since 1970{note}",
    text = .0,
    note = slash_note(.0)
)]
pub struct InvalidTimestamp(String);

fn slash_note(text: &str) -> &'static str {
    if text.contains('/') {
        ", or say in the configuration what comes first in it (`date_order`)"
    } else {
        ""
    }
}

/// What comes first in a date with slashes, such as `06/01/2025`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `dmy`: 6 January, as in most of the world.
    DayFirst,
    /// `mdy`: 1 June, as in the United States.
    MonthFirst,
}

impl DateOrder {
    /// Reads a date with slashes, with or without a time of 24 or 12 hours,
    /// and all that [`Timestamp::from_str`] reads.
    pub fn timestamp(self, text: &str) -> Result<Timestamp, InvalidTimestamp> {
        text.parse().or_else(|error| {
            let seconds = slashed_time(text.trim(), self);
            seconds.and_then(Timestamp::from_seconds).ok_or(error)
        })
    }
}

impl Timestamp {
    /// From seconds since 1970-01-01T00:00:00Z. Years outside -9999..=9999
    /// are refused, so that every timestamp can be written as a date.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(|_| Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0
    }

    pub(crate) fn date_time(self) -> DateTime {
        let instant = jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        TimeZone::UTC.to_datetime(instant)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads ISO 8601 (with offset, or taken as UTC without one), German
    /// `01.06.2025 14:30`, slashes as in `2025/06/01`, and epoch seconds or
    /// milliseconds.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let trimmed = text.trim();
        let seconds = offset_time(trimmed)
            .or_else(|| local_time(trimmed))
            .or_else(|| german_time(trimmed))
            .or_else(|| epoch(trimmed));
        seconds.and_then(Self::from_seconds).ok_or_else(|| InvalidTimestamp(text.to_owned()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.date_time().strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

fn offset_time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

fn local_time(text: &str) -> Option<i64> {
    let slashed = text.replace('/', "-");
    let civil = slashed
        .parse::<DateTime>()
        .ok()
        .or_else(|| DateTime::strptime("%Y-%m-%d %H:%M", &slashed).ok())
        .or_else(|| {
            Some(slashed.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight()))
        })?;
    utc_seconds(civil)
}

fn german_time(text: &str) -> Option<i64> {
    let text = text.replace(", ", " ").replace(" Uhr", "");
    let civil = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"]
        .iter()
        .find_map(|format| DateTime::strptime(format, &text).ok())
        .or_else(|| {
            let date =
                Date::strptime("%d.%m.%y", &text).or_else(|_| Date::strptime("%d.%m.%Y", &text));
            Some(date.ok()?.to_datetime(jiff::civil::Time::midnight()))
        })?;
    utc_seconds(civil)
}

fn slashed_time(text: &str, order: DateOrder) -> Option<i64> {
    let text = text.replace(", ", " ");
    let (date, time) = text.split_once(' ').unwrap_or((&text, "00:00"));
    let formats = match order {
        DateOrder::DayFirst => ["%d/%m/%y", "%d/%m/%Y"],
        DateOrder::MonthFirst => ["%m/%d/%y", "%m/%d/%Y"],
    };
    let date = formats.iter().find_map(|format| Date::strptime(format, date).ok())?;
    let time = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p"]
        .iter()
        .find_map(|format| Time::strptime(format, time).ok())?;
    utc_seconds(date.to_datetime(time))
}

/// Nine or ten digits are seconds, twelve or thirteen milliseconds, as in
/// every export of the last decades; other lengths are not taken for a time.
fn epoch(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 => Some(number),
        12 | 13 => Some(number / 1000),
        _ => None,
    }
}

fn utc_seconds(civil: DateTime) -> Option<i64> {
    TimeZone::UTC.to_timestamp(civil).ok().map(jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        text.parse::<Timestamp>().map_or_else(|error| error.to_string(), |time| time.to_string())
    }

    #[test]
    fn reads_the_usual_forms() {
        for (text, expected) in [
            ("2025-06-01", "2025-06-01T00:00:00Z"),
            ("2025/06/01", "2025-06-01T00:00:00Z"),
            ("2025-06-01 14:30", "2025-06-01T14:30:00Z"),
            ("2025-06-01T14:30:05", "2025-06-01T14:30:05Z"),
            ("2020-07-20 15:18:02", "2020-07-20T15:18:02Z"),
            ("2025-06-01T14:30:00+02:00", "2025-06-01T12:30:00Z"),
            ("2025-06-01T14:30:00.250Z", "2025-06-01T14:30:00Z"),
            ("01.06.2025", "2025-06-01T00:00:00Z"),
            ("1.6.25", "2025-06-01T00:00:00Z"),
            ("01.06.2025, 14:30 Uhr", "2025-06-01T14:30:00Z"),
            ("1589375697", "2020-05-13T13:14:57Z"),
            ("1589375697123", "2020-05-13T13:14:57Z"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "gestern", "2025-13-01", "31.02.2025", "12345", "2025"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn slashes_are_read_in_the_order_that_is_stated() {
        let read = |order: DateOrder, text| order.timestamp(text).map(|time| time.to_string());
        for (text, day_first, month_first) in [
            ("06/01/2025", "2025-01-06T00:00:00Z", "2025-06-01T00:00:00Z"),
            ("6/1/25 2:30 PM", "2025-01-06T14:30:00Z", "2025-06-01T14:30:00Z"),
            ("06/01/2025, 14:30:05", "2025-01-06T14:30:05Z", "2025-06-01T14:30:05Z"),
            ("2025-06-01", "2025-06-01T00:00:00Z", "2025-06-01T00:00:00Z"),
        ] {
            assert_eq!(read(DateOrder::DayFirst, text).as_deref(), Ok(day_first), "{text}");
            assert_eq!(read(DateOrder::MonthFirst, text).as_deref(), Ok(month_first), "{text}");
        }
        assert!(read(DateOrder::MonthFirst, "31/03/2022").is_err());
        let message = "31/03/2022".parse::<Timestamp>().unwrap_err().to_string();
        assert!(message.contains("`date_order`"), "{message}");
    }
}
