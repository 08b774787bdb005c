//! The filters that the command line and the API share.

use std::str::FromStr;

use clap::Args;
use echolot_core::{
    CaseStatus, Intent, JourneyStage, KeyFigure, Language, Polarity, ThemeId, Timestamp, Topic,
};
use echolot_engine::{Error, Filter, Segment};
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

/// Which verbatims are meant. Values of a list are separated by commas, a comma
/// within a name is written `\,`; any of them will do. Between the filters all
/// must hold.
#[derive(Debug, Clone, Default, Args, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct FilterParams {
    /// Languages as ISO 639-1 codes, e.g. `de,en`; `xx` is unknown.
    #[arg(long, visible_alias = "language", value_name = "CODES")]
    pub(crate) lang: Option<String>,
    /// Products.
    #[arg(long, value_name = "NAMES")]
    pub(crate) product: Option<String>,
    /// Releases.
    #[arg(long, value_name = "NAMES")]
    pub(crate) release: Option<String>,
    /// Channels, e.g. `review,survey`.
    #[arg(long, value_name = "NAMES")]
    pub(crate) channel: Option<String>,
    /// Sources.
    #[arg(long, value_name = "NAMES")]
    pub(crate) source: Option<String>,
    /// What must be said: words (half must occur, one of two or three), "phrases",
    /// -exclusions, AND, OR, NOT, ( ), `liefer*`, `akku~` (misspelt) and conditions such
    /// as `rating:1..2`.
    #[arg(long = "query", value_name = "WORDS")]
    #[param(rename = "q", example = "Lieferung kam zu spät")]
    #[serde(rename = "q")]
    pub(crate) words: Option<String>,
    /// Polarities of the verbatim as a whole, e.g. `negative,neutral`; where themes are
    /// listed, of the opinions that count.
    #[arg(long, value_name = "CODES")]
    pub(crate) polarity: Option<String>,
    /// Topics, e.g. `delivery,price_value`.
    #[arg(long, value_name = "CODES")]
    pub(crate) topic: Option<String>,
    /// Intents: `complaint`, `praise`, `suggestion`, `question`, `churn`.
    #[arg(long, value_name = "CODES")]
    pub(crate) intent: Option<String>,
    /// Themes by number.
    #[arg(long, value_name = "NUMBERS")]
    pub(crate) theme: Option<String>,
    /// Topics of the company's own, by key; a topic includes those below it.
    #[arg(long, value_name = "KEYS")]
    pub(crate) own_topic: Option<String>,
    /// Opinions of these polarities, of the topics and themes that are asked for.
    #[arg(long, value_name = "CODES")]
    pub(crate) opinion_polarity: Option<String>,
    /// Journey stages: `awareness`, `consideration`, `purchase`, `delivery`,
    /// `use`, `service`, `loyalty`; stated by the item, or by topic.
    #[arg(long, value_name = "CODES")]
    pub(crate) stage: Option<String>,
    /// Touchpoints; stated by the item, or by topic.
    #[arg(long, value_name = "NAMES")]
    pub(crate) touchpoint: Option<String>,
    /// Respondents.
    #[arg(long, value_name = "IDS")]
    pub(crate) respondent: Option<String>,
    /// Written on this day or later (2025-06-01), or from this time on.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<String>,
    /// Written on this day or before, or before this time.
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<String>,
    /// This rating, or one from the first to the second: `1`, `1..2`.
    #[arg(long, value_name = "RANGE")]
    pub(crate) rating: Option<String>,
    /// The least rating.
    #[arg(long, value_name = "N")]
    pub(crate) rating_min: Option<String>,
    /// The highest rating.
    #[arg(long, value_name = "N")]
    pub(crate) rating_max: Option<String>,
    /// Only items that have all of these: `rating`, `nps`, `csat`, `ces`, `ces_v1`
    /// (answers), `frt`, `art` (times of a conversation).
    #[arg(long, value_name = "CODES")]
    pub(crate) has: Option<String>,
    /// Further conditions as `KEY=VALUE`, several separated by `;`. A key is
    /// any filter, `q` for words, or `attribute.NAME`; values of one attribute are
    /// alternatives. A semicolon within a value is written `\;`.
    #[arg(long = "where", value_name = "CONDITION")]
    #[param(rename = "where", value_type = Option<String>, example = "attribute.Filiale=Köln")]
    #[serde(rename = "where", deserialize_with = "one")]
    pub(crate) conditions: Vec<String>,
}

/// A parameter that the command line takes several times, and the API once.
fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(vec![String::deserialize(deserializer)?])
}

/// The key under which conditions name words to be found.
const QUERY: &str = "q";
/// What stands before the name of an attribute.
const ATTRIBUTE: &str = "attribute.";

/// Seconds of a day.
const DAY: i64 = 86_400;

impl FilterParams {
    /// The verbatims these values mean.
    pub(crate) fn segment(&self) -> Result<Segment, Error> {
        let mut params = Self { conditions: vec![], ..self.clone() };
        let mut queries: Vec<String> = params.words.take().into_iter().collect();
        let mut attributes: Vec<(String, Vec<String>)> = Vec::new();
        let conditions = self.conditions.iter().flat_map(|list| parts(list, ';'));
        for condition in conditions.filter(|condition| !condition.is_empty()) {
            let bad = |reason| Error::BadValue { key: "where", reason };
            let (key, value) = condition
                .split_once('=')
                .ok_or_else(|| bad(format!("`{condition}` is not of the form KEY=VALUE")))?;
            let (key, value) = (key.trim(), value.trim().to_owned());
            if let Some(name) = key.strip_prefix(ATTRIBUTE) {
                match attributes.iter_mut().find(|(known, _)| known == name) {
                    Some((_, values)) => values.push(value),
                    None => attributes.push((name.to_owned(), vec![value])),
                }
            } else if key == QUERY {
                queries.push(value);
            } else if params.slot(key).map_err(bad)?.replace(value).is_some() {
                let reason = format!("`{key}` is given twice; commas separate alternatives");
                return Err(bad(reason));
            }
        }
        let filter = Filter { attributes, ..params.known_fields()? };
        let segment = Segment::from(filter);
        Ok(queries.iter().fold(segment, |segment, query| segment.saying(query)))
    }

    /// The same with further conditions.
    pub(crate) fn with(&self, conditions: &str) -> Self {
        let mut params = self.clone();
        params.conditions.push(conditions.to_owned());
        params
    }

    /// The verbatims whose themes are listed, and the polarity of the opinions that
    /// count; none for all of them.
    pub(crate) fn of_themes(&self) -> Result<(Segment, Option<Polarity>), Error> {
        let mut segment = self.segment()?;
        let polarities = std::mem::take(&mut segment.filter.polarities);
        match polarities[..] {
            [] => Ok((segment, None)),
            [polarity] => Ok((segment, Some(polarity))),
            _ => Err(Error::BadValue {
                key: "polarity",
                reason: "themes are listed by opinions of one polarity or of all".to_owned(),
            }),
        }
    }

    /// The product and the release that a release table is about, and the other
    /// conditions.
    pub(crate) fn of_release(&self) -> Result<(String, String, Segment), Error> {
        let mut segment = self.segment()?;
        let one = |key, names: Vec<String>| match <[String; 1]>::try_from(names) {
            Ok([name]) => Ok(name),
            Err(_) => Err(Error::BadValue { key, reason: format!("name one {key}") }),
        };
        let product = one("product", std::mem::take(&mut segment.filter.products))?;
        let release = one("release", std::mem::take(&mut segment.filter.releases))?;
        Ok((product, release, segment))
    }

    /// Where the value of a key belongs.
    fn slot(&mut self, key: &str) -> Result<&mut Option<String>, String> {
        let slots = [
            ("lang", &mut self.lang),
            ("product", &mut self.product),
            ("release", &mut self.release),
            ("channel", &mut self.channel),
            ("source", &mut self.source),
            ("polarity", &mut self.polarity),
            ("topic", &mut self.topic),
            ("intent", &mut self.intent),
            ("theme", &mut self.theme),
            ("own_topic", &mut self.own_topic),
            ("opinion_polarity", &mut self.opinion_polarity),
            ("stage", &mut self.stage),
            ("touchpoint", &mut self.touchpoint),
            ("respondent", &mut self.respondent),
            ("from", &mut self.from),
            ("to", &mut self.to),
            ("rating", &mut self.rating),
            ("rating_min", &mut self.rating_min),
            ("rating_max", &mut self.rating_max),
            ("has", &mut self.has),
        ];
        let known = slots.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        // Counts are grouped by `language`, so it is said here too.
        let name = if key == "language" { "lang" } else { key };
        let found = slots.into_iter().find(|(known, _)| *known == name).map(|(_, slot)| slot);
        found.ok_or_else(|| format!("`{key}` is not one of {known}, {ATTRIBUTE}NAME, {QUERY}"))
    }

    fn known_fields(&self) -> Result<Filter, Error> {
        let names = |text: &Option<String>| match text.as_deref() {
            Some(text) => parts(text, ',').collect(),
            None => vec![],
        };
        let (rating_min, rating_max) = self.ratings()?;
        Ok(Filter {
            languages: list("lang", self.lang.as_deref(), |code| {
                Language::from_tag(code)
                    .ok_or_else(|| format!("`{code}` is not a two-letter language code"))
            })?,
            polarities: list("polarity", self.polarity.as_deref(), parse::<Polarity>)?,
            attributes: vec![],
            respondents: names(&self.respondent),
            opinion_polarities: list(
                "opinion_polarity",
                self.opinion_polarity.as_deref(),
                parse::<Polarity>,
            )?,
            stages: list("stage", self.stage.as_deref(), parse::<JourneyStage>)?,
            touchpoints: names(&self.touchpoint),
            products: names(&self.product),
            releases: names(&self.release),
            channels: names(&self.channel),
            sources: names(&self.source),
            topics: list("topic", self.topic.as_deref(), parse::<Topic>)?,
            intents: list("intent", self.intent.as_deref(), parse::<Intent>)?,
            themes: list("theme", self.theme.as_deref(), |number| {
                number.parse().map(ThemeId).map_err(|_| format!("`{number}` is not a theme number"))
            })?,
            own_topics: names(&self.own_topic),
            from: self.from.as_deref().map(|text| time("from", text)).transpose()?,
            to: self.to.as_deref().map(end_time).transpose()?,
            as_of: None,
            rating_min,
            rating_max,
            with_spam: false,
            figures: list("has", self.has.as_deref(), parse::<KeyFigure>)?,
            // Not what is asked, but who asks: see `Snapshot::within`.
            within: vec![],
        })
    }

    /// The least and the highest rating.
    fn ratings(&self) -> Result<(Option<f64>, Option<f64>), Error> {
        let min = number("rating_min", self.rating_min.as_deref())?;
        let max = number("rating_max", self.rating_max.as_deref())?;
        let Some(range) = &self.rating else { return Ok((min, max)) };
        if min.is_some() || max.is_some() {
            let reason = "give either `rating`, or `rating_min` and `rating_max`".to_owned();
            return Err(Error::BadValue { key: "rating", reason });
        }
        let (low, high) = range.split_once("..").unwrap_or((range, range));
        Ok((number("rating", Some(low.trim()))?, number("rating", Some(high.trim()))?))
    }
}

/// The parts of a list, without blanks around them; before a separator that is of
/// a part there is a backslash.
fn parts(list: &str, separator: char) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        if c == separator {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            let is_escape = c == '\\' && chars.peek() == Some(&separator);
            part.push(if is_escape { chars.next().unwrap_or(c) } else { c });
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned())
}

/// Case statuses from a comma-separated list.
pub(crate) fn case_statuses(text: &str) -> Result<Vec<CaseStatus>, Error> {
    list("status", Some(text), parse::<CaseStatus>)
}

/// A single case status.
pub(crate) fn case_status(code: &str) -> Result<CaseStatus, Error> {
    parse(code).map_err(|reason| Error::BadValue { key: "status", reason })
}

/// Topics from a comma-separated list; `none` or blank for no topic.
pub(crate) fn topics(text: &str) -> Result<Vec<Topic>, Error> {
    list("topics", some_of(text), parse::<Topic>)
}

/// Intents from a comma-separated list; `none` or blank for no intent.
pub(crate) fn intents(text: &str) -> Result<Vec<Intent>, Error> {
    list("intents", some_of(text), parse::<Intent>)
}

fn some_of(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty() && *text != "none")
}

/// A single polarity.
pub(crate) fn polarity(text: Option<&str>) -> Result<Option<Polarity>, Error> {
    let bad = |reason| Error::BadValue { key: "polarity", reason };
    text.map(|code| parse(code).map_err(bad)).transpose()
}

fn parse<T: FromStr<Err = echolot_core::UnknownCode>>(code: &str) -> Result<T, String> {
    code.parse().map_err(|error: echolot_core::UnknownCode| error.to_string())
}

fn list<T>(
    key: &'static str,
    text: Option<&str>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Error> {
    let values = text.into_iter().flat_map(|text| parts(text, ','));
    values.map(|value| read(&value).map_err(|reason| Error::BadValue { key, reason })).collect()
}

fn time(key: &'static str, text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|error: echolot_core::InvalidTimestamp| Error::BadValue {
        key,
        reason: error.to_string(),
    })
}

/// The end of a period: a day counts to its last second.
fn end_time(text: &str) -> Result<Timestamp, Error> {
    let at = time("to", text)?;
    let is_day = !text.contains(':') && at.seconds() % DAY == 0;
    Ok(Timestamp::from_seconds(at.seconds() + if is_day { DAY } else { 0 }).unwrap_or(at))
}

fn number(key: &'static str, text: Option<&str>) -> Result<Option<f64>, Error> {
    let read = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .ok_or_else(|| Error::BadValue { key, reason: format!("`{text}` is not a number") })
    };
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(conditions: &[&str]) -> FilterParams {
        FilterParams {
            conditions: conditions.iter().map(|&condition| condition.to_owned()).collect(),
            ..FilterParams::default()
        }
    }

    fn filter(params: &FilterParams) -> Filter {
        params.segment().unwrap().filter
    }

    fn message(params: &FilterParams) -> String {
        params.segment().unwrap_err().to_string()
    }

    #[test]
    fn a_day_counts_to_its_end() {
        let filter = filter(&of(&["from=2025-06-01; to=2025-06-30"]));
        assert_eq!(filter.from.unwrap().to_string(), "2025-06-01T00:00:00Z");
        assert_eq!(filter.to.unwrap().to_string(), "2025-07-01T00:00:00Z");
    }

    #[test]
    fn conditions_say_what_parameters_say() {
        let plain = FilterParams {
            release: Some("1.0".into()),
            polarity: Some("negative".into()),
            lang: Some("de".into()),
            rating: Some("1..2".into()),
            words: Some("late".into()),
            ..FilterParams::default()
        };
        let params = of(&[
            "release=1.0; attribute.Filiale=Köln; polarity=negative; rating_min=1",
            "attribute.Filiale=Bonn\\; Mitte",
            "language=de; rating_max=2; q=late",
        ]);
        let values = vec!["Köln".to_owned(), "Bonn; Mitte".to_owned()];
        let attributes = vec![("Filiale".to_owned(), values)];
        let expected = Filter { attributes, ..filter(&plain) };
        assert_eq!(params.segment().unwrap(), Segment { filter: expected, query: "late".into() });

        assert!(message(&of(&["release"])).contains("KEY=VALUE"));
        assert!(message(&of(&["relase=1"])).contains("`relase` is not one of lang, product"));
        assert!(message(&plain.with("release=2.0")).contains("`release` is given twice"));
        assert!(message(&plain.with("rating_min=1")).contains("give either `rating`"));
    }

    #[test]
    fn names_are_lists_too() {
        let names = |text: &str| {
            filter(&FilterParams { product: Some(text.into()), ..FilterParams::default() }).products
        };
        assert_eq!(names("Vitaloop, Brunnen"), ["Vitaloop", "Brunnen"]);
        assert_eq!(names(r"Herd\, schwarz,C:\dir"), ["Herd, schwarz", r"C:\dir"]);
    }

    #[test]
    fn all_that_is_asked_for_must_be_said() {
        let params = FilterParams { words: Some("late OR slow".into()), ..of(&["q=parcel", "q="]) };
        assert_eq!(params.segment().unwrap().query, "(late OR slow) AND (parcel)");
    }

    #[test]
    fn themes_and_releases_are_asked_for_in_their_own_way() {
        let (segment, polarity) = of(&["polarity=negative;lang=de"]).of_themes().unwrap();
        assert_eq!(
            (segment.filter, polarity),
            (filter(&of(&["lang=de"])), Some(Polarity::Negative))
        );
        assert!(of(&["polarity=negative,neutral"]).of_themes().is_err());

        let (product, release, segment) =
            of(&["product=A;release=1;lang=de"]).of_release().unwrap();
        assert_eq!((&*product, &*release), ("A", "1"));
        assert_eq!(segment.filter, filter(&of(&["lang=de"])));
        let message = of(&["product=A,B;release=1"]).of_release().unwrap_err().to_string();
        assert_eq!(message, "product: name one product");
    }

    #[test]
    fn a_wrong_code_names_the_parameter_and_the_known_ones() {
        let params =
            FilterParams { topic: Some("delivery,food".into()), ..FilterParams::default() };
        let message = message(&params);
        assert!(
            message.starts_with("topic: `food` is not a topic; known are: product_quality,"),
            "{message}"
        );
    }
}
