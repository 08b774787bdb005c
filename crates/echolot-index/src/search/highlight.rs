//! Where a text says what a query asks for.

use echolot_core::{CharSpan, Language};

use crate::analyser::Tokeniser;
use crate::query::Query;

/// The words and phrases that a query asks for, whole words always: spans in
/// order that neither touch nor overlap.
pub(crate) fn highlight(
    text: &str,
    language: Language,
    query: &Query,
    tokeniser: &mut Tokeniser,
) -> Vec<CharSpan> {
    let tokens = tokeniser.tokens(text, language);
    let wanted = query.root.wanted();
    let ways = wanted.iter().flat_map(|text| &text.ways);
    let places = ways.flat_map(|way| way.places(&tokens));
    let mut ranges: Vec<(usize, usize)> = places
        .map(|(first, end)| (tokens.ranges[first].start, tokens.ranges[end - 1].end))
        .collect();
    ranges.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    to_chars(text, &merged)
}

/// Byte ranges in order as character spans, in one pass over the text.
fn to_chars(text: &str, ranges: &[(usize, usize)]) -> Vec<CharSpan> {
    let (mut byte, mut char) = (0, 0);
    let mut char_at = |to: usize| {
        char += text[byte..to].chars().count();
        byte = to;
        char
    };
    ranges.iter().map(|(start, end)| CharSpan::new(char_at(*start), char_at(*end))).collect()
}
