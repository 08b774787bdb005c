//! What can be wrong with a configured redaction pattern.

/// A redaction pattern that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The label could not be told from ordinary words once it stands in a text.
    #[error(
        "`{label}` cannot be a redaction label: use 1 to 32 capital letters A-Z and underscores, \
         beginning with a letter"
    )]
    Label {
        /// The label as configured.
        label: String,
    },
    /// The pattern is not a regular expression.
    #[error("the redaction pattern for {label} is not a regular expression")]
    Pattern {
        /// The label as configured.
        label: String,
        /// What the expression lacks.
        source: regex::Error,
    },
}
