//! Tables and figures for people.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use echolot_core::{CharSpan, CorrectedShare, Share};
use echolot_engine::{AuditedShare, CorrectedCount};

/// A table without lines that fits the terminal. Columns named in `right` are
/// aligned to the right.
pub(crate) fn plain(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(|title| title.to_uppercase()));
    for &column in right {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// `4.2 % [3.1–5.6]`, or a dash.
pub(crate) fn share_with_interval(share: Option<Share>) -> String {
    share.map_or_else(dash, |share| {
        format!("{} [{:.1}–{:.1}]", percent(share.value), 100.0 * share.low, 100.0 * share.high)
    })
}

/// `4.2 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// `.042`, or `<.001`.
pub(crate) fn probability(value: f64) -> String {
    match value {
        ..0.001 => "<.001".to_owned(),
        1.0 => "1".to_owned(),
        _ => format!("{value:.3}").trim_start_matches('0').to_owned(),
    }
}

/// What stands for a missing figure.
pub(crate) fn dash() -> String {
    "–".to_owned()
}

/// Seconds in the largest unit that keeps two digits.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        ..120.0 => format!("{seconds:.0} s"),
        ..7200.0 => format!("{:.0} min", seconds / 60.0),
        ..172_800.0 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} d", seconds / 86_400.0),
    }
}

/// As a share with its interval, or a dash.
pub(crate) fn corrected_share(share: Option<AuditedShare>) -> String {
    share.map_or_else(dash, |AuditedShare { share, labelled }| {
        let CorrectedShare { value, low, high, .. } = share;
        let interval = format!("{} [{:.1}–{:.1}]", percent(value), 100.0 * low, 100.0 * high);
        format!("{interval} by {labelled} labels")
    })
}

/// A paragraph on what people have said against the model; nothing where they
/// have said nothing.
pub(crate) fn corrected(count: CorrectedCount) -> String {
    match (count.corrected, count.spam) {
        (0, 0) => String::new(),
        (corrected, spam) => {
            format!(
                "\n{corrected} verbatims are counted as corrected; {spam} are hidden as spam.\n"
            )
        }
    }
}

/// One line of at most `width` characters.
pub(crate) fn one_line(text: &str, width: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= width {
        return flat;
    }
    let cut: String = flat.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// The text with the given spans in bold, where `bold` is set.
pub(crate) fn highlighted(text: &str, spans: &[CharSpan], bold: bool) -> String {
    if !bold {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 8 * spans.len());
    for (at, c) in text.chars().enumerate() {
        let at = at as u32;
        if spans.iter().any(|span| span.start == at) {
            shown.push_str("\x1b[1m");
        }
        shown.push(c);
        if spans.iter().any(|span| span.end == at + 1) {
            shown.push_str("\x1b[0m");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_their_width() {
        assert_eq!(one_line("a\n b  c", 10), "a b c");
        assert_eq!(one_line("Lieferung kam zu spät", 10), "Lieferung…");
    }

    #[test]
    fn durations_read_easily() {
        assert_eq!(
            [59.0, 600.0, 10_000.0, 400_000.0].map(duration),
            ["59 s", "10 min", "2.8 h", "4.6 d"]
        );
    }

    #[test]
    fn highlights_count_characters() {
        assert_eq!(highlighted("für", &[CharSpan::new(1, 2)], true), "f\x1b[1mü\x1b[0mr");
        assert_eq!(highlighted("für", &[CharSpan::new(1, 2)], false), "für");
    }
}
