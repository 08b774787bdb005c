//! The table of routes: with each, who may take it and what it leaves in the log.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use echolot_engine::AccessRole;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::{description, examples, gate};

/// What whoever takes a route has to show, unless no key is needed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing: everybody may take it.
    Open,
    /// A key, of whichever role.
    AnyKey,
    /// A key that gives this role.
    Role(AccessRole),
}

/// Who may take a route, and what it leaves in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    /// What it needs.
    pub(super) entry: Entry,
    /// Whether it speaks of all products at once, so that a key which is
    /// restricted to some may not take it.
    pub(super) is_of_all: bool,
    /// What the log calls it; none where it leaves no entry.
    pub(super) action: Option<&'static str>,
    /// Whether the answer follows from the generation and the question alone,
    /// so that whoever has it need not be given it again.
    pub(super) is_of_generation: bool,
}

impl Access {
    /// Says how the server is, to everybody.
    pub(super) const STATE: Self =
        Self { entry: Entry::Open, is_of_all: false, action: None, is_of_generation: false };
    /// Says who asks, to every holder of a key.
    pub(super) const HOLDER: Self = Self { entry: Entry::AnyKey, ..Self::STATE };
    /// Answers with figures about the server.
    pub(super) const MONITORING: Self = Self { is_of_generation: false, ..Self::WHOLE };
    /// Answers with figures, without words of customers.
    pub(super) const FIGURES: Self =
        Self { entry: Entry::Role(AccessRole::Reader), is_of_generation: true, ..Self::STATE };
    /// Answers with words of customers.
    pub(super) const VERBATIMS: Self = Self { action: Some("read"), ..Self::FIGURES };
    /// Hands words of customers over for other programs.
    pub(super) const EXPORT: Self = Self { action: Some("export"), ..Self::FIGURES };
    /// Answers with words of customers, and with what people noted of them
    /// since the generation was published.
    pub(super) const CASES: Self = Self { is_of_generation: false, ..Self::VERBATIMS };
    /// Answers with words of customers, as of a day or a generation of the past.
    pub(super) const REPORTS: Self = Self { is_of_generation: false, ..Self::VERBATIMS };
    /// Names the verbatims behind figures of all products, of any generation.
    pub(super) const TRACES: Self = Self { is_of_all: true, ..Self::REPORTS };
    /// Answers with what is of all products at once.
    pub(super) const WHOLE: Self = Self { is_of_all: true, ..Self::FIGURES };
    /// Answers with rows as they were sent, of whatever product.
    pub(super) const REJECTED: Self = Self { is_of_all: true, ..Self::VERBATIMS };
    /// Answers with what rules found, which runs and deliveries change.
    pub(super) const ALERTS: Self = Self { is_of_all: true, ..Self::CASES };
    /// Changes what is stated of all products.
    pub(super) const EDIT: Self = Self {
        entry: Entry::Role(AccessRole::Editor),
        is_of_all: true,
        action: Some("edit"),
        ..Self::STATE
    };
    /// Changes what is stated of one verbatim, which its handler makes sure
    /// that the key may see.
    pub(super) const CASE_EDIT: Self = Self { is_of_all: false, ..Self::EDIT };
    /// Takes feedback in.
    pub(super) const DELIVERY: Self =
        Self { entry: Entry::Role(AccessRole::Ingest), action: Some("ingest"), ..Self::STATE };
    /// Tells who did what.
    pub(super) const ADMINISTRATION: Self =
        Self { entry: Entry::Role(AccessRole::Admin), action: Some("administer"), ..Self::EDIT };
}

/// The routes of the API. There is no way to add one without its [`Access`].
pub(super) struct Api {
    router: OpenApiRouter,
}

impl Api {
    pub(super) fn new() -> Self {
        Self { router: OpenApiRouter::with_openapi(description::of_no_route()) }
    }

    /// Adds the routes of one address. Whoever may not take them does not
    /// reach their handlers, and the description says who may.
    pub(super) fn route(self, access: Access, routes: UtoipaMethodRouter) -> Self {
        let (schemas, mut paths, methods) = routes;
        for (address, path) in &mut paths.paths {
            description::complete(access, path);
            examples::add(address, path);
        }
        let admit = from_fn(move |request: Request, next: Next| gate::admit(access, request, next));
        Self { router: self.router.routes((schemas, paths, methods.route_layer(admit))) }
    }

    /// The router and the description.
    pub(super) fn into_parts(self) -> (axum::Router, OpenApi) {
        self.router.split_for_parts()
    }
}
