//! `echolot correct` and `echolot corrections`: what people say against the model.

use echolot_core::{FeedbackId, Judgement};
use echolot_engine::{
    CorrectionRequest, Error, StandingCorrection, ThemeEdit, correct as correct_in, edit_themes,
    open_snapshot,
};
use serde_json::Value;

use super::themes_edit::describe;
use super::{print, print_json};
use crate::args::{CorrectArgs, CorrectionsAct, CorrectionsArgs, CorrectionsCommand};
use crate::edits::{judgements, now, parse_target};
use crate::wire::{CorrectionsJson, EditJson, judgement_json};
use crate::{Exit, table};

/// The command that undoes what is said here.
const UNDOING: &str = "corrections undo";

pub(super) fn correct(args: &CorrectArgs) -> anyhow::Result<Exit> {
    let (data, author) = (&args.edit.store.data.data, args.edit.author.as_str());
    let ids = args.ids.iter().map(FeedbackId::new);
    let report = if let Some(theme) = &args.theme {
        let to = parse_target(theme)?;
        let unit = args.unit.ok_or_else(|| Error::BadValue {
            key: "theme",
            reason: "a theme is of an opinion unit; name its number with --unit".to_owned(),
        })?;
        let units = ids.map(|id| (id, unit)).collect();
        let edit = ThemeEdit::Move { units, to };
        args.edit.wait.make(|| edit_themes(data, &edit, (author, now())))?
    } else {
        let said = (args.polarity.as_deref(), args.topics.as_deref(), args.intents.as_deref());
        let request = CorrectionRequest {
            targets: ids.map(|id| (id, args.unit)).collect(),
            judgements: judgements(said, args.spam)?,
            note: args.note.clone(),
        };
        args.edit.wait.make(|| correct_in(data, &request, (author, now())))?
    };
    if args.edit.store.json {
        print_json(&EditJson::from(report))
    } else {
        print(&describe(&report, UNDOING))
    }
}

pub(super) fn corrections(command: &CorrectionsCommand) -> anyhow::Result<Exit> {
    match &command.act {
        Some(CorrectionsAct::Undo { number, edit }) => {
            let undo = ThemeEdit::Undo { edit: *number };
            let make = || edit_themes(&edit.store.data.data, &undo, (&edit.author, now()));
            let report = edit.wait.make(make)?;
            if edit.store.json {
                print_json(&EditJson::from(report))
            } else {
                print(&describe(&report, UNDOING))
            }
        }
        None => list(&command.list),
    }
}

fn list(args: &CorrectionsArgs) -> anyhow::Result<Exit> {
    let data = args.data.as_deref().expect("the parser asks for it where there is no subcommand");
    let snapshot = open_snapshot(data)?;
    let standing = snapshot.corrections(None)?;
    if args.json {
        return print_json(&CorrectionsJson::new(snapshot.generation(), standing, args.conflicts));
    }
    let conflicts = standing.iter().filter(|one| one.standing.is_conflict()).count();
    let head = format!("{} corrections stand; {conflicts} of them are conflicts", standing.len());
    let header = ["edit", "at", "author", "item", "field", "says", "model", "standing", "note"];
    let mut rows = table::plain(&header, &[0]);
    let shown = standing.iter().filter(|one| !args.conflicts || one.standing.is_conflict());
    for one in shown {
        rows.add_row([
            one.edit.to_string(),
            one.at.to_string()[..10].to_owned(),
            one.author.clone(),
            item(one),
            one.answer.correction.judgement.field().to_owned(),
            words(Some(&one.answer.correction.judgement)),
            words(one.model.as_ref()),
            one.standing.word().replace('_', " "),
            one.note.clone().unwrap_or_default(),
        ]);
    }
    if rows.is_empty() { print(&head) } else { print(&format!("{head}\n\n{}", rows.trim_fmt())) }
}

/// The item, with the number of its unit or where that once stood.
fn item(one: &StandingCorrection) -> String {
    match (one.unit, one.answer.correction.span) {
        (Some(unit), _) => format!("{} unit {unit}", one.id),
        (None, Some(span)) => format!("{} {}..{}", one.id, span.start, span.end),
        (None, None) => one.id.to_string(),
    }
}

fn words(judgement: Option<&Judgement>) -> String {
    match judgement.map(judgement_json) {
        None => table::dash(),
        Some(Value::String(code)) => code,
        Some(Value::Array(codes)) if codes.is_empty() => "none".to_owned(),
        Some(Value::Array(codes)) => {
            codes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Some(_) => "yes".to_owned(),
    }
}
