//! Emptying the outbox: each message to its webhook, file or mailbox.
//!
//! A message that was sent is never sent again. Only when the process is killed
//! after a channel took it and before that was written down does it come twice;
//! its id is then the same, in the JSON, in the header `Idempotency-Key` and in
//! the `Message-ID` of a mail.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use echolot_core::Timestamp;
use echolot_engine::{
    Channel, ChannelTarget, Channels, Error, Message, SmtpConfig, SmtpTls, open_follow_up,
};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{SmtpTransport, Transport};
use serde_json::{Value, json};
use ureq::Agent;

/// What became of the messages that were due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sent {
    /// How many were sent.
    pub(crate) sent: u64,
    /// How many could not be, and wait to be tried again.
    pub(crate) failed: u64,
}

/// The longest pause between two attempts, in seconds.
const LONGEST_PAUSE: i64 = 86_400;

/// Sends what is due at `now`, each message once; `clock` tells when it was sent.
/// Why a message could not be sent is kept with it and logged.
pub(crate) fn send_waiting(
    data: &Path,
    channels: &Channels,
    clock: impl Fn() -> Timestamp,
) -> Result<Sent, Error> {
    let mut follow_up = open_follow_up(data)?;
    let now = clock();
    let pause = |attempts: u32| {
        let doubled = 1_i64.checked_shl(attempts.saturating_sub(1)).unwrap_or(i64::MAX);
        i64::from(channels.retry_s).saturating_mul(doubled.max(1)).min(LONGEST_PAUSE)
    };
    let mut done = Sent::default();
    while let Some(message) = follow_up.take_due(now, pause)? {
        match send(&message, channels) {
            Ok(()) => {
                follow_up.note_attempt(message.number, Ok(clock()))?;
                done.sent += 1;
            }
            Err(error) => {
                tracing::warn!(channel = message.channel, "an alert was not sent: {error:#}");
                follow_up.note_attempt(message.number, Err(&format!("{error:#}")))?;
                done.failed += 1;
            }
        }
    }
    Ok(done)
}

fn send(message: &Message, channels: &Channels) -> anyhow::Result<()> {
    let Channel { target, .. } = channels
        .channels
        .iter()
        .find(|channel| channel.name == message.channel)
        .ok_or_else(|| anyhow!("there is no channel `{}` any more", message.channel))?;
    let mut body = json!({ "id": message.key.to_string(), "at": message.made_at.to_string() });
    if let (Some(body), Some(said)) = (body.as_object_mut(), message.body.as_object()) {
        body.extend(said.clone());
    }
    let timeout = Duration::from_secs(channels.timeout_s);
    match target {
        ChannelTarget::Webhook(address) => post(address, &body, timeout),
        ChannelTarget::File(path) => append(path, &body),
        ChannelTarget::Mail(mailbox) => {
            let smtp = channels.smtp.as_ref().context("no mail server is configured")?;
            mail(smtp, mailbox, &body, timeout)
        }
    }
}

fn post(address: &str, body: &Value, timeout: Duration) -> anyhow::Result<()> {
    let agent: Agent = Agent::config_builder().timeout_global(Some(timeout)).build().into();
    agent
        .post(address)
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", body["id"].as_str().unwrap_or_default())
        .send(body.to_string())?;
    Ok(())
}

fn append(path: &Path, body: &Value) -> anyhow::Result<()> {
    let mut file = fs_err::OpenOptions::new().create(true).append(true).open(path)?;
    // One write, so that lines of two programs do not mix.
    file.write_all(format!("{body}\n").as_bytes())?;
    Ok(file.sync_data()?)
}

fn mail(smtp: &SmtpConfig, to: &str, body: &Value, timeout: Duration) -> anyhow::Result<()> {
    let mailbox =
        |text: &str| text.parse::<Mailbox>().with_context(|| format!("`{text}` is no mailbox"));
    let text = body["text"].as_str().unwrap_or_default();
    let id = format!("<{}@echolot>", body["id"].as_str().unwrap_or_default());
    let mail = lettre::Message::builder()
        .from(mailbox(&smtp.from)?)
        .to(mailbox(to)?)
        .subject(text.lines().next().unwrap_or("Echolot"))
        .message_id(Some(id))
        .singlepart(SinglePart::plain(text.to_owned()))?;
    let builder = match smtp.tls {
        SmtpTls::Implicit => SmtpTransport::relay(&smtp.host)?,
        SmtpTls::StartTls => SmtpTransport::starttls_relay(&smtp.host)?,
        SmtpTls::None => SmtpTransport::builder_dangerous(&smtp.host),
    };
    let mut builder = builder.port(smtp.port).timeout(Some(timeout));
    if let Some((user, file)) = &smtp.account {
        let password = fs_err::read_to_string(file)?.trim_end().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    builder.build().send(&mail)?;
    Ok(())
}
