//! The published generation that is being served.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Json;
use echolot_engine::{
    Config, EditReport, Error, SearchAids, Snapshot, ThemeEdit, edit_themes, open_snapshot,
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
    /// The generation before, and when it was replaced: whoever reads page
    /// after page of it may go on for a while.
    before: Mutex<Option<(Instant, Arc<Snapshot>)>>,
    /// Held while a newer generation is taken up, so that it is done once.
    refreshing: Mutex<()>,
    aids: Arc<SearchAids>,
}

/// What a route answers: JSON, or what is wrong.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// How often the data folder is asked for a new generation.
const POLL: Duration = Duration::from_secs(1);

/// How long the generation before is kept.
const KEPT: Duration = Duration::from_mins(10);

impl Served {
    pub(super) fn open(data: &Path, config: Config, aids: SearchAids) -> Result<Self, Error> {
        Ok(Self {
            data: data.to_owned(),
            snapshot: ArcSwap::from_pointee(open_warm(data, &config, &aids)?),
            before: Mutex::default(),
            refreshing: Mutex::default(),
            config,
            aids: Arc::new(aids),
        })
    }

    /// How long a request may take.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.config.timeout_s)
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

    /// Answers a question to the data folder itself, of whichever generation,
    /// on a thread that may block.
    pub(super) async fn in_folder<T: Send + 'static>(
        self: Arc<Self>,
        question: impl FnOnce(&Path, &Config) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let answer = tokio::task::spawn_blocking(move || question(&self.data, &self.config)).await;
        Ok(answer.map_err(|_| Problem::crashed())??)
    }

    /// Answers a question about a generation, as long as it is the published
    /// one or the one before; else about the published one.
    pub(super) async fn ask_of<T: Send + 'static>(
        &self,
        generation: Option<u64>,
        question: impl FnOnce(&Snapshot, &SearchAids) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let published = self.snapshot.load_full();
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let asked = before.map(|(_, snapshot)| snapshot).filter(|snapshot| {
            generation == Some(snapshot.generation()) && generation != Some(published.generation())
        });
        let (snapshot, aids) = (asked.unwrap_or(published), Arc::clone(&self.aids));
        let answer = tokio::task::spawn_blocking(move || question(&snapshot, &aids)).await;
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

    /// Takes up a newer generation if there is one, and lets go of the one
    /// before when nobody can still be reading it.
    fn refresh(&self) -> Result<(), Error> {
        let _refreshing = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        if published_generation(&self.data)? != self.snapshot.load().generation() {
            let newer = Arc::new(open_warm(&self.data, &self.config, &self.aids)?);
            let before = self.snapshot.swap(newer);
            *self.before.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((Instant::now(), before));
        }
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        if before.as_ref().is_some_and(|(since, _)| since.elapsed() > KEPT) {
            *before = None;
        }
        Ok(())
    }
}

/// A snapshot that has loaded what it reads, so that no request waits for it.
fn open_warm(data: &Path, config: &Config, aids: &SearchAids) -> Result<Snapshot, Error> {
    let snapshot = open_snapshot(data)?.with_config(config);
    snapshot.prepare_search(aids.has_model())?;
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
