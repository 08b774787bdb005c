//! Alerts on their way out: the rules of the configuration made ready, what they
//! find put into words, and the outbox emptied.

mod delivery;
mod message;

use std::path::Path;

use echolot_core::Timestamp;
use echolot_engine::{
    AlertCheck, Config, Error, PreparedRule, Snapshot, check_alerts, evaluate_alerts,
};

use crate::filters::FilterParams;
pub(crate) use delivery::{Sent, send_waiting};
pub(crate) use message::{Words, statement};

/// The rules with the verbatims they mean. A rule whose conditions cannot be
/// read is an error that names it.
pub(crate) fn prepare(config: &Config) -> Result<Vec<PreparedRule>, Error> {
    let prepare = |rule: &echolot_engine::AlertRule| {
        let segment = FilterParams::default().with(&rule.conditions).segment();
        let segment = segment.map_err(|error| Error::BadValue {
            key: "alert.where",
            reason: format!("`{}`: {error}", rule.name),
        })?;
        Ok(PreparedRule { rule: rule.clone(), segment })
    };
    config.alerts.rules.iter().map(prepare).collect()
}

/// Looks at all rules and writes down what is to be told; without `write` only
/// says what would be.
pub(crate) fn check(
    data: &Path,
    snapshot: &Snapshot,
    (config, rules): (&Config, &[PreparedRule]),
    now: Timestamp,
    write: bool,
) -> Result<AlertCheck, Error> {
    let findings = evaluate_alerts(snapshot, rules)?;
    let times = (now, config.alerts.quiet_s);
    check_alerts(data, (rules, findings), times, &Words, write)
}
