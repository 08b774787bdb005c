//! `echolot serve`: the HTTP API.

use echolot_engine::Config;

use super::{OpenAnalyst, search_aids};
use crate::args::ServeArgs;
use crate::{Exit, http};

pub(super) fn serve(
    args: &ServeArgs,
    config: &Config,
    open_analyst: OpenAnalyst,
) -> anyhow::Result<Exit> {
    let listen = args.listen.unwrap_or(config.listen);
    let aids = search_aids(config, true, open_analyst);
    let served = http::serve(&args.data.data, listen, (config.clone(), aids));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(served)?;
    Ok(Exit::Done)
}
