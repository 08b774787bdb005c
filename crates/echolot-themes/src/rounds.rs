//! Clustering any number of points in rounds of bounded size.

use std::cmp::Reverse;

use echolot_core::ThemeId;
use rayon::prelude::*;

use crate::linkage::link;
use crate::memory::remember;
use crate::points::Point;
use crate::rows::Rows;
use crate::smooth::Smoothed;
use crate::space::Space;
use crate::unit::num_distinct;

/// The most neighbours of a point that are looked at.
const NEIGHBOURS: usize = 10;

/// How many points are placed in one piece of parallel work.
const BLOCK: usize = 256;

/// The least share of the waiting points, as one in so many, that a round must
/// place to be followed by another. What remains then holds nothing common,
/// and no number of points makes more than this many rounds over all.
const LEAST_PLACED: usize = 20;

/// A cluster of fewer units than this many times the least number may be
/// absorbed by one this many times as large, if it is similar enough to it: this
/// share of the floor.
const ABSORBED_BELOW: usize = 5;
const MUCH_LARGER: usize = 4;
const ABSORBED_FROM: f64 = 0.7;

/// The share of the floor from which on a point that is in no cluster joins one:
/// less than what makes a cluster, for its middle is given.
const JOINED_FROM: f64 = 0.85;

/// What makes a cluster of points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The least average similarity within a cluster, see
    /// [`crate::rows::similarity`].
    pub(crate) floor: i32,
    /// The least number of units.
    pub(crate) min_size: usize,
    /// The least number of verbatims that these are part of.
    pub(crate) min_verbatims: usize,
    /// The most points that are drawn for a round.
    pub(crate) round: usize,
}

/// For each point the number of its cluster; none where it fits nowhere.
///
/// Each round draws points and clusters them; every other point that is still
/// waiting takes part as a follower: it is placed in the same space and joins
/// the cluster it fits. What fits none waits for the next round, so that the
/// common clusters are found first and the rare ones among what they leave.
/// Nothing is compared with more than a round of others: the time grows with
/// the number of points, and so does nothing else.
pub(crate) fn cluster(points: &[Point], space: &Space, bounds: Bounds) -> Vec<Option<u32>> {
    let mut found = vec![None; points.len()];
    let mut count = 0;
    // Drawn by a hash of their words: neither the order of rows nor the keys
    // decide who comes first.
    let mut waiting: Vec<usize> = (0..points.len()).collect();
    waiting.sort_unstable_by_key(|&point| points[point].words);
    while !waiting.is_empty() {
        let num_waiting = waiting.len();
        let followers = waiting.split_off(num_waiting.min(bounds.round));
        let mut drawn = waiting;
        drawn.sort_unstable();
        let stood_for: Vec<&Point> = drawn.iter().map(|&point| &points[point]).collect();
        let past = |of: &[usize]| of.iter().map(|&point| points[point].past).collect::<Vec<_>>();
        let (round, of_drawn) = Round::of(space.rows(&drawn), &past(&drawn), &stood_for, bounds);
        let place = |block: &[usize]| round.place(space.rows(block), &past(block));
        let of_followers = followers.par_chunks(BLOCK).flat_map_iter(place).collect::<Vec<_>>();
        waiting = vec![];
        // Those who have not been drawn yet come first the next time.
        let followers_then_drawn = followers.iter().chain(&drawn);
        for (&point, cluster) in followers_then_drawn.zip(of_followers.iter().chain(&of_drawn)) {
            match cluster {
                Some(cluster) => found[point] = Some(count + cluster),
                None => waiting.push(point),
            }
        }
        count += round.count;
        let num_placed = num_waiting - waiting.len();
        if followers.is_empty() || num_placed * LEAST_PLACED < num_waiting {
            break;
        }
    }
    found
}

/// The clusters among the points of a round.
struct Round {
    smoothed: Smoothed,
    reach: usize,
    /// The means of the clusters, and of what they absorbed.
    means: Rows,
    /// For each mean its cluster.
    cluster: Vec<u32>,
    /// How many clusters there are.
    count: u32,
    /// The least similarity to a mean at which a row joins its cluster.
    floor: i32,
}

impl Round {
    /// Clusters rows that stand for these points.
    fn of(
        rows: Rows,
        past: &[Option<ThemeId>],
        points: &[&Point],
        bounds: Bounds,
    ) -> (Self, Vec<Option<u32>>) {
        // A point of a small set must not have most of the set for neighbours.
        let reach = NEIGHBOURS.min((rows.len() as f64).sqrt().ceil() as usize);
        let neighbours = rows.neighbours(reach);
        let smoothed = Smoothed::of(rows, &neighbours);
        let end = remember(smoothed.end(), past);
        let linked = link(&end, &neighbours, bounds.floor);
        let mut borne_by = vec![(0, vec![]); linked.means.len()];
        for (point, &cluster) in points.iter().zip(&linked.cluster) {
            let (units, verbatims) = &mut borne_by[cluster as usize];
            *units += point.units.len();
            verbatims.extend_from_slice(&point.verbatims);
        }
        let mut means = Rows::new(linked.means.width());
        let mut kept = vec![None; borne_by.len()];
        let mut sizes = vec![];
        for (cluster, (units, verbatims)) in borne_by.into_iter().enumerate() {
            if units >= bounds.min_size && num_distinct(verbatims) >= bounds.min_verbatims {
                kept[cluster] = Some(means.len());
                means.push(linked.means.row(cluster).iter().copied());
                sizes.push(units);
            }
        }
        let (cluster, count) = absorb(&means, &sizes, bounds);
        let kept: Vec<_> = kept.into_iter().map(|mean| mean.map(|mean| cluster[mean])).collect();
        let floor = share_of(bounds.floor, JOINED_FROM);
        let round = Self { smoothed, reach, means, cluster, count, floor };
        let own =
            linked.cluster.par_iter().enumerate().map(|(row, &cluster)| {
                kept[cluster as usize].or_else(|| round.nearest(end.row(row)))
            });
        let own = own.collect();
        (round, own)
    }

    /// The clusters that rows from outside the round fit, once they have been
    /// moved as the rows of the round were.
    fn place(&self, rows: Rows, past: &[Option<ThemeId>]) -> Vec<Option<u32>> {
        if self.means.len() == 0 {
            return vec![None; rows.len()];
        }
        let neighbours = self.smoothed.begin().nearest(&rows, self.reach);
        let moved = remember(&self.smoothed.follow(rows, &neighbours), past);
        (0..moved.len()).map(|row| self.nearest(moved.row(row))).collect()
    }

    /// The most similar cluster, if it is similar enough.
    fn nearest(&self, row: &[i16]) -> Option<u32> {
        let products = (0..self.means.len()).map(|cluster| (self.means.dot(cluster, row), cluster));
        let best = products.max_by_key(|&(product, cluster)| (product, usize::MAX - cluster))?;
        (best.0 >= self.floor).then_some(self.cluster[best.1])
    }
}

fn share_of(similarity: i32, share: f64) -> i32 {
    (f64::from(similarity) * share) as i32
}

/// For each of the clusters with these means and numbers of units the number of
/// the cluster it belongs to, and how many clusters remain.
///
/// A cluster that is hardly a theme and beside a much larger one is a shade of
/// it. Average linkage leaves such rests: the larger a cluster, the more it
/// differs in itself, and the less similar to it is on average what lies at its
/// edge.
fn absorb(means: &Rows, sizes: &[usize], bounds: Bounds) -> (Vec<u32>, u32) {
    let least = share_of(bounds.floor, ABSORBED_FROM);
    let mut largest_first: Vec<usize> = (0..sizes.len()).collect();
    largest_first.sort_by_key(|&cluster| (Reverse(sizes[cluster]), cluster));
    let mut owner: Vec<usize> = (0..sizes.len()).collect();
    for (at, &cluster) in largest_first.iter().enumerate() {
        if sizes[cluster] >= ABSORBED_BELOW * bounds.min_size {
            continue;
        }
        let larger = largest_first[..at].iter().copied();
        let larger = larger.filter(|&other| sizes[other] >= MUCH_LARGER * sizes[cluster]);
        let products = larger.map(|other| (means.dot(other, means.row(cluster)), other));
        let nearest = products.max_by_key(|&(product, other)| (product, Reverse(other)));
        if let Some((_, other)) = nearest.filter(|&(product, _)| product >= least) {
            owner[cluster] = owner[other];
        }
    }
    let mut number = vec![0; sizes.len()];
    let mut count = 0;
    for cluster in 0..sizes.len() {
        if owner[cluster] == cluster {
            number[cluster] = count;
            count += 1;
        }
    }
    (owner.into_iter().map(|owner| number[owner]).collect(), count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::similarity;

    fn absorbed(directions: &[([f64; 2], usize)]) -> (Vec<u32>, u32) {
        let mut means = Rows::new(2);
        for (direction, _) in directions {
            means.push_direction(direction);
        }
        let units: Vec<usize> = directions.iter().map(|&(_, units)| units).collect();
        absorb(
            &means,
            &units,
            Bounds { floor: similarity(0.5), min_size: 5, min_verbatims: 1, round: 100 },
        )
    }

    #[test]
    fn a_small_cluster_beside_a_much_larger_one_is_a_shade_of_it() {
        let (near, far) = ([0.5, 0.866], [0.3, 0.954]);
        assert_eq!(absorbed(&[([1.0, 0.0], 40), (near, 10)]), (vec![0, 0], 1));
        assert_eq!(absorbed(&[(near, 10), ([1.0, 0.0], 40)]), (vec![0, 0], 1));
        // Not similar enough, not small beside it, large enough to be a theme.
        assert_eq!(absorbed(&[([1.0, 0.0], 40), (far, 10)]), (vec![0, 1], 2));
        assert_eq!(absorbed(&[([1.0, 0.0], 40), (near, 11)]), (vec![0, 1], 2));
        assert_eq!(absorbed(&[([1.0, 0.0], 400), (near, 25)]), (vec![0, 1], 2));
    }

    #[test]
    fn shades_of_shades_belong_to_the_largest() {
        let clusters = [([0.5, 0.866], 20), ([1.0, 0.0], 100), ([0.0, 1.0], 5)];
        assert_eq!(absorbed(&clusters), (vec![0, 0, 0], 1));
    }
}
