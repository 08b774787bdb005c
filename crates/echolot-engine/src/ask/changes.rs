//! The place at which a figure changed most, by the test that fits it.

use echolot_core::{
    Answers, Calendar, Count, Period, Rate, Resampling, find_change_point, find_mean_change,
    find_volume_change,
};

use super::segment::Scope;
use super::trends::TrendPoint;

/// A figure that changed for good.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendChange {
    /// The first period of the later stretch.
    pub at: String,
    /// The figure before it; of volumes, verbatims a day.
    pub before: f64,
    /// The figure from it on.
    pub after: f64,
    /// The probability of a change as great at any place if there was none.
    pub p: f64,
    /// By which test.
    pub test: ChangeTest,
}

/// How a change is found and its probability told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeTest {
    /// Of shares, by [`find_change_point`].
    Shares,
    /// Of volumes, by [`find_volume_change`].
    Volumes,
    /// Of means, by [`find_mean_change`].
    Means,
}

impl ChangeTest {
    /// The name that stands in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shares => "binomial_likelihood_ratio",
            Self::Volumes => "poisson_likelihood_ratio",
            Self::Means => "pettitt",
        }
    }
}

/// The place at which shares changed most.
pub(super) fn share_change(points: &[TrendPoint]) -> Option<TrendChange> {
    let counts: Vec<Count> =
        points.iter().map(|point| Count::new(point.hits.unwrap_or(0), point.count)).collect();
    let found = find_change_point(&counts, Resampling::default())?;
    Some(TrendChange {
        at: points[found.at].period.clone(),
        before: found.before.share()?,
        after: found.after.share()?,
        p: found.p,
        test: ChangeTest::Shares,
    })
}

/// The place at which volumes changed most, with the days of each point.
pub(super) fn volume_change(points: &[TrendPoint], days: &[i64]) -> Option<TrendChange> {
    debug_assert_eq!(points.len(), days.len(), "both are the periods of the frame");
    let periods = points.iter().zip(days);
    let periods = periods.map(|(point, days)| Rate::new(point.hits.unwrap_or(0), *days as f64));
    let found =
        find_volume_change(&periods.collect::<Result<Vec<_>, _>>().ok()?, Resampling::default())?;
    let a_day = |stretch: Rate| stretch.events() as f64 / stretch.exposure();
    Some(TrendChange {
        at: points[found.at].period.clone(),
        before: a_day(found.before),
        after: a_day(found.after),
        p: found.p,
        test: ChangeTest::Volumes,
    })
}

/// The place at which means changed most, with the answers of each point.
pub(super) fn mean_change(points: &[TrendPoint], answers: &[Answers]) -> Option<TrendChange> {
    let found = find_mean_change(answers)?;
    Some(TrendChange {
        at: points[found.at].period.clone(),
        before: found.before.mean()?,
        after: found.after.mean()?,
        p: found.p,
        test: ChangeTest::Means,
    })
}

/// How many days of each period there is feedback from: of the first and the
/// last one those within the first and the last day of a scope.
pub(super) fn days(scope: &Scope, calendar: Calendar) -> Vec<i64> {
    let times = scope.facts.rows().filter(|row| scope.accepts(*row));
    let times = times.filter_map(|row| scope.facts.created_at[row.index()]);
    let day = |at| Period::of(Calendar::Day, at).number();
    let ends = times.fold(None, |ends, at| match ends {
        None => Some((at, at)),
        Some((first, last)) => Some((at.min(first), at.max(last))),
    });
    let Some((first, last)) = ends else { return Vec::new() };
    let numbers = Period::of(calendar, first).number()..=Period::of(calendar, last).number();
    let of_period = |number| {
        let period = Period::from_number(calendar, number);
        let end = day(period.next().start()).min(day(last) + 1);
        end - day(period.start()).max(day(first))
    };
    numbers.map(of_period).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_point_is_the_first_period_of_the_later_stretch() {
        let point = |(period, hits): (&str, u64)| TrendPoint {
            period: period.to_owned(),
            value: None,
            low: None,
            high: None,
            hits: Some(hits),
            count: 100,
        };
        let points: Vec<TrendPoint> =
            [("a", 2), ("b", 3), ("c", 20), ("d", 22)].map(point).into_iter().collect();
        let change = share_change(&points).unwrap();
        assert_eq!((change.at.as_str(), change.before, change.after), ("c", 0.025, 0.21));
        assert!(change.p < 0.01, "{}", change.p);
    }
}
