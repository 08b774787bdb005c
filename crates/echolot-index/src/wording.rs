//! Units that say the same in the same words.

use echolot_core::{CharSpan, Fingerprint, Polarity};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::columns;
use crate::error::Error;
use crate::records::UnitRow;
use crate::theme_records::{Equal, PrototypeId};
use crate::theme_store::ThemeStore;

/// What stands for the words of a unit in the column `words`.
pub(crate) fn mark(text: &str) -> i64 {
    let fingerprint = Fingerprint::of_words(text).0;
    i64::from_le_bytes(*fingerprint.first_chunk().expect("a fingerprint has more than 8 bytes"))
}

/// Fills the column for all units, where none had it.
pub(crate) fn mark_all(connection: &Connection) -> Result<(), Error> {
    let mut units = connection.prepare(
        "SELECT x.rowid, span_start, span_end, verbatim FROM unit_vector x
         JOIN opinion_unit USING (row, unit) JOIN verbatim USING (row)",
    )?;
    let mut put = connection.prepare("UPDATE unit_vector SET words = ? WHERE rowid = ?")?;
    let mut rows = units.query([])?;
    let mut marks: Vec<(i64, i64)> = Vec::new();
    while let Some(row) = rows.next()? {
        let span = CharSpan { start: row.get(1)?, end: row.get(2)? };
        marks.push((mark(span.of(columns::text(row, 3)?)), row.get(0)?));
    }
    for unit in marks {
        put.execute(unit)?;
    }
    Ok(())
}

impl ThemeStore<'_> {
    /// Where a program put the first unit of an earlier run that says the same as
    /// `unit` in the same words, praise and the rest apart. Units of spam and of
    /// corrected items are not asked; of one that a person has moved what the
    /// program had found counts.
    pub fn equal_unit(self, unit: &UnitRow) -> Result<Option<Equal>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT u.prototype, u.confidence
             FROM unit_vector x CROSS JOIN opinion_unit u ON u.row = x.row AND u.unit = x.unit
             CROSS JOIN feedback f ON f.row = x.row
             WHERE x.words = ?1 AND f.generation < ?2 AND (u.polarity = ?3) = ?4
                 AND (x.row, x.unit) != (?5, ?6)
                 AND NOT f.is_spam AND NOT f.is_corrected
                 AND (u.prototype IS NOT NULL OR NOT u.is_fixed)
             ORDER BY x.row, x.unit LIMIT 1",
        )?;
        let values = params![
            mark(&unit.text),
            self.generation.cast_signed(),
            Polarity::Positive.code(),
            unit.polarity == Polarity::Positive,
            unit.row.0,
            unit.unit,
        ];
        let equal = |row: &Row<'_>| {
            let prototype = row.get::<_, Option<u32>>(0)?.map(PrototypeId);
            Ok(Equal { prototype, confidence: row.get(1)? })
        };
        Ok(statement.query_row(values, equal).optional()?)
    }
}
