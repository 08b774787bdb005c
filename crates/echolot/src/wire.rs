//! The JSON that leaves the program, on the command line and over HTTP.
//!
//! Field names are a contract: they are documented by the generated OpenAPI
//! description, and tests hold them.

use echolot_core::{Analysis, FeedbackId, Mean, ResponseTimes, Share};
use echolot_engine::{
    ClusteredRow, ComplaintTable, Dimension, Example, FileTheme, Hit, KpiRow, Rejection, Scored,
    SearchPage, StoredTheme, ThemeDetail, ThemeList, ThemeRow, Verbatim,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Six decimals are far below any uncertainty and keep the output readable.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// One opinion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpinionJson {
    /// First character of the opinion in the verbatim.
    pub(crate) start: u32,
    /// One past its last character.
    pub(crate) end: u32,
    /// Topic code.
    #[schema(example = "delivery")]
    pub(crate) topic: &'static str,
    /// `positive`, `neutral` or `negative`.
    #[schema(example = "negative")]
    pub(crate) polarity: &'static str,
    /// Probability of topic and polarity, 0..=1.
    pub(crate) confidence: f64,
    /// The theme it belongs to; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) theme: Option<u32>,
}

/// The analysis of one verbatim.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnalysisJson {
    /// ISO 639-1 code, `xx` when unknown.
    #[schema(example = "de")]
    language: String,
    /// Polarity of the whole.
    #[schema(example = "negative")]
    polarity: &'static str,
    /// Graded sentiment, -1 (very negative) to 1 (very positive).
    score: f64,
    /// Whether it holds both a positive and a negative opinion.
    mixed: bool,
    /// Any of `complaint`, `praise`, `suggestion`, `question`, `churn`.
    intents: Vec<&'static str>,
    /// The opinions in the order of the text.
    opinions: Vec<OpinionJson>,
}

impl AnalysisJson {
    fn new(language: &str, analysis: &Analysis, theme: impl Fn(usize) -> Option<u32>) -> Self {
        let opinions = analysis.opinions.iter().enumerate().map(|(number, opinion)| OpinionJson {
            start: opinion.span.start,
            end: opinion.span.end,
            topic: opinion.topic.code(),
            polarity: opinion.polarity.code(),
            confidence: rounded(f64::from(opinion.confidence)),
            theme: theme(number),
        });
        Self {
            language: language.to_owned(),
            polarity: analysis.polarity.code(),
            score: rounded(f64::from(analysis.score)),
            mixed: analysis.is_mixed(),
            intents: analysis.intents.iter().map(|intent| intent.code()).collect(),
            opinions: opinions.collect(),
        }
    }
}

/// One line of `echolot score`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ScoredJson {
    /// An analysed item.
    Item {
        id: String,
        #[serde(flatten)]
        analysis: AnalysisJson,
        redacted_text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A line that is no feedback item.
    Rejected { line: u64, error: String },
}

impl From<Scored> for ScoredJson {
    fn from(scored: Scored) -> Self {
        match scored {
            Scored::Item(item) => Self::Item {
                id: item.id.to_string(),
                analysis: AnalysisJson::new(item.language.code(), &item.analysis, |_| None),
                redacted_text: item.redacted_text,
                error: item.error,
            },
            Scored::Rejected(Rejection { line, reason, .. }) => {
                Self::Rejected { line, error: reason }
            }
        }
    }
}

/// One line of `echolot cluster`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ClusteredJson {
    /// An item with its theme.
    Item { id: String, theme: Option<u32> },
    /// A row that is no feedback item.
    Rejected { line: u64, error: String },
}

impl From<ClusteredRow> for ClusteredJson {
    fn from(row: ClusteredRow) -> Self {
        match row {
            ClusteredRow::Item { id, theme } => Self::Item { id: id.to_string(), theme },
            ClusteredRow::Rejected(Rejection { line, reason, .. }) => {
                Self::Rejected { line, error: reason }
            }
        }
    }
}

/// One line of the themes file of `echolot cluster`.
#[derive(Debug, Serialize)]
pub(crate) struct FileThemeJson {
    theme: usize,
    label: String,
    terms: Vec<String>,
    size: u64,
    examples: Vec<String>,
}

impl FileThemeJson {
    pub(crate) fn new(theme: usize, found: FileTheme) -> Self {
        Self {
            theme,
            label: found.label,
            terms: found.terms,
            size: found.size,
            examples: found.examples.iter().map(FeedbackId::to_string).collect(),
        }
    }
}

/// A page of search results.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchJson {
    /// The generation that was searched.
    generation: u64,
    /// How many verbatims match, exactly.
    total: u64,
    /// The wanted part of them.
    hits: Vec<HitJson>,
    /// Exact counts over all that match.
    facets: FacetsJson,
}

/// One verbatim that matches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitJson {
    id: String,
    /// BM25 of the query; 0 where no words were asked for.
    score: f64,
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
    pub(crate) fn new(generation: u64, page: SearchPage) -> Self {
        let facets = page.facets;
        Self {
            generation,
            total: page.total,
            hits: page.hits.into_iter().map(HitJson::from).collect(),
            facets: FacetsJson {
                languages: facet(facets.languages),
                polarities: facet(facets.polarities),
                products: facet(facets.products),
                releases: facet(facets.releases),
                channels: facet(facets.channels),
                topics: facet(facets.topics),
            },
        }
    }
}

impl From<Hit> for HitJson {
    fn from(hit: Hit) -> Self {
        Self {
            id: hit.id.to_string(),
            score: rounded(f64::from(hit.score)),
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
        }
    }
}

/// Customers' words that stand for a figure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExampleJson {
    id: String,
    /// First character of the words in the verbatim.
    start: u32,
    /// One past the last character.
    end: u32,
    /// The words.
    quote: String,
}

fn examples(examples: Vec<Example>) -> Vec<ExampleJson> {
    let examples = examples.into_iter().map(|example| ExampleJson {
        id: example.id.to_string(),
        start: example.span.start,
        end: example.span.end,
        quote: example.quote,
    });
    examples.collect()
}

/// The themes of a set of verbatims.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThemesJson {
    generation: u64,
    /// Verbatims in the set, near-duplicates once.
    verbatims: u64,
    /// Verbatims with an opinion that counts, near-duplicates once.
    with_opinion: u64,
    /// Of those, verbatims none of whose opinions is in a theme.
    without_theme: u64,
    /// How many themes there are, shown or not.
    total: u64,
    /// The themes, by volume.
    themes: Vec<ThemeJson>,
}

/// One theme in a set of verbatims.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThemeJson {
    theme: u32,
    label: String,
    topic: &'static str,
    polarity: &'static str,
    terms: Vec<String>,
    /// Verbatims that speak of it, near-duplicates once.
    volume: u64,
    /// Verbatims that speak of it, every one counted.
    mentions: u64,
    /// The volume's share of the set, 0..=1; null for an empty set.
    share: Option<f64>,
    /// Lower end of the 95 % Wilson interval.
    share_low: Option<f64>,
    /// Upper end of the 95 % Wilson interval.
    share_high: Option<f64>,
    /// The generation in which the theme was born.
    born: u64,
    examples: Vec<ExampleJson>,
}

impl ThemesJson {
    pub(crate) fn new(generation: u64, list: ThemeList) -> Self {
        Self {
            generation,
            verbatims: list.verbatims,
            with_opinion: list.with_opinion,
            without_theme: list.without_theme,
            total: list.total,
            themes: list.rows.into_iter().map(ThemeJson::from).collect(),
        }
    }
}

impl From<ThemeRow> for ThemeJson {
    fn from(row: ThemeRow) -> Self {
        let StoredTheme { id, label, terms, topic, polarity, born, .. } = row.theme;
        Self {
            theme: id.0,
            label,
            topic: topic.code(),
            polarity: polarity.code(),
            terms,
            volume: row.volume,
            mentions: row.mentions,
            share: row.share.map(|share| rounded(share.value)),
            share_low: row.share.map(|share| rounded(share.low)),
            share_high: row.share.map(|share| rounded(share.high)),
            born,
            examples: examples(row.examples),
        }
    }
}

/// One theme with its ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThemeDetailJson {
    generation: u64,
    #[serde(flatten)]
    theme: ThemeJson,
    /// What happened to it, oldest first.
    ledger: Vec<LedgerJson>,
}

/// One entry of a theme's ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerJson {
    generation: u64,
    #[schema(example = "born")]
    event: String,
    /// The particulars, e.g. how many units.
    #[schema(value_type = Object)]
    detail: Value,
}

impl ThemeDetailJson {
    pub(crate) fn new(generation: u64, detail: ThemeDetail) -> Self {
        let ledger = detail.ledger.into_iter().map(|entry| LedgerJson {
            generation: entry.generation,
            event: entry.event,
            detail: entry.detail,
        });
        Self { generation, theme: detail.row.into(), ledger: ledger.collect() }
    }
}

/// The complaints about one release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComplaintsJson {
    generation: u64,
    product: String,
    release: String,
    /// The release it is compared with; null when it is the first.
    baseline: Option<String>,
    /// Verbatims about the release, near-duplicates once.
    verbatims: u64,
    /// Verbatims about the release, every one counted.
    mentions: u64,
    /// Verbatims about the baseline, near-duplicates once.
    baseline_verbatims: u64,
    /// Verbatims with a negative opinion, near-duplicates once.
    with_complaint: u64,
    /// Of those, verbatims whose negative opinions are in no theme.
    without_theme: u64,
    /// The themes, by volume.
    rows: Vec<ComplaintJson>,
}

/// One complaint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComplaintJson {
    theme: u32,
    label: String,
    topic: &'static str,
    /// Verbatims with a negative opinion in the theme, near-duplicates once.
    volume: u64,
    /// The same, every verbatim counted.
    mentions: u64,
    /// The volume's share of the release's verbatims, 0..=1.
    share: f64,
    /// Lower end of the 95 % Wilson interval.
    share_low: f64,
    /// Upper end of the 95 % Wilson interval.
    share_high: f64,
    /// The share in the baseline; null without one.
    baseline_share: Option<f64>,
    examples: Vec<ExampleJson>,
}

impl ComplaintsJson {
    pub(crate) fn new(generation: u64, table: ComplaintTable) -> Self {
        let rows = table.rows.into_iter().map(|row| ComplaintJson {
            theme: row.theme.0,
            label: row.label,
            topic: row.topic.code(),
            volume: row.volume,
            mentions: row.mentions,
            share: rounded(row.share.value),
            share_low: rounded(row.share.low),
            share_high: rounded(row.share.high),
            baseline_share: row.baseline_share.map(|share| rounded(share.value)),
            examples: examples(row.examples),
        });
        Self {
            generation,
            product: table.product,
            release: table.release,
            baseline: table.baseline,
            verbatims: table.verbatims,
            mentions: table.mentions,
            baseline_verbatims: table.baseline_verbatims,
            with_complaint: table.with_complaint,
            without_theme: table.without_theme,
            rows: rows.collect(),
        }
    }
}

/// Key figures by group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KpisJson {
    generation: u64,
    /// What they are grouped by.
    #[schema(example = "release")]
    by: &'static str,
    rows: Vec<KpiJson>,
}

/// The key figures of one group; a figure without an answer is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KpiJson {
    /// The product, where releases are grouped.
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    /// The group; null for verbatims without a value.
    group: Option<String>,
    /// Verbatims in the group, every one counted.
    verbatims: u64,
    /// Net Promoter Score.
    nps: Option<PointsJson>,
    /// Share of satisfied answers.
    csat: Option<ShareJson>,
    /// Mean effort answer, 1 to 7, high is easy.
    ces: Option<MeanJson>,
    /// Mean answer to the older effort question, 1 to 5, high is effort.
    ces_v1: Option<MeanJson>,
    /// Mean rating.
    rating: Option<MeanJson>,
    /// Positive minus negative verbatims with an opinion.
    net_sentiment: Option<PointsJson>,
    /// Time to the first human reply.
    frt: Option<TimesJson>,
    /// Time to the resolution, of resolved conversations.
    art: Option<TimesJson>,
}

/// A difference of shares in points, -100..=100.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PointsJson {
    points: f64,
    /// Standard error in points; null below two answers.
    standard_error: Option<f64>,
    /// How many answers there are.
    count: u64,
}

/// A share with its 95 % Wilson interval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareJson {
    share: f64,
    share_low: f64,
    share_high: f64,
    count: u64,
}

/// A mean and how many values it is of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeanJson {
    mean: f64,
    count: u64,
}

/// Mean and median of times in seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimesJson {
    mean_s: f64,
    median_s: f64,
    count: u64,
}

impl From<Share> for ShareJson {
    fn from(share: Share) -> Self {
        Self {
            share: rounded(share.value),
            share_low: rounded(share.low),
            share_high: rounded(share.high),
            count: share.total,
        }
    }
}

impl From<Mean> for MeanJson {
    fn from(mean: Mean) -> Self {
        Self { mean: rounded(mean.value), count: mean.count }
    }
}

impl From<ResponseTimes> for TimesJson {
    fn from(times: ResponseTimes) -> Self {
        Self {
            mean_s: rounded(times.mean_seconds),
            median_s: rounded(times.median_seconds),
            count: times.count,
        }
    }
}

impl KpisJson {
    pub(crate) fn new(generation: u64, by: Dimension, rows: Vec<KpiRow>) -> Self {
        Self { generation, by: by.name(), rows: rows.into_iter().map(KpiJson::from).collect() }
    }
}

impl From<KpiRow> for KpiJson {
    fn from(row: KpiRow) -> Self {
        Self {
            product: row.product,
            group: row.group,
            verbatims: row.verbatims,
            nps: row.nps.map(|nps| PointsJson {
                points: rounded(nps.points),
                standard_error: nps.standard_error.map(rounded),
                count: nps.answers(),
            }),
            csat: row.csat.map(Into::into),
            ces: row.ces.map(Into::into),
            ces_v1: row.ces_v1.map(Into::into),
            rating: row.rating.map(|(mean, count)| MeanJson { mean: rounded(mean), count }),
            net_sentiment: row.net_sentiment.map(|sentiment| PointsJson {
                points: rounded(sentiment.points),
                standard_error: sentiment.standard_error.map(rounded),
                count: sentiment.positive + sentiment.neutral + sentiment.negative,
            }),
            frt: row.first_response.map(Into::into),
            art: row.resolution.map(Into::into),
        }
    }
}

/// Everything stored about one feedback item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerbatimJson {
    id: String,
    /// The customer's words, personal data masked.
    text: String,
    #[serde(flatten)]
    analysis: AnalysisJson,
    /// The whole conversation; absent for a single text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turns: Vec<TurnJson>,
    source: Option<String>,
    channel: Option<String>,
    created_at: Option<String>,
    product: Option<String>,
    release: Option<String>,
    rating: Option<f64>,
    nps: Option<u8>,
    csat: Option<u8>,
    ces: Option<u8>,
    respondent: Option<String>,
    url: Option<String>,
    #[schema(value_type = Object)]
    attributes: Value,
    /// The verbatim it repeats (near-duplicate), by its number of loading.
    duplicate_of: Option<u32>,
    /// The number of loading, from 0.
    row: u32,
    /// Whether a model has read the text.
    analysed: bool,
}

/// One message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnJson {
    /// `customer`, `agent` or `bot`.
    role: &'static str,
    text: String,
    at: Option<String>,
}

impl From<Verbatim> for VerbatimJson {
    fn from(stored: Verbatim) -> Self {
        let theme = |opinion| stored.theme_of(opinion).map(|theme| theme.0);
        let analysis = AnalysisJson::new(stored.language.code(), &stored.analysis, theme);
        let feedback = stored.feedback;
        let turns = feedback.body.turns().iter().map(|turn| TurnJson {
            role: turn.role.code(),
            text: turn.text.clone(),
            at: turn.at.map(|at| at.to_string()),
        });
        Self {
            turns: turns.collect(),
            id: feedback.id.to_string(),
            text: stored.verbatim,
            analysis,
            source: feedback.source,
            channel: feedback.channel,
            created_at: feedback.created_at.map(|at| at.to_string()),
            product: feedback.product,
            release: feedback.release,
            rating: feedback.rating.map(echolot_core::Rating::value),
            nps: feedback.nps.map(echolot_core::NpsAnswer::value),
            csat: feedback.csat.map(echolot_core::CsatAnswer::value),
            ces: feedback.ces.map(echolot_core::CesAnswer::value),
            respondent: feedback.respondent,
            url: feedback.url,
            attributes: feedback
                .attributes
                .into_iter()
                .map(|(key, value)| (key, Value::String(value)))
                .collect(),
            duplicate_of: (stored.canonical != stored.row).then_some(stored.canonical.0),
            row: stored.row.0,
            analysed: stored.is_analysed,
        }
    }
}

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthJson {
    /// Always `ok` when the server answers.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// The program's version.
    pub(crate) version: &'static str,
    /// The published generation that is served.
    pub(crate) generation: u64,
    /// Verbatims in it.
    pub(crate) verbatims: u64,
}
