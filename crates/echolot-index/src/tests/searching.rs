//! What is found, what is counted and what is marked.

use echolot_core::{CharSpan, Language, Polarity, Rating, ThemeId, Timestamp, Topic};
use proptest::prelude::*;
use serde_json::json;

use crate::analyser::{self, Analyser};
use crate::filter::Filter;
use crate::fixtures::{self, analysed, plain, review};
use crate::records::{AnalysedFeedback, RowId};
use crate::search::{SearchPage, SearchRequest};
use crate::snapshot::Snapshot;

const TEXTS: &[(&str, &str)] = &[
    ("de", "Die Lieferung kam viel zu spät, drei Wochen!"),
    ("de", "Verspaetung bei allen Lieferungen. Nie wieder."),
    ("de", "Mein Paket war verspätet, die Hotline half nicht."),
    ("de", "Falsche Groesse, Umtausch in der Filiale Hauptstraße."),
    ("de", "Die Grösse passt, gerne wieder. Strasse falsch geschrieben."),
    ("de", "Seit Update 3.11.0 kommt Fehler 39508 beim Login."),
    ("de", "Aktuelle App vom Bauern nebenan, neue Quelle."),
    ("en", "Delivery was late and nobody answers the e-mail."),
    ("en", "Deliveries are always on time, I don't complain."),
    ("en", "Crash after update v3.11.0, issues with the Größe field"),
    ("xx", "Super Lieferung"),
    ("xx", "great deliveries"),
    ("fr", "L'application est très pratique, livraison rapide"),
    ("ja", "配送が遅い"),
    ("de", ""),
];

fn snapshot_of(items: &[AnalysedFeedback]) -> (tempfile::TempDir, Snapshot) {
    let (temp, folder) = fixtures::folder();
    fixtures::run(&folder, items);
    let snapshot = folder.snapshot().unwrap();
    (temp, snapshot)
}

fn texts() -> Vec<AnalysedFeedback> {
    let item = |(number, (language, text)): (usize, &(&str, &str))| {
        plain(&number.to_string(), Language::from_tag(language).unwrap(), text)
    };
    TEXTS.iter().enumerate().map(item).collect()
}

fn search(snapshot: &Snapshot, query: &str) -> SearchPage {
    let request = SearchRequest { query: query.to_owned(), limit: 100, ..Default::default() };
    snapshot.search(&request).unwrap()
}

fn found_rows(page: &SearchPage) -> Vec<u32> {
    let mut rows: Vec<u32> = page.hits.iter().map(|hit| hit.row.0).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn words_are_found_in_every_form_and_spelling() {
    let (_temp, snapshot) = snapshot_of(&texts());
    let table: &[(&str, &[u32])] = &[
        ("Verspätung", &[1, 2]),
        ("Verspaetung", &[1, 2]),
        ("verspätet", &[1, 2]),
        ("Größe", &[3, 4, 9]),
        ("Groesse", &[3, 4]),
        ("Grösse", &[3, 4, 9]),
        ("Strasse", &[4]),
        ("Straße", &[4]),
        ("Hauptstrasse", &[3]),
        ("Lieferung", &[0, 1, 10]),
        ("lieferungen", &[0, 1, 10]),
        ("Lieferung kam zu spät", &[0]),
        ("delivery", &[7, 8, 11]),
        ("39508", &[5]),
        ("3.11.0", &[5, 9]),
        ("v3.11.0", &[5, 9]),
        ("3.11", &[]),
        ("aktuell", &[6]),
        ("Bauer", &[6]),
        ("neu", &[6]),
        ("email", &[7]),
        ("E-Mail", &[7]),
        ("dont complain", &[8]),
        ("issue", &[9]),
        ("application tres", &[12]),
        ("配送", &[13]),
    ];
    for (query, expected) in table {
        assert_eq!(found_rows(&search(&snapshot, query)), *expected, "{query}");
    }
}

#[test]
fn phrases_exclusions_and_function_words() {
    let (_temp, snapshot) = snapshot_of(&texts());
    let all_but = |left_out: &[u32]| -> Vec<u32> {
        (0..TEXTS.len() as u32).filter(|row| !left_out.contains(row)).collect()
    };
    let table: &[(&str, Vec<u32>)] = &[
        ("\"zu spät\"", vec![0]),
        ("\"viel zu spät\"", vec![0]),
        ("\"spät zu\"", vec![]),
        ("\"gerne wieder\"", vec![4]),
        ("Lieferung -spät", vec![1, 10]),
        ("Lieferung -\"zu spät\"", vec![1, 10]),
        // Half of the words will do.
        ("Lieferung für die Hotline", vec![0, 1, 2, 10]),
        ("Lieferung spät Hotline", vec![0]),
        // But no word makes up for a phrase.
        ("Lieferung Hotline \"spät zu\"", vec![]),
        // "der" is only wished for.
        ("der Umtausch", vec![3]),
        ("wieder der", vec![1, 4]),
        // Alone it is demanded.
        ("der", vec![3]),
        ("-Lieferung", all_but(&[0, 1, 10])),
        ("", all_but(&[])),
    ];
    for (query, expected) in table {
        assert_eq!(found_rows(&search(&snapshot, query)), *expected, "{query}");
    }
}

#[test]
fn the_better_match_comes_first() {
    let items = [
        plain(
            "a",
            Language::GERMAN,
            "Die App ist gut und die Hotline ist freundlich und schnell und nett.",
        ),
        plain("b", Language::GERMAN, "Hotline, Hotline!"),
        plain("c", Language::GERMAN, "Hotline, Hotline!"),
    ];
    let (_temp, snapshot) = snapshot_of(&items);
    let order: Vec<u32> = search(&snapshot, "hotline").hits.iter().map(|hit| hit.row.0).collect();
    assert_eq!(order, [1, 2, 0]);
}

#[test]
fn highlights_point_into_the_original_words() {
    let items = [
        plain("a", Language::GERMAN, "Für 👍 die Lieferungen — Lieferung zu spät, viel zu  spät!"),
        plain("b", Language::UNKNOWN, "Lieferung delivery deliveries"),
    ];
    let (_temp, snapshot) = snapshot_of(&items);
    let marked = |query: &str, row: u32| -> Vec<String> {
        let page = search(&snapshot, query);
        let hit = page.hits.iter().find(|hit| hit.row.0 == row).unwrap();
        hit.highlights.iter().map(|span| span.of(&hit.text).to_owned()).collect()
    };
    assert_eq!(marked("Lieferung", 0), ["Lieferungen", "Lieferung"]);
    assert_eq!(marked("\"zu spät\"", 0), ["zu spät", "zu  spät"]);
    assert_eq!(marked("die lieferung -hotline", 0), ["Lieferungen", "Lieferung"]);
    assert_eq!(marked("delivery", 1), ["delivery", "deliveries"]);
    assert_eq!(marked("fuer", 0), ["Für"]);
    assert_eq!(search(&snapshot, "fuer").hits[0].highlights, [CharSpan::new(0, 3)]);
}

#[test]
fn highlights_are_made_in_the_redacted_original_not_in_the_clean_text() {
    let item = AnalysedFeedback {
        clean: "Hallo Lieferung".to_owned(),
        ..plain("a", Language::GERMAN, "<p>Hallo</p>   Lieferung")
    };
    let (_temp, snapshot) = snapshot_of(&[item]);
    let page = search(&snapshot, "lieferung");
    assert_eq!(page.hits[0].highlights, [CharSpan::new(15, 24)]);
    assert_eq!(search(&snapshot, "p").total, 0);
}

#[test]
fn a_blank_query_lists_the_newest_first() {
    let times = [Some(5), None, Some(9), Some(5)];
    let items: Vec<_> = times
        .iter()
        .enumerate()
        .map(|(number, time)| {
            let mut item = plain(&number.to_string(), Language::GERMAN, "Text");
            item.feedback.created_at = time.and_then(Timestamp::from_seconds);
            item
        })
        .collect();
    let (_temp, snapshot) = snapshot_of(&items);
    let order =
        |query| search(&snapshot, query).hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>();
    assert_eq!(order(" "), [2, 3, 0, 1]);
    assert_eq!(order("-nichts"), [2, 3, 0, 1]);
}

#[test]
fn a_malformed_query_is_refused() {
    let (_temp, snapshot) = snapshot_of(&texts());
    let request = SearchRequest { query: "gut \"spät".to_owned(), ..Default::default() };
    let error = snapshot.search(&request).unwrap_err();
    assert!(error.to_string().contains("at character 4"), "{error}");
}

#[test]
fn filters_hold_between_fields_and_choose_within() {
    let mut items: Vec<_> = (0..24).map(|number| analysed(&review(number))).collect();
    items.push(plain("leer", Language::ENGLISH, "Lieferung"));
    let (_temp, folder) = fixtures::folder();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    for item in &items {
        writer.insert(item, None).unwrap();
    }
    writer.theme_store().put_theme(&fixtures::theme(3, RowId(0))).unwrap();
    writer.theme_store().place((RowId(5), 1), &fixtures::placement(3, 0.9)).unwrap();
    writer.commit(&json!(null), crate::fixtures::at()).unwrap();
    folder.publish(&lock).unwrap();
    let snapshot = folder.snapshot().unwrap();

    let count = |filter: Filter| {
        let request = SearchRequest { query: "Lieferung".to_owned(), filter, ..Default::default() };
        snapshot.search(&request).unwrap().total
    };
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let at = |seconds: i64| Timestamp::from_seconds(1_700_000_000 + seconds);
    assert_eq!(count(Filter::default()), 25);
    assert_eq!(count(Filter { products: owned(&["App 0"]), ..Default::default() }), 8);
    assert_eq!(count(Filter { products: owned(&["App 0", "App 1"]), ..Default::default() }), 16);
    let both =
        Filter { products: owned(&["App 0"]), releases: owned(&["3.0.0"]), ..Default::default() };
    assert_eq!(count(both), 2);
    assert_eq!(count(Filter { products: owned(&["App 9"]), ..Default::default() }), 0);
    assert_eq!(count(Filter { languages: vec![Language::ENGLISH], ..Default::default() }), 1);
    assert_eq!(count(Filter { polarities: vec![Polarity::Negative], ..Default::default() }), 24);
    assert_eq!(
        count(Filter { topics: vec![Topic::Staff, Topic::General], ..Default::default() }),
        24
    );
    assert_eq!(count(Filter { topics: vec![Topic::General], ..Default::default() }), 0);
    assert_eq!(count(Filter { themes: vec![ThemeId(3)], ..Default::default() }), 1);
    assert_eq!(
        count(Filter { intents: vec![echolot_core::Intent::Churn], ..Default::default() }),
        24
    );
    assert_eq!(count(Filter { from: at(4), to: at(8), ..Default::default() }), 4);
    assert_eq!(count(Filter { rating_min: Some(5.0), ..Default::default() }), 4);
    assert_eq!(count(Filter { rating_max: Some(0.5), ..Default::default() }), 0);
    assert_eq!(
        count(Filter {
            channels: owned(&["review"]),
            sources: owned(&["x"]),
            ..Default::default()
        }),
        0
    );
}

#[test]
fn a_changed_text_is_found_by_its_new_words_only() {
    let (_temp, folder) = fixtures::folder();
    fixtures::run(
        &folder,
        &[plain("a", Language::GERMAN, "Hotline"), plain("b", Language::GERMAN, "Paket")],
    );
    fixtures::run(&folder, &[plain("a", Language::GERMAN, "Filiale")]);
    let snapshot = folder.snapshot().unwrap();
    assert_eq!(found_rows(&search(&snapshot, "Hotline")), Vec::<u32>::new());
    assert_eq!(found_rows(&search(&snapshot, "Filiale")), [0]);
    assert_eq!(search(&snapshot, "").total, 2);
    assert_eq!(search(&snapshot, "-Paket").total, 1);
}

#[test]
fn a_hit_shows_what_is_known() {
    let (_temp, snapshot) = snapshot_of(&[analysed(&review(4))]);
    let page = search(&snapshot, "lieferung");
    let hit = &page.hits[0];
    assert_eq!(hit.id.as_str(), "review-4");
    assert_eq!(hit.product.as_deref(), Some("App 1"));
    assert_eq!(hit.rating.map(Rating::value), Some(5.0));
    assert_eq!(hit.topics, [Topic::Delivery, Topic::WaitingTime, Topic::Staff]);
    // Equal counts stand in the order of the taxonomy.
    let counts = [(Topic::Delivery, 1), (Topic::Staff, 1), (Topic::WaitingTime, 1)];
    assert_eq!(page.facets.topics, counts);
}

/// Counts by reading every text, with none of the index. A clause is a word
/// or phrase; one that begins with a minus sign is excluded.
fn brute_force(items: &[AnalysedFeedback], clauses: &[String], product: Option<&str>) -> Vec<u32> {
    let holds = |item: &AnalysedFeedback, clause: &str| {
        let ranges = analyser::words(&item.clean);
        Analyser::of_language(item.language).iter().any(|analyser| {
            let wanted: Vec<String> = analyser::words(clause)
                .into_iter()
                .map(|word| analyser.term(&clause[word]))
                .collect();
            let terms: Vec<String> =
                ranges.iter().map(|range| analyser.term(&item.clean[range.clone()])).collect();
            terms.windows(wanted.len()).any(|window| window == wanted)
        })
    };
    let matches = |item: &AnalysedFeedback| {
        let (excluded, asked): (Vec<&String>, Vec<&String>) =
            clauses.iter().partition(|clause| clause.starts_with('-'));
        let (phrases, words): (Vec<&String>, Vec<&String>) =
            asked.into_iter().partition(|clause| clause.starts_with('"'));
        let met = words.iter().filter(|word| holds(item, word)).count();
        !excluded.iter().any(|clause| holds(item, clause))
            && phrases.iter().all(|phrase| holds(item, phrase))
            && met >= words.len().div_ceil(2)
            && product.is_none_or(|product| item.feedback.product.as_deref() == Some(product))
    };
    (0..).zip(items).filter(|(_, item)| matches(item)).map(|(row, _)| row).collect()
}

const VOCABULARY: [&str; 8] =
    ["Lieferung", "Lieferungen", "spät", "Hotline", "delivery", "deliveries", "39508", "Größe"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn totals_and_pages_are_those_of_brute_force(
        rows in prop::collection::vec((prop::collection::vec(0..8_usize, 0..5), 0..4_usize, 0..3_u32), 1..60),
        num_runs in 1..4_usize,
        queries in prop::collection::vec((prop::collection::vec(clause(), 1..4), 0..4_u32), 1..8),
    ) {
        let item = |(number, (words, language, product)): (usize, &(Vec<usize>, usize, u32))| {
            let text = words.iter().map(|word| VOCABULARY[*word]).collect::<Vec<_>>().join(" ");
            let language = Language::from_tag(["de", "en", "xx", "fr"][*language]).unwrap();
            let mut item = plain(&number.to_string(), language, &text);
            item.feedback.product = Some(product.to_string());
            item
        };
        let items: Vec<_> = rows.iter().enumerate().map(item).collect();
        let (_temp, folder) = fixtures::folder();
        for part in items.chunks(items.len().div_ceil(num_runs)) {
            fixtures::run(&folder, part);
        }
        let snapshot = folder.snapshot().unwrap();
        for (clauses, product) in queries {
            let product = (product < 3).then(|| product.to_string());
            let filter = Filter { products: product.iter().cloned().collect(), ..Default::default() };
            let expected = brute_force(&items, &clauses, product.as_deref());
            let request = SearchRequest { query: clauses.join(" "), filter, limit: 100, offset: 0 };
            let page = snapshot.search(&request).unwrap();
            prop_assert_eq!(page.total, expected.len() as u64);
            let languages: u64 = page.facets.languages.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(languages, page.total);
            let mut paged = Vec::new();
            for offset in (0..expected.len()).step_by(3) {
                let request = SearchRequest { limit: 3, offset, ..request.clone() };
                paged.extend(snapshot.search(&request).unwrap().hits);
            }
            prop_assert_eq!(&paged, &page.hits);
            prop_assert_eq!(found_rows(&page), expected);
        }
    }
}

/// A word or a phrase of two, mostly wanted and sometimes excluded.
fn clause() -> impl Strategy<Value = String> {
    let word = || (0..VOCABULARY.len()).prop_map(|word| VOCABULARY[word]);
    let asked = prop_oneof![
        word().prop_map(str::to_owned),
        (word(), word()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
    ];
    (asked, 0..4).prop_map(|(asked, turn)| if turn == 0 { format!("-{asked}") } else { asked })
}
