//! `echolot complaints`: the complaints about one release.

use std::cmp::Ordering;
use std::io::Write;

use comfy_table::{ContentArrangement, Table};
use echolot_core::DetectableChange;
use echolot_engine::{
    ComplaintChange, ComplaintQuestion, ComplaintRank, ComplaintRow, ComplaintTable, Config,
    NotedTheme, ReleaseNote, read_release_notes,
};

use super::{open, print_json};
use crate::args::ComplaintsArgs;
use crate::wire::ComplaintsJson;
use crate::{Exit, table};

pub(super) fn complaints(args: &ComplaintsArgs, config: &Config) -> anyhow::Result<Exit> {
    let (product, release, segment) = args.filter.of_release()?;
    let notes = match &args.notes {
        Some(file) => read_release_notes(file, &product, &release)?,
        None => vec![],
    };
    let question = ComplaintQuestion {
        product,
        release,
        segment,
        baseline: args.baseline.clone(),
        rank: ComplaintRank::named(&args.rank, args.on.parse()?)?,
        limit: Some(args.limit),
        notes,
    };
    let snapshot = open(&args.data, config)?;
    let found = snapshot.complaints(&question)?;
    if args.json {
        return print_json(&ComplaintsJson::new(snapshot.generation(), found));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\n", heading(&found))?;
    if args.wide {
        let mut rows = rows(&found, &Column::ALL);
        rows.set_content_arrangement(ContentArrangement::Disabled);
        writeln!(out, "{}", rows.trim_fmt())?;
    } else {
        let columns = match found.rank {
            ComplaintRank::Share => &Column::BY_SHARE[..],
            ComplaintRank::Impact(_) => &Column::BY_IMPACT,
        };
        let mut rows = rows(&found, columns);
        rows.set_width(rows.width().unwrap_or(WIDTH));
        writeln!(out, "{}", rows.trim_fmt())?;
        if !found.rows.is_empty() {
            writeln!(out, "\nIn customers' words:")?;
        }
        for row in &found.rows {
            if let Some(example) = row.examples.first() {
                let theme = row.theme.to_string();
                writeln!(out, "{theme:>6}  {}", table::one_line(&example.quote, QUOTE))?;
            }
        }
    }
    for note in &found.notes {
        writeln!(out, "\nRelease note: {}", note.line)?;
        for theme in &note.themes {
            writeln!(out, "  {} {}: {}", theme.theme, theme.label, verdict(note, theme))?;
        }
        if note.themes.is_empty() {
            writeln!(out, "  no complaint shares its words")?;
        }
    }
    if found.baseline.is_some() {
        writeln!(
            out,
            "\nDifference: points that the share rose or fell, with its 95 % interval. Q: the p value of it,\n\
             corrected for all themes of both releases (Benjamini-Hochberg). Detectable: the smallest rise\n\
             and fall that are found four times out of five. \"Too few\": neither a change nor that there\n\
             is none can be told, also where the interval leaves 0 out and q is above .05."
        )?;
    }
    if let (ComplaintRank::Impact(on), Some(answers)) = (found.rank, found.answers) {
        writeln!(
            out,
            "\nImpact: the mean {} of all {answers} answers less the mean without those that complain of\n\
             it, with its 95 % interval; an association, not a cause.",
            on.name()
        )?;
    }
    write!(out, "{}", table::corrected(found.corrected))?;
    Ok(Exit::Done)
}

/// The columns that a line has where nobody says how wide it may be.
const WIDTH: u16 = 120;
/// The characters of a quote.
const QUOTE: usize = 110;

fn heading(found: &ComplaintTable) -> String {
    let compared = match &found.baseline {
        None => "no earlier release to compare with".to_owned(),
        Some(baseline) => {
            let few = match (found.has_small_baseline(), found.baseline_verbatims) {
                (false, _) => "",
                (true, ..10) => {
                    "\nThat is too few to compare with; name another release (--baseline)."
                }
                (true, _) => {
                    "\nThat is few: only great changes can show; --baseline names another release."
                }
            };
            format!("compared with {baseline} ({} verbatims){few}", found.baseline_verbatims)
        }
    };
    format!(
        "{} {}: {} verbatims ({} with repeats), {} with a complaint, {} of them in no theme;\n{compared}",
        found.product,
        found.release,
        found.verbatims,
        found.mentions,
        found.with_complaint,
        found.without_theme
    )
}

/// What stands in a column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Theme,
    Complaint,
    Topic,
    Volume,
    Mentions,
    Share,
    Baseline,
    Change,
    Difference,
    P,
    Q,
    Detectable,
    Impact,
    Quote,
}

impl Column {
    const ALL: [Self; 14] = [
        Self::Theme,
        Self::Complaint,
        Self::Topic,
        Self::Volume,
        Self::Mentions,
        Self::Share,
        Self::Baseline,
        Self::Change,
        Self::Difference,
        Self::P,
        Self::Q,
        Self::Detectable,
        Self::Impact,
        Self::Quote,
    ];
    const BY_SHARE: [Self; 9] = [
        Self::Theme,
        Self::Complaint,
        Self::Volume,
        Self::Share,
        Self::Baseline,
        Self::Change,
        Self::Difference,
        Self::Q,
        Self::Detectable,
    ];
    const BY_IMPACT: [Self; 8] = [
        Self::Theme,
        Self::Complaint,
        Self::Impact,
        Self::Volume,
        Self::Share,
        Self::Change,
        Self::Difference,
        Self::Q,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Complaint => "complaint",
            Self::Topic => "topic",
            Self::Volume => "volume",
            Self::Mentions => "with repeats",
            Self::Share => "share",
            Self::Baseline => "before",
            Self::Change => "change",
            Self::Difference => "difference",
            Self::P => "p",
            Self::Q => "q",
            Self::Detectable => "detectable",
            Self::Impact => "impact",
            Self::Quote => "in customers' words",
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Complaint | Self::Topic | Self::Change | Self::Quote)
    }

    fn cell(self, row: &ComplaintRow) -> String {
        let of_change =
            |say: fn(&ComplaintChange) -> String| row.change.as_ref().map_or_else(table::dash, say);
        match self {
            Self::Theme => row.theme.to_string(),
            Self::Complaint => row.label.clone(),
            Self::Topic => row.topic.to_string(),
            Self::Volume => row.volume.to_string(),
            Self::Mentions => row.mentions.to_string(),
            Self::Share => table::share_with_interval(Some(row.share)),
            Self::Baseline => {
                row.baseline_share.map_or_else(table::dash, |share| table::percent(share.value))
            }
            Self::Change => of_change(|change| change.word.to_string()),
            Self::Difference => of_change(|change| {
                let found = change.comparison.difference;
                let [value, low, high] =
                    [found.value, found.low, found.high].map(|share| 100.0 * share);
                format!("{value:+.1} [{low:+.1} {high:+.1}]")
            }),
            Self::P => of_change(|change| table::probability(change.comparison.p)),
            Self::Q => of_change(|change| table::probability(change.q)),
            Self::Detectable => of_change(|change| {
                let points = |sign: &str, change: Option<f64>| {
                    change.map_or_else(table::dash, |share| format!("{sign}{:.1}", 100.0 * share))
                };
                let DetectableChange { rise, fall } = change.detectable;
                format!("{} {}", points("+", rise), points("-", fall))
            }),
            Self::Impact => row.impact.map_or_else(table::dash, |impact| {
                format!("{:+.2} [{:+.2} {:+.2}]", impact.value, impact.low, impact.high)
            }),
            Self::Quote => {
                let quote = row.examples.first().map(|example| &example.quote);
                quote.map_or_else(table::dash, |quote| table::one_line(quote, QUOTE))
            }
        }
    }
}

fn rows(found: &ComplaintTable, columns: &[Column]) -> Table {
    // What no row has is no column.
    let is_shown = |column: &&Column| match column {
        Column::Impact => found.answers.is_some(),
        Column::Baseline
        | Column::Change
        | Column::Difference
        | Column::P
        | Column::Q
        | Column::Detectable => found.baseline.is_some(),
        _ => true,
    };
    let columns: Vec<Column> = columns.iter().filter(is_shown).copied().collect();
    let titles: Vec<&str> = columns.iter().map(|column| column.title()).collect();
    let figures = columns.iter().enumerate().filter(|(_, column)| !column.is_text());
    let figures: Vec<usize> = figures.map(|(at, _)| at).collect();
    let mut rows = table::plain(&titles, &figures);
    for row in &found.rows {
        rows.add_row(columns.iter().map(|column| column.cell(row)));
    }
    rows
}

/// `said to be fixed; share fell from 6.0 % to 1.0 % (better, q .002)`.
fn verdict(note: &ReleaseNote, theme: &NotedTheme) -> String {
    let said = if note.says_fixed { "said to be fixed" } else { "spoken of" };
    let now = table::percent(theme.share.value);
    let (Some(before), Some(change)) = (theme.baseline_share, theme.change) else {
        return format!("{said}; share is {now}");
    };
    let went = match theme.share.value.total_cmp(&before.value) {
        Ordering::Less => "fell",
        Ordering::Equal => "stayed",
        Ordering::Greater => "rose",
    };
    let (before, q) = (table::percent(before.value), table::probability(change.q));
    format!("{said}; share {went} from {before} to {now} ({}, q {q})", change.word)
}

/// `worse, +7.7`; the number in points of the share.
pub(super) fn change_in_words(change: &ComplaintChange) -> String {
    format!("{}, {:+.1}", change.word, 100.0 * change.comparison.difference.value)
}
