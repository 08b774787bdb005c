//! Putting units to themes that are already known.

use echolot_core::ThemeId;
use rayon::prelude::*;

use crate::rows::Rows;
use crate::vector::cosine_of;
use crate::{Centroid, Cluster, Side, Unit, Vector};

/// What must be kept of a theme to put further units to it.
#[derive(Debug, Clone)]
pub struct KnownTheme {
    /// Its lasting id.
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

/// For each unit the most similar theme of its side whose threshold it
/// reaches, with the cosine to the theme's centroid.
///
/// The cost is units times themes. Of equally similar themes the one with the
/// lower id is taken.
///
/// # Panics
/// When a unit's vector and a theme's centroid differ in their number of
/// components.
pub fn assign(units: &[Unit], known: &[KnownTheme]) -> Vec<Option<(ThemeId, f64)>> {
    let Some(dims) = known.first().map(|theme| theme.centroid.sums().len()) else {
        return vec![None; units.len()];
    };
    let mut themes: Vec<&KnownTheme> = known.iter().collect();
    themes.sort_by_key(|theme| theme.id);
    let directions: Vec<Vector> = themes.iter().map(|theme| theme.centroid.direction()).collect();
    let directions = Rows::of_vectors(dims, directions.iter().map(Vector::components));
    let norms = directions.square_norms();
    let assign_block = |units: &[Unit]| -> Vec<Option<(ThemeId, f64)>> {
        let vectors = Rows::of_vectors(dims, units.iter().map(|unit| unit.vector));
        let products = vectors.products(&directions);
        let nearest = |((unit, norm), products): ((&Unit, i32), &[i32])| {
            let side = Side::of(unit.polarity);
            let mut best: Option<(ThemeId, f64)> = None;
            for ((theme, &product), &theme_norm) in themes.iter().zip(products).zip(&norms) {
                let similarity = cosine_of(product, norm, theme_norm);
                if norm > 0
                    && theme.side.is_none_or(|taken| taken == side)
                    && similarity >= theme.threshold
                    && best.is_none_or(|(_, most)| similarity > most)
                {
                    best = Some((theme.id, similarity));
                }
            }
            best
        };
        let rows = units.iter().zip(vectors.square_norms()).zip(products.chunks(themes.len()));
        rows.map(nearest).collect()
    };
    units.par_chunks(BLOCK).flat_map_iter(assign_block).collect()
}

/// How many units are compared with all themes at a time.
const BLOCK: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    fn theme(id: u32, vector: &[i8], side: Option<Side>, threshold: f64) -> KnownTheme {
        KnownTheme { id: ThemeId(id), centroid: Centroid::of([vector]), side, threshold }
    }

    #[test]
    fn the_most_similar_theme_of_the_side_wins_and_ties_go_to_the_older() {
        let sample = Sample::of_groups(2, 3, 0);
        let (units, vectors) = (sample.units(), &sample.vectors);
        let assigned = |known: &[KnownTheme]| assign(&units, known)[0].map(|(id, _)| id.0);
        let (own, other) = (&vectors[0], &vectors[4]);
        assert_eq!(assigned(&[]), None);
        assert_eq!(assigned(&[theme(7, own, None, 0.5), theme(3, other, None, -1.0)]), Some(7));
        assert_eq!(assigned(&[theme(7, own, None, 0.5), theme(3, own, None, 0.5)]), Some(3));
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
            assert_eq!(
                assigned.map(|(_, similarity)| similarity.to_bits()),
                Some(expected.to_bits())
            );
        }
    }
}
