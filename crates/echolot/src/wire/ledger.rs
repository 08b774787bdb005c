//! The ledger of themes, and what people changed in it.

use echolot_engine::{EditRecord, EditReport, LedgerEntry, ThemeLedger};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What happened to a theme, or to all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThemeLedgerJson {
    generation: u64,
    /// The entries, oldest first.
    ledger: Vec<LedgerJson>,
    /// What people changed, oldest first.
    edits: Vec<EditEntryJson>,
}

/// One entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerJson {
    generation: u64,
    /// The theme it happened to.
    theme: u32,
    #[schema(example = "born")]
    event: String,
    /// The particulars, e.g. how many units, and what the theme is since.
    #[schema(value_type = Object)]
    detail: Value,
}

/// One edit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditEntryJson {
    /// The number of the edit.
    edit: u64,
    generation: u64,
    at: String,
    author: String,
    /// `rename`, `merge`, `split`, `pin`, `unpin`, `hide`, `unhide`, `move` or `undo`.
    #[schema(example = "merge")]
    kind: &'static str,
    /// The edit that undid it.
    undone_by: Option<u64>,
}

/// What an edit did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditJson {
    /// The number of the edit, by which it can be undone.
    edit: u64,
    /// The generation that readers see since.
    generation: u64,
    at: String,
    author: String,
    /// `rename`, `merge`, `split`, `pin`, `unpin`, `hide`, `unhide`, `move` or `undo`.
    #[schema(example = "merge")]
    kind: &'static str,
    /// Themes that were named and had ended, with the themes they led to.
    redirects: Vec<RedirectJson>,
    /// What happened to themes.
    ledger: Vec<LedgerJson>,
}

/// A theme that has ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedirectJson {
    /// The number that was named.
    from: u32,
    /// The theme it leads to.
    to: u32,
}

impl ThemeLedgerJson {
    pub(crate) fn new(generation: u64, ledger: ThemeLedger) -> Self {
        Self {
            generation,
            ledger: ledger.entries.into_iter().map(LedgerJson::from).collect(),
            edits: ledger.edits.into_iter().map(EditEntryJson::from).collect(),
        }
    }
}

impl From<LedgerEntry> for LedgerJson {
    fn from(entry: LedgerEntry) -> Self {
        let LedgerEntry { generation, theme, event, detail } = entry;
        Self { generation, theme: theme.0, event, detail }
    }
}

impl From<EditRecord> for EditEntryJson {
    fn from(edit: EditRecord) -> Self {
        Self {
            edit: edit.number,
            generation: edit.generation,
            at: edit.at.to_string(),
            kind: edit.change.kind(),
            author: edit.author,
            undone_by: edit.undone_by,
        }
    }
}

impl From<EditReport> for EditJson {
    fn from(report: EditReport) -> Self {
        let redirects =
            report.redirects.into_iter().map(|(from, to)| RedirectJson { from: from.0, to: to.0 });
        Self {
            edit: report.edit,
            generation: report.generation,
            at: report.at.to_string(),
            author: report.author,
            kind: report.kind,
            redirects: redirects.collect(),
            ledger: report.events.into_iter().map(LedgerJson::from).collect(),
        }
    }
}
