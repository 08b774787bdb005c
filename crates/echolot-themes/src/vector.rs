//! Directions as small integers, and exact sums of them.

/// The direction of an embedding, one signed byte a component.
///
/// The longest component is scaled to ±127; the length of the embedding is
/// not kept. Cosines of two such vectors differ from those of the embeddings
/// by about 0.003 in 384 dimensions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vector(Box<[i8]>);

impl Vector {
    /// Quantises an embedding. Zeros stay zeros; components that are no
    /// finite number count as zero.
    pub fn quantise(embedding: &[f32]) -> Self {
        Self::scale(embedding.iter().map(|&x| if x.is_finite() { f64::from(x) } else { 0.0 }))
    }

    /// Scales finite components so that the longest becomes ±127.
    fn scale(components: impl Iterator<Item = f64> + Clone) -> Self {
        let longest = components.clone().fold(0.0, |longest: f64, x| longest.max(x.abs()));
        if longest == 0.0 {
            return Self(components.map(|_| 0).collect());
        }
        Self(components.map(|x| (x / longest * 127.0).round() as i8).collect())
    }

    /// The vector whose components stand in `bytes` as two's complement.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| byte.cast_signed()).collect())
    }

    /// The components as two's complement.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().map(|x| x.cast_unsigned()).collect()
    }

    /// The components.
    pub fn components(&self) -> &[i8] {
        &self.0
    }

    /// The cosine of the angle to `other`, -1..=1; 0 when either is all zeros.
    pub fn cosine(&self, other: &Self) -> f64 {
        cosine(&self.0, &other.0)
    }
}

impl AsRef<[i8]> for Vector {
    fn as_ref(&self) -> &[i8] {
        &self.0
    }
}

/// The exact dot product.
fn dot(a: &[i8], b: &[i8]) -> i32 {
    debug_assert_eq!(a.len(), b.len(), "vectors of one space have the same dimensions");
    a.iter().zip(b).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum()
}

/// The cosine of the angle between two vectors, -1..=1; 0 when either is all
/// zeros.
pub fn cosine(a: &[i8], b: &[i8]) -> f64 {
    cosine_of(dot(a, b), dot(a, a), dot(b, b))
}

/// The cosine from the exact dot product and square norms, by one square root
/// and one division, both of which IEEE 754 rounds alike on every machine.
pub(crate) fn cosine_of(dot: i32, norm_a: i32, norm_b: i32) -> f64 {
    let norms = i64::from(norm_a) * i64::from(norm_b);
    if norms == 0 { 0.0 } else { f64::from(dot) / (norms as f64).sqrt() }
}

/// The length that a vector is given before it is added to a [`Centroid`], so
/// that all members count alike.
const MEMBER_LENGTH: f64 = 4096.0;

/// The sum of member directions, in integers: adding and merging are exact,
/// and the order of additions does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Centroid(Vec<i64>);

impl Centroid {
    /// A centroid with the sums that [`Centroid::sums`] gave.
    pub fn from_sums(sums: Vec<i64>) -> Self {
        Self(sums)
    }

    /// The centroid of some vectors; it has no dimensions when there are none.
    pub fn of<'a>(vectors: impl IntoIterator<Item = &'a [i8]>) -> Self {
        let mut centroid = Self::default();
        vectors.into_iter().for_each(|vector| centroid.add(vector));
        centroid
    }

    /// Adds a member.
    pub fn add(&mut self, vector: &[i8]) {
        self.0.resize(vector.len().max(self.0.len()), 0);
        let length = f64::from(dot(vector, vector)).sqrt();
        if length > 0.0 {
            let scale = MEMBER_LENGTH / length;
            for (sum, &x) in self.0.iter_mut().zip(vector) {
                *sum += (f64::from(x) * scale).round() as i64;
            }
        }
    }

    /// Takes a member out again.
    pub fn remove(&mut self, vector: &[i8]) {
        let member = Self::of([vector]);
        self.0.iter_mut().zip(&member.0).for_each(|(sum, x)| *sum -= x);
    }

    /// Adds all members of another centroid.
    pub fn merge(&mut self, other: &Self) {
        self.0.resize(other.0.len().max(self.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(sum, x)| *sum += x);
    }

    /// The sums, in units of 1/4096 of a unit vector.
    pub fn sums(&self) -> &[i64] {
        &self.0
    }

    /// The direction of the sum.
    pub fn direction(&self) -> Vector {
        Vector::scale(self.0.iter().map(|&sum| sum as f64))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_component_becomes_127() {
        let vector = Vector::quantise(&[0.1, -0.2, 0.05, 0.0]);
        assert_eq!(vector.components(), [64, -127, 32, 0]);
        assert_eq!(Vector::quantise(&[f32::NAN, f32::INFINITY, 1.0]).components(), [0, 0, 127]);
        assert_eq!(Vector::quantise(&[0.0; 3]).components(), [0; 3]);
    }

    #[test]
    fn cosines_match_hand_computed_ones() {
        let vector = |components: &[f32]| Vector::quantise(components);
        let cosine = vector(&[3.0, 4.0]).cosine(&vector(&[4.0, 3.0]));
        assert!((cosine - 0.96).abs() < 0.003, "{cosine}");
        assert!((vector(&[1.0, 0.0]).cosine(&vector(&[-2.0, 0.0])) + 1.0).abs() < 1e-12);
        assert!(vector(&[0.0, 0.0]).cosine(&vector(&[1.0, 0.0])).abs() < 1e-12);
    }

    #[test]
    fn members_of_all_lengths_count_alike() {
        let centroid = Centroid::of([&[127_i8, 0][..], &[0, 1]]);
        assert_eq!(centroid.sums(), [4096, 4096]);
        assert_eq!(centroid.direction().components(), [127, 127]);
    }

    proptest! {
        #[test]
        fn bytes_are_read_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(Vector::from_bytes(&bytes).to_bytes(), bytes);
        }

        #[test]
        fn merging_equals_adding_in_any_order(
            rows in prop::collection::vec(prop::collection::vec(any::<i8>(), 4), 0..20),
            cut in 0_usize..20,
        ) {
            let (left, right) = rows.split_at(cut.min(rows.len()));
            let of = |rows: &[Vec<i8>]| Centroid::of(rows.iter().map(Vec::as_slice));
            let mut merged = of(right);
            merged.merge(&of(left));
            prop_assert_eq!(merged, of(&rows));
        }
    }
}
