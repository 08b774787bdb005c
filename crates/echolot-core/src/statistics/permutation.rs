//! The p value of a permutation test, which stops once it is settled.

use std::num::NonZeroU32;

/// So many permutations as extreme as what was seen settle that p is not small.
const ENOUGH: u32 = 10;

/// The p value of a permutation test of at most `replicates` permutations;
/// `is_extreme` says of each, by its number, whether it is as extreme as what was
/// seen.
///
/// p = (1 + g) / (1 + n) with g of n permutations as extreme, which is exact. It
/// stops with p = 10 / n at the tenth as extreme: J. Besag, P. Clifford,
/// "Sequential Monte Carlo p-values", Biometrika 78 (1991). No p is below
/// 1 / (1 + replicates), so a table of many series needs many replicates.
pub(super) fn sequential_p(replicates: NonZeroU32, mut is_extreme: impl FnMut(u32) -> bool) -> f64 {
    let mut extreme = 0;
    for replicate in 0..replicates.get() {
        extreme += u32::from(is_extreme(replicate));
        if extreme == ENOUGH {
            return f64::from(ENOUGH) / f64::from(replicate + 1);
        }
    }
    f64::from(extreme + 1) / (f64::from(replicates.get()) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_at_the_tenth_and_never_says_zero() {
        let replicates = NonZeroU32::new(99).unwrap();
        let mut asked = 0;
        let p = sequential_p(replicates, |replicate| {
            asked += 1;
            replicate % 2 == 1
        });
        assert_eq!((p, asked), (0.5, 20));
        let is = |p: f64, expected: f64| (p - expected).abs() < 1e-12;
        assert!(is(sequential_p(replicates, |_| false), 0.01));
        assert!(is(sequential_p(replicates, |replicate| replicate < 4), 0.05));
    }
}
