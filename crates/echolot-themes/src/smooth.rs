//! Moving points towards their neighbours, so that what groups share remains.

use rayon::prelude::*;

use crate::rows::{Neighbour, Rows, UNIT};

/// How often rows are moved.
const STEPS: usize = 4;

/// The least similarity of a neighbour that moves a row, as a share of that of
/// the nearest one. Where a group is small, the tenth neighbour is of another.
const LEAST_NEAR: f64 = 0.6;

/// How many rows are moved in one piece of parallel work.
const BLOCK: usize = 256;

/// Rows before the first step, after each, and after the last.
pub(crate) struct Smoothed(Vec<Rows>);

impl Smoothed {
    /// Moves each row towards the rows near it, by a quarter of each one's
    /// similarity, [`STEPS`] times. What a group shares remains and what is
    /// peculiar to single texts fades. How many neighbours count depends on how
    /// dense it is around a row: those much farther away than the nearest do not.
    ///
    /// This is the propagation step of a graph convolution without weights (Wu
    /// et al. 2019, "Simplifying graph convolutional networks"); the neighbours
    /// stay those of the beginning.
    pub(crate) fn of(rows: Rows, neighbours: &[Vec<Neighbour>]) -> Self {
        let mut layers = vec![rows];
        for _ in 0..STEPS {
            let latest = &layers[layers.len() - 1];
            layers.push(moved(latest, neighbours, latest));
        }
        Self(layers)
    }

    /// Where the rows began.
    pub(crate) fn begin(&self) -> &Rows {
        &self.0[0]
    }

    /// Where the rows ended.
    pub(crate) fn end(&self) -> &Rows {
        &self.0[STEPS]
    }

    /// Takes further rows the same way: at each step they are moved towards
    /// their `neighbours` among the rows, as these were before that step.
    pub(crate) fn follow(&self, rows: Rows, neighbours: &[Vec<Neighbour>]) -> Rows {
        self.0[..STEPS].iter().fold(rows, |rows, layer| moved(&rows, neighbours, layer))
    }
}

/// Each of `rows` moved once towards its neighbours in `layer`.
fn moved(rows: &Rows, neighbours: &[Vec<Neighbour>], layer: &Rows) -> Rows {
    let move_block = |(at, near): (usize, &[Vec<Neighbour>])| {
        let mut moved = Rows::new(rows.width());
        for (offset, near) in near.iter().enumerate() {
            let own = rows.row(at * BLOCK + offset).iter();
            let mut sum: Vec<f64> = own.map(|&x| f64::from(x)).collect();
            let nearest = near.first().map_or(0, |nearest| nearest.product);
            let least = (f64::from(nearest) * LEAST_NEAR) as i32;
            for near in near.iter().take_while(|near| near.product >= least) {
                let weight = f64::from(near.product.max(0)) / f64::from(UNIT * UNIT) / 4.0;
                for (sum, &x) in sum.iter_mut().zip(layer.row(near.index as usize)) {
                    *sum += weight * f64::from(x);
                }
            }
            moved.push_direction(&sum);
        }
        moved
    };
    let blocks = neighbours.par_chunks(BLOCK).enumerate().map(move_block);
    Rows::concat(rows.width(), blocks.collect())
}
