//! Where each byte of a normalised text stood in the original.

use std::ops::Range;

use echolot_core::CharSpan;

/// A piece of the normalised text and the original characters behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// First byte in the normalised text.
    clean: u32,
    /// First character in the original.
    start: u32,
    /// One past the last character in the original.
    end: u32,
    /// Bytes of each character where the piece is a copy, character by
    /// character; zero where the piece as a whole replaces `start..end`.
    width: u8,
}

/// The map from bytes of a normalised text to characters of its original.
///
/// Copied stretches of equal character width are one piece, so that a lookup
/// is a binary search and one division, however long the text is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OffsetMap {
    pieces: Vec<Piece>,
    /// Length of the normalised text in bytes.
    len: usize,
}

impl OffsetMap {
    /// Appends one normalised character that stands for the original
    /// characters `source`. Sources must not run backwards; characters with
    /// the same source form one replacement.
    pub(crate) fn push(&mut self, char: char, source: Range<u32>) {
        let width = char.len_utf8() as u8;
        let is_copy = source.end - source.start == 1;
        let clean = self.len as u32;
        self.len += char.len_utf8();
        if let Some(last) = self.pieces.last_mut() {
            debug_assert!(source.start >= last.start, "sources must not run backwards");
            if is_copy && last.width == width && last.end == source.start {
                last.end = source.end;
                return;
            }
            if last.start == source.start && last.end == source.end {
                last.width = 0;
                return;
            }
        }
        let width = if is_copy { width } else { 0 };
        self.pieces.push(Piece { clean, start: source.start, end: source.end, width });
    }

    /// The map of a text to itself: from bytes to characters.
    pub(crate) fn identity(text: &str) -> Self {
        let mut map = Self::default();
        for (at, char) in (0..).zip(text.chars()) {
            map.push(char, at..at + 1);
        }
        map
    }

    /// The original characters behind the normalised bytes `clean`. A bound
    /// inside a character is widened to the whole character, one beyond the
    /// end is cut; an empty range stays empty.
    pub(crate) fn original(&self, clean: &Range<usize>) -> CharSpan {
        let start = self.source_of(clean.start).start;
        if clean.end <= clean.start || clean.start >= self.len {
            return CharSpan::new(start as usize, start as usize);
        }
        let end = self.source_of(clean.end.min(self.len) - 1).end;
        CharSpan::new(start as usize, end as usize)
    }

    /// The original characters behind one byte; the end of the last source
    /// for a byte beyond the text.
    fn source_of(&self, byte: usize) -> Range<u32> {
        if byte >= self.len {
            let end = self.pieces.last().map_or(0, |piece| piece.end);
            return end..end;
        }
        let byte = byte as u32;
        let next = self.pieces.partition_point(|piece| piece.clean <= byte);
        let piece = self.pieces[next - 1];
        if piece.width == 0 {
            return piece.start..piece.end;
        }
        let start = piece.start + (byte - piece.clean) / u32::from(piece.width);
        start..start + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "ü &amp; 👍" normalised to "ü & 👍".
    fn map() -> OffsetMap {
        let mut map = OffsetMap::default();
        map.push('ü', 0..1);
        map.push(' ', 1..2);
        map.push('&', 2..7);
        map.push(' ', 7..8);
        map.push('👍', 8..9);
        map
    }

    #[test]
    fn bytes_lead_to_characters() {
        let map = map();
        assert_eq!(map.original(&(0..2)), CharSpan::new(0, 1));
        assert_eq!(map.original(&(3..4)), CharSpan::new(2, 7));
        assert_eq!(map.original(&(2..9)), CharSpan::new(1, 9));
        assert_eq!(map.original(&(5..9)), CharSpan::new(8, 9));
    }

    #[test]
    fn odd_ranges_are_widened_or_cut() {
        let map = map();
        assert_eq!(map.original(&(1..1)), CharSpan::new(0, 0));
        assert_eq!(map.original(&(0..1)), CharSpan::new(0, 1));
        assert_eq!(map.original(&(6..7)), CharSpan::new(8, 9));
        assert_eq!(map.original(&(5..99)), CharSpan::new(8, 9));
        assert_eq!(map.original(&(50..99)), CharSpan::new(9, 9));
        assert_eq!(OffsetMap::default().original(&(0..1)), CharSpan::new(0, 0));
    }

    #[test]
    fn a_word_that_replaces_a_stretch_is_one_piece() {
        let mut map = OffsetMap::default();
        map.push('a', 0..1);
        for letter in "EMAIL".chars() {
            map.push(letter, 1..13);
        }
        map.push('b', 13..14);
        assert_eq!(map.pieces.len(), 3);
        assert_eq!(map.original(&(3..4)), CharSpan::new(1, 13));
        assert_eq!(map.original(&(6..7)), CharSpan::new(13, 14));
    }
}
