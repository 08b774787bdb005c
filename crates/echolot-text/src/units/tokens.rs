//! The characters and words of a text, with their places.

use std::ops::Range;

/// A text as a row of characters, with its words. Places are character
/// indices; every question about a place takes constant or logarithmic time.
pub(super) struct Tokens<'a> {
    text: &'a str,
    chars: Vec<(usize, char)>,
    words: Vec<Word>,
}

/// A run of letters and digits with the apostrophes and hyphens inside it; a
/// number keeps the dots and commas inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// First character.
    pub(super) start: usize,
    /// One past the last character.
    pub(super) end: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let mut tokens = Self { text, chars, words: vec![] };
        let mut at = 0;
        while at < tokens.len() {
            if !tokens.is(at, char::is_alphanumeric) {
                at += 1;
                continue;
            }
            let start = at;
            at += 1;
            while tokens.is(at, char::is_alphanumeric) || tokens.links_word(at) {
                at += 1;
            }
            tokens.words.push(Word { start, end: at });
        }
        tokens
    }

    /// Whether the mark at `at` holds the letters on its sides together.
    fn links_word(&self, at: usize) -> bool {
        let around =
            |test: fn(char) -> bool| at > 0 && self.is(at - 1, test) && self.is(at + 1, test);
        match self.char(at) {
            Some('\'' | '’' | '-') => around(char::is_alphanumeric),
            Some('.' | ',') => around(char::is_numeric),
            _ => false,
        }
    }

    /// Number of characters.
    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    /// The byte at which a character begins; the length of the text beyond it.
    pub(super) fn byte(&self, at: usize) -> usize {
        self.chars.get(at).map_or(self.text.len(), |(byte, _)| *byte)
    }

    pub(super) fn char(&self, at: usize) -> Option<char> {
        self.chars.get(at).map(|(_, char)| *char)
    }

    /// Whether there is a character at `at` that passes the test.
    pub(super) fn is(&self, at: usize, test: impl Fn(char) -> bool) -> bool {
        self.char(at).is_some_and(test)
    }

    /// Whether the character before `at` passes the test.
    pub(super) fn was(&self, at: usize, test: impl Fn(char) -> bool) -> bool {
        at > 0 && self.is(at - 1, test)
    }

    /// Whether `at` is the beginning of the text or stands behind white space.
    pub(super) fn is_apart(&self, at: usize) -> bool {
        at == 0 || self.was(at, char::is_whitespace)
    }

    /// The text from `at` on.
    pub(super) fn rest(&self, at: usize) -> &'a str {
        &self.text[self.byte(at)..]
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'a str {
        &self.text[self.byte(range.start)..self.byte(range.end)]
    }

    /// The first place from `at` on whose character fails the test.
    pub(super) fn skip(&self, mut at: usize, test: impl Fn(char) -> bool) -> usize {
        while self.is(at, &test) {
            at += 1;
        }
        at
    }

    /// The words that begin within a range of characters.
    pub(super) fn words_in(&self, range: Range<usize>) -> &[Word] {
        let first = self.words.partition_point(|word| word.start < range.start);
        let last = self.words.partition_point(|word| word.start < range.end);
        &self.words[first..last.max(first)]
    }

    /// The last word that ends at or before `at`.
    pub(super) fn word_before(&self, at: usize) -> Option<Word> {
        let next = self.words.partition_point(|word| word.end <= at);
        next.checked_sub(1).map(|last| self.words[last])
    }

    /// The first word that begins at or behind `at`.
    pub(super) fn word_from(&self, at: usize) -> Option<Word> {
        self.words.get(self.words.partition_point(|word| word.start < at)).copied()
    }

    /// A word in lower case.
    pub(super) fn lower(&self, word: Word) -> String {
        self.slice(word.start..word.end).to_lowercase()
    }

    /// Whether a range holds a letter.
    pub(super) fn has_letter(&self, range: Range<usize>) -> bool {
        self.chars[range].iter().any(|(_, char)| char.is_alphabetic())
    }
}
