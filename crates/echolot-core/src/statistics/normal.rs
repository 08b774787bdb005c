//! The standard normal distribution.

use std::f64::consts::{PI, SQRT_2};

/// The probability of a value above `z`.
pub(super) fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// The value that is exceeded with probability `tail`, which lies strictly
/// between 0 and 1.
///
/// Newton's method on the upper tail. The tail is convex above 0, so from 0
/// the steps only climb towards the root and end when rounding stops them.
pub(super) fn upper_quantile(tail: f64) -> f64 {
    debug_assert!(0.0 < tail && tail < 1.0, "{tail} is not a probability inside 0..1");
    if tail > 0.5 {
        return -upper_quantile(1.0 - tail);
    }
    let mut z = 0.0;
    loop {
        let density = libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt();
        let next = z + (upper_tail(z) - tail) / density;
        if next > z {
            z = next;
        } else {
            return z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the standard normal table.
    #[test]
    fn quantiles_match_the_table() {
        for (tail, z) in [
            (0.5, 0.0),
            (0.25, 0.674_489_750_196_081_7),
            (0.1, 1.281_551_565_544_600_4),
            (0.025, 1.959_963_984_540_054),
            (0.005, 2.575_829_303_548_900_4),
            (1e-10, 6.361_340_902_404_056),
        ] {
            assert!((upper_quantile(tail) - z).abs() < 1e-13 * z.max(1.0), "{tail}");
            assert!((upper_quantile(1.0 - tail) + z).abs() < 1e-6, "{tail}");
            assert!((upper_tail(z) / tail - 1.0).abs() < 1e-12, "{tail}");
        }
    }
}
