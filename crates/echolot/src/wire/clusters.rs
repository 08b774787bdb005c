//! What `echolot cluster` prints.

use echolot_core::FeedbackId;
use echolot_engine::{ClusteredRow, FileTheme, Rejection};
use serde::Serialize;

/// One line of `echolot cluster`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ClusteredJson {
    /// An item with its theme.
    Item { id: String, theme: Option<u32> },
    /// A row that is no feedback item.
    Rejected { line: u64, error: String },
}

impl From<ClusteredRow> for ClusteredJson {
    fn from(row: ClusteredRow) -> Self {
        match row {
            ClusteredRow::Item { id, theme } => Self::Item { id: id.to_string(), theme },
            ClusteredRow::Rejected(Rejection { line, reason, .. }) => {
                Self::Rejected { line, error: reason }
            }
        }
    }
}

/// One line of the themes file of `echolot cluster`.
#[derive(Debug, Serialize)]
pub(crate) struct FileThemeJson {
    theme: usize,
    label: String,
    terms: Vec<String>,
    size: u64,
    examples: Vec<String>,
}

impl FileThemeJson {
    pub(crate) fn new(theme: usize, found: FileTheme) -> Self {
        Self {
            theme,
            label: found.label,
            terms: found.terms,
            size: found.size,
            examples: found.examples.iter().map(FeedbackId::to_string).collect(),
        }
    }
}
