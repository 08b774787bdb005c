//! Bodies of requests: read strictly, and what is wrong with them said in plain words.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::error::Problem;

/// A JSON body, read strictly. It must be declared as JSON: a page of another
/// site then cannot send one without the browser asking first.
pub(super) struct Told<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Told<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Json::<T>::from_request(request, state).await;
        read.map(|Json(body)| Self(body)).map_err(|error| match error {
            JsonRejection::MissingJsonContentType(_) => Problem::of_body(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the body as JSON, with `Content-Type: application/json`".to_owned(),
            ),
            JsonRejection::JsonSyntaxError(error) => {
                let reason = reason_of(&error.body_text());
                Problem::bad_request(format!("the body is not JSON: {reason}"))
            }
            JsonRejection::JsonDataError(error) => {
                let reason = reason_of(&error.body_text());
                Problem::bad_request(format!("the body: {reason}; see /openapi.json"))
            }
            JsonRejection::BytesRejection(error) => unread(error.status()),
            error => Problem::of_body(error.status(), error.body_text()),
        })
    }
}

/// A body that could not be taken in.
pub(super) fn unread(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "the body is larger than `serve.max_body_mib` allows; send it in parts";
        return Problem::of_body(status, detail.to_owned());
    }
    Problem::of_body(status, "the body broke off; send it again".to_owned())
}

/// The reason alone, in words of people who do not know by what it was read.
fn reason_of(text: &str) -> String {
    let text = [
        "Failed to deserialize the JSON body into the target type: ",
        "Failed to parse the request body as JSON: ",
    ]
    .iter()
    .find_map(|prefix| text.strip_prefix(prefix))
    .unwrap_or(text);
    let name = || text.split('`').nth(1).unwrap_or_default();
    let place = text.rfind(" at line ").map_or("", |at| &text[at..]);
    if text.contains("missing field `") {
        format!("`{}` is missing", name())
    } else if text.contains("duplicate field `") {
        format!("`{}` is given twice{place}", name())
    } else if let Some((_, known)) =
        text.split_once("`, expected ").filter(|_| text.contains("unknown field `"))
    {
        let known = known.strip_suffix(place).unwrap_or(known).trim_start_matches("one of ");
        format!("`{}` is not known here; known are {known}{place}", name())
    } else if text.contains("invalid length") && text.contains("expected struct") {
        "it must be an object, `{…}`".to_owned()
    } else {
        text.replace("invalid type: ", "").replace("EOF while", "it ends while")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_body_is_said_in_plain_words() {
        let data = "Failed to deserialize the JSON body into the target type: ";
        for (text, plain) in [
            (format!("{data}missing field `id` at line 1 column 2"), "`id` is missing"),
            (
                format!("{data}duplicate field `id` at line 1 column 14"),
                "`id` is given twice at line 1 column 14",
            ),
            (
                format!("{data}unknown field `autor`, expected `author` at line 1 column 8"),
                "`autor` is not known here; known are `author` at line 1 column 8",
            ),
            (
                format!("{data}autor: unknown field `a`, expected one of `b`, `c` at line 1 column 8"),
                "`a` is not known here; known are `b`, `c` at line 1 column 8",
            ),
            (
                format!("{data}author: invalid type: integer `1`, expected a string at line 1 column 11"),
                "author: integer `1`, expected a string at line 1 column 11",
            ),
            (
                format!("{data}invalid length 0, expected struct Corrected with 9 elements at line 1 column 2"),
                "it must be an object, `{…}`",
            ),
            (
                "Failed to parse the request body as JSON: EOF while parsing an object at line 1 column 1".to_owned(),
                "it ends while parsing an object at line 1 column 1",
            ),
            ("something else".to_owned(), "something else"),
        ] {
            assert_eq!(reason_of(&text), plain);
        }
    }
}
