//! Opening the database, its settings, and the state it is in.

use std::path::Path;
use std::time::Duration;

use echolot_core::Fingerprint;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::encoding::fingerprint;
use crate::error::Error;
use crate::history;
use crate::schema::{
    ADDED_IN_3, ADDED_IN_4, ADDED_IN_5, APPLICATION_ID, FORMAT_VERSION, FROM_1_TO_2, FROM_2_TO_3,
    OLDEST_READABLE_VERSION, TABLES,
};
use crate::{views, wording};

/// How long a statement waits for another writer. Runs exclude each other by
/// the lock, so this only bridges the recovery after a killed process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENT_CACHE: usize = 64;
const CACHE_KIB: i64 = 64 * 1024;
/// Reading through the page cache of the system saves a copy of every page.
const MMAP_BYTES: i64 = 1 << 30;

/// What identifies the content of the database: the number of committed runs
/// and a fingerprint that chains what each of them stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) generation: u64,
    pub(crate) fingerprint: Fingerprint,
}

impl State {
    /// The state before the first run.
    pub(crate) fn empty() -> Self {
        Self { generation: 0, fingerprint: Fingerprint([0; 16]) }
    }

    /// The state the last committed run left.
    pub(crate) fn read(connection: &Connection) -> Result<Self, Error> {
        let query = "SELECT generation, state FROM run ORDER BY generation DESC LIMIT 1";
        let last = connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let Some((generation, state)): Option<(i64, Vec<u8>)> = last.optional()? else {
            return Ok(Self::empty());
        };
        Ok(Self { generation: generation as u64, fingerprint: fingerprint(&state)? })
    }

    /// Whether the database was in this state once, or is now.
    pub(crate) fn was_passed_by(self, connection: &Connection) -> Result<bool, Error> {
        if self == Self::empty() {
            return Ok(true);
        }
        let query = "SELECT count(*) FROM run WHERE generation = ? AND state = ?";
        let values = params![self.generation.cast_signed(), &self.fingerprint.0[..]];
        let count: i64 = connection.query_row(query, values, |row| row.get(0))?;
        Ok(count == 1)
    }
}

/// Makes an empty database at `path`, or opens the one that is there and
/// checks its format.
pub(crate) fn create_or_open(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = configure(Connection::open_with_flags(path, flags)?)?;
    // Within a write transaction, so that two processes that start at once do
    // not both make the tables, and a killed one leaves none of them.
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let num_tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if num_tables == 0 && format_of(&transaction)? == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.execute_batch(ADDED_IN_3)?;
        transaction.execute_batch(ADDED_IN_4)?;
        transaction.execute_batch(ADDED_IN_5)?;
        history::refresh(&transaction)?;
        transaction.pragma_update(None, "user_version", FORMAT_VERSION)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.commit()?;
    check_format(&connection, path, OLDEST_READABLE_VERSION)?;
    if format_of(&connection)? == FORMAT_VERSION {
        views::refresh(&connection)?;
    }
    Ok(connection)
}

/// Makes or opens a file of `tables` beside the database, which no run holds
/// while it works, so that what people do meanwhile is written at once. What
/// was committed is on disk.
///
/// # Errors
/// [`Error::Format`] when a newer program wrote it.
pub(crate) fn create_or_open_beside(
    path: &Path,
    tables: &str,
    format: u32,
) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    write_ahead(&connection)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = format_of(&transaction)?;
    if found == 0 {
        transaction.execute_batch(tables)?;
        transaction.pragma_update(None, "user_version", format)?;
    }
    transaction.commit()?;
    if found > format {
        return Err(Error::Format { path: path.to_owned(), found, oldest: format, newest: format });
    }
    Ok(connection)
}

/// Opens the database in whichever format that can be converted.
pub(crate) fn open_any_format(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = configure(Connection::open_with_flags(path, flags)?)?;
    check_format(&connection, path, OLDEST_READABLE_VERSION)?;
    Ok(connection)
}

/// Opens the database to write to it.
pub(crate) fn open_for_writing(path: &Path) -> Result<Connection, Error> {
    let connection = open_any_format(path)?;
    check_format(&connection, path, FORMAT_VERSION)?;
    Ok(connection)
}

/// Converts a database of an older format, whole or not at all; the caller
/// holds the lock.
pub(crate) fn convert(path: &Path) -> Result<(), Error> {
    let mut connection = open_any_format(path)?;
    let found = format_of(&connection)?;
    if found == FORMAT_VERSION {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let changes =
        [(2, FROM_1_TO_2), (3, FROM_2_TO_3), (3, ADDED_IN_3), (4, ADDED_IN_4), (5, ADDED_IN_5)];
    for (format, change) in changes {
        if found < format {
            transaction.execute_batch(change)?;
        }
    }
    if found < 5 {
        wording::mark_all(&transaction)?;
    }
    history::refresh(&transaction)?;
    views::refresh(&transaction)?;
    transaction.pragma_update(None, "user_version", FORMAT_VERSION)?;
    Ok(transaction.commit()?)
}

/// Opens the database to read from it. The file itself is opened for writing,
/// as the write-ahead log needs it, but no statement can change anything.
pub(crate) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    let connection = open_for_writing(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The format of the database.
pub(crate) fn format_of(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn check_format(connection: &Connection, path: &Path, oldest: u32) -> Result<(), Error> {
    let found = format_of(connection)?;
    if (oldest..=FORMAT_VERSION).contains(&found) {
        return Ok(());
    }
    Err(Error::Format {
        path: path.parent().unwrap_or(path).to_owned(),
        found,
        oldest: OLDEST_READABLE_VERSION,
        newest: FORMAT_VERSION,
    })
}

fn configure(connection: Connection) -> Result<Connection, Error> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    write_ahead(&connection)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update_and_check(None, "mmap_size", MMAP_BYTES, |_| Ok(()))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Readers wait for no writer, and what was committed is on disk.
fn write_ahead(connection: &Connection) -> Result<(), Error> {
    // The answer of this pragma is a row, so it is not an update.
    let _mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection.pragma_update(None, "foreign_keys", true)?)
}
