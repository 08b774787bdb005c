//! `echolot serve`: the HTTP API.

use echolot_engine::Config;

use super::{OpenAnalyst, search_aids};
use crate::Exit;
use crate::args::ServeArgs;
use crate::http::{self, Service};

pub(super) fn serve(
    args: &ServeArgs,
    config: &Config,
    open_analyst: OpenAnalyst,
) -> anyhow::Result<Exit> {
    let service = Service {
        listen: args.listen.unwrap_or(config.listen),
        tls: args.tls_cert.clone().zip(args.tls_key.clone()),
    };
    let aids = search_aids(config, true, open_analyst);
    let served = http::serve(&args.data.data, service, (config.clone(), aids));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(served)?;
    Ok(Exit::Done)
}
