//! Shares corrected for the known error of the classifier that counted them.

use super::count::Count;
use super::normal;

/// How well a classifier found a label, counted on a sample that people
/// labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accuracy {
    /// Of those that truly have the label, how many were given it.
    pub sensitivity: Count,
    /// Of those that truly do not have it, how many were not given it.
    pub specificity: Count,
}

/// A share of true labels, estimated from a share of given ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedShare {
    /// The estimate, cut to 0..=1.
    pub value: f64,
    /// Lower end of the 95 % interval, cut to 0..=1.
    pub low: f64,
    /// Upper end of the interval, cut to 0..=1.
    pub high: f64,
    /// Whether the estimate itself lay outside 0..=1: the share is then
    /// beyond what the sample's errors allow, by chance or because the sample
    /// is not like the rest.
    pub is_cut: bool,
}

/// Corrects the share of `given` labels for a classifier's errors; none when
/// nothing was counted, the sample lacks rows with or without the label, or
/// the classifier is no better than chance on it.
///
/// The estimate is (share + Sp - 1) / (Se + Sp - 1): W. Rogan, B. Gladen,
/// "Estimating Prevalence from the Results of a Screening Test", American
/// Journal of Epidemiology 107 (1978). The interval carries the uncertainty
/// of all three counts: Z. Lang, J. Reiczigel, "Confidence Limits for
/// Prevalence of Disease Adjusted for Estimated Sensitivity and Specificity",
/// Preventive Veterinary Medicine 113 (2014). It is not centred on the
/// estimate.
///
/// The sample must show the true error rates: rows drawn at random, or by
/// their true label. A sample drawn by the given label needs weights first.
pub fn correct_share(given: Count, accuracy: Accuracy) -> Option<CorrectedShare> {
    let (se, sp) = (accuracy.sensitivity, accuracy.specificity);
    let value = rogan_gladen(given.share()?, se.share()?, sp.share()?)?;

    let z = normal::upper_quantile(0.025);
    let share = Smoothed::of(given, z * z);
    let (se, sp) = (Smoothed::of(se, 2.0), Smoothed::of(sp, 2.0));
    let middle = rogan_gladen(share.value, se.value, sp.value)?;
    let gain = se.value + sp.value - 1.0;
    let missed = middle * se.variance();
    let mistaken = (1.0 - middle) * sp.variance();
    let shift = 2.0 * z * z * (missed - mistaken);
    let variance = share.variance() + middle * missed + (1.0 - middle) * mistaken;
    let half = z * variance.sqrt() / gain;
    Some(CorrectedShare {
        value: value.clamp(0.0, 1.0),
        low: (middle + shift - half).clamp(0.0, 1.0),
        high: (middle + shift + half).clamp(0.0, 1.0),
        is_cut: !(0.0..=1.0).contains(&value),
    })
}

fn rogan_gladen(share: f64, sensitivity: f64, specificity: f64) -> Option<f64> {
    let gain = sensitivity + specificity - 1.0;
    (gain > 0.0).then(|| (share + specificity - 1.0) / gain)
}

/// A share with pseudo-counts added, half of them hits.
struct Smoothed {
    value: f64,
    total: f64,
}

impl Smoothed {
    fn of(count: Count, pseudo: f64) -> Self {
        let total = count.total() as f64 + pseudo;
        Self { value: (count.hits() as f64 + pseudo / 2.0) / total, total }
    }

    fn variance(&self) -> f64 {
        self.value * (1.0 - self.value) / self.total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn accuracy(found: u64, positives: u64, spared: u64, negatives: u64) -> Accuracy {
        Accuracy {
            sensitivity: Count::new(found, positives),
            specificity: Count::new(spared, negatives),
        }
    }

    fn check(given: Count, accuracy: Accuracy, expected: &str) {
        let found = correct_share(given, accuracy).unwrap();
        let cut = if found.is_cut { " cut" } else { "" };
        let text = format!("{:.6} [{:.6}, {:.6}]{cut}", found.value, found.low, found.high);
        assert_eq!(text, expected);
    }

    /// Computed apart from this code with the equations 2, 4, 7, 16 and 17 of
    /// the paper. By hand, the first: (.3 + .9 - 1) / (.85 + .9 - 1).
    #[test]
    fn matches_the_equations_of_the_paper() {
        check(Count::new(300, 1000), accuracy(85, 100, 180, 200), "0.266667 [0.204134, 0.328469]");
        check(Count::new(3, 263), accuracy(88, 89, 132, 134), "0.000000 [0.000000, 0.025920] cut");
    }

    #[test]
    fn a_faultless_classifier_changes_little() {
        let found = correct_share(Count::new(50, 500), accuracy(9_000, 9_000, 9_000, 9_000));
        let found = found.unwrap();
        assert!((found.value - 0.1).abs() < 1e-12 && !found.is_cut);
        let wilson = crate::wilson(50, 500).unwrap();
        assert!((found.low - wilson.low).abs() < 0.002, "{found:?} {wilson:?}");
        assert!((found.high - wilson.high).abs() < 0.002, "{found:?} {wilson:?}");
    }

    #[test]
    fn without_knowledge_there_is_no_correction() {
        let given = Count::new(5, 50);
        assert_eq!(correct_share(given, accuracy(5, 10, 5, 10)), None);
        assert_eq!(correct_share(given, accuracy(1, 10, 5, 10)), None);
        assert_eq!(correct_share(given, accuracy(0, 0, 5, 10)), None);
        assert_eq!(correct_share(given, accuracy(5, 5, 0, 0)), None);
        assert_eq!(correct_share(Count::new(0, 0), accuracy(9, 10, 9, 10)), None);
    }

    proptest! {
        #[test]
        fn more_given_labels_mean_a_greater_share(
            hits in 0..200_u64, more in 1..50_u64, found in 60..=100_u64, spared in 60..=100_u64,
        ) {
            let accuracy = accuracy(found, 100, spared, 100);
            let few = correct_share(Count::new(hits, 250), accuracy).unwrap();
            let many = correct_share(Count::new(hits + more, 250), accuracy).unwrap();
            prop_assert!(few.value <= many.value && few.low <= few.high);
            prop_assert!((0.0..=1.0).contains(&few.low) && (0.0..=1.0).contains(&few.high));
        }
    }
}
