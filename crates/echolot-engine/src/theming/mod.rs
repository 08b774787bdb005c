//! Puts the opinions of a run to themes: known ones first, then new ones, or all anew.

mod find;
mod formation;
mod rediscovery;
mod register;

use std::collections::BTreeMap;

use echolot_core::ThemeId;
use echolot_index::{CountedUnit, Discovery, RunWriter, ThemeStore, UnitRow};
use echolot_themes::{Options, Unit, discover, name};
use serde_json::{Value, json};

pub(crate) use find::Find;
pub(crate) use rediscovery::rediscover_all;
pub(crate) use register::Register;

use crate::Error;
use crate::progress::{Progress, Step};

/// How themes are found and kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeConfig {
    /// How clusters are found.
    pub options: Options,
    /// How many of the opinion units that fit no theme so far, the newest, a
    /// run tries again.
    pub retry: usize,
    /// The least mean cosine of its units to their centre with which what fits
    /// no theme becomes one, 0..=1.
    pub min_cohesion: f64,
    /// A run discovers all themes anew when this share of the units of the
    /// last discovery has come since; 0 means only when told to.
    pub rediscover_growth: f64,
}

/// What became of the opinion units of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeCounts {
    /// Whether all themes were discovered anew.
    pub is_rediscovered: bool,
    /// Themes that gained units, with how many.
    pub grown: Vec<(ThemeId, u64)>,
    /// Themes that appeared.
    pub born: Vec<ThemeId>,
    /// Themes that ended, with the theme their number leads to.
    pub ended: Vec<(ThemeId, Option<ThemeId>)>,
    /// Units put to themes in this run that had none.
    pub assigned: u64,
    /// Units looked at that fit nowhere so far.
    pub unassigned: u64,
}

impl ThemeCounts {
    /// The counts as part of a report.
    pub(crate) fn to_json(&self) -> Value {
        let grown = self.grown.iter().map(|(id, units)| json!({ "theme": id.0, "units": units }));
        let ended = self
            .ended
            .iter()
            .map(|(id, successor)| json!({ "theme": id.0, "successor": successor.map(|id| id.0) }));
        json!({
            "rediscovered": self.is_rediscovered,
            "born": self.born.iter().map(|id| id.0).collect::<Vec<_>>(),
            "grown": grown.collect::<Vec<_>>(),
            "ended": ended.collect::<Vec<_>>(),
            "assigned": self.assigned,
            "unassigned": self.unassigned,
        })
    }
}

/// Takes `lost` units out of their themes, puts the units of this run and the
/// newest of those that wait to known themes, forms new themes of the rest, and
/// writes all of it with its ledger entries. The cost grows with the units
/// looked at and the number of themes, not with the units there are, unless so
/// many have come that all themes are discovered anew.
pub(crate) fn theme(
    writer: &RunWriter,
    lost: &[CountedUnit],
    config: &ThemeConfig,
    progress: &dyn Progress,
) -> Result<ThemeCounts, Error> {
    let store = writer.theme_store();
    let mut register = Register::read(store)?;
    shrink(store, lost, &mut register)?;
    let new = store.new_units()?;
    let discovery = store.last_discovery()?;
    if is_due(discovery, new.len() as u64, config.rediscover_growth) {
        return rediscover_all(writer, register, &config.options, progress);
    }
    let discovery = discovery
        .map(|last| Discovery { units_since: last.units_since + new.len() as u64, ..last });
    let mut rows = store.waiting_units(config.retry)?;
    rows.extend(new);
    rows.sort_unstable_by_key(|unit| (unit.row, unit.unit));
    progress.begin(Step::Theme, Some(rows.len() as u64));
    let mut counts = ThemeCounts::default();
    let rest = grow(store, &rows, &mut register, &mut counts)?;
    progress.advance((rows.len() - rest.len()) as u64);
    bear(writer, &rest, &mut register, config, &mut counts)?;
    progress.advance(rest.len() as u64);
    register.write(store)?;
    discovery.map_or(Ok(()), |discovery| store.put_discovery(discovery))?;
    counts.unassigned = rows.len() as u64 - counts.assigned;
    Ok(counts)
}

/// Whether all themes are to be discovered anew. By default that is so when
/// half as many units have come as there were: the cost of all discoveries
/// together then grows with the units, as each lasts for half as many again,
/// and themes that were found in few units are not kept for many.
fn is_due(last: Option<Discovery>, new: u64, growth: f64) -> bool {
    let Some(last) = last else { return true };
    growth > 0.0 && (last.units_since + new) as f64 >= growth * last.units.max(1) as f64
}

pub(crate) fn unit(row: &UnitRow) -> Unit<'_> {
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
    store: ThemeStore<'_>,
    lost: &[CountedUnit],
    register: &mut Register,
) -> Result<(), Error> {
    let mut losses: BTreeMap<ThemeId, u64> = BTreeMap::new();
    for unit in lost {
        register.leave(unit);
        for theme in unit.theme.into_iter().flat_map(|theme| register.with_parent(theme)) {
            *losses.entry(theme).or_default() += 1;
        }
    }
    for (id, units) in losses {
        let detail = json!({ "units": units, "size": register.size(id) });
        store.record(id, "shrunk", &detail)?;
    }
    Ok(())
}

/// Puts units to the themes they fit and returns those that fit none.
fn grow<'a>(
    store: ThemeStore<'_>,
    rows: &'a [UnitRow],
    register: &mut Register,
    counts: &mut ThemeCounts,
) -> Result<Vec<&'a UnitRow>, Error> {
    let rows: Vec<&UnitRow> = rows.iter().collect();
    let mut gains: BTreeMap<ThemeId, u64> = BTreeMap::new();
    let mut rest = Vec::new();
    for (row, fit) in rows.iter().zip(register.fits(&rows)) {
        let Some(fit) = fit else {
            rest.push(*row);
            continue;
        };
        register.join(&fit, &row.vector);
        store.place((row.row, row.unit), &fit)?;
        counts.assigned += 1;
        for theme in register.with_parent(fit.theme) {
            *gains.entry(theme).or_default() += 1;
        }
    }
    for (id, units) in gains {
        store.record(id, "grown", &json!({ "units": units, "size": register.size(id) }))?;
        if register.top(id) == id {
            counts.grown.push((id, units));
        }
    }
    Ok(rest)
}

/// Forms new themes of units that fit none, where enough of them are alike.
fn bear(
    writer: &RunWriter,
    rows: &[&UnitRow],
    register: &mut Register,
    config: &ThemeConfig,
    counts: &mut ThemeCounts,
) -> Result<(), Error> {
    let units: Vec<Unit> = rows.iter().map(|row| unit(row)).collect();
    let mut clusters = discover(&units, &config.options).clusters;
    clusters.retain(|cluster| cluster.cohesion >= config.min_cohesion);
    let find = Find::new(clusters, (rows, &units), &config.options);
    let (names, part_names) = (name(&find.themes, &units), name(&find.parts, &units));
    let first = register.next_theme().0;
    let ids: Vec<ThemeId> = (first..).take(find.themes.len()).map(ThemeId).collect();
    let first_part = first + ids.len() as u32;
    let part_ids: Vec<ThemeId> = (first_part..).take(find.parts.len()).map(ThemeId).collect();
    for (cluster, (name, &id)) in find.themes.iter().zip(names.into_iter().zip(&ids)) {
        let theme = formation::form(id, (cluster, name), rows, writer.generation());
        counts.assigned += theme.size;
        counts.born.push(id);
        writer.theme_store().record(id, "born", &formation::as_born(&theme))?;
        register.put(theme);
    }
    for ((cluster, name), (&id, &of)) in
        find.parts.iter().zip(part_names).zip(part_ids.iter().zip(&find.part_of))
    {
        let mut part = formation::form(id, (cluster, name), rows, writer.generation());
        part.parent = Some(ids[of]);
        writer.theme_store().record(id, "born", &formation::as_born(&part))?;
        register.put(part);
    }
    formation::settle(writer.theme_store(), &find, (&ids, &part_ids), rows, register)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_discovered_first_and_again_when_half_as_much_has_come() {
        let last = |units, units_since| Some(Discovery { generation: 1, units, units_since });
        assert!(is_due(None, 0, 0.5) && is_due(None, 10, 0.0));
        assert!(!is_due(last(100, 30), 19, 0.5));
        assert!(is_due(last(100, 30), 20, 0.5));
        assert!(!is_due(last(100, 5000), 20, 0.0), "only when told to");
        assert!(!is_due(last(0, 0), 0, 0.5) && is_due(last(0, 0), 1, 0.5));
    }
}
