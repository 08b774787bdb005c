//! Drawing verbatims to be labelled.

use echolot_core::Fingerprint;
use echolot_index::{RowId, Verbatim};

use super::{AuditQuestion, DrawnVerbatim};
use crate::Error;
use crate::ask::cell_counts::rows_by_group;
use crate::ask::cells::codes_of;
use crate::ask::column::Column;
use crate::ask::segment::Scope;
use crate::ask::{Grouping, Snapshot};

/// Draws verbatims by stratum, repeats and what was not analysed left out. The
/// same verbatims, question and seed give the same sample, in whatever order they
/// were loaded; it is in the order of what decides, so its first rows are a
/// sample as well.
///
/// # Errors
/// When a grouping gives a verbatim more than one value.
pub fn audit_sample(
    snapshot: &Snapshot,
    question: &AuditQuestion,
) -> Result<Vec<DrawnVerbatim>, Error> {
    if let Some(by) = question.by.iter().find(|by| !has_one_value(by)) {
        let reason = format!("a verbatim may have several values of `{}`", by.name());
        return Err(Error::BadValue { key: "by", reason });
    }
    let facts = snapshot.facts()?;
    let scope = Scope::new(snapshot, &question.segment)?;
    let columns = question.by.iter().map(|by| Column::new(snapshot, by));
    let columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
    let mut drawn = Vec::new();
    for (cell, rows) in rows_by_group(&scope, &columns) {
        let is_whole = |row: &RowId| !facts.is_duplicate(*row) && facts.is_analysed[row.index()];
        let rows: Vec<RowId> = rows.into_iter().filter(is_whole).collect();
        let values = codes_of(&columns, cell).into_iter().zip(&columns);
        let values = values.map(|(code, column)| column.value(code));
        let values = values.map(|value| value.unwrap_or_else(|| "(none)".to_owned()));
        let stratum = values.collect::<Vec<_>>().join(" / ");
        let mut ranked: Vec<(Fingerprint, RowId)> = Vec::with_capacity(rows.len());
        for (row, id) in rows.iter().zip(snapshot.inner.ids(&rows)?) {
            let seed = question.seed.to_le_bytes();
            ranked.push((Fingerprint::of([&seed[..], id.as_str().as_bytes()]), *row));
        }
        ranked.sort_unstable();
        ranked.truncate(question.per_stratum);
        let weight = rows.len() as f64 / ranked.len().max(1) as f64;
        drawn.extend(ranked.into_iter().map(|(rank, row)| (rank, row, stratum.clone(), weight)));
    }
    drawn.sort_by_key(|(rank, ..)| *rank);
    let mut sample = Vec::with_capacity(drawn.len());
    for (_, row, stratum, weight) in drawn {
        let Some(stored) = snapshot.inner.verbatim(row)? else { continue };
        let Verbatim { feedback, language, verbatim, analysis, .. } = stored;
        sample.push(DrawnVerbatim {
            id: feedback.id,
            stratum,
            weight,
            language,
            product: feedback.product,
            words: Fingerprint::of_text(&verbatim),
            text: verbatim,
            model: snapshot.inner.model_answer(row)?.unwrap_or(analysis),
        });
    }
    Ok(sample)
}

/// Whether a grouping gives every verbatim one value, or none.
fn has_one_value(by: &Grouping) -> bool {
    *by == Grouping::Polarity || !by.is_of_labels()
}
