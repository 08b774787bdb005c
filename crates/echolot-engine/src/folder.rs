//! Opens what a data folder has published.

use std::path::Path;

use echolot_index::{AccessStore, DataFolder};

use crate::{Config, Error, Snapshot};

/// The published generation of the data folder at `path`, with the customer's
/// journey of the default configuration.
///
/// # Errors
/// When there is no data folder, or it has a format of another version.
pub fn open_snapshot(path: &Path) -> Result<Snapshot, Error> {
    let snapshot = Snapshot::new(DataFolder::open(path)?.snapshot()?);
    Ok(snapshot.with_journey(Config::standard()?.journey))
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
