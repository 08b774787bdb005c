//! One published generation, and everything that can be asked of it.

use echolot_core::{FeedbackId, Journey, ThemeId};
use echolot_index::{
    Cell, Facts, Filter, RejectedRow, RowId, RunRecord, SearchPage, SearchRequest, StoredTheme,
    UnitRow, Verbatim, View,
};

use super::{
    AlarmQuestion, AlarmRate, CompareQuestion, CompareTable, ComplaintQuestion, ComplaintTable,
    CountQuestion, CountTable, DriverQuestion, DriverTable, EmergingQuestion, EmergingTable,
    Grouping, KpiRow, Recount, Report, ReportQuestion, ThemeDetail, ThemeLedger, ThemeList,
    ThemeQuestion, Trace, Trend, TrendQuestion,
};
use super::{
    alarms, comparisons, complaints, counts, drivers, emerging, kpis, recount, reports, themes,
    trends,
};
use crate::Error;

/// A published generation. Every answer of one snapshot is about the same
/// state, whatever a run does meanwhile.
pub struct Snapshot {
    pub(super) inner: echolot_index::Snapshot,
}

impl Snapshot {
    pub(crate) fn new(inner: echolot_index::Snapshot) -> Self {
        Self { inner }
    }

    /// Says where topics belong on the customer's journey. Call it before the
    /// first question.
    #[must_use]
    pub fn with_journey(self, journey: Journey) -> Self {
        Self { inner: self.inner.with_journey(journey) }
    }

    /// The generation the answers are about.
    pub fn generation(&self) -> u64 {
        self.inner.generation()
    }

    /// How many verbatims there are.
    pub fn num_verbatims(&self) -> Result<usize, Error> {
        Ok(self.facts()?.len())
    }

    /// Finds verbatims by words and filters.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchPage, Error> {
        Ok(self.inner.search(request)?)
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
    pub fn kpis(&self, by: &Grouping, filter: &Filter) -> Result<Vec<KpiRow>, Error> {
        kpis::rows(self, by, filter)
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
        self.inner.verbatim_by_id(id)?.ok_or_else(|| Error::UnknownFeedback(id.clone()))
    }

    /// Hands every verbatim to `take`, in the order of first load.
    pub fn for_each_verbatim<E: From<echolot_index::Error>>(
        &self,
        take: impl FnMut(Verbatim) -> Result<(), E>,
    ) -> Result<(), E> {
        self.inner.for_each_feedback(take)
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

    /// What happened to a theme, or to all, and what people changed.
    pub fn ledger(&self, theme: Option<ThemeId>) -> Result<ThemeLedger, Error> {
        themes::ledger(self, theme)
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

    pub(super) fn rows(&self, filter: &Filter) -> Result<Vec<RowId>, Error> {
        Ok(self.inner.rows(filter)?)
    }

    pub(super) fn facts(&self) -> Result<&Facts, Error> {
        Ok(self.inner.facts()?)
    }
}
