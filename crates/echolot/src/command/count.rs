//! `echolot count`: counts by group.

use std::io::Write;

use echolot_engine::{Config, CountQuestion, CountTable, Grouping};

use super::{open, print_json};
use crate::args::CountArgs;
use crate::wire::CountsJson;
use crate::{Exit, table};

pub(super) fn count(args: &CountArgs, config: &Config) -> anyhow::Result<Exit> {
    let question = CountQuestion {
        segment: args.filter.segment()?,
        by: args.by.iter().map(|by| by.parse()).collect::<Result<Vec<Grouping>, _>>()?,
        of: args.of.parse()?,
        limit: args.limit,
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.counts(&question)?;
    let corrected = snapshot.corrected(&question.segment)?;
    if args.json {
        let state = (snapshot.generation(), corrected);
        return print_json(&CountsJson::new(state, &question, found));
    }
    if args.csv {
        return print_csv(&question, &found);
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} {}, {} of {} groups\n",
        found.total,
        question.of.name(),
        found.rows.len(),
        found.groups
    )?;
    let names: Vec<String> = question.by.iter().map(|by| by.name().into_owned()).collect();
    let mut header: Vec<&str> = names.iter().map(String::as_str).collect();
    header.extend([question.of.name(), "share"]);
    let is_corrected = found.rows.iter().any(|row| row.corrected.is_some());
    header.extend(is_corrected.then_some("corrected for error"));
    let mut rows = table::plain(&header, &[names.len(), names.len() + 1, names.len() + 2]);
    for row in found.rows {
        let values = row.group.into_iter().map(|group| match (group.value, group.label) {
            (Some(value), Some(label)) => format!("{value} {label}"),
            (value, _) => value.unwrap_or_else(|| "(none)".to_owned()),
        });
        let figures = [row.count.to_string(), table::share_with_interval(Some(row.share))];
        let corrected = is_corrected.then(|| table::corrected_share(row.corrected));
        rows.add_row(values.chain(figures).chain(corrected).collect::<Vec<String>>());
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    write!(out, "{}", table::corrected(corrected))?;
    Ok(Exit::Done)
}

/// One column for each grouping, and one for the names of themes.
fn print_csv(question: &CountQuestion, found: &CountTable) -> anyhow::Result<Exit> {
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    let mut header: Vec<String> = Vec::new();
    for by in &question.by {
        header.push(by.name().into_owned());
        header.extend((*by == Grouping::Theme).then(|| "label".to_owned()));
    }
    let figures = ["share", "share_low", "share_high"].map(str::to_owned);
    header.push(question.of.name().to_owned());
    header.extend(figures);
    writer.write_record(&header)?;
    for row in &found.rows {
        let mut cells: Vec<String> = Vec::new();
        for (by, group) in question.by.iter().zip(&row.group) {
            cells.push(group.value.clone().unwrap_or_default());
            cells.extend((*by == Grouping::Theme).then(|| group.label.clone().unwrap_or_default()));
        }
        cells.push(row.count.to_string());
        cells.extend(
            [row.share.value, row.share.low, row.share.high].map(|share| share.to_string()),
        );
        writer.write_record(&cells)?;
    }
    writer.flush()?;
    Ok(Exit::Done)
}
