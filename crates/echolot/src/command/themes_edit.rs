//! `echolot themes rename`, `merge` and so on: what people change in themes.

use echolot_core::ThemeId;
use echolot_engine::{EditReport, Error, ThemeEdit, edit_themes};

use super::{print, print_json};
use crate::Exit;
use crate::args::{EditArgs, ThemesAct};
use crate::edits::{now, parse_target, parse_unit};
use crate::wire::EditJson;

pub(super) fn edit(act: &ThemesAct) -> anyhow::Result<Exit> {
    let (edit, args) = read(act)?;
    let make = || edit_themes(&args.store.data.data, &edit, (&args.author, now()));
    let report = args.wait.make(make)?;
    if args.store.json {
        print_json(&EditJson::from(report))
    } else {
        print(&describe(&report, "themes undo"))
    }
}

/// The edit that the arguments mean.
fn read(act: &ThemesAct) -> Result<(ThemeEdit, &EditArgs), Error> {
    Ok(match act {
        ThemesAct::Rename { theme, name, edit } => {
            (ThemeEdit::Rename { theme: ThemeId(*theme), name: name.clone() }, edit)
        }
        ThemesAct::Merge { themes, into, edit } => {
            let themes = themes.iter().copied().map(ThemeId).collect();
            (ThemeEdit::Merge { themes, into: ThemeId(*into) }, edit)
        }
        ThemesAct::Split(args) => (ThemeEdit::Split { theme: ThemeId(args.theme) }, &args.edit),
        ThemesAct::Pin(args) => {
            (ThemeEdit::Pin { theme: ThemeId(args.theme), is_pinned: true }, &args.edit)
        }
        ThemesAct::Unpin(args) => {
            (ThemeEdit::Pin { theme: ThemeId(args.theme), is_pinned: false }, &args.edit)
        }
        ThemesAct::Hide(args) => {
            (ThemeEdit::Hide { theme: ThemeId(args.theme), is_hidden: true }, &args.edit)
        }
        ThemesAct::Unhide(args) => {
            (ThemeEdit::Hide { theme: ThemeId(args.theme), is_hidden: false }, &args.edit)
        }
        ThemesAct::Move { units, to, edit } => {
            let units = units.iter().map(|unit| parse_unit(unit)).collect::<Result<_, _>>()?;
            (ThemeEdit::Move { units, to: parse_target(to)? }, edit)
        }
        ThemesAct::Undo { number, edit } => (ThemeEdit::Undo { edit: *number }, edit),
        ThemesAct::Discover { .. }
        | ThemesAct::Certificate(_)
        | ThemesAct::Ledger(_)
        | ThemesAct::Suggest(_) => unreachable!("these are no edits"),
    })
}

/// What an edit did, with the command by which it is undone: the one that stands
/// beside the command that made it.
pub(super) fn describe(report: &EditReport, undoing: &str) -> String {
    let mut lines: Vec<String> = report
        .redirects
        .iter()
        .map(|(asked, current)| format!("theme {asked} has ended and leads to theme {current}"))
        .collect();
    // What was undone is made again, not undone twice.
    let remedy = match report.kind {
        "undo" => String::new(),
        _ => format!("; `echolot {undoing} {}` undoes it", report.edit),
    };
    lines.push(format!(
        "edit {} ({}) by {}, generation {}{remedy}",
        report.edit, report.kind, report.author, report.generation
    ));
    for entry in &report.events {
        lines.push(format!("  theme {} {}", entry.theme, entry.event));
    }
    lines.join("\n")
}
