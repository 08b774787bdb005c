//! Days whose reports are made from one generation for good.

use echolot_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Error;

/// The last generation committed before a time; of runs before format 3 the
/// time is not known.
pub(crate) fn generation_before(
    connection: &Connection,
    end: Timestamp,
) -> Result<Option<u64>, Error> {
    let query = "SELECT max(generation) FROM run WHERE committed_at < ?";
    let found: Option<i64> = connection.query_row(query, [end.seconds()], |row| row.get(0))?;
    Ok(found.map(i64::cast_unsigned))
}

/// The generation of a closed day.
pub(crate) fn read(connection: &Connection, day: &str) -> Result<Option<u64>, Error> {
    let query = "SELECT generation FROM closing WHERE day = ?";
    let found: Option<i64> = connection.query_row(query, [day], |row| row.get(0)).optional()?;
    Ok(found.map(i64::cast_unsigned))
}

/// Closes a day, and returns the generation it has.
pub(crate) fn close(connection: &Connection, day: &str, generation: u64) -> Result<u64, Error> {
    connection.execute(
        "INSERT OR IGNORE INTO closing (day, generation) VALUES (?, ?)",
        params![day, generation.cast_signed()],
    )?;
    Ok(read(connection, day)?.unwrap_or(generation))
}
