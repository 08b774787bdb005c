//! The configuration of alerts: rules, and the channels that tell them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use echolot_core::Level;
use serde::Deserialize;

use super::{ConfigError, require};
use crate::ask::{AlertCondition, AlertConfig, AlertRule};

/// Where alerts are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// The channels, each with a name of its own.
    pub channels: Vec<Channel>,
    /// Seconds until an attempt to send is given up.
    pub timeout_s: u64,
    /// Seconds between the first attempt to send and the second; each further
    /// pause is twice as long, up to a day.
    pub retry_s: u32,
    /// The mail server; none where no channel is a mailbox.
    pub smtp: Option<SmtpConfig>,
}

/// One way to tell alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What it is.
    pub target: ChannelTarget,
}

/// What a channel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelTarget {
    /// JSON is posted to an address.
    Webhook(String),
    /// JSON lines are added to a file.
    File(PathBuf),
    /// A mail is sent to a mailbox.
    Mail(String),
}

/// The mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// The account, with the file that holds its password; none to send without.
    pub account: Option<(String, PathBuf)>,
    /// The mailbox that mails come from.
    pub from: String,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte.
    Implicit,
    /// By STARTTLS, without which nothing is sent.
    StartTls,
    /// Not at all; for a server on the same machine.
    None,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAlerts {
    quiet_days: f64,
    timeout_s: u64,
    retry_s: u32,
    smtp: RawSmtp,
    channel: Vec<RawChannel>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSmtp {
    host: String,
    port: u16,
    tls: String,
    user: String,
    password_file: PathBuf,
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChannel {
    name: String,
    webhook: Option<String>,
    file: Option<PathBuf>,
    mail: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAlert {
    name: String,
    when: String,
    #[serde(default, rename = "where")]
    conditions: String,
    days: Option<u32>,
    minimum: Option<u64>,
    above: Option<f64>,
    below: Option<f64>,
    kpi: Option<String>,
    query: Option<String>,
    level: Option<f64>,
    #[serde(default)]
    tell: Vec<String>,
}

const SECONDS_OF_DAY: f64 = 86_400.0;
const KINDS: &str = "emerging, share, kpi, churn, keyword";

impl RawAlerts {
    pub(super) fn check(
        self,
        alerts: Vec<RawAlert>,
    ) -> Result<(AlertConfig, Channels), ConfigError> {
        let quiet = self.quiet_days;
        require(
            quiet.is_finite() && (0.0..=36_500.0).contains(&quiet),
            "alerts.quiet_days",
            "must be from 0 to 36500",
        )?;
        require(self.timeout_s > 0, "alerts.timeout_s", "must be at least 1")?;
        require(self.retry_s > 0, "alerts.retry_s", "must be at least 1")?;
        let channels: Vec<Channel> =
            self.channel.into_iter().map(RawChannel::check).collect::<Result<_, _>>()?;
        distinct("alerts.channel", channels.iter().map(|channel| channel.name.as_str()))?;
        let has_mail =
            channels.iter().any(|channel| matches!(channel.target, ChannelTarget::Mail(_)));
        let smtp = has_mail.then(|| self.smtp.check()).transpose()?;
        let rules: Vec<AlertRule> =
            alerts.into_iter().map(RawAlert::check).collect::<Result<_, _>>()?;
        distinct("alert", rules.iter().map(|rule| rule.name.as_str()))?;
        for (rule, name) in rules.iter().flat_map(|r| r.channels.iter().map(move |c| (r, c))) {
            let reason = format!("`{}` tells `{name}`, which is no alerts.channel", rule.name);
            require(channels.iter().any(|c| c.name == *name), "alert.tell", &reason)?;
        }
        let config = AlertConfig { rules, quiet_s: (quiet * SECONDS_OF_DAY) as i64 };
        let channels =
            Channels { channels, timeout_s: self.timeout_s, retry_s: self.retry_s, smtp };
        Ok((config, channels))
    }
}

fn distinct<'a>(
    key: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    for name in names {
        require(!name.trim().is_empty(), key, "each needs a name")?;
        require(seen.insert(name), key, &format!("the name `{name}` is given twice"))?;
    }
    Ok(())
}

impl RawChannel {
    fn check(self) -> Result<Channel, ConfigError> {
        let target = match (self.webhook, self.file, self.mail) {
            (Some(address), None, None) => {
                let is_http = address.starts_with("https://") || address.starts_with("http://");
                let reason = format!("`{address}` is no https:// or http:// address");
                require(is_http, "alerts.channel.webhook", &reason)?;
                ChannelTarget::Webhook(address)
            }
            (None, Some(path), None) => ChannelTarget::File(path),
            (None, None, Some(mailbox)) => ChannelTarget::Mail(mailbox),
            _ => {
                let reason = format!("`{}` needs one of webhook, file and mail", self.name);
                return Err(ConfigError::Value { key: "alerts.channel", reason });
            }
        };
        Ok(Channel { name: self.name, target })
    }
}

impl RawSmtp {
    fn check(self) -> Result<SmtpConfig, ConfigError> {
        require(
            !self.host.is_empty(),
            "alerts.smtp.host",
            "a channel sends mail; name the server",
        )?;
        require(!self.from.is_empty(), "alerts.smtp.from", "name the mailbox mails come from")?;
        let has_account = !self.user.is_empty();
        require(
            has_account != self.password_file.as_os_str().is_empty(),
            "alerts.smtp.password_file",
            "user and password_file are given together",
        )?;
        let tls = match self.tls.as_str() {
            "implicit" => SmtpTls::Implicit,
            "starttls" => SmtpTls::StartTls,
            "none" => SmtpTls::None,
            other => {
                let reason = format!("`{other}` must be \"starttls\", \"implicit\" or \"none\"");
                return Err(ConfigError::Value { key: "alerts.smtp.tls", reason });
            }
        };
        Ok(SmtpConfig {
            host: self.host,
            port: self.port,
            tls,
            account: has_account.then_some((self.user, self.password_file)),
            from: self.from,
        })
    }
}

impl RawAlert {
    fn check(self) -> Result<AlertRule, ConfigError> {
        let name = self.name.clone();
        let value =
            |key, reason: String| ConfigError::Value { key, reason: format!("`{name}`: {reason}") };
        let needed = |given: Option<f64>, key| {
            given
                .filter(|number| number.is_finite())
                .ok_or_else(|| value(key, "this kind of alert needs a number here".to_owned()))
        };
        // What a kind does not know is a mistake, as an unknown key is.
        let given = [
            ("alert.above", self.above.is_some(), "share"),
            ("alert.below", self.below.is_some(), "kpi"),
            ("alert.kpi", self.kpi.is_some(), "kpi"),
            ("alert.query", self.query.is_some(), "keyword"),
            ("alert.level", self.level.is_some(), "emerging"),
        ];
        let is_kind = KINDS.split(", ").any(|kind| kind == self.when);
        let of_another = |(_, is_given, kind): &(_, bool, &str)| *is_given && *kind != self.when;
        if let Some((key, ..)) = given.into_iter().find(of_another).filter(|_| is_kind) {
            let reason = format!("an alert of the kind `{}` has no such key", self.when);
            return Err(value(key, reason));
        }
        let (condition, minimum) = match self.when.as_str() {
            "emerging" => {
                let level = Level::new(self.level.unwrap_or(0.05));
                let level = level.map_err(|error| value("alert.level", error.to_string()))?;
                (AlertCondition::Emerging { level }, 5)
            }
            "share" => {
                let above = needed(self.above, "alert.above")?;
                if !(0.0..1.0).contains(&above) {
                    return Err(value("alert.above", "a share is from 0 to below 1".to_owned()));
                }
                (AlertCondition::ShareAbove { above }, 5)
            }
            "kpi" => {
                let figure = self.kpi.as_deref().unwrap_or_default().parse();
                let figure =
                    figure.map_err(|error: crate::Error| value("alert.kpi", error.to_string()))?;
                (AlertCondition::KpiBelow { figure, below: needed(self.below, "alert.below")? }, 30)
            }
            "churn" => (AlertCondition::Churn, 1),
            "keyword" => {
                let query = self.query.filter(|query| !query.trim().is_empty());
                let query =
                    query.ok_or_else(|| value("alert.query", "name the words".to_owned()))?;
                (AlertCondition::Keyword { query }, 1)
            }
            other => return Err(value("alert.when", format!("`{other}` is not one of {KINDS}"))),
        };
        let days = self.days.unwrap_or(7);
        if days == 0 {
            return Err(value("alert.days", "must be at least 1".to_owned()));
        }
        Ok(AlertRule {
            name: self.name,
            condition,
            conditions: self.conditions,
            days,
            minimum: self.minimum.unwrap_or(minimum),
            channels: self.tell,
        })
    }
}
