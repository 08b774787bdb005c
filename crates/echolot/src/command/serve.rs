//! `echolot serve`: the HTTP API.

use echolot_engine::Config;

use crate::args::ServeArgs;
use crate::{Exit, http};

pub(super) fn serve(args: &ServeArgs, config: &Config) -> anyhow::Result<Exit> {
    let listen = args.listen.unwrap_or(config.listen);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(http::serve(
        &args.data.data,
        listen,
        config,
    ))?;
    Ok(Exit::Done)
}
