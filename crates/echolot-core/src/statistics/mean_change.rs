//! The place at which a mean of answers changed for good.

use super::answers::Answers;

/// A series of answers falls into a stretch before and a stretch after.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanChange {
    /// The first period of the later stretch, counted from 0.
    pub at: usize,
    /// The answers of all periods before it.
    pub before: Answers,
    /// Those of it and of all periods after it.
    pub after: Answers,
    /// Pettitt's K: by how many pairs of an answer before and one after more
    /// fell than rose, or more rose than fell, at the place where that is most.
    pub k: u64,
    /// The probability of a K as great if answers never changed, at most 1; the
    /// search for the place is accounted for.
    pub p: f64,
}

/// The place from which on answers are lower or higher than before; none when
/// fewer than two periods have answers, or all of these are the same.
///
/// Source: A. Pettitt, "A Non-Parametric Approach to the Change-Point Problem",
/// Applied Statistics 28 (1979). It compares ranks, so it asks nothing of how
/// answers spread and is not led by outliers; answers of one period have no order
/// among themselves, so only places between periods are looked at. Without ties
/// its p is 2 exp(-6 K² / (n³ + n²)). On scales most answers are ties, so the
/// variance of ranks without ties, (n³ - n) / 3, is replaced by that of the ranks
/// there are, S = Σ (2 rank - n - 1)²: p = 2 exp(-2 K² (n - 1) / (n S)), as for
/// the rank sum test. It is the first term of an alternating series, so it is
/// never too small, and the few places make it greater still. Seasons are not
/// modelled: compare whole weeks or years.
pub fn find_mean_change(periods: &[Answers]) -> Option<MeanChange> {
    let all = joined(periods);
    let ranks = Ranks::of(&all);
    let mut best: Option<(usize, u64)> = None;
    let (mut balance, mut before) = (0_i128, 0);
    for (at, period) in periods.iter().enumerate() {
        if before > 0 && before < all.total() && period.total() > 0 {
            let k = u64::try_from(balance.unsigned_abs()).unwrap_or(u64::MAX);
            if best.is_none_or(|(_, greatest)| k > greatest) {
                best = Some((at, k));
            }
        }
        balance += ranks.balance(period);
        before += period.total();
    }
    let (at, k) = best.filter(|_| ranks.squares > 0.0)?;
    let (n, k_squared) = (all.total() as f64, k as f64 * k as f64);
    let p = (2.0 * libm::exp(-2.0 * k_squared * (n - 1.0) / (n * ranks.squares))).min(1.0);
    Some(MeanChange { at, before: joined(&periods[..at]), after: joined(&periods[at..]), k, p })
}

fn joined(periods: &[Answers]) -> Answers {
    let mut all = Answers::default();
    for &(value, count) in periods.iter().flat_map(Answers::counts) {
        all.add(value, count);
    }
    all
}

/// The ranks of all answers, equal ones sharing the mean of theirs.
struct Ranks {
    /// For each value, ascending, twice its rank less n + 1: how many answers are
    /// below it less how many are above.
    centred: Vec<(f64, i128)>,
    /// Their squares, summed over all answers.
    squares: f64,
}

impl Ranks {
    fn of(all: &Answers) -> Self {
        let (mut below, total) = (0, i128::from(all.total()));
        let mut squares = 0.0;
        let centred = all.counts().iter().map(|&(value, count)| {
            let above = total - below - i128::from(count);
            let rank = below - above;
            squares += (rank as f64) * (rank as f64) * count as f64;
            below += i128::from(count);
            (value, rank)
        });
        let centred = centred.collect();
        Self { centred, squares }
    }

    /// How many of all answers are below those of a period less how many are
    /// above, summed over the period.
    fn balance(&self, period: &Answers) -> i128 {
        let of = |&(value, count): &(f64, u64)| {
            let at = self.centred.partition_point(|(known, _)| known.total_cmp(&value).is_lt());
            self.centred[at].1 * i128::from(count)
        };
        period.counts().iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::random::Draws;

    fn series(periods: &[&[i32]]) -> Vec<Answers> {
        periods.iter().map(|period| period.iter().map(|&v| f64::from(v)).collect()).collect()
    }

    /// By hand: each of 1 2 3 is below each of 7 8 9, so K is 9 at the fourth of
    /// n = 6, and p = 2 exp(-6 · 81 / (216 + 36)) = 0.2907.
    #[test]
    fn without_ties_it_is_the_published_formula() {
        let found = find_mean_change(&series(&[&[1], &[3], &[2], &[8], &[9], &[7]])).unwrap();
        assert_eq!((found.at, found.k), (3, 9));
        let expected = 2.0 * f64::exp(-6.0 * 81.0 / 252.0);
        assert!((found.p - expected).abs() < 1e-12 && (expected - 0.2907).abs() < 1e-4);
        assert_eq!((found.before.mean(), found.after.mean()), (Some(2.0), Some(8.0)));
    }

    /// By hand: 0 0 before 1 1 gives K = 4; twice the ranks less 5 are -2 -2 2 2
    /// with squares that sum to 16, so p = 2 exp(-2 · 16 · 3 / (4 · 16)) = 0.4463.
    #[test]
    fn ties_share_their_ranks() {
        let found = find_mean_change(&series(&[&[0, 0], &[1, 1]])).unwrap();
        assert_eq!((found.at, found.k), (1, 4));
        assert!((found.p - 2.0 * f64::exp(-1.5)).abs() < 1e-12, "{}", found.p);
    }

    #[test]
    fn a_clear_change_is_found_in_its_place() {
        let stars = |day: i32, shift: i32| -> Answers {
            (0..20).map(|n| f64::from(1 + (n * 7 + day * 3) % 4 + shift)).collect()
        };
        let days = (0..30).map(|day| stars(day, 1)).chain((30..50).map(|day| stars(day, 0)));
        let found = find_mean_change(&days.collect::<Vec<_>>()).unwrap();
        assert_eq!((found.at, found.before.total(), found.after.total()), (30, 600, 400));
        assert!(found.p < 1e-6, "{}", found.p);
    }

    #[test]
    fn some_series_cannot_change() {
        assert_eq!(find_mean_change(&[]), None);
        assert_eq!(find_mean_change(&series(&[&[3, 4]])), None);
        assert_eq!(find_mean_change(&series(&[&[3, 4], &[]])), None);
        assert_eq!(find_mean_change(&series(&[&[3], &[3, 3]])), None);
        assert_eq!(find_mean_change(&series(&[&[3], &[], &[4]])).unwrap().at, 2);
    }

    /// 400 series of stars that do not change: p is never too small, and not
    /// useless either.
    #[test]
    fn false_alarms_stay_below_the_level() {
        let mut draws = Draws::new(5);
        let mut stars = || [1.0, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0][draws.below(7)];
        let p: Vec<f64> = (0..400)
            .map(|_| {
                let days: Vec<Answers> =
                    (0..30).map(|_| (0..15).map(|_| stars()).collect()).collect();
                find_mean_change(&days).unwrap().p
            })
            .collect();
        for level in [0.05, 0.2] {
            let alarms = p.iter().filter(|&&p| p <= level).count() as f64 / 400.0;
            let error = (level * (1.0 - level) / 400.0_f64).sqrt();
            assert!(alarms <= level + 2.0 * error, "{alarms} at {level}");
            assert!(alarms > level / 3.0, "{alarms} at {level}");
        }
    }

    proptest! {
        #[test]
        fn k_counts_pairs(
            periods in prop::collection::vec(prop::collection::vec(0_i32..6, 0..8), 0..8)
        ) {
            let answers: Vec<Answers> = periods
                .iter()
                .map(|period| period.iter().map(|&value| f64::from(value)).collect())
                .collect();
            let Some(found) = find_mean_change(&answers) else { return Ok(()) };
            let pairs = |at: usize| {
                let before = periods[..at].iter().flatten();
                let sign = |a: &i32| {
                    periods[at..].iter().flatten().map(|b| i64::from((a - b).signum())).sum::<i64>()
                };
                before.map(sign).sum::<i64>().unsigned_abs()
            };
            prop_assert_eq!(found.k, (1..periods.len()).map(pairs).max().unwrap());
            prop_assert_eq!(found.k, pairs(found.at));
            prop_assert!(found.p > 0.0 && found.p <= 1.0);
            let backwards: Vec<Answers> = answers.iter().rev().cloned().collect();
            let mirrored = find_mean_change(&backwards).unwrap();
            prop_assert_eq!((mirrored.k, mirrored.p.to_bits()), (found.k, found.p.to_bits()));
        }
    }
}
