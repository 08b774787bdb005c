//! The routes of what people say against the model.

use axum::extract::Path;
use echolot_core::FeedbackId;
use echolot_engine::{CorrectionRequest, Error, ThemeEdit, correct};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::answers::Nothing;
use super::asked::Asked;
use super::asker::Asker;
use super::edits::{Signed, edit_number};
use super::error::Problem;
use super::served::Answer;
use super::told::Told;
use crate::edits::{judgements, now};
use crate::wire::{CorrectionsJson, EditJson};

/// What a person says of one feedback item, or of an opinion unit of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Corrected {
    /// The feedback item.
    id: String,
    /// The number of the opinion unit; absent for the verbatim as a whole.
    unit: Option<u32>,
    /// `negative`, `neutral` or `positive`.
    polarity: Option<String>,
    /// All topics of it; an empty list means that it holds no opinion.
    topics: Option<Vec<String>>,
    /// All intents of it; of a verbatim only.
    intents: Option<Vec<String>>,
    /// Whether it is spam, or no feedback at all; of a verbatim only.
    #[serde(default)]
    spam: bool,
    /// The theme that the unit belongs to, by number; said alone.
    theme: Option<u32>,
    /// Why.
    note: Option<String>,
    /// The name that the ledger keeps; that of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

/// Which corrections to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct CorrectionsParams {
    /// Only those that a person should look at again.
    conflicts: bool,
}

/// Says something of a feedback item instead of the model. A theme is of all
/// products, so a key that is restricted to some cannot say it.
#[utoipa::path(
    post, path = "/v1/corrections", tag = "edit", request_body = Corrected,
    responses(
        (status = 200, body = EditJson), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn say(asker: Asker, Told(told): Told<Corrected>) -> Answer<EditJson> {
    let joined = |codes: &Option<Vec<String>>| codes.as_ref().map(|codes| codes.join(","));
    let (topics, intents) = (joined(&told.topics), joined(&told.intents));
    let said = (told.polarity.as_deref(), topics.as_deref(), intents.as_deref());
    let judgements = judgements(said, told.spam)?;
    let id = FeedbackId::new(told.id);
    asker.must_see(&id).await?;
    if let Some(theme) = told.theme {
        if asker.is_restricted() {
            return Err(Problem::beyond_products());
        }
        let bad = |reason: &str| Error::BadValue { key: "theme", reason: reason.to_owned() };
        if !judgements.is_empty() {
            return Err(bad("a theme is said alone").into());
        }
        let unit =
            told.unit.ok_or_else(|| bad("a theme is of an opinion unit; name its number"))?;
        let to = Some(echolot_core::ThemeId(theme));
        return asker.edit(ThemeEdit::Move { units: vec![(id, unit)], to }, told.author).await;
    }
    let request = CorrectionRequest { targets: vec![(id, told.unit)], judgements, note: told.note };
    asker.change(told.author, move |data, author| correct(data, &request, (author, now()))).await
}

/// What people say against the model, and how it stands to what the model says.
#[utoipa::path(
    get, path = "/v1/corrections", tag = "ask", params(CorrectionsParams),
    responses((status = 200, body = CorrectionsJson), (status = 400, body = Problem))
)]
pub(super) async fn list(
    asker: Asker,
    Asked(params, Nothing {}): Asked<CorrectionsParams, Nothing>,
) -> Answer<CorrectionsJson> {
    asker
        .ask(move |snapshot| {
            let standing = snapshot.corrections(None)?;
            Ok(CorrectionsJson::new(snapshot.generation(), standing, params.conflicts))
        })
        .await
}

/// Undoes a correction.
#[utoipa::path(
    post, path = "/v1/corrections/{edit}/undo", operation_id = "undo_correction", tag = "edit", request_body = Signed,
    params(("edit" = u64, Path, description = "The number of the edit")),
    responses(
        (status = 200, body = EditJson), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn undo(
    asker: Asker,
    Path(edit): Path<String>,
    Told(told): Told<Signed>,
) -> Answer<EditJson> {
    let edit = edit_number(&edit)?;
    asker.must_see_correction(edit).await?;
    asker.edit(ThemeEdit::Undo { edit }, told.author).await
}
