//! The route by which verbatims are taken away for other programs.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use echolot_engine::{SearchMode, SearchQuestion, Segment};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::answers::like_of;
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use crate::args::{ExportFormat, ExportWhat};
use crate::export::Extract;
use crate::filters::FilterParams;

/// What to export, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct ExportParams {
    /// One row for each: `feedback`, `opinions` or `themes`. Themes are counted in what the
    /// filters let through and take no search.
    #[param(inline)]
    what: Rows,
    /// `csv`, `spreadsheet` (CSV that spreadsheet programs read as UTF-8 and in which no text
    /// is taken for a formula), `jsonl` or `parquet`.
    #[param(inline)]
    format: ExportFormat,
    /// What is found: `words`, `meaning`, or `hybrid` for both.
    mode: String,
    /// Verbatims like the one with this id.
    like: Option<String>,
    /// Verbatims like this text.
    like_text: Option<String>,
    /// The least similarity of what is found by meaning, -1..=1.
    min_similarity: Option<f32>,
}

/// What a row of an export is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rows {
    /// A feedback item with its analysis.
    #[default]
    Feedback,
    /// An opinion.
    Opinions,
    /// A theme.
    Themes,
}

impl Default for ExportParams {
    fn default() -> Self {
        Self {
            what: Rows::default(),
            format: ExportFormat::default(),
            mode: SearchMode::Hybrid.name().to_owned(),
            like: None,
            like_text: None,
            min_similarity: None,
        }
    }
}

/// All that a search finds, in the order of its hits, with the columns of
/// `echolot export`. It is sent as it is read, however much it is.
#[utoipa::path(
    get, path = "/v1/export", tag = "ask", params(ExportParams, FilterParams),
    responses(
        (status = 200, content(
            (String = "text/csv", example = "id,text,language\nr-1,Alles gut.,de\n"),
            (String = "application/x-ndjson", example = "{\"id\":\"r-1\"}\n"),
            (String = "application/vnd.apache.parquet")
        )),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn export(
    asker: Asker,
    Asked(params, filter): Asked<ExportParams, FilterParams>,
) -> Result<Response, Problem> {
    let ExportParams { what, format, .. } = params;
    let Segment { filter, query } = filter.segment()?;
    let question = SearchQuestion {
        query,
        mode: params.mode.parse()?,
        like: like_of(params.like, params.like_text)?,
        filter,
        min_similarity: params.min_similarity,
        limit: usize::MAX,
        offset: 0,
        cursor: None,
    };
    let what = match what {
        Rows::Feedback => ExportWhat::Feedback,
        Rows::Opinions => ExportWhat::Opinions,
        Rows::Themes => ExportWhat::Themes,
    };
    let is_search = !question.query.trim().is_empty() || question.like.is_some();
    if what == ExportWhat::Themes && is_search {
        let reason =
            "themes are of what filters let through; leave `q`, `like` and `like_text` out";
        return Err(Problem::bad_request(reason.to_owned()));
    }
    let filter = question.filter.clone();
    let rows = asker.seek(move |snapshot, aids| snapshot.found(&question, aids)).await?;
    asker.note(json!({ "generation": asker.generation(), "verbatims": rows.len() }));
    let (kind, ending) = match format {
        ExportFormat::Csv | ExportFormat::Spreadsheet => ("text/csv; charset=utf-8", "csv"),
        ExportFormat::Jsonl => ("application/x-ndjson", "jsonl"),
        ExportFormat::Parquet => ("application/vnd.apache.parquet", "parquet"),
    };
    let name = format!("attachment; filename=\"echolot-{}.{ending}\"", asker.generation());
    let body = asker.stream(move |snapshot, out| {
        Extract { snapshot, what, rows: Some(&rows), filter }.write(format, out)
    });
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], body).into_response())
}
