//! The space in which points are clustered: meaning beside wording.

use echolot_core::Language;
use rayon::prelude::*;

use crate::points::Point;
use crate::rows::{Rows, UNIT, direction};
use crate::wording::{WORDING_DIMS, Wording};
use crate::{Centroid, Unit};

/// The weight of the wording beside the meaning, as a length.
const WORDING_LENGTH: f64 = 0.8;

/// How many units at the origin are reckoned to each centre, so that a few
/// units are not taken for the centre of everything.
const ORIGIN_WEIGHT: f64 = 100.0;

/// How many rows are computed in one piece of parallel work.
const BLOCK: usize = 256;

/// What must be known of all points to place any of them.
///
/// Rows are computed when they are asked for: those of a million points would
/// not fit where the points themselves do.
pub(crate) struct Space<'a> {
    units: &'a [Unit<'a>],
    points: &'a [Point],
    centres: Vec<(Language, Vec<f64>)>,
    wording: Wording,
}

impl<'a> Space<'a> {
    pub(crate) fn of(points: &'a [Point], units: &'a [Unit<'a>]) -> Self {
        let texts: Vec<&str> = points.iter().map(|point| units[point.units[0]].text).collect();
        let wording = Wording::of(&texts);
        Self { units, points, centres: centres(points, units), wording }
    }

    /// The given points, one a row: the direction of their meaning, seen from
    /// the centre of their language, beside that of their wording. Language is
    /// no theme, and neither is what all units share.
    pub(crate) fn rows(&self, points: &[usize]) -> Rows {
        let dims = self.centres.first().map_or(0, |(_, centre)| centre.len());
        let block = |points: &[usize]| {
            let mut rows = Rows::new(dims + WORDING_DIMS);
            for &point in points {
                rows.push_direction(&self.place(&self.points[point]));
            }
            rows
        };
        Rows::concat(dims + WORDING_DIMS, points.par_chunks(BLOCK).map(block).collect())
    }

    fn place(&self, point: &Point) -> Vec<f64> {
        let centre = self.centres.iter().find(|(language, _)| *language == point.language);
        let (_, centre) = centre.expect("every language of a point has a centre");
        let meaning = meaning(point, self.units);
        let seen: Vec<f64> = meaning.iter().zip(centre).map(|(&x, c)| f64::from(x) - c).collect();
        let words = self.wording.vector(self.units[point.units[0]].text);
        let length = words.iter().map(|x| x * x).sum::<f64>().sqrt();
        let scale = WORDING_LENGTH * f64::from(UNIT) / if length > 0.0 { length } else { 1.0 };
        direction(&seen).map(f64::from).chain(words.iter().map(|x| x * scale)).collect()
    }
}

/// The direction of the vectors of a point's units.
fn meaning(point: &Point, units: &[Unit]) -> Vec<i16> {
    let sums = Centroid::of(point.units.iter().map(|&index| units[index].vector));
    let sums: Vec<f64> = sums.sums().iter().map(|&sum| sum as f64).collect();
    direction(&sums).collect()
}

/// The centre of the points of each language. That of a language with few
/// points is drawn to that of all points, and that to the origin.
fn centres(points: &[Point], units: &[Unit]) -> Vec<(Language, Vec<f64>)> {
    let mut languages: Vec<Language> = points.iter().map(|point| point.language).collect();
    languages.sort_unstable_by(|a, b| a.code().cmp(b.code()));
    languages.dedup();
    let dims = units.first().map_or(0, |unit| unit.vector.len());
    // Sums of integers, so that it does not matter which piece is added first.
    let none = || vec![(0_u32, vec![0_i64; dims]); languages.len()];
    let add = |mut sums: Vec<(u32, Vec<i64>)>, point: &Point| {
        let language = languages.iter().position(|&language| language == point.language);
        let (count, sum) = &mut sums[language.expect("the languages are those of the points")];
        *count += 1;
        sum.iter_mut().zip(meaning(point, units)).for_each(|(sum, x)| *sum += i64::from(x));
        sums
    };
    let join = |mut left: Vec<(u32, Vec<i64>)>, right: Vec<(u32, Vec<i64>)>| {
        for ((count, sum), (further, more)) in left.iter_mut().zip(right) {
            *count += further;
            sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
        }
        left
    };
    let sums = points.par_iter().fold(none, add).reduce(none, join);
    let centre_of_all = |dim: usize| {
        let sum: i64 = sums.iter().map(|(_, sum)| sum[dim]).sum();
        sum as f64 / (points.len() as f64 + ORIGIN_WEIGHT)
    };
    let all: Vec<f64> = (0..dims).map(centre_of_all).collect();
    let centre = |(count, sum): &(u32, Vec<i64>)| {
        let drawn = |(&sum, all): (&i64, &f64)| {
            (sum as f64 + ORIGIN_WEIGHT * all) / (f64::from(*count) + ORIGIN_WEIGHT)
        };
        sum.iter().zip(&all).map(drawn).collect()
    };
    languages.iter().copied().zip(sums.iter().map(centre)).collect()
}
