//! The key figures of a set of verbatims, by group.

use echolot_core::{
    Answers, CesVersion, Mean, NetSentiment, Nps, ResponseTimes, Satisfaction, Share, ces_mean,
    csat, net_sentiment, nps, response_times,
};
use echolot_index::RowId;

use super::audit::{AuditedShare, corrected_sentiment};
use super::cell_counts::rows_by_group;
use super::cells::{codes_of, put_in_order};
use super::column::Column;
use super::contacts::Contacts;
use super::segment::{Scope, Segment};
use super::{Grouping, Snapshot};
use crate::Error;

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
    pub rating: Option<Mean>,
    /// The ends of the scale of the ratings: the configured ones, or 0 and 10
    /// where a rating lies beyond them.
    pub rating_scale: (f64, f64),
    /// Net sentiment of the verbatims with an opinion.
    pub net_sentiment: Option<NetSentiment>,
    /// Its shares corrected for the known error of the model; none without labels.
    pub corrected_sentiment: Option<CorrectedSentiment>,
    /// Time to the first human reply.
    pub first_response: Option<ResponseTimes>,
    /// Time to the resolution, of resolved conversations.
    pub resolution: Option<ResponseTimes>,
    /// The share of resolved conversations after which the customer did not come
    /// back; see [`super::contacts`] for what counts.
    pub first_contact: Option<Share>,
}

/// Net sentiment as it would be if the model made no mistakes, as far as a sample
/// that people labelled can tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedSentiment {
    /// Corrected positive minus corrected negative share, in points.
    pub points: f64,
    /// The corrected share of positive verbatims.
    pub positive: AuditedShare,
    /// The corrected share of negative verbatims.
    pub negative: AuditedShare,
}

pub(super) fn rows(
    snapshot: &Snapshot,
    by: &Grouping,
    segment: &Segment,
) -> Result<Vec<KpiRow>, Error> {
    let scope = Scope::new(snapshot, segment)?;
    // Releases of different products have nothing in common but their names.
    let by_product = (*by == Grouping::Release).then_some(&Grouping::Product);
    let columns = by_product.into_iter().chain([by]).map(|by| Column::new(snapshot, by));
    let columns: Vec<Column> = columns.collect::<Result<_, Error>>()?;
    let mut groups = rows_by_group(&scope, &columns);
    let size_of = |(_, rows): &(u64, Vec<RowId>)| rows.len() as u64;
    put_in_order(&columns, &mut groups, usize::MAX, |(cell, _)| *cell, size_of);
    let contacts = Contacts::new(scope.facts, snapshot.reopen_s);
    let figures = groups.into_iter().map(|(cell, rows)| -> Result<KpiRow, Error> {
        let codes = codes_of(&columns, cell);
        let mut values = codes.iter().zip(&columns).map(|(code, column)| column.value(*code));
        let product = by_product.and_then(|_| values.next().flatten());
        let of = (product, values.next().flatten());
        let mut figures = figures((snapshot, &contacts), of, &rows)?;
        if !by.is_of_labels() {
            correct_for_error(snapshot, (segment, &rows), &mut figures)?;
        }
        Ok(figures)
    });
    figures.collect()
}

/// The key figures of a set of verbatims as a whole.
pub(super) fn whole(snapshot: &Snapshot, segment: &Segment) -> Result<KpiRow, Error> {
    let contacts = Contacts::new(snapshot.facts()?, snapshot.reopen_s);
    let rows = snapshot.rows_of(segment)?;
    let mut figures = figures((snapshot, &contacts), (None, None), &rows)?;
    correct_for_error(snapshot, (segment, &rows), &mut figures)?;
    Ok(figures)
}

/// Sets corrected shares beside the net sentiment of some rows of a segment, unless that
/// is chosen by what the model says: its errors among those are others.
fn correct_for_error(
    snapshot: &Snapshot,
    (segment, rows): (&Segment, &[RowId]),
    figures: &mut KpiRow,
) -> Result<(), Error> {
    if segment.frame() == *segment
        && let Some(raw) = &figures.net_sentiment
        && let Some(report) = snapshot.audit()?.about(snapshot.facts()?, rows)
    {
        figures.corrected_sentiment = corrected_sentiment(raw, &report);
    }
    Ok(())
}

/// The ends of the scale that ratings are on.
pub(super) fn rating_scale(snapshot: &Snapshot, ratings: &Answers) -> (f64, f64) {
    let (low, high) = snapshot.rating_scale;
    let is_within = ratings.counts().iter().all(|(value, _)| (low..=high).contains(value));
    if is_within { (low, high) } else { (0.0, 10.0) }
}

fn figures(
    (snapshot, contacts): (&Snapshot, &Contacts),
    (product, group): (Option<String>, Option<String>),
    rows: &[RowId],
) -> Result<KpiRow, Error> {
    let facts = snapshot.facts()?;
    let at = |row: &RowId| row.index();
    let ces = || rows.iter().filter_map(|row| facts.ces[at(row)]);
    let ratings: Answers =
        rows.iter().filter_map(|row| Some(facts.rating[at(row)]?.value())).collect();
    let opined = rows.iter().filter(|row| !facts.opinions(**row).is_empty());
    Ok(KpiRow {
        product,
        group,
        verbatims: rows.len() as u64,
        nps: nps(rows.iter().filter_map(|row| facts.nps[at(row)])),
        csat: csat(rows.iter().filter_map(|row| facts.csat[at(row)])),
        ces: ces_mean(ces(), CesVersion::V2),
        ces_v1: ces_mean(ces(), CesVersion::V1),
        rating: Mean::of_answers(&ratings),
        rating_scale: rating_scale(snapshot, &ratings),
        net_sentiment: net_sentiment(opined.map(|row| facts.polarity[at(row)])),
        corrected_sentiment: None,
        first_response: response_times(
            rows.iter().filter_map(|row| facts.first_response_s[at(row)]),
        ),
        resolution: response_times(rows.iter().filter_map(|row| facts.resolution_s[at(row)])),
        first_contact: contacts.resolved_at_once(rows),
    })
}
