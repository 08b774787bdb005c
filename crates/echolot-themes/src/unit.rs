//! What is clustered: opinion units.

use echolot_core::{Fingerprint, Language, Polarity};

use crate::terms::is_all_masks;

/// One opinion unit as it is clustered.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// The direction of its embedding, see [`crate::Vector`]. All units of one
    /// call have the same number of components. All zeros means that nothing
    /// is known, and such a unit joins no theme.
    pub vector: &'a [i8],
    /// Its words. A unit of nothing but masked personal data joins no theme.
    pub text: &'a str,
    /// The language of its words.
    pub language: Language,
    /// Which way it points.
    pub polarity: Polarity,
    /// The number of the verbatim it is part of, which verbatims that repeat one
    /// another share: what one person says over and over is one voice.
    pub verbatim: u32,
    /// A stable key, distinct per unit: the order of keys is the order in
    /// which units are taken, so that the order of rows does not matter.
    pub key: Fingerprint,
}

impl Unit<'_> {
    /// Whether it says anything that a theme could be about.
    pub(crate) fn speaks(&self) -> bool {
        self.vector.iter().any(|&x| x != 0) && !is_all_masks(self.text)
    }
}

/// How many different verbatims there are.
pub(crate) fn num_distinct(mut verbatims: Vec<u32>) -> usize {
    verbatims.sort_unstable();
    verbatims.dedup();
    verbatims.len()
}

/// The two sides that are told apart when themes are split by polarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Negative and neutral units: what somebody may have to act on.
    Concern,
    /// Positive units.
    Praise,
}

impl Side {
    /// The side of a polarity.
    pub fn of(polarity: Polarity) -> Self {
        match polarity {
            Polarity::Negative | Polarity::Neutral => Self::Concern,
            Polarity::Positive => Self::Praise,
        }
    }
}
