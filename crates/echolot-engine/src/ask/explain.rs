//! What would be if only some of what changed between two generations had changed.
//!
//! From the earlier generation to the later one lead four steps, taken in the
//! order in which the program itself works, so that each step stands on those
//! before it: the data that came, the readings of the model, the themes, and
//! what people put right.

use std::collections::BTreeSet;
use std::path::Path;

use echolot_core::ThemeId;
use echolot_index::{DataFolder, Kept, RowId, StoredTheme};

use super::Snapshot;
use crate::{Config, Error};

/// The steps from one generation to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeStep {
    /// Feedback that came or was delivered anew, with what was found in it, and
    /// the question, if the reports ask another.
    Data,
    /// Opinions that are read otherwise in the same words.
    Model,
    /// Themes that were found, named, merged, split or hidden.
    Taxonomy,
    /// Verbatims that a person has touched.
    Correction,
}

impl ChangeStep {
    /// All steps, in their order.
    pub const ALL: [Self; 4] = [Self::Data, Self::Model, Self::Taxonomy, Self::Correction];

    /// The name that stands in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Model => "model",
            Self::Taxonomy => "taxonomy",
            Self::Correction => "correction",
        }
    }
}

/// The states from the generation `earlier` to `later` of the data folder at
/// `path`: the earlier one, and the state after each of the steps; the last is
/// the later one. Figures computed in all of them differ by what each step
/// has changed, and these differences add up to the whole change.
///
/// An item that was delivered anew counts as data. A verbatim of which a person
/// has moved units, has said something against the model, or taken it back,
/// counts as correction, with all that became of it.
///
/// # Errors
/// When there is no such generation, or `later` is before `earlier`.
pub fn steps_between(
    path: &Path,
    (earlier, later): (u64, u64),
    config: &Config,
) -> Result<[Snapshot; 5], Error> {
    if later < earlier {
        let reason = format!(
            "generation {earlier} of the first report is later than {later} of the second; give them \
             the other way round"
        );
        return Err(Error::BadValue { key: "reports", reason });
    }
    let folder = DataFolder::open(path)?;
    let open = |generation| -> Result<Snapshot, Error> {
        Ok(Snapshot::new(folder.snapshot_at(generation)?, config))
    };
    let (a, b) = (open(earlier)?, open(later)?);
    let came = b.inner.item_generations()?;
    let is_same = |row: RowId| came[row.index()] <= earlier;
    let by_hand = by_hand(&a, &b)?;
    let is_touched = |row: &RowId| by_hand.contains(row);

    let (facts_a, facts_b) = (a.facts()?, b.facts()?);
    let data =
        facts_b.blended(facts_a, |row| if is_same(row) { Kept::Analysis } else { Kept::Nothing });
    let model = facts_b.blended(facts_a, |row| match (is_same(row), is_touched(&row)) {
        (false, _) => Kept::Nothing,
        (true, true) => Kept::Analysis,
        (true, false) => Kept::Themes,
    });
    let taxonomy = facts_b.blended(facts_a, |row| {
        if is_same(row) && is_touched(&row) { Kept::Analysis } else { Kept::Nothing }
    });
    let (themes_a, themes_b) = (a.stored_themes()?, b.stored_themes()?);
    let themes = with_newer(&themes_a, &themes_b);
    let suppose =
        |facts, themes| -> Result<Snapshot, Error> { Ok(open(later)?.supposing(facts, themes)) };
    let data = suppose(data, themes.clone())?;
    let model = suppose(model, themes)?;
    let taxonomy = suppose(taxonomy, themes_b)?;
    Ok([a, data, model, taxonomy, b])
}

/// The rows of which a person has put a unit somewhere, corrected an answer or
/// hidden the whole, or let one of these go, between the two.
fn by_hand(a: &Snapshot, b: &Snapshot) -> Result<BTreeSet<RowId>, Error> {
    let units = |snapshot: &Snapshot| -> Result<BTreeSet<(RowId, u32, Option<ThemeId>)>, Error> {
        Ok(snapshot.inner.units_by_hand()?.into_iter().collect())
    };
    let in_force = |snapshot: &Snapshot| -> Result<BTreeSet<(RowId, u64)>, Error> {
        let standing = snapshot.corrections(None)?.into_iter();
        let in_force = standing.filter(|correction| correction.standing.is_in_force());
        Ok(in_force.map(|correction| (correction.answer.row, correction.edit)).collect())
    };
    let (moved_a, moved_b) = (units(a)?, units(b)?);
    let moved = moved_a.symmetric_difference(&moved_b).map(|(row, ..)| *row);
    let (said_a, said_b) = (in_force(a)?, in_force(b)?);
    let said = said_a.symmetric_difference(&said_b).map(|(row, _)| *row);
    Ok(moved.chain(said).collect())
}

/// The themes as they were, and those that came since.
fn with_newer(earlier: &[StoredTheme], later: &[StoredTheme]) -> Vec<StoredTheme> {
    let known: BTreeSet<ThemeId> = earlier.iter().map(|theme| theme.id).collect();
    let newer = later.iter().filter(|theme| !known.contains(&theme.id));
    earlier.iter().chain(newer).cloned().collect()
}
