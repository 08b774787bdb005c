//! The rows that runs refused, as files to be repaired and delivered again.

use std::io::{BufWriter, Write};
use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use crate::columns;
use crate::error::Error;

/// Writes `run-N.jsonl` for every run that refused rows and has no file yet:
/// one JSON object per row with `source`, `line`, `reason` and `raw`.
pub(crate) fn write_files(folder: &Path, connection: &Connection) -> Result<(), Error> {
    let mut runs =
        connection.prepare("SELECT DISTINCT generation FROM rejected ORDER BY generation")?;
    let generations: Vec<i64> = runs.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for generation in generations {
        let file = folder.join(format!("run-{generation}.jsonl"));
        if !file.exists() {
            write_file(&file, generation, connection)?;
        }
    }
    Ok(())
}

fn write_file(file: &Path, generation: i64, connection: &Connection) -> Result<(), Error> {
    let partial = file.with_extension("partial");
    let mut out = BufWriter::new(fs_err::File::create(&partial)?);
    let mut statement = connection.prepare_cached(
        "SELECT source, line, reason, raw FROM rejected WHERE generation = ? ORDER BY rejection_number",
    )?;
    let mut rows = statement.query([generation])?;
    while let Some(row) = rows.next()? {
        let line: i64 = row.get(1)?;
        let rejection = json!({
            "source": columns::text(row, 0)?,
            "line": line,
            "reason": columns::text(row, 2)?,
            "raw": columns::text(row, 3)?,
        });
        serde_json::to_writer(&mut out, &rejection)?;
        writeln!(out)?;
    }
    out.flush()?;
    fs_err::rename(partial, file)?;
    Ok(())
}
