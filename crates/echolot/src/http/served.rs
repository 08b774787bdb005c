//! The published generation that is being served.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Json;
use echolot_core::{Fingerprint, Journey};
use echolot_engine::{
    AccessStore, Config, EditReport, Error, Key, Reception, Snapshot, ThemeEdit, edit_themes,
    open_access, open_snapshot, published_generation,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::Problem;
use super::metrics::Metrics;
use crate::edits::now;

/// Holds the snapshot that requests are answered from. A request keeps the one
/// it began with; a run that publishes takes effect for the requests after it.
pub(super) struct Served {
    data: PathBuf,
    journey: Journey,
    snapshot: ArcSwap<Snapshot>,
    access: AccessStore,
    reception: Reception,
    reach: Reach,
    limits: Limits,
    turns: Arc<Semaphore>,
    metrics: Metrics,
    edition: Fingerprint,
}

/// How much is taken on at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long a request may take.
    pub(super) time: Duration,
    /// How large a body may be.
    pub(super) body_bytes: usize,
}

/// From where the server can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// From this machine alone.
    ThisMachine,
    /// From other machines too.
    OtherMachines,
}

impl Reach {
    /// From where an address can be reached.
    pub(super) fn of(address: SocketAddr) -> Self {
        match address.ip().to_canonical().is_loopback() {
            true => Self::ThisMachine,
            false => Self::OtherMachines,
        }
    }
}

/// What a route answers: JSON, or what is wrong.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// How often the data folder is asked for a new generation.
const POLL: Duration = Duration::from_secs(1);

impl Served {
    pub(super) fn open(data: &Path, config: &Config, reach: Reach) -> Result<Self, Error> {
        let journey = config.journey.clone();
        let snapshot = ArcSwap::from_pointee(open_warm(data, &journey)?);
        let access = open_access(data)?;
        let reception = Reception::open(data, config)?;
        let time = Duration::from_secs(config.timeout_s);
        let limits = Limits { time, body_bytes: config.max_body_bytes };
        // All of the configuration, as any of it may come to matter to answers.
        let configured = format!("{} {config:?}", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            data: data.to_owned(),
            journey,
            snapshot,
            access,
            reception,
            reach,
            limits,
            turns: Arc::new(Semaphore::new(config.max_requests)),
            metrics: Metrics::new(),
            edition: Fingerprint::of_text(&configured),
        })
    }

    /// The generation for requests that begin now.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// How much is taken on at once.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The right to be answered now; none when too much is being answered.
    pub(super) fn take_turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    /// What is counted for Prometheus.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What answers follow from beside the generation: the program and how it
    /// is configured.
    pub(super) fn edition(&self) -> Fingerprint {
        self.edition
    }

    /// The keys, and the log of their use.
    pub(super) fn access(&self) -> &AccessStore {
        &self.access
    }

    /// Where feedback is delivered.
    pub(super) fn reception(&self) -> &Reception {
        &self.reception
    }

    /// Whether whoever asks needs a key: always, unless only this machine can
    /// reach the server and nobody ever made one.
    pub(super) async fn needs_key(self: &Arc<Self>) -> Result<bool, Problem> {
        if self.reach == Reach::OtherMachines {
            return Ok(true);
        }
        let served = Arc::clone(self);
        let found = tokio::task::spawn_blocking(move || served.access.has_keys()).await;
        Ok(found.map_err(|_| Problem::crashed())?.map_err(Error::from)?)
    }

    /// The key of whoever presents `token`.
    pub(super) async fn admit(self: &Arc<Self>, token: String) -> Result<Option<Key>, Problem> {
        let served = Arc::clone(self);
        let found = tokio::task::spawn_blocking(move || served.access.admit(&token)).await;
        Ok(found.map_err(|_| Problem::crashed())?.map_err(Error::from)?)
    }

    /// Makes a change and takes up the generation it makes.
    pub(super) fn edit(&self, edit: &ThemeEdit, author: &str) -> Result<EditReport, Error> {
        let report = edit_themes(&self.data, edit, (author, now()))?;
        self.refresh()?;
        Ok(report)
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
