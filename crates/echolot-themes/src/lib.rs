//! Opinion units to clusters to named themes.
//!
//! [`discover`] groups opinion units by the direction of their vectors and
//! finds the number of groups itself; [`rediscover`] does so with the themes of
//! the last time in mind, and [`succeed`] says which group carries on which of
//! them. [`subdivide`] finds sub-themes. [`assign`] puts further units to themes
//! already known, at a cost of units times themes. [`name`] gives each group a
//! label and examples, and [`certify`] says how far a clustering can be relied
//! upon. The crate sees numbers, texts and keys; it does no I/O and knows no
//! models.
//!
//! The same units and options give the same result whatever the order of the
//! units, the number of threads and the machine: similarities are integer dot
//! products, units are taken in the order of their keys, and ties are broken by
//! that order.

mod assign;
mod background;
mod certificate;
mod discover;
mod example;
mod levels;
mod lineage;
mod linkage;
mod memory;
mod name;
mod overlap;
mod points;
mod rounds;
mod rows;
#[cfg(test)]
mod sample;
mod smooth;
mod space;
mod spelling;
mod stopwords;
mod terms;
mod unit;
mod vector;
mod wording;

pub use assign::{Fit, KnownTheme, assign};
pub use certificate::{Certificate, certify};
pub use discover::{Cluster, Clustering, Options, discover, rediscover};
pub use levels::{remainder, subdivide};
pub use lineage::{Event, Fate, OldTheme, Overlap, Succession, succeed};
pub use name::{ThemeName, name};
pub use unit::{Side, Unit};
pub use vector::{Centroid, Vector, cosine};
