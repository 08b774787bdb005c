//! Sums of token states, from which mean vectors are made.

use crate::windows::Window;

/// A running sum of token states.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    total: Vec<f32>,
    tokens: usize,
}

impl Sum {
    pub(crate) fn empty(dims: usize) -> Self {
        Self { total: vec![0.0; dims], tokens: 0 }
    }

    fn add_token(&mut self, state: &[f32]) {
        self.total.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
        self.tokens += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.total.iter_mut().zip(&other.total).for_each(|(sum, value)| *sum += value);
        self.tokens += other.tokens;
    }

    /// The direction of the mean: the sum divided by its length. None when no
    /// token was added.
    pub(crate) fn direction(&self) -> Option<Vec<f32>> {
        (self.tokens > 0).then(|| normalised(&self.total))
    }
}

/// The vector divided by its length; a zero vector stays zero.
pub(crate) fn normalised(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if length == 0.0 {
        return vector.to_vec();
    }
    vector.iter().map(|value| (f64::from(*value) / length) as f32).collect()
}

/// What one window contributes to its passage.
pub(crate) struct WindowSums {
    pub(crate) whole: Sum,
    /// Sums of the units that have tokens in the window, in order.
    pub(crate) units: Vec<(u32, Sum)>,
}

/// Sums the token states (`tokens x dims`) of a window.
pub(crate) fn sum_window(window: &Window, states: &[f32], dims: usize) -> WindowSums {
    let mut whole = Sum::empty(dims);
    let mut units: Vec<(u32, Sum)> = Vec::new();
    for (unit, state) in window.units.iter().zip(states.chunks_exact(dims)) {
        whole.add_token(state);
        let Some(unit) = *unit else { continue };
        if units.last().is_none_or(|(last, _)| *last != unit) {
            units.push((unit, Sum::empty(dims)));
        }
        let (_, sum) = units.last_mut().expect("a sum was pushed for this unit");
        sum.add_token(state);
    }
    WindowSums { whole, units }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_counts_every_token_and_a_unit_its_own() {
        let window = Window { ids: vec![0; 4], units: vec![None, Some(0), Some(1), Some(1)] };
        let states = [1.0, 0.0, 0.0, 2.0, 3.0, 0.0, 0.0, 4.0];
        let sums = sum_window(&window, &states, 2);
        assert_eq!(sums.whole, Sum { total: vec![4.0, 6.0], tokens: 4 });
        assert_eq!(sums.units[0], (0, Sum { total: vec![0.0, 2.0], tokens: 1 }));
        assert_eq!(sums.units[1], (1, Sum { total: vec![3.0, 4.0], tokens: 2 }));
        assert_eq!(sums.units[1].1.direction(), Some(vec![0.6, 0.8]));
        assert_eq!(Sum::empty(2).direction(), None);
    }
}
