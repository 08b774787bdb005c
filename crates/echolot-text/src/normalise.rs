//! Plain, composed, evenly spaced text with a map back to the original.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, char::canonical_combining_class};

use crate::PiiSpan;
use crate::markup::{Meaning, read_markup};
use crate::offsets::OffsetMap;

/// One character on its way to the normalised text.
#[derive(Debug, Clone)]
struct Glyph {
    char: char,
    /// The characters of the original it stands for.
    source: Range<u32>,
}

/// Normalises `text`, in which `hidden` (sorted, apart from each other) is
/// replaced by its label.
///
/// Tags and references are read, zero-width characters dropped, characters
/// composed (Unicode NFC), and each run of whitespace and control characters
/// becomes one line break, if it holds one, or one space. The ends are
/// trimmed. Time and memory are linear in the text.
pub(crate) fn normalise(text: &str, hidden: &[PiiSpan]) -> (String, OffsetMap) {
    let glyphs = compose(read_glyphs(text, hidden));
    let mut clean = String::with_capacity(text.len());
    let mut offsets = OffsetMap::default();
    let mut gap: Option<Glyph> = None;
    for glyph in glyphs {
        if let Some(space) = plain_space(glyph.char) {
            gap = Some(match gap {
                None => Glyph { char: space, ..glyph },
                Some(gap) => Glyph {
                    char: if gap.char == '\n' { '\n' } else { space },
                    source: gap.source.start..glyph.source.end,
                },
            });
            continue;
        }
        if let Some(gap) = gap.take().filter(|_| !clean.is_empty()) {
            clean.push(gap.char);
            offsets.push(gap.char, gap.source);
        }
        clean.push(glyph.char);
        offsets.push(glyph.char, glyph.source);
    }
    (clean, offsets)
}

/// Reads markup, puts labels in place of what is hidden, and drops what has
/// no width.
fn read_glyphs(text: &str, hidden: &[PiiSpan]) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
    let mut hidden = hidden.iter().peekable();
    let (mut byte, mut at) = (0, 0);
    while let Some(char) = text[byte..].chars().next() {
        // Markup may have swallowed what was hidden inside a tag.
        while hidden.next_if(|pii| pii.span.start < at).is_some() {}
        if let Some(pii) = hidden.next_if(|pii| pii.span.start == at) {
            let source = pii.span.start..pii.span.end;
            glyphs.extend(pii.kind.chars().map(|char| Glyph { char, source: source.clone() }));
            byte += byte_len(&text[byte..], pii.span.len());
            at = pii.span.end;
            continue;
        }
        let (len, meaning) =
            read_markup(&text[byte..]).unwrap_or((char.len_utf8(), Meaning::Char(char)));
        let end = at + text[byte..byte + len].chars().count() as u32;
        let char = match meaning {
            Meaning::Nothing => None,
            Meaning::Space => Some(' '),
            Meaning::Break => Some('\n'),
            Meaning::Char(char) => Some(char),
        };
        byte += len;
        if let Some(char) = char.filter(|&char| !is_zero_width(char, &glyphs, &text[byte..])) {
            glyphs.push(Glyph { char, source: at..end });
        }
        at = end;
    }
    glyphs
}

/// Bytes of the first `chars` characters.
fn byte_len(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
}

/// Whether a character takes no place on the screen. The joiner stays between
/// two pictographs, where it makes one picture of them.
fn is_zero_width(char: char, before: &[Glyph], rest: &str) -> bool {
    let is_pictograph = |char: char| char > '\u{2000}' && !char.is_alphanumeric();
    match char {
        '\u{200d}' => {
            let joins_left = before.last().is_some_and(|glyph| is_pictograph(glyph.char));
            !(joins_left && rest.starts_with(is_pictograph))
        }
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => true,
        _ => false,
    }
}

/// The plain space or line break that whitespace or a control character is
/// turned into; none for anything visible.
fn plain_space(char: char) -> Option<char> {
    match char {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        _ => (char.is_whitespace() || char.is_control()).then_some(' '),
    }
}

/// Composes characters (NFC). A cluster reaches up to the next character that
/// never combines with what stands before it, so clusters can be composed
/// apart from each other (Unicode Standard Annex 15, section 9.1).
fn compose(glyphs: Vec<Glyph>) -> Vec<Glyph> {
    let never_combines = |char: char| {
        char.is_ascii()
            || canonical_combining_class(char) == 0 && quick_check(char) == IsNormalized::Yes
    };
    if glyphs.iter().all(|glyph| never_combines(glyph.char)) {
        return glyphs;
    }
    let mut composed = Vec::with_capacity(glyphs.len());
    let mut rest = glyphs.as_slice();
    while !rest.is_empty() {
        let others = rest[1..].iter().take_while(|glyph| !never_combines(glyph.char)).count();
        let (cluster, after) = rest.split_at(1 + others);
        rest = after;
        let chars = || cluster.iter().map(|glyph| glyph.char);
        if chars().nfc().eq(chars()) {
            composed.extend_from_slice(cluster);
        } else {
            let source = cluster[0].source.start..cluster[others].source.end;
            composed.extend(chars().nfc().map(|char| Glyph { char, source: source.clone() }));
        }
    }
    composed
}

fn quick_check(char: char) -> IsNormalized {
    unicode_normalization::is_nfc_quick(std::iter::once(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(normalise(text, &[]).0, expected, "{text:?}");
    }

    #[test]
    fn markup_becomes_text() {
        check("<p>Gut.</p><p>Aber&nbsp;<b>teuer</b>!</p>", "Gut.\nAber teuer!");
        check("a < b &amp; c > d, I <3 it", "a < b & c > d, I <3 it");
        check("1<br>2<br/><br />3", "1\n2\n3");
        check("Gr&uuml;&szlig;e &#128077;", "Grüße 👍");
        check("R&B & Co", "R&B & Co");
    }

    #[test]
    fn spaces_are_plain_and_single() {
        check("  a\u{a0}\t b\u{3000}c \u{0}d ", "a b c d");
        check("a \r\n\r\n  b\u{2029}c\n", "a\nb\nc");
        check("\u{feff}Lieferung\u{ad}s\u{200b}zeit\u{202e}", "Lieferungszeit");
        check(" \n\t\u{200b}", "");
    }

    #[test]
    fn characters_are_composed() {
        check("u\u{308}ber", "über");
        check("\u{1112}\u{1161}\u{11ab}", "한");
        check("a\u{323}\u{307}", "ạ\u{307}");
        check("\u{308}a", "\u{308}a");
    }

    #[test]
    fn joined_pictures_stay_joined() {
        check("👨\u{200d}👩\u{200d}👧 a\u{200d}b ❤\u{fe0f}", "👨\u{200d}👩\u{200d}👧 ab ❤\u{fe0f}");
    }
}
