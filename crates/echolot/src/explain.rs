//! Splits what changed between two reports.

use std::collections::BTreeMap;
use std::path::Path;

use echolot_core::{Calendar, Period, Timestamp};
use echolot_engine::{ChangeStep, Config, Error, ReportQuestion, Snapshot, steps_between};
use serde_json::Value;

use crate::wire::ReportJson;

/// What changed between two reports.
pub(crate) struct Explanation {
    /// The generations of the reports.
    pub(crate) generations: (u64, u64),
    /// Each figure that differs, or would have without one of the steps.
    pub(crate) figures: Vec<ExplainedFigure>,
}

/// One figure in two reports. All numbers are in millionths, so that sums are
/// exact.
pub(crate) struct ExplainedFigure {
    /// Where it stands in a report, e.g. `complaints[theme=7].volume`.
    pub(crate) path: String,
    /// In the first report; none where it is not.
    pub(crate) a: Option<i64>,
    /// In the second report.
    pub(crate) b: Option<i64>,
    /// What each step has changed, in the order of [`ChangeStep::ALL`]; none
    /// where the figure is not there in between.
    pub(crate) parts: Option<[i64; ChangeStep::ALL.len()]>,
}

/// What a report says of itself.
struct Origin {
    generation: u64,
    question: ReportQuestion,
}

/// Explains the change from report `a` to report `b`, both in JSON.
///
/// # Errors
/// When one of them is no report, when they ask about different things, or
/// when the data folder gives other figures than they state.
pub(crate) fn explain(
    path: &Path,
    (a, b): (&Value, &Value),
    config: &Config,
) -> Result<Explanation, Error> {
    let (from, to) = (origin(a, "first")?, origin(b, "second")?);
    let subject =
        |origin: &Origin| (origin.question.product.clone(), origin.question.release.clone());
    if subject(&from) != subject(&to) {
        return Err(bad("they are about different products or releases".to_owned()));
    }
    let states = steps_between(path, (from.generation, to.generation), config)?;
    let mut found: Vec<BTreeMap<String, i64>> = Vec::with_capacity(states.len());
    for (at, state) in states.iter().enumerate() {
        let origin = if at == 0 { &from } else { &to };
        found.push(figures(&document(state, origin)?));
    }
    let (first, last) = (&found[0], &found[states.len() - 1]);
    check(a, first, "first")?;
    check(b, last, "second")?;

    let mut paths: Vec<&String> = found.iter().flat_map(BTreeMap::keys).collect();
    paths.sort_unstable();
    paths.dedup();
    let explained = paths.into_iter().map(|path| {
        let values: Option<Vec<i64>> = found
            .iter()
            .map(|figures| figures.get(path).copied().or_else(|| is_count(path).then_some(0)))
            .collect();
        let parts = values.map(|values| std::array::from_fn(|at| values[at + 1] - values[at]));
        let (a, b) = (first.get(path).copied(), last.get(path).copied());
        ExplainedFigure { path: path.clone(), a, b, parts }
    });
    let has_changed = |figure: &ExplainedFigure| {
        figure.a != figure.b
            || figure.parts.is_some_and(|parts| parts.iter().any(|part| *part != 0))
    };
    Ok(Explanation {
        generations: (from.generation, to.generation),
        figures: explained.filter(has_changed).collect(),
    })
}

fn origin(report: &Value, which: &str) -> Result<Origin, Error> {
    let read = || {
        report["report"].as_u64()?;
        let text = |name: &str| report[name].as_str().map(str::to_owned);
        let as_of = match &report["as_of"] {
            Value::Null => None,
            day => Some(Period::of(Calendar::Day, day.as_str()?.parse::<Timestamp>().ok()?)),
        };
        let question = ReportQuestion {
            product: text("product"),
            release: text("release"),
            as_of,
            limit: None,
        };
        Some(Origin { generation: report["generation"].as_u64()?, question })
    };
    read().ok_or_else(|| {
        bad(format!("the {which} is not what `echolot report --format json` prints"))
    })
}

/// A report with all rows, as JSON.
fn document(state: &Snapshot, origin: &Origin) -> Result<Value, Error> {
    let report = match state.report(&origin.question) {
        // Where the product had no feedback yet, there is nothing.
        Err(Error::UnknownProduct { .. } | Error::UnknownRelease { .. }) => return Ok(Value::Null),
        report => report?,
    };
    let document = ReportJson::new(origin.generation, report);
    serde_json::to_value(document).map_err(|error| bad(error.to_string()))
}

/// A report must state what the data folder gives.
fn check(report: &Value, found: &BTreeMap<String, i64>, which: &str) -> Result<(), Error> {
    for (path, stated) in figures(report) {
        let found = found.get(&path).copied();
        if found != Some(stated) {
            let found = found.map_or("nothing".to_owned(), shown);
            return Err(bad(format!(
                "`{path}` is {} in the {which}, but {found} in this data folder",
                shown(stated)
            )));
        }
    }
    Ok(())
}

/// Millionths as a number.
pub(crate) fn shown(millionths: i64) -> String {
    number(millionths).to_string()
}

/// Millionths as a number.
pub(crate) fn number(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}

/// The names of counts, which are 0 where a list does not have their row, and
/// of shares.
const COUNTS: [&str; 14] = [
    "verbatims",
    "texts",
    "volume",
    "mentions",
    "count",
    "hits",
    "answers",
    "with_complaint",
    "without_theme",
    "baseline_volume",
    "history_volume",
    "share",
    "baseline_verbatims",
    "history_verbatims",
];

/// The names of the other figures that are followed. Intervals and p values
/// follow from them.
const OTHERS: [&str; 8] =
    ["value", "points", "mean", "mean_s", "median_s", "impact", "baseline_share", "history_share"];

fn is_count(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|name| COUNTS.contains(&name))
}

/// What tells the rows of a list apart, the first that they have.
const KEYS: [&str; 5] = ["theme", "period", "group", "on", "line"];

/// All figures of a report, by where they stand.
fn figures(report: &Value) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    collect(report, "", &mut found);
    found
}

fn collect(value: &Value, path: &str, found: &mut BTreeMap<String, i64>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let is_figure = COUNTS.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
                match field.as_f64() {
                    Some(number) if is_figure => {
                        found.insert(path, (number * 1e6).round() as i64);
                    }
                    _ => collect(field, &path, found),
                }
            }
        }
        Value::Array(rows) => {
            for row in rows {
                let key = KEYS.into_iter().find_map(|key| Some((key, row.get(key)?)));
                let Some((name, key)) = key else { continue };
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                let product = row.get("product").and_then(Value::as_str);
                let product = product.map(|product| format!("{product} ")).unwrap_or_default();
                collect(row, &format!("{path}[{name}={product}{key}]"), found);
            }
        }
        _ => {}
    }
}

fn bad(reason: String) -> Error {
    Error::BadValue { key: "reports", reason }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_found_by_where_they_stand() {
        let report = json!({
            "generation": 4, "texts": 7, "kpis": { "nps": { "points": -12.5, "count": 8 }, "csat": null },
            "complaints": [{ "theme": 3, "volume": 2, "share": 0.285_714, "share_low": 0.1 }],
            "releases": { "rows": [{ "product": "A", "group": "1.0", "verbatims": 5 }] },
            "volume": { "points": [{ "period": "2025-06", "value": 7.0 }] },
        });
        let found = figures(&report);
        let expected: BTreeMap<String, i64> = [
            ("texts", 7_000_000),
            ("kpis.nps.points", -12_500_000),
            ("kpis.nps.count", 8_000_000),
            ("complaints[theme=3].volume", 2_000_000),
            ("complaints[theme=3].share", 285_714),
            ("releases.rows[group=A 1.0].verbatims", 5_000_000),
            ("volume.points[period=2025-06].value", 7_000_000),
        ]
        .into_iter()
        .map(|(path, value)| (path.to_owned(), value))
        .collect();
        assert_eq!(found, expected);
    }
}
