//! How themes are related: which are parts of which, and where old numbers lead.

use std::collections::HashMap;

use echolot_core::ThemeId;
use rusqlite::Connection;

use crate::error::Error;

/// The sub-themes and the ended themes of a generation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kinship {
    parents: HashMap<ThemeId, ThemeId>,
    successors: HashMap<ThemeId, ThemeId>,
}

impl Kinship {
    pub(crate) fn load(connection: &Connection) -> Result<Self, Error> {
        let mut statement =
            connection.prepare_cached("SELECT theme, parent, successor FROM theme")?;
        let mut rows = statement.query([])?;
        let mut kinship = Self::default();
        while let Some(row) = rows.next()? {
            let id = ThemeId(row.get(0)?);
            let theme = |column| Ok::<_, Error>(row.get::<_, Option<u32>>(column)?.map(ThemeId));
            kinship.parents.extend(theme(1)?.map(|parent| (id, parent)));
            kinship.successors.extend(theme(2)?.map(|successor| (id, successor)));
        }
        Ok(kinship)
    }

    /// The theme that a number leads to today: itself, unless it has ended.
    pub fn current(&self, id: ThemeId) -> ThemeId {
        let mut current = id;
        // A chain is never longer than there are links, so damage cannot make
        // this go on for ever.
        for _ in 0..=self.successors.len() {
            match self.successors.get(&current) {
                Some(next) => current = *next,
                None => break,
            }
        }
        current
    }

    /// The theme that a sub-theme is part of.
    pub fn parent(&self, id: ThemeId) -> Option<ThemeId> {
        self.parents.get(&id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_numbers_lead_on_to_the_last_of_their_chain() {
        let pairs = |pairs: &[(u32, u32)]| {
            pairs.iter().map(|&(from, to)| (ThemeId(from), ThemeId(to))).collect()
        };
        let kinship = Kinship {
            parents: pairs(&[(5, 3)]),
            successors: pairs(&[(1, 2), (2, 3), (7, 8), (8, 7)]),
        };
        let current = |id| kinship.current(ThemeId(id)).0;
        assert_eq!([1, 2, 3, 9].map(current), [3, 3, 3, 9]);
        assert!([7, 8].contains(&current(7)), "a circle ends somewhere");
        assert_eq!(kinship.parent(ThemeId(5)), Some(ThemeId(3)));
        assert_eq!(kinship.parent(ThemeId(3)), None);
    }
}
