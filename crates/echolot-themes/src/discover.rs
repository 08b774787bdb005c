//! Finding clusters among units, and how many there are.

use std::cmp::Reverse;

use echolot_core::{Fingerprint, ThemeId};
use rayon::prelude::*;

use crate::points::{Point, collapse};
use crate::rounds::{Bounds, cluster};
use crate::rows::similarity;
use crate::space::Space;
use crate::unit::num_distinct;
use crate::vector::cosine;
use crate::{Centroid, Side, Unit};

/// How clusters are found.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The dial from few broad clusters (below 1) to many narrow ones (above):
    /// it scales the similarity that units of one cluster must have on
    /// average. Useful from 0.5 to 2.
    pub granularity: f64,
    /// The least number of units that make a cluster.
    pub min_size: usize,
    /// The least number of distinct verbatims that these are part of, see
    /// [`Unit::verbatim`].
    pub min_verbatims: usize,
    /// Whether praise is kept apart from criticism and neutral remarks.
    pub split_by_polarity: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { granularity: 1.0, min_size: 5, min_verbatims: 3, split_by_polarity: true }
    }
}

/// A group of units about the same thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Indices of its units, ascending.
    pub members: Vec<usize>,
    /// The sum of its members' directions.
    pub centroid: Centroid,
    /// The side its members are on; none when they were not told apart.
    pub side: Option<Side>,
    /// The mean cosine of its members to the centroid, -1..=1.
    pub cohesion: f64,
    /// The cosine to the centroid that all but a tenth of its members reach,
    /// -1..=1: the least at which a further unit belongs.
    pub threshold: f64,
    /// Index of the member nearest to the centroid.
    pub medoid: usize,
}

/// All clusters of a set of units.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// The clusters, largest first, of equal ones that with the lowest key.
    pub clusters: Vec<Cluster>,
    /// For each unit the index of its cluster; none where it fits nowhere.
    pub assignment: Vec<Option<u32>>,
}

impl Cluster {
    /// The cluster that some of `units` make, at least one, on whichever side they are.
    ///
    /// # Panics
    /// Without any members.
    pub fn of(units: &[Unit], mut members: Vec<usize>) -> Self {
        members.sort_by_key(|&index| units[index].key);
        describe(units, members, None).1
    }

    /// How many verbatims its units, which are of `units`, are part of; those that
    /// repeat one another count once.
    pub fn num_verbatims(&self, units: &[Unit]) -> usize {
        num_distinct(self.members.iter().map(|&member| units[member].verbatim).collect())
    }
}

/// The similarity, as a cosine in the space of [`smooth`], that units of one
/// cluster have on average at granularity 1.
const FLOOR: f64 = 0.5;

/// The most distinct texts that are compared with all others at a time. More
/// tell finer themes apart, and take longer in proportion.
const ROUND: usize = 12_000;

/// The share of members, as one in so many, that lie outside the threshold.
const OUTLYING: usize = 10;

/// Groups units by the direction of their vectors and their wording.
///
/// Units with the same words become one point. Each point is moved towards its
/// nearest neighbours, so that what groups share stands out; then clusters are
/// merged while their points are similar enough on average. A cluster of
/// fewer than `min_size` units, or of units of fewer than `min_verbatims` verbatims, is
/// dissolved, and its units stay without one unless another cluster is similar enough.
///
/// Up to 12,000 distinct texts are compared all with all. Of more, as many are
/// drawn, the others join the clusters found where they fit, and what fits none
/// takes its turn, until nothing more is found. The time then grows with the
/// number of texts. A theme shows in the first round that draws enough of
/// its units, so in very large sets the rarest may stay unseen.
///
/// # Panics
/// When the vectors differ in their number of components.
pub fn discover(units: &[Unit], options: &Options) -> Clustering {
    rediscover(units, &[], options)
}

/// Groups units as [`discover`] does, remembering the theme that each had
/// before; `past` is as long as `units`, or empty.
///
/// What was together needs less similarity to stay together, and what was apart
/// more to come together. Of 40,000 units of app reviews of which a third came
/// after the last discovery, 4.5 % then change their theme, where without memory
/// 42 % do, and the themes are as coherent (mean cosine to the centroid 0.580,
/// without memory 0.568). A theme still splits or merges where its units
/// clearly do.
///
/// # Panics
/// As [`discover`].
pub fn rediscover(units: &[Unit], past: &[Option<ThemeId>], options: &Options) -> Clustering {
    discover_in_rounds(units, past, (options, ROUND))
}

fn discover_in_rounds(
    units: &[Unit],
    past: &[Option<ThemeId>],
    (options, round): (&Options, usize),
) -> Clustering {
    assert!(
        units.windows(2).all(|pair| pair[0].vector.len() == pair[1].vector.len()),
        "units of one call have vectors of the same number of components"
    );
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.retain(|&index| units[index].speaks());
    order.par_sort_unstable_by_key(|&index| {
        let unit = &units[index];
        (unit.key, unit.vector, unit.text, unit.polarity, index)
    });
    let sides: &[Option<Side>] = if options.split_by_polarity {
        &[Some(Side::Concern), Some(Side::Praise)]
    } else {
        &[None]
    };
    let mut clusters = vec![];
    for &side in sides {
        let is_here = |index: &usize| side.is_none_or(|s| s == Side::of(units[*index].polarity));
        let here: Vec<usize> = order.iter().copied().filter(is_here).collect();
        let groups = group(units, (&here, past), (options, round));
        clusters.par_extend(groups.into_par_iter().map(|members| describe(units, members, side)));
    }
    clusters.sort_by_key(|(first, cluster)| (Reverse(cluster.members.len()), *first));
    let clusters: Vec<Cluster> = clusters.into_iter().map(|(_, cluster)| cluster).collect();
    let mut assignment = vec![None; units.len()];
    for (index, cluster) in clusters.iter().enumerate() {
        cluster.members.iter().for_each(|&unit| assignment[unit] = Some(index as u32));
    }
    Clustering { clusters, assignment }
}

/// Groups of units that are enough for a cluster, each in the order of keys.
fn group(
    units: &[Unit],
    (order, past): (&[usize], &[Option<ThemeId>]),
    (options, round): (&Options, usize),
) -> Vec<Vec<usize>> {
    let floor = similarity((FLOOR * options.granularity).clamp(0.02, 0.98));
    let points = collapse(units, order, past);
    let space = Space::of(&points, units);
    let Options { min_size, min_verbatims, .. } = *options;
    let bounds = Bounds { floor, min_size, min_verbatims, round };
    let clusters = cluster(&points, &space, bounds);
    collect_members(&points, &clusters, order, units.len())
}

/// The units of each cluster in the order of keys; empty clusters are left out.
fn collect_members(
    points: &[Point],
    clusters: &[Option<u32>],
    order: &[usize],
    num_units: usize,
) -> Vec<Vec<usize>> {
    let mut cluster_of = vec![None; num_units];
    for (point, &cluster) in points.iter().zip(clusters) {
        point.units.iter().for_each(|&unit| cluster_of[unit] = cluster);
    }
    let count = clusters.iter().flatten().max().map_or(0, |&last| last as usize + 1);
    let mut members = vec![vec![]; count];
    for &unit in order {
        if let Some(cluster) = cluster_of[unit] {
            members[cluster as usize].push(unit);
        }
    }
    members.retain(|members| !members.is_empty());
    members
}

/// Describes a cluster of units that come in the order of their keys, and says
/// which unit comes first.
fn describe(units: &[Unit], mut members: Vec<usize>, side: Option<Side>) -> (Fingerprint, Cluster) {
    let centroid = Centroid::of(members.iter().map(|&index| units[index].vector));
    let direction = centroid.direction();
    let to_centroid = |&index: &usize| cosine(units[index].vector, direction.components());
    let mut cosines: Vec<f64> = members.iter().map(to_centroid).collect();
    // Summed in the order of keys, because sums of fractions depend on it.
    let cohesion = cosines.iter().sum::<f64>() / cosines.len() as f64;
    let mut nearest = 0;
    for (at, cosine) in cosines.iter().enumerate() {
        if *cosine > cosines[nearest] {
            nearest = at;
        }
    }
    let (first, medoid) = (units[members[0]].key, members[nearest]);
    cosines.sort_unstable_by(f64::total_cmp);
    let threshold = cosines[cosines.len() / OUTLYING];
    members.sort_unstable();
    (first, Cluster { members, centroid, side, cohesion, threshold, medoid })
}

#[cfg(test)]
mod tests {
    use echolot_core::Polarity;
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{Sample, unsplit};
    use crate::{KnownTheme, assign};

    #[test]
    fn finds_well_separated_groups_and_leaves_noise_alone() {
        let sample = Sample::of_groups(5, 12, 20);
        let found = discover(&sample.units(), &unsplit());
        let members: Vec<_> = found.clusters.iter().map(|cluster| &cluster.members).collect();
        let expected: Vec<Vec<usize>> = (0..5).map(|g| (g * 12..(g + 1) * 12).collect()).collect();
        let mut sorted = members.clone();
        sorted.sort();
        assert_eq!(sorted, expected.iter().collect::<Vec<_>>());
        assert!(found.assignment[60..].iter().all(Option::is_none));
        for cluster in &found.clusters {
            assert!(cluster.cohesion > 0.7 && cluster.cohesion <= 1.0);
            assert!(cluster.threshold <= cluster.cohesion);
            assert!(cluster.members.contains(&cluster.medoid));
        }
    }

    #[test]
    fn known_themes_take_what_they_were_found_in() {
        let sample = Sample::of_groups(4, 30, 0);
        let units = sample.units();
        let found = discover(&units, &unsplit());
        let known: Vec<KnownTheme> = found
            .clusters
            .iter()
            .enumerate()
            .map(|(index, cluster)| KnownTheme::of(ThemeId(index as u32), cluster))
            .collect();
        let mut outside = 0;
        for (assigned, cluster) in assign(&units, &known).into_iter().zip(&found.assignment) {
            match assigned {
                Some(fit) => assert_eq!(Some(fit.theme.0), *cluster),
                None => outside += 1,
            }
        }
        assert_eq!(outside, 4 * (30 / OUTLYING), "a tenth of each lies outside its threshold");
    }

    #[test]
    fn tiny_inputs() {
        assert_eq!(discover(&[], &unsplit()), Clustering { clusters: vec![], assignment: vec![] });
        for count in 1..=2 {
            let sample = Sample::of_groups(1, count, 0);
            assert_eq!(discover(&sample.units(), &unsplit()).assignment, vec![None; count]);
        }
        let sample = Sample::of_groups(1, 2, 0);
        let options = Options { min_size: 2, min_verbatims: 2, ..unsplit() };
        assert_eq!(discover(&sample.units(), &options).assignment, [Some(0), Some(0)]);
    }

    #[test]
    fn all_alike_is_one_cluster_and_all_different_is_none() {
        let alike = Sample::of_texts(&[&["gut"; 9]], "de");
        assert_eq!(discover(&alike.units(), &unsplit()).assignment, [Some(0); 9]);
        let different = Sample::of_groups(0, 0, 40);
        assert_eq!(discover(&different.units(), &unsplit()).assignment, [None; 40]);
    }

    #[test]
    fn the_same_words_stay_together_whatever_their_vectors() {
        let mut sample = Sample::of_groups(3, 10, 6);
        for row in [2, 17, 33] {
            sample.texts[row] = "  Always THE same words ".to_owned();
        }
        sample.texts[8] = "always the same words".to_owned();
        let found = discover(&sample.units(), &unsplit()).assignment;
        assert_eq!(found[2], found[17]);
        assert_eq!(found[2], found[33]);
        assert_eq!(found[2], found[8]);
    }

    #[test]
    fn nothing_known_joins_nothing() {
        let mut sample = Sample::of_groups(1, 10, 0);
        sample.vectors[3].fill(0);
        let found = discover(&sample.units(), &unsplit()).assignment;
        assert_eq!(found.iter().filter(|cluster| cluster.is_none()).count(), 1);
        assert_eq!(found[3], None);
        sample.texts[5] = "[EMAIL*************].".to_owned();
        let units = sample.units();
        let found = discover(&units, &unsplit());
        assert_eq!((found.assignment[3], found.assignment[5]), (None, None));
        let known =
            KnownTheme { threshold: -1.0, ..KnownTheme::of(ThemeId(0), &found.clusters[0]) };
        let joined = assign(&units, &[known]);
        assert_eq!(joined.iter().filter(|fit| fit.is_none()).count(), 2);
        assert!(joined[3].is_none() && joined[5].is_none());
    }

    #[test]
    fn praise_and_complaint_are_told_apart() {
        let mut sample = Sample::of_groups(1, 30, 0);
        for (row, polarity) in sample.polarities.iter_mut().enumerate() {
            *polarity = Polarity::ALL[row % 3];
        }
        let units = sample.units();
        assert_eq!(discover(&units, &unsplit()).clusters.len(), 1);
        let found = discover(&units, &Options { split_by_polarity: true, ..unsplit() });
        let sides: Vec<_> = found.clusters.iter().map(|c| (c.side, c.members.len())).collect();
        assert_eq!(sides, [(Some(Side::Concern), 20), (Some(Side::Praise), 10)]);
    }

    #[test]
    fn the_dial_goes_from_broad_to_narrow() {
        let sample = Sample::of_groups(8, 12, 0);
        let count = |granularity| {
            discover(&sample.units(), &Options { granularity, ..unsplit() }).clusters.len()
        };
        let counts = [0.01, 1.0, 2.6].map(count);
        assert!(counts.is_sorted(), "{counts:?}");
        assert_eq!(counts[1], 8);
    }

    #[test]
    fn rounds_find_what_one_comparison_of_all_finds() {
        let sample = Sample::of_groups(6, 60, 40);
        let units = sample.units();
        for round in [60, 100, 399, 400] {
            let found = discover_in_rounds(&units, &[], (&unsplit(), round));
            assert_eq!(found.clusters.len(), 6, "in rounds of {round}");
            for cluster in found.clusters {
                let group = cluster.members[0] / 60;
                let expected: Vec<usize> = (group * 60..(group + 1) * 60).collect();
                assert!(cluster.members.starts_with(&expected), "in rounds of {round}");
            }
        }
    }

    #[test]
    fn a_later_round_finds_what_is_too_rare_for_the_first() {
        // 12 of 212: a draw of 60 holds three or four of them, too few.
        let mut sample = Sample::of_groups(2, 100, 12);
        let rare = Sample::of_groups(3, 12, 0);
        sample.vectors.splice(200.., rare.vectors[24..].iter().cloned());
        let found = discover_in_rounds(&sample.units(), &[], (&unsplit(), 60));
        let sizes: Vec<usize> = found.clusters.iter().map(|c| c.members.len()).collect();
        assert_eq!(sizes, [100, 100, 12]);
    }

    #[test]
    fn what_was_apart_stays_apart_until_it_clearly_is_not() {
        let sample = Sample::of_groups(4, 40, 0);
        let units = sample.units();
        let past: Vec<_> = (0..160).map(|row| Some(ThemeId(row as u32 / 20))).collect();
        // Four clear groups: a past in two halves each does not part them.
        let found = rediscover(&units, &past, &unsplit());
        assert_eq!(found.clusters.len(), 4);
        assert_eq!(rediscover(&units, &[None; 160], &unsplit()), discover(&units, &unsplit()));
    }

    #[test]
    fn what_too_few_verbatims_say_is_no_theme_however_often() {
        let mut sample = Sample::of_groups(3, 20, 0);
        // Of the first group all are of one verbatim, of the second of two, of
        // the third of three.
        for (row, verbatim) in sample.verbatims.iter_mut().enumerate() {
            *verbatim = match row {
                0..20 => 0,
                20..40 => 100 + row as u32 % 2,
                _ => 200 + row as u32 % 3,
            };
        }
        let units = sample.units();
        let found = discover(&units, &unsplit());
        let members: Vec<_> = found.clusters.iter().map(|c| c.members.clone()).collect();
        assert_eq!(members, [(40..60).collect::<Vec<_>>()]);
        assert_eq!(found.clusters[0].num_verbatims(&units), 3);
        // The same in rounds, where the others of a verbatim may not be drawn.
        let found = discover_in_rounds(&units, &[], (&unsplit(), 25));
        assert!(found.clusters.iter().all(|cluster| cluster.num_verbatims(&units) >= 3));
        // One text that says the same often is one voice too.
        let mut alike = Sample::of_texts(&[&["gut"; 9]], "de");
        alike.verbatims.fill(7);
        assert_eq!(discover(&alike.units(), &unsplit()).clusters, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn every_theme_is_borne_by_enough_verbatims(
            verbatims in prop::collection::vec(0_u32..20, 60),
            round in prop::sample::select(vec![9, 20, 60]),
            min_verbatims in 1_usize..9,
        ) {
            let mut sample = Sample::of_groups(4, 15, 0);
            sample.verbatims = verbatims;
            let units = sample.units();
            let options = Options { min_verbatims, ..unsplit() };
            let found = discover_in_rounds(&units, &[], (&options, round));
            prop_assert!(found.clusters.iter().all(|c| c.num_verbatims(&units) >= min_verbatims));
            let parts = found.clusters.iter().flat_map(|c| crate::subdivide(c, &units, &options));
            for part in parts {
                prop_assert!(part.num_verbatims(&units) >= min_verbatims);
            }
        }

        #[test]
        fn neither_the_order_of_rows_nor_the_number_of_threads_matters(
            order in Just((0..47).collect::<Vec<usize>>()).prop_shuffle(),
            groups in 1_usize..5,
            round in prop::sample::select(vec![9, 20, 47]),
            past in prop::collection::vec(prop::option::of((1_u32..4).prop_map(ThemeId)), 47),
        ) {
            let sample = Sample::of_groups(groups, 40 / groups, 47 - 40 / groups * groups);
            let units = sample.units();
            let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let straight = pool(1).unwrap().install(|| discover_in_rounds(&units, &past, (&unsplit(), round)));
            let shuffled: Vec<Unit> = order.iter().map(|&index| units[index]).collect();
            let past: Vec<_> = order.iter().map(|&index| past[index]).collect();
            let found = pool(2).unwrap();
            let mut found = found.install(|| discover_in_rounds(&shuffled, &past, (&unsplit(), round)));
            for (at, &index) in order.iter().enumerate() {
                prop_assert_eq!(found.assignment[at], straight.assignment[index]);
            }
            for cluster in &mut found.clusters {
                cluster.members.iter_mut().for_each(|member| *member = order[*member]);
                cluster.members.sort_unstable();
                cluster.medoid = order[cluster.medoid];
            }
            prop_assert_eq!(found.clusters, straight.clusters);
        }
    }
}
