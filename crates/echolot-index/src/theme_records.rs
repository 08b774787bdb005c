//! Themes, their prototypes, their ledger and people's edits, as they are written and read back.

use std::fmt;

use echolot_core::{Correction, Fingerprint, Judgement, Polarity, ThemeId, Timestamp, Topic};
use serde_json::Value;

use crate::records::RowId;

/// A theme, or a sub-theme, as it is kept between runs.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTheme {
    /// Its lasting id.
    pub id: ThemeId,
    /// The name the program gave it.
    pub label: String,
    /// The name a person gave it.
    pub name: Option<String>,
    /// Its distinctive terms, strongest first.
    pub terms: Vec<String>,
    /// The topic most of its units have.
    pub topic: Topic,
    /// Which way its units point.
    pub polarity: Polarity,
    /// How many units are in it, those of its sub-themes included.
    pub size: u64,
    /// The unit that stands for the theme: verbatim and unit number.
    pub representative: (RowId, u32),
    /// Further units worth showing.
    pub examples: Vec<(RowId, u32)>,
    /// The generation in which the theme first appeared.
    pub born: u64,
    /// Whether a person has said that it stays as it is.
    pub is_pinned: bool,
    /// Whether a person has taken it out of lists.
    pub is_hidden: bool,
    /// The theme it is a part of.
    pub parent: Option<ThemeId>,
    /// The theme its number leads to since it ended.
    pub successor: Option<ThemeId>,
    /// The generation in which it ended.
    pub ended: Option<u64>,
}

impl StoredTheme {
    /// The name people read: a person's where there is one.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.label)
    }

    /// What it is shown by.
    pub fn portrait(&self) -> Portrait {
        let Self { topic, polarity, representative, .. } = *self;
        let (terms, examples) = (self.terms.clone(), self.examples.clone());
        Portrait { topic, polarity, terms, representative, examples }
    }

    /// Lets it be shown by something else.
    pub fn repaint(&mut self, portrait: Portrait) {
        let Portrait { topic, polarity, terms, representative, examples } = portrait;
        (self.topic, self.polarity, self.representative) = (topic, polarity, representative);
        (self.terms, self.examples) = (terms, examples);
    }

    /// Whether it takes part in anything still.
    pub fn is_alive(&self) -> bool {
        self.ended.is_none()
    }
}

/// The number of a prototype, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PrototypeId(pub u32);

impl fmt::Display for PrototypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A group of units that were found together, by which a theme takes further
/// ones.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPrototype {
    /// Its number.
    pub id: PrototypeId,
    /// The theme or sub-theme that has it.
    pub theme: ThemeId,
    /// Which way its units point.
    pub polarity: Polarity,
    /// The integer sums of its members' vectors, one per dimension.
    pub centroid: Vec<i64>,
    /// How many units the sums hold.
    pub size: u64,
    /// The least similarity to the centroid with which a unit joins, -1..=1.
    pub threshold: f64,
}

/// Where a program puts a unit, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// The theme or sub-theme.
    pub theme: ThemeId,
    /// The prototype by which it is there.
    pub prototype: PrototypeId,
    /// Its cosine to the prototype, -1..=1.
    pub similarity: f64,
    /// How likely a discovery over all units would put it there too, 0..=1.
    pub confidence: f64,
}

/// A unit that counts in a theme, or in the sums of a prototype.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedUnit {
    /// The theme or sub-theme it is in.
    pub theme: Option<ThemeId>,
    /// The prototype whose sums hold it.
    pub prototype: Option<PrototypeId>,
    /// Its quantised embedding.
    pub vector: Vec<i8>,
}

/// Where one unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitState {
    /// The verbatim it is part of.
    pub row: RowId,
    /// Its number within the verbatim.
    pub unit: u32,
    /// The theme or sub-theme it is in.
    pub theme: Option<ThemeId>,
    /// The prototype whose sums hold it.
    pub prototype: Option<PrototypeId>,
    /// Whether a person has said where it belongs.
    pub is_fixed: bool,
}

/// Where a program put a unit whose words another unit repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equal {
    /// The prototype; none when it waits for a theme.
    pub prototype: Option<PrototypeId>,
    /// How sure that was, 0..=1, where it is known.
    pub confidence: Option<f64>,
}

/// When themes were last discovered among all units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The generation in which it was.
    pub generation: u64,
    /// How many units there were.
    pub units: u64,
    /// How many units have come since.
    pub units_since: u64,
    /// The fingerprint of the units and of how they were clustered: what has the
    /// same would be found again. None in discoveries before format 5.
    pub inputs: Option<Fingerprint>,
    /// How far the themes can be relied upon, as a document. None as before.
    pub certificate: Option<Value>,
}

/// One entry of the ledger of themes.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// The generation in which it happened.
    pub generation: u64,
    /// The theme it happened to.
    pub theme: ThemeId,
    /// What happened, e.g. `born` or `grown`.
    pub event: String,
    /// The particulars, and what the theme is from then on.
    pub detail: serde_json::Value,
}

/// Something a person has changed.
#[derive(Debug, Clone, PartialEq)]
pub struct EditRecord {
    /// Its number, from 1.
    pub number: u64,
    /// The generation it made.
    pub generation: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub author: String,
    /// What was changed.
    pub change: Change,
    /// The edit that undid it.
    pub undone_by: Option<u64>,
}

/// A change that a person made, with all that undoing it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A theme got a name, or lost it.
    Rename {
        /// The theme.
        theme: ThemeId,
        /// The name it has since.
        name: Option<String>,
        /// The name it had.
        before: Option<String>,
        /// Whether a language model suggested the name, so that nobody has decided
        /// on what the theme is.
        by_model: bool,
    },
    /// A theme was pinned, or is no longer.
    Pin {
        /// The theme.
        theme: ThemeId,
        /// Whether it is since.
        is_pinned: bool,
    },
    /// A theme was taken out of lists, or put back.
    Hide {
        /// The theme.
        theme: ThemeId,
        /// Whether it is hidden since.
        is_hidden: bool,
    },
    /// Themes became part of another.
    Merge {
        /// The theme that has their units since.
        into: ThemeId,
        /// The themes that ended.
        merged: Vec<MergedTheme>,
        /// What it was shown by before. None in edits before format 5.
        before: Option<Portrait>,
    },
    /// The sub-themes of a theme became themes.
    Split {
        /// The theme.
        theme: ThemeId,
        /// Its sub-themes.
        parts: Vec<ThemeId>,
        /// What it was shown by before. None in edits before format 5.
        before: Option<Portrait>,
    },
    /// Units were put to a theme, or out of all.
    Move {
        /// The theme they are in since.
        to: Option<ThemeId>,
        /// The units.
        units: Vec<MovedUnit>,
    },
    /// What the model says of verbatims was corrected.
    Correct {
        /// Why.
        note: Option<String>,
        /// What is said instead.
        corrections: Vec<CorrectedAnswer>,
    },
    /// An earlier edit was undone.
    Undo {
        /// Its number.
        edit: u64,
    },
}

/// What a theme is shown by, beside its name: what follows from its units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// The topic most of its units have.
    pub topic: Topic,
    /// Which way its units point.
    pub polarity: Polarity,
    /// Its distinctive terms, strongest first.
    pub terms: Vec<String>,
    /// The unit that stands for it: verbatim and unit number.
    pub representative: (RowId, u32),
    /// Further units worth showing.
    pub examples: Vec<(RowId, u32)>,
}

/// What a theme had when it was merged into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedTheme {
    /// The theme.
    pub theme: ThemeId,
    /// Its prototypes.
    pub prototypes: Vec<PrototypeId>,
    /// Its sub-themes.
    pub parts: Vec<ThemeId>,
    /// The units that people had put to it.
    pub fixed_units: Vec<(RowId, u32)>,
}

/// Where a unit was before it was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedUnit {
    /// The verbatim it is part of.
    pub row: RowId,
    /// Its number within the verbatim.
    pub unit: u32,
    /// The theme or sub-theme it was in.
    pub theme: Option<ThemeId>,
    /// Whether a person had put it there.
    pub was_fixed: bool,
}

/// What a person says instead of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectedAnswer {
    /// The verbatim that is meant.
    pub row: RowId,
    /// What is said of it.
    pub correction: Correction,
    /// What the model said then; none of spam, which it is not asked for.
    pub said: Option<Judgement>,
    /// The fingerprint of the words that the person read.
    pub text: Fingerprint,
}

impl Change {
    /// The word for this kind of change.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rename { .. } => "rename",
            Self::Pin { is_pinned: true, .. } => "pin",
            Self::Pin { is_pinned: false, .. } => "unpin",
            Self::Hide { is_hidden: true, .. } => "hide",
            Self::Hide { is_hidden: false, .. } => "unhide",
            Self::Merge { .. } => "merge",
            Self::Split { .. } => "split",
            Self::Move { .. } => "move",
            Self::Correct { .. } => "correct",
            Self::Undo { .. } => "undo",
        }
    }
}
