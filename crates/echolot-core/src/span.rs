//! Stretches of text, counted in characters.

use std::ops::Range;

/// A stretch of a verbatim: characters (Unicode scalar values) from `start`
/// up to, not including, `end`, counted in the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CharSpan {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

impl CharSpan {
    /// A span from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span must not end before it starts: {start}..{end}");
        Self { start: start as u32, end: end as u32 }
    }

    /// Number of characters.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no character.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text of this span. Ends beyond the text are cut.
    pub fn of(self, text: &str) -> &str {
        &text[byte_range(text, self)]
    }
}

/// The bytes of `text` that `span` covers. Ends beyond the text are cut.
pub fn byte_range(text: &str, span: CharSpan) -> Range<usize> {
    let mut at = text.char_indices().map(|(byte, _)| byte).chain(std::iter::once(text.len()));
    let start = at.nth(span.start as usize).unwrap_or(text.len());
    if span.is_empty() {
        return start..start;
    }
    let end = at.nth(span.len() - 1).unwrap_or(text.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_characters_not_bytes() {
        let text = "für 👍 gut";
        assert_eq!(CharSpan::new(0, 3).of(text), "für");
        assert_eq!(CharSpan::new(4, 5).of(text), "👍");
        assert_eq!(CharSpan::new(6, 9).of(text), "gut");
        assert_eq!(CharSpan::new(6, 99).of(text), "gut");
        assert_eq!(CharSpan::new(2, 2).of(text), "");
        assert_eq!(CharSpan::new(50, 60).of(text), "");
    }
}
