//! The HTTP API: routes, the state they share, and the server's life.

mod administration;
mod answers;
mod api;
mod asked;
mod asker;
mod description;
mod edits;
mod error;
mod figures;
mod gate;
mod served;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, StatusCode};
use axum::{Extension, Router};
use echolot_engine::{Config, Error};
use tokio::net::TcpListener;
use tokio::signal;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::routes;

use api::{Access, Api};
use served::{Reach, Served};

/// Every route, with who may take it.
fn api() -> Api {
    Api::new()
        .route(Access::STATE, routes!(answers::health))
        .route(Access::VERBATIMS, routes!(answers::search))
        .route(Access::VERBATIMS, routes!(answers::themes))
        .route(Access::VERBATIMS, routes!(answers::theme))
        .route(Access::WHOLE, routes!(edits::ledger))
        .route(Access::WHOLE, routes!(edits::theme_ledger))
        .route(Access::EDIT, routes!(edits::rename))
        .route(Access::EDIT, routes!(edits::merge))
        .route(Access::EDIT, routes!(edits::split))
        .route(Access::EDIT, routes!(edits::pin))
        .route(Access::EDIT, routes!(edits::unpin))
        .route(Access::EDIT, routes!(edits::hide))
        .route(Access::EDIT, routes!(edits::unhide))
        .route(Access::EDIT, routes!(edits::move_units))
        .route(Access::EDIT, routes!(edits::undo))
        .route(Access::VERBATIMS, routes!(answers::complaints))
        .route(Access::FIGURES, routes!(answers::kpi))
        .route(Access::FIGURES, routes!(answers::drivers))
        .route(Access::FIGURES, routes!(figures::counts))
        .route(Access::FIGURES, routes!(figures::trend))
        .route(Access::FIGURES, routes!(figures::compare))
        .route(Access::VERBATIMS, routes!(figures::emerging))
        .route(Access::VERBATIMS, routes!(answers::verbatim))
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
/// alone, without a server around it, with the default configuration.
///
/// # Errors
/// When there is no published generation to serve.
pub fn router_for(data: &Path, timeout: Duration) -> Result<Router, Error> {
    let served = Served::open(data, &Config::standard()?, Reach::ThisMachine)?;
    Ok(router(Arc::new(served), timeout))
}

fn router(served: Arc<Served>, timeout: Duration) -> Router {
    let (router, _) = api().into_parts();
    let request_id = HeaderName::from_static("x-request-id");
    router
        .route("/openapi.json", axum::routing::get(answers::openapi))
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
                .layer(TraceLayer::new_for_http())
                .layer(PropagateRequestIdLayer::new(request_id))
                .layer(CompressionLayer::new())
                .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, timeout))
                .layer(Extension(served)),
        )
}

/// Serves until the process is told to stop, then lets running requests end.
///
/// # Errors
/// When there is nothing to serve; when the address is taken; when it can be
/// reached from other machines and nobody has a key.
pub(crate) async fn serve(data: &Path, listen: SocketAddr, config: &Config) -> anyhow::Result<()> {
    let (folder, settings) = (data.to_owned(), config.clone());
    let reach = Reach::of(listen);
    let opened = tokio::task::spawn_blocking(move || Served::open(&folder, &settings, reach)).await;
    let served = Arc::new(opened??);
    let needs_key = served.access().has_keys().map_err(Error::from)?;
    if reach == Reach::OtherMachines && !needs_key {
        let reason = format!(
            "{listen} can be reached from other machines, and there are no keys; \
             `echolot key add --role admin` makes one, or listen on 127.0.0.1"
        );
        return Err(Error::BadValue { key: "listen", reason }.into());
    }
    let listener = TcpListener::bind(listen).await?;
    // Whoever reads that it listens may stop it from then on.
    let stopped = stopped()?;
    let keys = if needs_key {
        "who asks needs a key"
    } else {
        "no key is needed, as only this machine can reach it and none was made"
    };
    eprintln!("Echolot listens on http://{} ({keys}; stop with Ctrl-C)", listener.local_addr()?);
    let watch = tokio::spawn(served::follow(Arc::clone(&served)));
    let router = router(served, Duration::from_secs(config.timeout_s));
    axum::serve(listener, router).with_graceful_shutdown(stopped).await?;
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
