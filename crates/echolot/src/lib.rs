//! The program: command line, HTTP API and what they print.
//!
//! Everything here is translation: arguments and requests into questions to
//! the engine, answers into tables and JSON. The only entry is [`main_with`],
//! which `main.rs` calls with the real model and the test bed with a fake one.

mod alerts;
mod args;
mod audit_file;
mod bars;
mod command;
mod edits;
mod exit;
mod explain;
mod export;
mod filters;
mod http;
mod naming;
mod reports;
mod table;
mod wire;

pub use args::Cli;
pub use command::main_with;
pub use exit::Exit;
pub use http::{openapi_json, router_for};
pub use wire::traces_of;
