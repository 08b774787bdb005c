//! Whether themes last: many nights of real reviews, one run each.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, ensure};
use echolot_core::{ThemeId, Timestamp};
use echolot_engine::{
    Analyst, Config, ReplayedTheme, RunReport, Silent, Snapshot, Step, StoredTheme, open_snapshot,
    replay, run_in,
};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::root;

/// A unit by its place: the number of the verbatim and its own in it.
type Unit = (u32, usize);

/// The theme of every opinion unit, or none.
type Assignment = HashMap<Unit, Option<ThemeId>>;

/// Takes the reviews in by date in `nights` equal parts and writes, night by
/// night, how many opinion units kept their theme, and how many themes are not
/// what the ledger, read from its beginning, says of them.
pub(crate) fn simulate(data: &Path, nights: usize) -> anyhow::Result<()> {
    let file = data.join("app_reviews_covid.jsonl.gz");
    if !file.is_file() {
        eprintln!("SKIPPED: the nights need {}, which is not here", file.display());
        return Ok(());
    }
    let reviews = by_date(&file)?;
    let config = Config::standard()?;
    let analyst = Analyst::open(&config)?;
    let place = tempfile::tempdir()?;
    let (folder, input) = (place.path().join("data"), place.path().join("night.jsonl"));
    let mut table = csv::Writer::from_path(root().join("docs/quality/nights.csv"))?;
    table.write_record(HEADER)?;
    let mut before = HashMap::new();
    let parts = reviews.chunks(reviews.len().div_ceil(nights.max(1)));
    for ((night, part), second) in parts.enumerate().zip(0_i64..) {
        fs_err::write(&input, part.join("\n"))?;
        let inputs = std::slice::from_ref(&input);
        let at = Timestamp::from_seconds(second).context("a night has a time")?;
        let report = run_in(&folder, inputs, (&config, &analyst), (&Silent, at))?;
        let snapshot = open_snapshot(&folder)?;
        let now = themes_of(&snapshot)?;
        let mut line = line(night + 1, &report, (&before, &now));
        line.push(unlike_ledger(&snapshot)?.to_string());
        println!("{}", line.join("  "));
        table.write_record(&line)?;
        table.flush()?;
        before = now;
    }
    Ok(())
}

const HEADER: [&str; 10] = [
    "night",
    "rows",
    "units",
    "themed_before",
    "kept",
    "kept_share",
    "unassigned_share",
    "themes",
    "theming_seconds",
    "themes_unlike_ledger",
];

fn line(
    night: usize,
    report: &RunReport,
    (before, now): (&Assignment, &Assignment),
) -> Vec<String> {
    let had_one = before.iter().filter(|(_, theme)| theme.is_some());
    let (themed, kept) = had_one.fold((0_u64, 0_u64), |(themed, kept), (unit, had)| {
        (themed + 1, kept + u64::from(now.get(unit) == Some(had)))
    });
    let share = |part: u64, whole: u64| {
        if whole == 0 { String::new() } else { format!("{:.4}", part as f64 / whole as f64) }
    };
    let unassigned = now.values().filter(|theme| theme.is_none()).count() as u64;
    let distinct: BTreeSet<_> = now.values().flatten().collect();
    let theming = report.durations.iter().find(|(step, _)| *step == Step::Theme);
    vec![
        night.to_string(),
        report.totals().rows.to_string(),
        now.len().to_string(),
        themed.to_string(),
        kept.to_string(),
        share(kept, themed),
        share(unassigned, now.len() as u64),
        distinct.len().to_string(),
        theming.map_or_else(String::new, |(_, spent)| format!("{:.2}", spent.as_secs_f64())),
    ]
}

/// The reviews as JSON lines, oldest first.
fn by_date(file: &Path) -> anyhow::Result<Vec<String>> {
    let mut text = String::new();
    MultiGzDecoder::new(fs_err::File::open(file)?).read_to_string(&mut text)?;
    let mut dated = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let row: Value =
            serde_json::from_str(line).with_context(|| format!("line {}", number + 1))?;
        let at = row["at"].as_str().with_context(|| format!("line {} has no date", number + 1))?;
        dated.push((at.to_owned(), line.to_owned()));
    }
    ensure!(!dated.is_empty(), "{} is empty", file.display());
    dated.sort();
    Ok(dated.into_iter().map(|(_, line)| line).collect())
}

fn themes_of(snapshot: &Snapshot) -> anyhow::Result<Assignment> {
    let mut themes = HashMap::new();
    snapshot.for_each_verbatim(|verbatim| -> Result<(), echolot_engine::Error> {
        for (number, unit) in verbatim.units.iter().enumerate() {
            themes.insert((verbatim.row.0, number), unit.theme);
        }
        Ok(())
    })?;
    Ok(themes)
}

/// How many themes differ from what the replayed ledger says of them.
fn unlike_ledger(snapshot: &Snapshot) -> anyhow::Result<usize> {
    let told = replay(&snapshot.ledger(None)?.entries);
    let stored = snapshot.stored_themes()?;
    let differs = |theme: &&StoredTheme| told.get(&theme.id) != Some(&ReplayedTheme::from(*theme));
    Ok(stored.iter().filter(differs).count() + told.len().saturating_sub(stored.len()))
}
