//! Themes with their figures, examples and ledger.

use echolot_engine::{Example, StoredTheme, ThemeDetail, ThemeList, ThemeRow};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rounded;

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

pub(super) fn examples(examples: Vec<Example>) -> Vec<ExampleJson> {
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
