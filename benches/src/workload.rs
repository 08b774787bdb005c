//! Workloads: the files in `benches/workloads`, read and sized.

use echolot_core::{Language, Polarity};
use echolot_engine::{CountQuestion, Filter, Segment};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Whether the benches are only tried out (`cargo test --benches`, or `cargo
/// bench -- --test`): each runs once, on little.
pub fn is_trial() -> bool {
    let is_given = |flag: &str| std::env::args().any(|argument| argument == flag);
    is_given("--test") || !is_given("--bench")
}

/// What the bench `ingest` does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestWorkload {
    /// Files of the demo corpus to read.
    pub read: Vec<String>,
    /// Texts to prepare.
    pub prepare_texts: usize,
    /// Rows of a whole run.
    pub run_rows: usize,
    trial: IngestTrial,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IngestTrial {
    prepare_texts: usize,
    run_rows: usize,
}

impl IngestWorkload {
    /// The workload of the file, in the size that is wanted.
    pub fn load() -> Self {
        let mut workload: Self = parse(include_str!("../workloads/ingest.toml"));
        if is_trial() {
            workload.prepare_texts = workload.trial.prepare_texts;
            workload.run_rows = workload.trial.run_rows;
        }
        workload
    }
}

/// What the bench `inference` does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InferenceWorkload {
    /// Texts to score together.
    pub texts: usize,
    /// Numbers of workers, one figure each.
    pub workers: Vec<usize>,
    trial: InferenceTrial,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InferenceTrial {
    texts: usize,
}

impl InferenceWorkload {
    /// The workload of the file, in the size that is wanted.
    pub fn load() -> Self {
        let mut workload: Self = parse(include_str!("../workloads/inference.toml"));
        if is_trial() {
            workload.texts = workload.trial.texts;
        }
        workload
    }
}

/// What the bench `million` asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MillionWorkload {
    /// Verbatims in the data folder.
    pub verbatims: usize,
    /// Analysed verbatims whose opinion units they are made of.
    pub base: usize,
    /// How often each query is asked.
    pub rounds: usize,
    /// Clients that ask at the same time, one figure each.
    pub clients: Vec<usize>,
    /// The least similarity of what is found by meaning.
    pub min_similarity: f32,
    /// The queries.
    pub queries: Vec<String>,
    trial: MillionTrial,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MillionTrial {
    verbatims: usize,
    base: usize,
    rounds: usize,
}

impl MillionWorkload {
    /// The workload of the file, in the size that is wanted.
    pub fn load() -> Self {
        let mut workload: Self = parse(include_str!("../workloads/million.toml"));
        if is_trial() {
            workload.verbatims = workload.trial.verbatims;
            workload.base = workload.trial.base;
            workload.rounds = workload.trial.rounds;
        }
        workload
    }
}

/// What the bench `query` asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryWorkload {
    /// Verbatims in the data folder.
    pub verbatims: usize,
    /// Searches.
    pub search: Vec<SearchQuery>,
    /// Lists of themes.
    pub themes: Vec<ThemeQuery>,
    /// Tables of complaints.
    pub complaints: Vec<ComplaintQuery>,
    /// Tables of key figures.
    pub kpi: Vec<KpiQuery>,
    trial: QueryTrial,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryTrial {
    verbatims: usize,
}

impl QueryWorkload {
    /// The workload of the file, in the size that is wanted.
    pub fn load() -> Self {
        let mut workload: Self = parse(include_str!("../workloads/query.toml"));
        if is_trial() {
            workload.verbatims = workload.trial.verbatims;
        }
        workload
    }
}

/// A search.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchQuery {
    /// The name of its figure.
    pub name: String,
    /// The words.
    pub query: String,
    /// Hits to pass over.
    pub offset: usize,
    languages: Vec<String>,
    product: Option<String>,
    polarity: Option<String>,
}

impl SearchQuery {
    /// The filter it asks for.
    ///
    /// # Panics
    /// When the workload names a language or a polarity that is none.
    pub fn filter(&self) -> Filter {
        let language =
            |tag: &String| Language::from_tag(tag).expect("a workload names languages by code");
        Filter {
            languages: self.languages.iter().map(language).collect(),
            polarities: polarity(self.polarity.as_deref()).into_iter().collect(),
            ..product_filter(self.product.as_ref())
        }
    }
}

/// A list of themes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThemeQuery {
    /// The name of its figure.
    pub name: String,
    product: Option<String>,
    polarity: Option<String>,
}

impl ThemeQuery {
    /// The filter it asks for.
    pub fn filter(&self) -> Filter {
        product_filter(self.product.as_ref())
    }

    /// The polarity of the opinions that count.
    pub fn polarity(&self) -> Option<Polarity> {
        polarity(self.polarity.as_deref())
    }
}

/// A table of complaints.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintQuery {
    /// The name of its figure.
    pub name: String,
    /// The product.
    pub product: String,
    /// The release.
    pub release: String,
}

/// A table of key figures.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiQuery {
    /// The name of its figure.
    pub name: String,
    /// What to group by.
    pub by: String,
    product: Option<String>,
}

impl KpiQuery {
    /// The filter it asks for.
    pub fn filter(&self) -> Filter {
        product_filter(self.product.as_ref())
    }
}

/// What the bench `counts` asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountsWorkload {
    /// Verbatims in the data folder.
    pub verbatims: usize,
    /// Tables of counts.
    pub count: Vec<CountQuery>,
    trial: QueryTrial,
}

impl CountsWorkload {
    /// The workload of the file, in the size that is wanted.
    pub fn load() -> Self {
        let mut workload: Self = parse(include_str!("../workloads/counts.toml"));
        if is_trial() {
            workload.verbatims = workload.trial.verbatims;
        }
        workload
    }
}

/// A table of counts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CountQuery {
    /// The name of its figure.
    pub name: String,
    by: Vec<String>,
    of: Option<String>,
    query: String,
    product: Option<String>,
    opinion_polarity: Option<String>,
    rating_max: Option<f64>,
    branch: Option<String>,
}

impl CountQuery {
    /// What it asks.
    ///
    /// # Panics
    /// When the workload names a grouping or something to count that is none.
    pub fn question(&self) -> CountQuestion {
        let branch = self.branch.iter().map(|branch| ("Filiale".to_owned(), vec![branch.clone()]));
        let filter = Filter {
            opinion_polarities: polarity(self.opinion_polarity.as_deref()).into_iter().collect(),
            rating_max: self.rating_max,
            attributes: branch.collect(),
            ..product_filter(self.product.as_ref())
        };
        let by = self.by.iter().map(|by| by.parse().expect("a workload names groupings"));
        let of = self.of.as_deref().map(|of| of.parse().expect("a workload says what to count"));
        CountQuestion {
            segment: Segment { filter, query: self.query.clone() },
            by: by.collect(),
            of: of.unwrap_or_default(),
            limit: Some(1000),
        }
    }
}

fn product_filter(product: Option<&String>) -> Filter {
    Filter { products: product.cloned().into_iter().collect(), ..Filter::default() }
}

fn polarity(code: Option<&str>) -> Option<Polarity> {
    code.map(|code| code.parse().expect("a workload names polarities by code"))
}

fn parse<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("a workload cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workloads_can_be_read() {
        assert!(!IngestWorkload::load().read.is_empty());
        assert_eq!(InferenceWorkload::load().workers, [1, 2]);
        assert!(MillionWorkload::load().queries.len() > 10);
        let query = QueryWorkload::load();
        assert!(query.search.iter().all(|search| search.filter().languages.len() < 2));
        assert!(query.themes.iter().any(|themes| themes.polarity() == Some(Polarity::Negative)));
        assert!(query.kpi.iter().any(|kpi| !kpi.filter().products.is_empty()));
        assert!(!query.complaints.is_empty());
        assert!(CountsWorkload::load().count.iter().all(|count| count.question().by.len() == 2));
    }
}
