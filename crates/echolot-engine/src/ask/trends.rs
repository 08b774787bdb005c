//! One figure from period to period or release to release, with its uncertainty.

use std::collections::BTreeMap;
use std::str::FromStr;

use echolot_core::{Answers, CesVersion, Mean, Polarity, Share, csat, wilson};
use echolot_index::{Facts, RowId};

use super::cell_counts::{count, rows_by_group};
use super::cells::put_in_order;
use super::changes::{TrendChange, days, mean_change, share_change, volume_change};
use super::column::Column;
use super::contacts::Contacts;
use super::counts::CountOf;
use super::kpis::rating_scale;
use super::segment::{CorrectedCount, Scope, Segment};
use super::{Grouping, Kpi, Snapshot, by_name};
use crate::Error;

/// The figure that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Verbatims, near-duplicates once.
    Volume,
    /// Their share of the verbatims of the same frame (see
    /// [`Segment::frame`]), near-duplicates once.
    Share,
    /// The mean rating.
    Rating,
    /// The Net Promoter Score in points.
    Nps,
    /// The share of satisfied answers.
    Csat,
    /// Net sentiment in points, of verbatims with an opinion.
    NetSentiment,
    /// The mean effort answer, 1 to 7, high is easy.
    Ces,
    /// The mean answer to the older effort question, 1 to 5, high is effort.
    CesV1,
    /// The mean time to the first human reply, in seconds.
    FirstResponse,
    /// The mean time to the resolution, in seconds.
    Resolution,
    /// The share of resolved conversations whose customers did not come back.
    FirstContact,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 11] = [
        Self::Volume,
        Self::Share,
        Self::Rating,
        Self::Nps,
        Self::Csat,
        Self::NetSentiment,
        Self::Ces,
        Self::CesV1,
        Self::FirstResponse,
        Self::Resolution,
        Self::FirstContact,
    ];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Share => "share",
            Self::NetSentiment => "net-sentiment",
            _ => self.kpi().map_or("", Kpi::name),
        }
    }

    /// The key figure that is followed; none of volumes and shares.
    pub fn kpi(self) -> Option<Kpi> {
        Some(match self {
            Self::Volume | Self::Share => return None,
            Self::Rating => Kpi::Rating,
            Self::Nps => Kpi::Nps,
            Self::Csat => Kpi::Csat,
            Self::NetSentiment => Kpi::NetSentiment,
            Self::Ces => Kpi::Ces,
            Self::CesV1 => Kpi::CesV1,
            Self::FirstResponse => Kpi::FirstResponse,
            Self::Resolution => Kpi::Resolution,
            Self::FirstContact => Kpi::FirstContact,
        })
    }
}

impl FromStr for Measure {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("measure", name, &Self::ALL, Self::name)
    }
}

/// What is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendQuestion {
    /// Among which verbatims.
    pub segment: Segment,
    /// The figure.
    pub measure: Measure,
    /// From what to what: [`Grouping::Time`] or [`Grouping::Release`].
    pub by: Grouping,
}

/// A figure over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// The periods in their order, without gaps, or the releases.
    pub points: Vec<TrendPoint>,
    /// Where it changed most; none of volumes by release, as nothing says for how
    /// long a release was there.
    pub change: Option<TrendChange>,
    /// What people have said of the verbatims that count against the model.
    pub corrected: CorrectedCount,
}

/// A figure in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    /// The period or release.
    pub period: String,
    /// The figure; none when nothing was there to compute it from.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval; none where there is none, as for the
    /// mean of one answer, or of equal ones.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// How many have the property, of a volume or a share.
    pub hits: Option<u64>,
    /// How many verbatims or answers it is computed from.
    pub count: u64,
}

/// The 0.975 quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

pub(super) fn trend(snapshot: &Snapshot, question: &TrendQuestion) -> Result<Trend, Error> {
    let is_ordered = matches!(question.by, Grouping::Time(_) | Grouping::Release);
    if !is_ordered {
        let reason = format!("`{}` is not one of day, week, month, release", question.by.name());
        return Err(Error::BadValue { key: "by", reason });
    }
    let columns = [Column::new(snapshot, &question.by)?];
    let corrected = match question.measure {
        Measure::Share => snapshot.corrected(&question.segment.frame())?,
        _ => snapshot.corrected(&question.segment)?,
    };
    let question = &to_the_present(snapshot, question)?;
    let (points, change) = match question.measure.kpi() {
        None => counted(snapshot, question, &columns)?,
        Some(kpi) => answered(snapshot, (question, kpi), &columns)?,
    };
    Ok(Trend { points, change, corrected })
}

/// The question up to the time of the run: one wrong date in the next century would
/// draw out every course to there.
fn to_the_present(snapshot: &Snapshot, question: &TrendQuestion) -> Result<TrendQuestion, Error> {
    let mut question = question.clone();
    if let Grouping::Time(_) = question.by {
        let to = question.segment.filter.to;
        question.segment.filter.to = to.into_iter().chain(snapshot.horizon()?).min();
    }
    Ok(question)
}

/// The points of a figure, and where it changed most.
type Course = (Vec<TrendPoint>, Option<TrendChange>);

/// Volumes or shares.
fn counted(
    snapshot: &Snapshot,
    question: &TrendQuestion,
    columns: &[Column; 1],
) -> Result<Course, Error> {
    let frame = question.segment.frame();
    let count = |segment| -> Result<BTreeMap<u64, u64>, Error> {
        let cells = count(&Scope::new(snapshot, segment)?, columns, CountOf::Texts);
        Ok(cells.counts.into_iter().collect())
    };
    let (hits, totals) = (count(&question.segment)?, count(&frame)?);
    let sizes = totals.iter().map(|(code, total)| (*code, *total)).collect();
    let points = periods(question, columns, sizes).into_iter().map(|(code, period)| {
        let of = |counts: &BTreeMap<u64, u64>| counts.get(&code).copied().unwrap_or(0);
        let (hits, total) = (of(&hits), of(&totals));
        let (value, low, high) = if question.measure == Measure::Volume {
            let (low, high) = volume_interval(hits);
            (Some(hits as f64), Some(low), Some(high))
        } else {
            let share = wilson(hits, total);
            (share.map(|s| s.value), share.map(|s| s.low), share.map(|s| s.high))
        };
        TrendPoint { period, value, low, high, hits: Some(hits), count: total }
    });
    let points: Vec<TrendPoint> = points.collect();
    let change = match (question.measure, &question.by) {
        (Measure::Share, _) => share_change(&points),
        (_, Grouping::Time(calendar)) => {
            volume_change(&points, &days(&Scope::new(snapshot, &frame)?, *calendar))
        }
        _ => None,
    };
    Ok((points, change))
}

/// The 95 % score interval of a Poisson count, n + z²/2 ± z √(n + z²/4): that
/// of Wilson where hits are rare among many.
fn volume_interval(count: u64) -> (f64, f64) {
    let centre = count as f64 + Z_95 * Z_95 / 2.0;
    let half = Z_95 * (count as f64 + Z_95 * Z_95 / 4.0).sqrt();
    ((centre - half).max(0.0), centre + half)
}

/// Figures of answers. Every answer counts, as among the key figures.
fn answered(
    snapshot: &Snapshot,
    (question, kpi): (&TrendQuestion, Kpi),
    columns: &[Column; 1],
) -> Result<Course, Error> {
    let scope = Scope::new(snapshot, &question.segment)?;
    let groups = rows_by_group(&scope, columns);
    let sizes = groups.iter().map(|(code, rows)| (*code, rows.len() as u64)).collect();
    let groups: BTreeMap<u64, Vec<RowId>> = groups.into_iter().collect();
    let periods = periods(question, columns, sizes).into_iter();
    let periods = periods.map(|(code, period)| (period, groups.get(&code).map_or(&[][..], |v| v)));
    let contacts = || Contacts::new(scope.facts, snapshot.reopen_s);
    Ok(match kpi {
        Kpi::Csat => shares(periods, |rows| {
            csat(rows.iter().filter_map(|row| scope.facts.csat[row.index()]))
        }),
        Kpi::FirstContact => {
            let contacts = contacts();
            shares(periods, |rows| contacts.resolved_at_once(rows))
        }
        _ => means(periods, |rows| {
            let answers = answers(scope.facts, kpi, rows);
            let scale = match kpi {
                Kpi::Nps | Kpi::NetSentiment => (-100.0, 100.0),
                Kpi::Ces => CesVersion::V2.scale(),
                Kpi::CesV1 => CesVersion::V1.scale(),
                Kpi::Rating => rating_scale(snapshot, &answers),
                _ => (0.0, f64::INFINITY),
            };
            (answers, scale)
        }),
    })
}

/// The course of a share of answers.
fn shares<'a>(
    periods: impl Iterator<Item = (String, &'a [RowId])>,
    share: impl Fn(&[RowId]) -> Option<Share>,
) -> Course {
    let points = periods.map(|(period, rows)| {
        let share = share(rows);
        TrendPoint {
            period,
            value: share.map(|share| share.value),
            low: share.map(|share| share.low),
            high: share.map(|share| share.high),
            hits: Some(share.map_or(0, |share| share.hits)),
            count: share.map_or(0, |share| share.total),
        }
    });
    let points: Vec<TrendPoint> = points.collect();
    let change = share_change(&points);
    (points, change)
}

/// The course of a mean of answers, each with the scale they are on.
fn means<'a>(
    periods: impl Iterator<Item = (String, &'a [RowId])>,
    answers: impl Fn(&[RowId]) -> (Answers, (f64, f64)),
) -> Course {
    let points = periods.map(|(period, rows)| {
        let (answers, scale) = answers(rows);
        let mean = Mean::of_answers(&answers);
        let interval = mean.and_then(|mean| mean.interval(scale));
        let point = TrendPoint {
            period,
            value: mean.map(|mean| mean.value),
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
            hits: None,
            count: answers.total(),
        };
        (point, answers)
    });
    let (points, answers): (Vec<TrendPoint>, Vec<Answers>) = points.unzip();
    let change = mean_change(&points, &answers);
    (points, change)
}

/// The answers whose mean a key figure is.
fn answers(facts: &Facts, kpi: Kpi, rows: &[RowId]) -> Answers {
    let of = |value: &dyn Fn(usize) -> Option<f64>| -> Answers {
        rows.iter().filter_map(|row| value(row.index())).collect()
    };
    let effort = |version| {
        of(&|at| {
            let answer = facts.ces[at].filter(|answer| answer.version() == version);
            answer.map(|answer| f64::from(answer.value()))
        })
    };
    match kpi {
        Kpi::Nps => of(&|at| facts.nps[at].map(|answer| 100.0 * f64::from(answer.balance()))),
        Kpi::NetSentiment => {
            let opined = rows.iter().filter(|row| !facts.opinions(**row).is_empty());
            let points = opined.map(|row| match facts.polarity[row.index()] {
                Polarity::Positive => 100.0,
                Polarity::Neutral => 0.0,
                Polarity::Negative => -100.0,
            });
            points.collect()
        }
        Kpi::Rating => of(&|at| facts.rating[at].map(echolot_core::Rating::value)),
        Kpi::Ces => effort(CesVersion::V2),
        Kpi::CesV1 => effort(CesVersion::V1),
        Kpi::FirstResponse => of(&|at| facts.first_response_s[at].map(|seconds| seconds as f64)),
        Kpi::Resolution => of(&|at| facts.resolution_s[at].map(|seconds| seconds as f64)),
        // Of these the hits and totals of the points say all.
        Kpi::Csat | Kpi::FirstContact => Answers::default(),
    }
}

/// The groups from the first to the last, in their order: of time also those
/// in which nothing was written.
fn periods(
    question: &TrendQuestion,
    columns: &[Column; 1],
    mut sizes: Vec<(u64, u64)>,
) -> Vec<(u64, String)> {
    put_in_order(columns, &mut sizes, usize::MAX, |(code, _)| *code, |(_, size)| *size);
    let codes = sizes.into_iter().map(|(code, _)| code);
    let with_value = |code: u64| Some((code, columns[0].value(code)?));
    if let Grouping::Release = question.by {
        return codes.filter_map(with_value).collect();
    }
    let known: Vec<u64> = codes.filter(|&code| columns[0].value(code).is_some()).collect();
    match (known.first(), known.last()) {
        (Some(&first), Some(&last)) => (first..=last).filter_map(with_value).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_has_the_score_interval() {
        // The ends solve (n - m)² = z² m.
        for count in [0, 1, 10, 500] {
            let (low, high) = volume_interval(count);
            for end in [low, high] {
                let off = (count as f64 - end).powi(2) - Z_95 * Z_95 * end;
                assert!(off.abs() < 1e-6 * (1.0 + end * end), "{count}: {end}");
            }
        }
        assert!(volume_interval(0).0.abs() < 1e-12);
    }
}
