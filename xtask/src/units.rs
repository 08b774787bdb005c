//! Shows how texts are cut into opinion units, for the model's recipe.

use std::io::{BufRead, BufWriter, Write};

use anyhow::Context;
use echolot_text::{LanguageDetector, Redactor, opinion_units, prepare};
use serde_json::{Value, json};

/// Reads JSON lines with a `text` from standard input and writes, line by
/// line, `{"units": [[start, end], ...]}` in characters of the text.
pub(crate) fn write() -> anyhow::Result<()> {
    let (redactor, detector) = (Redactor::standard(), LanguageDetector::new());
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        let item: Value =
            serde_json::from_str(&line).with_context(|| format!("line {}", number + 1))?;
        let text =
            item["text"].as_str().with_context(|| format!("line {} has no text", number + 1))?;
        let prepared = prepare(text, &redactor);
        let language = detector.detect(&prepared.clean).language;
        let units = opinion_units(&prepared.clean, language).into_iter().map(|unit| {
            let span = prepared.original_span(unit);
            [span.start, span.end]
        });
        writeln!(out, "{}", json!({ "units": units.collect::<Vec<_>>() }))?;
    }
    Ok(out.flush()?)
}
