//! What goes with good and bad answers.

use echolot_core::{JourneyStage, Topic};
use echolot_engine::{
    Driver, DriverQuestion, DriverTable, Grouping, Quantity, Scope, Statistic, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::themes::{ExampleJson, examples};
use super::{CorrectedJson, rounded, trace};

/// The drivers of an answer. They are associations: who speaks of a theme may
/// differ in other ways.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriversJson {
    generation: u64,
    /// The answer: `rating`, `nps`, `csat`, `ces` or `ces_v1`.
    #[schema(value_type = String)]
    on: &'static str,
    /// What drivers are: `theme`, `topic`, `own_topic` or `stage`.
    #[schema(value_type = String)]
    by: &'static str,
    /// Answers of the set, near-duplicates once.
    answers: u64,
    /// Their mean: in units of the answer, or in points (-100..=100 for NPS,
    /// 0..=100 for CSAT); null without an answer.
    mean: Option<f64>,
    /// The share of the answers' variance that all drivers explain together,
    /// 0..=1; null when the answers do not vary.
    r_squared: Option<f64>,
    /// What people have said of these verbatims against the model.
    corrections: CorrectedJson,
    /// With which answers and mean can be computed again.
    trace: String,
    /// The drivers, by the size of their impact.
    rows: Vec<DriverJson>,
}

/// One driver.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriverJson {
    /// The theme, where themes were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<u32>,
    /// The key of the own topic, where those were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_topic: Option<String>,
    /// The name of the theme or own topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Of a theme or topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'static str>,
    /// The journey stage, of a theme or topic that of most answers; null where
    /// most have none.
    stage: Option<&'static str>,
    polarity: &'static str,
    /// Answers whose verbatims speak of it.
    answers: u64,
    /// Mean of all answers less the mean without those: what it does to the
    /// mean, in its unit.
    impact: f64,
    /// Lower end of the 95 % bootstrap interval.
    impact_low: f64,
    /// Upper end of the 95 % bootstrap interval.
    impact_high: f64,
    /// Its share of the explained variance (Johnson's relative weight), 0..=1;
    /// null when the answers do not vary.
    weight: Option<f64>,
    /// With which answers and impact can be computed again; the weight comes
    /// of all drivers together.
    trace: String,
    examples: Vec<ExampleJson>,
}

impl DriversJson {
    pub(crate) fn new(generation: u64, question: &DriverQuestion, table: DriverTable) -> Self {
        let segment = || Trace::new(generation, question.segment.clone()).apart();
        let rows = table.rows.into_iter().map(|row| {
            let group = of_driver(segment(), &row.driver);
            let group = trace::of_impact(group, question.on, &row.impact);
            let (mut theme, mut own_topic, mut label, mut topic) = (None, None, None, None);
            let polarity = match row.driver {
                Driver::Theme(found) => {
                    (theme, label) = (Some(found.id.0), Some(found.title().to_owned()));
                    topic = Some(found.topic);
                    found.polarity
                }
                Driver::Topic(found, polarity) => {
                    topic = Some(found);
                    polarity
                }
                Driver::OwnTopic(found, polarity) => {
                    (own_topic, label) = (Some(found.key), Some(found.name));
                    polarity
                }
                Driver::Stage(_, polarity) => polarity,
            };
            DriverJson {
                theme,
                own_topic,
                label,
                topic: topic.map(Topic::code),
                stage: row.stage.map(JourneyStage::code),
                polarity: polarity.code(),
                answers: row.impact.answers,
                impact: rounded(row.impact.value),
                impact_low: rounded(row.impact.low),
                impact_high: rounded(row.impact.high),
                weight: row.weight.map(rounded),
                trace: trace::write(&group),
                examples: examples(row.examples),
            }
        });
        let rows: Vec<DriverJson> = rows.collect();
        let state = |trace: Trace, statistic, value| {
            trace.stating(Scope::All, Quantity::Mean(question.on, statistic), value)
        };
        let all = state(segment(), Statistic::Answers, table.answers as f64);
        let all = match table.mean {
            Some(mean) => state(all, Statistic::Value, rounded(mean)),
            None => all,
        };
        Self {
            generation,
            trace: trace::write(&all),
            on: question.on.name(),
            by: question.by.name(),
            answers: table.answers,
            mean: table.mean.map(rounded),
            r_squared: table.r_squared.map(rounded),
            corrections: table.corrected.into(),
            rows,
        }
    }
}

/// The verbatims of a segment that speak of a driver.
fn of_driver(segment: Trace, driver: &Driver) -> Trace {
    let by = |segment: Trace, grouping, value: &str| segment.by(grouping, Some(value.to_owned()));
    let polar = |segment, code| by(segment, Grouping::OpinionPolarity, code);
    match driver {
        Driver::Theme(theme) => by(segment, Grouping::Theme, &theme.id.to_string()),
        Driver::Topic(topic, polarity) => {
            polar(by(segment, Grouping::Topic, topic.code()), polarity.code())
        }
        Driver::OwnTopic(topic, polarity) => {
            polar(by(segment, Grouping::OwnTopic, &topic.key), polarity.code())
        }
        Driver::Stage(stage, polarity) => {
            polar(by(segment, Grouping::Stage, stage.code()), polarity.code())
        }
    }
}
