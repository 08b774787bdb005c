//! The full-text index: which terms stand in which verbatim.
//!
//! It holds the row of each verbatim and its terms, and nothing else: whatever
//! a search filters or counts by comes from the facts of the same generation.
//! So a new theme or topic leaves the index as it is.

use std::path::Path;

use echolot_core::Fingerprint;
use fs_err as fs;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::analyser::{ANALYSER_VERSION, Tokeniser, Tokens};
use crate::columns;
use crate::database::State;
use crate::encoding;
use crate::error::Error;

/// One thread writes, so that the same rows always give the same segments.
const NUM_THREADS: usize = 1;
const MEMORY_BYTES: usize = 256 << 20;
/// With more segments than this, the small ones are merged into one. Merging
/// only here, never in the background, keeps the index a function of its
/// history.
const MAX_SEGMENTS: usize = 8;
/// The fixed end of a segment file: the length of the footer and a magic number.
const FOOTER_BYTES: u64 = 8;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// The row, to delete a document by and to get back from it.
    pub(crate) row: Field,
    /// How many words there are.
    length: Field,
    /// The terms of every word, all at its place.
    pub(crate) body: Field,
}

impl Fields {
    fn define() -> (Schema, Self) {
        let mut schema = Schema::builder();
        // The tokens are made by the analyser; the named tokenizer never runs.
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let row = schema.add_u64_field("row", INDEXED | FAST);
        let length = schema.add_u64_field("length", FAST);
        let body = schema.add_text_field("body", text);
        (schema.build(), Self { row, length, body })
    }
}

/// What a commit of the index carries: the state of the database it was made
/// from, and by which rules.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Payload {
    analyser: u32,
    generation: u64,
    state: String,
}

/// The state of the database that the index was made from; none when there is
/// no index, it cannot be read, or other rules made it.
pub(crate) fn published_state(folder: &Path) -> Option<State> {
    let meta: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("meta.json")).ok()?).ok()?;
    let payload: Payload = serde_json::from_str(meta.get("payload")?.as_str()?).ok()?;
    let (ANALYSER_VERSION, Some(fingerprint)) = (payload.analyser, from_hex(&payload.state)) else {
        return None;
    };
    Some(State { generation: payload.generation, fingerprint })
}

/// Opens the index to search it; none when it cannot be.
pub(crate) fn open(folder: &Path) -> Option<(Searcher, Fields)> {
    if !stumps(folder).ok()?.is_empty() {
        return None;
    }
    let (schema, fields) = Fields::define();
    let index = Index::open_in_dir(folder).ok().filter(|index| index.schema() == schema)?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().ok()?;
    Some((reader.searcher(), fields))
}

/// An index of the generation that a connection sees, for as long as it is
/// searched.
pub(crate) fn in_memory(connection: &Connection) -> Result<(Searcher, Fields), Error> {
    let (schema, fields) = Fields::define();
    let index = Index::create_in_ram(schema);
    let mut writer: IndexWriter = index.writer_with_num_threads(NUM_THREADS, MEMORY_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    add_changed_rows(&writer, connection, None)?;
    writer.commit()?;
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok((reader.searcher(), fields))
}

/// Makes the index say what the database says, and returns the state of both.
pub(crate) fn bring_up_to_date(folder: &Path, connection: &Connection) -> Result<State, Error> {
    let target = State::read(connection)?;
    let usable = published_state(folder).filter(|_| open(folder).is_some());
    if usable == Some(target) {
        return Ok(target);
    }
    let since = match usable {
        Some(state) if state.was_passed_by(connection)? => Some(state.generation),
        _ => None,
    };
    let index = match since {
        Some(_) => Index::open_in_dir(folder)?,
        None => create_empty(folder)?,
    };
    let mut writer: IndexWriter = index.writer_with_num_threads(NUM_THREADS, MEMORY_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    add_changed_rows(&writer, connection, since)?;
    let payload = Payload {
        analyser: ANALYSER_VERSION,
        generation: target.generation,
        state: target.fingerprint.to_string(),
    };
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(&serde_json::to_string(&payload)?);
    commit.commit()?;
    let segments = index.searchable_segment_metas()?;
    if segments.len() > MAX_SEGMENTS {
        let sizes: Vec<u32> = segments.iter().map(SegmentMeta::num_docs).collect();
        let small: Vec<SegmentId> =
            small_ones(&sizes).into_iter().map(|at| segments[at].id()).collect();
        writer.merge(&small).wait()?;
        writer.garbage_collect_files().wait()?;
    }
    writer.wait_merging_threads()?;
    Ok(target)
}

/// The places of the segments to merge, of those with these numbers of rows:
/// the smallest two, and then each that is not larger than all smaller ones
/// together. A row is then copied only when its segment at least doubles, so
/// all nights together copy each as often as the index has doubled, and no
/// night after a large one copies the large segment again.
fn small_ones(sizes: &[u32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&at| sizes[at]);
    let mut sum = 0_u64;
    let mut count = 0;
    for &at in &order {
        let size = u64::from(sizes[at]);
        if count >= 2 && size > sum {
            break;
        }
        sum += size;
        count += 1;
    }
    order.truncate(count);
    order.sort_unstable();
    order
}

/// The files of the index whose bytes are not those that were written.
pub(crate) fn damaged_files(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = stumps(folder)?;
    if names.is_empty() {
        let damaged = Index::open_in_dir(folder)?.validate_checksum()?;
        names.extend(damaged.into_iter().map(|path| path.to_string_lossy().into_owned()));
    }
    names.sort_unstable();
    Ok(names)
}

/// The segment files that are shorter than the footer each must have, on
/// which tantivy would panic.
fn stumps(folder: &Path) -> Result<Vec<String>, Error> {
    let mut stumps = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_segment_file = !name.starts_with('.') && name != "meta.json";
        if is_segment_file && entry.metadata().is_ok_and(|file| file.len() < FOOTER_BYTES) {
            stumps.push(name);
        }
    }
    Ok(stumps)
}

fn create_empty(folder: &Path) -> Result<Index, Error> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(Index::create_in_dir(folder, Fields::define().0)?)
}

/// Adds the rows that were written after the generation `since`, or all.
fn add_changed_rows(
    writer: &IndexWriter,
    connection: &Connection,
    since: Option<u64>,
) -> Result<(), Error> {
    let (_, fields) = Fields::define();
    // Left to itself, the database would go through all rows to find few.
    let rows_since = match since {
        Some(_) => "feedback INDEXED BY feedback_by_generation",
        None => "feedback",
    };
    let mut statement = connection.prepare(&format!(
        "SELECT row, language, clean FROM {rows_since} CROSS JOIN verbatim USING (row)
         WHERE generation > ? ORDER BY row"
    ))?;
    let mut tokeniser = Tokeniser::default();
    let mut rows = statement.query([since.unwrap_or(0).cast_signed()])?;
    while let Some(found) = rows.next()? {
        let row = columns::row_id(found, 0)?;
        if since.is_some() {
            writer.delete_term(Term::from_field_u64(fields.row, u64::from(row.0)));
        }
        let tokens = tokeniser.tokens(columns::text(found, 2)?, columns::language(found, 1)?);
        let mut document = TantivyDocument::default();
        document.add_u64(fields.row, u64::from(row.0));
        document.add_u64(fields.length, tokens.ranges.len() as u64);
        document.add_pre_tokenized_text(fields.body, pre_tokenised(tokens));
        writer.add_document(document)?;
    }
    Ok(())
}

fn pre_tokenised(tokens: Tokens) -> PreTokenizedString {
    let words = tokens.ranges.into_iter().zip(tokens.terms).enumerate();
    let tokens = words.flat_map(|(position, (range, terms))| {
        terms.into_iter().map(move |text| Token {
            offset_from: range.start,
            offset_to: range.end,
            position,
            text,
            position_length: 1,
        })
    });
    // The text itself is not stored, so it need not be given.
    PreTokenizedString { text: String::new(), tokens: tokens.collect() }
}

fn from_hex(digits: &str) -> Option<Fingerprint> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    encoding::fingerprint(&bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_segment_is_not_copied_for_the_sake_of_small_ones() {
        assert_eq!(small_ones(&[1000, 5, 5, 5, 5]), [1, 2, 3, 4]);
        assert_eq!(small_ones(&[1000, 40, 5, 5, 5, 5, 5, 5, 5]), [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(small_ones(&[1000, 30, 5, 5, 5, 5, 5, 5, 5]), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(small_ones(&[5; 9]), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(small_ones(&[1, 3, 9, 27, 81]), [0, 1]);
    }

    #[test]
    fn a_thousand_nights_copy_each_row_a_few_times() {
        let mut segments: Vec<u32> = vec![1_000_000];
        let mut copied = 0_u64;
        for _ in 0..1000 {
            segments.push(5000);
            if segments.len() > MAX_SEGMENTS {
                let small = small_ones(&segments);
                let merged: u32 = small.iter().map(|&at| segments[at]).sum();
                copied += u64::from(merged);
                let mut place = 0;
                segments.retain(|_| {
                    place += 1;
                    !small.contains(&(place - 1))
                });
                segments.push(merged);
            }
            assert!(segments.len() <= MAX_SEGMENTS);
        }
        assert!(copied < 4 * 6_000_000, "{copied} rows were copied");
    }
}
