//! What is kept on disk and how it is found.
//!
//! A [`DataFolder`] holds one `SQLite` database, which is the system of record,
//! and one full-text index, which is derived from it. A run takes the
//! [`RunLock`] and collects what it reads in the [`Staging`] area; with the
//! [`WriteLock`] it writes all of it through a [`RunWriter`] in one transaction
//! and publishes. Readers take a
//! [`Snapshot`]: one published generation in which database and index agree
//! for as long as it lives, whatever a run does meanwhile.
//!
//! Nothing outside this crate knows `SQLite`, tantivy or a byte of the formats.

mod access;
mod access_log;
mod analyser;
mod attributes;
mod audit_labels;
mod blend;
mod closings;
mod columns;
mod corrections;
mod database;
mod duplicates;
mod edit_log;
mod encoding;
mod error;
mod facts;
mod filter;
mod folder;
mod follow_up;
mod history;
mod inbox;
mod inspection;
mod journey;
mod kinship;
mod lock;
mod outbox;
mod own_topics;
mod query;
mod records;
mod run_files;
mod run_reader;
mod schema;
mod search;
mod selection;
mod shard;
mod snapshot;
mod staging;
mod taxonomy;
mod text_index;
mod theme_records;
mod theme_store;
mod theme_units;
mod verbatim_table;
mod views;
mod wording;
mod writer;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use access::{AccessRole, AccessStore, KEY_ENTROPY_BYTES, Key, NewKey};
pub use access_log::{AccessEntry, AccessQuestion};
pub use attributes::{STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};
pub use audit_labels::AuditLabel;
pub use blend::Kept;
pub use corrections::{CorrectableText, Standing, StandingCorrection};
pub use duplicates::MAX_NEAR_CANDIDATES;
pub use error::{Error, Holder};
pub use facts::{Facts, IntentSet, OpinionFact, Words};
pub use filter::{Filter, RowTest};
pub use folder::DataFolder;
pub use follow_up::{CaseEvent, FollowUp};
pub use inbox::{DeliveredRow, Delivery, Inbox, InboxMark, Taken};
pub use inspection::{Inspection, TextIndexState};
pub use journey::JourneyColumn;
pub use kinship::Kinship;
pub use lock::{RunLock, WriteLock};
pub use outbox::{AlertUpdate, Message, NewAlert, NewMessage, StoredAlert};
pub use own_topics::{OwnTopicFact, OwnTopicOfRow, OwnTopics};
pub use query::{Document, Query, QueryProblem, Synonyms};
pub use records::{
    AnalysedFeedback, Candidates, OpinionUnit, RejectedRow, RowId, RunRecord, StoredReading,
    ThemedUnit, UnitReading, UnitRow, Verbatim,
};
pub use run_reader::{Rejected, RunReader};
pub use schema::{FORMAT_VERSION, OLDEST_READABLE_VERSION};
pub use search::{Facets, Hit, Meaning, SearchBy, SearchPage, SearchRequest};
pub use selection::{SelectedRow, Selection};
pub use shard::{Partial, Receipt, ShardRow, ShardSpec};
pub use snapshot::Snapshot;
pub use staging::{StageWriter, StagedRun, Staging};
pub use taxonomy::{AppliedTaxonomy, OwnTopic, OwnTopicMatch, Taxonomy, TopicPrototype};
pub use theme_records::{
    Change, CorrectedAnswer, CountedUnit, Discovery, EditRecord, Equal, LedgerEntry, MergedTheme,
    MovedUnit, Placement, Portrait, PrototypeId, StoredPrototype, StoredTheme, UnitState,
};
pub use theme_store::ThemeStore;
pub use views::{Cell, CellKind, View};
pub use writer::RunWriter;
