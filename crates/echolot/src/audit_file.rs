//! The file of an audit: drawn verbatims going out, a person's answers coming in.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use echolot_core::{FeedbackId, Intent, Topic};
use echolot_engine::{AuditAnswer, DrawnVerbatim, Error};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::filters::{intents, polarity, topics};

/// The columns that the program fills in; a person fills in the last three.
const COLUMNS: [&str; 10] = [
    "id", "stratum", "weight", "words", "language", "product", "text", "polarity", "topics",
    "intents",
];
const MODEL_COLUMNS: [&str; 3] = ["model_polarity", "model_topics", "model_intents"];

fn codes<T: Copy>(labels: impl IntoIterator<Item = T>, code: fn(T) -> &'static str) -> String {
    let codes: Vec<&str> = labels.into_iter().map(code).collect();
    if codes.is_empty() { "none".to_owned() } else { codes.join(",") }
}

/// What the model says of a verbatim: polarity, topics and intents.
fn model_answers(drawn: &DrawnVerbatim) -> [String; 3] {
    let mut found: Vec<Topic> = drawn.model.opinions.iter().map(|o| o.topic).collect();
    found.sort_unstable();
    found.dedup();
    let intents = codes(drawn.model.intents.iter().copied(), Intent::code);
    [drawn.model.polarity.to_string(), codes(found, Topic::code), intents]
}

/// Writes a sample as comma-separated values, with what the model says if asked.
pub(crate) fn write_csv(
    out: impl Write,
    sample: &[DrawnVerbatim],
    with_model: bool,
) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let model_columns = if with_model { &MODEL_COLUMNS[..] } else { &[] };
    writer.write_record(COLUMNS.iter().chain(model_columns))?;
    for drawn in sample {
        let mut cells = vec![
            drawn.id.to_string(),
            drawn.stratum.clone(),
            drawn.weight.to_string(),
            drawn.words.to_string(),
            drawn.language.code().to_owned(),
            drawn.product.clone().unwrap_or_default(),
            drawn.text.clone(),
            String::new(),
            String::new(),
            String::new(),
        ];
        if with_model {
            cells.extend(model_answers(drawn));
        }
        writer.write_record(&cells)?;
    }
    Ok(writer.flush()?)
}

/// Writes a sample as JSON lines, with what the model says if asked.
pub(crate) fn write_jsonl(
    mut out: impl Write,
    sample: &[DrawnVerbatim],
    with_model: bool,
) -> anyhow::Result<()> {
    for drawn in sample {
        let mut line = json!({
            "id": drawn.id.as_str(),
            "stratum": drawn.stratum,
            "weight": drawn.weight,
            "words": drawn.words.to_string(),
            "language": drawn.language.code(),
            "product": drawn.product,
            "text": drawn.text,
            "polarity": null,
            "topics": null,
            "intents": null,
        });
        if with_model {
            for (name, answer) in MODEL_COLUMNS.iter().zip(model_answers(drawn)) {
                line[*name] = json!(answer);
            }
        }
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// One row of a file, as it is written. What else a sample has may stay.
#[derive(Deserialize, ToSchema)]
#[schema(as = AnsweredJson)]
pub(crate) struct Row {
    /// The feedback item.
    id: String,
    /// The stratum it was drawn from.
    #[serde(default)]
    stratum: String,
    /// How many verbatims of the stratum it stands for, above 0.
    weight: f64,
    /// The fingerprint of the words that were read; labels of other words are refused.
    words: Option<String>,
    /// `negative`, `neutral` or `positive`; null where that was not answered.
    #[schema(example = "negative")]
    polarity: Option<String>,
    /// All topics of it, an empty list for none; null where that was not answered.
    #[schema(value_type = Option<Vec<String>>, example = json!(["delivery"]))]
    topics: Option<Codes>,
    /// All intents of it, an empty list for none; null where that was not answered.
    #[schema(value_type = Option<Vec<String>>, example = json!([]))]
    intents: Option<Codes>,
}

/// Labels as a list, or as text with commas between them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Codes {
    Text(String),
    List(Vec<String>),
}

impl Codes {
    /// The codes with commas between them; nothing where nothing was answered.
    fn joined(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Self::List(codes) => Some(codes.join(",")),
        }
    }
}

/// Reads a person's answers: JSON lines where the name of the file says so, else
/// comma-separated values with a header.
///
/// # Errors
/// Names every line that cannot be read, and what would be right.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<AuditAnswer>> {
    let text = fs_err::read_to_string(path)?;
    let text = text.trim_start_matches('\u{feff}');
    let is_json = path.extension().is_some_and(|end| end == "jsonl" || end == "json");
    let rows: Vec<(u64, anyhow::Result<Row>)> = if is_json {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let read = |line| serde_json::from_str(line).map_err(anyhow::Error::from);
        lines.map(|(number, line)| (number, read(line))).collect()
    } else {
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let header = reader.headers().context("the file has no header")?.clone();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let row = record.deserialize(Some(&header));
            rows.push((line, row.context("weight must be a number; keep that of the sample")));
        }
        rows
    };
    Ok(collect(rows, &path.display().to_string())?)
}

/// A person's answers that were sent as a list.
///
/// # Errors
/// Names every row that cannot be read, as a line, and what would be right.
pub(crate) fn answers(rows: Vec<Row>) -> Result<Vec<AuditAnswer>, Error> {
    collect((1..).zip(rows.into_iter().map(Ok)), "the list")
}

fn collect(
    rows: impl IntoIterator<Item = (u64, anyhow::Result<Row>)>,
    place: &str,
) -> Result<Vec<AuditAnswer>, Error> {
    let mut answers = Vec::new();
    let mut mistakes = Vec::new();
    for (line, row) in rows {
        match row.and_then(|row| Ok(answer(line, row)?)) {
            Ok(answer) => answers.push(answer),
            Err(error) => mistakes.push(format!("line {line}: {error:#}")),
        }
    }
    let reason = match (mistakes.is_empty(), answers.is_empty()) {
        (true, false) => return Ok(answers),
        (true, true) => format!("{place} has no rows; fill in what `echolot audit sample` wrote"),
        _ => format!("{place}\n  {}", mistakes.join("\n  ")),
    };
    Err(Error::BadValue { key: "labels", reason })
}

fn answer(line: u64, row: Row) -> Result<AuditAnswer, Error> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let said = given(row.polarity);
    let polarity = polarity(said.as_deref().map(str::trim))?;
    let topics = row.topics.and_then(Codes::joined).as_deref().map(topics).transpose()?;
    let intents = row.intents.and_then(Codes::joined).as_deref().map(intents).transpose()?;
    Ok(AuditAnswer {
        line,
        id: FeedbackId::new(row.id),
        stratum: row.stratum,
        weight: row.weight,
        words: given(row.words),
        polarity,
        topics: topics.map(sorted),
        intents: intents.map(sorted),
    })
}

fn sorted<T: Ord>(mut labels: Vec<T>) -> Vec<T> {
    labels.sort_unstable();
    labels.dedup();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(name: &str, text: &str) -> Result<Vec<AuditAnswer>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs_err::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn tables_and_json_lines_say_the_same() {
        let table = "id;stratum;weight;polarity;topics;intents;text\n\
                     a;negative / de;2.5;negative;staff delivery;;x\n";
        assert!(read_as("a.csv", table).unwrap_err().contains("line 2: topics: `staff delivery`"));
        let table = table.replace("staff delivery", "staff, delivery");
        let json = r#"{"id":"a","stratum":"negative / de","weight":2.5,"polarity":"negative","topics":["staff","delivery"],"intents":null}"#;
        let answers = read_as("a.csv", &table).unwrap();
        assert_eq!(answers[0].topics.as_deref(), Some(&[Topic::Delivery, Topic::Staff][..]));
        assert_eq!((answers[0].intents.as_ref(), answers[0].line), (None, 2));
        let from_json = read_as("a.jsonl", json).unwrap();
        assert_eq!(from_json, [AuditAnswer { line: 1, ..answers[0].clone() }]);
        let none = read_as("a.csv", "id,weight,topics,intents\na,1,none,churn\n").unwrap();
        assert_eq!(
            (none[0].topics.as_deref(), none[0].intents.as_deref()),
            (Some(&[][..]), Some(&[Intent::Churn][..]))
        );
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        let table = "id,weight,polarity\na,1,good\nb,heavy,negative\nc,1,negative\n";
        let message = read_as("a.csv", table).unwrap_err();
        assert!(
            message.contains("line 2: polarity: `good` is not a polarity; known are"),
            "{message}"
        );
        assert!(message.contains("line 3:") && message.contains("weight"), "{message}");
        assert!(!message.contains("line 4"), "{message}");
        assert!(read_as("a.csv", "").unwrap_err().contains("no rows"));
        assert!(read_as("a.csv", "id,polarity\na,negative\n").unwrap_err().contains("weight"));
    }
}
