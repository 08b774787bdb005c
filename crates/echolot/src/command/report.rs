//! `echolot report` and `echolot explain`: reports, and what changed between two.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use echolot_core::{Calendar, Period};
use echolot_engine::{ChangeStep, Config, Error, ReportQuestion, Snapshot, open_as_of, open_past};
use serde_json::Value;

use super::{open, print, print_json};
use crate::args::{ExplainArgs, ReportArgs, ReportFormat};
use crate::edits::now;
use crate::explain::{explain as explain_reports, shown};
use crate::wire::{ExplanationJson, ReportJson};
use crate::{Exit, reports, table};

pub(super) fn report(args: &ReportArgs, config: &Config) -> anyhow::Result<Exit> {
    let as_of = args.as_of.as_deref().map(day).transpose()?;
    let snapshot = match (as_of, args.generation) {
        (_, Some(generation)) => open_past(&args.data.data, generation)?.with_config(config),
        (Some(day), None) => open_as_of(&args.data.data, day, now())?.with_config(config),
        (None, None) => open(&args.data, config)?,
    };
    let question = ReportQuestion {
        product: args.product.clone(),
        release: args.release.clone(),
        as_of,
        limit: Some(args.limit),
    };
    let text = text(&snapshot, &question, args)?;
    match &args.output {
        Some(path) => {
            fs_err::write(path, text)?;
            Ok(Exit::Done)
        }
        None => print(&text),
    }
}

fn text(
    snapshot: &Snapshot,
    question: &ReportQuestion,
    args: &ReportArgs,
) -> anyhow::Result<String> {
    let (report, generation) = (snapshot.report(question)?, snapshot.generation());
    Ok(match args.format {
        ReportFormat::Json => {
            serde_json::to_string_pretty(&ReportJson::new(generation, report))? + "\n"
        }
        ReportFormat::Markdown => reports::markdown(&report, generation, args.lang),
        ReportFormat::Html => reports::html(&report, generation, args.lang),
    })
}

/// The day that a text names.
pub(crate) fn day(text: &str) -> Result<Period, Error> {
    let at = text.parse().map_err(|error: echolot_core::InvalidTimestamp| Error::BadValue {
        key: "as_of",
        reason: error.to_string(),
    })?;
    Ok(Period::of(Calendar::Day, at))
}

/// How many figures are shown to people.
const SHOWN: usize = 40;

pub(super) fn explain(args: &ExplainArgs, config: &Config) -> anyhow::Result<Exit> {
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    let mut found = explain_reports(&args.data.data, (&a, &b), config)?;
    if args.json {
        return print_json(&ExplanationJson::from(found));
    }
    let mut out = std::io::stdout().lock();
    let (from, to) = found.generations;
    writeln!(out, "From generation {from} to {to}: {} figures changed\n", found.figures.len())?;
    let change = |parts: &[i64; 4]| parts.iter().map(|part| part.unsigned_abs()).max();
    found.figures.sort_by_key(|figure| {
        (std::cmp::Reverse(figure.parts.as_ref().and_then(change)), figure.path.clone())
    });
    let names = ChangeStep::ALL.map(ChangeStep::name);
    let header: Vec<&str> = ["figure", "from", "to", "change"].into_iter().chain(names).collect();
    let mut rows = table::plain(&header, &[1, 2, 3, 4, 5, 6, 7]);
    for figure in found.figures.iter().take(SHOWN) {
        let or_dash = |value: Option<i64>| value.map_or_else(table::dash, shown);
        let mut cells = vec![figure.path.clone(), or_dash(figure.a), or_dash(figure.b)];
        cells.push(or_dash(figure.parts.map(|parts| parts.iter().sum())));
        match figure.parts {
            Some(parts) => cells.extend(parts.map(shown)),
            None => cells.extend(names.map(|_| table::dash())),
        }
        rows.add_row(cells);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    let more = found.figures.len().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "\nand {more} more (--json lists all)")?;
    }
    Ok(Exit::Done)
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let text = fs_err::read_to_string(path)?;
    let bad = |error: serde_json::Error| Error::BadValue {
        key: "reports",
        reason: format!("{} is no JSON: {error}", path.display()),
    };
    serde_json::from_str(&text).map_err(bad).context("a report cannot be read")
}
