//! `field:value` in a query: conditions on what is known about a verbatim.

use std::cmp::Ordering;
use std::str::FromStr;

use echolot_core::{Intent, Language, Polarity, ThemeId, Timestamp, Topic, compare_releases};

use super::{Pattern, QueryProblem};
use crate::facts::IntentSet;

/// What is known about a verbatim besides its words.
pub(crate) trait Known {
    fn word(&self, field: WordField) -> Option<&str>;
    fn number(&self, field: NumberField) -> Option<f64>;
    fn created_at(&self) -> Option<Timestamp>;
    fn polarity(&self) -> Polarity;
    fn intents(&self) -> IntentSet;
    fn has_topic(&self, topic: Topic) -> bool;
    fn has_theme(&self, theme: ThemeId) -> bool;
    /// Whether it has an own topic whose key is one of these names.
    fn has_own_topic(&self, names: &[Name]) -> bool;
}

/// A field whose value is a word or a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordField {
    Language,
    Source,
    Channel,
    Product,
    Release,
    Respondent,
}

/// A field whose value is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberField {
    Rating,
    Nps,
    Score,
}

/// A condition. A verbatim without a value does not meet it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// Any of some names; letter case, accents and spelling of umlauts aside.
    Word(WordField, Vec<Name>),
    /// A release from one to another, both included.
    Releases(Option<String>, Option<String>),
    /// A number from one to another, both included.
    Number(NumberField, f64, f64),
    /// A time from one until before another, in seconds since 1970.
    Time(i64, i64),
    Polarity(Vec<Polarity>),
    Intent(Vec<Intent>),
    Topic(Vec<Topic>),
    Theme(Vec<ThemeId>),
    /// Own topics, by their keys.
    Own(Vec<Name>),
}

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Name {
    Is(String),
    Like(Pattern),
}

const NAMES: [&str; 16] = [
    "lang",
    "source",
    "channel",
    "product",
    "release",
    "respondent",
    "rating",
    "nps",
    "score",
    "date",
    "polarity",
    "intent",
    "topic",
    "theme",
    "own",
    "language",
];

impl Condition {
    /// Reads a condition. `name` is not checked yet; a value may be a list
    /// separated by commas, and of numbers, releases and dates a range.
    pub(crate) fn read(name: &str, value: &str) -> Result<Self, QueryProblem> {
        let lower = name.to_lowercase();
        let Some(field) = NAMES.iter().copied().find(|known| *known == lower) else {
            let known = NAMES[..NAMES.len() - 1].join(", ");
            return Err(QueryProblem::UnknownField { name: name.to_owned(), known });
        };
        let bad = |expected: String| QueryProblem::BadValue { field, expected };
        let value = value.trim();
        if value.is_empty() {
            return Err(bad("followed by a value, without a space".to_owned()));
        }
        let words = |of| Ok(Self::Word(of, list(value).map(Name::read).collect()));
        let numbers = |of| {
            let (from, to) = numbers(value)
                .ok_or_else(|| bad("a number or a range such as 1..2, 4.. or ..2".to_owned()))?;
            Ok(Self::Number(of, from, to))
        };
        match field {
            "lang" | "language" => {
                let codes = list(value).map(|code| {
                    let language = Language::from_tag(code);
                    language.map(|language| Name::Is(language.code().to_owned()))
                });
                let codes: Option<Vec<Name>> = codes.collect();
                let codes = codes.ok_or_else(|| bad("a two-letter language code".to_owned()))?;
                Ok(Self::Word(WordField::Language, codes))
            }
            "source" => words(WordField::Source),
            "channel" => words(WordField::Channel),
            "product" => words(WordField::Product),
            "respondent" => words(WordField::Respondent),
            "release" => match range(value) {
                Some((from, to)) => Ok(Self::Releases(from.map(owned), to.map(owned))),
                None => words(WordField::Release),
            },
            "rating" => numbers(NumberField::Rating),
            "nps" => numbers(NumberField::Nps),
            "score" => numbers(NumberField::Score),
            "date" => {
                let (from, to) = dates(value).ok_or_else(|| {
                    bad("a year, month or day such as 2025, 2025-06 or 2025-06-01, or a range such as 2025-06..2025-07".to_owned())
                })?;
                Ok(Self::Time(from, to))
            }
            "polarity" => labels(value).map(Self::Polarity).map_err(bad),
            "intent" => labels(value).map(Self::Intent).map_err(bad),
            "topic" => labels(value).map(Self::Topic).map_err(bad),
            "own" => Ok(Self::Own(list(value).map(Name::read).collect())),
            _ => {
                let ids: Result<Vec<ThemeId>, _> =
                    list(value).map(|id| id.parse().map(ThemeId)).collect();
                ids.map(Self::Theme).map_err(|_| bad("the number of a theme".to_owned()))
            }
        }
    }

    /// Whether a verbatim meets the condition.
    pub(crate) fn holds(&self, known: &impl Known) -> bool {
        match self {
            Self::Word(field, names) => {
                known.word(*field).is_some_and(|word| names.iter().any(|name| name.is(word)))
            }
            Self::Releases(from, to) => known.word(WordField::Release).is_some_and(|release| {
                let not = |end: &Option<String>, order| {
                    end.as_ref().is_none_or(|end| compare_releases(release, end) != order)
                };
                not(from, Ordering::Less) && not(to, Ordering::Greater)
            }),
            Self::Number(field, from, to) => {
                known.number(*field).is_some_and(|number| (*from..=*to).contains(&number))
            }
            Self::Time(from, to) => {
                known.created_at().is_some_and(|at| (*from..*to).contains(&at.seconds()))
            }
            Self::Polarity(wanted) => wanted.contains(&known.polarity()),
            Self::Intent(wanted) => known.intents().intersects(IntentSet::of(wanted)),
            Self::Topic(wanted) => wanted.iter().any(|topic| known.has_topic(*topic)),
            Self::Theme(wanted) => wanted.iter().any(|theme| known.has_theme(*theme)),
            Self::Own(wanted) => known.has_own_topic(wanted),
        }
    }
}

impl Name {
    fn read(text: &str) -> Self {
        let pattern = text.contains('*').then(|| text.split('*').map(folded).collect());
        pattern
            .map_or_else(|| Self::Is(folded(text)), |pieces| Self::Like(Pattern::Wildcard(pieces)))
    }

    /// Whether a name is meant.
    pub(crate) fn is(&self, name: &str) -> bool {
        let name = folded(name);
        match self {
            Self::Is(wanted) => *wanted == name,
            Self::Like(pattern) => pattern.accepts(&name),
        }
    }
}

/// A name without letter case and accents.
fn folded(name: &str) -> String {
    let words = name.split_whitespace().map(crate::analyser::form);
    words.collect::<Vec<_>>().join(" ")
}

fn owned(text: &str) -> String {
    text.to_owned()
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// The ends of a range; none when it is none.
fn range(value: &str) -> Option<(Option<&str>, Option<&str>)> {
    let (from, to) = value.split_once("..")?;
    let end = |text: &'_ str| text.trim().is_empty();
    (!(end(from) && end(to))).then_some((
        Some(from.trim()).filter(|text| !text.is_empty()),
        Some(to.trim()).filter(|text| !text.is_empty()),
    ))
}

fn numbers(value: &str) -> Option<(f64, f64)> {
    let number = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
    let Some((from, to)) = range(value) else {
        let number = number(value)?;
        return Some((number, number));
    };
    let from = from.map_or(Some(f64::NEG_INFINITY), number)?;
    let to = to.map_or(Some(f64::INFINITY), number)?;
    (from <= to).then_some((from, to))
}

fn dates(value: &str) -> Option<(i64, i64)> {
    let Some((from, to)) = range(value) else { return period(value) };
    let from = from.map_or(Some(i64::MIN), |text| Some(period(text)?.0))?;
    let to = to.map_or(Some(i64::MAX), |text| Some(period(text)?.1))?;
    (from < to).then_some((from, to))
}

/// A year, month or day from its first second until the one after its last.
fn period(text: &str) -> Option<(i64, i64)> {
    const DAY: i64 = 86_400;
    let parts: Option<Vec<i64>> = text.split('-').map(|part| part.parse().ok()).collect();
    let day = |year: i64, month: i64, day: i64| {
        let midnight = format!("{year:04}-{month:02}-{day:02}");
        midnight.parse::<Timestamp>().ok().map(Timestamp::seconds)
    };
    match parts?[..] {
        [year] => Some((day(year, 1, 1)?, day(year + 1, 1, 1)?)),
        [year, month] => {
            let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            Some((day(year, month, 1)?, day(next_year, next, 1)?))
        }
        [year, month, of_month] => {
            let start = day(year, month, of_month)?;
            Some((start, start + DAY))
        }
        _ => None,
    }
}

fn labels<T: FromStr<Err = echolot_core::UnknownCode>>(value: &str) -> Result<Vec<T>, String> {
    let code = |code: &str| code.to_lowercase().parse::<T>();
    list(value).map(code).collect::<Result<_, _>>().map_err(|error| {
        let told = error.to_string();
        told.split_once("known are: ").map_or(told.clone(), |(_, known)| format!("one of {known}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_run_to_their_end() {
        assert_eq!(period("1970-01-01"), Some((0, 86_400)));
        assert_eq!(period("1970-01"), Some((0, 31 * 86_400)));
        assert_eq!(period("1969-12"), Some((-31 * 86_400, 0)));
        assert_eq!(period("1970"), Some((0, 365 * 86_400)));
        assert_eq!(dates("1970-01..1970-02"), Some((0, 59 * 86_400)));
        assert_eq!(dates("..1970-01-01"), Some((i64::MIN, 86_400)));
        for wrong in ["", "..", "70-13", "1970-02-30", "x", "1971..1970", "1970-01-01-01"] {
            assert_eq!(dates(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_have_ends_that_count() {
        assert_eq!(numbers("1..2"), Some((1.0, 2.0)));
        assert_eq!(numbers("4.."), Some((4.0, f64::INFINITY)));
        assert_eq!(numbers("..2.5"), Some((f64::NEG_INFINITY, 2.5)));
        assert_eq!(numbers("3"), Some((3.0, 3.0)));
        for wrong in ["", "..", "2..1", "a", "1..b", "nan", "inf"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_are_compared_without_case_and_umlauts() {
        assert!(Name::read("mobil app").is("Mobil App"));
        assert!(Name::read("kuechen*").is("Küchenstudio"));
        assert!(!Name::read("Vita").is("Vitaloop"));
    }
}
