//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::filters::FilterParams;

/// Finds out what customers praise and complain about, and answers questions
/// about it. Offline, on one machine; every number leads back to customers'
/// own words.
#[derive(Debug, Parser)]
#[command(name = "echolot", version, propagate_version = true)]
pub struct Cli {
    /// Configuration file; see `echolot config` for the keys.
    #[arg(long, global = true, env = "ECHOLOT_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
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
    /// Side by side: at least half of the words and all of the rest. "in a row",
    /// -without, AND, OR, NOT, ( ), liefer*, akku~ (misspelt), and conditions such
    /// as product:X, topic:delivery,staff, rating:1..2, date:2025-06..2025-07.
    #[command(
        after_help = "Examples:\n  echolot search --data D \"Lieferung kam zu spät\" --lang de --polarity negative\n  echolot search --data D '(\"error 39508\" OR abst*) -update rating:..2' --mode words --json\n  echolot search --data D --like review-17"
    )]
    Search(SearchArgs),
    /// Lists recurring issues and praise by volume.
    Themes(ThemesArgs),
    /// The complaints about one release, beside the release before.
    #[command(
        after_help = "Example:\n  echolot complaints --data D --product Vitaloop --release 2.9.0 --baseline 2.8.0"
    )]
    Complaints(ComplaintsArgs),
    /// NPS, CSAT, CES, net sentiment and response times by group.
    Kpi(KpiArgs),
    /// What goes with good and bad ratings, NPS or CSAT answers.
    #[command(
        after_help = "Example:\n  echolot drivers --data D --on nps --by topic --product Vitaloop"
    )]
    Drivers(DriversArgs),
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
    /// compressed with gzip or zstd.
    #[arg(long, required = true, num_args = 1.., value_name = "FILES")]
    pub(crate) input: Vec<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to find; see below. Empty: everything that meets the filters, newest first.
    #[arg(default_value = "")]
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
    /// Polarities of the verbatim as a whole.
    #[arg(long, value_name = "CODES")]
    pub(crate) polarity: Option<String>,
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
pub(crate) struct ThemesArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// Only opinions of this polarity count.
    #[arg(long, value_name = "CODE")]
    pub(crate) polarity: Option<String>,
    /// The greatest number of themes.
    #[arg(long, default_value_t = 30)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ComplaintsArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The product.
    #[arg(long)]
    pub(crate) product: String,
    /// The release.
    #[arg(long)]
    pub(crate) release: String,
    /// The release to compare with; the one before if none is given.
    #[arg(long)]
    pub(crate) baseline: Option<String>,
    /// The greatest number of rows.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KpiArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to group by: release, month, channel, product, language or source.
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
    /// The answer: rating, nps or csat.
    #[arg(long, default_value = "rating")]
    pub(crate) on: String,
    /// What drivers are: theme, or topic by polarity.
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object per line.
    Jsonl,
    /// Comma-separated with a header.
    Csv,
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
