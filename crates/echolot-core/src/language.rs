//! The language of a text, as an ISO 639-1 code.

use std::fmt;

/// An ISO 639-1 code in lower case, or [`Language::UNKNOWN`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 2]);

impl Language {
    /// German.
    pub const GERMAN: Self = Self(*b"de");
    /// English.
    pub const ENGLISH: Self = Self(*b"en");
    /// No language could be told: an answer, not an error.
    pub const UNKNOWN: Self = Self(*b"xx");

    /// Reads the first subtag of a language tag: `de`, `de-CH` and `de_AT` are
    /// all German. Anything else than two letters is none.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let code = tag.trim().split(['-', '_']).next().unwrap_or("").as_bytes();
        let [a, b] = code else { return None };
        (a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
            .then(|| Self([a.to_ascii_lowercase(), b.to_ascii_lowercase()]))
    }

    /// The two-letter code; `xx` when unknown.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("xx")
    }

    /// Whether a language was told.
    pub fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_first_subtag() {
        assert_eq!(Language::from_tag("de-CH"), Some(Language::GERMAN));
        assert_eq!(Language::from_tag(" EN_us "), Some(Language::ENGLISH));
        assert_eq!(Language::from_tag("deu"), None);
        assert_eq!(Language::from_tag("d1"), None);
        assert_eq!(Language::from_tag(""), None);
    }
}
