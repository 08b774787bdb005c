//! The staging area: what a run has read and scored before anything is committed.
//!
//! ```text
//! staging/<content hash>/manifest.json     the shards of a staged run
//! staging/<content hash>/00000.in          input rows of a shard
//! staging/<content hash>/00000.<model>.out output rows, and beside them
//! staging/<content hash>/00000.<model>.out.receipt.json
//! ```
//! Row files hold length-prefixed postcard records inside zstd. Every file is
//! written beside its place, flushed and renamed; the receipt comes last, and
//! a receipt that is there means the shard is done. Because a staged run is
//! named by its content, a run that was killed finds its own work again.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use echolot_core::{Feedback, Fingerprint, Language, Polarity};
use fs_err as fs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::schema::FORMAT_VERSION;
use crate::shard::{InputRecord, OutputRecord, Partial, Receipt, ShardRow, ShardSpec, likeliest};

/// zstd's own default: beyond it, time grows faster than size falls.
const COMPRESSION_LEVEL: i32 = 3;
const MANIFEST: &str = "manifest.json";
/// Only the holder of the run lock stages, so one name is enough.
const INCOMING: &str = "incoming";

/// The staging area of a data folder.
#[derive(Debug, Clone)]
pub struct Staging {
    folder: PathBuf,
}

impl Staging {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Begins to collect the input of a run in shards of `rows_per_shard`
    /// rows (at least one). What an earlier, unfinished collection left is
    /// thrown away.
    pub fn stage(&self, rows_per_shard: usize) -> Result<StageWriter, Error> {
        let incoming = self.folder.join(INCOMING);
        remove_folder(&incoming)?;
        fs::create_dir_all(&incoming)?;
        Ok(StageWriter {
            staging: self.folder.clone(),
            incoming,
            rows_per_shard: rows_per_shard.max(1),
            open: Vec::new(),
            shards: Vec::new(),
            content: Fingerprint::of([&FORMAT_VERSION.to_le_bytes()[..]]),
        })
    }

    /// Reads the input rows of a shard.
    pub fn read_input(spec: &ShardSpec) -> Result<Vec<(Feedback, Fingerprint)>, Error> {
        let records: Vec<InputRecord> = read_records(spec.input_path())?;
        expect_rows(spec.input_path(), spec.num_rows(), records.len())?;
        records.into_iter().map(InputRecord::into_row).collect()
    }

    /// The receipt of a shard, if it is done by the models of `spec`. A
    /// receipt that cannot be read counts as none: the shard is done again.
    pub fn receipt(spec: &ShardSpec) -> Option<Receipt> {
        let bytes = fs::read(spec.receipt_path()).ok()?;
        let receipt: Receipt = serde_json::from_slice(&bytes).ok()?;
        let is_of_spec = receipt.shard_id == spec.shard_id && receipt.model_sha == spec.model_sha;
        (is_of_spec && spec.output_path().is_file()).then_some(receipt)
    }

    /// Writes the output rows of a shard and, when they are safely on disk,
    /// its receipt.
    pub fn write_output(spec: &ShardSpec, rows: &[ShardRow]) -> Result<Receipt, Error> {
        let mut receipt = Receipt {
            shard_id: spec.shard_id.clone(),
            model_sha: spec.model_sha.clone(),
            rows: rows.len() as u64,
            checksum_sum: 0,
            checksum_xor: 0,
            partials: count_partials(rows),
        };
        let mut records = RecordWriter::create(spec.output_path())?;
        for row in rows {
            let checksum = checksum(records.push(&OutputRecord::from(row))?);
            receipt.checksum_sum = receipt.checksum_sum.wrapping_add(checksum);
            receipt.checksum_xor ^= checksum;
        }
        records.finish()?;
        write_whole(&spec.receipt_path(), &serde_json::to_vec_pretty(&receipt)?)?;
        Ok(receipt)
    }

    /// Reads the output rows of a shard and holds them against its receipt.
    pub fn read_output(spec: &ShardSpec) -> Result<Vec<ShardRow>, Error> {
        let path = spec.output_path();
        let receipt = Self::receipt(spec)
            .ok_or_else(|| Error::damaged(spec.output_uri.as_str(), "there is no receipt"))?;
        let (mut sum, mut xor) = (0_u64, 0_u64);
        let mut rows = Vec::new();
        for_each_record(path, |bytes| {
            let checksum = checksum(bytes);
            sum = sum.wrapping_add(checksum);
            xor ^= checksum;
            let record: OutputRecord = postcard::from_bytes(bytes)?;
            rows.push(ShardRow::try_from(record)?);
            Ok(())
        })?;
        expect_rows(path, receipt.rows, rows.len())?;
        if (sum, xor) != (receipt.checksum_sum, receipt.checksum_xor) {
            return Err(Error::damaged(spec.output_uri.as_str(), "the checksums differ"));
        }
        Ok(rows)
    }

    /// Empties the staging area: after a committed run, or to give up the
    /// leftovers of abandoned ones.
    pub fn clear(&self) -> Result<(), Error> {
        remove_folder(&self.folder)?;
        fs::create_dir_all(&self.folder)?;
        Ok(())
    }

    /// The number of staged runs and unfinished collections that lie here.
    pub(crate) fn count_leftovers(&self) -> usize {
        fs::read_dir(&self.folder).map_or(0, |entries| entries.flatten().count())
    }
}

/// Collects the input of a run.
#[derive(Debug)]
pub struct StageWriter {
    staging: PathBuf,
    incoming: PathBuf,
    rows_per_shard: usize,
    open: Vec<InputRecord>,
    shards: Vec<u64>,
    content: Fingerprint,
}

impl StageWriter {
    /// Takes one redacted item and the fingerprint of it as delivered.
    pub fn push(&mut self, feedback: &Feedback, content: Fingerprint) -> Result<(), Error> {
        self.open.push(InputRecord::of(feedback, content));
        if self.open.len() == self.rows_per_shard {
            self.write_shard()?;
        }
        Ok(())
    }

    /// Puts the staged run in its place, under a name that is the hash of its
    /// content. If it lies there already, with receipts of an earlier attempt,
    /// that one is used.
    pub fn finish(mut self) -> Result<StagedRun, Error> {
        if !self.open.is_empty() {
            self.write_shard()?;
        }
        let manifest = Manifest { format: FORMAT_VERSION, rows: self.shards };
        write_whole(&self.incoming.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
        let folder = self.staging.join(self.content.to_string());
        let is_there = Manifest::read(&folder).is_ok_and(|there| there == manifest);
        if is_there {
            remove_folder(&self.incoming)?;
        } else {
            remove_folder(&folder)?;
            fs::rename(&self.incoming, &folder)?;
            sync_folder(&self.staging)?;
        }
        Ok(StagedRun { folder, rows: manifest.rows })
    }

    fn write_shard(&mut self) -> Result<(), Error> {
        let mut records = RecordWriter::create(&input_path(&self.incoming, self.shards.len()))?;
        for record in &self.open {
            let bytes = records.push(record)?;
            self.content = Fingerprint::of([&self.content.0[..], bytes]);
        }
        records.finish()?;
        // Where a shard ends is part of the content, as its files depend on it.
        self.content = Fingerprint::of([&self.content.0[..], b"end of shard"]);
        self.shards.push(self.open.len() as u64);
        self.open.clear();
        Ok(())
    }
}

/// A complete staged run.
#[derive(Debug, Clone)]
pub struct StagedRun {
    folder: PathBuf,
    rows: Vec<u64>,
}

impl StagedRun {
    /// The hash of its content, in hexadecimal digits.
    pub fn name(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The number of rows in all shards.
    pub fn num_rows(&self) -> u64 {
        self.rows.iter().sum()
    }

    /// The shards in the order of their rows, to be scored by the models
    /// `model_sha`, which becomes part of a file name.
    pub fn shards(&self, model_sha: &str) -> Vec<ShardSpec> {
        let mut start = 0;
        let mut specs = Vec::with_capacity(self.rows.len());
        for (number, rows) in self.rows.iter().enumerate() {
            let output = self.folder.join(format!("{number:05}.{model_sha}.out"));
            specs.push(ShardSpec {
                shard_id: format!("{}/{number:05}", self.name()),
                input_uri: input_path(&self.folder, number).to_string_lossy().into_owned(),
                row_range: start..start + rows,
                model_sha: model_sha.to_owned(),
                output_uri: output.to_string_lossy().into_owned(),
            });
            start += rows;
        }
        specs
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    rows: Vec<u64>,
}

impl Manifest {
    fn read(folder: &Path) -> Result<Self, Error> {
        Ok(serde_json::from_slice(&fs::read(folder.join(MANIFEST))?)?)
    }
}

fn input_path(folder: &Path, shard: usize) -> PathBuf {
    folder.join(format!("{shard:05}.in"))
}

fn checksum(bytes: &[u8]) -> u64 {
    let Fingerprint(hash) = Fingerprint::of([bytes]);
    hash.iter().take(8).rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn count_partials(rows: &[ShardRow]) -> Vec<Partial> {
    let mut counts: BTreeMap<(Language, Option<Polarity>), u64> = BTreeMap::new();
    for row in rows {
        let polarity = row.reading.as_ref().map(|reading| likeliest(&reading.polarity));
        *counts.entry((row.language, polarity)).or_default() += 1;
    }
    let partial = |((language, polarity), rows): ((Language, Option<Polarity>), u64)| Partial {
        language: language.code().to_owned(),
        polarity: polarity.map(|polarity| polarity.code().to_owned()),
        rows,
    };
    counts.into_iter().map(partial).collect()
}

fn expect_rows(path: &Path, expected: u64, found: usize) -> Result<(), Error> {
    if expected == found as u64 {
        return Ok(());
    }
    let detail = format!("it holds {found} rows instead of {expected}");
    Err(Error::damaged(path.to_string_lossy(), detail))
}

/// Writes records to a file that appears under its name when it is complete.
struct RecordWriter {
    path: PathBuf,
    partial: PathBuf,
    encoder: zstd::Encoder<'static, fs::File>,
    buffer: Vec<u8>,
}

impl RecordWriter {
    fn create(path: &Path) -> Result<Self, Error> {
        let partial = partial_path(path);
        let encoder = zstd::Encoder::new(fs::File::create(&partial)?, COMPRESSION_LEVEL)?;
        Ok(Self { path: path.to_owned(), partial, encoder, buffer: Vec::new() })
    }

    /// Appends a record and returns its bytes.
    fn push(&mut self, record: &impl Serialize) -> Result<&[u8], Error> {
        self.buffer.clear();
        self.buffer = postcard::to_extend(record, std::mem::take(&mut self.buffer))?;
        let length = u32::try_from(self.buffer.len())
            .map_err(|_| Error::damaged(self.path.to_string_lossy(), "a record exceeds 4 GiB"))?;
        self.encoder.write_all(&length.to_le_bytes())?;
        self.encoder.write_all(&self.buffer)?;
        Ok(&self.buffer)
    }

    fn finish(self) -> Result<(), Error> {
        let file = self.encoder.finish()?;
        file.sync_all()?;
        rename_into_place(&self.partial, &self.path)
    }
}

fn read_records<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let mut records = Vec::new();
    for_each_record(path, |bytes| {
        records.push(postcard::from_bytes(bytes)?);
        Ok(())
    })?;
    Ok(records)
}

fn for_each_record(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut bytes = Vec::new();
    zstd::Decoder::new(fs::File::open(path)?)?
        .read_to_end(&mut bytes)
        .map_err(|error| Error::damaged(path.to_string_lossy(), error))?;
    let mut rest = &bytes[..];
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (record, tail) = tail
            .split_at_checked(length)
            .ok_or_else(|| Error::damaged(path.to_string_lossy(), "a record is cut off"))?;
        take(record)?;
        rest = tail;
    }
    if rest.is_empty() {
        return Ok(());
    }
    Err(Error::damaged(path.to_string_lossy(), "a record is cut off"))
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let partial = partial_path(path);
    let mut file = fs::File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename_into_place(&partial, path)
}

/// Workers in one process or in several may write the same shard at once; the
/// process and thread in the name keep their unfinished files apart.
fn partial_path(path: &Path) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let number: String = thread.chars().filter(char::is_ascii_digit).collect();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{number}.part", std::process::id()));
    PathBuf::from(name)
}

fn rename_into_place(partial: &Path, path: &Path) -> Result<(), Error> {
    fs::rename(partial, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    // Windows has no handle for a folder and orders renames by itself.
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
