//! Which rows repeat which: exact keys, near-duplicate bands and canonical rows.

use std::collections::BTreeSet;

use echolot_core::Fingerprint;
use rusqlite::{Connection, OptionalExtension, params};

use crate::columns;
use crate::error::Error;
use crate::records::{Candidates, RowId};

/// At most this many near candidates are offered: the exact comparison costs
/// as much as a text is long, and a text that shares bands with more distinct
/// texts than this is boilerplate.
pub const MAX_NEAR_CANDIDATES: u32 = 64;

/// The row that `row` repeats, or `row` itself.
pub(crate) fn canonical_of(connection: &Connection, row: RowId) -> Result<RowId, Error> {
    let mut statement = connection
        .prepare_cached("SELECT coalesce(canonical_row, row) FROM feedback WHERE row = ?")?;
    Ok(RowId(statement.query_row([row.0], |row| row.get(0))?))
}

/// The canonical rows a text with this key and these bands may repeat.
pub(crate) fn candidates(
    connection: &Connection,
    duplicate_key: Fingerprint,
    bands: &[u64],
) -> Result<Candidates, Error> {
    let mut exact = connection.prepare_cached(
        "SELECT coalesce(canonical_row, row) FROM feedback WHERE duplicate_key = ? ORDER BY row LIMIT 1",
    )?;
    let found = exact.query_row([&duplicate_key.0[..]], |row| row.get(0)).optional()?;
    if let Some(row) = found {
        return Ok(Candidates { exact: Some(RowId(row)), near: vec![] });
    }
    let mut sharing = connection
        .prepare_cached("SELECT row FROM duplicate_band WHERE band = ? ORDER BY row LIMIT ?")?;
    let mut near = BTreeSet::new();
    for band in bands {
        let rows = sharing
            .query_map(params![band.cast_signed(), MAX_NEAR_CANDIDATES], |row| row.get(0))?;
        for row in rows {
            near.insert(RowId(row?));
        }
    }
    // The lowest of every band hold the lowest of all.
    Ok(Candidates {
        exact: None,
        near: near.into_iter().take(MAX_NEAR_CANDIDATES as usize).collect(),
    })
}

/// The duplicate key of a stored row.
pub(crate) fn key_of(connection: &Connection, row: RowId) -> Result<Fingerprint, Error> {
    let mut statement =
        connection.prepare_cached("SELECT duplicate_key FROM feedback WHERE row = ?")?;
    let mut rows = statement.query([row.0])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    columns::fingerprint(row, 0)
}

/// Makes `row` findable by its bands.
pub(crate) fn add_bands(connection: &Connection, row: RowId, bands: &[u64]) -> Result<(), Error> {
    let mut statement = connection
        .prepare_cached("INSERT OR IGNORE INTO duplicate_band (band, row) VALUES (?, ?)")?;
    for band in bands {
        statement.execute(params![band.cast_signed(), row.0])?;
    }
    Ok(())
}

/// Takes `row` out of its group before its text changes: its bands go, and if
/// other rows repeat it, the first of them becomes the canonical one and is
/// returned.
pub(crate) fn leave_group(connection: &Connection, row: RowId) -> Result<Option<RowId>, Error> {
    for band in stored_bands(connection, row)? {
        let mut delete =
            connection.prepare_cached("DELETE FROM duplicate_band WHERE band = ? AND row = ?")?;
        delete.execute(params![band.cast_signed(), row.0])?;
    }
    let mut heir =
        connection.prepare_cached("SELECT min(row) FROM feedback WHERE canonical_row = ?")?;
    let Some(heir) = heir.query_row([row.0], |row| row.get::<_, Option<u32>>(0))?.map(RowId) else {
        return Ok(None);
    };
    let mut follow = connection
        .prepare_cached("UPDATE feedback SET canonical_row = ?2 WHERE canonical_row = ?1")?;
    follow.execute([row.0, heir.0])?;
    let mut lead =
        connection.prepare_cached("UPDATE feedback SET canonical_row = NULL WHERE row = ?")?;
    lead.execute([heir.0])?;
    add_bands(connection, heir, &stored_bands(connection, heir)?)?;
    Ok(Some(heir))
}

/// Bands as the `verbatim` table keeps them.
pub(crate) fn bands_to_bytes(bands: &[u64]) -> Vec<u8> {
    bands.iter().flat_map(|band| band.to_le_bytes()).collect()
}

fn stored_bands(connection: &Connection, row: RowId) -> Result<Vec<u64>, Error> {
    let mut statement = connection.prepare_cached("SELECT bands FROM verbatim WHERE row = ?")?;
    let bytes: Vec<u8> = statement.query_row([row.0], |row| row.get(0))?;
    let (words, _) = bytes.as_chunks::<8>();
    Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
}
