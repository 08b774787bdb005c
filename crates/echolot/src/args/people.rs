//! The arguments of what people decide, and of what the night tells them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Data, EditArgs, StoreArgs};
use crate::filters::FilterParams;

#[derive(Debug, Args)]
pub(crate) struct CorrectArgs {
    /// Ids of feedback items.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// The number of the opinion unit that is meant; the verbatim as a whole if
    /// none is given.
    #[arg(long)]
    pub(crate) unit: Option<u32>,
    /// Which way it points: negative, neutral or positive.
    #[arg(long, value_name = "CODE")]
    pub(crate) polarity: Option<String>,
    /// All topics of it, or `none`.
    #[arg(long, value_name = "CODES")]
    pub(crate) topics: Option<String>,
    /// All intents of it, or `none`.
    #[arg(long, value_name = "CODES")]
    pub(crate) intents: Option<String>,
    /// It is spam, or no feedback at all: it is left out of everything.
    #[arg(long)]
    pub(crate) spam: bool,
    /// The number of the theme that the unit belongs to, or `none`.
    #[arg(long, conflicts_with_all = ["polarity", "topics", "intents", "spam", "note"])]
    pub(crate) theme: Option<String>,
    /// Why.
    #[arg(long)]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct CorrectionsCommand {
    #[command(subcommand)]
    pub(crate) act: Option<CorrectionsAct>,
    #[command(flatten)]
    pub(crate) list: CorrectionsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CorrectionsArgs {
    /// The data folder. Subcommands take it themselves.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER", required = true)]
    pub(crate) data: Option<PathBuf>,
    /// Only those that should be looked at again: the model says a third thing by
    /// now, its opinion is gone, or the words were replaced.
    #[arg(long)]
    pub(crate) conflicts: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CorrectionsAct {
    /// Undoes a correction.
    Undo {
        /// The number of its edit.
        number: u64,
        #[command(flatten)]
        edit: EditArgs,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct QueueCommand {
    #[command(subcommand)]
    pub(crate) act: Option<QueueAct>,
    #[command(flatten)]
    pub(crate) list: QueueArgs,
}

#[derive(Debug, Args)]
pub(crate) struct QueueArgs {
    /// The data folder. Subcommands take it themselves.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER", required = true)]
    pub(crate) data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
    /// Complaints with one of these statuses: new, `in_work`, answered, closed.
    #[arg(long, value_name = "CODES", default_value = "new,in_work")]
    pub(crate) status: String,
    /// The greatest number of cases.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueueAct {
    /// Gives a complaint a status; seen at once, while a run goes on too.
    Set {
        /// The id of the feedback item.
        id: String,
        /// new, `in_work`, answered or closed.
        status: String,
        /// What there is to say of it.
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        edit: EditArgs,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct AlertsCommand {
    #[command(subcommand)]
    pub(crate) act: Option<AlertsAct>,
    #[command(flatten)]
    pub(crate) list: AlertsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AlertsArgs {
    /// The data folder. Subcommands take it themselves.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER", required = true)]
    pub(crate) data: Option<PathBuf>,
    /// Those that have ended too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsAct {
    /// Looks at all rules, tells what is new and sends it.
    Check(CheckArgs),
    /// Sends the messages that wait and are due.
    Send(StoreArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only say what would be told.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct AuditCommand {
    #[command(subcommand)]
    pub(crate) act: Option<AuditAct>,
    #[command(flatten)]
    pub(crate) list: AuditArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// The data folder. Subcommands take it themselves.
    #[arg(long, env = "ECHOLOT_DATA", value_name = "FOLDER", required = true)]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAct {
    /// Draws verbatims to be labelled, so many from each stratum.
    Sample(Box<AuditSampleArgs>),
    /// Takes the labels of a sample: all of them, or none.
    Import(AuditImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AuditSampleArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// How many verbatims are drawn from each stratum, at most.
    #[arg(long, value_name = "N")]
    pub(crate) per_stratum: usize,
    /// What parts verbatims into strata: polarity, language, product, release, channel,
    /// source, rating or any other grouping with one value for each; give it again to
    /// cross several.
    #[arg(long, value_name = "GROUPING", default_values = ["polarity", "language"])]
    pub(crate) by: Vec<String>,
    /// Decides which are drawn: the same seed draws the same.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Show what the model says; whoever labels is then no longer free of it.
    #[arg(long)]
    pub(crate) show_answers: bool,
    /// Write JSON lines; comma-separated values otherwise.
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// Where to; standard output if none is given.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterParams,
}

#[derive(Debug, Args)]
pub(crate) struct AuditImportArgs {
    /// The sample with polarity, topics and intents filled in; `none` for none of
    /// them, blank where a question was not answered.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}
