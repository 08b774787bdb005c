//! What feedback can be grouped by.

use std::borrow::Cow;
use std::str::FromStr;

use echolot_core::Calendar;

use crate::Error;

/// What feedback is grouped by. A verbatim stands in several groups where it
/// has several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grouping {
    /// The product.
    Product,
    /// The release, whatever the product.
    Release,
    /// The kind of contact.
    Channel,
    /// The system the feedback came from.
    Source,
    /// The language of the text.
    Language,
    /// The pseudonymous id of the customer.
    Respondent,
    /// The rating.
    Rating,
    /// Days, weeks or months in UTC.
    Time(Calendar),
    /// The polarity of the verbatim as a whole.
    Polarity,
    /// The polarity of the opinions that count.
    OpinionPolarity,
    /// The topic of the opinions that count.
    Topic,
    /// The theme of the opinions that count.
    Theme,
    /// The topics of the company's own.
    OwnTopic,
    /// What the writer wants.
    Intent,
    /// The journey stage that the item states or the topics have.
    Stage,
    /// The touchpoint that the item states or the topics have.
    Touchpoint,
    /// All in one group.
    All,
    /// An attribute, by its name.
    Attribute(String),
}

/// All groupings but those by attributes, with their names.
const NAMED: [(&str, Grouping); 19] = [
    ("product", Grouping::Product),
    ("release", Grouping::Release),
    ("channel", Grouping::Channel),
    ("source", Grouping::Source),
    ("language", Grouping::Language),
    ("respondent", Grouping::Respondent),
    ("rating", Grouping::Rating),
    ("day", Grouping::Time(Calendar::Day)),
    ("week", Grouping::Time(Calendar::Week)),
    ("month", Grouping::Time(Calendar::Month)),
    ("polarity", Grouping::Polarity),
    ("opinion_polarity", Grouping::OpinionPolarity),
    ("topic", Grouping::Topic),
    ("theme", Grouping::Theme),
    ("own_topic", Grouping::OwnTopic),
    ("intent", Grouping::Intent),
    ("stage", Grouping::Stage),
    ("touchpoint", Grouping::Touchpoint),
    ("all", Grouping::All),
];

/// What stands before the name of an attribute.
const ATTRIBUTE: &str = "attribute.";

impl Grouping {
    /// The name that stands in questions and answers.
    pub fn name(&self) -> Cow<'static, str> {
        if let Self::Attribute(name) = self {
            return format!("{ATTRIBUTE}{name}").into();
        }
        let named = NAMED.iter().find(|(_, grouping)| grouping == self);
        named.map_or(Cow::Borrowed(ATTRIBUTE), |(name, _)| Cow::Borrowed(*name))
    }

    /// Whether it groups by what the model says.
    pub(super) fn is_of_labels(&self) -> bool {
        matches!(
            self,
            Self::Polarity
                | Self::OpinionPolarity
                | Self::Topic
                | Self::Theme
                | Self::OwnTopic
                | Self::Intent
                | Self::Stage
                | Self::Touchpoint
        )
    }

    /// The names of all groupings.
    pub fn names() -> String {
        let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        format!("{}, {ATTRIBUTE}NAME", names.join(", "))
    }
}

impl FromStr for Grouping {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(name) = text.strip_prefix(ATTRIBUTE).filter(|name| !name.is_empty()) {
            return Ok(Self::Attribute(name.to_owned()));
        }
        let named = NAMED.iter().find(|(name, _)| *name == text);
        named.map(|(_, grouping)| grouping.clone()).ok_or_else(|| Error::BadValue {
            key: "by",
            reason: format!("`{text}` is not one of {}", Self::names()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for (name, grouping) in &NAMED {
            assert_eq!(grouping.name(), *name);
            assert_eq!(name.parse::<Grouping>().unwrap(), *grouping);
        }
        let branch: Grouping = "attribute.Filiale".parse().unwrap();
        assert_eq!(
            (&branch, &*branch.name()),
            (&Grouping::Attribute("Filiale".into()), "attribute.Filiale")
        );
        let message = "attribute.".parse::<Grouping>().unwrap_err().to_string();
        assert!(message.contains("not one of product") && message.contains("attribute.NAME"));
    }
}
