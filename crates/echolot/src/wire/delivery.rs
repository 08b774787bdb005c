//! Feedback as it is delivered, and what is answered to it.

use std::collections::BTreeMap;

use echolot_engine::{DeliveredRow, Received};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What became of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedJson {
    /// Rows that the next run takes.
    #[schema(example = 1)]
    pub(crate) accepted: u64,
    /// Rows that are refused; whoever sent them keeps them.
    #[schema(example = 0)]
    pub(crate) rejected: u64,
    /// Every row, in the order of the body.
    rows: Vec<ReceivedRowJson>,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedRowJson {
    /// Its number in the body, from 1; blank lines do not count.
    #[schema(example = 1)]
    row: u64,
    /// `accepted` or `rejected`.
    #[schema(example = "accepted")]
    status: &'static str,
    /// The id it is stored under; only where it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "a-1", nullable = false)]
    id: Option<String>,
    /// Why it is refused; only where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
}

impl From<Received> for ReceivedJson {
    fn from(received: Received) -> Self {
        let accepted = received.rows.iter().filter(|row| row.outcome.is_ok()).count() as u64;
        Self {
            accepted,
            rejected: received.rows.len() as u64 - accepted,
            rows: received.rows.into_iter().map(ReceivedRowJson::from).collect(),
        }
    }
}

impl From<DeliveredRow> for ReceivedRowJson {
    fn from(row: DeliveredRow) -> Self {
        let (status, id, reason) = match row.outcome {
            Ok(id) => ("accepted", Some(id.to_string()), None),
            Err(reason) => ("rejected", None, Some(reason)),
        };
        Self { row: row.row, status, id, reason }
    }
}

/// One item, or a list of them. The rules by which other names of fields are
/// known, and values are read, are those of files.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read by the readers of files")]
pub(crate) enum DeliveryBody {
    /// A list of items.
    List(Vec<ItemJson>),
    /// One item.
    One(Box<ItemJson>),
}

/// One feedback item. Other keys are kept as attributes.
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemJson {
    /// The id of the source; derived from the content if there is none.
    #[schema(example = "a-1")]
    id: Option<String>,
    /// The verbatim; needed unless there are turns.
    #[schema(example = "Great support, quick answer.")]
    text: Option<String>,
    /// A conversation: objects with `role`, `text` and `at`.
    turns: Option<Vec<Value>>,
    /// The system it comes from.
    source: Option<String>,
    /// `review`, `survey`, `chat` and so on.
    channel: Option<String>,
    /// When it was written, in ISO 8601.
    #[schema(example = "2025-06-01T12:30:00Z")]
    created_at: Option<String>,
    /// What it is about.
    #[schema(example = "Vitaloop")]
    product: Option<String>,
    /// Which version of it.
    #[schema(example = "2.9.0")]
    release: Option<String>,
    /// Stars or grade, 0 to 10.
    #[schema(example = 5)]
    rating: Option<f64>,
    /// The answer to the recommendation question, 0 to 10.
    #[schema(example = 10)]
    nps: Option<u8>,
    /// The answer to the satisfaction question.
    csat: Option<u8>,
    /// The answer to the effort question.
    ces: Option<u8>,
    /// A pseudonymous id of who wrote it.
    respondent: Option<String>,
    /// The language that the source states.
    #[schema(example = "en")]
    language: Option<String>,
    /// Where the original can be seen.
    url: Option<String>,
    /// Anything else by name.
    attributes: Option<BTreeMap<String, String>>,
}
