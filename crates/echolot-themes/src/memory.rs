//! The themes that points had before, as a part of where they are.

use echolot_core::{Fingerprint, ThemeId};

use crate::rows::{Rows, UNIT, direction};

/// Components that stand for the theme before.
const DIMS: usize = 128;

/// The square of the length of that part, beside a row of length one. At a
/// floor of 0.5, points that were together then stay so from a similarity of
/// 0.25 on average, and points that were apart come together from 0.75.
const WEIGHT: f64 = 0.5;

/// Rows with the themes they had beside them, in unit length again.
///
/// Each theme has a direction of its own, about orthogonal to all others, so
/// that a similarity x becomes (x + w) / (1 + w) where two rows had the same
/// theme and x / (1 + w) where they had different ones. Average linkage then
/// keeps together what was together and apart what was apart, unless the texts
/// clearly speak against it. Rows without a theme before are as they were.
pub(crate) fn remember(rows: &Rows, past: &[Option<ThemeId>]) -> Rows {
    let component = f64::from(UNIT) * (WEIGHT / DIMS as f64).sqrt();
    let mut remembering = Rows::new(rows.width() + DIMS);
    for (index, theme) in past.iter().enumerate() {
        let own = rows.row(index).iter().copied();
        if let Some(theme) = *theme {
            let beside = signs(theme).map(|sign| sign * component);
            let both: Vec<f64> = own.map(f64::from).chain(beside).collect();
            remembering.push(direction(&both));
        } else {
            remembering.push(own);
        }
    }
    remembering
}

/// A corner of the cube that depends on the id alone.
fn signs(theme: ThemeId) -> [f64; DIMS] {
    let hash = Fingerprint::of([&b"theme"[..], &theme.0.to_le_bytes()]).0;
    std::array::from_fn(|dim| if hash[dim / 8] >> (dim % 8) & 1 == 0 { 1.0 } else { -1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_past_is_nearer_and_another_is_farther() {
        let mut rows = Rows::new(2);
        rows.push_direction(&[1.0, 0.0]);
        rows.push_direction(&[0.6, 0.8]);
        let cosine = |past: [Option<u32>; 2]| {
            let rows = remember(&rows, &past.map(|theme| theme.map(ThemeId)));
            f64::from(rows.dot(0, rows.row(1))) / f64::from(UNIT * UNIT)
        };
        assert!((cosine([None, None]) - 0.6).abs() < 1e-3);
        assert!((cosine([Some(1), Some(1)]) - 1.1 / 1.5).abs() < 1e-3);
        assert!((cosine([Some(1), None]) - 0.6 / 1.5_f64.sqrt()).abs() < 1e-3);
        // Two of 2^128 corners are orthogonal but for a tenth or so.
        assert!((cosine([Some(1), Some(2)]) - 0.6 / 1.5).abs() < 0.1);
    }

    #[test]
    fn themes_have_directions_of_their_own() {
        let product = |a: u32, b: u32| -> f64 {
            signs(ThemeId(a)).iter().zip(signs(ThemeId(b))).map(|(x, y)| x * y).sum::<f64>()
        };
        let products = (1..60).flat_map(|a| (0..a).map(move |b| product(a, b).abs()));
        assert!(products.fold(0.0, f64::max) / (DIMS as f64) < 0.5);
    }
}
