//! Whoever asks: what they may see, and what is noted of what they do.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Json;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use echolot_core::FeedbackId;
use echolot_engine::{
    Config, EditReport, Error, Key, SearchAids, Snapshot, ThemeEdit, edit_themes,
};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::error::Problem;
use super::outflow::{Outflow, outflow};
use super::served::{Answer, Served};
use crate::edits::now;
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
        let (key, turn) = (key.map(Arc::new), turn.map(Arc::new));
        let snapshot = seen_by(key.as_deref(), &served.snapshot());
        Self { served, snapshot, key, note: Arc::default(), turn }
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
        let snapshot = self.snapshot.clone();
        Ok(Json(self.block(move || question(&snapshot)).await?))
    }

    /// Answers a question about a generation, as long as it is the published
    /// one or the one before; else about the published one.
    pub(super) async fn ask_of<T: Send + 'static>(
        &self,
        generation: Option<u64>,
        question: impl FnOnce(&Snapshot, &SearchAids) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let asked = generation.filter(|&asked| asked != self.generation());
        let earlier = asked.and_then(|asked| self.served.earlier(asked));
        let snapshot = match earlier {
            Some(earlier) => {
                self.note(json!({ "generation": earlier.generation() }));
                seen_by(self.key(), &earlier)
            }
            None => self.snapshot.clone(),
        };
        let aids = self.served.aids();
        Ok(Json(self.block(move || question(&snapshot, &aids)).await?))
    }

    /// Answers a question about a generation that the data folder holds, of
    /// whichever time. `open` opens it, and only what may be seen is asked.
    pub(super) async fn ask_past<T: Send + 'static>(
        &self,
        open: impl FnOnce(&Path) -> Result<Snapshot, Error> + Send + 'static,
        question: impl FnOnce(&Snapshot) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let asker = self.clone();
        self.block(move || {
            let past = open(asker.served.data())?.with_config(asker.served.config());
            asker.note(json!({ "generation": past.generation() }));
            question(&seen_by(asker.key(), &past))
        })
        .await
    }

    /// Answers a search, or anything else that needs the model.
    pub(super) async fn seek<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Snapshot, &SearchAids) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let (snapshot, aids) = (self.snapshot.clone(), self.served.aids());
        self.block(move || question(&snapshot, &aids)).await
    }

    /// A body with what `write` writes, as it writes it, on a thread that may
    /// block. What fails meanwhile breaks the answer off; so does whoever takes
    /// none of it for as long as a request may take.
    pub(super) fn stream(
        &self,
        write: impl FnOnce(&Snapshot, Outflow) -> anyhow::Result<()> + Send + 'static,
    ) -> Body {
        let (out, body) = outflow(self.served.limits().time);
        let (snapshot, turn) = (self.snapshot.clone(), self.turn.clone());
        let failed = out.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = write(&snapshot, out) {
                tracing::warn!(error = format!("{error:#}"), "an export was broken off");
                failed.fail();
            }
            drop(turn);
        });
        body
    }

    /// Answers a question to the data folder itself.
    pub(super) async fn ask_folder<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Path, &Config) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let served = Arc::clone(&self.served);
        Ok(Json(self.block(move || question(served.data(), served.config())).await?))
    }

    /// Changes themes and takes up the generation that makes, so that whoever
    /// did it asks the changed state next.
    pub(super) async fn edit(self, edit: ThemeEdit, author: Option<String>) -> Answer<EditJson> {
        self.change(author, move |data, author| edit_themes(data, &edit, (author, now()))).await
    }

    /// As [`Asker::edit`], for a change of any kind by an author.
    pub(super) async fn change(
        self,
        author: Option<String>,
        mut change: impl FnMut(&Path, &str) -> Result<EditReport, Error> + Send + 'static,
    ) -> Answer<EditJson> {
        let (served, author) = (Arc::clone(&self.served), self.signature(author));
        let mut made = self.block(move || served.change(|data| change(data, &author))).await?;
        if self.is_restricted() {
            // What happens to themes is of all products.
            made.events.clear();
            made.redirects.clear();
        }
        self.note(json!({ "edit": made.edit, "kind": made.kind }));
        Ok(Json(EditJson::from(made)))
    }

    /// Changes the data folder and answers a question about the generation that makes.
    pub(super) async fn change_and_ask<T: Send + 'static>(
        &self,
        change: impl FnMut(&Path) -> Result<u64, Error> + Send + 'static,
        question: impl FnOnce(&Snapshot) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let asker = self.clone();
        self.block(move || {
            asker.served.change(change)?;
            question(&seen_by(asker.key(), &asker.served.snapshot()))
        })
        .await
    }

    /// Whether only some products may be seen.
    pub(super) fn is_restricted(&self) -> bool {
        self.key().is_some_and(|key| !key.products.is_empty())
    }

    /// Refuses a verbatim that may not be seen, as one that is not there. Who
    /// sees all may name one that the published generation does not have yet.
    pub(super) async fn must_see(&self, id: &FeedbackId) -> Result<(), Problem> {
        if !self.is_restricted() {
            return Ok(());
        }
        let (snapshot, id) = (self.snapshot.clone(), id.clone());
        self.block(move || snapshot.must_show(&id)).await
    }

    /// Refuses an edit that is not a correction of what may be seen, as one
    /// that is not there.
    pub(super) async fn must_see_correction(&self, edit: u64) -> Result<(), Problem> {
        if !self.is_restricted() {
            return Ok(());
        }
        let snapshot = self.snapshot.clone();
        self.block(move || snapshot.must_show_correction(edit)).await
    }

    /// The name that a change is kept under: the author's; else that of the key.
    pub(super) fn signature(&self, author: Option<String>) -> String {
        let of_key = || self.key().map(|key| key.name.clone());
        author.or_else(of_key).unwrap_or_else(|| "unknown".to_owned())
    }

    /// Does something on a thread that may block.
    async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.turn.clone();
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        Ok(done.await.map_err(|_| Problem::crashed())??)
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

/// What the holder of a key may see of a generation; all of it where no key is
/// needed.
fn seen_by(key: Option<&Key>, generation: &Snapshot) -> Snapshot {
    generation.within(key.map_or(&[], |key| &key.products))
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // It is there behind the gate, and there is no route around the gate.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::crashed)
    }
}
