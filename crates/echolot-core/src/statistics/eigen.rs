//! Eigenvalues and eigenvectors of small symmetric matrices.

/// A square matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Square {
    pub(super) size: usize,
    pub(super) cells: Vec<f64>,
}

impl Square {
    pub(super) fn from_fn(size: usize, cell: impl Fn(usize, usize) -> f64) -> Self {
        let cells = (0..size * size).map(|at| cell(at / size, at % size)).collect();
        Self { size, cells }
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.size..(row + 1) * self.size]
    }

    /// Turns rows `p` and `q` by the angle of cosine `c` and sine `s`.
    fn turn_rows(&mut self, (p, q): (usize, usize), (c, s): (f64, f64)) {
        let (above, below) = self.cells.split_at_mut(q * self.size);
        let upper = &mut above[p * self.size..(p + 1) * self.size];
        for (x, y) in upper.iter_mut().zip(&mut below[..self.size]) {
            (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
        }
    }

    fn turn_columns(&mut self, (p, q): (usize, usize), (c, s): (f64, f64)) {
        for row in self.cells.chunks_exact_mut(self.size) {
            (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
        }
    }
}

/// More sweeps than any matrix needs: convergence is quadratic, and about ten
/// do for hundreds of rows.
const SWEEPS: usize = 60;

/// The eigenvalues of a symmetric matrix and its eigenvectors, one a row, in
/// no particular but always the same order.
///
/// The cyclic Jacobi method. Source: G. Golub, C. Van Loan, "Matrix
/// Computations", 4th edition (2013), section 8.5.
pub(super) fn symmetric_eigen(mut matrix: Square) -> (Vec<f64>, Square) {
    let size = matrix.size;
    let mut vectors = Square::from_fn(size, |row, column| f64::from(u8::from(row == column)));
    let largest = matrix.cells.iter().fold(0.0_f64, |largest, cell| largest.max(cell.abs()));
    let negligible = largest * f64::EPSILON * 0.01;
    for _ in 0..SWEEPS {
        let mut is_diagonal = true;
        for p in 0..size {
            for q in p + 1..size {
                let off = matrix.at(p, q);
                if off.abs() <= negligible {
                    continue;
                }
                is_diagonal = false;
                let tau = (matrix.at(q, q) - matrix.at(p, p)) / (2.0 * off);
                // The smaller of the two angles that make the cell 0.
                let t = tau.signum() / (tau.abs() + libm::hypot(1.0, tau));
                let c = 1.0 / libm::hypot(1.0, t);
                matrix.turn_rows((p, q), (c, t * c));
                matrix.turn_columns((p, q), (c, t * c));
                vectors.turn_rows((p, q), (c, t * c));
            }
        }
        if is_diagonal {
            break;
        }
    }
    ((0..size).map(|at| matrix.at(at, at)).collect(), vectors)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_by_two_is_known() {
        let (mut values, _) = symmetric_eigen(Square { size: 2, cells: vec![2.0, 1.0, 1.0, 2.0] });
        values.sort_by(f64::total_cmp);
        assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn vectors_and_values_give_the_matrix_back(
            size in 1..12_usize,
            cells in prop::collection::vec(-1.0..1.0_f64, 144),
        ) {
            let matrix =
                Square::from_fn(size, |row, column| cells[row.min(column) * 12 + row.max(column)]);
            let (values, vectors) = symmetric_eigen(matrix.clone());
            for row in 0..size {
                for column in 0..size {
                    let product: f64 = (0..size)
                        .map(|m| values[m] * vectors.at(m, row) * vectors.at(m, column))
                        .sum();
                    prop_assert!((product - matrix.at(row, column)).abs() < 1e-12);
                    let dot: f64 = vectors.row(row).iter().zip(vectors.row(column)).map(|(a, b)| a * b).sum();
                    prop_assert!((dot - f64::from(u8::from(row == column))).abs() < 1e-12);
                }
            }
        }
    }
}
