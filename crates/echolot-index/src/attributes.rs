//! Columns of attributes, read when they are first asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use serde::Deserialize;

use crate::columns;
use crate::error::Error;
use crate::facts::{Words, WordsBuilder};

/// The attribute that states the journey stage of an item.
pub const STAGE_ATTRIBUTE: &str = "journey_stage";
/// The attribute that states the touchpoint of an item.
pub const TOUCHPOINT_ATTRIBUTE: &str = "touchpoint";

/// The columns of attributes that were asked for so far.
///
/// Attributes stand beside the texts, and to read them means to read all of
/// these: too much for every question that asks for none. So a column is read
/// with the first question that names it and kept from then on.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    columns: Mutex<BTreeMap<String, Arc<Words>>>,
}

impl Attributes {
    /// The column of an attribute; none while it was not read.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Words>> {
        self.columns().get(name).cloned()
    }

    /// Reads those columns that were not read yet, all in one pass. A reader
    /// that comes meanwhile waits, so that no column is read twice.
    pub(crate) fn read(&self, connection: &Connection, names: &[&str]) -> Result<(), Error> {
        let mut columns = self.columns();
        let mut missing: Vec<&str> =
            names.iter().copied().filter(|name| !columns.contains_key(*name)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        for (name, words) in missing.iter().zip(read_columns(connection, &missing)?) {
            columns.insert((*name).to_owned(), Arc::new(words));
        }
        Ok(())
    }

    fn columns(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Words>>> {
        self.columns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_columns(connection: &Connection, names: &[&str]) -> Result<Vec<Words>, Error> {
    let keys: Vec<String> = names
        .iter()
        .map(|name| Ok(format!("{}:", serde_json::to_string(name)?)))
        .collect::<Result<_, Error>>()?;
    let mut builders: Vec<WordsBuilder> = names.iter().map(|_| WordsBuilder::default()).collect();
    let mut statement = connection.prepare("SELECT attributes FROM verbatim ORDER BY row")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let attributes = columns::text(row, 0)?;
        for (key, builder) in keys.iter().zip(&mut builders) {
            builder.push(value_of(attributes, key)?.as_deref());
        }
    }
    Ok(builders.into_iter().map(WordsBuilder::finish).collect())
}

/// The value behind a key in a flat object of texts. Within a text quotes are
/// escaped: where neither quote of the key is, it is the key.
fn value_of<'a>(object: &'a str, key: &str) -> Result<Option<Cow<'a, str>>, Error> {
    let found = object.match_indices(key).find(|(at, _)| !object[..*at].ends_with('\\'));
    let Some((at, _)) = found else { return Ok(None) };
    let mut rest = serde_json::Deserializer::from_str(&object[at + key.len()..]);
    Ok(Some(Cow::deserialize(&mut rest)?))
}

/// All names of attributes that occur, in order.
pub(crate) fn names(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT key FROM verbatim, json_each(attributes)
         WHERE attributes != '{}' ORDER BY key",
    )?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_behind_its_key_alone() {
        let object = serde_json::json!({
            "a\"b": "\"x\":\"no\"", "note": "x", "x": "Köln \"Mitte\"\n", "xx": "",
        });
        let object = object.to_string();
        let value = |name: &str| {
            let key = format!("{}:", serde_json::to_string(name).unwrap());
            value_of(&object, &key).unwrap().map(Cow::into_owned)
        };
        assert_eq!(value("x").as_deref(), Some("Köln \"Mitte\"\n"));
        assert_eq!(value("xx").as_deref(), Some(""));
        assert_eq!(value("a\"b").as_deref(), Some("\"x\":\"no\""));
        assert_eq!(value("b"), None);
        assert_eq!(value("no"), None);
    }
}
