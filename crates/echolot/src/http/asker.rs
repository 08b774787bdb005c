//! Whoever asks: what they may see, and what is noted of what they do.

use std::sync::{Arc, OnceLock};

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use echolot_engine::{Error, Key, Snapshot, ThemeEdit};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::error::Problem;
use super::served::{Answer, Served};
use crate::wire::EditJson;

/// Whoever asks. A handler gets at the published generation through this value
/// alone, so it sees only what the key may see, and one generation throughout.
#[derive(Clone)]
pub(super) struct Asker {
    served: Arc<Served>,
    snapshot: Snapshot,
    key: Option<Arc<Key>>,
    note: Arc<OnceLock<Value>>,
    /// Held until the last question of the request is answered, also when
    /// nobody waits for the answer any more.
    turn: Option<Arc<OwnedSemaphorePermit>>,
}

impl Asker {
    /// Whoever holds `key`, or anybody where no key is needed.
    pub(super) fn new(
        served: Arc<Served>,
        key: Option<Key>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let published = served.snapshot();
        let snapshot = match &key {
            Some(key) => published.within(&key.products),
            None => Snapshot::clone(&published),
        };
        Self {
            served,
            snapshot,
            key: key.map(Arc::new),
            note: Arc::default(),
            turn: turn.map(Arc::new),
        }
    }

    /// The key; none where none is needed.
    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_deref()
    }

    /// The generation that questions are about.
    pub(super) fn generation(&self) -> u64 {
        self.snapshot.generation()
    }

    /// What serves the request.
    pub(super) fn served(&self) -> &Arc<Served> {
        &self.served
    }

    /// Answers a question on a thread that may block.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Snapshot) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let (snapshot, turn) = (self.snapshot.clone(), self.turn.clone());
        let answer = tokio::task::spawn_blocking(move || {
            let answer = question(&snapshot);
            drop(turn);
            answer
        })
        .await;
        Ok(Json(answer.map_err(|_| Problem::crashed())??))
    }

    /// Makes a change and takes up the generation it makes, so that whoever
    /// made it asks the changed state next. Without an author it is signed
    /// with the name of the key.
    pub(super) async fn edit(self, edit: ThemeEdit, author: Option<String>) -> Answer<EditJson> {
        let of_key = || self.key().map(|key| key.name.clone());
        let author = author.or_else(of_key).unwrap_or_else(|| "unknown".to_owned());
        let (served, turn) = (Arc::clone(&self.served), self.turn.clone());
        let made = tokio::task::spawn_blocking(move || {
            let made = served.edit(&edit, &author);
            drop(turn);
            made
        })
        .await;
        let report = made.map_err(|_| Problem::crashed())??;
        self.note(json!({ "edit": report.edit, "kind": report.kind }));
        Ok(Json(EditJson::from(report)))
    }

    /// Notes something for the log; the first note counts.
    pub(super) fn note(&self, detail: Value) {
        self.note.get_or_init(|| detail);
    }

    /// What was noted.
    pub(super) fn noted(&self) -> Option<Value> {
        self.note.get().cloned()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // It is there behind the gate, and there is no route around the gate.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::crashed)
    }
}
