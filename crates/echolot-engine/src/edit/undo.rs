//! Undoing an edit: as if it had never been made.
//!
//! Merging and splitting hand prototypes from theme to theme and change nothing
//! in them, and a unit that a person moves stays in the sums of the prototype
//! that found it. So what runs add meanwhile goes to the same prototypes with
//! the edit and without it, and undoing it gives the themes that there would be
//! had it not been made.

use std::collections::BTreeSet;

use echolot_core::{CharSpan, ThemeId};
use echolot_index::{Change, EditRecord, MergedTheme, MovedUnit, RowId, StoredTheme};

use super::desk::Desk;
use crate::Error;
use crate::theming::fit_together;

/// Undoes the edit of this number.
pub(super) fn undo(desk: &mut Desk<'_>, number: u64) -> Result<Change, Error> {
    let edits = desk.store.edits()?;
    let edit = edits.iter().find(|edit| edit.number == number);
    let edit = edit.ok_or(Error::UnknownEdit(number))?;
    if let Some(by) = edit.undone_by {
        return Err(Error::UndoneBefore { edit: number, by });
    }
    let mine = touched(&edit.change);
    let is_in_the_way = |later: &&EditRecord| {
        later.number > number
            && later.undone_by.is_none()
            && !touched(&later.change).is_disjoint(&mine)
    };
    if let Some(later) = edits.iter().rev().find(is_in_the_way) {
        let (later, kind) = (later.number, later.change.kind());
        return Err(Error::EditedLater { edit: number, later, kind });
    }
    match &edit.change {
        Change::Rename { theme, before, .. } => desk.set_name(*theme, before.clone()),
        Change::Pin { theme, is_pinned } => desk.mark(*theme, "pinned", !is_pinned)?,
        Change::Hide { theme, is_hidden } => desk.mark(*theme, "hidden", !is_hidden)?,
        Change::Merge { into, merged, before } => {
            unmerge(desk, *into, merged)?;
            desk.repaint(*into, before.as_ref());
        }
        Change::Split { theme, parts, before } => {
            unsplit(desk, *theme, parts)?;
            desk.repaint(*theme, before.as_ref());
        }
        Change::Move { to, units } => move_back(desk, *to, units)?,
        Change::Correct { corrections, .. } => {
            desk.restated.extend(corrections.iter().map(|answer| answer.row));
        }
        Change::Undo { .. } => {
            return Err(Error::NothingToChange(format!(
                "edit {number} undid another; make that change again instead"
            )));
        }
    }
    desk.undone = Some(number);
    Ok(Change::Undo { edit: number })
}

/// What an edit has a say in. Of two edits with a say in the same thing the
/// later one has to be undone first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    Name(ThemeId),
    Pin(ThemeId),
    Visibility(ThemeId),
    /// Which prototypes and parts a theme has.
    MakeUp(ThemeId),
    Unit(RowId, u32),
    /// An answer about a verbatim or a stretch of it.
    Answer(RowId, Option<CharSpan>, &'static str),
}

fn touched(change: &Change) -> BTreeSet<Matter> {
    match change {
        Change::Rename { theme, .. } => BTreeSet::from([Matter::Name(*theme)]),
        Change::Pin { theme, .. } => BTreeSet::from([Matter::Pin(*theme)]),
        Change::Hide { theme, .. } => BTreeSet::from([Matter::Visibility(*theme)]),
        Change::Merge { into, merged, .. } => {
            let parts = merged.iter().flat_map(|had| had.parts.iter().copied());
            let themes = merged.iter().map(|had| had.theme).chain([*into]);
            themes.chain(parts).map(Matter::MakeUp).collect()
        }
        Change::Split { theme, parts, .. } => {
            parts.iter().chain([theme]).copied().map(Matter::MakeUp).collect()
        }
        // Where a person had put a unit before depends on what that theme is.
        Change::Move { units, .. } => {
            let before = units.iter().filter(|one| one.was_fixed).filter_map(|one| one.theme);
            let moved = units.iter().map(|one| Matter::Unit(one.row, one.unit));
            before.map(Matter::MakeUp).chain(moved).collect()
        }
        Change::Correct { corrections, .. } => {
            let answers = corrections.iter().map(|answer| {
                let correction = &answer.correction;
                Matter::Answer(answer.row, correction.span, correction.judgement.field())
            });
            answers.collect()
        }
        Change::Undo { .. } => BTreeSet::new(),
    }
}

fn unmerge(desk: &mut Desk<'_>, into: ThemeId, merged: &[MergedTheme]) -> Result<(), Error> {
    for had in merged {
        for &prototype in &had.prototypes {
            desk.register.hand_over(desk.store, prototype, (into, had.theme))?;
        }
        for &unit in &had.fixed_units {
            let now = desk.store.unit_at(unit)?;
            if now.is_some_and(|now| now.is_fixed && now.theme == Some(into)) {
                desk.store.fix(unit, Some(had.theme), true)?;
            }
        }
        for &part in &had.parts {
            desk.put_part(part, Some(had.theme));
        }
        desk.restore(had.theme)?;
    }
    desk.recount(into, "shrunk")
}

fn unsplit(desk: &mut Desk<'_>, theme: ThemeId, parts: &[ThemeId]) -> Result<(), Error> {
    for &part in parts {
        desk.put_part(part, Some(theme));
    }
    if desk.register.get(theme).is_some_and(StoredTheme::is_alive) {
        desk.recount(theme, "grown")
    } else {
        desk.restore(theme)
    }
}

/// Puts units back where they were: those that a program had put there to the
/// theme that has their prototype today. Where themes were discovered anew and
/// the prototype is gone, a unit goes where it fits, as in a run.
fn move_back(desk: &mut Desk<'_>, to: Option<ThemeId>, units: &[MovedUnit]) -> Result<(), Error> {
    let to = to.map(|theme| desk.register.current(theme));
    let mut themes: BTreeSet<ThemeId> = to.into_iter().collect();
    for one in units {
        let place = (one.row, one.unit);
        // A text that was replaced since has other units, which nobody moved.
        let Some(now) = desk.store.unit_at(place)?.filter(|now| now.is_fixed) else { continue };
        let owner = now.prototype.and_then(|prototype| desk.register.owner(prototype));
        let before = if one.was_fixed { one.theme } else { owner };
        desk.store.fix(place, before, one.was_fixed)?;
        themes.extend(now.theme.into_iter().chain(before));
        if !one.was_fixed && one.theme.is_some() && owner.is_none() {
            themes.extend(fit(desk, place)?);
        }
    }
    desk.recount_all(themes.into_iter())
}

/// Puts a unit without a theme where it fits.
fn fit(desk: &mut Desk<'_>, place: (RowId, u32)) -> Result<Option<ThemeId>, Error> {
    let Some(row) = desk.store.unit_row(place)? else { return Ok(None) };
    let Some(at) = fit_together(desk.store, &desk.register, &[&row])?.into_iter().flatten().next()
    else {
        return Ok(None);
    };
    desk.store.place(place, &at)?;
    desk.register.join(&at, &row.vector);
    Ok(Some(at.theme))
}
