//! The shipped model: texts per second, by the number of workers.

use std::env;
use std::io::Cursor;
use std::process::Command;

use criterion::{Criterion, Throughput};
use echolot_benches::{InferenceWorkload, demo_items, jsonl};
use echolot_engine::{Analyst, Config, Error, Scored, Silent, SourceOptions, read_jsonl, score};
use serde_json::json;

/// The name of a figure, which as an argument asks for it alone.
fn name(workers: usize) -> String {
    format!("inference/{workers} workers")
}

/// Measures what is asked for by name. A process can open the model once, so
/// without a name each figure is measured by a process of its own.
fn main() {
    let workload = InferenceWorkload::load();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let asked = workload.workers.iter().find(|workers| arguments.contains(&name(**workers)));
    if let Some(&workers) = asked {
        return measure(workers, workload.texts);
    }
    let program = env::current_exe().expect("the program knows where it is");
    for workers in workload.workers {
        let status = Command::new(&program).args(&arguments).arg(name(workers)).status();
        assert!(status.expect("the bench can be started").success(), "{} failed", name(workers));
    }
}

fn measure(workers: usize, num_texts: usize) {
    let config =
        Config { workers, ..Config::standard().expect("the default configuration is valid") };
    let analyst = match Analyst::open(&config) {
        Ok(analyst) => analyst,
        Err(error) => return eprintln!("SKIPPED: {error}"),
    };
    let items = demo_items();
    // Spread over all files, so that short posts and long e-mails both occur.
    let stride = (items.len() / num_texts).max(1);
    let texts: Vec<_> = items
        .iter()
        .step_by(stride)
        .take(num_texts)
        .map(|item| json!({ "id": item.id.as_str(), "text": item.body.verbatim() }))
        .collect();
    let lines = jsonl(&texts);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("inference");
    group.sample_size(10).throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function(format!("{workers} workers"), |bencher| {
        bencher.iter(|| read_all(&lines, &analyst));
    });
    group.finish();
    criterion.final_summary();
}

/// Scores all lines; the number of opinions keeps the work from being left out.
fn read_all(lines: &str, analyst: &Analyst) -> usize {
    let mut opinions = 0;
    let take = |scored: Scored| -> Result<(), Error> {
        if let Scored::Item(item) = scored {
            opinions += item.analysis.opinions.len();
        }
        Ok(())
    };
    let input = Cursor::new(lines.to_owned());
    let rows = read_jsonl(input, "bench", &SourceOptions::default()).expect("no column is mapped");
    score(rows, analyst, &Silent, take).expect("the texts can be read");
    opinions
}
