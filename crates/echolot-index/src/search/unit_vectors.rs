//! Search by meaning: every stored vector is compared with what is asked.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use rusqlite::Connection;

use super::products::{ABREAST, Stored, Wanted, product};
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
    stored: Stored,
    /// The row of each unit.
    rows: Vec<u32>,
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
    directions: Vec<Direction>,
    candidates: RowSet,
    floor: f32,
    /// Set by the pass that it was part of.
    near: Mutex<Option<Vec<(RowId, f32)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A direction to compare units with.
#[derive(Debug)]
struct Direction {
    wanted: Wanted,
    inverse_length: f32,
}

impl Direction {
    fn new(vector: &[i8]) -> Self {
        Self { wanted: Wanted::new(vector), inverse_length: inverse_length(vector) }
    }
}

/// Room that is used again and again while vectors are compared.
#[derive(Default)]
struct Scratch {
    /// Of the units with what is wanted.
    products: Vec<i32>,
    /// The same, by their lengths.
    cosines: Vec<f32>,
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
    fn push(&mut self, (row, unit): (u32, u32), vector: impl Iterator<Item = i8>) {
        let vector: Vec<i8> = vector.collect();
        if self.stored.len() > 0 && vector.len() != self.stored.dims() {
            return;
        }
        let next = self.stored.len() as u32;
        if self.offsets.len() <= row as usize {
            self.offsets.resize(row as usize + 1, next);
        }
        self.stored.push(&vector);
        self.inverse_lengths.push(inverse_length(&vector));
        self.rows.push(row);
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
        let directions: Vec<Direction> =
            wanted.iter().filter_map(|vector| self.direction(vector)).collect();
        if directions.is_empty() {
            return Vec::new();
        }
        let own = Arc::new(Search { directions, candidates, floor, near: Mutex::default() });
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
        let directions: Vec<&Direction> =
            searches.iter().flat_map(|search| &search.directions).collect();
        let found: Vec<Vec<_>> = self
            .blocks()
            .map_init(Scratch::default, |scratch, rows| {
                let is_wanted =
                    |search: &Arc<Search>| search.candidates.runs(rows.clone()).next().is_some();
                if !searches.iter().any(is_wanted) {
                    return vec![vec![]; searches.len()];
                }
                self.compare(rows.clone(), &directions, scratch);
                let units = self.units(&rows).len();
                let mut cosines = scratch.cosines.as_slice();
                let near = searches.iter().map(|search| {
                    let (own, rest) = cosines.split_at(units * search.directions.len());
                    cosines = rest;
                    self.near_in(rows.clone(), search, own)
                });
                near.collect()
            })
            .collect();
        (0..searches.len())
            .map(|search| found.iter().flat_map(|block| &block[search]).copied().collect())
            .collect()
    }

    /// What a search finds among these rows, by the cosines of all their units
    /// to its first direction, then to the second, and so on.
    fn near_in(&self, rows: Range<usize>, search: &Search, cosines: &[f32]) -> Vec<(RowId, f32)> {
        let mut near: Vec<(RowId, f32)> = Vec::new();
        let units = self.units(&rows);
        if let [_] = search.directions[..] {
            // Most units are not near: sixteen of them are passed over at once.
            for (chunk, start) in cosines.chunks(ABREAST).zip(units.step_by(ABREAST)) {
                if chunk.iter().copied().fold(-1.0, f32::max) < search.floor {
                    continue;
                }
                for (&cosine, &row) in chunk.iter().zip(&self.rows[start..]) {
                    let row = RowId(row);
                    if cosine < search.floor || !search.candidates.contains(row) {
                        continue;
                    }
                    match near.last_mut() {
                        Some((last, greatest)) if *last == row => *greatest = greatest.max(cosine),
                        _ => near.push((row, cosine)),
                    }
                }
            }
            return near;
        }
        for row in search.candidates.runs(rows).flatten() {
            let own = self.offsets[row] as usize..self.offsets[row + 1] as usize;
            if own.is_empty() {
                continue;
            }
            let own = own.start - units.start..own.end - units.start;
            let greatest = cosines
                .chunks_exact(units.len())
                .map(|cosines| cosines[own.clone()].iter().copied().fold(-1.0, f32::max));
            let similarity = greatest.sum::<f32>() / search.directions.len() as f32;
            if similarity >= search.floor {
                near.push((RowId(row as u32), similarity));
            }
        }
        near
    }

    /// Puts into the scratch the cosines of the units of these rows to the
    /// first direction, then to the second, and so on.
    fn compare(&self, rows: Range<usize>, directions: &[&Direction], scratch: &mut Scratch) {
        let units = self.units(&rows);
        let groups = units.start / ABREAST..units.end.div_ceil(ABREAST);
        let before = units.start - groups.start * ABREAST;
        let per_direction = groups.len() * ABREAST;
        scratch.products.resize(per_direction * directions.len(), 0);
        let wanted: Vec<&Wanted> = directions.iter().map(|direction| &direction.wanted).collect();
        self.stored.products(groups, &wanted, &mut scratch.products);
        scratch.cosines.clear();
        for (at, direction) in directions.iter().enumerate() {
            let products = &scratch.products[at * per_direction + before..][..units.len()];
            let lengths = &self.inverse_lengths[units.clone()];
            scratch.cosines.extend(products.iter().zip(lengths).map(|(product, length)| {
                (*product as f32 * (length * direction.inverse_length)).max(-1.0)
            }));
        }
    }

    /// The unit of each row that is nearest to a direction, if its cosine is at
    /// least `floor`, by row; the first of equals.
    pub(crate) fn nearest(&self, wanted: &[i8], floor: f32) -> Vec<(RowId, (u32, f32))> {
        let Some(direction) = self.direction(wanted) else { return Vec::new() };
        let nearest = self.blocks().map_init(Scratch::default, |scratch, rows| {
            let units = self.units(&rows);
            self.compare(rows, &[&direction], scratch);
            let mut nearest: Vec<(RowId, (u32, f32))> = Vec::new();
            for (unit, &cosine) in units.zip(&scratch.cosines) {
                if cosine < floor {
                    continue;
                }
                let (row, found) = (RowId(self.rows[unit]), (self.numbers[unit], cosine));
                match nearest.last_mut() {
                    Some((last, best)) if *last == row => {
                        if cosine > best.1 {
                            *best = found;
                        }
                    }
                    _ => nearest.push((row, found)),
                }
            }
            nearest
        });
        nearest.flatten_iter().collect()
    }

    /// The cosines of all units to a direction, in order; none to one of
    /// another number of components.
    pub(crate) fn cosines(&self, wanted: &[i8]) -> Vec<f32> {
        let Some(direction) = self.direction(wanted) else { return Vec::new() };
        let cosines = self.blocks().map_init(Scratch::default, |scratch, rows| {
            self.compare(rows, &[&direction], scratch);
            scratch.cosines.clone()
        });
        cosines.flatten_iter().collect()
    }

    /// The rows in blocks, each compared by one thread.
    fn blocks(&self) -> impl IndexedParallelIterator<Item = Range<usize>> {
        let num_rows = self.offsets.len() - 1;
        let blocks = (0..num_rows.div_ceil(BLOCK)).into_par_iter();
        blocks.map(move |block| block * BLOCK..num_rows.min((block + 1) * BLOCK))
    }

    /// The units of some rows.
    fn units(&self, rows: &Range<usize>) -> Range<usize> {
        self.offsets[rows.start] as usize..self.offsets[rows.end] as usize
    }

    /// A direction, if it can be compared with those that are stored.
    fn direction(&self, vector: &[i8]) -> Option<Direction> {
        let fits = vector.len() == self.stored.dims() && !vector.is_empty();
        fits.then(|| Direction::new(vector))
    }

    /// The vectors of the units of a row.
    pub(crate) fn of_row(&self, row: RowId) -> Vec<Vec<i8>> {
        self.units(&(row.index()..row.index() + 1)).map(|unit| self.stored.get(unit)).collect()
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
