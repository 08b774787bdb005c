//! What the benches work on: workloads from files, texts of the demo corpus, a data folder.
//!
//! Everything is drawn deterministically, so that two runs of a bench do the
//! same work.

mod corpus;
mod large;
mod million;
mod store;
mod workload;

pub use corpus::{FILES, demo_file, demo_items, jsonl, resampled};
pub use large::large_store_of;
pub use million::recombined_store;
pub use store::{free_analyst, store_of};
pub use workload::{
    ComplaintQuery, CountQuery, CountsWorkload, InferenceWorkload, IngestWorkload, KpiQuery,
    MillionWorkload, QueryWorkload, SearchQuery, ThemeQuery, is_trial,
};
