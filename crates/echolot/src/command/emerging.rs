//! `echolot emerging`: themes whose share rose beyond chance.

use std::io::Write;

use echolot_core::Level;
use echolot_engine::{Config, EmergingPeriod, EmergingQuestion, EmergingTable, Error};

use super::{open, print_json};
use crate::args::EmergingArgs;
use crate::wire::EmergingJson;
use crate::{Exit, table};

pub(super) fn emerging(args: &EmergingArgs, config: &Config) -> anyhow::Result<Exit> {
    let bad = |reason: String| Error::BadValue { key: "level", reason };
    let question = EmergingQuestion {
        segment: args.filter.segment()?,
        level: Level::new(args.level).map_err(|error| bad(error.to_string()))?,
        minimum: args.minimum,
        limit: Some(args.limit),
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.emerging(&question)?;
    if args.json {
        return print_json(&EmergingJson::new(snapshot.generation(), &question, found));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n", heading(&found))?;
    if found.history_verbatims == 0 {
        writeln!(out, "There is nothing before it to compare with.")?;
        return Ok(Exit::Done);
    }
    if found.rows.is_empty() {
        writeln!(out, "No theme rose beyond chance.")?;
        write!(out, "{}", table::corrected(found.corrected))?;
        return Ok(Exit::Done);
    }
    let header = [
        "theme",
        "name",
        "polarity",
        "",
        "volume",
        "expected",
        "share",
        "before",
        "q",
        "bursts",
        "in customers' words",
    ];
    let mut rows = table::plain(&header, &[0, 4, 5, 6, 7, 8]);
    for row in &found.rows {
        let bursts = row.bursts.iter().map(|burst| {
            if burst.first == burst.last {
                burst.first.to_string()
            } else {
                format!("{} to {}", burst.first, burst.last)
            }
        });
        rows.add_row([
            row.theme.to_string(),
            row.label.clone(),
            row.polarity.to_string(),
            row.word.word().to_owned(),
            row.share.hits.to_string(),
            format!("{:.1}", row.expected),
            table::share_with_interval(Some(row.share)),
            table::percent(row.history_share.value),
            table::probability(row.q),
            bursts.collect::<Vec<_>>().join(", "),
            row.examples
                .first()
                .map_or_else(table::dash, |example| table::one_line(&example.quote, 80)),
        ]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    writeln!(
        out,
        "\nExpected: at the share of all that came before. q: the probability of so many by chance,\n\
         corrected for all {} themes that were tested (Benjamini-Hochberg).",
        found.tested
    )?;
    write!(out, "{}", table::corrected(found.corrected))?;
    Ok(Exit::Done)
}

fn heading(found: &EmergingTable) -> String {
    let period = match &found.period {
        EmergingPeriod::Release(release) => format!("Release {release}"),
        EmergingPeriod::Time(from, to) => format!("From {from} to before {to}"),
    };
    format!("{period}: {} verbatims; {} before it", found.verbatims, found.history_verbatims)
}
