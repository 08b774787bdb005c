//! Everything that is stored, for other programs: `echolot export` and `/v1/export`.

mod columns;
mod parquet;
mod views;

use std::io::{BufWriter, IsTerminal, Write};

use anyhow::{Context, bail};
use echolot_engine::{Filter, RowId, Snapshot, ThemeQuestion, Verbatim, open_snapshot};
use serde_json::{Map, Value};

use crate::Exit;
use crate::args::{ExportArgs, ExportFormat, ExportWhat};
use columns::{Column, feedback_row, opinion_rows, theme_row};

pub(crate) fn export(args: &ExportArgs) -> anyhow::Result<Exit> {
    let snapshot = open_snapshot(&args.data.data)?;
    if args.what == ExportWhat::Views {
        return views::write(&snapshot, args);
    }
    let extract =
        Extract { snapshot: &snapshot, what: args.what, rows: None, filter: Filter::default() };
    let Some(path) = &args.output else {
        let out = std::io::stdout();
        if args.format == ExportFormat::Parquet && out.is_terminal() {
            bail!("Parquet is not for a terminal; name a file with --output");
        }
        extract.write(args.format, out)?;
        return Ok(Exit::Done);
    };
    let written = extract.write(args.format, fs_err::File::create(path)?);
    written.with_context(|| format!("cannot export to {}", path.display()))?;
    Ok(Exit::Done)
}

/// What is exported of a generation.
pub(crate) struct Extract<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// Anything but views, which have a writer of their own.
    pub(crate) what: ExportWhat,
    /// The feedback it is of, in this order; none means all, in the order of
    /// first load. Themes are of what `filter` lets through.
    pub(crate) rows: Option<&'a [RowId]>,
    /// What themes are counted in; anything else is not asked.
    pub(crate) filter: Filter,
}

impl Extract<'_> {
    /// Writes the extract, in memory that does not grow with it.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(crate) fn write(&self, format: ExportFormat, out: impl Write + Send) -> anyhow::Result<()> {
        let columns = columns::of(self.what);
        let mut out = BufWriter::new(out);
        match format {
            ExportFormat::Jsonl => self.write_jsonl(columns, out),
            ExportFormat::Csv => self.write_csv((columns, as_text), out),
            ExportFormat::Spreadsheet => {
                out.write_all(BYTE_ORDER_MARK)?;
                self.write_csv((columns, as_harmless_text), out)
            }
            ExportFormat::Parquet => parquet::write(columns, out, |take| self.for_each_row(take)),
        }
    }

    /// Hands every row to `take`, in a fixed order; themes by number.
    fn for_each_row(
        &self,
        mut take: impl FnMut(Vec<Value>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self.what {
            ExportWhat::Feedback => self.for_each_verbatim(|found| take(feedback_row(found))),
            ExportWhat::Opinions => self.for_each_verbatim(|found| {
                let opinions = if found.is_spam { vec![] } else { opinion_rows(found) };
                opinions.into_iter().try_for_each(&mut take)
            }),
            ExportWhat::Themes => {
                let question = ThemeQuestion {
                    segment: self.filter.clone().into(),
                    with_hidden: true,
                    examples: 3,
                    ..ThemeQuestion::default()
                };
                let mut themes = self.snapshot.themes(&question)?.rows;
                themes.sort_by_key(|row| row.theme.id);
                themes.iter().map(theme_row).try_for_each(take)
            }
            ExportWhat::Views => unreachable!("views have a writer of their own"),
        }
    }

    fn for_each_verbatim(
        &self,
        mut take: impl FnMut(&Verbatim) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let take = |found: Verbatim| take(&found).map_err(Stopped);
        let walked = match self.rows {
            Some(rows) => self.snapshot.for_each_of(rows, take),
            None => self.snapshot.for_each_verbatim(take),
        };
        walked.map_err(|Stopped(error)| error)
    }

    fn write_jsonl(&self, columns: &[Column], mut out: impl Write) -> anyhow::Result<()> {
        self.for_each_row(|row| {
            let object: Map<String, Value> =
                columns.iter().map(|column| column.name.to_owned()).zip(row).collect();
            serde_json::to_writer(&mut out, &object)?;
            Ok(writeln!(out)?)
        })?;
        Ok(out.flush()?)
    }

    fn write_csv(
        &self,
        (columns, cell): (&[Column], fn(&Value) -> String),
        out: impl Write,
    ) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(columns.iter().map(|column| column.name))?;
        self.for_each_row(|row| Ok(writer.write_record(row.iter().map(cell))?))?;
        Ok(writer.flush()?)
    }
}

/// Lets an error of any kind pass through the walk over the store.
struct Stopped(anyhow::Error);

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// By which spreadsheet programs know UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A cell as text: a list as JSON, nothing as nothing.
fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// As [`as_text`], but a text with which spreadsheet programs would let a
/// formula begin has an apostrophe before it: the words are a stranger's.
fn as_harmless_text(value: &Value) -> String {
    let text = as_text(value);
    let begins_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if value.is_string() && begins_formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_becomes_a_formula_and_no_number_a_text() {
        let cells = [json!("=1+1"), json!("@x"), json!("-gut"), json!("a=b"), json!(-0.5)];
        let cells: Vec<String> = cells.iter().map(as_harmless_text).collect();
        assert_eq!(cells, ["'=1+1", "'@x", "'-gut", "a=b", "-0.5"]);
        assert_eq!(as_harmless_text(&Value::Null), "");
        assert_eq!(as_text(&json!("=1+1")), "=1+1");
    }
}
