//! A content fingerprint that is the same on every machine.

use std::fmt;

/// 128 bits of a BLAKE3 hash.
///
/// Two different contents share a fingerprint with a probability of about
/// n² / 2¹²⁹ for n contents, which is negligible at any size this program
/// meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of a sequence of parts. Each part is preceded by its
    /// length, so `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(bytes)
    }

    /// The fingerprint of one text.
    pub fn of_text(text: &str) -> Self {
        Self::of([text.as_bytes()])
    }

    /// The fingerprint of the words of a text, letter case and white space apart.
    pub fn of_words(text: &str) -> Self {
        let mut lower = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            lower.extend(word.chars().flat_map(char::to_lowercase));
            lower.push(' ');
        }
        Self::of_text(&lower)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(Fingerprint::of([&b"ab"[..], b"c"]), Fingerprint::of([&b"a"[..], b"bc"]));
        assert_eq!(Fingerprint::of_text("x"), Fingerprint::of([&b"x"[..]]));
    }

    #[test]
    fn case_and_white_space_make_no_other_words() {
        let words = Fingerprint::of_words;
        assert_eq!(words("  Über\tALLES gut\n"), words("über alles GUT"));
        assert_ne!(words("alles gut."), words("alles gut"));
    }

    #[test]
    fn is_written_as_thirty_two_hex_digits() {
        assert_eq!(Fingerprint([0xab; 16]).to_string(), "ab".repeat(16));
    }
}
