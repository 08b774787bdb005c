//! What people change in themes, and say against the model: at once, lasting, and to be undone.

mod audit;
mod correct;
mod desk;
mod portrait;
mod undo;

use std::path::Path;

use echolot_core::{FeedbackId, ThemeId, Timestamp};
use echolot_index::{Change, DataFolder, LedgerEntry};
use serde_json::json;

use crate::Error;
pub use audit::{AuditAnswer, import_audit};
pub use correct::CorrectionRequest;
use desk::Desk;

/// A change of themes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThemeEdit {
    /// Gives a theme a name; an empty one gives it back the program's.
    Rename {
        /// The theme.
        theme: ThemeId,
        /// Its name.
        name: String,
    },
    /// Gives a theme a name that a language model has suggested. Unlike a person's it
    /// does not keep the theme from being discovered anew.
    Suggest {
        /// The theme.
        theme: ThemeId,
        /// Its name.
        name: String,
    },
    /// Makes themes part of another, to which their numbers lead from then on.
    Merge {
        /// The themes that end.
        themes: Vec<ThemeId>,
        /// The theme that goes on.
        into: ThemeId,
    },
    /// Makes the sub-themes of a theme themes of their own. What is in none of
    /// them stays; if there is nothing, the theme ends.
    Split {
        /// The theme.
        theme: ThemeId,
    },
    /// Keeps a theme from being discovered anew, or no longer.
    Pin {
        /// The theme.
        theme: ThemeId,
        /// Whether it is to be pinned.
        is_pinned: bool,
    },
    /// Takes a theme out of lists, or puts it back.
    Hide {
        /// The theme.
        theme: ThemeId,
        /// Whether it is to be hidden.
        is_hidden: bool,
    },
    /// Puts opinion units to a theme, or out of all.
    Move {
        /// Feedback items and the numbers of their units.
        units: Vec<(FeedbackId, u32)>,
        /// The theme; none means that they belong to no theme.
        to: Option<ThemeId>,
    },
    /// Undoes an edit.
    Undo {
        /// Its number.
        edit: u64,
    },
}

/// What an edit did.
#[derive(Debug, Clone, PartialEq)]
pub struct EditReport {
    /// The number of the edit.
    pub edit: u64,
    /// What kind of change it was, e.g. `merge`.
    pub kind: &'static str,
    /// The generation that readers see since.
    pub generation: u64,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub at: Timestamp,
    /// What happened to themes, as the ledger has it.
    pub events: Vec<LedgerEntry>,
    /// Themes that were named and had ended, with the themes they led to.
    pub redirects: Vec<(ThemeId, ThemeId)>,
}

/// Makes a change in the data folder at `path`, as a generation of its own that
/// is published at once. Readers are not disturbed, and no model is needed.
///
/// # Errors
/// When a run or another edit holds the folder; when there is no such theme,
/// unit or edit; when it would change nothing; and when what is to be undone was
/// changed again later. Nothing is changed then.
pub fn edit_themes(
    path: &Path,
    edit: &ThemeEdit,
    signed: (&str, Timestamp),
) -> Result<EditReport, Error> {
    change(path, |desk| desk.make(edit), signed)
}

/// Says something of verbatims instead of the model, in the data folder at
/// `path`; a generation of its own, as [`edit_themes`] makes. It holds from then
/// on in every count and answer, through every later run, until it is undone
/// with [`ThemeEdit::Undo`].
///
/// # Errors
/// When a run or another edit holds the folder; when there is no such item or
/// unit; and when all of it is said already. Nothing is changed then.
pub fn correct(
    path: &Path,
    request: &CorrectionRequest,
    signed: (&str, Timestamp),
) -> Result<EditReport, Error> {
    change(path, |desk| desk.correct(request), signed)
}

/// Makes one change as a generation of its own.
fn change(
    path: &Path,
    make: impl FnOnce(&mut Desk<'_>) -> Result<Change, Error>,
    (author, at): (&str, Timestamp),
) -> Result<EditReport, Error> {
    let folder = DataFolder::open(path)?;
    let lock = folder.lock()?;
    folder.publish(&lock)?;
    let writer = folder.begin_run(&lock)?;
    let store = writer.theme_store();
    let mut desk = Desk::new(store)?;
    let change = make(&mut desk)?;
    let number = store.add_edit((author, at), &change)?;
    let (events, redirects) = desk.close(number)?;
    let report = EditReport {
        edit: number,
        kind: change.kind(),
        generation: writer.generation(),
        author: author.to_owned(),
        at,
        events,
        redirects,
    };
    let stored = json!({
        "generation": report.generation,
        "edit": { "edit": number, "kind": report.kind, "author": author, "at": at.to_string() },
    });
    writer.commit(&stored, at)?;
    folder.publish(&lock)?;
    Ok(report)
}
