//! JSON lines: one object on each line.

use std::io::BufRead;

use serde_json::Value;

use super::columns::Layout;
use super::encoding::not_utf8;
use super::item;
use super::lines::{Lines, TOO_LONG};
use super::{Delivered, Deliveries, IngestError, Intake, Reader, SourceOptions, deliveries};

pub(super) fn read(reader: Box<dyn BufRead + Send>, intake: Intake) -> Deliveries {
    deliveries(JsonLines { lines: Lines::new(reader), objects: Objects::default(), intake })
}

struct JsonLines {
    lines: Lines,
    objects: Objects,
    intake: Intake,
}

impl Reader for JsonLines {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError> {
        loop {
            let number = self.lines.next_number();
            let line = self.lines.read().map_err(|source| self.intake.broke_off(number, source))?;
            let Some(line) = line else { return Ok(None) };
            let is_first = line.number == 1;
            let bytes = match line.bytes.strip_prefix(b"\xef\xbb\xbf") {
                Some(rest) if is_first => rest,
                _ => line.bytes,
            };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            if line.is_too_long {
                let raw = String::from_utf8_lossy(&bytes[..RAW_BYTES.min(bytes.len())]);
                return Ok(Some(self.intake.reject(line.number, TOO_LONG, &raw)));
            }
            return Ok(Some(self.objects.judge(bytes, line.number, &self.intake)));
        }
    }
}

/// Enough bytes for the characters of a rejected row that are kept.
pub(super) const RAW_BYTES: usize = 4 * super::MAX_RAW_CHARS;

/// JSON objects, which mostly have the same keys as the one before.
#[derive(Default)]
pub(super) struct Objects {
    layout: Option<Layout>,
}

impl Objects {
    /// Judges the bytes of one object in the line `number`.
    pub(super) fn judge(&mut self, bytes: &[u8], number: u64, intake: &Intake) -> Delivered {
        let checked = match std::str::from_utf8(bytes) {
            Ok(text) => serde_json::from_str(text)
                .map_err(|error| format!("the row is not valid JSON: {error}"))
                .and_then(|json| self.item(json, &intake.options)),
            Err(error) => Err(not_utf8(&error)),
        };
        let raw = || String::from_utf8_lossy(&bytes[..RAW_BYTES.min(bytes.len())]).into_owned();
        intake.judge(number, checked, raw)
    }

    fn item(
        &mut self,
        json: Value,
        options: &SourceOptions,
    ) -> Result<echolot_core::Feedback, String> {
        let Value::Object(object) = json else { return item::parse_item(json, options) };
        let (names, values): (Vec<String>, Vec<Value>) = object.into_iter().unzip();
        let layout = match self.layout.take() {
            Some(layout) if layout.names() == names => layout,
            _ => Layout::resolve(names, options),
        };
        let item = item::assemble(&layout, values, options);
        self.layout = Some(layout);
        item
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::ingest::{Delivered, SourceOptions, read_jsonl};

    fn reasons(bytes: &[u8]) -> Vec<(u64, String)> {
        let rows =
            read_jsonl(Cursor::new(bytes.to_vec()), "stdin", &SourceOptions::default()).unwrap();
        rows.map(|row| match row.unwrap() {
            Delivered::Item(item, _) => (0, item.body.verbatim()),
            Delivered::Rejected(rejection) => {
                assert_eq!(rejection.source, "stdin");
                assert!(rejection.raw.chars().count() <= 2_000);
                (rejection.line, rejection.reason)
            }
        })
        .collect()
    }

    #[test]
    fn bad_lines_are_rejected_and_reading_goes_on() {
        let seen = reasons(
            b"\xef\xbb\xbf{\"text\":\"a\"}\r\n\n{\"text\":\"\xff\"}\n{\"text\":\n\0\n[1]\n{\"text\":\"b\"}",
        );
        assert_eq!(
            seen,
            [
                (0, "a"),
                (3, "the row is not valid UTF-8 from its byte 10 on"),
                (4, "the row is not valid JSON: EOF while parsing a value at line 1 column 8"),
                (5, "the row is not valid JSON: expected value at line 1 column 1"),
                (6, "the row is not a JSON object"),
                (0, "b"),
            ]
            .map(|(line, reason)| (line, reason.to_owned()))
        );
    }

    #[test]
    fn deep_nesting_is_rejected() {
        let deep =
            format!("{{\"text\":\"a\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let seen = reasons(deep.as_bytes());
        assert!(seen[0].1.contains("recursion limit exceeded"), "{seen:?}");
    }

    #[test]
    fn a_line_over_the_limit_is_rejected() {
        let mut bytes = b"{\"text\":\"".to_vec();
        bytes.resize(17 * 1024 * 1024, b'x');
        bytes.extend_from_slice(b"\"}\n{\"text\":\"b\"}\n");
        let seen = reasons(&bytes);
        assert_eq!(seen, [(1, super::TOO_LONG.to_owned()), (0, "b".to_owned())]);
    }
}
