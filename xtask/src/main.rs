//! The repository's own automation: `cargo xtask <command>`.

mod false_alarms;
mod nights;
mod openapi;
mod quality;
mod recounts;
mod runtime;
mod tidy;
mod units;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "The repository's own automation")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks the rules of the house: arrows, file lengths, headers, paths in documents.
    Tidy,
    /// Puts the pinned ONNX Runtime library into .cache/runtime.
    Runtime,
    /// Writes docs/openapi.json, or with --check says whether it is current.
    Openapi {
        /// Change nothing; fail if the file is not current.
        #[arg(long)]
        check: bool,
    },
    /// Measures the model on annotated data and writes docs/quality.
    Quality {
        /// The folder with `gold/verbatims.jsonl` and `labelled.test.jsonl.gz`.
        #[arg(long, env = "ECHOLOT_DATA_DIR", default_value = "../shared/data")]
        data: PathBuf,
        /// Change nothing; fail if a figure differs from the committed one.
        #[arg(long)]
        check: bool,
    },
    /// Takes real reviews in night by night and writes docs/quality/nights.csv.
    Nights {
        /// The folder with `app_reviews_covid.jsonl.gz`.
        #[arg(long, env = "ECHOLOT_DATA_DIR", default_value = "../shared/data")]
        data: PathBuf,
        /// How many runs there are.
        #[arg(long, default_value_t = 30)]
        nights: usize,
    },
    /// Measures false alarms on shuffled feedback and writes a table into docs/quality.
    FalseAlarms {
        /// A data folder.
        #[arg(long)]
        data: PathBuf,
        /// A product with several releases.
        #[arg(long)]
        product: String,
    },
    /// Draws 100 figures about each of some data folders, counts each again, and writes
    /// docs/quality/recounts.csv.
    Recounts {
        /// The data folders, each with the name that stands in the table: NAME=FOLDER.
        #[arg(required = true)]
        data: Vec<String>,
        /// The program.
        #[arg(long, default_value = "echolot")]
        echolot: PathBuf,
    },
    /// Reads JSON lines with a `text`, writes its opinion units as character ranges.
    Units,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Tidy => tidy::tidy(),
        Command::Runtime => runtime::fetch(),
        Command::Openapi { check } => openapi::write(check),
        Command::Quality { data, check } => quality::measure(&data, check),
        Command::Nights { data, nights } => nights::simulate(&data, nights),
        Command::FalseAlarms { data, product } => false_alarms::measure(&data, &product),
        Command::Recounts { data, echolot } => recounts::measure(&data, &echolot),
        Command::Units => units::write(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}
