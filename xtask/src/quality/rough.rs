//! Texts as people type them: the same words, spelled less well.

/// What is done to a text.
type Change = fn(&str) -> String;

/// The changes by name.
pub(super) const CHANGES: [(&str, Change); 6] = [
    ("capitals", str::to_uppercase),
    ("small letters", str::to_lowercase),
    ("umlauts spelled out", spell_out),
    ("umlauts lost", lose_umlauts),
    ("without punctuation", drop_punctuation),
    ("letters swapped", swap_letters),
];

fn spell_out(text: &str) -> String {
    let pairs =
        [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn lose_umlauts(text: &str) -> String {
    let pairs =
        [("ä", "a"), ("ö", "o"), ("ü", "u"), ("Ä", "A"), ("Ö", "O"), ("Ü", "U"), ("ß", "s")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn drop_punctuation(text: &str) -> String {
    text.replace(['.', ',', ';', ':', '!', '?'], " ")
}

/// In every third word of four letters and more the second and the third
/// change places.
fn swap_letters(text: &str) -> String {
    let mut long_words = 0;
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.iter().filter(|c| c.is_alphabetic()).count() >= 4 {
            long_words += 1;
            if long_words % 3 == 0 {
                letters.swap(1, 2);
            }
        }
        letters.into_iter().collect::<String>()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_what_its_name_says() {
        let text = "Größe passt nicht, Lieferung zu spät!";
        let changed: Vec<String> = CHANGES.iter().map(|(_, change)| change(text)).collect();
        assert_eq!(
            changed,
            [
                "GRÖSSE PASST NICHT, LIEFERUNG ZU SPÄT!",
                "größe passt nicht, lieferung zu spät!",
                "Groesse passt nicht, Lieferung zu spaet!",
                "Grose passt nicht, Lieferung zu spat!",
                "Größe passt nicht  Lieferung zu spät ",
                "Größe passt nciht, Lieferung zu spät!",
            ]
        );
    }
}
