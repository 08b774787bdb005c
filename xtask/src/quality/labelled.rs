//! Polarity on the labelled test file, by language.

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

pub(super) fn lines(file: &Path, analyst: &Analyst) -> anyhow::Result<Vec<Line>> {
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
            rows.push((language, polarity, row["text"].clone()));
        }
    }
    let words = rows.iter().map(|(.., text)| format!("{}\n", json!({ "text": text })));
    let analyses = analyse(words.collect(), analyst)?;
    let mut judged: BTreeMap<&str, Vec<(Polarity, Polarity)>> = BTreeMap::new();
    for ((language, polarity, _), analysis) in rows.iter().zip(&analyses) {
        judged.entry("all").or_default().push((*polarity, analysis.polarity));
        judged.entry(language).or_default().push((*polarity, analysis.polarity));
    }
    let mut lines = Vec::new();
    let line = |language: &str, figure: &str, class: &str, value: f64| {
        ["labelled_test", language, figure, class, &format!("{value:.4}")].map(str::to_owned)
    };
    for (language, pairs) in judged {
        lines.push(line(language, "verbatims", "", pairs.len() as f64));
        lines.push(line(language, "polarity_macro_f1", "", macro_f1(&pairs)));
        for class in Polarity::ALL {
            lines.push(line(language, "polarity_f1", class.code(), class_f1(&pairs, *class)));
        }
    }
    Ok(lines)
}
