//! Opens what a data folder has published.

use std::path::Path;

use echolot_index::{AccessStore, DataFolder, FollowUp};

use crate::{Config, Error, Snapshot};

/// The published generation of the data folder at `path`, to be asked as the
/// default configuration says; see [`Snapshot::with_config`].
///
/// # Errors
/// When there is no data folder, or it has a format of another version.
pub fn open_snapshot(path: &Path) -> Result<Snapshot, Error> {
    Ok(Snapshot::new(DataFolder::open(path)?.snapshot()?, &Config::standard()?))
}

/// The number of the published generation; cheap enough to ask every second.
pub fn published_generation(path: &Path) -> Result<u64, Error> {
    Ok(DataFolder::open(path)?.published_generation()?)
}

/// The keys of the HTTP API of the data folder at `path`, and the log of their
/// use.
///
/// # Errors
/// When there is no data folder, or a newer program wrote the file.
pub fn open_access(path: &Path) -> Result<AccessStore, Error> {
    Ok(DataFolder::open(path)?.access()?)
}

/// What is noted down between the generations of the data folder at `path`: the
/// status of complaints, alerts and messages that wait.
///
/// # Errors
/// When there is no data folder, or its notes have a format of another version.
pub fn open_follow_up(path: &Path) -> Result<FollowUp, Error> {
    Ok(DataFolder::open(path)?.follow_up()?)
}
