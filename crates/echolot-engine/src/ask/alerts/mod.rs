//! Alerts: rules that are looked at after every run, and what they find.

mod check;
mod evaluate;

use echolot_core::{Level, ThemeId};

use super::by_name;
use super::examples::Example;
use super::segment::Segment;
use crate::Error;
pub use check::{AlertCheck, Told, Wording, check_alerts};
pub use evaluate::evaluate_alerts;

/// What is told when, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertConfig {
    /// The rules, each with a name of its own.
    pub rules: Vec<AlertRule>,
    /// An alert that lasts is told again after so many seconds.
    pub quiet_s: i64,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRule {
    /// Its name.
    pub name: String,
    /// What it waits for.
    pub condition: AlertCondition,
    /// The verbatims it looks at, as conditions in the form of `--where`.
    pub conditions: String,
    /// How many days it looks at, the day of the newest verbatim the last one.
    pub days: u32,
    /// The least verbatims, or answers, that can make an alert.
    pub minimum: u64,
    /// The names of the channels it tells.
    pub channels: Vec<String>,
}

/// What a rule waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum AlertCondition {
    /// A theme whose share rises beyond chance; one alert for each.
    Emerging {
        /// The greatest q value.
        level: Level,
    },
    /// The verbatims that are meant are surely more than this share of all of
    /// the same product, period and so on: the lower end of the 95 % Wilson
    /// interval is above it.
    ShareAbove {
        /// The share, 0..=1.
        above: f64,
    },
    /// A key figure lies below a limit.
    KpiBelow {
        /// Which.
        figure: AlertFigure,
        /// The limit, in the unit of the figure.
        below: f64,
    },
    /// A customer left or threatens to; one alert for each verbatim.
    Churn,
    /// Words are found, as in a search; one alert for each verbatim.
    Keyword {
        /// The words.
        query: String,
    },
}

impl AlertCondition {
    /// The word for it in the configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Emerging { .. } => "emerging",
            Self::ShareAbove { .. } => "share",
            Self::KpiBelow { .. } => "kpi",
            Self::Churn => "churn",
            Self::Keyword { .. } => "keyword",
        }
    }
}

/// A key figure that a rule watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertFigure {
    /// NPS in points.
    Nps,
    /// CSAT as a share, 0..=1.
    Csat,
    /// The mean rating.
    Rating,
    /// Net sentiment in points.
    NetSentiment,
}

impl AlertFigure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nps, Self::Csat, Self::Rating, Self::NetSentiment];

    /// The name that stands in the configuration and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nps => "nps",
            Self::Csat => "csat",
            Self::Rating => "rating",
            Self::NetSentiment => "net_sentiment",
        }
    }
}

impl std::str::FromStr for AlertFigure {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("kpi", name, &Self::ALL, Self::name)
    }
}

/// A rule with the verbatims it means.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedRule {
    /// The rule.
    pub rule: AlertRule,
    /// The verbatims that its conditions mean.
    pub segment: Segment,
}

/// What a rule finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The name of the rule.
    pub rule: String,
    /// What it finds it of: a theme, a verbatim, or all that it looks at.
    pub subject: Subject,
    /// The statistic, by name: each figure with all that it takes to judge it.
    pub figures: Vec<(&'static str, f64)>,
    /// How many verbatims stand behind it.
    pub total: u64,
    /// Some of them in customers' own words.
    pub examples: Vec<Example>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// All that the rule looks at.
    Everything,
    /// A theme, with its name.
    Theme(ThemeId, String),
    /// One verbatim.
    Verbatim(echolot_core::FeedbackId),
}

impl Subject {
    /// What tells it from other subjects of the rule, whatever themes are called.
    pub fn key(&self) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Theme(id, _) => format!("theme {id}"),
            Self::Verbatim(id) => format!("verbatim {id}"),
        }
    }
}
