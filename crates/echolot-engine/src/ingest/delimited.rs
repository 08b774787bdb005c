//! CSV, TSV and their kin: a header, and one record for each row.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, ReaderBuilder};
use serde_json::Value;

use super::columns::Layout;
use super::encoding::{Charset, Stream};
use super::item;
use super::jsonl::RAW_BYTES;
use super::lines::{MAX_ROW_BYTES, TOO_LONG};
use super::{Delivered, Deliveries, IngestError, Intake, Reader, SourceOptions, deliveries};

/// The delimiters that are tried, the most common first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many records of the sample are weighed for each delimiter.
const NUM_SAMPLE_RECORDS: usize = 100;

pub(super) fn read(
    stream: Stream,
    delimiter: u8,
    intake: Intake,
) -> Result<Deliveries, IngestError> {
    let mut records = Records::new(stream.reader, delimiter);
    let mut charset = stream.charset;
    let header = records.read().map_err(|source| intake.broke_off(1, source))?;
    let names = match header {
        Found::End => Vec::new(),
        Found::Record => records.fields(&mut charset).unwrap_or_default(),
        Found::Unclosed | Found::TooLong => {
            let problem = "the header is no row of column names: a quote in it is never closed";
            return Err(IngestError::Format { name: intake.name, problem });
        }
    };
    let layout = Layout::resolve(names, &intake.options).with_text(&intake.name)?;
    Ok(deliveries(Delimited { records, charset, layout, intake }))
}

/// The delimiter of a sample, and the header it gives: the one under which
/// most columns of the header are known and most records have as many fields
/// as the header.
pub(super) fn detect(sample: &[u8], charset: Charset) -> (u8, Vec<String>) {
    let mut best = None;
    for delimiter in DELIMITERS {
        let mut records = Records::new(Box::new(io::Cursor::new(sample.to_vec())), delimiter);
        let mut charset = charset;
        let mut header = Vec::new();
        let mut num_alike = 0;
        for number in 0..NUM_SAMPLE_RECORDS {
            let Ok(Found::Record) = records.read() else { break };
            if number == 0 {
                header = records.fields(&mut charset).unwrap_or_default();
            } else {
                num_alike += usize::from(records.num_fields() == header.len());
            }
        }
        let layout = Layout::resolve(header.clone(), &SourceOptions::default());
        let weight = (layout.num_known(), num_alike, header.len());
        if best.as_ref().is_none_or(|(most, _, _)| weight > *most) {
            best = Some((weight, delimiter, header));
        }
    }
    best.map_or((b',', Vec::new()), |(_, delimiter, header)| (delimiter, header))
}

struct Delimited {
    records: Records,
    charset: Charset,
    layout: Layout,
    intake: Intake,
}

impl Reader for Delimited {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError> {
        let found = self.records.read();
        let line = self.records.line;
        let reason = match found.map_err(|source| self.intake.broke_off(line, source))? {
            Found::End => return Ok(None),
            Found::Record => {
                let checked = self.item();
                let raw = || self.records.raw(self.charset);
                return Ok(Some(self.intake.judge(line, checked, raw)));
            }
            Found::Unclosed => "a quote that is opened in this line is never closed",
            Found::TooLong => TOO_LONG,
        };
        Ok(Some(self.intake.reject(line, reason, &self.records.raw(self.charset))))
    }
}

impl Delimited {
    fn item(&mut self) -> Result<echolot_core::Feedback, String> {
        let mut fields = self.records.fields(&mut self.charset)?;
        let expected = self.layout.names().len();
        // A delimiter too many at the end of the row is harmless.
        while fields.len() > expected && fields.last().is_some_and(|field| field.trim().is_empty())
        {
            fields.pop();
        }
        if fields.len() != expected {
            return Err(format!(
                "the header names {expected} columns, but the row has {}",
                fields.len()
            ));
        }
        let values = fields.into_iter().map(Value::String).collect();
        item::assemble(&self.layout, values, &self.intake.options)
    }
}

/// What was found where a record begins.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// A record, held until the next is read.
    Record,
    /// A quote that is not closed before the file ends or the record is too
    /// long; only its first line is taken, and reading goes on after it.
    Unclosed,
    /// A line longer than a record may be; it is skipped.
    TooLong,
    /// The end of the file.
    End,
}

/// Splits bytes into records and fields (RFC 4180; like the parser it is built
/// on, it reads something into anything). The bytes of the current record are
/// held, so that a rejected row is kept as it stands in the file, and so that
/// reading can go on behind the line of a stray quote instead of losing the
/// rest of the file.
struct Records {
    reader: Box<dyn BufRead + Send>,
    parser: csv_core::Reader,
    delimiter: u8,
    /// Bytes that were read: of the record, before it and after it.
    held: Vec<u8>,
    /// Where the record begins among the bytes held.
    start: usize,
    /// How long it is, in bytes.
    length: usize,
    fields: Vec<u8>,
    ends: Vec<usize>,
    num_ends: usize,
    /// The line in which the record begins, from 1.
    line: u64,
    /// Whether the byte before the record is a carriage return.
    after_return: bool,
}

impl Records {
    fn new(reader: Box<dyn BufRead + Send>, delimiter: u8) -> Self {
        Self {
            reader,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            held: Vec::new(),
            start: 0,
            length: 0,
            fields: vec![0; 4096],
            ends: vec![0; 64],
            num_ends: 0,
            line: 1,
            after_return: false,
        }
    }

    /// Reads the next record.
    fn read(&mut self) -> io::Result<Found> {
        self.pass();
        self.pass_blank_lines()?;
        let mut num_written = 0;
        let mut is_ending = false;
        self.num_ends = 0;
        loop {
            // A line break more ends the last record of a file, unless that
            // ends within quotes.
            let input = if is_ending { b"\n" } else { &self.held[self.start + self.length..] };
            let (result, num_read, num_out, num_ended) = self.parser.read_record(
                input,
                &mut self.fields[num_written..],
                &mut self.ends[self.num_ends..],
            );
            self.length += if is_ending { 0 } else { num_read };
            num_written += num_out;
            self.num_ends += num_ended;
            match result {
                ReadRecordResult::Record => return Ok(Found::Record),
                ReadRecordResult::End => return Ok(Found::End),
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty if is_ending && self.length == 0 => {
                    return Ok(Found::End);
                }
                ReadRecordResult::InputEmpty if is_ending => return self.give_up(Found::Unclosed),
                ReadRecordResult::InputEmpty if self.length > MAX_ROW_BYTES => {
                    return self.give_up(Found::TooLong);
                }
                ReadRecordResult::InputEmpty => is_ending = !self.fill()?,
            }
        }
    }

    /// Takes more bytes; `false` at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > self.held.len() / 2 {
            self.held.drain(..self.start);
            self.start = 0;
        }
        let chunk = self.reader.fill_buf()?;
        let num_bytes = chunk.len();
        self.held.extend_from_slice(chunk);
        self.reader.consume(num_bytes);
        Ok(num_bytes > 0)
    }

    /// Takes the first line of what is held as the record and starts anew
    /// behind it. A first line that is too long itself is skipped.
    fn give_up(&mut self, found: Found) -> io::Result<Found> {
        self.parser = ReaderBuilder::new().delimiter(self.delimiter).build();
        let rest = &self.held[self.start..];
        if let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.length = end + 1;
            return Ok(Found::Unclosed);
        }
        if found == Found::TooLong {
            self.held.truncate(self.start + RAW_BYTES);
            self.reader.skip_until(b'\n')?;
            // The break was skipped with the line, but counts as one.
            self.held.push(b'\n');
        }
        self.length = self.held.len() - self.start;
        Ok(found)
    }

    /// Goes behind the current record.
    fn pass(&mut self) {
        for &byte in &self.held[self.start..self.start + self.length] {
            self.line += u64::from(byte == b'\r' || byte == b'\n' && !self.after_return);
            self.after_return = byte == b'\r';
        }
        self.start += self.length;
        self.length = 0;
    }

    /// Passes blank lines, so that a record begins in the line of its first
    /// byte.
    fn pass_blank_lines(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.held[self.start..];
            self.length = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let has_more = self.length < rest.len();
            self.pass();
            if has_more || !self.fill()? {
                return Ok(());
            }
        }
    }

    /// The bytes of the current record.
    fn record(&self) -> &[u8] {
        &self.held[self.start..self.start + self.length]
    }

    fn num_fields(&self) -> usize {
        self.num_ends
    }

    /// The fields of the current record.
    fn fields(&self, charset: &mut Charset) -> Result<Vec<String>, String> {
        let mut start = 0;
        let ends = &self.ends[..self.num_ends];
        ends.iter()
            .map(|&end| {
                let field = charset.decode(&self.fields[start..end])?.into_owned();
                start = end;
                Ok(field)
            })
            .collect()
    }

    /// The beginning of the current record as it stands in the file.
    fn raw(&self, mut charset: Charset) -> String {
        let bytes = &self.record()[..self.length.min(RAW_BYTES)];
        match charset.decode(bytes) {
            Ok(text) => text.into_owned(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::tests::show_all;

    fn check(bytes: &[u8], expected: &Expect) {
        let stream = Stream::new(io::Cursor::new(bytes.to_vec())).unwrap();
        let (delimiter, _) = detect(&stream.sample, stream.charset);
        let options = SourceOptions::default();
        let intake = Intake { name: "rows.csv".to_owned(), options };
        let shown = match read(stream, delimiter, intake) {
            Ok(rows) => show_all(rows),
            Err(error) => format!("error: {error}\n"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn the_delimiter_is_told_by_header_and_records() {
        for (text, expected) in [
            ("id,text\n1,a;b\n", b','),
            ("id;text\n1;a,b,c\n2;a,b\n", b';'),
            ("id\ttext\n1\ta,b;c\n", b'\t'),
            ("id|text\n1|a,b\n", b'|'),
            ("\"a;b\";text\n1;2\n", b';'),
            ("text\nja, gut\nnein, nicht, nie\n", b';'),
        ] {
            assert_eq!(detect(text.as_bytes(), Charset::Utf8).0, expected, "{text}");
        }
    }

    #[test]
    fn quotes_hold_delimiters_breaks_and_quotes() {
        check(
            b"id,text\r\n\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n2,d\r\n3,\r\n4,e,,\r\n5,f,g\r\n6",
            &expect![[r#"
                1
                  text: "a, \"b\"\r\nc"
                2
                  text: "d"
                line 6: text is empty | 3,
                4
                  text: "e"
                line 8: the header names 2 columns, but the row has 3 | 5,f,g
                line 9: the header names 2 columns, but the row has 1 | 6
            "#]],
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_row() {
        check(
            b"id,text\n1,a\n2,\"b\n3,c\n4,d\n",
            &expect![[r#"
                1
                  text: "a"
                line 3: a quote that is opened in this line is never closed | 2,"b
                3
                  text: "c"
                4
                  text: "d"
            "#]],
        );
    }

    #[test]
    fn a_bare_carriage_return_ends_a_row() {
        check(
            b"id,text\r1,a\r2,b,c\r",
            &expect![[r#"
            1
              text: "a"
            line 3: the header names 2 columns, but the row has 3 | 2,b,c
        "#]],
        );
    }

    #[test]
    fn a_row_over_the_limit_is_rejected_and_the_next_is_read() {
        let mut bytes = b"id,text\n1,".to_vec();
        bytes.resize(17 * 1024 * 1024, b'x');
        bytes.extend_from_slice(b"\n2,b\n3,\"");
        bytes.resize(bytes.len() + 17 * 1024 * 1024, b'y');
        bytes.extend_from_slice(b"\n4,d\n");
        let stream = Stream::new(io::Cursor::new(bytes)).unwrap();
        let intake = Intake { name: "rows.csv".to_owned(), options: SourceOptions::default() };
        let rows = read(stream, b',', intake).unwrap();
        let seen: Vec<(String, u64)> = rows
            .map(|row| match row.unwrap() {
                Delivered::Item(item, _) => (item.id.to_string(), 0),
                Delivered::Rejected(rejection) => (rejection.reason, rejection.line),
            })
            .collect();
        let long = TOO_LONG.to_owned();
        assert_eq!(seen, [(long.clone(), 2), ("2".into(), 0), (long, 4), ("4".into(), 0)]);
    }

    #[test]
    fn a_nul_byte_rejects_its_row_only() {
        check(
            b"id,text\n1,a\0b\n2,c and something more\n",
            &expect![[r#"
            line 2: column `text` holds a NUL character; the file is damaged or in another encoding | 1,a\0b
            2
              text: "c and something more"
        "#]],
        );
    }

    #[test]
    fn without_a_text_column_the_columns_are_listed() {
        check(
            b"Nr,Ort,Freigabe\n1,Ulm,ja\n",
            &expect![[r#"
            error: rows.csv: no column holds the customers' words; the columns are `Nr`, `Ort`, `Freigabe`. Name the right one in echolot.toml, for example: columns = { "Nr" = "text" }
        "#]],
        );
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            rows in prop::collection::vec([r#"[ab ,;"\r\nü]{0,6}"#, r#"[ab ,;"\r\nü]{0,6}"#], 1..8),
            delimiter in prop::sample::select(DELIMITERS.to_vec()),
            capacity in 1_usize..40,
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = io::Cursor::new(writer.into_inner().unwrap());
            let reader = Box::new(io::BufReader::with_capacity(capacity, bytes));
            let mut records = Records::new(reader, delimiter);
            let mut found: Vec<Vec<String>> = Vec::new();
            while records.read().unwrap() == Found::Record {
                found.push(records.fields(&mut Charset::Utf8).unwrap());
            }
            let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
            prop_assert_eq!(found, rows);
        }
    }
}
