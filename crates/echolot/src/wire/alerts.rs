//! Alerts: what is told, what lasts and what waits to be sent.

use echolot_engine::{AlertCheck, AlertRule, Message, StoredAlert};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::alerts::statement;

/// The alerts of a data folder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertsJson {
    /// The alerts, the newest first.
    alerts: Vec<AlertJson>,
    /// Messages that were not sent yet, oldest first.
    waiting: Vec<WaitingJson>,
    /// The rules as they are configured now, in their order.
    rules: Vec<RuleJson>,
}

/// A rule of the configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleJson {
    name: String,
    /// What it waits for: `emerging`, `share`, `kpi`, `churn` or `keyword`.
    #[schema(value_type = String, example = "share")]
    when: &'static str,
    /// The verbatims it looks at, as conditions; empty for all.
    #[serde(rename = "where")]
    #[schema(example = "product=Vitaloop; topic=delivery")]
    conditions: String,
    /// How many days it looks at, the day of the newest verbatim the last one.
    days: u32,
    /// The least verbatims or answers that can make an alert.
    minimum: u64,
    /// The names of the channels it tells.
    tell: Vec<String>,
}

/// One alert.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertJson {
    /// Its number.
    alert: u64,
    /// The name of the rule.
    rule: String,
    /// `lasting` or `ended`.
    #[schema(value_type = String, example = "lasting")]
    state: &'static str,
    /// When it was first found.
    opened_at: String,
    /// When it was last told.
    told_at: String,
    /// When it was found no more; null while it lasts.
    ended_at: Option<String>,
    /// What was found when it was last told: `subject`, `theme`, `label`,
    /// `figures` (the statistic), `total` and `verbatims`.
    #[schema(value_type = Object)]
    found: Value,
}

/// A message that was not sent yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingJson {
    /// By which a receiver can tell a message that comes twice.
    id: String,
    channel: String,
    at: String,
    /// How often it was tried.
    attempts: u32,
    /// When it is tried next at the earliest.
    next_attempt_at: String,
    /// Why the last attempt failed; null before the first.
    error: Option<String>,
}

/// What a check of the rules came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertCheckJson {
    generation: u64,
    /// How many rules are configured.
    rules: usize,
    /// Whether nothing was written down.
    dry_run: bool,
    findings: Vec<FindingJson>,
    /// Alerts that had been told and are found no more.
    ended: Vec<AlertJson>,
    /// The messages, as their channels get them but for `id` and `at`.
    messages: Vec<MessageJson>,
}

/// What a rule found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingJson {
    rule: String,
    /// `new`, `again` or `standing`; the last is not told.
    #[schema(value_type = String, example = "new")]
    told: &'static str,
    /// As that of an alert.
    #[schema(value_type = Object)]
    found: Value,
}

/// A message that is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageJson {
    channel: String,
    /// What a webhook is sent.
    #[schema(value_type = Object)]
    body: Value,
}

impl AlertsJson {
    pub(crate) fn new(
        alerts: Vec<StoredAlert>,
        waiting: Vec<Message>,
        (rules, with_ended): (&[AlertRule], bool),
    ) -> Self {
        let shown = alerts.into_iter().rev();
        let shown = shown.filter(|alert| with_ended || alert.ended_at.is_none());
        Self {
            alerts: shown.map(AlertJson::from).collect(),
            waiting: waiting.into_iter().map(WaitingJson::from).collect(),
            rules: rules.iter().map(RuleJson::from).collect(),
        }
    }
}

impl From<&AlertRule> for RuleJson {
    fn from(rule: &AlertRule) -> Self {
        Self {
            name: rule.name.clone(),
            when: rule.condition.name(),
            conditions: rule.conditions.clone(),
            days: rule.days,
            minimum: rule.minimum,
            tell: rule.channels.clone(),
        }
    }
}

impl From<StoredAlert> for AlertJson {
    fn from(alert: StoredAlert) -> Self {
        Self {
            alert: alert.number,
            rule: alert.rule,
            state: if alert.ended_at.is_none() { "lasting" } else { "ended" },
            opened_at: alert.opened_at.to_string(),
            told_at: alert.told_at.to_string(),
            ended_at: alert.ended_at.map(|at| at.to_string()),
            found: alert.statement,
        }
    }
}

impl From<Message> for WaitingJson {
    fn from(message: Message) -> Self {
        Self {
            id: message.key.to_string(),
            channel: message.channel,
            at: message.made_at.to_string(),
            attempts: message.attempts,
            next_attempt_at: message.next_attempt_at.to_string(),
            error: message.error,
        }
    }
}

impl AlertCheckJson {
    pub(crate) fn new((generation, rules): (u64, usize), dry_run: bool, check: AlertCheck) -> Self {
        let findings = check.findings.iter().map(|(finding, told)| FindingJson {
            rule: finding.rule.clone(),
            told: told.word(),
            found: statement(finding),
        });
        let messages = check.messages.into_iter();
        Self {
            generation,
            rules,
            dry_run,
            findings: findings.collect(),
            ended: check.ended.into_iter().map(AlertJson::from).collect(),
            messages: messages
                .map(|message| MessageJson { channel: message.channel, body: message.body })
                .collect(),
        }
    }
}
