//! Shares and their intervals.

/// A share of a whole with its 95 % Wilson score interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How many have the property.
    pub hits: u64,
    /// How many there are.
    pub total: u64,
    /// `hits / total`, 0..=1.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The 0.975 quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// The share `hits / total` with its 95 % Wilson score interval; none when
/// there is nothing to share (`total` is 0).
///
/// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and
/// Statistical Inference", JASA 22 (1927), without continuity correction.
///
/// # Panics
/// When `hits` exceeds `total`, which no count can produce.
pub fn wilson(hits: u64, total: u64) -> Option<Share> {
    assert!(hits <= total, "{hits} of {total} is not a share");
    if total == 0 {
        return None;
    }
    let (n, p, z) = (total as f64, hits as f64 / total as f64, Z_95);
    let scale = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / scale;
    let half = z / scale * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the formula gives exactly 0 or 1 but for rounding.
    let low = if hits == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if hits == total { 1.0 } else { (centre + half).min(1.0) };
    Some(Share { hits, total, value: p, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(hits: u64, total: u64) -> String {
        let share = wilson(hits, total).unwrap();
        format!("[{:.4}, {:.4}]", share.low, share.high)
    }

    #[test]
    fn matches_hand_computed_intervals() {
        assert_eq!(interval(5, 50), "[0.0435, 0.2136]");
        assert_eq!(interval(0, 10), "[0.0000, 0.2775]");
        assert_eq!(interval(12, 400), "[0.0172, 0.0517]");
        assert_eq!(interval(10, 10), "[0.7225, 1.0000]");
    }

    #[test]
    fn nothing_has_no_share() {
        assert_eq!(wilson(0, 0), None);
    }
}
