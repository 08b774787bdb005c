//! How much of an outcome each of several drivers accounts for.

use super::answers::DriverTally;
use super::eigen::{Square, symmetric_eigen};

/// Johnson's relative weights: the explained variance of an outcome shared
/// out among drivers that occur together. They are associations.
#[derive(Debug, Clone, PartialEq)]
pub struct RelativeWeights {
    /// One weight a driver, in the order of the tally, each 0 or more.
    pub weights: Vec<f64>,
    /// The sum of the weights: the share of the outcome's variance that a
    /// linear regression on all drivers explains, 0..=1.
    pub r_squared: f64,
}

/// Directions of the drivers with less than this variance, of 1 a driver, are
/// repetitions of the others but for rounding.
const REDUNDANT: f64 = 1e-9;

/// The relative weights of the drivers of a tally on its answers. A driver
/// that every answer has, or none, weighs 0, and drivers that always occur
/// together share their weight evenly. None when the answers do not vary.
///
/// With R the correlations of the drivers, R = P D Pᵀ, and r those with the
/// outcome: Λ = P D^½ Pᵀ, β = Λ⁻¹ r, weight(j) = Σᵢ Λ(j,i)² β(i)². Source:
/// J. Johnson, "A Heuristic Method for Estimating the Relative Weight of
/// Predictor Variables in Multiple Regression", Multivariate Behavioral
/// Research 35 (2000). The time grows with the cube of the drivers.
pub fn relative_weights(tally: &DriverTally) -> Option<RelativeWeights> {
    if tally.all().counts().len() < 2 {
        return None;
    }
    let (total, mean) = (tally.all().total(), tally.all().mean()?);
    let squares: f64 = tally
        .all()
        .counts()
        .iter()
        .map(|&(value, count)| count as f64 * (value - mean) * (value - mean))
        .sum();
    let varying: Vec<usize> = (0..tally.drivers())
        .filter(|&driver| (1..total).contains(&tally.with(driver).total()))
        .collect();
    let count = |driver: usize| tally.with(varying[driver]).total();
    // n² times the covariance of two drivers, in whole numbers.
    let covariance = |a: usize, b: usize| {
        let both = if a == b { count(a) } else { tally.with_both(varying[a], varying[b]) };
        let product = |x: u64, y: u64| i128::from(x) * i128::from(y);
        (product(both, total) - product(count(a), count(b))) as f64
    };
    let deviation: Vec<f64> = (0..varying.len()).map(|at| covariance(at, at).sqrt()).collect();
    let correlations = Square::from_fn(varying.len(), |a, b| {
        if a == b { 1.0 } else { covariance(a, b) / (deviation[a] * deviation[b]) }
    });
    let with_outcome: Vec<f64> = (0..varying.len())
        .map(|at| {
            let beyond: f64 = tally
                .with(varying[at])
                .counts()
                .iter()
                .map(|&(value, count)| count as f64 * (value - mean))
                .sum();
            beyond * (total as f64 / squares).sqrt() / deviation[at]
        })
        .collect();

    let mut weights = vec![0.0; tally.drivers()];
    let found = weigh(correlations, &with_outcome);
    for (&driver, &weight) in varying.iter().zip(&found) {
        weights[driver] = weight;
    }
    let r_squared = found.iter().fold(0.0, |sum, weight| sum + weight);
    Some(RelativeWeights { weights, r_squared: f64::min(r_squared, 1.0) })
}

/// The weights from the drivers' correlations with each other and with the
/// outcome.
fn weigh(correlations: Square, with_outcome: &[f64]) -> Vec<f64> {
    let size = correlations.size;
    let (values, vectors) = symmetric_eigen(correlations);
    // Λ and β as sums over the directions that carry variance.
    let mut lambda = vec![0.0; size * size];
    let mut beta = vec![0.0; size];
    for (m, &value) in values.iter().enumerate().filter(|(_, value)| **value > REDUNDANT) {
        let (vector, root) = (vectors.row(m), value.sqrt());
        let along: f64 = vector.iter().zip(with_outcome).map(|(v, r)| v * r).sum();
        for (row, &v) in vector.iter().enumerate() {
            beta[row] += v * along / root;
            let cells = &mut lambda[row * size..(row + 1) * size];
            for (cell, w) in cells.iter_mut().zip(vector) {
                *cell += root * v * w;
            }
        }
    }
    let weight = |row: &[f64]| row.iter().zip(&beta).map(|(l, b)| l * l * b * b).sum();
    lambda.chunks_exact(size.max(1)).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By hand: a correlation of .6 gives Λ = [[√.9, √.1], [√.1, √.9]]; with
    /// .5 and .3 to the outcome β² = .225 and .025, so the weights are
    /// .9 · .225 + .1 · .025 and .1 · .225 + .9 · .025.
    #[test]
    fn two_drivers_are_weighed_by_hand() {
        let weights = weigh(Square { size: 2, cells: vec![1.0, 0.6, 0.6, 1.0] }, &[0.5, 0.3]);
        assert!((weights[0] - 0.205).abs() < 1e-15 && (weights[1] - 0.045).abs() < 1e-15);
    }

    /// The example of the R package rwa: mpg by cyl, disp, hp and wt of
    /// mtcars, from their published correlations.
    #[test]
    fn four_drivers_match_the_published_example() {
        let above = [
            [0.902_032_872_1, 0.832_447_452_7, 0.782_495_794_5],
            [0.0, 0.790_948_586_4, 0.887_979_922_1],
            [0.0, 0.0, 0.658_747_887_3],
        ];
        let correlations = Square::from_fn(4, |a, b| match a.cmp(&b) {
            std::cmp::Ordering::Equal => 1.0,
            _ => above[a.min(b)][a.max(b) - 1],
        });
        let with_mpg = [-0.852_161_959_4, -0.847_551_379_3, -0.776_168_371_8, -0.867_659_376_5];
        let weights = weigh(correlations, &with_mpg);
        for (weight, published) in
            weights.iter().zip([0.209_690_4, 0.188_304_3, 0.179_959_0, 0.270_681_2])
        {
            assert!((weight - published).abs() < 1e-7, "{weight} is not {published}");
        }
    }

    fn tally(rows: &[(u8, u8)], drivers: usize) -> DriverTally {
        let mut tally = DriverTally::new(drivers);
        for &(answer, bits) in rows {
            let present: Vec<usize> = (0..drivers).filter(|&at| bits >> at & 1 == 1).collect();
            tally.add(f64::from(answer), &present);
        }
        tally
    }

    /// One driver explains the square of its correlation: rows (5,0) (5,0)
    /// (1,1) (3,1) have covariance -3/4, variances 11/4 and 1/4.
    #[test]
    fn one_driver_explains_its_correlation_squared() {
        let weights = relative_weights(&tally(&[(5, 0), (5, 0), (1, 1), (3, 1)], 1)).unwrap();
        assert!((weights.r_squared - 9.0 / 11.0).abs() < 1e-14);
    }

    #[test]
    fn repeated_and_constant_drivers_are_no_trouble() {
        // Drivers 0 and 2 are the same, 1 is always there, 3 never.
        let rows = [(5, 0b0010), (5, 0b0010), (1, 0b0111), (3, 0b0111)];
        let found = relative_weights(&tally(&rows, 4)).unwrap();
        assert!((found.r_squared - 9.0 / 11.0).abs() < 1e-12);
        assert!((found.weights[0] - found.weights[2]).abs() < 1e-12);
        assert_eq!((found.weights[1].to_bits(), found.weights[3].to_bits()), (0, 0));
        assert_eq!(relative_weights(&tally(&[(4, 1), (4, 0)], 1)), None);
        assert_eq!(relative_weights(&DriverTally::new(2)), None);
        // The mean of three times 3.7 is not 3.7, but nothing varies.
        let mut alike = DriverTally::new(1);
        (0..3).for_each(|row| alike.add(3.7, if row == 0 { &[0] } else { &[] }));
        assert_eq!(relative_weights(&alike), None);
        assert_eq!(relative_weights(&tally(&[(4, 0), (3, 0)], 0)).unwrap().weights, [0.0; 0]);
    }

    proptest! {
        /// R² by another road: Gram-Schmidt on the centred columns.
        #[test]
        fn weights_sum_to_r_squared(
            rows in prop::collection::vec((1..=5_u8, 0..32_u8), 2..120),
        ) {
            let Some(found) = relative_weights(&tally(&rows, 5)) else { return Ok(()) };
            prop_assert!(found.weights.iter().all(|&weight| weight >= 0.0));
            let sum: f64 = found.weights.iter().sum();
            prop_assert!((sum - found.r_squared).abs() < 1e-12);
            prop_assert!((found.r_squared - projected(&rows, 5)).abs() < 1e-8);

            let reversed: Vec<_> = rows.iter().rev().copied().collect();
            prop_assert_eq!(Some(found), relative_weights(&tally(&reversed, 5)));
        }
    }

    fn projected(rows: &[(u8, u8)], drivers: usize) -> f64 {
        let centred = |column: Vec<f64>| -> Vec<f64> {
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            column.iter().map(|x| x - mean).collect()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let outcome = centred(rows.iter().map(|row| f64::from(row.0)).collect());
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for at in 0..drivers {
            let mut column = centred(rows.iter().map(|row| f64::from(row.1 >> at & 1)).collect());
            for direction in basis.iter().chain(&basis) {
                let along = dot(&column, direction);
                column.iter_mut().zip(direction).for_each(|(x, d)| *x -= along * d);
            }
            let length = dot(&column, &column).sqrt();
            if length > 1e-6 {
                basis.push(column.iter().map(|x| x / length).collect());
            }
        }
        let explained: f64 = basis.iter().map(|direction| dot(&outcome, direction).powi(2)).sum();
        explained / dot(&outcome, &outcome)
    }
}
