//! A matrix of directions in 16-bit integers, and who is nearest to whom.

use rayon::prelude::*;

/// The length of a row that stands for a unit vector. Products of two rows
/// then stay within 2²⁸, so sums in 32 bits cannot overflow.
pub(crate) const UNIT: i32 = 1 << 14;

/// The dot product of two unit rows whose cosine is `cosine`.
pub(crate) fn similarity(cosine: f64) -> i32 {
    (cosine * f64::from(UNIT) * f64::from(UNIT)).round() as i32
}

/// Rows are padded with zeros to a multiple of this many components, so that
/// the inner loop has no remainder.
const LANES: usize = 32;

/// How many rows are compared with how many at a time: both fit into the
/// second-level cache at once.
const TILE: usize = 64;

/// Vectors, one a row, none longer than [`UNIT`].
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    width: usize,
    data: Vec<i16>,
}

impl Rows {
    /// Room for rows of `dims` components.
    pub(crate) fn new(dims: usize) -> Self {
        Self { width: dims.max(1).next_multiple_of(LANES), data: vec![] }
    }

    /// Vectors as rows, in their own length.
    ///
    /// # Panics
    /// When a vector has another number of components.
    pub(crate) fn of_vectors<'a>(dims: usize, vectors: impl Iterator<Item = &'a [i8]>) -> Self {
        let mut rows = Self::new(dims);
        for vector in vectors {
            assert_eq!(vector.len(), dims, "vectors of one space have the same dimensions");
            rows.push(vector.iter().map(|&x| i16::from(x)));
        }
        rows
    }

    pub(crate) fn len(&self) -> usize {
        self.data.len() / self.width
    }

    /// Components of a row, padding included.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn row(&self, index: usize) -> &[i16] {
        &self.data[index * self.width..][..self.width]
    }

    /// Appends a row as it is; missing components are zero.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = i16>) {
        let end = self.data.len() + self.width;
        self.data.extend(row);
        debug_assert!(self.data.len() <= end, "a row must not be wider than its matrix");
        self.data.resize(end, 0);
    }

    /// Appends the direction of `components`; all zeros stay so.
    pub(crate) fn push_direction(&mut self, components: &[f64]) {
        self.push(direction(components));
    }

    /// Takes the rows of `blocks` one after the other.
    pub(crate) fn concat(dims: usize, blocks: Vec<Self>) -> Self {
        let data = blocks.into_iter().flat_map(|block| block.data).collect();
        Self { data, ..Self::new(dims) }
    }

    /// The dot product of a row with a row of another matrix of this width.
    pub(crate) fn dot(&self, index: usize, other: &[i16]) -> i32 {
        let mut product = [0];
        products(self.row(index), other, self.width, &mut product);
        product[0]
    }

    /// The dot product of each row with itself.
    pub(crate) fn square_norms(&self) -> Vec<i32> {
        (0..self.len()).map(|index| self.dot(index, self.row(index))).collect()
    }

    /// All dot products with the rows of `other`, row by row of this matrix.
    pub(crate) fn products(&self, other: &Self) -> Vec<i32> {
        let mut out = vec![0; self.len() * other.len()];
        products(&self.data, &other.data, self.width, &mut out);
        out
    }

    /// For each row the `k` other rows with the largest dot product, best
    /// first, of equal ones the lower index first.
    pub(crate) fn neighbours(&self, k: usize) -> Vec<Vec<Neighbour>> {
        self.search(self, k, |query, index| query != index)
    }

    /// For each row of `queries` the `k` rows with the largest dot product,
    /// best first, of equal ones the lower index first.
    pub(crate) fn nearest(&self, queries: &Self, k: usize) -> Vec<Vec<Neighbour>> {
        self.search(queries, k, |_, _| true)
    }

    /// Compares every query with every row, in memory that does not grow with
    /// the number of pairs. `may_be_found` is asked for a query and a row.
    fn search(
        &self,
        queries: &Self,
        k: usize,
        may_be_found: impl Fn(usize, usize) -> bool + Sync,
    ) -> Vec<Vec<Neighbour>> {
        let search_block = |(block, queries): (usize, &[i16])| {
            let count = queries.len() / self.width;
            let mut found: Vec<Vec<Neighbour>> = vec![Vec::with_capacity(k + 1); count];
            let mut tile = vec![0; TILE * TILE];
            for (at, others) in self.data.chunks(TILE * self.width).enumerate() {
                let width = others.len() / self.width;
                products(queries, others, self.width, &mut tile[..count * width]);
                for (query, (best, row)) in found.iter_mut().zip(tile.chunks(width)).enumerate() {
                    for (offset, &product) in row.iter().enumerate() {
                        let index = at * TILE + offset;
                        // Indices rise, so an equal product comes after those kept.
                        let is_full = best.len() == k;
                        let is_worse = best.last().is_none_or(|worst| product <= worst.product);
                        if is_full && is_worse || !may_be_found(block * TILE + query, index) {
                            continue;
                        }
                        let place = best.partition_point(|kept| kept.product >= product);
                        best.insert(place, Neighbour { index: index as u32, product });
                        best.truncate(k);
                    }
                }
            }
            found
        };
        let blocks = queries.data.par_chunks(TILE * self.width).enumerate();
        blocks.map(search_block).flatten_iter().collect()
    }
}

/// The direction of `components` as a row of length [`UNIT`]; all zeros stay so.
pub(crate) fn direction(components: &[f64]) -> impl Iterator<Item = i16> {
    let length = components.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = if length > 0.0 { f64::from(UNIT) / length } else { 0.0 };
    components.iter().map(move |x| (x * scale).round() as i16)
}

/// Another row, and the dot product with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Neighbour {
    pub(crate) index: u32,
    pub(crate) product: i32,
}

/// All dot products of the rows of `a` with the rows of `b`, row by row of
/// `a`, with the widest instructions that the processor has. The sums are
/// exact, so all ways give the same.
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "instructions are used only after the processor was asked for them"
    )
)]
fn products(a: &[i16], b: &[i16], width: usize, out: &mut [i32]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has just been found to have AVX-512 F and VNNI.
            return unsafe { products_vnni(a, b, width, out) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just been found to have AVX2.
            return unsafe { products_avx2(a, b, width, out) };
        }
    }
    products_portable(a, b, width, out);
}

/// How many rows of either side are compared at a time: each that was loaded is
/// then used so many times, and the sums of all pairs fit into registers.
#[cfg(target_arch = "x86_64")]
const SQUARE: usize = 4;

/// As [`products_portable`], in squares of rows; nearly twice as fast as the loop
/// that the compiler makes of that, which loads two numbers for each product.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn products_vnni(a: &[i16], b: &[i16], width: usize, out: &mut [i32]) {
    let rows_of_b = b.len() / width;
    let squares = a.chunks(SQUARE * width).zip(out.chunks_mut(SQUARE * rows_of_b));
    for (x, out) in squares {
        for (at, y) in b.chunks(SQUARE * width).enumerate() {
            let column = at * SQUARE;
            if x.len() == SQUARE * width && y.len() == SQUARE * width {
                for (row, sums) in square(x, y, width).into_iter().enumerate() {
                    out[row * rows_of_b + column..][..SQUARE].copy_from_slice(&sums);
                }
            } else {
                for (x, out) in x.chunks_exact(width).zip(out.chunks_exact_mut(rows_of_b)) {
                    products_portable(x, y, width, &mut out[column..][..y.len() / width]);
                }
            }
        }
    }
}

/// The products of four rows with four rows.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn square(x: &[i16], y: &[i16], width: usize) -> [[i32; SQUARE]; SQUARE] {
    use std::arch::x86_64::{_mm512_dpwssd_epi32, _mm512_reduce_add_epi32, _mm512_setzero_si512};
    let (x, y) = (x.as_chunks::<LANES>().0, y.as_chunks::<LANES>().0);
    let steps = width / LANES;
    let mut sums = [[_mm512_setzero_si512(); SQUARE]; SQUARE];
    for step in 0..steps {
        for (row, sums) in sums.iter_mut().enumerate() {
            let x = load(&x[row * steps + step]);
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum = _mm512_dpwssd_epi32(*sum, x, load(&y[column * steps + step]));
            }
        }
    }
    let mut products = [[0; SQUARE]; SQUARE];
    for (products, sums) in products.iter_mut().zip(sums) {
        for (product, sum) in products.iter_mut().zip(sums) {
            *product = _mm512_reduce_add_epi32(sum);
        }
    }
    products
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instruction takes an address")]
#[target_feature(enable = "avx512f")]
fn load(lanes: &[i16; LANES]) -> std::arch::x86_64::__m512i {
    // SAFETY: 32 numbers of 16 bits are the 64 bytes that are read; they need not be aligned.
    unsafe { std::arch::x86_64::_mm512_loadu_si512(lanes.as_ptr().cast()) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn products_avx2(a: &[i16], b: &[i16], width: usize, out: &mut [i32]) {
    products_portable(a, b, width, out);
}

/// The loop itself, vectorised by the compiler for whatever it is inlined into.
#[expect(clippy::inline_always, reason = "only inlined it takes on its caller's instructions")]
#[inline(always)]
fn products_portable(a: &[i16], b: &[i16], width: usize, out: &mut [i32]) {
    let rows_of_b = b.len() / width;
    for (x, out) in a.chunks_exact(width).zip(out.chunks_exact_mut(rows_of_b)) {
        for (y, out) in b.chunks_exact(width).zip(out) {
            *out = x.iter().zip(y).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(rows: &[Vec<i8>]) -> Rows {
        let mut matrix = Rows::new(rows[0].len());
        for row in rows {
            matrix.push_direction(&row.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        }
        matrix
    }

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_same(
            rows in prop::collection::vec(prop::collection::vec(any::<i8>(), 70), 1..9),
        ) {
            let rows = matrix(&rows);
            let mut plain = vec![0; rows.len().pow(2)];
            products_portable(&rows.data, &rows.data, rows.width, &mut plain);
            prop_assert_eq!(rows.products(&rows), plain);
        }

        #[test]
        fn nearest_agrees_with_sorting_all_pairs(
            rows in prop::collection::vec(prop::collection::vec(-2_i8..3, 3), 1..200),
            k in 1_usize..12,
        ) {
            let rows = matrix(&rows);
            let nearest = rows.nearest(&rows, k);
            for (query, found) in rows.neighbours(k).into_iter().enumerate() {
                let mut expected: Vec<Neighbour> = (0..rows.len())
                    .map(|index| (index as u32, rows.dot(index, rows.row(query))))
                    .map(|(index, product)| Neighbour { index, product })
                    .collect();
                expected.sort_by_key(|n| (std::cmp::Reverse(n.product), n.index));
                prop_assert_eq!(&nearest[query], &expected[..k.min(expected.len())]);
                expected.retain(|n| n.index as usize != query);
                expected.truncate(k);
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn similarity_is_the_product_of_unit_rows() {
        let rows = matrix(&[vec![3, 4], vec![4, 3]]);
        let error = (rows.dot(0, rows.row(1)) - similarity(0.96)).abs();
        assert!(error < similarity(0.0001), "{error}");
    }
}
