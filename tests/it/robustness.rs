//! With the model that is shipped: texts as people write them.

use echolot_core::Polarity::{Negative, Neutral, Positive};
use echolot_core::{Analysis, Intent, Polarity};
use echolot_engine::Analyst;

use crate::shipped::{numbered, scored, shipped_model};

fn analyses<T: AsRef<str>>(analyst: &Analyst, texts: &[T]) -> Vec<Analysis> {
    let read = |item: echolot_engine::ScoredItem| {
        assert_eq!(item.error, None, "{}", item.redacted_text);
        item.analysis
    };
    scored(analyst, &numbered(texts)).into_iter().map(read).collect()
}

/// Every text must get its polarity.
fn check(analyst: &Analyst, expected: &[(&str, Polarity)]) {
    let texts: Vec<&str> = expected.iter().map(|(text, _)| *text).collect();
    let found: Vec<_> = texts
        .iter()
        .copied()
        .zip(analyses(analyst, &texts).iter().map(|analysis| analysis.polarity))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn typing_mistakes_hide_neither_polarity_nor_opinion() {
    let Some(analyst) = shipped_model() else { return };
    let pairs = [
        (
            "Die Lieferung kam viel zu spät, echt ärgerlich.",
            "Die Lieferrung kahm fiel zu spet, echt ärgelich.",
        ),
        ("Die App stürzt nach dem Update ständig ab.", "Die Ap stürtz nach dem Updaet stendig ab"),
        ("The app crashes every time I open it.", "The app crahses evrey time i opne it"),
        ("Very friendly and helpful staff.", "Verry frendly and helpfull staf"),
    ];
    for (given, mistyped) in pairs {
        let found = analyses(&analyst, &[given, mistyped]);
        assert_eq!(found[0].polarity, found[1].polarity, "{mistyped}");
        assert!(!found[1].opinions.is_empty(), "{mistyped}");
    }
}

#[test]
fn umlauts_may_be_spelled_out_or_missing() {
    let Some(analyst) = shipped_model() else { return };
    for spellings in [
        [
            "Die Lieferung kam viel zu spät.",
            "Die Lieferung kam viel zu spaet.",
            "Die Lieferung kam viel zu spat.",
        ],
        [
            "Das Gerät lässt sich nicht öffnen, ich bin enttäuscht.",
            "Das Geraet laesst sich nicht oeffnen, ich bin enttaeuscht.",
            "Das Gerat lasst sich nicht offnen, ich bin enttauscht.",
        ],
        [
            "Das Frühstück war schön und sehr gut.",
            "Das Fruehstueck war schoen und sehr gut.",
            "Das Fruhstuck war schon und sehr gut.",
        ],
    ] {
        let found = analyses(&analyst, &spellings);
        for (spelling, analysis) in spellings.iter().zip(&found) {
            assert_eq!(analysis.polarity, found[0].polarity, "{spelling}");
            assert!(!analysis.opinions.is_empty(), "{spelling}");
        }
    }
}

#[test]
fn capitals_shout_but_say_the_same() {
    let Some(analyst) = shipped_model() else { return };
    for text in [
        "Warum geht das nicht? Seit drei Tagen kein Internet!",
        "Das Essen war hervorragend.",
        "The parcel arrived broken and nobody answers.",
        "Great value for money!",
    ] {
        let found = analyses(&analyst, &[text, &text.to_uppercase()]);
        assert_eq!(found[0].polarity, found[1].polarity, "{text}");
    }
}

#[test]
fn emoji_alone_have_a_polarity() {
    let Some(analyst) = shipped_model() else { return };
    check(&analyst, &[("👍", Positive), ("❤️❤️", Positive), ("👎", Negative), ("★★★★★", Positive)]);
}

#[test]
fn one_word_can_be_an_opinion_or_none() {
    let Some(analyst) = shipped_model() else { return };
    check(
        &analyst,
        &[
            ("Super", Positive),
            ("Perfekt!", Positive),
            ("Excellent", Positive),
            ("Schrecklich", Negative),
            ("Katastrophe", Negative),
            ("Terrible", Negative),
            ("keine", Neutral),
            ("-", Neutral),
            ("nothing", Neutral),
        ],
    );
    let nothing = analyses(&analyst, &["-", "keine", "n. a.", "..."]);
    assert!(nothing.iter().all(|analysis| analysis.opinions.is_empty()), "{nothing:?}");
}

#[test]
fn a_rant_of_ten_thousand_characters_is_read_to_its_end() {
    let Some(analyst) = shipped_model() else { return };
    let rant = "Ich warte seit Wochen auf meine Rechnung, und niemand meldet sich! ";
    let mut text: String = rant.repeat(160).chars().take(9_900).collect();
    text.push_str(". Nur das Essen in der Kantine war ganz ausgezeichnet.");
    let analysis = analyses(&analyst, &[&text]).remove(0);
    assert_eq!(analysis.polarity, Negative);
    assert!(analysis.intents.contains(&Intent::Complaint), "{:?}", analysis.intents);
    let last = analysis.opinions.last().expect("a rant has opinions");
    assert!(last.span.start >= 9_800, "{last:?}");
    assert_eq!(last.polarity, Positive, "{last:?}");
}

#[test]
fn neighbouring_languages_are_understood() {
    let Some(analyst) = shipped_model() else { return };
    check(
        &analyst,
        &[
            ("La livraison est arrivée en retard et le service client ne répond pas.", Negative),
            ("El personal fue muy amable y la habitación estaba limpia.", Positive),
            ("L'applicazione si blocca continuamente, pessima.", Negative),
            ("Heel snelle levering, erg tevreden!", Positive),
            ("Aplikacja ciągle się zawiesza, nie polecam.", Negative),
            ("Meget god service, jeg er glad.", Positive),
        ],
    );
}

#[test]
fn what_cannot_be_read_is_said_so_and_nothing_is_made_up() {
    let Some(analyst) = shipped_model() else { return };
    for item in scored(&analyst, &numbered(&["配送が遅かったです。", "الخدمة سيئة جدا"]))
    {
        assert!(item.error.expect("a reason").contains("script"), "{}", item.redacted_text);
        assert_eq!(item.analysis, Analysis::empty());
    }
}
