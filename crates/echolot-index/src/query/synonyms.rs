//! Words that a company takes for the same.

use crate::analyser;
use crate::error::Error;

/// Groups of words of which each is found by the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Synonyms {
    groups: Vec<Vec<String>>,
}

impl Synonyms {
    /// Checks that every entry is a single word.
    ///
    /// # Errors
    /// [`Error::Synonym`] for an entry of several words, or none.
    pub fn new(groups: Vec<Vec<String>>) -> Result<Self, Error> {
        let is_word = |entry: &String| analyser::words(entry).len() == 1;
        match groups.iter().flatten().find(|entry| !is_word(entry)) {
            Some(entry) => Err(Error::Synonym { entry: entry.clone() }),
            None => Ok(Self { groups }),
        }
    }

    /// The other words of all groups that hold a word, in any of its forms.
    pub(crate) fn of<'a>(&'a self, word: &str) -> impl Iterator<Item = &'a str> {
        let meets = {
            let terms = analyser::whole_terms(word);
            move |other: &String| {
                let of_other = analyser::whole_terms(other);
                // German and English; the stems of others say little of these.
                terms.iter().zip(&of_other).take(2).any(|(a, b)| a.0 == b.0)
            }
        };
        let groups = self.groups.iter().filter({
            let meets = meets.clone();
            move |group| group.iter().any(&meets)
        });
        groups.flatten().filter(move |other| !meets(other)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_any_form_has_the_others_of_its_groups() {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let synonyms = Synonyms::new(vec![
            owned(&["Akku", "Batterie", "battery"]),
            owned(&["Batterie", "Zelle"]),
            owned(&["Rückgabe", "Retoure"]),
        ])
        .unwrap();
        assert_eq!(synonyms.of("Akkus").collect::<Vec<_>>(), ["Batterie", "battery"]);
        assert_eq!(synonyms.of("batterien").collect::<Vec<_>>(), ["Akku", "battery", "Zelle"]);
        assert_eq!(synonyms.of("Rueckgaben").collect::<Vec<_>>(), ["Retoure"]);
        assert_eq!(synonyms.of("Preis").count(), 0);
        let error = Synonyms::new(vec![owned(&["zu spät"])]).unwrap_err();
        assert_eq!(error.to_string(), "the synonym `zu spät` is not one word");
    }
}
