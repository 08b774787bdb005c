//! Searching a snapshot: exact counts, ranked hits and the places that match.

use std::cmp::Ordering;
use std::collections::HashSet;

use echolot_core::{CharSpan, FeedbackId, Language, Polarity, Rating, Timestamp, Topic};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::{PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader, Term};

use crate::analyser::{self, Analyser};
use crate::error::Error;
use crate::facts::{Facts, Words};
use crate::filter::{Filter, RowTest};
use crate::query::{self, Clause, Occur};
use crate::records::RowId;
use crate::text_index::Fields;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchRequest {
    /// Words, "phrases" and -exclusions. Every phrase and at least half of the
    /// words must occur, in some form, function words apart. Blank asks for
    /// everything, newest first.
    pub query: String,
    /// Further conditions.
    pub filter: Filter,
    /// The greatest number of hits wanted.
    pub limit: usize,
    /// How many of the best hits to pass over.
    pub offset: usize,
}

/// What is found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage {
    /// How many verbatims match, exactly.
    pub total: u64,
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
    /// BM25 of the query in it; 0 where nothing is ranked by words. Hits of
    /// equal score are in the order of rows.
    pub score: f32,
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

/// How many of the matching verbatims have a value, the commonest first and
/// equals by value. A verbatim counts once for each of its topics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// By language, as a code.
    pub languages: Vec<(String, u64)>,
    /// By polarity.
    pub polarities: Vec<(Polarity, u64)>,
    /// By product.
    pub products: Vec<(String, u64)>,
    /// By release.
    pub releases: Vec<(String, u64)>,
    /// By kind of contact.
    pub channels: Vec<(String, u64)>,
    /// By topic.
    pub topics: Vec<(Topic, u64)>,
}

/// The rows that match, with their scores, as they are ranked.
pub(crate) struct Ranking {
    pub(crate) total: u64,
    pub(crate) facets: Facets,
    /// The wanted page.
    pub(crate) page: Vec<(RowId, f32)>,
    pub(crate) clauses: Vec<Clause>,
}

/// Finds, counts and ranks the rows that match.
pub(crate) fn rank(
    searcher: &Searcher,
    fields: Fields,
    facts: &Facts,
    request: &SearchRequest,
) -> Result<Ranking, Error> {
    let clauses = query::parse(&request.query)?;
    let is_ranked = clauses.iter().any(|clause| clause.occur != Occur::Excluded);
    let test = RowTest::new(&request.filter, facts);
    let mut found: Vec<(RowId, f32)> = if clauses.is_empty() {
        facts.rows().map(|row| (row, 0.0)).collect()
    } else {
        combine((searcher, fields), &clauses, facts.len())?
    };
    found.retain(|(row, _)| test.accepts(*row));
    let counts = count(facts, &found);
    let total = found.len() as u64;
    let order = |a: &(RowId, f32), b: &(RowId, f32)| {
        if is_ranked {
            b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
        } else {
            newest_first(facts, a.0, b.0)
        }
    };
    let page = page_of(found, (request.offset, request.limit), order);
    Ok(Ranking { total, facets: counts, page, clauses })
}

/// Rows without a time come last; the row loaded later counts as newer.
fn newest_first(facts: &Facts, a: RowId, b: RowId) -> Ordering {
    facts.created_at[b.index()].cmp(&facts.created_at[a.index()]).then(b.cmp(&a))
}

fn page_of<T>(
    mut found: Vec<T>,
    (offset, limit): (usize, usize),
    order: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let end = offset.saturating_add(limit).min(found.len());
    if offset >= end {
        return Vec::new();
    }
    if end < found.len() {
        found.select_nth_unstable_by(end, &order);
        found.truncate(end);
    }
    found.sort_unstable_by(order);
    found.split_off(offset)
}

fn count(facts: &Facts, found: &[(RowId, f32)]) -> Facets {
    let words = |column: &Words| {
        let mut counts = vec![0; column.all().len()];
        for code in found.iter().filter_map(|(row, _)| column.code(*row)) {
            counts[code as usize] += 1;
        }
        commonest(column.all().iter().cloned().zip(counts).collect())
    };
    let mut polarities = vec![0; Polarity::ALL.len()];
    let mut topics = vec![0; Topic::ALL.len()];
    for (row, _) in found {
        polarities[facts.polarity[row.index()] as usize] += 1;
        let opinions = facts.opinions(*row);
        let mut seen = 0_u32;
        for opinion in opinions {
            let bit = 1 << opinion.topic as u8;
            topics[opinion.topic as usize] += u64::from(seen & bit == 0);
            seen |= bit;
        }
    }
    Facets {
        languages: words(&facts.language),
        polarities: commonest(Polarity::ALL.iter().copied().zip(polarities).collect()),
        products: words(&facts.product),
        releases: words(&facts.release),
        channels: words(&facts.channel),
        topics: commonest(Topic::ALL.iter().copied().zip(topics).collect()),
    }
}

fn commonest<T: Ord>(mut counts: Vec<(T, u64)>) -> Vec<(T, u64)> {
    counts.retain(|(_, count)| *count > 0);
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// The rows that meet the clauses, ascending, with the sum of their scores.
///
/// The index is only asked for single words and phrases. How they combine is
/// decided here, in the order of the query, so that the sums have the same
/// bits however the index is cut into segments.
fn combine(
    (searcher, fields): (&Searcher, Fields),
    clauses: &[Clause],
    num_rows: usize,
) -> Result<Vec<(RowId, f32)>, Error> {
    let mut scores = vec![0.0_f32; num_rows];
    let mut num_met = vec![0_usize; num_rows];
    let mut is_excluded = vec![false; num_rows];
    for clause in clauses {
        for (row, score) in rows_of_clause((searcher, fields), clause, num_rows)? {
            scores[row.index()] += score;
            match clause.occur {
                Occur::Required => num_met[row.index()] += weight(clause),
                Occur::Excluded => is_excluded[row.index()] = true,
                Occur::Wished => {}
            }
        }
    }
    let required = || clauses.iter().filter(|clause| clause.occur == Occur::Required);
    let num_words = required().filter(|clause| clause.words.len() == 1).count();
    let num_required = num_words.div_ceil(2) + PHRASE * (required().count() - num_words);
    let is_asked = clauses.iter().any(|clause| clause.occur == Occur::Wished);
    debug_assert!(num_required > 0 || !is_asked, "a wish stands beside a demand");
    let rows = (0..num_rows).filter(|row| num_met[*row] >= num_required && !is_excluded[*row]);
    Ok(rows.map(|row| (RowId(row as u32), scores[row])).collect())
}

/// What a phrase weighs against a word: more than all words of a query
/// together, so that no number of words makes up for a phrase.
const PHRASE: usize = 1 << 20;

fn weight(clause: &Clause) -> usize {
    if clause.words.len() == 1 { 1 } else { PHRASE }
}

/// The rows that hold a word or phrase, each once with its BM25. A text of
/// unknown language stands in two fields; its better score counts.
fn rows_of_clause(
    (searcher, fields): (&Searcher, Fields),
    clause: &Clause,
    num_rows: usize,
) -> Result<Vec<(RowId, f32)>, Error> {
    let mut found: Vec<(RowId, f32)> = Vec::new();
    let mut place = vec![u32::MAX; num_rows];
    for analyser in Analyser::ALL {
        let field = fields.body(analyser);
        let terms: Vec<Term> =
            clause.terms(analyser).iter().map(|term| Term::from_field_text(field, term)).collect();
        let query: Box<dyn Query> = match <[Term; 1]>::try_from(terms) {
            Ok([term]) => Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
            Err(terms) => Box::new(PhraseQuery::new(terms)),
        };
        for (row, score) in searcher.search(&query, &RowCollector)? {
            let place = place.get_mut(row.index()).ok_or_else(|| {
                Error::damaged("index", format!("it holds row {row}, and the database does not"))
            })?;
            if let Some((_, best)) = found.get_mut(*place as usize) {
                *best = best.max(score);
            } else {
                *place = found.len() as u32;
                found.push((row, score));
            }
        }
    }
    Ok(found)
}

/// Where the words and phrases that a query asks for stand in a text: spans
/// in order that neither touch nor overlap.
pub(crate) fn highlight(text: &str, language: Language, clauses: &[Clause]) -> Vec<CharSpan> {
    let words = analyser::words(text);
    let mut marked = HashSet::new();
    for analyser in Analyser::of_language(language) {
        let terms: Vec<String> =
            words.iter().map(|word| analyser.term(&text[word.clone()])).collect();
        for clause in clauses.iter().filter(|clause| clause.occur == Occur::Required) {
            let wanted = clause.terms(*analyser);
            for (start, window) in terms.windows(wanted.len()).enumerate() {
                if window == wanted {
                    marked.insert((words[start].start, words[start + wanted.len() - 1].end));
                }
            }
        }
    }
    let mut ranges: Vec<(usize, usize)> = marked.into_iter().collect();
    ranges.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    to_chars(text, &merged)
}

/// Byte ranges in order as character spans, in one pass over the text.
fn to_chars(text: &str, ranges: &[(usize, usize)]) -> Vec<CharSpan> {
    let (mut byte, mut char) = (0, 0);
    let mut char_at = |to: usize| {
        char += text[byte..to].chars().count();
        byte = to;
        char
    };
    ranges.iter().map(|(start, end)| CharSpan::new(char_at(*start), char_at(*end))).collect()
}

/// Collects every matching row with its score.
struct RowCollector;

struct SegmentRows {
    rows: Column<u64>,
    found: Vec<(RowId, f32)>,
}

impl Collector for RowCollector {
    type Fruit = Vec<(RowId, f32)>;
    type Child = SegmentRows;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentRows> {
        Ok(SegmentRows { rows: segment.fast_fields().u64("row")?, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<(RowId, f32)>>) -> tantivy::Result<Vec<(RowId, f32)>> {
        Ok(fruits.concat())
    }
}

impl SegmentCollector for SegmentRows {
    type Fruit = Vec<(RowId, f32)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.found.extend(self.rows.first(doc).map(|row| (RowId(row as u32), score)));
    }

    fn harvest(self) -> Vec<(RowId, f32)> {
        self.found
    }
}

/// What is shown of a row besides its words.
pub(crate) fn hit(facts: &Facts, (row, score): (RowId, f32), id: FeedbackId, text: String) -> Hit {
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
        score,
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
