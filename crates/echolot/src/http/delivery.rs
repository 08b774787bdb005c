//! The route by which feedback comes in.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use echolot_engine::{BodyForm, Sender};
use serde_json::json;

use super::asker::Asker;
use super::error::Problem;
use super::told::unread;
use crate::edits::now;
use crate::wire::{DeliveryBody, ReceivedJson};

/// By what the sender will know a delivery again.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer is that of an earlier delivery.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Takes feedback in: one item, a list of items, or JSON lines. Every row is
/// checked as a row of a file is, and answered by itself. What is accepted is on
/// disk when the answer comes, and the next run takes it.
///
/// A delivery that is sent again under the same `Idempotency-Key` within a week
/// has the same answer and adds nothing; so does an item with the id of one that
/// is known and has not changed.
#[utoipa::path(
    post, path = "/v1/feedback", tag = "deliver",
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "What names the delivery, at most 255 visible ASCII characters",
        example = "night-2025-06-01-17"
    )),
    request_body(content(
        (DeliveryBody = "application/json", example = json!([
            { "id": "a-1", "text": "Great support, quick answer.", "product": "Vitaloop", "nps": 10 }
        ])),
        (String = "application/x-ndjson", example = "{\"id\":\"a-1\",\"text\":\"gut\"}\n")
    )),
    responses(
        (status = 200, body = ReceivedJson, headers((
            "Idempotency-Replayed" = Option<String>,
            description = "`true` where the answer is that of an earlier delivery"
        ))),
        (status = 422, description = "The key was used for another body")
    )
)]
pub(super) async fn feedback(
    asker: Asker,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|error| unread(error.status()))?;
    let form = form_of(&headers)?;
    let key = asker.key();
    let sender = Sender {
        key: key.map(|key| key.id.clone()).unwrap_or_default(),
        idempotency_key: idempotency_key(&headers)?,
        products: key.map(|key| key.products.clone()).unwrap_or_default(),
    };
    let served = asker.served().clone();
    let received = tokio::task::spawn_blocking(move || {
        served.reception().receive((body.to_vec(), form), sender, now())
    });
    let received = received.await.map_err(|_| Problem::crashed())??;
    let is_repeated = received.is_repeated;
    let answer = ReceivedJson::from(received);
    asker.note(json!({
        "accepted": answer.accepted,
        "rejected": answer.rejected,
        "is_repeated": is_repeated,
    }));
    let mut response = Json(answer).into_response();
    if is_repeated {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The form of the body, by what it is declared to be.
fn form_of(headers: &HeaderMap) -> Result<BodyForm, Problem> {
    let declared = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = declared.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/json" => Ok(BodyForm::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
            Ok(BodyForm::JsonLines)
        }
        _ => Err(Problem::of_body(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("`{kind}` is not taken; send application/json or application/x-ndjson"),
        )),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = key.to_str().unwrap_or_default();
    let is_usable = (1..=MAX_KEY_BYTES).contains(&text.len());
    if is_usable && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::bad_request(format!(
        "Idempotency-Key: it must be 1 to {MAX_KEY_BYTES} visible ASCII characters"
    )))
}
