//! Searches of a million verbatims: how long the median and the slowest take.
//!
//! Criterion tells means and medians; what a person waits for is the slow
//! one, so this bench takes every time and writes `search_million.csv`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use echolot_benches::{MillionWorkload, is_trial, recombined_store, store_of};
use echolot_index::{
    DataFolder, Meaning, Query, RowId, SearchBy, SearchRequest, Snapshot, Synonyms,
};

const WAYS: [&str; 3] = ["words", "meaning", "hybrid"];

fn main() {
    let workload = MillionWorkload::load();
    let temp = tempfile::tempdir().expect("a temporary folder can be made");
    // A folder that is kept need not be made again.
    let mut arguments = std::env::args().filter(|_| !is_trial());
    let kept = arguments.find_map(|argument| Some(argument.strip_prefix("--folder=")?.into()));
    let folder: PathBuf = kept.unwrap_or_else(|| temp.path().join("data"));
    if !folder.exists() {
        eprintln!("making a data folder of {} verbatims", workload.verbatims);
        let base = temp.path().join("base");
        store_of(workload.base, &base);
        recombined_store(&base, workload.verbatims, &folder);
    }
    let folder = DataFolder::open(&folder).expect("the folder can be opened");
    let snapshot = folder.snapshot().expect("a generation is published");
    snapshot.prepare_search(true).expect("what is searched can be loaded");

    let mut lines = Vec::new();
    for &clients in &workload.clients {
        for way in WAYS {
            let mut slowest: (f64, &str) = (0.0, "");
            let mut times = Vec::new();
            for query in &workload.queries {
                let of_query = time(
                    &snapshot,
                    &request(&workload, &snapshot, (way, query)),
                    (clients, workload.rounds),
                );
                let worst = percentile(&of_query, 0.99);
                if worst > slowest.0 {
                    slowest = (worst, query);
                }
                if !is_trial() {
                    let median = percentile(&of_query, 0.5);
                    eprintln!("{clients} {way}: {query}: median {median:.1} ms, p99 {worst:.1} ms");
                }
                times.extend(of_query);
            }
            let (median, p99) = (percentile(&times, 0.5), percentile(&times, 0.99));
            println!(
                "{clients} clients, {way}: median {median:.1} ms, p99 {p99:.1} ms; slowest: {}",
                slowest.1
            );
            lines.push(format!("{},{clients},{way},{median:.1},{p99:.1}\n", workload.verbatims));
        }
    }
    if !is_trial() {
        let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("search_million.csv");
        let header = "verbatims,clients,way,median_ms,p99_ms\n";
        fs_err::write(table, header.to_owned() + &lines.concat())
            .expect("the table can be written");
    }
}

/// A question; what is meant is what one of the first verbatims says.
fn request(
    workload: &MillionWorkload,
    snapshot: &Snapshot,
    (way, query): (&str, &str),
) -> SearchRequest {
    let vectors = snapshot.unit_vectors(RowId(query.len() as u32)).expect("there are vectors");
    let meaning = Meaning {
        vectors: vectors.into_iter().take(1).collect(),
        floor: workload.min_similarity,
        except: None,
    };
    let by = match way {
        "words" => SearchBy::Words,
        "meaning" => SearchBy::Meaning(meaning),
        _ => SearchBy::Both(meaning),
    };
    let query = Query::parse(query, &Synonyms::default()).expect("a workload has good queries");
    SearchRequest { query, by, limit: 20, ..SearchRequest::default() }
}

/// The times of `rounds` answers in milliseconds, by clients that ask at once.
fn time(
    snapshot: &Snapshot,
    request: &SearchRequest,
    (clients, rounds): (usize, usize),
) -> Vec<f64> {
    let ask = || {
        let mut times = Vec::with_capacity(rounds);
        for _ in 0..rounds.div_ceil(clients) {
            let begin = Instant::now();
            snapshot.search(request).expect("the search succeeds");
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
        times
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no client panics")).collect()
    })
}

fn percentile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = (share * (sorted.len() - 1) as f64).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}
