//! Exact counts of feedback by up to two groupings.

use std::collections::BTreeMap;

use echolot_core::{Count, Share, ThemeId, wilson};

use super::audit::{AuditedShare, correctable_share};
use super::cell_counts::count;
use super::cells::{codes_of, put_in_order};
use super::column::Column;
use super::segment::{Scope, Segment};
use super::themes::titles;
use super::{Grouping, Snapshot, by_name};
use crate::Error;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CountOf {
    /// Verbatims, every one.
    #[default]
    Verbatims,
    /// Opinions that meet the conditions on opinions.
    Opinions,
    /// Customers, each once; verbatims without a respondent do not count.
    Respondents,
    /// Verbatims, near-duplicates once.
    Texts,
}

impl CountOf {
    /// All that can be counted.
    pub const ALL: [Self; 4] = [Self::Verbatims, Self::Opinions, Self::Respondents, Self::Texts];

    /// The name that stands in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verbatims => "verbatims",
            Self::Opinions => "opinions",
            Self::Respondents => "respondents",
            Self::Texts => "texts",
        }
    }
}

impl std::str::FromStr for CountOf {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("of", name, &Self::ALL, Self::name)
    }
}

/// What to count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CountQuestion {
    /// Among which verbatims.
    pub segment: Segment,
    /// By what; at most two groupings.
    pub by: Vec<Grouping>,
    /// What.
    pub of: CountOf,
    /// The greatest number of rows; none means all.
    pub limit: Option<usize>,
}

/// Counts by group.
#[derive(Debug, Clone, PartialEq)]
pub struct CountTable {
    /// How many there are in all groups together, each once.
    pub total: u64,
    /// How many groups there are, shown or not.
    pub groups: u64,
    /// The groups that are not empty.
    pub rows: Vec<CountRow>,
}

/// The count of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct CountRow {
    /// Its value for each grouping.
    pub group: Vec<Group>,
    /// How many there are.
    pub count: u64,
    /// Their share of the total.
    pub share: Share,
    /// The share corrected for the known error of the model; none where no labels speak for
    /// these verbatims, or the groups are no labels of the model.
    pub corrected: Option<AuditedShare>,
}

/// A value of a grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The value; none for those without one.
    pub value: Option<String>,
    /// The name of a theme or an own topic.
    pub label: Option<String>,
}

pub(super) fn table(snapshot: &Snapshot, question: &CountQuestion) -> Result<CountTable, Error> {
    if question.by.len() > 2 {
        let reason = "at most two groupings can be crossed".to_owned();
        return Err(Error::BadValue { key: "by", reason });
    }
    let scope = Scope::new(snapshot, &question.segment)?;
    let columns: Vec<Column> = question
        .by
        .iter()
        .map(|grouping| Column::new(snapshot, grouping))
        .collect::<Result<_, _>>()?;
    let mut cells = count(&scope, &columns, question.of);
    let groups = cells.counts.len() as u64;
    let limit = question.limit.unwrap_or(usize::MAX);
    put_in_order(&columns, &mut cells.counts, limit, |(cell, _)| *cell, |(_, count)| *count);

    let names =
        if question.by.contains(&Grouping::Theme) { titles(snapshot)? } else { BTreeMap::new() };
    let report = snapshot.audit()?.about(scope.facts, &scope.rows());
    let correct = correctable_share(question, report.as_ref());
    let rows = cells.counts.into_iter().filter_map(|(cell, count)| {
        let codes = codes_of(&columns, cell);
        let group =
            question.by.iter().zip(&columns).zip(codes).map(|((grouping, column), code)| {
                let is_theme = *grouping == Grouping::Theme;
                let theme = is_theme.then(|| names.get(&ThemeId(code as u32)).cloned()).flatten();
                Group { value: column.value(code), label: theme.or_else(|| column.label(code)) }
            });
        let group: Vec<Group> = group.collect();
        let corrected = correct.as_ref().and_then(|correct| {
            correct(group.first()?.value.as_deref()?, Count::new(count, cells.total))
        });
        Some(CountRow { group, count, share: wilson(count, cells.total)?, corrected })
    });
    Ok(CountTable { total: cells.total, groups, rows: rows.collect() })
}
