//! The file of a taxonomy: read and checked, each mistake with its line, topic and key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use echolot_core::{FeedbackId, JourneyStage};
use echolot_index::{Error as IndexError, Query};
use serde::Deserialize;
use toml::Spanned;

use crate::Error;

/// The most topics a taxonomy has, and the most examples a topic has.
const MOST_TOPICS: usize = 1000;
const MOST_EXAMPLES: usize = 200;
/// The fewest examples that can be compared with one another.
const FEWEST_EXAMPLES: usize = 3;
/// The longest key, in characters.
const LONGEST_KEY: usize = 64;
/// So many mistakes are named at once.
const NAMED: usize = 20;

/// A checked taxonomy.
#[derive(Debug, Clone, PartialEq)]
pub struct TaxonomyFile {
    document: String,
    topics: Vec<TopicDefinition>,
}

/// A topic of a company's own, as its file defines it.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicDefinition {
    /// What it is asked for by.
    pub key: String,
    /// Its names by ISO 639-1 code; under the empty code that of all languages.
    pub names: BTreeMap<String, String>,
    /// The key of the topic above it.
    pub parent: Option<String>,
    /// How many topics are above it.
    pub depth: usize,
    /// A query that holds for verbatims that have it.
    pub rule: Option<String>,
    /// Sentences that have it.
    pub examples: Vec<String>,
    /// The journey stage of verbatims that have it.
    pub stage: Option<JourneyStage>,
    /// The touchpoint of verbatims that have it.
    pub touchpoint: Option<String>,
    /// Feedback items of which people say that they have it.
    pub labelled_yes: Vec<FeedbackId>,
    /// Feedback items of which people say that they do not have it.
    pub labelled_no: Vec<FeedbackId>,
}

impl TopicDefinition {
    /// The name where no language is asked for: the one there is, or the English
    /// one, or the first by code.
    pub fn name(&self) -> &str {
        let name = self.names.get("").or_else(|| self.names.get("en"));
        name.or_else(|| self.names.values().next()).map_or(&self.key, |name| name)
    }
}

/// What is wrong with a taxonomy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxonomyMistake {
    /// The line of the file, from 1.
    pub line: usize,
    /// The key of the topic; none where it is not in one.
    pub topic: Option<String>,
    /// The key within the topic; none where it is the topic itself.
    pub field: Option<&'static str>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl fmt::Display for TaxonomyMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(topic) = &self.topic {
            write!(f, ", topic `{topic}`")?;
        }
        if let Some(field) = self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Mistakes, one a line; only the first of many.
pub(crate) fn listed(mistakes: &[TaxonomyMistake]) -> String {
    let mut lines: Vec<String> = mistakes.iter().take(NAMED).map(ToString::to_string).collect();
    let more = mistakes.len().saturating_sub(NAMED);
    lines.extend((more > 0).then(|| format!("and {more} more")));
    lines.join("\n  ")
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTaxonomy {
    #[serde(default)]
    topic: Vec<RawTopic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTopic {
    key: Spanned<String>,
    name: Option<Spanned<RawName>>,
    parent: Option<Spanned<String>>,
    rule: Option<Spanned<String>>,
    examples: Option<Spanned<Vec<String>>>,
    stage: Option<Spanned<String>>,
    touchpoint: Option<Spanned<String>>,
    labelled: Option<Spanned<RawLabels>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawName {
    One(String),
    Each(BTreeMap<String, String>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLabels {
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

impl TaxonomyFile {
    /// Reads and checks a taxonomy in TOML. `name` is what errors call it.
    ///
    /// # Errors
    /// [`Error::Taxonomy`] with all mistakes.
    pub fn parse(document: &str, name: &str) -> Result<Self, Error> {
        let lines = Lines::of(document);
        let refused = |mistakes| Error::Taxonomy { name: name.to_owned(), mistakes };
        let raw: RawTaxonomy = toml::from_str(document).map_err(|error| {
            let line = error.span().map_or(1, |span| lines.at(span.start));
            let reason = error.message().to_owned();
            refused(vec![TaxonomyMistake { line, topic: None, field: None, reason }])
        })?;
        let mut check = Check { lines, mistakes: vec![] };
        let topics = check.topics(&raw);
        if !check.mistakes.is_empty() {
            check.mistakes.sort_by_key(|mistake| mistake.line);
            return Err(refused(check.mistakes));
        }
        Ok(Self { document: document.to_owned(), topics })
    }

    /// The file as it was given.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The topics, each after the one above it and before its next sibling.
    pub fn topics(&self) -> &[TopicDefinition] {
        &self.topics
    }

    /// Whether it takes the model to find its topics.
    pub fn needs_model(&self) -> bool {
        self.topics.iter().any(|topic| !topic.examples.is_empty())
    }
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, at)| at).collect())
    }

    /// The line of a byte, from 1.
    fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|&begin| begin <= byte) + 1
    }
}

struct Check {
    lines: Lines,
    mistakes: Vec<TaxonomyMistake>,
}

impl Check {
    /// Notes a mistake in a field of a topic.
    fn note<T>(
        &mut self,
        (topic, field): (&RawTopic, &'static str),
        place: &Spanned<T>,
        reason: String,
    ) {
        let line = self.lines.at(place.span().start);
        let topic = Some(topic.key.get_ref().clone()).filter(|key| !key.trim().is_empty());
        self.mistakes.push(TaxonomyMistake { line, topic, field: Some(field), reason });
    }

    fn topics(&mut self, raw: &RawTaxonomy) -> Vec<TopicDefinition> {
        if let Some(first) = raw.topic.get(MOST_TOPICS) {
            let reason = format!("there are more than {MOST_TOPICS} topics; leave some out");
            self.note((first, "key"), &first.key, reason);
        }
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut definitions = Vec::with_capacity(raw.topic.len());
        for topic in &raw.topic {
            self.key(topic, &mut known);
            definitions.push(self.definition(topic));
        }
        self.parents(raw);
        if self.mistakes.is_empty() { in_order(definitions) } else { vec![] }
    }

    fn key(&mut self, topic: &RawTopic, known: &mut BTreeMap<String, usize>) {
        let key = topic.key.get_ref();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if key.is_empty() || key.chars().count() > LONGEST_KEY || !key.chars().all(is_word) {
            let reason = format!(
                "`{key}` is no key; take up to {LONGEST_KEY} letters, digits, `_`, `-` and `.`"
            );
            self.note((topic, "key"), &topic.key, reason);
        }
        let line = self.lines.at(topic.key.span().start);
        // Searches ask for keys without regard to letter case.
        if let Some(first) = known.insert(key.to_lowercase(), line) {
            let reason = format!("the key is that of the topic on line {first}; choose another");
            self.note((topic, "key"), &topic.key, reason);
        }
    }

    fn definition(&mut self, topic: &RawTopic) -> TopicDefinition {
        let owned = |text: &Option<Spanned<String>>| text.as_ref().map(|it| it.get_ref().clone());
        let labels = topic.labelled.as_ref().map(Spanned::get_ref);
        let ids = |list: Option<&Vec<String>>| {
            list.into_iter().flatten().map(FeedbackId::new).collect::<Vec<_>>()
        };
        self.labels(topic);
        TopicDefinition {
            key: topic.key.get_ref().clone(),
            names: self.names(topic),
            parent: owned(&topic.parent),
            depth: 0,
            rule: self.rule(topic),
            examples: self.examples(topic),
            stage: self.stage(topic),
            touchpoint: self.touchpoint(topic),
            labelled_yes: ids(labels.map(|labels| &labels.yes)),
            labelled_no: ids(labels.map(|labels| &labels.no)),
        }
    }

    fn names(&mut self, topic: &RawTopic) -> BTreeMap<String, String> {
        let Some(place) = &topic.name else { return BTreeMap::new() };
        let names = match place.get_ref() {
            RawName::One(name) => BTreeMap::from([(String::new(), name.clone())]),
            RawName::Each(names) => names.clone(),
        };
        for (code, name) in &names {
            if !code.is_empty() && echolot_core::Language::from_tag(code).is_none() {
                let reason = format!("`{code}` is not a two-letter language code such as de");
                self.note((topic, "name"), place, reason);
            }
            if name.trim().is_empty() || name.chars().any(char::is_control) {
                let reason = "a name is one line that is not blank".to_owned();
                self.note((topic, "name"), place, reason);
            }
        }
        names
    }

    fn rule(&mut self, topic: &RawTopic) -> Option<String> {
        let place = topic.rule.as_ref()?;
        let rule = place.get_ref();
        if let Err(error) = Query::parse_rule(rule) {
            let reason = match error {
                IndexError::Query { position, problem, .. } => {
                    let rest: String = rule.chars().skip(position).take(20).collect();
                    format!("the rule has an error at character {position} (`{rest}`): {problem}")
                }
                other => other.to_string(),
            };
            self.note((topic, "rule"), place, reason);
        }
        Some(rule.clone())
    }

    fn examples(&mut self, topic: &RawTopic) -> Vec<String> {
        let Some(place) = &topic.examples else { return vec![] };
        let examples = place.get_ref();
        if !(FEWEST_EXAMPLES..=MOST_EXAMPLES).contains(&examples.len()) {
            let reason = format!(
                "there are {} examples; give {FEWEST_EXAMPLES} to {MOST_EXAMPLES}, or a rule alone",
                examples.len()
            );
            self.note((topic, "examples"), place, reason);
        }
        let mut seen = BTreeSet::new();
        for example in examples {
            if example.trim().is_empty() {
                let reason = "an example is blank; leave it out".to_owned();
                self.note((topic, "examples"), place, reason);
            } else if !seen.insert(example.trim()) {
                let reason = format!("`{example}` is given twice; keep one");
                self.note((topic, "examples"), place, reason);
            }
        }
        examples.clone()
    }

    fn stage(&mut self, topic: &RawTopic) -> Option<JourneyStage> {
        let place = topic.stage.as_ref()?;
        let stage = place.get_ref().parse();
        stage
            .map_err(|error: echolot_core::UnknownCode| {
                self.note((topic, "stage"), place, error.to_string());
            })
            .ok()
    }

    fn touchpoint(&mut self, topic: &RawTopic) -> Option<String> {
        let place = topic.touchpoint.as_ref()?;
        if place.get_ref().trim().is_empty() {
            let reason = "a touchpoint is not blank; leave it out where there is none".to_owned();
            self.note((topic, "touchpoint"), place, reason);
        }
        Some(place.get_ref().trim().to_owned())
    }

    fn labels(&mut self, topic: &RawTopic) {
        let Some(place) = &topic.labelled else { return };
        let mut seen = BTreeSet::new();
        let labels = place.get_ref();
        for id in labels.yes.iter().chain(&labels.no) {
            if !seen.insert(id) {
                let reason = format!("`{id}` is named twice; say yes or no of it once");
                self.note((topic, "labelled"), place, reason);
            }
        }
    }

    /// Every parent is a topic and not below itself; every topic can be found.
    fn parents(&mut self, raw: &RawTaxonomy) {
        let parent_of: BTreeMap<&str, &str> = raw
            .topic
            .iter()
            .filter_map(|topic| Some((topic.key.get_ref().as_str(), parent(topic)?)))
            .collect();
        let keys: Vec<&str> = raw.topic.iter().map(|topic| topic.key.get_ref().as_str()).collect();
        for topic in &raw.topic {
            let key = topic.key.get_ref().as_str();
            let has_child = raw.topic.iter().any(|other| parent(other) == Some(key));
            if topic.rule.is_none() && topic.examples.is_none() && !has_child {
                let reason = "nothing has this topic; give a rule, examples or a topic below it";
                self.note((topic, "key"), &topic.key, reason.to_owned());
            }
            let Some(place) = &topic.parent else { continue };
            if !keys.contains(&place.get_ref().as_str()) {
                let reason = format!(
                    "there is no topic `{}`; there are {}",
                    place.get_ref(),
                    keys.join(", ")
                );
                self.note((topic, "parent"), place, reason);
                continue;
            }
            let mut circle = vec![key];
            while let Some(above) = circle.last().and_then(|last| parent_of.get(last)) {
                circle.push(above);
                // A circle further up is that of the topics in it.
                if *above == key || circle.len() > keys.len() {
                    break;
                }
            }
            if circle.len() > 1 && circle.last() == Some(&key) {
                let reason = format!("{} is a circle; leave one parent out", circle.join(" → "));
                self.note((topic, "parent"), place, reason);
            }
        }
    }
}

fn parent(topic: &RawTopic) -> Option<&str> {
    topic.parent.as_ref().map(|parent| parent.get_ref().as_str())
}

/// Each topic after the one above it, those beside each other in the order of the file.
fn in_order(definitions: Vec<TopicDefinition>) -> Vec<TopicDefinition> {
    let mut below: BTreeMap<Option<String>, Vec<TopicDefinition>> = BTreeMap::new();
    for definition in definitions {
        below.entry(definition.parent.clone()).or_default().push(definition);
    }
    let mut ordered = Vec::new();
    let mut waiting: Vec<(usize, TopicDefinition)> = Vec::new();
    let push = |waiting: &mut Vec<_>, depth, children: Option<Vec<TopicDefinition>>| {
        waiting.extend(children.into_iter().flatten().rev().map(|child| (depth, child)));
    };
    push(&mut waiting, 0, below.remove(&None));
    while let Some((depth, definition)) = waiting.pop() {
        push(&mut waiting, depth + 1, below.remove(&Some(definition.key.clone())));
        ordered.push(TopicDefinition { depth, ..definition });
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(document: &str) -> String {
        match TaxonomyFile::parse(document, "taxonomy.toml") {
            Err(error @ Error::Taxonomy { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn topics_come_after_those_above_them() {
        let file = TaxonomyFile::parse(
            r#"
            [[topic]]
            key = "late"
            parent = "parcel"
            name = { de = "Zu spät", en = "Late" }
            rule = '"zu spät" OR verspät*'
            stage = "delivery"
            [[topic]]
            key = "app"
            name = "App"
            examples = ["Die App stürzt ab", "App hängt", "The app crashes"]
            touchpoint = " App "
            labelled = { yes = ["r-1"], no = ["r-2", "r-3"] }
            [[topic]]
            key = "parcel"
            "#,
            "taxonomy.toml",
        )
        .unwrap();
        let order: Vec<(&str, usize, &str)> = file
            .topics()
            .iter()
            .map(|topic| (topic.key.as_str(), topic.depth, topic.name()))
            .collect();
        assert_eq!(order, [("app", 0, "App"), ("parcel", 0, "parcel"), ("late", 1, "Late")]);
        let app = &file.topics()[0];
        assert_eq!(app.touchpoint.as_deref(), Some("App"));
        assert_eq!((app.labelled_yes.len(), app.labelled_no.len()), (1, 2));
        assert_eq!(file.topics()[2].stage, Some(JourneyStage::Delivery));
        assert!(file.needs_model());
        assert!(TaxonomyFile::parse("", "t").unwrap().topics().is_empty());
    }

    #[test]
    fn every_mistake_names_line_topic_key_and_remedy() {
        let told = mistakes(
            "[[topic]]\nkey = \"a\"\nparent = \"b\"\nrule = \"x\"\n\
             [[topic]]\nkey = \"b\"\nparent = \"a\"\nstage = \"shipping\"\n\
             [[topic]]\nkey = \"c d\"\nrule = 'rating:5 ('\n\
             [[topic]]\nkey = \"A\"\nparent = \"z\"\nrule = \"theme:3\"\n\
             [[topic]]\nkey = \"e\"\nexamples = [\"x\", \"x\"]\nname = { deu = \"E\" }\n\
             labelled = { yes = [\"i\"], no = [\"i\"] }\n\
             [[topic]]\nkey = \"f\"\n",
        );
        let expected = "taxonomy.toml: \
             line 3, topic `a`, parent: a → b → a is a circle; leave one parent out\n  \
             line 7, topic `b`, parent: b → a → b is a circle; leave one parent out\n  \
             line 8, topic `b`, stage: `shipping` is not a journey stage; known are: awareness, \
             consideration, purchase, delivery, use, service, loyalty\n  \
             line 10, topic `c d`, key: `c d` is no key; take up to 64 letters, digits, `_`, `-` and `.`\n  \
             line 11, topic `c d`, rule: the rule has an error at character 9 (`(`): the parenthesis \
             that opens here is not closed\n  \
             line 13, topic `A`, key: the key is that of the topic on line 2; choose another\n  \
             line 14, topic `A`, parent: there is no topic `z`; there are a, b, c d, A, e, f\n  \
             line 15, topic `A`, rule: the rule has an error at character 0 (`theme:3`): a rule cannot \
             name theme, which changes from night to night; use words, examples or other fields\n  \
             line 18, topic `e`, examples: there are 2 examples; give 3 to 200, or a rule alone\n  \
             line 18, topic `e`, examples: `x` is given twice; keep one\n  \
             line 19, topic `e`, name: `deu` is not a two-letter language code such as de\n  \
             line 20, topic `e`, labelled: `i` is named twice; say yes or no of it once\n  \
             line 22, topic `f`, key: nothing has this topic; give a rule, examples or a topic below it";
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_no_taxonomy_is_told_by_line() {
        let told = mistakes("[[topic]]\nkey = \"a\"\nrulle = \"x\"\n");
        assert!(told.starts_with("taxonomy.toml: line 3: unknown field `rulle`"), "{told}");
        assert!(mistakes("[[topic]]\nrule = \"x\"\n").contains("missing field `key`"));
        assert!(mistakes("x = [").starts_with("taxonomy.toml: line 1: "));
    }
}
