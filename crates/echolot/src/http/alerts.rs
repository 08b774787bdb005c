//! The route of alerts.

use echolot_engine::open_follow_up;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::Nothing;
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use crate::wire::AlertsJson;

/// Which alerts to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct AlertsParams {
    /// Those that have ended too.
    all: bool,
}

/// What the rules found and told, and the messages that wait to be sent.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "ask", params(AlertsParams),
    responses((status = 200, body = AlertsJson), (status = 400, body = Problem))
)]
pub(super) async fn alerts(
    asker: Asker,
    Asked(params, Nothing {}): Asked<AlertsParams, Nothing>,
) -> Answer<AlertsJson> {
    let served = asker.served().clone();
    asker
        .ask(move |_| {
            let follow_up = open_follow_up(served.data())?;
            let (alerts, waiting) = (follow_up.alerts()?, follow_up.waiting_messages()?);
            let rules = &served.config().alerts.rules;
            Ok(AlertsJson::new(alerts, waiting, (rules, params.all)))
        })
        .await
}
