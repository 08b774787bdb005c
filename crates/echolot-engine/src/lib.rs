//! The order of the steps, and the facade that everyone calls.
//!
//! Three ways lead through the engine. [`run_in`] takes files into a data
//! folder and publishes a new generation; a [`Snapshot`] answers questions
//! about a published one; [`score()`] and [`cluster()`] are filters that need no
//! data folder. Only this crate knows which step follows which.

mod analyst;
mod ask;
mod cluster;
mod config;
mod decision;
mod doctor;
mod error;
mod folder;
mod ingest;
mod progress;
mod report;
mod run;
mod score;
mod theming;

pub use analyst::Analyst;
pub use ask::{
    ComplaintChange, ComplaintQuestion, ComplaintRow, ComplaintTable, Dimension, Driver,
    DriverKind, DriverQuestion, DriverRow, DriverTable, Example, KpiRow, Like, Outcome, SearchAids,
    SearchAnswer, SearchMode, SearchQuestion, Snapshot, ThemeDetail, ThemeList, ThemeQuestion,
    ThemeRow, cursor_generation,
};
pub use cluster::{ClusteredRow, FileTheme, FileThemes, cluster};
pub use config::{Config, ConfigError, DEFAULT_CONFIG, InputConfig};
pub use doctor::{Check, CheckState, examine};
pub use echolot_index::{
    Error as QueryError, Facets, Filter, Hit, LedgerEntry, RejectedRow, RowId, RunRecord,
    ShardSpec, StoredTheme, Verbatim,
};
pub use echolot_infer::{Analyse, Decision, HashModel, Labels};
pub use error::{Blame, Error};
pub use folder::{open_snapshot, published_generation};
pub use ingest::{
    Delivered, Deliveries, IngestError, Rejection, SourceOptions, open, parse_item, read_jsonl,
};
pub use progress::{Progress, Silent, Step};
pub use report::{InputCounts, RunReport};
pub use run::{run_in, run_shard};
pub use score::{Scored, ScoredItem, score};
pub use theming::ThemeCounts;
