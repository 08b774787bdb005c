//! Themes, their units and their ledger as rows of the database.

use echolot_core::{CharSpan, FeedbackId, Fingerprint, ThemeId};
use rusqlite::{Connection, Row, params};

use crate::columns;
use crate::encoding::{sums_from_bytes, sums_to_bytes, vector_from_bytes};
use crate::error::Error;
use crate::records::{LedgerEntry, LostUnit, RowId, StoredTheme, UnitRow};

/// All units without a theme, in the order of rows and units.
pub(crate) fn units_without_theme(connection: &Connection) -> Result<Vec<UnitRow>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT row, unit, u.span_start, u.span_end, u.polarity, u.topic, vector,
             coalesce(f.canonical_row, row), f.language, f.id, verbatim
         FROM opinion_unit u
         JOIN unit_vector USING (row, unit) JOIN feedback f USING (row) JOIN verbatim USING (row)
         WHERE u.theme IS NULL ORDER BY row, unit",
    )?;
    let mut rows = statement.query([])?;
    let mut units = Vec::new();
    while let Some(found) = rows.next()? {
        let span = CharSpan { start: found.get(2)?, end: found.get(3)? };
        let unit: u32 = found.get(1)?;
        let id = FeedbackId::new(columns::text(found, 9)?);
        units.push(UnitRow {
            row: columns::row_id(found, 0)?,
            unit,
            canonical: columns::row_id(found, 7)?,
            polarity: columns::label(found, 4)?,
            topic: columns::label(found, 5)?,
            language: columns::language(found, 8)?,
            text: span.of(columns::text(found, 10)?).to_owned(),
            vector: read_vector(found, 6)?,
            key: Fingerprint::of([id.as_str().as_bytes(), &unit.to_le_bytes()]),
        });
    }
    Ok(units)
}

/// All themes, by id.
pub(crate) fn themes(connection: &Connection) -> Result<Vec<StoredTheme>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT theme, label, terms, topic, polarity, centroid, size, threshold,
             representative_row, representative_unit, examples, born
         FROM theme ORDER BY theme",
    )?;
    let mut rows = statement.query([])?;
    let mut themes = Vec::new();
    while let Some(row) = rows.next()? {
        let examples: Vec<(u32, u32)> = serde_json::from_str(columns::text(row, 10)?)?;
        let centroid = row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?;
        themes.push(StoredTheme {
            id: ThemeId(row.get(0)?),
            label: row.get(1)?,
            terms: serde_json::from_str(columns::text(row, 2)?)?,
            topic: columns::label(row, 3)?,
            polarity: columns::label(row, 4)?,
            centroid: sums_from_bytes(centroid)?,
            size: row.get::<_, i64>(6)? as u64,
            threshold: row.get(7)?,
            representative: (columns::row_id(row, 8)?, row.get(9)?),
            examples: examples.into_iter().map(|(row, unit)| (RowId(row), unit)).collect(),
            born: row.get::<_, i64>(11)? as u64,
        });
    }
    Ok(themes)
}

/// Stores a theme, over the one with its id.
pub(crate) fn put(connection: &Connection, theme: &StoredTheme) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO theme (theme, label, terms, topic, polarity, centroid, size, threshold,
             representative_row, representative_unit, examples, born)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (theme) DO UPDATE SET
             label = excluded.label, terms = excluded.terms, topic = excluded.topic,
             polarity = excluded.polarity, centroid = excluded.centroid, size = excluded.size,
             threshold = excluded.threshold, representative_row = excluded.representative_row,
             representative_unit = excluded.representative_unit, examples = excluded.examples,
             born = excluded.born",
    )?;
    let examples: Vec<(u32, u32)> =
        theme.examples.iter().map(|(row, unit)| (row.0, *unit)).collect();
    let (representative_row, representative_unit) = theme.representative;
    statement.execute(params![
        theme.id.0,
        theme.label,
        serde_json::to_string(&theme.terms)?,
        theme.topic.code(),
        theme.polarity.code(),
        sums_to_bytes(&theme.centroid),
        theme.size.cast_signed(),
        theme.threshold,
        representative_row.0,
        representative_unit,
        serde_json::to_string(&examples)?,
        theme.born.cast_signed(),
    ])?;
    Ok(())
}

/// Puts a unit, named by row and number, into a theme.
pub(crate) fn assign(
    connection: &Connection,
    (row, unit): (RowId, u32),
    theme: ThemeId,
    similarity: f64,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "UPDATE opinion_unit SET theme = ?, similarity = ? WHERE row = ? AND unit = ?",
    )?;
    match statement.execute(params![theme.0, similarity, row.0, unit])? {
        1 => Ok(()),
        _ => Err(Error::damaged("opinion_unit", format!("row {row} has no unit {unit}"))),
    }
}

/// The units of a row that are in a theme.
pub(crate) fn themed_units(connection: &Connection, row: RowId) -> Result<Vec<LostUnit>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT theme, vector FROM opinion_unit JOIN unit_vector USING (row, unit)
         WHERE row = ? AND theme IS NOT NULL ORDER BY unit",
    )?;
    let mut rows = statement.query([row.0])?;
    let mut units = Vec::new();
    while let Some(found) = rows.next()? {
        units.push(LostUnit { theme: ThemeId(found.get(0)?), vector: read_vector(found, 1)? });
    }
    Ok(units)
}

/// Adds an entry to the ledger.
pub(crate) fn add_event(connection: &Connection, entry: &LedgerEntry) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO theme_event (theme, generation, event, detail) VALUES (?, ?, ?, ?)",
    )?;
    let detail = serde_json::to_string(&entry.detail)?;
    statement.execute(params![
        entry.theme.0,
        entry.generation.cast_signed(),
        entry.event,
        detail
    ])?;
    Ok(())
}

/// The ledger of a theme, oldest entry first.
pub(crate) fn events(connection: &Connection, theme: ThemeId) -> Result<Vec<LedgerEntry>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT generation, event, detail FROM theme_event WHERE theme = ? ORDER BY event_number",
    )?;
    let mut rows = statement.query([theme.0])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(LedgerEntry {
            generation: row.get::<_, i64>(0)? as u64,
            theme,
            event: row.get(1)?,
            detail: serde_json::from_str(columns::text(row, 2)?)?,
        });
    }
    Ok(entries)
}

fn read_vector(row: &Row<'_>, column: usize) -> Result<Vec<i8>, Error> {
    let bytes = row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(vector_from_bytes(bytes))
}
