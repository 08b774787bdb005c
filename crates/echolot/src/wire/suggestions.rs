//! Suggested names of themes in JSON.

use serde::Serialize;

/// What a language model suggests for themes.
#[derive(Debug, Serialize)]
pub(crate) struct SuggestionsJson {
    /// The generation whose themes were looked at.
    pub(crate) generation: u64,
    /// The model.
    pub(crate) model: String,
    /// One for each theme that was asked about, by volume.
    pub(crate) suggestions: Vec<SuggestionJson>,
}

/// What a language model suggests for one theme.
#[derive(Debug, Serialize)]
pub(crate) struct SuggestionJson {
    /// The theme's number.
    pub(crate) theme: u32,
    /// The name the program gave it.
    pub(crate) label: String,
    /// The suggested name; null when the answer is none.
    pub(crate) name: Option<String>,
    /// Why the answer is no name; null when it is one.
    pub(crate) reason: Option<String>,
    /// The number of the edit that gave it the name; null when none did.
    pub(crate) edit: Option<u64>,
}
