//! Draws figures from the answers about a data folder and counts each again from the stored rows.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use echolot::traces_of;
use echolot_core::Draws;
use serde_json::Value;

use crate::root;

/// How many figures of a folder are drawn.
const FIGURES: usize = 100;

/// The questions that figures are drawn from; `{product}` and `{release}` are
/// those with the most feedback.
const QUESTIONS: [&str; 18] = [
    "count --by theme --by release --product {product}",
    "count --by topic --by opinion_polarity --of opinions",
    "count --by month --by polarity --of texts",
    "count --by intent --by rating --product {product} --release {release}",
    "count --by language --by stage --of respondents",
    "count --by week --topic malfunction --opinion-polarity negative",
    "trend --measure share --by release --product {product} --topic malfunction",
    "trend --measure rating --by week --product {product}",
    "trend --measure net-sentiment --by month",
    "kpi --by release --product {product}",
    "kpi --by month",
    "complaints --product {product} --release {release} --limit 200",
    "emerging --product {product} --release {release} --limit 100",
    "drivers --on rating --by theme --product {product} --limit 100",
    "drivers --on rating --by topic",
    "report --format json --product {product}",
    "themes --polarity negative --product {product} --limit 200",
    "search --mode words --product {product} --topic malfunction",
];

/// Draws, counts again, and writes `docs/quality/recounts.csv`. Each of `folders` is a
/// name and a data folder, `NAME=FOLDER`; `echolot` is the program, which is called as
/// anyone would call it.
pub(crate) fn measure(folders: &[String], echolot: &Path) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["data", "question", "trace", "figures", "verbatims", "agrees"])?;
    let mut wrong = 0;
    for folder in folders {
        let (name, data) = folder.split_once('=').context("a folder is NAME=FOLDER")?;
        wrong += draw((name, Path::new(data)), echolot, &mut table)?;
    }
    fs_err::write(root().join("docs/quality/recounts.csv"), table.into_inner()?)?;
    ensure!(wrong == 0, "{wrong} figures differ from the stored rows");
    Ok(())
}

/// Draws figures of one folder and adds them to the table; returns how many differ.
fn draw(
    (name, data): (&str, &Path),
    echolot: &Path,
    table: &mut csv::Writer<Vec<u8>>,
) -> anyhow::Result<usize> {
    let ask = |args: &[&str]| -> anyhow::Result<Value> {
        let output = Command::new(echolot)
            .args(args)
            .arg("--data")
            .arg(data)
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start {}", echolot.display()))?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`echolot {}` gave no JSON", args.join(" ")))
    };
    let largest = ask(&["count", "--by", "product", "--by", "release", "--json"])?;
    let rows = largest["rows"].as_array().context("there are no counts")?;
    let with_release = rows.iter().filter(|row| row["group"][1]["value"].is_string());
    let largest = with_release.max_by_key(|row| row["count"].as_u64());
    let group = &largest.context("no item has a release")?["group"];
    let (product, release) = (&group[0]["value"], &group[1]["value"]);
    let (Some(product), Some(release)) = (product.as_str(), release.as_str()) else {
        bail!("the items with a release have no product");
    };
    let mut pool: Vec<(&str, Vec<String>)> = Vec::new();
    for question in QUESTIONS {
        let words = question.split(' ').map(|word| match word {
            "{product}" => product,
            "{release}" => release,
            word => word,
        });
        let mut args: Vec<&str> = words.collect();
        if !question.starts_with("report") {
            args.push("--json");
        }
        let traces = traces_of(&ask(&args)?);
        ensure!(!traces.is_empty(), "`{question}` has no figures here");
        pool.push((question, traces));
    }
    let mut draws = Draws::new(39_508);
    let mut wrong = 0;
    for number in 0..FIGURES {
        // In turn, as long as a question has figures left.
        pool.rotate_left(usize::from(number > 0));
        pool.retain(|(_, traces)| !traces.is_empty());
        let (question, traces) = pool.first_mut().context("there are too few figures here")?;
        draws.shuffle(traces);
        let trace = traces.pop().context("a question that is left has figures")?;
        let found = ask(&["recount", &trace, "--json"])?;
        let length = |name: &str| found[name].as_array().map_or(0, Vec::len).to_string();
        let agrees = found["agrees"] == true;
        wrong += usize::from(!agrees);
        println!("{} {name} {trace}", if agrees { "agrees " } else { "DIFFERS" });
        let agrees = agrees.to_string();
        table.write_record([
            name,
            question,
            &*trace,
            &length("figures"),
            &length("verbatims"),
            &agrees,
        ])?;
    }
    Ok(wrong)
}
