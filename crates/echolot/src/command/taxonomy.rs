//! `echolot taxonomy`: topics of a company's own.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use echolot_core::Share;
use echolot_engine::{
    Config, Error, OwnTopicRow, SearchAids, Snapshot, TaxonomyFile, TaxonomyView, apply_taxonomy,
    open_past, open_snapshot, preview_taxonomy,
};

use super::{OpenAnalyst, print, print_json, search_aids};
use crate::args::{EditArgs, TaxonomyCheckArgs, TaxonomyCommand, TaxonomyShowArgs};
use crate::edits::now;
use crate::wire::TaxonomyJson;
use crate::{Exit, table};

pub(super) fn taxonomy(
    command: &TaxonomyCommand,
    config: impl FnOnce() -> Result<Config, Error>,
    open_analyst: OpenAnalyst,
) -> anyhow::Result<Exit> {
    match command {
        TaxonomyCommand::Check(args) => check(args, config, open_analyst),
        TaxonomyCommand::Apply { file, edit } => apply(file, edit, &config()?, open_analyst),
        TaxonomyCommand::Show(args) => show(args, &config()?),
    }
}

fn read(path: &Path) -> anyhow::Result<TaxonomyFile> {
    let document = fs_err::read_to_string(path).context("cannot read the taxonomy")?;
    Ok(TaxonomyFile::parse(&document, &path.display().to_string())?)
}

fn aids(file: &TaxonomyFile, config: &Config, open_analyst: OpenAnalyst) -> SearchAids {
    search_aids(config, file.needs_model(), open_analyst)
}

fn check(
    args: &TaxonomyCheckArgs,
    config: impl FnOnce() -> Result<Config, Error>,
    open_analyst: OpenAnalyst,
) -> anyhow::Result<Exit> {
    let file = read(&args.file)?;
    let Some(data) = &args.data else {
        return print(&format!("{} topics, nothing is wrong", file.topics().len()));
    };
    let config = config()?;
    let snapshot = open_snapshot(data)?.with_config(&config);
    let view = preview_taxonomy(&snapshot, &file, &aids(&file, &config, open_analyst))?;
    if args.json {
        return print_json(&TaxonomyJson::new(&snapshot, view));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "nothing is wrong; if it were in force:\n")?;
    print_topics(&mut out, &view)?;
    Ok(Exit::Done)
}

fn apply(
    path: &Path,
    edit: &EditArgs,
    config: &Config,
    open_analyst: OpenAnalyst,
) -> anyhow::Result<Exit> {
    let file = read(path)?;
    let data = &edit.store.data.data;
    let aids = aids(&file, config, open_analyst);
    let make = || apply_taxonomy(data, &file, &aids, (&edit.author, now()));
    let generation = edit.wait.make(make)?;
    let snapshot = open_snapshot(data)?.with_config(config);
    show_view(&snapshot, edit.store.json, &format!("generation {generation}"))
}

fn show(args: &TaxonomyShowArgs, config: &Config) -> anyhow::Result<Exit> {
    let data = &args.store.data.data;
    let snapshot = match args.generation {
        Some(generation) => open_past(data, generation)?,
        None => open_snapshot(data)?,
    };
    if args.file {
        return print(&snapshot.taxonomy()?.document.unwrap_or_default());
    }
    let state = format!("generation {}", snapshot.generation());
    show_view(&snapshot.with_config(config), args.store.json, &state)
}

fn show_view(snapshot: &Snapshot, is_json: bool, state: &str) -> anyhow::Result<Exit> {
    let view = snapshot.taxonomy()?;
    if is_json {
        return print_json(&TaxonomyJson::new(snapshot, view));
    }
    let mut out = std::io::stdout().lock();
    match &view.applied {
        Some(applied) => writeln!(
            out,
            "{state}: applied by {} on {} (generation {})\n",
            applied.author, applied.at, applied.generation
        )?,
        None => writeln!(out, "{state}: no taxonomy is in force\n")?,
    }
    print_topics(&mut out, &view)?;
    Ok(Exit::Done)
}

fn print_topics(out: &mut impl Write, view: &TaxonomyView) -> anyhow::Result<()> {
    let TaxonomyView { verbatims, with_topic, .. } = view;
    writeln!(out, "{with_topic} of {verbatims} verbatims have an own topic")?;
    if view.rows.is_empty() {
        return Ok(());
    }
    let is_labelled = view.rows.iter().any(|row| row.accuracy.is_some());
    let mut header = vec!["topic", "name", "volume", "share", "by rule", "by examples", "by below"];
    if is_labelled {
        header.extend(["precision", "recall"]);
    }
    let mut rows = table::plain(&header, &[2, 3, 4, 5, 6, 7, 8]);
    for row in &view.rows {
        rows.add_row(cells(row, is_labelled));
    }
    writeln!(out, "\n{}", rows.trim_fmt())?;
    Ok(())
}

fn cells(row: &OwnTopicRow, is_labelled: bool) -> Vec<String> {
    let mut cells = vec![
        format!("{}{}", "  ".repeat(row.topic.depth), row.topic.key),
        row.topic.name().to_owned(),
        row.volume.to_string(),
        table::share_with_interval(row.share),
        row.by_rule.to_string(),
        row.by_examples.to_string(),
        row.by_children.to_string(),
    ];
    if is_labelled {
        let share = |share: Option<Share>| {
            share.map_or_else(table::dash, |share| {
                format!("{} of {}", table::share_with_interval(Some(share)), share.total)
            })
        };
        let accuracy = row.accuracy;
        cells.push(share(accuracy.and_then(|accuracy| accuracy.precision)));
        cells.push(share(accuracy.and_then(|accuracy| accuracy.recall)));
    }
    cells
}
