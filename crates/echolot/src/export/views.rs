//! Writes the SQL views as Parquet files, one for each.

use std::io::BufWriter;

use anyhow::Context;
use echolot_engine::{Cell, CellKind, Error, Snapshot, View};
use serde_json::{Value, json};

use super::columns::{Column, Kind};
use super::{Stopped, parquet};
use crate::Exit;
use crate::args::{ExportArgs, ExportFormat};

pub(super) fn write(snapshot: &Snapshot, args: &ExportArgs) -> anyhow::Result<Exit> {
    let (Some(folder), ExportFormat::Parquet) = (&args.output, args.format) else {
        let reason = "views are Parquet files in a folder: --format parquet --output FOLDER";
        return Err(Error::BadValue { key: "what", reason: reason.to_owned() }.into());
    };
    fs_err::create_dir_all(folder)?;
    for view in View::ALL {
        let path = folder.join(format!("{}.parquet", view.name));
        let out = BufWriter::new(fs_err::File::create(&path)?);
        let columns: Vec<Column> = view.columns.iter().map(column).collect();
        parquet::write(&columns, out, |take| {
            let row = |cells: Vec<Cell>| {
                let values =
                    cells.into_iter().zip(&columns).map(|(cell, column)| value(cell, column.kind));
                take(values.collect()).map_err(Stopped)
            };
            snapshot.for_each_row_of(&view, row).map_err(|Stopped(error)| error)
        })
        .with_context(|| format!("cannot export to {}", path.display()))?;
    }
    Ok(Exit::Done)
}

fn column(&(name, kind): &(&'static str, CellKind)) -> Column {
    let kind = match kind {
        CellKind::Text => Kind::Text,
        CellKind::Whole => Kind::Whole,
        CellKind::Number => Kind::Number,
        CellKind::Flag => Kind::Flag,
        CellKind::Json => Kind::Json,
    };
    Column { name, kind }
}

fn value(cell: Cell, kind: Kind) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => Value::String(text),
        Cell::Whole(value) if kind == Kind::Flag => Value::Bool(value != 0),
        Cell::Whole(value) => json!(value),
        Cell::Number(value) => json!(value),
    }
}
