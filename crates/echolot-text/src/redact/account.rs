//! Bank accounts and payment cards, both told by their check digits.

use std::ops::Range;

/// Countries and the length of their IBANs, from the SWIFT IBAN registry.
const IBAN_LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"CH", 21),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"EE", 20),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MT", 31),
    (b"NL", 18),
    (b"NO", 15),
    (b"PL", 28),
    (b"PT", 25),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"XK", 20),
];

/// A card number and where it is grouped: digits, first and last value of the
/// leading digits, and the permitted lengths.
struct CardRange {
    first: u32,
    last: u32,
    lengths: &'static [usize],
}

const fn cards_from(first: u32, last: u32, lengths: &'static [usize]) -> CardRange {
    CardRange { first, last, lengths }
}

/// Leading four digits of the card schemes in use (ISO/IEC 7812 ranges).
const CARD_RANGES: &[CardRange] = &[
    cards_from(4000, 4999, &[13, 16, 19]),         // Visa
    cards_from(5100, 5599, &[16]),                 // Mastercard
    cards_from(2221, 2720, &[16]),                 // Mastercard
    cards_from(3400, 3499, &[15]),                 // American Express
    cards_from(3700, 3799, &[15]),                 // American Express
    cards_from(3000, 3059, &[14]),                 // Diners Club
    cards_from(3600, 3699, &[14, 16, 19]),         // Diners Club
    cards_from(3800, 3999, &[14, 16, 19]),         // Diners Club
    cards_from(6011, 6011, &[16, 19]),             // Discover
    cards_from(6440, 6599, &[16, 19]),             // Discover
    cards_from(3528, 3589, &[16, 19]),             // JCB
    cards_from(6200, 6299, &[16, 17, 18, 19]),     // UnionPay
    cards_from(5018, 5038, &[13, 14, 15, 16, 19]), // Maestro
    cards_from(6304, 6304, &[13, 14, 15, 16, 19]), // Maestro
    cards_from(6759, 6763, &[13, 14, 15, 16, 19]), // Maestro
];

/// Groups in which card numbers are printed.
const CARD_GROUPS: &[&[usize]] =
    &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 1], &[4, 4, 5]];

pub(super) fn ibans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = vec![];
    let mut at = 0;
    while at + 15 <= bytes.len() {
        match iban_at(bytes, at) {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The end of the IBAN that begins at `start`, groups parted or not.
fn iban_at(bytes: &[u8], start: usize) -> Option<usize> {
    let head = bytes[start..].first_chunk::<4>()?;
    let country = [head[0].to_ascii_uppercase(), head[1].to_ascii_uppercase()];
    if !head[2].is_ascii_digit() || !head[3].is_ascii_digit() || joins_left(bytes, start) {
        return None;
    }
    let (_, length) = IBAN_LENGTHS.iter().find(|(known, _)| **known == country)?;
    let mut symbols = Vec::with_capacity(*length);
    let mut at = start;
    while symbols.len() < *length {
        let byte = *bytes.get(at)?;
        if byte.is_ascii_alphanumeric() {
            symbols.push(byte.to_ascii_uppercase());
        } else if !matches!(byte, b' ' | b'-' | b'.') || !bytes[at - 1].is_ascii_alphanumeric() {
            return None;
        }
        at += 1;
    }
    let joins_right = bytes.get(at).is_some_and(|&byte| is_word(byte));
    (!joins_right && remainder_97(&symbols) == 1).then_some(at)
}

/// ISO 7064 MOD 97-10 over the IBAN with its first four symbols moved to the
/// end and letters read as 10 to 35; one, if the check digits are right.
fn remainder_97(symbols: &[u8]) -> u32 {
    symbols[4..].iter().chain(&symbols[..4]).fold(0, |rest, &symbol| match symbol {
        b'0'..=b'9' => (rest * 10 + u32::from(symbol - b'0')) % 97,
        _ => (rest * 100 + u32::from(symbol - b'A') + 10) % 97,
    })
}

pub(super) fn cards(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = vec![];
    let mut at = 0;
    while at + 13 <= bytes.len() {
        if !bytes[at].is_ascii_digit() || joins_left(bytes, at) {
            at += 1;
            continue;
        }
        match card_at(bytes, at) {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
        }
    }
    found
}

/// The end of the card number that begins at `start`: a plain run of digits,
/// or groups as they are printed, parted by one space or hyphen throughout.
fn card_at(bytes: &[u8], start: usize) -> Option<usize> {
    let mut digits: Vec<u8> = Vec::with_capacity(20);
    let mut groups = vec![0];
    let mut separator = None;
    let mut at = start;
    let mut end = None;
    while digits.len() <= 19 {
        let byte = bytes.get(at).copied().unwrap_or(0);
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if byte.is_ascii_digit() {
            digits.push(byte - b'0');
            *groups.last_mut()? += 1;
        } else {
            let is_fraction = matches!(byte, b'.' | b',') && next_is_digit;
            if !is_word(byte) && !is_fraction && is_card(&digits, &groups) {
                end = Some(at);
            }
            let parts = matches!(byte, b' ' | b'-') && separator.is_none_or(|used| used == byte);
            if !parts || !next_is_digit {
                break;
            }
            separator = Some(byte);
            groups.push(0);
        }
        at += 1;
    }
    end
}

fn is_card(digits: &[u8], groups: &[usize]) -> bool {
    if digits.len() < 13 || groups.len() > 1 && !CARD_GROUPS.contains(&groups) {
        return false;
    }
    let lead = digits[..4].iter().fold(0, |lead, &digit| lead * 10 + u32::from(digit));
    let is_issued = CARD_RANGES.iter().any(|range| {
        (range.first..=range.last).contains(&lead) && range.lengths.contains(&digits.len())
    });
    is_issued && luhn_sum(digits).is_multiple_of(10)
}

/// ISO/IEC 7812-1 annex B: every second digit from the right counts twice.
fn luhn_sum(digits: &[u8]) -> u32 {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let counted = digits.iter().rev().enumerate();
    counted.map(|(i, &digit)| u32::from(if i % 2 == 1 { doubled(digit) } else { digit })).sum()
}

/// Whether the number at `start` continues a word or a longer number.
fn joins_left(bytes: &[u8], start: usize) -> bool {
    let before = |distance: usize| start.checked_sub(distance).map_or(b' ', |at| bytes[at]);
    is_word(before(1)) || matches!(before(1), b'.' | b',' | b'-') && before(2).is_ascii_digit()
}

/// Letters, digits, and every byte of a character beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(find: fn(&str) -> Vec<Range<usize>>, text: &str) -> Vec<&str> {
        find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn accounts_with_right_check_digits() {
        for (text, expected) in [
            ("IBAN: DE89 3704 0044 0532 0130 00.", "DE89 3704 0044 0532 0130 00"),
            ("DE89370400440532013000", "DE89370400440532013000"),
            ("de89-3704-0044-0532-0130-00 bitte", "de89-3704-0044-0532-0130-00"),
            ("an GB82 WEST 1234 5698 7654 32 gehen", "GB82 WEST 1234 5698 7654 32"),
            ("(AT61 1904 3002 3457 3201)", "AT61 1904 3002 3457 3201"),
            ("CH9300762011623852957", "CH9300762011623852957"),
        ] {
            assert_eq!(found(ibans, text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_no_account() {
        for text in [
            "DE88 3704 0044 0532 0130 00",
            "XDE89370400440532013000",
            "DE89370400440532013000X",
            "DE89  3704 0044 0532 0130 00",
            "ZZ89370400440532013000",
            "DE89",
        ] {
            assert_eq!(found(ibans, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn cards_with_right_check_digits() {
        for (text, expected) in [
            ("Karte 4111 1111 1111 1111, gültig", "4111 1111 1111 1111"),
            ("5555-5555-5555-4444", "5555-5555-5555-4444"),
            ("378282246310005", "378282246310005"),
            ("3782 822463 10005.", "3782 822463 10005"),
            ("2223003122003222!", "2223003122003222"),
            ("4111 1111 1111 1111 12 27", "4111 1111 1111 1111"),
        ] {
            assert_eq!(found(cards, text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_no_card() {
        for text in [
            "4111 1111 1111 1112",
            "9111111111111111",
            "41 11 11 11 11 11 11 11",
            "A4111111111111111",
            "4111111111111111,50",
            "1.4111111111111111",
            "41111111111111111111",
            "4111-1111 1111-1111",
        ] {
            assert_eq!(found(cards, text), [""; 0], "{text}");
        }
    }
}
