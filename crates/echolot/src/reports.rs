//! Reports for people: what they say, in which words, and how they look.
//!
//! A report becomes a [`Document`](document::Document) of headings, tables,
//! quotes and charts once; Markdown and HTML write down the same document.

mod charts;
mod document;
mod html;
mod markdown;
mod words;

use echolot_engine::Report;

pub(crate) use words::Tongue;

/// A report as Markdown (`CommonMark` with tables).
pub(crate) fn markdown(report: &Report, generation: u64, tongue: Tongue) -> String {
    markdown::write(&document::compose(report, generation, tongue))
}

/// A report as one HTML page that needs nothing else: no script, no font, no
/// picture from elsewhere.
pub(crate) fn html(report: &Report, generation: u64, tongue: Tongue) -> String {
    html::write(&document::compose(report, generation, tongue), tongue)
}
