//! Finding verbatims: by words, by meaning, and more like one.

use echolot_core::FeedbackId;
use echolot_index::{
    Facets, Filter, Hit, Meaning, Query, RowId, SearchBy, SearchPage, SearchRequest,
};

use super::cursor::Cursor;
use super::{Snapshot, by_name};
use crate::{Analyst, Error};

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuestion {
    /// Words, "phrases", conditions and so on; `crates/echolot-index/src/query.rs`
    /// describes the language. Blank: everything that meets the filters,
    /// newest first.
    pub query: String,
    /// What is found, and what comes first.
    pub mode: SearchMode,
    /// Find what is like this; the query then holds conditions only.
    pub like: Option<Like>,
    /// Further conditions.
    pub filter: Filter,
    /// The least similarity of what is found by meaning, -1..=1; the
    /// configured one if none is given.
    pub min_similarity: Option<f32>,
    /// The greatest number of hits.
    pub limit: usize,
    /// How many hits to pass over.
    pub offset: usize,
    /// Go on where an earlier answer ended; says more than `offset`.
    pub cursor: Option<String>,
}

impl Default for SearchQuestion {
    /// Everything, the first twenty of it.
    fn default() -> Self {
        Self {
            query: String::new(),
            mode: SearchMode::Hybrid,
            like: None,
            filter: Filter::default(),
            min_similarity: None,
            limit: 20,
            offset: 0,
            cursor: None,
        }
    }
}

/// What is found, and what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchMode {
    /// What says the words, by BM25.
    Words,
    /// What means the same, by similarity.
    Meaning,
    /// What is found by either, by both scores.
    Hybrid,
}

impl SearchMode {
    /// The name people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Meaning => "meaning",
            Self::Hybrid => "hybrid",
        }
    }
}

impl std::str::FromStr for SearchMode {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("mode", name, &[Self::Words, Self::Meaning, Self::Hybrid], Self::name)
    }
}

/// What others should be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Like {
    /// A stored verbatim.
    Item(FeedbackId),
    /// A text, in any language.
    Text(String),
}

impl SearchQuestion {
    /// Whether it cannot be answered in full without the model.
    pub fn needs_model(&self) -> bool {
        match self.like {
            Some(Like::Text(_)) => true,
            Some(Like::Item(_)) => false,
            None => self.mode != SearchMode::Words && !self.query.trim().is_empty(),
        }
    }
}

/// What a search needs beside a generation: the model, or why there is none.
pub struct SearchAids(Result<Analyst, String>);

impl SearchAids {
    /// With the model, or why there is none.
    pub fn new(analyst: Result<Analyst, String>) -> Self {
        Self(analyst)
    }

    /// Whether texts can be compared by meaning.
    pub fn has_model(&self) -> bool {
        self.0.is_ok()
    }

    pub(crate) fn analyst(&self) -> Result<&Analyst, Error> {
        self.0.as_ref().map_err(|reason| Error::NoModel { reason: reason.clone() })
    }
}

/// A part of what is found, with what the counts are about.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchAnswer {
    /// The generation that was searched.
    pub generation: u64,
    /// How it was searched: the mode that was asked for, or less.
    pub mode: SearchMode,
    /// Why less was done than asked for.
    pub notice: Option<String>,
    /// The least similarity of what is found by meaning; none where only
    /// words were searched.
    pub min_similarity: Option<f32>,
    /// How many verbatims are found, exactly: by words or by meaning.
    pub total: u64,
    /// How many of them say the words; none where words were not searched.
    pub by_words: Option<u64>,
    /// How many of them are similar enough; none where meaning was not searched.
    pub by_meaning: Option<u64>,
    /// The wanted part of them, best first.
    pub hits: Vec<Hit>,
    /// Exact counts over all of them.
    pub facets: Facets,
    /// The cursor of the next part; none after the last.
    pub next: Option<String>,
}

pub(super) fn answer(
    snapshot: &Snapshot,
    question: &SearchQuestion,
    aids: &SearchAids,
) -> Result<SearchAnswer, Error> {
    let Prepared { request, mode, notice, floor } = prepare(snapshot, question, aids)?;
    let page = snapshot.inner.search(&request)?;
    let SearchPage { total, by_words, by_meaning, hits, facets } = page;
    let end = request.offset + hits.len();
    let goes_on = !hits.is_empty() && (end as u64) < total;
    let generation = snapshot.generation();
    Ok(SearchAnswer {
        generation,
        mode,
        notice,
        min_similarity: by_meaning.is_some().then_some(floor),
        total,
        by_words,
        by_meaning,
        hits,
        facets,
        next: goes_on.then(|| Cursor::at(generation, end, question).to_string()),
    })
}

/// The rows of the hits, in their order.
pub(super) fn found(
    snapshot: &Snapshot,
    question: &SearchQuestion,
    aids: &SearchAids,
) -> Result<Vec<RowId>, Error> {
    Ok(snapshot.inner.found(&prepare(snapshot, question, aids)?.request)?)
}

/// A question made ready for the index.
struct Prepared {
    request: SearchRequest,
    mode: SearchMode,
    notice: Option<String>,
    floor: f32,
}

fn prepare(
    snapshot: &Snapshot,
    question: &SearchQuestion,
    aids: &SearchAids,
) -> Result<Prepared, Error> {
    let floor = question.min_similarity.unwrap_or(snapshot.min_similarity);
    if !(-1.0..=1.0).contains(&floor) {
        let reason = format!("{floor} is not from -1 to 1");
        return Err(Error::BadValue { key: "min_similarity", reason });
    }
    let query = snapshot.query(&question.query)?;
    let (mode, notice, by) = way_to_search(snapshot, question, &query, aids, floor)?;
    let offset = match &question.cursor {
        Some(cursor) => Cursor::read(cursor, question)?.offset_in(snapshot.generation())?,
        None => question.offset,
    };
    let (filter, limit) = (snapshot.enclosed(&question.filter), question.limit);
    let request = SearchRequest { query, filter, by, limit, offset };
    Ok(Prepared { request, mode, notice, floor })
}

/// How a question is searched for: what was asked, or words alone where there
/// is no model and the mode leaves the choice.
fn way_to_search(
    snapshot: &Snapshot,
    question: &SearchQuestion,
    query: &Query,
    aids: &SearchAids,
    floor: f32,
) -> Result<(SearchMode, Option<String>, SearchBy), Error> {
    let meaning = |vectors, except| Meaning { vectors, floor, except };
    if let Some(like) = &question.like {
        if !query.said().is_empty() {
            let reason = "stands with conditions such as product:X only, not with words".to_owned();
            return Err(Error::BadValue { key: "like", reason });
        }
        let (vectors, except) = like_vectors(snapshot, like, aids)?;
        return Ok((SearchMode::Meaning, None, SearchBy::Meaning(meaning(vectors, except))));
    }
    if question.mode == SearchMode::Words || query.said().is_empty() {
        return Ok((SearchMode::Words, None, SearchBy::Words));
    }
    let direction = comparing(snapshot, aids).and_then(|analyst| analyst.direction(query.said()));
    let meaning = match direction {
        Ok(direction) => meaning(vec![direction], None),
        Err(error) if question.mode == SearchMode::Hybrid => {
            let notice = format!("only words were searched: {error}");
            return Ok((SearchMode::Words, Some(notice), SearchBy::Words));
        }
        Err(error) => return Err(error),
    };
    Ok(match question.mode {
        SearchMode::Hybrid => (SearchMode::Hybrid, None, SearchBy::Both(meaning)),
        mode => (mode, None, SearchBy::Meaning(meaning)),
    })
}

/// The model, where the snapshot has what texts are compared with.
fn comparing<'a>(snapshot: &Snapshot, aids: &'a SearchAids) -> Result<&'a Analyst, Error> {
    let analyst = aids.analyst()?;
    snapshot.prepare_search(true)?;
    Ok(analyst)
}

/// The directions of what others should be like, and its row if it has one.
fn like_vectors(
    snapshot: &Snapshot,
    like: &Like,
    aids: &SearchAids,
) -> Result<(Vec<Vec<i8>>, Option<RowId>), Error> {
    match like {
        Like::Text(text) if text.trim().is_empty() => {
            let reason = "there is no text that others could be like".to_owned();
            Err(Error::BadValue { key: "like_text", reason })
        }
        Like::Text(text) => Ok((vec![aids.analyst()?.direction(text)?], None)),
        Like::Item(id) => {
            let row = snapshot.row_of(id)?;
            let row = row.ok_or_else(|| Error::UnknownFeedback(id.clone()))?;
            let vectors = snapshot.inner.unit_vectors(row)?;
            if !vectors.is_empty() {
                return Ok((vectors, Some(row)));
            }
            // It states no opinion that is stored; its words are read again.
            let text = snapshot.verbatim(id)?.verbatim;
            Ok((vec![aids.analyst()?.direction(&text)?], Some(row)))
        }
    }
}
