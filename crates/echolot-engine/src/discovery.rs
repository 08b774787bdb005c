//! Discovering all themes anew, and how far a discovery can be relied upon.

use std::path::Path;

use echolot_core::Timestamp;
use echolot_index::DataFolder;
use serde_json::{Value, json};

use crate::progress::{Progress, Step};
use crate::theming::{Register, ThemeCertificate, ThemeConfig, ThemeCounts, rediscover_all};
use crate::{Error, open_snapshot};

/// What a discovery did.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscoveryReport {
    /// The generation that readers see since; the one of before where nothing changed.
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
/// has decided on, and publishes the result. Where units, options and decisions are
/// those of the last discovery, nothing changes and no generation is made.
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
    if !themes.is_rediscovered {
        let generation = writer.generation() - 1;
        return Ok(DiscoveryReport { generation, themes });
    }
    let report = DiscoveryReport { generation: writer.generation(), themes };
    progress.begin(Step::Publish, None);
    writer.commit(&report.to_json(), at)?;
    folder.publish(&lock)?;
    Ok(report)
}

/// The certificate of the last discovery in the data folder at `path`. Where that was
/// before certificates were kept, or with `again`, the units of today are certified,
/// those apart that people have put somewhere: all of them, which takes eight times as
/// long as discovering themes in them without a past.
///
/// # Errors
/// When there is no data folder.
pub fn certify_themes(
    path: &Path,
    config: &ThemeConfig,
    again: bool,
) -> Result<ThemeCertificate, Error> {
    let snapshot = open_snapshot(path)?;
    if let Some(kept) = snapshot.certificate()?.filter(|_| !again) {
        return Ok(kept);
    }
    let (generation, units) = (snapshot.generation(), snapshot.units()?);
    Ok(ThemeCertificate::new(generation, &units, (usize::MAX, &config.options)))
}
