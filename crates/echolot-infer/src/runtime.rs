//! Finds and loads the shared library of ONNX Runtime.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::environment::Environment;

use crate::Error;

/// ONNX Runtime, loaded. There is one per process.
#[derive(Clone)]
pub struct Runtime {
    environment: Environment,
    library: PathBuf,
}

/// The library allows one environment per process, which is why the first one
/// stays.
static LOADED: OnceLock<Runtime> = OnceLock::new();

impl Runtime {
    /// Loads the first of `candidates` that exists. A process that has loaded
    /// the library goes on using it.
    ///
    /// # Errors
    /// [`Error::RuntimeMissing`] when none exists, naming all of them;
    /// [`Error::RuntimeUnusable`] when the file is no ONNX Runtime or too old.
    pub fn load(candidates: &[PathBuf]) -> Result<Self, Error> {
        let library = candidates
            .iter()
            .find(|path| path.is_file())
            .ok_or_else(|| Error::RuntimeMissing { looked_for: candidates.to_vec() })?;
        if let Some(loaded) = LOADED.get() {
            return Ok(loaded.clone());
        }
        let unusable = |reason: String| Error::RuntimeUnusable { library: library.clone(), reason };
        // The binding panics where a library is present but too old.
        let loaded = catch_unwind(AssertUnwindSafe(|| -> Result<Environment, String> {
            let builder = ort::init_from(library).map_err(|error| error.to_string())?;
            builder.with_telemetry(false).build().map_err(|error| error.to_string())
        }));
        let environment = loaded
            .unwrap_or_else(|_| Err("it is older than this program needs".to_owned()))
            .map_err(unusable)?;
        Ok(LOADED.get_or_init(|| Self { environment, library: library.clone() }).clone())
    }

    /// The library that was loaded.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// What the library says of its version and build.
    pub fn version(&self) -> &'static str {
        ort::info()
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_names_where_it_was_looked_for_and_the_remedy() {
        let error = Runtime::load(&[PathBuf::from("lib/libonnxruntime.so")]).err().unwrap();
        let message = error.to_string();
        assert!(
            message.contains("lib/libonnxruntime.so") && message.contains("make runtime"),
            "{message}"
        );
    }

    #[test]
    fn a_file_that_is_no_library_is_named() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let message = Runtime::load(&[PathBuf::from(file)]).err().unwrap().to_string();
        assert!(message.contains("Cargo.toml cannot be used as ONNX Runtime"), "{message}");
    }
}
