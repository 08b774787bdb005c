//! The rows that meet conditions, found by one SQL statement.
//!
//! Counts come from the columns of `facts.rs`; this is the second way to them,
//! which shares neither code nor data with the first: the database itself
//! tests every condition on the stored rows. Only words are found in the
//! search index.

use echolot_core::{
    CesAnswer, CharSpan, CsatAnswer, Journey, JourneyStage, KeyFigure, Language, NpsAnswer,
    Polarity, Rating, ThemeId, Timestamp, Topic, compare_releases,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::attributes::{STAGE_ATTRIBUTE, TOUCHPOINT_ATTRIBUTE};
use crate::columns;
use crate::encoding;
use crate::error::Error;
use crate::filter::Filter;
use crate::own_topics;
use crate::records::RowId;
use crate::taxonomy::OwnTopic;
use crate::verbatim_table::{read_ces, read_csat};

/// Conditions on rows and their opinions. All must hold, and those on opinions
/// for one opinion together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// What is known about the verbatim, as everywhere.
    pub filter: Filter,
    /// Names of groupings, each with the value it must have; none for those
    /// without a value.
    pub groups: Vec<(String, Option<String>)>,
    /// Only releases before this one.
    pub before_release: Option<String>,
}

/// A row that was selected, with those of its opinions that were.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedRow {
    /// The row.
    pub row: RowId,
    /// The id of the item.
    pub id: String,
    /// The row it repeats, or itself.
    pub canonical: RowId,
    /// The pseudonymous id of the customer.
    pub respondent: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// The length of the verbatim in characters.
    pub length: u32,
    /// The polarity of the whole.
    pub polarity: Polarity,
    /// Whether it has any opinion, selected or not.
    pub has_opinions: bool,
    /// The rating.
    pub rating: Option<Rating>,
    /// The answer to the recommendation question.
    pub nps: Option<NpsAnswer>,
    /// The answer to the satisfaction question.
    pub csat: Option<CsatAnswer>,
    /// The answer to the effort question.
    pub ces: Option<CesAnswer>,
    /// Seconds to the first human reply.
    pub first_response_s: Option<i64>,
    /// Seconds to the resolution.
    pub resolution_s: Option<i64>,
    /// Where the selected opinions stand, each with its theme.
    pub opinions: Vec<(CharSpan, Option<ThemeId>)>,
}

/// Columns are read by their place, in this order.
const SELECT: &str = "
SELECT f.row, f.id, coalesce(f.canonical_row, f.row), f.respondent, length(v.verbatim), f.polarity,
    EXISTS (SELECT 1 FROM opinion AS e WHERE e.row = f.row), f.rating, f.nps, f.csat, f.csat_scale,
    f.ces, f.ces_version, f.first_response_s, f.resolution_s,
    o.span_start, o.span_end, coalesce(t.parent, u.theme), f.product, f.created_at
FROM feedback AS f
JOIN verbatim AS v ON v.row = f.row
LEFT JOIN opinion AS o ON o.row = f.row
LEFT JOIN opinion_unit AS u ON u.row = o.row AND u.unit = o.unit
LEFT JOIN theme AS t ON t.theme = u.theme
WHERE ";

/// That the item has an own topic of which `{}` holds.
const OWN: &str = "EXISTS (SELECT 1 FROM own_topic AS w WHERE w.row = f.row AND {})";

/// The rows that meet a selection, ascending, their opinions in the order of
/// the text.
pub(crate) fn select(
    connection: &Connection,
    journey: &Journey,
    selection: &Selection,
) -> Result<Vec<SelectedRow>, Error> {
    let own = own_topics::read_taxonomies(connection)?.pop();
    let mut conditions =
        Conditions { own: own.map(|own| own.topics).unwrap_or_default(), ..Default::default() };
    conditions.add_filter(&selection.filter, journey);
    for (name, value) in &selection.groups {
        conditions.add_group(name, value.as_deref(), journey)?;
    }
    if let Some(release) = &selection.before_release {
        let earlier = releases_before(connection, release)?;
        conditions.any_of("f.release", values(earlier.iter().map(String::as_str)));
    }
    let statement = format!("{SELECT}{} ORDER BY f.row, o.opinion", conditions.text());
    let mut statement = connection.prepare(&statement)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    let mut found: Vec<SelectedRow> = Vec::new();
    while let Some(row) = rows.next()? {
        let number = columns::row_id(row, 0)?;
        if found.last().is_none_or(|last| last.row != number) {
            found.push(read(row)?);
        }
        let start: Option<u32> = row.get(15)?;
        if let (Some(start), Some(last)) = (start, found.last_mut()) {
            let theme: Option<u32> = row.get(17)?;
            last.opinions.push((CharSpan { start, end: row.get(16)? }, theme.map(ThemeId)));
        }
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<SelectedRow, Error> {
    Ok(SelectedRow {
        row: columns::row_id(row, 0)?,
        id: row.get(1)?,
        canonical: columns::row_id(row, 2)?,
        respondent: row.get(3)?,
        product: row.get(18)?,
        created_at: columns::timestamp(row, 19)?,
        length: row.get(4)?,
        polarity: columns::label(row, 5)?,
        has_opinions: row.get(6)?,
        rating: row.get::<_, Option<f64>>(7)?.map(encoding::rating).transpose()?,
        nps: row.get::<_, Option<u8>>(8)?.map(encoding::nps).transpose()?,
        csat: read_csat(row, 9, 10)?,
        ces: read_ces(row, 11, 12)?,
        first_response_s: row.get(13)?,
        resolution_s: row.get(14)?,
        opinions: vec![],
    })
}

fn releases_before(connection: &Connection, release: &str) -> Result<Vec<String>, Error> {
    let query = "SELECT DISTINCT release FROM feedback WHERE release IS NOT NULL";
    let mut statement = connection.prepare(query)?;
    let all: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|one| compare_releases(one, release).is_lt()).collect())
}

fn values<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Value> {
    words.map(|word| Value::from(word.to_owned())).collect()
}

/// That an item has a value for a figure.
fn has_value(figure: KeyFigure) -> &'static str {
    match figure {
        KeyFigure::Rating => "f.rating IS NOT NULL",
        KeyFigure::Nps => "f.nps IS NOT NULL",
        KeyFigure::Csat => "f.csat IS NOT NULL",
        KeyFigure::Ces => "f.ces_version = 2",
        KeyFigure::CesV1 => "f.ces_version = 1",
        KeyFigure::Frt => "f.first_response_s IS NOT NULL",
        KeyFigure::Art => "f.resolution_s IS NOT NULL",
    }
}

/// Conditions in SQL, and the values of their parameters.
#[derive(Default)]
struct Conditions {
    terms: Vec<String>,
    values: Vec<Value>,
    /// The own topics in force.
    own: Vec<OwnTopic>,
}

impl Conditions {
    fn text(&self) -> String {
        if self.terms.is_empty() { "1".to_owned() } else { self.terms.join(" AND ") }
    }

    fn add_filter(&mut self, filter: &Filter, journey: &Journey) {
        let texts = |list: &[String]| values(list.iter().map(String::as_str));
        if !filter.with_spam {
            self.terms.push("NOT f.is_spam".to_owned());
        }
        self.terms.extend(filter.figures.iter().map(|figure| has_value(*figure).to_owned()));
        self.any_if("f.language", values(filter.languages.iter().map(Language::code)));
        self.any_if("f.product", texts(&filter.products));
        self.any_if("f.release", texts(&filter.releases));
        self.any_if("f.channel", texts(&filter.channels));
        self.any_if("f.source", texts(&filter.sources));
        self.any_if("f.respondent", texts(&filter.respondents));
        for (name, wanted) in &filter.attributes {
            let value = self.attribute(name);
            self.any_of(&value, texts(wanted));
        }
        self.any_if("f.polarity", values(filter.polarities.iter().map(|label| label.code())));
        self.any_if("o.topic", values(filter.topics.iter().map(|label| label.code())));
        let polarities = filter.opinion_polarities.iter().map(|label| label.code());
        self.any_if("o.polarity", values(polarities));
        if !filter.themes.is_empty() {
            self.add_themes(&filter.themes);
        }
        if !filter.own_topics.is_empty() {
            self.own_topics(filter.own_topics.iter().cloned());
        }
        if !filter.stages.is_empty() {
            let stage = self.stage(journey);
            let codes: Vec<&str> = filter.stages.iter().map(|label| label.code()).collect();
            self.any_of(&stage, values(codes.iter().copied()));
            self.or_by_own_topic(STAGE_ATTRIBUTE, &codes);
        }
        if !filter.touchpoints.is_empty() {
            let touchpoint = self.touchpoint(journey);
            self.any_of(&touchpoint, texts(&filter.touchpoints));
            let words: Vec<&str> = filter.touchpoints.iter().map(String::as_str).collect();
            self.or_by_own_topic(TOUCHPOINT_ATTRIBUTE, &words);
        }
        if !filter.intents.is_empty() {
            let has_one: Vec<&str> =
                filter.intents.iter().map(|_| "instr(',' || f.intents || ',', ?) > 0").collect();
            self.terms.push(format!("({})", has_one.join(" OR ")));
            let codes = filter.intents.iter().map(|intent| format!(",{},", intent.code()));
            self.values.extend(codes.map(Value::from));
        }
        let bounds = [
            ("f.created_at >= ?", filter.from.map(|at| Value::from(at.seconds()))),
            ("f.created_at < ?", filter.to.map(|at| Value::from(at.seconds()))),
            (
                "(f.created_at IS NULL OR f.created_at < ?)",
                filter.as_of.map(|at| at.seconds().into()),
            ),
            ("f.rating >= ?", filter.rating_min.map(Value::from)),
            ("f.rating <= ?", filter.rating_max.map(Value::from)),
        ];
        for (term, value) in bounds {
            if let Some(value) = value {
                self.terms.push(term.to_owned());
                self.values.push(value);
            }
        }
    }

    /// Opinions in one of the themes, or in those that their numbers lead to.
    fn add_themes(&mut self, themes: &[ThemeId]) {
        let asked = vec!["(?)"; themes.len()].join(", ");
        let leads = format!(
            "(WITH RECURSIVE leads (number) AS (VALUES {asked}
              UNION SELECT s.successor FROM leads JOIN theme AS s ON s.theme = number
              WHERE s.successor IS NOT NULL) SELECT number FROM leads)"
        );
        self.terms.push(format!("(u.theme IN {leads} OR t.parent IN {leads})"));
        for _ in 0..2 {
            self.values.extend(themes.iter().map(|theme| Value::from(theme.0)));
        }
    }

    fn add_group(
        &mut self,
        name: &str,
        value: Option<&str>,
        journey: &Journey,
    ) -> Result<(), Error> {
        let period = |form: &str| format!("strftime('{form}', f.created_at, 'unixepoch')");
        let expression = match name {
            "product" | "release" | "channel" | "source" | "language" | "respondent"
            | "polarity" => format!("f.{name}"),
            "rating" => "f.rating".to_owned(),
            "all" => "'all'".to_owned(),
            "day" => period("%Y-%m-%d"),
            "week" => period("%G-W%V"),
            "month" => period("%Y-%m"),
            "topic" => "o.topic".to_owned(),
            "opinion_polarity" => "o.polarity".to_owned(),
            "theme" => "coalesce(t.parent, u.theme)".to_owned(),
            "stage" => self.stage(journey),
            "touchpoint" => self.touchpoint(journey),
            "own_topic" => {
                match value {
                    Some(key) => self.own_topics(std::iter::once(key.to_owned())),
                    None => self.terms.push(format!("NOT {}", OWN.replace("{}", "1"))),
                }
                return Ok(());
            }
            "intent" => {
                let (term, value) = match value {
                    Some(code) => ("instr(',' || f.intents || ',', ?) > 0", format!(",{code},")),
                    None => ("f.intents = ?", String::new()),
                };
                self.terms.push(term.to_owned());
                self.values.push(Value::from(value));
                return Ok(());
            }
            other => match other.strip_prefix("attribute.") {
                Some(name) => self.attribute(name),
                None => return Err(Error::UnknownColumn { name: other.to_owned() }),
            },
        };
        let attribute = match name {
            "stage" => Some(STAGE_ATTRIBUTE),
            "touchpoint" => Some(TOUCHPOINT_ATTRIBUTE),
            _ => None,
        };
        match value {
            None => {
                self.terms.push(format!("{expression} IS NULL"));
                let keys = attribute.map(|attribute| self.keys_with(attribute, None));
                if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
                    self.own_topics(keys.into_iter());
                    let last = self.terms.pop().unwrap_or_default();
                    self.terms.push(format!("NOT {last}"));
                }
            }
            Some(value) => {
                let number = matches!(name, "rating" | "theme").then(|| value.parse::<f64>().ok());
                let value = number.flatten().map_or_else(|| value.to_owned().into(), Value::from);
                let word = attribute.and_then(|_| match &value {
                    Value::Text(word) => Some(word.clone()),
                    _ => None,
                });
                self.any_of(&expression, vec![value]);
                if let (Some(attribute), Some(word)) = (attribute, word) {
                    self.or_by_own_topic(attribute, &[&word]);
                }
            }
        }
        Ok(())
    }

    /// That the item has one of some own topics.
    fn own_topics(&mut self, keys: impl Iterator<Item = String>) {
        let keys: Vec<Value> = keys.map(Value::from).collect();
        let marks = vec!["?"; keys.len()].join(", ");
        self.values.extend(keys);
        self.terms.push(OWN.replace("{}", &format!("w.topic IN ({marks})")));
    }

    /// The own topics with a stage or a touchpoint: one of some, or any.
    fn keys_with(&self, attribute: &str, words: Option<&[&str]>) -> Vec<String> {
        let word = |own: &OwnTopic| match attribute {
            STAGE_ATTRIBUTE => own.stage.map(|stage| stage.code().to_owned()),
            _ => own.touchpoint.clone(),
        };
        let meets = |own: &&OwnTopic| {
            word(own).is_some_and(|word| words.is_none_or(|words| words.contains(&word.as_str())))
        };
        self.own.iter().filter(meets).map(|own| own.key.clone()).collect()
    }

    /// Lets the last term hold as well where an own topic has one of some stages or
    /// touchpoints, unless the item itself states one.
    fn or_by_own_topic(&mut self, attribute: &str, words: &[&str]) {
        let keys = self.keys_with(attribute, Some(words));
        let Some(before) = self.terms.pop() else { return };
        if keys.is_empty() {
            return self.terms.push(before);
        }
        let stated = if attribute == STAGE_ATTRIBUTE {
            self.stated_stage()
        } else {
            self.attribute(attribute)
        };
        self.own_topics(keys.into_iter());
        let own = self.terms.pop().unwrap_or_default();
        self.terms.push(format!("({before} OR ({stated} IS NULL AND {own}))"));
    }

    /// That an expression has one of the values. Its own parameters, if it has
    /// any, were pushed before.
    fn any_of(&mut self, expression: &str, values: Vec<Value>) {
        let marks = vec!["?"; values.len()].join(", ");
        self.values.extend(values);
        self.terms.push(format!("{expression} IN ({marks})"));
    }

    fn any_if(&mut self, expression: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.any_of(expression, values);
        }
    }

    /// The value of an attribute of the item.
    fn attribute(&mut self, name: &str) -> String {
        self.values.push(Value::from(name.to_owned()));
        "(SELECT a.value FROM json_each(v.attributes) AS a WHERE a.key = ?)".to_owned()
    }

    /// What the item states, if it is a journey stage.
    fn stated_stage(&mut self) -> String {
        let known: Vec<&str> = JourneyStage::ALL.iter().map(|stage| stage.code()).collect();
        self.values.push(Value::from(STAGE_ATTRIBUTE.to_owned()));
        format!(
            "(SELECT a.value FROM json_each(v.attributes) AS a
              WHERE a.key = ? AND a.value IN ('{}'))",
            known.join("', '")
        )
    }

    /// What the item states, or what its topic has.
    fn stage(&mut self, journey: &Journey) -> String {
        let stated = self.stated_stage();
        let of_topic = self.by_topic(|topic| journey.stage(topic).map(JourneyStage::code));
        format!("coalesce({stated}, {of_topic})")
    }

    /// What the item states, or what its topic has.
    fn touchpoint(&mut self, journey: &Journey) -> String {
        let attribute = self.attribute(TOUCHPOINT_ATTRIBUTE);
        let of_topic = self.by_topic(|topic| journey.touchpoint(topic));
        format!("coalesce({attribute}, {of_topic})")
    }

    /// A word for each topic that has one.
    fn by_topic<'a>(&mut self, word: impl Fn(Topic) -> Option<&'a str>) -> String {
        let cases: Vec<(&str, &str)> =
            Topic::ALL.iter().filter_map(|&topic| Some((topic.code(), word(topic)?))).collect();
        if cases.is_empty() {
            return "NULL".to_owned();
        }
        let arms: String = cases.iter().map(|_| " WHEN ? THEN ?").collect();
        let values = cases.into_iter().flat_map(|(topic, word)| [topic, word]);
        self.values.extend(values.map(|word| Value::from(word.to_owned())));
        format!("CASE o.topic{arms} END")
    }
}
