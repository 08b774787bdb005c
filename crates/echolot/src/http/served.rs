//! The published generation that is being served.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Json;
use echolot_core::Journey;
use echolot_engine::{
    Config, EditReport, Error, Snapshot, ThemeEdit, edit_themes, open_snapshot,
    published_generation,
};

use super::error::Problem;
use crate::edits::now;
use crate::wire::EditJson;

/// Holds the snapshot that requests are answered from. A request keeps the one
/// it began with; a run that publishes takes effect for the requests after it.
pub(super) struct Served {
    data: PathBuf,
    config: Config,
    snapshot: ArcSwap<Snapshot>,
}

/// What a route answers: JSON, or what is wrong.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// How often the data folder is asked for a new generation.
const POLL: Duration = Duration::from_secs(1);

impl Served {
    pub(super) fn open(data: &Path, config: Config) -> Result<Self, Error> {
        let snapshot = ArcSwap::from_pointee(open_warm(data, &config.journey)?);
        Ok(Self { data: data.to_owned(), config, snapshot })
    }

    /// The data folder.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The configuration.
    pub(super) fn config(&self) -> &Config {
        &self.config
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

    /// Makes a change and takes up the generation it makes, so that whoever
    /// made it asks the changed state next.
    pub(super) async fn edit(self: Arc<Self>, edit: ThemeEdit, author: String) -> Answer<EditJson> {
        self.change(move |data| edit_themes(data, &edit, (&author, now()))).await
    }

    /// As [`Served::edit`], for a change of any kind.
    pub(super) async fn change(
        self: Arc<Self>,
        change: impl FnOnce(&Path) -> Result<EditReport, Error> + Send + 'static,
    ) -> Answer<EditJson> {
        let made = tokio::task::spawn_blocking(move || {
            let report = change(&self.data)?;
            self.refresh()?;
            Ok::<_, Error>(EditJson::from(report))
        });
        Ok(Json(made.await.map_err(|_| Problem::crashed())??))
    }

    /// Takes up a newer generation if there is one.
    fn refresh(&self) -> Result<(), Error> {
        if published_generation(&self.data)? != self.snapshot.load().generation() {
            self.snapshot.store(Arc::new(open_warm(&self.data, &self.config.journey)?));
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
