//! The languages that reports are written in.

use clap::ValueEnum;
use echolot_core::{Change, Share, Topic};
use serde::Deserialize;
use utoipa::ToSchema;

/// A language for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tongue {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Tongue {
    /// ISO 639-1.
    pub(crate) fn code(self) -> &'static str {
        self.of("en", "de")
    }

    /// The same in English or in German.
    pub(super) fn of<'a>(self, english: &'a str, german: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::De => german,
        }
    }

    /// A number with a fixed number of digits behind the point or comma.
    pub(super) fn number(self, value: f64, digits: usize) -> String {
        let text = format!("{value:.digits$}");
        // What rounds to nothing has no sign.
        let is_nothing = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
        let text = if is_nothing { text.trim_start_matches('-').to_owned() } else { text };
        let text = text.replace('-', "−");
        if self == Self::De { text.replace('.', ",") } else { text }
    }

    /// As [`Tongue::number`], with a plus where it is above 0.
    pub(super) fn signed(self, value: f64, digits: usize) -> String {
        let text = self.number(value, digits);
        let is_above = !text.starts_with('−') && text.contains(|c| ('1'..='9').contains(&c));
        if is_above { format!("+{text}") } else { text }
    }

    /// `4.2 %`.
    pub(super) fn percent(self, share: f64) -> String {
        format!("{} %", self.number(100.0 * share, 1))
    }

    /// `4.2 % [3.1–5.6]`.
    pub(super) fn share(self, share: Share) -> String {
        let end = |value: f64| self.number(100.0 * value, 1);
        format!("{} [{}–{}]", self.percent(share.value), end(share.low), end(share.high))
    }

    /// `.042`, or `< .001`.
    pub(super) fn probability(self, value: f64) -> String {
        match value {
            ..0.001 => self.of("< 0.001", "< 0,001").to_owned(),
            _ => self.number(value, 3),
        }
    }

    /// Seconds in the largest unit that keeps two digits.
    pub(super) fn duration(self, seconds: f64) -> String {
        match seconds {
            ..120.0 => format!("{} s", self.number(seconds, 0)),
            ..7200.0 => format!("{} min", self.number(seconds / 60.0, 0)),
            ..172_800.0 => format!("{} h", self.number(seconds / 3600.0, 1)),
            _ => format!("{} {}", self.number(seconds / 86_400.0, 1), self.of("d", "Tage")),
        }
    }

    /// The word for what became of a complaint.
    pub(super) fn change(self, change: Change) -> &'static str {
        match (self, change) {
            (Self::En, change) => change.word(),
            (Self::De, Change::New) => "neu",
            (Self::De, Change::Worse) => "schlechter",
            (Self::De, Change::Better) => "besser",
            (Self::De, Change::Same) => "gleich",
            (Self::De, Change::TooFew) => "zu wenige",
        }
    }

    /// The name of a topic.
    pub(super) fn topic(self, topic: Topic) -> String {
        if self == Self::En {
            return topic.code().replace('_', " ");
        }
        match topic {
            Topic::ProductQuality => "Produktqualität",
            Topic::Malfunction => "Fehlfunktion",
            Topic::Performance => "Leistung",
            Topic::Usability => "Bedienung",
            Topic::Features => "Funktionsumfang",
            Topic::PriceValue => "Preis und Wert",
            Topic::BillingPayment => "Rechnung und Zahlung",
            Topic::ReturnsWarranty => "Rückgabe und Garantie",
            Topic::AccountAccess => "Konto und Zugang",
            Topic::PrivacySecurity => "Datenschutz und Sicherheit",
            Topic::Delivery => "Lieferung",
            Topic::OrderingAvailability => "Bestellung und Verfügbarkeit",
            Topic::CustomerSupport => "Kundendienst",
            Topic::Staff => "Personal",
            Topic::Information => "Information",
            Topic::ServiceReliability => "Zuverlässigkeit",
            Topic::WaitingTime => "Wartezeit",
            Topic::Facilities => "Räume und Ausstattung",
            Topic::FoodDrink => "Essen und Trinken",
            Topic::LocationAccess => "Lage und Anfahrt",
            Topic::HealthSafety => "Gesundheit und Sicherheit",
            Topic::ContractTerms => "Vertragsbedingungen",
            Topic::General => "Allgemeines",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_the_language() {
        let (en, de) = (Tongue::En, Tongue::De);
        assert_eq!((en.number(-3.25, 1), de.number(-3.25, 1)), ("−3.2".into(), "−3,2".into()));
        assert_eq!((en.number(-0.04, 1), en.signed(0.04, 1)), ("0.0".into(), "0.0".into()));
        assert_eq!((en.signed(12.0, 0), de.signed(-12.0, 0)), ("+12".into(), "−12".into()));
        assert_eq!((de.percent(0.0315), en.percent(1.0)), ("3,1 %".into(), "100.0 %".into()));
        assert_eq!(
            (de.probability(0.0004), en.probability(0.042)),
            ("< 0,001".into(), "0.042".into())
        );
        assert_eq!((en.duration(90.0), de.duration(259_200.0)), ("90 s".into(), "3,0 Tage".into()));
    }
}
