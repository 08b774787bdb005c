//! Search by meaning: every stored vector is compared with what is asked.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use rusqlite::Connection;

use super::products::{self, product};
use super::row_set::RowSet;
use crate::error::Error;
use crate::records::RowId;

/// Rows that are compared at a time: few enough that their vectors stay in the
/// cache of a core while every search of a pass reads them.
const BLOCK: usize = 1 << 10;

/// The directions of all opinion units of a generation, one signed byte a
/// component, in the order of rows.
#[derive(Debug, Default)]
pub(crate) struct UnitVectors {
    dims: usize,
    components: Vec<i8>,
    /// The number of each unit within its row.
    numbers: Vec<u32>,
    /// One over the length of each vector; 0 for one of zeros.
    inverse_lengths: Vec<f32>,
    /// Where the units of each row begin, and the end of the last.
    offsets: Vec<u32>,
    passes: Passes,
}

/// Searches that go over the vectors together. Reading them costs more than
/// comparing them, so whatever is asked while a pass is under way waits for the
/// next one, and shares it.
#[derive(Debug, Default)]
struct Passes {
    waiting: Mutex<Vec<Arc<Search>>>,
    under_way: Mutex<()>,
}

/// A search for what is near to directions.
#[derive(Debug)]
struct Search {
    wanted: Vec<Vec<i8>>,
    candidates: RowSet,
    floor: f32,
    /// Set by the pass that it was part of.
    near: Mutex<Option<Vec<(RowId, f32)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Room that is used again and again while vectors are compared.
#[derive(Default)]
struct Scratch {
    /// Of the units with what is wanted.
    products: Vec<i32>,
    /// The same, by their lengths.
    cosines: Vec<f32>,
    /// Of each row: the nearest unit to each that is wanted, added up.
    sums: Vec<f32>,
}

impl UnitVectors {
    /// Reads the vectors of a generation of `num_rows` rows. The first one
    /// says how many components there are; one of another number, made by
    /// another model, is left out.
    pub(crate) fn load(connection: &Connection, num_rows: usize) -> Result<Self, Error> {
        let mut statement =
            connection.prepare("SELECT row, unit, vector FROM unit_vector ORDER BY row, unit")?;
        let mut rows = statement.query([])?;
        let mut read = Self::default();
        while let Some(found) = rows.next()? {
            let row: u32 = found.get(0)?;
            let bytes = found.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            read.push((row, found.get(1)?), bytes.iter().map(|byte| byte.cast_signed()));
        }
        read.offsets.resize(num_rows + 1, read.inverse_lengths.len() as u32);
        Ok(read)
    }

    /// Adds a unit of a row that is not before the last one.
    fn push(&mut self, (row, unit): (u32, u32), vector: impl ExactSizeIterator<Item = i8>) {
        if self.inverse_lengths.is_empty() {
            self.dims = vector.len();
        }
        if vector.len() != self.dims {
            return;
        }
        let next = self.inverse_lengths.len() as u32;
        if self.offsets.len() <= row as usize {
            self.offsets.resize(row as usize + 1, next);
        }
        let start = self.components.len();
        self.components.extend(vector);
        self.inverse_lengths.push(inverse_length(&self.components[start..]));
        self.numbers.push(unit);
    }

    /// The rows among `candidates` whose similarity to `wanted` is at least
    /// `floor`, ascending. The similarity of a row to one vector is the
    /// greatest cosine of its units; to several it is the mean of these (the
    /// sum of maxima of Khattab and Zaharia, SIGIR 2020).
    ///
    /// Searches of several threads share a pass, which changes none of their
    /// results. A thread of rayon's pool must not ask: it could wait for a pass
    /// that waits for it.
    pub(crate) fn near(
        &self,
        wanted: &[Vec<i8>],
        candidates: RowSet,
        floor: f32,
    ) -> Vec<(RowId, f32)> {
        debug_assert!(rayon::current_thread_index().is_none(), "asked on a thread of the pool");
        let fits = |vector: &&Vec<i8>| vector.len() == self.dims && self.dims > 0;
        let wanted: Vec<Vec<i8>> = wanted.iter().filter(fits).cloned().collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let own = Arc::new(Search { wanted, candidates, floor, near: Mutex::default() });
        lock(&self.passes.waiting).push(Arc::clone(&own));
        let _pass = lock(&self.passes.under_way);
        if let Some(near) = lock(&own.near).take() {
            return near;
        }
        let searches = std::mem::take(&mut *lock(&self.passes.waiting));
        for (search, near) in searches.iter().zip(self.pass(&searches)) {
            *lock(&search.near) = Some(near);
        }
        lock(&own.near).take().expect("whoever waits is part of the next pass")
    }

    /// What each of these searches finds.
    fn pass(&self, searches: &[Arc<Search>]) -> Vec<Vec<(RowId, f32)>> {
        let num_rows = self.offsets.len() - 1;
        let blocks = (0..num_rows.div_ceil(BLOCK)).into_par_iter();
        let found = blocks.map_init(Scratch::default, |scratch, block| {
            let rows = block * BLOCK..num_rows.min((block + 1) * BLOCK);
            let near_to = |search: &Arc<Search>| {
                let mut near = Vec::new();
                for run in search.candidates.runs(rows.clone()) {
                    self.compare(run, &search.wanted, scratch, |row, similarity| {
                        if similarity >= search.floor {
                            near.push((row, similarity));
                        }
                    });
                }
                near
            };
            searches.iter().map(near_to).collect::<Vec<_>>()
        });
        let found: Vec<Vec<_>> = found.collect();
        (0..searches.len())
            .map(|search| found.iter().flat_map(|block| &block[search]).copied().collect())
            .collect()
    }

    /// Tells `take` the similarity of each of these rows that has units.
    fn compare(
        &self,
        rows: Range<usize>,
        wanted: &[Vec<i8>],
        scratch: &mut Scratch,
        mut take: impl FnMut(RowId, f32),
    ) {
        let Scratch { products, cosines, sums } = scratch;
        let bounds = &self.offsets[rows.start..=rows.end];
        let units = bounds[0] as usize..bounds[rows.len()] as usize;
        let stored = &self.components[units.start * self.dims..units.end * self.dims];
        products.resize(units.len(), 0);
        cosines.resize(units.len(), 0.0);
        sums.clear();
        sums.resize(rows.len(), 0.0);
        for vector in wanted {
            let inverse = inverse_length(vector);
            products::products(stored, vector, products);
            let lengths = &self.inverse_lengths[units.clone()];
            for ((cosine, product), length) in cosines.iter_mut().zip(&*products).zip(lengths) {
                *cosine = *product as f32 * (length * inverse);
            }
            let mut left = cosines.as_slice();
            for (sum, bounds) in sums.iter_mut().zip(bounds.windows(2)) {
                let (own, rest) = left.split_at((bounds[1] - bounds[0]) as usize);
                left = rest;
                let greater = |a: f32, &b: &f32| if b > a { b } else { a };
                *sum += own.iter().fold(-1.0, greater);
            }
        }
        for ((row, sum), bounds) in rows.zip(sums).zip(bounds.windows(2)) {
            if bounds[0] < bounds[1] {
                take(RowId(row as u32), *sum / wanted.len() as f32);
            }
        }
    }

    /// The unit of each row that is nearest to a direction, if its cosine is at
    /// least `floor`, by row; the first of equals.
    pub(crate) fn nearest(&self, wanted: &[i8], floor: f32) -> Vec<(RowId, (u32, f32))> {
        if wanted.len() != self.dims {
            return Vec::new();
        }
        let inverse = inverse_length(wanted);
        let num_rows = self.offsets.len() - 1;
        let nearest = (0..num_rows.div_ceil(BLOCK)).into_par_iter().flat_map_iter(|block| {
            let rows = block * BLOCK..num_rows.min((block + 1) * BLOCK);
            rows.filter_map(|row| {
                let mut best: Option<(u32, f32)> = None;
                for unit in self.units(RowId(row as u32)) {
                    let similarity = self.cosine(unit, wanted, inverse);
                    if best.is_none_or(|(_, greatest)| similarity > greatest) {
                        best = Some((self.numbers[unit], similarity));
                    }
                }
                let best = best.filter(|(_, similarity)| *similarity >= floor)?;
                Some((RowId(row as u32), best))
            })
            .collect::<Vec<_>>()
        });
        nearest.collect()
    }

    /// The cosines of all units to a direction, in order; none to one of
    /// another number of components.
    pub(crate) fn cosines(&self, wanted: &[i8]) -> Vec<f32> {
        if wanted.len() != self.dims {
            return Vec::new();
        }
        let inverse = inverse_length(wanted);
        let units = (0..self.inverse_lengths.len()).into_par_iter();
        units.map(|unit| self.cosine(unit, wanted, inverse)).collect()
    }

    /// The units of a row.
    fn units(&self, row: RowId) -> Range<usize> {
        self.offsets[row.index()] as usize..self.offsets[row.index() + 1] as usize
    }

    fn cosine(&self, unit: usize, vector: &[i8], inverse: f32) -> f32 {
        let own = &self.components[unit * self.dims..(unit + 1) * self.dims];
        product(own, vector) as f32 * (self.inverse_lengths[unit] * inverse)
    }

    /// The vectors of the units of a row.
    pub(crate) fn of_row(&self, row: RowId) -> Vec<Vec<i8>> {
        self.units(row)
            .map(|unit| self.components[unit * self.dims..(unit + 1) * self.dims].to_vec())
            .collect()
    }
}

/// The cosine of two directions of the same number of components; 0 when
/// either is of zeros.
pub(crate) fn cosine(a: &[i8], b: &[i8]) -> f32 {
    product(a, b) as f32 * (inverse_length(a) * inverse_length(b))
}

fn inverse_length(vector: &[i8]) -> f32 {
    let square = product(vector, vector);
    if square == 0 { 0.0 } else { 1.0 / (square as f32).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[Vec<Vec<i8>>]) -> UnitVectors {
        let mut read = UnitVectors::default();
        for (row, units) in rows.iter().enumerate() {
            for (unit, vector) in (0..).zip(units) {
                read.push((row as u32, unit), vector.iter().copied());
            }
        }
        read.offsets.resize(rows.len() + 1, read.inverse_lengths.len() as u32);
        read
    }

    #[test]
    fn the_nearest_unit_of_a_row_counts() {
        let stored =
            vectors(&[vec![vec![3, 4], vec![-3, -4]], vec![], vec![vec![0, 0]], vec![vec![4, 3]]]);
        let all = RowSet::all(4);
        let near = |wanted: &[Vec<i8>], floor| stored.near(wanted, all.clone(), floor);
        let found = near(&[vec![6, 8]], 0.9);
        assert_eq!(found.iter().map(|(row, _)| row.0).collect::<Vec<_>>(), [0, 3]);
        assert!((found[0].1 - 1.0).abs() < 1e-6 && (found[1].1 - 0.96).abs() < 1e-6);
        // (1 + .96) / 2 and (.96 + 1) / 2.
        let both = near(&[vec![6, 8], vec![8, 6]], 0.9);
        assert!(both.iter().all(|(_, similarity)| (similarity - 0.98).abs() < 1e-6));
        // What is of another length or of zeros resembles nothing.
        assert_eq!(near(&[vec![1, 2, 3]], -1.0), []);
        assert_eq!(near(&[vec![6, 8]], -1.0).len(), 3);
        assert_eq!(stored.near(&[vec![6, 8]], RowSet::of(4, |row| row.0 == 3), 0.0).len(), 1);
    }
    #[test]
    fn searches_that_share_a_pass_find_what_each_finds_alone() {
        let component = |at: usize| ((at * 7919 % 255) as u8).cast_signed();
        let unit = |unit: usize| (0..64).map(|at| component(unit * 64 + at)).collect();
        let stored = vectors(&(0..3000).map(|row| vec![unit(row)]).collect::<Vec<_>>());
        let ask = |client: usize| {
            let candidates = RowSet::of(3000, |row| row.index() % (client + 2) != 0);
            stored.near(&[unit(client)], candidates, -0.1)
        };
        let alone: Vec<_> = (0..8).map(ask).collect();
        assert!(alone.iter().all(|near| !near.is_empty() && near.len() < 3000));
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..8)
                .map(|client| scope.spawn(move || (0..20).map(|_| ask(client)).collect::<Vec<_>>()))
                .collect();
            for (client, alone) in clients.into_iter().zip(&alone) {
                assert!(client.join().unwrap().iter().all(|near| near == alone));
            }
        });
    }
}
