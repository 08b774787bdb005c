//! Where a clause that contrasts with the one before it begins.

use std::ops::Range;

use echolot_core::Language;

use super::tokens::{Tokens, Word};
use super::vocabulary::{
    Contrast, ENGLISH_AND, ENGLISH_CONTRASTS, GERMAN_AND, GERMAN_CONTRASTS, NO_CONTRAST_BEHIND,
};

/// Fewest words of a clause.
const MIN_WORDS: usize = 3;
/// Fewest words on both sides of `, und`: enough for a subject and a verb.
const MIN_WORDS_AROUND_AND: usize = 4;
/// How many words may stand between a comma and a word of contrast inside the
/// clause that the comma opens.
const WORDS_BEFORE_ADVERB: usize = 2;

/// The places inside a sentence at which a clause begins.
pub(super) fn clause_starts(
    tokens: &Tokens<'_>,
    sentence: Range<usize>,
    language: Language,
) -> Vec<usize> {
    let words = tokens.words_in(sentence);
    let mut scan = Scan { tokens, words, starts: vec![], count_before: 0 };
    let (contrasts, and) = match language {
        Language::GERMAN => (GERMAN_CONTRASTS, GERMAN_AND),
        Language::ENGLISH => (ENGLISH_CONTRASTS, ENGLISH_AND),
        _ => (&[][..], ""),
    };
    for (i, &word) in words.iter().enumerate() {
        scan.cut_at_mark(i);
        if contrasts.is_empty() {
            continue;
        }
        let lower = tokens.lower(word);
        if lower == and {
            scan.cut_at_and(i);
        } else if let Some(contrast) = scan.contrast_at(i, &lower, contrasts) {
            scan.cut_at_contrast(i, contrast);
        }
    }
    scan.starts
}

struct Scan<'t, 'a> {
    tokens: &'t Tokens<'a>,
    /// The words of the sentence.
    words: &'t [Word],
    starts: Vec<usize>,
    /// How many words stand before the clause we are in.
    count_before: usize,
}

impl Scan<'_, '_> {
    /// Begins a clause at `at`, before the word `i`, if it leaves enough
    /// words on both sides.
    fn cut(&mut self, at: usize, i: usize, min_words: usize) {
        // A concession has cut ahead, behind its comma.
        let Some(left) = i.checked_sub(self.count_before) else { return };
        let right = self.words.len() - i;
        if left >= min_words && right >= min_words {
            self.starts.push(at);
            self.count_before = i;
        }
    }

    /// What stands between the word `i` and the one before.
    fn gap(&self, i: usize) -> Range<usize> {
        let start = if i == 0 { self.words[0].start } else { self.words[i - 1].end };
        start..self.words[i].start
    }

    fn gap_holds(&self, i: usize, marks: &[char]) -> bool {
        self.tokens.slice(self.gap(i)).contains(marks)
    }

    /// Where a clause that begins with the word `i` begins: its opening
    /// quotes and brackets belong to it.
    fn clause_start(&self, i: usize) -> usize {
        let gap = self.gap(i);
        let opening = |c| matches!(c, '(' | '[' | '"' | '„' | '“' | '»' | '\'' | '‚');
        let outside = gap.clone().rev().take_while(|&at| self.tokens.is(at, opening)).last();
        outside.unwrap_or(gap.end)
    }

    /// Cuts before the word `i` behind a semicolon, or a dash with spaces.
    fn cut_at_mark(&mut self, i: usize) {
        if i == 0 {
            return;
        }
        let gap = self.gap(i);
        let between = self.tokens.slice(gap.clone());
        let is_dash = matches!(between.trim(), "-" | "–" | "—" | "--")
            && between.starts_with(char::is_whitespace)
            && between.ends_with(char::is_whitespace);
        let is_semicolon = between.starts_with(';') && between.len() > 1;
        let is_pair =
            |word: Word| self.tokens.slice(word.start..word.end).contains(char::is_numeric);
        if is_semicolon || is_dash && !(is_pair(self.words[i - 1]) && is_pair(self.words[i])) {
            self.cut(self.clause_start(i), i, MIN_WORDS);
        }
    }

    fn cut_at_and(&mut self, i: usize) {
        if i == 0 || !self.gap_holds(i, &[',']) {
            return;
        }
        // The clause must be full before its own next comma.
        let ahead = (i + 1..self.words.len()).take(MIN_WORDS_AROUND_AND - 1);
        if ahead.clone().count() == MIN_WORDS_AROUND_AND - 1
            && !ahead.into_iter().any(|next| self.gap_holds(next, &[',', ';']))
        {
            self.cut(self.clause_start(i), i, MIN_WORDS_AROUND_AND);
        }
    }

    /// The contrast that begins with the word `i`, several words long or one.
    fn contrast_at(
        &self,
        i: usize,
        lower: &str,
        contrasts: &[(&str, Contrast)],
    ) -> Option<Contrast> {
        let found = contrasts.iter().find(|(phrase, _)| {
            let mut parts = phrase.split(' ');
            parts.next() == Some(lower)
                && parts.zip(i + 1..).all(|(part, at)| {
                    self.words.get(at).is_some_and(|&word| self.tokens.lower(word) == part)
                })
        })?;
        Some(found.1)
    }

    fn cut_at_contrast(&mut self, i: usize, contrast: Contrast) {
        const MARKS: &[char] = &[',', ';', '(', '–', '—', '-', ':', '…', '.'];
        if i == 0 {
            if contrast == Contrast::Concession {
                self.cut_behind_concession(i);
            }
            return;
        }
        let behind_mark = self.gap_holds(i, MARKS);
        match contrast {
            _ if behind_mark => self.cut(self.clause_start(i), i, MIN_WORDS),
            Contrast::Anywhere if !self.is_particle(i) => {
                self.cut(self.clause_start(i), i, MIN_WORDS);
            }
            Contrast::Concession => {
                // "even though" and "auch obwohl" keep their first word.
                let is_even = self.tokens.lower(self.words[i - 1]) == "even";
                let first = if is_even { i - 1 } else { i };
                let is_as_though = self.tokens.lower(self.words[i - 1]) == "as";
                if !is_as_though {
                    self.cut(self.clause_start(first), first, MIN_WORDS);
                }
            }
            Contrast::Anywhere | Contrast::InClause => {
                let nearest = (i.saturating_sub(WORDS_BEFORE_ADVERB).max(1)..i)
                    .rev()
                    .find(|&first| self.gap_holds(first, &[',']));
                if let Some(first) = nearest {
                    self.cut(self.clause_start(first), first, MIN_WORDS);
                }
            }
            Contrast::AfterMark => {}
        }
    }

    /// `Das ist aber schön`, `nothing but trouble`.
    fn is_particle(&self, i: usize) -> bool {
        NO_CONTRAST_BEHIND.contains(&self.tokens.lower(self.words[i - 1]).as_str())
    }

    /// `Obwohl der Preis hoch ist, | bin ich zufrieden`.
    fn cut_behind_concession(&mut self, i: usize) {
        let comma = (i + MIN_WORDS..self.words.len()).find(|&next| self.gap_holds(next, &[',']));
        if let Some(next) = comma {
            self.cut(self.clause_start(next), next, MIN_WORDS);
        }
    }
}
