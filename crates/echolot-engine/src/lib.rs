//! The order of the steps, and the facade that everyone calls.
//!
//! Four ways lead through the engine. [`run_in`] takes files into a data
//! folder and publishes a new generation; [`edit_themes`] and
//! [`discover_themes`] change the themes of one; a [`Snapshot`] answers
//! questions about a published one; [`score()`] and [`cluster()`] are filters that need no
//! data folder. Only this crate knows which step follows which.

mod analyst;
mod ask;
mod cluster;
mod config;
mod decision;
mod discovery;
mod doctor;
mod edit;
mod error;
mod folder;
mod ingest;
mod progress;
mod replay;
mod report;
mod run;
mod score;
mod theming;

pub use analyst::Analyst;
pub use ask::{
    AlarmQuestion, AlarmRate, ChangeStep, CompareQuestion, CompareRow, CompareTable,
    ComplaintChange, ComplaintQuestion, ComplaintRow, ComplaintTable, CountOf, CountQuestion,
    CountRow, CountTable, DayBurst, Driver, DriverKind, DriverQuestion, DriverRow, DriverTable,
    Emergence, EmergingPeriod, EmergingQuestion, EmergingRow, EmergingTable, Example, Figure,
    Group, Grouping, Kpi, KpiRow, Measure, NotedTheme, Outcome, Quantity, Recount,
    RecountedVerbatim, ReleaseNote, Report, ReportQuestion, Scope, Segment, Snapshot, Statistic,
    ThemeDetail, ThemeLedger, ThemeList, ThemePart, ThemeQuestion, ThemeRow, Trace, Trend,
    TrendChange, TrendPoint, TrendQuestion, read_release_notes, steps_between,
};
pub use cluster::{ClusteredRow, FileTheme, FileThemes, cluster};
pub use config::{Config, ConfigError, DEFAULT_CONFIG, InputConfig};
pub use discovery::{DiscoveryReport, ThemeCertificate, certify_themes, discover_themes};
pub use doctor::{Check, CheckState, examine};
pub use echolot_index::{
    Cell, CellKind, Change, EditRecord, Facets, Filter, Hit, LedgerEntry, RejectedRow, RowId,
    RunRecord, SearchPage, SearchRequest, ShardSpec, StoredTheme, ThemedUnit, Verbatim, View,
};
pub use echolot_infer::{Analyse, Decision, HashModel, Labels};
pub use echolot_themes::Certificate;
pub use edit::{EditReport, ThemeEdit, edit_themes};
pub use error::{Blame, Error};
pub use folder::{open_as_of, open_past, open_snapshot, published_generation, recount};
pub use ingest::{
    Delivered, Deliveries, IngestError, Rejection, SourceOptions, open, parse_item, read_jsonl,
};
pub use progress::{Progress, Silent, Step};
pub use replay::{ReplayedTheme, replay};
pub use report::{InputCounts, RunReport};
pub use run::{run_in, run_shard};
pub use score::{Scored, ScoredItem, score};
pub use theming::{ThemeConfig, ThemeCounts};
