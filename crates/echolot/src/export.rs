//! `echolot export`: everything that is stored, for other programs.

mod columns;
mod parquet;
mod views;

use std::io::{BufWriter, IsTerminal, Write};

use anyhow::{Context, bail};
use echolot_engine::{Snapshot, ThemeQuestion, open_snapshot};
use serde_json::{Map, Value};

use crate::Exit;
use crate::args::{ExportArgs, ExportFormat, ExportWhat};
use columns::{Column, feedback_row, opinion_rows, theme_row};

pub(crate) fn export(args: &ExportArgs) -> anyhow::Result<Exit> {
    let snapshot = open_snapshot(&args.data.data)?;
    if args.what == ExportWhat::Views {
        return views::write(&snapshot, args);
    }
    let Some(path) = &args.output else {
        let out = std::io::stdout();
        if args.format == ExportFormat::Parquet && out.is_terminal() {
            bail!("Parquet is not for a terminal; name a file with --output");
        }
        return write(&snapshot, args, out);
    };
    let file = fs_err::File::create(path)?;
    write(&snapshot, args, file).with_context(|| format!("cannot export to {}", path.display()))
}

fn write(snapshot: &Snapshot, args: &ExportArgs, out: impl Write + Send) -> anyhow::Result<Exit> {
    let columns = columns::of(args.what);
    let out = BufWriter::new(out);
    match args.format {
        ExportFormat::Jsonl => write_jsonl(snapshot, args.what, columns, out)?,
        ExportFormat::Csv => write_csv(snapshot, args.what, columns, out)?,
        ExportFormat::Parquet => {
            parquet::write(columns, out, |take| for_each_row(snapshot, args.what, take))?;
        }
    }
    Ok(Exit::Done)
}

/// Hands every row to `take`, in a fixed order: feedback and opinions in the
/// order of first load, themes by number.
fn for_each_row(
    snapshot: &Snapshot,
    what: ExportWhat,
    mut take: impl FnMut(Vec<Value>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match what {
        ExportWhat::Feedback => snapshot
            .for_each_verbatim(|verbatim| take(feedback_row(&verbatim)).map_err(Stopped))
            .map_err(|Stopped(error)| error),
        ExportWhat::Opinions => snapshot
            .for_each_verbatim(|verbatim| {
                let opinions = if verbatim.is_spam { vec![] } else { opinion_rows(&verbatim) };
                opinions.into_iter().try_for_each(&mut take).map_err(Stopped)
            })
            .map_err(|Stopped(error)| error),
        ExportWhat::Themes => {
            let question =
                ThemeQuestion { with_hidden: true, examples: 3, ..ThemeQuestion::default() };
            let mut themes = snapshot.themes(&question)?.rows;
            themes.sort_by_key(|row| row.theme.id);
            themes.iter().map(theme_row).try_for_each(take)
        }
        ExportWhat::Views => unreachable!("views have a writer of their own"),
    }
}

/// Lets an error of any kind pass through the walk over the store.
struct Stopped(anyhow::Error);

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

fn write_jsonl(
    snapshot: &Snapshot,
    what: ExportWhat,
    columns: &[Column],
    mut out: impl Write,
) -> anyhow::Result<()> {
    for_each_row(snapshot, what, |row| {
        let object: Map<String, Value> =
            columns.iter().map(|column| column.name.to_owned()).zip(row).collect();
        serde_json::to_writer(&mut out, &object)?;
        Ok(writeln!(out)?)
    })?;
    Ok(out.flush()?)
}

fn write_csv(
    snapshot: &Snapshot,
    what: ExportWhat,
    columns: &[Column],
    out: impl Write,
) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns.iter().map(|column| column.name))?;
    for_each_row(snapshot, what, |row| Ok(writer.write_record(row.iter().map(as_text))?))?;
    Ok(writer.flush()?)
}

/// A cell as text: a list as JSON, nothing as nothing.
fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
