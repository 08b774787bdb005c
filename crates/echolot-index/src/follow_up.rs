//! What is noted down between generations: the status of complaints, alerts and
//! the messages that tell them.
//!
//! It has a database of its own, `follow_up.sqlite`, because a run holds the
//! writing side of the other one for as long as it takes, and a status that a
//! person sets must be there at once. Items are named by their ids, so nothing
//! here depends on a generation.

use std::path::Path;

use echolot_core::{CaseStatus, FeedbackId, Timestamp};
use rusqlite::{Connection, Row, params};

use crate::columns;
use crate::database;
use crate::encoding;
use crate::error::Error;
use crate::folder::DataFolder;

/// The format of `follow_up.sqlite`.
const FOLLOW_UP_VERSION: u32 = 1;

/// Times are seconds since 1970 in UTC.
const TABLES: &str = "
-- One status that a person gave a complaint. The last of an item is its status.
CREATE TABLE case_event (
    case_event INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    note TEXT
) STRICT;

-- What a rule found. It lasts from `opened_at` until it is found no more, and was
-- last told at `told_at`. `statement` is what was found, as JSON.
CREATE TABLE alert (
    alert INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    statement TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX alert_that_lasts ON alert (rule, subject) WHERE ended_at IS NULL;

-- A message for a channel. `body` is JSON. It is tried from `next_attempt_at` on
-- until it has a `sent_at`; `error` is why the last attempt failed.
CREATE TABLE message (
    message INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    sent_at INTEGER,
    error TEXT
) STRICT;
CREATE INDEX message_that_waits ON message (next_attempt_at) WHERE sent_at IS NULL;
";

/// A status that a person gave a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEvent {
    /// The feedback item.
    pub id: FeedbackId,
    /// The status from then on.
    pub status: CaseStatus,
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it.
    pub author: String,
    /// What there is to say of it.
    pub note: Option<String>,
}

/// The notes of a data folder. Each method is a transaction of its own, and is
/// seen by everyone when it returns.
#[derive(Debug)]
pub struct FollowUp {
    pub(crate) connection: Connection,
}

impl DataFolder {
    /// Opens the notes beside the generations, or begins them.
    pub fn follow_up(&self) -> Result<FollowUp, Error> {
        FollowUp::open(&self.path().join("follow_up.sqlite"))
    }
}

impl FollowUp {
    fn open(path: &Path) -> Result<Self, Error> {
        let connection = database::create_or_open_beside(path, TABLES, FOLLOW_UP_VERSION)?;
        Ok(Self { connection })
    }

    /// All statuses that people gave, oldest first.
    pub fn case_events(&self) -> Result<Vec<CaseEvent>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, status, at, author, note FROM case_event ORDER BY case_event",
        )?;
        let mut rows = statement.query([])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(read_case_event(row)?);
        }
        Ok(events)
    }

    /// Writes a status down.
    pub fn add_case_event(&self, event: &CaseEvent) -> Result<(), Error> {
        let CaseEvent { id, status, at, author, note } = event;
        self.connection
            .prepare_cached(
                "INSERT INTO case_event (id, status, at, author, note) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![id.as_str(), status.code(), at.seconds(), author, note])?;
        Ok(())
    }
}

fn read_case_event(row: &Row<'_>) -> Result<CaseEvent, Error> {
    Ok(CaseEvent {
        id: FeedbackId::new(columns::text(row, 0)?),
        status: columns::label(row, 1)?,
        at: encoding::timestamp(row.get(2)?)?,
        author: row.get(3)?,
        note: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_status_is_seen_while_a_run_writes() {
        let (_temp, folder) = fixtures::folder();
        let lock = folder.lock().unwrap();
        let _writer = folder.begin_run(&lock).unwrap();
        let event = CaseEvent {
            id: FeedbackId::new("a"),
            status: CaseStatus::InWork,
            at: Timestamp::from_seconds(7).unwrap(),
            author: "anna".to_owned(),
            note: Some("angerufen".to_owned()),
        };
        folder.follow_up().unwrap().add_case_event(&event).unwrap();
        assert_eq!(folder.follow_up().unwrap().case_events().unwrap(), [event]);
    }

    #[test]
    fn notes_of_a_later_format_are_left_alone() {
        let (_temp, folder) = fixtures::folder();
        let follow_up = folder.follow_up().unwrap();
        follow_up.connection.pragma_update(None, "user_version", 99).unwrap();
        drop(follow_up);
        let error = folder.follow_up().unwrap_err();
        assert!(error.to_string().contains("use the newer program"), "{error}");
    }
}
