//! Puts the opinions of a run to themes: known ones first, then new ones, or all anew.

mod certificate;
mod find;
mod formation;
mod rediscovery;
mod register;
mod wording;

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::ThemeId;
use echolot_index::{CountedUnit, Discovery, RunWriter, ThemeStore, UnitRow};
use echolot_themes::{Cluster, Options, Unit, discover, name};
use serde_json::{Value, json};

pub(crate) use certificate::SAMPLE;
pub use certificate::ThemeCertificate;
pub(crate) use find::Find;
pub(crate) use formation::form;
pub(crate) use rediscovery::rediscover_all;
pub(crate) use register::Register;
pub(crate) use wording::fit_together;

use crate::Error;
use crate::progress::{Progress, Step};

/// How themes are found and kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeConfig {
    /// How clusters are found.
    pub options: Options,
    /// How many of the opinion units that fit no theme so far, the newest, a
    /// run with new ones looks at again when it looks for new themes.
    pub retry: usize,
    /// The least mean cosine of its units to their centre with which what fits
    /// no theme becomes one, 0..=1.
    pub min_cohesion: f64,
    /// A run discovers all themes anew when this share of the units of the
    /// last discovery has come since; 0 means only when told to.
    pub rediscover_growth: f64,
}

/// What became of the opinion units of a run.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// Units looked at that fit nowhere so far, those that waited before included.
    pub unassigned: u64,
    /// How far the themes can be relied upon, where all were discovered anew.
    pub certificate: Option<ThemeCertificate>,
}

impl ThemeCounts {
    /// The counts as part of a report.
    pub(crate) fn to_json(&self) -> Value {
        let grown = self.grown.iter().map(|(id, units)| json!({ "theme": id.0, "units": units }));
        let ended = self
            .ended
            .iter()
            .map(|(id, successor)| json!({ "theme": id.0, "successor": successor.map(|id| id.0) }));
        let mut counts = json!({
            "rediscovered": self.is_rediscovered,
            "born": self.born.iter().map(|id| id.0).collect::<Vec<_>>(),
            "grown": grown.collect::<Vec<_>>(),
            "ended": ended.collect::<Vec<_>>(),
            "assigned": self.assigned,
            "unassigned": self.unassigned,
        });
        if let Some(certificate) = &self.certificate {
            counts["certificate"] = certificate.to_json();
        }
        counts
    }
}

/// Takes `lost` units out of their themes, puts the units of this run to known themes,
/// forms new themes of what is left of them and the newest of those that wait, and
/// writes all of it with its ledger entries. Without new units nothing is put anywhere:
/// what waits was looked at before. The cost grows with the units looked at and the
/// number of themes, not with the units there are, unless so many have come that all
/// themes are discovered anew.
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
    let num_new = new.len() as u64;
    let discovery = match store.last_discovery()? {
        Some(before) if !is_due(&before, num_new, config.rediscover_growth) => before,
        _ => return rediscover_all(writer, register, &config.options, progress),
    };
    progress.begin(Step::Theme, Some(num_new));
    let mut counts = ThemeCounts::default();
    if num_new > 0 {
        let num_left = grow(store, &new, &mut register, &mut counts)?;
        progress.advance(num_new - num_left as u64);
        let waiting = store.waiting_units(config.retry)?;
        let is_late = |row: &&UnitRow| row.generation > discovery.generation;
        let late = waiting.iter().filter(is_late).map(|row| row.canonical);
        // Too few for any theme are not looked at.
        if late.collect::<BTreeSet<_>>().len() >= config.options.min_verbatims {
            bear(writer, (&waiting, discovery.generation), &mut register, config, &mut counts)?;
        }
        progress.advance(num_left as u64);
        counts.unassigned = num_new + waiting.len() as u64 - num_left as u64 - counts.assigned;
    }
    register.write(store)?;
    let units_since = discovery.units_since + num_new;
    store.put_discovery(&Discovery { units_since, ..discovery })?;
    Ok(counts)
}

/// Whether all themes are to be discovered anew. By default that is so when
/// half as many units have come as there were: the cost of all discoveries
/// together then grows with the units, as each lasts for half as many again,
/// and themes that were found in few units are not kept for many.
fn is_due(last: &Discovery, new: u64, growth: f64) -> bool {
    new > 0 && growth > 0.0 && (last.units_since + new) as f64 >= growth * last.units.max(1) as f64
}

pub(crate) fn unit(row: &UnitRow) -> Unit<'_> {
    Unit {
        vector: &row.vector,
        text: &row.text,
        language: row.language,
        polarity: row.polarity,
        verbatim: row.canonical.0,
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

/// Puts units to the themes they fit and returns how many fit none.
fn grow(
    store: ThemeStore<'_>,
    rows: &[UnitRow],
    register: &mut Register,
    counts: &mut ThemeCounts,
) -> Result<usize, Error> {
    let rows: Vec<&UnitRow> = rows.iter().collect();
    let mut gains: BTreeMap<ThemeId, u64> = BTreeMap::new();
    let mut num_left = 0;
    for (row, place) in rows.iter().zip(fit_together(store, register, &rows)?) {
        let Some(place) = place else {
            num_left += 1;
            continue;
        };
        register.join(&place, &row.vector);
        store.place((row.row, row.unit), &place)?;
        counts.assigned += 1;
        for theme in register.with_parent(place.theme) {
            *gains.entry(theme).or_default() += 1;
        }
    }
    for (id, units) in gains {
        store.record(id, "grown", &json!({ "units": units, "size": register.size(id) }))?;
        if register.top(id) == id {
            counts.grown.push((id, units));
        }
    }
    Ok(num_left)
}

/// Forms new themes of units that fit none, where enough of them are alike. What the
/// last discovery has seen it has judged: a theme has to be borne by enough verbatims
/// that came after it, and may then have older ones as well.
fn bear(
    writer: &RunWriter,
    (rows, discovered): (&[UnitRow], u64),
    register: &mut Register,
    config: &ThemeConfig,
    counts: &mut ThemeCounts,
) -> Result<(), Error> {
    let rows: Vec<&UnitRow> = rows.iter().collect();
    let rows = &rows[..];
    let units: Vec<Unit> = rows.iter().map(|row| unit(row)).collect();
    let is_new = |cluster: &Cluster| {
        let members = cluster.members.iter().map(|&member| rows[member]);
        let late: Vec<_> =
            members.filter(|row| row.generation > discovered).map(|row| row.canonical).collect();
        let verbatims: BTreeSet<_> = late.iter().collect();
        let Options { min_size, min_verbatims, .. } = config.options;
        late.len() >= min_size && verbatims.len() >= min_verbatims
    };
    let mut clusters = discover(&units, &config.options).clusters;
    clusters.retain(|cluster| cluster.cohesion >= config.min_cohesion && is_new(cluster));
    let find = Find::new(clusters, &units, &config.options);
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
    fn all_is_discovered_again_when_half_as_much_has_come() {
        let is_due = |(units, units_since), new, growth| {
            let (inputs, certificate) = (None, None);
            let last = Discovery { generation: 1, units, units_since, inputs, certificate };
            super::is_due(&last, new, growth)
        };
        assert!(!is_due((100, 30), 19, 0.5));
        assert!(is_due((100, 30), 20, 0.5));
        assert!(!is_due((100, 5000), 20, 0.0), "only when told to");
        assert!(!is_due((0, 0), 0, 0.5) && is_due((0, 0), 1, 0.5));
        assert!(!is_due((100, 60), 0, 0.5), "not without anything new");
    }
}
