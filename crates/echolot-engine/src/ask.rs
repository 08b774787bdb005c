//! Questions to a published generation, and their answers.

mod alarms;
mod column;
mod comparisons;
mod complaints;
mod counts;
mod drivers;
mod emerging;
mod examples;
mod explain;
mod grouping;
mod kpis;
mod notes;
mod recount;
mod reports;
mod segment;
mod snapshot;
mod tally;
mod themes;
mod trace;
mod trends;

pub use alarms::{AlarmQuestion, AlarmRate};
pub use comparisons::{CompareQuestion, CompareRow, CompareTable};
pub use complaints::{ComplaintChange, ComplaintQuestion, ComplaintRow, ComplaintTable};
pub use counts::{CountOf, CountQuestion, CountRow, CountTable, Group};
pub use drivers::{Driver, DriverKind, DriverQuestion, DriverRow, DriverTable, Outcome};
pub use emerging::{
    DayBurst, Emergence, EmergingPeriod, EmergingQuestion, EmergingRow, EmergingTable,
};
pub use examples::Example;
pub use explain::{ChangeStep, steps_between};
pub use grouping::Grouping;
pub use kpis::KpiRow;
pub use notes::{NotedTheme, ReleaseNote, read_release_notes};
pub use recount::{Recount, RecountedVerbatim};
pub use reports::{Report, ReportQuestion};
pub use segment::Segment;
pub use snapshot::Snapshot;
pub use themes::{ThemeDetail, ThemeLedger, ThemeList, ThemePart, ThemeQuestion, ThemeRow};
pub use trace::{Figure, Kpi, Quantity, Scope, Statistic, Trace};
pub use trends::{Measure, Trend, TrendChange, TrendPoint, TrendQuestion};

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
