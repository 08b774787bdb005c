//! The labelled sets, with the vectors of the shipped model.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use echolot_core::Language;
use echolot_infer::{Analyse, Manifest, Model, Passage, Runtime};
use echolot_text::{LanguageDetector, Redactor, prepare};
use echolot_themes::Vector;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::root;
use crate::set::{Row, SetWriter};

/// Texts that the model reads together. The result does not depend on it.
const AT_ONCE: usize = 1024;

/// Writes the sets to `work`: each file of `clustering/`, the written texts,
/// all of them (`authored`) and those of each file (`authored_NAME`), and the
/// texts of all sets together (`all`). Says which model made the vectors.
pub(crate) fn write_sets(data: &Path, work: &Path) -> anyhow::Result<Value> {
    fs_err::create_dir_all(work)?;
    let manifest = Manifest::read(&root()?.join("models"))?;
    let version = manifest.version.clone();
    let library = manifest.runtime.as_ref().and_then(|source| source.library.file_name());
    let library = library.context("the manifest names the library of ONNX Runtime")?;
    let runtime = Runtime::load(&[root()?.join(".cache/runtime").join(library)])?;
    let workers = std::thread::available_parallelism()?.get();
    let reader = Reader {
        model: Model::open(manifest, &runtime, workers)?,
        redactor: Redactor::standard(),
        detector: LanguageDetector::new(),
    };
    let mut all = SetWriter::create(work, "all")?;
    let mut sizes = BTreeMap::new();
    for file in files(&data.join("clustering"))? {
        let set = set_name(&file);
        let mut writer = SetWriter::create(work, &set)?;
        for (row, vector) in reader.read(&lines(&file)?, "label")? {
            writer.push(&row, vector.components())?;
            all.push(
                &Row { label: row.label.map(|label| format!("{set} {label}")), ..row },
                vector.components(),
            )?;
            *sizes.entry(set.clone()).or_insert(0) += 1;
        }
        writer.finish()?;
    }
    let mut authored = SetWriter::create(work, "authored")?;
    for file in files(&data.join("authored"))? {
        let set = format!("authored_{}", set_name(&file));
        let mut writer = SetWriter::create(work, &set)?;
        for (row, vector) in reader.read(&lines(&file)?, "issue")? {
            for writer in [&mut writer, &mut authored, &mut all] {
                writer.push(&row, vector.components())?;
            }
            *sizes.entry(set.clone()).or_insert(0) += 1;
        }
        writer.finish()?;
    }
    authored.finish()?;
    all.finish()?;
    Ok(json!({ "model": version, "rows": sizes }))
}

/// The files of JSON lines in a folder, by name.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = vec![];
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if name.ends_with(".jsonl") || name.ends_with(".jsonl.gz") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn set_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn lines(file: &Path) -> anyhow::Result<Vec<Value>> {
    let mut text = String::new();
    let mut input = fs_err::File::open(file)?;
    if file.extension().is_some_and(|kind| kind == "gz") {
        GzDecoder::new(input).read_to_string(&mut text)?;
    } else {
        input.read_to_string(&mut text)?;
    }
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Reads texts as `echolot cluster` does: the whole of each, without regard to
/// what else is known of it.
struct Reader {
    model: Model,
    redactor: Redactor,
    detector: LanguageDetector,
}

impl Reader {
    fn read(&self, lines: &[Value], label: &str) -> anyhow::Result<Vec<(Row, Vector)>> {
        let mut rows = Vec::with_capacity(lines.len());
        for lines in lines.chunks(AT_ONCE) {
            let texts: Vec<String> = lines
                .iter()
                .map(|line| {
                    prepare(line["text"].as_str().unwrap_or_default(), &self.redactor).clean
                })
                .collect();
            let passages: Vec<Passage> =
                texts.iter().map(|text| Passage { text, units: &[] }).collect();
            let readings = self.model.analyse(&passages, &|_| ());
            for ((line, text), reading) in lines.iter().zip(&texts).zip(readings) {
                let field = |name: &str| line[name].as_str().map(str::to_owned);
                let stated = line["lang"].as_str().and_then(Language::from_tag);
                let row = Row {
                    text: text.clone(),
                    language: stated.unwrap_or_else(|| self.detector.detect(text).language),
                    label: field(label),
                    product: field("product"),
                };
                rows.push((row, Vector::quantise(&reading?.vector)));
            }
        }
        Ok(rows)
    }
}
