//! Numbers, languages and missing answers in the ways people write them.

use echolot_core::Language;

/// Whether a value says that there is none.
pub(super) fn is_missing(text: &str) -> bool {
    let text = text.trim().trim_end_matches('.').to_lowercase();
    matches!(
        text.as_str(),
        "" | "-"
            | "–"
            | "—"
            | "n/a"
            | "#n/a"
            | "na"
            | "nan"
            | "null"
            | "none"
            | "nil"
            | "k.a"
            | "k. a"
            | "keine angabe"
            | "keine antwort"
            | "no answer"
            | "not answered"
            | "unknown"
    )
}

/// The number an answer states: `4`, `4.5`, `4,5`, `5/5`, `4 von 5 Sternen`,
/// `10 - sehr wahrscheinlich`, `★★★★☆`. The scale that follows is not used:
/// an answer is judged on the scale of its field.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(stars) = stars(text) {
        return Some(stars);
    }
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || matches!(c, '.' | ',') || *at == 0 && *c == '-'))
        .map_or(text.len(), |(at, _)| at);
    let (digits, rest) = text.split_at(end);
    // A comma that ends the number belongs to the words after it.
    let digits = digits.trim_end_matches([',', '.']);
    if !digits.ends_with(|c: char| c.is_ascii_digit()) || !is_scale_or_words(rest) {
        return None;
    }
    let decimal = match (digits.contains(','), digits.contains('.')) {
        (true, false) => digits.replacen(',', ".", 1),
        (true, true) => return None,
        _ => digits.to_owned(),
    };
    decimal.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Counts filled stars; only stars may be there.
fn stars(text: &str) -> Option<f64> {
    let is_filled = |c: &char| matches!(c, '★' | '⭐' | '🌟');
    let is_part = |c: char| is_filled(&c) || matches!(c, '☆' | ' ' | '\u{fe0f}' | '\u{fe0e}');
    let is_stars = text.contains(['★', '☆', '⭐', '🌟']) && text.chars().all(is_part);
    is_stars.then(|| text.chars().filter(is_filled).count() as f64)
}

/// Whether what follows a number leaves it a single number: nothing, a scale
/// (`/5`, `von 5`, `out of 5`) or words.
fn is_scale_or_words(rest: &str) -> bool {
    let rest = rest.trim().to_lowercase();
    let scale = ["/", "von ", "out of ", "of "].iter().find_map(|sign| rest.strip_prefix(sign));
    let words = match scale {
        Some(scale) => scale.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest.as_str(),
    };
    let words = words.strip_prefix([',', '.']).unwrap_or(words);
    let words = if scale.is_some() {
        words.trim_start_matches(|c: char| c.is_ascii_digit())
    } else {
        words
    };
    !words.contains(|c: char| c.is_ascii_digit() || matches!(c, '/' | '%' | ':'))
}

/// Reads a language tag or the name of a language in German or English.
pub(super) fn language(text: &str) -> Option<Language> {
    let word = text.trim().to_lowercase();
    let tag = match word.as_str() {
        "deutsch" | "german" | "deu" | "ger" => "de",
        "englisch" | "english" | "eng" => "en",
        "französisch" | "french" | "fra" | "fre" => "fr",
        "italienisch" | "italian" | "ita" => "it",
        "spanisch" | "spanish" | "spa" => "es",
        "niederländisch" | "dutch" | "nld" | "dut" => "nl",
        "portugiesisch" | "portuguese" | "por" => "pt",
        "polnisch" | "polish" | "pol" => "pl",
        "russisch" | "russian" | "rus" => "ru",
        "türkisch" | "turkish" | "tur" => "tr",
        other => other,
    };
    Language::from_tag(tag).filter(|language| language.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("4", 4.0),
            (" 4.5 ", 4.5),
            ("4,5", 4.5),
            ("-1", -1.0),
            ("5/5", 5.0),
            ("4 / 5", 4.0),
            ("4,0 von 5 Sternen", 4.0),
            ("4.0 out of 5.0 stars", 4.0),
            ("3 Sterne", 3.0),
            ("10 - sehr wahrscheinlich", 10.0),
            ("0 = gar nicht", 0.0),
            ("7, eher ja", 7.0),
            ("★★★★☆", 4.0),
            ("☆☆☆☆☆", 0.0),
            ("⭐⭐⭐", 3.0),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_single_number_is_none() {
        for text in
            ["", "gut", "9-10", "4.2.0", "1.234,5", "12:30", "inf", "NaN", "95 %", ".", "★ top"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn missing_answers_are_told_from_words() {
        for text in ["", " ", "n/a", "N/A", "k.A.", "Keine Angabe", "-", "NULL"] {
            assert!(is_missing(text), "{text}");
        }
        assert!(!is_missing("0"));
        assert!(!is_missing("nein"));
    }

    #[test]
    fn languages_are_read_by_tag_and_by_name() {
        assert_eq!(language("de-AT"), Some(Language::GERMAN));
        assert_eq!(language("Englisch"), Some(Language::ENGLISH));
        assert_eq!(language("eng"), Some(Language::ENGLISH));
        assert_eq!(language("xx"), None);
        assert_eq!(language("Klingonisch"), None);
    }
}
