//! Questions to a published generation, and their answers.

mod alarms;
mod alerts;
mod audit;
mod cell_counts;
mod cells;
mod changes;
mod column;
mod comparisons;
mod complaints;
mod contacts;
mod counts;
mod cursor;
mod drivers;
mod emerging;
mod examples;
mod explain;
mod grouping;
mod kpis;
mod notes;
mod own_topics;
mod queue;
mod recount;
mod reports;
mod search;
mod segment;
mod snapshot;
mod tally;
mod themes;
mod trace;
mod trends;

pub use alarms::{AlarmQuestion, AlarmRate};
pub use alerts::{
    AlertCheck, AlertCondition, AlertConfig, AlertFigure, AlertRule, Finding, PreparedRule,
    Subject, Told, Wording, check_alerts, evaluate_alerts,
};
pub use audit::{
    AuditQuestion, AuditReport, AuditedShare, DrawnVerbatim, Head, HeadAccuracy, LabelAccuracy,
    audit_sample,
};
pub use changes::{ChangeTest, TrendChange};
pub use comparisons::{CompareQuestion, CompareRow, CompareTable};
pub use complaints::{
    ComplaintChange, ComplaintQuestion, ComplaintRank, ComplaintRow, ComplaintTable,
};
pub use counts::{CountOf, CountQuestion, CountRow, CountTable, Group};
pub use cursor::cursor_generation;
pub use drivers::{Driver, DriverKind, DriverQuestion, DriverRow, DriverTable, Outcome};
pub use emerging::{
    DayBurst, Emergence, EmergingPeriod, EmergingQuestion, EmergingRow, EmergingTable,
};
pub use examples::Example;
pub use explain::{ChangeStep, steps_between};
pub use grouping::Grouping;
pub use kpis::{CorrectedSentiment, KpiRow};
pub use notes::{NotedTheme, ReleaseNote, read_release_notes};
pub(crate) use own_topics::view;
pub use own_topics::{OwnTopicAccuracy, OwnTopicRow, TaxonomyView};
pub use queue::{
    GroupKind, Queue, QueueCase, QueueConfig, QueueFigures, QueueGroup, QueueQuestion,
    complaint_queue, set_case_status,
};
pub use recount::{Recount, RecountedVerbatim};
pub use reports::{Report, ReportQuestion};
pub use search::{Like, SearchAids, SearchAnswer, SearchMode, SearchQuestion};
pub use segment::{CorrectedCount, Segment};
pub use snapshot::Snapshot;
pub use themes::{ThemeDetail, ThemeLedger, ThemeList, ThemePart, ThemeQuestion, ThemeRow};
pub use trace::{Figure, Kpi, Quantity, Scope, Statistic, Trace};
pub use trends::{Measure, Trend, TrendPoint, TrendQuestion};

use crate::Error;

/// The value of a name in a question, or an error that lists the names there are.
fn by_name<T: Copy>(
    key: &'static str,
    name: &str,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, Error> {
    all.iter().copied().find(|&value| name_of(value) == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&value| name_of(value)).collect();
        Error::BadValue { key, reason: format!("`{name}` is not one of {}", names.join(", ")) }
    })
}
