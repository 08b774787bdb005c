//! The word for what became of a complaint from one release to the next.

use std::fmt;

use super::comparison::share_difference;
use super::count::{Count, Level};

/// What became of a theme's share. For praise, "worse" reads "more".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// Not in the baseline at all, and too often now for chance.
    New,
    /// A greater share than in the baseline, beyond chance.
    Worse,
    /// A smaller share than in the baseline, beyond chance; it may be gone.
    Better,
    /// Often enough in both to tell, and no sign of a difference.
    Same,
    /// Too few to tell, be it that there is a difference or that there is none.
    TooFew,
}

impl Change {
    /// The word for it, also in answers to other programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Same => "same",
            Self::TooFew => "too few",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// When a change is called one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeRule {
    /// The greatest q value that counts as beyond chance.
    pub level: Level,
    /// How many hits it takes to say anything.
    pub minimum: u64,
}

impl Default for ChangeRule {
    /// q up to 5 %, at least five hits.
    fn default() -> Self {
        Self { level: Level::FIVE_PERCENT, minimum: 5 }
    }
}

/// The word for a row of a release table, from its counts and its q value. It
/// says a change, or that there is none, only where q and the 95 % interval of
/// the difference ([`share_difference`]) say so both:
///
/// 1. too few, when neither release has the minimum of hits;
/// 2. beyond chance (`q` at or under the level, and the interval leaves 0 out):
///    new without a hit in the baseline, else worse or better as the share rose
///    or fell;
/// 3. same, when neither speaks for a change, and under one common share each
///    release was to expect the minimum of hits: a baseline of ten verbatims
///    cannot show that nothing changed;
/// 4. too few otherwise, also when the interval leaves 0 out and q, which is
///    corrected for all rows, is above the level: more verbatims would tell.
pub fn judge_change(count: Count, baseline: Count, q: f64, rule: ChangeRule) -> Change {
    if count.hits().max(baseline.hits()) < rule.minimum {
        return Change::TooFew;
    }
    let Some(difference) = share_difference(count, baseline) else { return Change::TooFew };
    let is_apart = difference.low > 0.0 || difference.high < 0.0;
    match (q <= rule.level.value(), is_apart) {
        (true, true) if difference.value < 0.0 => Change::Better,
        (true, true) if baseline.hits() == 0 => Change::New,
        (true, true) => Change::Worse,
        (false, false) if expects(count, baseline, rule.minimum) => Change::Same,
        _ => Change::TooFew,
    }
}

/// Whether the smaller of the two was to expect `minimum` hits.
fn expects(count: Count, baseline: Count, minimum: u64) -> bool {
    let both = count.joined(baseline);
    let smaller = count.total().min(baseline.total());
    u128::from(both.hits()) * u128::from(smaller) >= u128::from(minimum) * u128::from(both.total())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::comparison::compare_shares;
    use crate::statistics::discovery::benjamini_hochberg;

    fn word(now: (u64, u64), before: (u64, u64), q: f64) -> String {
        let (now, before) = (Count::new(now.0, now.1), Count::new(before.0, before.1));
        judge_change(now, before, q, ChangeRule::default()).to_string()
    }

    #[test]
    fn every_word_has_its_case() {
        assert_eq!(word((30, 1000), (0, 1000), 0.001), "new");
        assert_eq!(word((60, 1000), (20, 1000), 0.001), "worse");
        assert_eq!(word((10, 1000), (60, 1000), 0.05), "better");
        assert_eq!(word((0, 1000), (60, 1000), 0.001), "better");
        assert_eq!(word((25, 1000), (20, 1000), 0.6), "same");
        assert_eq!(word((4, 1000), (4, 10_000), 0.001), "too few");
    }

    /// 60 of 1,000 beside 40 of 1,000: the interval of the difference is [.1, 3.9]
    /// points, and p .04 is .2 when it is one of five rows without a change.
    #[test]
    fn the_word_agrees_with_the_interval_and_with_q() {
        assert_eq!(word((60, 1000), (40, 1000), 0.04), "worse");
        assert_eq!(word((60, 1000), (40, 1000), 0.2), "too few");
        assert_eq!(word((40, 1000), (60, 1000), 0.2), "too few");
        // [-.5, 3.3] points: no sign of a difference, whatever a test of its own says.
        assert_eq!(word((54, 1000), (40, 1000), 0.14), "same");
        assert_eq!(word((54, 1000), (40, 1000), 0.04), "too few");
    }

    #[test]
    fn too_little_to_compare_with_is_not_the_same() {
        // Twelve of 2,000 now, none of ten before: nobody can tell.
        assert_eq!(word((12, 2000), (0, 10), 1.0), "too few");
        // Half of three is no evidence against a tenth of a thousand.
        assert_eq!(word((1, 3), (100, 1000), 0.3), "too few");
        assert_eq!(word((9, 50), (0, 0), 1.0), "too few");
        // Five to expect on each side is just enough.
        assert_eq!(word((6, 100), (4, 100), 0.7), "same");
        assert_eq!(word((6, 100), (3, 100), 0.5), "too few");
    }

    /// Reviews of the Corona-Warn-App that name error 39508, of all German ones of each
    /// release. It came, grew, was mended, and broke out once more.
    #[test]
    fn error_39508_is_told_release_by_release() {
        let releases = [
            ("1.0.4", 102, 961),
            ("1.0.5", 131, 864),
            ("1.1.1", 97, 877),
            ("1.2.1", 33, 799),
            ("1.3.0", 24, 826),
            ("1.3.1", 68, 873),
            ("1.5.0", 30, 741),
        ];
        let count = |(_, hits, total): (&str, u64, u64)| Count::new(hits, total);
        let pairs: Vec<(Count, Count)> =
            releases.windows(2).map(|pair| (count(pair[1]), count(pair[0]))).collect();
        let p = pairs.iter().map(|(now, before)| compare_shares(*now, *before).unwrap().p);
        let q = benjamini_hochberg(&p.collect::<Vec<_>>());
        let words = pairs
            .iter()
            .zip(q)
            .map(|((now, before), q)| judge_change(*now, *before, q, ChangeRule::default()).word());
        let told: Vec<(&str, &str)> =
            releases[1..].iter().map(|(name, ..)| *name).zip(words).collect();
        assert_eq!(
            told,
            [
                ("1.0.5", "worse"),
                ("1.1.1", "better"),
                ("1.2.1", "better"),
                ("1.3.0", "same"),
                ("1.3.1", "worse"),
                ("1.5.0", "better"),
            ]
        );
    }

    #[test]
    fn the_rule_can_be_stricter() {
        let strict = ChangeRule { level: Level::new(0.01).unwrap(), minimum: 50 };
        let (now, before) = (Count::new(60, 1000), Count::new(20, 1000));
        assert_eq!(judge_change(now, before, 0.02, strict), Change::TooFew);
        assert_eq!(judge_change(now, before, 0.01, strict), Change::Worse);
        let many = (Count::new(600, 10_000), Count::new(560, 10_000));
        assert_eq!(judge_change(many.0, many.1, 0.02, strict), Change::Same);
    }
}
