//! What goes with good and bad answers.

use echolot_core::{JourneyStage, Topic};
use echolot_engine::{Driver, DriverQuestion, DriverTable};
use serde::Serialize;
use utoipa::ToSchema;

use super::rounded;
use super::themes::{ExampleJson, examples};

/// The drivers of an answer. They are associations: who speaks of a theme may
/// differ in other ways.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriversJson {
    generation: u64,
    /// The answer: `rating`, `nps` or `csat`.
    #[schema(value_type = String)]
    on: &'static str,
    /// What drivers are: `theme`, `topic` or `stage`.
    #[schema(value_type = String)]
    by: &'static str,
    /// Answers of the set, near-duplicates once.
    answers: u64,
    /// Their mean: in units of the rating, or in points (-100..=100 for NPS,
    /// 0..=100 for CSAT); null without an answer.
    mean: Option<f64>,
    /// The share of the answers' variance that all drivers explain together,
    /// 0..=1; null when the answers do not vary.
    r_squared: Option<f64>,
    /// The drivers, by the size of their impact.
    rows: Vec<DriverJson>,
}

/// One driver.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DriverJson {
    /// The theme, where themes were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<u32>,
    /// The theme's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Absent where stages were asked for.
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
    examples: Vec<ExampleJson>,
}

impl DriversJson {
    pub(crate) fn new(generation: u64, question: &DriverQuestion, table: DriverTable) -> Self {
        let rows = table.rows.into_iter().map(|row| {
            let (theme, topic, polarity) = match row.driver {
                Driver::Theme(theme) => (
                    Some((theme.id.0, theme.title().to_owned())),
                    Some(theme.topic),
                    theme.polarity,
                ),
                Driver::Topic(topic, polarity) => (None, Some(topic), polarity),
                Driver::Stage(_, polarity) => (None, None, polarity),
            };
            let (theme, label) = theme.unzip();
            DriverJson {
                theme,
                label,
                topic: topic.map(Topic::code),
                stage: row.stage.map(JourneyStage::code),
                polarity: polarity.code(),
                answers: row.impact.answers,
                impact: rounded(row.impact.value),
                impact_low: rounded(row.impact.low),
                impact_high: rounded(row.impact.high),
                weight: row.weight.map(rounded),
                examples: examples(row.examples),
            }
        });
        Self {
            generation,
            on: question.on.name(),
            by: question.by.name(),
            answers: table.answers,
            mean: table.mean.map(rounded),
            r_squared: table.r_squared.map(rounded),
            rows: rows.collect(),
        }
    }
}
