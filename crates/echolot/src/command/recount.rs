//! `echolot recount`: figures, counted again from the stored rows.

use std::io::Write;

use echolot_engine::{Config, recount};

use super::print_json;
use crate::args::RecountArgs;
use crate::wire::{RecountJson, read_trace};
use crate::{Exit, table};

/// How many verbatims are shown to people.
const SHOWN: usize = 20;

pub(super) fn run(args: &RecountArgs, config: &Config) -> anyhow::Result<Exit> {
    let found = recount(&args.data.data, &read_trace(&args.trace)?, config)?;
    let exit = if found.agrees() { Exit::Done } else { Exit::Failed };
    if args.json {
        print_json(&RecountJson::from(found))?;
        return Ok(exit);
    }
    let mut out = std::io::stdout().lock();
    let mut rows = table::plain(&["figure", "stated", "recounted"], &[1, 2]);
    for (figure, value) in &found.found {
        let value =
            value.map_or_else(table::dash, |value| format!("{}", (value * 1e6).round() / 1e6));
        rows.add_row([figure.name(), figure.value.to_string(), value]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    let verdict = if found.agrees() { "agree" } else { "DO NOT AGREE" };
    writeln!(
        out,
        "\nThe figures of generation {} {verdict} with the stored rows.\n",
        found.trace.generation
    )?;
    let mut rows = table::plain(&["verbatim", "characters"], &[]);
    for one in found.verbatims.iter().take(SHOWN) {
        let spans = one.spans.iter().map(|span| format!("{}–{}", span.start, span.end));
        rows.add_row([one.id.to_string(), spans.collect::<Vec<_>>().join(", ")]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    let more = found.verbatims.len().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "and {more} more (--json lists all)")?;
    }
    Ok(exit)
}
