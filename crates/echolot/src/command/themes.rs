//! `echolot themes`: recurring issues and praise by volume.

use std::io::Write;

use echolot_engine::{
    Config, Error, LedgerEntry, ThemeQuestion, certify_themes, discover_themes, open_snapshot,
};

use super::themes_edit::edit;
use super::themes_suggest::suggest;
use super::{print, print_json};
use crate::args::{
    CertificateArgs, LedgerArgs, StoreArgs, ThemesAct, ThemesArgs, ThemesCommand, WaitArgs,
};
use crate::bars::Bars;
use crate::edits::now;
use crate::wire::{CertificateJson, ThemeLedgerJson, ThemesJson};
use crate::{Exit, table};

pub(super) fn themes(
    args: &ThemesCommand,
    config: impl Fn() -> Result<Config, Error>,
) -> anyhow::Result<Exit> {
    match &args.act {
        Some(ThemesAct::Discover { store, wait }) => discover(store, wait, &config()?),
        Some(ThemesAct::Certificate(args)) => certificate(args, &config()?),
        Some(ThemesAct::Ledger(args)) => ledger(args),
        Some(ThemesAct::Suggest(args)) => suggest(args, &config()?),
        Some(act) => edit(act),
        None => list(&args.list, &config()?),
    }
}

fn list(args: &ThemesArgs, config: &Config) -> anyhow::Result<Exit> {
    let Some(data) = &args.data else {
        unreachable!("without a subcommand the data folder is required")
    };
    let snapshot = open_snapshot(data)?.with_config(config);
    let (segment, polarity) = args.filter.of_themes()?;
    let corrected = snapshot.corrected(&segment)?;
    let question = ThemeQuestion {
        segment,
        polarity,
        with_hidden: args.hidden,
        limit: Some(args.limit),
        examples: if args.json { 3 } else { 1 },
    };
    let list = snapshot.themes(&question)?;
    if args.json {
        return print_json(&ThemesJson::new((snapshot.generation(), corrected), &question, list));
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} of {} themes in {} verbatims ({} with an opinion, {} of them in no theme)\n",
        list.rows.len(),
        list.total,
        list.verbatims,
        list.with_opinion,
        list.without_theme
    )?;
    let mut rows = table::plain(
        &["theme", "name", "topic", "polarity", "volume", "share", "in customers' words"],
        &[0, 4, 5],
    );
    for row in list.rows {
        rows.add_row([
            row.theme.id.to_string(),
            row.theme.title().to_owned(),
            row.theme.topic.to_string(),
            row.theme.polarity.to_string(),
            row.volume.to_string(),
            table::share_with_interval(row.share),
            row.examples
                .first()
                .map_or_else(table::dash, |example| table::one_line(&example.quote, 100)),
        ]);
        for part in row.parts {
            rows.add_row([
                part.theme.id.to_string(),
                format!("- {}", part.theme.title()),
                part.theme.topic.to_string(),
                part.theme.polarity.to_string(),
                part.volume.to_string(),
            ]);
        }
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    write!(out, "{}", table::corrected(corrected))?;
    Ok(Exit::Done)
}

fn discover(args: &StoreArgs, wait: &WaitArgs, config: &Config) -> anyhow::Result<Exit> {
    let bars = Bars::new();
    let report = wait.make(|| discover_themes(&args.data.data, &config.themes, (&bars, now())))?;
    if args.json {
        return print_json(&report.to_json());
    }
    let (generation, themes) = (report.generation, &report.themes);
    let Some(certificate) = &themes.certificate else {
        return print(&format!(
            "generation {generation}: nothing has changed since the last discovery"
        ));
    };
    print(&format!(
        "generation {generation}: {} themes born, {} grown, {} ended; {} opinion units fit none\n\
         {certificate}",
        themes.born.len(),
        themes.grown.len(),
        themes.ended.len(),
        themes.unassigned
    ))
}

fn certificate(args: &CertificateArgs, config: &Config) -> anyhow::Result<Exit> {
    let found = certify_themes(&args.store.data.data, &config.themes, args.again)?;
    let found = CertificateJson::from(found);
    if args.store.json { print_json(&found) } else { print(&found.to_string()) }
}

fn ledger(args: &LedgerArgs) -> anyhow::Result<Exit> {
    let snapshot = open_snapshot(&args.store.data.data)?;
    let ledger = snapshot.ledger(args.theme.map(echolot_core::ThemeId))?;
    if args.store.json {
        return print_json(&ThemeLedgerJson::new(snapshot.generation(), ledger));
    }
    let mut rows =
        table::plain(&["generation", "theme", "event", "edit", "particulars"], &[0, 1, 3]);
    for entry in &ledger.entries {
        rows.add_row([
            entry.generation.to_string(),
            entry.theme.to_string(),
            entry.event.clone(),
            entry.detail["edit"].as_u64().map_or_else(table::dash, |edit| edit.to_string()),
            particulars(entry),
        ]);
    }
    let mut edits =
        table::plain(&["edit", "generation", "at", "author", "change", "undone by"], &[0, 1, 5]);
    for edit in &ledger.edits {
        edits.add_row([
            edit.number.to_string(),
            edit.generation.to_string(),
            edit.at.to_string(),
            edit.author.clone(),
            edit.change.kind().to_owned(),
            edit.undone_by.map_or_else(table::dash, |by| by.to_string()),
        ]);
    }
    let mut text = rows.trim_fmt();
    if !ledger.edits.is_empty() {
        text = format!("{text}\n\n{}", edits.trim_fmt());
    }
    print(&text)
}

/// The particulars of an entry on one line, `edit` apart, which has a column.
fn particulars(entry: &LedgerEntry) -> String {
    let members = entry.detail.as_object().into_iter().flatten();
    let told = members.filter(|(key, _)| *key != "edit");
    told.map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ")
}
