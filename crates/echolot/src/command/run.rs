//! `echolot run`: the night job.

use anyhow::Context;
use echolot_engine::{Analyst, Config, FutureDate, FutureDates, RunReport, run_in};

use super::alerts::after_run;
use super::{print, print_json};
use crate::alerts::prepare;
use crate::args::RunArgs;
use crate::bars::Bars;
use crate::edits::now;
use crate::{Exit, table};

pub(super) fn run(args: &RunArgs, engine: (&Config, &Analyst)) -> anyhow::Result<Exit> {
    // A rule that cannot be read stops the run before its first row.
    prepare(engine.0)?;
    let report = run_in(&args.data.data, &args.input, engine, (&Bars::new(), now()))?;
    if args.json {
        print_json(&report.to_json())?;
    } else {
        print(&describe(&report))?;
    }
    let rejected = report.totals().rejected;
    if rejected > 0 {
        eprintln!(
            "echolot: {rejected} {} rejected; see {}",
            if rejected == 1 { "row was" } else { "rows were" },
            args.data.data.join("rejected").display()
        );
    }
    let FutureDates { items, first } = &report.future_dates;
    if *items > 0 {
        eprintln!("echolot: {items} dates are still to come; they count, but not as recent:");
        for FutureDate { input, line, created_at } in first {
            eprintln!("  {input}, line {line}: {created_at}");
        }
    }
    let told = after_run(&args.data, engine.0);
    if let Some(told) = told.context("the run is published, but its alerts are not told")? {
        eprintln!("echolot: {told}");
    }
    Ok(Exit::after(rejected))
}

fn describe(report: &RunReport) -> String {
    if report.inputs.len() < 2 {
        return report.to_string();
    }
    let mut inputs =
        table::plain(&["input", "rows", "new", "changed", "known", "rejected"], &[1, 2, 3, 4, 5]);
    for input in &report.inputs {
        let counts = [input.rows, input.new, input.changed, input.known, input.rejected];
        inputs.add_row(
            std::iter::once(input.name.clone()).chain(counts.map(|count| count.to_string())),
        );
    }
    format!("{report}\n\n{}", inputs.trim_fmt())
}
