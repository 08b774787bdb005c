//! A JSON list of objects, or objects over several lines, one at a time.

use std::io::{self, BufRead};

use super::jsonl::{Objects, RAW_BYTES};
use super::lines::{MAX_ROW_BYTES, TOO_LONG};
use super::{Delivered, Deliveries, IngestError, Intake, Reader, deliveries};

pub(super) fn read(reader: Box<dyn BufRead + Send>, intake: Intake) -> Deliveries {
    let elements = Elements { reader, line: 1, depth: Depth::Outside };
    deliveries(Json { elements, element: Vec::new(), objects: Objects::default(), intake })
}

struct Json {
    elements: Elements,
    element: Vec<u8>,
    objects: Objects,
    intake: Intake,
}

impl Reader for Json {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError> {
        let found = self.elements.read(&mut self.element);
        let line = self.elements.line;
        let Some(found) = found.map_err(|source| self.intake.broke_off(line, source))? else {
            return Ok(None);
        };
        let start = &self.element[..RAW_BYTES.min(self.element.len())];
        Ok(Some(match found.end {
            End::Whole => self.objects.judge(&self.element, found.line, &self.intake),
            End::TooLong => {
                self.intake.reject(found.line, TOO_LONG, &String::from_utf8_lossy(start))
            }
            End::Missing => {
                let reason = "the file ends in the middle of this element";
                self.intake.reject(found.line, reason, &String::from_utf8_lossy(start))
            }
        }))
    }
}

/// Splits a list into its elements by their brackets and strings alone; what
/// an element is worth is found out when it is parsed.
struct Elements {
    reader: Box<dyn BufRead + Send>,
    line: u64,
    depth: Depth,
}

/// Whether the elements stand in a list. One file may hold several lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Outside,
    InList,
}

struct Found {
    line: u64,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    TooLong,
    Missing,
}

/// Where in an element the scan is.
///
/// No string goes over the end of a line in JSON. One that does has lost a
/// quote: the element is broken, and it ends at the latest before the next
/// line that begins with an object, so that it does not swallow the rest of
/// the file.
#[derive(Default)]
struct Scan {
    num_open: usize,
    place: Place,
    is_broken: bool,
    is_line_start: bool,
}

#[derive(Default, PartialEq, Eq)]
enum Place {
    #[default]
    Structure,
    String,
    /// Behind a backslash in a string.
    Escape,
}

impl Elements {
    /// Reads the next element into `element`, `None` at the end of the file.
    fn read(&mut self, element: &mut Vec<u8>) -> io::Result<Option<Found>> {
        element.clear();
        let Some(first) = self.skip_to_element()? else {
            return match self.depth {
                Depth::Outside => Ok(None),
                Depth::InList => Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the list is not closed; the file is cut off",
                )),
            };
        };
        let line = self.line;
        let mut scan = Scan::default();
        let mut is_too_long = false;
        if matches!(first, b'}' | b']') {
            // A bracket that closes nothing is an element of its own, so that
            // it is reported and passed.
            element.push(first);
            self.reader.consume(1);
            return Ok(Some(Found { line, end: End::Whole }));
        }
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                // A bare word may end with the file; an object may not.
                let is_open = scan.num_open > 0 || scan.place != Place::Structure;
                let end = if is_open { End::Missing } else { End::Whole };
                return Ok(Some(Found { line, end }));
            }
            let mut used = 0;
            let mut is_over = false;
            for &byte in chunk {
                match scan.step(byte) {
                    Step::Inside => used += 1,
                    Step::Last => {
                        used += 1;
                        is_over = true;
                        break;
                    }
                    Step::After => {
                        is_over = true;
                        break;
                    }
                }
            }
            self.line += chunk[..used].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            let room = MAX_ROW_BYTES.saturating_sub(element.len());
            is_too_long |= used > room;
            element.extend_from_slice(&chunk[..used.min(room)]);
            self.reader.consume(used);
            if is_over {
                let end = if is_too_long { End::TooLong } else { End::Whole };
                return Ok(Some(Found { line, end }));
            }
        }
    }

    /// Passes blanks, commas and the brackets of the list.
    fn skip_to_element(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(&byte) = self.reader.fill_buf()?.first() else { return Ok(None) };
            match byte {
                b'\n' => self.line += 1,
                b'[' if self.depth == Depth::Outside => self.depth = Depth::InList,
                b']' if self.depth == Depth::InList => self.depth = Depth::Outside,
                b' ' | b'\t' | b'\r' | b',' => {}
                _ => return Ok(Some(byte)),
            }
            self.reader.consume(1);
        }
    }
}

/// What one byte means for the element.
enum Step {
    Inside,
    Last,
    After,
}

impl Scan {
    fn step(&mut self, byte: u8) -> Step {
        if self.is_broken && self.is_line_start && byte == b'{' {
            return Step::After;
        }
        self.is_line_start =
            byte == b'\n' || self.is_line_start && matches!(byte, b' ' | b'\t' | b'\r');
        if self.place != Place::Structure && byte == b'\n' {
            self.place = Place::Structure;
            self.is_broken = true;
        }
        match (&self.place, byte) {
            (Place::Structure, _) => return self.step_structure(byte),
            (Place::String, b'\\') => self.place = Place::Escape,
            (Place::String, b'"') => {
                self.place = Place::Structure;
                if self.num_open == 0 {
                    return Step::Last;
                }
            }
            (Place::String, _) => {}
            (Place::Escape, _) => self.place = Place::String,
        }
        Step::Inside
    }

    fn step_structure(&mut self, byte: u8) -> Step {
        match byte {
            b'"' => self.place = Place::String,
            b'{' | b'[' => self.num_open += 1,
            b'}' | b']' if self.num_open <= 1 => {
                return if self.num_open == 1 { Step::Last } else { Step::After };
            }
            b'}' | b']' => self.num_open -= 1,
            b',' | b' ' | b'\t' | b'\r' | b'\n' if self.num_open == 0 => return Step::After,
            _ => {}
        }
        Step::Inside
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::ingest::SourceOptions;
    use crate::ingest::tests::show_all;

    fn check(text: &str, expected: &Expect) {
        let read_by = |capacity| {
            let reader = BufReader::with_capacity(capacity, Cursor::new(text.to_owned()));
            let options = SourceOptions::default();
            let intake = Intake { name: "list.json".to_owned(), options };
            show_all(read(Box::new(reader), intake))
        };
        let shown = read_by(1 << 16);
        for capacity in [1, 7] {
            assert_eq!(read_by(capacity), shown, "read by {capacity} bytes");
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_list_is_read_element_by_element() {
        check(
            "[{\"id\":1,\"text\":\"a ] \\\" } b\"},\n 7, {\"id\":2,\n\"text\":\"c\",\"x\":[1,{}]}\n]\n",
            &expect![[r#"
                1
                  text: "a ] \" } b"
                line 2: the row is not a JSON object | 7
                2
                  text: "c"
                  x ~ [1,{}]
            "#]],
        );
        check("[ ]", &expect![[""]]);
    }

    #[test]
    fn objects_over_several_lines_are_read_without_a_list() {
        check(
            "{\n \"id\": 1,\n \"text\": \"a\"\n}\n{\n \"id\": 2,\n \"text\": \"b\"\n}",
            &expect![[r#"
                1
                  text: "a"
                2
                  text: "b"
            "#]],
        );
    }

    #[test]
    fn a_broken_element_does_not_swallow_the_next() {
        check(
            "[{\"text\":\"a\"b\"},\n{\"id\":2,\"text\":\"c\"},\n}\n{\"text\":nul},{\"id\":3,\"text\":\"d\"}]",
            &expect![[r#"
                line 1: the row is not valid JSON: expected `,` or `}` at line 1 column 12 | {"text":"a"b"},
                2
                  text: "c"
                line 3: the row is not valid JSON: expected value at line 1 column 1 | }
                line 4: the row is not valid JSON: expected ident at line 1 column 12 | {"text":nul}
                3
                  text: "d"
            "#]],
        );
    }

    #[test]
    fn a_list_that_is_cut_off_is_an_error_after_its_elements() {
        check(
            "[{\"id\":1,\"text\":\"a\"},{\"id\":2,\"te",
            &expect![[r#"
                1
                  text: "a"
                line 1: the file ends in the middle of this element | {"id":2,"te
                error: list.json: reading broke off at line 1: the list is not closed; the file is cut off
            "#]],
        );
    }

    /// Any JSON value, not too deep.
    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            r#"[ a-c\[\]{}",\\\n]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((r#"[ab"\]{]{0,2}"#, inner), 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_elements_of_any_list_are_found(
            list in prop::collection::vec(json(), 0..6),
            is_pretty in any::<bool>(),
            capacity in 1_usize..40,
        ) {
            let text = if is_pretty {
                serde_json::to_string_pretty(&list)
            } else {
                serde_json::to_string(&list)
            };
            let reader = BufReader::with_capacity(capacity, Cursor::new(text.unwrap()));
            let reader = Box::new(reader);
            let mut elements = Elements { reader, line: 1, depth: Depth::Outside };
            let mut element = Vec::new();
            let mut found = Vec::new();
            while let Some(one) = elements.read(&mut element).unwrap() {
                prop_assert!(one.end == End::Whole);
                found.push(serde_json::from_slice::<Value>(&element).unwrap());
            }
            prop_assert_eq!(found, list);
        }
    }
}
