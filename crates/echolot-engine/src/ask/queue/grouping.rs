//! Which complaints are one case.

use echolot_core::{Polarity, ThemeId, Timestamp};
use echolot_index::{Facts, OpinionFact, RowId};

use super::cases::Case;

/// What makes complaints one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// Nothing: it stands alone.
    Alone,
    /// One customer complains again.
    Respondent,
    /// Several customers complain of the same theme of the same product.
    Issue,
}

impl GroupKind {
    /// The word for it, also in answers to other programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Respondent => "respondent",
            Self::Issue => "issue",
        }
    }
}

/// Complaints that are one case, as places in a list of them.
pub(super) struct CaseGroup {
    pub(super) kind: GroupKind,
    pub(super) theme: Option<ThemeId>,
    pub(super) members: Vec<usize>,
}

/// Puts each complaint into one group: with others of the same customer of which
/// each lies at most `gap_s` seconds after the one before; else, in the same
/// way, with others about the same theme of the same product; else alone.
pub(super) fn group(facts: &Facts, cases: &[Case], gap_s: i64) -> Vec<CaseGroup> {
    let mut groups = Vec::new();
    let mut is_grouped = vec![false; cases.len()];
    let by_respondent = |row| facts.respondent.code(row).map(|code| (code, None));
    let by_issue = |row| {
        let theme = theme_of(facts.opinions(row))?;
        Some((facts.product.code(row).unwrap_or(u32::MAX), Some(theme)))
    };
    collect((cases, gap_s), GroupKind::Respondent, by_respondent, (&mut groups, &mut is_grouped));
    collect((cases, gap_s), GroupKind::Issue, by_issue, (&mut groups, &mut is_grouped));
    for member in (0..cases.len()).filter(|&member| !is_grouped[member]) {
        let theme = theme_of(facts.opinions(cases[member].row));
        groups.push(CaseGroup { kind: GroupKind::Alone, theme, members: vec![member] });
    }
    groups
}

/// What complaints of one group share: a customer, or a product and a theme.
type Key = (u32, Option<ThemeId>);

/// Finds the groups of two or more among what is in none yet.
fn collect(
    (cases, gap_s): (&[Case], i64),
    kind: GroupKind,
    key_of: impl Fn(RowId) -> Option<Key>,
    (groups, is_grouped): (&mut Vec<CaseGroup>, &mut [bool]),
) {
    let mut keyed: Vec<(Key, Option<Timestamp>, usize)> = cases
        .iter()
        .enumerate()
        .filter(|(member, _)| !is_grouped[*member])
        .filter_map(|(member, case)| Some((key_of(case.row)?, case.created_at, member)))
        .collect();
    keyed.sort_unstable();
    let is_near = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
        (Some(a), Some(b)) => b.seconds() - a.seconds() <= gap_s,
        (None, None) => true,
        _ => false,
    };
    for chain in keyed.chunk_by(|a, b| a.0 == b.0 && is_near(a.1, b.1)) {
        if chain.len() < 2 {
            continue;
        }
        let members: Vec<usize> = chain.iter().map(|(.., member)| *member).collect();
        for &member in &members {
            is_grouped[member] = true;
        }
        groups.push(CaseGroup { kind, theme: chain[0].0.1, members });
    }
}

/// The theme of the surest opinion that is no praise; of equals the first.
fn theme_of(opinions: &[OpinionFact]) -> Option<ThemeId> {
    let themed = opinions.iter().filter(|opinion| opinion.polarity != Polarity::Positive);
    let themed = themed.filter_map(|opinion| Some((opinion.confidence, opinion.theme?)));
    themed.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, theme)| theme)
}
