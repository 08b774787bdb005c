//! What examples have in common, and how like it a text must be.
//!
//! Examples are vectors of length 1, e₁ to eₙ. The prototype is the direction of their sum
//! (Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017).
//! Each example is compared with the sum of all others, which gives n leave-one-out
//! cosines; they say how like each other the examples are without counting any for
//! itself. The stored opinion units have cosines to the prototype with mean μ and
//! standard deviation σ. A unit has the topic from
//!
//! ```text
//! threshold = max(mean of the leave-one-out cosines, min(μ + 2 σ, greatest of them))
//! ```
//!
//! on: it is as like the examples as these are to one another; and where that is not
//! unlike what is said in general, it is as like them as the most typical of them. `docs/adr/009-own-topics.md` says how well that does.

use echolot_index::TopicPrototype;
use echolot_themes::Centroid;

use crate::Error;

/// How far out among all opinion units a unit must be, in standard deviations.
const DEVIATIONS: f64 = 2.0;

/// Cosines are summed as whole millionths, so that no order of units shows.
const SCALE: f64 = 1e6;

/// The prototype of two examples or more among the units of a generation.
pub(super) fn of(
    examples: &[Vec<i8>],
    snapshot: &echolot_index::Snapshot,
) -> Result<TopicPrototype, Error> {
    let vector = Centroid::of(examples.iter().map(Vec::as_slice)).direction();
    let vector = vector.components().to_vec();
    let threshold = threshold(&likeness(examples), &snapshot.unit_cosines(&vector)?);
    Ok(TopicPrototype { vector, threshold: threshold as f32 })
}

/// The cosine of each example to the sum of all others.
fn likeness(examples: &[Vec<i8>]) -> Vec<f64> {
    let all = Centroid::of(examples.iter().map(Vec::as_slice));
    let cosine = |example: &Vec<i8>| {
        let mut others = all.clone();
        others.remove(example);
        echolot_themes::cosine(example, others.direction().components())
    };
    examples.iter().map(cosine).collect()
}

fn threshold(leave_one_out: &[f64], units: &[f32]) -> f64 {
    let (likeness, _) = mean_and_deviation(leave_one_out.iter().copied());
    let greatest = leave_one_out.iter().copied().fold(likeness, f64::max);
    let (mean, deviation) = mean_and_deviation(units.iter().map(|&cosine| f64::from(cosine)));
    likeness.max(greatest.min(mean + DEVIATIONS * deviation))
}

/// Mean and standard deviation of all; 0 of none.
fn mean_and_deviation(cosines: impl ExactSizeIterator<Item = f64>) -> (f64, f64) {
    let count = cosines.len().max(1) as f64;
    let (sum, squares) = cosines.fold((0_i64, 0_i128), |(sum, squares), cosine| {
        let scaled = (cosine * SCALE).round() as i64;
        (sum + scaled, squares + i128::from(scaled) * i128::from(scaled))
    });
    let mean = sum as f64 / count;
    let variance = (squares as f64 / count - mean * mean).max(0.0);
    (mean / SCALE, variance.sqrt() / SCALE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_threshold_is_that_of_a_hand_computed_case() {
        // Two examples at an angle of cosine 24/25 leave each other alone: both .96.
        let examples = [vec![60_i8, 80], vec![80, 60]];
        for cosine in likeness(&examples) {
            assert!((cosine - 0.96).abs() < 0.003, "{cosine}");
        }
        // μ = .2 and σ = .1: .2 + .2 is less than .96, and between .3 and .6.
        let units = [0.1_f32, 0.3];
        assert!((threshold(&[0.96, 0.96], &units) - 0.96).abs() < 1e-6);
        assert!((threshold(&[0.0, 0.6], &units) - 0.4).abs() < 1e-6);
        // Where most units are like the examples, the most typical example decides.
        assert!((threshold(&[0.5, 0.7], &[0.8, 0.8, 0.1]) - 0.7).abs() < 1e-6);
        assert!((threshold(&[0.5, 0.7], &[]) - 0.6).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn no_order_of_units_shows(
            mut units in prop::collection::vec(-1.0_f32..1.0, 1..200), turn in 0_usize..200,
        ) {
            let before = threshold(&[0.1], &units).to_bits();
            let turn = turn % units.len();
            units.rotate_left(turn);
            prop_assert_eq!(threshold(&[0.1], &units).to_bits(), before);
        }
    }
}
