//! Themes with their figures, examples and ledger.

use echolot_core::Polarity;
use echolot_engine::{
    CorrectedCount, Example, Grouping, Quantity, Scope, Segment, StoredTheme, ThemeDetail,
    ThemeList, ThemePart, ThemeQuestion, ThemeRow, Trace,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::ledger::LedgerJson;
use super::{CorrectedJson, rounded, trace};

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
    /// With which the figures here can be counted again.
    trace: String,
    /// How many themes there are, shown or not, but for hidden ones.
    total: u64,
    /// What people have said of the verbatims in the set against the model.
    corrections: CorrectedJson,
    /// The themes, by volume.
    themes: Vec<ThemeJson>,
}

/// One theme in a set of verbatims.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThemeJson {
    theme: u32,
    /// The name people read: a person's where there is one.
    label: String,
    /// Whether a person gave the name.
    is_named: bool,
    is_pinned: bool,
    is_hidden: bool,
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
    /// With which the figures here can be counted again.
    trace: String,
    /// The generation in which the theme was born.
    born: u64,
    /// Its sub-themes in the set, by volume.
    sub_themes: Vec<SubThemeJson>,
    examples: Vec<ExampleJson>,
}

/// A part of a theme.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubThemeJson {
    theme: u32,
    label: String,
    terms: Vec<String>,
    /// Verbatims that speak of it, near-duplicates once.
    volume: u64,
    /// Verbatims that speak of it, every one counted.
    mentions: u64,
    /// With which the figures here can be counted again.
    trace: String,
}

/// The set that themes are counted in, with all of its opinions that count: of a
/// verbatim that was chosen by an opinion, the others are of themes as well.
struct Set {
    trace: Trace,
    verbatims: u64,
}

impl Set {
    fn new(generation: u64, segment: Segment, polarity: Option<Polarity>, verbatims: u64) -> Self {
        let trace = Trace::new(generation, segment).apart();
        let trace = match polarity {
            Some(label) => trace.by(Grouping::OpinionPolarity, Some(label.code().to_owned())),
            None => trace,
        };
        Self { trace, verbatims }
    }

    /// The trace of a theme or of a part of one.
    fn theme(&self, theme: &StoredTheme, volume: u64, mentions: u64) -> String {
        let trace = self.trace.clone().by(Grouping::Theme, Some(theme.id.to_string()));
        let trace = trace.texts(Scope::Group, volume);
        let trace = trace.stating(Scope::Group, Quantity::Verbatims, mentions as f64);
        trace::write(&trace.texts(Scope::All, self.verbatims))
    }

    /// The trace of the whole list.
    fn whole(&self, list: &ThemeList) -> String {
        let trace = self.trace.clone().texts(Scope::All, self.verbatims);
        let trace = trace.stating(Scope::Group, Quantity::Opined, list.with_opinion as f64);
        let unthemed = list.without_theme as f64;
        trace::write(&trace.stating(Scope::Group, Quantity::Unthemed, unthemed))
    }
}

impl SubThemeJson {
    fn new(part: ThemePart, set: &Set) -> Self {
        Self {
            trace: set.theme(&part.theme, part.volume, part.mentions),
            theme: part.theme.id.0,
            label: part.theme.title().to_owned(),
            terms: part.theme.terms,
            volume: part.volume,
            mentions: part.mentions,
        }
    }
}

impl ThemesJson {
    pub(crate) fn new(
        (generation, corrected): (u64, CorrectedCount),
        question: &ThemeQuestion,
        list: ThemeList,
    ) -> Self {
        let set = Set::new(generation, question.segment.clone(), question.polarity, list.verbatims);
        Self {
            trace: set.whole(&list),
            generation,
            verbatims: list.verbatims,
            with_opinion: list.with_opinion,
            without_theme: list.without_theme,
            total: list.total,
            corrections: corrected.into(),
            themes: list.rows.into_iter().map(|row| ThemeJson::new(row, &set)).collect(),
        }
    }
}

impl ThemeJson {
    fn new(row: ThemeRow, set: &Set) -> Self {
        let label = row.theme.title().to_owned();
        let trace = set.theme(&row.theme, row.volume, row.mentions);
        let StoredTheme { id, name, terms, topic, polarity, born, .. } = row.theme;
        Self {
            theme: id.0,
            label,
            is_named: name.is_some(),
            is_pinned: row.theme.is_pinned,
            is_hidden: row.theme.is_hidden,
            topic: topic.code(),
            polarity: polarity.code(),
            terms,
            volume: row.volume,
            mentions: row.mentions,
            share: row.share.map(|share| rounded(share.value)),
            share_low: row.share.map(|share| rounded(share.low)),
            share_high: row.share.map(|share| rounded(share.high)),
            trace,
            born,
            sub_themes: row.parts.into_iter().map(|part| SubThemeJson::new(part, set)).collect(),
            examples: examples(row.examples),
        }
    }
}

/// One theme with its ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThemeDetailJson {
    generation: u64,
    /// The number that was asked for, where that theme has ended and leads here.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirected_from: Option<u32>,
    #[serde(flatten)]
    theme: ThemeJson,
    /// The theme it is a part of; null for a whole one.
    parent: Option<u32>,
    /// The generation in which it ended; null while it lasts.
    ended: Option<u64>,
    /// What happened to it, oldest first.
    ledger: Vec<LedgerJson>,
}

impl ThemeDetailJson {
    pub(crate) fn new(generation: u64, detail: ThemeDetail) -> Self {
        let verbatims = detail.row.share.map_or(0, |share| share.total);
        let set = Set::new(generation, Segment::default(), None, verbatims);
        Self {
            generation,
            redirected_from: detail.redirected_from.map(|id| id.0),
            parent: detail.row.theme.parent.map(|id| id.0),
            ended: detail.row.theme.ended,
            theme: ThemeJson::new(detail.row, &set),
            ledger: detail.ledger.into_iter().map(LedgerJson::from).collect(),
        }
    }
}
