//! The published generation that is being served.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Json;
use echolot_core::Fingerprint;
use echolot_engine::{
    AccessStore, Config, Error, Key, Reception, SearchAids, Snapshot, open_access, open_snapshot,
    published_generation,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::Problem;
use super::metrics::Metrics;
use crate::edits::make_within;

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
    access: AccessStore,
    reception: Reception,
    reach: Reach,
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
        if address.ip().to_canonical().is_loopback() {
            Self::ThisMachine
        } else {
            Self::OtherMachines
        }
    }
}

/// What a route answers: JSON, or what is wrong.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// How often the data folder is asked for a new generation.
const POLL: Duration = Duration::from_secs(1);

/// How long the generation before is kept.
const KEPT: Duration = Duration::from_mins(10);

impl Served {
    /// Serves the data folder at `data`.
    pub(super) fn open(
        (data, reach): (&Path, Reach),
        config: Config,
        aids: SearchAids,
    ) -> Result<Self, Error> {
        // All of the configuration, as any of it may come to matter to answers;
        // and without the model a search finds less.
        let configured = format!("{} {config:?} {}", env!("CARGO_PKG_VERSION"), aids.has_model());
        Ok(Self {
            data: data.to_owned(),
            snapshot: ArcSwap::from_pointee(open_warm(data, &config, &aids)?),
            before: Mutex::default(),
            refreshing: Mutex::default(),
            access: open_access(data)?,
            reception: Reception::open(data, &config)?,
            reach,
            turns: Arc::new(Semaphore::new(config.max_requests)),
            metrics: Metrics::new(),
            edition: Fingerprint::of_text(&configured),
            config,
            aids: Arc::new(aids),
        })
    }

    /// The data folder.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The configuration.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// What searches need beside a generation.
    pub(super) fn aids(&self) -> Arc<SearchAids> {
        Arc::clone(&self.aids)
    }

    /// The generation for requests that begin now.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The generation before the published one, if it is this one and still kept.
    pub(super) fn earlier(&self, generation: u64) -> Option<Arc<Snapshot>> {
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner).clone();
        before.map(|(_, earlier)| earlier).filter(|earlier| earlier.generation() == generation)
    }

    /// How much is taken on at once.
    pub(super) fn limits(&self) -> Limits {
        let time = Duration::from_secs(self.config.timeout_s);
        Limits { time, body_bytes: self.config.max_body_bytes }
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

    /// Makes a change and takes up the generation it makes. While a run or
    /// another change is being written this waits, for half of the time a
    /// request may take: so there is time left to make it, or to say why not.
    pub(super) fn change<T>(
        &self,
        mut change: impl FnMut(&Path) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let made = make_within(self.limits().time / 2, |_| {}, || change(&self.data))?;
        self.refresh()?;
        Ok(made)
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
