//! The `echolot` program.

use std::process::ExitCode;

use clap::Parser;
use echolot::{Cli, main_with};
use echolot_engine::Analyst;

fn main() -> ExitCode {
    main_with(Cli::parse(), &Analyst::open).into()
}
