//! Clustering any number of points in rounds of bounded size.

use echolot_core::ThemeId;
use rayon::prelude::*;

use crate::linkage::link;
use crate::memory::remember;
use crate::points::Point;
use crate::rows::Rows;
use crate::smooth::Smoothed;
use crate::space::Space;

/// The most neighbours of a point that are looked at.
const NEIGHBOURS: usize = 10;

/// How many points are placed in one piece of parallel work.
const BLOCK: usize = 256;

/// The least share of the waiting points, as one in so many, that a round must
/// place to be followed by another. What remains then holds nothing common,
/// and no number of points makes more than this many rounds over all.
const LEAST_PLACED: usize = 20;

/// What makes a cluster of points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The least average similarity within a cluster, see
    /// [`crate::rows::similarity`].
    pub(crate) floor: i32,
    /// The least number of units.
    pub(crate) min_size: usize,
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
        let sizes: Vec<u32> = drawn.iter().map(|&point| points[point].units.len() as u32).collect();
        let past = |of: &[usize]| of.iter().map(|&point| points[point].past).collect::<Vec<_>>();
        let (round, of_drawn) = Round::of(space.rows(&drawn), &past(&drawn), &sizes, bounds);
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
        count += round.means.len() as u32;
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
    /// The means of the clusters.
    means: Rows,
    floor: i32,
}

impl Round {
    /// Clusters rows that stand for some units each.
    fn of(
        rows: Rows,
        past: &[Option<ThemeId>],
        sizes: &[u32],
        bounds: Bounds,
    ) -> (Self, Vec<Option<u32>>) {
        // A point of a small set must not have most of the set for neighbours.
        let reach = NEIGHBOURS.min((rows.len() as f64).sqrt().ceil() as usize);
        let neighbours = rows.neighbours(reach);
        let smoothed = Smoothed::of(rows, &neighbours);
        let end = remember(smoothed.end(), past);
        let linked = link(&end, &neighbours, bounds.floor);
        let mut units = vec![0; linked.means.len()];
        for (&size, &cluster) in sizes.iter().zip(&linked.cluster) {
            units[cluster as usize] += size as usize;
        }
        let mut means = Rows::new(linked.means.width());
        let mut kept = vec![None; units.len()];
        for (cluster, units) in units.into_iter().enumerate() {
            if units >= bounds.min_size {
                kept[cluster] = Some(means.len() as u32);
                means.push(linked.means.row(cluster).iter().copied());
            }
        }
        let round = Self { smoothed, reach, means, floor: bounds.floor };
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
        (best.0 >= self.floor).then_some(best.1 as u32)
    }
}
