//! What can go wrong, sorted by who must act.

use std::path::PathBuf;

use echolot_core::{FeedbackId, ThemeId};

use crate::config::ConfigError;
use crate::ingest::IngestError;
use crate::taxonomy::TaxonomyMistake;

/// Every failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An input file cannot be read.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A configured redaction pattern cannot be used.
    #[error("privacy.pattern: {0}")]
    Redaction(#[from] echolot_text::Error),
    /// The model or ONNX Runtime cannot be used.
    #[error(transparent)]
    Model(#[from] echolot_infer::Error),
    /// The model answers in other labels than this program knows.
    #[error(
        "the model in {folder} has other {kind} labels than this program; use the model that was released with it"
    )]
    ModelLabels {
        /// The model's folder.
        folder: PathBuf,
        /// Polarity, intent or topic.
        kind: &'static str,
    },
    /// The data folder failed.
    #[error(transparent)]
    Index(#[from] echolot_index::Error),
    /// Input or output of a stream failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// No feedback is stored about this product.
    #[error("no feedback about the product `{product}`; known are: {known}")]
    UnknownProduct {
        /// What was asked for.
        product: String,
        /// What there is.
        known: String,
    },
    /// No feedback is stored about this release.
    #[error("no feedback about release `{release}` of `{product}`; known are: {known}")]
    UnknownRelease {
        /// The product.
        product: String,
        /// What was asked for.
        release: String,
        /// What there is.
        known: String,
    },
    /// There is no such theme.
    #[error("there is no theme {0}; `echolot themes` lists them")]
    UnknownTheme(ThemeId),
    /// The theme has ended, and its number leads nowhere.
    #[error("theme {0} has ended; `echolot themes ledger {0}` says what became of it")]
    EndedTheme(ThemeId),
    /// What was asked for cannot be done with a part of a theme.
    #[error("theme {part} is a part of theme {of}; `echolot themes split {of}` sets it free")]
    PartOfTheme {
        /// The sub-theme.
        part: ThemeId,
        /// The theme.
        of: ThemeId,
    },
    /// The theme cannot be split, as it has no sub-themes.
    #[error(
        "theme {0} has no sub-themes; `echolot themes discover` looks for them in large themes"
    )]
    NoParts(ThemeId),
    /// The feedback item has no opinion unit of this number.
    #[error("there is no opinion unit {id}#{unit}")]
    UnknownUnit {
        /// The feedback item.
        id: FeedbackId,
        /// The number of the unit.
        unit: u32,
    },
    /// There is no such edit.
    #[error("there is no edit {0}; `echolot themes ledger` lists them")]
    UnknownEdit(u64),
    /// Themes were last discovered before certificates were kept, or never.
    #[error("the themes have no certificate; `echolot themes discover` writes one")]
    NoCertificate,
    /// The edit was undone before.
    #[error("edit {edit} was undone by edit {by}")]
    UndoneBefore {
        /// The edit.
        edit: u64,
        /// The edit that undid it.
        by: u64,
    },
    /// What the edit changed was changed again.
    #[error(
        "edit {edit} cannot be undone before edit {later} ({kind}), which changed the same later"
    )]
    EditedLater {
        /// The edit.
        edit: u64,
        /// The later edit.
        later: u64,
        /// What kind of change that is.
        kind: &'static str,
    },
    /// The edit would leave everything as it is.
    #[error("{0}")]
    NothingToChange(String),
    /// An idempotency key was used for another body.
    #[error("this idempotency key was used for another body; take a new key for every delivery")]
    OtherBody,
    /// No run made such a generation.
    #[error("no run made generation {0}; edits and discoveries make generations too")]
    UnknownRun(u64),
    /// There is no such feedback item.
    #[error("there is no feedback item `{0}`")]
    UnknownFeedback(FeedbackId),
    /// The pages of a question went on to a generation that is not served any more.
    #[error("generation {asked} is no longer there, now it is {current}; ask again without cursor")]
    GenerationGone {
        /// The generation of the cursor.
        asked: u64,
        /// The one there is.
        current: u64,
    },
    /// A question needs the model, and there is none.
    #[error("there is no model to compare meanings: {reason}")]
    NoModel {
        /// Why it could not be opened.
        reason: String,
    },
    /// A taxonomy cannot be used.
    #[error("{name}: {}", crate::taxonomy::listed(mistakes))]
    Taxonomy {
        /// The file, or what else it is.
        name: String,
        /// What is wrong with it, in the order of its lines.
        mistakes: Vec<TaxonomyMistake>,
    },
    /// A filter or option has a value that cannot be.
    #[error("{key}: {reason}")]
    BadValue {
        /// The option or query parameter.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Who must act on a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Whoever asked: the question or a file is wrong.
    BadInput,
    /// Whoever configured the program.
    BadConfig,
    /// Whoever asked: there is no such thing.
    NotFound,
    /// Whoever asked: begin anew, what was there is there no more.
    Gone,
    /// Whoever asked: what there is stands against it.
    Conflict,
    /// Nobody: try again later.
    Busy,
    /// Whoever installed the program: a part is missing.
    NotReady,
    /// Whoever runs the machine, or the makers of the program.
    Internal,
}

impl Error {
    /// Who must act.
    pub fn blame(&self) -> Blame {
        use echolot_index::Error as Index;
        match self {
            Self::Config(_) | Self::Redaction(_) => Blame::BadConfig,
            Self::Ingest(_)
            | Self::BadValue { .. }
            | Self::Taxonomy { .. }
            | Self::Index(
                Index::Query { .. } | Index::UnknownColumn { .. } | Index::NoVectors { .. },
            ) => Blame::BadInput,
            Self::UnknownProduct { .. }
            | Self::UnknownRelease { .. }
            | Self::UnknownTheme(_)
            | Self::UnknownFeedback(_)
            | Self::UnknownUnit { .. }
            | Self::UnknownEdit(_)
            | Self::UnknownRun(_)
            | Self::NoCertificate
            | Self::Index(
                Index::NotFound { .. }
                | Index::UnknownAttribute { .. }
                | Index::UnknownOwnTopic { .. }
                | Index::UnknownKey(_)
                | Index::UnknownGeneration { .. },
            ) => Blame::NotFound,
            Self::GenerationGone { .. } => Blame::Gone,
            Self::EndedTheme(_)
            | Self::PartOfTheme { .. }
            | Self::NoParts(_)
            | Self::UndoneBefore { .. }
            | Self::EditedLater { .. }
            | Self::OtherBody
            | Self::NothingToChange(_) => Blame::Conflict,
            Self::Index(Index::Busy { .. }) => Blame::Busy,
            Self::NoModel { .. }
            | Self::Model(_)
            | Self::ModelLabels { .. }
            | Self::Index(Index::Format { .. }) => Blame::NotReady,
            Self::Index(_) | Self::Io(_) => Blame::Internal,
        }
    }
}
