//! Bursts: stretches of days on which something was said far more often.

use std::ops::Range;

use super::count::{Count, InvalidParameter, checked};

/// When a stretch of days is a burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurstModel {
    ratio: f64,
    reluctance: f64,
}

impl BurstModel {
    /// A burst has `ratio` (above 1) times the usual share, and entering one
    /// costs `reluctance` (0 or more) times the logarithm of the number of
    /// days: the greater both are, the fewer bursts.
    pub fn new(ratio: f64, reluctance: f64) -> Result<Self, InvalidParameter> {
        Ok(Self {
            ratio: checked("ratio", ratio, "a finite number above 1", |x| {
                x.is_finite() && x > 1.0
            })?,
            reluctance: checked("reluctance", reluctance, "a finite number from 0", |x| {
                x.is_finite() && x >= 0.0
            })?,
        })
    }
}

impl Default for BurstModel {
    /// Kleinberg's values: twice the share, a reluctance of 1.
    fn default() -> Self {
        Self { ratio: 2.0, reluctance: 1.0 }
    }
}

/// A stretch of days in the state of a burst.
#[derive(Debug, Clone, PartialEq)]
pub struct Burst {
    /// The days, counted from 0.
    pub days: Range<usize>,
    /// How much more likely the days are in the burst than outside it, as a
    /// natural logarithm, above 0.
    pub weight: f64,
}

/// The bursts in a series of daily counts, in order.
///
/// Two states emit hits with the share p₀ of the whole series and with
/// ratio · p₀; the cheapest sequence of states, where a day costs minus its
/// binomial log likelihood and each step up costs reluctance · ln(days), is
/// found by dynamic programming. Of sequences that cost the same the calmer
/// one is taken. Days without a verbatim say nothing. When ratio · p₀ is 1 or
/// more there can be no burst. Source: J. Kleinberg, "Bursty and Hierarchical
/// Structure in Streams", Data Mining and Knowledge Discovery 7 (2003), the
/// model of batched arrivals.
pub fn find_bursts(days: &[Count], model: BurstModel) -> Vec<Burst> {
    let whole = days.iter().fold(Count::new(0, 0), |whole, &day| whole.joined(day));
    let Some(usual) = whole.share().filter(|&share| share > 0.0 && share * model.ratio < 1.0)
    else {
        return Vec::new();
    };
    let per_hit = libm::log(model.ratio);
    let per_miss = libm::log1p(-usual * model.ratio) - libm::log1p(-usual);
    let gains: Vec<f64> = days
        .iter()
        .map(|day| day.hits() as f64 * per_hit + day.misses() as f64 * per_miss)
        .collect();
    let step_up = model.reluctance * libm::log(days.len() as f64);
    stretches(&in_burst(&gains, step_up))
        .map(|days| Burst { weight: gains[days.clone()].iter().sum(), days })
        .collect()
}

/// The states that gain most: each day in a burst gains its gain, and each
/// step into one costs `step_up`.
fn in_burst(gains: &[f64], step_up: f64) -> Vec<bool> {
    // Best so far when the last day is calm or in a burst, and for each day
    // whether the day before was in a burst on the way there.
    let (mut calm, mut burst) = (0.0_f64, f64::NEG_INFINITY);
    let mut from_burst = Vec::with_capacity(gains.len());
    for gain in gains {
        let enter = calm - step_up;
        from_burst.push((burst > calm, burst > enter));
        (calm, burst) = (calm.max(burst), burst.max(enter) + gain);
    }
    let mut is_burst = burst > calm;
    let mut states = vec![false; gains.len()];
    for (state, (to_calm, to_burst)) in states.iter_mut().zip(from_burst).rev() {
        *state = is_burst;
        is_burst = if is_burst { to_burst } else { to_calm };
    }
    states
}

fn stretches(states: &[bool]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    states.chunk_by(|a, b| a == b).filter_map(move |stretch| {
        let days = at..at + stretch.len();
        at = days.end;
        stretch[0].then_some(days)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(hits: &[u64], total: u64) -> Vec<Count> {
        hits.iter().map(|&hits| Count::new(hits, total)).collect()
    }

    /// Ten days of 100: 1 hit each, but 10 on days 4 and 5, so p₀ = .028. A
    /// day of the burst gains 10 ln 2 + 90 ln(.944 / .972) = 4.3008; the way
    /// in costs ln 10 = 2.3026, a calm day would lose 2.2 more.
    #[test]
    fn a_burst_is_found_and_weighed() {
        let days = series(&[1, 1, 1, 1, 10, 10, 1, 1, 1, 1], 100);
        let found = find_bursts(&days, BurstModel::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].days, 4..6);
        let day = 10.0 * 2.0_f64.ln() + 90.0 * (0.944_f64 / 0.972).ln();
        assert!((found[0].weight - 2.0 * day).abs() < 1e-12);
        assert!((day - 4.3008).abs() < 1e-4);
    }

    #[test]
    fn more_verbatims_are_not_a_burst() {
        // Ten times the hits among ten times the verbatims.
        let mut days = series(&[2; 10], 100);
        days[4] = Count::new(20, 1_000);
        assert_eq!(find_bursts(&days, BurstModel::default()), []);
    }

    #[test]
    fn a_burst_may_last_to_the_end_and_bridge_an_empty_day() {
        let mut days = series(&[1, 1, 1, 1, 1, 1, 1, 9, 0, 9], 100);
        days[8] = Count::new(0, 0);
        let found = find_bursts(&days, BurstModel::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].days, 7..10);
    }

    #[test]
    fn a_burst_begins_and_ends_on_days_with_verbatims() {
        let mut days = series(&[1, 1, 1, 0, 9, 9, 0, 1, 1, 1, 1], 100);
        (days[3], days[6]) = (Count::new(0, 0), Count::new(0, 0));
        assert_eq!(find_bursts(&days, BurstModel::default())[0].days, 4..6);
    }

    #[test]
    fn some_series_cannot_burst() {
        let model = BurstModel::default();
        assert_eq!(find_bursts(&[], model), []);
        assert_eq!(find_bursts(&series(&[0, 0], 10), model), []);
        assert_eq!(find_bursts(&series(&[6, 4], 10), model), []);
        assert_eq!(find_bursts(&series(&[0, 0], 0), model), []);
        let stubborn = BurstModel::new(2.0, 100.0).unwrap();
        assert_eq!(find_bursts(&series(&[1, 1, 20, 1, 1, 1, 1, 1], 100), stubborn), []);
        assert!(BurstModel::new(1.0, 1.0).is_err() && BurstModel::new(2.0, f64::NAN).is_err());
    }

    proptest! {
        /// No sequence of states costs less than the one that is found.
        #[test]
        fn no_other_states_gain_more(
            gains in prop::collection::vec(-3.0..3.0_f64, 1..12), step_up in 0.0..4.0_f64,
        ) {
            let worth = |states: &[bool]| {
                let steps = stretches(states).count() as f64;
                let gained: f64 = stretches(states).map(|days| gains[days].iter().sum::<f64>()).sum();
                gained - steps * step_up
            };
            let best = (0..1_u32 << gains.len())
                .map(|bits| (0..gains.len()).map(|day| bits >> day & 1 == 1).collect::<Vec<_>>())
                .map(|states| worth(&states))
                .fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((worth(&in_burst(&gains, step_up)) - best).abs() < 1e-9);
        }
    }
}
