//! Clusters with the sub-clusters of the large ones.

use echolot_themes::{Cluster, Options, Unit, remainder, subdivide};

/// How many times the least size a theme must have to be looked at for
/// sub-themes: below, a list of parts would be longer to read than the theme.
const LARGE: usize = 10;

/// What a discovery found: clusters that become themes, and parts of the large
/// ones that become their sub-themes.
pub(crate) struct Find {
    /// The clusters, members being indices into the units.
    pub(crate) themes: Vec<Cluster>,
    /// The parts of all of them, those of one next to each other.
    pub(crate) parts: Vec<Cluster>,
    /// For each part the index of its theme.
    pub(crate) part_of: Vec<usize>,
    /// What is left of each theme without its parts.
    pub(crate) left: Vec<Option<Cluster>>,
}

impl Find {
    /// Looks for the parts of the large among `themes`.
    pub(crate) fn new(themes: Vec<Cluster>, units: &[Unit], options: &Options) -> Self {
        let mut find = Self { themes, parts: vec![], part_of: vec![], left: vec![] };
        for (index, theme) in find.themes.iter().enumerate() {
            let is_large = theme.members.len() >= LARGE * options.min_size;
            let parts = if is_large { subdivide(theme, units, options) } else { vec![] };
            find.left.push(if parts.is_empty() {
                Some(theme.clone())
            } else {
                remainder(theme, &parts, units)
            });
            find.part_of.extend(std::iter::repeat_n(index, parts.len()));
            find.parts.extend(parts);
        }
        find
    }

    /// For each unit the index of the part it is in.
    pub(crate) fn part_of_units(&self, num_units: usize) -> Vec<Option<u32>> {
        let mut part_of = vec![None; num_units];
        for (index, part) in (0_u32..).zip(&self.parts) {
            part.members.iter().for_each(|&unit| part_of[unit] = Some(index));
        }
        part_of
    }
}
