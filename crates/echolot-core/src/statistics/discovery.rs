//! Correction for the many tests of one table.

/// The q values (adjusted p values) of a family of tests, in the order of
/// `p`: rejecting every test with `q <= level` keeps the expected share of
/// false rejections at or under `level` when the tests are independent or
/// positively dependent.
///
/// The p values lie in 0..=1. Source: Y. Benjamini, Y. Hochberg, "Controlling
/// the False Discovery Rate", Journal of the Royal Statistical Society B 57
/// (1995); as adjusted values: q(i) = min over j >= i of p(j) m / j.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    debug_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "p values are in 0..=1");
    let mut descending: Vec<usize> = (0..p.len()).collect();
    descending.sort_by(|&a, &b| p[b].total_cmp(&p[a]));
    let mut q = vec![1.0; p.len()];
    let mut smallest = 1.0_f64;
    for (above, &test) in descending.iter().enumerate() {
        let rank = p.len() - above;
        smallest = smallest.min(p[test] * (p.len() as f64 / rank as f64));
        q[test] = smallest;
    }
    q
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const P: [f64; 10] = [0.001, 0.008, 0.039, 0.041, 0.042, 0.060, 0.074, 0.205, 0.212, 0.391];

    #[test]
    fn six_are_rejected_at_ten_percent_and_two_at_five() {
        let q = benjamini_hochberg(&P);
        assert_eq!(q.iter().filter(|&&q| q <= 0.10).count(), 6);
        assert_eq!(q.iter().filter(|&&q| q <= 0.05).count(), 2);
        let written: Vec<String> = q.iter().map(|q| format!("{q:.4}")).collect();
        assert_eq!(
            written,
            [
                "0.0100", "0.0400", "0.0840", "0.0840", "0.0840", "0.1000", "0.1057", "0.2356",
                "0.2356", "0.3910"
            ]
        );
    }

    #[test]
    fn none_and_one_stay_as_they_are() {
        assert_eq!(benjamini_hochberg(&[]), [0.0; 0]);
        assert_eq!(benjamini_hochberg(&[0.03]), [0.03]);
    }

    proptest! {
        #[test]
        fn q_values_belong_to_their_tests(p in prop::collection::vec(0.0..=1.0_f64, 1..40)) {
            let q = benjamini_hochberg(&p);
            let reversed: Vec<f64> = p.iter().rev().copied().collect();
            let mut back = benjamini_hochberg(&reversed);
            back.reverse();
            prop_assert_eq!(&q, &back);
            for (p, q) in p.iter().zip(&q) {
                prop_assert!(p <= q && *q <= 1.0);
            }
        }

        /// The step-up procedure itself: the largest k with p(k) <= k q / m.
        #[test]
        fn q_values_reject_what_the_procedure_rejects(
            p in prop::collection::vec(0.0..=1.0_f64, 1..40),
            level in 0.01..0.5_f64,
        ) {
            let mut sorted = p.clone();
            sorted.sort_by(f64::total_cmp);
            let m = p.len() as f64;
            let last = (1..=p.len()).rev().find(|&k| sorted[k - 1] * (m / k as f64) <= level);
            let rejected = benjamini_hochberg(&p).iter().filter(|&&q| q <= level).count();
            prop_assert_eq!(rejected, last.unwrap_or(0));
        }
    }
}
