//! What can be wrong with a query.

use std::fmt;

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryProblem {
    /// A quotation mark opens a phrase and none closes it.
    UnclosedPhrase,
    /// Nothing that could be found stands in quotation marks.
    EmptyPhrase,
    /// The query holds only punctuation.
    NoWords,
    /// A parenthesis is opened and not closed.
    UnclosedGroup,
    /// A parenthesis is closed that was not opened.
    UnopenedGroup,
    /// Nothing stands between two parentheses.
    EmptyGroup,
    /// AND, OR or NOT has nothing to join.
    MissingOperand(&'static str),
    /// A wildcard stands beside fewer than two letters.
    ShortPattern,
    /// A tilde stands after something that is not one word.
    FuzzyOfNoWord,
    /// A tilde is followed by something other than 1 or 2.
    BadEdits,
    /// There is no field of this name.
    UnknownField {
        /// What was written before the colon.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A field cannot have this value.
    BadValue {
        /// The field.
        field: &'static str,
        /// What a value looks like.
        expected: String,
    },
    /// A rule stands on something that changes by itself from night to night.
    NotInRules(&'static str),
    /// Parentheses lie too deep in one another.
    TooDeep,
    /// There are more words than anyone means.
    TooLong,
}

impl QueryProblem {
    /// A stable name of the kind of mistake, for programs and for texts in
    /// other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnclosedPhrase => "unclosed_phrase",
            Self::EmptyPhrase => "empty_phrase",
            Self::NoWords => "no_words",
            Self::UnclosedGroup => "unclosed_group",
            Self::UnopenedGroup => "unopened_group",
            Self::EmptyGroup => "empty_group",
            Self::MissingOperand(_) => "missing_operand",
            Self::ShortPattern => "short_pattern",
            Self::FuzzyOfNoWord => "fuzzy_of_no_word",
            Self::BadEdits => "bad_edits",
            Self::UnknownField { .. } => "unknown_field",
            Self::BadValue { .. } => "bad_value",
            Self::NotInRules(_) => "not_in_rules",
            Self::TooDeep => "too_deep",
            Self::TooLong => "too_long",
        }
    }
}

impl fmt::Display for QueryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnclosedPhrase => {
                f.write_str("the phrase that begins here has no closing quotation mark")
            }
            Self::EmptyPhrase => f.write_str("there is no word between the quotation marks"),
            Self::NoWords => f.write_str("there is no word to search for"),
            Self::UnclosedGroup => f.write_str("the parenthesis that opens here is not closed"),
            Self::UnopenedGroup => f.write_str("there is no parenthesis that this one closes"),
            Self::EmptyGroup => f.write_str("there is nothing between the parentheses"),
            Self::MissingOperand("NOT") => f.write_str("there is nothing after NOT"),
            Self::MissingOperand(operator) => {
                write!(f, "{operator} stands between two things to search for")
            }
            Self::ShortPattern => f.write_str("a wildcard needs at least two letters beside it"),
            Self::FuzzyOfNoWord => f.write_str("~ stands directly after one word"),
            Self::BadEdits => f.write_str("~ is followed by nothing, 1 or 2"),
            Self::UnknownField { name, known } => write!(
                f,
                "there is no field `{name}`; known are {known}; put words with a colon in quotation marks"
            ),
            Self::BadValue { field, expected } => write!(f, "{field} is {expected}"),
            Self::NotInRules(field) => write!(
                f,
                "a rule cannot name {field}, which changes from night to night; use words, examples or other fields"
            ),
            Self::TooDeep => f.write_str("the parentheses lie too deep in one another"),
            Self::TooLong => f.write_str("there are too many words in the query"),
        }
    }
}
