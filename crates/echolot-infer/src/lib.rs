//! Strings to vectors and label scores.
//!
//! [`Model`] reads a passage once and answers for the whole of it and for each
//! of its units: raw scores (logits) for polarity, topics and intents, a
//! graded score, and a vector whose cosine says how alike two texts are. It
//! knows strings, not feedback, and it is the only crate that names ONNX
//! Runtime and the tokenizer.
//!
//! A reading depends on its passage and the model alone: not on the other
//! passages of a call, their order, or the number of workers. Every window of
//! text is run in a batch of fixed shape, filled up with dummy rows, so the
//! same arithmetic is done for it wherever it stands.

mod encoder;
mod error;
mod fake;
mod heads;
mod manifest;
mod model;
mod passage;
mod pooling;
mod runtime;
mod windows;

pub use error::Error;
pub use fake::HashModel;
pub use manifest::{Decision, Labels, Manifest, RuntimeSource};
pub use model::{Analyse, Model};
pub use passage::{Passage, Reading, UnitScores};
pub use runtime::Runtime;
