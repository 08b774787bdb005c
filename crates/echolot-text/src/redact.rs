//! Finding personal data and masking it, before anything is stored.

mod account;
mod contact;
mod phone;

use std::collections::BTreeMap;
use std::ops::Range;

use echolot_core::CharSpan;
use regex::Regex;

use crate::Error;

/// One masked stretch of a verbatim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PiiSpan {
    /// Where it stands in the original and in the redacted text.
    pub span: CharSpan,
    /// What it is: `EMAIL`, `PHONE`, `IBAN`, `CARD`, `URL_TOKEN` or a
    /// configured label.
    pub kind: String,
}

/// The kinds of personal data to hide, compiled.
///
/// A mask is exactly as long as what it hides: the label in brackets, filled
/// up with asterisks (`[EMAIL*****]`), or asterisks alone where the bracketed
/// label does not fit. Where findings overlap, the longest wins.
#[derive(Debug, Clone)]
pub struct Redactor {
    rules: Vec<Rule>,
    /// Recognises masks that are already in a text; none without rules.
    masks: Option<Regex>,
}

#[derive(Debug, Clone)]
struct Rule {
    label: String,
    finder: Finder,
}

#[derive(Debug, Clone)]
enum Finder {
    BuiltIn(Find),
    Pattern(Regex),
}

/// Finds all of a kind in a text, as ranges of bytes.
type Find = fn(&str) -> Vec<Range<usize>>;

const BUILT_IN: &[(&str, Find)] = &[
    ("EMAIL", contact::emails),
    ("URL_TOKEN", contact::urls_with_secrets),
    ("IBAN", account::ibans),
    ("CARD", account::cards),
    ("PHONE", phone::phones),
];

const FILL: char = '*';
const MAX_LABEL_LEN: usize = 32;

impl Redactor {
    /// Hides e-mail addresses (`EMAIL`), telephone numbers (`PHONE`), bank
    /// accounts (`IBAN`), payment cards (`CARD`), and links that carry a
    /// secret or a person (`URL_TOKEN`).
    pub fn standard() -> Self {
        let rules = BUILT_IN
            .iter()
            .map(|&(label, find)| Rule { label: label.to_owned(), finder: Finder::BuiltIn(find) });
        Self::of(rules.collect())
    }

    /// Hides what [`Redactor::standard`] hides, and what the configured
    /// patterns match, each given as label (`A-Z` and underscores) and regular
    /// expression. A pattern is matched against the text as written and
    /// against the text as normalised; empty matches are passed over.
    ///
    /// # Errors
    /// If a label has another form, or an expression cannot be compiled.
    pub fn with_patterns(custom: &[(String, String)]) -> Result<Self, Error> {
        let mut rules = Self::standard().rules;
        for (label, pattern) in custom {
            let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
            if !label.starts_with(|c: char| c.is_ascii_uppercase())
                || !label.bytes().all(is_plain)
                || label.len() > MAX_LABEL_LEN
            {
                return Err(Error::Label { label: label.clone() });
            }
            let pattern = Regex::new(pattern)
                .map_err(|source| Error::Pattern { label: label.clone(), source })?;
            rules.push(Rule { label: label.clone(), finder: Finder::Pattern(pattern) });
        }
        Ok(Self::of(rules))
    }

    /// Hides nothing.
    pub fn none() -> Self {
        Self::of(vec![])
    }

    fn of(rules: Vec<Rule>) -> Self {
        let labels: Vec<&str> = rules.iter().map(|rule| rule.label.as_str()).collect();
        let masks = (!labels.is_empty()).then(|| {
            let pattern = format!(r"\[({})\**\]", labels.join("|"));
            Regex::new(&pattern).expect("labels of letters and underscores make a valid pattern")
        });
        Self { rules, masks }
    }

    /// The masks that `text` already holds. They are kept as they are, so a
    /// redacted text can be prepared again.
    pub(crate) fn read_masks(&self, text: &str) -> Vec<PiiSpan> {
        let Some(masks) = self.masks.as_ref().filter(|_| text.contains('[')) else {
            return vec![];
        };
        let (mut spans, mut byte, mut at) = (vec![], 0, 0);
        for found in masks.captures_iter(text) {
            let (whole, [label]) = found.extract();
            let start = found.get_match().start();
            at += text[byte..start].chars().count();
            spans.push(PiiSpan {
                span: CharSpan::new(at, at + whole.len()),
                kind: label.to_owned(),
            });
            at += whole.len();
            byte = start + whole.len();
        }
        spans
    }

    /// All findings in `text`, overlapping ones included; `span_of` tells
    /// where a range of its bytes stands in the original.
    pub(crate) fn find(
        &self,
        text: &str,
        span_of: impl Fn(Range<usize>) -> CharSpan,
    ) -> Vec<PiiSpan> {
        let mut found = vec![];
        for rule in &self.rules {
            let ranges = match &rule.finder {
                Finder::BuiltIn(find) => find(text),
                Finder::Pattern(pattern) => pattern.find_iter(text).map(|m| m.range()).collect(),
            };
            // Asterisks are what a short mask leaves behind.
            let is_new = |range: &Range<usize>| text[range.clone()].chars().any(|c| c != FILL);
            found.extend(
                ranges
                    .into_iter()
                    .filter(is_new)
                    .map(|range| PiiSpan { span: span_of(range), kind: rule.label.clone() }),
            );
        }
        found
    }
}

/// Adds findings to the spans already masked; none if there is nothing to
/// add. A finding inside a mask is dropped, one that reaches beyond a mask
/// takes it in. Among findings that overlap, the longest wins, then the first.
pub(crate) fn merge(masked: &[PiiSpan], mut found: Vec<PiiSpan>) -> Option<Vec<PiiSpan>> {
    found.retain(|new| {
        let next = masked.partition_point(|old| old.span.end < new.span.end);
        let is_inside = masked.get(next).is_some_and(|old| old.span.start <= new.span.start);
        !new.span.is_empty() && !is_inside
    });
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|pii| (std::cmp::Reverse(pii.span.len()), pii.span.start));
    let mut chosen: BTreeMap<u32, PiiSpan> = BTreeMap::new();
    for pii in found {
        let before = chosen.range(..pii.span.end).next_back();
        if before.is_none_or(|(_, other)| other.span.end <= pii.span.start) {
            chosen.insert(pii.span.start, pii);
        }
    }
    let mut all: Vec<PiiSpan> = masked.iter().cloned().chain(chosen.into_values()).collect();
    all.sort_by_key(|pii| pii.span);
    let mut apart: Vec<PiiSpan> = Vec::with_capacity(all.len());
    for pii in all {
        match apart.last_mut().filter(|last| last.span.end > pii.span.start) {
            None => apart.push(pii),
            Some(last) => {
                if pii.span.len() > last.span.len() {
                    last.kind = pii.kind;
                }
                last.span.end = last.span.end.max(pii.span.end);
            }
        }
    }
    Some(apart)
}

/// Puts masks over the spans, which are sorted and apart from each other. The
/// number of characters stays.
pub(crate) fn mask(text: &str, spans: &[PiiSpan]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut at = 0;
    for pii in spans {
        masked.extend(chars.by_ref().take((pii.span.start - at) as usize));
        let len = pii.span.len();
        let fill = |count: usize| std::iter::repeat_n(FILL, count);
        match len.checked_sub(pii.kind.len() + 2) {
            None => masked.extend(fill(len)),
            Some(rest) => {
                masked.push('[');
                masked.push_str(&pii.kind);
                masked.extend(fill(rest));
                masked.push(']');
            }
        }
        chars.nth(len - 1);
        at = pii.span.end;
    }
    masked.extend(chars);
    masked
}
