//! A stand-in for the model: deterministic, instant and without weights.

use crate::model::Analyse;
use crate::pooling::normalised;
use crate::{Error, Labels, Passage, Reading, UnitScores};

/// Reads passages by hashing words, so that the whole pipeline can be tested
/// without ONNX Runtime.
///
/// Texts that share words have similar vectors. Polarity follows a few plain
/// words, and a topic is stated where its own code, or a word that was given
/// for it, stands in the text.
pub struct HashModel {
    labels: Labels,
    words: Vec<(String, String)>,
}

/// Length of the fake vectors.
const DIMS: usize = 64;
const GOOD: [&str; 8] = ["gut", "super", "good", "great", "love", "schnell", "freundlich", "toll"];
const BAD: [&str; 8] = ["schlecht", "bad", "broken", "kaputt", "late", "spät", "fehler", "error"];
/// A logit that stands for near certainty.
const SURE: f32 = 6.0;

impl HashModel {
    /// A fake that answers in the columns of `labels`; each pair of `words`
    /// is a lower-case word and the topic it stands for.
    pub fn new(labels: Labels, words: &[(&str, &str)]) -> Self {
        let words = words.iter().map(|&(word, topic)| (word.to_owned(), topic.to_owned()));
        Self { labels, words: words.collect() }
    }

    fn polarity(&self, text: &str) -> (Vec<f32>, f32) {
        let count =
            |list: &[&str]| words(text).filter(|word| list.contains(&word.as_str())).count();
        let (good, bad) = (count(&GOOD) as f32, count(&BAD) as f32);
        let score = (good - bad).clamp(-1.0, 1.0);
        let logit = |label: &String| match label.as_str() {
            "positive" => SURE * score,
            "negative" => -SURE * score,
            _ => SURE * (0.5 - score.abs()),
        };
        (self.labels.polarity.iter().map(logit).collect(), score)
    }

    fn topics(&self, text: &str) -> Vec<f32> {
        let stated = |topic: &String| {
            words(text).any(|word| {
                word == *topic || self.words.iter().any(|(known, of)| *known == word && of == topic)
            })
        };
        self.labels.topics.iter().map(|topic| if stated(topic) { SURE } else { -SURE }).collect()
    }

    fn read(&self, passage: &Passage) -> Reading {
        let (polarity, score) = self.polarity(passage.text);
        let intent = |label: &String| match label.as_str() {
            "complaint" if score < 0.0 => SURE,
            "praise" if score > 0.0 => SURE,
            "question" if passage.text.contains('?') => SURE,
            _ => -SURE,
        };
        let units = passage.units.iter().map(|unit| {
            let text = &passage.text[unit.clone()];
            UnitScores {
                polarity: self.polarity(text).0,
                topics: self.topics(text),
                vector: vector(text),
            }
        });
        Reading {
            polarity,
            score,
            intents: self.labels.intents.iter().map(intent).collect(),
            topics: self.topics(passage.text),
            vector: vector(passage.text),
            units: units.collect(),
        }
    }
}

impl Analyse for HashModel {
    fn fingerprint(&self) -> [u8; 16] {
        *b"hash-model-v0001"
    }

    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn analyse(
        &self,
        passages: &[Passage],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Result<Reading, Error>> {
        progress(passages.len());
        passages.iter().map(|passage| Ok(self.read(passage))).collect()
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Adds a fixed pseudo-random direction for every word.
fn vector(text: &str) -> Vec<f32> {
    let mut sum = vec![0.0_f32; DIMS];
    for word in words(text) {
        let mut bytes = [0; DIMS];
        blake3::Hasher::new().update(word.as_bytes()).finalize_xof().fill(&mut bytes);
        sum.iter_mut().zip(bytes).for_each(|(sum, byte)| *sum += f32::from(byte) - 127.5);
    }
    normalised(&sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> HashModel {
        let list = |codes: &[&str]| codes.iter().map(|&code| code.to_owned()).collect();
        let labels = Labels {
            polarity: list(&["negative", "neutral", "positive"]),
            intents: list(&["complaint", "praise"]),
            topics: list(&["delivery", "general"]),
        };
        HashModel::new(labels, &[("paket", "delivery")])
    }

    #[test]
    fn units_are_judged_by_their_own_words() {
        let text = "Paket spät. App super.";
        let units = [0..12, 12..text.len()];
        let readings = model().analyse(&[Passage { text, units: &units }], &|_| ());
        let reading = readings[0].as_ref().unwrap();
        assert_eq!(reading.units.len(), 2);
        assert!(reading.units[0].topics[0] > 0.0 && reading.units[1].topics[0] < 0.0);
        assert!(reading.units[0].polarity[0] > reading.units[0].polarity[2]);
        assert!(reading.units[1].polarity[2] > reading.units[1].polarity[0]);
    }

    #[test]
    fn shared_words_make_vectors_alike() {
        let cosine =
            |a: &str, b: &str| -> f32 { vector(a).iter().zip(vector(b)).map(|(a, b)| a * b).sum() };
        assert!(cosine("paket kam spät", "das paket kam spät") > 0.7);
        assert!(cosine("paket kam spät", "gutes essen im hotel").abs() < 0.5);
        assert!(vector("").iter().all(|value| *value == 0.0));
    }
}
