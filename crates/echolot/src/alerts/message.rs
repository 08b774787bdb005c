//! What an alert says: JSON for programs, with a text for people in it.

use echolot_engine::{AlertCondition, Finding, PreparedRule, Subject, Told, Wording};
use serde_json::{Map, Value, json};

use crate::table;

/// The wording of this program.
pub(crate) struct Words;

/// So many findings of one rule are told in a message one by one.
const TOLD: usize = 20;

impl Wording for Words {
    fn statement(&self, finding: &Finding) -> Value {
        statement(finding)
    }

    fn message(&self, rule: &PreparedRule, told: &[(&Finding, Told)]) -> Value {
        let alerts = told.iter().map(|(finding, told)| {
            let mut alert = statement(finding);
            alert["told"] = json!(told.word());
            alert
        });
        json!({
            "text": text(rule, told),
            "rule": rule.rule.name,
            "when": rule.rule.condition.name(),
            "where": rule.rule.conditions,
            "alerts": alerts.collect::<Vec<_>>(),
        })
    }
}

/// A finding as JSON: its subject, its statistic and its verbatims.
pub(crate) fn statement(finding: &Finding) -> Value {
    let figures: Map<String, Value> = finding
        .figures
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!((value * 1e6).round() / 1e6)))
        .collect();
    let verbatims = finding.examples.iter().map(|example| {
        json!({
            "id": example.id.as_str(),
            "start": example.span.start,
            "end": example.span.end,
            "quote": example.quote,
        })
    });
    let (theme, label) = match &finding.subject {
        Subject::Theme(id, label) => (Some(id.0), Some(label)),
        _ => (None, None),
    };
    json!({
        "subject": finding.subject.key(),
        "theme": theme,
        "label": label,
        "figures": figures,
        "total": finding.total,
        "verbatims": verbatims.collect::<Vec<_>>(),
    })
}

/// The message as people read it.
fn text(rule: &PreparedRule, told: &[(&Finding, Told)]) -> String {
    let mut lines = vec![format!("Echolot: {}", rule.rule.name)];
    for (finding, _) in told.iter().take(TOLD) {
        lines.push(format!("• {}", sentence(&rule.rule.condition, finding)));
        let quotes = finding.examples.iter().take(2);
        lines.extend(quotes.map(|example| {
            format!("  “{}” ({})", table::one_line(&example.quote, 160), example.id)
        }));
    }
    if told.len() > TOLD {
        lines.push(format!("• and {} more", told.len() - TOLD));
    }
    lines.join("\n")
}

fn sentence(condition: &AlertCondition, finding: &Finding) -> String {
    let figure = |name: &str| {
        finding.figures.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, value)| *value)
    };
    let share = || {
        let (low, high) = (100.0 * figure("share_low"), 100.0 * figure("share_high"));
        format!("{} [{low:.1}–{high:.1}]", table::percent(figure("share")))
    };
    match (condition, &finding.subject) {
        (AlertCondition::Emerging { .. }, Subject::Theme(id, label)) => format!(
            "Theme {id} “{label}” is rising: {} verbatims, {}, before {} (q {})",
            finding.total,
            share(),
            table::percent(figure("history_share")),
            table::probability(figure("q"))
        ),
        (AlertCondition::ShareAbove { above }, _) => format!(
            "{} of {} verbatims, {}, is surely above {}",
            finding.total,
            figure("of"),
            share(),
            table::percent(*above)
        ),
        (AlertCondition::KpiBelow { figure: kpi, below }, _) => format!(
            "{} is {:.2} of {} answers, below {below}",
            kpi.name(),
            figure(kpi.name()),
            figure("answers")
        ),
        (AlertCondition::Churn, _) => "A customer left or threatens to".to_owned(),
        (AlertCondition::Keyword { query }, _) => format!("Somebody wrote: {query}"),
        (AlertCondition::Emerging { .. }, _) => finding.subject.key(),
    }
}
