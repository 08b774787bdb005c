//! Redaction and normalisation of one verbatim.

use std::ops::Range;

use echolot_core::CharSpan;

use crate::normalise::normalise;
use crate::offsets::OffsetMap;
use crate::redact::{PiiSpan, Redactor, mask, merge};

/// A verbatim that can be stored, analysed and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The customer's words with personal data masked. It has as many
    /// characters as the original, so every offset holds in both.
    pub redacted: String,
    /// What was masked, in the order of the text; spans do not touch the same
    /// character twice.
    pub pii: Vec<PiiSpan>,
    /// What models and the index see: no markup, composed characters (NFC),
    /// single spaces and line breaks, and the label (`EMAIL`) in place of
    /// personal data.
    pub clean: String,
    offsets: OffsetMap,
}

impl Prepared {
    /// The characters of the original, and of [`Prepared::redacted`], behind
    /// a range of bytes of [`Prepared::clean`]. A bound inside a character is
    /// widened to the whole character, one beyond the end is cut.
    pub fn original_span(&self, clean_bytes: Range<usize>) -> CharSpan {
        self.offsets.original(&clean_bytes)
    }
}

/// Prepares one verbatim: masks personal data, then normalises. Any string
/// will do, and preparing a redacted text again changes nothing in it.
pub fn prepare(original: &str, redactor: &Redactor) -> Prepared {
    let mut redacted = original.to_owned();
    let mut pii = redactor.read_masks(original);
    loop {
        // Personal data is looked for in the text as written, because a tag
        // may hold it, and as it reads, because a reference (`&#64;`) or an
        // invisible character may part it. A mask can also bare what its
        // neighbourhood protected; so the search ends when it finds nothing.
        let (clean, offsets) = normalise(&redacted, &[]);
        let mut found = redactor.find(&clean, |range| offsets.original(&range));
        if clean != redacted {
            let as_written = OffsetMap::identity(&redacted);
            found.extend(redactor.find(&redacted, |range| as_written.original(&range)));
        }
        if let Some(more) = merge(&pii, found) {
            pii = more;
            redacted = mask(&redacted, &pii);
            continue;
        }
        let (clean, offsets) =
            if pii.is_empty() { (clean, offsets) } else { normalise(&redacted, &pii) };
        return Prepared { redacted, pii, clean, offsets };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    #[expect(clippy::needless_pass_by_value, reason = "expectations are written in the call")]
    fn check(original: &str, expected: Expect) {
        let prepared = prepare(original, &Redactor::standard());
        let kinds: Vec<String> = prepared
            .pii
            .iter()
            .map(|pii| format!("{}={:?}", pii.kind, pii.span.of(original)))
            .collect();
        expected.assert_eq(&format!(
            "{}\n{}\n{}",
            prepared.redacted,
            prepared.clean,
            kinds.join(", ")
        ));
    }

    #[test]
    fn hides_every_kind() {
        check(
            "Ruft 0171 1234567 an oder max@firma.de, IBAN DE89 3704 0044 0532 0130 00, Karte \
             4111 1111 1111 1111, https://x.de/r?token=abc – Fehler 39508 in 3.11.0.",
            expect![[r#"
                Ruft [PHONE*****] an oder [EMAIL*****], IBAN [IBAN*********************], Karte [CARD*************], [URL_TOKEN*************] – Fehler 39508 in 3.11.0.
                Ruft PHONE an oder EMAIL, IBAN IBAN, Karte CARD, URL_TOKEN – Fehler 39508 in 3.11.0.
                PHONE="0171 1234567", EMAIL="max@firma.de", IBAN="DE89 3704 0044 0532 0130 00", CARD="4111 1111 1111 1111", URL_TOKEN="https://x.de/r?token=abc""#]],
        );
    }

    #[test]
    fn the_longest_finding_wins() {
        check(
            "Siehe https://max:x@firma.de/konto?mail=max@firma.de!",
            expect![[r#"
            Siehe [URL_TOKEN***********************************]!
            Siehe URL_TOKEN!
            URL_TOKEN="https://max:x@firma.de/konto?mail=max@firma.de""#]],
        );
    }

    #[test]
    fn hides_what_markup_disguises_and_what_tags_hold() {
        check(
            "Mail: max&#64;firma.de, <a href=\"mailto:eva@firma.de\">Eva</a>, e\u{200b}va@firma.de",
            expect![[r#"
                Mail: [EMAIL*********], <a href="mailto:[EMAIL*****]">Eva</a>, [EMAIL******]
                Mail: EMAIL, Eva, EMAIL
                EMAIL="max&#64;firma.de", EMAIL="eva@firma.de", EMAIL="e\u{200b}va@firma.de""#]],
        );
    }

    #[test]
    fn short_findings_are_filled_only() {
        let custom = [("CUSTOMER_NUMBER".to_owned(), r"\bK\d{4}\b".to_owned())];
        let redactor = Redactor::with_patterns(&custom).unwrap();
        let prepared = prepare("Ich bin K1234, a@b.de", &redactor);
        assert_eq!(prepared.redacted, "Ich bin *****, ******");
        assert_eq!(prepared.clean, "Ich bin CUSTOMER_NUMBER, EMAIL");
        assert_eq!(prepared.original_span(8..23), CharSpan::new(8, 13));
    }

    #[test]
    fn bad_patterns_are_named() {
        let error = |label: &str, pattern: &str| {
            let custom = [(label.to_owned(), pattern.to_owned())];
            Redactor::with_patterns(&custom).unwrap_err().to_string()
        };
        assert_eq!(
            error("ORDER", "("),
            "the redaction pattern for ORDER is not a regular expression"
        );
        assert!(error("order", "x").starts_with("`order` cannot be a redaction label"));
        assert!(error("", "x").starts_with("`` cannot"));
    }

    #[test]
    fn nothing_is_hidden_without_rules() {
        let prepared = prepare("max@firma.de  [EMAIL***]", &Redactor::none());
        assert_eq!(prepared.redacted, "max@firma.de  [EMAIL***]");
        assert_eq!(prepared.clean, "max@firma.de [EMAIL***]");
        assert_eq!(prepared.pii, []);
    }

    #[test]
    fn spans_lead_back_to_the_original() {
        let original = "<p>Gru\u{308}n &amp; gut.</p>  Schlecht 👍";
        let prepared = prepare(original, &Redactor::standard());
        assert_eq!(prepared.clean, "Grün & gut.\nSchlecht 👍");
        let back = |word: &str| {
            let start = prepared.clean.find(word).unwrap();
            prepared.original_span(start..start + word.len()).of(original)
        };
        assert_eq!(back("Grün"), "Gru\u{308}n");
        assert_eq!(back("n & g"), "n &amp; g");
        assert_eq!(back("\n"), "</p>  ");
        assert_eq!(back("👍"), "👍");
    }

    /// Texts in which personal data and its disguises are frequent.
    fn feedback() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "max@firma.de",
            "max (at) firma.de",
            "0171 1234567",
            "+49 30",
            "1234567",
            "DE89370400440532013000",
            "DE89 3704 0044",
            " 0532 0130 00",
            "4111 1111 1111 1111",
            "https://x.de/?token=",
            "www.",
            "user:pass@",
            "[EMAIL***]",
            "[PHONE",
            "555",
            "234",
            "4567",
            "–",
            "030",
            "***",
            "]",
            "&#64;",
            "&lt;br&gt;",
            "<b>",
            "<a href=\"",
            "\">",
            "\u{200b}",
            "u\u{308}",
            " ",
            " ",
            "\n",
            ".",
            "-",
            "/",
            "(",
            ")",
            "@",
            "39508",
            "K1234",
            "Bestellnummer ",
            "👍",
            "ä",
            "a",
            "1",
        ]);
        prop::collection::vec(pieces, 0..14).prop_map(|pieces| pieces.concat())
    }

    fn redactor() -> Redactor {
        Redactor::with_patterns(&[("CUSTOMER".to_owned(), r"K\d{4}".to_owned())]).unwrap()
    }

    fn assert_sound(original: &str) {
        let redactor = redactor();
        let prepared = prepare(original, &redactor);
        let chars = original.chars().count();
        assert_eq!(prepared.redacted.chars().count(), chars);
        for pair in prepared.pii.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start, "{:?}", prepared.pii);
        }
        // Outside the masks nothing has changed.
        let is_hidden =
            |at: u32| prepared.pii.iter().any(|p| p.span.start <= at && at < p.span.end);
        for (at, (old, new)) in (0..).zip(original.chars().zip(prepared.redacted.chars())) {
            assert!(old == new || is_hidden(at), "character {at} of {original:?}");
        }
        // The map runs forwards and stays inside the original.
        let mut last = CharSpan::new(0, 0);
        for (byte, char) in prepared.clean.char_indices() {
            let span = prepared.original_span(byte..byte + char.len_utf8());
            assert!(span.start >= last.start && span.end >= last.end && span.end as usize <= chars);
            assert!(!span.is_empty());
            last = span;
        }
        assert!(!prepared.clean.contains("  ") && prepared.clean.trim() == prepared.clean);
        assert!(!prepared.clean.contains(|c: char| c.is_control() && c != '\n'));
        // A redacted text has nothing left to hide.
        let again = prepare(&prepared.redacted, &redactor);
        assert_eq!(again.redacted, prepared.redacted, "{original:?}");
    }

    #[test]
    fn rows_of_numbers_are_masked_to_the_end() {
        for piece in
            ["0171 ", "0171 1234567 ", "a@b.de", "+49171", "K1234", "DE89370400440532013000"]
        {
            assert_sound(&piece.repeat(60));
        }
        assert_sound("\u{200b}DE89370400440532013000K1234");
        let prepared = prepare(&"0171 1234567, ".repeat(20), &Redactor::standard());
        assert_eq!(prepared.pii.len(), 20);
    }

    proptest! {
        #[test]
        fn any_text_is_prepared(text in any::<String>()) {
            assert_sound(&text);
        }

        #[test]
        fn feedback_with_personal_data_is_prepared(text in feedback()) {
            assert_sound(&text);
        }
    }
}
