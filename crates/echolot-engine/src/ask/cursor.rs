//! Where an answer ended, so that the next one goes on there.

use std::fmt;

use echolot_core::Fingerprint;

use super::SearchQuestion;
use crate::Error;

/// A place in the hits of a question to a generation. Within a generation the
/// order of hits does not change, so a number says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    generation: u64,
    offset: usize,
    /// Of the question.
    check: u32,
}

impl Cursor {
    /// The place after `offset` hits.
    pub(super) fn at(generation: u64, offset: usize, question: &SearchQuestion) -> Self {
        Self { generation, offset, check: check(question) }
    }

    /// Reads a cursor of this very question.
    pub(super) fn read(text: &str, question: &SearchQuestion) -> Result<Self, Error> {
        let bad = |reason: &str| Error::BadValue { key: "cursor", reason: reason.to_owned() };
        let cursor = parse(text)
            .ok_or_else(|| bad("is not one that an answer gave; leave it out to begin anew"))?;
        if cursor.check != check(question) {
            return Err(bad("belongs to another question; leave it out to begin anew"));
        }
        Ok(cursor)
    }

    /// The number of hits before it, if it is about this generation.
    pub(super) fn offset_in(self, generation: u64) -> Result<usize, Error> {
        if self.generation == generation {
            return Ok(self.offset);
        }
        Err(Error::GenerationGone { asked: self.generation, current: generation })
    }
}

/// The generation that a cursor is about; none when it is no cursor.
pub fn cursor_generation(cursor: &str) -> Option<u64> {
    parse(cursor).map(|cursor| cursor.generation)
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:08x}", self.generation, self.offset, self.check)
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let mut parts = text.split('-');
    let generation = parts.next()?.parse().ok()?;
    let offset = parts.next()?.parse().ok()?;
    let check = parts.next()?;
    let check = u32::from_str_radix(check, 16).ok().filter(|_| check.len() == 8)?;
    parts.next().is_none().then_some(Cursor { generation, offset, check })
}

/// Tells questions apart that would have other hits at the same place.
fn check(question: &SearchQuestion) -> u32 {
    let SearchQuestion { query, mode, like, filter, min_similarity, .. } = question;
    let asked = format!("{:?}", (query, mode, like, filter, min_similarity));
    let Fingerprint([a, b, c, d, ..]) = Fingerprint::of_text(&asked);
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_for_one_question_to_one_generation() {
        let question = SearchQuestion { query: "Akku".to_owned(), ..SearchQuestion::default() };
        let text = Cursor::at(7, 40, &question).to_string();
        assert_eq!(cursor_generation(&text), Some(7));
        // The size of a part may change on the way.
        let larger = SearchQuestion { limit: 50, ..question.clone() };
        let cursor = Cursor::read(&text, &larger).unwrap();
        assert_eq!(cursor.offset_in(7).unwrap(), 40);
        let gone = cursor.offset_in(8).unwrap_err().to_string();
        assert!(
            gone.contains("generation 7 is no longer") && gone.contains("without cursor"),
            "{gone}"
        );

        let other = SearchQuestion { query: "Preis".to_owned(), ..question };
        assert!(Cursor::read(&text, &other).unwrap_err().to_string().contains("another question"));
        for wrong in ["", "7", "7-40", "7-40-1", "7-40-0000000g", "7-40-00000000-1", "x-1-00000000"]
        {
            assert!(Cursor::read(wrong, &other).is_err(), "{wrong}");
        }
    }
}
