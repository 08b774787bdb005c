//! Opinion units to clusters to named themes.
//!
//! [`discover`] groups opinion units by the direction of their vectors and
//! finds the number of groups itself, [`assign`] puts further units to themes
//! already known, at a cost of units times themes, and [`name`] gives each
//! group a label and examples. The crate sees numbers, texts and keys; it does
//! no I/O and knows no models.
//!
//! The same units and options give the same result whatever the order of the
//! units, the number of threads and the machine: similarities are integer dot
//! products, units are taken in the order of their keys, and ties are broken by
//! that order.

mod assign;
mod discover;
mod linkage;
mod name;
mod points;
mod rows;
#[cfg(test)]
mod sample;
mod stopwords;
mod terms;
mod unit;
mod vector;
mod wording;

pub use assign::{KnownTheme, assign};
pub use discover::{Cluster, Clustering, Options, discover};
pub use name::{ThemeName, name};
pub use unit::{Side, Unit};
pub use vector::{Centroid, Vector, cosine};
