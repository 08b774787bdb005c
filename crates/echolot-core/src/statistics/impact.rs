//! What a group of answers does to a mean.

use super::answers::Answers;
use super::random::{Resampling, Stream};

/// The leave-out impact of a group on a mean, with its 95 % interval. It is
/// an association: who names the theme may differ in other ways.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// The mean of all answers minus the mean without the group, in the unit
    /// of the answers: below 0 for a group that draws the mean down.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// How many answers the group has.
    pub answers: u64,
}

/// The mean of all answers minus the mean without a `group` of them, which is the
/// value of its [`leave_out_impact`] and quickly found; none when the group has
/// no answer or all of them.
pub fn leave_out_difference(all: &Answers, group: &Answers) -> Option<f64> {
    let cells = cells(all, group);
    let counts = cells.iter().map(|cell| cell.count);
    if group.total() == 0 { None } else { difference(&cells, counts) }
}

/// The leave-out impact of a `group`, which is a part of `all`; none when the
/// group has no answer or all of them.
///
/// The interval is the bootstrap percentile interval over answers (one for
/// each respondent or verbatim, as the caller counted). To resample n rows is
/// to draw how often each pair of value and membership occurs from a
/// multinomial distribution, so that is what is drawn: the same bootstrap at
/// a cost of replicates x distinct values, whatever the number of rows.
/// Replicates in which nobody is outside the group have no impact and are
/// left out. Source: B. Efron, R. Tibshirani, "An Introduction to the
/// Bootstrap" (1993), chapter 13; multinomial draws as a chain of binomial
/// ones: L. Devroye, "Non-Uniform Random Variate Generation" (1986),
/// chapter XI.
///
/// # Panics
/// When the group has an answer more than all have.
pub fn leave_out_impact(all: &Answers, group: &Answers, resampling: Resampling) -> Option<Impact> {
    assert!(
        group.counts().iter().all(|&(value, count)| count <= all.count_of(value)),
        "a group is a part of all answers"
    );
    let value = leave_out_difference(all, group)?;
    let cells = cells(all, group);
    let total = all.total();
    let mut drawn = vec![0; cells.len()];
    let mut impacts: Vec<f64> = (0..resampling.replicates.get())
        .filter_map(|replicate| {
            draw(&cells, total, &mut Stream::new(resampling.seed, replicate), &mut drawn);
            difference(&cells, drawn.iter().copied())
        })
        .collect();
    impacts.sort_by(f64::total_cmp);
    let (low, high) = percentile_interval(&impacts)?;
    Some(Impact { value, low, high, answers: group.total() })
}

/// Answers of one value, in the group or outside it.
struct Cell {
    value: f64,
    is_inside: bool,
    count: u64,
}

fn cells(all: &Answers, group: &Answers) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(2 * all.counts().len());
    for &(value, count) in all.counts() {
        let inside = group.count_of(value).min(count);
        cells.push(Cell { value, is_inside: true, count: inside });
        cells.push(Cell { value, is_inside: false, count: count - inside });
    }
    cells.retain(|cell| cell.count > 0);
    cells
}

/// Draws how often each cell occurs among `total` rows drawn with replacement.
fn draw(cells: &[Cell], total: u64, stream: &mut Stream, drawn: &mut [u64]) {
    let (mut rows, mut rest) = (total, total);
    for (cell, drawn) in cells.iter().zip(drawn) {
        *drawn = stream.binomial(rows, cell.count as f64 / rest as f64);
        rows -= *drawn;
        rest -= cell.count;
    }
}

/// Mean of all minus mean of those outside; none without one outside.
fn difference(cells: &[Cell], counts: impl Iterator<Item = u64>) -> Option<f64> {
    let (mut inside, mut outside) = ((0, 0.0), (0, 0.0));
    for (cell, count) in cells.iter().zip(counts) {
        let (total, sum) = if cell.is_inside { &mut inside } else { &mut outside };
        *total += count;
        *sum += cell.value * count as f64;
    }
    (outside.0 > 0).then(|| {
        (inside.1 + outside.1) / (inside.0 + outside.0) as f64 - outside.1 / outside.0 as f64
    })
}

/// The k-th value from either end of `sorted`, k = ⌊(n + 1) · 0.025⌋ and at
/// least 1; none of nothing.
fn percentile_interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let from_end = ((sorted.len() + 1) / 40).max(1);
    Some((*sorted.get(from_end - 1)?, sorted[sorted.len() - from_end]))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;

    fn answers(counts: &[(f64, u64)]) -> Answers {
        let mut answers = Answers::default();
        for &(value, count) in counts {
            answers.add(value, count);
        }
        answers
    }

    fn seed(seed: u64) -> Resampling {
        Resampling { seed, ..Resampling::default() }
    }

    #[test]
    fn the_impact_is_a_difference_of_means() {
        // All: (1 * 4 + 5 * 6) / 10 = 3.4; without the group: (1 + 25) / 6.
        let all = answers(&[(1.0, 4), (5.0, 6)]);
        let group = answers(&[(1.0, 3), (5.0, 1)]);
        let impact = leave_out_impact(&all, &group, seed(1)).unwrap();
        assert!((impact.value - (3.4 - 26.0 / 6.0)).abs() < 1e-12);
        assert!(impact.low < impact.value && impact.value < impact.high);
        assert_eq!(impact.answers, 4);
    }

    #[test]
    fn a_group_of_none_or_of_all_has_no_impact() {
        let all = answers(&[(1.0, 4), (5.0, 6)]);
        assert_eq!(leave_out_impact(&all, &Answers::default(), seed(1)), None);
        assert_eq!(leave_out_impact(&all, &all, seed(1)), None);
        assert_eq!(leave_out_impact(&Answers::default(), &Answers::default(), seed(1)), None);
    }

    #[test]
    #[should_panic(expected = "a group is a part of all answers")]
    fn a_group_is_never_greater_than_all() {
        let _ = leave_out_impact(&answers(&[(1.0, 4)]), &answers(&[(1.0, 5)]), seed(1));
    }

    /// For a large sample the interval is the normal one: with f the group's
    /// fraction, the impact is f (mean inside - mean outside) and its variance
    /// by the delta method is the mean square of each row's influence.
    #[test]
    fn the_interval_has_the_width_of_the_delta_method() {
        let all = answers(&[(1.0, 300_000), (3.0, 200_000), (5.0, 500_000)]);
        let group = answers(&[(1.0, 20_000), (3.0, 5_000), (5.0, 5_000)]);
        let (n, mean) = (1_000_000.0, 3.4);
        let (inside, outside) = (2.0, (3_400_000.0 - 60_000.0) / 970_000.0);
        let mut square = 0.0;
        for &(value, count) in all.counts() {
            let within = group.count_of(value) as f64;
            let without = count as f64 - within;
            square += within * (value - mean).powi(2);
            square += without * (value - mean - (value - outside) / 0.97).powi(2);
        }
        let error = (square / n / n).sqrt();
        let impact = leave_out_impact(&all, &group, seed(9)).unwrap();
        assert!((impact.value - 0.03 * (inside - outside)).abs() < 1e-12);
        assert!(((impact.high - impact.low) / (2.0 * 1.96 * error) - 1.0).abs() < 0.1);
        assert!((f64::midpoint(impact.low, impact.high) - impact.value).abs() < 0.2 * error);
    }

    /// A published interval must not change with the platform or the version.
    #[test]
    fn the_interval_is_always_the_same() {
        let all = answers(&[(-100.0, 90), (0.0, 300), (100.0, 4_000)]);
        let group = answers(&[(-100.0, 40), (0.0, 20), (100.0, 5)]);
        let impact = leave_out_impact(&all, &group, seed(2_026)).unwrap();
        assert_eq!(
            format!("{:?} {:?} {:?}", impact.value, impact.low, impact.high),
            "-2.1478136068574116 -2.7355555356032824 -1.6164713238906785"
        );
    }

    #[test]
    fn the_ends_are_the_fiftieth_of_1999() {
        let sorted: Vec<f64> = (1..=1_999).map(f64::from).collect();
        assert_eq!(percentile_interval(&sorted), Some((50.0, 1950.0)));
        assert_eq!(percentile_interval(&[2.0]), Some((2.0, 2.0)));
        assert_eq!(percentile_interval(&[]), None);
    }

    proptest! {
        #[test]
        fn the_same_seed_gives_the_same_bytes(
            rows in prop::collection::vec((1..=5_u8, any::<bool>()), 1..200),
            number in any::<u64>(),
        ) {
            let few = Resampling { seed: number, replicates: NonZeroU32::new(99).unwrap() };
            let impact = |rows: &mut dyn Iterator<Item = &(u8, bool)>| {
                let (mut all, mut group) = (Answers::default(), Answers::default());
                for &(value, is_inside) in rows {
                    all.add(f64::from(value), 1);
                    if is_inside {
                        group.add(f64::from(value), 1);
                    }
                }
                leave_out_impact(&all, &group, few)
            };
            let forwards = impact(&mut rows.iter());
            prop_assert_eq!(forwards, impact(&mut rows.iter().rev()));
            if let Some(impact) = forwards {
                prop_assert!(impact.low <= impact.high && impact.value.abs() <= 4.0);
            }
        }
    }
}
