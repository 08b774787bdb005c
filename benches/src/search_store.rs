//! Makes the data folder that `benches/search_speed.py` asks.
//!
//! Call: `search-store BASE VERBATIMS FOLDER`, where BASE is a data folder that
//! a run with the shipped model has made.

use std::path::Path;

use anyhow::{Context, bail};
use echolot_benches::recombined_store;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, verbatims, folder] = &arguments[..] else {
        bail!("call: search-store BASE VERBATIMS FOLDER");
    };
    let verbatims = verbatims.parse().with_context(|| format!("{verbatims} is no number"))?;
    recombined_store(Path::new(base), verbatims, Path::new(folder));
    Ok(())
}
