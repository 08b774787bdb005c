//! A figure over time.

use echolot_engine::{Trend, TrendPoint, TrendQuestion};
use serde::Serialize;
use utoipa::ToSchema;

use super::rounded;

/// A figure from period to period or release to release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrendJson {
    generation: u64,
    /// The figure: `volume`, `share`, `rating`, `nps`, `csat` or
    /// `net-sentiment`.
    #[schema(value_type = String)]
    measure: &'static str,
    /// `day`, `week`, `month` or `release`.
    by: String,
    /// The periods in their order, without gaps, or the releases.
    points: Vec<PointJson>,
    /// Where a share changed most; null for other figures, and where there is
    /// nothing to divide.
    change_point: Option<ChangePointJson>,
}

/// A figure in one period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PointJson {
    period: String,
    /// The figure; null when there is nothing to compute it from.
    value: Option<f64>,
    /// Lower end of its 95 % interval; null for a mean of fewer than two.
    low: Option<f64>,
    /// Upper end of the interval.
    high: Option<f64>,
    /// How many have the property; absent for means.
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<u64>,
    /// How many verbatims or answers it is computed from.
    count: u64,
}

/// The place at which a share changed most.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangePointJson {
    /// The first period of the later stretch.
    period: String,
    /// The share before it.
    before: f64,
    /// The share from it on.
    after: f64,
    /// The probability of a change as great at any place if there was none
    /// (permutation test), 0..=1.
    p: f64,
}

impl From<TrendPoint> for PointJson {
    fn from(point: TrendPoint) -> Self {
        Self {
            period: point.period,
            value: point.value.map(rounded),
            low: point.low.map(rounded),
            high: point.high.map(rounded),
            hits: point.hits,
            count: point.count,
        }
    }
}

impl TrendJson {
    pub(crate) fn new(generation: u64, question: &TrendQuestion, trend: Trend) -> Self {
        Self {
            generation,
            measure: question.measure.name(),
            by: question.by.name().into_owned(),
            points: trend.points.into_iter().map(PointJson::from).collect(),
            change_point: trend.change.map(|change| ChangePointJson {
                period: change.at,
                before: rounded(change.before),
                after: rounded(change.after),
                p: change.p,
            }),
        }
    }
}
