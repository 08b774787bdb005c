//! What texts look like, as vectors: the pieces of their words.

use rayon::prelude::*;

use crate::spelling::push_folded;

/// Components of a wording vector.
pub(crate) const WORDING_DIMS: usize = 256;

/// Buckets in which the texts that hold a piece are counted.
const BUCKETS: usize = 1 << 20;

/// Lengths of the pieces, in characters, word boundaries included.
const PIECE_LENGTHS: std::ops::RangeInclusive<usize> = 3..=5;

/// A number of fewer digits is an amount, a date or a version, and any will do;
/// a longer one is most likely an error code or a model, and names it.
const LEAST_DIGITS_OF_A_NAME: usize = 4;

/// The text in one spelling: lower case, umlauts as `ae`, `oe`, `ue`, every
/// digit of a short number `0`, single spaces between words, nothing else.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 8);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_name = word.chars().filter(|c| c.is_numeric()).count() >= LEAST_DIGITS_OF_A_NAME;
        for c in word.chars() {
            push_folded(&mut folded, if c.is_numeric() && !is_name { '0' } else { c });
        }
        folded.push(' ');
    }
    folded
}

/// How many texts hold the pieces that fall into each bucket.
pub(crate) struct Wording {
    texts: usize,
    holding: Vec<u32>,
}

impl Wording {
    /// Counts the pieces of `texts`.
    pub(crate) fn of(texts: &[&str]) -> Self {
        let mut holding = vec![0; BUCKETS];
        // In portions, so that the pieces of all texts are never held at once.
        for portion in texts.chunks(1 << 12) {
            let buckets: Vec<Vec<u64>> = portion.par_iter().map(|text| pieces(text)).collect();
            for text in buckets {
                let mut buckets: Vec<usize> = text.into_iter().map(bucket).collect();
                buckets.sort_unstable();
                buckets.dedup();
                for bucket in buckets {
                    holding[bucket] += 1;
                }
            }
        }
        Self { texts: texts.len(), holding }
    }

    /// The pieces of a text that occur in other texts too, each with a sign in
    /// one of [`WORDING_DIMS`] components (feature hashing, Weinberger et al.
    /// 2009), rarer ones with more weight. All zeros when nothing is shared.
    ///
    /// The weight is √tf · (N/df)^¼: like the usual logarithms it grows
    /// slowly, but IEEE 754 rounds square roots alike on every machine.
    pub(crate) fn vector(&self, text: &str) -> [f64; WORDING_DIMS] {
        let mut vector = [0.0; WORDING_DIMS];
        let mut pieces = pieces(text);
        pieces.sort_unstable();
        for same in pieces.chunk_by(|a, b| a == b) {
            let piece = same[0];
            let holding = self.holding[bucket(piece)];
            if holding > 1 {
                let rarity = (self.texts as f64 / f64::from(holding)).sqrt().sqrt();
                let sign = if piece >> 63 == 0 { 1.0 } else { -1.0 };
                vector[(piece >> 32) as usize % WORDING_DIMS] +=
                    sign * (same.len() as f64).sqrt() * rarity;
            }
        }
        vector
    }
}

fn bucket(piece: u64) -> usize {
    piece as usize % BUCKETS
}

/// Hashes of the character n-grams within the words of a text.
fn pieces(text: &str) -> Vec<u64> {
    let folded = fold(text);
    let mut pieces = vec![];
    for word in folded.split_whitespace() {
        let word: Vec<char> = format!("<{word}>").chars().collect();
        for length in PIECE_LENGTHS {
            pieces.extend(word.windows(length).map(hash));
        }
    }
    pieces
}

/// FNV-1a over the characters, its bits mixed once more because the high ones
/// of short inputs are poor.
fn hash(piece: &[char]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for &c in piece {
        hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(texts: &[&str], a: usize, b: usize) -> f64 {
        let wording = Wording::of(texts);
        let (a, b) = (wording.vector(texts[a]), wording.vector(texts[b]));
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
    }

    #[test]
    fn spellings_are_folded() {
        assert_eq!(fold("Größe: 12,5 m² – ÜBEL!!"), "groesse 00 0 m0 uebel ");
        assert_eq!(fold("(39508) v1.0.5"), "39508 v0 0 0 ");
    }

    #[test]
    fn compounds_resemble_their_parts() {
        let texts = ["Lieferverzögerung", "Verzoegerung der Lieferung", "Preis zu hoch", "Preis"];
        assert!(cosine(&texts, 0, 1) > 0.5);
        assert!(cosine(&texts, 0, 2).abs() < 0.3 || cosine(&texts, 0, 2).is_nan());
    }

    #[test]
    fn what_only_one_text_says_counts_for_nothing() {
        let wording = Wording::of(&["abc", "xyz"]);
        assert!(wording.vector("abc").iter().all(|&x| x == 0.0));
    }
}
