//! The arguments of reports, of what explains them, and of recounts.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Data;
use crate::reports::Tongue;

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The day whose end the report is of: what was known then, of what was
    /// written by then.
    #[arg(long, value_name = "DATE", conflicts_with = "generation")]
    pub(crate) as_of: Option<String>,
    /// The generation the report is of.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) generation: Option<u64>,
    /// Only this product.
    #[arg(long)]
    pub(crate) product: Option<String>,
    /// Only this release of the product.
    #[arg(long, requires = "product")]
    pub(crate) release: Option<String>,
    /// In which form.
    #[arg(long, value_enum, default_value_t = ReportFormat::Markdown)]
    pub(crate) format: ReportFormat,
    /// In which language; JSON has none.
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    pub(crate) lang: Tongue,
    /// The greatest number of rows of each list.
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: usize,
    /// Where to; standard output if none is given.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One JSON object with a trace for every figure.
    Json,
    /// Markdown.
    Markdown,
    /// One page that needs nothing else.
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The earlier report, in JSON.
    #[arg(value_name = "REPORT_A")]
    pub(crate) a: PathBuf,
    /// The later report, in JSON.
    #[arg(value_name = "REPORT_B")]
    pub(crate) b: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecountArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The trace of one or more figures.
    pub(crate) trace: String,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
