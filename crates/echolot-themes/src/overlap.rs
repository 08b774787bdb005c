//! What two groupings of the same units have in common.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// For every group of one grouping and every group of another the number of
/// units they share, where they share any.
///
/// A unit that either grouping leaves out counts for nothing.
pub(crate) fn overlaps<A: Ord, B: Ord>(
    pairs: impl IntoIterator<Item = (Option<A>, Option<B>)>,
) -> BTreeMap<(A, B), u64> {
    let mut shared = BTreeMap::new();
    for pair in pairs {
        if let (Some(a), Some(b)) = pair {
            *shared.entry((a, b)).or_default() += 1;
        }
    }
    shared
}

/// The sums of overlaps by what `group` takes from each pair.
pub(crate) fn sums<A: Copy, B: Copy, G: Ord>(
    shared: &BTreeMap<(A, B), u64>,
    group: impl Fn((A, B)) -> G,
) -> BTreeMap<G, u64> {
    let mut sums = BTreeMap::new();
    for (&pair, units) in shared {
        *sums.entry(group(pair)).or_default() += units;
    }
    sums
}

/// Pairs up groups one to one: again and again the pair that shares most,
/// of equal ones the lowest in the order of groups.
///
/// What is paired so shares at least half as many units as the best pairing
/// of all, and exactly as many where every pair of the best one holds more
/// than half of the units of both its groups.
pub(crate) fn pair_up<A: Ord + Copy, B: Ord + Copy>(
    shared: impl IntoIterator<Item = ((A, B), u64)>,
) -> BTreeMap<A, B> {
    let mut candidates: Vec<((A, B), u64)> = shared.into_iter().collect();
    candidates.sort_by_key(|&(pair, units)| (Reverse(units), pair));
    let mut partner_of = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for ((a, b), _) in candidates {
        if !partner_of.contains_key(&a) && taken.insert(b) {
            partner_of.insert(a, b);
        }
    }
    partner_of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn most_shared_pairs_first_and_ties_to_the_lower() {
        let shared = [((1, 'a'), 5), ((1, 'b'), 9), ((2, 'b'), 8), ((3, 'a'), 5), ((2, 'c'), 1)];
        assert_eq!(pair_up(shared), BTreeMap::from([(1, 'b'), (2, 'c'), (3, 'a')]));
        assert_eq!(pair_up([((2, 0), 1), ((1, 0), 1)]), BTreeMap::from([(1, 0)]));
    }

    /// The most units that any one-to-one pairing shares, by trying all.
    fn best(shared: &BTreeMap<(u8, u8), u64>, from: u8, taken: &mut Vec<u8>) -> u64 {
        if from == 4 {
            return 0;
        }
        let mut most = best(shared, from + 1, taken);
        for (&(_, b), units) in shared.range((from, 0)..(from + 1, 0)) {
            if !taken.contains(&b) {
                taken.push(b);
                most = most.max(units + best(shared, from + 1, taken));
                taken.pop();
            }
        }
        most
    }

    proptest! {
        #[test]
        fn greedy_pairs_share_at_least_half_of_the_best(
            units in prop::collection::vec((prop::option::of(0_u8..4), prop::option::of(0_u8..4)), 0..60),
        ) {
            let shared = overlaps(units);
            let paired: u64 = pair_up(shared.clone()).iter().map(|(&a, &b)| shared[&(a, b)]).sum();
            let most = best(&shared, 0, &mut vec![]);
            prop_assert!(paired <= most && 2 * paired >= most, "{paired} of {most}");
        }
    }
}
