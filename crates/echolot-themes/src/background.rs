//! What is common among all units, against which themes are named.

use std::collections::HashMap;

use echolot_core::{Language, Polarity};
use rayon::prelude::*;

use crate::Unit;
use crate::terms::{Reader, Term};

/// The most units that are read to learn what is common.
const READ: usize = 50_000;

/// How many units hold a term, and which way they point.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Holding {
    pub(crate) units: usize,
    positive: usize,
    negative: usize,
}

impl Holding {
    pub(crate) fn of(polarity: Polarity) -> Self {
        let count = |asked| usize::from(polarity == asked);
        Self { units: 1, positive: count(Polarity::Positive), negative: count(Polarity::Negative) }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.units += other.units;
        self.positive += other.positive;
        self.negative += other.negative;
    }

    /// The share of units that are praise, or criticism.
    pub(crate) fn share(self, is_praise: bool) -> f64 {
        let count = if is_praise { self.positive } else { self.negative };
        count as f64 / self.units.max(1) as f64
    }
}

/// For each language its units, and those that hold each term.
type Counts = HashMap<Language, (Holding, HashMap<Term, Holding>)>;

/// The units of each language and the terms they hold. When there are very many
/// units, those with the lowest keys stand for all.
pub(crate) struct Background {
    languages: Counts,
    /// How many units stand behind each that was read.
    weight: f64,
}

impl Background {
    pub(crate) fn of(units: &[Unit], reader: &Reader) -> Self {
        let mut read: Vec<&Unit> = units.iter().collect();
        read.sort_unstable_by_key(|unit| unit.key);
        read.truncate(READ);
        let weight = units.len() as f64 / read.len().max(1) as f64;
        let count = |mut counts: Counts, unit: &&Unit| {
            let one = Holding::of(unit.polarity);
            let (all, terms) = counts.entry(unit.language).or_default();
            all.add(one);
            for term in reader.distinct_terms(unit.text, unit.language) {
                terms.entry(term).or_default().add(one);
            }
            counts
        };
        let join = |mut left: Counts, right: Counts| {
            for (language, (further, terms)) in right {
                let (all, held) = left.entry(language).or_default();
                all.add(further);
                for (term, further) in terms {
                    held.entry(term).or_default().add(further);
                }
            }
            left
        };
        let languages = read.par_iter().fold(HashMap::new, count).reduce(HashMap::new, join);
        Self { languages, weight }
    }

    /// How many units of the language there are, about, and how many of them
    /// hold the term.
    pub(crate) fn counts(&self, language: Language, term: &Term) -> (f64, f64) {
        let Some((all, terms)) = self.languages.get(&language) else { return (0.0, 0.0) };
        let held = terms.get(term).map_or(0, |held| held.units);
        (all.units as f64 * self.weight, held as f64 * self.weight)
    }

    /// The units of the language that were read, and those of them that hold
    /// the term.
    pub(crate) fn holding(&self, language: Language, term: &Term) -> (Holding, Holding) {
        let Some((all, terms)) = self.languages.get(&language) else { return Default::default() };
        (*all, terms.get(term).copied().unwrap_or_default())
    }
}
