//! Texts: those of the demo corpus, and as many as are wanted made of them.

use std::path::{Path, PathBuf};

use echolot_core::{Draws, Feedback, Language};
use echolot_engine::{Delivered, SourceOptions, open};
use echolot_text::LanguageDetector;
use serde_json::{Value, json};

/// The files of the demo corpus.
pub const FILES: [&str; 6] =
    ["reviews.jsonl.gz", "surveys.csv", "app_store.tsv", "emails.xlsx", "social.json", "chats.txt"];

/// Where a file of the demo corpus is.
pub fn demo_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpora/demo").join(name)
}

/// All items of the demo corpus, in the order of the files.
///
/// # Panics
/// When the corpus cannot be read, or a row of it is refused.
pub fn demo_items() -> Vec<Feedback> {
    let mut items = Vec::new();
    for file in FILES {
        let rows = open(&demo_file(file), &SourceOptions::default())
            .expect("the demo corpus can be opened");
        for row in rows {
            match row.expect("the demo corpus can be read") {
                Delivered::Item(item, _) => items.push(*item),
                Delivered::Rejected(rejection) => {
                    panic!("the demo corpus has a bad row: {rejection:?}")
                }
            }
        }
    }
    items
}

/// `count` feedback items as JSON, put together from the sentences of `items`:
/// two or three sentences of one language each, with what stands beside the
/// first. Few of them repeat another one, as in real feedback.
pub fn resampled(items: &[Feedback], count: usize) -> Vec<Value> {
    let sentences = Sentences::of(items);
    let mut draws = Draws::new(0);
    let draw_item = |number: usize| {
        let (text, first, _) = sentences.text(&mut draws);
        let item = &items[first];
        json!({
            "id": format!("b{number}"),
            "text": text,
            "channel": item.channel,
            "source": item.source,
            "created_at": item.created_at.map(|at| at.to_string()),
            "product": item.product,
            "release": item.release,
            "rating": item.rating.map(echolot_core::Rating::value),
            "nps": item.nps.map(echolot_core::NpsAnswer::value),
        })
    };
    (0..count).map(draw_item).collect()
}

/// The sentences of each language with the items they are from.
pub(crate) struct Sentences(Vec<(Language, Vec<(usize, String)>)>);

impl Sentences {
    pub(crate) fn of(items: &[Feedback]) -> Self {
        let detector = LanguageDetector::new();
        let mut by_language: Vec<(Language, Vec<(usize, String)>)> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let verbatim = item.body.verbatim();
            let language = detector.detect(&verbatim).language;
            let known = by_language.iter().position(|(known, _)| *known == language);
            let at = known.unwrap_or_else(|| {
                by_language.push((language, vec![]));
                by_language.len() - 1
            });
            by_language[at]
                .1
                .extend(sentences(&verbatim).map(|sentence| (number, sentence.to_owned())));
        }
        // A language with a handful of sentences would repeat itself at once.
        by_language.retain(|(_, sentences)| sentences.len() >= 200);
        Self(by_language)
    }

    /// Two or three sentences of one language as a text, with the number of the
    /// item that the first is from, and the language.
    pub(crate) fn text(&self, draws: &mut Draws) -> (String, usize, Language) {
        let (language, sentences) = &self.0[draws.below(self.0.len())];
        let (first, opening) = &sentences[draws.below(sentences.len())];
        let mut text = opening.clone();
        for _ in 0..=draws.below(2) {
            text.push(' ');
            text.push_str(&sentences[draws.below(sentences.len())].1);
        }
        (text, *first, *language)
    }
}

/// Objects as JSON lines.
pub fn jsonl(items: &[Value]) -> String {
    items.iter().flat_map(|item| [item.to_string(), "\n".to_owned()]).collect()
}

/// A rough cut after full stops, exclamation and question marks and at line
/// ends: good enough to draw from.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split('\n').flat_map(|line| line.split_inclusive(['.', '!', '?']));
    pieces.map(str::trim).filter(|piece| piece.chars().count() >= 12)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_items_are_drawn_each_time_and_few_repeat() {
        let items = demo_items();
        let drawn = resampled(&items, 500);
        assert_eq!(drawn, resampled(&items, 500));
        let texts: HashSet<&str> =
            drawn.iter().map(|item| item["text"].as_str().unwrap()).collect();
        assert!(texts.len() > 490, "{} of 500 differ", texts.len());
    }

    #[test]
    fn sentences_are_cut_at_their_ends() {
        let text = "Das Paket kam spät! Schade.\nNie wieder diese Firma";
        assert_eq!(
            sentences(text).collect::<Vec<_>>(),
            ["Das Paket kam spät!", "Nie wieder diese Firma"]
        );
    }
}
