//! Own topics as rows of the database and as a column that is counted by.

use std::sync::Arc;

use echolot_core::{CharSpan, JourneyStage};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::analyser::Tokeniser;
use crate::columns;
use crate::encoding;
use crate::error::Error;
use crate::query::{Document, Query};
use crate::records::RowId;
use crate::search::highlight;
use crate::taxonomy::{AppliedTaxonomy, OwnTopic, OwnTopicMatch, Taxonomy, TopicPrototype};
use crate::theme_store::ThemeStore;
use crate::verbatim_table;

/// That a row has an own topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTopicFact {
    /// The place of the topic in [`OwnTopics::topics`].
    pub topic: u16,
    /// Whether its rule holds.
    pub by_rule: bool,
    /// Whether a unit is like its examples.
    pub by_examples: bool,
}

/// The own topics of every row of a snapshot.
#[derive(Debug, Clone, Default)]
pub struct OwnTopics {
    topics: Arc<[OwnTopic]>,
    facts: Arc<[OwnTopicFact]>,
    /// Where those of each row begin, up to the last row that has any, and the
    /// end of the last.
    offsets: Arc<[u32]>,
}

impl OwnTopics {
    /// The column of matches, which are by row and topic.
    pub fn new(topics: &[OwnTopic], matches: &[OwnTopicMatch]) -> Self {
        let rows = matches.iter().map(|one| {
            let (by_rule, by_examples) = (one.by_rule, one.nearest.is_some());
            (one.row, OwnTopicFact { topic: one.topic, by_rule, by_examples })
        });
        Self::of_rows(topics.into(), rows)
    }

    /// From facts in the order of rows.
    fn of_rows(topics: Arc<[OwnTopic]>, rows: impl Iterator<Item = (RowId, OwnTopicFact)>) -> Self {
        let (mut facts, mut offsets) = (Vec::new(), Vec::new());
        for (row, fact) in rows {
            if offsets.len() <= row.index() {
                offsets.resize(row.index() + 1, facts.len() as u32);
            }
            facts.push(fact);
        }
        offsets.push(facts.len() as u32);
        Self { topics, facts: facts.into(), offsets: offsets.into() }
    }

    /// The topics, each after the one above it.
    pub fn topics(&self) -> &[OwnTopic] {
        &self.topics
    }

    /// The place of a topic by its key.
    pub fn place(&self, key: &str) -> Option<u16> {
        self.topics.iter().position(|topic| topic.key == key).map(|at| at as u16)
    }

    /// What a row has, by topic.
    pub fn of(&self, row: RowId) -> &[OwnTopicFact] {
        match self.offsets.get(row.index()..row.index() + 2) {
            Some(&[start, end]) => &self.facts[start as usize..end as usize],
            _ => &[],
        }
    }

    /// This column, where the first `num_rows` rows have what they had in an
    /// earlier one if `is_kept` says so. Topics of both are told apart by key.
    pub(crate) fn blended(
        &self,
        earlier: &Self,
        num_rows: usize,
        is_kept: impl Fn(RowId) -> bool,
    ) -> Self {
        let mut topics: Vec<OwnTopic> = self.topics.to_vec();
        let gone = earlier.topics.iter().filter(|topic| self.place(&topic.key).is_none());
        topics.extend(gone.cloned());
        let place = |key: &str| topics.iter().position(|topic| topic.key == key);
        let places: Vec<u16> = earlier
            .topics
            .iter()
            .map(|topic| place(&topic.key).unwrap_or_default() as u16)
            .collect();
        let rows = (0..num_rows as u32).map(RowId).flat_map(|row| {
            let kept = is_kept(row);
            let facts = if kept { earlier.of(row) } else { self.of(row) };
            let moved = |fact: &OwnTopicFact| {
                let topic = if kept { places[fact.topic as usize] } else { fact.topic };
                OwnTopicFact { topic, ..*fact }
            };
            facts.iter().map(move |fact| (row, moved(fact))).collect::<Vec<_>>()
        });
        let rows: Vec<(RowId, OwnTopicFact)> = rows.collect();
        Self::of_rows(topics.into(), rows.into_iter())
    }

    /// Reads the taxonomy in force and what every row has of it.
    pub(crate) fn load(connection: &Connection) -> Result<Self, Error> {
        let Some(applied) = read_taxonomies(connection)?.pop() else { return Ok(Self::default()) };
        let topics: Arc<[OwnTopic]> = applied.topics.into();
        let mut statement = connection
            .prepare("SELECT row, topic, by_rule, unit IS NOT NULL FROM own_topic ORDER BY row")?;
        let mut rows = statement.query([])?;
        let mut facts: Vec<(RowId, OwnTopicFact)> = Vec::new();
        while let Some(found) = rows.next()? {
            let key = columns::text(found, 1)?;
            let topic = topics.iter().position(|topic| topic.key == key).ok_or_else(|| {
                Error::damaged("own_topic", format!("`{key}` is not in the taxonomy"))
            })?;
            let (topic, by_rule, by_examples) = (topic as u16, found.get(2)?, found.get(3)?);
            facts.push((columns::row_id(found, 0)?, OwnTopicFact { topic, by_rule, by_examples }));
        }
        facts.sort_unstable_by_key(|(row, fact)| (*row, fact.topic));
        Ok(Self::of_rows(topics, facts.into_iter()))
    }
}

impl ThemeStore<'_> {
    /// Puts a taxonomy in force, with what all rows have of it; `matches` are
    /// by row and topic.
    pub fn apply_taxonomy(
        self,
        applied: &AppliedTaxonomy,
        matches: &[OwnTopicMatch],
    ) -> Result<(), Error> {
        let topics: Vec<TopicRecord> = applied.topics.iter().map(TopicRecord::from).collect();
        self.connection.execute(
            "INSERT INTO taxonomy (generation, at, author, document, topics, model)
             VALUES (?, ?, ?, ?, ?, ?)",
            params![
                self.generation.cast_signed(),
                applied.at.seconds(),
                applied.author,
                applied.document,
                serde_json::to_string(&topics)?,
                applied.model.as_ref().map(|model| &model.0[..]),
            ],
        )?;
        let wanted = matches.iter().map(|one| Stored::new(&applied.topics, one)).collect();
        write(self.connection, read_stored(self.connection, None)?, wanted)
    }

    /// Finds the own topics of rows of which something else is stated by now.
    pub fn find_own_topics(self, rows: impl Iterator<Item = RowId>) -> Result<(), Error> {
        let mut finder = OwnTopicFinder::load(self.connection)?;
        rows.into_iter().try_for_each(|row| finder.settle(self.connection, row))
    }
}

/// Finds the own topics of rows as they are written.
#[derive(Debug, Default)]
pub(crate) struct OwnTopicFinder {
    taxonomy: Taxonomy,
    tokeniser: Tokeniser,
}

impl OwnTopicFinder {
    /// For the taxonomy in force.
    pub(crate) fn load(connection: &Connection) -> Result<Self, Error> {
        let applied = read_taxonomies(connection)?.pop();
        let topics = applied.map(|applied| applied.topics).unwrap_or_default();
        Ok(Self { taxonomy: Taxonomy::new(topics)?, tokeniser: Tokeniser::default() })
    }

    /// Writes which own topics a row has, as it is stored.
    pub(crate) fn settle(&mut self, connection: &Connection, row: RowId) -> Result<(), Error> {
        if self.taxonomy.topics().is_empty() {
            return Ok(());
        }
        let stored = verbatim_table::read(connection, row)?
            .ok_or_else(|| Error::damaged("feedback", format!("row {row} is missing")))?;
        let mut clean = connection.prepare_cached("SELECT clean FROM verbatim WHERE row = ?")?;
        let clean: String = clean.query_row([row.0], |row| row.get(0))?;
        let document = Document::of_row(&stored, &clean, &mut self.tokeniser);
        let units = read_vectors(connection, row)?;
        let found = self.taxonomy.of_document(row, &document, &units);
        let topics = self.taxonomy.topics();
        let wanted = found.iter().map(|one| Stored::new(topics, one)).collect();
        write(connection, read_stored(connection, Some(row))?, wanted)
    }
}

/// Removes the own topics of a row whose item is about to be replaced.
pub(crate) fn forget(connection: &Connection, row: RowId) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM own_topic WHERE row = ?")?.execute([row.0])?;
    Ok(())
}

/// An own topic of a row, and why the row has it. Where nothing says so, it is
/// because it has a topic below it.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnTopicOfRow {
    /// The topic.
    pub topic: OwnTopic,
    /// Whether the rule of the topic holds.
    pub by_rule: bool,
    /// Where words of the rule stand in the verbatim, in order; none where the rule
    /// holds by conditions alone.
    pub words: Vec<CharSpan>,
    /// The number of the opinion unit that is most like the examples, and its cosine.
    pub nearest: Option<(u32, f32)>,
}

/// The own topics of a row in the order of the taxonomy in force.
pub(crate) fn evidence(connection: &Connection, row: RowId) -> Result<Vec<OwnTopicOfRow>, Error> {
    let stored = read_stored(connection, Some(row))?;
    if stored.is_empty() {
        return Ok(vec![]);
    }
    let Some(applied) = read_taxonomies(connection)?.pop() else { return Ok(vec![]) };
    let mut verbatim = connection.prepare_cached(
        "SELECT verbatim, language FROM feedback JOIN verbatim USING (row) WHERE row = ?",
    )?;
    let mut rows = verbatim.query([row.0])?;
    let Some(found) = rows.next()? else { return Ok(vec![]) };
    let (text, language) = (columns::text(found, 0)?, columns::language(found, 1)?);
    let mut tokeniser = Tokeniser::default();
    let mut own = Vec::with_capacity(stored.len());
    for topic in applied.topics {
        let Some(found) = stored.iter().find(|one| one.topic == topic.key) else { continue };
        let words = match topic.rule.as_deref().filter(|_| found.by_rule) {
            Some(rule) => highlight(text, language, &Query::parse_rule(rule)?, &mut tokeniser),
            None => vec![],
        };
        let (by_rule, nearest) = (found.by_rule, found.nearest);
        own.push(OwnTopicOfRow { topic, by_rule, words, nearest });
    }
    Ok(own)
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
struct Stored {
    row: RowId,
    topic: String,
    by_rule: bool,
    nearest: Option<(u32, f32)>,
}

impl Stored {
    fn new(topics: &[OwnTopic], found: &OwnTopicMatch) -> Self {
        let topic = topics[found.topic as usize].key.clone();
        Self { row: found.row, topic, by_rule: found.by_rule, nearest: found.nearest }
    }

    fn key(&self) -> (RowId, &str) {
        (self.row, &self.topic)
    }
}

/// What is stored of a row, or of all.
fn read_stored(connection: &Connection, row: Option<RowId>) -> Result<Vec<Stored>, Error> {
    let of_which = if row.is_some() { "row = ?1" } else { "?1 IS NULL" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT row, topic, by_rule, unit, similarity FROM own_topic WHERE {of_which}
         ORDER BY row, topic"
    ))?;
    let mut rows = statement.query([row.map(|row| row.0)])?;
    let mut stored = Vec::new();
    while let Some(found) = rows.next()? {
        let unit: Option<u32> = found.get(3)?;
        stored.push(Stored {
            row: columns::row_id(found, 0)?,
            topic: found.get(1)?,
            by_rule: found.get(2)?,
            nearest: unit.zip(found.get(4)?),
        });
    }
    Ok(stored)
}

/// Makes the table hold what is wanted instead of what is stored. Only what
/// differs is written, so that the past grows by that alone.
fn write(
    connection: &Connection,
    stored: Vec<Stored>,
    mut wanted: Vec<Stored>,
) -> Result<(), Error> {
    wanted.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut delete =
        connection.prepare_cached("DELETE FROM own_topic WHERE row = ? AND topic = ?")?;
    let mut put = connection.prepare_cached(
        "INSERT INTO own_topic (row, topic, by_rule, unit, similarity) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (row, topic) DO UPDATE SET by_rule = excluded.by_rule,
             unit = excluded.unit, similarity = excluded.similarity",
    )?;
    let mut stored = stored.into_iter().peekable();
    for one in wanted {
        while let Some(gone) = stored.next_if(|before| before.key() < one.key()) {
            delete.execute(params![gone.row.0, gone.topic])?;
        }
        if stored.next_if(|before| before.key() == one.key()).as_ref() != Some(&one) {
            let (unit, similarity) = one.nearest.unzip();
            put.execute(params![one.row.0, one.topic, one.by_rule, unit, similarity])?;
        }
    }
    for gone in stored {
        delete.execute(params![gone.row.0, gone.topic])?;
    }
    Ok(())
}

fn read_vectors(connection: &Connection, row: RowId) -> Result<Vec<(u32, Vec<i8>)>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT unit, vector FROM unit_vector WHERE row = ? ORDER BY unit")?;
    let mut rows = statement.query([row.0])?;
    let mut vectors = Vec::new();
    while let Some(found) = rows.next()? {
        let bytes = found.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        vectors.push((found.get(0)?, bytes.iter().map(|byte| byte.cast_signed()).collect()));
    }
    Ok(vectors)
}

/// All taxonomies that were applied, oldest first; the last one is in force.
pub(crate) fn read_taxonomies(connection: &Connection) -> Result<Vec<AppliedTaxonomy>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT generation, at, author, document, topics, model FROM taxonomy ORDER BY generation",
    )?;
    let mut rows = statement.query([])?;
    let mut taxonomies = Vec::new();
    while let Some(row) = rows.next()? {
        let topics: Vec<TopicRecord> = serde_json::from_str(columns::text(row, 4)?)?;
        let model: Option<Vec<u8>> = row.get(5)?;
        taxonomies.push(AppliedTaxonomy {
            generation: row.get::<_, i64>(0)?.cast_unsigned(),
            at: encoding::timestamp(row.get(1)?)?,
            author: row.get(2)?,
            document: row.get(3)?,
            topics: topics.into_iter().map(OwnTopic::try_from).collect::<Result<_, _>>()?,
            model: model.as_deref().map(encoding::fingerprint).transpose()?,
        });
    }
    Ok(taxonomies)
}

/// A topic in the column `topics`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicRecord {
    key: String,
    name: String,
    parent: Option<String>,
    rule: Option<String>,
    vector: Option<Vec<i8>>,
    threshold: Option<f32>,
    stage: Option<String>,
    touchpoint: Option<String>,
}

impl From<&OwnTopic> for TopicRecord {
    fn from(topic: &OwnTopic) -> Self {
        let prototype = topic.prototype.clone();
        let (vector, threshold) = prototype.map(|one| (one.vector, one.threshold)).unzip();
        Self {
            key: topic.key.clone(),
            name: topic.name.clone(),
            parent: topic.parent.clone(),
            rule: topic.rule.clone(),
            vector,
            threshold,
            stage: topic.stage.map(|stage| stage.code().to_owned()),
            touchpoint: topic.touchpoint.clone(),
        }
    }
}

impl TryFrom<TopicRecord> for OwnTopic {
    type Error = Error;

    fn try_from(record: TopicRecord) -> Result<Self, Error> {
        let stage = record.stage.map(|code| code.parse::<JourneyStage>()).transpose();
        Ok(Self {
            key: record.key,
            name: record.name,
            parent: record.parent,
            rule: record.rule,
            prototype: record
                .vector
                .zip(record.threshold)
                .map(|(vector, threshold)| TopicPrototype { vector, threshold }),
            stage: stage.map_err(|error| Error::damaged("taxonomy", error))?,
            touchpoint: record.touchpoint,
        })
    }
}
