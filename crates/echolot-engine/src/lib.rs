//! The order of the steps, and the facade that everyone calls.
//!
//! Four ways lead through the engine. [`run_in`] takes files into a data
//! folder and publishes a new generation; [`edit_themes`], [`correct`] and
//! [`discover_themes`] change one; a [`Snapshot`] answers
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
mod masking;
mod progress;
mod reception;
mod replay;
mod report;
mod run;
mod score;
mod taxonomy;
mod theming;

pub use analyst::Analyst;
pub use ask::{
    AlarmQuestion, AlarmRate, AlertCheck, AlertCondition, AlertConfig, AlertFigure, AlertRule,
    AuditQuestion, AuditReport, AuditedShare, ChangeStep, ChangeTest, CompareQuestion, CompareRow,
    CompareTable, ComplaintChange, ComplaintQuestion, ComplaintRank, ComplaintRow, ComplaintTable,
    CorrectedCount, CorrectedSentiment, CountOf, CountQuestion, CountRow, CountTable, DayBurst,
    DrawnVerbatim, Driver, DriverKind, DriverQuestion, DriverRow, DriverTable, Emergence,
    EmergingPeriod, EmergingQuestion, EmergingRow, EmergingTable, Example, Figure, Finding, Group,
    GroupKind, Grouping, Head, HeadAccuracy, Kpi, KpiRow, LabelAccuracy, Like, Measure, NotedTheme,
    Outcome, OwnTopicAccuracy, OwnTopicRow, PreparedRule, Quantity, Queue, QueueCase, QueueConfig,
    QueueFigures, QueueGroup, QueueQuestion, Recount, RecountedVerbatim, ReleaseNote, Report,
    ReportQuestion, Scope, SearchAids, SearchAnswer, SearchMode, SearchQuestion, Segment, Snapshot,
    Statistic, Subject, TaxonomyView, ThemeDetail, ThemeLedger, ThemeList, ThemePart,
    ThemeQuestion, ThemeRow, Told, Trace, Trend, TrendChange, TrendPoint, TrendQuestion, Wording,
    audit_sample, check_alerts, complaint_queue, cursor_generation, evaluate_alerts,
    read_release_notes, set_case_status, steps_between,
};
pub use cluster::{ClusteredRow, FileTheme, FileThemes, cluster};
pub use config::{
    Channel, ChannelTarget, Channels, Config, ConfigError, DEFAULT_CONFIG, InputConfig,
    NamingConfig, SmtpConfig, SmtpTls,
};
pub use discovery::{DiscoveryReport, certify_themes, discover_themes};
pub use doctor::{Check, CheckState, examine};
pub use echolot_index::{
    AccessEntry, AccessQuestion, AccessRole, AccessStore, AppliedTaxonomy, CaseEvent, Cell,
    CellKind, Change, DeliveredRow, EditRecord, Error as QueryError, Facets, Filter, FollowUp, Hit,
    KEY_ENTROPY_BYTES, Key, LedgerEntry, Message, NewKey, NewMessage, OwnTopic, OwnTopicOfRow,
    RejectedRow, RowId, RunRecord, ShardSpec, Standing, StandingCorrection, StoredAlert,
    StoredTheme, ThemedUnit, Verbatim, View,
};
pub use echolot_infer::{Analyse, Decision, HashModel, Labels};
pub use echolot_themes::Certificate;
pub use edit::{
    AuditAnswer, CorrectionRequest, EditReport, ThemeEdit, correct, edit_themes, import_audit,
};
pub use error::{Blame, Error};
pub use folder::{
    open_access, open_as_of, open_follow_up, open_past, open_snapshot, published_generation,
    recount,
};
pub use ingest::{
    BodyForm, Delivered, Deliveries, IngestError, Rejection, SourceOptions, open, parse_item,
    read_jsonl,
};
pub use progress::{Progress, Silent, Step};
pub use reception::{Received, Reception, Sender};
pub use replay::{ReplayedTheme, replay};
pub use report::{FutureDate, FutureDates, InputCounts, RunReport};
pub use run::{run_in, run_shard};
pub use score::{Scored, ScoredItem, score};
pub use taxonomy::{
    TaxonomyFile, TaxonomyMistake, TopicDefinition, apply_taxonomy, preview_taxonomy,
};
pub use theming::{ThemeCertificate, ThemeConfig, ThemeCounts};
