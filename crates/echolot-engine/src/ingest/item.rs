//! One row of values becomes one checked feedback item.

use std::collections::BTreeMap;

use echolot_core::{
    Body, CesAnswer, CsatAnswer, DateOrder, Feedback, FeedbackId, Fingerprint, InvalidAnswer,
    InvalidTimestamp, Language, NpsAnswer, Rating, Role, Timestamp, Turn,
};
use serde_json::Value;

use super::SourceOptions;
use super::answers;
use super::columns::{Field, Layout, Slot};
use super::speech;

/// Reads one JSON object as a feedback item. Its keys are taken for fields by
/// the same rules as the columns of a file; `options` maps keys and fills in
/// what is absent.
///
/// # Errors
/// The reason, naming the key, why the object is no feedback item.
pub fn parse_item(json: Value, options: &SourceOptions) -> Result<Feedback, String> {
    let Value::Object(object) = json else {
        return Err("the row is not a JSON object".to_owned());
    };
    let (names, values): (Vec<String>, Vec<Value>) = object.into_iter().unzip();
    assemble(&Layout::resolve(names, options), values, options)
}

/// Puts the values of one row, in the order of the layout, together.
///
/// What a number may be computed from (answers, ratings, times) must be right,
/// or the row is refused. A language that cannot be read is kept as an
/// attribute instead, because it can be told from the text. A conversation
/// that does not state its own time was written when its first turn was.
///
/// A title stands before the text on a line of its own, so that the verbatim
/// holds no character the customer did not write; where the text begins with
/// the title, as in some shop exports, it is not repeated.
pub(super) fn assemble(
    layout: &Layout,
    values: Vec<Value>,
    options: &SourceOptions,
) -> Result<Feedback, String> {
    let mut row = Row { layout, fields: BTreeMap::new(), attributes: BTreeMap::new() };
    for (at, value) in values.into_iter().enumerate() {
        row.place(at, value)?;
    }
    let order = options.date_order;
    let stated_time = row.time(Field::CreatedAt, order)?;
    let body = row.body(stated_time, order)?;
    let created_at = stated_time.or_else(|| body.turns().iter().find_map(|turn| turn.at));
    let source = row.word(Field::Source).or_else(|| options.source.clone());
    let channel = row.word(Field::Channel).or_else(|| options.channel.clone());
    let product = row.word(Field::Product).or_else(|| options.product.clone());
    let release = row.word(Field::Release);
    let rating = row.answer(Field::Rating, Rating::new)?;
    let nps = row.answer(Field::Nps, NpsAnswer::new)?;
    let csat = row.answer(Field::Csat, |value| CsatAnswer::new(value, options.csat_scale))?;
    let ces = row.answer(Field::Ces, |value| CesAnswer::new(value, options.ces_version))?;
    let language = row.language();
    let given_id = row.word(Field::Id);
    let respondent = row.word(Field::Respondent);
    let url = row.word(Field::Url);
    let mut item = Feedback {
        id: FeedbackId::new(given_id.as_deref().unwrap_or_default()),
        body,
        source,
        channel,
        created_at,
        product,
        release,
        rating,
        nps,
        csat,
        ces,
        respondent,
        language,
        url,
        attributes: row.attributes,
    };
    if given_id.is_none() {
        item.id = derived_id(content_fingerprint(&item));
    }
    Ok(item)
}

/// The values of one row by what they mean.
struct Row<'a> {
    layout: &'a Layout,
    fields: BTreeMap<Field, Value>,
    attributes: BTreeMap<String, String>,
}

impl Row<'_> {
    fn place(&mut self, at: usize, value: Value) -> Result<(), String> {
        if matches!(&value, Value::String(text) if text.contains('\0')) {
            let name = &self.layout.names()[at];
            return Err(format!(
                "column `{name}` holds a NUL character; the file is damaged or in another encoding"
            ));
        }
        match &self.layout.slots()[at] {
            Slot::Field(Field::Attributes) => self.keep_all(value),
            Slot::Field(field) => {
                if !value.is_null() {
                    self.fields.insert(*field, value);
                }
            }
            Slot::Attribute(name) => self.keep(name.clone(), &value),
        }
        Ok(())
    }

    /// Keeps a value as an attribute unless there is none.
    fn keep(&mut self, name: String, value: &Value) {
        if let Some(text) = plain(value) {
            self.attributes.entry(name).or_insert(text);
        }
    }

    /// Keeps each entry of an object, given as JSON or as its text.
    fn keep_all(&mut self, value: Value) {
        let parsed = match &value {
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        };
        match parsed.unwrap_or(value) {
            Value::Object(entries) => {
                for (name, value) in entries {
                    if let Some(text) = plain(&value) {
                        self.attributes.insert(name, text);
                    }
                }
            }
            other => self.keep(Field::Attributes.name().to_owned(), &other),
        }
    }

    /// A short value without the blanks around it.
    fn word(&mut self, field: Field) -> Option<String> {
        let text = plain(&self.fields.remove(&field)?)?;
        Some(text.trim().to_owned())
    }

    /// A long value as it was written.
    fn words(&mut self, field: Field) -> Option<String> {
        plain(&self.fields.remove(&field)?)
    }

    /// A typed value that is not marked as missing.
    fn stated(&mut self, field: Field) -> Option<String> {
        self.word(field).filter(|text| !answers::is_missing(text))
    }

    fn time(
        &mut self,
        field: Field,
        order: Option<DateOrder>,
    ) -> Result<Option<Timestamp>, String> {
        let Some(text) = self.stated(field) else { return Ok(None) };
        let time = read_time(&text, order)
            .map_err(|error| format!("{}: {error}{}", field.name(), self.column_note(field)))?;
        Ok(Some(time))
    }

    fn answer<T>(
        &mut self,
        field: Field,
        check: impl Fn(f64) -> Result<T, InvalidAnswer>,
    ) -> Result<Option<T>, String> {
        let Some(text) = self.stated(field) else { return Ok(None) };
        let note = self.column_note(field);
        let value = answers::number(&text)
            .ok_or_else(|| format!("{} is `{text}`, but must be a number{note}", field.name()))?;
        check(value).map(Some).map_err(|error| format!("{error}{note}"))
    }

    /// Names the column where the file calls it otherwise than we do.
    fn column_note(&self, field: Field) -> String {
        match self.layout.column_of(field) {
            Some(column) if column != field.name() => format!(" (column `{column}`)"),
            _ => String::new(),
        }
    }

    fn language(&mut self) -> Option<Language> {
        let text = self.stated(Field::Language)?;
        let language = answers::language(&text);
        if language.is_none() {
            self.keep(Field::Language.name().to_owned(), &Value::String(text));
        }
        language
    }

    /// The text, or the conversation if there is one. The reply of the company
    /// is a turn after the customer's.
    fn body(
        &mut self,
        created_at: Option<Timestamp>,
        order: Option<DateOrder>,
    ) -> Result<Body, String> {
        let reply = self.words(Field::Reply);
        let replied_at = self.time(Field::RepliedAt, order)?;
        let mut turns = if let Some(turns) = self.turns(created_at, order)? {
            for field in [Field::Title, Field::Text] {
                let value = self.fields.remove(&field).unwrap_or_default();
                self.keep(field.name().to_owned(), &value);
            }
            turns
        } else {
            let text = titled(self.words(Field::Title), self.words(Field::Text));
            let text = text.ok_or_else(|| self.no_text())?;
            match speech::conversation(&text, created_at) {
                Some(turns) => turns,
                None if reply.is_none() => return Ok(Body::Text(text)),
                None => vec![Turn { role: Role::Customer, text, at: created_at }],
            }
        };
        if let Some(text) = reply {
            turns.push(Turn { role: Role::Agent, text, at: replied_at });
        }
        if turns.iter().all(|turn| turn.role != Role::Customer) {
            return Err("text is empty: no turn is by the customer".to_owned());
        }
        Ok(Body::Turns(turns))
    }

    fn no_text(&self) -> String {
        if self.layout.has_text() {
            return "text is empty".to_owned();
        }
        format!("there is no text; the keys are `{}`", self.layout.names().join("`, `"))
    }

    /// The turns of the conversation; none if there are none.
    fn turns(
        &mut self,
        created_at: Option<Timestamp>,
        order: Option<DateOrder>,
    ) -> Result<Option<Vec<Turn>>, String> {
        let Some(value) = self.fields.remove(&Field::Turns) else { return Ok(None) };
        let value = match value {
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            Value::String(text) if text.trim_start().starts_with('[') => {
                match serde_json::from_str(&text) {
                    Ok(value) => value,
                    // A line that begins with a time in brackets.
                    Err(_) => Value::String(text),
                }
            }
            other => other,
        };
        match value {
            Value::String(text) => match speech::conversation(&text, created_at) {
                Some(turns) => Ok(Some(turns)),
                None => Err("turns hold no lines of two speakers".to_owned()),
            },
            Value::Array(turns) => {
                let turns: Result<Vec<Option<Turn>>, String> =
                    turns.iter().enumerate().map(|(at, turn)| read_turn(at, turn, order)).collect();
                let turns: Vec<Turn> = turns?.into_iter().flatten().collect();
                Ok((!turns.is_empty()).then_some(turns))
            }
            _ => Err("turns must be a list of objects with role, text and at".to_owned()),
        }
    }
}

/// The title on a line before the text.
fn titled(title: Option<String>, text: Option<String>) -> Option<String> {
    match (title, text) {
        (Some(title), Some(text)) => {
            let opening = title.trim().trim_end_matches(['…', '.']).trim_end();
            let is_repeated = text.trim_start().starts_with(opening);
            Some(if is_repeated { text } else { format!("{title}\n{text}") })
        }
        (title, text) => text.or(title),
    }
}

/// The text of a value: strings as they are, numbers and truth values as JSON
/// writes them, lists and objects as compact JSON. None for nothing.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// One turn of a list; none if it is blank.
fn read_turn(at: usize, value: &Value, order: Option<DateOrder>) -> Result<Option<Turn>, String> {
    let Value::Object(turn) = value else {
        return Err(format!("turns[{at}] is not an object with role, text and at"));
    };
    let first = |keys: &[&str]| keys.iter().find_map(|key| turn.get(*key).and_then(plain));
    let Some(text) = first(&["text", "message", "content", "body"]) else { return Ok(None) };
    if text.contains('\0') {
        return Err(format!("turns[{at}].text holds a NUL character"));
    }
    let Some(word) = first(&["role", "speaker", "sender", "author", "from"]) else {
        return Err(format!("turns[{at}].role is missing"));
    };
    let role = Role::from_word(&word).ok_or_else(|| {
        format!("turns[{at}].role is `{word}`, but must be customer, agent or bot")
    })?;
    let at_text = first(&["at", "time", "timestamp", "ts", "created_at", "date"]);
    let at = match at_text.filter(|text| !answers::is_missing(text)) {
        Some(text) => {
            Some(read_time(&text, order).map_err(|error| format!("turns[{at}].at: {error}"))?)
        }
        None => None,
    };
    Ok(Some(Turn { role, text, at }))
}

fn read_time(text: &str, order: Option<DateOrder>) -> Result<Timestamp, InvalidTimestamp> {
    order.map_or_else(|| text.parse(), |order| order.timestamp(text))
}

/// The id of an item whose source gives none, from its content.
pub(crate) fn derived_id(content: Fingerprint) -> FeedbackId {
    FeedbackId::new(format!("fb-{content}"))
}

/// The fingerprint of everything an item says but its id, the defaults of the
/// source included.
///
/// The fields, not the bytes of the row, are hashed. So the same row has the
/// same fingerprint in any file and form, and one with another date or rating
/// another.
pub(crate) fn content_fingerprint(item: &Feedback) -> Fingerprint {
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.seconds().to_string());
    let mut parts: Vec<String> = Vec::with_capacity(16);
    for word in [&item.source, &item.channel, &item.product, &item.release, &item.respondent] {
        parts.push(word.clone().unwrap_or_default());
    }
    parts.push(item.url.clone().unwrap_or_default());
    parts.push(time(item.created_at));
    parts.push(item.rating.map_or_else(String::new, |rating| rating.value().to_string()));
    parts.push(item.nps.map_or_else(String::new, |nps| nps.value().to_string()));
    parts.push(
        item.csat.map_or_else(String::new, |csat| format!("{}/{}", csat.value(), csat.scale())),
    );
    parts.push(
        item.ces
            .map_or_else(String::new, |ces| format!("{} {}", ces.value(), ces.version().code())),
    );
    parts.push(item.language.map_or_else(String::new, |language| language.to_string()));
    match &item.body {
        Body::Text(text) => parts.extend(["text".to_owned(), text.clone()]),
        Body::Turns(turns) => {
            parts.push(format!("turns {}", turns.len()));
            for turn in turns {
                parts.extend([turn.role.code().to_owned(), turn.text.clone(), time(turn.at)]);
            }
        }
    }
    for (name, value) in &item.attributes {
        parts.extend([name.clone(), value.clone()]);
    }
    Fingerprint::of(parts.iter().map(String::as_bytes))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;
    use crate::ingest::tests::show;

    fn check(json: Value, expected: &Expect) {
        let shown = match parse_item(json, &SourceOptions::default()) {
            Ok(item) => show(&item),
            Err(reason) => format!("refused: {reason}\n"),
        };
        expected.assert_eq(&shown);
    }

    fn id(json: Value) -> String {
        parse_item(json, &SourceOptions::default()).unwrap().id.to_string()
    }

    #[test]
    fn all_fields_are_read_and_the_rest_is_kept() {
        check(
            json!({
                "id": 17, "text": " Läuft nicht. ", "source": "play_store", "channel": "review",
                "created_at": "2025-06-01", "product": "Kanvio", "release": "4.2.0", "rating": "4,5",
                "nps": 9, "csat": "4 von 5", "ces": 7, "respondent": "r-1", "language": "de-CH",
                "url": "https://example.org/1", "attributes": {"plan": "pro", "seats": 3},
                "tags": ["a", {"b": 1}], "empty": null, "blank": " ", "is_new": true
            }),
            &expect![[r#"
                17
                  text: " Läuft nicht. "
                  source: play_store
                  channel: review
                  created_at: 2025-06-01T00:00:00Z
                  product: Kanvio
                  release: 4.2.0
                  rating: 4.5
                  nps: 9
                  csat: 4 of 5
                  ces: 7 (2.0)
                  respondent: r-1
                  language: de
                  url: https://example.org/1
                  is_new ~ true
                  plan ~ pro
                  seats ~ 3
                  tags ~ ["a",{"b":1}]
            "#]],
        );
    }

    #[test]
    fn a_wrong_answer_refuses_the_row_and_names_the_key_and_the_range() {
        let refused = |json: Value| parse_item(json, &SourceOptions::default()).unwrap_err();
        for (json, reason) in [
            (json!({"text": "x", "nps": 11}), "nps is 11, but must be a whole number from 0 to 10"),
            (
                json!({"text": "x", "Wie wahrscheinlich empfehlen Sie uns?": 7.5}),
                "nps is 7.5, but must be a whole number from 0 to 10 \
                 (column `Wie wahrscheinlich empfehlen Sie uns?`)",
            ),
            (
                json!({"text": "x", "Sterne": "gut"}),
                "rating is `gut`, but must be a number (column `Sterne`)",
            ),
            (json!({"text": "x", "csat": 6}), "csat is 6, but must be a whole number from 1 to 5"),
            (json!({"text": "x", "ces": 0}), "ces is 0, but must be a whole number from 1 to 7"),
            (json!({"text": "  "}), "text is empty"),
            (json!({"text": null, "turns": []}), "text is empty"),
            (json!({"note": "x", "stars": 1}), "there is no text; the keys are `note`, `stars`"),
            (json!(["x"]), "the row is not a JSON object"),
            (
                json!({"text": "a\u{0}b"}),
                "column `text` holds a NUL character; the file is damaged or in another encoding",
            ),
            (
                json!({"turns": [{"role": "dog", "text": "wau"}]}),
                "turns[0].role is `dog`, but must be customer, agent or bot",
            ),
            (json!({"turns": [{"text": "hi"}]}), "turns[0].role is missing"),
            (
                json!({"turns": [{"role": "agent", "text": "hi"}]}),
                "text is empty: no turn is by the customer",
            ),
            (json!({"turns": 3}), "turns must be a list of objects with role, text and at"),
        ] {
            assert_eq!(refused(json), reason);
        }
        let reason = refused(json!({"text": "x", "Datum": "gestern"}));
        assert!(reason.starts_with("created_at: `gestern` is not a date or time"), "{reason}");
        assert!(reason.ends_with("(column `Datum`)"), "{reason}");
    }

    #[test]
    fn missing_answers_are_no_answers() {
        check(
            json!({"id": "a", "text": "x", "nps": "k.A.", "rating": "", "date": "n/a", "lang": "Klingonisch"}),
            &expect![[r#"
                a
                  text: "x"
                  language ~ Klingonisch
            "#]],
        );
    }

    #[test]
    fn a_title_stands_on_the_line_before_the_text() {
        check(
            json!({"id": "a", "Titel": "Nie wieder", "Bewertungstext": "Kam kaputt an."}),
            &expect![[r#"
                a
                  text: "Nie wieder\nKam kaputt an."
            "#]],
        );
        check(
            json!({"id": "a", "title": "Kam kaputt…", "text": "Kam kaputt an."}),
            &expect![[r#"
                a
                  text: "Kam kaputt an."
            "#]],
        );
        check(
            json!({"id": "a", "title": "Super!", "text": ""}),
            &expect![[r#"
                a
                  text: "Super!"
            "#]],
        );
    }

    #[test]
    fn a_reply_is_a_turn_of_the_company() {
        check(
            json!({
                "id": "a", "text": "Stürzt ab", "at": "2020-10-10 21:21:40",
                "reply": "Danke, wir sehen nach.", "replied_at": "2020-10-11 09:42:21"
            }),
            &expect![[r#"
                a
                  2020-10-10T21:21:40Z customer: "Stürzt ab"
                  2020-10-11T09:42:21Z agent: "Danke, wir sehen nach."
                  created_at: 2020-10-10T21:21:40Z
            "#]],
        );
    }

    #[test]
    fn a_text_with_two_speakers_is_a_conversation() {
        check(
            json!({"id": "a", "text": "Kunde: Wo ist mein Paket?\nAgent: Ich sehe nach.\nMoment bitte.\nKunde: ok"}),
            &expect![[r#"
                a
                  customer: "Wo ist mein Paket?"
                  agent: "Ich sehe nach.\nMoment bitte."
                  customer: "ok"
            "#]],
        );
        check(
            json!({"id": "a", "text": "Service: mangelhaft\nEssen: gut"}),
            &expect![[r#"
                a
                  text: "Service: mangelhaft\nEssen: gut"
            "#]],
        );
    }

    #[test]
    fn turns_keep_their_times() {
        let turns = json!([
            {"role": "Kunde", "text": "Hallo?", "ts": 1_589_375_697},
            {"role": "bot", "text": " "},
            {"role": "agent", "text": "Guten Tag", "at": "2020-05-13T13:15:10Z"}
        ]);
        let expected = expect![[r#"
            a
              2020-05-13T13:14:57Z customer: "Hallo?"
              2020-05-13T13:15:10Z agent: "Guten Tag"
              created_at: 2020-05-13T13:14:57Z
        "#]];
        check(json!({"id": "a", "turns": turns}), &expected);
        check(json!({"id": "a", "turns": turns.to_string()}), &expected);
    }

    #[test]
    fn the_derived_id_depends_on_the_content_alone() {
        let first = id(json!({"text": "Gut", "rating": 5, "Ort": "Ulm"}));
        assert_eq!(
            first,
            id(json!({"Ort": "Ulm", "Sterne": "5,0", "Kommentar": "Gut", "nps": null}))
        );
        assert_eq!(first.len(), 3 + 32);
        for other in [
            json!({"text": "Gut", "rating": 4, "Ort": "Ulm"}),
            json!({"text": "Gut", "rating": 5, "Ort": "Bonn"}),
            json!({"text": "Gut", "rating": 5, "Ort": "Ulm", "date": "2025-01-01"}),
            json!({"text": "Gut", "rating": 5, "Ort": "Ulm", "product": "X"}),
            json!({"text": "Gut", "rating": 5, "Ort": "Ulm", "release": "X"}),
            json!({"text": "Gut!", "rating": 5, "Ort": "Ulm"}),
        ] {
            assert_ne!(first, id(other));
        }
    }

    #[test]
    fn the_derived_id_never_changes() {
        // Stored items are recognised by it: a change needs a new data format.
        let item = json!({"text": "Gut", "rating": 5, "date": "2025-01-01", "Ort": "Ulm"});
        expect!["fb-420a55a0dca67c705b881548fc2ec6dc"].assert_eq(&id(item));
    }
}
