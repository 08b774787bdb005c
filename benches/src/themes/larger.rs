//! Sets of any size, made of a real one.

use std::path::Path;

use echolot_core::Draws;
use echolot_themes::Vector;

use crate::set::{Row, Set, SetWriter};

/// The length of the jitter beside a vector of length 1: a row is then about
/// as similar to its source (0.86) as one wording of an issue to the next.
const JITTER: f64 = 0.6;

/// Writes `count` rows drawn from `set`, each with a vector and words of its
/// own: jitter in a random direction, and two words of another row and a number
/// behind the text, so that hardly two texts are the same.
pub(crate) fn write(
    set: &Set,
    (count, seed): (usize, u64),
    (folder, name): (&Path, &str),
) -> anyhow::Result<()> {
    let mut draws = Draws::new(seed);
    let mut writer = SetWriter::create(folder, name)?;
    for number in 0..count {
        let (base, other) = (draws.below(set.rows.len()), draws.below(set.rows.len()));
        let source = &set.rows[base];
        let mut words: Vec<&str> = source.text.split_whitespace().collect();
        words.extend(set.rows[other].text.split_whitespace().take(2));
        let row = Row { text: format!("{} {number}", words.join(" ")), ..source.clone() };
        writer.push(&row, jittered(set.vector(base), &mut draws).components())?;
    }
    debug_assert!(set.dims() > 0);
    writer.finish()
}

fn jittered(vector: &[i8], draws: &mut Draws) -> Vector {
    let squares: f64 = vector.iter().map(|&x| f64::from(x).powi(2)).sum();
    // Uniform components in ±1 have a mean square of a third.
    let scale = JITTER * squares.sqrt() / (vector.len() as f64 / 3.0).sqrt();
    let moved: Vec<f32> =
        vector.iter().map(|&x| (f64::from(x) + scale * component(draws)) as f32).collect();
    Vector::quantise(&moved)
}

/// -1..1.
fn component(draws: &mut Draws) -> f64 {
    (draws.bits() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
