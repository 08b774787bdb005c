//! Made-up units for tests.

use echolot_core::{Fingerprint, Language, Polarity};

use crate::{Options, Unit, Vector};

const DIMS: usize = 384;

/// Options for a bare set of units.
pub(crate) fn unsplit() -> Options {
    Options { split_by_polarity: false, ..Options::default() }
}

/// Columns of units.
pub(crate) struct Sample {
    pub(crate) vectors: Vec<Vec<i8>>,
    pub(crate) texts: Vec<String>,
    pub(crate) polarities: Vec<Polarity>,
    /// The verbatim of each; at first every unit has its own.
    pub(crate) verbatims: Vec<u32>,
    language: Language,
}

impl Sample {
    /// Groups of `size` units each around a direction of its own, then `noise`
    /// units in directions of their own, all with different texts.
    pub(crate) fn of_groups(groups: usize, size: usize, noise: usize) -> Self {
        let members = (0..groups * size).map(|row| Some(row / size));
        Self::new(members.chain((0..noise).map(|_| None)), word, "en")
    }

    /// The given texts, each list around a direction of its own.
    pub(crate) fn of_texts(groups: &[&[&str]], language: &str) -> Self {
        let texts: Vec<&str> = groups.iter().copied().flatten().copied().collect();
        let group = |(index, texts): (usize, &&[&str])| vec![Some(index); texts.len()];
        let groups = groups.iter().enumerate().flat_map(group);
        Self::new(groups, |row| texts[row].to_owned(), language)
    }

    fn new(
        groups: impl Iterator<Item = Option<usize>>,
        text: impl Fn(usize) -> String,
        language: &str,
    ) -> Self {
        let mut sample = Self {
            vectors: vec![],
            texts: vec![],
            polarities: vec![],
            verbatims: vec![],
            language: Language::from_tag(language).unwrap(),
        };
        for (row, group) in groups.enumerate() {
            let own = direction(row as u64 + 1_000);
            let shared = group.map(|group| direction(group as u64));
            let mixed = |dim: usize| shared.as_ref().map_or(0.0, |s| s[dim]) * 1.5 + own[dim];
            let embedding: Vec<f32> = (0..DIMS).map(mixed).collect();
            sample.vectors.push(Vector::quantise(&embedding).components().to_vec());
            sample.texts.push(text(row));
            sample.polarities.push(Polarity::Neutral);
            sample.verbatims.push(row as u32);
        }
        sample
    }

    pub(crate) fn units(&self) -> Vec<Unit<'_>> {
        let unit = |row: usize| Unit {
            vector: &self.vectors[row],
            text: &self.texts[row],
            language: self.language,
            polarity: self.polarities[row],
            verbatim: self.verbatims[row],
            key: Fingerprint::of([&row.to_le_bytes()[..]]),
        };
        (0..self.texts.len()).map(unit).collect()
    }
}

/// A word that shares next to nothing with that of another row.
fn word(row: usize) -> String {
    let letter = |x: f32| char::from(b'a' + ((x + 1.0) * 13.0) as u8 % 26);
    direction(row as u64 + 1_000_000).into_iter().take(8).map(letter).collect()
}

/// A direction that depends on its number alone (splitmix64, Steele et al.
/// 2014); two of them are about orthogonal.
fn direction(number: u64) -> Vec<f32> {
    let mut state = number.wrapping_mul(0x0123_4567_89ab_cdef);
    let mut component = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..DIMS).map(|_| component()).collect()
}
