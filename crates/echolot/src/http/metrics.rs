//! What Prometheus is told.

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::asker::Asker;
use super::error::Problem;

/// The kind of content that Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the classes of durations, in seconds: from what is in the
/// columns to a count over everything.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// What is counted since the server began.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    running: Gauge,
    generation: Gauge,
    verbatims: Gauge,
    waiting: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

/// Counts a request as running for as long as it lives.
pub(super) struct Running(Gauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    pub(super) fn new() -> Self {
        let requests = Family::default();
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let [running, generation, verbatims, waiting] = [(); 4].map(|()| Gauge::default());
        let mut registry = Registry::with_prefix("echolot");
        registry.register("http_requests", "Requests that were answered", requests.clone());
        let help = "Time to the answer";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, seconds.clone());
        registry.register("http_requests_running", "Requests being answered", running.clone());
        registry.register("generation", "The published generation", generation.clone());
        registry.register("verbatims", "Verbatims in the generation", verbatims.clone());
        registry.register("inbox", "Delivered items that wait for a run", waiting.clone());
        Self { registry, requests, seconds, running, generation, verbatims, waiting }
    }

    /// Counts a request that begins.
    pub(super) fn begin(&self) -> Running {
        self.running.inc();
        Running(self.running.clone())
    }

    /// Counts a request that was answered.
    pub(super) fn count(&self, (method, route): (&'static str, &str), status: u16, took: Duration) {
        let route = route.to_owned();
        self.requests.get_or_create(&Answered { method, route: route.clone(), status }).inc();
        self.seconds.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
    }

    fn show(&self, [generation, verbatims, waiting]: [u64; 3]) -> Result<String, std::fmt::Error> {
        self.generation.set(generation.cast_signed());
        self.verbatims.set(verbatims.cast_signed());
        self.waiting.set(waiting.cast_signed());
        let mut shown = String::new();
        text::encode(&mut shown, &self.registry)?;
        Ok(shown)
    }
}

/// Requests by route and status, their durations, the generation and its size,
/// for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "state",
    responses((
        status = 200, body = String, content_type = "application/openmetrics-text",
        example = "# TYPE echolot_generation gauge\necholot_generation 12\n"
    ))
)]
pub(super) async fn metrics(asker: Asker) -> Result<impl IntoResponse, Problem> {
    let served = asker.served().clone();
    let sizes = asker.ask(move |snapshot| {
        let verbatims = snapshot.num_verbatims()? as u64;
        Ok([snapshot.generation(), verbatims, served.reception().num_waiting()?])
    });
    let sizes = sizes.await?.0;
    let shown = asker.served().metrics().show(sizes).map_err(|_| Problem::crashed())?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], shown))
}
