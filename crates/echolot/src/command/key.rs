//! `echolot key`: who may ask the HTTP API, and what they did.

use std::path::Path;

use anyhow::Context;
use echolot_engine::{
    AccessEntry, AccessQuestion, AccessRole, CountOf, CountQuestion, Error, Grouping,
    KEY_ENTROPY_BYTES, Key, NewKey, Segment, open_access, open_snapshot,
};
use strsim::jaro_winkler;

use super::{print, print_json};
use crate::args::{KeyAddArgs, KeyCommand, KeyLogArgs};
use crate::edits::now;
use crate::wire::{AccessLogJson, KeyJson, NewKeyJson};
use crate::{Exit, table};

pub(super) fn key(command: &KeyCommand) -> anyhow::Result<Exit> {
    match command {
        KeyCommand::Add(args) => add(args),
        KeyCommand::List(store) => {
            let keys = open_access(&store.data.data)?.keys().map_err(Error::from)?;
            if store.json {
                return print_json(&keys.into_iter().map(KeyJson::from).collect::<Vec<_>>());
            }
            print(&describe(&keys))
        }
        KeyCommand::Revoke { id, store } => {
            let access = open_access(&store.data.data)?;
            let key = access.revoke_key(id, now()).map_err(Error::from)?;
            if store.json {
                return print_json(&KeyJson::from(key));
            }
            print(&format!("key {} ({}, {}) admits nobody from now on", key.id, key.role, key.name))
        }
        KeyCommand::Log(args) => log(args),
    }
}

fn add(args: &KeyAddArgs) -> anyhow::Result<Exit> {
    let bad = |key, reason: String| Error::BadValue { key, reason };
    let role: AccessRole = args.role.parse().map_err(|reason| bad("role", reason))?;
    if role == AccessRole::Admin && !args.product.is_empty() {
        let reason = "an admin answers for all products; leave it out, or use another role";
        return Err(bad("product", reason.to_owned()).into());
    }
    // Who delivers may bring the first feedback of a product.
    if !args.force && role != AccessRole::Ingest {
        must_have_feedback(&args.store.data.data, &args.product)?;
    }
    let new = NewKey {
        name: args.name.clone().unwrap_or_else(|| role.to_string()),
        role,
        products: args.product.clone(),
        created_at: now(),
    };
    let mut entropy = [0; KEY_ENTROPY_BYTES];
    getrandom::fill(&mut entropy).context("the system has no random numbers for a key")?;
    let access = open_access(&args.store.data.data)?;
    let (kept, key) = access.add_key(&new, &entropy).map_err(Error::from)?;
    if args.store.json {
        return print_json(&NewKeyJson { kept: kept.into(), key });
    }
    eprintln!(
        "echolot: key {} ({}, {}), shown only this once; `echolot key revoke {}` takes it back",
        kept.id, kept.role, kept.name, kept.id
    );
    print(&key)
}

/// Refuses a product that no feedback has: its key would see nothing, without a word
/// of why.
fn must_have_feedback(data: &Path, products: &[String]) -> Result<(), Error> {
    if products.is_empty() {
        return Ok(());
    }
    let question = CountQuestion {
        segment: Segment::default(),
        by: vec![Grouping::Product],
        of: CountOf::Verbatims,
        limit: None,
    };
    let groups = open_snapshot(data)?.counts(&question)?.rows.into_iter();
    let known: Vec<String> = groups.filter_map(|row| row.group.into_iter().next()?.value).collect();
    let Some(unknown) = products.iter().find(|product| !known.contains(product)) else {
        return Ok(());
    };
    let likeness = |name: &String| jaro_winkler(&name.to_lowercase(), &unknown.to_lowercase());
    let mut nearest: Vec<&String> = known.iter().collect();
    nearest.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)).then(a.cmp(b)));
    let nearest: Vec<String> =
        nearest.into_iter().take(NEAREST).map(|name| format!("`{name}`")).collect();
    let reason = match nearest.as_slice() {
        [] => format!("no feedback has a product yet, `{unknown}` neither; --force makes the key"),
        nearest => format!(
            "no feedback is of `{unknown}`; nearest are {}; --force makes the key all the same",
            nearest.join(", ")
        ),
    };
    Err(Error::BadValue { key: "product", reason })
}

/// So many products are named in place of one that is not known.
const NEAREST: usize = 3;

fn log(args: &KeyLogArgs) -> anyhow::Result<Exit> {
    let question = AccessQuestion {
        before: args.before,
        key: args.key.clone(),
        action: args.action.clone(),
        limit: args.limit,
    };
    let access = open_access(&args.store.data.data)?;
    let entries = access.entries(&question).map_err(Error::from)?;
    if args.store.json {
        return print_json(&AccessLogJson::from(entries));
    }
    let mut lines = table::plain(&["entry", "at", "key", "action", "status", "what"], &[0, 4]);
    for AccessEntry { entry, at, key, action, status, target, detail, .. } in entries {
        let who = key.map_or_else(|| "none".to_owned(), |(id, name)| format!("{id} {name}"));
        let detail = detail.map(|detail| format!(" {detail}")).unwrap_or_default();
        lines.add_row([
            entry.to_string(),
            at.to_string(),
            who,
            action,
            status.to_string(),
            format!("{target}{detail}"),
        ]);
    }
    print(&lines.trim_fmt())
}

fn describe(keys: &[Key]) -> String {
    if keys.is_empty() {
        return "there are no keys; `echolot key add --role reader` makes one".to_owned();
    }
    let mut lines = table::plain(&["id", "name", "role", "products", "made", "revoked"], &[]);
    for key in keys {
        let products = match key.products.as_slice() {
            [] => "all".to_owned(),
            products => products.join(", "),
        };
        lines.add_row([
            key.id.clone(),
            key.name.clone(),
            key.role.to_string(),
            products,
            key.created_at.to_string(),
            key.revoked_at.map(|at| at.to_string()).unwrap_or_default(),
        ]);
    }
    lines.trim_fmt()
}
