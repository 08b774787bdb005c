//! `echolot complaints`: the complaints about one release.

use std::cmp::Ordering;
use std::io::Write;

use echolot_engine::{
    ComplaintChange, ComplaintQuestion, Config, NotedTheme, ReleaseNote, read_release_notes,
};

use super::{open, print_json};
use crate::args::ComplaintsArgs;
use crate::wire::ComplaintsJson;
use crate::{Exit, table};

pub(super) fn complaints(args: &ComplaintsArgs, config: &Config) -> anyhow::Result<Exit> {
    let notes = match &args.notes {
        Some(file) => read_release_notes(file, &args.product, &args.release)?,
        None => vec![],
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.complaints(&ComplaintQuestion {
        product: args.product.clone(),
        release: args.release.clone(),
        baseline: args.baseline.clone(),
        limit: Some(args.limit),
        notes,
        as_of: None,
    })?;
    if args.json {
        return print_json(&ComplaintsJson::new(snapshot.generation(), found));
    }
    let mut out = std::io::stdout().lock();
    let compared = found.baseline.as_ref().map_or_else(
        || "no earlier release to compare with".to_owned(),
        |baseline| format!("compared with {baseline} ({} verbatims)", found.baseline_verbatims),
    );
    writeln!(
        out,
        "{} {}: {} verbatims ({} with repeats), {} with a complaint, {} of them in no theme; {compared}\n",
        found.product,
        found.release,
        found.verbatims,
        found.mentions,
        found.with_complaint,
        found.without_theme
    )?;
    let header = [
        "theme",
        "complaint",
        "topic",
        "volume",
        "with repeats",
        "share",
        "before",
        "change",
        "q",
        "in customers' words",
    ];
    let mut rows = table::plain(&header, &[0, 3, 4, 5, 6, 8]);
    for row in found.rows {
        rows.add_row([
            row.theme.to_string(),
            row.label,
            row.topic.to_string(),
            row.volume.to_string(),
            row.mentions.to_string(),
            table::share_with_interval(Some(row.share)),
            row.baseline_share.map_or_else(table::dash, |share| table::percent(share.value)),
            row.change.map_or_else(table::dash, |change| change_in_words(&change)),
            row.change.map_or_else(table::dash, |change| table::probability(change.q)),
            row.examples
                .first()
                .map_or_else(table::dash, |example| table::one_line(&example.quote, 100)),
        ]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    for note in &found.notes {
        writeln!(out, "\nRelease note: {}", note.line)?;
        for theme in &note.themes {
            writeln!(out, "  {} {}: {}", theme.theme, theme.label, verdict(note, theme))?;
        }
        if note.themes.is_empty() {
            writeln!(out, "  no complaint shares its words")?;
        }
    }
    if found.baseline.is_some() {
        writeln!(
            out,
            "\nChange: the word, and how many points the share rose or fell. q: its p value, corrected \
             for\nall themes of both releases (Benjamini-Hochberg). \"too few\": the counts cannot tell."
        )?;
    }
    write!(out, "{}", table::corrected(found.corrected))?;
    Ok(Exit::Done)
}

/// `said to be fixed; share fell from 6.0 % to 1.0 % (better, q .002)`.
fn verdict(note: &ReleaseNote, theme: &NotedTheme) -> String {
    let said = if note.says_fixed { "said to be fixed" } else { "spoken of" };
    let now = table::percent(theme.share.value);
    let (Some(before), Some(change)) = (theme.baseline_share, theme.change) else {
        return format!("{said}; share is {now}");
    };
    let went = match theme.share.value.total_cmp(&before.value) {
        Ordering::Less => "fell",
        Ordering::Equal => "stayed",
        Ordering::Greater => "rose",
    };
    let (before, q) = (table::percent(before.value), table::probability(change.q));
    format!("{said}; share {went} from {before} to {now} ({}, q {q})", change.word)
}

/// `worse, +7.7`; the number in points of the share.
pub(super) fn change_in_words(change: &ComplaintChange) -> String {
    format!("{}, {:+.1}", change.word, 100.0 * change.comparison.difference.value)
}
