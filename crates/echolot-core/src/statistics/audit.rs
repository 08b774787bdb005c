//! How well a classifier does on a sample that people labelled.

use super::count::Count;
use super::prevalence::Accuracy;

/// One label of one row of a sample: what a person says, and what the
/// classifier gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditedLabel {
    /// Whether the row truly has the label.
    pub truly: bool,
    /// Whether it was given it.
    pub given: bool,
    /// How many rows of the whole this one stands for, above 0.
    pub weight: f64,
}

/// Sensitivity and specificity from a sample whose rows have weights.
///
/// A row drawn from a stratum of which every tenth row was drawn stands for ten.
/// The shares are weighted by that; the counts are whole numbers of as many rows
/// as a sample without weights would need to be as certain, so that intervals
/// made of them are honest about uneven weights.
pub fn audit_accuracy(labels: &[AuditedLabel]) -> Accuracy {
    let count = |truly: bool| {
        let of = labels.iter().filter(|label| label.truly == truly);
        weighted_count(of.map(|label| (label.given == truly, label.weight)))
    };
    Accuracy { sensitivity: count(true), specificity: count(false) }
}

/// A weighted share as a count of the effective number of rows, (Σw)² / Σw²,
/// rounded; equal weights give the plain count. Source: L. Kish, "Survey
/// Sampling" (1965), section 8.2.
pub fn weighted_count(rows: impl IntoIterator<Item = (bool, f64)>) -> Count {
    let (mut hits, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (is_hit, weight) in rows {
        hits += if is_hit { weight } else { 0.0 };
        sum += weight;
        squares += weight * weight;
    }
    if sum <= 0.0 {
        return Count::new(0, 0);
    }
    let total = (sum * sum / squares).round().max(1.0);
    Count::new(((hits / sum * total).round() as u64).min(total as u64), total as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(truly: bool, given: bool, weight: f64) -> AuditedLabel {
        AuditedLabel { truly, given, weight }
    }

    #[test]
    fn equal_weights_count_rows() {
        let labels = [
            label(true, true, 3.0),
            label(true, true, 3.0),
            label(true, false, 3.0),
            label(false, false, 3.0),
            label(false, true, 3.0),
        ];
        let expected = Accuracy { sensitivity: Count::new(2, 3), specificity: Count::new(1, 2) };
        assert_eq!(audit_accuracy(&labels), expected);
        let none = Accuracy { sensitivity: Count::new(0, 0), specificity: Count::new(0, 0) };
        assert_eq!(audit_accuracy(&[]), none);
    }

    /// By hand: weights 9, 1, 1 and 1 are worth 144 / 84 = 1.71, two rows; of
    /// them 9 / 12 hit, 1.5 of two, which rounds to two. Ten rows of weight 10 and
    /// ten of weight 1 are worth 110² / 1010 = 11.98 rows, 100 / 110 of them hits.
    #[test]
    fn uneven_weights_are_worth_fewer_rows() {
        let few = [(true, 9.0), (false, 1.0), (false, 1.0), (false, 1.0)];
        assert_eq!(weighted_count(few), Count::new(2, 2));
        let heavy = std::iter::repeat_n((true, 10.0), 10);
        let light = std::iter::repeat_n((false, 1.0), 10);
        assert_eq!(weighted_count(heavy.chain(light)), Count::new(11, 12));
    }

    proptest! {
        #[test]
        fn a_sample_is_worth_no_more_than_its_rows(
            rows in prop::collection::vec((any::<bool>(), 0.5..50.0_f64), 1..60),
        ) {
            let count = weighted_count(rows.iter().copied());
            prop_assert!(count.total() >= 1 && count.total() <= rows.len() as u64);
        }
    }
}
