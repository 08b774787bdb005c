//! One published generation, as readers see it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use echolot_core::{Analysis, FeedbackId, Journey, ThemeId, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use tantivy::Searcher;

use crate::analyser::Tokeniser;
use crate::attributes::{self, STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};
use crate::audit_labels::{self, AuditLabel};
use crate::columns;
use crate::corrections::{self, StandingCorrection};
use crate::database::{self, State};
use crate::edit_log;
use crate::error::Error;
use crate::facts::{Facts, Words};
use crate::filter::{Filter, RowTest};
use crate::history;
use crate::journey::JourneyColumn;
use crate::own_topics::{self, OwnTopicOfRow};
use crate::query::Query;
use crate::records::{RejectedRow, RowId, RunRecord, UnitRow, Verbatim};
use crate::search::{
    self, IndexedWords, RowSet, SearchBy, SearchPage, SearchRequest, Searched, UnitVectors,
};
use crate::selection::{self, SelectedRow, Selection};
use crate::taxonomy::{AppliedTaxonomy, OwnTopicMatch, Taxonomy};
use crate::text_index::{self, Fields};
use crate::theme_records::{Discovery, EditRecord, LedgerEntry, StoredTheme};
use crate::theme_store;
use crate::theme_units;
use crate::verbatim_table;
use crate::views::{self, Cell, View};

/// Queries of one snapshot that can read the database at the same time.
const NUM_CONNECTIONS: usize = 4;
/// Rows read at a time when all are read, so that memory stays the same.
const BATCH_ROWS: u32 = 256;

/// A published generation. Database and index agree, and stay as they are for
/// as long as this value lives, whatever a run writes meanwhile: every
/// connection has a read transaction open, and the index its files. It can be
/// shared between threads.
pub struct Snapshot {
    generation: u64,
    connections: Vec<Mutex<Connection>>,
    /// The full-text index; none of a generation of the past, for which one is
    /// made in memory when words are first asked for.
    index: Option<(Searcher, Fields)>,
    journey: Journey,
    facts: OnceLock<Facts>,
    words: OnceLock<IndexedWords>,
    vectors: OnceLock<UnitVectors>,
    /// Themes that stand for those that are stored.
    themes: Option<Vec<StoredTheme>>,
    /// Held while one of them is loaded, so that it is loaded once.
    loading: Mutex<()>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Opens the state in which database and index agree; none while they do
    /// not, or while they change.
    pub(crate) fn open(database: &Path, index: &Path) -> Result<Option<Self>, Error> {
        let Some(state) = text_index::published_state(index) else { return Ok(None) };
        let Some((searcher, fields)) = text_index::open(index) else { return Ok(None) };
        // Had a commit come in between, the searcher might be newer than `state`.
        if text_index::published_state(index) != Some(state) {
            return Ok(None);
        }
        let mut connections = Vec::with_capacity(NUM_CONNECTIONS);
        for _ in 0..NUM_CONNECTIONS {
            let connection = database::open_for_reading(database)?;
            // The transaction begins to see one state with its first read.
            connection.execute_batch("BEGIN")?;
            if State::read(&connection)? != state {
                return Ok(None);
            }
            connections.push(Mutex::new(connection));
        }
        let index = Some((searcher, fields));
        Ok(Some(Self { index, ..Self::new(state.generation, connections) }))
    }

    /// Opens a generation that was passed. None of its rows is copied: they
    /// are read from what is and what was kept of the past.
    pub(crate) fn open_past(database: &Path, generation: u64) -> Result<Self, Error> {
        let mut connections = Vec::with_capacity(NUM_CONNECTIONS);
        for _ in 0..NUM_CONNECTIONS {
            let connection = database::open_for_writing(database)?;
            connection.execute_batch("BEGIN")?;
            let newest = State::read(&connection)?.generation;
            let oldest = history::oldest(&connection)?;
            if !(oldest..=newest).contains(&generation) {
                return Err(Error::UnknownGeneration { generation, oldest, newest });
            }
            history::travel(&connection, generation)?;
            connection.pragma_update(None, "query_only", true)?;
            connections.push(Mutex::new(connection));
        }
        Ok(Self::new(generation, connections))
    }

    fn new(generation: u64, connections: Vec<Mutex<Connection>>) -> Self {
        Self {
            generation,
            connections,
            index: None,
            journey: Journey::default(),
            facts: OnceLock::new(),
            words: OnceLock::new(),
            vectors: OnceLock::new(),
            themes: None,
            loading: Mutex::new(()),
        }
    }

    /// This generation with other columns to count from and other themes, for
    /// the question what would be if something had not changed. The columns
    /// must have its rows, the themes all that they name.
    #[must_use]
    pub fn supposing(self, facts: Facts, themes: Vec<StoredTheme>) -> Self {
        Self { facts: OnceLock::from(facts), themes: Some(themes), ..self }
    }

    /// The generation in which each item was loaded or last replaced, by row.
    pub fn item_generations(&self) -> Result<Vec<u64>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT generation FROM feedback ORDER BY row")?;
        let generation = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(0)?.cast_unsigned());
        Ok(statement.query_map([], generation)?.collect::<Result<_, _>>()?)
    }

    /// The units that a person has put where they are: row, unit and theme, in
    /// order.
    pub fn units_by_hand(&self) -> Result<Vec<(RowId, u32, Option<ThemeId>)>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT row, unit, theme FROM opinion_unit WHERE is_fixed ORDER BY row, unit",
        )?;
        let unit = |row: &rusqlite::Row<'_>| {
            Ok((RowId(row.get(0)?), row.get(1)?, row.get::<_, Option<u32>>(2)?.map(ThemeId)))
        };
        Ok(statement.query_map([], unit)?.collect::<Result<_, _>>()?)
    }

    /// Says where topics belong on the customer's journey; nowhere unless said.
    #[must_use]
    pub fn with_journey(self, journey: Journey) -> Self {
        debug_assert!(self.facts.get().is_none(), "the facts carry another journey");
        Self { journey, ..self }
    }

    /// The generation; 0 before the first run.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The columns that everything is counted from. They are read when they
    /// are first asked for and kept as long as the snapshot.
    pub fn facts(&self) -> Result<&Facts, Error> {
        self.load_once(&self.facts, || {
            let mut facts = Facts::load(|| self.connection())?;
            facts.journey = self.journey.clone();
            Ok(facts)
        })
    }

    /// Loads what searching reads, so that no later question waits for it:
    /// the words, and with `is_by_meaning` the vectors, which a generation of
    /// the past does not have ([`Error::NoVectors`]).
    pub fn prepare_search(&self, is_by_meaning: bool) -> Result<(), Error> {
        self.words()?;
        if is_by_meaning {
            self.vectors()?;
        }
        Ok(())
    }

    /// Searches. By meaning, a generation of the past is
    /// [`Error::NoVectors`].
    pub fn search(&self, request: &SearchRequest) -> Result<SearchPage, Error> {
        let facts = self.facts_for(&request.filter)?;
        let ranking = self.rank(request)?;
        let rows: Vec<RowId> = ranking.page.iter().map(|ranked| ranked.row).collect();
        let mut hits = Vec::with_capacity(rows.len());
        let mut tokeniser = Tokeniser::default();
        for (ranked, (id, text)) in ranking.page.into_iter().zip(self.texts(&rows)?) {
            let mut hit = search::hit(facts, ranked, id, text);
            hit.highlights =
                search::highlight(&hit.text, hit.language, &request.query, &mut tokeniser);
            hits.push(hit);
        }
        let search::Ranking { total, by_words, by_meaning, facets, .. } = ranking;
        Ok(SearchPage { total, by_words, by_meaning, hits, facets })
    }

    /// The rows of the hits of a search, in their order.
    pub fn found(&self, request: &SearchRequest) -> Result<Vec<RowId>, Error> {
        Ok(self.rank(request)?.page.into_iter().map(|ranked| ranked.row).collect())
    }

    fn rank(&self, request: &SearchRequest) -> Result<search::Ranking, Error> {
        let facts = self.facts_for(&request.filter)?;
        let vectors = match request.by {
            SearchBy::Words => None,
            SearchBy::Meaning(_) | SearchBy::Both(_) => Some(self.vectors()?),
        };
        search::rank(&Searched { words: self.words()?, facts, vectors }, request)
    }

    /// The row of an item; none when its id is not known.
    pub fn row_of(&self, id: &FeedbackId) -> Result<Option<RowId>, Error> {
        verbatim_table::row_of(&self.connection(), id)
    }

    /// The vectors of the opinion units of a row, to look for others like it.
    pub fn unit_vectors(&self, row: RowId) -> Result<Vec<Vec<i8>>, Error> {
        Ok(self.vectors()?.of_row(row))
    }

    fn words(&self) -> Result<&IndexedWords, Error> {
        let num_rows = self.facts()?.len();
        self.load_once(&self.words, || {
            if let Some((searcher, fields)) = &self.index {
                return IndexedWords::open(searcher, *fields, num_rows);
            }
            let (searcher, fields) = text_index::in_memory(&self.connection())?;
            IndexedWords::open(&searcher, fields, num_rows)
        })
    }

    /// Vectors go with the units they are of, and nothing is kept of them.
    fn vectors(&self) -> Result<&UnitVectors, Error> {
        if self.index.is_none() {
            return Err(Error::NoVectors { generation: self.generation });
        }
        let num_rows = self.facts()?.len();
        self.load_once(&self.vectors, || UnitVectors::load(&self.connection(), num_rows))
    }

    fn load_once<'a, T>(
        &self,
        place: &'a OnceLock<T>,
        load: impl FnOnce() -> Result<T, Error>,
    ) -> Result<&'a T, Error> {
        if let Some(loaded) = place.get() {
            return Ok(loaded);
        }
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = place.get() {
            return Ok(loaded);
        }
        let loaded = load()?;
        Ok(place.get_or_init(|| loaded))
    }

    /// A filter made ready to test rows. An attribute that no item has is
    /// [`Error::UnknownAttribute`].
    pub fn select(&self, filter: &Filter) -> Result<RowTest<'_>, Error> {
        Ok(RowTest::new(filter, self.facts_for(filter)?))
    }

    /// The rows that meet a filter, ascending.
    pub fn rows(&self, filter: &Filter) -> Result<Vec<RowId>, Error> {
        let test = self.select(filter)?;
        Ok(self.facts()?.rows().filter(|row| test.accepts(*row)).collect())
    }

    /// For every row whether it says what a query asks for.
    pub fn matches(&self, query: &Query) -> Result<Vec<bool>, Error> {
        let facts = self.facts()?;
        let said = search::said(self.words()?, facts, query)?;
        Ok(facts.rows().map(|row| said.contains(row)).collect())
    }

    /// The column of an attribute. One that no item has is
    /// [`Error::UnknownAttribute`].
    pub fn attribute(&self, name: &str) -> Result<Arc<Words>, Error> {
        let facts = self.facts()?;
        facts.attributes.read(&self.connection(), &[name])?;
        let column = facts.attributes.get(name).unwrap_or_default();
        if column.all().is_empty() {
            let known = attributes::names(&self.connection())?;
            return Err(Error::UnknownAttribute { name: name.to_owned(), known });
        }
        Ok(column)
    }

    /// The journey stage of each opinion.
    pub fn stages(&self) -> Result<JourneyColumn, Error> {
        let facts = self.facts()?;
        facts.attributes.read(&self.connection(), &[STAGE_ATTRIBUTE])?;
        Ok(JourneyColumn::stages(facts))
    }

    /// The touchpoint of each opinion.
    pub fn touchpoints(&self) -> Result<JourneyColumn, Error> {
        let facts = self.facts()?;
        facts.attributes.read(&self.connection(), &[TOUCHPOINT_ATTRIBUTE])?;
        Ok(JourneyColumn::touchpoints(facts))
    }

    /// All taxonomies that were applied, oldest first; the last one is in force.
    pub fn taxonomies(&self) -> Result<Vec<AppliedTaxonomy>, Error> {
        own_topics::read_taxonomies(&self.connection())
    }

    /// Which rows have the topics of a taxonomy, by row and topic, whatever is
    /// in force: words are found in the search index, examples among the
    /// vectors. A generation of the past has none ([`Error::NoVectors`]).
    pub fn find_own_topics(&self, taxonomy: &Taxonomy) -> Result<Vec<OwnTopicMatch>, Error> {
        let facts = self.facts()?;
        let mut found = Vec::new();
        for (topic, own) in (0..).zip(taxonomy.topics()) {
            let said = match taxonomy.rule(topic) {
                Some(rule) => search::said(self.words()?, facts, rule)?,
                None => RowSet::none(facts.len()),
            };
            let mut near = match &own.prototype {
                Some(prototype) => self.vectors()?.nearest(&prototype.vector, prototype.threshold),
                None => vec![],
            }
            .into_iter()
            .peekable();
            for row in facts.rows() {
                let nearest = near.next_if(|(nearest, _)| *nearest == row).map(|(_, unit)| unit);
                let by_rule = said.contains(row);
                if by_rule || nearest.is_some() {
                    found.push(OwnTopicMatch { row, topic, by_rule, nearest });
                }
            }
        }
        Ok(taxonomy.with_those_above(found))
    }

    /// The cosines of all opinion units to a direction. A generation of the
    /// past has none ([`Error::NoVectors`]).
    pub fn unit_cosines(&self, direction: &[i8]) -> Result<Vec<f32>, Error> {
        Ok(self.vectors()?.cosines(direction))
    }

    /// The own topics of a row, and why it has them: where the words of a rule
    /// stand, and the unit that is like the examples.
    pub fn own_topics_of(&self, row: RowId) -> Result<Vec<OwnTopicOfRow>, Error> {
        own_topics::evidence(&self.connection(), row)
    }

    /// The columns, with all that a filter asks for.
    fn facts_for(&self, filter: &Filter) -> Result<&Facts, Error> {
        let facts = self.facts()?;
        facts.attributes.read(&self.connection(), &filter.attribute_names())?;
        for (name, _) in &filter.attributes {
            self.attribute(name)?;
        }
        let is_unknown = |key: &&String| facts.own.place(key).is_none();
        if let Some(key) = filter.own_topics.iter().find(is_unknown) {
            let known = facts.own.topics().iter().map(|own| own.key.clone()).collect();
            return Err(Error::UnknownOwnTopic { key: key.clone(), known });
        }
        Ok(facts)
    }

    /// The rows that meet conditions, read one by one from the tables and not
    /// from the columns: a second way to every count.
    pub fn select_rows(&self, selection: &Selection) -> Result<Vec<SelectedRow>, Error> {
        selection::select(&self.connection(), &self.journey, selection)
    }

    /// Everything stored about a row; none when there is no such row.
    pub fn verbatim(&self, row: RowId) -> Result<Option<Verbatim>, Error> {
        verbatim_table::read(&self.connection(), row)
    }

    /// Everything stored about an item; none when its id is not known.
    pub fn verbatim_by_id(&self, id: &FeedbackId) -> Result<Option<Verbatim>, Error> {
        let connection = self.connection();
        let row = verbatim_table::row_of(&connection, id)?;
        row.map_or(Ok(None), |row| verbatim_table::read(&connection, row))
    }

    /// The ids of rows, in the order given. A row that does not exist is an error.
    pub fn ids(&self, rows: &[RowId]) -> Result<Vec<FeedbackId>, Error> {
        let connection = self.connection();
        rows.iter().map(|row| verbatim_table::id_of(&connection, *row)).collect()
    }

    /// The ids and words of rows, in the order given. A row that does not
    /// exist is an error.
    pub fn texts(&self, rows: &[RowId]) -> Result<Vec<(FeedbackId, String)>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, verbatim FROM feedback JOIN verbatim USING (row) WHERE row = ?",
        )?;
        let mut texts = Vec::with_capacity(rows.len());
        for row in rows {
            let id_and_text = |found: &rusqlite::Row<'_>| {
                Ok((FeedbackId::new(found.get::<_, String>(0)?), found.get(1)?))
            };
            texts.push(statement.query_row([row.0], id_and_text)?);
        }
        Ok(texts)
    }

    /// All themes and sub-themes, the ended ones too, by id.
    pub fn themes(&self) -> Result<Vec<StoredTheme>, Error> {
        match &self.themes {
            Some(supposed) => Ok(supposed.clone()),
            None => theme_store::read_themes(&self.connection()),
        }
    }

    /// The last discovery of themes that this generation has seen.
    pub fn discovery(&self) -> Result<Option<Discovery>, Error> {
        theme_store::read_discovery(&self.connection(), self.generation)
    }

    /// What happened to a theme, or to all, oldest first.
    pub fn ledger(&self, theme: Option<ThemeId>) -> Result<Vec<LedgerEntry>, Error> {
        theme_store::read_ledger(&self.connection(), theme)
    }

    /// What people have changed, oldest first.
    pub fn edits(&self) -> Result<Vec<EditRecord>, Error> {
        edit_log::read_edits(&self.connection())
    }

    /// The corrections that stand: of a row, oldest first, or all, by edit.
    pub fn corrections(&self, row: Option<RowId>) -> Result<Vec<StandingCorrection>, Error> {
        let connection = self.connection();
        match row {
            Some(row) => corrections::standing_of(&connection, row),
            None => corrections::read_standing(&connection),
        }
    }

    /// What people found in verbatims that were drawn to audit the model, by row.
    pub fn audit_labels(&self) -> Result<Vec<AuditLabel>, Error> {
        audit_labels::read_audit_labels(&self.connection())
    }

    /// What the model says of a row that people have corrected; none of
    /// another, of which it is what is stored.
    pub fn model_answer(&self, row: RowId) -> Result<Option<Analysis>, Error> {
        corrections::read_model(&self.connection(), row)
    }

    /// All opinion units that no person has put anywhere, in the order of rows.
    pub fn units(&self) -> Result<Vec<UnitRow>, Error> {
        theme_units::read_all_units(&self.connection())
    }

    /// When this generation was committed; none of one from before that was kept.
    pub fn committed_at(&self) -> Result<Option<Timestamp>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT committed_at FROM run WHERE generation = ?")?;
        let found = statement
            .query_row([self.generation.cast_signed()], |row| row.get::<_, Option<i64>>(0))
            .optional()?;
        Ok(found.flatten().and_then(Timestamp::from_seconds))
    }

    /// All committed runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT generation, report FROM run ORDER BY generation")?;
        let mut rows = statement.query([])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let generation: i64 = row.get(0)?;
            let report = serde_json::from_str(columns::text(row, 1)?)?;
            runs.push(RunRecord { generation: generation as u64, report });
        }
        Ok(runs)
    }

    /// All input that was not taken, in the order it came.
    pub fn rejected(&self) -> Result<Vec<RejectedRow>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT generation, source, line, reason, raw FROM rejected ORDER BY rejection_number",
        )?;
        let mut rows = statement.query([])?;
        let mut rejected = Vec::new();
        while let Some(row) = rows.next()? {
            rejected.push(RejectedRow {
                generation: row.get::<_, i64>(0)? as u64,
                source: row.get(1)?,
                line: row.get::<_, i64>(2)? as u64,
                reason: row.get(3)?,
                raw: row.get(4)?,
            });
        }
        Ok(rejected)
    }

    /// Hands every verbatim to `take`, in the order of rows and in constant
    /// memory, until it fails.
    pub fn for_each_feedback<E: From<Error>>(
        &self,
        mut take: impl FnMut(Verbatim) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut next = 0;
        loop {
            // No connection is held while `take` runs, as it may read as well.
            let batch = self.read_batch(next)?;
            if batch.is_empty() {
                return Ok(());
            }
            for verbatim in batch {
                next = verbatim.row.0 + 1;
                take(verbatim)?;
            }
        }
    }

    /// Hands every row of a view to `take`, in order and in constant memory,
    /// until it fails.
    pub fn for_each_row_of<E: From<Error>>(
        &self,
        view: &View,
        take: impl FnMut(Vec<Cell>) -> Result<(), E>,
    ) -> Result<(), E> {
        views::for_each_row(&self.connection(), view, take)
    }

    fn read_batch(&self, start: u32) -> Result<Vec<Verbatim>, Error> {
        let connection = self.connection();
        let rows = (start..start.saturating_add(BATCH_ROWS)).map(RowId);
        rows.map_while(|row| verbatim_table::read(&connection, row).transpose()).collect()
    }

    /// A connection nobody uses, or else the first one when it becomes free.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(free) => return free,
                // A reader that panicked leaves nothing behind in a connection.
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.connections[0].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
