//! What a run asks of what is stored before it writes, without keeping others from writing.

use echolot_core::{FeedbackId, Fingerprint};
use rusqlite::{Connection, OptionalExtension, params};

use crate::columns;
use crate::encoding::ReadingRecord;
use crate::error::Error;
use crate::records::{RowId, StoredReading};

/// Reads what was committed last. It holds no transaction: what it tells (items
/// and their contents, readings, rejected rows, how far an inbox was taken) only
/// runs change, and there is one run at a time.
#[derive(Debug)]
pub struct RunReader {
    connection: Connection,
}

/// A row of input that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it comes from.
    pub source: String,
    /// The line, from 1; 0 when it is not known.
    pub line: u64,
    /// Why it is not taken.
    pub reason: String,
    /// The row as it was, masked.
    pub raw: String,
}

impl RunReader {
    pub(crate) fn over(connection: Connection) -> Self {
        Self { connection }
    }

    /// The number of the last item that a committed run took out of an inbox; 0
    /// if none did. Runs say so in their reports, in the transaction that
    /// stores the items, so that none is taken twice or not at all.
    pub fn taken_through(&self, inbox: Fingerprint) -> Result<u64, Error> {
        let query = "SELECT coalesce(max(report ->> '$.inbox.through'), 0) FROM run
             WHERE report ->> '$.inbox.identity' = ?";
        let number: i64 =
            self.connection.query_row(query, [inbox.to_string()], |row| row.get(0))?;
        Ok(number.cast_unsigned())
    }

    /// The row of an item that is stored, and the fingerprint of it as it was
    /// delivered, by which a change can be told.
    pub fn known(&self, id: &FeedbackId) -> Result<Option<(RowId, Fingerprint)>, Error> {
        known(&self.connection, id)
    }

    /// The reading of a text by a model, if one is kept.
    pub fn reading(
        &self,
        key: Fingerprint,
        model: Fingerprint,
    ) -> Result<Option<StoredReading>, Error> {
        reading(&self.connection, key, model)
    }

    /// Whether a row of input is kept as rejected already.
    pub fn has_rejected(&self, rejected: &Rejected) -> Result<bool, Error> {
        let Rejected { source, line, reason, raw } = rejected;
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM rejected WHERE source = ? AND line = ? AND reason = ? AND raw = ?",
        )?;
        Ok(statement.exists(params![source, line.cast_signed(), reason, raw])?)
    }
}

pub(crate) fn known(
    connection: &Connection,
    id: &FeedbackId,
) -> Result<Option<(RowId, Fingerprint)>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT row, content FROM feedback WHERE id = ?")?;
    let mut rows = statement.query([id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((columns::row_id(row, 0)?, columns::fingerprint(row, 1)?)))
}

pub(crate) fn reading(
    connection: &Connection,
    key: Fingerprint,
    model: Fingerprint,
) -> Result<Option<StoredReading>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT reading FROM reading WHERE reading_key = ? AND model = ?")?;
    let found: Option<Vec<u8>> =
        statement.query_row([&key.0[..], &model.0[..]], |row| row.get(0)).optional()?;
    let Some(bytes) = found else { return Ok(None) };
    let record: ReadingRecord = postcard::from_bytes(&bytes)?;
    Ok(Some(record.into()))
}
