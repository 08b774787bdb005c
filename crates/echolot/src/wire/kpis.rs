//! Key figures by group.

use echolot_core::{CesVersion, Interval, Mean, ResponseTimes, Share};
use echolot_engine::{
    CorrectedCount, Grouping, Kpi, KpiRow, Quantity, Scope, Segment, Statistic, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectedJson, CorrectedShareJson, rounded, trace};

/// Key figures by group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KpisJson {
    generation: u64,
    /// What they are grouped by.
    #[schema(example = "release")]
    by: String,
    /// What people have said of the verbatims that are meant against the model.
    corrections: CorrectedJson,
    rows: Vec<KpiJson>,
}

/// The key figures of one group; a figure without an answer is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KpiJson {
    /// The product, where releases are grouped.
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    /// The group; null for verbatims without a value.
    group: Option<String>,
    /// Verbatims in the group, every one counted.
    verbatims: u64,
    /// With which the verbatims can be counted again.
    trace: String,
    /// Net Promoter Score.
    nps: Option<PointsJson>,
    /// Share of satisfied answers.
    csat: Option<ShareJson>,
    /// Mean effort answer, 1 to 7, high is easy.
    ces: Option<MeanJson>,
    /// Mean answer to the older effort question, 1 to 5, high is effort.
    ces_v1: Option<MeanJson>,
    /// Mean rating.
    rating: Option<MeanJson>,
    /// Positive minus negative verbatims with an opinion.
    net_sentiment: Option<PointsJson>,
    /// Net sentiment corrected for the model's known error; absent where people have
    /// labelled nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_sentiment: Option<CorrectedSentimentJson>,
    /// Time to the first human reply.
    frt: Option<TimesJson>,
    /// Time to the resolution, of resolved conversations.
    art: Option<TimesJson>,
    /// Share of resolved conversations whose customers did not come back.
    fcr: Option<ShareJson>,
}

/// Net sentiment as it would be if the model made no mistakes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectedSentimentJson {
    /// Corrected positive minus corrected negative share, in points.
    points: f64,
    positive: CorrectedShareJson,
    negative: CorrectedShareJson,
}

/// A difference of shares in points, -100..=100.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PointsJson {
    points: f64,
    /// Standard error in points; null below two answers.
    standard_error: Option<f64>,
    /// Lower end of the 95 % interval (Student's t), at least -100; null below two
    /// answers, and where all are the same.
    low: Option<f64>,
    /// Upper end of the interval, at most 100.
    high: Option<f64>,
    /// How many answers there are.
    count: u64,
    /// With which the figures here can be counted again.
    trace: String,
}

/// A share with its 95 % Wilson interval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareJson {
    share: f64,
    share_low: f64,
    share_high: f64,
    count: u64,
    /// With which the figures here can be counted again; absent of figures that
    /// follow from labels or from notes of people.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

/// A mean and how many values it is of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeanJson {
    mean: f64,
    /// Standard error; null below two answers.
    standard_error: Option<f64>,
    /// Lower end of the 95 % interval (Student's t), within the scale; null below
    /// two answers, and where all are the same.
    low: Option<f64>,
    /// Upper end of the interval.
    high: Option<f64>,
    count: u64,
    /// With which the figures here can be counted again.
    trace: String,
}

/// Mean and median of times in seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimesJson {
    mean_s: f64,
    median_s: f64,
    count: u64,
    /// With which the figures here can be counted again; absent of figures that
    /// follow from notes of people.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

impl KpisJson {
    pub(crate) fn new(
        (generation, corrected): (u64, CorrectedCount),
        (by, segment): (&Grouping, &Segment),
        rows: Vec<KpiRow>,
    ) -> Self {
        let segment = Trace::new(generation, segment.clone());
        Self {
            generation,
            by: by.name().into_owned(),
            corrections: corrected.into(),
            rows: rows.into_iter().map(|row| KpiJson::new(&segment, Some(by), row)).collect(),
        }
    }
}

impl KpiJson {
    /// The key figures of a segment, or of one of its groups.
    pub(super) fn new(segment: &Trace, by: Option<&Grouping>, row: KpiRow) -> Self {
        let mut group = segment.clone();
        if by == Some(&Grouping::Release) {
            group = group.by(Grouping::Product, row.product.clone());
        }
        if let Some(by) = by {
            group = group.by(by.clone(), row.group.clone());
        }
        let traced =
            |kpi, value, answers| trace::write(&trace::of_kpi(group.clone(), kpi, value, answers));
        let end = |interval: Option<Interval>, end: fn(Interval) -> f64| {
            interval.map(|interval| rounded(end(interval)))
        };
        let points = |kpi, (points, error): (f64, Option<f64>), interval, count| PointsJson {
            points: rounded(points),
            standard_error: error.map(rounded),
            low: end(interval, |interval| interval.low),
            high: end(interval, |interval| interval.high),
            count,
            trace: traced(kpi, points, count),
        };
        let mean = |kpi, found: Mean, scale| MeanJson {
            mean: rounded(found.value),
            standard_error: found.standard_error.map(rounded),
            low: end(found.interval(scale), |interval| interval.low),
            high: end(found.interval(scale), |interval| interval.high),
            count: found.count,
            trace: traced(kpi, found.value, found.count),
        };
        let share = |kpi, share: Share| ShareJson {
            trace: Some(traced(kpi, share.value, share.total)),
            ..share.into()
        };
        let times = |kpi, times: ResponseTimes| {
            let group = trace::of_kpi(group.clone(), kpi, times.mean_seconds, times.count);
            let median_of = Quantity::Kpi(kpi, Statistic::Median);
            let times = TimesJson::from(times);
            let group = group.stating(Scope::Group, median_of, times.median_s);
            TimesJson { trace: Some(trace::write(&group)), ..times }
        };
        let all = group.clone().stating(Scope::Group, Quantity::Verbatims, row.verbatims as f64);
        Self {
            verbatims: row.verbatims,
            trace: trace::write(&all),
            nps: row.nps.map(|nps| {
                let figure = (nps.points, nps.standard_error);
                points(Kpi::Nps, figure, nps.interval(), nps.answers())
            }),
            csat: row.csat.map(|found| share(Kpi::Csat, found)),
            ces: row.ces.map(|found| mean(Kpi::Ces, found, CesVersion::V2.scale())),
            ces_v1: row.ces_v1.map(|found| mean(Kpi::CesV1, found, CesVersion::V1.scale())),
            rating: row.rating.map(|found| mean(Kpi::Rating, found, row.rating_scale)),
            net_sentiment: row.net_sentiment.map(|net| {
                let figure = (net.points, net.standard_error);
                points(Kpi::NetSentiment, figure, net.interval(), net.verbatims())
            }),
            corrected_sentiment: row.corrected_sentiment.map(|corrected| CorrectedSentimentJson {
                points: rounded(corrected.points),
                positive: corrected.positive.into(),
                negative: corrected.negative.into(),
            }),
            frt: row.first_response.map(|found| times(Kpi::FirstResponse, found)),
            art: row.resolution.map(|found| times(Kpi::Resolution, found)),
            fcr: row.first_contact.map(|found| share(Kpi::FirstContact, found)),
            product: row.product,
            group: row.group,
        }
    }
}

impl From<Share> for ShareJson {
    fn from(share: Share) -> Self {
        Self {
            share: rounded(share.value),
            share_low: rounded(share.low),
            share_high: rounded(share.high),
            count: share.total,
            trace: None,
        }
    }
}

impl From<ResponseTimes> for TimesJson {
    fn from(times: ResponseTimes) -> Self {
        Self {
            mean_s: rounded(times.mean_seconds),
            median_s: rounded(times.median_seconds),
            count: times.count,
            trace: None,
        }
    }
}
