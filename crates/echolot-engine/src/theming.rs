//! Puts the opinions of a run to themes: known ones first, then new ones.

use std::collections::BTreeMap;

use echolot_core::{Polarity, ThemeId, Topic};
use echolot_index::{LostUnit, RunWriter, StoredTheme, UnitRow};
use echolot_themes::{
    Centroid, Cluster, KnownTheme, Options, Side, ThemeName, Unit, assign, cosine, discover, name,
};
use serde_json::json;

use crate::Error;
use crate::progress::{Progress, Step};

/// What became of the opinion units of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeCounts {
    /// Themes that gained units, with how many.
    pub grown: Vec<(ThemeId, u64)>,
    /// Themes that appeared.
    pub born: Vec<ThemeId>,
    /// Units put to themes in this run.
    pub assigned: u64,
    /// Units that fit nowhere so far.
    pub unassigned: u64,
}

/// Takes `lost` units out of their themes, assigns the units without a theme
/// to known themes, forms new themes of the rest, and writes all of it with
/// its ledger entries.
pub(crate) fn theme(
    writer: &mut RunWriter,
    lost: &[LostUnit],
    options: &Options,
    progress: &dyn Progress,
) -> Result<ThemeCounts, Error> {
    let rows = writer.units_without_theme()?;
    progress.begin(Step::Theme, Some(rows.len() as u64));
    let mut known: BTreeMap<ThemeId, StoredTheme> =
        writer.themes()?.into_iter().map(|theme| (theme.id, theme)).collect();

    shrink(writer, lost, &mut known)?;
    let mut counts = ThemeCounts::default();
    let rest = grow(writer, &rows, &mut known, &mut counts)?;
    progress.advance((rows.len() - rest.len()) as u64);
    let next = known.keys().next_back().map_or(1, |last| last.0 + 1);
    bear(writer, &rest, ThemeId(next), options, &mut counts)?;
    progress.advance(rest.len() as u64);
    counts.unassigned = rows.len() as u64 - counts.assigned;
    Ok(counts)
}

fn unit(row: &UnitRow) -> Unit<'_> {
    Unit {
        vector: &row.vector,
        text: &row.text,
        language: row.language,
        polarity: row.polarity,
        key: row.key,
    }
}

/// Takes lost units out of their themes.
fn shrink(
    writer: &mut RunWriter,
    lost: &[LostUnit],
    known: &mut BTreeMap<ThemeId, StoredTheme>,
) -> Result<(), Error> {
    let mut losses: BTreeMap<ThemeId, u64> = BTreeMap::new();
    for unit in lost {
        let Some(theme) = known.get_mut(&unit.theme) else { continue };
        let mut centroid = Centroid::from_sums(std::mem::take(&mut theme.centroid));
        centroid.remove(&unit.vector);
        theme.centroid = centroid.sums().to_vec();
        theme.size = theme.size.saturating_sub(1);
        *losses.entry(unit.theme).or_default() += 1;
    }
    for (id, units) in losses {
        let theme = &known[&id];
        writer.put_theme(theme)?;
        writer.ledger(id, "shrunk", json!({ "units": units, "size": theme.size }))?;
    }
    Ok(())
}

/// Puts units to the themes they fit and returns those that fit none.
fn grow<'a>(
    writer: &mut RunWriter,
    rows: &'a [UnitRow],
    known: &mut BTreeMap<ThemeId, StoredTheme>,
    counts: &mut ThemeCounts,
) -> Result<Vec<&'a UnitRow>, Error> {
    let themes: Vec<KnownTheme> = known.values().map(known_theme).collect();
    let units: Vec<Unit> = rows.iter().map(unit).collect();
    let mut rest = Vec::new();
    let mut gained: BTreeMap<ThemeId, (u64, Centroid)> = BTreeMap::new();
    for (row, fit) in rows.iter().zip(assign(&units, &themes)) {
        let Some(fit) = fit else {
            rest.push(row);
            continue;
        };
        writer.assign_theme(row.row, row.unit, fit.theme, fit.similarity)?;
        let (count, centroid) = gained.entry(fit.theme).or_default();
        *count += 1;
        centroid.add(&row.vector);
    }
    for (id, (count, gain)) in gained {
        let theme = known.get_mut(&id).expect("units are put to known themes only");
        let mut centroid = Centroid::from_sums(std::mem::take(&mut theme.centroid));
        centroid.merge(&gain);
        theme.centroid = centroid.sums().to_vec();
        theme.size += count;
        writer.put_theme(theme)?;
        writer.ledger(id, "grown", json!({ "units": count, "size": theme.size }))?;
        counts.assigned += count;
        counts.grown.push((id, count));
    }
    Ok(rest)
}

/// Forms new themes, numbered from `first` in the order of their size.
fn bear(
    writer: &mut RunWriter,
    rows: &[&UnitRow],
    first: ThemeId,
    options: &Options,
    counts: &mut ThemeCounts,
) -> Result<(), Error> {
    let units: Vec<Unit> = rows.iter().map(|row| unit(row)).collect();
    let found = discover(&units, options);
    let names = name(&found.clusters, &units);
    for ((cluster, name), id) in found.clusters.iter().zip(names).zip(first.0..) {
        let theme = stored_theme(ThemeId(id), (cluster, name), rows, writer.generation());
        writer.put_theme(&theme)?;
        let direction = cluster.centroid.direction();
        for &member in &cluster.members {
            let similarity = cosine(&rows[member].vector, direction.components());
            writer.assign_theme(rows[member].row, rows[member].unit, theme.id, similarity)?;
        }
        writer.ledger(theme.id, "born", json!({ "units": theme.size, "label": theme.label }))?;
        counts.assigned += theme.size;
        counts.born.push(theme.id);
    }
    Ok(())
}

fn stored_theme(
    id: ThemeId,
    (cluster, name): (&Cluster, ThemeName),
    rows: &[&UnitRow],
    generation: u64,
) -> StoredTheme {
    let place = |&member: &usize| (rows[member].row, rows[member].unit);
    let members = || cluster.members.iter().map(|&member| rows[member]);
    StoredTheme {
        id,
        label: name.label,
        terms: name.terms,
        topic: commonest(members().map(|row| row.topic)).unwrap_or(Topic::General),
        polarity: commonest(members().map(|row| row.polarity)).unwrap_or(Polarity::Neutral),
        centroid: cluster.centroid.sums().to_vec(),
        size: cluster.members.len() as u64,
        threshold: cluster.threshold,
        representative: place(&name.representative),
        examples: name.examples.iter().map(place).collect(),
        born: generation,
    }
}

fn known_theme(theme: &StoredTheme) -> KnownTheme {
    KnownTheme {
        id: theme.id,
        centroid: Centroid::from_sums(theme.centroid.clone()),
        side: Some(Side::of(theme.polarity)),
        threshold: theme.threshold,
    }
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
