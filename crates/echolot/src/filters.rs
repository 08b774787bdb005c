//! The filters that the command line and the API share.

use std::str::FromStr;

use clap::Args;
use echolot_core::{Intent, Language, Polarity, ThemeId, Timestamp, Topic};
use echolot_engine::{Error, Filter};
use serde::Deserialize;
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
}

/// Seconds of a day.
const DAY: i64 = 86_400;

impl FilterParams {
    /// The filter these values mean.
    pub(crate) fn filter(&self) -> Result<Filter, Error> {
        let one = |value: &Option<String>| value.iter().cloned().collect();
        Ok(Filter {
            languages: list("lang", self.lang.as_deref(), |code| {
                Language::from_tag(code)
                    .ok_or_else(|| format!("`{code}` is not a two-letter language code"))
            })?,
            polarities: vec![],
            products: one(&self.product),
            releases: one(&self.release),
            channels: one(&self.channel),
            sources: one(&self.source),
            topics: list("topic", self.topic.as_deref(), parse::<Topic>)?,
            intents: list("intent", self.intent.as_deref(), parse::<Intent>)?,
            themes: list("theme", self.theme.as_deref(), |number| {
                number.parse().map(ThemeId).map_err(|_| format!("`{number}` is not a theme number"))
            })?,
            from: self.from.as_deref().map(|text| time("from", text)).transpose()?,
            to: self.to.as_deref().map(end_time).transpose()?,
            rating_min: number("rating_min", self.rating_min.as_deref())?,
            rating_max: number("rating_max", self.rating_max.as_deref())?,
        })
    }
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
