//! Which rows say what a query asks for, and how much they speak of it.
//!
//! The index is only asked where terms stand. What a word finds is put
//! together here, and scored by BM25 (Robertson and Zaragoza, "The
//! Probabilistic Relevance Framework", 2009) with the frequencies and lengths
//! of the rows that are there now. So scores are the same bits for the same
//! rows, however the index is cut into segments and whatever was replaced.

use std::sync::Arc;

use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term};

use super::row_set::RowSet;
use crate::analyser::form_term;
use crate::error::Error;
use crate::facts::Facts;
use crate::query::{Condition, Evaluate, Slot, Text, Way};
use crate::records::RowId;
use crate::search::known::{RowFacts, word_column};
use crate::text_index::Fields;

/// The parameters of BM25: how soon further occurrences stop to count, and how
/// much long texts are held back. These are the ones that Trotman, Puurula and
/// Burgess ("Improvements to BM25 and Language Models Examined", ADCS 2014)
/// find best. The older 1.2 and 0.75 suppose that a long text says the same
/// with more words, but a long verbatim speaks of more things.
const K1: f32 = 0.9;
const B: f32 = 0.4;

/// The words of all rows of a generation.
pub(crate) struct Words {
    segments: Vec<Segment>,
    /// How many words each row has.
    lengths: Vec<u32>,
    mean_length: f32,
}

struct Segment {
    reader: SegmentReader,
    terms: Arc<InvertedIndexReader>,
    field: Field,
    /// The row of each document.
    rows: Vec<u32>,
}

impl Words {
    /// Opens the index of a generation of `num_rows` rows.
    pub(crate) fn open(
        searcher: &Searcher,
        fields: Fields,
        num_rows: usize,
    ) -> Result<Self, Error> {
        let mut lengths = vec![0; num_rows];
        let mut segments = Vec::new();
        for reader in searcher.segment_readers() {
            let (rows, words) =
                (reader.fast_fields().u64("row")?, reader.fast_fields().u64("length")?);
            let mut of_segment = Vec::with_capacity(reader.max_doc() as usize);
            for doc in 0..reader.max_doc() {
                let row = rows.first(doc).unwrap_or(u64::MAX);
                of_segment.push(row as u32);
                if reader.is_deleted(doc) {
                    continue;
                }
                let length = lengths.get_mut(row as usize).ok_or_else(|| {
                    let detail = format!("it holds row {row}, and the database does not");
                    Error::damaged("index", detail)
                })?;
                *length = words.first(doc).unwrap_or(0) as u32;
            }
            segments.push(Segment {
                terms: reader.inverted_index(fields.body)?,
                reader: reader.clone(),
                field: fields.body,
                rows: of_segment,
            });
        }
        let sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let mean_length = sum as f32 / num_rows.max(1) as f32;
        Ok(Self { segments, lengths, mean_length })
    }

    /// The rows that say a text. How often each does, by its best way to, is
    /// put into `frequencies`, which holds a zero for each row.
    fn find(&self, text: &Text, frequencies: &mut [f32]) -> Result<RowSet, Error> {
        let mut rows = RowSet::none(self.lengths.len());
        for way in &text.ways {
            for segment in &self.segments {
                segment.find(way, |row, frequency| {
                    rows.insert(RowId(row));
                    let best = &mut frequencies[row as usize];
                    *best = best.max(way.weight * frequency);
                })?;
            }
        }
        Ok(rows)
    }

    /// The BM25 of a row that says a text so often, one of `with` that say it.
    fn score(&self, with: u64) -> impl Fn(RowId, f32) -> f32 {
        let (all, with) = (self.lengths.len() as f32, with as f32);
        let rarity = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
        move |row, frequency| {
            let length = self.lengths[row.index()] as f32 / self.mean_length;
            let damping = K1 * (1.0 - B + B * length);
            rarity * frequency * (K1 + 1.0) / (frequency + damping)
        }
    }
}

impl Segment {
    /// Tells `take` the row of each document that says something in this way,
    /// and how often; a row may be told several times.
    fn find(&self, way: &Way, mut take: impl FnMut(u32, f32)) -> Result<(), Error> {
        let mut slots = Vec::with_capacity(way.slots.len());
        for slot in &way.slots {
            slots.push(self.terms_of(slot)?);
        }
        if let [terms] = &slots[..] {
            for (term, weight) in terms {
                self.for_each(term, |doc, count| {
                    take(self.rows[doc as usize], weight * count as f32);
                })?;
            }
            return Ok(());
        }
        for (doc, frequency) in self.together(&slots, way.is_ordered)? {
            take(self.rows[doc as usize], frequency);
        }
        Ok(())
    }

    /// The documents in which all slots stand, in a row if they are ordered,
    /// and how often.
    fn together(
        &self,
        slots: &[Vec<(TermInfo, f32)>],
        is_ordered: bool,
    ) -> Result<Vec<(u32, f32)>, Error> {
        let mut common: Option<Vec<(u32, f32)>> = None;
        for terms in slots {
            let mut docs: Vec<(u32, f32)> = Vec::new();
            for (term, weight) in terms {
                self.for_each(term, |doc, count| docs.push((doc, weight * count as f32)))?;
            }
            docs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            docs.dedup_by_key(|(doc, _)| *doc);
            common = Some(match common {
                None => docs,
                Some(before) => intersect(&before, &docs),
            });
        }
        let common = common.unwrap_or_default();
        if !is_ordered || common.is_empty() {
            return Ok(common);
        }
        let docs: Vec<u32> = common.iter().map(|(doc, _)| *doc).collect();
        // Where a run of slots may have begun.
        let mut starts = self.positions(&slots[0], &docs)?;
        for (terms, offset) in slots.iter().zip(0..).skip(1) {
            for (starts, positions) in starts.iter_mut().zip(self.positions(terms, &docs)?) {
                starts.retain(|start| positions.binary_search(&(start + offset)).is_ok());
            }
        }
        let counted = docs.into_iter().zip(starts).filter(|(_, starts)| !starts.is_empty());
        Ok(counted.map(|(doc, starts)| (doc, starts.len() as f32)).collect())
    }

    /// Where any of the terms stands in each of the documents, ascending.
    fn positions(&self, terms: &[(TermInfo, f32)], docs: &[u32]) -> Result<Vec<Vec<u32>>, Error> {
        let mut positions = vec![Vec::new(); docs.len()];
        for (term, _) in terms {
            let mut postings = self.postings(term, IndexRecordOption::WithFreqsAndPositions)?;
            for (doc, positions) in docs.iter().zip(&mut positions) {
                if postings.doc() < *doc {
                    postings.seek(*doc);
                }
                if postings.doc() == *doc {
                    postings.append_positions_with_offset(0, positions);
                }
            }
        }
        for positions in &mut positions {
            positions.sort_unstable();
            positions.dedup();
        }
        Ok(positions)
    }

    /// Tells `take` the documents that hold a term, and how often.
    fn for_each(&self, term: &TermInfo, mut take: impl FnMut(u32, u32)) -> Result<(), Error> {
        let mut postings = self.postings(term, IndexRecordOption::WithFreqs)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if !self.reader.is_deleted(doc) {
                take(doc, postings.term_freq());
            }
            doc = postings.advance();
        }
        Ok(())
    }

    fn postings(&self, term: &TermInfo, with: IndexRecordOption) -> Result<SegmentPostings, Error> {
        Ok(self.terms.read_postings_from_terminfo(term, with)?)
    }

    /// The terms of this segment that a slot means.
    fn terms_of(&self, slot: &Slot) -> Result<Vec<(TermInfo, f32)>, Error> {
        let mut found = Vec::new();
        match slot {
            Slot::Terms(terms) => {
                for (term, weight) in terms {
                    let term = Term::from_field_text(self.field, term);
                    found.extend(self.terms.get_term_info(&term)?.map(|info| (info, *weight)));
                }
            }
            Slot::Like(pattern) => {
                let begin = form_term(&pattern.beginning());
                let mut terms = self.terms.terms().range().ge(&begin).into_stream()?;
                while let Some((term, info)) = terms.next() {
                    if !term.starts_with(begin.as_bytes()) {
                        break;
                    }
                    let form = std::str::from_utf8(&term[form_term("").len()..]);
                    if form.is_ok_and(|form| pattern.accepts(form)) {
                        found.push((info.clone(), 1.0));
                    }
                }
            }
        }
        Ok(found)
    }
}

/// The documents of both lists, with the lesser frequency.
fn intersect(a: &[(u32, f32)], b: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut both = Vec::new();
    while let (Some((doc_a, count_a)), Some((doc_b, count_b))) = (a.peek(), b.peek()) {
        if doc_a == doc_b {
            both.push((*doc_a, count_a.min(*count_b)));
        }
        let (next_a, next_b) = (doc_a <= doc_b, doc_b <= doc_a);
        a.next_if(|_| next_a);
        b.next_if(|_| next_b);
    }
    both
}

/// A generation as queries are evaluated on it.
pub(crate) struct OnIndex<'a> {
    pub(crate) words: &'a Words,
    pub(crate) facts: &'a Facts,
    /// The sum of BM25 of the texts that were asked for, by row; empty before
    /// the first.
    pub(crate) scores: Vec<f32>,
    /// Room to count in, all zeros between two texts: what is asked for costs
    /// in proportion to the rows that say it, not to those there are.
    frequencies: Vec<f32>,
}

impl<'a> OnIndex<'a> {
    pub(crate) fn new(words: &'a Words, facts: &'a Facts) -> Self {
        Self { words, facts, scores: Vec::new(), frequencies: Vec::new() }
    }
}

impl Evaluate for OnIndex<'_> {
    type Set = RowSet;

    fn all(&mut self) -> RowSet {
        RowSet::all(self.facts.len())
    }

    fn text(&mut self, text: &Text, is_scored: bool) -> Result<RowSet, Error> {
        let words = self.words;
        if self.frequencies.is_empty() {
            self.frequencies = vec![0.0; self.facts.len()];
        }
        if is_scored && self.scores.is_empty() {
            self.scores = vec![0.0; self.facts.len()];
        }
        let set = words.find(text, &mut self.frequencies)?;
        let score = words.score(set.len());
        for row in set.iter() {
            let frequency = std::mem::take(&mut self.frequencies[row.index()]);
            if is_scored {
                self.scores[row.index()] += score(row, frequency);
            }
        }
        Ok(set)
    }

    fn condition(&mut self, condition: &Condition) -> RowSet {
        let facts = self.facts;
        if let Condition::Word(field, names) = condition {
            let column = word_column(facts, *field);
            let is_meant: Vec<bool> =
                column.all().iter().map(|word| names.iter().any(|name| name.is(word))).collect();
            return RowSet::of(facts.len(), |row| {
                column.code(row).is_some_and(|code| is_meant[code as usize])
            });
        }
        RowSet::of(facts.len(), |row| condition.holds(&RowFacts { facts, row }))
    }

    fn not(&mut self, set: RowSet) -> RowSet {
        set.complement()
    }

    fn at_least(&mut self, count: usize, sets: Vec<RowSet>) -> RowSet {
        RowSet::at_least(self.facts.len(), count, sets)
    }
}
