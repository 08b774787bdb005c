//! Opens what a data folder has published.

use std::path::Path;
use std::time::Duration;

use echolot_core::{Period, Timestamp};
use echolot_index::{AccessStore, DataFolder, FollowUp};

use crate::{Config, Error, Recount, Snapshot, Trace};

/// The published generation of the data folder at `path`, to be asked as the
/// default configuration says; see [`Snapshot::with_config`].
///
/// # Errors
/// When there is no data folder, or it has a format of another version.
pub fn open_snapshot(path: &Path) -> Result<Snapshot, Error> {
    Ok(Snapshot::new(DataFolder::open(path)?.snapshot()?, &Config::standard()?))
}

/// A generation that was published once, as its readers saw it, to be asked as
/// the default configuration says. It is searched by words alone.
///
/// # Errors
/// When there is no such generation, or it is older than what is kept of the
/// past.
pub fn open_past(path: &Path, generation: u64) -> Result<Snapshot, Error> {
    let past = DataFolder::open(path)?.snapshot_at(generation)?;
    Ok(Snapshot::new(past, &Config::standard()?))
}

/// So long a day that is to be closed waits for an edit, or a run that is storing.
const CLOSING_WAITS: Duration = Duration::from_secs(10);

/// The generation that a report as of a day is made from.
///
/// A day that is over has the last generation that was published on it or
/// before. Where none was, as the feedback was loaded later, and while the day
/// is not over, it gets the generation at hand, and keeps it: the day is closed,
/// so that the same report comes out whatever is loaded and changed since.
///
/// # Errors
/// When the day is still to come, when the folder cannot be read, and when a
/// day is to be closed while a run holds the folder.
pub fn open_as_of(path: &Path, day: Period, now: Timestamp) -> Result<Snapshot, Error> {
    if day.start() > now {
        let reason = format!("{day} is still to come; a report is of today or of a day before");
        return Err(Error::BadValue { key: "as_of", reason });
    }
    let folder = DataFolder::open(path)?;
    let (name, end) = (day.to_string(), day.next().start());
    let mut generation = folder.closing(&name)?;
    if generation.is_none() && end <= now {
        generation = folder.generation_before(end)?;
    }
    let generation = if let Some(generation) = generation {
        generation
    } else {
        let newest = folder.snapshot()?.generation();
        folder.close(&folder.lock_within(CLOSING_WAITS)?, &name, newest)?
    };
    open_past(path, generation)
}

/// Counts the figures of a trace again, in the generation they are of: from
/// rows that one SQL statement selects, and words from an index that is made
/// anew. `config` says where topics belong on the customer's journey, and which
/// words mean the same.
///
/// # Errors
/// As [`open_past`]; and when the trace asks for what there is not.
pub fn recount(path: &Path, trace: &Trace, config: &Config) -> Result<Recount, Error> {
    let rows = DataFolder::open(path)?.rows_at(trace.generation)?;
    Snapshot::new(rows, config).recount(trace)
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
