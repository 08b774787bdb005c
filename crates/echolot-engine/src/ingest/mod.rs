//! Readers: files of any common form become checked feedback items, one at a time.
//!
//! A file is recognised by its content first and by its extension second, and
//! is read in constant memory, one reader per form:
//!
//! | form | recognised by | reader |
//! |---|---|---|
//! | JSON lines | the first character is `{` | `jsonl` |
//! | JSON array, or objects over several lines | `[` and then `{`; a line with only `{` | `json` |
//! | CSV, TSV and their kin (`,` `;` tab or a bar) | the header names a text column | `delimited` |
//! | chat transcript | lines of two speakers, `Kunde: …` and `Agent: …` | `transcript` |
//! | XLSX | the ZIP signature | `xlsx` |
//! | Parquet | the `PAR1` signature | `parquet` |
//!
//! All but the last two may be compressed with gzip or zstd, and may be
//! encoded in UTF-8, UTF-16 or Windows-1252.
//!
//! Every reader hands its rows to the same two steps: `columns` says which
//! column means which field, `item` checks the values. The same row therefore
//! gives the same item, and the same derived id, whatever file it comes in.
//!
//! Memory is bounded by the longest row (16 MiB), with one exception: an XLSX
//! file keeps its texts in one table that must be held as a whole.

mod answers;
mod columns;
mod delimited;
mod encoding;
mod error;
mod format;
mod item;
mod json;
mod jsonl;
mod lines;
mod namesakes;
mod parquet;
mod speech;
#[cfg(test)]
mod tests;
mod transcript;
mod xlsx;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use echolot_core::{CesVersion, DateOrder, Feedback};

use self::encoding::Stream;
pub use self::error::IngestError;
use self::format::Format;
pub(crate) use self::item::content_fingerprint;
use self::item::derived_id;
pub use self::item::parse_item;
pub(crate) use self::namesakes::Namesakes;

/// How the files of one source are to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceOptions {
    /// Which column of the source means which field, where the name alone does
    /// not say it: `"Q7_Freitext" -> "text"`. Mapping a column to
    /// `attributes` keeps it from being taken for a field.
    pub columns: BTreeMap<String, String>,
    /// The highest answer of the satisfaction question: 3 to 7, or 10.
    pub csat_scale: u8,
    /// Which form of the effort question was asked.
    pub ces_version: CesVersion,
    /// What comes first in dates with slashes; they are refused when none.
    pub date_order: Option<DateOrder>,
    /// The source of rows that do not state one.
    pub source: Option<String>,
    /// The channel of rows that do not state one.
    pub channel: Option<String>,
    /// The product of rows that do not state one.
    pub product: Option<String>,
    /// The sheet of a workbook to read; the first one if none is named.
    pub sheet: Option<String>,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            columns: BTreeMap::new(),
            csat_scale: 5,
            ces_version: CesVersion::V2,
            date_order: None,
            source: None,
            channel: None,
            product: None,
            sheet: None,
        }
    }
}

/// A row that is no feedback item, kept for repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The file as given.
    pub source: String,
    /// The line of the text file, or the row of the sheet or table, from 1.
    pub line: u64,
    /// What is wrong, naming the field.
    pub reason: String,
    /// The row as it was read, at most 2,000 characters of it.
    pub raw: String,
}

/// What one row became.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivered {
    /// A checked feedback item, with its line as in [`Rejection::line`].
    Item(Box<Feedback>, u64),
    /// A row that cannot be used as it is.
    Rejected(Rejection),
}

/// The rows of a file in their order. An error is the last thing delivered.
pub type Deliveries = Box<dyn Iterator<Item = Result<Delivered, IngestError>> + Send>;

/// Opens a file in any of the forms above.
///
/// # Errors
/// When the file cannot be opened, is in none of the forms, or has no column
/// with the customers' words, and when `options` names a field that does not
/// exist. Later, from the iterator: when reading breaks off.
pub fn open(path: &Path, options: &SourceOptions) -> Result<Deliveries, IngestError> {
    columns::check_mapping(options)?;
    let cannot_open = IngestError::Open;
    let file = fs_err::File::open(path).map_err(cannot_open)?;
    let stream = Stream::new(file).map_err(cannot_open)?;
    let intake = Intake { name: path.display().to_string(), options: options.clone() };
    rows_of(stream, path, intake)
}

fn rows_of(stream: Stream, path: &Path, intake: Intake) -> Result<Deliveries, IngestError> {
    match Format::recognise(&stream, path, &intake)? {
        Format::Xlsx => xlsx::read(path, intake),
        Format::Parquet => parquet::read(path, intake),
        Format::JsonLines => Ok(jsonl::read(stream.reader, intake)),
        Format::Json => Ok(json::read(stream.reader, intake)),
        Format::Transcript => Ok(transcript::read(stream, intake)),
        Format::Delimited { delimiter } => delimited::read(stream, delimiter, intake),
    }
}

/// Reads JSON lines from anything, for example the standard input. `name`
/// stands in rejections and errors.
///
/// # Errors
/// When `options` names a field that does not exist; later, from the iterator,
/// when reading breaks off.
pub fn read_jsonl(
    reader: impl BufRead + Send + 'static,
    name: &str,
    options: &SourceOptions,
) -> Result<Deliveries, IngestError> {
    columns::check_mapping(options)?;
    let intake = Intake { name: name.to_owned(), options: options.clone() };
    Ok(jsonl::read(Box::new(reader), intake))
}

/// The form of a body that is delivered in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// One object, or a list of objects.
    Json,
    /// One object on each line.
    JsonLines,
}

impl BodyForm {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }
}

/// Reads a body that was delivered.
///
/// # Errors
/// When `options` names a field that does not exist; later, from the iterator,
/// when a list is not closed.
pub(crate) fn read_body(
    body: impl BufRead + Send + 'static,
    form: BodyForm,
    options: &SourceOptions,
) -> Result<Deliveries, IngestError> {
    columns::check_mapping(options)?;
    let intake = Intake { name: "the body".to_owned(), options: options.clone() };
    Ok(match form {
        BodyForm::Json => json::read(Box::new(body), intake),
        BodyForm::JsonLines => jsonl::read(Box::new(body), intake),
    })
}

/// The characters of a rejected row that are kept.
const MAX_RAW_CHARS: usize = 2_000;

/// Where rows come in: the name of the file, and how its rows are judged.
struct Intake {
    name: String,
    options: SourceOptions,
}

impl Intake {
    /// An item if the row passed its checks, otherwise its rejection.
    fn judge(
        &self,
        line: u64,
        checked: Result<Feedback, String>,
        raw: impl FnOnce() -> String,
    ) -> Delivered {
        match checked {
            Ok(item) => Delivered::Item(Box::new(item), line),
            Err(reason) => self.reject(line, reason, &raw()),
        }
    }

    fn reject(&self, line: u64, reason: impl Into<String>, raw: &str) -> Delivered {
        Delivered::Rejected(Rejection {
            source: self.name.clone(),
            line,
            reason: reason.into(),
            raw: raw.trim_end().chars().take(MAX_RAW_CHARS).collect(),
        })
    }

    fn broke_off(&self, line: u64, source: std::io::Error) -> IngestError {
        IngestError::Read { name: self.name.clone(), line, source }
    }
}

/// One reader: the next row of its file, `None` at the end.
trait Reader: Send {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError>;
}

/// The rows of a reader up to its end or its first error.
fn deliveries(mut reader: impl Reader + 'static) -> Deliveries {
    let mut is_over = false;
    Box::new(std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let row = reader.next_row().transpose();
        is_over = !matches!(row, Some(Ok(_)));
        row
    }))
}
