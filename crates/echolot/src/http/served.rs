//! The published generation that is being served.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Json;
use echolot_core::Journey;
use echolot_engine::{
    Error, Snapshot, ThemeEdit, edit_themes, open_snapshot, published_generation,
};

use super::error::Problem;
use crate::edits::now;
use crate::wire::EditJson;

/// Holds the snapshot that requests are answered from. A request keeps the one
/// it began with; a run that publishes takes effect for the requests after it.
pub(super) struct Served {
    data: PathBuf,
    journey: Journey,
    snapshot: ArcSwap<Snapshot>,
}

/// What a route answers: JSON, or what is wrong.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// How often the data folder is asked for a new generation.
const POLL: Duration = Duration::from_secs(1);

impl Served {
    pub(super) fn open(data: &Path, journey: Journey) -> Result<Self, Error> {
        let snapshot = ArcSwap::from_pointee(open_warm(data, &journey)?);
        Ok(Self { data: data.to_owned(), journey, snapshot })
    }

    /// Answers a question on a thread that may block.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Snapshot) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let snapshot = self.snapshot.load_full();
        let answer = tokio::task::spawn_blocking(move || question(&snapshot)).await;
        Ok(Json(answer.map_err(|_| Problem::crashed())??))
    }

    /// Answers a question to the data folder itself, of whichever generation,
    /// on a thread that may block.
    pub(super) async fn in_folder<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Path, &Journey) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let (folder, journey) = (self.data.clone(), self.journey.clone());
        let answer = tokio::task::spawn_blocking(move || question(&folder, &journey)).await;
        Ok(answer.map_err(|_| Problem::crashed())??)
    }

    /// Makes a change and takes up the generation it makes, so that whoever
    /// made it asks the changed state next.
    pub(super) async fn edit(self: Arc<Self>, edit: ThemeEdit, author: String) -> Answer<EditJson> {
        let made = tokio::task::spawn_blocking(move || {
            let report = edit_themes(&self.data, &edit, (&author, now()))?;
            self.refresh()?;
            Ok::<_, Error>(EditJson::from(report))
        });
        Ok(Json(made.await.map_err(|_| Problem::crashed())??))
    }

    /// Takes up a newer generation if there is one.
    fn refresh(&self) -> Result<(), Error> {
        if published_generation(&self.data)? != self.snapshot.load().generation() {
            self.snapshot.store(Arc::new(open_warm(&self.data, &self.journey)?));
        }
        Ok(())
    }
}

/// A snapshot whose columns are loaded, so that no request waits for them.
fn open_warm(data: &Path, journey: &Journey) -> Result<Snapshot, Error> {
    let snapshot = open_snapshot(data)?.with_journey(journey.clone());
    snapshot.num_verbatims()?;
    Ok(snapshot)
}

/// Follows the data folder for as long as the server lives. A failure is
/// logged, and the generation at hand is served on.
pub(super) async fn follow(served: Arc<Served>) {
    loop {
        tokio::time::sleep(POLL).await;
        let served = Arc::clone(&served);
        let refreshed = tokio::task::spawn_blocking(move || served.refresh()).await;
        if let Ok(Err(error)) = refreshed {
            tracing::warn!(%error, "cannot take up a new generation");
        }
    }
}
