//! From labels to accuracy, and from accuracy to corrected shares.

use echolot_core::{
    AuditedLabel, CorrectedShare, Count, Fingerprint, NetSentiment, audit_accuracy, correct_share,
    weighted_count, wilson,
};
use echolot_index::AuditLabel;

use super::{Answers, AuditReport, Head, HeadAccuracy, LabelAccuracy, labels_of};
use crate::Error;
use crate::ask::kpis::CorrectedSentiment;
use crate::ask::segment::Segment;
use crate::ask::{CountOf, CountQuestion, Grouping, Snapshot};

/// A label with what the model says of the same words.
struct Audited {
    weight: f64,
    person: Answers,
    model: Answers,
}

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
            weight,
            person: Answers { polarity, topics, intents },
            model: Answers::from(&model),
        });
    }
    report.heads = Head::ALL.iter().filter_map(|&head| accuracy_of(head, &audited)).collect();
    Ok(report)
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
    /// The share that truly has a label, estimated from the share that was given
    /// it; none where that cannot be told.
    fn correct(&self, head: Head, label: &str, given: Count) -> Option<CorrectedShare> {
        let head = self.heads.iter().find(|found| found.head == head)?;
        let label = head.labels.iter().find(|found| found.label == label)?;
        correct_share(given, label.accuracy)
    }
}

/// What corrects the shares of a count; none where they are no shares of verbatims
/// by a label alone, or the verbatims were themselves chosen by what the model
/// says, so that its errors among them are others.
pub(in crate::ask) fn correctable_share<'a>(
    question: &CountQuestion,
    report: &'a AuditReport,
) -> Option<impl Fn(&str, Count) -> Option<CorrectedShare> + use<'a>> {
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

/// Positive and negative shares of net sentiment, corrected. The errors are those
/// among all verbatims that were labelled.
pub(in crate::ask) fn corrected_sentiment(
    (raw, segment): (&NetSentiment, &Segment),
    report: &AuditReport,
) -> Option<CorrectedSentiment> {
    if segment.frame() != *segment {
        return None;
    }
    let total = raw.positive + raw.neutral + raw.negative;
    let share = |label: &str, hits| report.correct(Head::Polarity, label, Count::new(hits, total));
    let (positive, negative) = (share("positive", raw.positive)?, share("negative", raw.negative)?);
    Some(CorrectedSentiment {
        points: 100.0 * (positive.value - negative.value),
        positive,
        negative,
    })
}
