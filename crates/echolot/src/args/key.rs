//! The arguments of `echolot key`.

use clap::{Args, Subcommand};

use super::StoreArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Makes a key and prints it, this once.
    Add(KeyAddArgs),
    /// Lists all keys, revoked ones too.
    List(StoreArgs),
    /// Takes all rights from a key, at once.
    Revoke {
        /// The id of the key; `key list` names it.
        id: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Prints who read verbatims, edited, delivered or exported, newest first.
    Log(KeyLogArgs),
}

#[derive(Debug, Args)]
pub(crate) struct KeyAddArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What its holder may do: reader, editor, admin or ingest.
    #[arg(long)]
    pub(crate) role: String,
    /// A product beyond which its holder sees nothing; give it again for more.
    /// All products if none is given.
    #[arg(long)]
    pub(crate) product: Vec<String>,
    /// Make the key though no feedback has one of its products yet.
    #[arg(long)]
    pub(crate) force: bool,
    /// What it is called in lists and in the log; the role if none is given.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct KeyLogArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only entries of the key with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) key: Option<String>,
    /// Only entries of this action: read, edit, ingest, export or administer.
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// Only entries with a smaller number.
    #[arg(long, value_name = "ENTRY")]
    pub(crate) before: Option<u64>,
    /// The greatest number of entries.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
}
