//! Chat transcripts: conversations as lines of text, one after another.

use echolot_core::Turn;
use serde_json::{Value, json};

use super::columns::{Layout, key};
use super::encoding::{Charset, Stream};
use super::item;
use super::lines::{Lines, TOO_LONG};
use super::speech::{self, Conversation, Utterance};
use super::{Delivered, Deliveries, IngestError, Intake, Reader, deliveries};

/// Words a header begins with that names a conversation: `Chat 4711`.
const HEADER_WORDS: [&str; 14] = [
    "chat",
    "chatid",
    "gespraech",
    "konversation",
    "conversation",
    "dialog",
    "ticket",
    "ticketid",
    "case",
    "fall",
    "vorgang",
    "session",
    "sitzung",
    "transcript",
];

/// The longest header line, in characters; longer ones are somebody's words.
const MAX_HEADER_CHARS: usize = 120;

/// The longest conversation, in bytes.
const MAX_CONVERSATION_BYTES: usize = super::lines::MAX_ROW_BYTES;

pub(super) fn read(stream: Stream, intake: Intake) -> Deliveries {
    deliveries(Transcript {
        lines: Lines::new(stream.reader),
        charset: stream.charset,
        next: Draft::default(),
        after_blank: true,
        is_over: false,
        intake,
    })
}

/// A file of conversations. A conversation ends at a line of dashes or equals
/// signs, and at a blank line before a header. A header is everything before
/// the first speaker: `Datum: 01.06.2025` or `Kanal: Chat` state fields by the
/// names that columns have, and `Chat 4711` states the id.
struct Transcript {
    lines: Lines,
    charset: Charset,
    next: Draft,
    after_blank: bool,
    is_over: bool,
    intake: Intake,
}

/// A conversation that is being read.
#[derive(Default)]
struct Draft {
    line: u64,
    header: Vec<(String, String)>,
    conversation: Conversation,
    raw: String,
    fault: Option<String>,
}

impl Draft {
    /// Whether nobody has spoken yet.
    fn is_header(&self) -> bool {
        self.conversation.is_empty() && self.fault.is_none()
    }

    fn is_blank(&self) -> bool {
        self.raw.is_empty() && self.fault.is_none()
    }
}

impl Reader for Transcript {
    fn next_row(&mut self) -> Result<Option<Delivered>, IngestError> {
        while !self.is_over {
            let number = self.lines.next_number();
            let line = self.lines.read().map_err(|source| self.intake.broke_off(number, source))?;
            let Some(line) = line else {
                self.is_over = true;
                break;
            };
            let text = match self.charset.decode(line.bytes) {
                _ if line.is_too_long => Err(TOO_LONG.to_owned()),
                decoded => decoded.map(std::borrow::Cow::into_owned),
            };
            let finished = match text {
                Ok(text) => self.take(number, &text),
                Err(reason) => {
                    self.next.fault.get_or_insert(format!("line {number}: {reason}"));
                    None
                }
            };
            if let Some(draft) = finished {
                return Ok(Some(self.finish(draft)));
            }
        }
        let last = std::mem::take(&mut self.next);
        Ok((!last.is_blank()).then(|| self.finish(last)))
    }
}

impl Transcript {
    /// Takes one line; gives the conversation that it ends, if it does.
    fn take(&mut self, number: u64, line: &str) -> Option<Draft> {
        let after_blank = std::mem::replace(&mut self.after_blank, line.trim().is_empty());
        if line.trim().is_empty() {
            if !self.next.conversation.is_empty() {
                self.next.conversation.go_on("");
            }
            return None;
        }
        let is_rule = is_rule(line);
        let said = speech::utterance(line);
        let begins_anew = is_rule || said.is_none() && after_blank && is_header(line);
        // A rule below a header underlines it.
        let finished =
            (begins_anew && !self.next.is_header()).then(|| std::mem::take(&mut self.next));
        if !is_rule {
            self.add(number, line, said.as_ref());
        }
        finished
    }

    fn add(&mut self, number: u64, line: &str, said: Option<&Utterance<'_>>) {
        let draft = &mut self.next;
        if draft.raw.is_empty() {
            draft.line = number;
        }
        if draft.raw.len() + line.len() > MAX_CONVERSATION_BYTES {
            draft.fault.get_or_insert_with(|| "the conversation is longer than 16 MiB".to_owned());
            return;
        }
        draft.raw.push_str(line);
        draft.raw.push('\n');
        match said {
            Some(said) => {
                if draft.conversation.is_empty() {
                    draft.conversation = Conversation::on(day_of(&draft.header));
                }
                draft.conversation.say(said);
            }
            None if draft.conversation.is_empty() => draft.header.extend(header_entries(line)),
            None => draft.conversation.go_on(line),
        }
    }

    fn finish(&self, draft: Draft) -> Delivered {
        let Draft { line, header, conversation, raw, fault } = draft;
        let checked = match fault {
            Some(reason) => Err(reason),
            None if conversation.is_empty() => {
                Err("no line names a speaker, as in `Kunde: …` or `Agent: …`".to_owned())
            }
            None => {
                let (mut names, values): (Vec<String>, Vec<String>) = header.into_iter().unzip();
                let mut values: Vec<Value> = values.into_iter().map(Value::String).collect();
                names.push("turns".to_owned());
                values.push(conversation.into_turns().iter().map(turn_json).collect());
                let layout = Layout::resolve(names, &self.intake.options);
                item::assemble(&layout, values, &self.intake.options)
            }
        };
        self.intake.judge(line, checked, || raw)
    }
}

fn turn_json(turn: &Turn) -> Value {
    let at = turn.at.map(|at| at.to_string());
    json!({ "role": turn.role.code(), "text": turn.text, "at": at })
}

/// A line of at least three dashes, equals signs, stars or underscores.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && ["-", "=", "*", "_"].iter().any(|sign| line.replace(sign, "").is_empty())
}

/// Whether a line behind a blank one is a header and not the next paragraph of
/// what was said last.
fn is_header(line: &str) -> bool {
    if line.chars().count() > MAX_HEADER_CHARS {
        return false;
    }
    let entries = header_entries(line);
    let names_field = |(name, _): &(String, String)| {
        let layout = Layout::resolve(vec![name.clone()], &super::SourceOptions::default());
        layout.num_known() > 0
    };
    line.trim_start().starts_with('#') || entries.iter().any(names_field)
}

/// What a header line states: `name: value` for each part between bars, the
/// id in `Chat 4711`, and anything else as the attribute `header`.
fn header_entries(line: &str) -> Vec<(String, String)> {
    let line = line.trim().trim_start_matches('#').trim();
    let parts = line.split('|').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| named(part).unwrap_or_else(|| ("header".to_owned(), part.to_owned())))
        .collect()
}

fn named(part: &str) -> Option<(String, String)> {
    let is_header_word = |word: &str| HEADER_WORDS.contains(&key(word).as_str());
    if let Some((name, value)) = part.split_once(':')
        && !name.contains(|c: char| c.is_ascii_digit())
    {
        let name = if is_header_word(name) { "id" } else { name.trim() };
        return Some((name.to_owned(), value.trim().to_owned()));
    }
    let (word, id) = part.split_once(char::is_whitespace)?;
    let id = id.trim().trim_start_matches('#');
    let is_id = !id.contains(char::is_whitespace) && id.contains(|c: char| c.is_ascii_digit());
    (is_header_word(word) && is_id).then(|| ("id".to_owned(), id.to_owned()))
}

/// The day a header states.
fn day_of(header: &[(String, String)]) -> Option<echolot_core::Timestamp> {
    let names = header.iter().map(|(name, _)| name.clone()).collect();
    let layout = Layout::resolve(names, &super::SourceOptions::default());
    let column = layout.column_of(super::columns::Field::CreatedAt)?;
    let (_, value) = header.iter().find(|(name, _)| name == column)?;
    value.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use expect_test::{Expect, expect};

    use super::*;
    use crate::ingest::SourceOptions;
    use crate::ingest::tests::show_all;

    fn check(text: &str, expected: &Expect) {
        let stream = Stream::new(Cursor::new(text.to_owned())).unwrap();
        let options = SourceOptions::default();
        let intake = Intake { name: "chat.txt".to_owned(), options };
        expected.assert_eq(&show_all(read(stream, intake)));
    }

    #[test]
    fn headers_and_rules_divide_conversations() {
        check(
            "\
Chat 4711 | Datum: 01.06.2025 | Kanal: Chat
-------------------------------------------
[14:30] Kunde: Mein Paket fehlt.
Seit Montag!

Wirklich.
[14:31] Agent Anna: Ich sehe nach.
======
id: c-2
Kundin: Hallo?
Bot: Guten Tag

### Ticket #9
Agent: Guten Tag
Kunde: Storno bitte

Danke: bitte schnell
",
            &expect![[r#"
                4711
                  2025-06-01T14:30:00Z customer: "Mein Paket fehlt.\nSeit Montag!\n\nWirklich."
                  2025-06-01T14:31:00Z agent: "Ich sehe nach."
                  channel: Chat
                  created_at: 2025-06-01T00:00:00Z
                c-2
                  customer: "Hallo?"
                  bot: "Guten Tag"
                9
                  agent: "Guten Tag"
                  customer: "Storno bitte\n\nDanke: bitte schnell"
            "#]],
        );
    }

    #[test]
    fn what_is_no_conversation_of_a_customer_is_rejected() {
        check(
            "Agent: a\nBot: b\n---\n---\nDatum: gestern\nKunde: a\nAgent: b\n---\nNur Text\n",
            &expect![[r"
                line 1: text is empty: no turn is by the customer | Agent: a
                Bot: b
                line 5: created_at: `gestern` is not a date or time; write it as 2025-06-01, 2025-06-01T14:30:00, 2025-06-01T14:30:00+02:00, 01.06.2025, 01.06.2025 14:30 or as seconds since 1970 (column `Datum`) | Datum: gestern
                Kunde: a
                Agent: b
                line 9: no line names a speaker, as in `Kunde: …` or `Agent: …` | Nur Text
            "]],
        );
    }
}
