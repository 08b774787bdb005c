//! Units to points: duplicates collapsed, centres removed, wording added.

use std::collections::HashMap;

use echolot_core::Language;
use rayon::prelude::*;

use crate::rows::{Neighbour, Rows, UNIT};
use crate::wording::{WORDING_DIMS, Wording};
use crate::{Centroid, Unit};

/// The weight of the wording beside the meaning, as a length.
const WORDING_LENGTH: f64 = 0.8;

/// How many units at the origin are reckoned to each centre, so that a few
/// units are not taken for the centre of everything.
const ORIGIN_WEIGHT: f64 = 100.0;

/// How many rows are computed in one piece of parallel work.
const BLOCK: usize = 256;

/// Units with the same words: one point in space.
pub(crate) struct Point {
    /// Indices of its units, in the order of their keys.
    pub(crate) units: Vec<usize>,
    /// Index of the language of its first unit.
    language: usize,
}

/// Groups units (indices in the order of their keys) by their words, letter
/// case and white space apart.
pub(crate) fn collapse(units: &[Unit], order: &[usize]) -> Vec<Point> {
    let mut languages: Vec<Language> = order.iter().map(|&index| units[index].language).collect();
    languages.sort_unstable_by(|a, b| a.code().cmp(b.code()));
    languages.dedup();
    let mut points: Vec<Point> = vec![];
    let mut of_words: HashMap<String, usize> = HashMap::new();
    for &index in order {
        let words = units[index].text.split_whitespace().map(str::to_lowercase);
        let words = words.collect::<Vec<_>>().join(" ");
        let point = *of_words.entry(words).or_insert_with(|| {
            let language = units[index].language;
            let language = languages.iter().position(|&l| l == language).unwrap_or_default();
            points.push(Point { units: vec![], language });
            points.len() - 1
        });
        points[point].units.push(index);
    }
    points
}

/// The points in the space in which they are clustered: the direction of their
/// meaning, seen from the centre of their language, beside that of their
/// wording. Language is no theme, and neither is what all units share.
pub(crate) fn embed(points: &[Point], units: &[Unit]) -> Rows {
    let dims = units.first().map_or(0, |unit| unit.vector.len());
    let mut meaning = Rows::new(dims);
    for point in points {
        let sums = Centroid::of(point.units.iter().map(|&index| units[index].vector));
        meaning.push_direction(&sums.sums().iter().map(|&sum| sum as f64).collect::<Vec<_>>());
    }
    let meaning = centre(&meaning, points);

    let texts: Vec<&str> = points.iter().map(|point| units[point.units[0]].text).collect();
    let wording = Wording::of(&texts);
    let beside = |at: usize, texts: &[&str]| {
        let mut rows = Rows::new(dims + WORDING_DIMS);
        for (offset, text) in texts.iter().enumerate() {
            let meaning = meaning.row(at * BLOCK + offset);
            let words = wording.vector(text);
            let length = words.iter().map(|x| x * x).sum::<f64>().sqrt();
            let scale = WORDING_LENGTH * f64::from(UNIT) / if length > 0.0 { length } else { 1.0 };
            let meaning = meaning[..dims].iter().map(|&x| f64::from(x));
            let both: Vec<f64> = meaning.chain(words.iter().map(|x| x * scale)).collect();
            rows.push_direction(&both);
        }
        rows
    };
    let blocks = texts.par_chunks(BLOCK).enumerate().map(|(at, texts)| beside(at, texts));
    Rows::concat(dims + WORDING_DIMS, blocks.collect())
}

/// Moves each row towards the rows near it, by a quarter of each one's
/// similarity, `STEPS` times. What a group shares remains and what is peculiar
/// to single texts fades.
///
/// This is the propagation step of a graph convolution without weights (Wu et
/// al. 2019, "Simplifying graph convolutional networks"); the neighbours stay
/// those of the beginning.
pub(crate) fn smooth(mut rows: Rows, neighbours: &[Vec<Neighbour>]) -> Rows {
    const STEPS: usize = 4;
    let weights: Vec<Vec<(usize, f64)>> = neighbours
        .iter()
        .map(|near| {
            let weight = |n: &Neighbour| f64::from(n.product.max(0)) / f64::from(UNIT * UNIT) / 4.0;
            near.iter().map(|near| (near.index as usize, weight(near))).collect()
        })
        .collect();
    for _ in 0..STEPS {
        let moved = |at: usize, weights: &[Vec<(usize, f64)>]| {
            let mut moved = Rows::new(rows.width());
            for (offset, near) in weights.iter().enumerate() {
                let own = rows.row(at * BLOCK + offset).iter();
                let mut sum: Vec<f64> = own.map(|&x| f64::from(x)).collect();
                for &(index, weight) in near {
                    for (sum, &x) in sum.iter_mut().zip(rows.row(index)) {
                        *sum += weight * f64::from(x);
                    }
                }
                moved.push_direction(&sum);
            }
            moved
        };
        let blocks = weights.par_chunks(BLOCK).enumerate().map(|(at, near)| moved(at, near));
        rows = Rows::concat(rows.width(), blocks.collect());
    }
    rows
}

/// Takes the centre of its language from each row and restores its length.
/// The centre of a language with few rows is drawn to that of all rows, and
/// that to the origin.
fn centre(rows: &Rows, points: &[Point]) -> Rows {
    let languages = points.iter().map(|point| point.language + 1).max().unwrap_or(0);
    let mut sums = vec![vec![0_i64; rows.width()]; languages];
    let mut counts = vec![0_u32; languages];
    for (index, point) in points.iter().enumerate() {
        counts[point.language] += 1;
        let row = rows.row(index);
        sums[point.language].iter_mut().zip(row).for_each(|(sum, &x)| *sum += i64::from(x));
    }
    let all: Vec<f64> = (0..rows.width())
        .map(|dim| {
            let sum: i64 = sums.iter().map(|language| language[dim]).sum();
            sum as f64 / (points.len() as f64 + ORIGIN_WEIGHT)
        })
        .collect();
    let centres: Vec<Vec<f64>> = sums
        .iter()
        .zip(counts)
        .map(|(sums, count)| {
            let drawn = |(&sum, all): (&i64, f64)| {
                (sum as f64 + ORIGIN_WEIGHT * all) / (f64::from(count) + ORIGIN_WEIGHT)
            };
            sums.iter().zip(all.iter().copied()).map(drawn).collect()
        })
        .collect();
    let subtract = |at: usize, points: &[Point]| {
        let mut block = Rows::new(rows.width());
        for (offset, point) in points.iter().enumerate() {
            let row = rows.row(at * BLOCK + offset).iter().zip(&centres[point.language]);
            block.push_direction(&row.map(|(&x, c)| f64::from(x) - c).collect::<Vec<_>>());
        }
        block
    };
    let blocks = points.par_chunks(BLOCK).enumerate().map(|(at, points)| subtract(at, points));
    Rows::concat(rows.width(), blocks.collect())
}
