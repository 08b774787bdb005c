//! A page of search results.

use echolot_engine::{CorrectedCount, Hit, SearchAnswer};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectedJson, rounded};

/// A page of search results.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchJson {
    /// The generation that was searched.
    generation: u64,
    /// How it was searched: `words`, `meaning` or `hybrid`.
    mode: &'static str,
    /// Why less was done than asked for.
    notice: Option<String>,
    /// How many verbatims match, exactly: those that say the words and those that are similar
    /// enough.
    total: u64,
    /// How many say the words; none where words were not searched.
    by_words: Option<u64>,
    /// How many are similar enough; none where meaning was not searched.
    by_meaning: Option<u64>,
    /// The least similarity of what counts as found by meaning.
    min_similarity: Option<f64>,
    /// The wanted part of them.
    hits: Vec<HitJson>,
    /// Exact counts over all that match.
    facets: FacetsJson,
    /// The `cursor` of the next part; none after the last.
    next: Option<String>,
    /// What people have said against the model of the verbatims that meet the
    /// conditions and say the words.
    corrections: CorrectedJson,
}

/// One verbatim that matches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitJson {
    id: String,
    /// What it is ranked by: BM25, similarity, or in hybrid searches a weighted sum of the two,
    /// 0..=1; 0 where nothing ranks.
    score: f64,
    /// Its similarity, where it is found by meaning.
    similarity: Option<f64>,
    text: String,
    /// Character ranges of `text` that match, `[start, end)`.
    highlights: Vec<[u32; 2]>,
    language: String,
    polarity: &'static str,
    /// Graded sentiment, -1..=1.
    sentiment: f64,
    created_at: Option<String>,
    product: Option<String>,
    release: Option<String>,
    channel: Option<String>,
    source: Option<String>,
    rating: Option<f64>,
    topics: Vec<&'static str>,
    /// Whether what is stated is in part what a person says against the model.
    corrected: bool,
}

/// Counts over all matches: pairs of value and count, the commonest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetsJson {
    languages: Vec<FacetJson>,
    polarities: Vec<FacetJson>,
    products: Vec<FacetJson>,
    releases: Vec<FacetJson>,
    channels: Vec<FacetJson>,
    topics: Vec<FacetJson>,
}

/// One value with its count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetJson {
    value: String,
    count: u64,
}

fn facet<T: ToString>(counts: Vec<(T, u64)>) -> Vec<FacetJson> {
    counts.into_iter().map(|(value, count)| FacetJson { value: value.to_string(), count }).collect()
}

impl SearchJson {
    pub(crate) fn new(answer: SearchAnswer, corrected: CorrectedCount) -> Self {
        let facets = answer.facets;
        Self {
            generation: answer.generation,
            mode: answer.mode.name(),
            notice: answer.notice,
            total: answer.total,
            by_words: answer.by_words,
            by_meaning: answer.by_meaning,
            min_similarity: answer.min_similarity.map(|floor| rounded(f64::from(floor))),
            hits: answer.hits.into_iter().map(HitJson::from).collect(),
            facets: FacetsJson {
                languages: facet(facets.languages),
                polarities: facet(facets.polarities),
                products: facet(facets.products),
                releases: facet(facets.releases),
                channels: facet(facets.channels),
                topics: facet(facets.topics),
            },
            next: answer.next,
            corrections: corrected.into(),
        }
    }
}

impl From<Hit> for HitJson {
    fn from(hit: Hit) -> Self {
        Self {
            id: hit.id.to_string(),
            score: rounded(f64::from(hit.score)),
            similarity: hit.similarity.map(|similarity| rounded(f64::from(similarity))),
            highlights: hit.highlights.iter().map(|span| [span.start, span.end]).collect(),
            text: hit.text,
            language: hit.language.code().to_owned(),
            polarity: hit.polarity.code(),
            sentiment: rounded(f64::from(hit.sentiment)),
            created_at: hit.created_at.map(|at| at.to_string()),
            product: hit.product,
            release: hit.release,
            channel: hit.channel,
            source: hit.source,
            rating: hit.rating.map(echolot_core::Rating::value),
            topics: hit.topics.iter().map(|topic| topic.code()).collect(),
            corrected: hit.is_corrected,
        }
    }
}
