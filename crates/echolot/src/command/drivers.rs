//! `echolot drivers`: what goes with good and bad answers.

use std::io::Write;

use echolot_engine::{Config, Driver, DriverKind, DriverQuestion};

use super::{open, print_json};
use crate::args::DriversArgs;
use crate::wire::DriversJson;
use crate::{Exit, table};

pub(super) fn drivers(args: &DriversArgs, config: &Config) -> anyhow::Result<Exit> {
    let question = DriverQuestion {
        on: args.on.parse()?,
        by: args.by.parse()?,
        segment: args.filter.segment()?,
        minimum: args.minimum,
        limit: Some(args.limit),
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.drivers(&question)?;
    if args.json {
        return print_json(&DriversJson::new(snapshot.generation(), &question, found));
    }
    let mut out = std::io::stdout().lock();
    let Some(mean) = found.mean else {
        writeln!(out, "No verbatim here has an answer to {}.", question.on.name())?;
        return Ok(Exit::Done);
    };
    let digits = if question.on.is_on_scale() { 2 } else { 1 };
    let explained = found
        .r_squared
        .map(|share| format!("; all drivers together explain {}", table::percent(share)));
    writeln!(
        out,
        "{} of {} answers: {:.digits$} on average{}\n",
        question.on.name(),
        found.answers,
        mean,
        explained.unwrap_or_default()
    )?;
    let figures = ["polarity", "answers", "impact", "weight", "in customers' words"];
    let subject = match question.by {
        DriverKind::Theme => &["theme", "name", "topic", "stage"][..],
        DriverKind::Topic => &["topic", "stage"],
        DriverKind::OwnTopic => &["own topic", "name", "stage"],
        DriverKind::Stage => &["stage"],
    };
    let header: Vec<&str> = subject.iter().copied().chain(figures).collect();
    let first = subject.len();
    let mut rows = table::plain(&header, &[first + 1, first + 2, first + 3]);
    for row in found.rows {
        let stage = row.stage.map_or_else(table::dash, |stage| stage.to_string());
        let (mut cells, polarity) = match row.driver {
            Driver::Theme(theme) => (
                vec![theme.id.to_string(), theme.label, theme.topic.to_string(), stage],
                theme.polarity,
            ),
            Driver::Topic(topic, polarity) => (vec![topic.to_string(), stage], polarity),
            Driver::OwnTopic(topic, polarity) => (vec![topic.key, topic.name, stage], polarity),
            Driver::Stage(_, polarity) => (vec![stage], polarity),
        };
        let impact = &row.impact;
        cells.extend([
            polarity.to_string(),
            impact.answers.to_string(),
            format!(
                "{:+.digits$} [{:+.digits$} to {:+.digits$}]",
                impact.value, impact.low, impact.high
            ),
            row.weight.map_or_else(table::dash, table::percent),
            row.examples
                .first()
                .map_or_else(table::dash, |example| table::one_line(&example.quote, 80)),
        ]);
        rows.add_row(cells);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    writeln!(
        out,
        "\nImpact: the mean of all answers less the mean without those that speak of it, with its\n\
         95 % interval. Weight: its share of the variance. Both are associations, not causes."
    )?;
    write!(out, "{}", table::corrected(found.corrected))?;
    Ok(Exit::Done)
}
