//! The routes that change themes.

use axum::extract::Path;
use echolot_core::ThemeId;
use echolot_engine::{Error, ThemeEdit};
use serde::Deserialize;
use utoipa::ToSchema;

use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use super::told::Told;
use crate::edits::parse_unit;
use crate::wire::{CertificateJson, EditJson, ThemeLedgerJson};

/// Who makes a change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    /// The name that the ledger keeps; that of the key if none is given.
    #[schema(example = "ada")]
    pub(super) author: Option<String>,
}

/// A name for a theme.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// The name; an empty one gives the theme back the program's.
    #[schema(example = "Parcel late")]
    name: String,
    /// The name that the ledger keeps; that of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

/// Where a theme goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Merged {
    /// The theme that has its opinions from then on.
    into: u32,
    /// The name that the ledger keeps; that of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

/// Where opinion units go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Moved {
    /// Ids of feedback items with the numbers of their units, from 0.
    #[schema(example = json!(["review-17#0"]))]
    units: Vec<String>,
    /// The theme; null means that they belong to none.
    to: Option<u32>,
    /// The name that the ledger keeps; that of the key if none is given.
    #[schema(example = "ada")]
    author: Option<String>,
}

pub(super) fn theme_number(id: &str) -> Result<ThemeId, Problem> {
    id.parse()
        .map(ThemeId)
        .map_err(|_| Problem::bad_request(format!("`{id}` is not a theme number")))
}

pub(super) fn edit_number(edit: &str) -> Result<u64, Problem> {
    edit.parse().map_err(|_| Problem::bad_request(format!("`{edit}` is not the number of an edit")))
}

/// What happened to all themes, and what people changed.
#[utoipa::path(
    get, path = "/v1/themes/ledger", tag = "ask", responses((status = 200, body = ThemeLedgerJson))
)]
pub(super) async fn ledger(asker: Asker) -> Answer<ThemeLedgerJson> {
    asker
        .ask(|snapshot| Ok(ThemeLedgerJson::new(snapshot.generation(), snapshot.ledger(None)?)))
        .await
}

/// How far the themes of the last discovery can be relied upon.
#[utoipa::path(
    get, path = "/v1/themes/certificate", tag = "ask",
    responses((status = 200, body = CertificateJson), (status = 404, body = Problem))
)]
pub(super) async fn certificate(asker: Asker) -> Answer<CertificateJson> {
    asker
        .ask(|snapshot| {
            let kept = snapshot.certificate()?.ok_or(Error::NoCertificate)?;
            Ok(CertificateJson::from(kept))
        })
        .await
}

/// What happened to one theme, and what people changed in it.
#[utoipa::path(
    get, path = "/v1/themes/{id}/ledger", tag = "ask",
    params(("id" = u32, Path, description = "The theme's number")),
    responses(
        (status = 200, body = ThemeLedgerJson),
        (status = 400, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub(super) async fn theme_ledger(asker: Asker, Path(id): Path<String>) -> Answer<ThemeLedgerJson> {
    let id = theme_number(&id)?;
    asker
        .ask(move |snapshot| {
            Ok(ThemeLedgerJson::new(snapshot.generation(), snapshot.ledger(Some(id))?))
        })
        .await
}

/// Gives a theme a name.
#[utoipa::path(
    post, path = "/v1/themes/{id}/rename", tag = "edit", request_body = Named,
    params(("id" = u32, Path, description = "The theme's number")),
    responses(
        (status = 200, body = EditJson), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn rename(
    asker: Asker,
    Path(id): Path<String>,
    Told(told): Told<Named>,
) -> Answer<EditJson> {
    let edit = ThemeEdit::Rename { theme: theme_number(&id)?, name: told.name };
    asker.edit(edit, told.author).await
}

/// Makes a theme part of another, to which its number leads from then on.
#[utoipa::path(
    post, path = "/v1/themes/{id}/merge", tag = "edit", request_body = Merged,
    params(("id" = u32, Path, description = "The number of the theme that ends")),
    responses(
        (status = 200, body = EditJson), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn merge(
    asker: Asker,
    Path(id): Path<String>,
    Told(told): Told<Merged>,
) -> Answer<EditJson> {
    let edit = ThemeEdit::Merge { themes: vec![theme_number(&id)?], into: ThemeId(told.into) };
    asker.edit(edit, told.author).await
}

/// Declares the route of an edit that needs nothing but a theme.
macro_rules! edit_of_one_theme {
    ($(#[doc = $doc:literal])+ $name:ident, $path:literal, $edit:expr) => {
        $(#[doc = $doc])+
        #[utoipa::path(
            post, path = $path, tag = "edit", request_body = Signed,
            params(("id" = u32, Path, description = "The theme's number")),
            responses(
                (status = 200, body = EditJson), (status = 400, body = Problem),
                (status = 404, body = Problem), (status = 409, body = Problem),
                (status = 503, body = Problem)
            )
        )]
        pub(super) async fn $name(
            asker: Asker,
            Path(id): Path<String>,
            Told(told): Told<Signed>,
        ) -> Answer<EditJson> {
            let edit: fn(ThemeId) -> ThemeEdit = $edit;
            asker.edit(edit(theme_number(&id)?), told.author).await
        }
    };
}

edit_of_one_theme!(
    /// Makes the sub-themes of a theme themes of their own.
    split, "/v1/themes/{id}/split", |theme| ThemeEdit::Split { theme }
);
edit_of_one_theme!(
    /// Keeps a theme from being discovered anew.
    pin, "/v1/themes/{id}/pin", |theme| ThemeEdit::Pin { theme, is_pinned: true }
);
edit_of_one_theme!(
    /// Lets a theme be discovered anew.
    unpin, "/v1/themes/{id}/unpin", |theme| ThemeEdit::Pin { theme, is_pinned: false }
);
edit_of_one_theme!(
    /// Takes a theme out of lists.
    hide, "/v1/themes/{id}/hide", |theme| ThemeEdit::Hide { theme, is_hidden: true }
);
edit_of_one_theme!(
    /// Puts a theme back into lists.
    unhide, "/v1/themes/{id}/unhide", |theme| ThemeEdit::Hide { theme, is_hidden: false }
);

/// Puts opinion units to a theme, or out of all.
#[utoipa::path(
    post, path = "/v1/themes/move", tag = "edit", request_body = Moved,
    responses(
        (status = 200, body = EditJson), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 503, body = Problem)
    )
)]
pub(super) async fn move_units(asker: Asker, Told(told): Told<Moved>) -> Answer<EditJson> {
    let units = told.units.iter().map(|unit| parse_unit(unit)).collect::<Result<_, _>>()?;
    asker.edit(ThemeEdit::Move { units, to: told.to.map(ThemeId) }, told.author).await
}

/// Undoes an edit.
#[utoipa::path(
    post, path = "/v1/themes/edits/{edit}/undo", tag = "edit", request_body = Signed,
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
    asker.edit(ThemeEdit::Undo { edit: edit_number(&edit)? }, told.author).await
}
