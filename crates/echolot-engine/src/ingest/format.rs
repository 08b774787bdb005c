//! Which form a file has.

use std::path::Path;

use super::columns::Layout;
use super::delimited;
use super::encoding::{Charset, Stream};
use super::speech;
use super::{IngestError, Intake};

/// The forms of files that are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Format {
    JsonLines,
    Json,
    Delimited { delimiter: u8 },
    Transcript,
    Xlsx,
    Parquet,
}

impl Format {
    /// Recognises a file by its first bytes. The extension only decides what
    /// the content leaves open: whether a text without any row in it, or one
    /// that does not begin like JSON, was meant to be JSON.
    pub(super) fn recognise(
        stream: &Stream,
        path: &Path,
        intake: &Intake,
    ) -> Result<Self, IngestError> {
        let refuse = |problem| IngestError::Format { name: intake.name.clone(), problem };
        let sample = stream.sample.as_slice();
        match sample {
            [b'P', b'K', 3, 4, ..] if stream.is_compressed => {
                return Err(refuse("a compressed workbook cannot be read; decompress it first"));
            }
            [b'P', b'A', b'R', b'1', ..] if stream.is_compressed => {
                return Err(refuse(
                    "a compressed Parquet file cannot be read; decompress it first \
                     (Parquet is compressed inside)",
                ));
            }
            [b'P', b'K', 3, 4, ..] => return Ok(Self::Xlsx),
            [b'P', b'A', b'R', b'1', ..] => return Ok(Self::Parquet),
            [0xd0, 0xcf, 0x11, 0xe0, ..] => {
                return Err(refuse("this is a workbook of the old form; save it as .xlsx"));
            }
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                return Err(refuse("the file is compressed twice; decompress it first"));
            }
            _ if is_binary(sample) => {
                return Err(refuse(
                    "this is no text; the forms that can be read are JSON lines, JSON, CSV, TSV, \
                     chat transcripts, XLSX and Parquet",
                ));
            }
            _ => {}
        }
        let text = match (stream.charset, std::str::from_utf8(sample)) {
            (Charset::Windows1252, _) => {
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(sample).0
            }
            (_, Ok(text)) => text.into(),
            (_, Err(_)) => String::from_utf8_lossy(sample),
        };
        let start = text.trim_start();
        if start.is_empty() {
            return Ok(Self::JsonLines);
        }
        if let Some(rest) = start.strip_prefix('{') {
            let is_spread = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
            return Ok(if is_spread { Self::Json } else { Self::JsonLines });
        }
        if let Some(rest) = start.strip_prefix('[')
            && (rest.trim_start().is_empty() || rest.trim_start().starts_with(['{', ']']))
        {
            return Ok(Self::Json);
        }
        if claims_json(path) {
            return Err(refuse(
                "the file is named as JSON but does not begin with an object or a list of objects",
            ));
        }
        let (delimiter, header) = delimited::detect(sample, stream.charset);
        let has_text = Layout::resolve(header, &intake.options).has_text();
        Ok(if !has_text && is_transcript(&text) {
            Self::Transcript
        } else {
            Self::Delimited { delimiter }
        })
    }
}

/// Whether the name without `.gz` or `.zst` ends like that of a JSON file.
fn claims_json(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    [".json", ".jsonl", ".ndjson"].iter().any(|extension| name.ends_with(extension))
}

/// Control characters that no text holds, more than a damaged row would bring.
fn is_binary(sample: &[u8]) -> bool {
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c);
    sample.iter().filter(is_control).count() * 20 > sample.len()
}

fn is_transcript(text: &str) -> bool {
    let roles = text.lines().filter_map(|line| speech::utterance(line).map(|said| said.role));
    speech::has_two_roles(roles)
}
