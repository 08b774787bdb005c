//! What a theme is shown by, after an edit has changed what is in it.

use echolot_core::ThemeId;
use echolot_index::{Portrait, StoredTheme, UnitRow};
use echolot_themes::{Cluster, Unit, name};

use super::desk::Desk;
use crate::Error;
use crate::theming::{form, unit};

/// About how many units the words of a theme are held against, to find what sets them
/// apart; many times more would say the same and take longer.
const OTHERS: u64 = 20_000;

impl Desk<'_> {
    /// Finds topic, polarity, terms and examples of a theme anew from the units it has,
    /// those of its sub-themes included, and returns what they were. The name it goes by
    /// stays.
    pub(super) fn portray(&mut self, theme: ThemeId) -> Result<Option<Portrait>, Error> {
        let before = self.register.get(theme).map(StoredTheme::portrait);
        let mut rows: Vec<UnitRow> = Vec::new();
        let mut own = self.register.parts_of(theme);
        own.push(theme);
        for &id in &own {
            rows.extend(self.store.units_in(id)?);
        }
        if rows.is_empty() {
            return Ok(before);
        }
        let num_members = rows.len();
        let others = self.store.some_units(OTHERS)?.into_iter();
        rows.extend(others.filter(|row| row.theme.is_none_or(|id| !own.contains(&id))));
        let units: Vec<Unit> = rows.iter().map(unit).collect();
        let cluster = Cluster::of(&units, (0..num_members).collect());
        let rows: Vec<&UnitRow> = rows.iter().collect();
        if let Some(name) = name(std::slice::from_ref(&cluster), &units).pop() {
            let formed = form(theme, (&cluster, name), &rows, self.store.generation());
            self.repaint(theme, Some(&formed.portrait()));
        }
        Ok(before)
    }

    /// Lets a theme be shown by something else, where it is known.
    pub(super) fn repaint(&mut self, theme: ThemeId, portrait: Option<&Portrait>) {
        if let Some(portrait) = portrait.cloned() {
            self.register.change(theme, |theme| theme.repaint(portrait));
        }
    }
}
