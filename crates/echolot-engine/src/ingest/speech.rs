//! Lines that say who speaks, and the conversations they make up.

use echolot_core::{Role, Timestamp, Turn};

/// The longest name of a speaker that is looked at, in characters.
const MAX_SPEAKER_CHARS: usize = 40;

const SECONDS_PER_DAY: i64 = 86_400;

/// One line of a transcript that begins with its speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Utterance<'a> {
    pub(super) role: Role,
    pub(super) stamp: Option<Stamp>,
    pub(super) text: &'a str,
}

/// When something was said: at a point in time, or at a time of a day that is
/// not stated, in seconds since its midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    Time(Timestamp),
    Clock(i64),
}

/// Reads `Kunde: Hallo`, `[14:30] Agent Anna: …`, `2025-06-01 14:30 - Bot: …`
/// or `Anna (Support) [14:30]: …`; none if the line names no known speaker.
pub(super) fn utterance(line: &str) -> Option<Utterance<'_>> {
    let line = line.trim_start();
    let (before, line) = leading_stamp(line);
    let (label, text) = split_label(line)?;
    let (label, after) = trailing_stamp(label);
    let role = role_of(label)?;
    Some(Utterance { role, stamp: before.or(after), text: text.trim() })
}

/// A conversation that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    turns: Vec<Turn>,
    day: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Conversation {
    /// A conversation of the day of `day`, to which times of day refer.
    pub(super) fn on(day: Option<Timestamp>) -> Self {
        Self { day, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Adds what a speaker said.
    pub(super) fn say(&mut self, said: &Utterance<'_>) {
        let at = said.stamp.and_then(|stamp| self.place(stamp));
        self.turns.push(Turn { role: said.role, text: said.text.to_owned(), at });
    }

    /// Adds a line to what was said last.
    pub(super) fn go_on(&mut self, line: &str) {
        if let Some(turn) = self.turns.last_mut() {
            if !turn.text.is_empty() {
                turn.text.push('\n');
            }
            turn.text.push_str(line.trim_end());
        }
    }

    /// The turns in which something was said.
    pub(super) fn into_turns(self) -> Vec<Turn> {
        let mut turns = self.turns;
        for turn in &mut turns {
            turn.text.truncate(turn.text.trim_end().len());
        }
        turns.retain(|turn| !turn.text.is_empty());
        turns
    }

    /// The point in time of a stamp. A time of day is on the day last known,
    /// or on the next one if the clock jumped back by more than half a day;
    /// without a day there is no point in time.
    fn place(&mut self, stamp: Stamp) -> Option<Timestamp> {
        let time = match stamp {
            Stamp::Time(time) => time,
            Stamp::Clock(seconds) => {
                let day = self.last.or(self.day)?;
                let midnight = day.seconds() - day.seconds().rem_euclid(SECONDS_PER_DAY);
                let mut at = midnight + seconds;
                if self.last.is_some_and(|last| last.seconds() - at > SECONDS_PER_DAY / 2) {
                    at += SECONDS_PER_DAY;
                }
                Timestamp::from_seconds(at)?
            }
        };
        self.last = Some(time);
        Some(time)
    }
}

/// The turns of a text that is a transcript: its first line names a speaker
/// and at least two kinds of speakers have a say. None for any other text.
pub(super) fn conversation(text: &str, day: Option<Timestamp>) -> Option<Vec<Turn>> {
    utterance(text.trim_start().lines().next()?)?;
    let mut conversation = Conversation::on(day);
    for line in text.lines() {
        match utterance(line) {
            Some(said) => conversation.say(&said),
            None => conversation.go_on(line),
        }
    }
    let turns = conversation.into_turns();
    has_two_roles(turns.iter().map(|turn| turn.role)).then_some(turns)
}

/// Whether at least two kinds of speakers occur.
pub(super) fn has_two_roles(mut roles: impl Iterator<Item = Role>) -> bool {
    roles.next().is_some_and(|first| roles.any(|role| role != first))
}

/// A time at the beginning of a line, in brackets or before a blank.
fn leading_stamp(line: &str) -> (Option<Stamp>, &str) {
    if let Some((inner, rest)) = bracketed(line) {
        return match stamp(inner) {
            Some(stamp) => (Some(stamp), rest.trim_start_matches([' ', '-', '–', '\t'])),
            None => (None, line),
        };
    }
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | ':' | '-' | '/' | ',');
    let is_part = |c: char| is_part(c) || matches!(c, 'T' | 'Z' | '+' | '\t');
    let end = line.find(|c: char| !is_part(c)).unwrap_or(line.len());
    let (head, rest) = line.split_at(end);
    match stamp(head.trim_end_matches([' ', '-', ':', ',', '\t'])) {
        Some(stamp) if head.ends_with([' ', '\t']) => (Some(stamp), rest),
        _ => (None, line),
    }
}

/// A time in brackets at the end of a speaker's name.
fn trailing_stamp(label: &str) -> (&str, Option<Stamp>) {
    let label = label.trim();
    let Some(open) = label.rfind(['(', '[']) else { return (label, None) };
    match bracketed(&label[open..]) {
        Some((inner, "")) => match stamp(inner) {
            Some(stamp) => (label[..open].trim_end(), Some(stamp)),
            None => (label, None),
        },
        _ => (label, None),
    }
}

/// What stands in the brackets a text begins with, and what follows them.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        _ => return None,
    };
    text[1..].split_once(close)
}

fn stamp(text: &str) -> Option<Stamp> {
    let text = text.trim();
    clock(text).map(Stamp::Clock).or_else(|| text.parse().ok().map(Stamp::Time))
}

/// Seconds since midnight of `14:30` or `14:30:05`.
fn clock(text: &str) -> Option<i64> {
    let text = text.strip_suffix("Uhr").map_or(text, str::trim_end);
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |part: &&str| matches!(part.len(), 1 | 2) && part.parse::<u8>().is_ok();
    if !matches!(parts.len(), 2 | 3) || !parts.iter().all(is_number) {
        return None;
    }
    let mut numbers = parts.iter().map(|part| part.parse::<i64>().unwrap_or(0));
    let (hours, minutes) = (numbers.next()?, numbers.next()?);
    let seconds = numbers.next().unwrap_or(0);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

/// The name of the speaker and what comes after its colon. A colon in
/// brackets, as in `Anna (14:30): …`, is part of the name.
fn split_label(line: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (num_chars, (at, c)) in line.char_indices().enumerate() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return Some((&line[..at], &line[at + 1..])),
            _ => {}
        }
        if num_chars > MAX_SPEAKER_CHARS {
            break;
        }
    }
    None
}

/// The role a label names: by the whole of it (`Kunde`), by what stands in
/// brackets after a name (`Anna (Support)`), or by its first word if a name or
/// number follows (`Agent Anna`, `Kunde 4711`).
fn role_of(label: &str) -> Option<Role> {
    let label = label.trim().trim_matches('*');
    if let Some(role) = Role::from_word(label) {
        return Some(role);
    }
    if let Some((_, kind)) = label.strip_suffix(')').and_then(|open| open.rsplit_once('(')) {
        return Role::from_word(kind);
    }
    let mut words = label.split_whitespace();
    let role = Role::from_word(words.next()?)?;
    let name = words.next()?.trim_start_matches('#');
    let is_name = name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    (is_name && words.next().is_none()).then_some(role)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(line: &str) -> Option<(Role, Option<Stamp>, &str)> {
        utterance(line).map(|said| (said.role, said.stamp, said.text))
    }

    #[test]
    fn speakers_are_known_in_many_spellings() {
        let half_past_two = Some(Stamp::Clock(14 * 3600 + 30 * 60));
        let on_the_day = Some(Stamp::Time("2025-06-01T14:30:05".parse().unwrap()));
        for (line, role, stamp, text) in [
            ("Kunde: Hallo: da?", Role::Customer, None, "Hallo: da?"),
            ("CUSTOMER:hi", Role::Customer, None, "hi"),
            ("[14:30] Agent Anna: ja", Role::Agent, half_past_two, "ja"),
            ("(14:30 Uhr) Kundin: ja", Role::Customer, half_past_two, "ja"),
            ("14:30 - Chatbot: ja", Role::Bot, half_past_two, "ja"),
            ("Anna Meier (Support): ja", Role::Agent, None, "ja"),
            ("Kunde 4711 [14:30]: ja", Role::Customer, half_past_two, "ja"),
            ("[2025-06-01 14:30:05] Bot: ja", Role::Bot, on_the_day, "ja"),
            ("2025-06-01 14:30:05 Bot: ja", Role::Bot, on_the_day, "ja"),
            ("01.06.2025 14:30:05 - Gast: ja", Role::Customer, on_the_day, "ja"),
            ("**Agent**: ja", Role::Agent, None, "ja"),
        ] {
            assert_eq!(heard(line), Some((role, stamp, text)), "{line}");
        }
    }

    #[test]
    fn other_lines_have_no_speaker() {
        for line in [
            "",
            "Hallo",
            "Service war schlecht: niemand da",
            "Preis: 5 Euro",
            "[Kunde hat den Chat verlassen]",
            "14:30",
            "Ich sagte dem Agent am Telefon schon dreimal, was los ist: nichts",
        ] {
            assert_eq!(heard(line), None, "{line}");
        }
    }

    #[test]
    fn times_of_day_need_a_day_and_pass_midnight() {
        let text = "[23:59] Kunde: spät\n[00:02] Agent: früh\n[00:01] Kunde: na ja";
        let times = |day: Option<&str>| -> Vec<Option<String>> {
            let day = day.map(|day| day.parse().unwrap());
            let turns = conversation(text, day).unwrap();
            turns.iter().map(|turn| turn.at.map(|at| at.to_string())).collect()
        };
        assert_eq!(times(None), [None, None, None]);
        assert_eq!(
            times(Some("2025-06-30T08:00:00")),
            ["2025-06-30T23:59:00Z", "2025-07-01T00:02:00Z", "2025-07-01T00:01:00Z"]
                .map(|time| Some(time.to_owned()))
        );
    }

    #[test]
    fn one_speaker_is_no_conversation() {
        assert_eq!(conversation("Service: gut\nEssen: gut", None), None);
        assert_eq!(conversation("Er sagte:\nKunde: a\nAgent: b", None), None);
        assert_eq!(conversation("", None), None);
        assert_eq!(conversation("Kunde: a\n\nAgent:\nb\n", None).unwrap().len(), 2);
    }
}
