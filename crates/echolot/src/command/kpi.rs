//! `echolot kpi`: key figures by group.

use std::io::Write;

use echolot_core::{CesVersion, Mean, ResponseTimes, Share};
use echolot_engine::{Config, Grouping};

use super::{open, print_json};
use crate::args::KpiArgs;
use crate::wire::KpisJson;
use crate::{Exit, table};

/// The title of first-contact resolution.
const FIRST_CONTACT: &str = "at first contact";

/// The titles of the figures.
const FIGURES: [&str; 10] = [
    "verbatims",
    "rating",
    "nps",
    "csat",
    "ces",
    "ces 1.0",
    "net sentiment",
    "first reply",
    "resolved in",
    FIRST_CONTACT,
];

pub(super) fn kpi(args: &KpiArgs, config: &Config) -> anyhow::Result<Exit> {
    let by: Grouping = args.by.parse()?;
    let snapshot = open(&args.data, config)?;
    let segment = args.filter.segment()?;
    let found = snapshot.kpis(&by, &segment)?;
    let corrected = snapshot.corrected(&segment)?;
    if args.json {
        let state = (snapshot.generation(), corrected);
        return print_json(&KpisJson::new(state, (&by, &segment), found));
    }
    let name = by.name();
    let header: Vec<&str> = [&*name].into_iter().chain(FIGURES).collect();
    let mut cells = Vec::new();
    let labelled = found.iter().filter_map(|row| row.corrected_sentiment);
    let labelled = labelled.map(|corrected| corrected.positive.labelled).max();
    for row in found {
        let group = row.group.unwrap_or_else(|| "(none)".to_owned());
        let of = |figure: String, count: u64| format!("{figure} ({count})");
        let mean = |mean: Option<Mean>, scale| {
            mean.map_or_else(table::dash, |mean| {
                let end = |value: f64| format!("{value:.2}");
                let interval = mean.interval(scale);
                with(of(end(mean.value), mean.count), interval.map(|i| (end(i.low), end(i.high))))
            })
        };
        let point = |value: f64| format!("{value:+.0}");
        let share = |share: Option<Share>| {
            share.map_or_else(table::dash, |share| {
                let [low, high] = [share.low, share.high].map(|end| format!("{:.1}", 100.0 * end));
                with(of(table::percent(share.value), share.total), Some((low, high)))
            })
        };
        let times = |times: Option<ResponseTimes>| {
            times.map_or_else(table::dash, |times| {
                of(table::duration(times.median_seconds), times.count)
            })
        };
        let row = [
            row.product.map_or(group.clone(), |product| format!("{product} {group}")),
            row.verbatims.to_string(),
            mean(row.rating, row.rating_scale),
            row.nps.map_or_else(table::dash, |nps| {
                let interval = nps.interval().map(|i| (point(i.low), point(i.high)));
                with(of(point(nps.points), nps.answers()), interval)
            }),
            share(row.csat),
            mean(row.ces, CesVersion::V2.scale()),
            mean(row.ces_v1, CesVersion::V1.scale()),
            row.net_sentiment.map_or_else(table::dash, |net| {
                let raw = of(point(net.points), net.verbatims());
                let raw = match row.corrected_sentiment {
                    Some(corrected) => format!("{raw} → {}", point(corrected.points)),
                    None => raw,
                };
                with(raw, net.interval().map(|i| (point(i.low), point(i.high))))
            }),
            times(row.first_response),
            times(row.resolution),
            share(row.first_contact),
        ];
        cells.push(row);
    }
    // A figure that nobody answered is no column.
    let is_shown = |at: &usize| *at < 2 || cells.iter().any(|row| row[*at] != table::dash());
    let shown: Vec<usize> = (0..header.len()).filter(is_shown).collect();
    let titles: Vec<&str> = shown.iter().map(|at| header[*at]).collect();
    let mut rows = table::plain(&titles, &(1..shown.len()).collect::<Vec<_>>());
    for row in cells {
        rows.add_row(shown.iter().map(|at| row[*at].clone()));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", rows.trim_fmt())?;
    writeln!(
        out,
        "\nIn parentheses: answers counted; below: the 95 % interval. Points run from -100 to 100;\n\
         times are medians."
    )?;
    if titles.contains(&FIRST_CONTACT) {
        writeln!(
            out,
            "At first contact: resolved conversations whose customers did not come back."
        )?;
    }
    if let Some(labelled) = labelled {
        writeln!(
            out,
            "After an arrow: corrected for the error that labels show, at most {labelled}."
        )?;
    }
    write!(out, "{}", table::corrected(corrected))?;
    Ok(Exit::Done)
}

/// A figure with its interval below; beside it the table would be too wide.
fn with(figure: String, interval: Option<(String, String)>) -> String {
    match interval {
        Some((low, high)) => format!("{figure}\n{low} to {high}"),
        None => figure,
    }
}
