//! The command line.

mod key;
mod people;
mod reports;
mod taxonomy;
mod themes;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use echolot_engine::Error;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::edits::make_within;
use crate::filters::FilterParams;
pub(crate) use key::{KeyAddArgs, KeyCommand, KeyLogArgs};
pub(crate) use people::{
    AlertsAct, AlertsArgs, AlertsCommand, AuditAct, AuditArgs, AuditCommand, AuditImportArgs,
    AuditSampleArgs, CheckArgs, CorrectArgs, CorrectionsAct, CorrectionsArgs, CorrectionsCommand,
    QueueAct, QueueArgs, QueueCommand,
};
pub(crate) use reports::{ExplainArgs, RecountArgs, ReportArgs, ReportFormat};
pub(crate) use taxonomy::{TaxonomyCheckArgs, TaxonomyCommand, TaxonomyShowArgs};
pub(crate) use themes::{
    CertificateArgs, LedgerArgs, SuggestArgs, ThemesAct, ThemesArgs, ThemesCommand,
};

/// Finds out what customers praise and complain about, and answers questions
/// about it. Offline, on one machine; every number leads back to customers'
/// own words.
#[derive(Debug, Parser)]
#[command(name = "echolot", version, propagate_version = true)]
pub struct Cli {
    /// Configuration file; see `echolot config` for the keys.
    #[arg(long, global = true, env = "ECHOLOT_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How lines of the log are written; `ECHOLOT_LOG=info` says what is.
    #[arg(long, global = true, env = "ECHOLOT_LOG_FORMAT", value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The night job: reads files, analyses what is new, publishes the result.
    ///
    /// Rows that are known already are skipped, so the same file can be given
    /// again. A run that was killed goes on where it was. Rows that cannot be
    /// used are kept with their reason; the exit code is then 3.
    #[command(
        after_help = "Example:\n  echolot run --data D --input reviews.jsonl.gz chats.jsonl survey.xlsx"
    )]
    Run(RunArgs),
    /// Finds verbatims by words, by meaning, or like another one.
    ///
    /// Side by side: half of the words (one of two or three) and all of the rest. "in a row",
    /// -without, AND, OR, NOT, ( ), liefer*, akku~ (misspelt), and conditions such
    /// as product:X, topic:delivery,staff, rating:1..2, date:2025-06..2025-07.
    #[command(
        after_help = "Examples:\n  echolot search --data D \"Lieferung kam zu spät\" --lang de --polarity negative\n  echolot search --data D '(\"error 39508\" OR abst*) -update rating:..2' --mode words --json\n  echolot search --data D --like review-17"
    )]
    Search(SearchArgs),
    /// Lists recurring issues and praise by volume; with a subcommand changes them.
    #[command(
        after_help = "Examples:\n  echolot themes --data D --polarity negative\n  echolot themes rename 7 \"Parcel late\" --data D\n  echolot themes merge 12 15 --into 7 --data D"
    )]
    Themes(ThemesCommand),
    /// Topics of a company's own, by rules and examples in one file.
    #[command(
        subcommand,
        after_help = "Examples:\n  echolot taxonomy check taxonomy.toml --data D\n  echolot taxonomy apply taxonomy.toml --by anna --data D\n  echolot count --by own_topic --data D"
    )]
    Taxonomy(TaxonomyCommand),
    /// Says of verbatims what the model got wrong, or that they are spam.
    ///
    /// It counts from then on in every answer, is kept through every later run, and
    /// can be undone. What the model says stays readable beside it.
    #[command(
        after_help = "Examples:\n  echolot correct review-17 --polarity negative --intents complaint,churn --by anna --data D\n  echolot correct review-17 --unit 0 --topics delivery --note \"it is the courier\" --data D\n  echolot correct wave-1 wave-2 --spam --data D"
    )]
    Correct(CorrectArgs),
    /// Lists what people say against the model, and what it says by now.
    Corrections(CorrectionsCommand),
    /// Says how well the model does on verbatims that people labelled; with a
    /// subcommand draws verbatims to label, or takes the labels.
    #[command(
        after_help = "Examples:\n  echolot audit sample --per-stratum 50 --output sample.csv --data D\n  echolot audit import sample.csv --by anna --data D"
    )]
    Audit(AuditCommand),
    /// Lists what the rules of the configuration found; with a subcommand checks
    /// them or sends what waits. A run does both by itself.
    #[command(
        after_help = "Example:\n  echolot alerts check --dry-run --data D --config mine.toml"
    )]
    Alerts(AlertsCommand),
    /// Which customers need an answer, the most urgent first; with `set` gives a
    /// complaint a status.
    #[command(
        after_help = "Examples:\n  echolot queue --data D --product Vitaloop\n  echolot queue set review-17 answered --by anna --note \"phoned\" --data D"
    )]
    Queue(QueueCommand),
    /// The complaints about one release, beside the release before.
    #[command(
        after_help = "Examples:\n  echolot complaints --data D --product Vitaloop --release 2.9.0 --baseline 2.8.0\n  echolot complaints --data D --product Vitaloop --release 2.9.0 --rank impact --on nps --lang de"
    )]
    Complaints(ComplaintsArgs),
    /// NPS, CSAT, CES, net sentiment, response times and first-contact resolution by
    /// group, with their intervals.
    #[command(after_help = "Example:\n  echolot kpi --data D --by channel --query Hotline")]
    Kpi(KpiArgs),
    /// Counts feedback by up to two groupings, exactly.
    #[command(
        after_help = "Examples:\n  echolot count --data D --by theme --by release --product Vitaloop\n  echolot count --data D --of texts --by attribute.Filiale --where attribute.Land=DE"
    )]
    Count(CountArgs),
    /// A figure from period to period or release to release.
    #[command(
        after_help = "Example:\n  echolot trend --data D --measure share --by release --product App --query '\"error 39508\"'"
    )]
    Trend(TrendArgs),
    /// What is said in one set of verbatims beside another.
    #[command(
        after_help = "Examples:\n  echolot compare --data D --product App --a release=1.0.5 --b release=1.0.4\n  echolot compare --data D --a q=Akku --b q=Display --by opinion_polarity"
    )]
    Compare(CompareArgs),
    /// Themes whose share rose beyond chance in a release or period.
    ///
    /// The period is `--release`, or `--from` to `--to`; if neither is given,
    /// the newest release of the product, or the last seven days with feedback.
    #[command(after_help = "Example:\n  echolot emerging --data D --product Vitaloop")]
    Emerging(EmergingArgs),
    /// What goes with good and bad ratings, NPS, CSAT or CES answers.
    #[command(
        after_help = "Example:\n  echolot drivers --data D --on nps --by topic --product Vitaloop"
    )]
    Drivers(DriversArgs),
    /// A report: key figures, complaints and praise, releases, what emerges, and drivers.
    ///
    /// As of a day it comes out the same for ever, whatever is loaded, renamed or
    /// put right later.
    #[command(
        after_help = "Examples:\n  echolot report --data D --product Vitaloop --format html --output report.html\n  echolot report --data D --as-of 2025-06-30 --format json"
    )]
    Report(ReportArgs),
    /// Splits the change from one report to another into data, model, taxonomy and correction.
    #[command(after_help = "Example:\n  echolot explain --data D june.json september.json")]
    Explain(ExplainArgs),
    /// Counts figures again from the stored rows, and says whether they agree.
    ///
    /// A trace stands beside every figure in JSON. The exit code is 1 where a
    /// figure does not agree.
    #[command(
        after_help = "Example:\n  echolot recount --data D 'g=3&product=App&by.theme=7&is.texts=12'"
    )]
    Recount(RecountArgs),
    /// Analyses JSON lines from standard input; needs no data folder.
    #[command(after_help = "Example:\n  echolot score < items.jsonl > analysed.jsonl")]
    Score(ScoreArgs),
    /// Finds the themes of one file; needs no data folder.
    #[command(
        after_help = "Example:\n  echolot cluster items.jsonl --themes themes.jsonl > assignments.jsonl"
    )]
    Cluster(ClusterArgs),
    /// Writes everything that is stored, for other programs.
    Export(ExportArgs),
    /// Answers questions over HTTP until it is stopped.
    Serve(ServeArgs),
    /// The keys of the HTTP API, and what was done with them.
    #[command(
        subcommand,
        after_help = "Examples:\n  echolot key add --data D --role reader --product Vitaloop --name dashboard\n  echolot key log --data D --action edit"
    )]
    Key(KeyCommand),
    /// Says what is wrong with the installation or a data folder, and how to mend it.
    Doctor(DoctorArgs),
    /// Prints the default configuration with its explanations.
    Config,
    /// Prints the OpenAPI description of the HTTP API.
    Openapi,
    /// Parts of a run, for engines that spread work over machines.
    #[command(subcommand)]
    Shard(ShardCommand),
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The data folder.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The data folder.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Files: JSONL, CSV, TSV, XLSX, Parquet or chat transcripts; texts may be
    /// compressed with gzip or zstd. None takes what was delivered over HTTP
    /// alone, which every run takes first.
    #[arg(long, num_args = 1.., value_name = "FILES")]
    pub(crate) input: Vec<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A query may begin with a minus sign, as `-update` does, which means NOT. Two are an
/// option that is misspelt.
fn said(query: &str) -> Result<String, String> {
    match query.strip_prefix("--") {
        Some(_) => {
            Err("there is no such option; in a query, `-word` and `NOT word` leave out what \
                        says the word"
                .to_owned())
        }
        None => Ok(query.to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to find; see below. Empty: everything that meets the filters, newest first.
    #[arg(default_value = "", allow_hyphen_values = true, value_parser = said)]
    pub(crate) query: String,
    /// What is found: `words`, `meaning`, or `hybrid` for both.
    #[arg(long, default_value = "hybrid")]
    pub(crate) mode: String,
    /// Find verbatims like this one.
    #[arg(long, value_name = "FEEDBACK_ID", conflicts_with = "like_text")]
    pub(crate) like: Option<String>,
    /// Find verbatims like this text, in any language.
    #[arg(long, value_name = "TEXT")]
    pub(crate) like_text: Option<String>,
    /// The least similarity of what is found by meaning, -1 to 1.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) min_similarity: Option<f32>,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The greatest number of hits.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// How many hits to pass over.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: usize,
    /// Go on after the hits of an earlier answer: its `next`.
    #[arg(long, conflicts_with = "offset")]
    pub(crate) cursor: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How long an edit waits.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// How long to wait while a run or another edit writes to the data folder.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) wait: u64,
}

impl WaitArgs {
    /// Makes an edit, and says on standard error for whom it waits if it does.
    pub(crate) fn make<T>(&self, make: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let tell = |error: &Error| eprintln!("echolot: {error}; waiting up to {} s", self.wait);
        make_within(Duration::from_secs(self.wait), tell, make)
    }
}

/// What every edit takes.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    /// Who makes the change; the name of the account if none is given.
    #[arg(
        long,
        visible_alias = "by",
        value_name = "NAME",
        env = "USER",
        hide_env_values = true,
        default_value = "unknown",
        hide_default_value = true
    )]
    pub(crate) author: String,
}

#[derive(Debug, Args)]
pub(crate) struct ComplaintsArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// One product and one release, and which of its verbatims.
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The release to compare with; the one before if none is given.
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// What comes first: share, or impact, which is what a complaint does to the
    /// mean answer of the release.
    #[arg(long, default_value = "share")]
    pub(crate) rank: String,
    /// The answer that an impact is on: rating, nps, csat, ces or `ces_v1`.
    #[arg(long, default_value = "rating")]
    pub(crate) on: String,
    /// Release notes to set beside the complaints: text, Markdown, or JSON lines
    /// with `app`, `version` and `recent_changes`.
    #[arg(long, value_name = "FILE")]
    pub(crate) notes: Option<PathBuf>,
    /// The greatest number of rows.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print every figure of a row, whatever the width.
    #[arg(long)]
    pub(crate) wide: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KpiArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to group by: release, day, week, month, channel, product, language,
    /// source, or any other grouping of `count`.
    #[arg(long, default_value = "month")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DriversArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The answer: rating, nps, csat, ces or `ces_v1`.
    #[arg(long, default_value = "rating")]
    pub(crate) on: String,
    /// What drivers are: theme, or by polarity topic, `own_topic` or journey stage.
    #[arg(long, default_value = "theme")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The least answers that speak of a driver.
    #[arg(long, default_value_t = 5)]
    pub(crate) minimum: u64,
    /// The greatest number of rows.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to group by; give it twice to cross two: product, release, channel,
    /// source, language, respondent, rating, day, week, month, polarity,
    /// `opinion_polarity`, topic, theme, `own_topic`, intent, stage,
    /// touchpoint or attribute.NAME.
    #[arg(long, value_name = "GROUPING")]
    pub(crate) by: Vec<String>,
    /// What to count: verbatims, opinions, respondents, or texts
    /// (near-duplicates once).
    #[arg(long, default_value = "verbatims")]
    pub(crate) of: String,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The greatest number of rows; all if none is given.
    #[arg(long)]
    pub(crate) limit: Option<usize>,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print comma-separated values with a header.
    #[arg(long)]
    pub(crate) csv: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TrendArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The figure: volume, share, rating, nps, csat, net-sentiment, ces, `ces_v1`, frt
    /// (first response time), art (time to the resolution) or fcr (first-contact
    /// resolution).
    #[arg(long, default_value = "share")]
    pub(crate) measure: String,
    /// From what to what: day, week, month or release.
    #[arg(long, default_value = "month")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The one set: conditions as in `--where`.
    #[arg(long, value_name = "CONDITIONS")]
    pub(crate) a: String,
    /// The set to compare it with.
    #[arg(long, value_name = "CONDITIONS")]
    pub(crate) b: String,
    /// What is compared: theme, topic or any other grouping of `count`.
    #[arg(long, default_value = "theme")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The greatest number of rows.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EmergingArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The greatest q value that counts as beyond chance.
    #[arg(long, default_value_t = 0.05)]
    pub(crate) level: f64,
    /// The least verbatims in the period.
    #[arg(long, default_value_t = 5)]
    pub(crate) minimum: u64,
    /// The greatest number of rows.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// A file to read instead of standard input, in any form `run` takes.
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {
    /// The file with the texts, in any form `run` takes.
    pub(crate) file: PathBuf,
    /// Write the themes here, one JSON line each.
    #[arg(long, value_name = "FILE")]
    pub(crate) themes: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to write.
    #[arg(long, value_enum)]
    pub(crate) what: ExportWhat,
    /// In which form.
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
    pub(crate) format: ExportFormat,
    /// Where to; standard output if none is given.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportWhat {
    /// One row per feedback item with its analysis.
    Feedback,
    /// One row per opinion.
    Opinions,
    /// One row per theme.
    Themes,
    /// The SQL views, a Parquet file each, into the folder that `--output` names.
    Views,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportFormat {
    /// One JSON object per line.
    Jsonl,
    /// Comma-separated with a header.
    #[default]
    Csv,
    /// As `csv`, for spreadsheet programs: marked as UTF-8, and no text is taken for a formula.
    Spreadsheet,
    /// Apache Parquet.
    Parquet,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Speak TLS with the certificates of this PEM file, the server's own first.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of the first certificate, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// A data folder to examine as well.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ShardCommand {
    /// Analyses one shard that is described by JSON on standard input, writes
    /// its output beside it, and prints the receipt.
    Run,
}
