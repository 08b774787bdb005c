//! The columns of an export, and how a stored row fills them.

use echolot_core::{CesAnswer, CsatAnswer, NpsAnswer, Rating};
use echolot_engine::{ThemeRow, Verbatim};
use serde_json::{Value, json};

use crate::args::ExportWhat;

/// One column. All columns may be empty but those that are keys.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a column holds. Lists and objects are JSON in formats without them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Number,
    Flag,
    Json,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

static FEEDBACK: [Column; 31] = [
    column("id", Kind::Text),
    column("text", Kind::Text),
    column("language", Kind::Text),
    column("polarity", Kind::Text),
    column("score", Kind::Number),
    column("mixed", Kind::Flag),
    column("intents", Kind::Json),
    column("topics", Kind::Json),
    column("themes", Kind::Json),
    column("source", Kind::Text),
    column("channel", Kind::Text),
    column("created_at", Kind::Text),
    column("product", Kind::Text),
    column("release", Kind::Text),
    column("rating", Kind::Number),
    column("nps", Kind::Whole),
    column("csat", Kind::Whole),
    column("csat_scale", Kind::Whole),
    column("ces", Kind::Whole),
    column("ces_version", Kind::Text),
    column("respondent", Kind::Text),
    column("url", Kind::Text),
    column("attributes", Kind::Json),
    column("turns", Kind::Json),
    column("duplicate_of_row", Kind::Whole),
    column("first_response_s", Kind::Whole),
    column("resolution_s", Kind::Whole),
    column("analysed", Kind::Flag),
    column("row", Kind::Whole),
    column("corrected", Kind::Flag),
    column("spam", Kind::Flag),
];

static OPINIONS: [Column; 15] = [
    column("id", Kind::Text),
    column("opinion", Kind::Whole),
    column("start", Kind::Whole),
    column("end", Kind::Whole),
    column("quote", Kind::Text),
    column("topic", Kind::Text),
    column("polarity", Kind::Text),
    column("confidence", Kind::Number),
    column("theme", Kind::Whole),
    column("language", Kind::Text),
    column("product", Kind::Text),
    column("release", Kind::Text),
    column("channel", Kind::Text),
    column("created_at", Kind::Text),
    column("unit", Kind::Whole),
];

static THEMES: [Column; 12] = [
    column("theme", Kind::Whole),
    column("label", Kind::Text),
    column("topic", Kind::Text),
    column("polarity", Kind::Text),
    column("terms", Kind::Json),
    column("volume", Kind::Whole),
    column("mentions", Kind::Whole),
    column("share", Kind::Number),
    column("share_low", Kind::Number),
    column("share_high", Kind::Number),
    column("born", Kind::Whole),
    column("examples", Kind::Json),
];

/// The columns of an export.
pub(super) fn of(what: ExportWhat) -> &'static [Column] {
    match what {
        ExportWhat::Feedback => &FEEDBACK,
        ExportWhat::Opinions => &OPINIONS,
        ExportWhat::Themes => &THEMES,
        ExportWhat::Views => unreachable!("views have columns of their own"),
    }
}

/// Each value once, in the order of appearance.
fn distinct(values: impl Iterator<Item = Value>) -> Value {
    let mut list: Vec<Value> = Vec::new();
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
    Value::Array(list)
}

pub(super) fn feedback_row(stored: &Verbatim) -> Vec<Value> {
    let feedback = &stored.feedback;
    let analysis = &stored.analysis;
    let topics = analysis.opinions.iter().map(|opinion| json!(opinion.topic.code()));
    let opinions = 0..analysis.opinions.len();
    let themes = opinions.filter_map(|opinion| Some(json!(stored.theme_of(opinion)?.0)));
    let intents: Vec<&str> = analysis.intents.iter().map(|intent| intent.code()).collect();
    let turns = feedback.body.turns().iter().map(|turn| {
        json!({ "role": turn.role.code(), "text": turn.text, "at": turn.at.map(|at| at.to_string()) })
    });
    vec![
        json!(feedback.id.as_str()),
        json!(stored.verbatim),
        json!(stored.language.code()),
        json!(analysis.polarity.code()),
        json!(f64::from(analysis.score)),
        json!(analysis.is_mixed()),
        json!(intents),
        distinct(topics),
        distinct(themes),
        json!(feedback.source),
        json!(feedback.channel),
        json!(feedback.created_at.map(|at| at.to_string())),
        json!(feedback.product),
        json!(feedback.release),
        json!(feedback.rating.map(Rating::value)),
        json!(feedback.nps.map(NpsAnswer::value)),
        json!(feedback.csat.map(CsatAnswer::value)),
        json!(feedback.csat.map(CsatAnswer::scale)),
        json!(feedback.ces.map(CesAnswer::value)),
        json!(feedback.ces.map(|answer| answer.version().code())),
        json!(feedback.respondent),
        json!(feedback.url),
        json!(feedback.attributes),
        Value::Array(turns.collect()),
        json!((stored.canonical != stored.row).then_some(stored.canonical.0)),
        json!(stored.first_response_s),
        json!(stored.resolution_s),
        json!(stored.is_analysed),
        json!(stored.row.0),
        json!(stored.is_corrected),
        json!(stored.is_spam),
    ]
}

pub(super) fn opinion_rows(stored: &Verbatim) -> Vec<Vec<Value>> {
    let feedback = &stored.feedback;
    let rows = stored.analysis.opinions.iter().enumerate().map(|(number, opinion)| {
        vec![
            json!(feedback.id.as_str()),
            json!(number),
            json!(opinion.span.start),
            json!(opinion.span.end),
            json!(opinion.span.of(&stored.verbatim)),
            json!(opinion.topic.code()),
            json!(opinion.polarity.code()),
            json!(f64::from(opinion.confidence)),
            json!(stored.theme_of(number).map(|theme| theme.0)),
            json!(stored.language.code()),
            json!(feedback.product),
            json!(feedback.release),
            json!(feedback.channel),
            json!(feedback.created_at.map(|at| at.to_string())),
            json!(stored.opinion_units.get(number)),
        ]
    });
    rows.collect()
}

pub(super) fn theme_row(row: &ThemeRow) -> Vec<Value> {
    let examples = row.examples.iter().map(|example| {
        json!({ "id": example.id.as_str(), "start": example.span.start, "end": example.span.end })
    });
    vec![
        json!(row.theme.id.0),
        json!(row.theme.title()),
        json!(row.theme.topic.code()),
        json!(row.theme.polarity.code()),
        json!(row.theme.terms),
        json!(row.volume),
        json!(row.mentions),
        json!(row.share.map(|share| share.value)),
        json!(row.share.map(|share| share.low)),
        json!(row.share.map(|share| share.high)),
        json!(row.theme.born),
        Value::Array(examples.collect()),
    ]
}
