//! What is told of what the rules find: each thing once, until it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use echolot_core::Timestamp;
use echolot_index::{AlertUpdate, NewAlert, NewMessage, StoredAlert};
use serde_json::Value;

use super::{Finding, PreparedRule};
use crate::{Error, open_follow_up};

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is told, as it was not there before.
    New,
    /// It is told again, as it lasts and was quiet for the stated time.
    Again,
    /// It is not told: it was already, and lasts.
    Standing,
}

impl Told {
    /// The word for it, also in answers to other programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Again => "again",
            Self::Standing => "standing",
        }
    }
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertCheck {
    /// What the rules found, and what is done about it.
    pub findings: Vec<(Finding, Told)>,
    /// What had been told and is found no more.
    pub ended: Vec<StoredAlert>,
    /// The messages that are written, for their channels to send.
    pub messages: Vec<NewMessage>,
}

/// How findings are put into words: what is kept of each, and the message that
/// tells several of one rule.
pub trait Wording {
    /// What is kept of a finding.
    fn statement(&self, finding: &Finding) -> Value;
    /// The message that tells findings of one rule.
    fn message(&self, rule: &PreparedRule, told: &[(&Finding, Told)]) -> Value;
}

/// Compares what the rules found with what was told before, and writes down what
/// is new, what ended and the messages that tell it, all together. Without
/// `write` nothing is written: what would be done is returned.
///
/// An alert is one for each rule and subject. It is told when it begins, and again
/// only when it has ended and comes back, or lasts for longer than `quiet_s` since
/// it was last told. Alerts of rules that are gone end quietly.
pub fn check_alerts(
    path: &Path,
    (rules, findings): (&[PreparedRule], Vec<Finding>),
    (now, quiet_s): (Timestamp, i64),
    wording: &dyn Wording,
    write: bool,
) -> Result<AlertCheck, Error> {
    let mut follow_up = open_follow_up(path)?;
    let mut check = AlertCheck { findings: vec![], ended: vec![], messages: vec![] };
    let decide = |lasting: &[StoredAlert]| -> Result<AlertUpdate, Error> {
        let (told, ended) = compare(findings, lasting, (now, quiet_s));
        let numbers: BTreeMap<(&str, &str), u64> = lasting
            .iter()
            .map(|alert| ((alert.rule.as_str(), alert.subject.as_str()), alert.number))
            .collect();
        let mut update = AlertUpdate {
            ended: ended.iter().map(|alert| alert.number).collect(),
            messages: messages(rules, &told, wording),
            ..AlertUpdate::default()
        };
        for (finding, told) in &told {
            let (rule, subject) = (finding.rule.clone(), finding.subject.key());
            let statement = wording.statement(finding);
            match (told, numbers.get(&(rule.as_str(), subject.as_str()))) {
                (Told::New, _) => update.opened.push(NewAlert { rule, subject, statement }),
                (Told::Again, Some(number)) => update.told_again.push((*number, statement)),
                _ => {}
            }
        }
        check = AlertCheck { findings: told, ended, messages: update.messages.clone() };
        Ok(update)
    };
    if write {
        follow_up.update_alerts(now, decide)?;
    } else {
        let lasting = follow_up.alerts()?.into_iter().filter(|alert| alert.ended_at.is_none());
        decide(&lasting.collect::<Vec<_>>())?;
    }
    Ok(check)
}

/// What is done about each finding, and which alerts have ended.
fn compare(
    findings: Vec<Finding>,
    lasting: &[StoredAlert],
    (now, quiet_s): (Timestamp, i64),
) -> (Vec<(Finding, Told)>, Vec<StoredAlert>) {
    let mut found = BTreeSet::new();
    let mut told = Vec::new();
    for finding in findings {
        let key = (finding.rule.clone(), finding.subject.key());
        let before = lasting.iter().find(|alert| (&alert.rule, &alert.subject) == (&key.0, &key.1));
        let word = match before {
            None => Told::New,
            Some(alert) if now.seconds() - alert.told_at.seconds() >= quiet_s => Told::Again,
            Some(_) => Told::Standing,
        };
        if found.insert(key) {
            told.push((finding, word));
        }
    }
    let is_over =
        |alert: &&StoredAlert| !found.contains(&(alert.rule.clone(), alert.subject.clone()));
    let ended = lasting.iter().filter(is_over).cloned().collect();
    (told, ended)
}

/// One message for each rule that has something to tell and each of its channels.
fn messages(
    rules: &[PreparedRule],
    findings: &[(Finding, Told)],
    wording: &dyn Wording,
) -> Vec<NewMessage> {
    let mut messages = Vec::new();
    for rule in rules {
        let told: Vec<(&Finding, Told)> = findings
            .iter()
            .filter(|(finding, told)| finding.rule == rule.rule.name && *told != Told::Standing)
            .map(|(finding, told)| (finding, *told))
            .collect();
        if told.is_empty() {
            continue;
        }
        let body = wording.message(rule, &told);
        messages.extend(
            rule.rule
                .channels
                .iter()
                .map(|channel| NewMessage { channel: channel.clone(), body: body.clone() }),
        );
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::super::Subject;
    use super::*;

    fn finding(rule: &str, subject: Subject) -> Finding {
        Finding { rule: rule.to_owned(), subject, figures: vec![], total: 1, examples: vec![] }
    }

    fn alert(number: u64, (rule, subject): (&str, &str), told_at: i64) -> StoredAlert {
        let told_at = Timestamp::from_seconds(told_at).unwrap();
        StoredAlert {
            number,
            rule: rule.to_owned(),
            subject: subject.to_owned(),
            statement: Value::Null,
            opened_at: told_at,
            told_at,
            ended_at: None,
        }
    }

    #[test]
    fn a_thing_is_told_once_and_again_after_its_quiet_time() {
        let theme = |id, name: &str| Subject::Theme(echolot_core::ThemeId(id), name.to_owned());
        let findings = vec![
            finding("a", theme(1, "late")),
            finding("a", theme(1, "renamed meanwhile")),
            finding("a", theme(2, "broken")),
            finding("b", theme(1, "late")),
        ];
        let lasting = [
            alert(1, ("a", "theme 1"), 100),
            alert(2, ("b", "theme 1"), 50),
            alert(3, ("gone", ""), 100),
        ];
        let now = Timestamp::from_seconds(150).unwrap();
        let (told, ended) = compare(findings, &lasting, (now, 100));
        let words: Vec<(String, Told)> =
            told.iter().map(|(finding, told)| (finding.subject.key(), *told)).collect();
        let expected =
            [("theme 1", Told::Standing), ("theme 2", Told::New), ("theme 1", Told::Again)]
                .map(|(key, told)| (key.to_owned(), told));
        assert_eq!(words, expected);
        assert_eq!(ended.iter().map(|alert| alert.number).collect::<Vec<_>>(), [3]);
    }
}
