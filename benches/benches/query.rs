//! Questions to a data folder: time until the answer.

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use echolot_benches::{QueryWorkload, is_trial, store_of};
use echolot_engine::{
    ComplaintQuestion, Grouping, SearchAids, SearchMode, SearchQuestion, Snapshot, ThemeQuestion,
    open_snapshot,
};

fn main() {
    let workload = QueryWorkload::load();
    let mut criterion = Criterion::default().configure_from_args();
    let temp = tempfile::tempdir().expect("a temporary folder can be made");
    let data = temp.path().join("data");
    if !is_trial() {
        eprintln!("making a data folder of {} verbatims", workload.verbatims);
    }
    store_of(workload.verbatims, &data);
    let snapshot = open_snapshot(&data).expect("the data folder can be opened");
    // The columns are loaded once, as a server does before it answers.
    assert_eq!(snapshot.num_verbatims().expect("it can be counted"), workload.verbatims);

    let mut group = criterion.benchmark_group("query");
    searches(&mut group, &workload, &snapshot);
    figures(&mut group, &workload, &snapshot);
    group.finish();
    criterion.final_summary();
}

fn searches(group: &mut BenchmarkGroup<WallTime>, workload: &QueryWorkload, snapshot: &Snapshot) {
    let aids = SearchAids::new(Err("words alone are measured".to_owned()));
    for query in &workload.search {
        let question = SearchQuestion {
            query: query.query.clone(),
            mode: SearchMode::Words,
            filter: query.filter(),
            offset: query.offset,
            ..SearchQuestion::default()
        };
        group.bench_function(format!("search: {}", query.name), |bencher| {
            bencher.iter(|| snapshot.search(&question, &aids).expect("the search succeeds"));
        });
    }
}

fn figures(group: &mut BenchmarkGroup<WallTime>, workload: &QueryWorkload, snapshot: &Snapshot) {
    for query in &workload.themes {
        let question = ThemeQuestion {
            segment: query.filter().into(),
            polarity: query.polarity(),
            limit: Some(30),
            examples: 3,
            with_hidden: false,
        };
        group.bench_function(format!("themes: {}", query.name), |bencher| {
            bencher.iter(|| snapshot.themes(&question).expect("the themes are there"));
        });
    }
    for query in &workload.complaints {
        let question = ComplaintQuestion {
            product: query.product.clone(),
            release: query.release.clone(),
            limit: Some(20),
            ..ComplaintQuestion::default()
        };
        group.bench_function(format!("complaints: {}", query.name), |bencher| {
            bencher.iter(|| snapshot.complaints(&question).expect("the release is there"));
        });
    }
    for query in &workload.kpi {
        let by: Grouping = query.by.parse().expect("a workload names groupings");
        let segment = query.filter().into();
        group.bench_function(format!("kpi: {}", query.name), |bencher| {
            bencher.iter(|| snapshot.kpis(&by, &segment).expect("the figures are there"));
        });
    }
}
