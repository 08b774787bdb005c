//! The key figures by release, month, channel or product.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::str::FromStr;

use echolot_core::{
    CesVersion, Mean, NetSentiment, Nps, ResponseTimes, Satisfaction, ces_mean, compare_releases,
    csat, net_sentiment, nps, response_times,
};
use echolot_index::{Facts, Filter, RowId};

use super::by_name;
use crate::Error;

/// What key figures are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The release, per product.
    Release,
    /// The calendar month in UTC.
    Month,
    /// The kind of contact.
    Channel,
    /// The product.
    Product,
    /// The language of the text.
    Language,
    /// The system the feedback came from.
    Source,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Self; 6] =
        [Self::Release, Self::Month, Self::Channel, Self::Product, Self::Language, Self::Source];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Month => "month",
            Self::Channel => "channel",
            Self::Product => "product",
            Self::Language => "language",
            Self::Source => "source",
        }
    }
}

impl FromStr for Dimension {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("by", name, &Self::ALL, Self::name)
    }
}

/// The key figures of one group. A figure without an answer is none.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiRow {
    /// The product, where releases are grouped.
    pub product: Option<String>,
    /// The group; none for verbatims without a value.
    pub group: Option<String>,
    /// Verbatims in the group, every one counted.
    pub verbatims: u64,
    /// Net Promoter Score.
    pub nps: Option<Nps>,
    /// Satisfaction.
    pub csat: Option<Satisfaction>,
    /// Mean effort answer, 1 to 7, high is easy.
    pub ces: Option<Mean>,
    /// Mean answer to the older effort question, 1 to 5, high is effort.
    pub ces_v1: Option<Mean>,
    /// Mean rating.
    pub rating: Option<(f64, u64)>,
    /// Net sentiment of the verbatims with an opinion.
    pub net_sentiment: Option<NetSentiment>,
    /// Time to the first human reply.
    pub first_response: Option<ResponseTimes>,
    /// Time to the resolution, of resolved conversations.
    pub resolution: Option<ResponseTimes>,
}

pub(super) fn rows(facts: &Facts, by: Dimension, filter: &Filter) -> Vec<KpiRow> {
    let mut groups: BTreeMap<(Option<String>, Option<String>), Vec<RowId>> = BTreeMap::new();
    for row in filter.rows(facts) {
        groups.entry(key(facts, by, row)).or_default().push(row);
    }
    let mut rows: Vec<KpiRow> = groups
        .into_iter()
        .map(|((product, group), rows)| figures(facts, (product, group), &rows))
        .collect();
    rows.sort_by(|a, b| order(by, a, b));
    rows
}

fn key(facts: &Facts, by: Dimension, row: RowId) -> (Option<String>, Option<String>) {
    let word = |words: &echolot_index::Words| words.get(row).map(str::to_owned);
    match by {
        Dimension::Release => (word(&facts.product), word(&facts.release)),
        Dimension::Month => (None, facts.created_at[row.index()].map(|at| at.month().to_string())),
        Dimension::Channel => (None, word(&facts.channel)),
        Dimension::Product => (None, word(&facts.product)),
        Dimension::Language => (None, word(&facts.language)),
        Dimension::Source => (None, word(&facts.source)),
    }
}

/// Releases and months in their own order, other groups by volume; verbatims
/// without a value last.
fn order(by: Dimension, a: &KpiRow, b: &KpiRow) -> Ordering {
    let missing_last = a.group.is_none().cmp(&b.group.is_none());
    match by {
        Dimension::Release => a.product.cmp(&b.product).then(missing_last).then_with(|| {
            compare_releases(a.group.as_deref().unwrap_or(""), b.group.as_deref().unwrap_or(""))
        }),
        Dimension::Month => missing_last.then_with(|| a.group.cmp(&b.group)),
        _ => missing_last
            .then_with(|| Reverse(a.verbatims).cmp(&Reverse(b.verbatims)))
            .then_with(|| a.group.cmp(&b.group)),
    }
}

fn figures(
    facts: &Facts,
    (product, group): (Option<String>, Option<String>),
    rows: &[RowId],
) -> KpiRow {
    let at = |row: &RowId| row.index();
    let ces = || rows.iter().filter_map(|row| facts.ces[at(row)]);
    let ratings: Vec<f64> =
        rows.iter().filter_map(|row| Some(facts.rating[at(row)]?.value())).collect();
    let opined = rows.iter().filter(|row| !facts.opinions(**row).is_empty());
    KpiRow {
        product,
        group,
        verbatims: rows.len() as u64,
        nps: nps(rows.iter().filter_map(|row| facts.nps[at(row)])),
        csat: csat(rows.iter().filter_map(|row| facts.csat[at(row)])),
        ces: ces_mean(ces(), CesVersion::V2),
        ces_v1: ces_mean(ces(), CesVersion::V1),
        rating: (!ratings.is_empty())
            .then(|| (ratings.iter().sum::<f64>() / ratings.len() as f64, ratings.len() as u64)),
        net_sentiment: net_sentiment(opined.map(|row| facts.polarity[at(row)])),
        first_response: response_times(
            rows.iter().filter_map(|row| facts.first_response_s[at(row)]),
        ),
        resolution: response_times(rows.iter().filter_map(|row| facts.resolution_s[at(row)])),
    }
}
