//! Exit codes: what a script can tell from how the program ended.

use std::process::ExitCode;

use echolot_engine::{Blame, Error};

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all done.
    Done,
    /// 1: it failed.
    Failed,
    /// 2: the arguments, a question or the configuration are wrong.
    Usage,
    /// 3: done, but rows were rejected.
    DoneWithRejections,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::DoneWithRejections => 3,
        })
    }
}

impl Exit {
    /// The exit for a run in which rows were, or were not, rejected.
    pub(crate) fn after(rejected: u64) -> Self {
        if rejected == 0 { Self::Done } else { Self::DoneWithRejections }
    }

    /// The exit for an error.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        match error.downcast_ref::<Error>().map(Error::blame) {
            Some(
                Blame::BadInput
                | Blame::BadConfig
                | Blame::NotFound
                | Blame::Gone
                | Blame::Conflict,
            ) => Self::Usage,
            _ => Self::Failed,
        }
    }
}
