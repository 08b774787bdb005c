//! What a run leaves for people, as files: its report, and the rows it refused.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::columns;
use crate::error::Error;

/// Writes for every run that has no files yet `reports/run-N.json`, and, if it
/// refused rows, `rejected/run-N.jsonl` with one JSON object per row: `source`,
/// `line`, `reason` and `raw`.
pub(crate) fn write(folder: &Path, connection: &Connection) -> Result<(), Error> {
    let mut statement =
        connection.prepare("SELECT generation, report FROM run ORDER BY generation")?;
    let mut runs = statement.query([])?;
    while let Some(run) = runs.next()? {
        let generation: i64 = run.get(0)?;
        let report = folder.join(format!("reports/run-{generation}.json"));
        if report.exists() {
            continue;
        }
        // The report comes last: where it is, the other file is complete.
        write_rejected(
            &folder.join(format!("rejected/run-{generation}.jsonl")),
            generation,
            connection,
        )?;
        let value: Value = serde_json::from_str(columns::text(run, 1)?)?;
        put(&report, |out| {
            serde_json::to_writer_pretty(&mut *out, &value)?;
            Ok(writeln!(out)?)
        })?;
    }
    Ok(())
}

fn write_rejected(file: &Path, generation: i64, connection: &Connection) -> Result<(), Error> {
    let count = "SELECT count(*) FROM rejected WHERE generation = ?";
    let rows: i64 = connection.query_row(count, [generation], |row| row.get(0))?;
    if rows == 0 {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "SELECT source, line, reason, raw FROM rejected
         WHERE generation = ? ORDER BY rejection_number",
    )?;
    let mut rows = statement.query([generation])?;
    put(file, |out| {
        while let Some(row) = rows.next()? {
            let line: i64 = row.get(1)?;
            let rejection = json!({
                "source": columns::text(row, 0)?,
                "line": line,
                "reason": columns::text(row, 2)?,
                "raw": columns::text(row, 3)?,
            });
            serde_json::to_writer(&mut *out, &rejection)?;
            writeln!(out)?;
        }
        Ok(())
    })
}

/// Writes a file beside its place and renames it, so that it is there whole or
/// not at all.
fn put(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<fs_err::File>) -> Result<(), Error>,
) -> Result<(), Error> {
    let partial: PathBuf = file.with_extension("partial");
    let mut out = BufWriter::new(fs_err::File::create(&partial)?);
    write(&mut out)?;
    out.flush()?;
    Ok(fs_err::rename(partial, file)?)
}
