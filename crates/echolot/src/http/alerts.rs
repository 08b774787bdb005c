//! The route of alerts.

use echolot_engine::open_follow_up;
use serde::Deserialize;
use utoipa::IntoParams;

use super::answers::Nothing;
use super::asked::Asked;
use super::asker::Asker;
use super::error::Problem;
use super::served::Answer;
use crate::alerts::{check as check_rules, prepare, send_waiting};
use crate::edits::now;
use crate::wire::{AlertCheckJson, AlertsJson};

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

/// How the rules are looked at.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct CheckParams {
    /// Only say what would be told.
    dry_run: bool,
}

/// Looks at all rules, tells what is new and sends it.
#[utoipa::path(
    post, path = "/v1/alerts/check", tag = "edit", params(CheckParams),
    responses((status = 200, body = AlertCheckJson), (status = 400, body = Problem))
)]
pub(super) async fn check(
    asker: Asker,
    Asked(params, Nothing {}): Asked<CheckParams, Nothing>,
) -> Answer<AlertCheckJson> {
    let served = asker.served().clone();
    asker
        .ask(move |snapshot| {
            let (data, config) = (served.data(), served.config());
            let rules = prepare(config)?;
            let is_dry = params.dry_run || rules.is_empty();
            let found = check_rules(data, snapshot, (config, &rules), now(), !is_dry)?;
            // What cannot be sent now waits for the next run.
            if !is_dry {
                send_waiting(data, &config.channels, now)?;
            }
            let state = (snapshot.generation(), rules.len());
            Ok(AlertCheckJson::new(state, params.dry_run, found))
        })
        .await
}
