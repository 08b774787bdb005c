//! `echolot alerts`: what the rules found, checking them, and sending what waits.

use anyhow::Context;
use echolot_engine::{Config, Error, open_follow_up};

use super::{open, print, print_json};
use crate::alerts::{Sent, check, prepare, send_waiting};
use crate::args::{AlertsAct, AlertsArgs, AlertsCommand, CheckArgs, Data, StoreArgs};
use crate::edits::now;
use crate::wire::{AlertCheckJson, AlertsJson};
use crate::{Exit, table};

/// What is said where there is nothing to check, with a rule that can be copied.
const NO_RULES: &str = r#"No alert is configured, so there is nothing to check. A rule stands in the configuration
file (`--config FILE`) beside the channel that it tells:

[[alerts.channel]]
name = "morning"
file = "alerts.jsonl"

[[alert]]
name = "Customers who leave"
when = "churn"
tell = ["morning"]

`echolot config` explains all kinds of rules and channels."#;

pub(super) fn alerts(
    command: &AlertsCommand,
    config: impl FnOnce() -> Result<Config, Error>,
) -> anyhow::Result<Exit> {
    match &command.act {
        Some(AlertsAct::Check(args)) => check_now(args, &config()?),
        Some(AlertsAct::Send(args)) => send(args, &config()?),
        None => list(&command.list, &config()?),
    }
}

/// Checks the rules after a run and sends what is told. A message that cannot be
/// sent waits and does not make the run a failure. Returns what there is to say.
pub(super) fn after_run(data: &Data, config: &Config) -> anyhow::Result<Option<String>> {
    let rules = prepare(config)?;
    if !rules.is_empty() {
        check(&data.data, &open(data, config)?, (config, &rules), now(), true)
            .context("the alerts cannot be checked")?;
    }
    if config.channels.channels.is_empty() {
        return Ok(None);
    }
    let Sent { sent, failed } = send_waiting(&data.data, &config.channels, now)?;
    let is_quiet = (sent, failed) == (0, 0);
    let told = format!("alerts: {sent} messages sent, {failed} wait to be tried again");
    Ok((!is_quiet).then_some(told))
}

fn check_now(args: &CheckArgs, config: &Config) -> anyhow::Result<Exit> {
    let data = &args.store.data.data;
    let snapshot = open(&args.store.data, config)?;
    let rules = prepare(config)?;
    // Where nothing is configured, as when `--config` was forgotten, nothing is changed.
    let is_dry = args.dry_run || rules.is_empty();
    let found = check(data, &snapshot, (config, &rules), now(), !is_dry)
        .context("the alerts cannot be checked")?;
    let sent = if is_dry { None } else { Some(send_waiting(data, &config.channels, now)?) };
    if args.store.json {
        let state = (snapshot.generation(), rules.len());
        return print_json(&AlertCheckJson::new(state, args.dry_run, found));
    }
    let mut lines: Vec<String> = Vec::new();
    for (finding, told) in &found.findings {
        let subject = Some(finding.subject.key()).filter(|key| !key.is_empty());
        let figures: Vec<String> =
            finding.figures.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
        lines.push(format!(
            "{:<8} {}{}: {} verbatims; {}",
            told.word(),
            finding.rule,
            subject.map(|subject| format!(", {subject}")).unwrap_or_default(),
            finding.total,
            figures.join(", ")
        ));
    }
    lines.extend(
        found.ended.iter().map(|alert| format!("ended    {} {}", alert.rule, alert.subject)),
    );
    for message in &found.messages {
        let text = message.body["text"].as_str().unwrap_or_default();
        lines.push(format!("\nto {}:\n{text}", message.channel));
    }
    if rules.is_empty() {
        lines.insert(0, NO_RULES.to_owned());
    }
    lines.push(match sent {
        None => format!("\n{} messages would be written; this was a dry run", found.messages.len()),
        Some(Sent { sent, failed }) => {
            format!("\n{sent} messages sent, {failed} wait to be tried again")
        }
    });
    print(&lines.join("\n"))
}

fn send(args: &StoreArgs, config: &Config) -> anyhow::Result<Exit> {
    let Sent { sent, failed } = send_waiting(&args.data.data, &config.channels, now)?;
    if args.json {
        print_json(&serde_json::json!({ "sent": sent, "failed": failed }))?;
    } else {
        print(&format!("{sent} messages sent, {failed} wait to be tried again"))?;
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}

fn list(args: &AlertsArgs, config: &Config) -> anyhow::Result<Exit> {
    let Some(data) = &args.data else {
        unreachable!("without a subcommand the data folder is required")
    };
    let follow_up = open_follow_up(data)?;
    let (alerts, waiting) = (follow_up.alerts()?, follow_up.waiting_messages()?);
    if args.json {
        return print_json(&AlertsJson::new(alerts, waiting, (&config.alerts.rules, args.all)));
    }
    let mut rows = table::plain(&["alert", "rule", "about", "since", "last told", "ended"], &[0]);
    let day = |at: echolot_core::Timestamp| at.to_string()[..10].to_owned();
    for alert in alerts.iter().rev().filter(|alert| args.all || alert.ended_at.is_none()) {
        let label = alert.statement["label"].as_str().unwrap_or_default();
        rows.add_row([
            alert.number.to_string(),
            alert.rule.clone(),
            format!("{} {label}", alert.subject).trim().to_owned(),
            day(alert.opened_at),
            day(alert.told_at),
            alert.ended_at.map_or_else(table::dash, day),
        ]);
    }
    let lasting = alerts.iter().filter(|alert| alert.ended_at.is_none()).count();
    let head = format!("{lasting} alerts last\n\n{}", rows.trim_fmt());
    let waits = waiting.iter().map(|message| {
        let error = message.error.as_deref().unwrap_or("not tried yet");
        format!("waits for {} since {}: {error}", message.channel, message.made_at)
    });
    let text = std::iter::once(head).chain(waits).collect::<Vec<_>>().join("\n");
    print(&text)
}
