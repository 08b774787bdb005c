//! Measures the shipped model on annotated data it was not trained on.

mod figures;
mod labelled;
mod rough;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use echolot_core::{Analysis, Polarity};
use echolot_engine::{Analyst, Config, Scored, Silent, SourceOptions, read_jsonl, score};
use serde_json::Value;

use crate::root;
use figures::Judged;

/// One line of a quality table.
type Line = [String; 5];

const HEADER: [&str; 5] = ["set", "language", "figure", "class", "value"];

/// Measures and writes `docs/quality/*.csv`; with `check` compares instead.
pub(crate) fn measure(data: &Path, check: bool) -> anyhow::Result<()> {
    let gold = data.join("gold/verbatims.jsonl");
    if !gold.is_file() {
        eprintln!("SKIPPED: quality needs {}, which is not here", gold.display());
        return Ok(());
    }
    let config = Config::standard()?;
    let analyst = Analyst::open(&config)?;
    keep("gold.csv", &gold_lines(&gold, &analyst, str::to_owned)?, check)?;
    let mut rough = Vec::new();
    for (name, change) in rough::CHANGES {
        for [_, language, figure, class, value] in gold_lines(&gold, &analyst, change)? {
            // Quotes are not found again in a text that was changed.
            if class.is_empty() && figure != "span_recall" {
                rough.push([name.to_owned(), language, figure, class, value]);
            }
        }
    }
    keep("rough.csv", &rough, check)?;
    let one_set = |_: &Value| "labelled_test".to_owned();
    let test = labelled::lines(&data.join("labelled.test.jsonl.gz"), &analyst, one_set)?;
    keep("labelled_test.csv", &test, check)?;
    // Sentences, labelled with the polarity of the aspect they speak of.
    let by_source = |row: &Value| row["source"].as_str().unwrap_or_default().to_owned();
    let aspects = labelled::lines(&data.join("eval_only.jsonl.gz"), &analyst, by_source)?;
    keep("aspects.csv", &aspects, check)
}

fn keep(name: &str, lines: &[Line], check: bool) -> anyhow::Result<()> {
    let file = root().join("docs/quality").join(name);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for line in lines {
        writer.write_record(line)?;
    }
    let table = writer.into_inner()?;
    if check {
        ensure!(
            fs_err::read(&file)? == table,
            "docs/quality/{name} is not current; run `cargo xtask quality`"
        );
    } else {
        fs_err::write(&file, table)?;
    }
    Ok(())
}

/// The analyses of JSON lines, in order.
fn analyse(lines: String, analyst: &Analyst) -> anyhow::Result<Vec<Analysis>> {
    let mut analyses = Vec::new();
    let take = |scored: Scored| -> anyhow::Result<()> {
        match scored {
            Scored::Item(item) => {
                // A text that the model refuses counts as one in which it
                // finds nothing.
                analyses.push(item.analysis);
                Ok(())
            }
            Scored::Rejected(rejection) => bail!("line {}: {}", rejection.line, rejection.reason),
        }
    };
    let input = std::io::Cursor::new(lines);
    let rows = read_jsonl(input, "annotated data", &SourceOptions::default())?;
    score(rows, analyst, &Silent, take)?;
    Ok(analyses)
}

/// The figures of the gold texts, each shown to the model as `change` makes it.
fn gold_lines(
    file: &Path,
    analyst: &Analyst,
    change: fn(&str) -> String,
) -> anyhow::Result<Vec<Line>> {
    let text = fs_err::read_to_string(file)?;
    let rows: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    // Only the words are shown to the model.
    let words = rows.iter().map(|row| {
        let text = change(row["text"].as_str().unwrap_or_default());
        format!("{}\n", serde_json::json!({ "id": row["id"], "text": text }))
    });
    let analyses = analyse(words.collect(), analyst)?;
    let mut judged: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
    for (row, analysis) in rows.iter().zip(analyses) {
        let language = row["lang"].as_str().context("a gold row has a language")?.to_owned();
        let pair = Judged::read(row, analysis)?;
        judged.entry("all".to_owned()).or_default().push(pair.clone());
        judged.entry(language).or_default().push(pair);
    }
    let mut lines = Vec::new();
    for (language, pairs) in &judged {
        for (figure, class, value) in figures::of(pairs) {
            lines.push([
                "gold".to_owned(),
                language.clone(),
                figure.to_owned(),
                class,
                format!("{value:.4}"),
            ]);
        }
    }
    Ok(lines)
}

/// Reads `pos`, `neu` or `neg`.
fn short_polarity(code: &str) -> Option<Polarity> {
    match code {
        "pos" => Some(Polarity::Positive),
        "neu" => Some(Polarity::Neutral),
        "neg" => Some(Polarity::Negative),
        _ => None,
    }
}
