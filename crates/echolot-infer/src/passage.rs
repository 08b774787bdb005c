//! What goes into the model and what comes out of it.

use std::ops::Range;

/// A text to be read, with the units it should be judged by.
#[derive(Debug, Clone)]
pub struct Passage<'a> {
    /// The text, of any length; empty is allowed.
    pub text: &'a str,
    /// Byte ranges of the units in `text`, in order, without overlap.
    pub units: &'a [Range<usize>],
}

/// What the model says about one passage. All scores are raw (logits) but
/// `score`; [`crate::Labels`] names their columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// One per polarity label.
    pub polarity: Vec<f32>,
    /// Graded sentiment, -1..=1.
    pub score: f32,
    /// One per intent label.
    pub intents: Vec<f32>,
    /// One per topic label.
    pub topics: Vec<f32>,
    /// Unit-length vector of the whole passage.
    pub vector: Vec<f32>,
    /// One per unit of the passage, in order.
    pub units: Vec<UnitScores>,
}

/// What the model says about one unit, read in the context of its passage.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitScores {
    /// One per polarity label.
    pub polarity: Vec<f32>,
    /// One per topic label.
    pub topics: Vec<f32>,
    /// Unit-length vector of the unit.
    pub vector: Vec<f32>,
}
