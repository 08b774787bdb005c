//! The route of the audit.

use axum::extract::State;

use super::answers::Shared;
use super::served::Answer;
use crate::wire::AuditJson;

/// How well the model does on verbatims that people labelled.
#[utoipa::path(get, path = "/v1/audit", tag = "ask", responses((status = 200, body = AuditJson)))]
pub(super) async fn audit(State(served): Shared) -> Answer<AuditJson> {
    served.ask(|snapshot| Ok(AuditJson::new(snapshot.generation(), snapshot.audit()?))).await
}
