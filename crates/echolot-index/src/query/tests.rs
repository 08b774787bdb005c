//! What queries mean, and what is said of those that mean nothing.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::fixtures;
use crate::records::AnalysedFeedback;
use echolot_core::Language;

fn check(query: &str, expected: &Expect) {
    let shown = match Query::parse(query, &Synonyms::default()) {
        Ok(query) => show(&query.root),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&shown);
}

/// The tree of a query; of a text the German term of each word.
fn show(node: &Node) -> String {
    let join = |nodes: &[Node]| nodes.iter().map(show).collect::<Vec<_>>().join(" ");
    match node {
        Node::All => "all".to_owned(),
        Node::Text(text) => show_text(text),
        Node::Condition(Condition::Word(field, names)) => format!("{field:?}{names:?}"),
        Node::Condition(condition) => format!("{condition:?}"),
        Node::Not(part) => format!("-{}", show(part)),
        Node::And(parts) => format!("and({})", join(parts)),
        Node::Or(parts) => format!("or({})", join(parts)),
        Node::List { words, rest } if rest.is_empty() => format!("half({})", join(words)),
        Node::List { words, rest } => format!("half({}) and {}", join(words), join(rest)),
    }
}

fn show_text(text: &Text) -> String {
    let slot = |slot: &Slot| match slot {
        Slot::Terms(terms) => terms[0].0.trim_start_matches("de=").to_owned(),
        Slot::Like(Pattern::Wildcard(pieces)) => pieces.join("*"),
        Slot::Like(Pattern::Fuzzy { form, edits }) => {
            format!("{}~{edits}", form.iter().collect::<String>())
        }
    };
    let way = |way: &Way| {
        let slots: Vec<String> = way.slots.iter().map(slot).collect();
        slots.join(if way.is_ordered { "_" } else { "+" })
    };
    text.ways.iter().map(way).collect::<Vec<_>>().join("|")
}

#[test]
fn words_phrases_and_exclusions() {
    check("Hotline spät", &expect!["half(hotlin spat)"]);
    check("Hotline", &expect!["hotlin"]);
    check("Lieferung kam zu spät", &expect!["half(liefer kam spat)"]);
    check("\"zu spät\" -Hotline", &expect!["and(zu_spat -hotlin)"]);
    check("„zu spät“ -\"gerne wieder\"", &expect!["and(zu_spat -gern_wied)"]);
    check("Top-App 3.11.0", &expect!["half(top_app|topapp 3.11.0)"]);
    check("Hotline - zu spät!", &expect!["half(hotlin spat)"]);
    check("in der", &expect!["half(in der)"]);
    check("-der Preis", &expect!["half(prei) and -der"]);
    check("-Preis", &expect!["-prei"]);
    check("der -Preis", &expect!["half(der) and -prei"]);
    check("der \"gute Preis\"", &expect!["gut_prei"]);
    check("", &expect!["all"]);
    check("  ", &expect!["all"]);
}

#[test]
fn operators_and_groups() {
    check("Akku AND Hotline OR Preis", &expect!["or(and(akku hotlin) prei)"]);
    check("Akku AND (Hotline OR Preis)", &expect!["and(akku or(hotlin prei))"]);
    check("NOT Akku", &expect!["-akku"]);
    check("Preis NOT (Akku OR Hotline)", &expect!["half(prei) and -or(akku hotlin)"]);
    check("Preis NOT -Akku", &expect!["half(prei) and --akku"]);
    check("Preis hoch OR teuer", &expect!["or(half(prei hoch) teu)"]);
    // Only capitals are operators.
    check("Preis or teuer", &expect!["half(prei teu)"]);
    check("(Preis)", &expect!["prei"]);
    check("x(Preis)", &expect!["half(x) and prei"]);
}

#[test]
fn wildcards_and_misspellings() {
    check("liefer*", &expect!["liefer*"]);
    check("*kosten! hotl*ne", &expect!["half(*kosten hotl*ne)"]);
    check("akku~ Verspätung~1 Lieferung~", &expect!["half(akku~1 verspatung~1 lieferung~2)"]);
    check("*** gut", &expect!["gut"]);
}

#[test]
fn conditions() {
    check("product:Vitaloop", &expect![[r#"Product[Is("vitaloop")]"#]]);
    check("product:\"Mobil App\" teuer", &expect![[r#"half(teu) and Product[Is("mobil app")]"#]]);
    check("lang:de,en-GB", &expect![[r#"Language[Is("de"), Is("en")]"#]]);
    check("release:2.8.0..2.9.0", &expect![[r#"Releases(Some("2.8.0"), Some("2.9.0"))"#]]);
    check(
        "rating:..2 -polarity:positive",
        &expect!["and(Number(Rating, -inf, 2.0) -Polarity([Positive]))"],
    );
    check("topic:delivery,staff", &expect!["Topic([Delivery, Staff])"]);
    check("date:1970-01-02", &expect!["Time(86400, 172800)"]);
    check("Theme:3", &expect!["Theme([ThemeId(3)])"]);
    check("Fehler 14:30", &expect!["half(fehl 14_30|1430)"]);
}

#[test]
fn a_malformed_query_is_told_where() {
    let place = "the query has an error at character";
    for (query, position, problem) in [
        ("gut \"zu spät", 4, "the phrase that begins here has no closing quotation mark"),
        ("für -\"\" gut", 5, "there is no word between the quotation marks"),
        ("  ?!", 2, "there is no word to search for"),
        ("gut (spät", 4, "the parenthesis that opens here is not closed"),
        ("gut spät)", 8, "there is no parenthesis that this one closes"),
        (")", 0, "there is no parenthesis that this one closes"),
        ("gut ()", 4, "there is nothing between the parentheses"),
        ("gut AND", 4, "AND stands between two things to search for"),
        ("OR gut", 0, "OR stands between two things to search for"),
        ("gut OR AND teuer", 4, "OR stands between two things to search for"),
        ("gut NOT", 4, "there is nothing after NOT"),
        ("gut a*", 4, "a wildcard needs at least two letters beside it"),
        ("Top-App~", 7, "~ stands directly after one word"),
        ("akku~3", 5, "~ is followed by nothing, 1 or 2"),
        ("gut rating:viel", 11, "rating is a number or a range such as 1..2, 4.. or ..2"),
        ("polarity:bad", 9, "polarity is one of negative, neutral, positive"),
        ("product:", 7, "product is followed by a value, without a space"),
        ("gut produkt:X", 4, "there is no field `produkt`; known are lang, source, channel,"),
        ("theme:erstes", 6, "theme is the number of a theme"),
    ] {
        let error = Query::parse(query, &Synonyms::default()).unwrap_err().to_string();
        let expected = format!("{place} {position}: {problem}");
        assert!(error.starts_with(&expected), "{query}: {error}");
    }
    let deep = "(".repeat(40);
    assert!(
        Query::parse(&deep, &Synonyms::default()).unwrap_err().to_string().contains("too deep")
    );
    let not = "NOT ".repeat(4000);
    assert!(Query::parse(&not, &Synonyms::default()).is_err());
    let long = "wort ".repeat(300);
    assert!(
        Query::parse(&long, &Synonyms::default()).unwrap_err().to_string().contains("too many")
    );
}

#[test]
fn a_model_reads_what_is_asked_for() {
    let said = |query| Query::parse(query, &Synonyms::default()).unwrap().said().to_owned();
    assert_eq!(said("Lieferung kam zu spät!"), "Lieferung kam zu spät");
    assert_eq!(said("\"zu spät\" -Hotline product:X (Paket OR DHL)"), "zu spät Paket DHL");
    assert_eq!(said("product:X -gut"), "");
}

#[test]
fn compounds_and_synonyms_are_ways_to_say_a_word() {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let synonyms = Synonyms::new(vec![owned(&["Rückgabe", "Retoure"])]).unwrap();
    let show = |query| show(&Query::parse(query, &synonyms).unwrap().root);
    assert_eq!(show("Lieferverzögerung"), "lieferverzoger|lief+verzoger");
    assert_eq!(show("Rückgaben"), "ruckgab|retour");
    assert_eq!(show("\"Rückgaben\""), "ruckgab");
}

fn item(text: &str) -> AnalysedFeedback {
    fixtures::plain("a", Language::GERMAN, text)
}

#[test]
fn a_single_text_is_compared_without_an_index() {
    let matches = |query: &str, text: &str| {
        let query = Query::parse(query, &Synonyms::default()).unwrap();
        query.matches(&Document::new(&item(text), &[]))
    };
    assert!(matches("Verzögerung", "Wieder eine Lieferverzögerung."));
    assert!(matches("Lieferverzögerung", "Verzögerung bei der Lieferung"));
    assert!(!matches("Lieferverzögerung", "Verzögerung beim Anruf"));
    assert!(
        matches("Akkulaufzeit", "Akku-Laufzeit ist mies")
            && matches("Akku-Laufzeit", "Akkulaufzeit mies")
    );
    assert!(!matches("\"Verzögerung\"", "Wieder eine Lieferverzögerung."));
    assert!(
        matches("akku~ AND NOT lade*", "Der Aku hält")
            && !matches("akku~ AND NOT lade*", "Aku, Ladekabel")
    );
    assert!(matches("polarity:neutral lang:de", "x") && !matches("rating:1..", "x"));
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_an_error_within_it(
        query in prop_oneof![
            any::<String>(),
            "([()\"* ~:-]|AND|OR|NOT|rating:|a|ü|product:x| ){0,12}",
        ],
    ) {
        match Query::parse(&query, &Synonyms::default()) {
            Ok(query) => {
                query.matches(&Document::new(&item("ein Text"), &[]));
            }
            Err(Error::Query { position, .. }) => {
                prop_assert!(position < query.chars().count());
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
