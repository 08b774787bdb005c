//! Counts by group.

use echolot_core::Share;
use echolot_engine::{
    CorrectedCount, CountOf, CountQuestion, CountTable, Group, Quantity, Scope, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectedJson, CorrectedShareJson, rounded, trace};

/// Counts by group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsJson {
    generation: u64,
    /// What is counted: `verbatims`, `opinions`, `respondents` or `texts`.
    #[schema(value_type = String)]
    of: &'static str,
    /// What it is grouped by.
    by: Vec<String>,
    /// All together, each once.
    total: u64,
    /// With which the total can be counted again.
    trace: String,
    /// How many groups there are, shown or not.
    groups: u64,
    /// What people have said of the verbatims that are meant against the model.
    corrections: CorrectedJson,
    /// The groups: times, ratings and releases in their order, others by size.
    rows: Vec<CountJson>,
}

/// The count of one group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountJson {
    /// One value for each grouping.
    group: Vec<GroupJson>,
    count: u64,
    /// Its share of the total, 0..=1.
    share: f64,
    /// Lower end of the 95 % Wilson interval.
    share_low: f64,
    /// Upper end of the 95 % Wilson interval.
    share_high: f64,
    /// The share corrected for the model's known error; absent where people have
    /// labelled nothing, and where groups are no labels of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_share: Option<CorrectedShareJson>,
    /// With which the figures here can be counted again.
    trace: String,
}

/// A value of a grouping.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupJson {
    /// The value; null for those without one.
    value: Option<String>,
    /// The name of a theme or an own topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

impl From<Group> for GroupJson {
    fn from(group: Group) -> Self {
        Self { value: group.value, label: group.label }
    }
}

impl CountsJson {
    pub(crate) fn new(
        (generation, corrected): (u64, CorrectedCount),
        question: &CountQuestion,
        table: CountTable,
    ) -> Self {
        let quantity = match question.of {
            CountOf::Verbatims => Quantity::Verbatims,
            CountOf::Opinions => Quantity::Opinions,
            CountOf::Respondents => Quantity::Respondents,
            CountOf::Texts => Quantity::Texts,
        };
        let stated = |trace: Trace| trace.stating(Scope::All, quantity, table.total as f64);
        let whole = || Trace::new(generation, question.segment.clone());
        let rows = table.rows.into_iter().map(|row| {
            let Share { value, low, high, .. } = row.share;
            let group = question
                .by
                .iter()
                .zip(&row.group)
                .fold(whole(), |trace, (by, group)| trace.by(by.clone(), group.value.clone()));
            let group = group.stating(Scope::Group, quantity, row.count as f64);
            CountJson {
                trace: trace::write(&stated(group)),
                group: row.group.into_iter().map(GroupJson::from).collect(),
                count: row.count,
                share: rounded(value),
                share_low: rounded(low),
                share_high: rounded(high),
                corrected_share: row.corrected.map(CorrectedShareJson::from),
            }
        });
        Self {
            generation,
            of: question.of.name(),
            by: question.by.iter().map(|by| by.name().into_owned()).collect(),
            total: table.total,
            trace: trace::write(&stated(whole())),
            groups: table.groups,
            corrections: corrected.into(),
            rows: rows.collect(),
        }
    }
}
