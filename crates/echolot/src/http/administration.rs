//! The routes for whoever answers for the keys.

use axum::Json;
use echolot_engine::{AccessQuestion, Error};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::{Nothing, limited};
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use crate::wire::{AccessLogJson, MeJson};

/// Which entries to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct AccessLogParams {
    /// Only entries with a smaller number: the last number of a page gives the
    /// next page.
    #[param(example = 1000)]
    before: Option<u64>,
    /// Only entries of the key with this id.
    #[param(example = "4f1c2ab09d3e")]
    key: Option<String>,
    /// Only entries of this action: `read`, `edit`, `ingest`, `export` or `administer`.
    #[param(example = "edit")]
    action: Option<String>,
    /// The greatest number of entries, at most 1000.
    limit: usize,
}

impl Default for AccessLogParams {
    fn default() -> Self {
        Self { before: None, key: None, action: None, limit: 100 }
    }
}

/// Who read verbatims, edited, delivered or exported, newest first.
#[utoipa::path(
    get, path = "/v1/access-log", tag = "administer", params(AccessLogParams),
    responses((status = 200, body = AccessLogJson), (status = 400, body = Problem))
)]
pub(super) async fn access_log(
    asker: Asker,
    Asked(params, Nothing {}): Asked<AccessLogParams, Nothing>,
) -> Answer<AccessLogJson> {
    let AccessLogParams { before, key, action, limit } = params;
    let question = AccessQuestion { before, key, action, limit: limited(limit)? };
    let served = asker.served().clone();
    let read = tokio::task::spawn_blocking(move || served.access().entries(&question)).await;
    let entries = read.map_err(|_| Problem::crashed())?.map_err(Error::from)?;
    Ok(Json(AccessLogJson::from(entries)))
}

/// Who asks: the key with its role and products, and whether one is needed at all.
#[utoipa::path(
    get, path = "/v1/me", tag = "administer",
    responses((status = 200, body = MeJson), (status = 400, body = Problem))
)]
pub(super) async fn me(
    asker: Asker,
    Asked(Nothing {}, Nothing {}): Asked<Nothing, Nothing>,
) -> Answer<MeJson> {
    let is_key_needed = asker.served().needs_key().await?;
    Ok(Json(MeJson::new(asker.key(), is_key_needed)))
}
