//! Where sentences and list items begin.

use echolot_core::Language;

use super::tokens::Tokens;
use super::vocabulary::{
    ABBREVIATIONS, CLOSING_ABBREVIATIONS, EMOTICONS, HEADINGS, MONTHS, NAME_ENDINGS,
    ORDINAL_HERALDS,
};

/// A line of mail is wrapped at 60 characters or more, not before.
const WRAP_CHARS: usize = 55;

/// The places at which a sentence begins, the first of the text included.
pub(super) fn sentence_starts(tokens: &Tokens<'_>, language: Language) -> Vec<usize> {
    let mut scan = Scan {
        tokens,
        starts: if tokens.len() == 0 { vec![] } else { vec![0] },
        item: 0,
        signs: count_signs(tokens),
        expects_ordinals: language != Language::ENGLISH,
    };
    let mut at = 0;
    while at < tokens.len() {
        at = scan.step(at);
    }
    scan.starts
}

/// Plus signs that stand apart like bullets.
fn count_signs(tokens: &Tokens<'_>) -> usize {
    (0..tokens.len()).filter(|&at| tokens.char(at) == Some('+') && tokens.is_apart(at)).count()
}

struct Scan<'t, 'a> {
    tokens: &'t Tokens<'a>,
    starts: Vec<usize>,
    /// The number of the list item we are in, zero outside a list.
    item: usize,
    /// How many plus signs stand apart in the text.
    signs: usize,
    expects_ordinals: bool,
}

impl Scan<'_, '_> {
    /// Looks at one place and says where to look next.
    fn step(&mut self, at: usize) -> usize {
        match self.tokens.char(at) {
            Some('\n') => self.line_end(at),
            Some('.' | '!' | '?' | '…' | '。' | '！' | '？') => self.terminator(at),
            Some('0'..='9') => self.number(at),
            Some('+' | '-' | '–' | '•' | '▪' | '●' | '‣' | '➕' | '➖' | '✓' | '✔' | '✗' | '✘') =>
            {
                if self.is_bullet(at) {
                    self.cut(at);
                }
                at + 1
            }
            Some(char) if is_emoji(char) => self.picture(at, self.tokens.skip(at, is_emoji)),
            Some(':' | ';' | '=' | '^' | '<') if self.tokens.is_apart(at) => {
                let len = emoticon_len(self.tokens, at);
                len.map_or(at + 1, |len| self.picture(at, at + len))
            }
            Some(char) if char.is_alphabetic() => self.letter(at),
            _ => at + 1,
        }
    }

    /// Begins a sentence at `at`, unless one begins there or the text is over.
    fn cut(&mut self, at: usize) {
        if at < self.tokens.len() && self.starts.last().is_some_and(|&last| last < at) {
            self.starts.push(at);
        }
    }

    fn sentence_start(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    fn line_end(&mut self, at: usize) -> usize {
        let next = self.tokens.skip(at, char::is_whitespace);
        let line_start = self.sentence_start().max(self.line_start(at));
        let is_wrapped = at - line_start >= WRAP_CHARS
            && self.tokens.was(at, |c| c.is_alphanumeric() || c == ',')
            && self.tokens.is(next, char::is_lowercase);
        if !is_wrapped {
            self.cut(next);
        }
        next
    }

    /// The beginning of the line that ends at `at`, looked for no further
    /// back than matters.
    fn line_start(&self, at: usize) -> usize {
        let first = at.saturating_sub(WRAP_CHARS);
        (first..at).rev().find(|&i| self.tokens.char(i) == Some('\n')).map_or(first, |i| i + 1)
    }

    fn terminator(&mut self, at: usize) -> usize {
        let tokens = self.tokens;
        let end = tokens.skip(at, is_terminator);
        let closed = tokens.skip(end, is_closer);
        let pictured = self.skip_pictures(closed);
        let next = tokens.skip(pictured, char::is_whitespace);
        if self.ends_sentence(at, end, closed, next) {
            self.cut(next);
            return next;
        }
        if pictured > closed { pictured } else { end }
    }

    /// Behind the emoji and emoticons on the rest of the line, if they are all
    /// that comes next.
    fn skip_pictures(&self, at: usize) -> usize {
        let tokens = self.tokens;
        let mut at = at;
        loop {
            let next = tokens.skip(at, |c| c == ' ');
            let picture = tokens.skip(next, |c| is_emoji(c) || is_terminator(c));
            if picture > next && tokens.is(next, is_emoji) {
                at = picture;
            } else if let Some(len) = emoticon_len(tokens, next) {
                at = next + len;
            } else {
                return at;
            }
        }
    }

    /// Whether the marks at `at..end`, with closing quotes up to `closed` and
    /// the next text at `next`, end a sentence.
    fn ends_sentence(&self, at: usize, end: usize, closed: usize, next: usize) -> bool {
        let tokens = self.tokens;
        let marks = tokens.slice(at..end);
        let is_wide = tokens.is(at, |c| matches!(c, '。' | '！' | '？'));
        if next == closed && !is_wide {
            return self.is_glued_end(at, end, closed);
        }
        let goes_on_small = tokens.is(next, char::is_lowercase);
        if marks == "." {
            return !self.is_inner_dot(at, next);
        }
        if marks.chars().all(|c| c == '.' || c == '…') {
            return !goes_on_small;
        }
        // "Super!" meinte er; (!) in the middle of a sentence.
        !(closed > end && goes_on_small)
    }

    /// No space behind the marks: `gut.Leider`, `Super!Gerne`, but not
    /// `3.11.0`, `firma.de`, `z.B.` or `gut...aber`.
    fn is_glued_end(&self, at: usize, end: usize, closed: usize) -> bool {
        let tokens = self.tokens;
        if closed > end || !tokens.is(end, char::is_alphabetic) || at < 2 || self.is_in_address(at)
        {
            return false;
        }
        if !tokens.slice(at..end).starts_with('.') {
            return tokens.was(at, char::is_alphanumeric);
        }
        let ends_word =
            tokens.was(at, char::is_alphabetic) && tokens.was(at - 1, char::is_alphabetic);
        let Some(next) = tokens.word_from(end) else { return false };
        if end - at > 1 || !ends_word || next.end - next.start < 2 {
            return false;
        }
        let is_ending = NAME_ENDINGS.contains(&tokens.lower(next).as_str());
        let is_abbreviation = tokens
            .word_before(at)
            .is_some_and(|word| ABBREVIATIONS.contains(&tokens.lower(word).as_str()));
        !is_ending && !is_abbreviation
    }

    /// Whether the dot stands in a link or an address. Only the nearest
    /// characters are looked at; hosts are short.
    fn is_in_address(&self, at: usize) -> bool {
        let tokens = self.tokens;
        let is_inside = |i: usize| tokens.is(i, |c| !c.is_whitespace());
        let before = (at.saturating_sub(64)..at).rev().take_while(|&i| is_inside(i)).last();
        let after = (at..at + 64).take_while(|&i| is_inside(i)).last();
        let token = tokens.slice(before.unwrap_or(at)..after.unwrap_or(at) + 1);
        token.contains("://") || token.contains('@') || token.contains("www") || token.contains('/')
    }

    /// Whether a single dot with a space behind it is part of an abbreviation
    /// or an ordinal number.
    fn is_inner_dot(&self, at: usize, next: usize) -> bool {
        let tokens = self.tokens;
        let Some(word) = tokens.word_before(at).filter(|word| word.end == at) else {
            return false;
        };
        let lower = tokens.lower(word);
        if lower.chars().all(char::is_numeric) {
            return self.is_ordinal(word.start, &lower, next);
        }
        let goes_on_big = tokens.is(next, char::is_uppercase);
        let letters = word.end - word.start;
        let is_dotted = word.start >= 2
            && tokens.char(word.start - 1) == Some('.')
            && tokens.is(word.start - 2, char::is_alphabetic);
        if CLOSING_ABBREVIATIONS.contains(&lower.as_str()) || is_dotted && lower == "m" {
            return !goes_on_big && next < tokens.len();
        }
        if letters == 1 && lower.chars().all(char::is_alphabetic) || is_dotted && letters <= 3 {
            return next < tokens.len();
        }
        // "No." is a whole answer far more often than a number sign.
        let is_abbreviation = ABBREVIATIONS.contains(&lower.as_str())
            && (lower != "no" || tokens.is(next, |c| c.is_ascii_digit()));
        let has_vowel = lower.contains(|c| "aeiouyäöüáàéèíóòú".contains(c));
        let is_clipped =
            !has_vowel && letters <= 5 && !goes_on_big && !is_shouting(tokens, word.start);
        (is_abbreviation || is_clipped) && next < tokens.len()
    }

    /// `am 3. Juni`, `die 2. Welle`, `1. gut` at the head of a list item.
    fn is_ordinal(&self, number: usize, digits: &str, next: usize) -> bool {
        let tokens = self.tokens;
        if digits.len() > 3 || next >= tokens.len() {
            return false;
        }
        if number == self.sentence_start() {
            return true;
        }
        let follows = tokens.word_from(next).filter(|word| word.start == next);
        if follows.is_some_and(|word| MONTHS.contains(&tokens.lower(word).as_str())) {
            return true;
        }
        if !self.expects_ordinals {
            return false;
        }
        let herald = tokens.word_before(number).map(|word| tokens.lower(word));
        herald.is_some_and(|word| ORDINAL_HERALDS.contains(&word.as_str()))
            || tokens.is(next, char::is_lowercase)
    }

    /// `2.` and `3)` begin a list item if the item before was one less.
    fn number(&mut self, at: usize) -> usize {
        let tokens = self.tokens;
        let end = tokens.skip(at, |c| c.is_ascii_digit());
        let is_marker = end - at <= 2
            && tokens.is_apart(at)
            && tokens.is(end, |c| matches!(c, '.' | ')'))
            && tokens.is(end + 1, |c| c.is_whitespace() || c.is_alphabetic());
        if !is_marker {
            return end;
        }
        let item = tokens.slice(at..end).parse().unwrap_or(0);
        let opens = self.sentence_start() == at || tokens.was(at - 1, |c| c == ':');
        let goes_on = item == self.item + 1 && self.item > 0 && (opens || !self.is_dated(at, end));
        if goes_on || item == 1 && opens {
            self.item = item;
            self.cut(at);
            // The dot of the marker ends nothing.
            return end + 1;
        }
        end
    }

    /// Whether the number reads as a date or an ordinal in running text.
    fn is_dated(&self, at: usize, end: usize) -> bool {
        let tokens = self.tokens;
        let herald = tokens.word_before(at).map(|word| tokens.lower(word));
        let is_month = |word| MONTHS.contains(&tokens.lower(word).as_str());
        herald.is_some_and(|word| ORDINAL_HERALDS.contains(&word.as_str()))
            || tokens.word_from(end).is_some_and(is_month)
    }

    /// A bullet stands apart, and before words. A plus or a hyphen in the
    /// middle of a line is one only in a list of them.
    fn is_bullet(&self, at: usize) -> bool {
        let tokens = self.tokens;
        if !tokens.is_apart(at) {
            return false;
        }
        let in_signs = self.signs > 1 || tokens.is(self.sentence_start(), |c| c == '+');
        match tokens.char(at) {
            Some('+') => in_signs && tokens.is(at + 1, |c| c.is_whitespace() || c.is_alphabetic()),
            Some('-' | '–') => {
                in_signs && self.signs > 0 && tokens.is(at + 1, char::is_whitespace)
            }
            _ => true,
        }
    }

    /// An emoji or emoticon between two sentences ends the first, where
    /// nothing else does.
    fn picture(&mut self, at: usize, end: usize) -> usize {
        let tokens = self.tokens;
        let end = self.skip_pictures(end);
        let next = tokens.skip(end, char::is_whitespace);
        let words = tokens.words_in(self.sentence_start()..at).len();
        if next > end && words >= 2 && tokens.is(next, char::is_uppercase) {
            self.cut(next);
            return next;
        }
        end
    }

    /// A heading such as `Positiv:` begins a statement.
    fn letter(&mut self, at: usize) -> usize {
        let tokens = self.tokens;
        let Some(word) = tokens.word_from(at).filter(|word| word.start == at) else {
            return at + 1;
        };
        let is_heading = tokens.char(word.end) == Some(':')
            && tokens.is_apart(at)
            && HEADINGS.contains(&tokens.lower(word).as_str());
        if is_heading {
            self.cut(at);
        }
        word.end
    }
}

fn is_shouting(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.is(at, char::is_uppercase) && tokens.is(at + 1, char::is_uppercase)
}

fn is_terminator(char: char) -> bool {
    matches!(char, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

fn is_closer(char: char) -> bool {
    matches!(char, '"' | '\'' | '”' | '“' | '’' | '»' | '«' | ')' | ']')
}

/// Pictographs, with what modifies and joins them.
fn is_emoji(char: char) -> bool {
    matches!(char,
        '\u{200d}' | '\u{fe0f}' | '\u{2600}'..='\u{2712}' | '\u{2716}'
        | '\u{2719}'..='\u{2794}' | '\u{2798}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

/// Length of the emoticon at `at`, if one stands there by itself.
fn emoticon_len(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let rest = tokens.rest(at);
    let emoticon = EMOTICONS.iter().find(|emoticon| rest.starts_with(**emoticon))?;
    let len = emoticon.chars().count();
    (!tokens.is(at + len, char::is_alphanumeric)).then_some(len)
}
