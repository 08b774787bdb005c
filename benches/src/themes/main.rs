//! Makes the sets of the bench of themes, and runs Echolot's own discovery on them.
//!
//! `benches/themes/compare.py` calls it, once a measurement, so that the peak of memory is that of the measurement
//! alone. See the README for the table it makes.

mod agreement;
mod labelled;
mod larger;
mod lasting;
mod set;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use echolot_core::{Fingerprint, Polarity, ThemeId};
use echolot_themes::{Clustering, KnownTheme, Options, Unit, assign, discover, name};
use serde_json::{Value, json};

use crate::set::Set;

const USAGE: &str = "themes-bench vectors DATA WORK
themes-bench enlarge WORK SET COUNT SEED NEW
themes-bench discover WORK SET ASSIGNED [ORDER]
themes-bench night WORK SET NEW
themes-bench lasting WORK SET
themes-bench agreement WORK SET...";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let answer = match arguments[..] {
        ["vectors", data, work] => labelled::write_sets(Path::new(data), Path::new(work))?,
        ["enlarge", work, set, count, seed, new] => {
            let set = Set::read(Path::new(work), set)?;
            larger::write(&set, (count.parse()?, seed.parse()?), (Path::new(work), new))?;
            json!({ "rows": count })
        }
        ["discover", work, set, assigned, ref order @ ..] => {
            let set = Set::read(Path::new(work), set)?;
            let order = order.first().map_or(Ok(0), |order| order.parse())?;
            discover_in(&set, order, Path::new(assigned))?
        }
        ["night", work, set, new] => {
            let work = Path::new(work);
            night(&Set::read(work, set)?, &Set::read(work, new)?)
        }
        ["lasting", work, set] => lasting::measure(&Set::read(Path::new(work), set)?),
        ["agreement", work, ref sets @ ..] if !sets.is_empty() => {
            let read = |set: &&str| Set::read(Path::new(work), set);
            agreement::measure(&sets.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?)
        }
        _ => bail!("usage:\n{USAGE}"),
    };
    println!("{answer}");
    Ok(())
}

/// Rows are compared whatever their polarity: the labels of the sets know none.
fn options() -> Options {
    Options { split_by_polarity: false, ..Options::default() }
}

fn units(set: &Set) -> Vec<Unit<'_>> {
    let unit = |row: usize| Unit {
        vector: set.vector(row),
        text: &set.rows[row].text,
        language: set.rows[row].language,
        polarity: Polarity::Neutral,
        verbatim: row as u32,
        key: Fingerprint::of([&row.to_le_bytes()[..]]),
    };
    (0..set.rows.len()).map(unit).collect()
}

/// Finds themes, with the rows in an order that `order` decides (0: as they
/// are), and writes the theme of each row, in the order of the set.
fn discover_in(set: &Set, order: u64, assigned: &Path) -> anyhow::Result<Value> {
    let units = units(set);
    let mut rows: Vec<usize> = (0..units.len()).collect();
    if order > 0 {
        rows.sort_by_key(|row| Fingerprint::of([&order.to_le_bytes()[..], &row.to_le_bytes()]));
    }
    let ordered: Vec<Unit> = rows.iter().map(|&row| units[row]).collect();
    let began = Instant::now();
    let found = discover(&ordered, &options());
    let seconds = began.elapsed().as_secs_f64();
    let mut themes = vec![None; units.len()];
    for (at, &row) in rows.iter().enumerate() {
        themes[row] = found.assignment[at];
    }
    let line = |theme: &Option<u32>| theme.map_or("-1\n".to_owned(), |theme| format!("{theme}\n"));
    fs_err::write(assigned, themes.iter().map(line).collect::<String>())?;
    Ok(json!({ "seconds": seconds, "themes": found.clusters.len() }))
}

/// What the theme step of a night does: puts new units to the themes known,
/// finds themes among those that fit none, and names them.
fn night(set: &Set, new: &Set) -> Value {
    let found: Clustering = discover(&units(set), &options());
    let known: Vec<KnownTheme> = found
        .clusters
        .iter()
        .zip(1..)
        .map(|(cluster, id)| KnownTheme::of(ThemeId(id), cluster))
        .collect();
    let units = units(new);
    let began = Instant::now();
    let fits = assign(&units, &known);
    let rest = units.iter().zip(&fits).filter(|(_, fit)| fit.is_none());
    let rest: Vec<Unit> = rest.map(|(unit, _)| *unit).collect();
    let born = discover(&rest, &options()).clusters;
    let names = name(&born, &rest);
    json!({
        "seconds": began.elapsed().as_secs_f64(),
        "known": known.len(),
        "new": units.len(),
        "assigned": units.len() - rest.len(),
        "born": names.len(),
    })
}

/// The folder of the repository.
fn root() -> anyhow::Result<std::path::PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("this package is in the repository")?.to_owned())
}
