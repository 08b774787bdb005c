//! The routes of reports: to make one, to explain two, and to count a figure again.

use std::path::Path;

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use echolot_engine::{
    ReportQuestion, open_as_of, open_past, open_snapshot, recount as recount_trace,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::answers::{Nothing, limited};
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use super::told::Told;
use crate::command::report::day;
use crate::edits::now;
use crate::explain::explain as explain_reports;
use crate::reports::{self, Tongue};
use crate::wire::{ExplanationJson, RecountJson, ReportJson, read_trace};

/// What a report is about, and in which form it is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct ReportParams {
    /// Only this product.
    product: Option<String>,
    /// Only this release of the product.
    release: Option<String>,
    /// The day whose end the report is of. The first report of a day that is
    /// not over, or that was over before anything was loaded, closes it: its
    /// reports come out the same from then on.
    #[param(example = "2025-06-30")]
    as_of: Option<String>,
    /// The generation the report is of.
    generation: Option<u64>,
    /// `json`, `markdown` or `html`.
    #[param(inline)]
    format: Form,
    /// `en` or `de`; JSON has no language.
    #[param(inline)]
    lang: Tongue,
    /// The greatest number of rows of each list, at most 1000.
    limit: usize,
}

/// The form of a report.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    #[default]
    Json,
    Markdown,
    Html,
}

impl Default for ReportParams {
    fn default() -> Self {
        Self {
            product: None,
            release: None,
            as_of: None,
            generation: None,
            format: Form::Json,
            lang: Tongue::En,
            limit: 10,
        }
    }
}

/// A report: key figures, complaints and praise, releases, what emerges, and
/// drivers.
#[utoipa::path(
    get, path = "/v1/report", tag = "ask", params(ReportParams),
    responses(
        (status = 200, content(
            (ReportJson = "application/json"),
            (String = "text/markdown"),
            (String = "text/html")
        )),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn report(
    asker: Asker,
    Asked(params, Nothing {}): Asked<ReportParams, Nothing>,
) -> Result<Response, Problem> {
    if params.as_of.is_some() && params.generation.is_some() {
        let reason = "a report is either of a day or of a generation; give one of them";
        return Err(Problem::bad_request(reason.to_owned()));
    }
    let as_of = params.as_of.as_deref().map(day).transpose()?;
    let question = ReportQuestion {
        product: params.product,
        release: params.release,
        as_of,
        limit: Some(limited(params.limit)?),
    };
    let open = move |folder: &Path| match (as_of, params.generation) {
        (Some(day), _) => open_as_of(folder, day, now()),
        (None, Some(generation)) => open_past(folder, generation),
        (None, None) => open_snapshot(folder),
    };
    let made = asker
        .ask_past(open, move |snapshot| Ok((snapshot.report(&question)?, snapshot.generation())));
    let (report, generation) = made.await?;
    let page = |kind: &'static str, text: String| ([(CONTENT_TYPE, kind)], text).into_response();
    Ok(match params.format {
        Form::Json => Json(ReportJson::new(generation, report)).into_response(),
        Form::Markdown => {
            let text = reports::markdown(&report, generation, params.lang);
            page("text/markdown; charset=utf-8", text)
        }
        Form::Html => {
            page("text/html; charset=utf-8", reports::html(&report, generation, params.lang))
        }
    })
}

/// Two reports in JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TwoReports {
    /// The earlier one.
    #[schema(value_type = Object)]
    a: Value,
    /// The later one.
    #[schema(value_type = Object)]
    b: Value,
}

/// Splits what changed between two reports into data, model, taxonomy and
/// correction.
#[utoipa::path(
    post, path = "/v1/explain", tag = "ask", request_body = TwoReports,
    responses(
        (status = 200, body = ExplanationJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn explain(asker: Asker, Told(told): Told<TwoReports>) -> Answer<ExplanationJson> {
    asker
        .ask_folder(move |folder, config| {
            Ok(explain_reports(folder, (&told.a, &told.b), config)?.into())
        })
        .await
}

/// A trace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Traced {
    /// As it stands beside a figure.
    #[schema(example = "g=3&product=App&by.theme=7&is.texts=12")]
    trace: String,
}

/// Counts figures again from the stored rows, in the generation they are of.
#[utoipa::path(
    post, path = "/v1/recount", tag = "ask", request_body = Traced,
    responses(
        (status = 200, body = RecountJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn recount(asker: Asker, Told(told): Told<Traced>) -> Answer<RecountJson> {
    let trace = read_trace(&told.trace)?;
    asker.ask_folder(move |folder, config| Ok(recount_trace(folder, &trace, config)?.into())).await
}
