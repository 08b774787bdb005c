//! `echolot themes suggest`: names of themes from a language model.

use std::collections::BTreeSet;

use anyhow::bail;
use echolot_engine::{
    Config, Error, Segment, ThemeEdit, ThemeQuestion, edit_themes, open_snapshot,
};

use super::{print, print_json};
use crate::args::SuggestArgs;
use crate::edits::now;
use crate::naming::{Namer, name_in};
use crate::wire::{SuggestionJson, SuggestionsJson};
use crate::{Exit, table};

/// How many quotes the model is sent of each theme.
const QUOTES: usize = 5;

pub(super) fn suggest(args: &SuggestArgs, config: &Config) -> anyhow::Result<Exit> {
    let Some(naming) = &config.naming else {
        let reason = "no language model is configured; set `endpoint` and `model` in the section \
                      [naming] (`echolot config` shows it)";
        return Err(Error::BadValue { key: "naming.endpoint", reason: reason.to_owned() }.into());
    };
    let namer = Namer::new(naming)?;
    let data = &args.edit.store.data.data;
    let snapshot = open_snapshot(data)?.with_config(config);
    let list = snapshot.themes(&ThemeQuestion {
        segment: Segment::default(),
        polarity: None,
        with_hidden: false,
        limit: None,
        examples: QUOTES,
    })?;
    let mut taken: BTreeSet<String> =
        list.rows.iter().map(|row| row.theme.title().to_lowercase()).collect();
    let unnamed = list.rows.iter().filter(|row| row.theme.name.is_none());
    let mut suggestions = Vec::new();
    // What stops it does not take away what was done before.
    let mut stopped = None;
    for row in unnamed.take(args.limit) {
        let answer = match namer.ask(row) {
            Ok(answer) => answer,
            Err(error) => {
                stopped = Some(error);
                break;
            }
        };
        let found = name_in(&answer).and_then(|name| {
            if !taken.insert(name.to_lowercase()) {
                bail!("another theme is called `{name}` already");
            }
            Ok(name)
        });
        let mut suggestion = SuggestionJson {
            theme: row.theme.id.0,
            label: row.theme.label.clone(),
            name: None,
            reason: None,
            edit: None,
        };
        match found {
            Err(error) => suggestion.reason = Some(format!("{error:#}")),
            Ok(name) => {
                if args.apply {
                    let edit = ThemeEdit::Suggest { theme: row.theme.id, name: name.clone() };
                    let author = format!("{} ({})", args.edit.author, naming.model);
                    match args.edit.wait.make(|| edit_themes(data, &edit, (&author, now()))) {
                        Ok(report) => suggestion.edit = Some(report.edit),
                        Err(error) => stopped = Some(error.into()),
                    }
                }
                suggestion.name = Some(name);
            }
        }
        tracing::info!(theme = suggestion.theme, name = suggestion.name, "asked for a name");
        suggestions.push(suggestion);
        if stopped.is_some() {
            break;
        }
    }
    let exit = if args.edit.store.json {
        let (generation, model) = (snapshot.generation(), naming.model.clone());
        print_json(&SuggestionsJson { generation, model, suggestions })?
    } else {
        print(&told(&suggestions, args.apply))?
    };
    match stopped {
        Some(error) => Err(error.context("not all themes were asked about")),
        None => Ok(exit),
    }
}

fn told(suggestions: &[SuggestionJson], is_applied: bool) -> String {
    let mut rows = table::plain(&["theme", "name so far", "suggested", "edit"], &[0, 3]);
    for suggestion in suggestions {
        let name = suggestion.name.clone();
        let refused = || format!("- ({})", suggestion.reason.as_deref().unwrap_or_default());
        rows.add_row([
            suggestion.theme.to_string(),
            suggestion.label.clone(),
            name.unwrap_or_else(refused),
            suggestion.edit.map_or_else(table::dash, |edit| edit.to_string()),
        ]);
    }
    let named = suggestions.iter().filter(|suggestion| suggestion.name.is_some()).count();
    let what_next = match (named, is_applied) {
        (0, _) => "no names are suggested",
        (_, false) => "nothing was changed; --apply gives the themes these names",
        (_, true) => "`echolot themes undo EDIT` takes a name back",
    };
    format!("{}\n\n{what_next}", rows.trim_fmt())
}
