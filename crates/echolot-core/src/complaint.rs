//! How urgent a complaint is, and how well complaints are resolved.

use crate::{Share, Timestamp, wilson};

/// What speaks for the urgency of a complaint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComplaintSigns {
    /// The sentiment score of the verbatim, -1..=1.
    pub score: f64,
    /// Whether the writer left or threatens to.
    pub is_churn: bool,
    /// How far the answers beside the words are from the best ones, 0..=1; none
    /// where no question was answered.
    pub dissatisfaction: Option<f64>,
    /// How many other complaints there are of the same case.
    pub repeats: u64,
    /// Seconds that the customer has waited for an answer; none where it is not
    /// known when the item was written.
    pub waited_s: Option<i64>,
}

/// How much each sign counts; none may be negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeverityWeights {
    /// The weight of the sentiment score.
    pub polarity: f64,
    /// The weight of churn.
    pub churn: f64,
    /// The weight of the answers beside the words.
    pub answers: f64,
    /// The weight of repeats.
    pub repeat: f64,
    /// The weight of waiting.
    pub waiting: f64,
    /// After so many seconds waiting counts in full; above 0.
    pub full_wait_s: f64,
}

/// How severe a complaint is, 0..=1: the weighted mean of its signs, each 0..=1.
///
/// | sign | value |
/// |---|---|
/// | polarity | -score, at least 0 |
/// | churn | 1 for churn, else 0 |
/// | answers | the dissatisfaction |
/// | repeat | k / (k + 1) for k repeats: 0, 1/2, 2/3, ... |
/// | waiting | waited / full wait, at most 1 |
///
/// A sign that is not known has no weight. Without any weight it is 0. The
/// formula is this project's own: it orders a queue and measures nothing.
pub fn severity(signs: &ComplaintSigns, weights: &SeverityWeights) -> f64 {
    let repeats = signs.repeats as f64;
    let waited = signs.waited_s.map(|s| (s.max(0) as f64 / weights.full_wait_s).min(1.0));
    let parts = [
        (weights.polarity, Some((-signs.score).clamp(0.0, 1.0))),
        (weights.churn, Some(f64::from(u8::from(signs.is_churn)))),
        (weights.answers, signs.dissatisfaction.map(|value| value.clamp(0.0, 1.0))),
        (weights.repeat, Some(repeats / (repeats + 1.0))),
        (weights.waiting, waited),
    ];
    let known = parts.iter().filter_map(|(weight, sign)| Some((weight, (*sign)?)));
    let (sum, whole) = known
        .fold((0.0, 0.0), |(sum, whole), (weight, sign)| (sum + weight * sign, whole + weight));
    if whole > 0.0 { sum / whole } else { 0.0 }
}

/// One contact that was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedContact {
    /// When it was closed.
    pub closed_at: Timestamp,
    /// When the customer came back with it, or it was opened again.
    pub back_at: Option<Timestamp>,
}

/// FCR: the share of closed contacts after which the customer did not come back
/// within `window_s` seconds, with its Wilson interval. A contact counts from
/// when its window has passed, or the customer is back; none when none counts.
///
/// The usual definition with a window against early self-praise; see for
/// instance the metric of that name of the SQM Group.
pub fn first_contact_resolution(
    contacts: impl IntoIterator<Item = ClosedContact>,
    window_s: i64,
    now: Timestamp,
) -> Option<Share> {
    let (mut resolved, mut total) = (0, 0);
    for contact in contacts {
        let end = contact.closed_at.seconds().saturating_add(window_s);
        let is_back = contact.back_at.is_some_and(|back| back.seconds() <= end);
        if is_back || end <= now.seconds() {
            total += 1;
            resolved += u64::from(!is_back);
        }
    }
    wilson(resolved, total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WEIGHTS: SeverityWeights = SeverityWeights {
        polarity: 1.0,
        churn: 2.0,
        answers: 1.0,
        repeat: 1.0,
        waiting: 1.0,
        full_wait_s: 100.0,
    };
    const CALM: ComplaintSigns = ComplaintSigns {
        score: 0.5,
        is_churn: false,
        dissatisfaction: Some(0.0),
        repeats: 0,
        waited_s: Some(0),
    };

    fn check(signs: ComplaintSigns, expected: f64) {
        let found = severity(&signs, &WEIGHTS);
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}: {signs:?}");
    }

    /// By hand: the weights add up to 6.
    #[test]
    fn severity_is_the_weighted_mean_of_the_signs() {
        check(CALM, 0.0);
        check(ComplaintSigns { is_churn: true, ..CALM }, 2.0 / 6.0);
        check(ComplaintSigns { score: -0.75, repeats: 3, ..CALM }, (0.75 + 0.75) / 6.0);
        check(ComplaintSigns { waited_s: Some(250), ..CALM }, 1.0 / 6.0);
        check(ComplaintSigns { waited_s: None, is_churn: true, ..CALM }, 2.0 / 5.0);
        let worst = ComplaintSigns {
            score: -1.0,
            is_churn: true,
            dissatisfaction: Some(1.0),
            repeats: 0,
            waited_s: Some(100),
        };
        check(worst, 5.0 / 6.0);
        check(ComplaintSigns { dissatisfaction: None, waited_s: None, ..worst }, 3.0 / 4.0);
        let nothing = SeverityWeights {
            polarity: 0.0,
            churn: 0.0,
            answers: 0.0,
            repeat: 0.0,
            waiting: 0.0,
            full_wait_s: 1.0,
        };
        assert_eq!(severity(&worst, &nothing).to_bits(), 0);
    }

    #[test]
    fn contacts_count_when_their_window_has_passed() {
        let at = |seconds| Timestamp::from_seconds(seconds).unwrap();
        let closed = |closed, back: Option<i64>| ClosedContact {
            closed_at: at(closed),
            back_at: back.map(at),
        };
        let contacts = [
            closed(0, None),
            closed(0, Some(50)),
            closed(0, Some(51)),
            closed(90, None),
            closed(90, Some(95)),
        ];
        let fcr = first_contact_resolution(contacts, 50, at(100)).unwrap();
        assert_eq!((fcr.value.to_bits(), fcr.total), (0.5_f64.to_bits(), 4));
        assert_eq!(first_contact_resolution([closed(90, None)], 50, at(100)), None);
    }

    proptest! {
        #[test]
        fn more_of_any_sign_is_no_less_severe(
            score in -1.0..0.9_f64, less in 0.0..0.1_f64, repeats in 0..9_u64,
            waited in 0..200_i64, dissatisfaction in 0.0..0.9_f64,
        ) {
            let signs = ComplaintSigns {
                score, is_churn: false, dissatisfaction: Some(dissatisfaction), repeats,
                waited_s: Some(waited),
            };
            let base = severity(&signs, &WEIGHTS);
            prop_assert!((0.0..=1.0).contains(&base));
            for worse in [
                ComplaintSigns { score: score - less, ..signs },
                ComplaintSigns { is_churn: true, ..signs },
                ComplaintSigns { dissatisfaction: Some(dissatisfaction + less), ..signs },
                ComplaintSigns { repeats: repeats + 1, ..signs },
                ComplaintSigns { waited_s: Some(waited + 1), ..signs },
            ] {
                prop_assert!(severity(&worse, &WEIGHTS) >= base);
            }
        }
    }
}
