//! The order of releases.

use std::cmp::Ordering;

/// Orders release names the way people count them: runs of digits are
/// compared as numbers, everything else as text, and a release that goes on
/// where the other ends is later (`3.9.0` < `3.10.0` < `3.10.0.1`), except that
/// a pre-release suffix comes before its release (`2.0-beta` < `2.0`).
///
/// Follows the spirit of Semantic Versioning 2.0.0, section 11, for names that
/// need not be semantic versions. The order is total.
pub fn compare_releases(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (Parts(a), Parts(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(part)) => {
                return if part.is_pre_release() { Ordering::Greater } else { Ordering::Less };
            }
            (Some(part), None) => {
                return if part.is_pre_release() { Ordering::Less } else { Ordering::Greater };
            }
            (Some(x), Some(y)) => x.compare(&y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// One run of digits or of other characters, without the separators.
enum Part<'a> {
    Number(&'a str),
    Word(&'a str),
}

impl Part<'_> {
    fn is_pre_release(&self) -> bool {
        let Self::Word(word) = self else { return false };
        let word = word.to_lowercase();
        ["alpha", "beta", "rc", "pre", "dev", "preview"].contains(&word.as_str())
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Self::Word(a), Self::Word(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
            (Self::Number(_), Self::Word(_)) => Ordering::Greater,
            (Self::Word(_), Self::Number(_)) => Ordering::Less,
        }
    }
}

struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let rest = self.0.trim_start_matches(|c: char| !c.is_alphanumeric());
        let first = rest.chars().next()?;
        let is_number = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != is_number || !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        self.0 = after;
        Some(if is_number {
            let digits = run.trim_start_matches('0');
            Part::Number(if digits.is_empty() { "0" } else { digits })
        } else {
            Part::Word(run)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_as_people_count() {
        let mut releases = [
            "3.10.0",
            "3.9.0",
            "2025.2",
            "3.10.0.1",
            "v3.10.0-beta",
            "3.10",
            "3.10.0-rc1",
            "1.0.04",
        ];
        releases.sort_by(|a, b| compare_releases(a, b));
        assert_eq!(
            releases,
            [
                "v3.10.0-beta",
                "1.0.04",
                "3.9.0",
                "3.10",
                "3.10.0-rc1",
                "3.10.0",
                "3.10.0.1",
                "2025.2"
            ]
        );
    }

    #[test]
    fn equal_in_meaning_is_still_a_total_order() {
        assert_eq!(compare_releases("1.0", "1.0"), Ordering::Equal);
        assert_ne!(compare_releases("1.0", "1.00"), Ordering::Equal);
    }
}
