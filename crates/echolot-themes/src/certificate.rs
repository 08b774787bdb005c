//! How far a clustering can be relied upon.

use std::cmp::Reverse;

use echolot_core::Fingerprint;
use rayon::prelude::*;

use crate::overlap::{overlaps, pair_up};
use crate::rows::Rows;
use crate::vector::cosine_of;
use crate::{Clustering, Options, Unit, Vector, discover};

/// How much of a clustering stays when the data change a little, and how well
/// its clusters stand apart. All shares are 0..=1.
///
/// A unit keeps its theme when the cluster it is in then is the one paired
/// with its cluster now. Clusters are paired one to one, those that share the
/// most units first; the best pairing of all could keep more units, though
/// never more than twice as many, so a share given here is not too good.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// How many units were looked at.
    pub units: usize,
    /// How many clusters were found in them.
    pub themes: usize,
    /// Share of units with a theme that keep it when the rows come in another
    /// order: 1, or something is broken.
    pub kept_shuffled: f64,
    /// The same share when only four fifths of the units are there, one figure
    /// a draw.
    pub kept_resampled: Vec<f64>,
    /// The same share when every tenth unit is there twice.
    pub kept_duplicated: f64,
    /// The mean over units with a theme of (b - a) / max(a, b), -1..=1, where a
    /// is the distance (1 - cosine) to the centroid of the unit's theme and b
    /// that to the nearest other of its side: the simplified silhouette
    /// (Hruschka, de Castro and Campello 2004, "Evolutionary algorithms for
    /// clustering gene-expression data"). None with fewer than two themes.
    pub silhouette: Option<f64>,
    /// The mean over themes of the distance (1 - cosine), 0..=2, from the
    /// centroid to the nearest other of its side. None as before.
    pub separation: Option<f64>,
    /// Share of units without a theme.
    pub unassigned: f64,
}

/// How often four fifths of the units are drawn.
const DRAWS: u8 = 5;

/// Certifies the clusters that [`discover`] finds among `units`, or among a sample
/// of `at_most` of them, by finding them again seven times: the time is eight times
/// its time. None where it finds none, as there is nothing to certify then.
///
/// The draws depend on words and keys of units alone, so the same units have the same
/// certificate. A sample holds the units of a wording together. It has fewer themes
/// than all units have, since the rarer ones have too few units in it, and leaves more
/// without one.
pub fn certify(units: &[Unit], at_most: usize, options: &Options) -> Option<Certificate> {
    let units = &sample(units, at_most)[..];
    let clustering = &discover(units, options);
    if clustering.clusters.is_empty() {
        return None;
    }
    let drawn = |keep: &dyn Fn(u8) -> bool, salt: u8| -> Vec<usize> {
        (0..units.len()).filter(|&index| keep(draw(&units[index], salt))).collect()
    };
    let again = |rows: &[usize], copies: &[Unit]| {
        let there = rows.iter().map(|&index| units[index]).chain(copies.iter().copied());
        let found = discover(&there.collect::<Vec<_>>(), options).assignment;
        let now = rows.iter().map(|&index| clustering.assignment[index]);
        kept(&now.zip(found).collect::<Vec<_>>())
    };
    let mut shuffled: Vec<usize> = (0..units.len()).collect();
    shuffled.sort_by_key(|&index| (draw(&units[index], DRAWS), Reverse(index)));
    let resampled = |salt| again(&drawn(&|tenth| tenth < 8, salt), &[]);
    let copy = |&index: &usize| {
        let unit = units[index];
        Unit { key: Fingerprint::of([&unit.key.0[..], b"copy"]), ..unit }
    };
    let copies: Vec<Unit> = drawn(&|tenth| tenth == 9, DRAWS).iter().map(copy).collect();
    let all: Vec<usize> = (0..units.len()).collect();
    let (silhouette, separation) = standing_apart(units, clustering);
    let without = clustering.assignment.iter().filter(|cluster| cluster.is_none()).count();
    Some(Certificate {
        units: units.len(),
        themes: clustering.clusters.len(),
        kept_shuffled: again(&shuffled, &[]),
        kept_resampled: (0..DRAWS).map(resampled).collect(),
        kept_duplicated: again(&all, &copies),
        silhouette,
        separation,
        unassigned: without as f64 / units.len() as f64,
    })
}

/// The units of the wordings whose fingerprints come first, `at_most` of them.
fn sample<'a>(units: &[Unit<'a>], at_most: usize) -> Vec<Unit<'a>> {
    if units.len() <= at_most {
        return units.to_vec();
    }
    let drawn = |(index, unit): (usize, &Unit)| (Fingerprint::of_words(unit.text), unit.key, index);
    let mut order: Vec<_> = units.par_iter().enumerate().map(drawn).collect();
    order.par_sort_unstable();
    order[..at_most].iter().map(|&(.., index)| units[index]).collect()
}

/// A number from 0 to 9 that depends on the key of a unit and on `salt`.
fn draw(unit: &Unit, salt: u8) -> u8 {
    let hash = Fingerprint::of([&unit.key.0[..], &[salt]]).0;
    (u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) % 10) as u8
}

/// The share of units with a cluster now that are in the cluster paired with it
/// then; 1 when none has one.
fn kept(now_and_then: &[(Option<u32>, Option<u32>)]) -> f64 {
    let shared = overlaps(now_and_then.iter().copied());
    let paired = pair_up(shared.iter().map(|(&pair, &units)| (pair, units)));
    let kept: u64 = paired.iter().map(|(&now, &then)| shared[&(now, then)]).sum();
    let all = now_and_then.iter().filter(|(now, _)| now.is_some()).count();
    if all == 0 { 1.0 } else { kept as f64 / all as f64 }
}

/// Silhouette and separation.
fn standing_apart(units: &[Unit], clustering: &Clustering) -> (Option<f64>, Option<f64>) {
    let clusters = &clustering.clusters;
    let dims = units.first().map_or(0, |unit| unit.vector.len());
    let directions: Vec<Vector> = clusters.iter().map(|c| c.centroid.direction()).collect();
    let centroids = Rows::of_vectors(dims, directions.iter().map(Vector::components));
    let norms = centroids.square_norms();
    // The distances of a vector from its own centroid and from the nearest other.
    let distances = |vector: &[i8], own: usize| {
        let vector = Rows::of_vectors(dims, std::iter::once(vector));
        let products = vector.products(&centroids);
        let norm = vector.dot(0, vector.row(0));
        let distance = |at: usize| 1.0 - cosine_of(products[at], norm, norms[at]);
        let is_other = |&at: &usize| at != own && clusters[at].side == clusters[own].side;
        let others = (0..clusters.len()).filter(is_other).map(distance);
        Some((distance(own), others.min_by(f64::total_cmp)?))
    };
    let silhouette = |&(unit, own): &(&Unit, u32)| {
        let (a, b) = distances(unit.vector, own as usize)?;
        let longer = a.max(b);
        Some(if longer > 0.0 { (b - a) / longer } else { 0.0 })
    };
    let themed = units.iter().zip(&clustering.assignment);
    let mut themed: Vec<(&Unit, u32)> =
        themed.filter_map(|(unit, own)| own.map(|own| (unit, own))).collect();
    // Sums of fractions depend on their order, so they are taken by key.
    themed.par_sort_by_key(|(unit, _)| unit.key);
    let silhouettes: Vec<f64> = themed.par_iter().filter_map(silhouette).collect();
    let apart = directions.iter().enumerate();
    let apart = apart.filter_map(|(own, vector)| distances(vector.components(), own));
    let separations: Vec<f64> = apart.map(|(_, nearest)| nearest).collect();
    (mean(&silhouettes), mean(&separations))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{Sample, unsplit};

    fn certificate(units: &[Unit]) -> Certificate {
        certify(units, usize::MAX, &unsplit()).unwrap()
    }

    #[test]
    fn clear_groups_are_certified() {
        let sample = Sample::of_groups(4, 30, 6);
        let found = certificate(&sample.units());
        assert!((found.kept_shuffled - 1.0).abs() < f64::EPSILON);
        assert!(found.kept_resampled.iter().all(|&kept| kept > 0.99), "{found:?}");
        assert!(found.kept_duplicated > 0.99);
        assert!((found.unassigned - 6.0 / 126.0).abs() < 1e-12);
        assert!(found.silhouette.unwrap() > 0.5 && found.separation.unwrap() > 0.5, "{found:?}");
    }

    #[test]
    fn units_that_change_their_cluster_are_not_kept() {
        let (a, b) = (Some(0), Some(1));
        let pairs = [(a, b), (a, b), (a, b), (a, None), (b, a), (b, b), (None, a)];
        assert!((kept(&pairs) - 4.0 / 6.0).abs() < 1e-12);
        assert!((kept(&[]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn silhouette_and_separation_of_two_pairs() {
        // Centroids (1, 0) and (0, 1): a = 1 - cos, b = 1 - sin of 0 degrees.
        let mut sample = Sample::of_texts(&[&["a", "b"], &["c", "d"]], "en");
        for (row, vector) in sample.vectors.iter_mut().enumerate() {
            *vector = if row < 2 { vec![100, 0] } else { vec![0, 100] };
        }
        let clusters = |members: Vec<usize>| crate::Cluster {
            centroid: crate::Centroid::of(members.iter().map(|&m| &sample.vectors[m][..])),
            medoid: members[0],
            members,
            side: None,
            cohesion: 1.0,
            threshold: 1.0,
        };
        let mut found = Clustering {
            clusters: vec![clusters(vec![0, 1]), clusters(vec![2, 3])],
            assignment: vec![Some(0), Some(0), Some(1), Some(1)],
        };
        assert_eq!(standing_apart(&sample.units(), &found), (Some(1.0), Some(1.0)));
        found.clusters.truncate(1);
        found.assignment = vec![Some(0), Some(0), None, None];
        assert_eq!(standing_apart(&sample.units(), &found), (None, None));
    }

    #[test]
    fn where_nothing_is_found_nothing_is_certified() {
        assert_eq!(certify(&[], usize::MAX, &unsplit()), None);
        let sample = Sample::of_groups(0, 0, 30);
        assert_eq!(certify(&sample.units(), usize::MAX, &unsplit()), None);
    }

    #[test]
    fn a_sample_is_certified_as_a_set_of_its_own() {
        let mut sample = Sample::of_groups(3, 40, 0);
        sample.texts[50] = sample.texts[7].clone();
        let units = sample.units();
        let drawn = super::sample(&units, 60);
        let found = certify(&units, 60, &unsplit()).unwrap();
        assert_eq!((found.units, found.themes), (60, 3));
        assert_eq!(Some(found), certify(&drawn, usize::MAX, &unsplit()));
        let mut backwards = units.clone();
        backwards.reverse();
        assert_eq!(certify(&backwards, 60, &unsplit()), certify(&units, 60, &unsplit()));
        for size in 1..120 {
            let texts = super::sample(&units, size).iter().map(|u| u.key).collect::<Vec<_>>();
            assert_eq!(texts.len(), size);
            // Both or none of the equal ones, unless they are the last that were drawn.
            let has = |row: usize| texts.contains(&units[row].key);
            let is_last = [units[7].key, units[50].key].contains(texts.last().unwrap());
            assert!(has(7) == has(50) || is_last, "of {size}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]
        #[test]
        fn the_order_of_rows_does_not_matter(
            order in Just((0..40).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let sample = Sample::of_groups(3, 12, 4);
            let units = sample.units();
            let shuffled: Vec<Unit> = order.iter().map(|&index| units[index]).collect();
            prop_assert_eq!(certificate(&shuffled), certificate(&units));
        }
    }
}
