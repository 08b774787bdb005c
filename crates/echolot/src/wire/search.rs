//! A page of search results.

use echolot_engine::{
    CorrectedCount, Grouping, Hit, Quantity, Scope, SearchAnswer, Segment, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CorrectedJson, rounded, trace};

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
    /// With which the total can be counted again; null where meaning was searched, as the
    /// stored rows do not say what is similar.
    trace: Option<String>,
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
    /// With which it can be counted again; null as of the total.
    trace: Option<String>,
}

/// The facets of a grouping among what is `found`.
fn facet<T: ToString>(
    counts: Vec<(T, u64)>,
    by: &Grouping,
    found: Option<&Trace>,
) -> Vec<FacetJson> {
    let facet = |(value, count): (T, u64)| {
        let value = value.to_string();
        let group = found.map(|found| found.clone().apart().by(by.clone(), Some(value.clone())));
        FacetJson { trace: group.map(|group| stated(group, count)), value, count }
    };
    counts.into_iter().map(facet).collect()
}

fn stated(group: Trace, count: u64) -> String {
    trace::write(&group.stating(Scope::Group, Quantity::Verbatims, count as f64))
}

impl SearchJson {
    /// `segment` is what was searched for by words and conditions.
    pub(crate) fn new(answer: SearchAnswer, segment: Segment, corrected: CorrectedCount) -> Self {
        let facets = answer.facets;
        let is_of_rows = answer.by_meaning.is_none();
        let found = is_of_rows.then(|| Trace::new(answer.generation, segment));
        let found = found.as_ref();
        Self {
            generation: answer.generation,
            mode: answer.mode.name(),
            notice: answer.notice,
            total: answer.total,
            trace: found.map(|found| stated(found.clone(), answer.total)),
            by_words: answer.by_words,
            by_meaning: answer.by_meaning,
            min_similarity: answer.min_similarity.map(|floor| rounded(f64::from(floor))),
            hits: answer.hits.into_iter().map(HitJson::from).collect(),
            facets: FacetsJson {
                languages: facet(facets.languages, &Grouping::Language, found),
                polarities: facet(facets.polarities, &Grouping::Polarity, found),
                products: facet(facets.products, &Grouping::Product, found),
                releases: facet(facets.releases, &Grouping::Release, found),
                channels: facet(facets.channels, &Grouping::Channel, found),
                topics: facet(facets.topics, &Grouping::Topic, found),
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
