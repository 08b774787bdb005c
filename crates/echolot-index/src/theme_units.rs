//! Which opinion units are in which theme.

use std::collections::BTreeMap;

use echolot_core::{CharSpan, FeedbackId, Fingerprint, ThemeId};
use rusqlite::{Connection, OptionalExtension, Row, Statement, ToSql, params};

use crate::columns;
use crate::encoding::vector_from_bytes;
use crate::error::Error;
use crate::records::{RowId, UnitRow};
use crate::theme_records::{CountedUnit, Placement, PrototypeId, UnitState};
use crate::theme_store::ThemeStore;

/// What is read of a unit. The joins are crossed so that the tables are gone
/// through in the order written: what is asked for leads, whatever the tables
/// hold by then.
const COLUMNS: &str = "SELECT u.row, u.unit, u.span_start, u.span_end, u.polarity, u.topic, vector,
    coalesce(f.canonical_row, u.row), f.language, f.id, verbatim, u.theme, u.prototype,
    max(f.generation, coalesce((SELECT max(b.generation) FROM corrected c JOIN edit e ON e.edit = c.edit
        JOIN edit b ON b.edit = e.undone_by WHERE c.row = f.row), 0))";
const TEXT_AND_VECTOR: &str = "CROSS JOIN unit_vector x ON x.row = u.row AND x.unit = u.unit
    CROSS JOIN verbatim v ON v.row = u.row";

impl ThemeStore<'_> {
    /// The units that came in this run, in the order of rows. Here and in all that is put
    /// to themes, units of verbatims that people have hidden as spam are left out.
    pub fn new_units(self) -> Result<Vec<UnitRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{COLUMNS} FROM feedback f CROSS JOIN opinion_unit u ON u.row = f.row {TEXT_AND_VECTOR}
             WHERE f.generation = ? AND NOT f.is_spam ORDER BY f.row, u.unit"
        ))?;
        read_units(&mut statement, &[&self.generation.cast_signed()])
    }

    /// The units in no theme that came in this run, of those of earlier runs the newest,
    /// at most `limit`, and all that say the same as any of these in the same words; in
    /// the order of rows. What a person has put in none stays there.
    pub fn waiting_units(self, limit: usize) -> Result<Vec<UnitRow>, Error> {
        const WAITS: &str = "u.theme IS NULL AND NOT u.is_fixed AND NOT f.is_spam";
        let mut statement = self.connection.prepare_cached(&format!(
            "WITH earlier AS (
                 SELECT u.row, u.unit FROM opinion_unit u CROSS JOIN feedback f ON f.row = u.row
                 WHERE {WAITS} AND f.generation < ?1 ORDER BY u.row DESC, u.unit DESC LIMIT ?2),
             newest AS (
                 SELECT row, unit FROM earlier
                 UNION ALL
                 SELECT u.row, u.unit FROM feedback f CROSS JOIN opinion_unit u ON u.row = f.row
                 WHERE {WAITS} AND f.generation = ?1),
             alike AS (
                 SELECT row, unit FROM unit_vector WHERE words IN
                     (SELECT words FROM newest JOIN unit_vector USING (row, unit)))
             {COLUMNS} FROM alike a CROSS JOIN opinion_unit u ON u.row = a.row AND u.unit = a.unit
             CROSS JOIN feedback f ON f.row = u.row {TEXT_AND_VECTOR}
             WHERE {WAITS} ORDER BY u.row, u.unit"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        read_units(&mut statement, &[&self.generation.cast_signed(), &limit])
    }

    /// All units but those that a person has put somewhere, in the order of rows.
    pub fn units(self) -> Result<Vec<UnitRow>, Error> {
        read_all_units(self.connection)
    }

    /// The units in a theme itself, those that people have put there too, in the order
    /// of rows.
    pub fn units_in(self, theme: ThemeId) -> Result<Vec<UnitRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{COLUMNS} FROM opinion_unit u CROSS JOIN feedback f ON f.row = u.row {TEXT_AND_VECTOR}
             WHERE u.theme = ? AND NOT f.is_spam ORDER BY u.row, u.unit"
        ))?;
        read_units(&mut statement, &[&theme.0])
    }

    /// Of every so many verbatims the units of one, so that it is about `limit` units, in
    /// the order of rows.
    pub fn some_units(self, limit: u64) -> Result<Vec<UnitRow>, Error> {
        let count = "SELECT count(*) FROM opinion_unit";
        let all: i64 = self.connection.query_row(count, [], |row| row.get(0))?;
        let every = all.cast_unsigned().div_ceil(limit.max(1)).max(1);
        let mut statement = self.connection.prepare_cached(&format!(
            "{COLUMNS} FROM feedback f CROSS JOIN opinion_unit u ON u.row = f.row {TEXT_AND_VECTOR}
             WHERE f.row % ? = 0 AND NOT f.is_spam ORDER BY u.row, u.unit"
        ))?;
        read_units(&mut statement, &[&every.cast_signed()])
    }

    /// Puts a unit, named by row and number, to a theme.
    pub fn place(self, (row, unit): (RowId, u32), at: &Placement) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE opinion_unit SET theme = ?, prototype = ?, similarity = ?, confidence = ?
             WHERE row = ? AND unit = ?",
        )?;
        let values = params![at.theme.0, at.prototype.0, at.similarity, at.confidence, row.0, unit];
        found_one(statement.execute(values)?, (row, unit))
    }

    /// Takes a unit out of its theme.
    pub fn release(self, (row, unit): (RowId, u32)) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE opinion_unit
             SET theme = NULL, prototype = NULL, similarity = NULL, confidence = NULL
             WHERE row = ? AND unit = ?",
        )?;
        found_one(statement.execute(params![row.0, unit])?, (row, unit))
    }

    /// Puts a unit where a person wants it, or where the program had it.
    pub fn fix(
        self,
        (row, unit): (RowId, u32),
        theme: Option<ThemeId>,
        is_fixed: bool,
    ) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE opinion_unit SET theme = ?, is_fixed = ? WHERE row = ? AND unit = ?",
        )?;
        let values = params![theme.map(|id| id.0), is_fixed, row.0, unit];
        found_one(statement.execute(values)?, (row, unit))
    }

    /// Where a unit is; none when there is no such item, or unit of it.
    pub fn unit(self, id: &FeedbackId, unit: u32) -> Result<Option<UnitState>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT row, unit, theme, prototype, is_fixed
             FROM feedback JOIN opinion_unit USING (row) WHERE id = ? AND unit = ?",
        )?;
        Ok(statement.query_row(params![id.as_str(), unit], unit_state).optional()?)
    }

    /// A unit as it is put to themes; none of spam.
    pub fn unit_row(self, (row, unit): (RowId, u32)) -> Result<Option<UnitRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{COLUMNS} FROM opinion_unit u CROSS JOIN feedback f ON f.row = u.row {TEXT_AND_VECTOR}
             WHERE u.row = ? AND u.unit = ? AND NOT f.is_spam"
        ))?;
        Ok(read_units(&mut statement, &[&row.0, &unit])?.pop())
    }

    /// Where the unit of a row is.
    pub fn unit_at(self, (row, unit): (RowId, u32)) -> Result<Option<UnitState>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT row, unit, theme, prototype, is_fixed FROM opinion_unit
             WHERE row = ? AND unit = ?",
        )?;
        Ok(statement.query_row(params![row.0, unit], unit_state).optional()?)
    }

    /// The units of a theme itself that people have put there, in the order of
    /// rows.
    pub fn fixed_units(self, theme: ThemeId) -> Result<Vec<(RowId, u32)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT row, unit FROM opinion_unit WHERE theme = ? AND is_fixed ORDER BY row, unit",
        )?;
        let unit = |row: &Row<'_>| Ok((RowId(row.get(0)?), row.get(1)?));
        Ok(statement.query_map([theme.0], unit)?.collect::<Result<_, _>>()?)
    }

    /// The themes and sub-themes that people have put units to.
    pub fn themes_with_fixed_units(self) -> Result<Vec<ThemeId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT theme FROM opinion_unit WHERE is_fixed AND theme IS NOT NULL
             ORDER BY theme",
        )?;
        let theme = |row: &Row<'_>| Ok(ThemeId(row.get(0)?));
        Ok(statement.query_map([], theme)?.collect::<Result<_, _>>()?)
    }

    /// Hands a prototype and the units that are with a theme by it to another
    /// theme.
    pub fn hand_over(
        self,
        prototype: PrototypeId,
        (from, to): (ThemeId, ThemeId),
    ) -> Result<(), Error> {
        let mut of_units = self.connection.prepare_cached(
            "UPDATE opinion_unit SET theme = ?1
             WHERE theme = ?2 AND prototype = ?3 AND NOT is_fixed",
        )?;
        of_units.execute([to.0, from.0, prototype.0])?;
        let mut owner = self
            .connection
            .prepare_cached("UPDATE theme_prototype SET theme = ? WHERE prototype = ?")?;
        owner.execute([to.0, prototype.0])?;
        Ok(())
    }

    /// How many units count in a theme, not counting its sub-themes.
    pub fn count_units(self, theme: ThemeId) -> Result<u64, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM opinion_unit u CROSS JOIN feedback f ON f.row = u.row
             WHERE u.theme = ? AND NOT f.is_spam",
        )?;
        let count: i64 = statement.query_row([theme.0], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// The units of a row that count in themes; none of spam, whose units only keep in
    /// mind where they were.
    pub fn counted_units(self, row: RowId) -> Result<Vec<CountedUnit>, Error> {
        counted_units(self.connection, row)
    }

    /// How many units of spam would be in each theme or sub-theme.
    pub fn hidden_units(self) -> Result<BTreeMap<ThemeId, u64>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT u.theme, count(*) FROM feedback f CROSS JOIN opinion_unit u ON u.row = f.row
             WHERE f.is_spam AND u.theme IS NOT NULL GROUP BY u.theme",
        )?;
        let hidden = |row: &Row<'_>| Ok((ThemeId(row.get(0)?), row.get::<_, i64>(1)?));
        let hidden = statement.query_map([], hidden)?.collect::<Result<Vec<_>, _>>()?;
        Ok(hidden.into_iter().map(|(theme, units)| (theme, units.cast_unsigned())).collect())
    }

    /// Makes units forget prototypes that are gone. Those that people have put
    /// somewhere stay there; those of spam, which discoveries do not place anew, are in
    /// no theme since.
    pub fn forget_removed_prototypes(self) -> Result<(), Error> {
        const GONE: &str = "prototype NOT IN (SELECT prototype FROM theme_prototype)";
        self.connection.execute(
            &format!("UPDATE opinion_unit SET prototype = NULL WHERE is_fixed AND {GONE}"),
            [],
        )?;
        self.connection.execute(
            &format!(
                "UPDATE opinion_unit
                 SET theme = NULL, prototype = NULL, similarity = NULL, confidence = NULL
                 WHERE row IN (SELECT row FROM feedback WHERE is_spam) AND NOT is_fixed AND {GONE}"
            ),
            [],
        )?;
        Ok(())
    }
}

/// All units but those that a person has put somewhere or hidden, in the order of rows.
pub(crate) fn read_all_units(connection: &Connection) -> Result<Vec<UnitRow>, Error> {
    let mut statement = connection.prepare_cached(&format!(
        "{COLUMNS} FROM opinion_unit u CROSS JOIN feedback f ON f.row = u.row {TEXT_AND_VECTOR}
         WHERE NOT u.is_fixed AND NOT f.is_spam ORDER BY u.row, u.unit"
    ))?;
    read_units(&mut statement, &[])
}

/// The units of a row that count in a theme or in the sums of a prototype.
pub(crate) fn counted_units(
    connection: &Connection,
    row: RowId,
) -> Result<Vec<CountedUnit>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT theme, prototype, coalesce(vector, x'')
         FROM feedback JOIN opinion_unit USING (row) LEFT JOIN unit_vector USING (row, unit)
         WHERE row = ? AND NOT is_spam AND (theme IS NOT NULL OR prototype IS NOT NULL)
         ORDER BY unit",
    )?;
    let mut rows = statement.query([row.0])?;
    let mut units = Vec::new();
    while let Some(found) = rows.next()? {
        units.push(CountedUnit {
            theme: found.get::<_, Option<u32>>(0)?.map(ThemeId),
            prototype: found.get::<_, Option<u32>>(1)?.map(PrototypeId),
            vector: read_vector(found, 2)?,
        });
    }
    Ok(units)
}

fn read_units(statement: &mut Statement<'_>, values: &[&dyn ToSql]) -> Result<Vec<UnitRow>, Error> {
    let mut rows = statement.query(values)?;
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
            theme: found.get::<_, Option<u32>>(11)?.map(ThemeId),
            prototype: found.get::<_, Option<u32>>(12)?.map(PrototypeId),
            generation: found.get::<_, i64>(13)?.cast_unsigned(),
        });
    }
    Ok(units)
}

fn unit_state(row: &Row<'_>) -> rusqlite::Result<UnitState> {
    Ok(UnitState {
        row: RowId(row.get(0)?),
        unit: row.get(1)?,
        theme: row.get::<_, Option<u32>>(2)?.map(ThemeId),
        prototype: row.get::<_, Option<u32>>(3)?.map(PrototypeId),
        is_fixed: row.get(4)?,
    })
}

fn found_one(changed: usize, (row, unit): (RowId, u32)) -> Result<(), Error> {
    match changed {
        1 => Ok(()),
        _ => Err(Error::damaged("opinion_unit", format!("row {row} has no unit {unit}"))),
    }
}

fn read_vector(row: &Row<'_>, column: usize) -> Result<Vec<i8>, Error> {
    let bytes = row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(vector_from_bytes(bytes))
}
