//! The configuration: what was said, then what it means.

mod alerts;
mod naming;
mod queue;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use echolot_core::{CesVersion, DateOrder, Journey, Topic};
use echolot_index::Synonyms;
use serde::Deserialize;
use toml::{Table, Value};

use crate::ask::{AlertConfig, QueueConfig};
use crate::ingest::SourceOptions;
use crate::theming::ThemeConfig;
pub use alerts::{Channel, ChannelTarget, Channels, SmtpConfig, SmtpTls};
pub use naming::NamingConfig;

/// The default configuration and its documentation.
pub const DEFAULT_CONFIG: &str = include_str!("../../../echolot.toml");

/// Variables that stand for flags of the program and set no key.
const VARIABLES_OF_FLAGS: [&str; 5] = ["CONFIG", "DATA", "LOG", "LOG_FORMAT", "DATA_DIR"];

/// The checked configuration, which the rest of the program trusts.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of the model; none means it is searched for.
    pub model_folder: Option<PathBuf>,
    /// Inference threads, at least one.
    pub workers: usize,
    /// The ONNX Runtime library; none means it is searched for.
    pub runtime_library: Option<PathBuf>,
    /// Whether personal data is masked.
    pub redact: bool,
    /// Further things to mask: label and regular expression.
    pub redaction_patterns: Vec<(String, String)>,
    /// How input files are read.
    pub input: InputConfig,
    /// Rows per shard, at least one.
    pub shard_rows: usize,
    /// How themes are found and kept.
    pub themes: ThemeConfig,
    /// The language model that suggests names of themes; none unless one is
    /// configured.
    pub naming: Option<NamingConfig>,
    /// Words that the company takes for the same.
    pub synonyms: Synonyms,
    /// The least similarity of what a search finds by meaning, -1..=1.
    pub min_similarity: f32,
    /// Where topics belong on the customer's journey.
    pub journey: Journey,
    /// What makes a complaint urgent.
    pub queue: QueueConfig,
    /// What is told when.
    pub alerts: AlertConfig,
    /// Where it is told.
    pub channels: Channels,
    /// Where the HTTP API listens.
    pub listen: SocketAddr,
    /// Seconds until a request is given up.
    pub timeout_s: u64,
    /// Requests that are answered at the same time, at least one.
    pub max_requests: usize,
    /// The largest body of a request that is taken.
    pub max_body_bytes: usize,
    /// The origins whose pages may ask.
    pub cors_origins: Vec<String>,
}

/// How input files are read.
#[derive(Debug, Clone)]
pub struct InputConfig {
    default: SourceOptions,
    /// File name patterns with what holds for them, first fit wins.
    sources: Vec<(String, SourceOptions)>,
}

impl InputConfig {
    /// The options for a file, chosen by its name.
    pub fn options_for(&self, file: &Path) -> &SourceOptions {
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let fitting = self.sources.iter().find(|(pattern, _)| fits(pattern, &name));
        fitting.map_or(&self.default, |(_, options)| options)
    }
}

/// A configuration that cannot be used; the message names file and key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration: {0}")]
    Io(#[from] std::io::Error),
    /// Not TOML, an unknown key or a value of the wrong type.
    #[error("{origin}: {source}")]
    Parse {
        /// The file, or "the environment".
        origin: String,
        /// What the parser says.
        source: Box<toml::de::Error>,
    },
    /// A value outside its range.
    #[error("configuration key `{key}`: {reason}")]
    Value {
        /// The key with its section.
        key: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// An environment variable that sets nothing.
    #[error(
        "environment variable {0} sets no configuration key; see `echolot config` for the keys"
    )]
    UnknownVariable(String),
}

impl Config {
    /// The default configuration with what the user's file and the
    /// environment say on top. `environment` is the list of all variables;
    /// those that begin with `ECHOLOT_` must name a key.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = parse(DEFAULT_CONFIG, "echolot.toml (built in)")?;
        if let Some(file) = file {
            let origin = file.display().to_string();
            let said = parse(&fs_err::read_to_string(file)?, &origin)?;
            // Checked by itself first, so that the error names the file.
            read(said.clone(), &origin)?;
            merge(&mut table, said);
        }
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("ECHOLOT_") else { continue };
            if VARIABLES_OF_FLAGS.contains(&key) {
                continue;
            }
            set_variable(&mut table, &name, key, &value)?;
        }
        read(table, "the configuration")?.check()
    }

    /// The default configuration.
    ///
    /// # Errors
    /// None in practice: the built-in file is checked by a test.
    pub fn standard() -> Result<Self, ConfigError> {
        Self::load(None, [])
    }
}

fn parse(text: &str, origin: &str) -> Result<Table, ConfigError> {
    toml::from_str(text).map_err(|source| ConfigError::Parse {
        origin: origin.to_owned(),
        source: Box::new(source),
    })
}

fn read(table: Table, origin: &str) -> Result<RawConfig, ConfigError> {
    Value::Table(table).try_into().map_err(|source| ConfigError::Parse {
        origin: origin.to_owned(),
        source: Box::new(source),
    })
}

fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Sets `section.key` from `SECTION_KEY`, in the type the key has.
fn set_variable(table: &mut Table, name: &str, key: &str, text: &str) -> Result<(), ConfigError> {
    let lower = key.to_lowercase();
    let slot = lower.split_once('_').and_then(|(section, key)| {
        table
            .get_mut(section)
            .and_then(Value::as_table_mut)
            .and_then(|section| section.get_mut(key))
    });
    let slot = slot.ok_or_else(|| ConfigError::UnknownVariable(name.to_owned()))?;
    let value = match slot {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Float(_) => text.parse().ok().map(Value::Float),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(_) => Some(Value::Array(listed(text))),
        _ => None,
    };
    *slot = value.ok_or_else(|| ConfigError::Value {
        key: "environment",
        reason: format!("{name}={text} is not {}", slot.type_str()),
    })?;
    Ok(())
}

/// The values of a list, which a variable separates by commas.
fn listed(text: &str) -> Vec<Value> {
    let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
    values.map(|value| Value::String(value.to_owned())).collect()
}

/// Whether a text is the origin of a web page: scheme, host and perhaps a port.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_of_host = |sign: char| sign.is_ascii_alphanumeric() || "-.:[]".contains(sign);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(is_of_host))
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let Some((middle, tail)) = rest.rsplit_once('*') else { return left.ends_with(rest) };
    for part in middle.split('*') {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawConfig {
    model: RawModel,
    runtime: RawRuntime,
    privacy: RawPrivacy,
    input: RawInput,
    run: RawRun,
    themes: RawThemes,
    naming: naming::RawNaming,
    search: RawSearch,
    journey: RawJourney,
    queue: queue::RawQueue,
    alerts: alerts::RawAlerts,
    alert: Vec<alerts::RawAlert>,
    serve: RawServe,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawModel {
    folder: PathBuf,
    workers: usize,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawRuntime {
    library: PathBuf,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawPrivacy {
    redact: bool,
    pattern: Vec<RawPattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPattern {
    label: String,
    regex: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawInput {
    csat_scale: u8,
    ces_version: String,
    date_order: String,
    source: Vec<RawSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    file: String,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    source: Option<String>,
    channel: Option<String>,
    product: Option<String>,
    csat_scale: Option<u8>,
    ces_version: Option<String>,
    date_order: Option<String>,
    sheet: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawRun {
    shard_rows: usize,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawThemes {
    granularity: f64,
    min_size: usize,
    min_verbatims: usize,
    retry: usize,
    min_cohesion: f64,
    rediscover_growth: f64,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawJourney {
    stage: BTreeMap<String, String>,
    touchpoint: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSearch {
    synonyms: Vec<Vec<String>>,
    min_similarity: f32,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawServe {
    listen: String,
    timeout_s: u64,
    max_requests: usize,
    max_body_mib: usize,
    cors_origins: Vec<String>,
}

impl RawConfig {
    fn check(self) -> Result<Config, ConfigError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let listen = self.serve.listen.parse().map_err(|_| ConfigError::Value {
            key: "serve.listen",
            reason: format!(
                "`{}` is not an address with a port, such as 127.0.0.1:8080",
                self.serve.listen
            ),
        })?;
        require(self.run.shard_rows > 0, "run.shard_rows", "must be at least 1")?;
        require(self.themes.min_size >= 2, "themes.min_size", "must be at least 2")?;
        require(self.themes.min_verbatims >= 1, "themes.min_verbatims", "must be at least 1")?;
        let granularity = self.themes.granularity;
        require(
            (0.1..=10.0).contains(&granularity),
            "themes.granularity",
            "must be from 0.1 to 10",
        )?;
        let min_similarity = self.search.min_similarity;
        require(
            (-1.0..=1.0).contains(&min_similarity),
            "search.min_similarity",
            "must be from -1 to 1",
        )?;
        let synonyms = Synonyms::new(self.search.synonyms).map_err(|error| ConfigError::Value {
            key: "search.synonyms",
            reason: error.to_string(),
        })?;
        require(
            (0.0..=1.0).contains(&self.themes.min_cohesion),
            "themes.min_cohesion",
            "must be from 0 to 1",
        )?;
        let growth = self.themes.rediscover_growth;
        require(growth >= 0.0, "themes.rediscover_growth", "must not be less than 0")?;
        require(self.serve.timeout_s > 0, "serve.timeout_s", "must be at least 1")?;
        require(self.serve.max_requests > 0, "serve.max_requests", "must be at least 1")?;
        let mib = self.serve.max_body_mib;
        require((1..=1024).contains(&mib), "serve.max_body_mib", "must be from 1 to 1024")?;
        require(
            self.serve.cors_origins.iter().all(|origin| is_origin(origin)),
            "serve.cors_origins",
            "must be a list of origins such as https://voice.example.org, without a path",
        )?;
        let (alerts, channels) = self.alerts.check(self.alert)?;
        Ok(Config {
            model_folder: given(self.model.folder),
            workers: if self.model.workers == 0 { cores } else { self.model.workers },
            runtime_library: given(self.runtime.library),
            redact: self.privacy.redact,
            redaction_patterns: self
                .privacy
                .pattern
                .into_iter()
                .map(|raw| (raw.label, raw.regex))
                .collect(),
            input: self.input.check()?,
            shard_rows: self.run.shard_rows,
            themes: ThemeConfig {
                options: echolot_themes::Options {
                    granularity,
                    min_size: self.themes.min_size,
                    min_verbatims: self.themes.min_verbatims,
                    ..echolot_themes::Options::default()
                },
                retry: self.themes.retry,
                min_cohesion: self.themes.min_cohesion,
                rediscover_growth: growth,
            },
            naming: self.naming.check()?,
            synonyms,
            min_similarity,
            journey: self.journey.check()?,
            queue: self.queue.check()?,
            alerts,
            channels,
            listen,
            timeout_s: self.serve.timeout_s,
            max_requests: self.serve.max_requests,
            max_body_bytes: mib << 20,
            cors_origins: self.serve.cors_origins,
        })
    }
}

impl RawJourney {
    fn check(self) -> Result<Journey, ConfigError> {
        let mut journey = Journey::default();
        let topic = |key: &'static str, code: &str| {
            code.parse::<Topic>()
                .map_err(|error| ConfigError::Value { key, reason: error.to_string() })
        };
        for (code, stage) in &self.stage {
            let key = "journey.stage";
            let stage = (!stage.is_empty()).then(|| stage.parse()).transpose();
            let stage = stage.map_err(|error: echolot_core::UnknownCode| ConfigError::Value {
                key,
                reason: error.to_string(),
            })?;
            journey.set_stage(topic(key, code)?, stage);
        }
        for (code, touchpoint) in self.touchpoint {
            let touchpoint = Some(touchpoint).filter(|name| !name.is_empty());
            journey.set_touchpoint(topic("journey.touchpoint", &code)?, touchpoint);
        }
        Ok(journey)
    }
}

impl RawInput {
    fn check(self) -> Result<InputConfig, ConfigError> {
        let default = SourceOptions {
            csat_scale: csat_scale(self.csat_scale)?,
            ces_version: ces_version(&self.ces_version)?,
            date_order: date_order(&self.date_order)?,
            ..SourceOptions::default()
        };
        let sources = self.source.into_iter().map(|raw| {
            let options = SourceOptions {
                columns: raw.columns,
                csat_scale: raw.csat_scale.map_or(Ok(default.csat_scale), csat_scale)?,
                ces_version: raw
                    .ces_version
                    .map_or(Ok(default.ces_version), |text| ces_version(&text))?,
                date_order: raw
                    .date_order
                    .map_or(Ok(default.date_order), |text| date_order(&text))?,
                source: raw.source,
                channel: raw.channel,
                product: raw.product,
                sheet: raw.sheet,
            };
            Ok((raw.file, options))
        });
        Ok(InputConfig { sources: sources.collect::<Result<_, ConfigError>>()?, default })
    }
}

fn require(holds: bool, key: &'static str, reason: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::Value { key, reason: reason.to_owned() }) }
}

fn csat_scale(scale: u8) -> Result<u8, ConfigError> {
    require(matches!(scale, 3..=7 | 10), "input.csat_scale", "must be 3, 4, 5, 6, 7 or 10")?;
    Ok(scale)
}

fn ces_version(text: &str) -> Result<CesVersion, ConfigError> {
    match text {
        "1.0" => Ok(CesVersion::V1),
        "2.0" => Ok(CesVersion::V2),
        _ => Err(ConfigError::Value {
            key: "input.ces_version",
            reason: format!("`{text}` must be \"1.0\" or \"2.0\""),
        }),
    }
}

fn date_order(text: &str) -> Result<Option<DateOrder>, ConfigError> {
    match text {
        "" => Ok(None),
        "dmy" => Ok(Some(DateOrder::DayFirst)),
        "mdy" => Ok(Some(DateOrder::MonthFirst)),
        _ => Err(ConfigError::Value {
            key: "input.date_order",
            reason: format!("`{text}` must be \"dmy\", \"mdy\" or empty"),
        }),
    }
}

/// An empty path means that nothing was given.
fn given(path: PathBuf) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_built_in_file_is_valid() {
        let config = Config::standard().unwrap();
        assert!(config.redact);
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(config.workers >= 1);
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        fs_err::write(&file, "[model]\nworkers = 3\n[run]\nshard_rows = 7\n").unwrap();
        let config = Config::load(
            Some(&file),
            variables(&[("ECHOLOT_MODEL_WORKERS", "1"), ("PATH", "/bin")]),
        )
        .unwrap();
        assert_eq!((config.workers, config.shard_rows, config.themes.options.min_size), (1, 7, 5));
    }

    #[test]
    fn mistakes_name_the_key() {
        let message =
            |pairs: &[(&str, &str)]| Config::load(None, variables(pairs)).unwrap_err().to_string();
        assert!(message(&[("ECHOLOT_MODEL_WORKER", "1")]).contains("ECHOLOT_MODEL_WORKER "));
        assert!(
            message(&[("ECHOLOT_RUN_SHARD_ROWS", "many")])
                .contains("ECHOLOT_RUN_SHARD_ROWS=many is not integer")
        );
        assert!(message(&[("ECHOLOT_RUN_SHARD_ROWS", "0")]).contains("run.shard_rows"));
        assert!(message(&[("ECHOLOT_THEMES_REDISCOVER_GROWTH", "-1")]).contains("growth"));
        assert!(message(&[("ECHOLOT_SERVE_LISTEN", "here")]).contains("serve.listen"));

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        fs_err::write(&file, "[model]\nworkerz = 3\n").unwrap();
        let message = Config::load(Some(&file), []).unwrap_err().to_string();
        assert!(message.contains("mine.toml") && message.contains("workerz"), "{message}");
    }

    #[test]
    fn every_topic_but_the_general_one_has_its_place_on_the_journey() {
        let journey = Config::standard().unwrap().journey;
        for &topic in Topic::ALL {
            let has_place = topic != Topic::General;
            assert_eq!(journey.stage(topic).is_some(), has_place, "{topic}");
            assert_eq!(journey.touchpoint(topic).is_some(), has_place, "{topic}");
        }

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        fs_err::write(
            &file,
            "[journey.stage]\nstaff = \"\"\n[journey.touchpoint]\nstaff = \"counter\"\n",
        )
        .unwrap();
        let journey = Config::load(Some(&file), []).unwrap().journey;
        assert_eq!(
            (journey.stage(Topic::Staff), journey.touchpoint(Topic::Staff)),
            (None, Some("counter"))
        );
        assert_eq!(journey.stage(Topic::Delivery), Some(echolot_core::JourneyStage::Delivery));
        fs_err::write(&file, "[journey.stage]\nstaff = \"checkout\"\n").unwrap();
        let message = Config::load(Some(&file), []).unwrap_err().to_string();
        assert!(message.contains("journey.stage") && message.contains("awareness"), "{message}");
    }

    #[test]
    fn a_source_is_chosen_by_the_name_of_the_file() {
        assert!(fits("umfrage-*.csv", "umfrage-2025-06.csv"));
        assert!(!fits("umfrage-*.csv", "umfrage-2025-06.xlsx"));
        assert!(fits("*chat*", "my-chats.jsonl") && fits("*", "x") && fits("a.csv", "a.csv"));
        assert!(!fits("a*b*c", "abd") && fits("a*b*c", "aXbYc"));
    }
}
