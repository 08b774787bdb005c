//! Which theme of a new discovery carries on which theme of the last one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use echolot_core::ThemeId;

use crate::overlap::{overlaps, pair_up, sums};

/// A theme before a re-discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldTheme {
    /// Its id.
    pub id: ThemeId,
    /// How many units it had, those included that have left the data since.
    pub size: u64,
    /// Whether a person has said that it stays.
    pub pinned: bool,
}

/// What became of themes in a re-discovery.
#[derive(Debug, Clone, PartialEq)]
pub struct Succession {
    /// The id of each new cluster: an old one where it carries a theme on.
    pub ids: Vec<ThemeId>,
    /// One event for every theme before and for every theme that is new, in
    /// the order of their ids.
    pub events: Vec<Event>,
}

/// What became of one theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// The theme.
    pub theme: ThemeId,
    /// What became of it.
    pub fate: Fate,
    /// The overlap that decided it: of a theme that lasts with its cluster, of
    /// one that merged or retired with the cluster that has most of it, of one
    /// that is new with the old theme that most of it comes from. None where
    /// nothing is shared.
    pub overlap: Option<Overlap>,
}

/// What can become of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on with as many units as before.
    Kept,
    /// It goes on with more.
    Grown,
    /// It goes on with fewer.
    Shrunk,
    /// No cluster carries it on, but a person has pinned it: it stands as it
    /// was.
    Held,
    /// Most of it is part of another theme now, to which its id leads.
    Merged {
        /// That theme.
        into: ThemeId,
    },
    /// It is gone: its units have left or are scattered.
    Retired,
    /// It is new, and most of it was part of another theme before.
    Split {
        /// That theme.
        from: ThemeId,
    },
    /// It is new.
    Born,
}

/// What an old theme and a new cluster have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// How many units are in both.
    pub units: u64,
    /// Their share, 0..=1, of the old theme's units that are still in the data.
    pub of_old: f64,
    /// Their share, 0..=1, of the cluster's units that had a theme before.
    pub of_new: f64,
}

/// The least likeness of an old theme and the cluster that carries it on: units
/// in both among units in either, as Greene, Doyle and Cunningham (2010,
/// "Tracking the evolution of communities in dynamic social networks").
const LEAST_LIKENESS: f64 = 0.3;

/// Decides which cluster carries on which theme. `units` has, for every unit
/// that is in the data now, the theme it had and the cluster it has, these
/// numbered without gaps; `old` has all themes there were. Clusters that carry on no theme take their ids from
/// `next` upwards.
///
/// # The rule
///
/// Only units count that stay and had a theme, the core of what there was: new
/// units, and old ones that had no theme, can make a theme large but not
/// another one. A cluster may carry on a theme when the units in both are at
/// least three tenths of the units in either. Of all such pairs, that with the
/// most units goes first, and neither its theme nor its cluster can be paired
/// again. So each id goes on at most once, no cluster has two, and when nothing
/// moves but a few units, every theme meets its own cluster first: two clusters
/// cannot both hold more than half of a theme. The units that lose their id are
/// then those that moved. Pinned themes are paired before all others, and one
/// that no cluster carries on stands as it was; so a pinned theme never loses
/// its id. A theme that is not carried on has merged into the theme that holds
/// at least half of what is left of it, and is retired where there is none. A
/// cluster that carries on nothing is split from the theme where at least half
/// of all its units were, and is born where there is none. Survival, split,
/// absorption and disappearance by the overlap of members are those of MONIC
/// (Spiliopoulou, Ntoutsi, Theodoridis and Schult 2006, "MONIC: modeling and
/// monitoring cluster transitions"), with its usual half as threshold.
///
/// # Panics
/// When a unit had a theme that is not among `old`.
pub fn succeed(
    units: &[(Option<ThemeId>, Option<u32>)],
    old: &[OldTheme],
    next: ThemeId,
) -> Succession {
    let old: BTreeMap<ThemeId, OldTheme> = old.iter().map(|theme| (theme.id, *theme)).collect();
    let shared = overlaps(units.iter().copied());
    let staying = sizes(units.iter().filter_map(|unit| unit.0));
    let sizes_now = sizes(units.iter().filter_map(|unit| unit.1));
    let with_past = sums(&shared, |(_, cluster)| cluster);
    assert!(staying.keys().all(|id| old.contains_key(id)), "units had themes that there were");

    let may_carry_on = |&(&(id, cluster), &units): &(&(ThemeId, u32), &u64)| {
        let either = staying[&id] + with_past[&cluster] - units;
        units as f64 >= LEAST_LIKENESS * either as f64
    };
    let candidates = || shared.iter().filter(may_carry_on).map(|(&pair, &units)| (pair, units));
    let is_pinned = |id: ThemeId| old[&id].pinned;
    let mut cluster_of = pair_up(candidates().filter(|&((id, _), _)| is_pinned(id)));
    let taken: BTreeSet<u32> = cluster_of.values().copied().collect();
    let is_free = |id, cluster| !is_pinned(id) && !taken.contains(&cluster);
    cluster_of.extend(pair_up(candidates().filter(|&((id, cluster), _)| is_free(id, cluster))));

    let theme_of: BTreeMap<u32, ThemeId> = cluster_of.iter().map(|(&id, &at)| (at, id)).collect();
    let count = sizes_now.keys().next_back().map_or(0, |&last| last + 1);
    let mut fresh = next.0..;
    let ids: Vec<ThemeId> = (0..count)
        .filter_map(|cluster| theme_of.get(&cluster).copied().or_else(|| fresh.next().map(ThemeId)))
        .collect();

    let overlap = |id: ThemeId, cluster: u32| {
        let units = *shared.get(&(id, cluster))?;
        let of_old = units as f64 / staying[&id] as f64;
        Some(Overlap { units, of_old, of_new: units as f64 / with_past[&cluster] as f64 })
    };
    let most_shared = |is_ours: &dyn Fn(ThemeId, u32) -> bool| {
        let ours = shared.iter().filter(|((id, cluster), _)| is_ours(*id, *cluster));
        ours.max_by_key(|&(pair, units)| (*units, Reverse(pair))).map(|(&pair, _)| pair)
    };
    let of_old_theme = |theme: &OldTheme| {
        let size = cluster_of.get(&theme.id).map(|cluster| sizes_now[cluster]);
        let target = cluster_of.get(&theme.id).map(|&cluster| (theme.id, cluster));
        let target = target.or_else(|| most_shared(&|id, _| id == theme.id));
        let overlap = target.and_then(|(id, cluster)| overlap(id, cluster));
        let fate = match (size, target, overlap) {
            (Some(now), ..) if now > theme.size => Fate::Grown,
            (Some(now), ..) if now < theme.size => Fate::Shrunk,
            (Some(_), ..) => Fate::Kept,
            (None, ..) if theme.pinned => Fate::Held,
            (None, Some((_, cluster)), Some(overlap)) if overlap.of_old >= 0.5 => {
                Fate::Merged { into: ids[cluster as usize] }
            }
            _ => Fate::Retired,
        };
        Event { theme: theme.id, fate, overlap }
    };
    let of_new_cluster = |cluster: u32| {
        let source = most_shared(&|_, at| at == cluster).map(|(id, _)| id);
        let overlap = source.and_then(|id| overlap(id, cluster));
        let fate = match (source, overlap) {
            (Some(from), Some(overlap)) if 2 * overlap.units >= sizes_now[&cluster] => {
                Fate::Split { from }
            }
            _ => Fate::Born,
        };
        Event { theme: ids[cluster as usize], fate, overlap }
    };
    let is_new = |cluster: &u32| !theme_of.contains_key(cluster);
    let new = sizes_now.keys().copied().filter(is_new).map(of_new_cluster);
    let mut events: Vec<Event> = old.values().map(of_old_theme).chain(new).collect();
    events.sort_by_key(|event| event.theme);
    Succession { ids, events }
}

fn sizes<G: Ord>(groups: impl Iterator<Item = G>) -> BTreeMap<G, u64> {
    let mut sizes = BTreeMap::new();
    groups.for_each(|group| *sizes.entry(group).or_default() += 1);
    sizes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `(old theme, new cluster, how many units)`; theme 0 and cluster 99 stand
    /// for none.
    fn units(flows: &[(u32, u32, usize)]) -> Vec<(Option<ThemeId>, Option<u32>)> {
        let unit = |&(old, new, count): &(u32, u32, usize)| {
            let old = (old > 0).then_some(ThemeId(old));
            vec![(old, (new < 99).then_some(new)); count]
        };
        flows.iter().flat_map(unit).collect()
    }

    fn old(themes: &[(u32, u64)]) -> Vec<OldTheme> {
        let theme = |&(id, size): &(u32, u64)| OldTheme { id: ThemeId(id), size, pinned: false };
        themes.iter().map(theme).collect()
    }

    fn fates(succession: &Succession) -> Vec<(u32, Fate)> {
        succession.events.iter().map(|event| (event.theme.0, event.fate)).collect()
    }

    #[test]
    fn themes_go_on_grow_and_shrink() {
        let flows = [(1, 2, 10), (2, 0, 20), (0, 0, 5), (3, 1, 7), (3, 99, 1)];
        let found = succeed(&units(&flows), &old(&[(1, 10), (2, 20), (3, 9)]), ThemeId(4));
        assert_eq!(found.ids, [ThemeId(2), ThemeId(3), ThemeId(1)]);
        let expected = [(1, Fate::Kept), (2, Fate::Grown), (3, Fate::Shrunk)];
        assert_eq!(fates(&found), expected);
        let overlap = Overlap { units: 7, of_old: 7.0 / 8.0, of_new: 1.0 };
        assert_eq!(found.events[2].overlap, Some(overlap));
    }

    #[test]
    fn the_larger_part_keeps_the_id_and_the_other_is_split_from_it() {
        let found = succeed(&units(&[(5, 0, 60), (5, 1, 40)]), &old(&[(5, 100)]), ThemeId(9));
        assert_eq!(found.ids, [ThemeId(5), ThemeId(9)]);
        let split = Fate::Split { from: ThemeId(5) };
        assert_eq!(fates(&found), [(5, Fate::Shrunk), (9, split)]);
    }

    #[test]
    fn the_smaller_theme_merges_into_the_larger() {
        let found =
            succeed(&units(&[(5, 0, 60), (3, 0, 40)]), &old(&[(3, 40), (5, 60)]), ThemeId(9));
        assert_eq!(found.ids, [ThemeId(5)]);
        let merged = Fate::Merged { into: ThemeId(5) };
        assert_eq!(fates(&found), [(3, merged), (5, Fate::Grown)]);
    }

    #[test]
    fn a_pinned_theme_keeps_its_id_against_a_larger_one_and_without_a_cluster() {
        let mut themes = old(&[(3, 40), (5, 60), (6, 8)]);
        themes[0].pinned = true;
        themes[2].pinned = true;
        let flows = units(&[(5, 0, 60), (3, 0, 40), (6, 0, 8)]);
        let found = succeed(&flows, &themes, ThemeId(9));
        assert_eq!(found.ids, [ThemeId(3)]);
        let merged = Fate::Merged { into: ThemeId(3) };
        assert_eq!(fates(&found), [(3, Fate::Grown), (5, merged), (6, Fate::Held)]);
    }

    #[test]
    fn scattered_themes_retire_and_new_clusters_are_born() {
        let flows = [(1, 0, 4), (1, 1, 4), (1, 2, 4), (1, 3, 4), (0, 0, 90), (0, 4, 7)];
        let mut flows = flows.to_vec();
        flows.extend([(2, 0, 50), (3, 1, 50), (4, 2, 50), (5, 3, 50)]);
        let themes = old(&[(1, 16), (2, 50), (3, 50), (4, 50), (5, 50), (6, 3)]);
        let found = succeed(&units(&flows), &themes, ThemeId(7));
        let kept = [(2, Fate::Grown), (3, Fate::Grown), (4, Fate::Grown), (5, Fate::Grown)];
        let mut expected = vec![(1, Fate::Retired)];
        expected.extend(kept);
        expected.extend([(6, Fate::Retired), (7, Fate::Born)]);
        assert_eq!(fates(&found), expected);
        assert_eq!(found.events[5].overlap, None);
    }

    proptest! {
        #[test]
        fn ids_are_unique_and_every_theme_has_its_event(
            flows in prop::collection::vec((0_u32..6, prop_oneof![0_u32..5, Just(99)], 1_usize..9), 0..30),
            pinned in 0_u32..32,
        ) {
            let mut units = units(&flows);
            // Clusters are numbered without gaps.
            let used: BTreeSet<u32> = units.iter().filter_map(|unit| unit.1).collect();
            let number = |cluster: u32| used.range(..cluster).count() as u32;
            for (_, cluster) in &mut units {
                *cluster = cluster.map(number);
            }
            let mut themes = old(&(1..6).map(|id| (id, 10)).collect::<Vec<_>>());
            for theme in &mut themes {
                theme.pinned = pinned >> theme.id.0 & 1 == 1;
            }
            let found = succeed(&units, &themes, ThemeId(6));
            let mut reversed = units.clone();
            reversed.reverse();
            themes.reverse();
            prop_assert_eq!(&succeed(&reversed, &themes, ThemeId(6)), &found);
            let ids: BTreeSet<ThemeId> = found.ids.iter().copied().collect();
            prop_assert_eq!(ids.len(), found.ids.len());
            let mut with_event: Vec<ThemeId> = found.events.iter().map(|event| event.theme).collect();
            let born = with_event.iter().filter(|id| id.0 >= 6).count() as u32;
            prop_assert_eq!(&with_event.split_off(5), &(6..6 + born).map(ThemeId).collect::<Vec<_>>());
            for event in &found.events {
                let is_pinned = themes.iter().any(|theme| theme.id == event.theme && theme.pinned);
                let is_gone = matches!(event.fate, Fate::Retired | Fate::Merged { .. });
                prop_assert!(!(is_pinned && is_gone));
                if let Fate::Merged { into } = event.fate {
                    prop_assert!(ids.contains(&into));
                }
            }
        }

        /// When every theme keeps 95 of 100 of its units, these keep their id.
        #[test]
        fn few_moves_cost_no_more_ids_than_units_that_moved(
            moves in prop::collection::vec((0_usize..500, prop_oneof![0_u32..6, Just(99)]), 0..25),
        ) {
            let flows: Vec<_> = (1..6).map(|theme| (theme, 5 - theme, 100)).collect();
            let mut units = units(&flows);
            for &(at, to) in &moves {
                units[at].1 = (to < 99).then_some(to);
            }
            let themes = old(&(1..6).map(|id| (id, 100)).collect::<Vec<_>>());
            let found = succeed(&units, &themes, ThemeId(6));
            let keeps = |(old, new): &&(Option<ThemeId>, Option<u32>)| {
                *old == new.map(|new| found.ids[new as usize])
            };
            let kept = units.iter().filter(keeps).count();
            prop_assert!(kept + moves.len() >= 500, "{kept}");
        }
    }
}
