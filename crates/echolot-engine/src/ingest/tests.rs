//! The fixtures, read as files, and how items are shown in expectations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use echolot_core::{Body, Feedback};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::encoding::Stream;
use super::{Delivered, Deliveries, Intake, SourceOptions, open, rows_of};

/// An item as a few lines: the id, the words, the fields, the attributes.
pub(super) fn show(item: &Feedback) -> String {
    let mut lines = vec![item.id.to_string()];
    match &item.body {
        Body::Text(text) => lines.push(format!("  text: {text:?}")),
        Body::Turns(turns) => {
            for turn in turns {
                let at = turn.at.map_or_else(String::new, |at| format!("{at} "));
                lines.push(format!("  {at}{}: {:?}", turn.role.code(), turn.text));
            }
        }
    }
    let csat = item.csat.map(|csat| format!("{} of {}", csat.value(), csat.scale()));
    let ces = item.ces.map(|ces| format!("{} ({})", ces.value(), ces.version().code()));
    let fields = [
        ("source", item.source.clone()),
        ("channel", item.channel.clone()),
        ("created_at", item.created_at.map(|time| time.to_string())),
        ("product", item.product.clone()),
        ("release", item.release.clone()),
        ("rating", item.rating.map(|rating| rating.value().to_string())),
        ("nps", item.nps.map(|nps| nps.value().to_string())),
        ("csat", csat),
        ("ces", ces),
        ("respondent", item.respondent.clone()),
        ("language", item.language.map(|language| language.to_string())),
        ("url", item.url.clone()),
    ];
    for (name, value) in fields {
        lines.extend(value.map(|value| format!("  {name}: {value}")));
    }
    lines.extend(item.attributes.iter().map(|(name, value)| format!("  {name} ~ {value}")));
    lines.join("\n") + "\n"
}

/// All rows of a file, one after another, and the error that ends it.
pub(super) fn show_all(rows: Deliveries) -> String {
    rows.map(|row| match row {
        Ok(Delivered::Item(item, _)) => show(&item),
        Ok(Delivered::Rejected(row)) => {
            let raw = row.raw.replace('\0', "\\0");
            format!("line {}: {} | {raw}\n", row.line, row.reason)
        }
        Err(error) => show_error(&error),
    })
    .collect()
}

/// An error with its causes.
fn show_error(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    format!("error: {}\n", causes.join(": "))
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpora")
}

fn fixture(name: &str) -> PathBuf {
    corpora().join("fixtures").join(name)
}

fn options(columns: &[(&str, &str)]) -> SourceOptions {
    let columns: BTreeMap<String, String> =
        columns.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    SourceOptions { columns, ..SourceOptions::default() }
}

/// Reads a fixture. The folder is taken out of what is shown.
fn read_with(name: &str, options: &SourceOptions) -> String {
    let path = fixture(name);
    let shown = open(&path, options).map_or_else(|error| show_error(&error), show_all);
    shown.replace(&path.display().to_string(), name)
}

fn check(name: &str, expected: &Expect) {
    expected.assert_eq(&read_with(name, &SourceOptions::default()));
}

/// The items of a file that has no other rows.
fn items(path: &Path, options: &SourceOptions) -> Vec<Feedback> {
    let rows = open(path, options).unwrap();
    rows.map(|row| match row.unwrap() {
        Delivered::Item(item, _) => *item,
        Delivered::Rejected(row) => panic!("{}, line {}: {}", row.source, row.line, row.reason),
    })
    .collect()
}

#[test]
fn the_same_rows_are_the_same_items_in_every_form() {
    let read = |name: &str| {
        let sheet = Some("Daten".to_owned());
        items(&fixture(name), &SourceOptions { sheet, ..SourceOptions::default() })
    };
    let expected = read("same-rows.jsonl");
    let shown: String = expected.iter().map(show).collect();
    expect![[r#"
        fb-896033756ad36621b97b49b609c1dbff
          text: "Größe passt, \"Farbe\" nicht;\nzurück damit!"
          created_at: 2025-06-01T14:30:00Z
          release: 4.2.0
          rating: 2
          nps: 3
          Bestellung ~ 4711
          Filiale ~ Köln
        fb-13bf487921a37d8a814e5a654532023c
          text: "Great, works as described"
          created_at: 2025-06-02T00:00:00Z
          rating: 4.5
        fb-29bee507fa8f0a3239010d450808d0f6
          text: "passt 👍"
          created_at: 2025-06-03T08:05:09Z
          release: 4.2.0
          nps: 10
          Bestellung ~ 4712
          Filiale ~ Bad Aibling
    "#]]
    .assert_eq(&shown);
    for name in [
        "same-rows.json",
        "same-rows.csv",
        "same-rows.tsv",
        "same-rows-german.csv",
        "same-rows.jsonl.gz",
        "same-rows.jsonl.zst",
        "same-rows.xlsx",
        "same-rows.parquet",
    ] {
        assert_eq!(read(name), expected, "{name}");
    }
}

#[test]
fn windows_1252_with_semicolons() {
    check(
        "windows-1252.csv",
        &expect![[r#"
        fb-2f3ac58bac5469dd00643de758e67934
          text: "Schöne Grüße aus Österreich – 5 € gespart"
          Note ~ 1
          Straße ~ Hauptstraße
        fb-1cc781b79cfc9cca06ce5010beca006f
          text: "Leider ist die Tür „klemmend“"
          Note ~ 4
          Straße ~ Am Äußeren Weg
    "#]],
    );
}

#[test]
fn a_mapping_tells_what_the_names_do_not() {
    let options = options(&[("Note", "rating"), ("Kommentar", "text")]);
    expect![[r#"
        fb-5f5f71f97fa4fd29e259dd6783a62710
          text: "Schöne Grüße aus Österreich – 5 € gespart"
          rating: 1
          Straße ~ Hauptstraße
        fb-8bfa349e190d1cecb38ae61dc7766972
          text: "Leider ist die Tür „klemmend“"
          rating: 4
          Straße ~ Am Äußeren Weg
    "#]]
    .assert_eq(&read_with("windows-1252.csv", &options));
}

#[test]
fn the_export_of_an_app_store_console() {
    check(
        "play-console.csv",
        &expect![[r#"
        fb-b74d213ca49e83ddcc2dd61eb656344d
          2025-06-01T10:00:00Z customer: "Absturz\nStürzt ab, sofort"
          2025-06-02T09:30:00Z agent: "Danke für den Hinweis"
          created_at: 2025-06-01T10:00:00Z
          product: org.example.app
          release: 4.1.2
          rating: 1
          language: de
          url: https://example.org/r/1
          App Version Code ~ 412
          Device ~ oriole
          Review Submit Millis Since Epoch ~ 1748772000000
    "#]],
    );
}

#[test]
fn quotes_hold_line_breaks() {
    check(
        "newlines-in-quotes.csv",
        &expect![[r#"
        1
          text: "first line\nsecond \"quoted\" line\n\nlast, line"
          rating: 3
        2
          text: "next"
          rating: 4
    "#]],
    );
}

#[test]
fn stray_quotes_cost_their_own_row() {
    check(
        "stray-quote.csv",
        &expect![[r#"
        1
          text: "gut"
        2
          text: "gut, aber Preis\" hoch\""
        line 4: a quote that is opened in this line is never closed | 3;"offen
        4
          text: "auch gut"
    "#]],
    );
}

#[test]
fn rows_of_another_width_are_rejected() {
    check(
        "wrong-width.csv",
        &expect![[r#"
        1
          text: "good"
          rating: 5
        line 3: the header names 3 columns, but the row has 4 | 2,good, but late,4
        line 4: the header names 3 columns, but the row has 2 | 3,cut
        4
          text: "fine"
          rating: 3
    "#]],
    );
}

#[test]
fn marks_bars_and_returns() {
    check(
        "byte-order-mark.csv",
        &expect![[r#"
        fb-d812b7168c518a2fe87b0951a394e51c
          text: "fine"
          rating: 5
    "#]],
    );
    check(
        "bars.csv",
        &expect![[r#"
        1
          text: "a, b; c"
    "#]],
    );
    check(
        "carriage-returns.csv",
        &expect![[r#"
        1
          text: "one"
        2
          text: "two"
    "#]],
    );
    check(
        "one-column.txt",
        &expect![[r#"
        fb-7b05d1156377cd443261ccba0b8366e2
          text: "Ja, gut, gerne wieder"
        fb-b28cc4c7e73806d59c6b7e86fd90673c
          text: "Nein"
    "#]],
    );
}

#[test]
fn files_without_rows_have_no_items() {
    check("empty.csv", &expect![[""]]);
    check("header-only.csv", &expect![[""]]);
}

#[test]
fn a_file_without_a_text_column_is_refused_with_the_remedy() {
    check(
        "no-text-column.csv",
        &expect![[r#"
        error: no-text-column.csv: no column holds the customers' words; the columns are `Nr`, `Ort`, `Freigabe`. Name the right one in echolot.toml, for example: columns = { "Nr" = "text" }
    "#]],
    );
}

#[test]
fn answers_are_read_as_people_write_them() {
    check(
        "answers.jsonl",
        &expect![[r#"
        a1
          text: "x"
          rating: 4.5
          nps: 10
        a2
          text: "x"
          rating: 4
          csat: 4 of 5
        line 3: nps is 11, but must be a whole number from 0 to 10 | {"id": "a3", "text": "x", "nps": 11}
        line 4: csat is `sehr zufrieden`, but must be a number | {"id": "a4", "text": "x", "csat": "sehr zufrieden"}
        line 5: created_at: `06/01/2025` is not a date or time; write it as 2025-06-01, 2025-06-01T14:30:00, 2025-06-01T14:30:00+02:00, 01.06.2025, 01.06.2025 14:30 or as seconds since 1970, or say in the configuration what comes first in it (`date_order`) (column `date`) | {"id": "a5", "text": "x", "date": "06/01/2025"}
        a6
          text: "x"
          created_at: 2025-06-01T00:00:00Z
          language: de
    "#]],
    );
}

#[test]
fn broken_rows_are_rejected_one_by_one() {
    check(
        "broken-rows.jsonl",
        &expect![[r#"
        1
          text: "good"
        line 3: the row is not valid JSON: EOF while parsing a string at line 1 column 25 | {"id": 2, "text": "no end
        line 4: the row is not valid UTF-8 from its byte 24 on | {"id": 3, "text": "not � UTF-8"}
        line 5: column `text` holds a NUL character; the file is damaged or in another encoding | {"id": 4, "text": "\u0000"}
        line 6: the row is not valid JSON: control character (\u0000-\u001F) found while parsing a string at line 1 column 24 | {"id": 5, "text": "raw \0 byte"}
        line 7: text is empty | {"id": 6, "text": "   "}
        line 8: there is no text; the keys are `id`, `note` | {"id": 7, "note": "no text"}
        line 9: the row is not a JSON object | ["not", "an", "object"]
        line 10: the row is not valid JSON: recursion limit exceeded at line 1 column 158 | {"id": 8, "text": "deep", "x": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}
        9
          text: "last, without a line end"
    "#]],
    );
    check(
        "broken-list.json",
        &expect![[r#"
        1
          text: "good"
        line 3: the row is not valid JSON: expected `,` or `}` at line 1 column 23 | {"id": 2, "text": "a "stray" quote"}
        3
          text: "good again"
        line 5: the row is not a JSON object | 12
    "#]],
    );
}

#[test]
fn a_transcript_is_divided_into_conversations() {
    check(
        "transcript.txt",
        &expect![[r#"
        4711
          2025-06-30T23:58:10Z bot: "Willkommen! Wie kann ich helfen?"
          2025-06-30T23:58:40Z customer: "Der Router blinkt rot.\nSeit heute früh."
          2025-07-01T00:01:05Z agent: "Ich prüfe die Leitung.\n\nEinen Moment bitte."
          2025-07-01T00:03:00Z customer: "Jetzt geht es, danke!"
          created_at: 2025-06-30T00:00:00Z
          product: Kanvio Home
        4712
          2025-07-01T09:00:00Z customer: "Where is my SIM?"
          2025-07-01T09:04:00Z agent: "On its way."
          created_at: 2025-07-01T09:00:00Z
          product: Kanvio Mobil
        line 15: text is empty: no turn is by the customer | Agent: Hallo? Noch da?
    "#]],
    );
}

#[test]
fn a_column_may_hold_conversations() {
    check(
        "conversations-in-column.csv",
        &expect![[r#"
        c1
          customer: "Wo bleibt das Paket?"
          agent: "Unterwegs."
        c2
          text: "Service: schlecht\nEssen: gut"
    "#]],
    );
}

#[test]
fn what_cannot_be_read_is_refused_with_the_remedy() {
    check(
        "not-a-workbook.xlsx",
        &expect![[r"
        error: not-a-workbook.xlsx: the workbook cannot be read at row 1: Zip error: invalid Zip archive: Could not find EOCD: invalid Zip archive: Could not find EOCD
    "]],
    );
    check(
        "nowhere.csv",
        &expect![[r"
        error: failed to open file `nowhere.csv`: No such file or directory (os error 2)
    "]],
    );
    check(
        "twice-compressed.jsonl.gz",
        &expect![[r"
        error: twice-compressed.jsonl.gz: the file is compressed twice; decompress it first
    "]],
    );
    check(
        "same-rows.xlsx.gz",
        &expect![[r"
        error: same-rows.xlsx.gz: a compressed workbook cannot be read; decompress it first
    "]],
    );
    check(
        "old-workbook.xls",
        &expect![[r"
        error: old-workbook.xls: this is a workbook of the old form; save it as .xlsx
    "]],
    );
    check(
        "not-json.json",
        &expect![[r"
        error: not-json.json: the file is named as JSON but does not begin with an object or a list of objects
    "]],
    );
    check(
        "picture.csv",
        &expect![[r"
        error: picture.csv: this is no text; the forms that can be read are JSON lines, JSON, CSV, TSV, chat transcripts, XLSX and Parquet
    "]],
    );
}

#[test]
fn sheets_are_chosen_by_name_and_the_first_is_the_default() {
    check(
        "same-rows.xlsx",
        &expect![[r#"
        error: same-rows.xlsx, sheet `Hinweise` of `Hinweise`, `Daten`: no column holds the customers' words; the columns are `Bitte nur im Blatt Daten eintragen`. Name the right one in echolot.toml, for example: columns = { "Bitte nur im Blatt Daten eintragen" = "text" }
    "#]],
    );
    let sheet =
        |name: &str| SourceOptions { sheet: Some(name.to_owned()), ..SourceOptions::default() };
    expect![[r"
        error: same-rows.xlsx: there is no sheet `Tabelle1`; the workbook has `Hinweise`, `Daten`
    "]]
    .assert_eq(&read_with("same-rows.xlsx", &sheet("Tabelle1")));
}

#[test]
fn a_cut_off_archive_delivers_what_can_be_read_and_then_says_where_it_ends() {
    let path = fixture("cut-off.jsonl.gz");
    let rows: Vec<_> = open(&path, &SourceOptions::default()).unwrap().collect();
    let (last, items) = rows.split_last().unwrap();
    assert!(items.len() > 2_500, "{} items", items.len());
    for (at, row) in items.iter().enumerate() {
        let Ok(Delivered::Item(item, _)) = row else { panic!("{row:?}") };
        assert_eq!(item.id.as_str(), (at + 1).to_string());
    }
    let shown = show_error(last.as_ref().unwrap_err());
    let place = format!("cut-off.jsonl.gz: reading broke off at line {}", items.len() + 1);
    assert!(shown.contains(&place), "{shown}");
}

#[test]
fn a_field_that_does_not_exist_stops_the_file() {
    let error = open(&fixture("bars.csv"), &options(&[("id", "ident")])).err().unwrap();
    assert!(error.to_string().starts_with("column `id` is mapped to `ident`"), "{error}");
}

#[test]
fn defaults_fill_what_a_row_does_not_state() {
    let options = SourceOptions {
        source: Some("shop".to_owned()),
        channel: Some("review".to_owned()),
        product: Some("Lumarkt".to_owned()),
        ..SourceOptions::default()
    };
    expect![[r#"
        1
          text: "a, b; c"
          source: shop
          channel: review
          product: Lumarkt
    "#]]
    .assert_eq(&read_with("bars.csv", &options));
}

#[test]
fn the_demo_holds_what_its_manifest_says() {
    let manifest = fs_err::read_to_string(corpora().join("manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let mut ids = std::collections::BTreeSet::new();
    let mut num_replied = 0;
    for file in manifest["file"].as_array().unwrap() {
        let path = corpora().join(file["file"].as_str().unwrap());
        let items = items(&path, &SourceOptions::default());
        let num_rows = usize::try_from(file["rows"].as_integer().unwrap()).unwrap();
        assert_eq!(items.len(), num_rows, "{}", path.display());
        for item in items {
            assert!(item.created_at.is_some() && item.product.is_some(), "{}", item.id);
            assert!(item.channel.is_some() && item.attributes.is_empty(), "{}", item.id);
            let reply = echolot_core::first_response_seconds(item.body.turns());
            num_replied += usize::from(reply.is_some());
            assert!(ids.insert(item.id.clone()), "{} stands twice", item.id);
        }
    }
    assert_eq!((ids.len(), num_replied), (2_400, 117));
}

/// Pieces of which every form is made, and some that break it.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "text",
        "id",
        "Kommentar",
        "Kunde: ",
        "Agent: ",
        "[10:00] ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        ",",
        ";",
        ":",
        "\t",
        "|",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "---\n",
        "{\"text\":\"a\"}",
        "ü",
        "★",
        " ",
        "1",
        "Chat 7",
        "\u{feff}",
        "\0",
    ]);
    let bytes = prop_oneof![
        9 => piece.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(bytes, 0..40).prop_map(|bytes| bytes.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever a file holds, reading comes to an end, at most one row is
    /// given for each byte, and an error is the last thing.
    #[test]
    fn any_file_is_read_to_its_end(bytes in pieces()) {
        let stream = Stream::new(std::io::Cursor::new(bytes.clone())).unwrap();
        let intake = Intake { name: "file".to_owned(), options: SourceOptions::default() };
        if let Ok(rows) = rows_of(stream, Path::new("file"), intake) {
            let rows: Vec<_> = rows.take(bytes.len() + 2).collect();
            prop_assert!(rows.len() <= bytes.len() + 1);
            let num_errors = rows.iter().filter(|row| row.is_err()).count();
            let ends_in_error = rows.last().is_some_and(Result::is_err);
            prop_assert_eq!(num_errors, usize::from(ends_in_error));
        }
    }
}

/// Writes the same rows as a Parquet table, which no script can.
#[test]
#[ignore = "writes corpora/fixtures/same-rows.parquet"]
fn write_the_parquet_fixture() {
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let schema = "message rows {
        required binary Text (UTF8);
        optional double Sterne;
        required int64 Datum (TIMESTAMP(MICROS,true));
        optional int32 NPS;
        optional binary App_Version (UTF8);
        optional binary Filiale (UTF8);
        optional int64 Bestellung;
    }";
    let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
    let rows = items(&fixture("same-rows.jsonl"), &SourceOptions::default());
    let file = fs_err::File::create(fixture("same-rows.parquet")).unwrap();
    let properties = std::sync::Arc::new(WriterProperties::new());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    macro_rules! column {
        ($kind:ty, $values:expr) => {{
            let values: Vec<_> = $values.collect();
            let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_some())).collect();
            let present: Vec<_> = values.into_iter().flatten().collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<$kind>().write_batch(&present, Some(&levels), None).unwrap();
            column.close().unwrap();
        }};
    }
    let bytes = |text: &str| ByteArray::from(text.as_bytes().to_vec());
    let attribute = |row: &Feedback, name: &str| row.attributes.get(name).cloned();
    column!(ByteArrayType, rows.iter().map(|row| Some(bytes(&row.body.verbatim()))));
    column!(DoubleType, rows.iter().map(|row| row.rating.map(echolot_core::Rating::value)));
    let seconds = rows.iter().map(|row| row.created_at.map(|time| time.seconds() * 1_000_000));
    column!(Int64Type, seconds);
    column!(Int32Type, rows.iter().map(|row| row.nps.map(|nps| i32::from(nps.value()))));
    column!(ByteArrayType, rows.iter().map(|row| row.release.as_deref().map(bytes)));
    column!(ByteArrayType, rows.iter().map(|row| attribute(row, "Filiale").as_deref().map(bytes)));
    let orders = rows.iter().map(|row| attribute(row, "Bestellung"));
    column!(Int64Type, orders.map(|order| order.map(|order| order.parse().unwrap())));
    group.close().unwrap();
    writer.close().unwrap();
}
