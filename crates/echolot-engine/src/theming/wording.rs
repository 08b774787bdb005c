//! Units that say the same in the same words go the same way.

use std::collections::BTreeMap;

use echolot_core::Fingerprint;
use echolot_index::{Placement, PrototypeId, ThemeStore, UnitRow};
use echolot_themes::{Side, cosine};

use super::Register;
use crate::Error;

/// What units with the same words on the same side have in common.
type Wording = (Fingerprint, Side);

pub(super) fn wording(row: &UnitRow) -> Wording {
    (Fingerprint::of_words(&row.text), Side::of(row.polarity))
}

/// The positions of the rows of each wording, those of a wording in the order of their
/// keys: the first of them speaks for all.
pub(super) fn by_wording(rows: &[&UnitRow]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<Wording, Vec<usize>> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        groups.entry(wording(row)).or_default().push(position);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|&position| rows[position].key);
    }
    groups
}

/// For each row the place where it fits among all themes: where its equals of earlier
/// runs are, or else where the first of its equals among `rows` fits best. Where those
/// of earlier runs wait for a theme, it waits with them.
pub(crate) fn fit_together(
    store: ThemeStore<'_>,
    register: &Register,
    rows: &[&UnitRow],
) -> Result<Vec<Option<Placement>>, Error> {
    let mut places: Vec<Option<Placement>> = vec![None; rows.len()];
    let mut unheard = Vec::new();
    for group in by_wording(rows) {
        match store.equal_unit(rows[group[0]])? {
            None => unheard.push(group),
            Some(equal) => {
                if let Some(prototype) = equal.prototype {
                    let confidence = equal.confidence.unwrap_or(1.0);
                    follow(register, (rows, &group), (prototype, confidence), &mut places);
                }
            }
        }
    }
    let speakers: Vec<&UnitRow> = unheard.iter().map(|group| rows[group[0]]).collect();
    for (group, fit) in unheard.iter().zip(register.fits(&speakers)) {
        if let Some(fit) = fit {
            follow(register, (rows, group), (fit.prototype, fit.confidence), &mut places);
        }
    }
    Ok(places)
}

/// Lets a group of rows join a prototype, each with a similarity of its own.
pub(super) fn follow(
    register: &Register,
    (rows, group): (&[&UnitRow], &[usize]),
    (prototype, confidence): (PrototypeId, f64),
    places: &mut [Option<Placement>],
) {
    let Some((theme, direction)) = register.direction(prototype) else { return };
    for &position in group {
        let similarity = cosine(&rows[position].vector, direction.components());
        places[position] = Some(Placement { theme, prototype, similarity, confidence });
    }
}
