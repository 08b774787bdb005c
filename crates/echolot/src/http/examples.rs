//! Examples of the API: one answer of every route, recorded from the program itself.

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::PathItem;

/// What was asked and answered, by method and route. A test asks all of it
/// again (`tests/it/examples.rs`), and records it anew when told to.
const RECORDED: &str = include_str!("../../../../docs/examples.json");

#[derive(Deserialize)]
struct Recorded {
    /// Method and address, as they were sent.
    asked: String,
    /// The body that was sent.
    body: Option<Value>,
    /// The answer; of long lists the first entries.
    answer: Value,
}

/// What examples are.
const JSON: &str = "application/json";
/// The name of an example in the description.
const NAME: &str = "recorded";

/// Puts the recorded examples beside the routes of one address.
pub(super) fn add(path: &str, item: &mut PathItem) {
    let mut recorded: serde_json::Map<String, Value> =
        serde_json::from_str(RECORDED).expect("docs/examples.json is an object");
    let operations = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("PATCH", &mut item.patch),
    ];
    for (method, operation) in operations {
        let Some(operation) = operation else { continue };
        let Some(example) = recorded.remove(&format!("{method} {path}")) else { continue };
        let Recorded { asked, body, answer } =
            serde_json::from_value(example).expect("docs/examples.json holds what was recorded");
        if let (Some(RefOr::T(request)), Some(body)) = (&mut operation.request_body, body)
            && let Some(RefOr::T(sent)) = request.content.get_mut(JSON)
        {
            sent.example = Some(body);
        }
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200")
            && let Some(RefOr::T(answered)) = response.content.get_mut(JSON)
        {
            let example = ExampleBuilder::new().summary(asked).value(Some(answer)).build();
            answered.examples.insert(NAME.to_owned(), RefOr::T(example));
        }
    }
}
