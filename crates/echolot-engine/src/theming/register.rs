//! All themes and their prototypes, while a run or an edit changes them.

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{Polarity, ThemeId};
use echolot_index::{
    CountedUnit, Placement, PrototypeId, StoredPrototype, StoredTheme, ThemeStore, UnitRow,
};
use echolot_themes::{Centroid, Cluster, KnownTheme, Side, Unit, Vector, assign};

use super::unit;
use crate::Error;

/// The themes of a generation in memory. What is changed here is stored by
/// [`Register::write`].
#[derive(Debug)]
pub(crate) struct Register {
    themes: BTreeMap<ThemeId, StoredTheme>,
    prototypes: BTreeMap<PrototypeId, StoredPrototype>,
    changed_themes: BTreeSet<ThemeId>,
    changed_prototypes: BTreeSet<PrototypeId>,
}

impl Register {
    pub(crate) fn read(store: ThemeStore<'_>) -> Result<Self, Error> {
        let themes = store.themes()?.into_iter().map(|theme| (theme.id, theme));
        let prototypes = store.prototypes()?.into_iter().map(|prototype| (prototype.id, prototype));
        Ok(Self {
            themes: themes.collect(),
            prototypes: prototypes.collect(),
            changed_themes: BTreeSet::new(),
            changed_prototypes: BTreeSet::new(),
        })
    }

    /// Stores what was changed.
    pub(crate) fn write(self, store: ThemeStore<'_>) -> Result<(), Error> {
        for id in self.changed_themes {
            store.put_theme(&self.themes[&id])?;
        }
        // A prototype that was changed and then removed is not there any more.
        for id in self.changed_prototypes {
            self.prototypes.get(&id).map_or(Ok(()), |changed| store.put_prototype(changed))?;
        }
        Ok(())
    }

    /// The theme of this number, alive or ended.
    pub(crate) fn get(&self, id: ThemeId) -> Option<&StoredTheme> {
        self.themes.get(&id)
    }

    /// The themes and sub-themes that have not ended, by id.
    pub(crate) fn alive(&self) -> impl Iterator<Item = &StoredTheme> {
        self.themes.values().filter(|theme| theme.is_alive())
    }

    /// Keeps a theme, over the one with its id.
    pub(crate) fn put(&mut self, theme: StoredTheme) {
        self.changed_themes.insert(theme.id);
        self.themes.insert(theme.id, theme);
    }

    /// Changes a theme that there is.
    pub(crate) fn change(&mut self, id: ThemeId, change: impl FnOnce(&mut StoredTheme)) {
        if let Some(theme) = self.themes.get_mut(&id) {
            change(theme);
            self.changed_themes.insert(id);
        }
    }

    /// The number of the next new theme.
    pub(crate) fn next_theme(&self) -> ThemeId {
        ThemeId(self.themes.keys().next_back().map_or(1, |last| last.0 + 1))
    }

    /// How many units a theme has; 0 when there is none.
    pub(crate) fn size(&self, id: ThemeId) -> u64 {
        self.themes.get(&id).map_or(0, |theme| theme.size)
    }

    /// The theme that `id` is a part of, or itself.
    pub(crate) fn top(&self, id: ThemeId) -> ThemeId {
        self.themes.get(&id).and_then(|theme| theme.parent).unwrap_or(id)
    }

    /// The theme itself and the one it is a part of.
    pub(crate) fn with_parent(&self, id: ThemeId) -> impl Iterator<Item = ThemeId> + use<> {
        let parent = self.themes.get(&id).and_then(|theme| theme.parent);
        std::iter::once(id).chain(parent)
    }

    /// The theme that a number leads to today: itself, unless it has ended.
    pub(crate) fn current(&self, id: ThemeId) -> ThemeId {
        let mut current = id;
        for _ in 0..self.themes.len() {
            match self.themes.get(&current).and_then(|theme| theme.successor) {
                Some(next) => current = next,
                None => break,
            }
        }
        current
    }

    /// The prototypes that a theme itself has.
    pub(crate) fn prototypes_of(&self, theme: ThemeId) -> Vec<PrototypeId> {
        let own = self.prototypes.values().filter(|prototype| prototype.theme == theme);
        own.map(|prototype| prototype.id).collect()
    }

    /// The theme that has a prototype, if it is still there.
    pub(crate) fn owner(&self, prototype: PrototypeId) -> Option<ThemeId> {
        self.prototypes.get(&prototype).map(|prototype| prototype.theme)
    }

    /// The theme that has a prototype, and the direction of its units.
    pub(crate) fn direction(&self, prototype: PrototypeId) -> Option<(ThemeId, Vector)> {
        let prototype = self.prototypes.get(&prototype)?;
        let centroid = Centroid::from_sums(prototype.centroid.clone());
        Some((prototype.theme, centroid.direction()))
    }

    /// Forms a prototype of a cluster.
    pub(crate) fn add_prototype(
        &mut self,
        theme: ThemeId,
        cluster: &Cluster,
        polarity: Polarity,
    ) -> PrototypeId {
        let id = PrototypeId(self.prototypes.keys().next_back().map_or(1, |last| last.0 + 1));
        let prototype = StoredPrototype {
            id,
            theme,
            polarity,
            centroid: cluster.centroid.sums().to_vec(),
            size: cluster.members.len() as u64,
            threshold: cluster.threshold,
        };
        self.prototypes.insert(id, prototype);
        self.changed_prototypes.insert(id);
        id
    }

    /// Removes the prototypes of themes, here and in the store.
    pub(crate) fn remove_prototypes(
        &mut self,
        store: ThemeStore<'_>,
        of_theme: impl Fn(ThemeId) -> bool,
    ) -> Result<(), Error> {
        for id in self.prototypes.values().filter(|p| of_theme(p.theme)).map(|p| p.id) {
            store.remove_prototype(id)?;
        }
        self.prototypes.retain(|_, prototype| !of_theme(prototype.theme));
        Ok(())
    }

    /// Hands a prototype with its units to another theme.
    pub(crate) fn hand_over(
        &mut self,
        store: ThemeStore<'_>,
        prototype: PrototypeId,
        (from, to): (ThemeId, ThemeId),
    ) -> Result<(), Error> {
        if let Some(prototype) = self.prototypes.get_mut(&prototype) {
            prototype.theme = to;
        }
        Ok(store.hand_over(prototype, (from, to))?)
    }

    /// For each unit the place where it fits best, among all themes. The parts
    /// of one theme are no rivals: a unit between them is in the theme for sure.
    pub(crate) fn fits(&self, rows: &[&UnitRow]) -> Vec<Option<Placement>> {
        let prototypes: Vec<&StoredPrototype> =
            self.prototypes.values().filter(|prototype| prototype.size > 0).collect();
        let known: Vec<KnownTheme> = prototypes
            .iter()
            .map(|prototype| KnownTheme {
                id: self.top(prototype.theme),
                centroid: Centroid::from_sums(prototype.centroid.clone()),
                side: Some(Side::of(prototype.polarity)),
                threshold: prototype.threshold,
            })
            .collect();
        let units: Vec<Unit> = rows.iter().map(|row| unit(row)).collect();
        let place = |fit: echolot_themes::Fit| Placement {
            theme: prototypes[fit.prototype].theme,
            prototype: prototypes[fit.prototype].id,
            similarity: fit.similarity,
            confidence: fit.confidence,
        };
        assign(&units, &known).into_iter().map(|fit| fit.map(place)).collect()
    }

    /// Counts a unit in where it was put.
    pub(crate) fn join(&mut self, at: &Placement, vector: &[i8]) {
        self.add_to_sums(at.prototype, |centroid, size| {
            centroid.add(vector);
            *size += 1;
        });
        for id in self.with_parent(at.theme) {
            self.change(id, |theme| theme.size += 1);
        }
    }

    /// Counts a unit in again that was counted out.
    pub(crate) fn come_back(&mut self, unit: &CountedUnit) {
        if let Some(prototype) = unit.prototype {
            self.add_to_sums(prototype, |centroid, size| {
                centroid.add(&unit.vector);
                *size += 1;
            });
        }
        if let Some(theme) = unit.theme {
            for id in self.with_parent(theme) {
                self.change(id, |theme| theme.size += 1);
            }
        }
    }

    /// Counts a unit out that is gone, or hidden.
    pub(crate) fn leave(&mut self, lost: &CountedUnit) {
        if let Some(prototype) = lost.prototype {
            self.add_to_sums(prototype, |centroid, size| {
                centroid.remove(&lost.vector);
                *size = size.saturating_sub(1);
            });
        }
        if let Some(theme) = lost.theme {
            for id in self.with_parent(theme) {
                self.change(id, |theme| theme.size = theme.size.saturating_sub(1));
            }
        }
    }

    fn add_to_sums(&mut self, id: PrototypeId, add: impl FnOnce(&mut Centroid, &mut u64)) {
        if let Some(prototype) = self.prototypes.get_mut(&id) {
            let mut centroid = Centroid::from_sums(std::mem::take(&mut prototype.centroid));
            add(&mut centroid, &mut prototype.size);
            prototype.centroid = centroid.sums().to_vec();
            self.changed_prototypes.insert(id);
        }
    }

    /// Counts the units of a theme and of its parts anew, after units were
    /// handed over.
    pub(crate) fn recount(&mut self, store: ThemeStore<'_>, id: ThemeId) -> Result<u64, Error> {
        let mut size = store.count_units(id)?;
        let parts: Vec<ThemeId> = self.parts_of(id);
        for part in parts {
            let units = store.count_units(part)?;
            self.change(part, |theme| theme.size = units);
            size += units;
        }
        self.change(id, |theme| theme.size = size);
        Ok(size)
    }

    /// The sub-themes of a theme.
    pub(crate) fn parts_of(&self, id: ThemeId) -> Vec<ThemeId> {
        self.alive().filter(|theme| theme.parent == Some(id)).map(|theme| theme.id).collect()
    }
}
