//! From raw scores to what is stated: the decision rule.

use echolot_core::{Analysis, Intent, Opinion, Polarity, Topic};
use echolot_index::{OpinionUnit, StoredReading, UnitReading};
use echolot_infer::Decision;

/// What is stated of one verbatim, with the units the opinions stand in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stated {
    pub(crate) analysis: Analysis,
    /// The units that carry an opinion, in the order of the text.
    pub(crate) units: Vec<OpinionUnit>,
    /// For each opinion of the analysis the index of its unit.
    pub(crate) opinion_units: Vec<u32>,
}

/// Applies the decision rule.
///
/// Polarity is the likeliest label of the whole; an intent is stated from its
/// threshold on. A topic is stated of a unit when the logistic function of the
/// weighted mean of the unit's and the whole's score reaches the topic's
/// threshold, and the unit's own score lies at most a margin below that of the
/// text's best unit for the topic, so that a topic does not spill over; `general` is stated beside a particular topic of the verbatim
/// only from a higher one on. The polarity of an opinion is the likeliest of
/// the geometric mean, weighted in the same way, of the unit's and the whole's
/// probabilities. A reading without units (nothing was said) states nothing.
pub(crate) fn state(reading: &StoredReading, decision: &Decision) -> Stated {
    if reading.units.is_empty() {
        return Stated { analysis: Analysis::empty(), units: vec![], opinion_units: vec![] };
    }
    let least = least_scores(reading, decision);
    let chances: Vec<Vec<f32>> =
        reading.units.iter().map(|unit| topic_chances(unit, reading, (decision, &least))).collect();
    let passes = |topic: usize, chance: f32| chance >= decision.topic_thresholds[topic];
    let general = Topic::General as usize;
    let is_particular = |chances: &Vec<f32>| {
        chances.iter().enumerate().any(|(topic, &chance)| topic != general && passes(topic, chance))
    };
    let any_particular = chances.iter().any(is_particular);

    let mut stated =
        Stated { analysis: verdict(reading, decision), units: vec![], opinion_units: vec![] };
    for (unit, chances) in reading.units.iter().zip(&chances) {
        let (polarity, certainty) = unit_polarity(unit, reading, decision);
        let topics: Vec<usize> = (0..chances.len())
            .filter(|&topic| {
                let floor = decision.general_beside_threshold;
                passes(topic, chances[topic])
                    && (topic != general || !any_particular || chances[topic] >= floor)
            })
            .collect();
        let Some(strongest) = topics
            .iter()
            .copied()
            .reduce(|best, topic| if chances[topic] > chances[best] { topic } else { best })
        else {
            continue;
        };
        for topic in topics {
            stated.opinion_units.push(stated.units.len() as u32);
            stated.analysis.opinions.push(Opinion {
                span: unit.span,
                topic: Topic::ALL[topic],
                polarity,
                confidence: chances[topic] * certainty,
            });
        }
        stated.units.push(OpinionUnit {
            span: unit.span,
            polarity,
            topic: Topic::ALL[strongest],
            vector: unit.vector.clone(),
        });
    }
    stated
}

/// What is said of the whole, without its opinions.
fn verdict(reading: &StoredReading, decision: &Decision) -> Analysis {
    let (polarity, _) = likeliest(softmax(reading.polarity));
    let intents = Intent::ALL.iter().zip(&reading.intents).zip(&decision.intent_thresholds);
    Analysis {
        polarity,
        score: reading.score,
        intents: intents
            .filter(|((_, score), threshold)| logistic(**score) >= **threshold)
            .map(|((intent, _), _)| *intent)
            .collect(),
        opinions: vec![],
    }
}

/// For each topic the least score of its own with which a unit may state it.
fn least_scores(reading: &StoredReading, decision: &Decision) -> Vec<f32> {
    let best = |topic: usize| {
        reading.units.iter().map(|unit| unit.topics[topic]).fold(f32::NEG_INFINITY, f32::max)
    };
    (0..reading.topics.len()).map(|topic| best(topic) - decision.topic_margin).collect()
}

/// The probability of each topic in a unit; 0 where its own score is below
/// the least.
fn topic_chances(
    unit: &UnitReading,
    whole: &StoredReading,
    (decision, least): (&Decision, &[f32]),
) -> Vec<f32> {
    let own = decision.unit_weight;
    let scores = unit.topics.iter().zip(&whole.topics).zip(least);
    scores
        .map(
            |((unit, whole), least)| {
                if unit >= least { logistic(own * unit + (1.0 - own) * whole) } else { 0.0 }
            },
        )
        .collect()
}

fn unit_polarity(
    unit: &UnitReading,
    whole: &StoredReading,
    decision: &Decision,
) -> (Polarity, f32) {
    let own = decision.polarity_unit_weight;
    let blend = |label: usize| own * unit.polarity[label] + (1.0 - own) * whole.polarity[label];
    likeliest(softmax([blend(0), blend(1), blend(2)]))
}

/// The likeliest polarity with its probability; of equals the first.
fn likeliest(probabilities: [f32; 3]) -> (Polarity, f32) {
    let mut best = 0;
    for label in 1..3 {
        if probabilities[label] > probabilities[best] {
            best = label;
        }
    }
    (Polarity::ALL[best], probabilities[best])
}

fn logistic(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

fn softmax(scores: [f32; 3]) -> [f32; 3] {
    let highest = scores.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let powers = scores.map(|score| (score - highest).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

#[cfg(test)]
mod tests {
    use echolot_core::CharSpan;

    use super::*;

    fn decision() -> Decision {
        Decision {
            topic_thresholds: vec![0.5; Topic::ALL.len()],
            intent_thresholds: vec![0.5; Intent::ALL.len()],
            unit_weight: 0.5,
            polarity_unit_weight: 1.0,
            topic_margin: 3.0,
            general_beside_threshold: 0.9,
        }
    }

    fn scores(stated: &[(Topic, f32)]) -> Vec<f32> {
        let mut scores = vec![-9.0; Topic::ALL.len()];
        for &(topic, score) in stated {
            scores[topic as usize] = score;
        }
        scores
    }

    fn unit(start: usize, topics: &[(Topic, f32)], polarity: [f32; 3]) -> UnitReading {
        let span = CharSpan::new(start, start + 10);
        UnitReading { span, topics: scores(topics), polarity, vector: vec![1] }
    }

    fn reading(topics: &[(Topic, f32)], units: Vec<UnitReading>) -> StoredReading {
        StoredReading {
            polarity: [0.0, 0.1, 0.0],
            score: 0.25,
            intents: vec![-1.0, 1.0, -1.0, 0.0, -1.0],
            topics: scores(topics),
            vector: vec![1],
            units,
        }
    }

    const GOOD: [f32; 3] = [0.0, 0.0, 4.0];
    const BAD: [f32; 3] = [4.0, 0.0, 0.0];

    #[test]
    fn a_reading_without_units_states_nothing() {
        let stated = state(&reading(&[(Topic::Delivery, 9.0)], vec![]), &decision());
        assert_eq!(stated.analysis, Analysis::empty());
    }

    #[test]
    fn units_state_their_own_topics_and_polarity() {
        let units = vec![
            unit(0, &[(Topic::Delivery, 4.0)], BAD),
            unit(10, &[], BAD),
            unit(20, &[(Topic::Staff, 4.0), (Topic::WaitingTime, 2.0)], GOOD),
        ];
        let whole = [(Topic::Delivery, 0.0), (Topic::Staff, 0.0), (Topic::WaitingTime, 0.0)];
        let stated = state(&reading(&whole, units), &decision());
        let said: Vec<_> =
            stated.analysis.opinions.iter().map(|o| (o.span.start, o.topic, o.polarity)).collect();
        assert_eq!(
            said,
            [
                (0, Topic::Delivery, Polarity::Negative),
                (20, Topic::Staff, Polarity::Positive),
                (20, Topic::WaitingTime, Polarity::Positive),
            ]
        );
        assert_eq!(stated.opinion_units, [0, 1, 1]);
        assert_eq!(stated.units.len(), 2);
        assert_eq!(stated.units[1].topic, Topic::Staff);
        assert!(stated.analysis.is_mixed());
        assert_eq!(stated.analysis.polarity, Polarity::Neutral);
        assert_eq!(stated.analysis.intents, [Intent::Praise, Intent::Question]);
        let certainty = 1.0 / (1.0 + 2.0 * (-4.0_f32).exp());
        let expected = certainty / (1.0 + (-2.0_f32).exp());
        assert!((stated.analysis.opinions[0].confidence - expected).abs() < 1e-6);
    }

    #[test]
    fn general_needs_more_beside_a_particular_topic() {
        let alone =
            reading(&[(Topic::General, 1.0)], vec![unit(0, &[(Topic::General, 1.0)], GOOD)]);
        assert_eq!(state(&alone, &decision()).analysis.opinions.len(), 1);
        let whole = [(Topic::General, 1.0), (Topic::Staff, 4.0)];
        let beside = reading(
            &whole,
            vec![unit(0, &[(Topic::General, 1.0)], GOOD), unit(10, &[(Topic::Staff, 4.0)], GOOD)],
        );
        let said = state(&beside, &decision()).analysis.opinions;
        assert_eq!(said.iter().map(|o| o.topic).collect::<Vec<_>>(), [Topic::Staff]);
    }
}
