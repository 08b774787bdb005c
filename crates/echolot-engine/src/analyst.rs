//! One feedback item from its raw text to what is stated of it.

use std::ops::Range;
use std::path::PathBuf;

use echolot_core::{
    Analysis, Feedback, Fingerprint, Intent, Language, Polarity, Timestamp, Topic,
    first_response_seconds, resolution_seconds,
};
use echolot_index::{StoredReading, UnitReading};
use echolot_infer::{Analyse, Decision, Labels, Manifest, Model, Passage, Reading, Runtime};
use echolot_text::{LanguageDetector, Prepared, duplicate_key, near_signature, opinion_units};
use echolot_themes::Vector;
use rayon::prelude::*;

use crate::decision::{Stated, state};
use crate::masking::Masker;
use crate::{Config, Error};

/// Everything that is needed to analyse a text.
pub struct Analyst {
    masker: Masker,
    detector: LanguageDetector,
    model: Box<dyn Analyse>,
    decision: Decision,
}

/// A feedback item ready for the model.
pub(crate) struct Draft {
    /// The item, redacted.
    pub(crate) feedback: Feedback,
    /// The redacted words of the customer.
    pub(crate) verbatim: String,
    pub(crate) prepared: Prepared,
    pub(crate) language: Language,
    /// Byte ranges of the units in the clean text, without the white space
    /// around them. None where nothing is said.
    units: Vec<Range<usize>>,
    /// Equal for texts that get the same reading.
    pub(crate) reading_key: Fingerprint,
    /// Equal for items that count as said once.
    pub(crate) duplicate_key: Fingerprint,
    pub(crate) bands: Vec<u64>,
    pub(crate) first_response_s: Option<i64>,
    pub(crate) resolution_s: Option<i64>,
}

/// A detected language is believed against the one the source states from
/// this confidence on.
const SURE_LANGUAGE: f64 = 0.8;

impl Analyst {
    /// Loads the configured model and ONNX Runtime.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let manifest = Manifest::read(&model_folder(config))?;
        let runtime = Runtime::load(&runtime_candidates(config, &manifest))?;
        let decision = manifest.decision.clone();
        let folder = manifest.path("");
        let model = Model::open(manifest, &runtime, config.workers)?;
        Self::with_model(config, Box::new(model), decision, folder)
    }

    /// An analyst with a given model, for instance a fake one in tests.
    /// `folder` is named when the model's labels are not those of this program.
    pub fn with_model(
        config: &Config,
        model: Box<dyn Analyse>,
        decision: Decision,
        folder: PathBuf,
    ) -> Result<Self, Error> {
        if let Some(kind) = differing_labels(model.labels()) {
            return Err(Error::ModelLabels { folder, kind });
        }
        Ok(Self {
            masker: Masker::new(config)?,
            detector: LanguageDetector::new(),
            model,
            decision,
        })
    }

    /// What identifies the model.
    pub fn model_fingerprint(&self) -> Fingerprint {
        Fingerprint(self.model.fingerprint())
    }

    /// What masks personal data.
    pub(crate) fn masker(&self) -> &Masker {
        &self.masker
    }

    /// Prepares a redacted item.
    pub(crate) fn draft(&self, feedback: Feedback) -> Draft {
        let prepared = self.masker.prepare(&feedback.body.verbatim());
        let verbatim = prepared.redacted.clone();
        let language = self.language(&prepared.clean, feedback.language);
        let units = if says_something(&prepared.clean) {
            let units = opinion_units(&prepared.clean, language);
            units.into_iter().filter_map(|unit| trimmed(&prepared.clean, unit)).collect()
        } else {
            vec![]
        };
        let signature = near_signature(&prepared.clean);
        let turns = feedback.body.turns();
        Draft {
            reading_key: Fingerprint::of([verbatim.as_bytes(), language.code().as_bytes()]),
            duplicate_key: said_once_key(&feedback, &prepared.clean, signature.is_some()),
            bands: signature
                .map(|signature| bands_of(&feedback, &signature.bands))
                .unwrap_or_default(),
            first_response_s: first_response_seconds(turns),
            resolution_s: resolved_at(&feedback).and_then(|at| resolution_seconds(turns, at)),
            verbatim,
            prepared,
            language,
            units,
            feedback,
        }
    }

    fn language(&self, clean: &str, stated: Option<Language>) -> Language {
        let detected = self.detector.detect(clean);
        match stated {
            Some(stated) if detected.confidence < SURE_LANGUAGE => stated,
            _ => detected.language,
        }
    }

    /// Prepares many redacted items on all threads, in order.
    pub(crate) fn draft_all(&self, items: Vec<Feedback>) -> Vec<Draft> {
        items.into_par_iter().map(|item| self.draft(item)).collect()
    }

    /// The readings of drafts, in order. A text that says nothing is not shown
    /// to the model.
    pub(crate) fn read(
        &self,
        drafts: &[&Draft],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Result<StoredReading, echolot_infer::Error>> {
        let passages: Vec<Passage> = drafts
            .iter()
            .filter(|draft| !draft.units.is_empty())
            .map(|draft| Passage { text: &draft.prepared.clean, units: &draft.units })
            .collect();
        progress(drafts.len() - passages.len());
        let mut readings = self.model.analyse(&passages, progress).into_iter();
        let stored = drafts.iter().map(|draft| {
            if draft.units.is_empty() {
                return Ok(nothing_said());
            }
            let reading = readings.next().expect("the model answers once per passage");
            reading.map(|reading| store(draft, &reading))
        });
        stored.collect()
    }

    /// The direction of a text as one passage, to compare it with opinion units.
    pub(crate) fn direction(&self, text: &str) -> Result<Vec<i8>, Error> {
        let clean = self.masker.prepare(text).clean;
        let units = [trimmed(&clean, 0..clean.len()).unwrap_or(0..0)];
        let reading = self.model.analyse_one(&Passage { text: &clean, units: &units })?;
        Ok(Vector::quantise(&reading.units[0].vector).components().to_vec())
    }

    /// What is stated, given a reading.
    pub(crate) fn state(&self, reading: &StoredReading) -> Stated {
        state(reading, &self.decision)
    }

    /// The whole path for a few items: prepared, read and judged, in order.
    pub(crate) fn analyse(&self, items: Vec<Feedback>) -> Vec<Analysed> {
        let items = items.into_par_iter().map(|item| self.masker.redact(item)).collect();
        let drafts = self.draft_all(items);
        let readings = self.read(&drafts.iter().collect::<Vec<_>>(), &|_| ());
        let judged = drafts.into_iter().zip(readings).map(|(draft, reading)| Analysed {
            outcome: reading.map(|reading| (self.state(&reading).analysis, reading)),
            draft,
        });
        judged.collect()
    }
}

/// One item after the whole path.
pub(crate) struct Analysed {
    pub(crate) draft: Draft,
    pub(crate) outcome: Result<(Analysis, StoredReading), echolot_infer::Error>,
}

/// The first kind of label in which a model differs from this program.
fn differing_labels(labels: &Labels) -> Option<&'static str> {
    let same = |found: &[String], expected: Vec<&str>| found == expected;
    if !same(&labels.polarity, Polarity::ALL.iter().map(|label| label.code()).collect()) {
        Some("polarity")
    } else if !same(&labels.intents, Intent::ALL.iter().map(|label| label.code()).collect()) {
        Some("intent")
    } else if !same(&labels.topics, Topic::ALL.iter().map(|label| label.code()).collect()) {
        Some("topic")
    } else {
        None
    }
}

/// Whether a text holds anything but punctuation and white space: a letter, a
/// digit, or a symbol such as an emoji.
fn says_something(clean: &str) -> bool {
    clean
        .chars()
        .any(|c| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !is_dash(c)))
}

/// Dashes, quotation marks, bullets and dots of the general punctuation block.
fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '«' | '»' | '¡' | '¿' | '·')
}

fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let piece = &text[range.clone()];
    let start = range.start + (piece.len() - piece.trim_start().len());
    let end = start + piece.trim().len();
    (start < end).then_some(start..end)
}

/// Items with equal keys count as said once: long texts that read the same
/// about the same product, and anything one respondent repeats. Short texts
/// ("Super!") of different people are different answers.
fn said_once_key(feedback: &Feedback, clean: &str, is_long: bool) -> Fingerprint {
    let text = duplicate_key(clean);
    let product = feedback.product.as_deref().unwrap_or_default();
    match &feedback.respondent {
        _ if is_long => Fingerprint::of([&text.0[..], product.as_bytes()]),
        Some(respondent) => {
            Fingerprint::of([&text.0[..], product.as_bytes(), respondent.as_bytes()])
        }
        None => {
            Fingerprint::of([&text.0[..], product.as_bytes(), b"", feedback.id.as_str().as_bytes()])
        }
    }
}

/// Bands are told apart by product, as the keys are.
fn bands_of(feedback: &Feedback, bands: &[u64]) -> Vec<u64> {
    let product = Fingerprint::of_text(feedback.product.as_deref().unwrap_or_default());
    let salt = u64::from_le_bytes(product.0[..8].try_into().expect("a fingerprint has 16 bytes"));
    bands.iter().map(|band| band ^ salt).collect()
}

/// When a conversation was resolved, where its source says so.
fn resolved_at(feedback: &Feedback) -> Option<Timestamp> {
    feedback.attributes.get("resolved_at")?.parse().ok()
}

fn nothing_said() -> StoredReading {
    StoredReading {
        polarity: [0.0; 3],
        score: 0.0,
        intents: vec![],
        topics: vec![],
        vector: vec![],
        units: vec![],
    }
}

/// The reading in the form it is kept in: spans into the original, vectors as
/// small integers.
fn store(draft: &Draft, reading: &Reading) -> StoredReading {
    let quantised = |vector: &[f32]| Vector::quantise(vector).components().to_vec();
    let three = |scores: &[f32]| [scores[0], scores[1], scores[2]];
    let units = draft.units.iter().zip(&reading.units).map(|(range, unit)| UnitReading {
        span: draft.prepared.original_span(range.clone()),
        topics: unit.topics.clone(),
        polarity: three(&unit.polarity),
        vector: quantised(&unit.vector),
    });
    StoredReading {
        polarity: three(&reading.polarity),
        score: reading.score,
        intents: reading.intents.clone(),
        topics: reading.topics.clone(),
        vector: quantised(&reading.vector),
        units: units.collect(),
    }
}

/// The configured folder, or the first `models` folder with a manifest beside
/// the program, above it, or above the current folder.
pub(crate) fn model_folder(config: &Config) -> PathBuf {
    if let Some(folder) = &config.model_folder {
        return folder.clone();
    }
    let candidates = surroundings().into_iter().map(|folder| folder.join("models"));
    let found = candidates.into_iter().find(|folder| folder.join("manifest.toml").is_file());
    found.unwrap_or_else(|| PathBuf::from("models"))
}

/// Where ONNX Runtime is looked for, in this order.
pub(crate) fn runtime_candidates(config: &Config, manifest: &Manifest) -> Vec<PathBuf> {
    if let Some(library) = &config.runtime_library {
        return vec![library.clone()];
    }
    let pinned = manifest.runtime.as_ref().and_then(|source| source.library.file_name());
    let name = pinned.map_or_else(|| PathBuf::from("libonnxruntime.so"), PathBuf::from);
    let places = surroundings().into_iter();
    places
        .flat_map(|folder| {
            [folder.join("lib").join(&name), folder.join(".cache/runtime").join(&name)]
        })
        .collect()
}

/// The program's folder and the current one, each with those above it.
fn surroundings() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let current = std::env::current_dir().ok();
    let above = |path: Option<PathBuf>| {
        path.map(|path| path.ancestors().map(PathBuf::from).collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut folders: Vec<PathBuf> =
        above(program).into_iter().skip(1).chain(above(current)).collect();
    let mut seen = std::collections::HashSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_says_nothing_and_emoji_do() {
        for silent in ["", "-", "...", "—", "?!", "„“", "…"] {
            assert!(!says_something(silent), "{silent}");
        }
        for speaking in ["ok", "👍", "5", "★★★", "ж"] {
            assert!(says_something(speaking), "{speaking}");
        }
    }

    #[test]
    fn a_unit_is_trimmed_to_its_words() {
        assert_eq!(trimmed("ab  cd ", 2..7), Some(4..6));
        assert_eq!(trimmed("ab   ", 2..5), None);
    }
}
