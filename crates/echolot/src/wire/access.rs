//! Keys of the API, and the log of their use.

use echolot_engine::{AccessEntry, AccessRole, Key};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A key of the API, without the key itself.
#[derive(Debug, Serialize)]
pub(crate) struct KeyJson {
    id: String,
    name: String,
    role: &'static str,
    /// The products beyond which its holder sees nothing; empty means all.
    products: Vec<String>,
    created_at: String,
    revoked_at: Option<String>,
}

impl From<Key> for KeyJson {
    fn from(key: Key) -> Self {
        Self {
            id: key.id,
            name: key.name,
            role: key.role.code(),
            products: key.products,
            created_at: key.created_at.to_string(),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// A new key: the only time the key itself is shown.
#[derive(Debug, Serialize)]
pub(crate) struct NewKeyJson {
    #[serde(flatten)]
    pub(crate) kept: KeyJson,
    pub(crate) key: String,
}

/// Who asks the API.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeJson {
    /// Whether whoever asks needs a key.
    is_key_needed: bool,
    /// The id of the key; null where none was shown.
    #[schema(example = "4f1c2ab09d3e")]
    key: Option<String>,
    /// The name of the key.
    #[schema(example = "dashboard")]
    key_name: Option<String>,
    /// `reader`, `editor`, `admin` or `ingest`; `admin` where no key is needed.
    #[schema(value_type = String, example = "editor")]
    role: &'static str,
    /// The products beyond which nothing is seen; empty means all.
    products: Vec<String>,
}

impl MeJson {
    /// Whoever holds `key`, or anybody where none is needed, who may do everything.
    pub(crate) fn new(key: Option<&Key>, is_key_needed: bool) -> Self {
        Self {
            is_key_needed,
            key: key.map(|key| key.id.clone()),
            key_name: key.map(|key| key.name.clone()),
            role: key.map_or(AccessRole::Admin, |key| key.role).code(),
            products: key.map_or_else(Vec::new, |key| key.products.clone()),
        }
    }
}

/// Entries of the log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessLogJson {
    entries: Vec<AccessEntryJson>,
}

/// One look at verbatims, edit, delivery or export.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessEntryJson {
    /// The number, from 1 in the order of time.
    entry: u64,
    /// When it was answered.
    at: String,
    /// The id of the key; null where no key was needed.
    key: Option<String>,
    /// The name of the key.
    key_name: Option<String>,
    /// `read`, `edit`, `ingest`, `export` or `administer`.
    action: String,
    /// Method and address pattern.
    #[schema(example = "GET /v1/verbatims/{id}")]
    route: String,
    /// The address as it was asked for, with its filters.
    #[schema(example = "/v1/verbatims/review-17")]
    target: String,
    /// What else is known, for instance the number of the edit.
    detail: Option<Value>,
    /// The generation the answer is about; null where it is about none.
    generation: Option<u64>,
    /// The HTTP status of the answer.
    status: u16,
    /// The id of the request.
    request_id: String,
}

impl From<Vec<AccessEntry>> for AccessLogJson {
    fn from(entries: Vec<AccessEntry>) -> Self {
        Self { entries: entries.into_iter().map(AccessEntryJson::from).collect() }
    }
}

impl From<AccessEntry> for AccessEntryJson {
    fn from(entry: AccessEntry) -> Self {
        let (key, key_name) = entry.key.unzip();
        Self {
            entry: entry.entry,
            at: entry.at.to_string(),
            key,
            key_name,
            action: entry.action,
            route: entry.route,
            target: entry.target,
            detail: entry.detail,
            generation: entry.generation,
            status: entry.status,
            request_id: entry.request_id,
        }
    }
}
