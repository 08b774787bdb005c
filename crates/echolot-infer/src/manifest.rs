//! The description that lies beside the weights.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Error;
use crate::encoder::longest_row;

/// A model folder's manifest.toml, checked.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The model's name.
    pub name: String,
    /// The model's version.
    pub version: String,
    /// Length of the token states.
    pub dims: usize,
    /// Tokens the encoder takes at most.
    pub max_tokens: usize,
    /// Put before every text.
    pub prefix: String,
    /// Names of the scores' columns.
    pub labels: Labels,
    /// How scores become decisions.
    pub decision: Decision,
    /// Where the shared library of ONNX Runtime comes from on this platform;
    /// none on a platform without an entry.
    pub runtime: Option<RuntimeSource>,
    folder: PathBuf,
    files: Vec<ModelFile>,
}

/// Names of the columns of a [`crate::Reading`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Polarity codes, e.g. `negative`.
    pub polarity: Vec<String>,
    /// Intent codes.
    pub intents: Vec<String>,
    /// Topic codes.
    pub topics: Vec<String>,
}

/// The constants of the decision rule, chosen on held-out data when the model
/// was made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Least probability at which a topic is stated, one per topic label.
    pub topic_thresholds: Vec<f32>,
    /// Least probability at which an intent is stated, one per intent label.
    pub intent_thresholds: Vec<f32>,
    /// Weight of a unit's own topic score against that of the whole, 0..=1.
    pub unit_weight: f32,
    /// Weight of a unit's own polarity score against that of the whole, 0..=1.
    pub polarity_unit_weight: f32,
    /// How far a unit's own topic score may lie below that of the text's best
    /// unit for the topic to be stated of it as well, in logits, at least 0.
    pub topic_margin: f32,
    /// Least probability at which the topic `general` is stated beside a
    /// particular one, 0..=1.
    pub general_beside_threshold: f32,
}

/// The package that holds the shared library for one platform.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RuntimeSource {
    /// Name in the Python package index.
    pub package: String,
    /// Pinned version.
    pub version: String,
    /// File name of the wheel.
    pub wheel: String,
    /// SHA-256 of the wheel.
    pub wheel_sha256: String,
    /// Path of the library inside the wheel.
    pub library: PathBuf,
    /// SHA-256 of the library.
    pub library_sha256: String,
}

#[derive(Debug, Clone, Deserialize)]
struct ModelFile {
    name: String,
    sha256: String,
    bytes: u64,
}

#[derive(Deserialize)]
struct RawManifest {
    model: RawModel,
    #[serde(rename = "file")]
    files: Vec<ModelFile>,
    labels: Labels,
    decision: Decision,
    #[serde(default)]
    runtime: std::collections::BTreeMap<String, RuntimeSource>,
}

#[derive(Deserialize)]
struct RawModel {
    name: String,
    version: String,
    dims: usize,
    max_tokens: usize,
    prefix: String,
}

impl Manifest {
    /// Reads and checks `folder/manifest.toml`.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let file = folder.join("manifest.toml");
        let text = fs_err::read_to_string(&file)
            .map_err(|source| Error::ModelMissing { folder: folder.to_owned(), source })?;
        let raw: RawManifest = toml::from_str(&text)
            .map_err(|source| Error::Manifest { file: file.clone(), source: Box::new(source) })?;
        if let Some(reason) = contradiction(&raw) {
            return Err(Error::Inconsistent { file, reason });
        }
        let mut runtime = raw.runtime;
        Ok(Self {
            name: raw.model.name,
            version: raw.model.version,
            dims: raw.model.dims,
            max_tokens: raw.model.max_tokens,
            prefix: raw.model.prefix,
            labels: raw.labels,
            decision: raw.decision,
            runtime: runtime.remove(&platform()),
            folder: folder.to_owned(),
            files: raw.files,
        })
    }

    /// The path of one of the model's files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The names and sizes in bytes of the model's files.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|file| (file.name.as_str(), file.bytes))
    }

    /// Checks that every file is there in its full size. See
    /// [`Manifest::verify_files`] for the contents.
    pub fn check_files(&self) -> Result<(), Error> {
        for file in &self.files {
            let path = self.path(&file.name);
            if fs_err::metadata(&path)?.len() != file.bytes {
                return Err(Error::FileChanged { file: path });
            }
        }
        Ok(())
    }

    /// Checks the content of every file against the manifest, which takes a
    /// second or so.
    pub fn verify_files(&self) -> Result<(), Error> {
        self.check_files()?;
        for file in &self.files {
            let path = self.path(&file.name);
            let digest = Sha256::digest(fs_err::read(&path)?);
            if !hex(&digest).eq_ignore_ascii_case(&file.sha256) {
                return Err(Error::FileChanged { file: path });
            }
        }
        Ok(())
    }

    /// What identifies the model: a hash over its name, version and the hashes
    /// of its files. Two models with the same fingerprint give the same
    /// readings.
    pub fn fingerprint(&self) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new();
        for part in [&self.name, &self.version, &self.prefix] {
            hasher.update(part.as_bytes()).update(b"\0");
        }
        for file in &self.files {
            hasher.update(file.sha256.as_bytes());
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        fingerprint
    }
}

/// The platform's name in the manifest, e.g. `linux-x86_64`.
fn platform() -> String {
    let arch = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => "arm64",
        (_, arch) => arch,
    };
    format!("{}-{arch}", std::env::consts::OS)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn contradiction(raw: &RawManifest) -> Option<String> {
    let lengths = [
        ("topic_thresholds", raw.decision.topic_thresholds.len(), raw.labels.topics.len()),
        ("intent_thresholds", raw.decision.intent_thresholds.len(), raw.labels.intents.len()),
    ];
    for (name, found, expected) in lengths {
        if found != expected {
            return Some(format!("decision.{name} holds {found} numbers for {expected} labels"));
        }
    }
    let weights = [
        ("unit_weight", raw.decision.unit_weight),
        ("polarity_unit_weight", raw.decision.polarity_unit_weight),
    ];
    for (name, weight) in weights {
        if !(0.0..=1.0).contains(&weight) {
            return Some(format!("decision.{name} is {weight}, but must be from 0 to 1"));
        }
    }
    let longest = longest_row();
    if !(16..=longest).contains(&raw.model.max_tokens) {
        return Some(format!(
            "model.max_tokens is {}, but must be from 16 to {longest}",
            raw.model.max_tokens
        ));
    }
    None
}
