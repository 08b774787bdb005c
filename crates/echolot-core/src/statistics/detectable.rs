//! The smallest change that a comparison of two shares would have shown.

use super::count::{Count, Level};
use super::normal;

/// What a comparison shall be able to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestDesign {
    /// The two-sided level of significance: how often a change is claimed
    /// where there is none.
    pub alpha: Level,
    /// How often a true change of the detectable size is found.
    pub power: Level,
}

impl Default for TestDesign {
    /// 5 % and 80 %.
    fn default() -> Self {
        Self { alpha: Level::FIVE_PERCENT, power: Level::EIGHTY_PERCENT }
    }
}

/// The smallest true changes of a share that a comparison finds with the
/// power of its design, as differences of shares above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectableChange {
    /// The smallest rise; none when not even a share of 1 would be found.
    pub rise: Option<f64>,
    /// The smallest fall; none when not even a share of 0 would be found.
    pub fall: Option<f64>,
}

/// The smallest change from the baseline's share that `total` would show.
///
/// The change d solves d = z(α/2) √(p̄ q̄ (1/n₁ + 1/n₀)) + z(1 - power)
/// √(p₁ q₁/n₁ + p₀ q₀/n₀), with p₁ = p₀ ± d and p̄ the pooled share: the power
/// of the two-proportion z test. Where expected counts are below 5, Fisher's
/// test finds somewhat less than this says. Source: J. Fleiss, B. Levin,
/// M. Paik, "Statistical Methods for Rates and Proportions", 3rd edition
/// (2003), chapter 4.
pub fn detectable_change(total: u64, baseline: Count, design: TestDesign) -> DetectableChange {
    let Some(share) = baseline.share().filter(|_| total > 0) else {
        return DetectableChange { rise: None, fall: None };
    };
    let sizes = (total as f64, baseline.total() as f64);
    // A share that falls is a rising share of all the others.
    DetectableChange {
        rise: smallest_rise(share, sizes, design),
        fall: smallest_rise(1.0 - share, sizes, design),
    }
}

fn smallest_rise(
    from: f64,
    (total, baseline_total): (f64, f64),
    design: TestDesign,
) -> Option<f64> {
    let z_alpha = normal::upper_quantile(design.alpha.value() / 2.0);
    let z_power = normal::upper_quantile(1.0 - design.power.value());
    let is_found = |change: f64| {
        let to = from + change;
        let pooled = (total * to + baseline_total * from) / (total + baseline_total);
        let equal = pooled * (1.0 - pooled) * (1.0 / total + 1.0 / baseline_total);
        let apart = to * (1.0 - to) / total + from * (1.0 - from) / baseline_total;
        change >= z_alpha * equal.max(0.0).sqrt() + z_power * apart.max(0.0).sqrt()
    };
    // With a power of a half or more the right side is concave in the change
    // and not below it at 0: there is one place from which changes are found.
    let (mut missed, mut found) = (0.0, 1.0 - from);
    if found <= 0.0 || !is_found(found) {
        return None;
    }
    loop {
        let middle = f64::midpoint(missed, found);
        if middle <= missed || middle >= found {
            return Some(found);
        }
        if is_found(middle) { found = middle } else { missed = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rise(total: u64, baseline: Count) -> f64 {
        detectable_change(total, baseline, TestDesign::default()).rise.unwrap()
    }

    /// The textbook case: to tell 15 % from 10 % at 5 % and 80 %, each side
    /// needs (1.96 √(2 · .125 · .875) + .8416 √(.09 + .1275))² / .05² = 685.6.
    #[test]
    fn matches_the_textbook_sample_size() {
        let enough = rise(690, Count::new(69, 690));
        let too_few = rise(680, Count::new(68, 680));
        assert!(enough < 0.05 && 0.05 < too_few, "{enough} {too_few}");
        // Sizes that differ, solved by bracketing.
        assert!((rise(500, Count::new(40, 2_000)) - 0.023_299_117_678).abs() < 1e-11);
    }

    #[test]
    fn a_fall_mirrors_a_rise() {
        let low = detectable_change(300, Count::new(30, 200), TestDesign::default());
        let high = detectable_change(300, Count::new(170, 200), TestDesign::default());
        assert!((low.rise.unwrap() - high.fall.unwrap()).abs() < 1e-12);
        assert!((low.fall.unwrap() - high.rise.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn some_comparisons_can_show_nothing() {
        let design = TestDesign::default();
        let nothing = DetectableChange { rise: None, fall: None };
        assert_eq!(detectable_change(2, Count::new(1, 2), design), nothing);
        assert_eq!(detectable_change(0, Count::new(1, 2), design), nothing);
        assert_eq!(detectable_change(9, Count::new(0, 0), design), nothing);
        // From 0 there is no fall; nor from 2 % with so few.
        assert_eq!(detectable_change(100, Count::new(0, 100), design).fall, None);
        assert!(detectable_change(100, Count::new(0, 100), design).rise.is_some());
        assert_eq!(detectable_change(100, Count::new(2, 100), design).fall, None);
    }

    #[test]
    fn more_power_needs_a_greater_change() {
        let strict =
            TestDesign { alpha: Level::new(0.01).unwrap(), power: Level::new(0.95).unwrap() };
        let baseline = Count::new(50, 500);
        assert!(detectable_change(500, baseline, strict).rise.unwrap() > rise(500, baseline));
        assert!(rise(2_000, baseline) < rise(500, baseline));
    }
}
