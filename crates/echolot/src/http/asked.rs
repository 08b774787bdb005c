//! Query parameters: read strictly, so that a misspelt one is not ignored.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{RefOr, Required, Schema, Type};

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
        let known: Vec<Parameter> = [A::into_params(|| None), B::into_params(|| None)].concat();
        let query = parts.uri.query().unwrap_or_default();
        let given: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match mistake_in(&given, &known) {
            Some(mistake) => Err(Problem::bad_request(mistake)),
            None => Ok(Self(read(parts)?, read(parts)?)),
        }
    }
}

/// What is wrong with the parameters by themselves: their names, how often
/// each is given, and whether values are of the right kind.
fn mistake_in(given: &[(String, String)], known: &[Parameter]) -> Option<String> {
    for (number, (name, value)) in given.iter().enumerate() {
        let Some(parameter) = known.iter().find(|parameter| parameter.name == *name) else {
            let names: Vec<&str> = known.iter().map(|parameter| parameter.name.as_str()).collect();
            let names = names.join(", ");
            return Some(format!("`{name}` is not a parameter here; known are: {names}"));
        };
        if given[..number].iter().any(|(other, _)| other == name) {
            return Some(format!(
                "`{name}` is given twice; give it once, with commas between several values where \
                 it takes a list"
            ));
        }
        if let Some(expected) = expected(parameter, value) {
            return Some(format!("{name}: `{value}` is not {expected}"));
        }
    }
    let missing = known.iter().find(|parameter| {
        parameter.required == Required::True
            && given.iter().all(|(name, _)| *name != parameter.name)
    })?;
    Some(format!("`{}` is missing; /openapi.json says what it is", missing.name))
}

/// What a value should be, where it is no such thing.
fn expected(parameter: &Parameter, value: &str) -> Option<&'static str> {
    let Some(RefOr::T(Schema::Object(schema))) = &parameter.schema else { return None };
    let types = match &schema.schema_type {
        SchemaType::Type(single) => std::slice::from_ref(single),
        SchemaType::Array(several) => several.as_slice(),
        SchemaType::AnyValue => return None,
    };
    let is = |kind: &Type| types.contains(kind);
    if is(&Type::Boolean) {
        return value.parse::<bool>().is_err().then_some("true or false");
    }
    if is(&Type::Integer) {
        return value.parse::<u64>().is_err().then_some("a whole number from 0");
    }
    (is(&Type::Number) && value.parse::<f64>().is_err()).then_some("a number")
}

/// The parameters of one kind; whatever is wrong with them was found before,
/// save for numbers that are too large.
fn read<T: DeserializeOwned>(parts: &Parts) -> Result<T, Problem> {
    Query::try_from_uri(&parts.uri).map(|Query(value)| value).map_err(|error| {
        let text = error.body_text();
        let reason = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
        Problem::bad_request(reason.to_owned())
    })
}
