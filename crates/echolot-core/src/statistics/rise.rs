//! Whether a period's count rose beyond what its history makes likely.

use super::count::{Count, Rate};
use super::masses::{binomial, hypergeometric, poisson};

/// The one-sided p value of a period's share against that of its history:
/// the probability, if all hits had fallen among all verbatims at random, of
/// as many in the period or more. It is exact, and 1 without a verbatim.
///
/// This is the test for themes by verbatims: shuffling the dates of the
/// verbatims is just what it assumes, so it claims a rise in at most `level`
/// of shuffled periods. Source: R. A. Fisher's exact test, one-sided
/// (hypergeometric upper tail).
pub fn share_rise(period: Count, history: Count) -> f64 {
    let both = period.joined(history);
    hypergeometric(both.total(), both.hits(), period.total()).upper_tail(period.hits())
}

/// The one-sided p value of a period's rate against that of its history, for
/// exposures that are not counts of the same rows (days, orders, users): with
/// c + C events in all, c follows a binomial distribution with probability
/// e / (e + E) if both rates are the same. It is exact for Poisson counts;
/// events that come in waves by themselves rise too often by it.
///
/// Source: J. Przyborowski, H. Wilenski, "Homogeneity of Results in Testing
/// Samples from Poisson Series", Biometrika 31 (1940).
pub fn rate_rise(period: Rate, history: Rate) -> f64 {
    let share = period.exposure() / (period.exposure() + history.exposure());
    binomial(period.events() + history.events(), share).upper_tail(period.events())
}

/// The probability of `events` or more when `expected` are expected, for an
/// expectation that is known rather than estimated: the upper tail of the
/// Poisson distribution.
///
/// # Panics
/// When `expected` is negative or not finite, which no expectation is.
pub fn poisson_rise(events: u64, expected: f64) -> f64 {
    assert!(expected.is_finite() && expected >= 0.0, "{expected} cannot be expected");
    poisson(expected).upper_tail(events)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-10, "{found} is not {expected}");
    }

    #[test]
    fn tails_match_other_computations() {
        // Twelve in the last of eleven equal periods, forty in the ten before.
        close(share_rise(Count::new(12, 100), Count::new(40, 1_000)), 1.549_324_718_551_326_4e-3);
        let rate = |events, exposure| Rate::new(events, exposure).unwrap();
        close(rate_rise(rate(12, 7.0), rate(40, 70.0)), 2.065_286_670_254_641e-3);
        close(poisson_rise(12, 4.0), 9.152_291_472_700_608e-4);
        // By hand: one event, as likely in either half; e^-1 without one.
        close(rate_rise(rate(1, 2.0), rate(0, 2.0)), 0.5);
        close(poisson_rise(1, 1.0), 1.0 - libm::exp(-1.0));
    }

    #[test]
    fn nothing_is_no_rise() {
        close(share_rise(Count::new(0, 0), Count::new(4, 10)), 1.0);
        close(share_rise(Count::new(0, 10), Count::new(0, 10)), 1.0);
        close(rate_rise(Rate::new(0, 1.0).unwrap(), Rate::new(9, 1.0).unwrap()), 1.0);
        close(poisson_rise(0, 0.0), 1.0);
        assert!(poisson_rise(1, 0.0) <= 0.0);
    }

    proptest! {
        #[test]
        fn more_events_are_less_likely(
            hits in 0..40_u64, more in 1..20_u64, total in 60..500_u64, before in 0..80_u64,
        ) {
            let history = Count::new(before, 1_000);
            prop_assert!(
                share_rise(Count::new(hits + more, total), history)
                    <= share_rise(Count::new(hits, total), history) + 1e-12
            );
            let rate = |events| Rate::new(events, total as f64).unwrap();
            let past = Rate::new(before, 1_000.0).unwrap();
            prop_assert!(rate_rise(rate(hits + more), past) <= rate_rise(rate(hits), past) + 1e-12);
        }

        /// An exact p value raises false alarms at or under its level.
        #[test]
        fn share_rise_sums_what_counting_finds(
            period in 1..30_u64, history in 1..60_u64, percent in 0..=100_u64,
        ) {
            let hits = (period + history) * percent / 100;
            let least = hits.saturating_sub(history);
            let ways = |k: u64| choose(period, k) * choose(history, hits - k);
            let all: u128 = (least..=hits.min(period)).map(ways).sum();
            for k in least..=hits.min(period) {
                let as_many: u128 = (k..=hits.min(period)).map(ways).sum();
                let p = share_rise(Count::new(k, period), Count::new(hits - k, history));
                let expected = as_many as f64 / all as f64;
                prop_assert!((p / expected - 1.0).abs() < 1e-12, "{p} is not {expected}");
            }
        }
    }

    fn choose(n: u64, k: u64) -> u128 {
        (0..u128::from(k)).fold(1, |ways, i| ways * (u128::from(n) - i) / (i + 1))
    }
}
