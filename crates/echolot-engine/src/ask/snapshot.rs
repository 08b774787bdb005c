//! One published generation, and everything that can be asked of it.

use echolot_core::{FeedbackId, ThemeId};
use echolot_index::{Facts, Filter, RejectedRow, RunRecord, StoredTheme, Verbatim};

use super::{
    ComplaintQuestion, ComplaintTable, Dimension, DriverQuestion, DriverTable, KpiRow, SearchAids,
    SearchAnswer, SearchQuestion, ThemeDetail, ThemeList, ThemeQuestion,
};
use super::{complaints, drivers, kpis, search, themes};
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

    /// The generation the answers are about.
    pub fn generation(&self) -> u64 {
        self.inner.generation()
    }

    /// How many verbatims there are.
    pub fn num_verbatims(&self) -> Result<usize, Error> {
        Ok(self.facts()?.len())
    }

    /// Finds verbatims by words, by meaning, or like another one.
    pub fn search(
        &self,
        question: &SearchQuestion,
        aids: &SearchAids,
    ) -> Result<SearchAnswer, Error> {
        search::answer(self, question, aids)
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

    /// One theme with its ledger and figures over all verbatims.
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
    pub fn kpis(&self, by: Dimension, filter: &Filter) -> Result<Vec<KpiRow>, Error> {
        Ok(kpis::rows(self.facts()?, by, filter))
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

    /// All themes as they are stored, by id.
    pub fn stored_themes(&self) -> Result<Vec<StoredTheme>, Error> {
        Ok(self.inner.themes()?)
    }

    /// All committed runs, oldest first.
    pub fn runs(&self) -> Result<Vec<RunRecord>, Error> {
        Ok(self.inner.runs()?)
    }

    /// All rows that were refused, oldest first.
    pub fn rejected(&self) -> Result<Vec<RejectedRow>, Error> {
        Ok(self.inner.rejected()?)
    }

    pub(super) fn facts(&self) -> Result<&Facts, Error> {
        Ok(self.inner.facts()?)
    }
}
