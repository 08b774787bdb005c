//! The routes that count, follow and compare.

use echolot_core::Level;
use echolot_engine::{
    CompareQuestion, CountOf, CountQuestion, EmergingQuestion, Grouping, Measure, TrendQuestion,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::limited;
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use crate::filters::FilterParams;
use crate::wire::{CompareJson, CountsJson, EmergingJson, TrendJson};

/// What to count.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct CountParams {
    /// At most two groupings, separated by a comma: `product`, `release`,
    /// `channel`, `source`, `language`, `respondent`, `rating`, `day`, `week`,
    /// `month`, `polarity`, `opinion_polarity`, `topic`, `theme`, `own_topic`,
    /// `intent`, `stage`, `touchpoint` or `attribute.NAME`.
    #[param(example = "theme,release")]
    by: String,
    /// `verbatims`, `opinions`, `respondents`, or `texts` (near-duplicates
    /// once).
    of: String,
    /// The greatest number of rows, at most 1000.
    limit: usize,
}

impl Default for CountParams {
    fn default() -> Self {
        let of = CountOf::default().name().to_owned();
        Self { by: String::new(), of, limit: 1000 }
    }
}

/// Counts feedback by up to two groupings.
#[utoipa::path(
    get, path = "/v1/counts", tag = "ask", params(CountParams, FilterParams),
    responses(
        (status = 200, body = CountsJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn counts(
    asker: Asker,
    Asked(params, filter): Asked<CountParams, FilterParams>,
) -> Answer<CountsJson> {
    let by = params.by.split(',').map(str::trim).filter(|by| !by.is_empty());
    let question = CountQuestion {
        segment: filter.segment()?,
        by: by.map(str::parse).collect::<Result<Vec<Grouping>, _>>()?,
        of: params.of.parse()?,
        limit: Some(limited(params.limit)?),
    };
    asker
        .ask(move |snapshot| {
            let state = (snapshot.generation(), snapshot.corrected(&question.segment)?);
            Ok(CountsJson::new(state, &question, snapshot.counts(&question)?))
        })
        .await
}

/// What to follow.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct TrendParams {
    /// The figure: `volume`, `share`, `rating`, `nps`, `csat`, `net-sentiment`, `ces`,
    /// `ces_v1`, `frt` (first response time), `art` (time to the resolution) or `fcr`
    /// (first-contact resolution).
    measure: String,
    /// `day`, `week`, `month` or `release`.
    by: String,
}

impl Default for TrendParams {
    fn default() -> Self {
        let measure = Measure::Share.name().to_owned();
        Self { measure, by: "month".to_owned() }
    }
}

/// A figure from period to period or release to release.
#[utoipa::path(
    get, path = "/v1/trends", tag = "ask", params(TrendParams, FilterParams),
    responses(
        (status = 200, body = TrendJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn trend(
    asker: Asker,
    Asked(params, filter): Asked<TrendParams, FilterParams>,
) -> Answer<TrendJson> {
    let question = TrendQuestion {
        segment: filter.segment()?,
        measure: params.measure.parse()?,
        by: params.by.parse()?,
    };
    asker
        .ask(move |snapshot| {
            Ok(TrendJson::new(snapshot.generation(), &question, snapshot.trend(&question)?))
        })
        .await
}

/// What to compare.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CompareParams {
    /// The one set: conditions as in `where`.
    #[param(example = "release=1.0.5")]
    a: String,
    /// The set to compare it with.
    #[param(example = "release=1.0.4")]
    b: String,
    /// What is compared: `theme`, `topic` or any other grouping of counts.
    #[serde(default = "theme")]
    by: String,
    /// The greatest number of rows, at most 1000.
    #[serde(default = "hundred")]
    limit: usize,
}

fn theme() -> String {
    Grouping::Theme.name().into_owned()
}

fn hundred() -> usize {
    100
}

/// What is said in one set of verbatims beside another.
#[utoipa::path(
    get, path = "/v1/compare", tag = "ask", params(CompareParams, FilterParams),
    responses(
        (status = 200, body = CompareJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn compare(
    asker: Asker,
    Asked(params, filter): Asked<CompareParams, FilterParams>,
) -> Answer<CompareJson> {
    let question = CompareQuestion {
        a: filter.with(&params.a).segment()?,
        b: filter.with(&params.b).segment()?,
        by: params.by.parse()?,
        limit: Some(limited(params.limit)?),
    };
    asker
        .ask(move |snapshot| {
            Ok(CompareJson::new(snapshot.generation(), &question, snapshot.compare(&question)?))
        })
        .await
}

/// When a theme emerges.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct EmergingParams {
    /// The greatest q value that counts as beyond chance.
    level: f64,
    /// The least verbatims in the period.
    minimum: u64,
    /// The greatest number of rows, at most 1000.
    limit: usize,
}

impl Default for EmergingParams {
    fn default() -> Self {
        Self { level: Level::FIVE_PERCENT.value(), minimum: 5, limit: 100 }
    }
}

/// Themes whose share rose beyond chance. The period is `release`, or `from` to
/// `to`; if neither is given, the newest release of the product, or the last
/// seven days with feedback.
#[utoipa::path(
    get, path = "/v1/emerging", tag = "ask", params(EmergingParams, FilterParams),
    responses(
        (status = 200, body = EmergingJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn emerging(
    asker: Asker,
    Asked(params, filter): Asked<EmergingParams, FilterParams>,
) -> Answer<EmergingJson> {
    let level =
        Level::new(params.level).map_err(|error| Problem::bad_request(error.to_string()))?;
    let question = EmergingQuestion {
        segment: filter.segment()?,
        level,
        minimum: params.minimum,
        limit: Some(limited(params.limit)?),
    };
    asker
        .ask(move |snapshot| {
            Ok(EmergingJson::new(snapshot.generation(), &question, snapshot.emerging(&question)?))
        })
        .await
}
