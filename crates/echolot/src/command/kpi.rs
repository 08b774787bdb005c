//! `echolot kpi`: key figures by group.

use std::io::Write;

use echolot_core::{Mean, ResponseTimes};
use echolot_engine::{Config, Grouping};

use super::{open, print_json};
use crate::args::KpiArgs;
use crate::wire::KpisJson;
use crate::{Exit, table};

pub(super) fn kpi(args: &KpiArgs, config: &Config) -> anyhow::Result<Exit> {
    let by: Grouping = args.by.parse()?;
    let snapshot = open(&args.data, config)?;
    let filter = args.filter.filter()?;
    let found = snapshot.kpis(&by, &filter)?;
    let corrected = snapshot.corrected(&filter.clone().into())?;
    if args.json {
        let state = (snapshot.generation(), corrected);
        return print_json(&KpisJson::new(state, (&by, &filter), found));
    }
    let name = by.name();
    let header = [
        &*name,
        "verbatims",
        "rating",
        "nps",
        "csat",
        "ces",
        "ces 1.0",
        "net sentiment",
        "first reply",
        "resolved in",
    ];
    let mut rows = table::plain(&header, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let labelled = found.iter().filter_map(|row| row.corrected_sentiment);
    let labelled = labelled.map(|corrected| corrected.positive.labelled).max();
    for row in found {
        let group = row.group.unwrap_or_else(|| "(none)".to_owned());
        let of = |figure: String, count: u64| format!("{figure} ({count})");
        let mean = |mean: Option<Mean>| {
            mean.map_or_else(table::dash, |mean| of(format!("{:.2}", mean.value), mean.count))
        };
        let times = |times: Option<ResponseTimes>| {
            times.map_or_else(table::dash, |times| {
                of(table::duration(times.median_seconds), times.count)
            })
        };
        rows.add_row([
            row.product.map_or(group.clone(), |product| format!("{product} {group}")),
            row.verbatims.to_string(),
            row.rating
                .map_or_else(table::dash, |mean| of(format!("{:.2}", mean.value), mean.count)),
            row.nps
                .map_or_else(table::dash, |nps| of(format!("{:+.0}", nps.points), nps.answers())),
            row.csat.map_or_else(table::dash, |csat| of(table::percent(csat.value), csat.total)),
            mean(row.ces),
            mean(row.ces_v1),
            row.net_sentiment.map_or_else(table::dash, |net| {
                let raw =
                    of(format!("{:+.0}", net.points), net.positive + net.neutral + net.negative);
                match row.corrected_sentiment {
                    Some(corrected) => format!("{raw} → {:+.0}", corrected.points),
                    None => raw,
                }
            }),
            times(row.first_response),
            times(row.resolution),
        ]);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", rows.trim_fmt())?;
    writeln!(
        out,
        "\nIn parentheses: answers counted. Points run from -100 to 100; times are medians."
    )?;
    if let Some(labelled) = labelled {
        writeln!(
            out,
            "After an arrow: corrected for the error that labels show, at most {labelled}."
        )?;
    }
    write!(out, "{}", table::corrected(corrected))?;
    Ok(Exit::Done)
}
