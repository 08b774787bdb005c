//! `doctor`: what is wrong with an installation, and how to mend it.

use std::path::Path;

use echolot_index::{DataFolder, TextIndexState};
use echolot_infer::{Analyse, Manifest, Model, Passage, Runtime};

use crate::analyst::{model_folder, runtime_candidates};
use crate::{Config, Error};

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub subject: &'static str,
    /// How it is.
    pub state: CheckState,
    /// What was found; for anything but a good state also what mends it.
    pub finding: String,
}

/// How a checked part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckState {
    /// As it should be.
    Good,
    /// It works, but somebody should look at it.
    Warning,
    /// It does not work.
    Bad,
}

/// Free space under which a run may fail.
const LITTLE_SPACE: u64 = 1 << 30;

/// Checks the model, ONNX Runtime, a reading end to end, and the data folder
/// if one is given. Changes nothing.
pub fn examine(config: &Config, data: Option<&Path>) -> Vec<Check> {
    let mut checks = Vec::new();
    let manifest = Manifest::read(&model_folder(config));
    checks.push(check("model", manifest.as_ref().map(describe).map_err(ToString::to_string)));
    if let Ok(manifest) = manifest {
        checks.push(check(
            "model files",
            manifest.verify_files().map(|()| "unchanged".to_owned()).map_err(|e| e.to_string()),
        ));
        let runtime = Runtime::load(&runtime_candidates(config, &manifest));
        let found = runtime
            .as_ref()
            .map(|runtime| format!("{} ({})", runtime.library().display(), runtime.version()));
        checks.push(check("runtime", found.map_err(ToString::to_string)));
        if let Ok(runtime) = runtime {
            checks.push(check(
                "reading",
                read_once(manifest, &runtime).map_err(|error| error.to_string()),
            ));
        }
    }
    if let Some(path) = data {
        checks.extend(examine_data(path));
    }
    checks
}

fn check(subject: &'static str, found: Result<String, String>) -> Check {
    match found {
        Ok(finding) => Check { subject, state: CheckState::Good, finding },
        Err(finding) => Check { subject, state: CheckState::Bad, finding },
    }
}

fn describe(manifest: &Manifest) -> String {
    let bytes: u64 = manifest.files().map(|(_, bytes)| bytes).sum();
    format!(
        "{} {} in {}, {:.0} MB",
        manifest.name,
        manifest.version,
        manifest.path("").display(),
        bytes as f64 / 1e6
    )
}

/// Reads one sentence, so that a library that loads but does not work is found.
fn read_once(manifest: Manifest, runtime: &Runtime) -> Result<String, echolot_infer::Error> {
    let model = Model::open(manifest, runtime, 1)?;
    let text = "The delivery was late.";
    let whole = 0..text.len();
    let passage = Passage { text, units: std::slice::from_ref(&whole) };
    let reading = model.analyse(&[passage], &|_| ()).remove(0)?;
    Ok(format!("\"{text}\" has the score {:.2}", reading.score))
}

fn examine_data(path: &Path) -> Vec<Check> {
    let folder = match DataFolder::open(path) {
        Ok(folder) => folder,
        Err(error) => return vec![check("data folder", Err(Error::from(error).to_string()))],
    };
    let found = folder.inspect();
    let mut checks: Vec<Check> =
        found.problems.iter().map(|problem| check("database", Err(problem.clone()))).collect();
    if found.problems.is_empty() {
        let rows = found.row_counts.iter().map(|(table, rows)| format!("{table} {rows}"));
        checks
            .push(check("database", Ok(format!("whole; {}", rows.collect::<Vec<_>>().join(", ")))));
    }
    let (state, finding) = match found.text_index {
        Some(TextIndexState::Current) => (CheckState::Good, "current".to_owned()),
        Some(TextIndexState::Behind) => (
            CheckState::Warning,
            "behind the database; the next command brings it up to date".to_owned(),
        ),
        Some(TextIndexState::Unusable) | None => {
            (CheckState::Warning, "cannot be used; the next command rebuilds it".to_owned())
        }
    };
    checks.push(Check { subject: "search index", state, finding });
    if found.leftover_staging > 0 && !found.is_locked {
        checks.push(Check {
            subject: "unfinished run",
            state: CheckState::Warning,
            finding: "a run was interrupted; start it again with the same inputs and it goes on"
                .to_owned(),
        });
    }
    if let Some(free) = found.free_bytes {
        let state = if free < LITTLE_SPACE { CheckState::Warning } else { CheckState::Good };
        checks.push(Check {
            subject: "disk",
            state,
            finding: format!("{:.1} GB free", free as f64 / 1e9),
        });
    }
    checks
}
