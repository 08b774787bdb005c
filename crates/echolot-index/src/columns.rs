//! Values as columns of the database hold them.

use std::str::FromStr;

use echolot_core::{Fingerprint, Intent, Language, Timestamp, UnknownCode};
use rusqlite::types::ValueRef;
use rusqlite::{Row, RowIndex};

use crate::encoding;
use crate::error::Error;
use crate::records::RowId;

/// Reads text without copying it.
pub(crate) fn text<'r>(row: &'r Row<'_>, column: impl RowIndex) -> Result<&'r str, Error> {
    optional_text(row, column)?.ok_or_else(|| Error::damaged("a text column", "it is NULL"))
}

/// Reads text that may be absent, without copying it.
pub(crate) fn optional_text<'r>(
    row: &'r Row<'_>,
    column: impl RowIndex,
) -> Result<Option<&'r str>, Error> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .map(Some)
            .map_err(|error| Error::damaged("a text column", error)),
        other => Err(Error::damaged("a text column", format!("it holds {}", other.data_type()))),
    }
}

/// Reads a label by its code.
pub(crate) fn label<T: FromStr<Err = UnknownCode>>(
    row: &Row<'_>,
    column: impl RowIndex,
) -> Result<T, Error> {
    text(row, column)?.parse().map_err(|error: UnknownCode| Error::damaged("a label", error))
}

pub(crate) fn language(row: &Row<'_>, column: impl RowIndex) -> Result<Language, Error> {
    let code = text(row, column)?;
    Language::from_tag(code)
        .ok_or_else(|| Error::damaged("language", format!("`{code}` is no language")))
}

pub(crate) fn timestamp(row: &Row<'_>, column: impl RowIndex) -> Result<Option<Timestamp>, Error> {
    row.get::<_, Option<i64>>(column)?.map(encoding::timestamp).transpose()
}

pub(crate) fn fingerprint(row: &Row<'_>, column: impl RowIndex) -> Result<Fingerprint, Error> {
    encoding::fingerprint(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)
}

pub(crate) fn row_id(row: &Row<'_>, column: impl RowIndex) -> Result<RowId, Error> {
    Ok(RowId(row.get(column)?))
}

/// Intents as their codes, separated by commas.
pub(crate) fn join_intents(intents: &[Intent]) -> String {
    intents.iter().map(|intent| intent.code()).collect::<Vec<_>>().join(",")
}

/// The intents that [`join_intents`] wrote.
pub(crate) fn split_intents(codes: &str) -> Result<Vec<Intent>, Error> {
    let codes = codes.split(',').filter(|code| !code.is_empty());
    codes.map(|code| code.parse().map_err(|error| Error::damaged("intents", error))).collect()
}
