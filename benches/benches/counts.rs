//! Counts of a large data folder: time until the answer.

use std::path::PathBuf;
use std::time::Instant;

use criterion::Criterion;
use echolot_benches::{CountsWorkload, is_trial, large_store_of};
use echolot_engine::open_snapshot;

fn main() {
    let workload = CountsWorkload::load();
    let mut criterion = Criterion::default().configure_from_args();
    let temp = tempfile::tempdir().expect("a temporary folder can be made");
    // A folder that is kept need not be made again.
    let kept = std::env::var_os("ECHOLOT_BENCH_DATA").filter(|_| !is_trial()).map(PathBuf::from);
    let data = kept.unwrap_or_else(|| temp.path().join("data"));
    if !data.exists() {
        eprintln!("making a data folder of {} verbatims", workload.verbatims);
        large_store_of(workload.verbatims, &data);
    }
    let snapshot = open_snapshot(&data).expect("the data folder can be opened");
    let started = Instant::now();
    assert_eq!(snapshot.num_verbatims().expect("it can be counted"), workload.verbatims);
    eprintln!("the columns were loaded in {:.2} s", started.elapsed().as_secs_f64());

    let mut group = criterion.benchmark_group("counts");
    for query in &workload.count {
        let question = query.question();
        // The first question to name an attribute reads its column.
        let started = Instant::now();
        let table = snapshot.counts(&question).expect("the counts are there");
        let first = started.elapsed().as_secs_f64();
        eprintln!("{}: {} groups, {first:.2} s the first time", query.name, table.groups);
        group.bench_function(&query.name, |bencher| {
            bencher.iter(|| snapshot.counts(&question).expect("the counts are there"));
        });
    }
    group.finish();
    criterion.final_summary();
}
