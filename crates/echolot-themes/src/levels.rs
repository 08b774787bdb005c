//! The second level: sub-themes of a theme.

use crate::{Cluster, Options, Unit, discover};

/// How much higher than for themes the floor of similarity is for sub-themes.
const NARROWER: f64 = 1.3;

/// The least share of a theme's units, as one in so many, that make a sub-theme.
const LEAST_PART: usize = 20;

/// The sub-themes of a cluster of `units`, largest first, their members being
/// indices into `units`; none where it has no two.
///
/// They are found as [`discover`] finds clusters, among the members alone and
/// at a higher floor. Seen from the centre of the members, what they all share
/// is gone, and what parts them stands out. A sub-theme has enough
/// units and verbatims for a theme, and a twentieth of the units of the theme; members that are in none belong to the theme itself.
pub fn subdivide(cluster: &Cluster, units: &[Unit], options: &Options) -> Vec<Cluster> {
    let members: Vec<Unit> = cluster.members.iter().map(|&index| units[index]).collect();
    let options = Options {
        granularity: options.granularity * NARROWER,
        min_size: options.min_size.max(cluster.members.len() / LEAST_PART),
        min_verbatims: options.min_verbatims,
        // The members are on one side already, or were not to be told apart.
        split_by_polarity: false,
    };
    let mut found = discover(&members, &options).clusters;
    if found.len() < 2 {
        return vec![];
    }
    for part in &mut found {
        part.members.iter_mut().for_each(|member| *member = cluster.members[*member]);
        part.medoid = cluster.members[part.medoid];
        part.side = cluster.side;
    }
    found
}

/// What is left of a cluster of `units` without its sub-themes; none where
/// they are all of it.
pub fn remainder(cluster: &Cluster, parts: &[Cluster], units: &[Unit]) -> Option<Cluster> {
    let mut taken: Vec<usize> = parts.iter().flat_map(|part| part.members.clone()).collect();
    taken.sort_unstable();
    let is_left = |index: &usize| taken.binary_search(index).is_err();
    let left: Vec<usize> = cluster.members.iter().copied().filter(is_left).collect();
    let described = |left| Cluster { side: cluster.side, ..Cluster::of(units, left) };
    (!left.is_empty()).then(|| described(left))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{Sample, unsplit};
    use crate::{Centroid, Side};

    fn whole(units: &[Unit], members: Vec<usize>) -> Cluster {
        Cluster {
            centroid: Centroid::of(members.iter().map(|&index| units[index].vector)),
            side: Some(Side::Concern),
            cohesion: 0.5,
            threshold: 0.3,
            medoid: members[0],
            members,
        }
    }

    #[test]
    fn a_theme_of_two_groups_has_two_sub_themes_and_one_of_one_has_none() {
        let sample = Sample::of_groups(3, 20, 5);
        let units = sample.units();
        let found = subdivide(&whole(&units, (20..65).collect()), &units, &unsplit());
        let mut members: Vec<_> = found.iter().map(|part| part.members.clone()).collect();
        members.sort();
        assert_eq!(members, [(20..40).collect::<Vec<_>>(), (40..60).collect()]);
        assert!(found.iter().all(|part| part.side == Some(Side::Concern)));
        assert!(found.iter().all(|part| part.members.contains(&part.medoid)));
        let left = remainder(&whole(&units, (20..65).collect()), &found, &units).unwrap();
        assert_eq!((left.members, left.side), ((60..65).collect(), Some(Side::Concern)));
        assert_eq!(remainder(&whole(&units, (20..60).collect()), &found, &units), None);
        assert_eq!(subdivide(&whole(&units, (0..20).collect()), &units, &unsplit()), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn sub_themes_are_disjoint_parts_of_a_least_size(
            groups in 1_usize..5, size in 1_usize..20, min_size in 1_usize..12,
        ) {
            let sample = Sample::of_groups(groups, size, 10);
            let units = sample.units();
            let theme = whole(&units, (0..units.len()).step_by(2).collect());
            let found = subdivide(&theme, &units, &Options { min_size, ..unsplit() });
            let mut members: Vec<usize> = found.iter().flat_map(|p| p.members.clone()).collect();
            let count = members.len();
            members.sort_unstable();
            members.dedup();
            prop_assert_eq!(members.len(), count);
            prop_assert!(members.iter().all(|index| theme.members.contains(index)));
            prop_assert!(found.len() != 1);
            prop_assert!(found.iter().all(|part| part.members.len() >= min_size));
        }
    }
}
