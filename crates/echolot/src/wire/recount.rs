//! What came of counting figures again.

use echolot_engine::Recount;
use serde::Serialize;
use utoipa::ToSchema;

use super::{rounded, trace};

/// Figures, counted again from the stored rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecountJson {
    /// The trace that was given.
    trace: String,
    generation: u64,
    /// Whether every figure was found as it was stated.
    pub(crate) agrees: bool,
    figures: Vec<RecountedJson>,
    /// The verbatims of the group, in the order of first load.
    verbatims: Vec<PlaceJson>,
}

/// One figure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecountedJson {
    /// What it is, e.g. `texts` or `all.texts`.
    figure: String,
    /// What the trace says.
    stated: f64,
    /// What was found; null where there is nothing to compute it from.
    recounted: Option<f64>,
}

/// A verbatim that counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceJson {
    id: String,
    /// The number of loading, from 0.
    row: u32,
    /// The verbatim it repeats, by its number of loading.
    duplicate_of: Option<u32>,
    /// `[start, end]` of each opinion that counts, in characters; of the whole
    /// verbatim where none does.
    #[schema(value_type = Vec<Vec<u32>>)]
    spans: Vec<[u32; 2]>,
}

impl From<Recount> for RecountJson {
    fn from(recount: Recount) -> Self {
        let verbatims = recount.verbatims.iter().map(|one| PlaceJson {
            id: one.id.to_string(),
            row: one.row.0,
            duplicate_of: (one.canonical != one.row).then_some(one.canonical.0),
            spans: one.spans.iter().map(|span| [span.start, span.end]).collect(),
        });
        let figures = recount.found.iter().map(|(figure, found)| RecountedJson {
            figure: figure.name(),
            stated: figure.value,
            recounted: found.map(rounded),
        });
        Self {
            trace: trace::write(&recount.trace),
            generation: recount.trace.generation,
            agrees: recount.agrees(),
            figures: figures.collect(),
            verbatims: verbatims.collect(),
        }
    }
}
