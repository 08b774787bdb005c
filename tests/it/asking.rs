//! Questions on the command line, against figures that were counted by hand.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::bed::TestBed;
use crate::scenario::{BOUGHT, CRASH, LATE, PRICE, bed};

/// The theme whose first example is `text`.
fn theme_of<'a>(rows: &'a Value, text: &str) -> &'a Value {
    let rows = rows.as_array().unwrap();
    let is_of = |row: &&Value| row["examples"][0]["quote"].as_str().unwrap().starts_with(text);
    rows.iter().find(is_of).unwrap_or_else(|| panic!("no theme of `{text}` in {rows:#?}"))
}

fn near(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
}

#[test]
fn themes_are_counted_once_per_near_duplicate_and_with_repeats() {
    let bed = bed();
    let found = bed.ask(&["themes"]);
    assert_eq!(found["verbatims"], 20 + 50 + 1 + 3);
    assert_eq!(found["with_opinion"], 32 + 12 + 11 + 1);
    assert_eq!((&found["without_theme"], &found["total"]), (&json!(1), &json!(3)));
    let counts: Vec<(u64, u64)> = found["themes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["volume"].as_u64().unwrap(), row["mentions"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [(32, 32), (12, 16), (11, 11)], "by volume");

    let late = theme_of(&found["themes"], "Die Lieferung kam viel zu spät");
    assert_eq!((&late["topic"], &late["polarity"]), (&json!("delivery"), &json!("negative")));
    near(&late["share"], 12.0 / 74.0);
    assert_eq!(theme_of(&found["themes"], "Der Preis ist super")["polarity"], "positive");
}

#[test]
fn a_theme_that_is_filtered_is_a_share_of_the_filtered_verbatims() {
    let bed = bed();
    let of = |args: &[&str]| bed.ask(&[&["themes", "--product", "Nordlicht"], args].concat());
    let newer = of(&["--release", "4.2.0"]);
    assert_eq!(newer["verbatims"], 50);
    let crash = theme_of(&newer["themes"], "Constant crash");
    assert_eq!((&crash["volume"], &crash["mentions"]), (&json!(5), &json!(5)));
    // The textbook case: 5 of 50 is [0.0435, 0.2136].
    near(&crash["share"], 0.1);
    near(&crash["share_low"], 0.043_476);
    near(&crash["share_high"], 0.213_602);

    let negative = of(&["--release", "4.1.0", "--polarity", "negative"]);
    assert_eq!((&negative["total"], &negative["with_opinion"]), (&json!(2), &json!(8)));
    assert_eq!(negative["themes"][0]["volume"], 6, "the larger one first");

    let first = of(&["--limit", "1"]);
    assert_eq!((&first["total"], first["themes"].as_array().unwrap().len()), (&json!(3), 1));
}

#[test]
fn complaints_about_a_release_stand_beside_the_release_before() {
    let bed = bed();
    let asked = ["complaints", "--product", "Nordlicht", "--release", "4.2.0"];
    let table = bed.ask(&asked);
    assert_eq!(table["baseline"], "4.1.0", "the release before is found");
    assert_eq!((&table["verbatims"], &table["mentions"]), (&json!(50), &json!(54)));
    assert_eq!(table["baseline_verbatims"], 20);
    assert_eq!((&table["with_complaint"], &table["without_theme"]), (&json!(15), &json!(0)));

    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "praise is no complaint: {rows:#?}");
    let late = theme_of(&table["rows"], "Die Lieferung");
    assert_eq!((&late["volume"], &late["mentions"]), (&json!(10), &json!(14)));
    near(&late["share"], 0.2);
    near(&late["share_low"], 0.112_438);
    near(&late["share_high"], 0.330_371);
    near(&late["baseline_share"], 2.0 / 20.0);
    let crash = theme_of(&table["rows"], "Constant crash");
    assert_eq!((&crash["volume"], &crash["topic"]), (&json!(5), &json!("malfunction")));
    near(&crash["baseline_share"], 6.0 / 20.0);

    // Fisher's test of 5/50 beside 6/20 and of 10/50 beside 2/20, both corrected
    // together; 20 verbatims are too few to say that nothing changed.
    let change = &crash["change"];
    near(&change["difference"], 0.1 - 0.3);
    near(&change["p"], 0.064_706);
    near(&change["q"], 2.0 * 0.064_706);
    assert_eq!((&change["test"], &change["word"]), (&json!("fisher"), &json!("too few")));
    near(&late["change"]["q"], 0.487_036);

    let stated = bed.ask(&[&asked[..], &["--baseline", "4.1.0"]].concat());
    assert_eq!(stated, table, "a stated baseline is taken");
    let oldest = bed.ask(&["complaints", "--product", "Nordlicht", "--release", "4.1.0"]);
    assert_eq!(
        (&oldest["baseline"], &oldest["rows"][0]["baseline_share"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(oldest["rows"][0]["change"], Value::Null);
}

#[test]
fn a_wave_of_nearly_the_same_words_counts_once() {
    let bed = bed();
    let table = bed.ask(&["complaints", "--product", "Südwind", "--release", "1.0"]);
    assert_eq!((&table["verbatims"], &table["mentions"]), (&json!(1), &json!(6)));
    assert_eq!(table["rows"], json!([]), "and makes no theme");
    let all = bed.ask(&["themes"]);
    let late = theme_of(&all["themes"], "Die Lieferung kam viel zu spät");
    assert_eq!((&late["volume"], &late["mentions"]), (&json!(12), &json!(16)));
}

#[test]
fn drivers_are_the_themes_that_move_the_mean() {
    let bed = bed();
    let found = bed.ask(&["drivers", "--product", "Nordlicht"]);
    // Stars, repeats once: 12 x 1, 11 x 2 and 32 x 5.
    assert_eq!((&found["on"], &found["answers"]), (&json!("rating"), &json!(55)));
    near(&found["mean"], 194.0 / 55.0);
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{rows:#?}");
    assert_eq!(rows[0]["polarity"], "positive", "the largest impact first");
    near(&rows[0]["impact"], 194.0 / 55.0 - 34.0 / 23.0);
    let late = theme_of(&found["rows"], "Die Lieferung");
    assert_eq!(late["answers"], 12);
    near(&late["impact"], 194.0 / 55.0 - 182.0 / 43.0);
    let low = late["impact_low"].as_f64().unwrap();
    let high = late["impact_high"].as_f64().unwrap();
    assert!(low < -0.7053 && -0.7052 < high && high < 0.0, "[{low}, {high}]");
    // Every rating is that of one theme's text, so the themes explain all.
    near(&found["r_squared"], 1.0);
    let weights: f64 = rows.iter().map(|row| row["weight"].as_f64().unwrap()).sum();
    assert!((weights - 1.0).abs() < 1e-5, "the weights share it out: {weights}");

    let nps = bed.ask(&["drivers", "--product", "Nordlicht", "--on", "nps", "--by", "topic"]);
    near(&nps["mean"], 100.0 * (32.0 - 12.0) / 59.0);
    let delivery = theme_of(&nps["rows"], "Die Lieferung");
    assert_eq!(
        (&delivery["topic"], &delivery["polarity"], &delivery["theme"]),
        (&json!("delivery"), &json!("negative"), &Value::Null)
    );
    near(&delivery["impact"], 100.0 * (20.0 / 59.0 - 32.0 / 47.0));

    let none = bed.ask(&["drivers", "--product", "Südwind"]);
    assert_eq!((&none["answers"], &none["mean"]), (&json!(0), &Value::Null));
    bed.echolot(&["drivers", "--on", "stars"]).fails_with(2, &["on: `stars`", "rating, nps, csat"]);
}

#[test]
fn key_figures_are_those_of_the_formulas() {
    let bed = bed();
    let found = bed.ask(&["kpi", "--by", "release", "--product", "Nordlicht"]);
    let [older, newer] = &found["rows"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((&older["group"], &newer["group"]), (&json!("4.1.0"), &json!("4.2.0")));
    assert_eq!((&older["verbatims"], &newer["verbatims"]), (&json!(20), &json!(54)));

    // 20 promoters, 15 passives and 14 detractors.
    near(&newer["nps"]["points"], 12.244_898);
    near(&newer["nps"]["standard_error"], 11.892_608);
    assert_eq!(newer["nps"]["count"], 49);
    near(&older["nps"]["points"], 71.428_571);
    // 12 of 20 gave one of the two best answers of five.
    near(&older["csat"]["share"], 0.6);
    near(&older["csat"]["share_low"], 0.386_582);
    near(&older["csat"]["share_high"], 0.781_193);
    assert_eq!((&newer["csat"], &newer["ces"]), (&Value::Null, &Value::Null));
    near(&older["rating"]["mean"], 3.7);
    // (14 x 1 + 5 x 2 + 20 x 5) / 39
    near(&newer["rating"]["mean"], 3.179_487);
    // 20 positive and 19 negative ones; 15 verbatims without an opinion do not count.
    near(&newer["net_sentiment"]["points"], 2.564_103);
    near(&newer["net_sentiment"]["standard_error"], 16.216_809);
    assert_eq!(newer["net_sentiment"]["count"], 39);
}

#[test]
fn response_times_are_those_of_people_not_of_bots() {
    let bed = bed();
    let found = bed.ask(&["kpi", "--by", "channel", "--channel", "chat"]);
    let chats = &found["rows"][0];
    assert_eq!((&chats["group"], &chats["verbatims"]), (&json!("chat"), &json!(3)));
    let trace = "g=1&channel=chat&by.channel=chat&is.frt=360&is.frt.answers=2&is.frt.median=360";
    let frt = json!({ "mean_s": 360.0, "median_s": 360.0, "count": 2, "trace": trace });
    assert_eq!(chats["frt"], frt);
    let art = &chats["art"];
    assert_eq!((&art["mean_s"], &art["median_s"]), (&json!(1800.0), &json!(1800.0)));
    assert_eq!(art["count"], 1);
}

#[test]
fn groups_stand_in_their_own_order() {
    let bed = bed();
    let groups = |by| {
        let found = bed.ask(&["kpi", "--by", by]);
        let rows = found["rows"].as_array().unwrap();
        let pairs = rows.iter().map(|row| {
            (row["group"].as_str().unwrap_or("").to_owned(), row["verbatims"].as_u64().unwrap())
        });
        pairs.map(|(group, count)| format!("{group} {count}")).collect::<Vec<_>>()
    };
    assert_eq!(groups("month"), ["2025-05 20", "2025-06 63"]);
    assert_eq!(groups("channel"), ["review 65", "survey 15", "chat 3"]);
    assert_eq!(groups("product"), ["Nordlicht 74", "Südwind 9"]);
    assert_eq!(groups("language"), ["de 72", "en 11"]);
    assert_eq!(groups("source"), ["shop 74", "forum 6", "desk 3"]);
    assert_eq!(groups("release"), ["4.1.0 20", "4.2.0 54", "1.0 6", " 3"]);
}

#[test]
fn a_search_counts_exactly_and_says_how_the_matches_divide() {
    let bed = bed();
    let found = bed.ask(&["search", "Lieferung", "--limit", "2"]);
    // The sixteen, and the chat with a Lieferverzögerung.
    assert_eq!((&found["total"], found["hits"].as_array().unwrap().len()), (&json!(17), 2));
    let hit = &found["hits"][0];
    assert_eq!((&hit["language"], &hit["polarity"]), (&json!("de"), &json!("negative")));
    let late = bed.ask(&["search", "Lieferung AND spät"]);
    assert_eq!(late["total"], 16);
    assert_eq!(
        late["facets"]["polarities"],
        json!([{ "value": "negative", "count": 16, "trace": null }])
    );
    assert_eq!(
        late["facets"]["releases"],
        json!([
            { "value": "4.2.0", "count": 14, "trace": null },
            { "value": "4.1.0", "count": 2, "trace": null },
        ])
    );
    let hit = &late["hits"][0];
    let text: Vec<char> = hit["text"].as_str().unwrap().chars().collect();
    let marked: Vec<String> = hit["highlights"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| {
            text[span[0].as_u64().unwrap() as usize..span[1].as_u64().unwrap() as usize]
                .iter()
                .collect()
        })
        .collect();
    assert_eq!(marked, ["Lieferung", "spät"]);
}

/// How many verbatims a search finds.
fn total(bed: &TestBed, args: &[&str]) -> u64 {
    bed.ask(&[&["search"], args].concat())["total"].as_u64().unwrap()
}

#[test]
fn words_are_found_in_their_other_forms() {
    let bed = bed();
    let total = |query| total(&bed, &[query]);
    assert_eq!(total("Lieferverzögerungen"), 1, "in the plural");
    assert_eq!(total("lieferverzoegerung"), 1, "with the umlaut spelt out");
    assert_eq!(total("LIEFERVERZÖGERUNG"), 1);
    assert_eq!(total("crashes"), 11, "another form of an English word");
    assert_eq!(total("Rechnungen"), 6, "another form of a German word");
}

#[test]
fn phrases_and_exclusions_are_understood() {
    let bed = bed();
    let total = |query| total(&bed, &[query]);
    assert_eq!(total("\"viel zu spät\""), 16);
    assert_eq!(total("\"spät zu viel\""), 0);
    assert_eq!(total("die -Rechnung"), 16, "the bill is left out");
    let either = total("Lieferung") + total("super");
    assert_eq!(total("Lieferung super"), either, "one of two words will do; none has both");
    assert_eq!(total("Lieferung super \"viel zu spät\""), 16, "a phrase must occur");
    assert_eq!(total(""), 83, "nothing asked for means everything");
}

#[test]
fn filters_narrow_a_search_one_by_one() {
    let bed = bed();
    let total = |args: &[&str]| total(&bed, args);
    assert_eq!(total(&["--lang", "en"]), 11);
    assert_eq!(total(&["--lang", "en,de"]), 83);
    assert_eq!(total(&["--product", "Nordlicht", "--release", "4.1.0"]), 20);
    assert_eq!(total(&["--polarity", "positive"]), 32);
    assert_eq!(total(&["--polarity", "positive,negative"]), 65);
    assert_eq!(total(&["--topic", "delivery,malfunction"]), 27);
    assert_eq!(total(&["--intent", "question"]), 2);
    assert_eq!(total(&["--channel", "chat"]), 3);
    assert_eq!(total(&["--source", "forum"]), 6);
    assert_eq!(
        total(&["--from", "2025-06-01", "--to", "2025-06-12"]),
        60,
        "a day counts to its end"
    );
    assert_eq!(total(&["--to", "2025-05-09"]), 0);
    assert_eq!(total(&["--rating-min", "2", "--rating-max", "4.5"]), 11);
    assert_eq!(total(&["Lieferung", "--release", "4.2.0", "--channel", "review"]), 14);
    let themes = bed.ask(&["themes"]);
    let late = theme_of(&themes["themes"], "Die Lieferung")["theme"].to_string();
    assert_eq!(total(&["--theme", &late]), 16);
}

#[test]
fn pages_follow_one_another_without_gap_or_overlap() {
    let bed = bed();
    let ids = |args: &[&str]| -> Vec<String> {
        let page = bed.ask(&[&["search", ""], args].concat());
        page["hits"].as_array().unwrap().iter().map(|hit| hit["id"].to_string()).collect()
    };
    let all = ids(&["--limit", "100"]);
    let pages: Vec<String> = ["0", "30", "60", "90"]
        .iter()
        .flat_map(|offset| ids(&["--limit", "30", "--offset", offset]))
        .collect();
    assert_eq!((all.len(), pages), (83, all));
}

#[test]
fn every_figure_leads_back_to_the_customers_own_words() {
    let bed = bed();
    let texts: Vec<Value> = bed.export("feedback");
    let themes = bed.ask(&["themes"]);
    for theme in themes["themes"].as_array().unwrap() {
        for example in theme["examples"].as_array().unwrap() {
            let row = texts.iter().find(|row| row["id"] == example["id"]).unwrap();
            let text = row["text"].as_str().unwrap().chars();
            let (start, end) =
                (example["start"].as_u64().unwrap(), example["end"].as_u64().unwrap());
            let quote: String = text.skip(start as usize).take((end - start) as usize).collect();
            assert_eq!(example["quote"], quote);
            assert!(row["themes"].as_array().unwrap().contains(&theme["theme"]));
        }
    }
}

#[test]
fn themes_keep_their_numbers_and_grow() {
    let bed = bed();
    let before = bed.ask(&["themes"]);
    let late = theme_of(&before["themes"], "Die Lieferung").clone();
    let item = |id, text| json!({ "id": id, "text": text, "lang": "de", "product": "Nordlicht", "release": "4.3.0" });
    bed.write_jsonl("next.jsonl", &[item("x1", LATE), item("x2", PRICE), item("x3", BOUGHT)]);
    let report = bed.run(&["next.jsonl"]);
    assert_eq!(report["themes"]["born"], json!([]));
    let after = bed.ask(&["themes"]);
    let grown = theme_of(&after["themes"], "Die Lieferung");
    assert_eq!((&grown["theme"], &grown["label"]), (&late["theme"], &late["label"]));
    assert_eq!((&grown["volume"], &grown["mentions"]), (&json!(13), &json!(17)));
    assert_eq!(theme_of(&after["themes"], CRASH.trim_end_matches('.'))["volume"], 11);
}

#[test]
fn the_answers_for_people_read_well() {
    let bed = bed();
    let shown = |args: &[&str]| bed.echolot(args).shown();
    assert_snapshot!("themes_for_people", shown(&["themes"]));
    assert_snapshot!(
        "complaints_for_people",
        shown(&["complaints", "--product", "Nordlicht", "--release", "4.2.0"])
    );
    assert_snapshot!("kpi_for_people", shown(&["kpi", "--by", "release"]));
    assert_snapshot!("search_for_people", shown(&["search", "Handbuch"]));
}
