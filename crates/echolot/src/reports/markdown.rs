//! Writes a document as Markdown.

use std::fmt::Write;

use super::charts::{Chart, Point};
use super::document::{Block, Document, Table};

pub(super) fn write(document: &Document) -> String {
    let mut text = format!("# {}\n", escape(&document.title));
    for block in &document.blocks {
        let written = match block {
            Block::Heading(title) => format!("## {}\n", escape(title)),
            Block::Paragraph(words) => format!("{}\n", escape(words)),
            // Notes are ours and hold code marks that are meant.
            Block::Note(words) => format!("*{words}*\n"),
            Block::Table(table) => self::table(table),
            Block::Quote { text, id } => format!("> {} ({})\n", escape(text), escape(id)),
            Block::Chart(chart) => match months(chart) {
                Some(months) => format!("{}\n\n{}", escape(chart.title()), self::table(&months)),
                // Bars say what the table below them says.
                None => continue,
            },
        };
        text.push('\n');
        text.push_str(&written);
    }
    text
}

/// What a chart over time shows, as a table.
fn months(chart: &Chart) -> Option<Table> {
    let (Chart::Columns { points, .. } | Chart::Line { points, .. }) = chart else { return None };
    let digits = usize::from(matches!(chart, Chart::Line { .. }));
    let value = |point: &Point| point.value.map(|value| format!("{value:.digits$}"));
    let row = |point: &Point| vec![point.label.clone(), value(point).unwrap_or_default()];
    let header = vec![String::new(), String::new()];
    Some(Table { header, left: 1, rows: points.iter().map(row).collect() })
}

fn table(table: &Table) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = row(&table.header);
    text.push('|');
    for column in 0..table.header.len() {
        text.push_str(if column < table.left { "---|" } else { "---:|" });
    }
    text.push('\n');
    for cells in &table.rows {
        write!(text, "{}", row(cells)).ok();
    }
    text
}

/// Text in which nothing is taken for a mark.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]<>#|~&".contains(c) {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}
