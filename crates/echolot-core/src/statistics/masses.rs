//! Exact tails of the discrete distributions.

/// A distribution over whole numbers with one peak, given by the ratios of
/// neighbouring probabilities.
///
/// Every sum starts at the mode with weight 1 and walks outwards until the
/// weights vanish, so it needs neither factorials nor their logarithms, loses
/// no digits to subtraction, and takes steps in proportion to the standard
/// deviation. A tail below about 1e-300 comes out as 0.
///
/// Libraries find a tail as 1 - P or by a series cut short: with `statrs`
/// 0.19.1 the two-sided Fisher test of 300 of 1000 against 90 of 1000 gives
/// 0.48, where the fractions sum to 1.9e-33.
pub(super) struct Masses<R> {
    lowest: u64,
    highest: u64,
    mode: u64,
    /// `ratio(k)` = P(k + 1) / P(k), for `lowest <= k < highest`.
    ratio: R,
}

/// A table of the same margins counts as "as probable" when its probability
/// exceeds the observed one by no more than this factor, which is rounding.
const ROUNDING: f64 = 1.0 + 1e-7;

impl<R: Fn(u64) -> f64> Masses<R> {
    /// The probability of `from` or more.
    pub(super) fn upper_tail(&self, from: u64) -> f64 {
        self.sum(|k, _| k >= from) / self.sum(|_, _| true)
    }

    /// The probability of all values that are as probable as `k` or less.
    pub(super) fn as_improbable_as(&self, k: u64) -> f64 {
        let observed = self.sum(|other, _| other == k) * ROUNDING;
        self.sum(|_, weight| weight <= observed) / self.sum(|_, _| true)
    }

    /// The value that a uniform number in 0..1 stands for, found by taking
    /// probabilities off it outwards from the mode, whose probability is
    /// `at_mode`.
    pub(super) fn pick(&self, uniform: f64, at_mode: f64) -> u64 {
        let mut rest = uniform / at_mode;
        let (mut up, mut down) = (self.upwards(), self.downwards());
        loop {
            let (above, below) = (up.next(), down.next());
            for (k, weight) in [above, below].into_iter().flatten() {
                rest -= weight;
                if rest < 0.0 {
                    return k;
                }
            }
            if above.is_none() && below.is_none() {
                // All is spent but for rounding.
                return self.mode;
            }
        }
    }

    /// The most probable value.
    pub(super) fn mode(&self) -> u64 {
        self.mode
    }

    fn sum(&self, counts: impl Fn(u64, f64) -> bool) -> f64 {
        let outwards = self.upwards().chain(self.downwards());
        let counted = outwards.filter(|&(k, weight)| counts(k, weight));
        // `Iterator::sum` would give -0 for an empty tail.
        counted.fold(0.0, |sum, (_, weight)| sum + weight)
    }

    fn upwards(&self) -> impl Iterator<Item = (u64, f64)> {
        std::iter::successors(Some((self.mode, 1.0)), |&(k, weight)| {
            (k < self.highest).then(|| (k + 1, weight * (self.ratio)(k)))
        })
        .take_while(|&(_, weight)| weight > 0.0)
    }

    /// From below the mode.
    fn downwards(&self) -> impl Iterator<Item = (u64, f64)> {
        std::iter::successors(Some((self.mode, 1.0)), |&(k, weight)| {
            (k > self.lowest).then(|| (k - 1, weight / (self.ratio)(k - 1)))
        })
        .skip(1)
        .take_while(|&(_, weight)| weight > 0.0)
    }
}

/// Successes in `trials` independent trials of probability `p`.
pub(super) fn binomial(trials: u64, p: f64) -> Masses<impl Fn(u64) -> f64> {
    let odds = p / (1.0 - p);
    let mode = (((trials + 1) as f64 * p) as u64).min(trials);
    let ratio = move |k| (trials - k) as f64 / (k + 1) as f64 * odds;
    Masses { lowest: 0, highest: trials, mode, ratio }
}

/// Events when `mean` are expected.
pub(super) fn poisson(mean: f64) -> Masses<impl Fn(u64) -> f64> {
    let ratio = move |k| mean / (k + 1) as f64;
    Masses { lowest: 0, highest: u64::MAX, mode: mean as u64, ratio }
}

/// Hits among `draws` without replacement from `population`, `hits` of which
/// are hits.
pub(super) fn hypergeometric(
    population: u64,
    hits: u64,
    draws: u64,
) -> Masses<impl Fn(u64) -> f64> {
    let lowest = (hits + draws).saturating_sub(population);
    let highest = hits.min(draws);
    let mode = u128::from(hits + 1) * u128::from(draws + 1) / u128::from(population + 2);
    let ratio = move |k| {
        let ways = (hits - k) as f64 * (draws - k) as f64;
        ways / ((k + 1) as f64 * (population + k + 1 - hits - draws) as f64)
    };
    Masses { lowest, highest, mode: (mode as u64).clamp(lowest, highest), ratio }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn tails_match_sums_by_hand() {
        // (45 + 10 + 1) / 1024 of ten fair coins show eight heads or more.
        close(binomial(10, 0.5).upper_tail(8), 56.0 / 1024.0);
        close(binomial(10, 0.5).upper_tail(0), 1.0);
        close(binomial(3, 1.0).upper_tail(3), 1.0);
        assert_eq!(binomial(3, 0.0).upper_tail(1).total_cmp(&0.0), std::cmp::Ordering::Equal);
        // 1 - e^-2 (1 + 2 + 2), with e^-2 = 0.135335283236612691893999...
        close(poisson(2.0).upper_tail(3), 0.323_323_583_816_936_54);
        // Two of five cards drawn from ten, four of them hits: C(4,2) C(6,3) / C(10,5).
        close(
            hypergeometric(10, 4, 5).upper_tail(2) - hypergeometric(10, 4, 5).upper_tail(3),
            120.0 / 252.0,
        );
        // Every one of the draws must be a hit.
        close(hypergeometric(5, 5, 3).upper_tail(3), 1.0);
    }

    #[test]
    fn far_and_large_tails_keep_their_digits() {
        close(binomial(100, 0.5).upper_tail(100), 2_f64.powi(-100));
        // Both tails summed with sixty decimal digits.
        close(binomial(1_000_000, 0.01).upper_tail(10_500), 3.158_565_879_247_228_6e-7);
        close(poisson(1000.0).upper_tail(1200), 4.684_203_855_872_281e-10);
    }

    #[test]
    fn picks_follow_the_probabilities() {
        let masses = hypergeometric(10, 4, 5);
        // In the order of the walk: 2 up to 120/252 = .476, 1 up to .714, 3 up
        // to .952, 0 up to .976, 4 up to 1.
        let at_mode = 120.0 / 252.0;
        assert_eq!(masses.mode(), 2);
        let picked = [0.1, 0.47, 0.48, 0.71, 0.72, 0.95, 0.96, 0.97, 0.98, 0.999]
            .map(|uniform| masses.pick(uniform, at_mode));
        assert_eq!(picked, [2, 2, 1, 1, 3, 3, 0, 0, 4, 4]);
    }
}
