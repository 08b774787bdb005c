//! One published generation, and everything that can be asked of it.

use std::sync::{Arc, OnceLock};

use echolot_core::{Analysis, FeedbackId, ThemeId, Timestamp};
use echolot_index::{
    AuditLabel, Cell, Facts, Filter, OwnTopicOfRow, Query, RejectedRow, RowId, RunRecord,
    StandingCorrection, StoredTheme, Synonyms, UnitRow, Verbatim, View,
};

use super::segment::{self, Scope, Segment};
use super::{
    AlarmQuestion, AlarmRate, AuditReport, CompareQuestion, CompareTable, ComplaintQuestion,
    ComplaintTable, CorrectedCount, CountQuestion, CountTable, DriverQuestion, DriverTable,
    EmergingQuestion, EmergingTable, Grouping, KpiRow, Recount, Report, ReportQuestion, SearchAids,
    SearchAnswer, SearchQuestion, TaxonomyView, ThemeDetail, ThemeLedger, ThemeList, ThemeQuestion,
    Trace, Trend, TrendQuestion,
};
use super::{
    alarms, audit, comparisons, complaints, counts, drivers, emerging, kpis, own_topics, recount,
    reports, search, themes, trends,
};
use crate::run::horizon;
use crate::{Config, Error, ThemeCertificate};

/// A published generation. Every answer of one snapshot is about the same
/// state, whatever a run does meanwhile.
///
/// A clone is another view of the same generation and costs nothing.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) inner: Arc<echolot_index::Snapshot>,
    synonyms: Arc<Synonyms>,
    /// The least similarity of what is found by meaning, unless a question
    /// states another.
    pub(super) min_similarity: f32,
    /// The ends of the scale of ratings.
    pub(super) rating_scale: (f64, f64),
    /// A conversation is resolved when the customer is not back within so many
    /// seconds.
    pub(super) reopen_s: i64,
    /// The products beyond which nothing is seen; empty means all is.
    within: Arc<[String]>,
    /// Of what is seen.
    audit: Arc<OnceLock<AuditReport>>,
}

impl Snapshot {
    pub(crate) fn new(inner: echolot_index::Snapshot, config: &Config) -> Self {
        Self {
            inner: Arc::new(inner.with_journey(config.journey.clone())),
            synonyms: Arc::new(config.synonyms.clone()),
            min_similarity: config.min_similarity,
            rating_scale: config.queue.rating_range,
            reopen_s: i64::from(config.queue.reopen_days) * 86_400,
            within: Arc::default(),
            audit: Arc::default(),
        }
    }

    /// The same generation for somebody who may see these products and no
    /// others: every question is about their verbatims alone, whatever it asks
    /// for. No product means that all may be seen.
    #[must_use]
    pub fn within(&self, products: &[String]) -> Self {
        let is_same = *self.within == *products;
        let audit = if is_same { Arc::clone(&self.audit) } else { Arc::default() };
        Self { within: products.into(), audit, ..self.clone() }
    }

    /// Whether nothing is seen but some products.
    pub(super) fn is_restricted(&self) -> bool {
        !self.within.is_empty()
    }

    /// A filter that cannot be widened beyond what may be seen.
    pub(super) fn enclosed(&self, filter: &Filter) -> Filter {
        Filter { within: self.within.to_vec(), ..filter.clone() }
    }

    /// The same generation, asked as a configuration says: with its customer's
    /// journey, its synonyms and its least similarity. Call it before the
    /// first question.
    #[must_use]
    pub fn with_config(self, config: &Config) -> Self {
        Self::new(unshared(self.inner), config)
    }

    /// This generation with other columns and themes; see
    /// [`echolot_index::Snapshot::supposing`].
    pub(super) fn supposing(self, facts: Facts, themes: Vec<StoredTheme>) -> Self {
        let inner = unshared(self.inner).supposing(facts, themes).into();
        Self { inner, audit: Arc::default(), ..self }
    }

    /// The generation the answers are about.
    pub fn generation(&self) -> u64 {
        self.inner.generation()
    }

    /// How many verbatims there are.
    pub fn num_verbatims(&self) -> Result<usize, Error> {
        Ok(if self.is_restricted() {
            self.rows(&Filter::default())?.len()
        } else {
            self.facts()?.len()
        })
    }

    /// Finds verbatims by words, by meaning, or like another one.
    pub fn search(
        &self,
        question: &SearchQuestion,
        aids: &SearchAids,
    ) -> Result<SearchAnswer, Error> {
        search::answer(self, question, aids)
    }

    /// The rows of the hits of a search, in their order; see
    /// [`Snapshot::for_each_of`].
    pub fn found(&self, question: &SearchQuestion, aids: &SearchAids) -> Result<Vec<RowId>, Error> {
        search::found(self, question, aids)
    }

    /// Loads what searching reads, so that no question waits for it; with
    /// `is_by_meaning` also what texts are compared with.
    pub fn prepare_search(&self, is_by_meaning: bool) -> Result<(), Error> {
        Ok(self.inner.prepare_search(is_by_meaning)?)
    }

    /// Lists the themes of a set of verbatims by volume.
    pub fn themes(&self, question: &ThemeQuestion) -> Result<ThemeList, Error> {
        themes::list(self, question)
    }

    /// One theme with its ledger and figures over all verbatims. The number of
    /// a theme that has ended is answered with the theme it leads to.
    pub fn theme(&self, id: ThemeId) -> Result<ThemeDetail, Error> {
        themes::detail(self, id)
    }

    /// The complaints about one release of a product, beside a baseline.
    pub fn complaints(&self, question: &ComplaintQuestion) -> Result<ComplaintTable, Error> {
        complaints::table(self, question)
    }

    /// What goes with good and bad answers of a set of verbatims.
    pub fn drivers(&self, question: &DriverQuestion) -> Result<DriverTable, Error> {
        drivers::table(self, question)
    }

    /// The key figures of a set of verbatims, by group.
    pub fn kpis(&self, by: &Grouping, segment: &Segment) -> Result<Vec<KpiRow>, Error> {
        kpis::rows(self, by, segment)
    }

    /// The themes whose share rose beyond chance in a release or period.
    pub fn emerging(&self, question: &EmergingQuestion) -> Result<EmergingTable, Error> {
        emerging::table(self, question)
    }

    /// How often chance alone raises an alarm among the feedback on a product.
    pub fn alarm_rates(&self, question: &AlarmQuestion) -> Result<Vec<AlarmRate>, Error> {
        alarms::rates(self, question)
    }

    /// A figure from period to period or release to release.
    pub fn trend(&self, question: &TrendQuestion) -> Result<Trend, Error> {
        trends::trend(self, question)
    }

    /// What is said in one set of verbatims beside another.
    pub fn compare(&self, question: &CompareQuestion) -> Result<CompareTable, Error> {
        comparisons::table(self, question)
    }

    /// Counts a set of verbatims by up to two groupings.
    pub fn counts(&self, question: &CountQuestion) -> Result<CountTable, Error> {
        counts::table(self, question)
    }

    /// A report on a product, a release or all feedback.
    pub fn report(&self, question: &ReportQuestion) -> Result<Report, Error> {
        reports::report(self, question)
    }

    /// Counts the figures of a trace again from the stored rows. The snapshot
    /// is to be of the generation of the trace; [`crate::recount`] sees to it.
    pub(crate) fn recount(&self, trace: &Trace) -> Result<Recount, Error> {
        recount::recount(self, trace)
    }

    /// Everything stored about one feedback item.
    pub fn verbatim(&self, id: &FeedbackId) -> Result<Verbatim, Error> {
        // To whoever may not see it, it is not there.
        let found = self.inner.verbatim_by_id(id)?.filter(|found| self.shows(product_of(found)));
        found.ok_or_else(|| Error::UnknownFeedback(id.clone()))
    }

    /// What people say against the model, and how it stands to what the model
    /// says today: of one item, oldest first, or of all, by edit.
    pub fn corrections(&self, of: Option<RowId>) -> Result<Vec<StandingCorrection>, Error> {
        let facts = self.facts()?;
        let mut standing = self.inner.corrections(of)?;
        standing.retain(|one| self.shows(facts.product.get(one.answer.row)));
        Ok(standing)
    }

    /// What the model says of a row that people have corrected; none of
    /// another, of which it is what is stored.
    pub fn model_answer(&self, row: RowId) -> Result<Option<Analysis>, Error> {
        Ok(self.inner.model_answer(row)?)
    }

    /// The moment before which everything was written: a day after this generation was
    /// published, as clocks and time zones differ; none where that was not kept. What
    /// claims to be of a later time has a wrong date: it counts, and is not what is recent.
    pub(super) fn horizon(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.inner.committed_at()?.and_then(horizon))
    }

    /// How well the model does on the verbatims that people labelled. It is computed
    /// when it is first asked for and kept as long as the snapshot.
    pub fn audit(&self) -> Result<&AuditReport, Error> {
        if let Some(report) = self.audit.get() {
            return Ok(report);
        }
        let report = audit::report(self)?;
        Ok(self.audit.get_or_init(|| report))
    }

    /// How many of a set of verbatims people have corrected, and how many they
    /// have hidden from it.
    pub fn corrected(&self, segment: &Segment) -> Result<CorrectedCount, Error> {
        segment::corrected(self, segment)
    }

    /// Hands every verbatim to `take`, in the order of first load.
    pub fn for_each_verbatim<E: From<echolot_index::Error>>(
        &self,
        mut take: impl FnMut(Verbatim) -> Result<(), E>,
    ) -> Result<(), E> {
        self.inner.for_each_feedback(|verbatim| {
            if self.shows(product_of(&verbatim)) { take(verbatim) } else { Ok(()) }
        })
    }

    /// Hands the verbatims of rows to `take`, in the order given and one at a
    /// time, until it fails.
    pub fn for_each_of<E: From<echolot_index::Error>>(
        &self,
        rows: &[RowId],
        mut take: impl FnMut(Verbatim) -> Result<(), E>,
    ) -> Result<(), E> {
        let read = |row: &RowId| self.inner.verbatim(*row);
        let shown = |found: &Verbatim| self.shows(product_of(found));
        for row in rows {
            read(row)?.filter(shown).map_or(Ok(()), &mut take)?;
        }
        Ok(())
    }

    /// The taxonomy in force, with how many verbatims have each of its topics.
    pub fn taxonomy(&self) -> Result<TaxonomyView, Error> {
        own_topics::in_force(self)
    }

    /// The own topics of a row, and why it has them.
    pub fn own_topics_of(&self, row: RowId) -> Result<Vec<OwnTopicOfRow>, Error> {
        Ok(self.inner.own_topics_of(row)?)
    }

    /// Whether what was said of a product, or of none, may be seen.
    fn shows(&self, product: Option<&str>) -> bool {
        let is_within = |product| self.within.iter().any(|seen| seen == product);
        !self.is_restricted() || product.is_some_and(is_within)
    }

    /// Hands every row of an SQL view to `take`, in a fixed order.
    pub fn for_each_row_of<E: From<echolot_index::Error>>(
        &self,
        view: &View,
        take: impl FnMut(Vec<Cell>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.inner.for_each_row_of(view, take)
    }

    /// All themes and sub-themes as they are stored, the ended ones too, by id.
    pub fn stored_themes(&self) -> Result<Vec<StoredTheme>, Error> {
        Ok(self.inner.themes()?)
    }

    /// What happened to a theme, or to all, and what people changed: always of
    /// all products.
    pub fn ledger(&self, theme: Option<ThemeId>) -> Result<ThemeLedger, Error> {
        themes::ledger(self, theme)
    }

    /// How far the themes of the last discovery can be relied upon; none where that was
    /// before certificates were kept.
    pub fn certificate(&self) -> Result<Option<ThemeCertificate>, Error> {
        let kept = self.inner.discovery()?.and_then(|discovery| discovery.certificate);
        Ok(kept.as_ref().and_then(ThemeCertificate::from_json))
    }

    /// All opinion units that no person has put anywhere.
    pub(crate) fn units(&self) -> Result<Vec<UnitRow>, Error> {
        Ok(self.inner.units()?)
    }

    /// All committed runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, Error> {
        Ok(self.inner.runs()?)
    }

    /// All rows that were refused, oldest first.
    pub fn rejected(&self) -> Result<Vec<RejectedRow>, Error> {
        Ok(self.inner.rejected()?)
    }

    /// Reads a query as all questions do.
    pub(super) fn query(&self, query: &str) -> Result<Query, Error> {
        Ok(Query::parse(query, &self.synonyms)?)
    }

    /// The row of an item that may be seen.
    /// Makes sure that a feedback item is there and may be seen.
    ///
    /// # Errors
    /// [`Error::UnknownFeedback`] when not.
    pub fn must_show(&self, id: &FeedbackId) -> Result<(), Error> {
        let row = self.row_of(id)?;
        row.map(|_| ()).ok_or_else(|| Error::UnknownFeedback(id.clone()))
    }

    /// Makes sure that an edit is a correction that stands, of nothing but
    /// what may be seen.
    ///
    /// # Errors
    /// [`Error::UnknownEdit`] when not.
    pub fn must_show_correction(&self, edit: u64) -> Result<(), Error> {
        let facts = self.facts()?;
        let mut standing = self.inner.corrections(None)?;
        standing.retain(|one| one.edit == edit);
        let is_shown = |one: &StandingCorrection| self.shows(facts.product.get(one.answer.row));
        if standing.is_empty() || !standing.iter().all(is_shown) {
            return Err(Error::UnknownEdit(edit));
        }
        Ok(())
    }

    pub(super) fn row_of(&self, id: &FeedbackId) -> Result<Option<RowId>, Error> {
        let facts = self.facts()?;
        let row = self.inner.row_of(id)?;
        Ok(row.filter(|row| self.shows(facts.product.get(*row))))
    }

    /// What people labelled of what may be seen.
    pub(super) fn audit_labels(&self) -> Result<Vec<AuditLabel>, Error> {
        let facts = self.facts()?;
        let mut labels = self.inner.audit_labels()?;
        labels.retain(|label| self.shows(facts.product.get(label.row)));
        Ok(labels)
    }

    pub(super) fn rows(&self, filter: &Filter) -> Result<Vec<RowId>, Error> {
        Ok(self.inner.rows(&self.enclosed(filter))?)
    }

    /// The rows of a segment, ascending.
    pub(super) fn rows_of(&self, segment: &Segment) -> Result<Vec<RowId>, Error> {
        Ok(Scope::new(self, segment)?.rows())
    }

    pub(super) fn facts(&self) -> Result<&Facts, Error> {
        Ok(self.inner.facts()?)
    }
}

fn product_of(verbatim: &Verbatim) -> Option<&str> {
    verbatim.feedback.product.as_deref()
}

/// What is changed before the first question, so that no clone shares it yet.
fn unshared(inner: Arc<echolot_index::Snapshot>) -> echolot_index::Snapshot {
    Arc::into_inner(inner)
        .unwrap_or_else(|| unreachable!("a snapshot is not shared before its first question"))
}
