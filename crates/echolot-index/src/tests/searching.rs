//! What is found, what is counted and what is marked.

use echolot_core::{CharSpan, Language, Polarity, Rating, ThemeId, Timestamp, Topic};
use proptest::prelude::*;
use serde_json::json;

use crate::filter::Filter;
use crate::fixtures::{self, analysed, plain, review};
use crate::query::{Document, Query, Synonyms};
use crate::records::{AnalysedFeedback, OpinionUnit, RowId};
use crate::search::{Meaning, SearchBy, SearchPage, SearchRequest};
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
    snapshot.search(&fixtures::asked(query)).unwrap()
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
        ("Strasse", &[3, 4]),
        ("Straße", &[3, 4]),
        ("\"Straße\"", &[4]),
        ("Hauptstrasse", &[3]),
        ("Lieferung", &[0, 1, 10]),
        ("lieferungen", &[0, 1, 10]),
        ("Lieferung kam zu spät", &[0, 1, 10]),
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
        ("livraisons", &[12]),
        ("liefer*", &[0, 1, 10]),
        ("*spät*", &[0, 1, 2]),
        ("deliv* OR liefer*", &[0, 1, 7, 8, 10, 11]),
        ("Liferung~", &[0, 10]),
        ("Lieferung~1 AND spät", &[0]),
        ("(Lieferung OR delivery) AND NOT (spät OR late)", &[1, 8, 10, 11]),
        ("lang:en delivery", &[7, 8]),
        ("lang:en", &[7, 8, 9]),
        ("lang:fr,ja", &[12, 13]),
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
        // Half of the words will do, which is one of two or three.
        ("Lieferung für die Hotline", vec![0, 1, 2, 10]),
        ("Lieferung spät Hotline", vec![0, 1, 2, 10]),
        ("Lieferung kam spät Hotline", vec![0]),
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
        let request = SearchRequest { filter, ..fixtures::asked("Lieferung") };
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

/// An item with units of given directions.
fn pointing(id: &str, text: &str, vectors: &[[i8; 2]]) -> AnalysedFeedback {
    let unit = |vector: &[i8; 2]| OpinionUnit {
        span: CharSpan::new(0, 1),
        polarity: Polarity::Neutral,
        topic: Topic::General,
        vector: vector.to_vec(),
    };
    let units = vectors.iter().map(unit).collect();
    AnalysedFeedback { units, ..plain(id, Language::GERMAN, text) }
}

fn meaning(vectors: &[[i8; 2]], floor: f32) -> Meaning {
    Meaning { vectors: vectors.iter().map(|v| v.to_vec()).collect(), floor, except: None }
}

#[test]
fn meaning_finds_what_words_do_not() {
    let items = [
        pointing("a", "Akku schnell leer", &[[100, 0]]),
        pointing("b", "Batterie hält nicht", &[[0, -100], [90, 10]]),
        pointing("c", "Akku gut", &[[-100, 0]]),
        pointing("d", "Paket weg", &[]),
        pointing("e", "Strom alle, Akku", &[[80, 60]]),
    ];
    let (_temp, snapshot) = snapshot_of(&items);
    let page =
        |query: &str, by| snapshot.search(&SearchRequest { by, ..fixtures::asked(query) }).unwrap();
    let order = |page: &SearchPage| page.hits.iter().map(|hit| hit.row.0).collect::<Vec<_>>();
    let near = || meaning(&[[127, 0]], 0.7);

    let found = page("Akku", SearchBy::Meaning(near()));
    assert_eq!(order(&found), [0, 1, 4]);
    assert_eq!((found.total, found.by_words, found.by_meaning), (3, None, Some(3)));
    assert!((found.hits[2].similarity.unwrap() - 0.8).abs() < 1e-6);
    assert_eq!(found.hits[2].similarity, Some(found.hits[2].score));

    // Words find 0, 2 and 4; meaning 0, 1 and 4.
    let found = page("Akku", SearchBy::Both(near()));
    assert_eq!((found.total, found.by_words, found.by_meaning), (4, Some(3), Some(3)));
    assert_eq!(found_rows(&found), [0, 1, 2, 4]);
    assert_eq!(order(&found)[..2], [0, 4], "what both find comes first");
    assert_eq!(found.facets.languages, [("de".to_owned(), 4)]);

    // What is more than plain words must hold.
    assert_eq!(found_rows(&page("Akku -leer", SearchBy::Both(near()))), [1, 2, 4]);
    assert_eq!(found_rows(&page("\"Akku\" leer", SearchBy::Meaning(near()))), [0, 4]);
    assert_eq!(found_rows(&page("Akku AND leer", SearchBy::Both(near()))), [0]);
    let except = Meaning { except: Some(RowId(0)), ..near() };
    assert_eq!(order(&page("", SearchBy::Meaning(except))), [1, 4]);
    let filter = Filter { languages: vec![Language::ENGLISH], ..Default::default() };
    let request = SearchRequest { filter, by: SearchBy::Both(near()), ..fixtures::asked("Akku") };
    assert_eq!(snapshot.search(&request).unwrap().total, 0);

    assert_eq!(snapshot.row_of(&items[1].feedback.id).unwrap(), Some(RowId(1)));
    assert_eq!(snapshot.unit_vectors(RowId(1)).unwrap(), [[0, -100], [90, 10]]);
}

#[test]
fn scores_do_not_depend_on_what_was_replaced() {
    let items: Vec<_> = texts();
    let (_temp, folder) = fixtures::folder();
    for item in &items {
        let before =
            plain(item.feedback.id.as_str(), Language::GERMAN, "Lieferung Lieferung Hotline");
        fixtures::run(&folder, &[before]);
    }
    fixtures::run(&folder, &items);
    let replaced = folder.snapshot().unwrap();
    let (_temp, fresh) = snapshot_of(&items);
    for query in ["Lieferung spät Hotline", "\"zu spät\"", "liefer*", "Größe"] {
        assert_eq!(search(&replaced, query), search(&fresh, query), "{query}");
    }
}

const VOCABULARY: [&str; 12] = [
    "Lieferung",
    "Lieferungen",
    "Lieferverzögerung",
    "spät",
    "Hotline",
    "delivery",
    "deliveries",
    "39508",
    "Größe",
    "Akku-Laufzeit",
    "Akkulaufzeit",
    "der",
];

/// A query of all the language has, over the vocabulary.
fn query() -> impl Strategy<Value = String> {
    let word = || (0..VOCABULARY.len()).prop_map(|word| VOCABULARY[word].to_owned());
    let leaf = prop_oneof![
        4 => word(),
        1 => (word(), word()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
        1 => (word(), 3..5_usize).prop_map(|(word, n)| {
            format!("{}*", word.chars().take(n).collect::<String>())
        }),
        1 => word().prop_map(|word| format!("{}~", word.replacen('e', "", 1).replace('-', ""))),
        1 => (0..4_u32).prop_map(|product| format!("product:{product}")),
        1 => (1..5_u32).prop_map(|rating| format!("rating:{rating}..")),
        1 => Just("lang:de,en".to_owned()),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" ")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) AND ({b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) OR ({b})")),
            1 => inner.prop_map(|part| format!("-({part})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_index_finds_what_reading_every_text_finds(
        rows in prop::collection::vec(
            (prop::collection::vec(0..VOCABULARY.len(), 0..5), 0..4_usize, 0..3_u32, 0..6_u32),
            1..60,
        ),
        num_runs in 1..4_usize,
        queries in prop::collection::vec((query(), 0..4_u32), 1..8),
    ) {
        let item = |(number, (words, language, product, rating)): (usize, &(Vec<usize>, usize, u32, u32))| {
            let text = words.iter().map(|word| VOCABULARY[*word]).collect::<Vec<_>>().join(" ");
            let language = Language::from_tag(["de", "en", "xx", "fr"][*language]).unwrap();
            let mut item = plain(&number.to_string(), language, &text);
            item.feedback.product = Some(product.to_string());
            item.feedback.rating = (*rating > 0).then(|| Rating::new(f64::from(*rating)).unwrap());
            item
        };
        let items: Vec<_> = rows.iter().enumerate().map(item).collect();
        let (_temp, folder) = fixtures::folder();
        for part in items.chunks(items.len().div_ceil(num_runs)) {
            fixtures::run(&folder, part);
        }
        let snapshot = folder.snapshot().unwrap();
        for (query, product) in queries {
            let query = Query::parse(&query, &Synonyms::default()).unwrap();
            let product = (product < 3).then(|| product.to_string());
            let expected: Vec<u32> = (0..)
                .zip(&items)
                .filter(|(_, item)| query.matches(&Document::new(item, &[])))
                .filter(|(_, item)| product.is_none() || item.feedback.product == product)
                .map(|(row, _)| row)
                .collect();
            let filter = Filter { products: product.into_iter().collect(), ..Default::default() };
            let request = SearchRequest { query, filter, limit: 100, ..Default::default() };
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

    #[test]
    fn meaning_finds_what_comparing_every_unit_finds(
        rows in prop::collection::vec(prop::collection::vec(any::<[i8; 2]>(), 0..4), 1..50),
        wanted in prop::collection::vec(any::<[i8; 2]>(), 1..3),
        floor in -1.0..1.0_f64,
        num_runs in 1..4_usize,
    ) {
        let item = |(number, vectors): (usize, &Vec<[i8; 2]>)| {
            let text = if number % 3 == 0 { "Akku" } else { "Paket" };
            pointing(&number.to_string(), text, vectors)
        };
        let items: Vec<_> = rows.iter().enumerate().map(item).collect();
        let (_temp, folder) = fixtures::folder();
        for part in items.chunks(items.len().div_ceil(num_runs)) {
            fixtures::run(&folder, part);
        }
        let snapshot = folder.snapshot().unwrap();
        let length = |v: &[i8; 2]| f64::from(v[0]).hypot(f64::from(v[1]));
        let cosine = |a: &[i8; 2], b: &[i8; 2]| {
            let dot = f64::from(a[0]) * f64::from(b[0]) + f64::from(a[1]) * f64::from(b[1]);
            let lengths = length(a) * length(b);
            if lengths == 0.0 { 0.0 } else { dot / lengths }
        };
        let similarity = |units: &Vec<[i8; 2]>| {
            let nearest = |w: &[i8; 2]| units.iter().map(|u| cosine(u, w)).fold(-1.0, f64::max);
            wanted.iter().map(nearest).sum::<f64>() / wanted.len() as f64
        };
        // A hair from the floor the two ways to compute may differ.
        prop_assume!(rows.iter().all(|units| (similarity(units) - floor).abs() > 1e-5));
        let near = |units: &Vec<[i8; 2]>| !units.is_empty() && similarity(units) >= floor;
        let expected: Vec<u32> =
            (0..).zip(&rows).filter(|(_, units)| near(units)).map(|(row, _)| row).collect();
        let by = SearchBy::Meaning(meaning(&wanted, floor as f32));
        let page = snapshot.search(&SearchRequest { by, ..fixtures::asked("") }).unwrap();
        prop_assert_eq!(found_rows(&page), expected.clone());
        prop_assert!(page.hits.windows(2).all(|pair| pair[0].score >= pair[1].score));

        let by = SearchBy::Both(meaning(&wanted, floor as f32));
        let page = snapshot.search(&SearchRequest { by, ..fixtures::asked("Akku") }).unwrap();
        let either = (0..rows.len() as u32).filter(|row| row % 3 == 0 || expected.contains(row));
        let either: Vec<u32> = either.collect();
        prop_assert_eq!(page.total, either.len() as u64);
        prop_assert_eq!(found_rows(&page), either);
    }
}
