//! Cutting a text into opinion units: sentences, then clauses that contrast.

mod clauses;
mod sentences;
mod tokens;
mod vocabulary;

use std::ops::Range;

use echolot_core::Language;

use clauses::clause_starts;
use sentences::sentence_starts;
use tokens::Tokens;

/// Cuts a normalised text into opinion units: ranges of bytes that lie side
/// by side and together are the text. Each unit carries the white space
/// behind it; an empty text has none.
///
/// A unit is a sentence, an item of a list, or, in German and English, a
/// clause set off by a word of contrast (`aber`, `although`). Clauses are at
/// least three words long; a sentence may be shorter, but what holds no
/// letter joins a neighbour. Other languages are cut by punctuation alone.
pub fn opinion_units(clean: &str, language: Language) -> Vec<Range<usize>> {
    let tokens = Tokens::of(clean);
    let sentences = join_wordless(&tokens, &sentence_starts(&tokens, language));
    let ends = sentences.iter().skip(1).copied().chain([tokens.len()]);
    let mut starts = Vec::with_capacity(sentences.len());
    for (&start, end) in sentences.iter().zip(ends) {
        starts.push(start);
        starts.extend(clause_starts(&tokens, start..end, language));
    }
    let bounds: Vec<usize> = starts.into_iter().map(|at| tokens.byte(at)).collect();
    let ends = bounds.iter().skip(1).copied().chain([clean.len()]);
    bounds.iter().zip(ends).map(|(&start, end)| start..end).collect()
}

/// Joins sentences without a letter to the one before, or at the beginning to
/// the one behind.
fn join_wordless(tokens: &Tokens<'_>, starts: &[usize]) -> Vec<usize> {
    let mut joined: Vec<usize> = Vec::with_capacity(starts.len());
    let mut last_has_letters = false;
    for (i, &start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(tokens.len());
        let has_letters = tokens.has_letter(start..end);
        if joined.is_empty() || has_letters && last_has_letters {
            joined.push(start);
            last_has_letters = has_letters;
        }
        last_has_letters |= has_letters;
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A text that `|` parts into its units.
    fn check(language: Language, marked: &str) {
        let text = marked.replace('|', "");
        let units = opinion_units(&text, language);
        let cut: Vec<&str> = units.into_iter().map(|range| &text[range]).collect();
        assert_eq!(cut.join("|"), marked);
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for marked in [
            "",
            "ok",
            "Super!",
            "Super! |Nie wieder.",
            "Super!!! 👍👍 |Gerne wieder :-) |Danke",
            "Super!\n👍\n|Gerne wieder",
            "https://m.x.de/a.php?b=1&c=2.Html ist lang",
            "Gut... |Sehr gut.",
            "Naja... geht so.",
            "Warum?! |Das ist z.B. und z. B. d.h. bzw. ca. 3 Std. zu spät.",
            "Dr. Müller war nett. |Nr. 5 lebt.",
            "Am 3. Juni kam nichts. |Die 2. Welle auch.",
            "Seit Version 3.11.0 geht nichts. |Nur 1,5 Sterne.",
            "Auf www.firma.de steht nichts. |Siehe firma.de.",
            "gut.|Leider teuer.|Nie wieder!|Wirklich",
            "würde mitmachen.|aber die uhr fehlt",
            "die app ist gut. |leider langsam",
            "ALLES KAPUTT!! |NIE WIEDER",
            "Die App ist \"super!\" meinte er.",
            "Er sagte: \"Super!\" |Dann ging er.",
            "Toll (!) gemacht.",
            "Erste Zeile\n|Zweite Zeile",
            "👍",
            "👍 Super",
            "Sehr gut 👍 |Leider stürzt sie ab",
            "Schlüssel, Karten, Geld usw. |Alles weg.",
        ] {
            check(Language::GERMAN, marked);
        }
    }

    #[test]
    fn english_sentences() {
        for marked in [
            "Mr. Smith called at 5 p.m. today, e.g. about the bill. |Great!",
            "It cost $3.50. |Too much, i.e. twice the price.",
            "The U.S. version works. |Ok.",
            "Great app!!. |Love it",
        ] {
            check(Language::ENGLISH, marked);
        }
    }

    #[test]
    fn list_items_are_units() {
        for marked in [
            "1. Die App ist sinnvoll! |Für alle. |2. Schämen muss man sich. |3. Die App HATTE Probleme.",
            "1. schnell |2. günstig |3. gut",
            "1) fast |2) cheap",
            "+ schnell |+ billig |- keine Hilfe",
            "- WLAN\n|- Frühstück\n|• Bett",
            "Positiv: Das Essen |Negativ: Der Lärm",
            "Läuft nicht. |Update: Läuft wieder.",
            "Note 1+ gut und Mo - Fr offen",
        ] {
            check(Language::GERMAN, marked);
        }
    }

    #[test]
    fn german_clauses_part_at_contrasts() {
        for marked in [
            "Das Frühstück ist ok, |aber nichts besonderes",
            "Das Badezimmer ist sauber |aber relativ klein",
            "Gut, aber teuer",
            "Das ist aber schön gemacht hier",
            "Die App ist gut, |funktioniert jedoch nicht mehr",
            "Sie würde ihren Zweck allerdings besser erfüllen",
            "Tolle Idee insgesamt, |allerdings lässt die Funktion zu wünschen übrig.",
            "Der Preis ist hoch, |dafür stimmt die Qualität",
            "Obwohl der Preis hoch ist, |bin ich sehr zufrieden.",
            "Ich bin sehr zufrieden, |obwohl der Preis hoch ist.",
            "Sehr schönes helles Zimmer; |das Bad war schmutzig und kalt",
            "Tolles Hotel am See – |nur leider viel zu laut",
            "Das Personal war sehr nett, |und das Essen hat uns gut geschmeckt.",
            "Brot, Butter, und Käse waren da",
            "Die Bedienung war freundlich, |leider kam das Essen kalt",
            "Nicht nur schnell geliefert, |sondern auch gut verpackt",
            "Alles war wirklich prima, |außer dass das Licht fehlte",
        ] {
            check(Language::GERMAN, marked);
        }
    }

    #[test]
    fn english_clauses_part_at_contrasts() {
        for marked in [
            "Great camera and screen, |but the battery is awful",
            "Nice little phone but bad",
            "The staff were lovely |but the room was dirty",
            "Nothing but trouble with this app",
            "It works really well, |however it drains the battery",
            "Although it was expensive, |we really enjoyed it.",
            "I like the design of it, |although it is slow",
            "The food was very good; |still we will not return",
            "On the one hand it is cheap, |on the other hand it breaks",
            "I love it |even though it is slow",
            "The room was very clean, |and the staff went out of their way",
        ] {
            check(Language::ENGLISH, marked);
        }
    }

    #[test]
    fn other_languages_are_cut_by_punctuation() {
        let french = Language::from_tag("fr").unwrap();
        check(french, "Très bien, mais trop cher. |Je ne reviendrai pas !");
        check(Language::UNKNOWN, "とても良い。|でも高い。");
    }

    #[test]
    fn a_wrapped_line_is_no_end() {
        check(
            Language::GERMAN,
            "Sehr geehrte Damen und Herren\n|ich habe am Montag bei Ihnen eine Waschmaschine \
             bestellt und\nbis heute keine Antwort",
        );
    }

    fn assert_tiles(text: &str, language: Language) {
        let units = opinion_units(text, language);
        let mut at = 0;
        for unit in &units {
            assert_eq!(unit.start, at, "{units:?}");
            assert!(unit.end > at, "{units:?}");
            at = unit.end;
        }
        let joined: String = units.into_iter().map(|unit| &text[unit]).collect();
        assert_eq!(joined, text);
    }

    proptest! {
        #[test]
        fn units_tile_any_text(text in any::<String>()) {
            assert_tiles(&text, Language::GERMAN);
        }

        #[test]
        fn units_tile_what_looks_like_feedback(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "aber", "but", "obwohl", "App", "ist", "gut", "1.", "2.", "-", "+", ";", ",", " ", " ",
                " ", "\n", "...", "!", "👍", "z.B.", "(", ")", "\"", "3.11.0", "Update:", "und", ":)",
            ]), 0..40),
        ) {
            let text = pieces.concat();
            for language in [Language::GERMAN, Language::ENGLISH, Language::UNKNOWN] {
                assert_tiles(&text, language);
            }
        }
    }
}
