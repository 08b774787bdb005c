//! Writes a document as one HTML page that needs nothing else.

use super::document::{Block, Document, Table};
use super::words::Tongue;

/// Light and dark by what the reader prefers, and black on white on paper.
const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6670;--rule:#d7dce1;--paper:#fff;--wash:#f5f7f9;\
--bad:#b3432f;--good:#2f7d5b;--hue:#2f5f8f}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5af;--rule:#39424a;--paper:#14181c;\
--wash:#1d2328;--bad:#e2836f;--good:#74c29d;--hue:#86b4e0}}
@media print{:root{--ink:#000;--soft:#444;--rule:#bbb;--paper:#fff;--wash:#fff;--bad:#933;--good:#363;\
--hue:#336}h2{break-after:avoid}table,figure,blockquote{break-inside:avoid}}
body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;margin:2rem auto;\
max-width:50rem;padding:0 1rem}
h1{font-size:1.7rem;line-height:1.2}h2{border-top:1px solid var(--rule);font-size:1.2rem;margin-top:2rem;\
padding-top:1rem}
.note,figcaption,cite{color:var(--soft);font-size:.85rem}
table{border-collapse:collapse;font-size:.92rem;margin:1rem 0;width:100%}
th,td{border-bottom:1px solid var(--rule);padding:.35rem .5rem;text-align:right;vertical-align:top}
th{font-weight:600}.word{text-align:left}td:not(.word){font-variant-numeric:tabular-nums;white-space:nowrap}
blockquote{background:var(--wash);border-left:3px solid var(--rule);margin:.5rem 0;padding:.5rem .8rem}
figure{margin:1rem 0}svg{display:block;height:auto;width:100%}
text{fill:var(--ink);font:12px system-ui,sans-serif}.scale{fill:var(--soft)}
.axis{stroke:var(--rule)}.interval{stroke:var(--soft);stroke-width:1.2}
.column,.dot{fill:var(--hue)}.line{fill:none;stroke:var(--hue);stroke-width:1.5}
.complaint{fill:var(--bad)}.praise{fill:var(--good)}
";

pub(super) fn write(document: &Document, tongue: Tongue) -> String {
    let title = escape(&document.title);
    let body: String = document.blocks.iter().map(block).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n\
         </body>\n</html>\n",
        tongue.code()
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(title) => format!("<h2>{}</h2>\n", escape(title)),
        Block::Paragraph(words) => format!("<p>{}</p>\n", escape(words)),
        Block::Note(words) => format!("<p class=\"note\">{}</p>\n", with_code(words)),
        Block::Table(table) => self::table(table),
        Block::Quote { text, id } => {
            format!("<blockquote>{} <cite>{}</cite></blockquote>\n", escape(text), escape(id))
        }
        Block::Chart(chart) => {
            let title = escape(chart.title());
            format!("<figure>{}<figcaption>{title}</figcaption></figure>\n", chart.svg())
        }
    }
}

fn table(table: &Table) -> String {
    let cells = |mark: &str, cells: &[String]| -> String {
        let cell = |(column, cell): (usize, &String)| {
            let class = if column < table.left { " class=\"word\"" } else { "" };
            format!("<{mark}{class}>{}</{mark}>", escape(cell))
        };
        cells.iter().enumerate().map(cell).collect()
    };
    let rows: Vec<String> =
        table.rows.iter().map(|row| format!("<tr>{}</tr>\n", cells("td", row))).collect();
    let rows = rows.concat();
    let header = cells("th", &table.header);
    format!("<table>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
}

/// Text whose words between backticks are code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let part = |(at, part): (usize, &str)| {
        if at % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }
    };
    parts.map(part).collect()
}

/// Text in which nothing is taken for markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_customer_becomes_markup() {
        let document = Document {
            title: "<script>".to_owned(),
            blocks: vec![
                Block::Quote { text: "a <b> & \"c\"".to_owned(), id: "x'y".to_owned() },
                Block::Note("with `<code>`".to_owned()),
            ],
        };
        let page = write(&document, Tongue::De);
        assert!(page.contains("<html lang=\"de\">"));
        assert!(page.contains("<h1>&lt;script&gt;</h1>"));
        assert!(page.contains("a &lt;b&gt; &amp; &quot;c&quot; <cite>x&#39;y</cite>"));
        assert!(page.contains("with <code>&lt;code&gt;</code>"));
        assert!(!page.contains("<script"));
    }
}
