//! What can go wrong with the data folder.

use std::fmt;
use std::io;
use std::path::PathBuf;

use echolot_core::Timestamp;

use crate::query::QueryProblem;

/// A failure of the store or of the search.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no data folder at the path.
    #[error("there is no data folder at `{}`; `echolot run` makes one", path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Another process writes to the folder.
    #[error("`{}` is in use{holder}", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// Who holds the lock, as far as it is known.
        holder: Holder,
    },
    /// The folder has a format this program does not read.
    #[error(
        "`{}` has format {found}, but this program reads {newest}; {}",
        path.display(),
        remedy(*found, (*oldest, *newest))
    )]
    Format {
        /// The folder.
        path: PathBuf,
        /// The format it has.
        found: u32,
        /// The oldest format that can be converted.
        oldest: u32,
        /// The format that is read and written.
        newest: u32,
    },
    /// A search query cannot be understood.
    #[error("the query has an error at character {position}: {problem}")]
    Query {
        /// The query.
        query: String,
        /// The character of the query, counted from 0.
        position: usize,
        /// What is wrong there.
        problem: QueryProblem,
    },
    /// An entry of a group of synonyms cannot be used.
    #[error("the synonym `{entry}` is not one word")]
    Synonym {
        /// The entry.
        entry: String,
    },
    /// No item has an attribute of this name.
    #[error("no item has an attribute `{name}`; {}", known_attributes(known))]
    UnknownAttribute {
        /// What was asked for.
        name: String,
        /// All names there are.
        known: Vec<String>,
    },
    /// No own topic has this key.
    #[error("there is no own topic `{key}`; {}", known_topics(known))]
    UnknownOwnTopic {
        /// What was asked for.
        key: String,
        /// All keys there are.
        known: Vec<String>,
    },
    /// There is no API key of this id.
    #[error("there is no key `{0}`; `echolot key list` lists them")]
    UnknownKey(String),
    /// There is no such generation, or its past was not kept.
    #[error("there is no generation {generation} to be read; there are {oldest} to {newest}")]
    UnknownGeneration {
        /// What was asked for.
        generation: u64,
        /// The oldest that can be read.
        oldest: u64,
        /// The newest.
        newest: u64,
    },
    /// A generation of the past was to be searched by meaning.
    #[error(
        "generation {generation} is of the past, of which no vectors are kept; search it by words"
    )]
    NoVectors {
        /// The generation.
        generation: u64,
    },
    /// Something is asked for by a name that no column has.
    #[error("`{name}` is nothing that feedback can be selected by")]
    UnknownColumn {
        /// What was asked for.
        name: String,
    },
    /// Something stored is not what was written.
    #[error("`{what}` is damaged: {detail}")]
    Damaged {
        /// The file or table.
        what: String,
        /// What does not fit.
        detail: String,
    },
    /// A file could not be read or written; the source names it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    /// The search index failed.
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
    /// A binary record could not be written or read.
    #[error("a stored record cannot be read or written")]
    Record(#[from] postcard::Error),
    /// A JSON document could not be written or read.
    #[error("a stored document cannot be read or written")]
    Document(#[from] serde_json::Error),
}

impl Error {
    pub(crate) fn damaged(what: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::Damaged { what: what.into(), detail: detail.to_string() }
    }
}

fn known_topics(known: &[String]) -> String {
    if known.is_empty() {
        return "no taxonomy is in force, `echolot taxonomy apply` puts one in force".to_owned();
    }
    format!("known are: {}", known.join(", "))
}

/// What to do about another format than the newest.
fn remedy(found: u32, (oldest, newest): (u32, u32)) -> &'static str {
    if found > newest {
        "use the newer program that wrote it"
    } else if found >= oldest {
        "the next `echolot run` or change of a theme converts it"
    } else {
        "load the feedback again into a new folder"
    }
}

/// Who holds the lock of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holder {
    /// The number of the process.
    pub process: Option<u32>,
    /// When it took the lock.
    pub since: Option<Timestamp>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(process) = self.process {
            write!(f, " by process {process}")?;
        }
        if let Some(since) = self.since {
            write!(f, " since {since}")?;
        }
        Ok(())
    }
}

fn known_attributes(known: &[String]) -> String {
    if known.is_empty() {
        "no item has any attribute".to_owned()
    } else {
        format!("known are: {}", known.join(", "))
    }
}
