//! Discovering all themes anew, and how far a discovery can be relied upon.

use std::path::Path;

use echolot_core::Timestamp;
use echolot_index::DataFolder;
use echolot_themes::{Certificate, Unit, certify, discover};
use serde_json::{Value, json};

use crate::progress::{Progress, Step};
use crate::theming::{Register, ThemeConfig, ThemeCounts, rediscover_all, unit};
use crate::{Error, open_snapshot};

/// What a discovery did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryReport {
    /// The generation that readers see since.
    pub generation: u64,
    /// What became of the themes.
    pub themes: ThemeCounts,
}

impl DiscoveryReport {
    /// The report as a JSON document.
    pub fn to_json(&self) -> Value {
        json!({ "generation": self.generation, "themes": self.themes.to_json() })
    }
}

/// Discovers all themes of the data folder at `path` anew, but those a person
/// has decided on, and publishes the result.
///
/// # Errors
/// When a run or an edit holds the folder, and when the disk fails.
pub fn discover_themes(
    path: &Path,
    config: &ThemeConfig,
    (progress, at): (&dyn Progress, Timestamp),
) -> Result<DiscoveryReport, Error> {
    let folder = DataFolder::open(path)?;
    let lock = folder.lock()?;
    folder.publish(&lock)?;
    let writer = folder.begin_run(&lock)?;
    let register = Register::read(writer.theme_store())?;
    let themes = rediscover_all(&writer, register, &config.options, progress)?;
    let report = DiscoveryReport { generation: writer.generation(), themes };
    progress.begin(Step::Publish, None);
    writer.commit(&report.to_json(), at)?;
    folder.publish(&lock)?;
    Ok(report)
}

/// How far the themes that a discovery finds can be relied upon.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeCertificate {
    /// The generation whose units were looked at.
    pub generation: u64,
    /// How many units those were.
    pub units: u64,
    /// How many themes were found in them.
    pub themes: u64,
    /// What stays of them when the data change a little.
    pub certificate: Certificate,
}

/// Certifies what a discovery without any past finds in the units of the data
/// folder at `path`, those apart that people have put somewhere. It takes eight
/// times as long as that discovery, which is why no discovery does it by itself.
///
/// # Errors
/// When there is no data folder.
pub fn certify_themes(path: &Path, config: &ThemeConfig) -> Result<ThemeCertificate, Error> {
    let snapshot = open_snapshot(path)?;
    let rows = snapshot.units()?;
    let units: Vec<Unit> = rows.iter().map(unit).collect();
    let found = discover(&units, &config.options);
    Ok(ThemeCertificate {
        generation: snapshot.generation(),
        units: units.len() as u64,
        themes: found.clusters.len() as u64,
        certificate: certify(&units, &found, &config.options),
    })
}
