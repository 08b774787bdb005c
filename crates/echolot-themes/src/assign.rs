//! Putting units to themes that are already known.

use echolot_core::ThemeId;
use rayon::prelude::*;

use crate::rows::Rows;
use crate::vector::cosine_of;
use crate::{Centroid, Cluster, Side, Unit, Vector};

/// What must be kept of a theme to put further units to it: a prototype.
///
/// A theme may have several, each an entry of its own with the theme's id: a
/// theme that was merged out of two has the prototypes of both, and a unit
/// belongs to it when it fits either.
#[derive(Debug, Clone)]
pub struct KnownTheme {
    /// The lasting id of the theme.
    pub id: ThemeId,
    /// The sum of its members' directions.
    pub centroid: Centroid,
    /// The side of units it takes; any when none.
    pub side: Option<Side>,
    /// The least cosine to the centroid at which a unit belongs, -1..=1.
    pub threshold: f64,
}

impl KnownTheme {
    /// The theme that a cluster becomes under an id.
    pub fn of(id: ThemeId, cluster: &Cluster) -> Self {
        let Cluster { centroid, side, threshold, .. } = cluster;
        Self { id, centroid: centroid.clone(), side: *side, threshold: *threshold }
    }
}

/// The theme that a unit fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The theme.
    pub theme: ThemeId,
    /// Index of the prototype among those given.
    pub prototype: usize,
    /// The cosine to the nearest of its prototypes that the unit fits, -1..=1.
    pub similarity: f64,
    /// How likely a discovery over all units, known and new, would put the unit
    /// there too, 0..=1.
    ///
    /// It depends on the margin: how much more similar the unit is to this
    /// theme than to the nearest other of its side, whether it fits that one or
    /// not. Where two themes are about equally near, either would do.
    pub confidence: f64,
}

/// How often a discovery over all units agreed, by margin of cosines.
///
/// Measured on eight labelled sets (banking, insurance, health service, hotels,
/// trains, phones, task dialogues; German and English; 5,500 units): themes
/// were found in all units, their prototypes formed of one half of the units,
/// and the other half put to them. Between the points it is a straight line.
/// The single sets lie within 0.1 of it, so it is used for all.
const AGREEMENT: [(f64, f64); 8] = [
    (-0.06, 0.25),
    (0.00, 0.42),
    (0.02, 0.55),
    (0.05, 0.76),
    (0.08, 0.88),
    (0.12, 0.96),
    (0.16, 0.99),
    (0.25, 1.00),
];

/// The confidence at a margin.
fn confidence(margin: f64) -> f64 {
    let after = AGREEMENT.partition_point(|&(at, _)| at <= margin);
    if after == 0 {
        return AGREEMENT[0].1;
    }
    let (from, low) = AGREEMENT[after - 1];
    AGREEMENT
        .get(after)
        .map_or(low, |(to, high)| low + (high - low) * (margin - from) / (to - from))
}

/// For each unit the most similar theme of its side whose threshold it
/// reaches.
///
/// The cost is units times prototypes. Of equally similar themes the one with
/// the lower id is taken.
///
/// # Panics
/// When a unit's vector and a theme's centroid differ in their number of
/// components.
pub fn assign(units: &[Unit], known: &[KnownTheme]) -> Vec<Option<Fit>> {
    let Some(dims) = known.first().map(|theme| theme.centroid.sums().len()) else {
        return vec![None; units.len()];
    };
    let mut themes: Vec<(usize, &KnownTheme)> = known.iter().enumerate().collect();
    themes.sort_by_key(|(_, theme)| theme.id);
    let directions: Vec<Vector> =
        themes.iter().map(|(_, theme)| theme.centroid.direction()).collect();
    let directions = Rows::of_vectors(dims, directions.iter().map(Vector::components));
    let norms = directions.square_norms();
    let assign_block = |units: &[Unit]| -> Vec<Option<Fit>> {
        let vectors = Rows::of_vectors(dims, units.iter().map(|unit| unit.vector));
        let products = vectors.products(&directions);
        let assign_unit = |((unit, norm), products): ((&Unit, i32), &[i32])| {
            let side = Side::of(unit.polarity);
            let near = || {
                let all = themes.iter().zip(products).zip(&norms);
                let here = all.filter(|(((_, theme), _), _)| theme.side.is_none_or(|s| s == side));
                here.map(|((theme, &product), &length)| (*theme, cosine_of(product, norm, length)))
            };
            let mut best: Option<((usize, &KnownTheme), f64)> = None;
            if !unit.speaks() {
                return None;
            }
            for (theme, similarity) in near() {
                let is_most = best.is_none_or(|(_, most)| similarity > most);
                if similarity >= theme.1.threshold && is_most {
                    best = Some((theme, similarity));
                }
            }
            let ((prototype, theme), similarity) = best?;
            let others = near().filter(|((_, other), _)| other.id != theme.id);
            // A lone theme competes with what is unlike everything.
            let nearest_other = others.fold(0.0, |most: f64, (_, cosine)| most.max(cosine));
            let confidence = confidence(similarity - nearest_other);
            Some(Fit { theme: theme.id, prototype, similarity, confidence })
        };
        let rows = units.iter().zip(vectors.square_norms()).zip(products.chunks(themes.len()));
        rows.map(assign_unit).collect()
    };
    units.par_chunks(BLOCK).flat_map_iter(assign_block).collect()
}

/// How many units are compared with all themes at a time.
const BLOCK: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::discover;
    use crate::sample::{Sample, unsplit};

    fn theme(id: u32, vector: &[i8], side: Option<Side>, threshold: f64) -> KnownTheme {
        KnownTheme { id: ThemeId(id), centroid: Centroid::of([vector]), side, threshold }
    }

    #[test]
    fn the_most_similar_theme_of_the_side_wins_and_ties_go_to_the_older() {
        let sample = Sample::of_groups(2, 3, 0);
        let (units, vectors) = (sample.units(), &sample.vectors);
        let assigned = |known: &[KnownTheme]| assign(&units, known)[0].map(|fit| fit.theme.0);
        let (own, other) = (&vectors[0], &vectors[4]);
        assert_eq!(assigned(&[]), None);
        assert_eq!(assigned(&[theme(7, own, None, 0.5), theme(3, other, None, -1.0)]), Some(7));
        let alike = [theme(7, own, None, 0.5), theme(3, own, None, 0.5)];
        assert_eq!(assigned(&alike), Some(3));
        assert_eq!(assign(&units, &alike)[0].map(|fit| fit.prototype), Some(1));
        assert_eq!(assigned(&[theme(7, own, Some(Side::Praise), 0.5)]), None);
        assert_eq!(assigned(&[theme(7, own, Some(Side::Concern), 0.5)]), Some(7));
        assert_eq!(assigned(&[theme(7, other, None, 0.5)]), None);
        let nothing = Unit { vector: &[0; 384], ..units[0] };
        assert_eq!(assign(&[nothing], &[theme(7, own, None, -1.0)]), [None]);
    }

    #[test]
    fn similarities_are_the_cosines_to_the_centroid() {
        let sample = Sample::of_groups(3, 100, 0);
        let units = sample.units();
        let known = [theme(1, &sample.vectors[0], None, -1.0)];
        let direction = known[0].centroid.direction();
        for (unit, assigned) in units.iter().zip(assign(&units, &known)) {
            let expected = crate::vector::cosine(unit.vector, direction.components());
            assert_eq!(assigned.map(|fit| fit.similarity.to_bits()), Some(expected.to_bits()));
        }
    }

    #[test]
    fn a_theme_merged_out_of_two_takes_what_fits_either() {
        let sample = Sample::of_groups(3, 20, 0);
        let units = sample.units();
        let clusters = discover(&units, &unsplit()).clusters;
        let known = |ids: [u32; 3]| -> Vec<KnownTheme> {
            let themes = clusters.iter().zip(ids);
            themes.map(|(cluster, id)| KnownTheme::of(ThemeId(id), cluster)).collect()
        };
        let apart = assign(&units, &known([4, 5, 6]));
        let merged = assign(&units, &known([4, 4, 6]));
        for (apart, merged) in apart.iter().zip(&merged) {
            let expected = apart.map(|fit| (fit.theme.0.max(5) == 6, fit.similarity));
            assert_eq!(merged.map(|fit| (fit.theme.0 == 6, fit.similarity)), expected);
            // The other half of the theme is no rival any more.
            assert!(merged.map(|fit| fit.confidence) >= apart.map(|fit| fit.confidence));
        }
    }

    #[test]
    fn a_unit_between_two_themes_is_doubtful_and_one_of_its_own_is_not() {
        let both = [90_i8, 85, 0];
        let known = [theme(1, &[100, 0, 0], None, 0.5), theme(2, &[0, 100, 0], None, 0.5)];
        let sample = Sample::of_groups(1, 1, 0);
        let unit = |vector| Unit { vector, ..sample.units()[0] };
        let found = assign(&[unit(&both), unit(&[100, 5, 0])], &known);
        let confidences: Vec<f64> = found.iter().map(|fit| fit.unwrap().confidence).collect();
        assert!(confidences[0] > 0.55 && confidences[0] < 0.76, "{confidences:?}");
        assert!((confidences[1] - 1.0).abs() < 1e-12, "{confidences:?}");
    }

    proptest! {
        #[test]
        fn confidence_rises_with_the_margin(a in -2.0..2.0_f64, b in -2.0..2.0_f64) {
            let (low, high) = (confidence(a.min(b)), confidence(a.max(b)));
            prop_assert!(0.0 <= low && low <= high && high <= 1.0);
        }
    }
}
