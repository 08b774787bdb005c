//! `echolot trend`: one figure over time.

use std::io::Write;

use echolot_engine::{Config, Measure, TrendPoint, TrendQuestion};

use super::{open, print_json};
use crate::args::TrendArgs;
use crate::wire::TrendJson;
use crate::{Exit, table};

pub(super) fn trend(args: &TrendArgs, config: &Config) -> anyhow::Result<Exit> {
    let question = TrendQuestion {
        segment: args.filter.segment()?,
        measure: args.measure.parse()?,
        by: args.by.parse()?,
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.trend(&question)?;
    if args.json {
        return print_json(&TrendJson::new(snapshot.generation(), &question, found));
    }
    let mut out = std::io::stdout().lock();
    let name = question.by.name();
    let header = [&*name, question.measure.name(), "95 % interval", "of"];
    let mut rows = table::plain(&header, &[1, 2, 3]);
    for point in &found.points {
        let (value, interval) = figures(question.measure, point);
        rows.add_row([point.period.clone(), value, interval, point.count.to_string()]);
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    if let Some(change) = found.change {
        writeln!(
            out,
            "\nMost likely change: {} before {}, {} from then on (p {} if there was none)",
            shift(question.measure, change.before),
            change.at,
            shift(question.measure, change.after),
            table::probability(change.p)
        )?;
    }
    write!(out, "{}", table::corrected(found.corrected))?;
    Ok(Exit::Done)
}

/// A side of a change; of volumes, how many a day.
fn shift(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Volume => format!("{value:.1} a day"),
        _ => shown(measure, value),
    }
}

fn shown(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Volume => format!("{value:.0}"),
        Measure::Share | Measure::Csat | Measure::FirstContact => table::percent(value),
        Measure::Rating | Measure::Ces | Measure::CesV1 => format!("{value:.2}"),
        Measure::FirstResponse | Measure::Resolution => table::duration(value),
        Measure::Nps | Measure::NetSentiment => format!("{value:+.1}"),
    }
}

fn figures(measure: Measure, point: &TrendPoint) -> (String, String) {
    let shown = |value: f64| shown(measure, value);
    let interval = point.low.zip(point.high);
    (
        point.value.map_or_else(table::dash, shown),
        interval
            .map_or_else(table::dash, |(low, high)| format!("{} to {}", shown(low), shown(high))),
    )
}
