//! Where one edit is made: the themes it sees, and what it writes down of them.

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{FeedbackId, ThemeId};
use echolot_index::{Change, LedgerEntry, MergedTheme, MovedUnit, RowId, StoredTheme, ThemeStore};
use serde_json::{Value, json};

use super::{ThemeEdit, undo};
use crate::Error;
use crate::theming::Register;

/// The longest name, in characters: what fits on a line.
const LONGEST_NAME: usize = 200;

/// Themes that were named and had ended, with those they led to.
pub(super) type Redirects = Vec<(ThemeId, ThemeId)>;

/// The themes while one edit changes them.
pub(super) struct Desk<'c> {
    pub(super) store: ThemeStore<'c>,
    pub(super) register: Register,
    events: Vec<(ThemeId, &'static str, Value)>,
    redirects: BTreeMap<ThemeId, ThemeId>,
    /// The size of each theme when the edit began.
    sizes: BTreeMap<ThemeId, u64>,
    /// The edit that this one undoes.
    pub(super) undone: Option<u64>,
    /// The rows of which something else is stated when the edit is written down.
    pub(super) restated: BTreeSet<RowId>,
}

impl<'c> Desk<'c> {
    pub(super) fn new(store: ThemeStore<'c>) -> Result<Self, Error> {
        let register = Register::read(store)?;
        let sizes = register.alive().map(|theme| (theme.id, theme.size)).collect();
        Ok(Self {
            store,
            register,
            events: vec![],
            redirects: BTreeMap::new(),
            sizes,
            undone: None,
            restated: BTreeSet::new(),
        })
    }

    /// Makes the change, and returns what undoing it needs.
    pub(super) fn make(&mut self, edit: &ThemeEdit) -> Result<Change, Error> {
        match edit {
            ThemeEdit::Rename { theme, name } => self.rename(*theme, name, false),
            ThemeEdit::Suggest { theme, name } => self.rename(*theme, name, true),
            ThemeEdit::Pin { theme, is_pinned } => {
                let theme = self.alive(*theme)?;
                self.mark(theme, "pinned", *is_pinned)?;
                Ok(Change::Pin { theme, is_pinned: *is_pinned })
            }
            ThemeEdit::Hide { theme, is_hidden } => {
                let theme = self.alive(*theme)?;
                self.mark(theme, "hidden", *is_hidden)?;
                Ok(Change::Hide { theme, is_hidden: *is_hidden })
            }
            ThemeEdit::Merge { themes, into } => self.merge(themes, *into),
            ThemeEdit::Split { theme } => self.split(*theme),
            ThemeEdit::Move { units, to } => self.move_units(units, *to),
            ThemeEdit::Undo { edit } => undo::undo(self, *edit),
        }
    }

    /// Stores everything with its entries in the ledger.
    pub(super) fn close(mut self, edit: u64) -> Result<(Vec<LedgerEntry>, Redirects), Error> {
        if let Some(undone) = self.undone {
            self.store.mark_undone(undone, edit)?;
        }
        self.restate()?;
        let mut entries = Vec::with_capacity(self.events.len());
        for (theme, event, mut detail) in self.events {
            detail["edit"] = json!(edit);
            self.store.record(theme, event, &detail)?;
            let (generation, event) = (self.store.generation(), event.to_owned());
            entries.push(LedgerEntry { generation, theme, event, detail });
        }
        self.register.write(self.store)?;
        Ok((entries, self.redirects.into_iter().collect()))
    }

    /// Lets corrections take effect. The units of what is hidden as spam leave the sums
    /// and sizes of their themes, and come back to them when that is undone: sums of
    /// whole numbers are then as they would be without either.
    fn restate(&mut self) -> Result<(), Error> {
        let mut themes: BTreeSet<ThemeId> = BTreeSet::new();
        let restated = std::mem::take(&mut self.restated);
        for &row in &restated {
            let before = self.store.counted_units(row)?;
            self.store.restate(row)?;
            let after = self.store.counted_units(row)?;
            if before != after {
                for unit in &before {
                    self.register.leave(unit);
                }
                for unit in &after {
                    self.register.come_back(unit);
                }
                themes.extend(before.iter().chain(&after).filter_map(|unit| unit.theme));
            }
        }
        self.store.find_own_topics(restated.into_iter())?;
        self.recount_all(themes.into_iter())
    }

    pub(super) fn tell(&mut self, theme: ThemeId, event: &'static str, detail: Value) {
        self.events.push((theme, event, detail));
    }

    /// The theme that a number leads to, if that has not ended.
    fn alive(&mut self, id: ThemeId) -> Result<ThemeId, Error> {
        if self.register.get(id).is_none() {
            return Err(Error::UnknownTheme(id));
        }
        let current = self.register.current(id);
        if !self.register.get(current).is_some_and(StoredTheme::is_alive) {
            return Err(Error::EndedTheme(id));
        }
        if current != id {
            self.redirects.insert(id, current);
        }
        Ok(current)
    }

    /// As [`Desk::alive`], for what cannot be done with a part of a theme.
    fn whole(&mut self, id: ThemeId) -> Result<ThemeId, Error> {
        let theme = self.alive(id)?;
        let of = self.register.top(theme);
        if of == theme { Ok(theme) } else { Err(Error::PartOfTheme { part: theme, of }) }
    }

    fn rename(&mut self, theme: ThemeId, name: &str, by_model: bool) -> Result<Change, Error> {
        let theme = self.alive(theme)?;
        let name = name.trim();
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            let reason = format!("a name has one line of at most {LONGEST_NAME} characters");
            return Err(Error::BadValue { key: "name", reason });
        }
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let before = self.register.get(theme).and_then(|theme| theme.name.clone());
        if name == before {
            return Err(Error::NothingToChange(format!("theme {theme} has that name already")));
        }
        self.set_name(theme, name.clone());
        Ok(Change::Rename { theme, name, before, by_model })
    }

    pub(super) fn set_name(&mut self, theme: ThemeId, name: Option<String>) {
        self.tell(theme, "renamed", json!({ "name": name }));
        self.register.change(theme, |theme| theme.name = name);
    }

    /// Pins or hides a theme, or ends that.
    pub(super) fn mark(
        &mut self,
        theme: ThemeId,
        mark: &'static str,
        value: bool,
    ) -> Result<(), Error> {
        let mut is_new = false;
        self.register.change(theme, |theme| {
            let slot = if mark == "pinned" { &mut theme.is_pinned } else { &mut theme.is_hidden };
            is_new = *slot != value;
            *slot = value;
        });
        if !is_new {
            let state = if value { "already" } else { "not" };
            return Err(Error::NothingToChange(format!("theme {theme} is {state} {mark}")));
        }
        let event = match (mark, value) {
            ("pinned", true) => "pinned",
            ("pinned", false) => "unpinned",
            (_, true) => "hidden",
            (_, false) => "unhidden",
        };
        self.tell(theme, event, json!({ mark: value }));
        Ok(())
    }

    fn merge(&mut self, themes: &[ThemeId], into: ThemeId) -> Result<Change, Error> {
        let into = self.whole(into)?;
        let mut merged: Vec<MergedTheme> = Vec::new();
        for &theme in themes {
            let theme = self.whole(theme)?;
            if theme == into {
                return Err(Error::NothingToChange(format!(
                    "theme {theme} cannot be merged into itself"
                )));
            }
            if merged.iter().all(|had| had.theme != theme) {
                merged.push(MergedTheme {
                    theme,
                    prototypes: self.register.prototypes_of(theme),
                    parts: self.register.parts_of(theme),
                    fixed_units: self.store.fixed_units(theme)?,
                });
            }
        }
        for had in &merged {
            for &prototype in &had.prototypes {
                self.register.hand_over(self.store, prototype, (had.theme, into))?;
            }
            for &unit in &had.fixed_units {
                self.store.fix(unit, Some(into), true)?;
            }
            for &part in &had.parts {
                self.put_part(part, Some(into));
            }
            self.end(had.theme, "merged", into);
        }
        self.recount(into, "grown")?;
        let before = self.portray(into)?;
        Ok(Change::Merge { into, merged, before })
    }

    fn split(&mut self, theme: ThemeId) -> Result<Change, Error> {
        let theme = self.whole(theme)?;
        let parts = self.register.parts_of(theme);
        if parts.is_empty() {
            return Err(Error::NoParts(theme));
        }
        for &part in &parts {
            self.register.change(part, |part| part.parent = None);
            self.tell(part, "split", json!({ "parent": null, "from": theme.0 }));
        }
        self.register.recount(self.store, theme)?;
        let is_empty =
            self.register.size(theme) == 0 && self.register.prototypes_of(theme).is_empty();
        let largest = parts
            .iter()
            .copied()
            .max_by_key(|&part| (self.register.size(part), std::cmp::Reverse(part)));
        match largest.filter(|_| is_empty) {
            Some(largest) => self.end(theme, "retired", largest),
            None => self.tell(theme, "shrunk", json!({ "size": self.register.size(theme) })),
        }
        let before = self.portray(theme)?;
        Ok(Change::Split { theme, parts, before })
    }

    fn move_units(
        &mut self,
        units: &[(FeedbackId, u32)],
        to: Option<ThemeId>,
    ) -> Result<Change, Error> {
        let to = to.map(|theme| self.alive(theme)).transpose()?;
        let mut moved: Vec<MovedUnit> = Vec::new();
        for (id, number) in units {
            let state = self
                .store
                .unit(id, *number)?
                .ok_or_else(|| Error::UnknownUnit { id: id.clone(), unit: *number })?;
            let is_there = state.is_fixed && state.theme == to;
            let is_named_twice =
                moved.iter().any(|one| (one.row, one.unit) == (state.row, state.unit));
            if !is_there && !is_named_twice {
                let (row, unit, theme) = (state.row, state.unit, state.theme);
                moved.push(MovedUnit { row, unit, theme, was_fixed: state.is_fixed });
            }
        }
        if moved.is_empty() {
            return Err(Error::NothingToChange("the opinions are there already".to_owned()));
        }
        for one in &moved {
            self.store.fix((one.row, one.unit), to, true)?;
        }
        self.recount_all(moved.iter().filter_map(|one| one.theme).chain(to))?;
        Ok(Change::Move { to, units: moved })
    }

    /// Makes a theme part of another, or of none.
    pub(super) fn put_part(&mut self, part: ThemeId, parent: Option<ThemeId>) {
        self.register.change(part, |part| part.parent = parent);
        self.tell(part, "regrouped", json!({ "parent": parent.map(|id| id.0) }));
    }

    fn end(&mut self, theme: ThemeId, event: &'static str, successor: ThemeId) {
        let generation = self.store.generation();
        self.register.change(theme, |theme| {
            theme.size = 0;
            theme.successor = Some(successor);
            theme.ended = Some(generation);
        });
        let detail = json!({ "size": 0, "ended": true, "successor": successor.0 });
        self.tell(theme, event, detail);
    }

    /// Brings a theme back that an edit had ended.
    pub(super) fn restore(&mut self, theme: ThemeId) -> Result<(), Error> {
        self.register.change(theme, |theme| {
            theme.successor = None;
            theme.ended = None;
        });
        let size = self.register.recount(self.store, theme)?;
        let detail = json!({ "size": size, "ended": false, "successor": null });
        self.tell(theme, "restored", detail);
        Ok(())
    }

    /// Counts a theme anew, and tells its size.
    pub(super) fn recount(&mut self, theme: ThemeId, event: &'static str) -> Result<(), Error> {
        let size = self.register.recount(self.store, theme)?;
        self.tell(theme, event, json!({ "size": size }));
        Ok(())
    }

    /// Counts themes and those they are part of anew, and tells of each that
    /// has grown or shrunk.
    pub(super) fn recount_all(
        &mut self,
        themes: impl Iterator<Item = ThemeId>,
    ) -> Result<(), Error> {
        let themes: BTreeSet<ThemeId> =
            themes.flat_map(|theme| self.register.with_parent(theme)).collect();
        for &theme in &themes {
            self.register.recount(self.store, self.register.top(theme))?;
        }
        for theme in themes {
            let size = self.register.size(theme);
            let before = self.sizes.get(&theme).copied().unwrap_or_default();
            let units = size.abs_diff(before);
            if size != before {
                let event = if size > before { "grown" } else { "shrunk" };
                self.tell(theme, event, json!({ "units": units, "size": size }));
            }
        }
        Ok(())
    }
}
