//! Themes, their prototypes and their ledger as rows of the database.

use echolot_core::{Fingerprint, ThemeId};
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::columns;
use crate::encoding::{sums_from_bytes, sums_to_bytes};
use crate::error::Error;
use crate::records::RowId;
use crate::theme_records::{Discovery, LedgerEntry, PrototypeId, StoredPrototype, StoredTheme};

/// The themes of the generation that is being written: what they are, which
/// units they hold, and what people have changed in them. What is written is
/// part of the run's transaction.
#[derive(Debug, Clone, Copy)]
pub struct ThemeStore<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) generation: u64,
}

impl ThemeStore<'_> {
    /// The generation that is being written.
    pub fn generation(self) -> u64 {
        self.generation
    }

    /// All themes and sub-themes, the ended ones too, by id.
    pub fn themes(self) -> Result<Vec<StoredTheme>, Error> {
        read_themes(self.connection)
    }

    /// Stores a theme, over the one with its id.
    pub fn put_theme(self, theme: &StoredTheme) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO theme (theme, label, terms, topic, polarity, size, representative_row,
                 representative_unit, examples, born, name, is_pinned, is_hidden, parent,
                 successor, ended)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (theme) DO UPDATE SET
                 label = excluded.label, terms = excluded.terms, topic = excluded.topic,
                 polarity = excluded.polarity, size = excluded.size,
                 representative_row = excluded.representative_row,
                 representative_unit = excluded.representative_unit,
                 examples = excluded.examples, born = excluded.born, name = excluded.name,
                 is_pinned = excluded.is_pinned, is_hidden = excluded.is_hidden,
                 parent = excluded.parent, successor = excluded.successor,
                 ended = excluded.ended",
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
            theme.size.cast_signed(),
            representative_row.0,
            representative_unit,
            serde_json::to_string(&examples)?,
            theme.born.cast_signed(),
            theme.name,
            theme.is_pinned,
            theme.is_hidden,
            theme.parent.map(|id| id.0),
            theme.successor.map(|id| id.0),
            theme.ended.map(u64::cast_signed),
        ])?;
        Ok(())
    }

    /// All prototypes, by number.
    pub fn prototypes(self) -> Result<Vec<StoredPrototype>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT prototype, theme, polarity, centroid, size, threshold
             FROM theme_prototype ORDER BY prototype",
        )?;
        let mut rows = statement.query([])?;
        let mut prototypes = Vec::new();
        while let Some(row) = rows.next()? {
            let centroid = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
            prototypes.push(StoredPrototype {
                id: PrototypeId(row.get(0)?),
                theme: ThemeId(row.get(1)?),
                polarity: columns::label(row, 2)?,
                centroid: sums_from_bytes(centroid)?,
                size: row.get::<_, i64>(4)?.cast_unsigned(),
                threshold: row.get(5)?,
            });
        }
        Ok(prototypes)
    }

    /// Stores a prototype, over the one with its number.
    pub fn put_prototype(self, prototype: &StoredPrototype) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO theme_prototype (prototype, theme, polarity, centroid, size, threshold)
             VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (prototype) DO UPDATE SET
                 theme = excluded.theme, polarity = excluded.polarity,
                 centroid = excluded.centroid, size = excluded.size,
                 threshold = excluded.threshold",
        )?;
        statement.execute(params![
            prototype.id.0,
            prototype.theme.0,
            prototype.polarity.code(),
            sums_to_bytes(&prototype.centroid),
            prototype.size.cast_signed(),
            prototype.threshold,
        ])?;
        Ok(())
    }

    /// Removes a prototype.
    pub fn remove_prototype(self, prototype: PrototypeId) -> Result<(), Error> {
        let mut statement =
            self.connection.prepare_cached("DELETE FROM theme_prototype WHERE prototype = ?")?;
        statement.execute([prototype.0])?;
        Ok(())
    }

    /// Writes down what happened to a theme, e.g. `born` or `grown`.
    pub fn record(self, theme: ThemeId, event: &str, detail: &Value) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO theme_event (theme, generation, event, detail) VALUES (?, ?, ?, ?)",
        )?;
        let detail = serde_json::to_string(detail)?;
        statement.execute(params![theme.0, self.generation.cast_signed(), event, detail])?;
        Ok(())
    }

    /// The last discovery among all units.
    pub fn last_discovery(self) -> Result<Option<Discovery>, Error> {
        read_discovery(self.connection, self.generation)
    }

    /// Stores when themes were discovered, over what stood for its generation.
    pub fn put_discovery(self, discovery: &Discovery) -> Result<(), Error> {
        let certificate = discovery.certificate.as_ref().map(Value::to_string);
        self.connection.execute(
            "INSERT OR REPLACE INTO discovery (generation, units, units_since, inputs, certificate)
             VALUES (?, ?, ?, ?, ?)",
            params![
                discovery.generation.cast_signed(),
                discovery.units.cast_signed(),
                discovery.units_since.cast_signed(),
                discovery.inputs.map(|inputs| inputs.0),
                certificate,
            ],
        )?;
        Ok(())
    }
}

/// The last discovery that `generation` has seen.
pub(crate) fn read_discovery(
    connection: &Connection,
    generation: u64,
) -> Result<Option<Discovery>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT generation, units, units_since, inputs, certificate FROM discovery
         WHERE generation <= ? ORDER BY generation DESC LIMIT 1",
    )?;
    let mut rows = statement.query([generation.cast_signed()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let number = |column| Ok::<_, Error>(row.get::<_, i64>(column)?.cast_unsigned());
    let certificate: Option<String> = row.get(4)?;
    Ok(Some(Discovery {
        generation: number(0)?,
        units: number(1)?,
        units_since: number(2)?,
        inputs: row.get::<_, Option<[u8; 16]>>(3)?.map(Fingerprint),
        certificate: certificate.map(|text| serde_json::from_str(&text)).transpose()?,
    }))
}

/// All themes and sub-themes, by id.
pub(crate) fn read_themes(connection: &Connection) -> Result<Vec<StoredTheme>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT theme, label, terms, topic, polarity, size, representative_row,
             representative_unit, examples, born, name, is_pinned, is_hidden, parent, successor,
             ended
         FROM theme ORDER BY theme",
    )?;
    let mut rows = statement.query([])?;
    let mut themes = Vec::new();
    while let Some(row) = rows.next()? {
        let examples: Vec<(u32, u32)> = serde_json::from_str(columns::text(row, 8)?)?;
        let theme = |column| Ok::<_, Error>(row.get::<_, Option<u32>>(column)?.map(ThemeId));
        themes.push(StoredTheme {
            id: ThemeId(row.get(0)?),
            label: row.get(1)?,
            terms: serde_json::from_str(columns::text(row, 2)?)?,
            topic: columns::label(row, 3)?,
            polarity: columns::label(row, 4)?,
            size: row.get::<_, i64>(5)?.cast_unsigned(),
            representative: (columns::row_id(row, 6)?, row.get(7)?),
            examples: examples.into_iter().map(|(row, unit)| (RowId(row), unit)).collect(),
            born: row.get::<_, i64>(9)?.cast_unsigned(),
            name: row.get(10)?,
            is_pinned: row.get(11)?,
            is_hidden: row.get(12)?,
            parent: theme(13)?,
            successor: theme(14)?,
            ended: row.get::<_, Option<i64>>(15)?.map(i64::cast_unsigned),
        });
    }
    Ok(themes)
}

/// The ledger of one theme, or of all, oldest entry first.
pub(crate) fn read_ledger(
    connection: &Connection,
    theme: Option<ThemeId>,
) -> Result<Vec<LedgerEntry>, Error> {
    let of_which = if theme.is_some() { "WHERE theme = ?1" } else { "WHERE ?1 IS NULL" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT generation, theme, event, detail FROM theme_event {of_which} ORDER BY event_number"
    ))?;
    let mut rows = statement.query([theme.map(|id| id.0)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(LedgerEntry {
            generation: row.get::<_, i64>(0)?.cast_unsigned(),
            theme: ThemeId(row.get(1)?),
            event: row.get(2)?,
            detail: serde_json::from_str(columns::text(row, 3)?)?,
        });
    }
    Ok(entries)
}
