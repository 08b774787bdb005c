//! What the API says of itself: OpenAPI, with what all routes have in common.

use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use super::api::{Access, Entry};
use super::error::{PROBLEM_TYPE, Problem};

/// What stands above the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Echolot",
        description = "What customers praise and complain about. Every answer is about one published \
                       generation, whose number it carries; offsets count characters of the verbatim."
    ),
    components(schemas(Problem)),
    tags(
        (name = "ask", description = "Questions to the published generation"),
        (name = "edit", description = "Changes of themes and corrections, each a generation of its own"),
        (name = "deliver", description = "New feedback, for the next run"),
        (name = "administer", description = "Who did what"),
        (name = "state", description = "The state of the server")
    )
)]
struct Description;

/// The name of the security scheme.
const KEY_SCHEME: &str = "key";

/// What can go wrong, by status: the name of the answer, and what it means.
const PROBLEMS: [(&str, &str, &str); 12] = [
    ("400", "BadRequest", "The question cannot be understood: `bad_request`"),
    ("401", "Unauthorized", "There is no key, or no valid one: `key_missing`, `key_invalid`"),
    (
        "403",
        "Forbidden",
        "The key does not give the right: `role_missing`, `beyond_products`; or, without keys, \
         the request was meant for another host: `host_unknown`",
    ),
    ("404", "NotFound", "There is no such thing: `not_found`"),
    ("409", "Conflict", "What there is stands against it: `conflict`"),
    ("410", "Gone", "What the cursor is about is no longer there: `generation_gone`"),
    ("413", "TooLarge", "The body is larger than is taken: `too_large`"),
    ("414", "AddressTooLong", "The address is longer than is taken: `address_too_long`"),
    ("415", "UnsupportedMediaType", "The body is of another kind: `unsupported_media_type`"),
    ("422", "KeyReused", "The idempotency key was used for another body: `idempotency_key_reused`"),
    ("500", "Internal", "It is not the fault of whoever asks: `internal`"),
    (
        "503",
        "Unavailable",
        "Not now; ask again later: `busy`, `overloaded`, `timeout`, `not_ready`",
    ),
];

/// The description before any route is added.
pub(super) fn of_no_route() -> OpenApi {
    let mut description = Description::openapi();
    let components = description.components.get_or_insert_with(Components::new);
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "A key that `echolot key add` made. None is needed where the server can be reached from \
         its own machine alone and no key was ever made.",
    ));
    components.add_security_scheme(KEY_SCHEME, SecurityScheme::Http(scheme.build()));
    for (_, name, meaning) in PROBLEMS {
        components.responses.insert(name.to_owned(), RefOr::T(problem(meaning)));
    }
    description
}

fn problem(meaning: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(meaning).content(PROBLEM_TYPE, content).build()
}

/// Adds to the routes of one address what every route with this access has:
/// who may take it, and what may go wrong with any of them.
pub(super) fn complete(access: Access, path: &mut PathItem) {
    let methods = [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch];
    for operation in methods.into_iter().flatten() {
        let mut statuses = vec!["500", "503"];
        if access.entry != Entry::Open {
            let role = match access.entry {
                Entry::Role(role) => Some(role.code()),
                _ => None,
            };
            operation.security = Some(vec![SecurityRequirement::new(KEY_SCHEME, role)]);
            statuses.extend(["401", "403"]);
        }
        // A condition may name an attribute that no item has.
        let mut parameters = operation.parameters.iter().flatten();
        if parameters.any(|given| matches!(given, RefOr::T(given) if given.name == "where")) {
            statuses.push("404");
        }
        if operation.parameters.iter().flatten().count() > 0 {
            statuses.push("414");
        }
        if operation.request_body.is_some() {
            statuses.extend(["400", "413", "415"]);
        }
        add_problems(operation, &statuses);
    }
}

/// Describes each of these answers, and all others that are problems and that
/// the route declares itself, in the same words.
fn add_problems(operation: &mut Operation, statuses: &[&str]) {
    let answers = &mut operation.responses.responses;
    for (status, name, _) in PROBLEMS {
        if statuses.contains(&status) || answers.contains_key(status) {
            let answer = RefOr::Ref(Ref::from_response_name(name));
            answers.insert(status.to_owned(), answer);
        }
    }
}
