//! One share beside another: difference, interval, significance.

use super::count::Count;
use super::masses::hypergeometric;
use super::normal;
use crate::wilson;

/// The difference of two shares with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The share minus the baseline's share, -1..=1.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// How a p value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareTest {
    /// Fisher's exact test, two-sided.
    Fisher,
    /// The two-proportion z test with a pooled variance, two-sided.
    Z,
}

impl ShareTest {
    /// `fisher` or `z`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fisher => "fisher",
            Self::Z => "z",
        }
    }
}

/// A share compared with a baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// How far the share lies from the baseline's.
    pub difference: Difference,
    /// The probability of a difference as great as this, or greater, if both
    /// shares were the same in truth.
    pub p: f64,
    /// The test that gave `p`.
    pub test: ShareTest,
}

/// Compares a share with a baseline: by Fisher's exact test when one of the
/// four expected counts is below 5, by the z test otherwise. None when either
/// whole is empty.
///
/// The rule is that of W. Cochran, "Some Methods for Strengthening the Common
/// χ² Tests", Biometrics 10 (1954).
pub fn compare_shares(count: Count, baseline: Count) -> Option<Comparison> {
    let difference = share_difference(count, baseline)?;
    let (p, test) = if smallest_expected(count, baseline) < 5.0 {
        (fisher_exact(count, baseline), ShareTest::Fisher)
    } else {
        (two_proportion_z(count, baseline), ShareTest::Z)
    };
    Some(Comparison { difference, p, test })
}

/// The difference `count - baseline` of two shares with the hybrid score
/// interval, which joins the Wilson intervals of both. None when either whole
/// is empty.
///
/// Source: R. Newcombe, "Interval Estimation for the Difference Between
/// Independent Proportions", Statistics in Medicine 17 (1998), method 10.
pub fn share_difference(count: Count, baseline: Count) -> Option<Difference> {
    let a = wilson(count.hits(), count.total())?;
    let b = wilson(baseline.hits(), baseline.total())?;
    let value = a.value - b.value;
    Some(Difference {
        value,
        low: (value - libm::hypot(a.value - a.low, b.high - b.value)).max(-1.0),
        high: (value + libm::hypot(a.high - a.value, b.value - b.low)).min(1.0),
    })
}

/// The two-sided p value of Fisher's exact test: the probability, margins
/// fixed, of all tables that are as probable as the observed one or less. It
/// is 1 when either whole is empty.
///
/// Source: R. A. Fisher, "The Logic of Inductive Inference", Journal of the
/// Royal Statistical Society 98 (1935).
pub fn fisher_exact(count: Count, baseline: Count) -> f64 {
    let both = count.joined(baseline);
    hypergeometric(both.total(), both.hits(), count.total()).as_improbable_as(count.hits())
}

/// The two-sided p value of the two-proportion z test with a pooled variance
/// and no continuity correction: Pearson's χ² test of the four counts. It is 1
/// when either whole is empty or nothing varies.
///
/// Source: J. Fleiss, B. Levin, M. Paik, "Statistical Methods for Rates and
/// Proportions", 3rd edition (2003), chapter 3.
pub fn two_proportion_z(count: Count, baseline: Count) -> f64 {
    let both = count.joined(baseline);
    let (Some(a), Some(b), Some(pooled)) = (count.share(), baseline.share(), both.share()) else {
        return 1.0;
    };
    let sizes = 1.0 / count.total() as f64 + 1.0 / baseline.total() as f64;
    let error = (pooled * (1.0 - pooled) * sizes).sqrt();
    if error > 0.0 { 2.0 * normal::upper_tail((a - b).abs() / error) } else { 1.0 }
}

/// The smallest of the four counts to expect if both shares were the same.
fn smallest_expected(count: Count, baseline: Count) -> f64 {
    let both = count.joined(baseline);
    let rarer = both.hits().min(both.misses()) as f64;
    rarer * count.total().min(baseline.total()) as f64 / both.total() as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval(hits: u64, total: u64, baseline_hits: u64, baseline_total: u64) -> String {
        let count = Count::new(hits, total);
        let baseline = Count::new(baseline_hits, baseline_total);
        let difference = share_difference(count, baseline).unwrap();
        format!("[{:.4}, {:.4}]", difference.low, difference.high)
    }

    /// The eight contrasts of Newcombe's table II, method 10.
    #[test]
    fn intervals_match_the_published_table() {
        assert_eq!(interval(56, 70, 48, 80), "[0.0524, 0.3339]");
        assert_eq!(interval(9, 10, 3, 10), "[0.1705, 0.8090]");
        assert_eq!(interval(6, 7, 2, 7), "[0.0582, 0.8062]");
        assert_eq!(interval(5, 56, 0, 29), "[-0.0381, 0.1926]");
        assert_eq!(interval(0, 10, 0, 20), "[-0.1611, 0.2775]");
        assert_eq!(interval(0, 10, 0, 10), "[-0.2775, 0.2775]");
        assert_eq!(interval(10, 10, 0, 20), "[0.6791, 1.0000]");
        assert_eq!(interval(10, 10, 0, 10), "[0.6075, 1.0000]");
    }

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn fisher_matches_exact_fractions() {
        // The lady tasting tea: (16 + 1 + 16 + 1) / 70.
        close(fisher_exact(Count::new(3, 4), Count::new(1, 4)), 34.0 / 70.0);
        // Fisher's twins, convicted or not (R, `fisher.test`): 0.0005367.
        close(fisher_exact(Count::new(2, 17), Count::new(10, 13)), 5.367_241_191_434_358e-4);
        // (45 * 6 + 10 + 120) / C(16, 9) = 400 / 11440.
        close(fisher_exact(Count::new(8, 10), Count::new(1, 6)), 400.0 / 11_440.0);
        // Summed in fractions; found by way of 1 - P it would lose its digits.
        close(fisher_exact(Count::new(172, 218), Count::new(90, 217)), 9.041_009_036_526_075e-16);
        close(fisher_exact(Count::new(0, 20), Count::new(3, 1000)), 1.0);
    }

    #[test]
    fn the_z_test_is_the_chi_squared_test() {
        // z = 0.2 / sqrt(104/150 * 46/150 * (1/70 + 1/80)) = 2.650172, z² = 7.023411.
        close(two_proportion_z(Count::new(56, 70), Count::new(48, 80)), 8.045_081_368_196_56e-3);
        close(
            two_proportion_z(Count::new(30, 400), Count::new(60, 2000)),
            1.528_783_282_657_024_6e-5,
        );
    }

    #[test]
    fn small_expected_counts_are_tested_exactly() {
        let test = |a, b| compare_shares(a, b).unwrap().test;
        // 10 hits of 200: 5 expected on each side; with 9, 4.5.
        assert_eq!(test(Count::new(3, 100), Count::new(7, 100)), ShareTest::Z);
        assert_eq!(test(Count::new(3, 100), Count::new(6, 100)), ShareTest::Fisher);
        assert_eq!(test(Count::new(97, 100), Count::new(94, 100)), ShareTest::Fisher);
        assert_eq!(compare_shares(Count::new(0, 0), Count::new(1, 2)), None);
        assert_eq!(compare_shares(Count::new(1, 2), Count::new(0, 0)), None);
    }

    fn counts(most: u64) -> impl Strategy<Value = Count> {
        (0..=most, 0..=most).prop_map(|(a, b)| Count::new(a.min(b), a.max(b)))
    }

    proptest! {
        #[test]
        fn sides_can_be_exchanged(a in counts(60), b in counts(5_000)) {
            for test in [fisher_exact, two_proportion_z] {
                let (p, swapped) = (test(a, b), test(b, a));
                prop_assert!((0.0..=1.0).contains(&p));
                prop_assert!((p - swapped).abs() <= 1e-9 * p);
            }
            if let (Some(one), Some(other)) = (share_difference(a, b), share_difference(b, a)) {
                prop_assert!(one.low <= one.value && one.value <= one.high);
                prop_assert!((one.low + other.high).abs() < 1e-12);
            }
        }

        #[test]
        fn fisher_sums_what_counting_finds(a in counts(12), b in counts(12)) {
            let both = a.joined(b);
            let ways = |k: u64| choose(both.hits(), k) * choose(both.misses(), a.total() - k);
            let tables = (0..=a.total()).map(ways);
            let rare: u128 = tables.clone().filter(|&n| n <= ways(a.hits())).sum();
            let all: u128 = tables.sum();
            prop_assert!((fisher_exact(a, b) - rare as f64 / all as f64).abs() < 1e-12);
        }
    }

    fn choose(n: u64, k: u64) -> u128 {
        if k > n {
            return 0;
        }
        (0..u128::from(k)).fold(1, |ways, i| ways * (u128::from(n) - i) / (i + 1))
    }
}
