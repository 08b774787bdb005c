//! From one raw string to prepared text.
//!
//! A verbatim passes through here once, before anything is stored. [`prepare`]
//! hides personal data, normalises what is left and remembers where every byte
//! of the result stood in the original. The result is told its language by a
//! [`LanguageDetector`], cut into [`opinion_units`], and compared with others
//! by its [`duplicate_key`] and its [`near_signature`].
//!
//! Nothing here reads a file, a clock or the environment, and nothing but the
//! compilation of a configured pattern can fail.
//!
//! ```
//! use echolot_core::Language;
//! use echolot_text::{Redactor, opinion_units, prepare};
//!
//! let prepared = prepare("Tolle App&nbsp;! Fragen an max@firma.de, aber schnell.", &Redactor::standard());
//! assert_eq!(prepared.redacted, "Tolle App&nbsp;! Fragen an [EMAIL*****], aber schnell.");
//! assert_eq!(prepared.clean, "Tolle App ! Fragen an EMAIL, aber schnell.");
//!
//! let units = opinion_units(&prepared.clean, Language::GERMAN);
//! let span = prepared.original_span(units[0].clone());
//! assert_eq!(span.of(&prepared.redacted), "Tolle App&nbsp;! ");
//! ```

mod duplicates;
mod error;
mod language;
mod markup;
mod normalise;
mod offsets;
mod prepare;
mod redact;
mod units;

pub use duplicates::{
    NEAR_DUPLICATE, NearSignature, duplicate_key, near_signature, near_similarity,
};
pub use error::Error;
pub use language::{Detection, LanguageDetector};
pub use prepare::{Prepared, prepare};
pub use redact::{PiiSpan, Redactor};
pub use units::opinion_units;
