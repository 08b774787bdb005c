//! The steps of a run, and who is told of them.

use std::fmt;

/// A step of the engine's work, in the order of a run. The names stand in
/// logs, progress bars and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Input files are read, checked, redacted and compared with what is known.
    Read,
    /// Texts are prepared and read by the model, shard by shard.
    Analyse,
    /// Analysed feedback is written to the database.
    Store,
    /// Opinions are put to themes.
    Theme,
    /// The new state is made visible.
    Publish,
}

impl Step {
    /// All steps in their order.
    pub const ALL: [Self; 5] = [Self::Read, Self::Analyse, Self::Store, Self::Theme, Self::Publish];

    /// The name of the step.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Analyse => "analyse",
            Self::Store => "store",
            Self::Theme => "theme",
            Self::Publish => "publish",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Is told how the work goes, from any thread.
pub trait Progress: Sync {
    /// A step begins; `total` is the number of items ahead where it is known.
    fn begin(&self, step: Step, total: Option<u64>);

    /// So many further items of the current step are done.
    fn advance(&self, items: u64);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: Step, _total: Option<u64>) {}
    fn advance(&self, _items: u64) {}
}
