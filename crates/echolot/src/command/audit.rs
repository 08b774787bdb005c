//! `echolot audit`: how well the model does on verbatims that people labelled.

use std::io::{BufWriter, Write};

use anyhow::Context;
use echolot_core::{Count, wilson};
use echolot_engine::{AuditQuestion, Config, Error, audit_sample, import_audit, open_snapshot};

use super::{open, print, print_json};
use crate::args::{AuditAct, AuditArgs, AuditCommand, AuditImportArgs, AuditSampleArgs};
use crate::edits::now;
use crate::wire::AuditJson;
use crate::{Exit, audit_file, table};

pub(super) fn audit(
    command: &AuditCommand,
    config: impl FnOnce() -> Result<Config, Error>,
) -> anyhow::Result<Exit> {
    match &command.act {
        Some(AuditAct::Sample(args)) => sample(args, &config()?),
        Some(AuditAct::Import(args)) => import(args),
        None => show(&command.list),
    }
}

fn sample(args: &AuditSampleArgs, config: &Config) -> anyhow::Result<Exit> {
    let snapshot = open(&args.data, config)?;
    let by = args.by.iter().map(|by| by.parse()).collect::<Result<Vec<_>, _>>()?;
    let drawn = audit_sample(
        &snapshot,
        &AuditQuestion {
            segment: args.filter.segment()?,
            by,
            per_stratum: args.per_stratum,
            seed: args.seed,
        },
    )?;
    let write = |out: &mut dyn Write, is_json: bool| {
        if is_json {
            audit_file::write_jsonl(out, &drawn, args.show_answers)
        } else {
            audit_file::write_csv(out, &drawn, args.show_answers)
        }
    };
    let Some(path) = &args.output else {
        write(&mut std::io::stdout().lock(), args.jsonl)?;
        return Ok(Exit::Done);
    };
    let is_json = args.jsonl || path.extension().is_some_and(|end| end == "jsonl");
    let mut out = BufWriter::new(fs_err::File::create(path)?);
    write(&mut out, is_json).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("echolot: {} verbatims drawn into {}", drawn.len(), path.display());
    Ok(Exit::Done)
}

fn import(args: &AuditImportArgs) -> anyhow::Result<Exit> {
    let answers = audit_file::read(&args.file)?;
    let data = &args.edit.store.data.data;
    let make = || import_audit(data, &answers, (&args.edit.author, now()));
    let generation = args.edit.wait.make(make)?;
    let snapshot = open_snapshot(data)?;
    let report = snapshot.audit()?;
    if args.edit.store.json {
        return print_json(&AuditJson::new(generation, report));
    }
    print(&format!("generation {generation}: {} verbatims have labels", report.labelled))
}

fn show(args: &AuditArgs) -> anyhow::Result<Exit> {
    let Some(data) = &args.data else {
        unreachable!("without a subcommand the data folder is required")
    };
    let snapshot = open_snapshot(data)?;
    let report = snapshot.audit()?;
    if args.json {
        return print_json(&AuditJson::new(snapshot.generation(), report));
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} verbatims have labels; the words of {} were replaced since",
        report.labelled, report.stale
    )?;
    for head in &report.heads {
        writeln!(
            out,
            "\n{}: {} answered in every part as {} people's answers",
            head.head.name(),
            table::share_with_interval(head.exact),
            head.labelled
        )?;
        let mut rows =
            table::plain(&["label", "truly", "found of them", "spared of others"], &[1, 2, 3]);
        let share = |count: Count| table::share_with_interval(wilson(count.hits(), count.total()));
        for label in &head.labels {
            rows.add_row([
                label.label.to_owned(),
                label.truly.to_string(),
                share(label.accuracy.sensitivity),
                share(label.accuracy.specificity),
            ]);
        }
        writeln!(out, "{}", rows.trim_fmt())?;
    }
    Ok(Exit::Done)
}
