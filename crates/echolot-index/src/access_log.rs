//! What was done with the keys: looks at verbatims, edits, deliveries and exports.

use echolot_core::Timestamp;
use rusqlite::{Row, params};
use serde_json::Value;

use crate::access::AccessStore;
use crate::columns;
use crate::error::Error;

/// One look at verbatims, edit, delivery or export.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessEntry {
    /// The number, from 1 in the order of time; 0 before it is kept.
    pub entry: u64,
    /// When it was answered.
    pub at: Timestamp,
    /// Id and name of the key; none where no key was needed.
    pub key: Option<(String, String)>,
    /// What was done: `read`, `edit`, `ingest`, `export` or `administer`.
    pub action: String,
    /// Method and address pattern, e.g. `GET /v1/verbatims/{id}`.
    pub route: String,
    /// The address as it was asked for, with its filters.
    pub target: String,
    /// What else is known, for instance the number of the edit.
    pub detail: Option<Value>,
    /// The generation the answer is about.
    pub generation: Option<u64>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The id of the request.
    pub request_id: String,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessQuestion {
    /// Only entries with a smaller number, to read on where a page ended.
    pub before: Option<u64>,
    /// Only entries of the key with this id.
    pub key: Option<String>,
    /// Only entries of this action.
    pub action: Option<String>,
    /// The greatest number of entries.
    pub limit: usize,
}

impl AccessStore {
    /// Keeps an entry. It outlives the process when this returns; a loss of
    /// power may cost the last moments, as waiting for the disk would cost
    /// every question milliseconds.
    pub fn log(&self, entry: &AccessEntry) -> Result<(), Error> {
        let connection = self.connection();
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let mut statement = connection.prepare_cached(
            "INSERT INTO access_log (at, key_id, key_name, action, route, target, detail,
                 generation, status, request_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        statement.execute(params![
            entry.at.seconds(),
            entry.key.as_ref().map(|(id, _)| id),
            entry.key.as_ref().map(|(_, name)| name),
            entry.action,
            entry.route,
            entry.target,
            entry.detail.as_ref().map(Value::to_string),
            entry.generation.map(u64::cast_signed),
            entry.status,
            entry.request_id,
        ])?;
        Ok(())
    }

    /// Entries of the log, newest first.
    pub fn entries(&self, question: &AccessQuestion) -> Result<Vec<AccessEntry>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT entry, at, key_id, key_name, action, route, target, detail, generation,
                 status, request_id
             FROM access_log
             WHERE (?1 IS NULL OR entry < ?1) AND (?2 IS NULL OR key_id = ?2)
                 AND (?3 IS NULL OR action = ?3)
             ORDER BY entry DESC LIMIT ?4",
        )?;
        let before = question.before.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        let limit = i64::try_from(question.limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![before, question.key, question.action, limit])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(read_entry(row)?);
        }
        Ok(entries)
    }
}

fn read_entry(row: &Row<'_>) -> Result<AccessEntry, Error> {
    let (id, name): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    let detail: Option<String> = row.get(7)?;
    let at = columns::timestamp(row, 1)?;
    Ok(AccessEntry {
        entry: row.get::<_, i64>(0)?.cast_unsigned(),
        at: at.ok_or_else(|| Error::damaged("access_log", "an entry has no time"))?,
        key: id.zip(name),
        action: row.get(4)?,
        route: row.get(5)?,
        target: row.get(6)?,
        detail: detail.map(|detail| serde_json::from_str(&detail)).transpose()?,
        generation: row.get::<_, Option<i64>>(8)?.map(i64::cast_unsigned),
        status: row.get(9)?,
        request_id: row.get(10)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(number: u64, key: Option<&str>, action: &str) -> AccessEntry {
        AccessEntry {
            entry: number,
            at: Timestamp::from_seconds(1_700_000_000).unwrap(),
            key: key.map(|id| (id.to_owned(), "page".to_owned())),
            action: action.to_owned(),
            route: "GET /v1/search".to_owned(),
            target: "/v1/search?q=Akku".to_owned(),
            detail: Some(json!({ "edit": number })),
            generation: Some(3),
            status: 200,
            request_id: "r".to_owned(),
        }
    }

    #[test]
    fn entries_are_read_page_by_page_from_the_newest() {
        let temp = tempfile::tempdir().unwrap();
        let store = AccessStore::create_or_open(&temp.path().join("access.sqlite")).unwrap();
        let kept = [
            entry(1, None, "read"),
            entry(2, Some("a"), "edit"),
            entry(3, Some("a"), "read"),
            entry(4, Some("b"), "read"),
        ];
        for entry in &kept {
            store.log(&AccessEntry { entry: 0, ..entry.clone() }).unwrap();
        }
        let page = |before| AccessQuestion { before, limit: 3, ..AccessQuestion::default() };
        let first = store.entries(&page(None)).unwrap();
        assert_eq!(first, [kept[3].clone(), kept[2].clone(), kept[1].clone()]);
        assert_eq!(store.entries(&page(Some(2))).unwrap(), [kept[0].clone()]);
        let of_a = AccessQuestion {
            key: Some("a".to_owned()),
            action: Some("read".to_owned()),
            ..page(None)
        };
        assert_eq!(store.entries(&of_a).unwrap(), [kept[2].clone()]);
    }
}
