//! `echolot score`: feedback items in, their analysis out.

use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use echolot_engine::{Analyst, Config, Error, Scored, open, read_jsonl, score as score_rows};

use crate::Exit;
use crate::args::ScoreArgs;
use crate::bars::Bars;
use crate::wire::ScoredJson;

pub(super) fn score(
    args: &ScoreArgs,
    (config, analyst): (&Config, &Analyst),
) -> anyhow::Result<Exit> {
    let rows = if let Some(file) = &args.file {
        open(file, config.input.options_for(file))
    } else {
        let options = config.input.options_for(Path::new(""));
        read_jsonl(BufReader::new(std::io::stdin()), "standard input", options)
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut rejected = 0;
    let take = |scored: Scored| -> anyhow::Result<()> {
        rejected += u64::from(matches!(scored, Scored::Rejected(_)));
        serde_json::to_writer(&mut out, &ScoredJson::from(scored))?;
        writeln!(out).context("cannot write the result")
    };
    score_rows(rows.map_err(Error::from)?, analyst, &Bars::new(), take)?;
    out.flush()?;
    Ok(Exit::after(rejected))
}
