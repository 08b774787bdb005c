//! The routes of a company's own taxonomy.

use axum::Json;
use axum::extract::rejection::StringRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use echolot_engine::{TaxonomyFile, apply_taxonomy, preview_taxonomy};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use super::told::{Told, unread};
use crate::edits::now;
use crate::wire::TaxonomyJson;

/// What a body in TOML is declared as.
const TOML: &str = "application/toml";

/// A taxonomy to be put in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaxonomyBody {
    /// The taxonomy in TOML; one without topics ends all own topics.
    #[schema(example = "[[topic]]\nkey = \"late_parcel\"\nrule = '\"too late\" OR delay*'\n")]
    document: String,
    /// Whether only to say how many verbatims would have each topic.
    #[serde(default)]
    preview: bool,
    /// The name that is kept; that of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for TaxonomyBody {
    type Rejection = Problem;

    /// As JSON, or the document itself as TOML. Either must be declared, as for [`Told`].
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next());
        if kind.is_none_or(|kind| !kind.trim().eq_ignore_ascii_case(TOML)) {
            let Told(body) = Told::<Self>::from_request(request, state).await?;
            return Ok(body);
        }
        let document = String::from_request(request, state).await.map_err(|error| match error {
            StringRejection::InvalidUtf8(_) => {
                Problem::bad_request("the document is not UTF-8; save it as that".to_owned())
            }
            error => unread(error.status()),
        })?;
        Ok(Self { document, preview: false, author: None })
    }
}

/// The company's own topics, with how many verbatims have each.
#[utoipa::path(
    get, path = "/v1/taxonomy", tag = "ask", operation_id = "taxonomy", responses((status = 200, body = TaxonomyJson))
)]
pub(super) async fn show(asker: Asker) -> Answer<TaxonomyJson> {
    asker.ask(|snapshot| Ok(TaxonomyJson::new(snapshot, snapshot.taxonomy()?))).await
}

/// Puts a taxonomy in force, at once for all that is stored and all that will be.
#[utoipa::path(
    put, path = "/v1/taxonomy", tag = "edit", operation_id = "apply_taxonomy",
    request_body(content(
        (TaxonomyBody = "application/json"), (String = "application/toml")
    )),
    responses(
        (status = 200, body = TaxonomyJson), (status = 400, body = Problem),
        (status = 409, body = Problem), (status = 503, body = Problem)
    )
)]
pub(super) async fn apply(asker: Asker, body: TaxonomyBody) -> Answer<TaxonomyJson> {
    let file = TaxonomyFile::parse(&body.document, "taxonomy")?;
    let aids = asker.served().aids();
    if body.preview {
        return asker
            .ask(move |snapshot| {
                let view = preview_taxonomy(snapshot, &file, &aids)?;
                Ok(TaxonomyJson::new(snapshot, view))
            })
            .await;
    }
    let author = asker.signature(body.author);
    let made = asker
        .change_and_ask(
            move |data| apply_taxonomy(data, &file, &aids, (&author, now())),
            |snapshot| Ok(TaxonomyJson::new(snapshot, snapshot.taxonomy()?)),
        )
        .await?;
    asker.note(json!({ "kind": "taxonomy" }));
    Ok(Json(made))
}
