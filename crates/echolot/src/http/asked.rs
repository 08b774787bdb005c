//! Query parameters: read strictly, so that a misspelt one is not ignored.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::error::Problem;

/// The parameters of two kinds that a route takes, for instance filters and
/// paging. A parameter that is of neither kind is an error.
pub(super) struct Asked<A, B>(pub(super) A, pub(super) B);

impl<S, A, B> FromRequestParts<S> for Asked<A, B>
where
    S: Send + Sync,
    A: DeserializeOwned + IntoParams + Send,
    B: DeserializeOwned + IntoParams + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let known: Vec<String> = [A::into_params(|| None), B::into_params(|| None)]
            .into_iter()
            .flatten()
            .map(|parameter| parameter.name)
            .collect();
        let given = read::<Vec<(String, String)>>(parts)?;
        if let Some((name, _)) = given.iter().find(|(name, _)| !known.contains(name)) {
            return Err(Problem::bad_request(format!(
                "`{name}` is not a parameter here; known are: {}",
                known.join(", ")
            )));
        }
        Ok(Self(read(parts)?, read(parts)?))
    }
}

fn read<T: DeserializeOwned>(parts: &Parts) -> Result<T, Problem> {
    Query::try_from_uri(&parts.uri)
        .map(|Query(value)| value)
        .map_err(|error| Problem::bad_request(error.body_text()))
}
