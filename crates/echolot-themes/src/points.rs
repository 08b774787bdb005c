//! Units to points: duplicates collapsed.

use std::collections::HashMap;

use echolot_core::{Fingerprint, Language, ThemeId};

use crate::Unit;

/// Units with the same words: one point in space.
pub(crate) struct Point {
    /// Indices of its units, in the order of their keys.
    pub(crate) units: Vec<usize>,
    /// The verbatims that say so, ascending, each once.
    pub(crate) verbatims: Vec<u32>,
    /// The language of its first unit.
    pub(crate) language: Language,
    /// The theme that its first unit with one had before.
    pub(crate) past: Option<ThemeId>,
    /// What its words are, letter case and white space apart.
    pub(crate) words: Fingerprint,
}

/// Groups units (indices in the order of their keys) by their words, letter
/// case and white space apart. `past` has the theme of each unit, or nothing.
pub(crate) fn collapse(units: &[Unit], order: &[usize], past: &[Option<ThemeId>]) -> Vec<Point> {
    let mut points: Vec<Point> = vec![];
    let mut of_words: HashMap<Fingerprint, usize> = HashMap::new();
    for &index in order {
        let words = Fingerprint::of_words(units[index].text);
        let point = *of_words.entry(words).or_insert_with(|| {
            points.push(Point {
                units: vec![],
                verbatims: vec![],
                language: units[index].language,
                past: None,
                words,
            });
            points.len() - 1
        });
        let point = &mut points[point];
        point.units.push(index);
        point.verbatims.push(units[index].verbatim);
        point.past = point.past.or(past.get(index).copied().flatten());
    }
    for point in &mut points {
        point.verbatims.sort_unstable();
        point.verbatims.dedup();
    }
    points
}
