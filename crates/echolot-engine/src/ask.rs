//! Questions to a published generation, and their answers.

mod complaints;
mod drivers;
mod examples;
mod kpis;
mod snapshot;
mod tally;
mod themes;

pub use complaints::{ComplaintChange, ComplaintQuestion, ComplaintRow, ComplaintTable};
pub use drivers::{Driver, DriverKind, DriverQuestion, DriverRow, DriverTable, Outcome};
pub use examples::Example;
pub use kpis::{Dimension, KpiRow};
pub use snapshot::Snapshot;
pub use themes::{ThemeDetail, ThemeList, ThemeQuestion, ThemeRow};
