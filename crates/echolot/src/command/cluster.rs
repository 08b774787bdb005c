//! `echolot cluster`: the themes of one file.

use std::io::{BufWriter, Write};

use echolot_engine::{Analyst, ClusteredRow, Config, cluster as cluster_file};

use crate::Exit;
use crate::args::ClusterArgs;
use crate::bars::Bars;
use crate::wire::{ClusteredJson, FileThemeJson};

pub(super) fn cluster(args: &ClusterArgs, engine: (&Config, &Analyst)) -> anyhow::Result<Exit> {
    let found = cluster_file(&args.file, engine, &Bars::new())?;
    if let Some(file) = &args.themes {
        let mut out = BufWriter::new(fs_err::File::create(file)?);
        for (number, theme) in found.themes.into_iter().enumerate() {
            serde_json::to_writer(&mut out, &FileThemeJson::new(number, theme))?;
            writeln!(out)?;
        }
        out.flush()?;
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut rejected = 0;
    for row in found.rows {
        rejected += u64::from(matches!(row, ClusteredRow::Rejected(_)));
        serde_json::to_writer(&mut out, &ClusteredJson::from(row))?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(Exit::after(rejected))
}
