//! Answers counted by their value, in all and by what was written with them.

/// How often each value was answered.
///
/// The few distinct values of a scale stand for any number of answers, and
/// every sum over them is the same in any order of the answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// By value, ascending, each value once.
    counts: Vec<(f64, u64)>,
}

impl Answers {
    /// Adds `count` answers of `value`, a finite number in the unit of the
    /// mean: stars, 0 and 1 for CSAT, -100, 0 and 100 for NPS points.
    ///
    /// # Panics
    /// When the value is not finite, which no answer is.
    pub fn add(&mut self, value: f64, count: u64) {
        assert!(value.is_finite(), "{value} is not an answer");
        if count == 0 {
            return;
        }
        // Adding 0 makes -0 and 0 the same value.
        let value = value + 0.0;
        match self.counts.binary_search_by(|(known, _)| known.total_cmp(&value)) {
            Ok(at) => self.counts[at].1 += count,
            Err(at) => self.counts.insert(at, (value, count)),
        }
    }

    /// The distinct values, ascending, each with how often it was answered.
    pub fn counts(&self) -> &[(f64, u64)] {
        &self.counts
    }

    /// How many answers there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|&(_, count)| count).sum()
    }

    /// The sum of the values.
    pub fn sum(&self) -> f64 {
        self.counts.iter().fold(0.0, |sum, &(value, count)| sum + value * count as f64)
    }

    /// The arithmetic mean; none of nothing.
    pub fn mean(&self) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| self.sum() / total as f64)
    }

    /// The standard error of the mean, from the sample variance; none below two
    /// answers.
    pub fn standard_error(&self) -> Option<f64> {
        let mean = self.mean()?;
        let total = self.total() as f64;
        let squares = self
            .counts
            .iter()
            .fold(0.0, |sum, &(value, count)| sum + (value - mean) * (value - mean) * count as f64);
        (total > 1.0).then(|| (squares / (total - 1.0) / total).sqrt())
    }

    /// How often `value` was answered.
    pub(super) fn count_of(&self, value: f64) -> u64 {
        let found = self.counts.binary_search_by(|(known, _)| known.total_cmp(&value));
        found.map_or(0, |at| self.counts[at].1)
    }
}

impl FromIterator<f64> for Answers {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        // Adding 0 makes -0 and 0 the same value.
        let mut values: Vec<f64> = values.into_iter().map(|value| value + 0.0).collect();
        values.sort_unstable_by(f64::total_cmp);
        let mut answers = Self::default();
        for equal in values.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
            answers.add(equal[0], equal.len() as u64);
        }
        answers
    }
}

/// Answers counted once for all drivers (topics or themes): in all, with each
/// driver, and with each pair of drivers.
///
/// One pass over the answers fills it; both the leave-out impact and the
/// relative weights of every driver are computed from it alone.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverTally {
    all: Answers,
    with: Vec<Answers>,
    /// Answers with both drivers, at `first * drivers + second` for
    /// `first < second`.
    both: Vec<u64>,
}

impl DriverTally {
    /// An empty tally of `drivers` drivers, numbered from 0.
    pub fn new(drivers: usize) -> Self {
        Self {
            all: Answers::default(),
            with: vec![Answers::default(); drivers],
            both: vec![0; drivers * drivers],
        }
    }

    /// Adds an answer and the drivers that go with it, ascending and each
    /// once.
    ///
    /// # Panics
    /// When the drivers do not ascend or one is not below the number of
    /// drivers, and when the answer is not finite.
    pub fn add(&mut self, answer: f64, drivers: &[usize]) {
        assert!(drivers.is_sorted_by(|a, b| a < b), "{drivers:?} do not ascend");
        self.all.add(answer, 1);
        for (at, &first) in drivers.iter().enumerate() {
            self.with[first].add(answer, 1);
            for &second in &drivers[at + 1..] {
                self.both[first * self.with.len() + second] += 1;
            }
        }
    }

    /// All answers.
    pub fn all(&self) -> &Answers {
        &self.all
    }

    /// How many drivers there are.
    pub fn drivers(&self) -> usize {
        self.with.len()
    }

    /// The answers with a driver.
    ///
    /// # Panics
    /// When there is no such driver.
    pub fn with(&self, driver: usize) -> &Answers {
        &self.with[driver]
    }

    /// How many answers have both of two different drivers.
    ///
    /// # Panics
    /// When there is no such driver.
    pub fn with_both(&self, a: usize, b: usize) -> u64 {
        assert_ne!(a, b, "a pair has two drivers");
        self.both[a.min(b) * self.with.len() + a.max(b)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_is_that_of_the_sample_mean() {
        // 1, 2, 3, 4, 5: variance 2.5, of the mean 0.5.
        let answers: Answers = [1.0, 2.0, 3.0, 4.0, 5.0].into_iter().collect();
        assert!((answers.standard_error().unwrap() - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Answers::from_iter([4.0]).standard_error(), None);
        assert_eq!(Answers::default().standard_error(), None);
    }

    #[test]
    fn answers_are_counted_by_value() {
        let answers: Answers = [5.0, 1.0, 5.0, 0.0, -0.0].into_iter().collect();
        assert_eq!(answers.counts(), [(0.0, 2), (1.0, 1), (5.0, 2)]);
        assert_eq!((answers.total(), answers.mean()), (5, Some(2.2)));
        assert_eq!(Answers::default().mean(), None);

        let mut none = Answers::default();
        none.add(3.0, 0);
        assert_eq!(none, Answers::default());
    }

    #[test]
    fn drivers_are_counted_alone_and_in_pairs() {
        let mut tally = DriverTally::new(3);
        tally.add(1.0, &[0, 2]);
        tally.add(5.0, &[]);
        tally.add(2.0, &[0, 1, 2]);
        assert_eq!(tally.all().total(), 3);
        assert_eq!(tally.with(0).counts(), [(1.0, 1), (2.0, 1)]);
        assert_eq!(
            (tally.with_both(0, 2), tally.with_both(2, 0), tally.with_both(1, 0)),
            (2, 2, 1)
        );
    }

    #[test]
    #[should_panic(expected = "[1, 1] do not ascend")]
    fn a_driver_counts_once_in_an_answer() {
        DriverTally::new(3).add(1.0, &[1, 1]);
    }
}
