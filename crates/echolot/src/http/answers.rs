//! The routes: a question in, an answer out.

use axum::Json;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use echolot_core::FeedbackId;
use echolot_engine::{
    ComplaintQuestion, ComplaintRank, DriverKind, DriverQuestion, Grouping, Like, Outcome,
    SearchMode, SearchQuestion, Segment, ThemeQuestion, cursor_generation,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::Asked;
use super::asker::Asker;
use super::edits::theme_number;
use super::error::Problem;
use super::served::Answer;
use crate::filters::FilterParams;
use crate::wire::{
    ComplaintsJson, DriversJson, HealthJson, KpisJson, ReadyJson, SearchJson, ThemeDetailJson,
    ThemesJson, VerbatimJson,
};

/// The most rows one answer holds.
const MOST: usize = 1000;

pub(super) fn limited(limit: usize) -> Result<usize, Problem> {
    if limit <= MOST {
        Ok(limit)
    } else {
        Err(Problem::bad_request(format!("limit: {limit} is more than {MOST}")))
    }
}

/// No parameters.
#[derive(Deserialize, IntoParams)]
pub(super) struct Nothing {}

/// Whether the server is alive.
#[utoipa::path(get, path = "/v1/health", tag = "state", responses((status = 200, body = HealthJson)))]
pub(super) async fn health() -> Json<HealthJson> {
    Json(HealthJson { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Whether there is a published generation to answer from, and which.
#[utoipa::path(get, path = "/v1/ready", tag = "state", responses((status = 200, body = ReadyJson)))]
pub(super) async fn ready(asker: Asker) -> Answer<ReadyJson> {
    match asker.generation() {
        0 => Err(Problem::nothing_published()),
        generation => Ok(Json(ReadyJson { status: "ok", generation })),
    }
}

/// What to search for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct SearchParams {
    /// What is found: `words`, `meaning`, or `hybrid` for both. Without a model, `hybrid` is
    /// words alone, and the answer says so.
    mode: String,
    /// Find verbatims like the one with this id; `q` then holds conditions only.
    like: Option<String>,
    /// Find verbatims like this text, in any language; `q` then holds conditions only.
    like_text: Option<String>,
    /// The least similarity of what is found by meaning, -1..=1; the configured one if none
    /// is given.
    min_similarity: Option<f32>,
    /// The greatest number of hits, at most 1000.
    limit: usize,
    /// How many hits to pass over.
    offset: usize,
    /// Go on after the hits of an earlier answer: its `next`. It stays good for some minutes
    /// after a newer generation was published.
    cursor: Option<String>,
}

impl Default for SearchParams {
    fn default() -> Self {
        Self {
            mode: SearchMode::Hybrid.name().to_owned(),
            like: None,
            like_text: None,
            min_similarity: None,
            limit: 20,
            offset: 0,
            cursor: None,
        }
    }
}

/// Finds verbatims by words, by meaning, or like another one.
#[utoipa::path(
    get, path = "/v1/search", tag = "ask", params(SearchParams, FilterParams),
    responses(
        (status = 200, body = SearchJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn search(
    asker: Asker,
    Asked(params, filter): Asked<SearchParams, FilterParams>,
) -> Answer<SearchJson> {
    let Segment { filter, query } = filter.segment()?;
    let question = SearchQuestion {
        query,
        mode: params.mode.parse()?,
        like: like_of(params.like, params.like_text)?,
        filter,
        min_similarity: params.min_similarity,
        limit: limited(params.limit)?,
        offset: params.offset,
        cursor: params.cursor,
    };
    let generation = question.cursor.as_deref().and_then(cursor_generation);
    asker
        .ask_of(generation, move |snapshot, aids| {
            let answer = snapshot.search(&question, aids)?;
            let SearchQuestion { filter, query, .. } = question;
            let segment = Segment { filter, query };
            let corrected = snapshot.corrected(&segment)?;
            Ok(SearchJson::new(answer, segment, corrected))
        })
        .await
}

/// What others should be like: an item by its id, or a text.
pub(super) fn like_of(id: Option<String>, text: Option<String>) -> Result<Option<Like>, Problem> {
    match (id, text) {
        (Some(_), Some(_)) => {
            let reason = "like: an item and a text cannot both be given".to_owned();
            Err(Problem::bad_request(reason))
        }
        (id, text) => Ok(id.map(|id| Like::Item(FeedbackId::new(id))).or(text.map(Like::Text))),
    }
}

/// Which themes to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct ThemesParams {
    /// The greatest number of themes, at most 1000.
    limit: usize,
    /// Whether the themes that people have hidden are listed too.
    hidden: bool,
}

impl Default for ThemesParams {
    fn default() -> Self {
        Self { limit: 100, hidden: false }
    }
}

/// How many examples a row of an answer gets.
const EXAMPLES: usize = 3;

/// Lists recurring issues and praise by volume.
#[utoipa::path(
    get, path = "/v1/themes", tag = "ask", params(ThemesParams, FilterParams),
    responses((status = 200, body = ThemesJson), (status = 400, body = Problem))
)]
pub(super) async fn themes(
    asker: Asker,
    Asked(params, filter): Asked<ThemesParams, FilterParams>,
) -> Answer<ThemesJson> {
    let (segment, polarity) = filter.of_themes()?;
    let question = ThemeQuestion {
        segment,
        polarity,
        with_hidden: params.hidden,
        limit: Some(limited(params.limit)?),
        examples: EXAMPLES,
    };
    asker
        .ask(move |snapshot| {
            let corrected = snapshot.corrected(&question.segment)?;
            let state = (snapshot.generation(), corrected);
            Ok(ThemesJson::new(state, &question, snapshot.themes(&question)?))
        })
        .await
}

/// One theme with its figures over all verbatims and its ledger. The number of a
/// theme that has ended is answered with the theme it leads to.
#[utoipa::path(
    get, path = "/v1/themes/{id}", tag = "ask", params(("id" = u32, Path, description = "The theme's number")),
    responses(
        (status = 200, body = ThemeDetailJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn theme(asker: Asker, Path(id): Path<String>) -> Answer<ThemeDetailJson> {
    let id = theme_number(&id)?;
    asker
        .ask(move |snapshot| Ok(ThemeDetailJson::new(snapshot.generation(), snapshot.theme(id)?)))
        .await
}

/// What to set beside a release, and what comes first.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct ComplaintsParams {
    /// The release to compare with; the one before if none is given.
    baseline: Option<String>,
    /// What comes first: `share`, or `impact`, which is what a complaint does to
    /// the mean answer of the release.
    rank: String,
    /// The answer that an impact is on: `rating`, `nps`, `csat`, `ces` or `ces_v1`.
    on: String,
    /// The greatest number of rows, at most 1000.
    limit: usize,
}

impl Default for ComplaintsParams {
    fn default() -> Self {
        let rank = ComplaintRank::default().name().to_owned();
        Self { baseline: None, rank, on: Outcome::Rating.name().to_owned(), limit: 100 }
    }
}

/// The complaints about one release, beside a baseline: `product` and `release`
/// name one of each, the other filters say which of its verbatims are meant.
#[utoipa::path(
    get, path = "/v1/complaints", tag = "ask", params(ComplaintsParams, FilterParams),
    responses(
        (status = 200, body = ComplaintsJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn complaints(
    asker: Asker,
    Asked(params, filter): Asked<ComplaintsParams, FilterParams>,
) -> Answer<ComplaintsJson> {
    let (product, release, segment) = filter.of_release()?;
    let question = ComplaintQuestion {
        product,
        release,
        segment,
        baseline: params.baseline,
        rank: ComplaintRank::named(&params.rank, params.on.parse()?)?,
        limit: Some(limited(params.limit)?),
        notes: vec![],
    };
    asker
        .ask(move |snapshot| {
            Ok(ComplaintsJson::new(snapshot.generation(), snapshot.complaints(&question)?))
        })
        .await
}

/// What to group key figures by.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct KpiParams {
    /// `release`, `day`, `week`, `month`, `channel`, `product`, `language`, `source`
    /// or any other grouping of counts.
    by: String,
}

impl Default for KpiParams {
    fn default() -> Self {
        Self { by: "month".to_owned() }
    }
}

/// NPS, CSAT, CES, net sentiment and response times by group.
#[utoipa::path(
    get, path = "/v1/kpi", tag = "ask", params(KpiParams, FilterParams),
    responses((status = 200, body = KpisJson), (status = 400, body = Problem))
)]
pub(super) async fn kpi(
    asker: Asker,
    Asked(params, filter): Asked<KpiParams, FilterParams>,
) -> Answer<KpisJson> {
    let by: Grouping = params.by.parse()?;
    let segment = filter.segment()?;
    asker
        .ask(move |snapshot| {
            let state = (snapshot.generation(), snapshot.corrected(&segment)?);
            let found = snapshot.kpis(&by, &segment)?;
            Ok(KpisJson::new(state, (&by, &segment), found))
        })
        .await
}

/// Which drivers to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct DriversParams {
    /// The answer: `rating`, `nps`, `csat`, `ces` or `ces_v1`.
    on: String,
    /// What drivers are: `theme`, or by polarity `topic`, `own_topic` or `stage`.
    by: String,
    /// The least answers that speak of a driver.
    minimum: u64,
    /// The greatest number of rows, at most 1000.
    limit: usize,
}

impl Default for DriversParams {
    fn default() -> Self {
        let (on, by) = (Outcome::Rating.name().to_owned(), DriverKind::Theme.name().to_owned());
        Self { on, by, minimum: 5, limit: 100 }
    }
}

/// What goes with good and bad ratings, NPS or CSAT answers.
#[utoipa::path(
    get, path = "/v1/drivers", tag = "ask", params(DriversParams, FilterParams),
    responses((status = 200, body = DriversJson), (status = 400, body = Problem))
)]
pub(super) async fn drivers(
    asker: Asker,
    Asked(params, filter): Asked<DriversParams, FilterParams>,
) -> Answer<DriversJson> {
    let question = DriverQuestion {
        on: params.on.parse()?,
        by: params.by.parse()?,
        segment: filter.segment()?,
        minimum: params.minimum,
        limit: Some(limited(params.limit)?),
    };
    asker
        .ask(move |snapshot| {
            Ok(DriversJson::new(snapshot.generation(), &question, snapshot.drivers(&question)?))
        })
        .await
}

/// Everything stored about one feedback item.
#[utoipa::path(
    get, path = "/v1/verbatims/{id}", tag = "ask",
    params(("id" = String, Path, description = "The id of the feedback item")),
    responses((status = 200, body = VerbatimJson), (status = 404, body = Problem))
)]
pub(super) async fn verbatim(asker: Asker, Path(id): Path<String>) -> Answer<VerbatimJson> {
    let id = FeedbackId::new(id);
    asker.ask(move |snapshot| VerbatimJson::read(snapshot, &id)).await
}

/// The description of this API.
pub(super) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], super::openapi_json())
}
