//! What state a data folder is in, damage included.

use rusqlite::Connection;

use crate::database::{self, State};
use crate::error::Error;
use crate::folder::DataFolder;
use crate::text_index;

/// What an inspection found. What could not be found out is none, and
/// `problems` says why.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// The format of the database.
    pub format_version: Option<u32>,
    /// The generation of the database.
    pub database_generation: Option<u64>,
    /// The generation readers see.
    pub published_generation: Option<u64>,
    /// Every table with its number of rows, by name.
    pub row_counts: Vec<(String, u64)>,
    /// The state of the full-text index.
    pub text_index: Option<TextIndexState>,
    /// Staged runs that did not commit, or wait to be taken up again.
    pub leftover_staging: usize,
    /// Whether a run goes on now.
    pub is_locked: bool,
    /// Free bytes where the folder is.
    pub free_bytes: Option<u64>,
    /// What is wrong, for people to read; empty when all is well.
    pub problems: Vec<String>,
}

/// The state of the full-text index beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextIndexState {
    /// It says what the database says.
    Current,
    /// A run committed and did not publish; the next reader or run will.
    Behind,
    /// It is missing, damaged or made by other rules or from another
    /// database; the next reader or run rebuilds it.
    Unusable,
}

/// Looks at everything in a folder without changing any of it.
pub(crate) fn inspect(folder: &DataFolder) -> Inspection {
    let mut found = Inspection {
        leftover_staging: folder.staging_unlocked().count_leftovers(),
        is_locked: matches!(folder.lock_run(), Err(Error::Busy { .. })),
        ..Inspection::default()
    };
    match fs4::available_space(folder.path()) {
        Ok(bytes) => found.free_bytes = Some(bytes),
        Err(error) => found.problems.push(format!("free space is unknown: {error}")),
    }
    if let Err(error) = inspect_database(folder, &mut found) {
        found.problems.push(describe(&error));
    }
    found
}

fn inspect_database(folder: &DataFolder, found: &mut Inspection) -> Result<(), Error> {
    let connection = database::open_any_format(&folder.database_path())?;
    found.format_version = Some(database::format_of(&connection)?);
    let state = State::read(&connection)?;
    found.database_generation = Some(state.generation);
    inspect_index(folder, &connection, state, found)?;
    found.row_counts = count_rows(&connection)?;
    for check in ["integrity_check", "foreign_key_check"] {
        found.problems.extend(run_check(&connection, check)?);
    }
    Ok(())
}

fn inspect_index(
    folder: &DataFolder,
    connection: &Connection,
    state: State,
    found: &mut Inspection,
) -> Result<(), Error> {
    let index = folder.index_path();
    let published = text_index::published_state(&index);
    found.published_generation = published.map(|state| state.generation);
    let damaged = text_index::damaged_files(&index);
    let is_readable =
        damaged.as_ref().is_ok_and(Vec::is_empty) && text_index::open(&index).is_some();
    found.text_index = Some(match published {
        Some(published) if is_readable => {
            if published == state {
                TextIndexState::Current
            } else if published.was_passed_by(connection)? {
                TextIndexState::Behind
            } else {
                TextIndexState::Unusable
            }
        }
        _ => TextIndexState::Unusable,
    });
    match damaged {
        Ok(files) => found.problems.extend(files.iter().map(|file| format!("`{file}` is damaged"))),
        // A folder nothing was ever published in has no index to be damaged.
        Err(_) if published.is_none() && state == State::empty() => {}
        Err(error) => found.problems.push(describe(&error)),
    }
    Ok(())
}

fn count_rows(connection: &Connection) -> Result<Vec<(String, u64)>, Error> {
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut counts = Vec::with_capacity(names.len());
    for name in names {
        let query = format!("SELECT count(*) FROM \"{name}\"");
        let count: i64 = connection.query_row(&query, [], |row| row.get(0))?;
        counts.push((name, count as u64));
    }
    Ok(counts)
}

/// Runs a check of `SQLite`: `ok` or nothing when all is well, else a row for
/// each finding.
fn run_check(connection: &Connection, check: &str) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare(&format!("PRAGMA {check}"))?;
    let finding = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let findings: Vec<String> = statement.query_map([], finding)?.collect::<Result<_, _>>()?;
    let problems = findings.into_iter().filter(|finding| finding != "ok");
    Ok(problems.map(|finding| format!("{check}: {finding}")).collect())
}

fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
