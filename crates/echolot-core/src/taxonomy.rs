//! The fixed labels: polarities, intents, journey stages and the 23 CX topics.

use std::fmt;
use std::str::FromStr;

/// A code that names none of the labels of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not a {kind}; known are: {known}")]
pub struct UnknownCode {
    kind: &'static str,
    code: String,
    known: String,
}

/// Defines a closed set of labels with their codes, in a fixed order.
macro_rules! labels {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All labels, in their fixed order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code that stands in files and answers.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;

            fn from_str(code: &str) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|label| label.code() == code).ok_or_else(|| UnknownCode {
                    kind: $kind,
                    code: code.to_owned(),
                    known: [$($code,)+].join(", "),
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }
    };
}

labels! {
    /// Which way an opinion, or a verbatim as a whole, points.
    Polarity, "polarity" {
        /// Dissatisfied.
        Negative = "negative",
        /// No judgement, or evenly balanced.
        Neutral = "neutral",
        /// Satisfied.
        Positive = "positive",
    }
}

labels! {
    /// What the writer wants to do with the words.
    Intent, "intent" {
        /// States a problem or dissatisfaction.
        Complaint = "complaint",
        /// States satisfaction.
        Praise = "praise",
        /// Asks for a change, a feature or an improvement.
        Suggestion = "suggestion",
        /// Asks for information or help.
        Question = "question",
        /// Left, cancelled, uninstalled, or threatens to.
        Churn = "churn",
    }
}

labels! {
    /// How far the answer to a complaint has come.
    CaseStatus, "case status" {
        /// Nobody has looked at it.
        New = "new",
        /// Somebody works on it.
        InWork = "in_work",
        /// The customer has an answer.
        Answered = "answered",
        /// Nothing is left to do.
        Closed = "closed",
    }
}

impl CaseStatus {
    /// Whether somebody still has to act.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::InWork)
    }
}

labels! {
    /// What an opinion is about: the fixed CX topics.
    Topic, "topic" {
        /// Material, workmanship, durability, defects, fit, as described; content of a course or medium.
        ProductQuality = "product_quality",
        /// Software or device errors, crashes, bugs, something does not work.
        Malfunction = "malfunction",
        /// Slowness, battery drain, memory, heat, lag.
        Performance = "performance",
        /// Ease of use, navigation, design of an interface, instructions.
        Usability = "usability",
        /// Range of functions, missing or appreciated features, compatibility.
        Features = "features",
        /// Price, fees, value for money, discounts.
        PriceValue = "price_value",
        /// Invoices, charges, payment methods, refunds of money.
        BillingPayment = "billing_payment",
        /// Returns, exchanges, warranty, repair claims.
        ReturnsWarranty = "returns_warranty",
        /// Registration, login, password, verification, profile.
        AccountAccess = "account_access",
        /// Data protection, tracking, permissions, fraud.
        PrivacySecurity = "privacy_security",
        /// Shipping, delivery time, courier, packaging, parcel tracking.
        Delivery = "delivery",
        /// Ordering, booking, reservation, stock, appointments, crowding.
        OrderingAvailability = "ordering_availability",
        /// Hotline, chat, e-mail support, complaint handling, reachability.
        CustomerSupport = "customer_support",
        /// Friendliness, competence and behaviour of people met in person.
        Staff = "staff",
        /// Communication, announcements, transparency, advertising claims.
        Information = "information",
        /// Punctuality, cancellations, outages, coverage, delivered as promised.
        ServiceReliability = "service_reliability",
        /// Queues, time until served or answered.
        WaitingTime = "waiting_time",
        /// Rooms, comfort, cleanliness, noise, ambience, vehicles, equipment.
        Facilities = "facilities",
        /// Taste, portions, menu.
        FoodDrink = "food_drink",
        /// Location, parking, routes, barrier-free physical access.
        LocationAccess = "location_access",
        /// Safety, hygiene, medical treatment or its outcome.
        HealthSafety = "health_safety",
        /// Contract, subscription, cancellation terms, switching.
        ContractTerms = "contract_terms",
        /// Overall judgement without a particular topic.
        General = "general",
    }
}

labels! {
    /// Where a customer is on the way through a business relation.
    JourneyStage, "journey stage" {
        /// Learns of the offer.
        Awareness = "awareness",
        /// Weighs it, its price included.
        Consideration = "consideration",
        /// Orders, books and pays.
        Purchase = "purchase",
        /// Waits for it and gets it.
        Delivery = "delivery",
        /// Uses it.
        Use = "use",
        /// Needs help with it.
        Service = "service",
        /// Stays, renews or leaves.
        Loyalty = "loyalty",
    }
}

labels! {
    /// A figure that a feedback item has a value for, or has not.
    KeyFigure, "key figure" {
        /// The rating.
        Rating = "rating",
        /// The answer to the recommendation question.
        Nps = "nps",
        /// The answer to the satisfaction question.
        Csat = "csat",
        /// The answer to the effort question of version 2.0.
        Ces = "ces",
        /// The answer to the effort question of version 1.0.
        CesV1 = "ces_v1",
        /// The time to the first human reply.
        Frt = "frt",
        /// The time to the resolution.
        Art = "art",
    }
}

impl Polarity {
    /// The polarity as a sign: -1, 0 or 1.
    pub fn sign(self) -> i8 {
        match self {
            Self::Negative => -1,
            Self::Neutral => 0,
            Self::Positive => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_read_back() {
        assert_eq!(Topic::ALL.len(), 23);
        for topic in Topic::ALL {
            assert_eq!(topic.code().parse::<Topic>(), Ok(*topic));
        }
        for intent in Intent::ALL {
            assert_eq!(intent.code().parse::<Intent>(), Ok(*intent));
        }
    }

    #[test]
    fn an_unknown_code_names_the_known_ones() {
        let message = "good".parse::<Polarity>().unwrap_err().to_string();
        assert_eq!(message, "`good` is not a polarity; known are: negative, neutral, positive");
    }
}
