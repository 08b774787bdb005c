//! The filters that the command line and the API share.

use std::str::FromStr;

use clap::Args;
use echolot_core::{
    CaseStatus, Intent, JourneyStage, KeyFigure, Language, Polarity, ThemeId, Timestamp, Topic,
};
use echolot_engine::{Error, Filter, Segment};
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

/// Which verbatims are meant. Values of a list are separated by commas: any of
/// them will do; between the filters all must hold.
#[derive(Debug, Clone, Default, Args, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct FilterParams {
    /// Languages as ISO 639-1 codes, e.g. `de,en`; `xx` is unknown.
    #[arg(long, value_name = "CODES")]
    pub(crate) lang: Option<String>,
    /// Only this product.
    #[arg(long)]
    pub(crate) product: Option<String>,
    /// Only this release.
    #[arg(long)]
    pub(crate) release: Option<String>,
    /// Only this channel, e.g. `review`, `survey`, `chat`.
    #[arg(long)]
    pub(crate) channel: Option<String>,
    /// Only this source.
    #[arg(long)]
    pub(crate) source: Option<String>,
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
    /// Only this touchpoint; stated by the item, or by topic.
    #[arg(long)]
    pub(crate) touchpoint: Option<String>,
    /// Only this respondent.
    #[arg(long)]
    pub(crate) respondent: Option<String>,
    /// Written on this day or later (2025-06-01), or from this time on.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<String>,
    /// Written on this day or before, or before this time.
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<String>,
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
    /// any filter or `attribute.NAME`; values of one attribute are alternatives.
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
    /// The filter these values mean.
    pub(crate) fn filter(&self) -> Result<Filter, Error> {
        let segment = self.segment("")?;
        if segment.query.is_empty() {
            return Ok(segment.filter);
        }
        let reason = format!("`{QUERY}` cannot stand among the conditions here");
        Err(Error::BadValue { key: "where", reason })
    }

    /// The verbatims these values mean, with words that must be found in them.
    pub(crate) fn segment(&self, query: &str) -> Result<Segment, Error> {
        let mut params = Self { conditions: vec![], ..self.clone() };
        let mut query = Some(query.trim().to_owned()).filter(|query| !query.is_empty());
        let mut attributes: Vec<(String, Vec<String>)> = Vec::new();
        let conditions = self.conditions.iter().flat_map(|list| list.split(';'));
        for condition in conditions.map(str::trim).filter(|condition| !condition.is_empty()) {
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
                continue;
            }
            let slot = if key == QUERY { &mut query } else { params.slot(key).map_err(bad)? };
            if slot.replace(value).is_some() {
                return Err(bad(format!("`{key}` is given twice")));
            }
        }
        let filter = Filter { attributes, ..params.known_fields()? };
        Ok(Segment { filter, query: query.unwrap_or_default() })
    }

    /// The same with further conditions.
    pub(crate) fn with(&self, conditions: &str) -> Self {
        let mut params = self.clone();
        params.conditions.push(conditions.to_owned());
        params
    }

    /// Where the value of a key belongs.
    fn slot(&mut self, key: &str) -> Result<&mut Option<String>, String> {
        let slots = [
            ("lang", &mut self.lang),
            ("product", &mut self.product),
            ("release", &mut self.release),
            ("channel", &mut self.channel),
            ("source", &mut self.source),
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
            ("rating_min", &mut self.rating_min),
            ("rating_max", &mut self.rating_max),
            ("has", &mut self.has),
        ];
        let known = slots.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let found = slots.into_iter().find(|(name, _)| *name == key).map(|(_, slot)| slot);
        found.ok_or_else(|| format!("`{key}` is not one of {known}, {ATTRIBUTE}NAME, {QUERY}"))
    }

    fn known_fields(&self) -> Result<Filter, Error> {
        let one = |value: &Option<String>| value.iter().cloned().collect();
        Ok(Filter {
            languages: list("lang", self.lang.as_deref(), |code| {
                Language::from_tag(code)
                    .ok_or_else(|| format!("`{code}` is not a two-letter language code"))
            })?,
            polarities: vec![],
            attributes: vec![],
            respondents: one(&self.respondent),
            opinion_polarities: list(
                "opinion_polarity",
                self.opinion_polarity.as_deref(),
                parse::<Polarity>,
            )?,
            stages: list("stage", self.stage.as_deref(), parse::<JourneyStage>)?,
            touchpoints: one(&self.touchpoint),
            products: one(&self.product),
            releases: one(&self.release),
            channels: one(&self.channel),
            sources: one(&self.source),
            topics: list("topic", self.topic.as_deref(), parse::<Topic>)?,
            intents: list("intent", self.intent.as_deref(), parse::<Intent>)?,
            themes: list("theme", self.theme.as_deref(), |number| {
                number.parse().map(ThemeId).map_err(|_| format!("`{number}` is not a theme number"))
            })?,
            own_topics: list("own_topic", self.own_topic.as_deref(), |key| Ok(key.to_owned()))?,
            from: self.from.as_deref().map(|text| time("from", text)).transpose()?,
            to: self.to.as_deref().map(end_time).transpose()?,
            as_of: None,
            rating_min: number("rating_min", self.rating_min.as_deref())?,
            rating_max: number("rating_max", self.rating_max.as_deref())?,
            with_spam: false,
            figures: list("has", self.has.as_deref(), parse::<KeyFigure>)?,
            // Not what is asked, but who asks: see `Snapshot::within`.
            within: vec![],
        })
    }
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

/// Polarities from a comma-separated list.
pub(crate) fn polarities(text: Option<&str>) -> Result<Vec<Polarity>, Error> {
    list("polarity", text, parse::<Polarity>)
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
    let values = text.into_iter().flat_map(|text| text.split(',')).map(str::trim);
    values.map(|value| read(value).map_err(|reason| Error::BadValue { key, reason })).collect()
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

    #[test]
    fn a_day_counts_to_its_end() {
        let params = FilterParams {
            from: Some("2025-06-01".into()),
            to: Some("2025-06-30".into()),
            ..FilterParams::default()
        };
        let filter = params.filter().unwrap();
        assert_eq!(filter.from.unwrap().to_string(), "2025-06-01T00:00:00Z");
        assert_eq!(filter.to.unwrap().to_string(), "2025-07-01T00:00:00Z");
    }

    #[test]
    fn conditions_say_what_parameters_say() {
        let of = |conditions: &[&str]| FilterParams {
            conditions: conditions.iter().map(|&condition| condition.to_owned()).collect(),
            ..FilterParams::default()
        };
        let params =
            of(&["release=1.0; attribute.Filiale=Köln", "attribute.Filiale=Bonn", "q=late"]);
        let segment = params.segment("").unwrap();
        let plain = FilterParams { release: Some("1.0".into()), ..FilterParams::default() };
        let attributes = vec![("Filiale".to_owned(), vec!["Köln".to_owned(), "Bonn".to_owned()])];
        assert_eq!(segment.filter, Filter { attributes, ..plain.filter().unwrap() });
        assert_eq!(segment.query, "late");

        let message = |params: FilterParams| params.filter().unwrap_err().to_string();
        assert!(message(params).contains("`q` cannot stand"));
        assert!(message(of(&["release"])).contains("KEY=VALUE"));
        assert!(message(of(&["relase=1"])).contains("`relase` is not one of lang, product"));
        assert!(message(plain.with("release=2.0")).contains("`release` is given twice"));
    }

    #[test]
    fn a_wrong_code_names_the_parameter_and_the_known_ones() {
        let params =
            FilterParams { topic: Some("delivery,food".into()), ..FilterParams::default() };
        let message = params.filter().unwrap_err().to_string();
        assert!(
            message.starts_with("topic: `food` is not a topic; known are: product_quality,"),
            "{message}"
        );
    }
}
