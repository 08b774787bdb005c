//! A set of texts with vectors, as a pair of files that Python reads as well.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use echolot_core::Language;
use serde_json::{Value, json};

/// One text of a set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) text: String,
    pub(crate) language: Language,
    /// The group it belongs to; none where it belongs to none.
    pub(crate) label: Option<String>,
    /// What it is about, where the set holds several products.
    pub(crate) product: Option<String>,
}

/// Texts and their vectors.
pub(crate) struct Set {
    pub(crate) rows: Vec<Row>,
    dims: usize,
    /// The vectors, one after the other.
    vectors: Vec<i8>,
}

impl Set {
    /// Reads `NAME.jsonl` and `NAME.i8` (signed bytes, row by row) of a folder.
    pub(crate) fn read(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let lines = fs_err::read_to_string(folder.join(format!("{name}.jsonl")))?;
        let rows: Vec<Row> = lines.lines().map(read_row).collect::<anyhow::Result<_>>()?;
        let bytes = fs_err::read(folder.join(format!("{name}.i8")))?;
        ensure!(!rows.is_empty() && bytes.len().is_multiple_of(rows.len()), "{name} is not whole");
        let dims = bytes.len() / rows.len();
        Ok(Self { rows, dims, vectors: bytes.into_iter().map(u8::cast_signed).collect() })
    }

    pub(crate) fn dims(&self) -> usize {
        self.dims
    }

    pub(crate) fn vector(&self, row: usize) -> &[i8] {
        &self.vectors[row * self.dims..][..self.dims]
    }
}

fn read_row(line: &str) -> anyhow::Result<Row> {
    let row: Value = serde_json::from_str(line)?;
    let text = |field: &str| row[field].as_str().map(str::to_owned);
    Ok(Row {
        text: text("text").context("a row has a text")?,
        language: Language::from_tag(row["lang"].as_str().unwrap_or_default())
            .unwrap_or(Language::UNKNOWN),
        label: text("label"),
        product: text("product"),
    })
}

/// Writes rows as they come, for sets larger than one wants to hold.
pub(crate) struct SetWriter {
    rows: BufWriter<fs_err::File>,
    vectors: BufWriter<fs_err::File>,
}

impl SetWriter {
    pub(crate) fn create(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let create = |kind| fs_err::File::create(folder.join(format!("{name}.{kind}")));
        Ok(Self { rows: BufWriter::new(create("jsonl")?), vectors: BufWriter::new(create("i8")?) })
    }

    pub(crate) fn push(&mut self, row: &Row, vector: &[i8]) -> anyhow::Result<()> {
        let json = json!({
            "text": row.text,
            "lang": row.language.code(),
            "label": row.label,
            "product": row.product,
        });
        writeln!(self.rows, "{json}")?;
        let bytes: Vec<u8> = vector.iter().map(|x| x.cast_unsigned()).collect();
        Ok(self.vectors.write_all(&bytes)?)
    }

    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.rows.flush()?;
        Ok(self.vectors.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let row = |text: &str, label: Option<&str>| Row {
            text: text.to_owned(),
            language: Language::GERMAN,
            label: label.map(str::to_owned),
            product: None,
        };
        let rows = [row("Zu \"spät\"\n", Some("late")), row("gut", None)];
        let mut writer = SetWriter::create(folder.path(), "two").unwrap();
        writer.push(&rows[0], &[1, -2, 127]).unwrap();
        writer.push(&rows[1], &[0, 0, -127]).unwrap();
        writer.finish().unwrap();
        let set = Set::read(folder.path(), "two").unwrap();
        assert_eq!(set.rows, rows);
        assert_eq!((set.vector(0), set.vector(1)), (&[1, -2, 127][..], &[0, 0, -127][..]));
    }
}
