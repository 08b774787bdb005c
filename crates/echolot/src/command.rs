//! The commands, one file each.

mod alerts;
mod audit;
mod cluster;
mod compare;
mod complaints;
mod corrections;
mod count;
mod doctor;
mod drivers;
mod emerging;
mod key;
mod kpi;
mod queue;
mod recount;
pub(crate) mod report;
mod run;
mod score;
mod search;
mod serve;
mod shard;
mod taxonomy;
mod themes;
mod themes_edit;
mod themes_suggest;
mod trend;

use std::io::{IsTerminal, Write};

use echolot_engine::{Analyst, Config, DEFAULT_CONFIG, Error, SearchAids, Snapshot, open_snapshot};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command, Data, LogFormat, ShardCommand};
use crate::{Exit, export, openapi_json};

/// Opens what analyses texts; the test bed passes a fake.
type OpenAnalyst<'a> = &'a (dyn Fn(&Config) -> Result<Analyst, Error> + Sync);

/// Runs the command that `cli` names and reports errors on standard error.
pub fn main_with(cli: Cli, open_analyst: OpenAnalyst) -> Exit {
    log_to_stderr(cli.log_format);
    match dispatch(cli, open_analyst) {
        Ok(exit) => exit,
        Err(error) if is_closed_pipe(&error) => Exit::Done,
        Err(error) => {
            eprintln!("echolot: {error:#}");
            if let Some(pointer) = search::pointer(&error) {
                eprintln!("{pointer}");
            }
            Exit::of(&error)
        }
    }
}

/// Sends the log to standard error. A logger that is there already stays.
fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_env("ECHOLOT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // Colours are for eyes alone: not for files, and not for whoever wants none.
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_coloured = std::io::stderr().is_terminal() && !is_plain;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.try_init().ok(),
        LogFormat::Json => log.json().flatten_event(true).try_init().ok(),
    };
}

fn dispatch(cli: Cli, open_analyst: OpenAnalyst) -> anyhow::Result<Exit> {
    let config = || Config::load(cli.config.as_deref(), std::env::vars()).map_err(Error::from);
    match cli.command {
        Command::Run(args) => {
            let config = config()?;
            run::run(&args, (&config, &open_analyst(&config)?))
        }
        Command::Score(args) => {
            let config = config()?;
            score::score(&args, (&config, &open_analyst(&config)?))
        }
        Command::Cluster(args) => {
            let config = config()?;
            cluster::cluster(&args, (&config, &open_analyst(&config)?))
        }
        Command::Shard(ShardCommand::Run) => shard::run(&open_analyst(&config()?)?),
        Command::Search(args) => search::search(&args, &config()?, open_analyst),
        Command::Themes(args) => themes::themes(&args, config),
        Command::Taxonomy(command) => taxonomy::taxonomy(&command, config, open_analyst),
        Command::Correct(args) => corrections::correct(&args),
        Command::Corrections(args) => corrections::corrections(&args),
        Command::Alerts(args) => alerts::alerts(&args, config),
        Command::Audit(args) => audit::audit(&args, config),
        Command::Queue(args) => queue::queue(&args, config),
        Command::Complaints(args) => complaints::complaints(&args, &config()?),
        Command::Kpi(args) => kpi::kpi(&args, &config()?),
        Command::Report(args) => report::report(&args, &config()?),
        Command::Explain(args) => report::explain(&args, &config()?),
        Command::Recount(args) => recount::run(&args, &config()?),
        Command::Count(args) => count::count(&args, &config()?),
        Command::Trend(args) => trend::trend(&args, &config()?),
        Command::Compare(args) => compare::compare(&args, &config()?),
        Command::Emerging(args) => emerging::emerging(&args, &config()?),
        Command::Drivers(args) => drivers::drivers(&args, &config()?),
        Command::Export(args) => export::export(&args),
        Command::Serve(args) => serve::serve(&args, &config()?, open_analyst),
        Command::Key(command) => key::key(&command),
        Command::Doctor(args) => doctor::doctor(&args, &config()?),
        Command::Config => print(DEFAULT_CONFIG),
        Command::Openapi => print(&openapi_json()),
    }
}

/// The model for searches, or the reason why there is none; it is only opened
/// when it `is_needed`, because that takes a while.
fn search_aids(config: &Config, is_needed: bool, open_analyst: OpenAnalyst) -> SearchAids {
    SearchAids::new(if is_needed {
        open_analyst(config).map_err(|error| error.to_string())
    } else {
        Err("it was not needed".to_owned())
    })
}

/// The published generation of a data folder, asked as it is configured.
fn open(data: &Data, config: &Config) -> Result<Snapshot, Error> {
    Ok(open_snapshot(&data.data)?.with_config(config))
}

/// Whoever read our output has had enough, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

fn print(text: &str) -> anyhow::Result<Exit> {
    writeln!(std::io::stdout().lock(), "{}", text.trim_end())?;
    Ok(Exit::Done)
}

/// Prints an answer as one JSON object.
fn print_json(answer: &impl Serialize) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, answer)?;
    writeln!(out)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn a_closed_pipe_is_known_through_what_wraps_it() {
        let closed = || Error::from(ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(&anyhow::Error::new(closed()).context("writing")));
        assert!(is_closed_pipe(&serde_json::Error::io(closed()).into()));
        assert!(!is_closed_pipe(&Error::from(ErrorKind::StorageFull).into()));
    }
}
