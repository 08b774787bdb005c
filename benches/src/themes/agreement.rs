//! How far the confidence of an assignment can be believed.

use echolot_core::ThemeId;
use echolot_themes::{Centroid, Cluster, KnownTheme, Unit, Vector, assign, cosine, discover};
use serde_json::{Value, json};

use crate::{options, set::Set, units};

/// Of how many members one lies outside the threshold of a theme.
const OUTLYING: usize = 10;

/// How many tenths of confidence are told apart.
const BINS: usize = 10;

/// Finds themes in all units, forms their prototypes of every second member,
/// puts the other members to them, and counts by tenths of the stated
/// confidence how many come to the theme they were found in. Of each tenth:
/// units, the mean confidence stated, the share that agrees.
pub(crate) fn measure(sets: &[Set]) -> Value {
    let mut bins = [(0_u64, 0.0, 0_u64); BINS];
    let mut margins: Vec<(f64, bool)> = vec![];
    for set in sets {
        let units = units(set);
        let found = discover(&units, &options());
        let (mut known, mut later) = (vec![], vec![]);
        for (cluster, id) in found.clusters.iter().zip(0..) {
            let half = |parity: usize| {
                let members = cluster.members.iter().enumerate();
                members.filter(move |(at, _)| at % 2 == parity).map(|(_, &unit)| unit)
            };
            known.push(prototype(ThemeId(id), cluster, (&units, half(0).collect())));
            later.extend(half(1).map(|unit| (units[unit], ThemeId(id))));
        }
        let directions: Vec<Vector> =
            known.iter().map(|theme| theme.centroid.direction()).collect();
        let asked: Vec<Unit> = later.iter().map(|(unit, _)| *unit).collect();
        for ((unit, theme), fit) in later.iter().zip(assign(&asked, &known)) {
            let Some(fit) = fit else { continue };
            let same = fit.theme == *theme;
            let (count, stated, agreed) =
                &mut bins[((fit.confidence * BINS as f64) as usize).min(BINS - 1)];
            *count += 1;
            *stated += fit.confidence;
            *agreed += u64::from(same);
            let others = directions.iter().zip(&known).filter(|(_, other)| other.id != fit.theme);
            let nearest = others
                .map(|(direction, _)| cosine(unit.vector, direction.components()))
                .fold(0.0, f64::max);
            margins.push((fit.similarity - nearest, same));
        }
    }
    let total: u64 = bins.iter().map(|bin| bin.0).sum();
    let error: f64 = bins.iter().map(|(_, stated, agreed)| (stated - *agreed as f64).abs()).sum();
    let line = |(count, stated, agreed): &(u64, f64, u64)| json!({ "units": count, "stated": stated / *count as f64, "agreed": *agreed as f64 / *count as f64 });
    json!({
        "units": total,
        "calibration_error": error / total as f64,
        "bins": bins.iter().filter(|bin| bin.0 > 0).map(line).collect::<Vec<_>>(),
        "margins": by_margin(margins),
    })
}

/// A theme as one half of its members makes it.
fn prototype(id: ThemeId, cluster: &Cluster, (units, half): (&[Unit], Vec<usize>)) -> KnownTheme {
    let centroid = Centroid::of(half.iter().map(|&unit| units[unit].vector));
    let direction = centroid.direction();
    let mut cosines: Vec<f64> =
        half.iter().map(|&unit| cosine(units[unit].vector, direction.components())).collect();
    cosines.sort_unstable_by(f64::total_cmp);
    let threshold = cosines[cosines.len() / OUTLYING];
    KnownTheme { id, centroid, side: cluster.side, threshold }
}

/// The share that agrees, by twentieths of the units in the order of their margins.
fn by_margin(mut margins: Vec<(f64, bool)>) -> Value {
    margins.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let line = |part: &[(f64, bool)]| {
        let mean = part.iter().map(|(margin, _)| margin).sum::<f64>() / part.len() as f64;
        let agreed = part.iter().filter(|(_, same)| *same).count();
        json!([mean, agreed as f64 / part.len() as f64])
    };
    margins.chunks(margins.len().div_ceil(20).max(1)).map(line).collect()
}
