//! A cluster becomes a theme: what is stored of it, and its units put to it.

use std::collections::BTreeMap;

use echolot_core::{Polarity, ThemeId, Topic};
use echolot_index::{Placement, RowId, StoredTheme, ThemeStore, UnitRow};
use echolot_themes::{Cluster, ThemeName, cosine};
use serde_json::{Value, json};

use super::{Find, Register};
use crate::Error;

/// A theme made of a cluster of `rows`.
pub(crate) fn form(
    id: ThemeId,
    (cluster, name): (&Cluster, ThemeName),
    rows: &[&UnitRow],
    generation: u64,
) -> StoredTheme {
    let place = |&member: &usize| -> (RowId, u32) { (rows[member].row, rows[member].unit) };
    let members = || cluster.members.iter().map(|&member| rows[member]);
    StoredTheme {
        id,
        label: name.label,
        name: None,
        terms: name.terms,
        topic: commonest(members().map(|row| row.topic)).unwrap_or(Topic::General),
        polarity: polarity(cluster, rows),
        size: cluster.members.len() as u64,
        representative: place(&name.representative),
        examples: name.examples.iter().map(place).collect(),
        born: generation,
        is_pinned: false,
        is_hidden: false,
        parent: None,
        successor: None,
        ended: None,
    }
}

/// What the ledger says of a theme that has appeared.
pub(super) fn as_born(theme: &StoredTheme) -> Value {
    let mut detail = json!({ "size": theme.size, "label": theme.label });
    if let Some(parent) = theme.parent {
        detail["parent"] = json!(parent.0);
    }
    detail
}

/// Gives the themes and parts of a find their prototypes, and puts the units to
/// them. That a discovery put a unit there is as sure as it gets.
pub(super) fn settle(
    store: ThemeStore<'_>,
    find: &Find,
    (ids, part_ids): (&[ThemeId], &[ThemeId]),
    rows: &[&UnitRow],
    register: &mut Register,
) -> Result<(), Error> {
    let themes = find.left.iter().zip(ids).filter_map(|(left, &id)| Some((left.as_ref()?, id)));
    let parts = find.parts.iter().zip(part_ids).map(|(part, &id)| (part, id));
    for (cluster, theme) in themes.chain(parts) {
        let prototype = register.add_prototype(theme, cluster, polarity(cluster, rows));
        let direction = cluster.centroid.direction();
        for &member in &cluster.members {
            let row = rows[member];
            let similarity = cosine(&row.vector, direction.components());
            let at = Placement { theme, prototype, similarity, confidence: 1.0 };
            store.place((row.row, row.unit), &at)?;
        }
    }
    Ok(())
}

fn polarity(cluster: &Cluster, rows: &[&UnitRow]) -> Polarity {
    let members = cluster.members.iter().map(|&member| rows[member].polarity);
    commonest(members).unwrap_or(Polarity::Neutral)
}

/// The commonest value; of equally common ones the first in their order.
fn commonest<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts
        .into_iter()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_value_wins_and_ties_go_to_the_first() {
        assert_eq!(commonest([3, 1, 3, 2].into_iter()), Some(3));
        assert_eq!(commonest([2, 1, 1, 2].into_iter()), Some(1));
        assert_eq!(commonest(std::iter::empty::<u8>()), None);
    }
}
