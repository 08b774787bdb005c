//! The place at which a volume changed for good.

use super::count::Rate;
use super::permutation::sequential_p;
use super::random::{Draws, Resampling};

/// A series of volumes falls into a stretch before and a stretch after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeChange {
    /// The first period of the later stretch, counted from 0.
    pub at: usize,
    /// All periods before it.
    pub before: Rate,
    /// It and all periods after it.
    pub after: Rate,
    /// The log likelihood ratio (twice the natural logarithm) of two rates
    /// against one, at the best place.
    pub likelihood_ratio: f64,
    /// The probability of a ratio as great at any place, if the periods came in
    /// any order; the search for the place is accounted for.
    pub p: f64,
}

/// The place that divides a series of volumes best into two rates; none when
/// there are fewer than two periods, or nothing in any of them.
///
/// The Poisson likelihood ratio is greatest there: K. Worsley, "Confidence
/// Regions and Tests for a Change-Point in a Sequence of Exponential Family
/// Random Variables", Biometrika 73 (1986). Volumes come in waves and vary more
/// than Poisson counts do, for which that theory would see changes everywhere.
/// So p is that of a permutation test: the periods, each with its events and its
/// exposure, are put in random order (`permutation.rs`). It asks nothing of how
/// volumes spread, only that without a change one order is as likely as another.
/// Few periods have few orders: of four, no p can be below 1/12, as a division
/// and its reverse are as extreme. Seasons are not modelled: compare whole weeks
/// or years.
pub fn find_volume_change(periods: &[Rate], resampling: Resampling) -> Option<VolumeChange> {
    let whole = joined(periods)?;
    let (at, likelihood_ratio) = best_division(periods, whole)?;
    let mut shuffled = periods.to_vec();
    let mut draws = Draws::new(resampling.seed);
    // The same division in another order of terms is as extreme.
    let observed = likelihood_ratio * (1.0 - 1e-9);
    let p = sequential_p(resampling.replicates, |_| {
        draws.shuffle(&mut shuffled);
        best_division(&shuffled, whole).is_some_and(|(_, ratio)| ratio >= observed)
    });
    let (before, after) = (joined(&periods[..at])?, joined(&periods[at..])?);
    Some(VolumeChange { at, before, after, likelihood_ratio, p })
}

/// All periods as one; none of none.
fn joined(periods: &[Rate]) -> Option<Rate> {
    let events = periods.iter().map(|period| period.events()).sum();
    let exposure = periods.iter().fold(0.0, |sum, period| sum + period.exposure());
    Rate::new(events, exposure).ok()
}

/// The first period after the best division, and twice the gain in log
/// likelihood; the earliest of equals.
fn best_division(periods: &[Rate], whole: Rate) -> Option<(usize, f64)> {
    if whole.events() == 0 {
        return None;
    }
    let undivided = log_likelihood(whole.events(), whole.exposure());
    let (mut events, mut exposure) = (0, 0.0);
    let mut best: Option<(usize, f64)> = None;
    for (at, period) in periods.iter().enumerate() {
        if at > 0 {
            let divided = log_likelihood(events, exposure)
                + log_likelihood(whole.events() - events, whole.exposure() - exposure);
            let ratio = (2.0 * (divided - undivided)).max(0.0);
            if best.is_none_or(|(_, greatest)| ratio > greatest) {
                best = Some((at, ratio));
            }
        }
        events += period.events();
        exposure += period.exposure();
    }
    best
}

/// The part of the log likelihood of a stretch with a rate of its own that
/// depends on how it is divided: n ln(n / t).
fn log_likelihood(events: u64, exposure: f64) -> f64 {
    if events == 0 { 0.0 } else { events as f64 * libm::log(events as f64 / exposure) }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn series(volumes: &[u64]) -> Vec<Rate> {
        volumes.iter().map(|&volume| Rate::new(volume, 1.0).unwrap()).collect()
    }

    fn draws(seed: u64, replicates: u32) -> Resampling {
        Resampling { seed, replicates: NonZeroU32::new(replicates).unwrap() }
    }

    /// By hand: 10 in two days, then 30 in two; 40 in four are 10 a day. Twice
    /// 10 ln(5 / 10) + 30 ln(15 / 10) is 20 ln 0.5 + 60 ln 1.5 = 10.465.
    #[test]
    fn the_ratio_is_that_of_two_poisson_rates() {
        let found = find_volume_change(&series(&[5, 5, 15, 15]), draws(0, 999)).unwrap();
        let expected = 20.0 * f64::ln(0.5) + 60.0 * f64::ln(1.5);
        assert!((found.likelihood_ratio - expected).abs() < 1e-12);
        assert!((expected - 10.465).abs() < 1e-3);
        assert_eq!((found.at, found.before.events(), found.after.events()), (2, 10, 30));
    }

    /// 5 5 15 15 has six orders, of which two divide it as well: p is 1/3.
    #[test]
    fn p_is_that_of_all_orders() {
        let p = |seed| find_volume_change(&series(&[5, 5, 15, 15]), draws(seed, 999)).unwrap().p;
        let mean = (0..400).map(p).sum::<f64>() / 400.0;
        assert!((mean - 1.0 / 3.0).abs() < 0.05, "{mean}");
    }

    /// February has fewer days; that its volume is smaller is no change.
    #[test]
    fn a_volume_in_proportion_to_its_days_is_no_change() {
        let months = [(310, 31.0), (280, 28.0), (310, 31.0), (300, 30.0), (100, 10.0)];
        let months = months.map(|(volume, days)| Rate::new(volume, days).unwrap());
        let found = find_volume_change(&months, draws(0, 999)).unwrap();
        assert!(found.likelihood_ratio < 1e-9 && found.p > 0.9, "{found:?}");
    }

    #[test]
    fn a_clear_change_is_found_in_its_place() {
        let mut volumes: Vec<u64> = (0..30).map(|day| 20 + day * 7 % 11).collect();
        volumes.extend((0..20).map(|day| 45 + day * 5 % 13));
        let found = find_volume_change(&series(&volumes), draws(4, 1_999)).unwrap();
        assert_eq!(found.at, 30);
        assert!((found.p - 1.0 / 2_000.0).abs() < 1e-15);
    }

    #[test]
    fn some_series_cannot_change() {
        let any = Resampling::default();
        assert_eq!(find_volume_change(&[], any), None);
        assert_eq!(find_volume_change(&series(&[7]), any), None);
        assert_eq!(find_volume_change(&series(&[0, 0, 0]), any), None);
    }

    /// 300 series whose days spread ten times as much as Poisson counts do, and
    /// do not change: alarms keep to the level, within three standard errors.
    #[test]
    fn waves_raise_no_false_alarms() {
        let mut days = Draws::new(77);
        let p: Vec<f64> = (0..300)
            .map(|run| {
                let volumes: Vec<u64> =
                    (0..14).map(|_| 20 + days.below(40) as u64 * days.below(3) as u64).collect();
                find_volume_change(&series(&volumes), draws(run, 199)).unwrap().p
            })
            .collect();
        for level in [0.05, 0.2] {
            let alarms = p.iter().filter(|&&p| p <= level).count() as f64 / 300.0;
            let error = (level * (1.0 - level) / 300.0_f64).sqrt();
            assert!(alarms <= level + 3.0 * error, "{alarms} at {level}");
            assert!(alarms >= level - 3.5 * error, "{alarms} at {level}");
        }
    }

    proptest! {
        #[test]
        fn the_division_parts_all_and_none_is_better(
            volumes in prop::collection::vec((0_u64..200, 1_u8..32), 2..20)
        ) {
            let periods: Vec<Rate> = volumes
                .iter()
                .map(|&(volume, days)| Rate::new(volume, f64::from(days)).unwrap())
                .collect();
            let all: u64 = volumes.iter().map(|(volume, _)| volume).sum();
            let found = find_volume_change(&periods, draws(1, 19));
            prop_assert_eq!(found.is_some(), all > 0);
            let Some(found) = found else { return Ok(()) };
            prop_assert_eq!(found.before.events() + found.after.events(), all);
            prop_assert!(found.p > 0.0 && found.p <= 1.0);
            prop_assert_eq!(find_volume_change(&periods, draws(1, 19)), Some(found));
            let backwards: Vec<Rate> = periods.iter().rev().copied().collect();
            let (_, ratio) = best_division(&backwards, joined(&periods).unwrap()).unwrap();
            prop_assert!((ratio - found.likelihood_ratio).abs() < 1e-6 * (1.0 + ratio));
        }
    }
}
