//! `echolot doctor`: what is wrong, and how to mend it.

use std::io::Write;

use echolot_engine::{CheckState, Config, examine};
use serde_json::json;

use super::print_json;
use crate::args::DoctorArgs;
use crate::{Exit, table};

pub(super) fn doctor(args: &DoctorArgs, config: &Config) -> anyhow::Result<Exit> {
    let checks = examine(config, args.data.as_deref());
    let word = |state| match state {
        CheckState::Good => "ok",
        CheckState::Warning => "warning",
        CheckState::Bad => "bad",
    };
    let is_bad = checks.iter().any(|check| check.state == CheckState::Bad);
    if args.json {
        let list: Vec<_> = checks
            .iter()
            .map(|check| json!({ "subject": check.subject, "state": word(check.state), "finding": check.finding }))
            .collect();
        print_json(&json!({ "checks": list }))?;
    } else {
        let mut rows = table::plain(&["part", "state", "finding"], &[]);
        for check in &checks {
            rows.add_row([check.subject, word(check.state), check.finding.as_str()]);
        }
        writeln!(std::io::stdout().lock(), "{}", rows.trim_fmt())?;
    }
    Ok(if is_bad { Exit::Failed } else { Exit::Done })
}
