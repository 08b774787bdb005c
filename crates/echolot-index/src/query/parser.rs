//! From the letters of a query to what it means.

use super::field::Condition;
use super::{Node, Pattern, QueryProblem, Synonyms, Text};
use crate::analyser;
use crate::error::Error;

/// Parentheses in one another, and words and phrases, that a query may have.
const MAX_DEPTH: usize = 32;
const MAX_WORDS: usize = 256;

pub(super) struct Parser<'a> {
    query: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
    num_texts: usize,
    /// How many exclusions the place is in.
    negations: usize,
    synonyms: &'a Synonyms,
    /// Whether the rule of an own topic is read.
    is_rule: bool,
    /// The words that are asked for, as they are written.
    pub(super) said: Vec<String>,
}

type Parsed<T> = Result<T, Error>;

impl<'a> Parser<'a> {
    pub(super) fn new(query: &'a str, synonyms: &'a Synonyms) -> Self {
        let chars = query.chars().collect();
        let (at, depth, num_texts, negations) = (0, 0, 0, 0);
        let (is_rule, said) = (false, Vec::new());
        Self { query, chars, at, depth, num_texts, negations, synonyms, is_rule, said }
    }

    /// For the rule of an own topic.
    pub(super) fn of_rule(self) -> Self {
        Self { is_rule: true, ..self }
    }

    /// The whole query.
    pub(super) fn parse(&mut self) -> Parsed<Node> {
        self.skip_blanks();
        if self.at == self.chars.len() {
            return Ok(Node::All);
        }
        let node = self.either()?;
        match self.peek() {
            Some(_) => Err(self.problem(self.at, QueryProblem::UnopenedGroup)),
            None => Ok(node),
        }
    }

    /// Parts joined by OR.
    fn either(&mut self) -> Parsed<Node> {
        let mut branches = vec![self.both()?];
        while let Some(at) = self.take_operator("OR") {
            self.require_operand(at, "OR")?;
            branches.push(self.both()?);
        }
        Ok(single(branches, Node::Or))
    }

    /// Parts joined by AND.
    fn both(&mut self) -> Parsed<Node> {
        let mut branches = vec![self.list()?];
        while let Some(at) = self.take_operator("AND") {
            self.require_operand(at, "AND")?;
            branches.push(self.list()?);
        }
        Ok(single(branches, Node::And))
    }

    /// What stands side by side.
    fn list(&mut self) -> Parsed<Node> {
        self.skip_blanks();
        let begin = self.at;
        // Each word with whether it only joins others.
        let mut words: Vec<(Node, bool)> = Vec::new();
        let mut rest = Vec::new();
        while let Some(c) = self.peek() {
            if c == ')' || self.is_operator("AND") || self.is_operator("OR") {
                break;
            }
            match self.item()? {
                Some(Item::Word(node, is_weak)) => words.push((node, is_weak)),
                Some(Item::Part(node)) => rest.push(node),
                None => {}
            }
            self.skip_blanks();
        }
        if words.is_empty() && rest.is_empty() {
            for operator in ["AND", "OR"] {
                if self.is_operator(operator) {
                    return Err(self.problem(self.at, QueryProblem::MissingOperand(operator)));
                }
            }
            let (at, problem) = match self.peek() {
                Some(_) if self.depth == 0 && self.at == begin => {
                    (begin, QueryProblem::UnopenedGroup)
                }
                Some(_) if self.at == begin => (begin - 1, QueryProblem::EmptyGroup),
                _ => (begin, QueryProblem::NoWords),
            };
            return Err(self.problem(at, problem));
        }
        // Words that only join others are left out beside words that do not.
        let is_demanded = |(_, is_weak): &(Node, bool)| !is_weak;
        if words.iter().any(is_demanded) || !rest.iter().all(Node::is_negative) {
            words.retain(is_demanded);
        }
        let words: Vec<Node> = words.into_iter().map(|(node, _)| node).collect();
        Ok(match (words.len(), rest.len()) {
            (0, _) => single(rest, Node::And),
            (1, 0) => words.into_iter().next().unwrap_or(Node::All),
            _ => Node::List { words, rest },
        })
    }

    /// One word, phrase, condition, exclusion or group; none for punctuation.
    fn item(&mut self) -> Parsed<Option<Item>> {
        let begin = self.at;
        if let Some(at) = self.take_operator("NOT") {
            let inner = self.excluded()?;
            let inner =
                inner.ok_or_else(|| self.problem(at, QueryProblem::MissingOperand("NOT")))?;
            return Ok(Some(Item::Part(Node::Not(Box::new(inner)))));
        }
        let starts_word = begin == 0 || !self.chars[begin - 1].is_alphanumeric();
        if is_minus(self.chars[begin]) && starts_word {
            self.at += 1;
            if self.peek().is_none_or(char::is_whitespace) {
                return Ok(None);
            }
            let inner = self.excluded()?;
            return Ok(inner.map(|inner| Item::Part(Node::Not(Box::new(inner)))));
        }
        match self.chars[begin] {
            '(' => self.group().map(|node| Some(Item::Part(node))),
            c if is_quote(c) => self.phrase().map(|node| Some(Item::Part(node))),
            _ => self.chunk(),
        }
    }

    /// What a NOT or minus sign stands before.
    fn excluded(&mut self) -> Parsed<Option<Node>> {
        self.skip_blanks();
        if self.peek().is_none_or(|c| c == ')') || self.is_operator("AND") || self.is_operator("OR")
        {
            return Ok(None);
        }
        self.negations += 1;
        self.deepen(self.at)?;
        let item = self.item();
        self.depth -= 1;
        self.negations -= 1;
        Ok(item?.map(|item| match item {
            Item::Word(node, _) | Item::Part(node) => node,
        }))
    }

    fn group(&mut self) -> Parsed<Node> {
        let open = self.at;
        self.deepen(open)?;
        self.at += 1;
        self.skip_blanks();
        match self.peek() {
            None => return Err(self.problem(open, QueryProblem::UnclosedGroup)),
            Some(')') => return Err(self.problem(open, QueryProblem::EmptyGroup)),
            Some(_) => {}
        }
        let node = self.either()?;
        if self.peek() != Some(')') {
            return Err(self.problem(open, QueryProblem::UnclosedGroup));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(node)
    }

    fn phrase(&mut self) -> Parsed<Node> {
        let open = self.at;
        let quoted = self.quoted()?;
        let words = split(&quoted);
        if words.is_empty() {
            return Err(self.problem(open, QueryProblem::EmptyPhrase));
        }
        self.say(open, &quoted)?;
        Ok(Node::Text(Text::phrase(&words)))
    }

    /// What stands between the quotation mark here and the next.
    fn quoted(&mut self) -> Parsed<String> {
        let open = self.at;
        let close = self.chars[open + 1..].iter().position(|c| is_quote(*c));
        let Some(length) = close else {
            return Err(self.problem(open, QueryProblem::UnclosedPhrase));
        };
        self.at = open + length + 2;
        Ok(self.chars[open + 1..=open + length].iter().collect())
    }

    /// What stands until the next blank, quotation mark or parenthesis.
    fn chunk(&mut self) -> Parsed<Option<Item>> {
        let begin = self.at;
        let is_end = |c: &char| c.is_whitespace() || is_quote(*c) || matches!(c, '(' | ')');
        let length = self.chars[begin..].iter().position(is_end);
        let length = length.unwrap_or(self.chars.len() - begin);
        let chunk: String = self.chars[begin..begin + length].iter().collect();
        self.at = begin + length;
        if let Some((name, value)) = chunk.split_once(':').filter(|(name, _)| is_field_name(name)) {
            return self.condition(begin, name, value).map(|node| Some(Item::Part(node)));
        }
        let words = split(&chunk);
        if words.is_empty() {
            return Ok(None);
        }
        self.say(begin, &chunk)?;
        let text = if chunk.contains('*') {
            let pattern = Pattern::wildcard(&chunk);
            Text::like(pattern.ok_or_else(|| self.problem(begin, QueryProblem::ShortPattern))?)
        } else if let Some((before, edits)) = chunk.split_once('~') {
            self.fuzzy(begin, before, edits)?
        } else {
            let is_weak = words.len() == 1 && analyser::is_function_word(&words[0]);
            return Ok(Some(Item::Word(Node::Text(Text::plain(&words, self.synonyms)), is_weak)));
        };
        Ok(Some(Item::Word(Node::Text(text), false)))
    }

    fn fuzzy(&self, begin: usize, before: &str, edits: &str) -> Parsed<Text> {
        let tilde = begin + before.chars().count();
        let [word] = &split(before)[..] else {
            return Err(self.problem(tilde, QueryProblem::FuzzyOfNoWord));
        };
        let edits = match edits.trim_end_matches(|c: char| !c.is_alphanumeric()) {
            "" => None,
            "1" => Some(1),
            "2" => Some(2),
            _ => return Err(self.problem(tilde + 1, QueryProblem::BadEdits)),
        };
        Ok(Text::like(Pattern::fuzzy(word, edits)))
    }

    fn condition(&mut self, begin: usize, name: &str, value: &str) -> Parsed<Node> {
        let value_at = begin + name.chars().count() + 1;
        let quoted = value.is_empty() && self.peek().is_some_and(is_quote);
        let value = if quoted { self.quoted()? } else { value.to_owned() };
        let condition = Condition::read(name, &value).map_err(|problem| {
            let at = match problem {
                QueryProblem::UnknownField { .. } => begin,
                _ => value_at.min(self.chars.len() - 1),
            };
            self.problem(at, problem)
        })?;
        match &condition {
            Condition::Theme(_) if self.is_rule => {
                Err(self.problem(begin, QueryProblem::NotInRules("theme")))
            }
            Condition::Own(_) if self.is_rule => {
                Err(self.problem(begin, QueryProblem::NotInRules("own")))
            }
            _ => Ok(Node::Condition(condition)),
        }
    }

    /// Counts a text, and keeps what is asked for.
    fn say(&mut self, at: usize, words: &str) -> Parsed<()> {
        self.num_texts += 1;
        if self.num_texts > MAX_WORDS {
            return Err(self.problem(at, QueryProblem::TooLong));
        }
        if self.negations == 0 {
            self.said.push(words.trim_matches(|c: char| !c.is_alphanumeric()).to_owned());
        }
        Ok(())
    }

    fn deepen(&mut self, at: usize) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(at, QueryProblem::TooDeep));
        }
        Ok(())
    }

    fn require_operand(&mut self, at: usize, operator: &'static str) -> Parsed<()> {
        self.skip_blanks();
        let is_end = self.peek().is_none_or(|c| c == ')');
        if is_end || self.is_operator("AND") || self.is_operator("OR") {
            return Err(self.problem(at, QueryProblem::MissingOperand(operator)));
        }
        Ok(())
    }

    /// Passes over an operator and says where it stood.
    fn take_operator(&mut self, operator: &str) -> Option<usize> {
        self.is_operator(operator).then(|| {
            self.at += operator.len();
            self.at - operator.len()
        })
    }

    /// Whether an operator, which is written in capitals, stands here as a word.
    fn is_operator(&self, operator: &str) -> bool {
        let here = self.chars.get(self.at..self.at + operator.len());
        let is_here = here.is_some_and(|here| here.iter().copied().eq(operator.chars()));
        let is_break = |c: &char| c.is_whitespace() || matches!(c, '(' | ')') || is_quote(*c);
        let after = self.chars.get(self.at + operator.len());
        is_here
            && after.is_none_or(is_break)
            && (self.at == 0 || is_break(&self.chars[self.at - 1]))
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn problem(&self, position: usize, problem: QueryProblem) -> Error {
        Error::Query { query: self.query.to_owned(), position, problem }
    }
}

/// Something in a list.
enum Item {
    /// A word, of which half must occur (see [`Node::List`]), and whether it only joins others.
    Word(Node, bool),
    /// Something that must hold.
    Part(Node),
}

fn single(mut branches: Vec<Node>, join: impl Fn(Vec<Node>) -> Node) -> Node {
    if branches.len() == 1 { branches.remove(0) } else { join(branches) }
}

fn split(text: &str) -> Vec<String> {
    analyser::words(text).into_iter().map(|range| text[range].to_owned()).collect()
}

fn is_field_name(name: &str) -> bool {
    name.len() >= 2 && name.chars().all(|c| c.is_alphabetic() || c == '_')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−')
}
