//! Cuts a passage into windows of tokens that fit the encoder.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use tokenizers::{Encoding, Tokenizer};

use crate::{Error, Passage};

/// Turns passages into windows.
pub(crate) struct Windower {
    tokenizer: Tokenizer,
    /// `<s>` and the tokens of the prefix, which open every window.
    opening: Vec<u32>,
    /// `</s>`, which closes every window.
    closing: u32,
    /// `<unk>`, which stands for characters the tokenizer does not have.
    unknown: Option<u32>,
    prefix: String,
    max_tokens: usize,
}

/// One run of tokens for the encoder.
#[derive(Debug, PartialEq)]
pub(crate) struct Window {
    /// Token ids with opening and closing.
    pub(crate) ids: Vec<u32>,
    /// The unit of each token; none for opening, closing and tokens outside
    /// every unit.
    pub(crate) units: Vec<Option<u32>>,
}

impl Windower {
    pub(crate) fn open(file: &Path, prefix: &str, max_tokens: usize) -> Result<Self, Error> {
        let bytes = fs_err::read(file)?;
        let mut tokenizer = Tokenizer::from_bytes(bytes)
            .map_err(|source| Error::Tokenizer { file: file.to_owned(), source })?;
        // A customer who writes `</s>` means four characters.
        tokenizer.set_encode_special_tokens(true);
        let empty = tokenizer.encode_fast(prefix.trim_end(), true).map_err(Error::Tokenise)?;
        let Some((&closing, opening)) = empty.get_ids().split_last() else {
            return Err(Error::Tokenizer {
                file: file.to_owned(),
                source: "it adds no special tokens".into(),
            });
        };
        let unknown = tokenizer.token_to_id("<unk>");
        Ok(Self {
            unknown,
            opening: opening.to_vec(),
            closing,
            prefix: prefix.to_owned(),
            max_tokens,
            tokenizer,
        })
    }

    /// The windows of a passage; at least one, even of an empty text. No token
    /// is lost: windows follow each other without gap, and break between units
    /// where one ends in the second half of a window.
    pub(crate) fn windows(&self, passage: &Passage) -> Result<Vec<Window>, Error> {
        let text = format!("{}{}", self.prefix, calm(passage.text));
        let encoding = self.tokenizer.encode(text.as_str(), true).map_err(Error::Tokenise)?;
        if self.is_foreign(&text, &encoding) {
            return Err(Error::UnknownScript);
        }
        let body = self.opening.len()..encoding.len().saturating_sub(1).max(self.opening.len());
        let ids = &encoding.get_ids()[body.clone()];
        let units: Vec<Option<u32>> = encoding.get_offsets()[body]
            .iter()
            .map(|&(_, end)| unit_of(passage.units, end.checked_sub(self.prefix.len() + 1)?))
            .collect();

        let capacity = self.max_tokens - self.opening.len() - 1;
        let mut windows = Vec::with_capacity(ids.len().div_ceil(capacity).max(1));
        let mut start = 0;
        loop {
            let end = break_point(&units, start, capacity);
            windows.push(self.window(&ids[start..end], &units[start..end]));
            if end == ids.len() {
                return Ok(windows);
            }
            start = end;
        }
    }

    /// Whether most letters of the text are unknown. What the model would say
    /// of such a text is the same for every text of that script.
    fn is_foreign(&self, text: &str, encoding: &Encoding) -> bool {
        let letters = |part: &str| part.chars().filter(|c| c.is_alphabetic()).count();
        let tokens = encoding.get_ids().iter().zip(encoding.get_offsets());
        let unknown: usize = tokens
            .filter(|(id, _)| Some(**id) == self.unknown)
            .filter_map(|(_, &(start, end))| text.get(start..end))
            .map(letters)
            .sum();
        2 * unknown > letters(&text[self.prefix.len()..])
    }

    fn window(&self, ids: &[u32], units: &[Option<u32>]) -> Window {
        let opening = std::iter::repeat_n(None, self.opening.len());
        Window {
            ids: [&self.opening, ids, &[self.closing]].concat(),
            units: opening.chain(units.iter().copied()).chain([None]).collect(),
        }
    }
}

/// A text that shouts, in lower case: the vocabulary has few pieces in capitals,
/// and the encoder has read little of them. Every byte stays in its place; a
/// letter whose small form has another length stays as it is.
fn calm(text: &str) -> Cow<'_, str> {
    let (small, capital) = text.chars().fold((0, 0), |(small, capital), c| {
        (small + usize::from(c.is_lowercase()), capital + usize::from(c.is_uppercase()))
    });
    // Four letters are no abbreviation any more.
    if capital < 4 || capital < 3 * small {
        return text.into();
    }
    let lowered = |c: char| {
        let mut lowered = c.to_lowercase();
        match (lowered.next(), lowered.next()) {
            (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
            _ => c,
        }
    };
    text.chars().map(lowered).collect::<String>().into()
}

/// The unit that holds `byte`, the last byte of a token: its first byte may be
/// the space that still belongs to the unit before.
fn unit_of(units: &[Range<usize>], byte: usize) -> Option<u32> {
    let at = units.partition_point(|unit| unit.end <= byte);
    units.get(at).is_some_and(|unit| unit.start <= byte).then_some(at as u32)
}

/// Where the window that starts at `start` ends.
fn break_point(units: &[Option<u32>], start: usize, capacity: usize) -> usize {
    let full = start + capacity;
    if units.len() <= full {
        return units.len();
    }
    (start + capacity / 2..=full).rev().find(|&at| units[at] != units[at - 1]).unwrap_or(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_that_shouts_is_calmed_and_no_byte_moves() {
        assert_eq!(calm("SEIT DREI TAGEN KEIN NETZ! Ärger"), "seit drei tagen kein netz! ärger");
        for text in ["Die SMS der DHL kam", "DHL", "iOS", "42 !!!", "", "super", "GUT, aber teuer"]
        {
            assert_eq!(calm(text), text);
        }
        // The small forms of these are longer or shorter than they are.
        for text in ["STRAẞE IST GESPERRT", "İSTANBUL UÇUŞU İPTAL", "ȺȾ ABCDEF"] {
            assert_eq!(calm(text).len(), text.len());
            assert_ne!(calm(text), text);
        }
    }

    #[test]
    fn a_token_belongs_to_the_unit_of_its_last_byte() {
        let units = [0..5, 5..9, 12..20];
        assert_eq!(unit_of(&units, 4), Some(0));
        assert_eq!(unit_of(&units, 5), Some(1));
        assert_eq!(unit_of(&units, 10), None);
        assert_eq!(unit_of(&units, 19), Some(2));
        assert_eq!(unit_of(&units, 20), None);
    }

    #[test]
    fn windows_break_between_units_when_one_ends_late_enough() {
        let units: Vec<_> = [0; 7].into_iter().chain([1; 20]).map(Some).collect();
        assert_eq!(break_point(&units, 0, 10), 7);
        assert_eq!(
            break_point(&units, 0, 20),
            20,
            "a break in the first half would waste the window"
        );
        assert_eq!(break_point(&units, 7, 10), 17);
        assert_eq!(break_point(&units, 17, 10), 27);
        assert_eq!(break_point(&units, 20, 10), 27);
    }
}
