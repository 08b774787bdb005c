//! Spellings that are the same to a reader.

/// Appends a character in lower case, an umlaut as two letters, so that both
/// spellings are one.
pub(crate) fn push_folded(folded: &mut String, c: char) {
    for c in c.to_lowercase() {
        match c {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            c => folded.push(c),
        }
    }
}
