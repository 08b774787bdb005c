//! The night run: input files become the next published generation.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use echolot_core::{Analysis, Feedback, Fingerprint, Timestamp};
use echolot_index::{
    AnalysedFeedback, CountedUnit, DataFolder, Inbox, InboxMark, Receipt, Rejected, RowId,
    RunReader, RunWriter, ShardRow, ShardSpec, StageWriter, StagedRun, Staging,
};
use echolot_text::{NEAR_DUPLICATE, near_similarity};

use crate::analyst::{Analyst, Draft};
use crate::decision::Stated;
use crate::ingest::{Delivered, Namesakes, content_fingerprint, open};
use crate::progress::{Progress, Step};
use crate::reception::INBOX;
use crate::report::{FutureDate, FutureDates, InputCounts, RunReport};
use crate::theming::theme;
use crate::{Config, Error};

/// So long a run waits for an edit that is being made. Applying a taxonomy to a
/// million rows and discovering their themes anew take minutes.
const EDITS_LAST: Duration = Duration::from_mins(30);

/// Runs the night job in the data folder at `path`, which is created if it is
/// not there: takes what was delivered to the inbox, reads `inputs`, analyses
/// what is new, and publishes.
///
/// The run is one transaction, which begins when everything is analysed: until
/// then edits go on, and each is a generation before that of the run. Killed at any moment it leaves the state of
/// before; started again with the same inputs it goes on after the last shard
/// that was finished, and ends in the same state as a run that was never
/// disturbed. Rows that are known already, unchanged, cost only their reading.
/// `at` is the time by which the generation is found again.
///
/// # Errors
/// When there is nothing to read from, when another run holds the folder, when an input cannot be read to its end,
/// and when disk or model fail; nothing of the run is then visible. Bad rows
/// are no error: they are counted and kept.
pub fn run_in(
    path: &Path,
    inputs: &[PathBuf],
    (config, analyst): (&Config, &Analyst),
    (progress, at): (&dyn Progress, Timestamp),
) -> Result<RunReport, Error> {
    if inputs.is_empty() && !(path.exists() && DataFolder::open(path)?.inbox_if_any()?.is_some()) {
        let reason =
            "there is no file to read (`--input`), and nothing was ever delivered over HTTP";
        return Err(Error::BadValue { key: "input", reason: reason.to_owned() });
    }
    let folder = DataFolder::create_or_open(path)?;
    let run_lock = folder.lock_run()?;
    // A run that was killed after its commit is published first.
    folder.publish(&folder.lock_within(EDITS_LAST)?)?;
    let stored = folder.run_reader(&run_lock)?;
    let staging = folder.staging(&run_lock);
    let mut clock = Clock::new();
    let mut report = RunReport::default();

    progress.begin(Step::Read, None);
    let inbox = folder.inbox_if_any()?;
    let inputs = Inputs { files: inputs, inbox: inbox.as_ref() };
    let (staged, refused_anew) =
        read(&stored, &staging, &inputs, (config, analyst, progress, at), &mut report)?;
    clock.lap(Step::Read, &mut report);
    if staged.num_rows() == 0 && refused_anew.is_empty() {
        staging.clear()?;
        empty(inbox.as_ref(), &report)?;
        report.generation = folder.published_generation()?;
        return Ok(report);
    }

    let shards = staged.shards(&analyst.model_fingerprint().to_string());
    progress.begin(Step::Analyse, Some(staged.num_rows()));
    for shard in &shards {
        if let Some(receipt) = Staging::receipt(shard) {
            progress.advance(receipt.rows);
        } else {
            let is_kept = |key| Ok(stored.reading(key, analyst.model_fingerprint())?.is_some());
            run_shard(shard, analyst, &is_kept, progress)?;
        }
    }
    clock.lap(Step::Analyse, &mut report);

    // Up to here people could edit; what they said is in what is written to.
    let lock = folder.lock_within(EDITS_LAST)?;
    let mut writer = folder.begin_run(&lock)?;
    progress.begin(Step::Store, Some(staged.num_rows()));
    for rejected in &refused_anew {
        writer.reject(rejected)?;
    }
    let mut lost = Vec::new();
    for shard in &shards {
        lost.extend(load(&mut writer, shard, analyst, &mut report)?);
        progress.advance(shard.row_range.end - shard.row_range.start);
    }
    clock.lap(Step::Store, &mut report);

    report.themes = theme(&writer, &lost, &config.themes, progress)?;
    clock.lap(Step::Theme, &mut report);

    progress.begin(Step::Publish, None);
    report.generation = writer.generation();
    writer.commit(&report.to_json(), at)?;
    folder.publish(&lock)?;
    staging.clear()?;
    empty(inbox.as_ref(), &report)?;
    clock.lap(Step::Publish, &mut report);
    Ok(report)
}

/// Analyses one shard and leaves its output and receipt. `is_kept` says
/// whether the reading of a text is stored already, and may always say no.
pub fn run_shard(
    shard: &ShardSpec,
    analyst: &Analyst,
    is_kept: &dyn Fn(Fingerprint) -> Result<bool, Error>,
    progress: &dyn Progress,
) -> Result<Receipt, Error> {
    let (items, contents): (Vec<Feedback>, Vec<Fingerprint>) =
        Staging::read_input(shard)?.into_iter().unzip();
    let drafts = analyst.draft_all(items);

    // Each text is read once, at its first place in the shard.
    let mut seen = HashSet::new();
    let mut to_read = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        if seen.insert(draft.reading_key) && !is_kept(draft.reading_key)? {
            to_read.push(place);
        }
    }
    progress.advance((drafts.len() - to_read.len()) as u64);
    let shown: Vec<&Draft> = to_read.iter().map(|&place| &drafts[place]).collect();
    let readings = analyst.read(&shown, &|texts| progress.advance(texts as u64));
    let mut readings: HashMap<usize, _> = to_read.into_iter().zip(readings).collect();

    let rows = drafts.into_iter().zip(contents).enumerate().map(|(place, (draft, content))| {
        let (reading, error) = match readings.remove(&place) {
            Some(Ok(reading)) => (Some(reading), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        ShardRow {
            content,
            verbatim: draft.verbatim,
            clean: draft.prepared.clean,
            language: draft.language,
            reading_key: draft.reading_key,
            duplicate_key: draft.duplicate_key,
            bands: draft.bands,
            first_response_s: draft.first_response_s,
            resolution_s: draft.resolution_s,
            feedback: draft.feedback,
            reading,
            error,
        }
    });
    Ok(Staging::write_output(shard, &rows.collect::<Vec<_>>())?)
}

/// Takes out of the inbox what is stored. Killed before, the next run knows by
/// the report of this one how far it came.
fn empty(inbox: Option<&Inbox>, report: &RunReport) -> Result<(), Error> {
    match (inbox, &report.inbox) {
        (Some(inbox), Some(mark)) => Ok(inbox.remove_through(mark.through)?),
        _ => Ok(()),
    }
}

/// Where the rows of a run come from.
struct Inputs<'a> {
    files: &'a [PathBuf],
    inbox: Option<&'a Inbox>,
}

/// Collects what is new or changed.
struct Collection<'a> {
    stored: &'a RunReader,
    stage: StageWriter,
    /// The content of every item staged in this run, by its id.
    staged: HashMap<Fingerprint, Fingerprint>,
}

impl Collection<'_> {
    /// Stages a redacted item unless it is known, and counts it.
    fn take(
        &mut self,
        item: &Feedback,
        content: Fingerprint,
        counts: &mut InputCounts,
    ) -> Result<(), Error> {
        let key = Fingerprint::of_text(item.id.as_str());
        let before = match self.staged.get(&key) {
            Some(content) => Some(*content),
            None => self.stored.known(&item.id)?.map(|(_, content)| content),
        };
        match before {
            Some(before) if before == content => {
                counts.known += 1;
                return Ok(());
            }
            Some(_) => counts.changed += 1,
            None => counts.new += 1,
        }
        self.staged.insert(key, content);
        Ok(self.stage.push(item, content)?)
    }
}

/// Reads the inbox, then all files, and stages what is new or changed. Also
/// returns the rows that are refused and were not refused before.
fn read(
    stored: &RunReader,
    staging: &Staging,
    inputs: &Inputs,
    (config, analyst, progress, at): (&Config, &Analyst, &dyn Progress, Timestamp),
    report: &mut RunReport,
) -> Result<(StagedRun, Vec<Rejected>), Error> {
    let stage = staging.stage(config.shard_rows)?;
    let mut collection = Collection { stored, stage, staged: HashMap::new() };
    if let Some(inbox) = inputs.inbox {
        read_inbox(inbox, &mut collection, (progress, at), report)?;
    }
    let mut refused_anew = Vec::new();
    for input in inputs.files {
        let mut namesakes = Namesakes::default();
        let mut counts =
            InputCounts { name: input.display().to_string(), ..InputCounts::default() };
        for delivered in open(input, config.input.options_for(input))? {
            counts.rows += 1;
            progress.advance(1);
            match delivered? {
                Delivered::Item(mut item, line) => {
                    look_at_date(&item, (&counts.name, line), at, &mut report.future_dates);
                    let content = content_fingerprint(&item);
                    namesakes.tell_apart(&mut item, content);
                    let item = analyst.masker().redact(*item);
                    collection.take(&item, content, &mut counts)?;
                }
                Delivered::Rejected(rejection) => {
                    counts.rejected += 1;
                    let rejected = Rejected {
                        raw: analyst.masker().redact_text(&rejection.raw),
                        source: rejection.source,
                        line: rejection.line,
                        reason: rejection.reason,
                    };
                    if !stored.has_rejected(&rejected)? {
                        refused_anew.push(rejected);
                    }
                }
            }
        }
        report.inputs.push(counts);
    }
    Ok((collection.stage.finish()?, refused_anew))
}

/// What is not before this has a date that is still to come at a time: a day later, as
/// clocks and time zones differ.
pub(crate) fn horizon(at: Timestamp) -> Option<Timestamp> {
    Timestamp::from_seconds(at.seconds() + 24 * 60 * 60)
}

/// Notes an item whose date is still to come. It is kept: the rest of it may be right.
fn look_at_date(
    item: &Feedback,
    (input, line): (&str, u64),
    at: Timestamp,
    found: &mut FutureDates,
) {
    let is_to_come = |created: &Timestamp| horizon(at).is_some_and(|end| *created >= end);
    if let Some(created_at) = item.created_at.filter(is_to_come) {
        found.add(FutureDate { input: input.to_owned(), line, created_at });
    }
}

/// Takes what was delivered since the last run that took anything. Its rows
/// were checked and redacted when they came.
fn read_inbox(
    inbox: &Inbox,
    collection: &mut Collection,
    (progress, at): (&dyn Progress, Timestamp),
    report: &mut RunReport,
) -> Result<(), Error> {
    let Some(identity) = inbox.identity()? else { return Ok(()) };
    let after = collection.stored.taken_through(identity)?;
    let mut counts = InputCounts { name: INBOX.to_owned(), ..InputCounts::default() };
    let through = inbox.for_each(after, |item, content| {
        counts.rows += 1;
        progress.advance(1);
        look_at_date(&item, (INBOX, counts.rows), at, &mut report.future_dates);
        collection.take(&item, content, &mut counts)
    })?;
    report.inbox = Some(InboxMark { identity, through });
    if counts.rows > 0 {
        report.inputs.push(counts);
    }
    Ok(())
}

/// Writes the rows of an analysed shard, and returns the units that themes
/// lost because their text was replaced.
fn load(
    writer: &mut RunWriter,
    shard: &ShardSpec,
    analyst: &Analyst,
    report: &mut RunReport,
) -> Result<Vec<CountedUnit>, Error> {
    let mut lost = Vec::new();
    let model = analyst.model_fingerprint();
    for row in Staging::read_output(shard)? {
        let reading = match row.reading {
            Some(reading) => {
                writer.put_reading(row.reading_key, model, &reading)?;
                report.texts_read += 1;
                Some(reading)
            }
            None if row.error.is_none() => {
                report.texts_reused += 1;
                writer.reading(row.reading_key, model)?
            }
            None => None,
        };
        report.unanalysed += u64::from(reading.is_none());
        let stated = reading.as_ref().map_or_else(unread, |reading| analyst.state(reading));
        report.opinions += stated.analysis.opinions.len() as u64;
        let item = AnalysedFeedback {
            feedback: row.feedback,
            content: row.content,
            verbatim: row.verbatim,
            clean: row.clean,
            language: row.language,
            reading_key: row.reading_key,
            duplicate_key: row.duplicate_key,
            bands: row.bands,
            analysis: stated.analysis,
            units: stated.units,
            opinion_units: stated.opinion_units,
            first_response_s: row.first_response_s,
            resolution_s: row.resolution_s,
            is_analysed: reading.is_some(),
        };
        let known = writer.known(&item.feedback.id)?.map(|(row, _)| row);
        let canonical = canonical(writer, &item, known)?;
        report.repeated += u64::from(canonical.is_some());
        match known {
            Some(row) => lost.extend(writer.replace(row, &item, canonical)?),
            None => {
                writer.insert(&item, canonical)?;
            }
        }
    }
    Ok(lost)
}

fn unread() -> Stated {
    Stated { analysis: Analysis::empty(), units: vec![], opinion_units: vec![] }
}

/// The row that an item repeats: the one with the same key, or the first of
/// those with a common band whose text is similar enough.
fn canonical(
    writer: &RunWriter,
    item: &AnalysedFeedback,
    own: Option<RowId>,
) -> Result<Option<RowId>, Error> {
    let candidates = writer.duplicate_candidates(item.duplicate_key, &item.bands)?;
    let other = |row: &RowId| Some(*row) != own;
    if let Some(row) = candidates.exact.filter(other) {
        return Ok(Some(row));
    }
    for row in candidates.near.into_iter().filter(other) {
        if near_similarity(&item.clean, &writer.clean_text(row)?) >= NEAR_DUPLICATE {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Measures the steps of a run.
struct Clock {
    last: Instant,
}

impl Clock {
    fn new() -> Self {
        Self { last: Instant::now() }
    }

    fn lap(&mut self, step: Step, report: &mut RunReport) {
        let now = Instant::now();
        report.durations.push((step, now - self.last));
        self.last = now;
    }
}
