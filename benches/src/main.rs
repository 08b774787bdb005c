//! Writes `benches/results.csv` from what the last `cargo bench` left.
//!
//! Call: `cargo run -p echolot-benches -- [FOLDER]`, where FOLDER is that of
//! the measurements, `target/criterion` if none is given.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

/// The part of Criterion's `estimates.json` that is kept.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    /// Nanoseconds.
    point_estimate: f64,
}

/// The part of Criterion's `benchmark.json` that is kept.
#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    #[serde(rename = "Elements")]
    elements: Option<u64>,
}

/// One row of the table.
struct Figure {
    name: String,
    median_ms: f64,
    rows: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::args().nth(1).map(PathBuf::from);
    let folder = given.unwrap_or_else(|| root.join("../target/criterion"));
    let mut figures = figures(&folder)?;
    if figures.is_empty() {
        bail!(
            "there are no measurements in {}; `cargo bench -p echolot-benches` makes them",
            folder.display()
        );
    }
    figures.sort_by(|a, b| a.name.cmp(&b.name));
    let table = root.join("results.csv");
    write(&figures, &machine()?, &table)?;
    println!("{} figures written to {}", figures.len(), table.display());
    Ok(())
}

/// All figures below a folder of measurements.
fn figures(folder: &Path) -> anyhow::Result<Vec<Figure>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let path = entry?.path();
            if !path.is_dir() {
                continue;
            }
            if path.ends_with("new") { found.push(figure(&path)?) } else { folders.push(path) }
        }
    }
    Ok(found)
}

fn figure(folder: &Path) -> anyhow::Result<Figure> {
    let read = |name: &str| fs_err::read_to_string(folder.join(name));
    let estimates: Estimates = serde_json::from_str(&read("estimates.json")?)?;
    let benchmark: Benchmark = serde_json::from_str(&read("benchmark.json")?)?;
    Ok(Figure {
        name: benchmark.full_id,
        median_ms: estimates.median.point_estimate / 1e6,
        rows: benchmark.throughput.and_then(|throughput| throughput.elements),
    })
}

/// The processor and how many cores of it there are.
fn machine() -> anyhow::Result<String> {
    let cores = std::thread::available_parallelism()?;
    let model = fs_err::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    Ok(format!("{} x {}", cores, model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())))
}

fn write(figures: &[Figure], machine: &str, table: &Path) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(fs_err::File::create(table)?);
    writer.write_record(["name", "median", "unit", "rows", "rows_per_s", "machine"])?;
    for figure in figures {
        let per_second = figure.rows.map(|rows| rows as f64 * 1000.0 / figure.median_ms);
        let text = |number: Option<String>| number.unwrap_or_default();
        writer.write_record([
            &figure.name,
            &format!("{:.3}", figure.median_ms),
            "ms",
            &text(figure.rows.map(|rows| rows.to_string())),
            &text(per_second.map(|rate| format!("{rate:.0}"))),
            machine,
        ])?;
    }
    writer.flush().with_context(|| format!("cannot write {}", table.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_a_row_for_each_measurement() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("criterion/read/surveys.csv/new");
        fs_err::create_dir_all(&folder).unwrap();
        // The base of a comparison is not a figure of its own.
        fs_err::create_dir_all(temp.path().join("criterion/read/surveys.csv/base")).unwrap();
        fs_err::write(
            folder.join("estimates.json"),
            r#"{"median": {"point_estimate": 2500000.0}, "mean": {}}"#,
        )
        .unwrap();
        let benchmark = r#"{"full_id": "read/surveys.csv", "throughput": {"Elements": 500}, "group_id": "read"}"#;
        fs_err::write(folder.join("benchmark.json"), benchmark).unwrap();

        let table = temp.path().join("results.csv");
        write(&figures(&temp.path().join("criterion")).unwrap(), "2 x chip", &table).unwrap();
        assert_eq!(
            fs_err::read_to_string(table).unwrap(),
            "name,median,unit,rows,rows_per_s,machine\nread/surveys.csv,2.500,ms,500,200000,2 x chip\n"
        );
    }
}
