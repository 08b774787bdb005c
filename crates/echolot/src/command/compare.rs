//! `echolot compare`: one set of verbatims beside another.

use std::io::Write;

use echolot_engine::{CompareQuestion, Config};

use super::complaints::change_in_words;
use super::{open, print_json};
use crate::args::CompareArgs;
use crate::wire::CompareJson;
use crate::{Exit, table};

pub(super) fn compare(args: &CompareArgs, config: &Config) -> anyhow::Result<Exit> {
    let question = CompareQuestion {
        a: args.filter.with(&args.a).segment()?,
        b: args.filter.with(&args.b).segment()?,
        by: args.by.parse()?,
        limit: Some(args.limit),
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.compare(&question)?;
    if args.json {
        return print_json(&CompareJson::new(snapshot.generation(), &question, found));
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "A: {} ({} verbatims); B: {} ({} verbatims); {} compared\n",
        args.a, found.a, args.b, found.b, found.compared
    )?;
    if found.left_out > 0 {
        writeln!(out, "{} verbatims say both and are left out.\n", found.left_out)?;
    }
    let name = question.by.name();
    let mut rows = table::plain(&[&*name, "a", "b", "change from b to a", "q"], &[1, 2, 4]);
    for row in found.rows {
        let value = row.group.value.unwrap_or_default();
        rows.add_row([
            row.group.label.map_or_else(|| value.clone(), |label| format!("{value} {label}")),
            table::share_with_interval(Some(row.a)),
            table::share_with_interval(Some(row.b)),
            change_in_words(&row.change),
            table::probability(row.change.q),
        ]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    writeln!(
        out,
        "\nChange: the word, and how many points the share rose or fell; for praise, \"worse\" reads\n\
         \"more\". q: its p value, corrected for all that were compared (Benjamini-Hochberg)."
    )?;
    write!(out, "{}", table::corrected(found.corrected))?;
    Ok(Exit::Done)
}
