//! Key figures by group.

use echolot_core::{Mean, ResponseTimes, Share};
use echolot_engine::{CorrectedCount, Grouping, KpiRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectedJson, CorrectedShareJson, rounded};

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
    /// How many answers there are.
    count: u64,
}

/// A share with its 95 % Wilson interval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareJson {
    share: f64,
    share_low: f64,
    share_high: f64,
    count: u64,
}

/// A mean and how many values it is of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeanJson {
    mean: f64,
    count: u64,
}

/// Mean and median of times in seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimesJson {
    mean_s: f64,
    median_s: f64,
    count: u64,
}

impl From<Share> for ShareJson {
    fn from(share: Share) -> Self {
        Self {
            share: rounded(share.value),
            share_low: rounded(share.low),
            share_high: rounded(share.high),
            count: share.total,
        }
    }
}

impl From<Mean> for MeanJson {
    fn from(mean: Mean) -> Self {
        Self { mean: rounded(mean.value), count: mean.count }
    }
}

impl From<ResponseTimes> for TimesJson {
    fn from(times: ResponseTimes) -> Self {
        Self {
            mean_s: rounded(times.mean_seconds),
            median_s: rounded(times.median_seconds),
            count: times.count,
        }
    }
}

impl KpisJson {
    pub(crate) fn new(
        (generation, corrected): (u64, CorrectedCount),
        by: &Grouping,
        rows: Vec<KpiRow>,
    ) -> Self {
        Self {
            generation,
            by: by.name().into_owned(),
            corrections: corrected.into(),
            rows: rows.into_iter().map(KpiJson::from).collect(),
        }
    }
}

impl From<KpiRow> for KpiJson {
    fn from(row: KpiRow) -> Self {
        Self {
            product: row.product,
            group: row.group,
            verbatims: row.verbatims,
            nps: row.nps.map(|nps| PointsJson {
                points: rounded(nps.points),
                standard_error: nps.standard_error.map(rounded),
                count: nps.answers(),
            }),
            csat: row.csat.map(Into::into),
            ces: row.ces.map(Into::into),
            ces_v1: row.ces_v1.map(Into::into),
            rating: row.rating.map(|(mean, count)| MeanJson { mean: rounded(mean), count }),
            net_sentiment: row.net_sentiment.map(|sentiment| PointsJson {
                points: rounded(sentiment.points),
                standard_error: sentiment.standard_error.map(rounded),
                count: sentiment.positive + sentiment.neutral + sentiment.negative,
            }),
            corrected_sentiment: row.corrected_sentiment.map(|corrected| CorrectedSentimentJson {
                points: rounded(corrected.points),
                positive: corrected.positive.into(),
                negative: corrected.negative.into(),
            }),
            frt: row.first_response.map(Into::into),
            art: row.resolution.map(Into::into),
        }
    }
}
