//! The HTTP API: routes, the state they share, and the server's life.

mod administration;
mod alerts;
mod answers;
mod api;
mod asked;
mod asker;
mod audit;
mod corrections;
mod delivery;
mod description;
mod edits;
mod error;
mod examples;
mod exchange;
mod export;
mod figures;
mod gate;
mod metrics;
mod outflow;
mod page;
mod queue;
mod reports;
mod runs;
mod served;
mod taxonomy;
mod tls;
mod told;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderValue, Method};
use axum::middleware::{from_fn_with_state, map_request};
use axum::{Extension, Router};
use echolot_engine::{Config, Error, SearchAids};
use tokio::net::TcpListener;
use tokio::signal;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use utoipa_axum::routes;

use api::{Access, Api};
use served::{Reach, Served};
use tls::TlsListener;

/// Every route, with who may take it.
fn api() -> Api {
    Api::new()
        .route(Access::STATE, routes!(answers::health))
        .route(Access::STATE, routes!(answers::ready))
        .route(Access::HOLDER, routes!(administration::me))
        .route(Access::MONITORING, routes!(metrics::metrics))
        .route(Access::VERBATIMS, routes!(answers::search))
        .route(Access::EXPORT, routes!(export::export))
        .route(Access::VERBATIMS, routes!(answers::themes))
        .route(Access::VERBATIMS, routes!(answers::theme))
        .route(Access::WHOLE, routes!(edits::ledger))
        .route(Access::WHOLE, routes!(edits::theme_ledger))
        .route(Access::WHOLE, routes!(edits::certificate))
        .route(Access::EDIT, routes!(edits::rename))
        .route(Access::EDIT, routes!(edits::merge))
        .route(Access::EDIT, routes!(edits::split))
        .route(Access::EDIT, routes!(edits::pin))
        .route(Access::EDIT, routes!(edits::unpin))
        .route(Access::EDIT, routes!(edits::hide))
        .route(Access::EDIT, routes!(edits::unhide))
        .route(Access::EDIT, routes!(edits::move_units))
        .route(Access::EDIT, routes!(edits::undo))
        .route(Access::VERBATIMS, routes!(corrections::list))
        .route(Access::CASE_EDIT, routes!(corrections::say))
        .route(Access::CASE_EDIT, routes!(corrections::undo))
        .route(Access::FIGURES, routes!(taxonomy::show))
        .route(Access::EDIT, routes!(taxonomy::apply))
        .route(Access::ALERTS, routes!(alerts::alerts))
        .route(Access::EDIT, routes!(alerts::check))
        .route(Access::FIGURES, routes!(audit::audit))
        .route(Access::VERBATIMS, routes!(audit::sample))
        .route(Access::EDIT, routes!(audit::label))
        .route(Access::CASES, routes!(queue::queue))
        .route(Access::CASE_EDIT, routes!(queue::set))
        .route(Access::VERBATIMS, routes!(answers::complaints))
        .route(Access::FIGURES, routes!(answers::kpi))
        .route(Access::FIGURES, routes!(answers::drivers))
        .route(Access::FIGURES, routes!(figures::counts))
        .route(Access::FIGURES, routes!(figures::trend))
        .route(Access::FIGURES, routes!(figures::compare))
        .route(Access::VERBATIMS, routes!(figures::emerging))
        .route(Access::REPORTS, routes!(reports::report))
        .route(Access::TRACES, routes!(reports::explain))
        .route(Access::TRACES, routes!(reports::recount))
        .route(Access::VERBATIMS, routes!(answers::verbatim))
        .route(Access::WHOLE, routes!(runs::runs))
        .route(Access::WHOLE, routes!(runs::report))
        .route(Access::REJECTED, routes!(runs::rejected))
        .route(Access::DELIVERY, routes!(delivery::feedback))
        .route(Access::ADMINISTRATION, routes!(administration::access_log))
}

/// The OpenAPI description of the API as JSON.
pub fn openapi_json() -> String {
    let (_, description) = api().into_parts();
    description
        .to_pretty_json()
        .unwrap_or_else(|error| unreachable!("the description is plain data: {error}"))
}

/// The API over the data folder at `data`, as it is served on this machine
/// alone, without a server around it; `aids` are for searches.
///
/// # Errors
/// When there is no published generation to serve.
pub fn router_for(data: &Path, config: &Config, aids: SearchAids) -> Result<Router, Error> {
    let served = Served::open((data, Reach::ThisMachine), config.clone(), aids)?;
    Ok(router(Arc::new(served)))
}

fn router(served: Arc<Served>) -> Router {
    let (router, _) = api().into_parts();
    let cors_origins = served.config().cors_origins.clone();
    let router = router
        .route("/openapi.json", axum::routing::get(answers::openapi))
        .merge(page::routes())
        .fallback(page::nowhere)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(served.limits().body_bytes))
        .layer(Extension(Arc::clone(&served)))
        .layer(from_fn_with_state(served, exchange::exchange))
        .layer(CompressionLayer::new());
    // Where no origin is named, no page of another one is told anything.
    let router = match cors_origins.as_slice() {
        [] => router,
        origins => router.layer(cors(origins)),
    };
    router.layer(
        ServiceBuilder::new()
            .layer(map_request(exchange::check_id))
            .layer(SetRequestIdLayer::new(exchange::REQUEST_ID, MakeRequestUuid))
            .layer(PropagateRequestIdLayer::new(exchange::REQUEST_ID)),
    )
}

/// What pages of these origins may ask and see.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> =
        origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, exchange::REQUEST_ID])
        .expose_headers([ETAG, RETRY_AFTER, exchange::REQUEST_ID])
}

/// Where and how the API is served.
#[derive(Debug)]
pub(crate) struct Service {
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
    /// The files with the certificates and the key, where TLS is spoken.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
}

/// Serves until the process is told to stop, then lets running requests end.
///
/// # Errors
/// When there is nothing to serve; when the address is taken; when it can be
/// reached from other machines and nobody has a key; when certificate or key
/// cannot be used.
pub(crate) async fn serve(
    data: &Path,
    service: Service,
    (config, aids): (Config, SearchAids),
) -> anyhow::Result<()> {
    let folder = data.to_owned();
    let reach = Reach::of(service.listen);
    let opened =
        tokio::task::spawn_blocking(move || Served::open((&folder, reach), config, aids)).await;
    let served = Arc::new(opened??);
    let needs_key = served.access().has_keys().map_err(Error::from)?;
    if reach == Reach::OtherMachines && !needs_key {
        let reason = format!(
            "{} can be reached from other machines, and there are no keys; \
             `echolot key add --role admin` makes one, or listen on 127.0.0.1",
            service.listen
        );
        return Err(Error::BadValue { key: "listen", reason }.into());
    }
    let acceptor =
        service.tls.map(|(certificates, key)| tls::acceptor(&certificates, &key)).transpose()?;
    let listener = TcpListener::bind(service.listen).await?;
    // Whoever reads that it listens may stop it from then on.
    let stopped = stopped()?;
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let keys = if needs_key {
        "who asks needs a key"
    } else {
        "no key is needed, as only this machine can reach it and none was made"
    };
    let address = listener.local_addr()?;
    eprintln!("Echolot listens on {scheme}://{address} ({keys}; stop with Ctrl-C)");
    let watch = tokio::spawn(served::follow(Arc::clone(&served)));
    let router = router(served);
    match acceptor {
        None => axum::serve(listener, router).with_graceful_shutdown(stopped).await?,
        Some(acceptor) => {
            let listener = TlsListener::new(listener, acceptor)?;
            axum::serve(listener, router).with_graceful_shutdown(stopped).await?;
        }
    }
    watch.abort();
    Ok(())
}

/// Resolves when the process gets Ctrl-C or, on Unix, SIGTERM. From the return
/// on, before it is awaited, neither signal ends the process by itself.
#[cfg(unix)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Resolves when the process gets Ctrl-C.
#[cfg(not(unix))]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without the handler the process simply ends on Ctrl-C.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
