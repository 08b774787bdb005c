//! Traces as text: compact, self-contained, and legible.
//!
//! A trace has the form of a query string, e.g.
//! `g=3&product=App&release=1.0.5&by.theme=7&is.texts=12&is.all.texts=400`: the
//! generation, the conditions, the group, and the figures that were stated.

use std::str::FromStr;

use echolot_core::{Impact, Language, ThemeId, Timestamp};
use echolot_engine::{
    Error, Figure, Filter, Grouping, Kpi, Outcome, Quantity, Scope, Segment, Statistic, Trace,
};
use form_urlencoded::{Serializer, parse};
use serde_json::Value;

use super::rounded;

/// The key of the generation.
const GENERATION: &str = "g";
/// What stands before a grouping whose value follows.
const BY: &str = "by.";
/// The key of a grouping that the group has no value of.
const WITHOUT: &str = "without";
/// What stands before a figure.
const IS: &str = "is.";
/// What stands before the name of an attribute.
const ATTRIBUTE: &str = "attribute.";

/// All traces within an answer in JSON, in its order: every text whose key ends
/// with `trace`.
pub fn traces_of(answer: &Value) -> Vec<String> {
    match answer {
        Value::Object(fields) => {
            let of_field = |(key, field): (&String, &Value)| match field.as_str() {
                Some(trace) if key.ends_with("trace") => vec![trace.to_owned()],
                _ => traces_of(field),
            };
            fields.iter().flat_map(of_field).collect()
        }
        Value::Array(values) => values.iter().flat_map(traces_of).collect(),
        _ => vec![],
    }
}

/// The trace of a key figure of a group, with its number of answers.
pub(super) fn of_kpi(group: Trace, kpi: Kpi, value: f64, answers: u64) -> Trace {
    group.stating(Scope::Group, Quantity::Kpi(kpi, Statistic::Value), rounded(value)).stating(
        Scope::Group,
        Quantity::Kpi(kpi, Statistic::Answers),
        answers as f64,
    )
}

/// The trace of what a group does to an answer.
pub(super) fn of_impact(group: Trace, on: Outcome, impact: &Impact) -> Trace {
    let figures = [
        (Statistic::Value, rounded(impact.value)),
        (Statistic::Low, rounded(impact.low)),
        (Statistic::High, rounded(impact.high)),
        (Statistic::Answers, impact.answers as f64),
    ];
    figures.into_iter().fold(group, |group, (statistic, value)| {
        group.stating(Scope::Group, Quantity::Impact(on, statistic), value)
    })
}

/// A trace as text.
pub(crate) fn write(trace: &Trace) -> String {
    let mut pairs = Serializer::new(String::new());
    pairs.append_pair(GENERATION, &trace.generation.to_string());
    let Segment { filter, query } = &trace.segment;
    for (key, value) in conditions(filter) {
        pairs.append_pair(&key, &value);
    }
    if !query.trim().is_empty() {
        pairs.append_pair("q", query);
    }
    if let Some(release) = &trace.before_release {
        pairs.append_pair("before_release", release);
    }
    for (grouping, value) in &trace.groups {
        match value {
            Some(value) => pairs.append_pair(&format!("{BY}{}", grouping.name()), value),
            None => pairs.append_pair(WITHOUT, &grouping.name()),
        };
    }
    if trace.is_apart {
        pairs.append_pair("apart", "true");
    }
    for figure in &trace.figures {
        pairs.append_pair(&format!("{IS}{}", figure.name()), &figure.value.to_string());
    }
    pairs.finish()
}

/// The conditions of a filter: a pair for each value of each list. No question
/// counts spam, so no trace says whether it is meant.
fn conditions(filter: &Filter) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut add = |key: &str, values: Vec<String>| {
        pairs.extend(values.into_iter().map(|value| (key.to_owned(), value)));
    };
    let codes = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
    add("lang", codes(filter.languages.iter().map(Language::code).collect()));
    add("product", filter.products.clone());
    add("release", filter.releases.clone());
    add("channel", filter.channels.clone());
    add("source", filter.sources.clone());
    add("respondent", filter.respondents.clone());
    add("polarity", codes(filter.polarities.iter().map(|label| label.code()).collect()));
    add("topic", codes(filter.topics.iter().map(|label| label.code()).collect()));
    add("theme", filter.themes.iter().map(ThemeId::to_string).collect());
    add("own_topic", filter.own_topics.clone());
    let polarities = filter.opinion_polarities.iter().map(|label| label.code()).collect();
    add("opinion_polarity", codes(polarities));
    add("stage", codes(filter.stages.iter().map(|label| label.code()).collect()));
    add("touchpoint", filter.touchpoints.clone());
    add("intent", codes(filter.intents.iter().map(|label| label.code()).collect()));
    add("from", filter.from.iter().map(Timestamp::to_string).collect());
    add("to", filter.to.iter().map(Timestamp::to_string).collect());
    add("as_of", filter.as_of.iter().map(Timestamp::to_string).collect());
    add("rating_min", filter.rating_min.iter().map(f64::to_string).collect());
    add("rating_max", filter.rating_max.iter().map(f64::to_string).collect());
    add("has", codes(filter.figures.iter().map(|figure| figure.code()).collect()));
    for (name, values) in &filter.attributes {
        add(&format!("{ATTRIBUTE}{name}"), values.clone());
    }
    pairs
}

/// The trace of a text.
///
/// # Errors
/// When a key is not known, or a value is none of its key.
pub(crate) fn read(text: &str) -> Result<Trace, Error> {
    let mut generation = None;
    let mut trace = Trace::new(0, Segment::default());
    for (key, value) in parse(text.trim().as_bytes()) {
        let (key, value) = (&*key, &*value);
        if key == GENERATION {
            generation = Some(parsed(key, value)?);
        } else if key == WITHOUT {
            trace.groups.push((value.parse()?, None));
        } else if let Some(grouping) = key.strip_prefix(BY) {
            trace.groups.push((grouping.parse::<Grouping>()?, Some(value.to_owned())));
        } else if let Some(name) = key.strip_prefix(IS) {
            trace.figures.push(Figure::named(name, parsed(key, value)?)?);
        } else {
            add_condition(&mut trace, key, value)?;
        }
    }
    trace.generation = generation.ok_or_else(|| bad("it names no generation (`g`)".to_owned()))?;
    if trace.figures.is_empty() {
        let reason = "it states no figure that could be counted again; give all of the `trace` \
                      beside a figure, or add one, such as `is.texts=12`";
        return Err(bad(reason.to_owned()));
    }
    Ok(trace)
}

fn add_condition(trace: &mut Trace, key: &str, value: &str) -> Result<(), Error> {
    let filter = &mut trace.segment.filter;
    let word = value.to_owned();
    match key {
        "lang" => {
            let language = Language::from_tag(value).ok_or_else(|| unread(key, value))?;
            filter.languages.push(language);
        }
        "product" => filter.products.push(word),
        "release" => filter.releases.push(word),
        "channel" => filter.channels.push(word),
        "source" => filter.sources.push(word),
        "respondent" => filter.respondents.push(word),
        "polarity" => filter.polarities.push(parsed(key, value)?),
        "topic" => filter.topics.push(parsed(key, value)?),
        "theme" => filter.themes.push(ThemeId(parsed(key, value)?)),
        "own_topic" => filter.own_topics.push(word),
        "opinion_polarity" => filter.opinion_polarities.push(parsed(key, value)?),
        "stage" => filter.stages.push(parsed(key, value)?),
        "touchpoint" => filter.touchpoints.push(word),
        "intent" => filter.intents.push(parsed(key, value)?),
        "from" => filter.from = Some(parsed(key, value)?),
        "to" => filter.to = Some(parsed(key, value)?),
        "as_of" => filter.as_of = Some(parsed(key, value)?),
        "rating_min" => filter.rating_min = Some(parsed(key, value)?),
        "rating_max" => filter.rating_max = Some(parsed(key, value)?),
        "has" => filter.figures.push(parsed(key, value)?),
        "q" => trace.segment.query = word,
        "before_release" => trace.before_release = Some(word),
        "apart" => trace.is_apart = parsed(key, value)?,
        _ => match key.strip_prefix(ATTRIBUTE) {
            Some(name) => match filter.attributes.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(word),
                None => filter.attributes.push((name.to_owned(), vec![word])),
            },
            None => return Err(bad(format!("`{key}` is nothing that a trace says"))),
        },
    }
    Ok(())
}

fn parsed<T: FromStr>(key: &str, value: &str) -> Result<T, Error> {
    value.parse().map_err(|_| unread(key, value))
}

fn unread(key: &str, value: &str) -> Error {
    bad(format!("`{value}` is no value of `{key}`"))
}

fn bad(reason: String) -> Error {
    Error::BadValue { key: "trace", reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use echolot_core::{Calendar, Intent, JourneyStage, KeyFigure, Polarity, Topic};

    fn everything() -> Trace {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let filter = Filter {
            languages: vec![Language::GERMAN, Language::UNKNOWN],
            polarities: vec![Polarity::Neutral],
            products: words(&["A & B=C", "ü;+"]),
            releases: words(&["1.0"]),
            channels: words(&["chat"]),
            sources: words(&["s"]),
            respondents: words(&["anna"]),
            attributes: vec![("Filiale Köln".to_owned(), words(&["Dom", "%20"]))],
            topics: vec![Topic::Delivery],
            themes: vec![ThemeId(3), ThemeId(9)],
            own_topics: words(&["late_parcel"]),
            opinion_polarities: vec![Polarity::Negative],
            stages: vec![JourneyStage::Use],
            touchpoints: words(&["app"]),
            intents: vec![Intent::Churn],
            from: Some("2025-06-01T00:00:00Z".parse().unwrap()),
            to: Some("2025-07-01T00:00:01Z".parse().unwrap()),
            as_of: Some("2025-08-01T00:00:00Z".parse().unwrap()),
            rating_min: Some(1.5),
            rating_max: Some(4.0),
            figures: vec![KeyFigure::Nps, KeyFigure::CesV1],
            ..Filter::default()
        };
        let segment = Segment { filter, query: "\"error 39508\" -update".to_owned() };
        Trace { before_release: Some("2.0".to_owned()), ..Trace::new(7, segment) }
            .by(Grouping::Time(Calendar::Week), Some("2025-W22".to_owned()))
            .by(Grouping::Attribute("x y".to_owned()), None)
            .apart()
            .texts(Scope::Group, 12)
            .stating(Scope::FrameGroup, Quantity::Unthemed, 0.030_303)
    }

    #[test]
    fn a_trace_reads_back_as_it_was_written() {
        let trace = everything();
        assert_eq!(read(&write(&trace)).unwrap(), trace);
        let small = Trace::new(1, Segment::default()).texts(Scope::All, 3);
        assert_eq!(write(&small), "g=1&is.all.texts=3");
        assert_eq!(read("  g=1&is.all.texts=3\n").unwrap(), small);
    }

    #[test]
    fn what_a_trace_cannot_say_is_named() {
        for (text, reason) in [
            ("is.texts=3", "names no generation"),
            ("g=x", "`x` is no value of `g`"),
            ("g=1&product=App", "states no figure"),
            ("g=1&colour=red", "`colour` is nothing"),
            ("g=1&topic=cars", "`cars` is no value of `topic`"),
            ("g=1&is.sums=3", "`sums`"),
            ("g=1&by.colour=3", "`colour`"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
