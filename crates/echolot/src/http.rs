//! The HTTP API: routes, the state they share, and the server's life.

mod alerts;
mod answers;
mod asked;
mod audit;
mod corrections;
mod edits;
mod error;
mod figures;
mod page;
mod queue;
mod reports;
mod runs;
mod served;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, StatusCode};
use echolot_engine::{Config, Error, SearchAids};
use tokio::net::TcpListener;
use tokio::signal;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use served::Served;

/// What the description says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Echolot",
        description = "What customers praise and complain about. Every answer is about one published \
                       generation, whose number it carries; offsets count characters of the verbatim."
    ),
    tags(
        (name = "ask", description = "Questions to the published generation"),
        (name = "edit", description = "Changes of themes and corrections, each a generation of its own"),
        (name = "state", description = "The state of the server")
    )
)]
struct Description;

fn routes() -> OpenApiRouter<Arc<Served>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(answers::health))
        .routes(routes!(answers::search))
        .routes(routes!(answers::themes))
        .routes(routes!(answers::theme))
        .routes(routes!(edits::ledger))
        .routes(routes!(edits::theme_ledger))
        .routes(routes!(edits::rename))
        .routes(routes!(edits::merge))
        .routes(routes!(edits::split))
        .routes(routes!(edits::pin))
        .routes(routes!(edits::unpin))
        .routes(routes!(edits::hide))
        .routes(routes!(edits::unhide))
        .routes(routes!(edits::move_units))
        .routes(routes!(edits::undo))
        .routes(routes!(corrections::list, corrections::say))
        .routes(routes!(corrections::undo))
        .routes(routes!(alerts::alerts))
        .routes(routes!(audit::audit))
        .routes(routes!(queue::queue))
        .routes(routes!(queue::set))
        .routes(routes!(answers::complaints))
        .routes(routes!(answers::kpi))
        .routes(routes!(answers::drivers))
        .routes(routes!(figures::counts))
        .routes(routes!(figures::trend))
        .routes(routes!(figures::compare))
        .routes(routes!(figures::emerging))
        .routes(routes!(reports::report))
        .routes(routes!(reports::explain))
        .routes(routes!(reports::recount))
        .routes(routes!(answers::verbatim))
        .routes(routes!(runs::runs))
        .routes(routes!(runs::report))
        .routes(routes!(runs::rejected))
}

/// The OpenAPI description of the API as JSON.
pub fn openapi_json() -> String {
    let (_, description) = routes().split_for_parts();
    description
        .to_pretty_json()
        .unwrap_or_else(|error| unreachable!("the description is plain data: {error}"))
}

/// The API over the data folder at `data`, without a server around it; `aids`
/// are for searches.
///
/// # Errors
/// When there is no published generation to serve.
pub fn router_for(data: &Path, config: Config, aids: SearchAids) -> Result<Router, Error> {
    Ok(router(Arc::new(Served::open(data, config, aids)?)))
}

fn router(served: Arc<Served>) -> Router {
    let timeout = served.timeout();
    let (router, _) = routes().split_for_parts();
    let request_id = HeaderName::from_static("x-request-id");
    router
        .route("/openapi.json", axum::routing::get(answers::openapi))
        .merge(page::routes())
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(served)
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
                .layer(TraceLayer::new_for_http())
                .layer(PropagateRequestIdLayer::new(request_id))
                .layer(CompressionLayer::new())
                .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, timeout)),
        )
}

/// Serves until the process is told to stop, then lets running requests end.
pub(crate) async fn serve(
    data: &Path,
    listen: SocketAddr,
    (config, aids): (Config, SearchAids),
) -> anyhow::Result<()> {
    let folder = data.to_owned();
    let opened = tokio::task::spawn_blocking(move || Served::open(&folder, config, aids)).await;
    let served = Arc::new(opened??);
    let listener = TcpListener::bind(listen).await?;
    // Whoever reads that it listens may stop it from then on.
    let stopped = stopped()?;
    eprintln!("Echolot listens on http://{} (stop with Ctrl-C)", listener.local_addr()?);
    let watch = tokio::spawn(served::follow(Arc::clone(&served)));
    axum::serve(listener, router(served)).with_graceful_shutdown(stopped).await?;
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
