//! What can go wrong between a text and its scores.

use std::path::PathBuf;

/// Every error names the file it concerns and what mends it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder holds no model.
    #[error(
        "no model in {folder}: {source}; set `model.folder` to the folder that holds manifest.toml"
    )]
    ModelMissing {
        /// Where it was looked for.
        folder: PathBuf,
        /// Why it could not be read.
        source: std::io::Error,
    },
    /// The manifest is not what this program reads.
    #[error("{file} is not a model manifest: {source}")]
    Manifest {
        /// The manifest.
        file: PathBuf,
        /// What the parser says.
        source: Box<toml::de::Error>,
    },
    /// The manifest contradicts itself.
    #[error("{file}: {reason}")]
    Inconsistent {
        /// The manifest.
        file: PathBuf,
        /// The contradiction.
        reason: String,
    },
    /// A model file differs from the one in the manifest.
    #[error(
        "{file} is not the file the manifest names (size or SHA-256 differs); restore it from the repository or release"
    )]
    FileChanged {
        /// The file.
        file: PathBuf,
    },
    /// A model file cannot be read.
    #[error("cannot read a model file: {0}")]
    Io(#[from] std::io::Error),
    /// The tokenizer file cannot be used.
    #[error("{file} is not a tokenizer: {source}")]
    Tokenizer {
        /// The file.
        file: PathBuf,
        /// What the tokenizer library says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A text could not be cut into tokens.
    #[error("a text could not be tokenised: {0}")]
    Tokenise(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Most letters of a text are unknown to the model.
    #[error("the text is in a script that the model does not know")]
    UnknownScript,
    /// The heads file lacks a tensor or holds one of another shape.
    #[error("{file}: tensor `{tensor}` {reason}")]
    Heads {
        /// The file.
        file: PathBuf,
        /// The tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No ONNX Runtime library was found.
    #[error(
        "ONNX Runtime was not found (looked for {}); run `make runtime`, or set `runtime.library` \
         (environment: ECHOLOT_RUNTIME_LIBRARY) to the path of libonnxruntime 1.22 or newer",
        places(looked_for)
    )]
    RuntimeMissing {
        /// The places that were tried.
        looked_for: Vec<PathBuf>,
    },
    /// A library was found but is not a usable ONNX Runtime.
    #[error(
        "{library} cannot be used as ONNX Runtime: {reason}; run `make runtime` or set `runtime.library` to version 1.22 or newer"
    )]
    RuntimeUnusable {
        /// The library.
        library: PathBuf,
        /// Why.
        reason: String,
    },
    /// ONNX Runtime refused the model or a batch.
    #[error("ONNX Runtime failed on {what}: {source}")]
    Inference {
        /// What was being done.
        what: String,
        /// What it says.
        source: ort::Error,
    },
    /// The worker threads could not be started.
    #[error("cannot start the inference threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The first places, and how many more there were.
fn places(paths: &[PathBuf]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> =
        paths.iter().take(SHOWN).map(|path| path.display().to_string()).collect();
    if paths.len() > SHOWN {
        shown.push(format!("{} other places", paths.len() - SHOWN));
    }
    shown.join(", ")
}
