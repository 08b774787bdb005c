//! From labels to accuracy, and from accuracy to corrected shares.

use std::collections::{BTreeMap, BTreeSet};

use echolot_core::{
    AuditedLabel, Count, Fingerprint, NetSentiment, audit_accuracy, correct_share, weighted_count,
    wilson,
};
use echolot_index::{AuditLabel, Facts, RowId};

use super::{
    Answers, AuditReport, Audited, AuditedShare, Head, HeadAccuracy, LabelAccuracy, labels_of,
};
use crate::Error;
use crate::ask::kpis::CorrectedSentiment;
use crate::ask::{CountOf, CountQuestion, Grouping, Snapshot};

/// The least part of the verbatims asked about whose product and language people have
/// labelled: errors among others are not known.
const LEAST_COVERED: f64 = 0.9;

/// Compares all labels with what the model says today.
pub(in crate::ask) fn report(snapshot: &Snapshot) -> Result<AuditReport, Error> {
    let labels = snapshot.audit_labels()?;
    let mut report = AuditReport { labelled: labels.len() as u64, ..AuditReport::default() };
    let mut audited = Vec::with_capacity(labels.len());
    for AuditLabel { row, text, weight, polarity, topics, intents, .. } in labels {
        let Some(stored) = snapshot.inner.verbatim(row)? else { continue };
        if Fingerprint::of_text(&stored.verbatim) != text {
            report.stale += 1;
            continue;
        }
        let model = snapshot.inner.model_answer(row)?.unwrap_or(stored.analysis);
        audited.push(Audited {
            row,
            weight,
            person: Answers { polarity, topics, intents },
            model: Answers::from(&model),
        });
    }
    report.heads = heads(&audited);
    report.audited = audited;
    Ok(report)
}

fn heads(audited: &[Audited]) -> Vec<HeadAccuracy> {
    Head::ALL.iter().filter_map(|&head| accuracy_of(head, audited)).collect()
}

fn accuracy_of(head: Head, audited: &[Audited]) -> Option<HeadAccuracy> {
    let answered: Vec<(f64, Vec<&str>, Vec<&str>)> = audited
        .iter()
        .filter_map(|one| Some((one.weight, one.person.codes(head)?, one.model.codes(head)?)))
        .collect();
    if answered.is_empty() {
        return None;
    }
    let exact = weighted_count(answered.iter().map(|(weight, person, model)| {
        let same = person.len() == model.len() && person.iter().all(|code| model.contains(code));
        (same, *weight)
    }));
    let labels = labels_of(head).into_iter().filter_map(|label| {
        let rows: Vec<AuditedLabel> = answered
            .iter()
            .map(|(weight, person, model)| AuditedLabel {
                truly: person.contains(&label),
                given: model.contains(&label),
                weight: *weight,
            })
            .collect();
        let truly = rows.iter().filter(|row| row.truly).count() as u64;
        let occurs = truly > 0 || rows.iter().any(|row| row.given);
        occurs.then(|| LabelAccuracy { label, truly, accuracy: audit_accuracy(&rows) })
    });
    Some(HeadAccuracy {
        head,
        labelled: answered.len() as u64,
        exact: wilson(exact.hits(), exact.total()),
        labels: labels.collect(),
    })
}

impl AuditReport {
    /// What the labels say of these verbatims: those of their products and languages. None
    /// where they are not of the kinds that most of these are, as after a sample of another
    /// product: how often the model errs among these is then not known.
    pub(in crate::ask) fn about(&self, facts: &Facts, rows: &[RowId]) -> Option<Self> {
        if self.audited.is_empty() {
            return None;
        }
        let kind = |row: RowId| (facts.product.get(row), facts.language.get(row));
        let mut asked: BTreeMap<_, u64> = BTreeMap::new();
        for row in rows {
            *asked.entry(kind(*row)).or_default() += 1;
        }
        let of_asked = self.audited.iter().filter(|one| asked.contains_key(&kind(one.row)));
        let audited: Vec<Audited> = of_asked.cloned().collect();
        let kinds: BTreeSet<_> = audited.iter().map(|one| kind(one.row)).collect();
        let covered: u64 = kinds.iter().filter_map(|kind| asked.get(kind)).sum();
        let is_covered = covered as f64 >= LEAST_COVERED * rows.len() as f64;
        (is_covered && !audited.is_empty()).then(|| Self {
            labelled: audited.len() as u64,
            stale: 0,
            heads: heads(&audited),
            audited,
        })
    }

    /// The share that truly has a label, estimated from the share that was given
    /// it; none where that cannot be told.
    fn correct(&self, head: Head, label: &str, given: Count) -> Option<AuditedShare> {
        let head = self.heads.iter().find(|found| found.head == head)?;
        let label = head.labels.iter().find(|found| found.label == label)?;
        let share = correct_share(given, label.accuracy)?;
        Some(AuditedShare { share, labelled: head.labelled })
    }
}

/// What corrects the shares of a count; none where they are no shares of verbatims
/// by a label alone, or the verbatims were themselves chosen by what the model
/// says, so that its errors among them are others.
pub(in crate::ask) fn correctable_share<'a>(
    question: &CountQuestion,
    report: Option<&'a AuditReport>,
) -> Option<impl Fn(&str, Count) -> Option<AuditedShare> + use<'a>> {
    let report = report?;
    let head = match question.by.as_slice() {
        [Grouping::Polarity] => Head::Polarity,
        [Grouping::Topic] => Head::Topics,
        [Grouping::Intent] => Head::Intents,
        _ => return None,
    };
    let counts_verbatims = matches!(question.of, CountOf::Verbatims | CountOf::Texts);
    (counts_verbatims && question.segment.frame() == question.segment)
        .then_some(move |label: &str, given: Count| report.correct(head, label, given))
}

/// Positive and negative shares of net sentiment, corrected by what labels say of the
/// same verbatims.
pub(in crate::ask) fn corrected_sentiment(
    raw: &NetSentiment,
    report: &AuditReport,
) -> Option<CorrectedSentiment> {
    let total = raw.positive + raw.neutral + raw.negative;
    let share = |label: &str, hits| report.correct(Head::Polarity, label, Count::new(hits, total));
    let (positive, negative) = (share("positive", raw.positive)?, share("negative", raw.negative)?);
    Some(CorrectedSentiment {
        points: 100.0 * (positive.share.value - negative.share.value),
        positive,
        negative,
    })
}
