//! The `echolot` program for the tests to run, with a fake model.
//!
//! Where a model folder is configured, that model is used as ever.

use std::process::ExitCode;

use clap::Parser;
use echolot::{Cli, main_with};
use echolot_engine::Analyst;
use echolot_tests::fake_analyst;

fn main() -> ExitCode {
    main_with(Cli::parse(), &|config| {
        let is_configured = config.model_folder.is_some();
        if is_configured { Analyst::open(config) } else { fake_analyst(config) }
    })
    .into()
}
