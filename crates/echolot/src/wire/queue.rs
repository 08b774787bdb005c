//! The complaint queue.

use echolot_engine::{CaseEvent, Queue, QueueCase, QueueFigures, QueueGroup};
use serde::Serialize;
use utoipa::ToSchema;

use super::kpis::{ShareJson, TimesJson};
use super::rounded;

/// Complaints by urgency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueJson {
    generation: u64,
    /// The time until which customers have waited.
    now: String,
    /// How many complaints have each status.
    by_status: Vec<StatusCountJson>,
    /// How complaints are answered.
    figures: QueueFiguresJson,
    /// How many groups have a complaint that is asked for, shown or not.
    total: u64,
    /// The groups, the most urgent first.
    groups: Vec<QueueGroupJson>,
}

/// How many complaints have a status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusCountJson {
    /// `new`, `in_work`, `answered` or `closed`.
    #[schema(value_type = String, example = "new")]
    status: &'static str,
    count: u64,
}

/// How complaints are answered; a figure of nothing is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueFiguresJson {
    /// From the complaint to its first answer.
    frt: Option<TimesJson>,
    /// From the complaint to when it was closed.
    art: Option<TimesJson>,
    /// The share of closed complaints whose customer did not come back.
    fcr: Option<ShareJson>,
}

/// Complaints that are one case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueGroupJson {
    /// What makes them one: `respondent`, `issue` or `alone`.
    #[schema(value_type = String, example = "respondent")]
    kind: &'static str,
    /// The customer, where it is one.
    respondent: Option<String>,
    /// The theme they are about, where it is one.
    theme: Option<u32>,
    /// Its name.
    label: Option<String>,
    /// The severity of the most urgent complaint shown, 0..=1.
    severity: f64,
    /// How many complaints there are in it, whatever their status.
    size: u64,
    /// Those that are asked for, the most urgent first.
    cases: Vec<QueueCaseJson>,
}

/// One complaint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueCaseJson {
    id: String,
    /// How urgent it is, 0..=1.
    severity: f64,
    /// `new`, `in_work`, `answered` or `closed`.
    #[schema(value_type = String, example = "new")]
    status: &'static str,
    /// The status that a person gave it last; null where nobody has.
    last_change: Option<CaseEventJson>,
    /// Whether the writer left or threatens to.
    churn: bool,
    created_at: Option<String>,
    /// Seconds that the customer has waited, or had to until the first answer.
    waited_s: Option<i64>,
    product: Option<String>,
    respondent: Option<String>,
    rating: Option<f64>,
    nps: Option<u8>,
    /// The customer's words, personal data masked.
    text: String,
}

/// A status that a person gave a complaint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseEventJson {
    /// The feedback item.
    id: String,
    /// `new`, `in_work`, `answered` or `closed`.
    #[schema(value_type = String, example = "answered")]
    status: &'static str,
    at: String,
    author: String,
    note: Option<String>,
}

impl QueueJson {
    pub(crate) fn new(generation: u64, now: echolot_core::Timestamp, queue: Queue) -> Self {
        let by_status = queue.by_status.into_iter();
        Self {
            generation,
            now: now.to_string(),
            by_status: by_status
                .map(|(status, count)| StatusCountJson { status: status.code(), count })
                .collect(),
            figures: queue.figures.into(),
            total: queue.num_groups,
            groups: queue.groups.into_iter().map(QueueGroupJson::from).collect(),
        }
    }
}

impl From<QueueFigures> for QueueFiguresJson {
    fn from(figures: QueueFigures) -> Self {
        Self {
            frt: figures.first_response.map(TimesJson::from),
            art: figures.resolution.map(TimesJson::from),
            fcr: figures.first_contact_resolution.map(ShareJson::from),
        }
    }
}

impl From<QueueGroup> for QueueGroupJson {
    fn from(group: QueueGroup) -> Self {
        let (theme, label) = group.theme.map(|(id, label)| (id.0, label)).unzip();
        Self {
            kind: group.kind.word(),
            respondent: group.respondent,
            theme,
            label,
            severity: rounded(group.severity),
            size: group.size,
            cases: group.cases.into_iter().map(QueueCaseJson::from).collect(),
        }
    }
}

impl From<QueueCase> for QueueCaseJson {
    fn from(case: QueueCase) -> Self {
        Self {
            id: case.id.to_string(),
            severity: rounded(case.severity),
            status: case.status.code(),
            last_change: case.last_event.map(CaseEventJson::from),
            churn: case.is_churn,
            created_at: case.created_at.map(|at| at.to_string()),
            waited_s: case.waited_s,
            product: case.product,
            respondent: case.respondent,
            rating: case.rating,
            nps: case.nps,
            text: case.text,
        }
    }
}

impl From<CaseEvent> for CaseEventJson {
    fn from(event: CaseEvent) -> Self {
        Self {
            id: event.id.to_string(),
            status: event.status.code(),
            at: event.at.to_string(),
            author: event.author,
            note: event.note,
        }
    }
}
