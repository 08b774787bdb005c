//! Searching a snapshot: exact counts, ranked hits and the places that match.

mod facets;
mod fusion;
mod highlight;
mod known;
mod products;
mod row_set;
mod unit_vectors;
mod word_search;

use std::cmp::Ordering;

use echolot_core::{CharSpan, FeedbackId, Language, Polarity, Rating, Timestamp, Topic};

pub use facets::Facets;
pub(crate) use highlight::highlight;
pub(crate) use unit_vectors::{UnitVectors, cosine};
pub(crate) use word_search::Words as IndexedWords;

use crate::error::Error;
use crate::facts::{Facts, Words};
use crate::filter::{Filter, RowTest};
use crate::query::{Demand, Query};
use crate::records::RowId;
pub(crate) use row_set::RowSet;
use word_search::OnIndex;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchRequest {
    /// What is asked for in words. [`Query::all`] asks for everything, newest first.
    pub query: Query,
    /// Further conditions.
    pub filter: Filter,
    /// What is found, and what comes first.
    pub by: SearchBy,
    /// The greatest number of hits wanted.
    pub limit: usize,
    /// How many of the best hits to pass over.
    pub offset: usize,
}

/// What is found, and what comes first.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum SearchBy {
    /// What the query says, by BM25.
    #[default]
    Words,
    /// What means the same, by similarity. Of the query only phrases,
    /// conditions and exclusions must hold.
    Meaning(Meaning),
    /// What is found by either, by both scores.
    Both(Meaning),
}

/// A meaning to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// Quantised embeddings. The similarity of a verbatim is the mean, over
    /// these, of the greatest cosine of its opinion units.
    pub vectors: Vec<Vec<i8>>,
    /// The least similarity of what is found, -1..=1.
    pub floor: f32,
    /// A verbatim that is not wanted: the one that others should be like.
    pub except: Option<RowId>,
}

/// What is found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage {
    /// How many verbatims match, exactly: those found by words, and those
    /// found by meaning, each once.
    pub total: u64,
    /// How many say what the query asks for; none when words were not searched.
    pub by_words: Option<u64>,
    /// How many are similar enough; none when meaning was not searched.
    pub by_meaning: Option<u64>,
    /// The wanted part of them, best first.
    pub hits: Vec<Hit>,
    /// Exact counts over all that match.
    pub facets: Facets,
}

/// One verbatim that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its row.
    pub row: RowId,
    /// Its id.
    pub id: FeedbackId,
    /// What it is ranked by: BM25, similarity, or by both a weighted sum of
    /// the two, 0..=1. 0 where nothing ranks. Hits of equal score are in the
    /// order of rows.
    pub score: f32,
    /// Its similarity to the meaning, where it is one of those found by it.
    pub similarity: Option<f32>,
    /// The words of the customer.
    pub text: String,
    /// Where in `text` the words and phrases of the query stand, in order.
    pub highlights: Vec<CharSpan>,
    /// The language of the text.
    pub language: Language,
    /// The polarity of the whole.
    pub polarity: Polarity,
    /// Graded sentiment, -1..=1.
    pub sentiment: f32,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// The product it is about.
    pub product: Option<String>,
    /// The release it refers to.
    pub release: Option<String>,
    /// The kind of contact.
    pub channel: Option<String>,
    /// The system it came from.
    pub source: Option<String>,
    /// The rating.
    pub rating: Option<Rating>,
    /// The topics of its opinions, each once, in the order of the text.
    pub topics: Vec<Topic>,
    /// The row it repeats; `row` itself when it repeats none.
    pub canonical: RowId,
    /// Whether what is stated is in part what a person says against the model.
    pub is_corrected: bool,
}

/// A row as it is ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) row: RowId,
    pub(crate) score: f32,
    pub(crate) similarity: Option<f32>,
}

/// The rows that match, as they are counted and ranked.
pub(crate) struct Ranking {
    pub(crate) total: u64,
    pub(crate) by_words: Option<u64>,
    pub(crate) by_meaning: Option<u64>,
    pub(crate) facets: Facets,
    /// The wanted page.
    pub(crate) page: Vec<Ranked>,
}

/// What a search reads of a generation.
pub(crate) struct Searched<'a> {
    pub(crate) words: &'a IndexedWords,
    pub(crate) facts: &'a Facts,
    /// Only where a meaning is asked for.
    pub(crate) vectors: Option<&'a UnitVectors>,
}

/// Finds, counts and ranks the rows that match.
pub(crate) fn rank(on: &Searched, request: &SearchRequest) -> Result<Ranking, Error> {
    let facts = on.facts;
    let root = &request.query.root;
    let filtered = filtered(facts, &request.filter);
    let mut index = OnIndex::new(on.words, facts);
    let meaning = match &request.by {
        SearchBy::Words => None,
        SearchBy::Meaning(meaning) | SearchBy::Both(meaning) => Some(meaning),
    };
    let near = match (meaning, on.vectors) {
        (Some(meaning), Some(vectors)) => {
            let mut candidates = root.evaluate(&mut index, Demand::Conditions)?;
            candidates = restrict(candidates, filtered.as_ref());
            meaning.except.into_iter().for_each(|row| candidates.remove(row));
            Some(vectors.near(&meaning.vectors, candidates, meaning.floor))
        }
        _ => None,
    };
    let said = if matches!(request.by, SearchBy::Meaning(_)) {
        None
    } else {
        let set = root.evaluate(&mut index, Demand::All)?;
        Some(restrict(set, filtered.as_ref()))
    };
    let scores = root.is_ranked().then_some(index.scores.as_slice());
    let by_words = said.as_ref().map(RowSet::len);
    let by_meaning = near.as_ref().map(|near| near.len() as u64);
    let (set, mut ranked) = match (said, near) {
        (Some(said), None) => {
            let score = |row: RowId| scores.map_or(0.0, |scores| scores[row.index()]);
            let ranked = said.iter().map(|row| Ranked { row, score: score(row), similarity: None });
            let ranked = ranked.collect();
            (said, ranked)
        }
        (None, near) => {
            let near = near.unwrap_or_default();
            let similar = |(row, similarity): (RowId, f32)| Ranked {
                row,
                score: similarity,
                similarity: Some(similarity),
            };
            (set_of(facts.len(), &near), near.into_iter().map(similar).collect())
        }
        (Some(said), Some(near)) => {
            let set = set_of(facts.len(), &near).union(&said);
            let floor = meaning.map_or(-1.0, |meaning| meaning.floor);
            (set, fusion::fuse(&said, scores, (&near, floor)))
        }
    };
    let total = ranked.len() as u64;
    let is_ranked = scores.is_some() || by_meaning.is_some();
    let order = |a: &Ranked, b: &Ranked| {
        if is_ranked {
            b.score.total_cmp(&a.score).then(a.row.cmp(&b.row))
        } else {
            newest_first(facts, a.row, b.row)
        }
    };
    let page = page_of(&mut ranked, (request.offset, request.limit), order);
    Ok(Ranking { total, by_words, by_meaning, facets: facets::count(facts, &set), page })
}

/// The rows that say what a query asks for.
pub(crate) fn said(words: &IndexedWords, facts: &Facts, query: &Query) -> Result<RowSet, Error> {
    query.root.evaluate(&mut OnIndex::new(words, facts), Demand::All)
}

/// The rows that meet a filter; none when it asks for nothing.
fn filtered(facts: &Facts, filter: &Filter) -> Option<RowSet> {
    // Spam is left out even where nothing is asked.
    let asks = *filter != Filter::default() || facts.is_spam.contains(&true);
    asks.then(|| {
        let test = RowTest::new(filter, facts);
        RowSet::of(facts.len(), |row| test.accepts(row))
    })
}

fn restrict(set: RowSet, to: Option<&RowSet>) -> RowSet {
    match to {
        Some(to) => set.intersection(to),
        None => set,
    }
}

fn set_of(num_rows: usize, near: &[(RowId, f32)]) -> RowSet {
    let mut set = RowSet::none(num_rows);
    for (row, _) in near {
        set.insert(*row);
    }
    set
}

/// Rows without a time come last; the row loaded later counts as newer.
fn newest_first(facts: &Facts, a: RowId, b: RowId) -> Ordering {
    facts.created_at[b.index()].cmp(&facts.created_at[a.index()]).then(b.cmp(&a))
}

/// A page of what is found, in order; the rest is left unsorted.
fn page_of<T: Copy>(
    found: &mut [T],
    (offset, limit): (usize, usize),
    order: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let end = offset.saturating_add(limit).min(found.len());
    if offset >= end {
        return Vec::new();
    }
    let best = first_in_order(found, end, order);
    best[offset..].to_vec()
}

/// Sorts the first `count` of what is found to the front.
fn first_in_order<T>(
    found: &mut [T],
    count: usize,
    order: impl Fn(&T, &T) -> Ordering,
) -> &mut [T] {
    if count < found.len() {
        found.select_nth_unstable_by(count, &order);
    }
    let best = &mut found[..count];
    best.sort_unstable_by(order);
    best
}

/// What is shown of a row besides its words.
pub(crate) fn hit(facts: &Facts, ranked: Ranked, id: FeedbackId, text: String) -> Hit {
    let row = ranked.row;
    let at = row.index();
    let word = |column: &Words| column.get(row).map(str::to_owned);
    let mut topics: Vec<Topic> = Vec::new();
    for opinion in facts.opinions(row) {
        if !topics.contains(&opinion.topic) {
            topics.push(opinion.topic);
        }
    }
    let language = facts.language.get(row).and_then(Language::from_tag);
    Hit {
        row,
        id,
        score: ranked.score,
        similarity: ranked.similarity,
        text,
        highlights: Vec::new(),
        language: language.unwrap_or(Language::UNKNOWN),
        polarity: facts.polarity[at],
        sentiment: facts.score[at],
        created_at: facts.created_at[at],
        product: word(&facts.product),
        release: word(&facts.release),
        channel: word(&facts.channel),
        source: word(&facts.source),
        rating: facts.rating[at],
        topics,
        canonical: facts.canonical[at],
        is_corrected: facts.is_corrected[at],
    }
}
