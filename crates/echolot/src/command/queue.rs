//! `echolot queue`: which customers need an answer, the most urgent first.

use std::io::Write;

use echolot_core::FeedbackId;
use echolot_engine::{
    CaseEvent, Config, QueueCase, QueueGroup, QueueQuestion, complaint_queue, open_snapshot,
    set_case_status,
};

use super::{print, print_json};
use crate::args::{QueueAct, QueueArgs, QueueCommand};
use crate::edits::now;
use crate::filters::{case_status, case_statuses};
use crate::wire::{CaseEventJson, QueueJson};
use crate::{Exit, table};

pub(super) fn queue(
    command: &QueueCommand,
    config: impl FnOnce() -> Result<Config, echolot_engine::Error>,
) -> anyhow::Result<Exit> {
    let Some(QueueAct::Set { id, status, note, edit }) = &command.act else {
        return list(&command.list, &config()?);
    };
    let event = CaseEvent {
        id: FeedbackId::new(id),
        status: case_status(status)?,
        at: now(),
        author: edit.author.clone(),
        note: note.clone(),
    };
    let data = &edit.store.data.data;
    set_case_status(data, &open_snapshot(data)?, &event)?;
    if edit.store.json {
        return print_json(&CaseEventJson::from(event));
    }
    print(&format!("{} is {} since {}, by {}", event.id, event.status, event.at, event.author))
}

fn list(args: &QueueArgs, config: &Config) -> anyhow::Result<Exit> {
    let Some(data) = &args.data else {
        unreachable!("without a subcommand the data folder is required")
    };
    let snapshot = open_snapshot(data)?.with_config(config);
    let question = QueueQuestion {
        segment: args.filter.segment()?,
        statuses: case_statuses(&args.status)?,
        limit: Some(args.limit),
        now: now(),
    };
    let queue = complaint_queue(data, &snapshot, &question, &config.queue)?;
    if args.json {
        return print_json(&QueueJson::new(snapshot.generation(), question.now, queue));
    }
    let mut out = std::io::stdout().lock();
    let counts: Vec<String> = queue
        .by_status
        .iter()
        .map(|(status, count)| format!("{count} {}", status.code().replace('_', " ")))
        .collect();
    writeln!(out, "Complaints: {}", counts.join(", "))?;
    let figures = queue.figures;
    let times = |times: Option<echolot_core::ResponseTimes>| {
        times.map_or_else(table::dash, |times| {
            format!("{} ({})", table::duration(times.median_seconds), times.count)
        })
    };
    writeln!(
        out,
        "First answer after {}, closed after {} (medians), resolved at first contact: {}",
        times(figures.first_response),
        times(figures.resolution),
        table::share_with_interval(figures.first_contact_resolution)
    )?;
    writeln!(out, "{} of {} cases:\n", queue.groups.len(), queue.num_groups)?;
    let header = ["severity", "item", "status", "waited", "product", "case", "in customers' words"];
    let mut rows = table::plain(&header, &[0, 3]);
    for group in &queue.groups {
        for (place, case) in group.cases.iter().take(SHOWN).enumerate() {
            rows.add_row(row(group, (place, case)));
        }
    }
    writeln!(out, "{}", rows.trim_fmt())?;
    Ok(Exit::Done)
}

/// So many complaints of one case are shown to people; the JSON has them all.
const SHOWN: usize = 5;

fn row(group: &QueueGroup, (place, case): (usize, &QueueCase)) -> [String; 7] {
    let label = group.theme.as_ref().map(|(_, label)| label.clone());
    let what = match (place, &group.respondent) {
        (0, Some(respondent)) => format!("{} by {respondent}", group.size),
        (0, None) if group.size > 1 => {
            format!("{} about {}", group.size, label.unwrap_or_default())
        }
        (0, None) => label.unwrap_or_default(),
        _ => "- same case".to_owned(),
    };
    let churn = if case.is_churn { " (churn)" } else { "" };
    [
        format!("{:.2}", case.severity),
        case.id.to_string(),
        format!("{}{churn}", case.status.code().replace('_', " ")),
        case.waited_s.map_or_else(table::dash, |seconds| table::duration(seconds as f64)),
        case.product.clone().unwrap_or_else(table::dash),
        what,
        table::one_line(&case.text, 80),
    ]
}
