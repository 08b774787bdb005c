//! `echolot shard run`: one shard of a run, for an engine that spreads them.

use std::io::Read;

use anyhow::Context;
use echolot_engine::{Analyst, ShardSpec, Silent, run_shard};

use super::print_json;
use crate::Exit;

pub(super) fn run(analyst: &Analyst) -> anyhow::Result<Exit> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let shard: ShardSpec = serde_json::from_str(&text)
        .context("standard input does not describe a shard: {shard_id, input_uri, row_range, model_sha, output_uri}")?;
    let model = analyst.model_fingerprint().to_string();
    anyhow::ensure!(
        shard.model_sha == model,
        "the shard is for model {}, but this program has {model}",
        shard.model_sha
    );
    print_json(&run_shard(&shard, analyst, &|_| Ok(false), &Silent)?)
}
