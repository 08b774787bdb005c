//! The arguments of `themes`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{EditArgs, StoreArgs, WaitArgs};
use crate::filters::FilterParams;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ThemesCommand {
    #[command(subcommand)]
    pub(crate) act: Option<ThemesAct>,
    #[command(flatten)]
    pub(crate) list: ThemesArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ThemesArgs {
    /// The data folder. Subcommands take it themselves.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER", required = true)]
    pub(crate) data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// The greatest number of themes.
    #[arg(long, default_value_t = 30)]
    pub(crate) limit: usize,
    /// List hidden themes too.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ThemesAct {
    /// Discovers all themes anew, but those a person has decided on.
    Discover {
        #[command(flatten)]
        store: StoreArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Says how far the themes of the last discovery can be relied upon.
    Certificate(CertificateArgs),
    /// Prints what happened to a theme, or to all, and who changed what.
    Ledger(LedgerArgs),
    /// Asks the configured language model for names of the largest themes that
    /// nobody has named, and prints them.
    #[command(after_help = SUGGEST_HELP)]
    Suggest(SuggestArgs),
    /// Gives a theme a name; an empty one gives it back the program's.
    Rename {
        /// The theme's number.
        theme: u32,
        /// Its name.
        name: String,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Makes themes part of another, to which their numbers lead from then on.
    Merge {
        /// The numbers of the themes that end.
        #[arg(required = true)]
        themes: Vec<u32>,
        /// The theme that goes on.
        #[arg(long)]
        into: u32,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Makes the sub-themes of a theme themes of their own.
    Split(OneTheme),
    /// Keeps a theme from being discovered anew.
    Pin(OneTheme),
    /// Lets a theme be discovered anew.
    Unpin(OneTheme),
    /// Takes a theme out of lists.
    Hide(OneTheme),
    /// Puts a theme back into lists.
    Unhide(OneTheme),
    /// Puts opinion units to a theme, or out of all.
    #[command(after_help = "Example:\n  echolot themes move review-17#0 --to 3 --data D")]
    Move {
        /// Ids of feedback items with the numbers of their units, from 0: ID#UNIT.
        #[arg(required = true, value_name = "ID#UNIT")]
        units: Vec<String>,
        /// The theme's number, or `none`.
        #[arg(long)]
        to: String,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Undoes an edit.
    Undo {
        /// Its number; `themes ledger` lists them.
        number: u64,
        #[command(flatten)]
        edit: EditArgs,
    },
}

/// What a language model is sent and asked for.
const SUGGEST_HELP: &str = "The model is that of the section [naming] of the configuration; it is \
    sent each theme's terms and up to five quotes, with personal data masked. The names hold no \
    theme: a discovery may change it as any other, and it keeps its name while most of it stays. \
    What a person renames is kept as it is.\n\nExample:\n  \
    ECHOLOT_NAMING_ENDPOINT=http://127.0.0.1:11434/v1 ECHOLOT_NAMING_MODEL=mistral \\\n    echolot themes \
    suggest --limit 10 --data D";

#[derive(Debug, Args)]
pub(crate) struct SuggestArgs {
    /// The greatest number of themes.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Give the themes these names, each as an edit that can be undone.
    #[arg(long)]
    pub(crate) apply: bool,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CertificateArgs {
    /// Certify what a discovery without any past finds in all opinion units of today,
    /// instead of showing what the last discovery said of itself; it takes eight times as
    /// long as that.
    #[arg(long)]
    pub(crate) again: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    /// The theme's number; all themes if none is given.
    pub(crate) theme: Option<u32>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct OneTheme {
    /// The theme's number.
    pub(crate) theme: u32,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}
