//! Student's t distribution: how far a mean of few answers may be off.

use std::f64::consts::{FRAC_PI_2, PI};

use super::normal;

/// The value that the size of a t variable with this many degrees of freedom, at
/// least 1, exceeds with probability `tails`, which lies strictly between 0 and 1.
///
/// Closed forms for 1 and 2 degrees of freedom, else the expansion of G. W. Hill,
/// "Algorithm 396: Student's t-Quantiles", Communications of the ACM 13 (1970),
/// which is off by less than 5 in a million for tails of 5 % and 1 %.
#[expect(clippy::many_single_char_names, reason = "the names of the paper")]
pub(crate) fn quantile(tails: f64, degrees: u64) -> f64 {
    debug_assert!(0.0 < tails && tails < 1.0, "{tails} is not a probability inside 0..1");
    let n = degrees as f64;
    if degrees == 1 {
        return libm::cos(tails * FRAC_PI_2) / libm::sin(tails * FRAC_PI_2);
    }
    if degrees == 2 {
        return (2.0 / (tails * (2.0 - tails)) - 2.0).sqrt();
    }
    let a = 1.0 / (n - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * PI / 2.0).sqrt() * n;
    let x = d * tails;
    let y = libm::pow(x, 2.0 / n);
    let y = if y > 0.05 + a {
        // An expansion about the normal quantile.
        let x = -normal::upper_quantile(tails / 2.0);
        let square = x * x;
        if degrees < 5 {
            c += 0.3 * (n - 4.5) * (x + 0.6);
        }
        let c = (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b + c;
        let y = (((((0.4 * square + 6.3) * square + 36.0) * square + 94.5) / c - square - 3.0) / b
            + 1.0)
            * x;
        libm::expm1(a * y * y)
    } else {
        let near = (n + 6.0) / (n * y) - 0.089 * d - 0.822;
        let y = ((1.0 / (near * (n + 2.0) * 3.0) + 0.5 / (n + 4.0)) * y - 1.0) * (n + 1.0)
            / (n + 2.0)
            + 1.0 / y;
        return (n * y).sqrt();
    };
    (n * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the table of t, two-sided 5 % and 1 %.
    #[test]
    fn quantiles_match_the_table() {
        for (degrees, five, one) in [
            (1, 12.706_205, 63.656_741),
            (2, 4.302_653, 9.924_843),
            (3, 3.182_446, 5.840_909),
            (4, 2.776_445, 4.604_095),
            (5, 2.570_582, 4.032_143),
            (9, 2.262_157, 3.249_836),
            (30, 2.042_272, 2.749_996),
            (120, 1.979_930, 2.617_421),
            (1_000_000, 1.959_966, 2.575_834),
        ] {
            assert!((quantile(0.05, degrees) / five - 1.0).abs() < 5e-6, "{degrees}");
            assert!((quantile(0.01, degrees) / one - 1.0).abs() < 5e-6, "{degrees}");
        }
    }
}
