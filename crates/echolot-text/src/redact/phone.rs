//! Telephone numbers, German and international.
//!
//! Numbers are common in feedback and few of them are telephone numbers:
//! prices, dates, releases, error codes, orders. So a number must have the
//! shape of one written to be dialled, and must not follow a word such as
//! `Bestellnummer` that says what else it is.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Most groups and digits looked at from one starting point.
const MAX_GROUPS: usize = 9;
const MAX_DIGITS: usize = 17;
/// How far back a word that says what a number is can stand, in bytes.
const REFERENCE_WINDOW: usize = 48;

/// A word that ends right before a number and says it is none to dial.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?: \b (?: bestell | auftrags? | kunden | mitglieds? | vertrags? | sendungs? | paket | artikel
            | rechnungs? | ticket | vorgangs? | fall | serien | referenz | konto | buchungs? | identifikations?
            | order | tracking | invoice | customer | account | article | item | serial | case
            | reference | booking | member | shipment | parcel | fehler | error )
          [\s-]* (?: nummer | nr | no | number | num | id | code ) s?
        | \b (?: order | ticket | bestellung | auftrag | sendung | rechnung | fehler | error | code | vorgang | id )
        | \# )
        [\s.:\#\x22'(-]* (?: (?: lautet | ist | war | is | was ) [\s:]* )? $",
    )
    .expect("the pattern is valid")
});

/// A word that ends right before a number and says it is one to dial.
static DIALLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) \b (?: tel | telefon | telefonnummer | telephone | phone | handy | handynummer | mobil | mobile | fax
        | rufnummer | hotline | call | text | whatsapp | anrufen | cell )
        (?: [\s-]* (?: number | nr | no ) )?
        [\s.:(]* (?: (?: me | us | at | ist | is | unter ) [\s:]* ){0,2} $",
    )
    .expect("the pattern is valid")
});

pub(super) fn phones(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < 7 {
        return vec![];
    }
    let mut found: Vec<Range<usize>> = vec![];
    let mut at = 0;
    while at < bytes.len() {
        // What follows a telephone number begins afresh, as it would behind
        // its mask.
        let after = found.last().map_or(0, |last| last.end);
        match phone_at(text, after, at) {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The end of the telephone number that begins at byte `start`, the number
/// before it having ended at `after`.
fn phone_at(text: &str, after: usize, start: usize) -> Option<usize> {
    let first = text.as_bytes()[start];
    if !matches!(first, b'+' | b'(' | b'0'..=b'9') || continues(&text[after..start]) {
        return None;
    }
    let groups = read_groups(text, start)?;
    if matches!(first, b'1'..=b'9') && groups[0].len() != 3 {
        return None;
    }
    let digits: Vec<&str> = groups.iter().map(|group| &text[group.clone()]).collect();
    let opening = &text[start..groups[0].start];
    (1..=groups.len()).rev().find_map(|count| {
        let mut end = groups[count - 1].end;
        // A bracket that was opened before the last group is closed after it.
        // One that was opened before the first is closed before the last: else
        // it encloses the number rather than a part of it.
        let opened = text[start..end].matches('(').count();
        if opened > text[start..end].matches(')').count() {
            if opening.contains('(') || !text[end..].starts_with(')') {
                return None;
            }
            end += 1;
        }
        let number = Number { text: &text[start..end], opening, groups: &digits[..count] };
        let is_number = number.is_international()
            || number.is_national(&text[..start])
            || number.is_american(&text[..start]);
        let is_whole = is_number && !is_continued(&text[end..]);
        (is_whole && !REFERENCE.is_match(window(&text[..start]))).then_some(end)
    })
}

/// A candidate: its text, what stands before its first digit, and its digits
/// in groups.
struct Number<'a> {
    text: &'a str,
    opening: &'a str,
    groups: &'a [&'a str],
}

impl Number<'_> {
    fn digit_count(&self) -> usize {
        self.groups.iter().map(|group| group.len()).sum()
    }

    /// `+49 30 1234567`, `0049 (0)30 1234567`, `+491711234567`: 8 to 15 digits
    /// behind the plus (ITU-T E.164), the trunk zero in brackets not counted.
    fn is_international(&self) -> bool {
        let first = self.groups[0];
        let trunk = usize::from(self.text.contains("(0)"));
        if self.opening.ends_with('+') {
            return !first.starts_with('0') && (8..=15).contains(&(self.digit_count() - trunk));
        }
        // Without the plus, only country codes of Europe and plausible
        // lengths: customer numbers begin with zeros too.
        let Some(number) = first.strip_prefix("00") else { return false };
        let is_european = matches!(number.as_bytes(), [b'3' | b'4', b'0'..=b'9', ..]);
        is_european && (12..=16).contains(&(self.digit_count() - trunk))
    }

    /// `0171 1234567`, `(030) 123456`, `0711/123456-0`, `01711234567`.
    fn is_national(&self, before: &str) -> bool {
        let first = self.groups[0].as_bytes();
        let [b'0', second @ b'1'..=b'9', ..] = first else { return false };
        if self.opening.contains('+') {
            return false;
        }
        let count = self.digit_count();
        let is_mobile = matches!(first, [b'0', b'1', b'5'..=b'7', ..]);
        let is_service = matches!(first, [b'0', b'1', b'3' | b'8', _, ..]);
        let [_, others @ ..] = self.groups else { return false };
        if others.is_empty() {
            // A landline number without a gap looks like any other number
            // with a leading zero.
            return if is_mobile {
                matches!(count, 11 | 12)
            } else {
                *second != b'1' && matches!(count, 10..=12)
                    || DIALLED.is_match(window(before)) && matches!(count, 8..=12)
            };
        }
        if first.len() == 2 {
            // French and Dutch numbers: 01 23 45 67 89, 06-12345678.
            let in_pairs = others.len() == 4 && others.iter().all(|group| group.len() == 2);
            return in_pairs || others.len() == 1 && others[0].len() == 8;
        }
        let is_area = match second {
            b'1' => is_mobile || is_service || count == 11,
            _ => true,
        };
        let is_long_enough = match others {
            _ if count >= 9 => true,
            [second] => {
                count == 8 && (first.len() >= 5 || second.len() >= 5 || self.text.contains('/'))
            }
            _ => false,
        };
        is_area
            && (3..=6).contains(&first.len())
            && is_long_enough
            && count <= 13
            && others.iter().all(|group| group.len() <= 8)
    }

    /// `(555) 123-4567`, `555-123-4567`; with spaces alone only behind a word
    /// that announces it.
    fn is_american(&self, before: &str) -> bool {
        let [area, exchange, line] = self.groups else { return false };
        let is_shaped = (area.len(), exchange.len(), line.len()) == (3, 3, 4)
            && !area.starts_with(['0', '1'])
            && !exchange.starts_with(['0', '1']);
        let head = self.text.strip_suffix(line).unwrap_or(self.text);
        is_shaped
            && (self.opening.ends_with('(')
                || head.ends_with(['-', '–', '‑', '.'])
                || DIALLED.is_match(window(before)))
    }
}

/// Digits in groups from `start` on; none if no digit follows.
fn read_groups(text: &str, start: usize) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes();
    let opening =
        bytes[start..].iter().take(3).take_while(|byte| matches!(byte, b'+' | b'(')).count();
    let mut groups = vec![];
    let (mut at, mut count) = (start + opening, 0);
    while groups.len() < MAX_GROUPS && count < MAX_DIGITS {
        let len = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if len == 0 {
            break;
        }
        groups.push(at..at + len);
        count += len;
        at += len;
        at += separator_len(&text[at..]);
    }
    (!groups.is_empty()).then_some(groups)
}

/// Length of what may part two groups: one hyphen, dash, slash, dot or
/// bracket, with a space on either side of all but the dot; or a space alone.
fn separator_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    let mut marks = String::new();
    while let Some((at, char)) = chars.next_if(|(_, char)| " -–‑/.()".contains(*char)) {
        marks.push(char);
        if at > 4 {
            return 0;
        }
    }
    let plain = marks.replace(['–', '‑'], "-");
    let parts = matches!(
        plain.as_str(),
        " " | "-"
            | "/"
            | "."
            | ")"
            | " - "
            | " / "
            | "/ "
            | " /"
            | ") "
            | ")/"
            | ")-"
            | ") / "
            | " ("
            | "("
    );
    if parts { marks.len() } else { 0 }
}

/// Whether a number after `before` would continue a word, another number or a
/// code such as `AB-0171`.
fn continues(before: &str) -> bool {
    let mut back = before.chars().rev();
    let (Some(last), next) = (back.next(), back.next().unwrap_or(' ')) else { return false };
    match last {
        '-' | '_' | '/' if next.is_alphanumeric() => last != '/' || next.is_numeric(),
        '.' | ',' | ':' | '+' => next.is_numeric(),
        ' ' => before.trim_end().len() == before.len() - 1 && ends_in_digits(before.trim_end()),
        _ => last.is_alphanumeric() || last == '_',
    }
}

/// Three digits or more right before a space: the groups of one long number.
fn ends_in_digits(before: &str) -> bool {
    before.bytes().rev().take_while(u8::is_ascii_digit).take(3).count() == 3
}

/// Whether `after` continues a number: a letter, a digit, or a mark with a
/// digit behind it.
fn is_continued(after: &str) -> bool {
    let mut chars = after.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    first.is_alphanumeric()
        || matches!(first, '_' | '%' | '€' | '$' | '@')
        || matches!(first, '.' | ',' | '-' | '/' | ':') && second.is_some_and(char::is_numeric)
}

/// The end of `before` in which a word about the number may stand.
fn window(before: &str) -> &str {
    let start = before.len().saturating_sub(REFERENCE_WINDOW);
    let start =
        (start..=before.len()).find(|&at| before.is_char_boundary(at)).unwrap_or(before.len());
    &before[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        phones(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn numbers_written_to_be_dialled() {
        for (text, expected) in [
            ("Ruft an: 0171 1234567.", "0171 1234567"),
            ("0171/1234567", "0171/1234567"),
            ("0171 / 123 45 67", "0171 / 123 45 67"),
            ("01711234567", "01711234567"),
            ("015112345678!", "015112345678"),
            ("Tel.030 12345678", "030 12345678"),
            ("(030) 123456", "(030) 123456"),
            ("030-12345", "030-12345"),
            ("0711/123456-0 anrufen", "0711/123456-0"),
            ("Hotline 0800 1234567 ist", "0800 1234567"),
            ("08123 456 789", "08123 456 789"),
            ("03012345678", "03012345678"),
            ("+49 171 1234567", "+49 171 1234567"),
            ("+49 (0)30 1234567", "+49 (0)30 1234567"),
            ("(+49) 171 1234567", "(+49) 171 1234567"),
            ("+491711234567", "+491711234567"),
            ("0049 171 1234567", "0049 171 1234567"),
            ("00491711234567", "00491711234567"),
            ("+43 664 123 4567", "+43 664 123 4567"),
            ("+41 79 123 45 67", "+41 79 123 45 67"),
            ("+1 (555) 123-4567", "+1 (555) 123-4567"),
            ("(555) 234-4567", "(555) 234-4567"),
            ("call me at 555 234 4567", "555 234 4567"),
            ("555-234-4567", "555-234-4567"),
            ("555–234–4567", "555–234–4567"),
            ("+44 20 7946 0958", "+44 20 7946 0958"),
            ("020 7946 0958", "020 7946 0958"),
            ("07911 123456", "07911 123456"),
            ("01632 960123", "01632 960123"),
            ("01 23 45 67 89", "01 23 45 67 89"),
            ("06-12345678", "06-12345678"),
            ("079 123 45 67", "079 123 45 67"),
            ("0171–1234567", "0171–1234567"),
            ("(0800 555 0142)", "0800 555 0142"),
            ("(+49 171 1234567)", "+49 171 1234567"),
            ("meine Nummer 0171 1234567 39508", "0171 1234567"),
            ("Kundenservice 0800 1234567", "0800 1234567"),
            ("2 Anrufe unter 2 0171 1234567", "0171 1234567"),
        ] {
            assert_eq!(found(text), [expected], "{text}");
        }
    }

    #[test]
    fn two_numbers_are_two() {
        assert_eq!(found("0171 1234567, 030/7654321"), ["0171 1234567", "030/7654321"]);
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "Fehler 39508 und 9002",
            "CAUSE: 9002, Fehler 39508 (10)",
            "Version 3.11.0 und 1.5.0.123456",
            "am 01.06.2025 um 08:30",
            "01.06.2025-05.06.2025",
            "2020-07-20 15:18:02",
            "27.04.2020: immer noch",
            "von 0800-1700 Uhr, 1990 - 2000",
            "1.234.567,89 € oder 0,99 €",
            "Bestellnummer 0171 1234567",
            "Bestellnr.: 0301234567",
            "Order #0301234567",
            "order number is 0301234567",
            "Bestellung 302-1234567-1234567",
            "Kundennummer: 0012345678",
            "Ticket 0301234567",
            "04103 Leipzig",
            "PLZ 01067 Dresden",
            "1234567890",
            "4711 0815 4242 99",
            "10-12-2020 bis 11-12-2020",
            "AB-0171-1234567",
            "EAN 4006381333931",
            "00000000000",
            "0123",
            "5+49170123456",
            "100000000 %",
            "+100%, +20 30",
            "192.168.178.123",
            "70 Millionen in 2020/2021",
            "12345678901234567890",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
