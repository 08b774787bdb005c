//! What stops the reading of a whole file.

use std::io;

/// A file that cannot be read, or cannot be read on.
///
/// A single bad row is no error: it is delivered as a
/// [`Rejection`](super::Rejection).
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The file cannot be opened; the system's message names it.
    #[error(transparent)]
    Open(io::Error),
    /// Reading broke off; everything before this line was delivered.
    #[error("{name}: reading broke off at line {line}")]
    Read {
        /// The file as given.
        name: String,
        /// The line or row that could not be read, from 1.
        line: u64,
        /// What the system or the decompressor said.
        source: io::Error,
    },
    /// The content is none of the formats, or not what it claims to be.
    #[error("{name}: {problem}")]
    Format {
        /// The file as given.
        name: String,
        /// What is wrong, and the remedy.
        problem: &'static str,
    },
    /// A workbook that cannot be read.
    #[error("{name}: the workbook cannot be read at row {row}")]
    Workbook {
        /// The file as given.
        name: String,
        /// The row that could not be read, from 1.
        row: u64,
        /// What the workbook reader said.
        source: Box<calamine::XlsxError>,
    },
    /// The sheet the configuration names is not in the workbook.
    #[error("{name}: there is no sheet `{sheet}`; the workbook has {}", listed(sheets))]
    NoSheet {
        /// The file as given.
        name: String,
        /// The sheet asked for.
        sheet: String,
        /// The sheets there are.
        sheets: Vec<String>,
    },
    /// A Parquet file that cannot be read.
    #[error("{name}: the Parquet file cannot be read at row {row}")]
    Parquet {
        /// The file as given.
        name: String,
        /// The row that could not be read, from 1.
        row: u64,
        /// What the Parquet reader said.
        source: parquet::errors::ParquetError,
    },
    /// A Parquet column of a type that has no meaning here.
    #[error("{name}: column `{column}` is of the type {kind}; write it as text or leave it out")]
    ParquetColumn {
        /// The file as given.
        name: String,
        /// The column.
        column: String,
        /// Its Parquet type.
        kind: String,
    },
    /// No column holds the customers' words.
    #[error(
        "{name}: no column holds the customers' words; the columns are {}. \
         Name the right one in echolot.toml, for example: columns = {{ {:?} = \"text\" }}",
        listed(columns),
        columns.first().map_or("their column", String::as_str)
    )]
    NoTextColumn {
        /// The file as given.
        name: String,
        /// The columns the file has.
        columns: Vec<String>,
    },
    /// A column is mapped to a field that does not exist.
    #[error("column `{column}` is mapped to `{field}`, which is no field; the fields are {known}")]
    UnknownField {
        /// The column of the source.
        column: String,
        /// The field asked for.
        field: String,
        /// The fields there are.
        known: String,
    },
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
