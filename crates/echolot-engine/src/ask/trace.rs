//! Where a figure comes from, so that it can be counted again.

use std::borrow::Cow;
use std::str::FromStr;

use super::{Grouping, Outcome, Segment, by_name};
use crate::Error;

/// What a figure was counted from, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The generation.
    pub generation: u64,
    /// Among which verbatims.
    pub segment: Segment,
    /// The group among them: a value for each grouping, none for those
    /// without one.
    pub groups: Vec<(Grouping, Option<String>)>,
    /// Whether the opinions of the group may be others than those by which the
    /// segment is chosen.
    pub is_apart: bool,
    /// Only releases before this one count.
    pub before_release: Option<String>,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// One figure as it was stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Of which set.
    pub scope: Scope,
    /// What.
    pub quantity: Quantity,
    /// Its value: a count, or a number rounded to six decimals.
    pub value: f64,
}

/// The set that a figure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The group within the segment.
    Group,
    /// The segment.
    All,
    /// The frame of the segment (see [`Segment::frame`]): what shares are of.
    Frame,
    /// The group within that frame.
    FrameGroup,
}

impl Scope {
    const ALL: [Self; 4] = [Self::All, Self::FrameGroup, Self::Frame, Self::Group];

    /// What stands before the name of a quantity.
    fn prefix(self) -> &'static str {
        match self {
            Self::Group => "",
            Self::All => "all.",
            Self::Frame => "frame.",
            Self::FrameGroup => "frame.group.",
        }
    }
}

/// What can be counted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Verbatims, every one.
    Verbatims,
    /// Verbatims, near-duplicates once.
    Texts,
    /// Customers, each once.
    Respondents,
    /// Opinions.
    Opinions,
    /// Verbatims with an opinion, near-duplicates once.
    Opined,
    /// Of those, verbatims whose opinions are in no theme.
    Unthemed,
    /// A statistic of a key figure.
    Kpi(Kpi, Statistic),
    /// A statistic of an answer, repeats of verbatims left out.
    Mean(Outcome, Statistic),
    /// A statistic of the leave-out impact of the group on that answer.
    Impact(Outcome, Statistic),
}

/// A key figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kpi {
    /// The mean rating.
    Rating,
    /// The Net Promoter Score.
    Nps,
    /// The share of satisfied answers.
    Csat,
    /// The mean effort answer.
    Ces,
    /// The mean answer to the older effort question.
    CesV1,
    /// Net sentiment.
    NetSentiment,
    /// Time to the first human reply, in seconds.
    FirstResponse,
    /// Time to the resolution, in seconds.
    Resolution,
    /// The share of resolved conversations whose customers did not come back.
    FirstContact,
}

impl Kpi {
    /// All key figures.
    pub const ALL: [Self; 9] = [
        Self::Rating,
        Self::Nps,
        Self::Csat,
        Self::Ces,
        Self::CesV1,
        Self::NetSentiment,
        Self::FirstResponse,
        Self::Resolution,
        Self::FirstContact,
    ];

    /// The name that stands in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rating => "rating",
            Self::Nps => "nps",
            Self::Csat => "csat",
            Self::Ces => "ces",
            Self::CesV1 => "ces_v1",
            Self::NetSentiment => "net_sentiment",
            Self::FirstResponse => "frt",
            Self::Resolution => "art",
            Self::FirstContact => "fcr",
        }
    }
}

/// What of a key figure or an impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The figure itself: a mean, points or a share.
    Value,
    /// The median.
    Median,
    /// The lower end of its interval.
    Low,
    /// The upper end of its interval.
    High,
    /// How many answers it is of.
    Answers,
}

impl Statistic {
    const ALL: [Self; 5] = [Self::Value, Self::Median, Self::Low, Self::High, Self::Answers];

    fn suffix(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Median => ".median",
            Self::Low => ".low",
            Self::High => ".high",
            Self::Answers => ".answers",
        }
    }
}

/// What stands before the answer of an impact, and of a mean.
const IMPACT: &str = "impact.";
const MEAN: &str = "mean.";

/// The quantities that are counted, with their names.
const COUNTED: [(&str, Quantity); 6] = [
    ("verbatims", Quantity::Verbatims),
    ("texts", Quantity::Texts),
    ("respondents", Quantity::Respondents),
    ("opinions", Quantity::Opinions),
    ("opined", Quantity::Opined),
    ("unthemed", Quantity::Unthemed),
];

impl Quantity {
    fn name(self) -> Cow<'static, str> {
        match self {
            Self::Kpi(kpi, statistic) => format!("{}{}", kpi.name(), statistic.suffix()).into(),
            Self::Mean(outcome, statistic) => {
                format!("{MEAN}{}{}", outcome.name(), statistic.suffix()).into()
            }
            Self::Impact(outcome, statistic) => {
                format!("{IMPACT}{}{}", outcome.name(), statistic.suffix()).into()
            }
            counted => {
                let named = COUNTED.iter().find(|(_, quantity)| *quantity == counted);
                named.map_or("", |(name, _)| *name).into()
            }
        }
    }
}

impl FromStr for Quantity {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        if let Some((_, quantity)) = COUNTED.iter().find(|(known, _)| *known == name) {
            return Ok(*quantity);
        }
        let statistic = Statistic::ALL
            .into_iter()
            .rev()
            .find(|statistic| name.ends_with(statistic.suffix()))
            .unwrap_or(Statistic::Value);
        let base = name.strip_suffix(statistic.suffix()).unwrap_or(name);
        if let Some(outcome) = base.strip_prefix(IMPACT) {
            return Ok(Self::Impact(outcome.parse()?, statistic));
        }
        if let Some(outcome) = base.strip_prefix(MEAN) {
            return Ok(Self::Mean(outcome.parse()?, statistic));
        }
        Ok(Self::Kpi(by_name("trace", base, &Kpi::ALL, Kpi::name)?, statistic))
    }
}

impl Figure {
    /// The name that stands in traces, e.g. `texts`, `frame.texts` or
    /// `impact.rating.low`.
    pub fn name(&self) -> String {
        format!("{}{}", self.scope.prefix(), self.quantity.name())
    }

    /// The figure of a name.
    ///
    /// # Errors
    /// When no figure has that name.
    pub fn named(name: &str, value: f64) -> Result<Self, Error> {
        // A longer prefix is tried before a shorter one that begins it.
        let scope = Scope::ALL.into_iter().find(|scope| name.starts_with(scope.prefix()));
        let scope = scope.unwrap_or(Scope::Group);
        let quantity = name.strip_prefix(scope.prefix()).unwrap_or(name).parse()?;
        Ok(Self { scope, quantity, value })
    }
}

impl Trace {
    /// A trace of a segment that states nothing yet.
    pub fn new(generation: u64, segment: Segment) -> Self {
        Self {
            generation,
            segment,
            groups: vec![],
            is_apart: false,
            before_release: None,
            figures: vec![],
        }
    }

    /// The same, where any opinion of a chosen verbatim may be of the group.
    #[must_use]
    pub fn apart(self) -> Self {
        Self { is_apart: true, ..self }
    }

    /// The same within a group.
    #[must_use]
    pub fn by(mut self, grouping: Grouping, value: Option<String>) -> Self {
        self.groups.push((grouping, value));
        self
    }

    /// The same, stating a figure as well.
    #[must_use]
    pub fn stating(mut self, scope: Scope, quantity: Quantity, value: f64) -> Self {
        self.figures.push(Figure { scope, quantity, value });
        self
    }

    /// The same, stating a number of verbatims, near-duplicates once.
    #[must_use]
    pub fn texts(self, scope: Scope, count: u64) -> Self {
        self.stating(scope, Quantity::Texts, count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_name_of_its_own() {
        let counted = COUNTED.iter().map(|(_, quantity)| *quantity);
        let kpis = Kpi::ALL
            .into_iter()
            .flat_map(|kpi| Statistic::ALL.map(|statistic| Quantity::Kpi(kpi, statistic)));
        let impacts = Outcome::ALL.into_iter().flat_map(|outcome| {
            Statistic::ALL.map(|statistic| Quantity::Impact(outcome, statistic))
        });
        let means =
            Outcome::ALL.into_iter().map(|outcome| Quantity::Mean(outcome, Statistic::Value));
        for quantity in counted.chain(kpis).chain(impacts).chain(means) {
            for scope in Scope::ALL {
                let figure = Figure { scope, quantity, value: 1.5 };
                assert_eq!(
                    Figure::named(&figure.name(), 1.5).unwrap(),
                    figure,
                    "{}",
                    figure.name()
                );
            }
        }
        assert!(Figure::named("frame.sums", 1.0).is_err());
        assert!(Figure::named("impact.height", 1.0).is_err());
    }
}
