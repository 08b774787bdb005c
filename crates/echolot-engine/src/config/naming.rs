//! The configuration of names from a language model.

use std::path::PathBuf;

use serde::Deserialize;

use super::{ConfigError, given, require};

/// A language model that suggests names of themes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamingConfig {
    /// The address under which `chat/completions` answers, without a slash at
    /// its end.
    pub endpoint: String,
    /// The name of the model there.
    pub model: String,
    /// The file that holds the key; none where no key is needed.
    pub key_file: Option<PathBuf>,
    /// Seconds until a request is given up.
    pub timeout_s: u64,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawNaming {
    endpoint: String,
    model: String,
    key_file: PathBuf,
    timeout_s: u64,
}

impl RawNaming {
    /// None where no endpoint is given.
    pub(super) fn check(self) -> Result<Option<NamingConfig>, ConfigError> {
        require(self.timeout_s > 0, "naming.timeout_s", "must be at least 1")?;
        let endpoint = self.endpoint.trim().trim_end_matches('/').to_owned();
        if endpoint.is_empty() {
            return Ok(None);
        }
        let host = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
        require(
            host.is_some_and(|host| !host.is_empty()),
            "naming.endpoint",
            "must be an address such as http://127.0.0.1:11434/v1",
        )?;
        require(
            !self.model.trim().is_empty(),
            "naming.model",
            "must name a model of the endpoint",
        )?;
        Ok(Some(NamingConfig {
            endpoint,
            model: self.model.trim().to_owned(),
            key_file: given(self.key_file),
            timeout_s: self.timeout_s,
        }))
    }
}
