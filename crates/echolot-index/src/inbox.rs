//! The inbox: feedback that was delivered and waits for the next run.
//!
//! It is a file of its own, as a run holds the database for as long as it
//! takes, and nobody who delivers shall wait for it. A delivery is one
//! transaction that is on disk when it has ended: its rows, and what was
//! answered, so that whoever asks again under the same key hears the same.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use echolot_core::{Feedback, FeedbackId, Fingerprint, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use crate::database;
use crate::encoding::{FeedbackRecord, fingerprint};
use crate::error::Error;

/// The format of the file, kept in `PRAGMA user_version`.
const FORMAT: u32 = 1;

/// Rows are JSON, so that a newer program reads what an older one took in.
const TABLES: &str = "
-- What tells this inbox from one that lay here before; one row, from the first
-- delivery on.
CREATE TABLE identity (identity BLOB NOT NULL) STRICT;

-- What was answered to deliveries with an idempotency key.
CREATE TABLE delivery (
    sender TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body BLOB NOT NULL,
    answer TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (sender, idempotency_key)
) STRICT;
CREATE INDEX delivery_time ON delivery (received_at);

-- Feedback that no run has taken; `item` is redacted, `content` the fingerprint
-- of it as it was delivered.
CREATE TABLE item (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    content BLOB NOT NULL,
    item TEXT NOT NULL
) STRICT;
";

/// How long an answer is kept for those who ask again, in seconds: a week.
const KEPT_S: i64 = 7 * 24 * 3600;

/// Rows that are read at a time.
const BATCH: u32 = 1000;

/// Feedback that is delivered together.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Who delivers: the id of a key, or nothing.
    pub sender: String,
    /// By what the sender will know the delivery again.
    pub idempotency_key: Option<String>,
    /// The fingerprint of the body as it was sent.
    pub body: Fingerprint,
    /// When it came.
    pub received_at: Timestamp,
    /// The accepted items, redacted, with the fingerprints of them as sent.
    pub items: Vec<(Feedback, Fingerprint)>,
    /// What becomes of each row.
    pub rows: Vec<DeliveredRow>,
}

/// What became of one row of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredRow {
    /// Its number in the body, from 1.
    pub row: u64,
    /// The id it is stored under, or why it is refused.
    pub outcome: Result<FeedbackId, String>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is in the inbox.
    Now,
    /// It was taken before, under the same key and with the same body.
    Before(Vec<DeliveredRow>),
    /// The key was used for another body.
    OtherBody,
}

/// The place in the inbox up to which a run has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxMark {
    /// Which inbox.
    pub identity: Fingerprint,
    /// The number of the last item.
    pub through: u64,
}

/// The inbox of a data folder.
#[derive(Debug)]
pub struct Inbox {
    connection: Mutex<Connection>,
}

/// What became of a row, as it is stored.
#[derive(Serialize, Deserialize)]
struct RowRecord {
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reason: Option<String>,
}

impl Inbox {
    pub(crate) fn create_or_open(path: &Path) -> Result<Self, Error> {
        let connection = database::create_or_open_beside(path, TABLES, FORMAT)?;
        connection.pragma_update(None, "secure_delete", true)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Takes a delivery in, unless it was taken before. When this returns, it
    /// is on disk as a whole.
    pub fn deliver(&self, delivery: &Delivery) -> Result<Taken, Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = delivery.received_at.seconds();
        transaction
            .prepare_cached("DELETE FROM delivery WHERE received_at < ?")?
            .execute([now - KEPT_S])?;
        if let Some(key) = &delivery.idempotency_key {
            if let Some(before) = find(&transaction, (&delivery.sender, key), delivery.body)? {
                return Ok(before);
            }
            transaction.execute(
                "INSERT INTO delivery VALUES (?, ?, ?, ?, ?)",
                params![
                    delivery.sender,
                    key,
                    &delivery.body.0[..],
                    serde_json::to_string(&delivery.rows.iter().map(record).collect::<Vec<_>>())?,
                    now
                ],
            )?;
        }
        if read_identity(&transaction)?.is_none() {
            let identity = Fingerprint::of([&delivery.body.0[..], &now.to_le_bytes()]);
            transaction.execute("INSERT INTO identity VALUES (?)", [&identity.0[..]])?;
        }
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO item (content, item) VALUES (?, ?)")?;
            for (item, content) in &delivery.items {
                let item = serde_json::to_string(&FeedbackRecord::from(item))?;
                insert.execute(params![&content.0[..], item])?;
            }
        }
        transaction.commit()?;
        Ok(Taken::Now)
    }

    /// How many items wait.
    pub fn num_waiting(&self) -> Result<u64, Error> {
        let count: i64 =
            self.connection().query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// What tells this inbox from others; none before the first delivery.
    pub fn identity(&self) -> Result<Option<Fingerprint>, Error> {
        read_identity(&self.connection())
    }

    /// Hands over the items after the number `after`, in the order they came,
    /// and returns the number of the last.
    pub fn for_each<E: From<Error>>(
        &self,
        after: u64,
        mut take: impl FnMut(Feedback, Fingerprint) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut last = after;
        loop {
            // The lock is not held while `take` runs: deliveries go on.
            let batch = self.read_batch(last)?;
            if batch.is_empty() {
                return Ok(last);
            }
            for (number, item, content) in batch {
                take(item, content)?;
                last = number;
            }
        }
    }

    /// Forgets the items up to a number, which a run has committed.
    pub fn remove_through(&self, number: u64) -> Result<(), Error> {
        let connection = self.connection();
        connection.execute("DELETE FROM item WHERE number <= ?", [number.cast_signed()])?;
        Ok(())
    }

    fn read_batch(&self, after: u64) -> Result<Vec<(u64, Feedback, Fingerprint)>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT number, item, content FROM item WHERE number > ? ORDER BY number LIMIT ?",
        )?;
        let mut rows = statement.query(params![after.cast_signed(), BATCH])?;
        let mut batch = Vec::new();
        while let Some(row) = rows.next()? {
            let (number, item, content): (i64, String, Vec<u8>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let record: FeedbackRecord = serde_json::from_str(&item)?;
            batch.push((number.cast_unsigned(), record.try_into()?, fingerprint(&content)?));
        }
        Ok(batch)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was answered to the same sender under the same key.
fn find(
    transaction: &Transaction<'_>,
    (sender, key): (&str, &str),
    body: Fingerprint,
) -> Result<Option<Taken>, Error> {
    let query = "SELECT body, answer FROM delivery WHERE sender = ? AND idempotency_key = ?";
    let found: Option<(Vec<u8>, String)> = transaction
        .query_row(query, [sender, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((known, answer)) = found else { return Ok(None) };
    if fingerprint(&known)? != body {
        return Ok(Some(Taken::OtherBody));
    }
    let records: Vec<RowRecord> = serde_json::from_str(&answer)?;
    Ok(Some(Taken::Before(records.into_iter().map(row).collect())))
}

fn read_identity(connection: &Connection) -> Result<Option<Fingerprint>, Error> {
    let found: Option<Vec<u8>> =
        connection.query_row("SELECT identity FROM identity", [], |row| row.get(0)).optional()?;
    found.map(|bytes| fingerprint(&bytes)).transpose()
}

fn record(row: &DeliveredRow) -> RowRecord {
    let id = row.outcome.as_ref().ok().map(|id| id.as_str().to_owned());
    RowRecord { row: row.row, id, reason: row.outcome.as_ref().err().cloned() }
}

fn row(record: RowRecord) -> DeliveredRow {
    let reason = record.reason.unwrap_or_default();
    DeliveredRow { row: record.row, outcome: record.id.map(FeedbackId::new).ok_or(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds).unwrap()
    }

    fn delivery(key: Option<&str>, body: &str, ids: &[&str]) -> Delivery {
        let item = |id: &str| (fixtures::bare(id, "gut"), Fingerprint::of_text(id));
        let mut rows: Vec<DeliveredRow> = ids
            .iter()
            .zip(1..)
            .map(|(id, row)| DeliveredRow { row, outcome: Ok(FeedbackId::new(*id)) })
            .collect();
        rows.push(DeliveredRow { row: 9, outcome: Err("no words".to_owned()) });
        Delivery {
            sender: "a".to_owned(),
            idempotency_key: key.map(str::to_owned),
            body: Fingerprint::of_text(body),
            received_at: at(0),
            items: ids.iter().copied().map(item).collect(),
            rows,
        }
    }

    fn inbox() -> (tempfile::TempDir, Inbox) {
        let temp = tempfile::tempdir().unwrap();
        let inbox = Inbox::create_or_open(&temp.path().join("inbox.sqlite")).unwrap();
        (temp, inbox)
    }

    fn ids(inbox: &Inbox, after: u64) -> (Vec<String>, u64) {
        let mut ids = Vec::new();
        let last = inbox
            .for_each(after, |item, content| {
                assert_eq!(content, Fingerprint::of_text(item.id.as_str()));
                ids.push(item.id.as_str().to_owned());
                Ok::<_, Error>(())
            })
            .unwrap();
        (ids, last)
    }

    #[test]
    fn what_is_delivered_waits_in_order_until_it_is_removed() {
        let (temp, inbox) = inbox();
        assert_eq!(inbox.identity().unwrap(), None);
        inbox.deliver(&delivery(None, "1", &["a", "b"])).unwrap();
        let identity = inbox.identity().unwrap();
        inbox.deliver(&delivery(None, "2", &["c"])).unwrap();
        let other = Inbox::create_or_open(&temp.path().join("inbox.sqlite")).unwrap();
        assert_eq!(ids(&other, 0), (vec!["a".into(), "b".into(), "c".into()], 3));
        assert_eq!(ids(&other, 2), (vec!["c".into()], 3));
        other.remove_through(2).unwrap();
        assert_eq!((inbox.num_waiting().unwrap(), inbox.identity().unwrap()), (1, identity));
        other.remove_through(3).unwrap();
        // Numbers are never given twice, also after all are gone.
        inbox.deliver(&delivery(None, "3", &["d"])).unwrap();
        assert_eq!(ids(&inbox, 3), (vec!["d".into()], 4));
    }

    #[test]
    fn the_same_key_gives_the_same_answer_for_a_week() {
        let (_temp, inbox) = inbox();
        let first = delivery(Some("k"), "1", &["a"]);
        assert_eq!(inbox.deliver(&first).unwrap(), Taken::Now);
        assert_eq!(inbox.deliver(&first).unwrap(), Taken::Before(first.rows.clone()));
        let other = delivery(Some("k"), "2", &["b"]);
        assert_eq!(inbox.deliver(&other).unwrap(), Taken::OtherBody);
        let of_other = Delivery { sender: "b".to_owned(), ..other.clone() };
        assert_eq!(inbox.deliver(&of_other).unwrap(), Taken::Now);
        assert_eq!(ids(&inbox, 0).0, ["a", "b"]);
        let later = Delivery { received_at: at(KEPT_S + 1), ..other };
        assert_eq!(inbox.deliver(&later).unwrap(), Taken::Now);
    }
}
