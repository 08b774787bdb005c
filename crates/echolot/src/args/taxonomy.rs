//! The arguments of a company's own taxonomy.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{EditArgs, StoreArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum TaxonomyCommand {
    /// Says what is wrong with a taxonomy; with a data folder also how many
    /// verbatims would have each topic. Nothing is changed.
    Check(TaxonomyCheckArgs),
    /// Puts a taxonomy in force, at once for all that is stored and all that will be.
    Apply {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Lists the topics in force with how many verbatims have them, and how right that is.
    Show(TaxonomyShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TaxonomyCheckArgs {
    /// The file.
    pub(crate) file: PathBuf,
    /// The data folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, requires = "data")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TaxonomyShowArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// As it was in this generation.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) generation: Option<u64>,
    /// Print the file that was applied, to change it or to apply it again.
    #[arg(long, conflicts_with = "json")]
    pub(crate) file: bool,
}
