//! What changed between two reports, by cause.

use echolot_engine::ChangeStep;
use serde::Serialize;
use utoipa::ToSchema;

use crate::explain::{ExplainedFigure, Explanation, number};

/// What changed between two reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplanationJson {
    /// The generation of the first report.
    a: u64,
    /// The generation of the second report.
    b: u64,
    /// The order in which the causes were put in.
    order: Vec<&'static str>,
    /// Each figure that differs, by where it stands in a report.
    figures: Vec<ExplainedJson>,
}

/// One figure in two reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainedJson {
    /// Where it stands in a report.
    #[schema(example = "complaints[theme=7].volume")]
    figure: String,
    /// In the first report; null where it is not.
    a: Option<f64>,
    /// In the second report.
    b: Option<f64>,
    /// The whole change; null where it is in one report only. A count that is
    /// not there is 0.
    change: Option<f64>,
    /// What it owes to each cause; together the whole change. Null where the
    /// figure is not there in between.
    causes: Option<CausesJson>,
}

/// A change by cause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CausesJson {
    /// Feedback that came or was delivered anew.
    data: f64,
    /// The same words, read otherwise.
    model: f64,
    /// Themes that were found, named, merged, split or hidden.
    taxonomy: f64,
    /// Verbatims that a person has touched.
    correction: f64,
}

impl From<Explanation> for ExplanationJson {
    fn from(explanation: Explanation) -> Self {
        let (a, b) = explanation.generations;
        Self {
            a,
            b,
            order: ChangeStep::ALL.map(ChangeStep::name).to_vec(),
            figures: explanation.figures.into_iter().map(ExplainedJson::from).collect(),
        }
    }
}

impl From<ExplainedFigure> for ExplainedJson {
    fn from(figure: ExplainedFigure) -> Self {
        let causes = figure.parts.map(|parts| {
            let [data, model, taxonomy, correction] = parts.map(number);
            CausesJson { data, model, taxonomy, correction }
        });
        let change = figure.parts.map(|parts| number(parts.iter().sum()));
        Self {
            figure: figure.path,
            a: figure.a.map(number),
            b: figure.b.map(number),
            change: change.or_else(|| Some(number(figure.b? - figure.a?))),
            causes,
        }
    }
}
