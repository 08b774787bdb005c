//! `echolot run`: the night job.

use echolot_engine::{Analyst, Config, RunReport, run_in};

use super::{print, print_json};
use crate::args::RunArgs;
use crate::bars::Bars;
use crate::edits::now;
use crate::{Exit, table};

pub(super) fn run(args: &RunArgs, engine: (&Config, &Analyst)) -> anyhow::Result<Exit> {
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
