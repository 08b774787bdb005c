//! The place at which a share changed for good.

use super::count::Count;
use super::permutation::sequential_p;
use super::random::{Resampling, Stream};

/// A series of counts falls into a stretch before and a stretch after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The first period of the later stretch, counted from 0.
    pub at: usize,
    /// All periods before it.
    pub before: Count,
    /// It and all periods after it.
    pub after: Count,
    /// The log likelihood ratio (twice the natural logarithm) of two shares
    /// against one, at the best place.
    pub likelihood_ratio: f64,
    /// The probability of a ratio as great at any place, if the share never
    /// changed; the search for the place is accounted for.
    pub p: f64,
}

/// The place that divides a series of counts best into two shares; none when
/// fewer than two periods have verbatims, or none or all of these are hits.
///
/// The binomial likelihood ratio is greatest there: D. Hinkley, E. Hinkley,
/// "Inference about the Change-Point in a Sequence of Binomial Variables",
/// Biometrika 57 (1970). Its p value is that of a permutation test, hits
/// falling among all verbatims at random with the totals of the periods kept
/// (`permutation.rs`). Seasons are not modelled: compare whole weeks or years.
pub fn find_change_point(periods: &[Count], resampling: Resampling) -> Option<ChangePoint> {
    let likelihood = Likelihood::of(periods)?;
    let hits: Vec<u64> = periods.iter().map(|period| period.hits()).collect();
    let (at, likelihood_ratio) = likelihood.best_division(&hits)?;
    let stretch = |periods: &[Count]| {
        periods.iter().fold(Count::new(0, 0), |whole, &period| whole.joined(period))
    };
    Some(ChangePoint {
        at,
        before: stretch(&periods[..at]),
        after: stretch(&periods[at..]),
        likelihood_ratio,
        p: likelihood.p(likelihood_ratio, resampling),
    })
}

/// What stays the same when the hits are permuted.
struct Likelihood {
    totals: Vec<u64>,
    whole: Count,
    /// Log likelihood of the whole with one share.
    undivided: f64,
    /// For each period, the parts of a division before it that depend on the
    /// totals alone.
    sizes: Vec<f64>,
}

impl Likelihood {
    fn of(periods: &[Count]) -> Option<Self> {
        let whole = periods.iter().fold(Count::new(0, 0), |whole, &period| whole.joined(period));
        if whole.hits() == 0 || whole.misses() == 0 {
            return None;
        }
        let mut before = 0;
        let sizes = periods.iter().map(|period| {
            let size = x_log_x(before) + x_log_x(whole.total() - before);
            before += period.total();
            size
        });
        Some(Self {
            sizes: sizes.collect(),
            totals: periods.iter().map(|period| period.total()).collect(),
            undivided: x_log_x(whole.hits()) + x_log_x(whole.misses()) - x_log_x(whole.total()),
            whole,
        })
    }

    /// The first period after the best division, and twice the gain in log
    /// likelihood; the earliest of equals. None when one side has no verbatim
    /// wherever it is divided.
    fn best_division(&self, hits: &[u64]) -> Option<(usize, f64)> {
        let (mut hits_before, mut before) = (0, 0);
        let mut best: Option<(usize, f64)> = None;
        for (at, (&total, &hit)) in self.totals.iter().zip(hits).enumerate() {
            if before > 0 && before < self.whole.total() && total > 0 {
                let hits_after = self.whole.hits() - hits_before;
                let misses_before = before - hits_before;
                let misses_after = self.whole.misses() - misses_before;
                let divided = x_log_x(hits_before)
                    + x_log_x(misses_before)
                    + x_log_x(hits_after)
                    + x_log_x(misses_after)
                    - self.sizes[at];
                let ratio = (2.0 * (divided - self.undivided)).max(0.0);
                if best.is_none_or(|(_, greatest)| ratio > greatest) {
                    best = Some((at, ratio));
                }
            }
            hits_before += hit;
            before += total;
        }
        best
    }

    fn p(&self, observed: f64, resampling: Resampling) -> f64 {
        // The same division in another order of terms is as extreme.
        let observed = observed * (1.0 - 1e-9);
        let mut hits = vec![0; self.totals.len()];
        sequential_p(resampling.replicates, |replicate| {
            self.permute(&mut Stream::new(resampling.seed, replicate), &mut hits);
            self.best_division(&hits).is_some_and(|(_, ratio)| ratio >= observed)
        })
    }

    /// Lets the hits fall among the verbatims of all periods at random.
    fn permute(&self, stream: &mut Stream, hits: &mut [u64]) {
        let (mut population, mut left) = (self.whole.total(), self.whole.hits());
        for (&total, hit) in self.totals.iter().zip(hits) {
            *hit = stream.hypergeometric(population, left, total);
            population -= total;
            left -= *hit;
        }
    }
}

fn x_log_x(count: u64) -> f64 {
    if count == 0 { 0.0 } else { count as f64 * libm::log(count as f64) }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn series(hits: &[u64], total: u64) -> Vec<Count> {
        hits.iter().map(|&hits| Count::new(hits, total)).collect()
    }

    fn draws(seed: u64, replicates: u32) -> Resampling {
        Resampling { seed, replicates: NonZeroU32::new(replicates).unwrap() }
    }

    /// By hand: 2 of 20 before, 8 of 20 after, 10 of 40 in all; G = 2 Σ
    /// observed ln(observed / expected) = 2 (2 ln .4 + 18 ln 1.2 + 8 ln 1.6 +
    /// 12 ln .8) = 5.063.
    #[test]
    fn the_ratio_is_the_g_statistic_of_the_division() {
        let found = find_change_point(&series(&[1, 1, 4, 4], 10), draws(0, 999)).unwrap();
        assert_eq!(
            (found.at, found.before, found.after),
            (2, Count::new(2, 20), Count::new(8, 20))
        );
        let ln = f64::ln;
        let g = 2.0 * (2.0 * ln(0.4) + 18.0 * ln(1.2) + 8.0 * ln(1.6) + 12.0 * ln(0.8));
        assert!((found.likelihood_ratio - g).abs() < 1e-12 && (g - 5.063).abs() < 1e-3);
    }

    /// Two periods of two with two hits: six ways to place them, and the
    /// divisions 2-0 and 0-2 are as extreme as can be, so p is 1/3.
    #[test]
    fn p_is_that_of_all_permutations() {
        let p: f64 = (0..400)
            .map(|seed| find_change_point(&series(&[2, 0], 2), draws(seed, 999)).unwrap().p)
            .sum();
        assert!((p / 400.0 - 1.0 / 3.0).abs() < 0.05, "{}", p / 400.0);
    }

    #[test]
    fn a_clear_change_is_found_in_its_place() {
        let mut hits = vec![3; 30];
        hits.extend([9; 20]);
        let found = find_change_point(&series(&hits, 100), draws(4, 1_999)).unwrap();
        assert_eq!(found.at, 30);
        assert!((found.p - 1.0 / 2_000.0).abs() < 1e-15);
        assert_eq!(found, find_change_point(&series(&hits, 100), draws(4, 1_999)).unwrap());
    }

    #[test]
    fn more_verbatims_are_no_change() {
        let mut periods = series(&[2; 10], 100);
        periods.extend(series(&[20; 10], 1_000));
        let found = find_change_point(&periods, draws(4, 999)).unwrap();
        assert!(found.likelihood_ratio < 1e-9 && found.p > 0.9);
    }

    #[test]
    fn some_series_cannot_change() {
        let any = Resampling::default();
        assert_eq!(find_change_point(&[], any), None);
        assert_eq!(find_change_point(&series(&[3], 9), any), None);
        assert_eq!(find_change_point(&series(&[0, 0], 9), any), None);
        assert_eq!(find_change_point(&series(&[9, 9], 9), any), None);
        let with_empty = [Count::new(0, 0), Count::new(3, 9), Count::new(0, 0)];
        assert_eq!(find_change_point(&with_empty, any), None);
        let gap = [Count::new(1, 9), Count::new(0, 0), Count::new(8, 9)];
        assert_eq!(find_change_point(&gap, any).unwrap().at, 2);
    }

    /// 300 series without a change, their hits drawn at random: the part with
    /// p at or under a level is that level, within three standard errors.
    #[test]
    fn false_alarms_keep_to_the_level() {
        let base = Likelihood::of(&series(&[5; 12], 80)).unwrap();
        let mut hits = vec![0; 12];
        let p: Vec<f64> = (0..300)
            .map(|run| {
                base.permute(&mut Stream::new(77, run), &mut hits);
                find_change_point(&series(&hits, 80), draws(u64::from(run), 199)).unwrap().p
            })
            .collect();
        for level in [0.05, 0.2] {
            let alarms = p.iter().filter(|&&p| p <= level).count() as f64 / 300.0;
            let error = (level * (1.0 - level) / 300.0_f64).sqrt();
            assert!(alarms <= level + 3.0 * error, "{alarms} at {level}");
            assert!(alarms >= level - 3.5 * error, "{alarms} at {level}");
        }
    }
}
