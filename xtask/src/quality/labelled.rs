//! Polarity on files with one label a text, by set and language.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use echolot_core::Polarity;
use echolot_engine::Analyst;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use super::figures::{class_f1, macro_f1};
use super::{Line, analyse, short_polarity};

/// The figures of the rows of `file` that are labelled positive, neutral or
/// negative. `set` says which set a row belongs to.
pub(super) fn lines(
    file: &Path,
    analyst: &Analyst,
    set: impl Fn(&Value) -> String,
) -> anyhow::Result<Vec<Line>> {
    let mut text = String::new();
    MultiGzDecoder::new(fs_err::File::open(file)?).read_to_string(&mut text)?;
    let mut rows = Vec::new();
    for line in text.lines() {
        // Missing numbers are written as NaN, which JSON does not have.
        let row: Value =
            serde_json::from_str(&line.replace(": NaN", ": null").replace("[NaN]", "[null]"))?;
        let Some(polarity) = row["sent"].as_str().and_then(short_polarity) else { continue };
        let language = row["lang"].as_str().context("a labelled row has a language")?.to_owned();
        let is_empty = row["text"].as_str().is_none_or(|text| text.trim().is_empty());
        if !is_empty {
            rows.push((set(&row), language, polarity, row["text"].clone()));
        }
    }
    let words = rows.iter().map(|(.., text)| format!("{}\n", json!({ "text": text })));
    let analyses = analyse(words.collect(), analyst)?;
    let mut judged: BTreeMap<[&str; 2], Vec<(Polarity, Polarity)>> = BTreeMap::new();
    for ((set, language, polarity, _), analysis) in rows.iter().zip(&analyses) {
        for language in ["all", language] {
            let pair = (*polarity, analysis.polarity);
            judged.entry([set, language]).or_default().push(pair);
        }
    }
    let mut lines = Vec::new();
    for ([set, language], pairs) in judged {
        let mut add = |figure: &str, class: &str, value: f64| {
            lines.push([set, language, figure, class, &format!("{value:.4}")].map(str::to_owned));
        };
        add("verbatims", "", pairs.len() as f64);
        add("polarity_macro_f1", "", macro_f1(&pairs));
        for class in Polarity::ALL {
            add("polarity_f1", class.code(), class_f1(&pairs, *class));
        }
    }
    Ok(lines)
}
