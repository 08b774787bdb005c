//! Alerts that last, and the messages that tell them.
//!
//! A message is written together with the alerts that it tells, so none is lost
//! when the process ends in between. Before each attempt the time of the next one
//! is written, so a second process does not take the same message, and a killed
//! one leaves it to be tried again. Whoever sent it and was killed before saying
//! so sends it twice: the receiver can tell by its key, which stays the same.

use echolot_core::{Fingerprint, Timestamp};
use rusqlite::{Connection, Row, TransactionBehavior, params};
use serde_json::Value;

use crate::columns;
use crate::encoding;
use crate::error::Error;
use crate::follow_up::FollowUp;

/// Something a rule found, for as long as it finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAlert {
    /// Its number, from 1.
    pub number: u64,
    /// The name of the rule.
    pub rule: String,
    /// What the rule found it of; a rule finds a subject at most once at a time.
    pub subject: String,
    /// What was found when it was last told.
    pub statement: Value,
    /// When it was first found.
    pub opened_at: Timestamp,
    /// When it was last told.
    pub told_at: Timestamp,
    /// When it was found no more.
    pub ended_at: Option<Timestamp>,
}

/// An alert that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    /// The name of the rule.
    pub rule: String,
    /// What the rule found it of.
    pub subject: String,
    /// What was found.
    pub statement: Value,
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// The name of the channel.
    pub channel: String,
    /// What is sent.
    pub body: Value,
}

/// What one check changes, all together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlertUpdate {
    /// Alerts that begin.
    pub opened: Vec<NewAlert>,
    /// Alerts by number that are told again, with what was found now.
    pub told_again: Vec<(u64, Value)>,
    /// Alerts by number that have ended.
    pub ended: Vec<u64>,
    /// What is told.
    pub messages: Vec<NewMessage>,
}

/// A message with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its number, from 1.
    pub number: u64,
    /// By which a receiver can tell a message that comes twice: the same for
    /// every attempt, and different for every message.
    pub key: Fingerprint,
    /// The name of the channel.
    pub channel: String,
    /// What is sent.
    pub body: Value,
    /// When it was written.
    pub made_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, unless it was sent.
    pub next_attempt_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

impl FollowUp {
    /// All alerts, the ended ones too, by number.
    pub fn alerts(&self) -> Result<Vec<StoredAlert>, Error> {
        read_alerts(&self.connection, "")
    }

    /// Lets `decide` see the alerts that last and writes down what it decides,
    /// in one transaction. Two checks at once follow one another.
    pub fn update_alerts<E: From<Error>>(
        &mut self,
        at: Timestamp,
        decide: impl FnOnce(&[StoredAlert]) -> Result<AlertUpdate, E>,
    ) -> Result<AlertUpdate, E> {
        let begin = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begin.map_err(Error::from)?;
        let update = decide(&read_alerts(&transaction, "WHERE ended_at IS NULL")?)?;
        write_update(&transaction, at, &update)?;
        transaction.commit().map_err(Error::from)?;
        Ok(update)
    }

    /// The messages that were not sent yet, oldest first.
    pub fn waiting_messages(&self) -> Result<Vec<Message>, Error> {
        read_messages(&self.connection, "WHERE sent_at IS NULL ORDER BY message")
    }

    /// Takes the oldest message that is due at `now` to be tried. `pause_s` gives
    /// the seconds until the next attempt by how many there were, this one too.
    pub fn take_due(
        &mut self,
        now: Timestamp,
        pause_s: impl FnOnce(u32) -> i64,
    ) -> Result<Option<Message>, Error> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let due = format!(
            "WHERE sent_at IS NULL AND next_attempt_at <= {} ORDER BY message LIMIT 1",
            now.seconds()
        );
        let Some(mut message) = read_messages(&transaction, &due)?.pop() else { return Ok(None) };
        message.attempts += 1;
        let next = now.seconds().saturating_add(pause_s(message.attempts));
        message.next_attempt_at = encoding::timestamp(next)?;
        transaction.execute(
            "UPDATE message SET attempts = ?, next_attempt_at = ? WHERE message = ?",
            params![message.attempts, next, message.number.cast_signed()],
        )?;
        transaction.commit()?;
        Ok(Some(message))
    }

    /// Writes down that a message was sent, or why it was not.
    pub fn note_attempt(
        &self,
        message: u64,
        outcome: Result<Timestamp, &str>,
    ) -> Result<(), Error> {
        let (sent_at, error) = match outcome {
            Ok(at) => (Some(at.seconds()), None),
            Err(error) => (None, Some(error)),
        };
        self.connection
            .prepare_cached("UPDATE message SET sent_at = ?, error = ? WHERE message = ?")?
            .execute(params![sent_at, error, message.cast_signed()])?;
        Ok(())
    }
}

fn write_update(connection: &Connection, at: Timestamp, update: &AlertUpdate) -> Result<(), Error> {
    for alert in &update.opened {
        connection
            .prepare_cached(
                "INSERT INTO alert (rule, subject, statement, opened_at, told_at)
                 VALUES (?1, ?2, ?3, ?4, ?4)",
            )?
            .execute(params![
                alert.rule,
                alert.subject,
                serde_json::to_string(&alert.statement)?,
                at.seconds()
            ])?;
    }
    for (number, statement) in &update.told_again {
        connection
            .prepare_cached("UPDATE alert SET told_at = ?, statement = ? WHERE alert = ?")?
            .execute(params![
                at.seconds(),
                serde_json::to_string(statement)?,
                number.cast_signed()
            ])?;
    }
    for number in &update.ended {
        connection
            .prepare_cached("UPDATE alert SET ended_at = ? WHERE alert = ?")?
            .execute(params![at.seconds(), number.cast_signed()])?;
    }
    for message in &update.messages {
        connection
            .prepare_cached(
                "INSERT INTO message (channel, body, made_at, next_attempt_at)
                 VALUES (?1, ?2, ?3, ?3)",
            )?
            .execute(params![
                message.channel,
                serde_json::to_string(&message.body)?,
                at.seconds()
            ])?;
    }
    Ok(())
}

fn read_alerts(connection: &Connection, which: &str) -> Result<Vec<StoredAlert>, Error> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT alert, rule, subject, statement, opened_at, told_at, ended_at
         FROM alert {which} ORDER BY alert"
    ))?;
    let mut rows = statement.query([])?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        alerts.push(StoredAlert {
            number: row.get::<_, i64>(0)?.cast_unsigned(),
            rule: row.get(1)?,
            subject: row.get(2)?,
            statement: serde_json::from_str(columns::text(row, 3)?)?,
            opened_at: encoding::timestamp(row.get(4)?)?,
            told_at: encoding::timestamp(row.get(5)?)?,
            ended_at: columns::timestamp(row, 6)?,
        });
    }
    Ok(alerts)
}

fn read_messages(connection: &Connection, which: &str) -> Result<Vec<Message>, Error> {
    let mut statement = connection.prepare(&format!(
        "SELECT message, channel, body, made_at, attempts, next_attempt_at, sent_at, error
         FROM message {which}"
    ))?;
    let mut rows = statement.query([])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(read_message(row)?);
    }
    Ok(messages)
}

fn read_message(row: &Row<'_>) -> Result<Message, Error> {
    let number = row.get::<_, i64>(0)?.cast_unsigned();
    let made_at = encoding::timestamp(row.get(3)?)?;
    let (channel, body) = (columns::text(row, 1)?, columns::text(row, 2)?);
    let place = [number.to_le_bytes(), made_at.seconds().to_le_bytes()].concat();
    Ok(Message {
        number,
        key: Fingerprint::of([&place[..], channel.as_bytes(), body.as_bytes()]),
        channel: channel.to_owned(),
        body: serde_json::from_str(body)?,
        made_at,
        attempts: row.get(4)?,
        next_attempt_at: encoding::timestamp(row.get(5)?)?,
        sent_at: columns::timestamp(row, 6)?,
        error: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds).unwrap()
    }

    fn update(follow_up: &mut FollowUp, seconds: i64, update: &AlertUpdate) -> Vec<StoredAlert> {
        let mut seen = Vec::new();
        let decide = |lasting: &[StoredAlert]| {
            seen = lasting.to_vec();
            Ok::<_, Error>(update.clone())
        };
        follow_up.update_alerts(at(seconds), decide).unwrap();
        seen
    }

    #[test]
    fn an_alert_lasts_until_it_ends_and_may_begin_again() {
        let (_temp, folder) = fixtures::folder();
        let mut follow_up = folder.follow_up().unwrap();
        let opened = NewAlert {
            rule: "late".to_owned(),
            subject: "theme 3".to_owned(),
            statement: json!({ "share": 0.5 }),
        };
        let begin = AlertUpdate { opened: vec![opened], ..AlertUpdate::default() };
        assert_eq!(update(&mut follow_up, 10, &begin), []);
        let again = AlertUpdate {
            told_again: vec![(1, json!({ "share": 0.6 }))],
            ..AlertUpdate::default()
        };
        assert_eq!(update(&mut follow_up, 20, &again)[0].told_at, at(10));
        let end = AlertUpdate { ended: vec![1], ..AlertUpdate::default() };
        let lasting = update(&mut follow_up, 30, &end);
        assert_eq!((lasting[0].told_at, &lasting[0].statement), (at(20), &json!({ "share": 0.6 })));
        assert_eq!(update(&mut follow_up, 40, &begin), []);
        let all = follow_up.alerts().unwrap();
        let times: Vec<_> = all.iter().map(|alert| (alert.opened_at, alert.ended_at)).collect();
        assert_eq!(times, [(at(10), Some(at(30))), (at(40), None)]);
    }

    #[test]
    fn a_decision_that_fails_leaves_nothing() {
        let (_temp, folder) = fixtures::folder();
        let mut follow_up = folder.follow_up().unwrap();
        let failed = follow_up.update_alerts(at(1), |_| Err(Error::damaged("test", "on purpose")));
        assert!(failed.is_err());
        assert_eq!(follow_up.alerts().unwrap(), []);
    }

    #[test]
    fn a_message_is_tried_by_one_at_a_time_until_it_is_sent() {
        let (_temp, folder) = fixtures::folder();
        let mut follow_up = folder.follow_up().unwrap();
        let message = |channel: &str| NewMessage {
            channel: channel.to_owned(),
            body: json!({ "text": "x" }),
        };
        let messages = vec![message("desk"), message("file")];
        update(&mut follow_up, 100, &AlertUpdate { messages, ..AlertUpdate::default() });

        let pause = |attempts: u32| i64::from(attempts) * 60;
        let first = follow_up.take_due(at(100), pause).unwrap().unwrap();
        let second = folder.follow_up().unwrap().take_due(at(100), pause).unwrap().unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        assert_ne!(first.key, second.key);
        assert_eq!(follow_up.take_due(at(100), pause).unwrap(), None);
        follow_up.note_attempt(2, Ok(at(101))).unwrap();

        // Whoever had the first was killed: it comes again, with the same key.
        let again = follow_up.take_due(at(160), pause).unwrap().unwrap();
        assert_eq!((again.number, again.key, again.attempts), (1, first.key, 2));
        follow_up.note_attempt(1, Err("no connection")).unwrap();
        let waiting = follow_up.waiting_messages().unwrap();
        assert_eq!((waiting.len(), waiting[0].error.as_deref()), (1, Some("no connection")));
        assert_eq!(follow_up.take_due(at(279), pause).unwrap(), None);
        assert!(follow_up.take_due(at(280), pause).unwrap().is_some());
        follow_up.note_attempt(1, Ok(at(281))).unwrap();
        assert_eq!(follow_up.waiting_messages().unwrap(), []);
    }
}
