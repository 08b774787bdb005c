//! The data folder: its layout, and the way in for runs and readers.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use echolot_core::Timestamp;
use fs_err as fs;

use crate::access::AccessStore;
use crate::closings;
use crate::database;
use crate::error::Error;
use crate::inbox::Inbox;
use crate::inspection::{self, Inspection};
use crate::lock::{Lock, RunLock, WriteLock};
use crate::run_files;
use crate::run_reader::RunReader;
use crate::snapshot::Snapshot;
use crate::staging::Staging;
use crate::text_index;
use crate::writer::RunWriter;

/// How often and how many times a reader looks again while a run that has
/// committed is still publishing: a minute in all.
const RETRY_EVERY: Duration = Duration::from_millis(20);
const MAX_RETRIES: u32 = 3000;

/// A folder with everything Echolot keeps.
///
/// ```text
/// echolot.sqlite   the system of record
/// access.sqlite    the keys of the HTTP API and the log of their use
/// inbox.sqlite     feedback that was delivered and waits for the next run
/// index/           the full-text index, derived from it
/// staging/         the work of a run that has not committed
/// reports/         what runs leave for people
/// rejected/        input to be repaired
/// lock             held by whoever is writing: an edit, or a run that stores
/// run.lock         held by a run for as long as it lives
/// ```
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Opens the folder at `path`, or makes it.
    pub fn create_or_open(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path)?;
        for part in ["index", "staging", "reports", "rejected"] {
            fs::create_dir_all(path.join(part))?;
        }
        let folder = Self { path: path.to_owned() };
        database::create_or_open(&folder.database_path())?;
        Ok(folder)
    }

    /// Opens the folder at `path`. Where there is none, the error says which
    /// command makes one.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let folder = Self { path: path.to_owned() };
        if !folder.database_path().is_file() {
            return Err(Error::NotFound { path: path.to_owned() });
        }
        database::open_any_format(&folder.database_path())?;
        Ok(folder)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the right to be the one run, without waiting. While another run
    /// holds it, the error is [`Error::Busy`] and names the process as far as known.
    pub fn lock_run(&self) -> Result<RunLock, Error> {
        Lock::acquire(&self.path, &self.path.join("run.lock")).map(RunLock)
    }

    /// Takes the right to write, without waiting, and converts the folder if
    /// it has an older format. While somebody else holds it, the error is
    /// [`Error::Busy`] and names the process as far as known.
    pub fn lock(&self) -> Result<WriteLock, Error> {
        let lock = Lock::acquire(&self.path, &self.path.join("lock")).map(WriteLock)?;
        database::convert(&self.database_path())?;
        Ok(lock)
    }

    /// As [`DataFolder::lock`], but waits so long for whoever holds it.
    pub fn lock_within(&self, wait: Duration) -> Result<WriteLock, Error> {
        let begun = Instant::now();
        loop {
            match self.lock() {
                Err(Error::Busy { .. }) if begun.elapsed() < wait => thread::sleep(RETRY_EVERY),
                decided => return decided,
            }
        }
    }

    /// The state readers see. If a run was killed after it committed and
    /// before it published, its work is published first; if it is still alive,
    /// this waits for it up to a minute. A folder of an older format is not
    /// converted for a reader; the error says what converts it.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        database::open_for_reading(&self.database_path())?;
        for _ in 0..MAX_RETRIES {
            if let Some(snapshot) = Snapshot::open(&self.database_path(), &self.index_path())? {
                return Ok(snapshot);
            }
            match self.lock() {
                Ok(lock) => {
                    self.publish(&lock)?;
                }
                Err(Error::Busy { .. }) => thread::sleep(RETRY_EVERY),
                Err(error) => return Err(error),
            }
        }
        match self.lock() {
            Ok(_) => Err(Error::damaged("index", "it does not stay at the state of the database")),
            Err(error) => Err(error),
        }
    }

    /// The state that readers saw in a generation of the past. One that there
    /// was not, or from before the past was kept, is [`Error::UnknownGeneration`].
    pub fn snapshot_at(&self, generation: u64) -> Result<Snapshot, Error> {
        let newest = self.snapshot()?;
        if newest.generation() == generation {
            return Ok(newest);
        }
        Snapshot::open_past(&self.database_path(), generation)
    }

    /// As [`DataFolder::snapshot_at`], but read from the database alone: its
    /// words are found in an index that is made from the rows.
    pub fn rows_at(&self, generation: u64) -> Result<Snapshot, Error> {
        Snapshot::open_past(&self.database_path(), generation)
    }

    /// The last generation committed before `end`; none when none is known to
    /// have been.
    pub fn generation_before(&self, end: Timestamp) -> Result<Option<u64>, Error> {
        closings::generation_before(&database::open_for_reading(&self.database_path())?, end)
    }

    /// The generation that reports as of a day are made from for good; none
    /// while the day is open.
    pub fn closing(&self, day: &str) -> Result<Option<u64>, Error> {
        closings::read(&database::open_for_reading(&self.database_path())?, day)
    }

    /// Closes a day: its reports are made from `generation` from now on. A day
    /// that was closed stays as it is; its generation is returned.
    pub fn close(&self, lock: &WriteLock, day: &str, generation: u64) -> Result<u64, Error> {
        self.debug_assert_locked(&lock.0);
        closings::close(&database::open_for_writing(&self.database_path())?, day, generation)
    }

    /// The generation readers see: 0 before the first published run. This
    /// reads one small file, so that a server can ask often.
    pub fn published_generation(&self) -> Result<u64, Error> {
        Ok(text_index::published_state(&self.index_path()).map_or(0, |state| state.generation))
    }

    /// The staging area, for the one run.
    pub fn staging(&self, lock: &RunLock) -> Staging {
        self.debug_assert_locked(&lock.0);
        Staging::at(self.path.join("staging"))
    }

    /// What is stored, as a run asks it before it writes. Everything that it
    /// tells only runs change, so it stays true while people edit.
    pub fn run_reader(&self, lock: &RunLock) -> Result<RunReader, Error> {
        self.debug_assert_locked(&lock.0);
        Ok(RunReader::over(database::open_for_reading(&self.database_path())?))
    }

    /// Begins to write the next generation. Nothing of it can be seen before
    /// it is committed, and nothing remains of it if it is not.
    pub fn begin_run(&self, lock: &WriteLock) -> Result<RunWriter, Error> {
        self.debug_assert_locked(&lock.0);
        RunWriter::begin(database::open_for_writing(&self.database_path())?)
    }

    /// Brings the full-text index to the generation of the database, from the
    /// generation it has, or from nothing when it is missing, damaged, made by
    /// another version or from another database, and writes the report and the rejected rows
    /// of each run to a file. Returns the generation that readers see from now
    /// on. When nothing is to be done, nothing is done.
    pub fn publish(&self, lock: &WriteLock) -> Result<u64, Error> {
        self.debug_assert_locked(&lock.0);
        let connection = database::open_for_writing(&self.database_path())?;
        run_files::write(&self.path, &connection)?;
        let state = text_index::bring_up_to_date(&self.index_path(), &connection)?;
        // The log of a large run is folded back into the database as far as
        // the readers of older generations allow, without waiting for them.
        connection.busy_timeout(Duration::ZERO)?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(state.generation)
    }

    /// The keys of the HTTP API and the log of their use. They are in a file of
    /// their own, which needs no lock: keys are made and reads are logged while
    /// a run writes.
    pub fn access(&self) -> Result<AccessStore, Error> {
        AccessStore::create_or_open(&self.path.join("access.sqlite"))
    }

    /// Where feedback is delivered. It needs no lock: deliveries go on while a
    /// run takes what came before.
    pub fn inbox(&self) -> Result<Inbox, Error> {
        Inbox::create_or_open(&self.inbox_path())
    }

    /// The inbox, if anything was ever delivered.
    pub fn inbox_if_any(&self) -> Result<Option<Inbox>, Error> {
        self.inbox_path().is_file().then(|| self.inbox()).transpose()
    }

    /// Looks at everything and reports what it finds, damage included.
    pub fn inspect(&self) -> Inspection {
        inspection::inspect(self)
    }

    pub(crate) fn database_path(&self) -> PathBuf {
        self.path.join("echolot.sqlite")
    }

    fn inbox_path(&self) -> PathBuf {
        self.path.join("inbox.sqlite")
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.path.join("index")
    }

    pub(crate) fn staging_unlocked(&self) -> Staging {
        Staging::at(self.path.join("staging"))
    }

    fn debug_assert_locked(&self, lock: &Lock) {
        debug_assert_eq!(lock.folder(), self.path, "the lock is for another data folder");
    }
}
