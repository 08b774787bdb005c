//! `echolot serve`: the HTTP API.

use echolot_engine::Config;

use crate::Exit;
use crate::args::ServeArgs;
use crate::http::{self, Service};

pub(super) fn serve(args: &ServeArgs, config: &Config) -> anyhow::Result<Exit> {
    let service = Service {
        listen: args.listen.unwrap_or(config.listen),
        tls: args.tls_cert.clone().zip(args.tls_key.clone()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(http::serve(&args.data.data, service, config))?;
    Ok(Exit::Done)
}
