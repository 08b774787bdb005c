//! Average linkage by merging reciprocal nearest clusters, round by round.
//!
//! Two clusters are as similar as their points are on average, which for unit
//! vectors is the dot product of the clusters' means. Clusters that are each
//! other's nearest are merged while they are similar enough. Average linkage
//! never brings a third cluster nearer by that, so all such pairs of a round
//! are merged at once (Sumengen et al. 2021, "Scaling hierarchical
//! agglomerative clustering to billion-sized datasets").

use rayon::prelude::*;

use crate::rows::{Neighbour, Rows};

/// The cluster of each point, and what the clusters are.
#[derive(Debug)]
pub(crate) struct Linked {
    /// For each point the index of its cluster.
    pub(crate) cluster: Vec<u32>,
    /// For each cluster the mean of its points, rounded to integers.
    pub(crate) means: Rows,
    /// For each cluster the number of its points.
    sizes: Vec<u32>,
}

/// Merges points and clusters while the best pair is at least `floor` similar.
///
/// Only clusters are compared that `neighbours` (for each point some points
/// near it) connect. Leaving out the others changes next to nothing, and the
/// cost grows with the number of points instead of its square.
pub(crate) fn link(points: &Rows, neighbours: &[Vec<Neighbour>], floor: i32) -> Linked {
    let count = points.len();
    let mut linked = Linked {
        cluster: (0..count as u32).collect(),
        means: points.clone(),
        sizes: vec![1; count],
    };
    let mut adjacent = symmetric(neighbours);
    while let Some(moved) = linked.merge_reciprocal(&linked.nearest(&adjacent, floor)) {
        let mut joined: Vec<Vec<u32>> = vec![vec![]; linked.sizes.len()];
        for (near, &to) in adjacent.iter().zip(&moved) {
            joined[to as usize].extend(near.iter().map(|&index| moved[index as usize]));
        }
        joined.par_iter_mut().enumerate().for_each(|(cluster, near)| {
            near.sort_unstable();
            near.dedup();
            near.retain(|&index| index as usize != cluster);
        });
        adjacent = joined;
    }
    linked
}

/// For each point those that are its neighbours and those it is a neighbour of.
fn symmetric(neighbours: &[Vec<Neighbour>]) -> Vec<Vec<u32>> {
    let mut adjacent: Vec<Vec<u32>> = vec![vec![]; neighbours.len()];
    for (point, near) in neighbours.iter().enumerate() {
        for neighbour in near {
            adjacent[point].push(neighbour.index);
            adjacent[neighbour.index as usize].push(point as u32);
        }
    }
    adjacent
}

impl Linked {
    /// For each cluster the most similar of those adjacent to it, if it is
    /// similar enough.
    fn nearest(&self, adjacent: &[Vec<u32>], floor: i32) -> Vec<Option<u32>> {
        let best = |(cluster, near): (usize, &Vec<u32>)| {
            let mean = self.means.row(cluster);
            let products = near.iter().map(|&index| (self.means.dot(index as usize, mean), index));
            // Of equal ones the lower index, so that the most similar pair of
            // all is always reciprocal and merging goes on to the end.
            let (product, index) = products.max_by_key(|&(product, index)| (product, !index))?;
            (product >= floor).then_some(index)
        };
        adjacent.par_iter().enumerate().map(best).collect()
    }

    /// Merges every two clusters that are each other's nearest. Returns where
    /// each cluster went, or none when there was nothing to merge.
    fn merge_reciprocal(&mut self, nearest: &[Option<u32>]) -> Option<Vec<u32>> {
        let partner = |cluster: usize| {
            let other = nearest[cluster]?;
            (nearest[other as usize] == Some(cluster as u32)).then_some(other as usize)
        };
        let mut moved = vec![0; nearest.len()];
        let mut means = Rows::new(self.means.width());
        let mut sizes = vec![];
        for cluster in 0..nearest.len() {
            let (mean, size) = (self.means.row(cluster), self.sizes[cluster]);
            match partner(cluster) {
                Some(other) if other < cluster => {
                    moved[cluster] = moved[other];
                    continue;
                }
                Some(other) => {
                    let pairs = mean.iter().zip(self.means.row(other));
                    means.push(
                        pairs.map(|(&x, &y)| weighted_mean((x, size), (y, self.sizes[other]))),
                    );
                    sizes.push(size + self.sizes[other]);
                }
                None => {
                    means.push(mean.iter().copied());
                    sizes.push(size);
                }
            }
            moved[cluster] = sizes.len() as u32 - 1;
        }
        if sizes.len() == nearest.len() {
            return None;
        }
        (self.means, self.sizes) = (means, sizes);
        self.cluster.iter_mut().for_each(|cluster| *cluster = moved[*cluster as usize]);
        Some(moved)
    }
}

/// The mean of two components that stand for some points each, rounded half up.
fn weighted_mean((x, n): (i16, u32), (y, m): (i16, u32)) -> i16 {
    let (n, m) = (i64::from(n), i64::from(m));
    (2 * (i64::from(x) * n + i64::from(y) * m) + n + m).div_euclid(2 * (n + m)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::similarity;

    fn rows(directions: &[[f64; 2]]) -> Rows {
        let mut rows = Rows::new(2);
        for direction in directions {
            rows.push_direction(direction);
        }
        rows
    }

    fn clusters(directions: &[[f64; 2]], floor: f64) -> Vec<u32> {
        let rows = rows(directions);
        link(&rows, &rows.neighbours(directions.len()), similarity(floor)).cluster
    }

    #[test]
    fn merges_what_is_similar_on_average() {
        let fan = [[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9], [-1.0, -1.0]];
        assert_eq!(clusters(&fan, 0.9), [0, 0, 1, 1, 2]);
        // The two pairs are (0 + 0.110 + 0.110 + 0.220) / 4 = 0.110 similar on average.
        assert_eq!(clusters(&fan, 0.12), [0, 0, 1, 1, 2]);
        assert_eq!(clusters(&fan, 0.10), [0, 0, 0, 0, 1]);
    }

    #[test]
    fn equal_points_all_merge() {
        assert_eq!(clusters(&[[1.0, 0.0]; 7], 0.99), [0; 7]);
    }

    #[test]
    fn means_are_rounded_half_up() {
        assert_eq!(weighted_mean((3, 1), (4, 1)), 4);
        assert_eq!(weighted_mean((-3, 1), (-4, 1)), -3);
        assert_eq!(weighted_mean((10, 3), (-10, 1)), 5);
    }
}
