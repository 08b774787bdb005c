//! A figure over time.

use echolot_engine::{Quantity, Scope, Statistic, Trace, Trend, TrendPoint, TrendQuestion};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectedJson, rounded, trace};

/// A figure from period to period or release to release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrendJson {
    generation: u64,
    /// The figure, as it was asked for; times are in seconds.
    #[schema(value_type = String)]
    measure: &'static str,
    /// `day`, `week`, `month` or `release`.
    by: String,
    /// The periods in their order, without gaps, or the releases.
    points: Vec<PointJson>,
    /// Where the figure changed most; null for volumes by release, and where there is
    /// nothing to divide.
    change_point: Option<ChangePointJson>,
    /// What people have said of these verbatims against the model.
    corrections: CorrectedJson,
}

/// A figure in one period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PointJson {
    period: String,
    /// The figure; null when there is nothing to compute it from.
    value: Option<f64>,
    /// Lower end of its 95 % interval; null for a mean of fewer than two answers, or
    /// of equal ones.
    low: Option<f64>,
    /// Upper end of the interval.
    high: Option<f64>,
    /// How many have the property; absent for means.
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<u64>,
    /// How many verbatims or answers it is computed from.
    count: u64,
    /// With which the figures here can be counted again.
    trace: String,
}

/// The place at which the figure changed most.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangePointJson {
    /// The first period of the later stretch.
    period: String,
    /// The figure before it, in its own unit; of volumes, verbatims a day.
    before: f64,
    /// The figure from it on.
    after: f64,
    /// The probability of a change as great at any place if there was none,
    /// 0..=1.
    p: f64,
    /// `binomial_likelihood_ratio` of shares, `poisson_likelihood_ratio` of
    /// volumes, `pettitt` of means.
    #[schema(value_type = String, example = "pettitt")]
    test: &'static str,
}

impl PointJson {
    fn new(generation: u64, question: &TrendQuestion, point: TrendPoint) -> Self {
        let group = Trace::new(generation, question.segment.clone())
            .by(question.by.clone(), Some(point.period.clone()));
        let group = match (question.measure.kpi(), point.value) {
            (None, _) => group
                .texts(Scope::Group, point.hits.unwrap_or_default())
                .texts(Scope::FrameGroup, point.count),
            (Some(kpi), Some(value)) => trace::of_kpi(group, kpi, value, point.count),
            // Of nothing, there is only the number of verbatims to state: none
            // that answers.
            (Some(kpi), None) => {
                let answers = Quantity::Kpi(kpi, Statistic::Answers);
                group.stating(Scope::Group, answers, 0.0)
            }
        };
        Self {
            period: point.period,
            value: point.value.map(rounded),
            low: point.low.map(rounded),
            high: point.high.map(rounded),
            hits: point.hits,
            count: point.count,
            trace: trace::write(&group),
        }
    }
}

impl TrendJson {
    pub(crate) fn new(generation: u64, question: &TrendQuestion, trend: Trend) -> Self {
        let corrections = trend.corrected.into();
        let points = trend.points.into_iter();
        let points = points.map(|point| PointJson::new(generation, question, point));
        Self {
            generation,
            measure: question.measure.name(),
            by: question.by.name().into_owned(),
            points: points.collect(),
            corrections,
            change_point: trend.change.map(|change| ChangePointJson {
                period: change.at,
                before: rounded(change.before),
                after: rounded(change.after),
                p: change.p,
                test: change.test.name(),
            }),
        }
    }
}
