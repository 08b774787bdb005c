//! The figures of merit, as the field defines them.

use std::collections::BTreeSet;

use anyhow::Context;
use echolot_core::{Analysis, CharSpan, Intent, Polarity, Topic};
use serde_json::Value;

use super::short_polarity;

/// A verbatim with what an annotator and the model say of it.
#[derive(Clone)]
pub(super) struct Judged {
    score: i64,
    mixed: bool,
    intents: BTreeSet<Intent>,
    opinions: Vec<(CharSpan, Topic, Polarity)>,
    analysis: Analysis,
}

impl Judged {
    pub(super) fn read(row: &Value, analysis: Analysis) -> anyhow::Result<Self> {
        let text = row["text"].as_str().context("a gold row has a text")?;
        let list = |key: &str| row[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let opinions = list("opinions").iter().map(|opinion| {
            let quote = opinion["quote"].as_str().unwrap_or_default();
            let start = text.find(quote).map_or(0, |byte| text[..byte].chars().count());
            let topic: Topic = opinion["topic"].as_str().unwrap_or_default().parse()?;
            let polarity = opinion["polarity"].as_str().and_then(short_polarity);
            Ok((
                CharSpan::new(start, start + quote.chars().count()),
                topic,
                polarity.context("a gold opinion has a polarity")?,
            ))
        });
        let intents =
            list("intents").iter().map(|intent| Ok(intent.as_str().unwrap_or_default().parse()?));
        Ok(Self {
            score: row["score"].as_i64().context("a gold row has a score")?,
            mixed: row["mixed"].as_bool().unwrap_or(false),
            intents: intents.collect::<anyhow::Result<_>>()?,
            opinions: opinions.collect::<anyhow::Result<_>>()?,
            analysis,
        })
    }

    fn polarity(&self) -> Polarity {
        match self.score {
            ..0 => Polarity::Negative,
            0 => Polarity::Neutral,
            _ => Polarity::Positive,
        }
    }

    /// The model's graded score on the annotators' five steps, 0..=4.
    fn grade(&self) -> usize {
        let steps = f64::from(2.0 * self.analysis.score).round_ties_even() + 2.0;
        steps.clamp(0.0, 4.0) as usize
    }

    fn gold_topics(&self) -> BTreeSet<Topic> {
        self.opinions.iter().map(|(_, topic, _)| *topic).collect()
    }

    fn said_topics(&self) -> BTreeSet<Topic> {
        self.analysis.opinions.iter().map(|opinion| opinion.topic).collect()
    }
}

/// Hits, and how many were stated by the annotator and by the model.
#[derive(Default, Clone, Copy)]
struct Overlap {
    hits: usize,
    gold: usize,
    said: usize,
}

impl Overlap {
    fn of<T: Ord>(pairs: impl Iterator<Item = (BTreeSet<T>, BTreeSet<T>)>) -> Self {
        pairs.fold(Self::default(), |sum, (gold, said)| Self {
            hits: sum.hits + gold.intersection(&said).count(),
            gold: sum.gold + gold.len(),
            said: sum.said + said.len(),
        })
    }

    /// F1 = 2 hits / (gold + said); 0 without a hit.
    fn f1(self) -> f64 {
        if self.hits == 0 { 0.0 } else { 2.0 * self.hits as f64 / (self.gold + self.said) as f64 }
    }
}

/// All figures: name, class (empty for a summary) and value.
pub(super) fn of(pairs: &[Judged]) -> Vec<(&'static str, String, f64)> {
    let none = String::new;
    let mut figures = vec![("verbatims", none(), pairs.len() as f64)];

    let polarities: Vec<(Polarity, Polarity)> =
        pairs.iter().map(|pair| (pair.polarity(), pair.analysis.polarity)).collect();
    figures.push(("polarity_macro_f1", none(), macro_f1(&polarities)));
    for polarity in Polarity::ALL {
        figures.push(("polarity_f1", polarity.to_string(), class_f1(&polarities, *polarity)));
    }
    let grades = pairs.iter().map(|pair| ((pair.score + 2) as usize, pair.grade()));
    figures.push(("score_quadratic_kappa", none(), quadratic_kappa(&grades.collect::<Vec<_>>())));

    let topics = || pairs.iter().map(|pair| (pair.gold_topics(), pair.said_topics()));
    figures.push(("topic_micro_f1", none(), Overlap::of(topics()).f1()));
    for topic in Topic::ALL {
        let one =
            |set: BTreeSet<Topic>| set.into_iter().filter(|t| t == topic).collect::<BTreeSet<_>>();
        let overlap = Overlap::of(topics().map(|(gold, said)| (one(gold), one(said))));
        if overlap.gold > 0 {
            figures.push(("topic_f1", topic.to_string(), overlap.f1()));
        }
    }
    let both = pairs.iter().map(|pair| {
        let gold = pair.opinions.iter().map(|(_, topic, polarity)| (*topic, *polarity)).collect();
        let said = pair
            .analysis
            .opinions
            .iter()
            .map(|opinion| (opinion.topic, opinion.polarity))
            .collect();
        (gold, said)
    });
    figures.push(("topic_polarity_micro_f1", none(), Overlap::of(both).f1()));

    let intents = || {
        pairs.iter().map(|pair| {
            (pair.intents.clone(), pair.analysis.intents.iter().copied().collect::<BTreeSet<_>>())
        })
    };
    figures.push(("intent_micro_f1", none(), Overlap::of(intents()).f1()));
    for intent in Intent::ALL {
        let one = |set: BTreeSet<Intent>| {
            set.into_iter().filter(|i| i == intent).collect::<BTreeSet<_>>()
        };
        let overlap = Overlap::of(intents().map(|(gold, said)| (one(gold), one(said))));
        figures.push(("intent_f1", intent.to_string(), overlap.f1()));
    }
    figures.push(("span_recall", none(), span_recall(pairs)));
    let right = pairs.iter().filter(|pair| pair.mixed == pair.analysis.is_mixed()).count();
    figures.push(("mixed_accuracy", none(), right as f64 / pairs.len().max(1) as f64));
    figures
}

/// F1 of one class from pairs of (gold, said).
pub(super) fn class_f1(pairs: &[(Polarity, Polarity)], class: Polarity) -> f64 {
    let overlap = pairs.iter().fold(Overlap::default(), |sum, (gold, said)| Overlap {
        hits: sum.hits + usize::from(*gold == class && *said == class),
        gold: sum.gold + usize::from(*gold == class),
        said: sum.said + usize::from(*said == class),
    });
    overlap.f1()
}

/// The mean of the F1 of the classes that occur among the gold labels.
pub(super) fn macro_f1(pairs: &[(Polarity, Polarity)]) -> f64 {
    let present: Vec<Polarity> = Polarity::ALL
        .iter()
        .copied()
        .filter(|class| pairs.iter().any(|(gold, _)| gold == class))
        .collect();
    present.iter().map(|class| class_f1(pairs, *class)).sum::<f64>() / present.len().max(1) as f64
}

/// Cohen's kappa with quadratic weights over five steps. Source: J. Cohen,
/// "Weighted kappa", Psychological Bulletin 70 (1968).
fn quadratic_kappa(pairs: &[(usize, usize)]) -> f64 {
    let mut gold = [0.0; 5];
    let mut said = [0.0; 5];
    let mut observed = 0.0;
    for &(g, s) in pairs {
        gold[g] += 1.0;
        said[s] += 1.0;
        observed += (g as f64 - s as f64).powi(2);
    }
    let expected: f64 = (0..25_usize)
        .map(|cell| {
            let (g, s) = (cell / 5, cell % 5);
            (g as f64 - s as f64).powi(2) * gold[g] * said[s] / pairs.len() as f64
        })
        .sum();
    1.0 - observed / expected
}

/// The share of annotated quotes that an opinion with the same topic and
/// polarity touches.
fn span_recall(pairs: &[Judged]) -> f64 {
    let (mut hits, mut total) = (0, 0);
    for pair in pairs {
        for (span, topic, polarity) in &pair.opinions {
            total += 1;
            hits += usize::from(pair.analysis.opinions.iter().any(|opinion| {
                let touches = opinion.span.start < span.end && opinion.span.end > span.start;
                touches && opinion.topic == *topic && opinion.polarity == *polarity
            }));
        }
    }
    f64::from(hits as u32) / f64::from(total.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_matches_a_hand_computed_table() {
        // Two raters, ten items; observed weighted disagreement 4, expected 20.6.
        let pairs =
            [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 2), (3, 3), (3, 4), (4, 4), (4, 3)];
        let mean =
            |f: fn(&(usize, usize)) -> usize| pairs.iter().map(f).sum::<usize>() as f64 / 10.0;
        let square = |f: fn(&(usize, usize)) -> usize| {
            pairs.iter().map(f).map(|x| x * x).sum::<usize>() as f64
        };
        let expected =
            square(|p| p.0) + square(|p| p.1) - 2.0 * 10.0 * mean(|p| p.0) * mean(|p| p.1);
        assert!((quadratic_kappa(&pairs) - (1.0 - 4.0 / expected)).abs() < 1e-12);
        assert!((quadratic_kappa(&[(0, 0), (4, 4)]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn macro_f1_weighs_classes_alike() {
        use Polarity::{Negative, Positive};
        let pairs = [
            (Positive, Positive),
            (Positive, Positive),
            (Positive, Negative),
            (Negative, Negative),
        ];
        // Positive: 2·2/(3+2) = .8; negative: 2·1/(1+2) = .667.
        assert!((macro_f1(&pairs) - f64::midpoint(0.8, 2.0 / 3.0)).abs() < 1e-12);
    }
}
