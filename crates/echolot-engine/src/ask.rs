//! Questions to a published generation, and their answers.

mod complaints;
mod cursor;
mod drivers;
mod examples;
mod kpis;
mod search;
mod snapshot;
mod tally;
mod themes;

pub use complaints::{ComplaintChange, ComplaintQuestion, ComplaintRow, ComplaintTable};
pub use cursor::cursor_generation;
pub use drivers::{Driver, DriverKind, DriverQuestion, DriverRow, DriverTable, Outcome};
pub use examples::Example;
pub use kpis::{Dimension, KpiRow};
pub use search::{Like, SearchAids, SearchAnswer, SearchMode, SearchQuestion};
pub use snapshot::Snapshot;
pub use themes::{ThemeDetail, ThemeList, ThemeQuestion, ThemeRow};

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
