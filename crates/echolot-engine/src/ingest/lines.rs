//! Lines of bounded length.

use std::io::{self, BufRead, Read};

/// The longest line, element or record that is taken in, in bytes.
pub(super) const MAX_ROW_BYTES: usize = 16 * 1024 * 1024;

/// The reason why a longer one is refused.
pub(super) const TOO_LONG: &str = "the row is longer than 16 MiB";

/// The lines of a text, counted from 1.
pub(super) struct Lines {
    reader: Box<dyn BufRead + Send>,
    number: u64,
    bytes: Vec<u8>,
}

/// One line.
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its bytes without the line break; the beginning of a line too long.
    pub(super) bytes: &'a [u8],
    /// Whether it is longer than a line may be.
    pub(super) is_too_long: bool,
}

impl Lines {
    pub(super) fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self { reader, number: 0, bytes: Vec::new() }
    }

    /// The number of the line that is read next.
    pub(super) fn next_number(&self) -> u64 {
        self.number + 1
    }

    /// The next line, `None` at the end. Of a line too long only the beginning
    /// is held; the rest is skipped.
    pub(super) fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        self.bytes.clear();
        let limit = MAX_ROW_BYTES as u64 + 1;
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.bytes)?;
        if length == 0 {
            return Ok(None);
        }
        let is_too_long = length as u64 == limit && !self.bytes.ends_with(b"\n");
        if is_too_long {
            self.reader.skip_until(b'\n')?;
        }
        self.number += 1;
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line { number: self.number, bytes, is_too_long }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn lines_lose_their_break_and_keep_their_number() {
        let mut lines = Lines::new(Box::new(Cursor::new(b"a\r\n\nb".to_vec())));
        let mut seen = Vec::new();
        while let Some(line) = lines.read().unwrap() {
            seen.push((line.number, line.bytes.to_vec()));
        }
        assert_eq!(seen, [(1, b"a".to_vec()), (2, Vec::new()), (3, b"b".to_vec())]);
    }

    #[test]
    fn a_line_too_long_is_skipped_and_the_next_is_read() {
        let long = io::repeat(b'x').take(MAX_ROW_BYTES as u64 + 10);
        let exact = io::repeat(b'y').take(MAX_ROW_BYTES as u64);
        let text = exact.chain(&b"\n"[..]).chain(long).chain(&b"\nrest"[..]);
        let mut lines = Lines::new(Box::new(io::BufReader::new(text)));
        assert!(!lines.read().unwrap().unwrap().is_too_long);
        assert!(lines.read().unwrap().unwrap().is_too_long);
        let last = lines.read().unwrap().unwrap();
        assert_eq!((last.number, last.bytes, last.is_too_long), (3, &b"rest"[..], false));
        assert!(lines.read().unwrap().is_none());
    }
}
