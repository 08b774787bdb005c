//! Telling that two texts are the same, or nearly.
//!
//! Exact duplicates share a [`duplicate_key`]. Near-duplicates are looked for
//! among texts that share a band of their [`near_signature`] and are confirmed
//! by [`near_similarity`]: Broder's min-wise hashing (1997) with the banding
//! of Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, ch. 3.

use echolot_core::Fingerprint;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Similarity from which two texts are near-duplicates.
pub const NEAR_DUPLICATE: f64 = 0.8;

/// Characters of a shingle. Five tell words apart, and yet a changed word
/// costs only its own length and four more.
const SHINGLE_CHARS: usize = 5;
/// Fewest different shingles of a text with a signature: about ten words.
/// Below that one word, often "not", makes another text of it.
const MIN_SHINGLES: usize = 50;
/// Bands, and rows in each. Two texts of similarity s share a band with
/// probability 1 - (1 - s^6)^16: 0.99 at 0.8, 0.53 at 0.6, 0.06 at 0.4.
const BANDS: usize = 16;
const ROWS: usize = 6;

/// Keys under which near-duplicates meet: two texts that share one at the
/// same place are worth comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearSignature {
    /// One key for each of the 16 bands; keys of different bands differ.
    pub bands: Vec<u64>,
}

/// The key of a text and of all that differ from it only in case,
/// punctuation, white space, accents, the spelling of umlauts (`ü`, `ue`) and
/// `ß`, or repeated letters (`suuuper`). Digits and pictographs count.
pub fn duplicate_key(clean: &str) -> Fingerprint {
    let mut key = String::with_capacity(clean.len());
    // A mark between two digits counts, so that 1,5 and 15 stay apart.
    let mut parted = false;
    for char in folded(clean) {
        if !is_telling(char) {
            parted = true;
            continue;
        }
        let last = key.chars().next_back();
        if parted && char.is_numeric() && last.is_some_and(char::is_numeric) {
            key.push('.');
        }
        parted = false;
        if char.is_numeric() || last != Some(char) {
            key.push(char);
        }
    }
    if key.is_empty() {
        // Nothing but marks: `:(` is not `:)`, but `!!!` is `!`.
        key.extend(clean.chars().filter(|c| !c.is_whitespace()));
        let mut chars: Vec<char> = key.chars().collect();
        chars.dedup();
        key = chars.into_iter().collect();
    }
    Fingerprint::of_text(&key)
}

/// The signature of a text; none if it has fewer than 50 different shingles,
/// which is about ten words. Such a text has exact duplicates only.
pub fn near_signature(clean: &str) -> Option<NearSignature> {
    let shingles = shingles(clean);
    if shingles.len() < MIN_SHINGLES {
        return None;
    }
    let mut minima = [u64::MAX; BANDS * ROWS];
    for shingle in shingles {
        for (minimum, (factor, summand)) in minima.iter_mut().zip(&HASHES) {
            *minimum = (*minimum).min(shingle.wrapping_mul(*factor).wrapping_add(*summand));
        }
    }
    let bands = minima.chunks_exact(ROWS).zip(0..);
    let key = |(rows, band): (&[u64], u64)| rows.iter().fold(mix(band), |key, row| mix(key ^ row));
    Some(NearSignature { bands: bands.map(key).collect() })
}

/// How much two texts have in common: the Jaccard similarity of their
/// shingles, 0..=1. Two texts without any shingle are as similar as their
/// duplicate keys are equal.
pub fn near_similarity(a: &str, b: &str) -> f64 {
    let (left, right) = (shingles(a), shingles(b));
    if left.is_empty() && right.is_empty() {
        return f64::from(u8::from(duplicate_key(a) == duplicate_key(b)));
    }
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while let (Some(x), Some(y)) = (left.get(i), right.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared as f64 / (left.len() + right.len() - shared) as f64
}

/// Hashes of all stretches of five characters of the folded text, its words
/// parted by one space; sorted, each once. A shorter text is one shingle.
fn shingles(clean: &str) -> Vec<u64> {
    let mut text: Vec<char> = Vec::with_capacity(clean.len());
    for char in folded(clean) {
        let char = if is_telling(char) { char } else { ' ' };
        let repeats = text.last() == Some(&char) && !char.is_numeric();
        let leads = char == ' ' && text.is_empty();
        if !repeats && !leads {
            text.push(char);
        }
    }
    if text.last() == Some(&' ') {
        text.pop();
    }
    let hash = |shingle: &[char]| shingle.iter().fold(0, |hash, &c| mix(hash ^ u64::from(c)));
    let mut hashes: Vec<u64> = match text.len() {
        0 => vec![],
        1..SHINGLE_CHARS => vec![hash(&text)],
        _ => text.windows(SHINGLE_CHARS).map(hash).collect(),
    };
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Lower case, umlauts and ligatures spelt out, accents dropped.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).flat_map(Folded::of)
}

/// What one character folds to: two letters, or any number by decomposition.
enum Folded {
    Letters([char; 2], usize),
    Other(Option<char>),
}

impl Folded {
    fn of(char: char) -> Self {
        match char {
            'ä' | 'æ' => Self::Letters(['a', 'e'], 0),
            'ö' | 'œ' => Self::Letters(['o', 'e'], 0),
            'ü' => Self::Letters(['u', 'e'], 0),
            'ß' => Self::Letters(['s', 's'], 0),
            _ if char.is_ascii() => Self::Other(Some(char)),
            _ if is_combining_mark(char) || is_modifier(char) => Self::Other(None),
            // The base letter of an accented one.
            _ => Self::Other(std::iter::once(char).nfd().next()),
        }
    }
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Letters(letters, at) => {
                *at += 1;
                letters.get(*at - 1).copied()
            }
            Self::Other(char) => char.take(),
        }
    }
}

/// Variation selectors, joiners and skin tones change a picture's looks only.
fn is_modifier(char: char) -> bool {
    matches!(char, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Letters, digits and pictographs carry meaning; marks and spaces do not.
fn is_telling(char: char) -> bool {
    char.is_alphanumeric()
        || matches!(char, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Steele, Lea and Flood's `SplitMix64` (2014): a bijection that spreads bits.
const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The hash family x -> a x + b modulo 2^64, a odd, applied to well-spread
/// values: fixed, so that signatures agree on every machine.
const HASHES: [(u64, u64); BANDS * ROWS] = {
    let mut hashes = [(0, 0); BANDS * ROWS];
    let mut i = 0;
    while i < hashes.len() {
        hashes[i] = (mix(2 * i as u64) | 1, mix(2 * i as u64 + 1));
        i += 1;
    }
    hashes
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn are_equal(a: &str, b: &str) -> bool {
        duplicate_key(a) == duplicate_key(b)
    }

    #[test]
    fn spelling_makes_no_other_text() {
        for (a, b) in [
            ("Super App!", "suuuper  APP"),
            ("Für Größe", "fuer groesse!!!"),
            ("STRASSE", "Straße"),
            ("Café, très bien", "cafe tres bien"),
            ("so-gut", "so gut"),
            ("👍👍👍", "👍🏽"),
            ("!!!", "!"),
            ("1,5 Sterne", "1.5 Sterne"),
            ("", " "),
        ] {
            assert!(are_equal(a, b), "{a} | {b}");
        }
    }

    #[test]
    fn meaning_makes_another_text() {
        for (a, b) in [
            ("gut", "nicht gut"),
            ("1,5 Sterne", "15 Sterne"),
            ("Fehler 9002", "Fehler 90002"),
            ("Gut 👍", "Gut 👎"),
            (":)", ":("),
            ("👍", ""),
            ("良い", "悪い"),
        ] {
            assert!(!are_equal(a, b), "{a} | {b}");
        }
    }

    const REVIEW: &str = "Die App funktioniert seit dem letzten Update überhaupt nicht mehr, \
        ständig kommt Fehler 39508 und der Support antwortet seit Wochen nicht auf meine Anfragen.";

    #[test]
    fn similarity_is_the_share_of_common_shingles() {
        // "abcdef" has abcde and bcdef, "abcdeg" abcde and bcdeg.
        assert!((near_similarity("abcdef", "abcdeg") - 1.0 / 3.0).abs() < 1e-12);
        assert!((near_similarity("abc", "ABC!") - 1.0).abs() < 1e-12);
        assert!(near_similarity("abc", "abd") < 1e-12);
        assert!((near_similarity("", "!") - 0.0).abs() < 1e-12);
        assert!((near_similarity("", "") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_changed_word_leaves_a_near_duplicate() {
        let other = REVIEW.replace("Wochen", "Tagen");
        assert!(near_similarity(REVIEW, &other) >= NEAR_DUPLICATE);
        let (a, b) = (near_signature(REVIEW).unwrap(), near_signature(&other).unwrap());
        assert!(a.bands.iter().zip(&b.bands).any(|(x, y)| x == y));
        let foreign =
            "Sehr nettes Personal im Hotel und ein wirklich hervorragendes Frühstück am See.";
        assert!(near_similarity(REVIEW, foreign) < 0.1);
    }

    #[test]
    fn short_texts_have_no_signature() {
        assert_eq!(near_signature("Super App, funktioniert gut"), None);
        assert_eq!(near_signature(&"haha ".repeat(100)), None);
        assert_eq!(near_signature(REVIEW).map(|near| near.bands.len()), Some(BANDS));
    }

    #[test]
    fn signatures_are_the_same_on_every_machine() {
        let bands = near_signature(REVIEW).unwrap().bands;
        assert_eq!((bands[0], bands[15]), (252_704_092_410_395_649, 14_052_725_452_998_396_354));
    }

    /// Of pairs at or above the threshold, made by dropping words, nearly all
    /// must share a band.
    #[test]
    fn near_duplicates_meet() {
        let words: Vec<String> = (0..2000_u64).map(|i| format!("w{:x}", mix(i) >> 40)).collect();
        let (mut near, mut met) = (0, 0);
        for text in words.chunks(40) {
            for dropped in 1..8 {
                let other: Vec<&str> = text.iter().skip(dropped).map(String::as_str).collect();
                let (a, b) = (text.join(" "), other.join(" "));
                if !(NEAR_DUPLICATE..NEAR_DUPLICATE + 0.1).contains(&near_similarity(&a, &b)) {
                    continue;
                }
                let (a, b) = (near_signature(&a).unwrap(), near_signature(&b).unwrap());
                near += 1;
                met += usize::from(a.bands.iter().zip(&b.bands).any(|(x, y)| x == y));
            }
        }
        assert!(near > 100, "{near}");
        assert!(met * 100 >= near * 97, "{met} of {near}");
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_bounded(a in any::<String>(), b in any::<String>()) {
            let similarity = near_similarity(&a, &b);
            prop_assert!((0.0..=1.0).contains(&similarity));
            prop_assert!((similarity - near_similarity(&b, &a)).abs() < 1e-12);
            prop_assert!((near_similarity(&a, &a) - 1.0).abs() < 1e-12);
        }

        #[test]
        fn case_and_marks_never_matter(text in "[a-zäöü ,.!]{1,40}[a-z]") {
            prop_assert!(are_equal(&text, &text.to_uppercase().replace([',', '.', '!'], " ")));
        }
    }
}
