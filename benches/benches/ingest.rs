//! From files to a published generation, without the model: rows per second.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use echolot_benches::{IngestWorkload, demo_file, demo_items, free_analyst, jsonl, resampled};
use echolot_core::Timestamp;
use echolot_engine::{Config, Silent, SourceOptions, open, run_in};
use echolot_text::{
    LanguageDetector, Redactor, duplicate_key, near_signature, opinion_units, prepare,
};

fn main() {
    let workload = IngestWorkload::load();
    let mut criterion = Criterion::default().configure_from_args();
    read(&mut criterion, &workload);
    prepare_texts(&mut criterion, &workload);
    run(&mut criterion, &workload);
    criterion.final_summary();
}

/// Reads each file of the demo corpus to its end.
fn read(criterion: &mut Criterion, workload: &IngestWorkload) {
    let mut group = criterion.benchmark_group("read");
    for name in &workload.read {
        let file = demo_file(name);
        let options = SourceOptions::default();
        let count =
            || open(&file, &options).expect("the file can be opened").map(black_box).count();
        group.throughput(Throughput::Elements(count() as u64));
        group.bench_function(name, |bencher| bencher.iter(count));
    }
    group.finish();
}

/// Takes texts up to where the model would read them, in one thread.
fn prepare_texts(criterion: &mut Criterion, workload: &IngestWorkload) {
    let items = resampled(&demo_items(), workload.prepare_texts);
    let texts: Vec<&str> = items.iter().filter_map(|item| item["text"].as_str()).collect();
    let (redactor, detector) = (Redactor::standard(), LanguageDetector::new());
    let mut group = criterion.benchmark_group("prepare");
    group.sample_size(10).throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("texts", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                let prepared = prepare(text, &redactor);
                let language = detector.detect(&prepared.clean).language;
                black_box(opinion_units(&prepared.clean, language));
                black_box((duplicate_key(&prepared.clean), near_signature(&prepared.clean)));
            }
        });
    });
    group.finish();
}

/// The night job with a model that costs nothing, into an empty folder.
fn run(criterion: &mut Criterion, workload: &IngestWorkload) {
    let config = Config::standard().expect("the default configuration is valid");
    let analyst = free_analyst(&config);
    let temp = tempfile::tempdir().expect("a temporary folder can be made");
    let input = temp.path().join("rows.jsonl");
    fs_err::write(&input, jsonl(&resampled(&demo_items(), workload.run_rows)))
        .expect("the input can be written");
    let mut group = criterion.benchmark_group("run");
    group.sample_size(10).throughput(Throughput::Elements(workload.run_rows as u64));
    let at = Timestamp::from_seconds(0).expect("1970 is a year");
    group.bench_function("rows without a model", |bencher| {
        let empty = || tempfile::tempdir_in(temp.path()).expect("a temporary folder can be made");
        bencher.iter_batched(
            empty,
            |folder| {
                let data = folder.path().join("data");
                let inputs = std::slice::from_ref(&input);
                let report = run_in(&data, inputs, (&config, &analyst), (&Silent, at));
                // The folder is handed back, so that removing it is not timed.
                (report.expect("the run succeeds"), folder)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}
