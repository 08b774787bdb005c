//! One feedback item as a source delivers it, checked.

use std::collections::BTreeMap;

use crate::{FeedbackId, Language, Timestamp};

/// One response of one customer, with what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// The id its source gave it, or one derived from its content.
    pub id: FeedbackId,
    /// The customer's words, and for a conversation everyone's.
    pub body: Body,
    /// The system it came from, e.g. `play_store`.
    pub source: Option<String>,
    /// The kind of contact, e.g. `review`, `survey`, `chat`.
    pub channel: Option<String>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// The product it is about.
    pub product: Option<String>,
    /// The release of the product it refers to.
    pub release: Option<String>,
    /// A star or grade rating.
    pub rating: Option<Rating>,
    /// The answer to the recommendation question.
    pub nps: Option<NpsAnswer>,
    /// The answer to the satisfaction question.
    pub csat: Option<CsatAnswer>,
    /// The answer to the effort question.
    pub ces: Option<CesAnswer>,
    /// A pseudonymous id of the customer.
    pub respondent: Option<String>,
    /// The language its source states.
    pub language: Option<Language>,
    /// Where the original can be seen.
    pub url: Option<String>,
    /// Everything else the source says, by name.
    pub attributes: BTreeMap<String, String>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A single text by the customer.
    Text(String),
    /// A conversation in the order it took place.
    Turns(Vec<Turn>),
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Who wrote it.
    pub role: Role,
    /// What was written.
    pub text: String,
    /// When it was sent.
    pub at: Option<Timestamp>,
}

/// Who writes in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The customer, whose words are the verbatim.
    Customer,
    /// A person of the company.
    Agent,
    /// A program of the company.
    Bot,
}

impl Role {
    /// The code that stands in files and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Bot => "bot",
        }
    }

    /// Reads a role in the words German and English exports use for it.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "customer" | "client" | "user" | "visitor" | "kunde" | "kundin" | "nutzer" | "gast"
            | "besucher" => Self::Customer,
            "agent" | "support" | "employee" | "operator" | "mitarbeiter" | "mitarbeiterin"
            | "berater" | "beraterin" | "service" | "kundenservice" => Self::Agent,
            "bot" | "system" | "assistant" | "chatbot" => Self::Bot,
            _ => return None,
        })
    }
}

impl Body {
    /// The verbatim: the text itself, or the customer's turns joined by line
    /// breaks. Every character offset of an analysis counts in this string.
    pub fn verbatim(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Turns(turns) => {
                let customer = turns.iter().filter(|turn| turn.role == Role::Customer);
                customer.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// The turns of a conversation; none for a single text.
    pub fn turns(&self) -> &[Turn] {
        match self {
            Self::Text(_) => &[],
            Self::Turns(turns) => turns,
        }
    }
}

/// An answer outside its scale.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{question} is {value}, but must be {expected}")]
pub struct InvalidAnswer {
    question: &'static str,
    value: f64,
    expected: String,
}

/// A whole answer from `low` to `high`.
fn whole(question: &'static str, value: f64, low: u8, high: u8) -> Result<u8, InvalidAnswer> {
    let in_range = value.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&value);
    in_range.then_some(value as u8).ok_or_else(|| InvalidAnswer {
        question,
        value,
        expected: format!("a whole number from {low} to {high}"),
    })
}

/// A rating from 0 to 10, fractions allowed; stars are 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rating(f64);

impl Rating {
    /// Checks the range.
    pub fn new(value: f64) -> Result<Self, InvalidAnswer> {
        (0.0..=10.0).contains(&value).then_some(Self(value)).ok_or_else(|| InvalidAnswer {
            question: "rating",
            value,
            expected: "a number from 0 to 10".to_owned(),
        })
    }

    /// The rating as a number.
    pub fn value(self) -> f64 {
        self.0
    }
}

/// An answer from 0 to 10 to "how likely would you recommend us".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NpsAnswer(u8);

impl NpsAnswer {
    /// Checks the range.
    pub fn new(value: f64) -> Result<Self, InvalidAnswer> {
        whole("nps", value, 0, 10).map(Self)
    }

    /// The answer as a number.
    pub fn value(self) -> u8 {
        self.0
    }

    /// 1 for a promoter (9 and 10), 0 for a passive (7 and 8), -1 for a
    /// detractor (0 to 6): the NPS is the mean of these in points.
    pub fn balance(self) -> i8 {
        match self.0 {
            9.. => 1,
            7 | 8 => 0,
            _ => -1,
        }
    }
}

/// An answer on a satisfaction scale from 1 to 3, 4, 5, 6, 7 or 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsatAnswer {
    value: u8,
    scale: u8,
}

impl CsatAnswer {
    /// Checks the answer against its scale, which runs from 1 to `scale`.
    pub fn new(value: f64, scale: u8) -> Result<Self, InvalidAnswer> {
        if !matches!(scale, 3..=7 | 10) {
            return Err(InvalidAnswer {
                question: "csat scale",
                value: f64::from(scale),
                expected: "3, 4, 5, 6, 7 or 10".to_owned(),
            });
        }
        whole("csat", value, 1, scale).map(|value| Self { value, scale })
    }

    /// The answer as a number.
    pub fn value(self) -> u8 {
        self.value
    }

    /// The highest possible answer.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Whether the answer counts as satisfied: the top answer of a scale of
    /// three, the top two of four to seven, the top three of ten.
    pub fn is_satisfied(self) -> bool {
        let top = match self.scale {
            ..=3 => 1,
            4..=7 => 2,
            _ => 3,
        };
        self.value > self.scale - top
    }
}

/// Which form of the effort question was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CesVersion {
    /// 1 to 5, where high means much effort (Dixon, Freeman and Toman 2010).
    V1,
    /// 1 to 7, "made it easy", where high means easy (CEB 2013).
    V2,
}

impl CesVersion {
    /// The code that stands in files and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }

    /// The ends of its scale.
    pub fn scale(self) -> (f64, f64) {
        match self {
            Self::V1 => (1.0, 5.0),
            Self::V2 => (1.0, 7.0),
        }
    }
}

/// An answer to the effort question, with the form that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CesAnswer {
    value: u8,
    version: CesVersion,
}

impl CesAnswer {
    /// Checks the answer against the scale of its version.
    pub fn new(value: f64, version: CesVersion) -> Result<Self, InvalidAnswer> {
        let (low, high) = version.scale();
        whole("ces", value, low as u8, high as u8).map(|value| Self { value, version })
    }

    /// The answer as a number.
    pub fn value(self) -> u8 {
        self.value
    }

    /// The form that was asked.
    pub fn version(self) -> CesVersion {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: Role, text: &str) -> Turn {
        Turn { role, text: text.to_owned(), at: None }
    }

    #[test]
    fn the_verbatim_of_a_conversation_is_what_the_customer_wrote() {
        let body = Body::Turns(vec![
            turn(Role::Bot, "Willkommen"),
            turn(Role::Customer, "Mein Paket fehlt"),
            turn(Role::Agent, "Oh je, das ist schlimm"),
            turn(Role::Customer, "Seit Montag!"),
        ]);
        assert_eq!(body.verbatim(), "Mein Paket fehlt\nSeit Montag!");
    }

    #[test]
    fn answers_outside_their_scale_are_refused_with_the_range() {
        assert_eq!(
            NpsAnswer::new(11.0).unwrap_err().to_string(),
            "nps is 11, but must be a whole number from 0 to 10"
        );
        assert!(NpsAnswer::new(7.5).is_err());
        assert!(NpsAnswer::new(f64::NAN).is_err());
        assert!(Rating::new(4.5).is_ok());
        assert!(Rating::new(-1.0).is_err());
        assert!(CesAnswer::new(6.0, CesVersion::V1).is_err());
        assert!(CsatAnswer::new(5.0, 8).is_err());
    }

    #[test]
    fn satisfied_is_part_of_the_scale() {
        let satisfied = |value, scale| CsatAnswer::new(value, scale).unwrap().is_satisfied();
        assert_eq!((satisfied(3.0, 3), satisfied(2.0, 3)), (true, false));
        for scale in 4..=7 {
            let top = f64::from(scale);
            assert_eq!((satisfied(top - 1.0, scale), satisfied(top - 2.0, scale)), (true, false));
        }
        assert_eq!((satisfied(8.0, 10), satisfied(7.0, 10)), (true, false));
    }

    #[test]
    fn roles_are_read_in_both_languages() {
        assert_eq!(Role::from_word(" Kundin "), Some(Role::Customer));
        assert_eq!(Role::from_word("Agent"), Some(Role::Agent));
        assert_eq!(Role::from_word("Hund"), None);
    }
}
