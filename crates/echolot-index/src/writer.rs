//! Writing one generation: a single transaction that is committed whole or not at all.

use echolot_core::{FeedbackId, Fingerprint, Timestamp};
use rusqlite::{Connection, params};

use crate::corrections;
use crate::database::State;
use crate::duplicates;
use crate::encoding::ReadingRecord;
use crate::error::Error;
use crate::own_topics::{self, OwnTopicFinder};
use crate::records::{AnalysedFeedback, Candidates, RowId, StoredReading};
use crate::run_reader::{self, Rejected};
use crate::theme_records::CountedUnit;
use crate::theme_store::ThemeStore;
use crate::theme_units;
use crate::verbatim_table;

/// Writes the next generation. What it has written it also reads back, so a
/// row can be recognised as the duplicate of an earlier one of the same run.
/// Dropping it without [`RunWriter::commit`] leaves everything as it was.
#[derive(Debug)]
pub struct RunWriter {
    connection: Connection,
    generation: u64,
    next_row: u32,
    /// Chains what is written to the state before; see [`State`].
    fingerprint: Fingerprint,
    own_topics: OwnTopicFinder,
}

impl RunWriter {
    pub(crate) fn begin(connection: Connection) -> Result<Self, Error> {
        // The transaction is not a rusqlite guard, which would borrow the
        // connection next to it. A connection that is dropped rolls back.
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let state = State::read(&connection)?;
        let next_row = "SELECT coalesce(max(row) + 1, 0) FROM feedback";
        let next_row = connection.query_row(next_row, [], |row| row.get(0))?;
        let generation = state.generation + 1;
        let own_topics = OwnTopicFinder::load(&connection)?;
        let fingerprint = state.fingerprint;
        Ok(Self { connection, generation, next_row, fingerprint, own_topics })
    }

    /// The generation being written: the last one and one.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// As [`RunReader::known`](crate::RunReader::known), of this run's rows too.
    pub fn known(&self, id: &FeedbackId) -> Result<Option<(RowId, Fingerprint)>, Error> {
        run_reader::known(&self.connection, id)
    }

    /// As [`RunReader::reading`](crate::RunReader::reading), of this run's too.
    pub fn reading(
        &self,
        key: Fingerprint,
        model: Fingerprint,
    ) -> Result<Option<StoredReading>, Error> {
        run_reader::reading(&self.connection, key, model)
    }

    /// Keeps the reading of a text by a model. One that is kept stays.
    pub fn put_reading(
        &mut self,
        key: Fingerprint,
        model: Fingerprint,
        reading: &StoredReading,
    ) -> Result<(), Error> {
        let bytes = postcard::to_stdvec(&ReadingRecord::from(reading))?;
        let mut statement = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO reading (reading_key, model, reading) VALUES (?, ?, ?)",
        )?;
        statement.execute(params![&key.0[..], &model.0[..], bytes])?;
        Ok(())
    }

    /// The rows that a text with this key and these bands may repeat.
    pub fn duplicate_candidates(
        &self,
        duplicate_key: Fingerprint,
        bands: &[u64],
    ) -> Result<Candidates, Error> {
        duplicates::candidates(&self.connection, duplicate_key, bands)
    }

    /// The normalised text of a stored row.
    pub fn clean_text(&self, row: RowId) -> Result<String, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT clean FROM verbatim WHERE row = ?")?;
        Ok(statement.query_row([row.0], |row| row.get(0))?)
    }

    /// The row that a stored row repeats, or the row itself.
    pub fn canonical_of(&self, row: RowId) -> Result<RowId, Error> {
        duplicates::canonical_of(&self.connection, row)
    }

    /// Stores an item whose id is not known yet. `canonical` is the row it
    /// repeats; a row that itself repeats another stands for that one.
    pub fn insert(
        &mut self,
        item: &AnalysedFeedback,
        canonical: Option<RowId>,
    ) -> Result<RowId, Error> {
        let row = RowId(self.next_row);
        let canonical = self.resolve(row, canonical)?;
        self.write(verbatim_table::Place { row, generation: self.generation, canonical }, item)?;
        self.own_topics.settle(&self.connection, row)?;
        self.next_row += 1;
        Ok(row)
    }

    /// Stores the changed content of a known item in its row. Its units lose
    /// their themes, and are returned so that the themes can be told; what
    /// people said against the model is said again. If its text changed and
    /// other rows repeat the old one, the first of them takes over for the rest; if it did not, the row stays
    /// in its group and `canonical` is not looked at.
    pub fn replace(
        &mut self,
        row: RowId,
        item: &AnalysedFeedback,
        canonical: Option<RowId>,
    ) -> Result<Vec<CountedUnit>, Error> {
        let canonical = if duplicates::key_of(&self.connection, row)? == item.duplicate_key {
            Some(self.canonical_of(row)?).filter(|canonical| *canonical != row)
        } else {
            let heir = duplicates::leave_group(&self.connection, row)?;
            if canonical == Some(row) { heir } else { self.resolve(row, canonical)? }
        };
        let lost = theme_units::counted_units(&self.connection, row)?;
        verbatim_table::remove_opinions(&self.connection, row)?;
        own_topics::forget(&self.connection, row)?;
        self.write(verbatim_table::Place { row, generation: self.generation, canonical }, item)?;
        corrections::replay(&self.connection, row)?;
        self.own_topics.settle(&self.connection, row)?;
        Ok(lost)
    }

    /// Keeps a row of input that was not taken, unless it is kept already.
    pub fn reject(&mut self, rejected: &Rejected) -> Result<(), Error> {
        let Rejected { source, line, reason, raw } = rejected;
        let mut statement = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO rejected (generation, source, line, reason, raw)
             VALUES (?, ?, ?, ?, ?)",
        )?;
        let values =
            params![self.generation.cast_signed(), source, line.cast_signed(), reason, raw];
        statement.execute(values)?;
        Ok(())
    }

    /// The themes of this generation, to read and to write.
    pub fn theme_store(&self) -> ThemeStore<'_> {
        ThemeStore { connection: &self.connection, generation: self.generation }
    }

    /// Makes everything written durable, together, and returns the generation.
    /// Readers see it when it is published. `at` is the time by which it is
    /// found again; it is no part of the state.
    pub fn commit(self, report: &serde_json::Value, at: Timestamp) -> Result<u64, Error> {
        let report = serde_json::to_string(report)?;
        let state = Fingerprint::of([
            &self.fingerprint.0[..],
            &self.generation.to_le_bytes(),
            report.as_bytes(),
        ]);
        self.connection.execute(
            "INSERT INTO run (generation, state, report, committed_at) VALUES (?, ?, ?, ?)",
            params![self.generation.cast_signed(), &state.0[..], report, at.seconds()],
        )?;
        self.connection.execute_batch("COMMIT")?;
        Ok(self.generation)
    }

    fn resolve(&self, row: RowId, canonical: Option<RowId>) -> Result<Option<RowId>, Error> {
        let canonical = canonical.map(|row| self.canonical_of(row)).transpose()?;
        Ok(canonical.filter(|canonical| *canonical != row))
    }

    fn write(
        &mut self,
        place: verbatim_table::Place,
        item: &AnalysedFeedback,
    ) -> Result<(), Error> {
        verbatim_table::put(&self.connection, place, item)?;
        verbatim_table::insert_opinions(&self.connection, place.row, item)?;
        if place.canonical.is_none() {
            duplicates::add_bands(&self.connection, place.row, &item.bands)?;
        }
        self.fingerprint = Fingerprint::of([
            &self.fingerprint.0[..],
            &place.row.0.to_le_bytes(),
            &item.content.0,
            item.clean.as_bytes(),
        ]);
        Ok(())
    }
}
