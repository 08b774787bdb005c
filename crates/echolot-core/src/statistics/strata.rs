//! How many rows of each stratum an audit labels.

use super::count::Count;

/// A part of the rows from which a sample of its own is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    size: u64,
    variance: f64,
}

impl Stratum {
    /// A stratum of `size` rows of which nothing is known; a sample from such
    /// strata is in proportion to their sizes.
    pub fn new(size: u64) -> Self {
        Self::with_pilot(size, Count::new(0, 0))
    }

    /// A stratum of `size` rows with an earlier count of what shall be
    /// estimated, such as the errors found among the rows labelled so far; a
    /// sample takes more where the share is nearer to a half. One hit and one
    /// miss are added to the count (Laplace), so that no stratum seems to be
    /// without variance.
    pub fn with_pilot(size: u64, pilot: Count) -> Self {
        let share = (pilot.hits() + 1) as f64 / (pilot.total() + 2) as f64;
        Self { size, variance: share * (1.0 - share) }
    }

    /// What the next row after `drawn` takes off the variance of the total.
    fn priority(&self, drawn: u64) -> f64 {
        if drawn == 0 {
            return f64::INFINITY;
        }
        let size = self.size as f64;
        size * size * self.variance / (drawn as f64 * (drawn + 1) as f64)
    }
}

/// How many rows to draw from each stratum, in the order of `strata`: at
/// least `minimum` of each, or all when it has fewer, and `sample` in all. The
/// minimum comes first, so the sum is greater where the sample is too small
/// for it, and smaller where there are no more rows.
///
/// This is Neyman's allocation in whole numbers: of all allocations of so
/// many rows within the bounds it has the smallest variance of the estimated
/// total. Rows are given one by one to the stratum whose Nₕ Sₕ / √(n (n + 1))
/// is greatest, the first of equals. Source: T. Wright, "Exact Optimal Sample
/// Allocation: More Efficient Than Neyman", Statistics & Probability Letters
/// 129 (2017).
pub fn allocate_sample(strata: &[Stratum], sample: u64, minimum: u64) -> Vec<u64> {
    let mut drawn: Vec<u64> = strata.iter().map(|stratum| stratum.size.min(minimum)).collect();
    let first = drawn.iter().sum();
    for _ in first..sample {
        let open = (0..strata.len()).filter(|&at| drawn[at] < strata[at].size);
        let priority = |at: usize| strata[at].priority(drawn[at]);
        let Some(next) =
            open.reduce(|best, at| if priority(at) > priority(best) { at } else { best })
        else {
            break;
        };
        drawn[next] += 1;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sizes(sizes: &[u64]) -> Vec<Stratum> {
        sizes.iter().map(|&size| Stratum::new(size)).collect()
    }

    #[test]
    fn without_a_pilot_the_sample_is_proportional() {
        assert_eq!(allocate_sample(&sizes(&[5_000, 3_000, 2_000]), 100, 0), [50, 30, 20]);
        assert_eq!(allocate_sample(&sizes(&[5_000, 3_000, 10]), 100, 20), [56, 34, 10]);
    }

    /// Shares of .5 and 1/17 (after Laplace) have spreads of .5 and 4/17; with
    /// sizes 4,000 and 17,000 the products are 2,000 and 4,000: one to two.
    #[test]
    fn with_a_pilot_it_is_neymans() {
        let strata = [
            Stratum::with_pilot(4_000, Count::new(0, 0)),
            Stratum::with_pilot(17_000, Count::new(0, 15)),
        ];
        assert_eq!(allocate_sample(&strata, 300, 0), [100, 200]);
    }

    #[test]
    fn minimum_and_size_are_bounds() {
        assert_eq!(allocate_sample(&sizes(&[1_000, 4, 0]), 10, 8), [8, 4, 0]);
        assert_eq!(allocate_sample(&sizes(&[3, 4]), 100, 2), [3, 4]);
        assert_eq!(allocate_sample(&[], 100, 2), [0; 0]);
    }

    proptest! {
        /// No row moved from one stratum to another lessens the variance.
        #[test]
        fn no_exchange_is_better(
            strata in prop::collection::vec((1..300_u64, 0..20_u64), 2..6),
            sample in 1..200_u64,
        ) {
            let strata: Vec<Stratum> = strata
                .into_iter()
                .map(|(size, hits)| Stratum::with_pilot(size, Count::new(hits, 20)))
                .collect();
            let drawn = allocate_sample(&strata, sample, 1);
            let rows: u64 = strata.iter().map(|stratum| stratum.size).sum();
            prop_assert_eq!(drawn.iter().sum::<u64>(), sample.max(strata.len() as u64).min(rows));
            let variance = |drawn: &[u64]| -> f64 {
                strata
                    .iter()
                    .zip(drawn)
                    .map(|(stratum, &n)| (stratum.size as f64).powi(2) * stratum.variance / n as f64)
                    .sum()
            };
            for from in 0..drawn.len() {
                for to in 0..drawn.len() {
                    let mut other = drawn.clone();
                    if from == to || other[from] == 1 || other[to] == strata[to].size {
                        continue;
                    }
                    other[from] -= 1;
                    other[to] += 1;
                    prop_assert!(variance(&other) >= variance(&drawn) * (1.0 - 1e-12));
                }
            }
        }
    }
}
