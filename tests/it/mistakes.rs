//! Mistakes of whoever calls: each names what is wrong and what mends it.

use crate::bed::{Answer, TestBed};

fn bed() -> TestBed {
    let bed = TestBed::new();
    bed.write(
        "day.jsonl",
        "{\"text\": \"gut\", \"product\": \"Nordlicht\", \"release\": \"4.2.0\"}\n",
    );
    bed
}

fn run(bed: &TestBed, more: &[&str]) -> Answer {
    bed.echolot(&[&["run", "--input", "day.jsonl"], more].concat())
}

#[test]
fn a_missing_file_is_named() {
    bed()
        .echolot(&["run", "--input", "nowhere.csv"])
        .fails_with(2, &["nowhere.csv", "No such file"]);
}

#[test]
fn a_file_without_words_says_how_to_name_the_column() {
    let bed = bed();
    bed.write("places.csv", "Nr;Ort\n1;Ulm\n");
    bed.echolot(&["run", "--input", "places.csv"]).fails_with(
        2,
        &[
            "places.csv",
            "no column holds the customers' words",
            "`Nr`, `Ort`",
            "echolot.toml",
            "= \"text\"",
        ],
    );
    bed.write(
        "mine.toml",
        "[[input.source]]\nfile = \"places*.csv\"\ncolumns = { \"Ort\" = \"text\" }\n",
    );
    let mended = bed.echolot(&["run", "--config", "mine.toml", "--input", "places.csv"]);
    assert_eq!(mended.exit, 0, "{mended:?}");
}

#[test]
fn a_missing_data_folder_is_named_with_the_command_that_makes_one() {
    let bed = bed();
    for question in [
        &["search", "gut"][..],
        &["themes"],
        &["complaints", "--product", "Nordlicht", "--release", "4.2.0"],
        &["kpi"],
        &["export", "--what", "feedback"],
        &["serve"],
    ] {
        bed.echolot(question)
            .fails_with(2, &["no data folder at `data`", "`echolot run` makes one"]);
    }
    assert!(!bed.data().exists(), "a question makes no folder");
    let mut command = bed.command(["search", "gut"]);
    let without_folder: Answer = command.env_remove("ECHOLOT_DATA").output().unwrap().into();
    without_folder.fails_with(2, &["--data"]);
}

#[test]
fn an_unknown_key_of_the_configuration_is_named_with_its_file() {
    let bed = bed();
    bed.write("mine.toml", "[model]\nworkerz = 3\n");
    run(&bed, &["--config", "mine.toml"]).fails_with(2, &["mine.toml", "workerz", "workers"]);
    bed.write("mine.toml", "[model\n");
    run(&bed, &["--config", "mine.toml"]).fails_with(2, &["mine.toml"]);
    run(&bed, &["--config", "nowhere.toml"]).fails_with(2, &["nowhere.toml"]);
    bed.write("mine.toml", "[themes]\nmin_size = 1\n");
    run(&bed, &["--config", "mine.toml"]).fails_with(2, &["themes.min_size", "at least 2"]);
    bed.write("mine.toml", "[[privacy.pattern]]\nlabel = \"KD\"\nregex = \"(\"\n");
    run(&bed, &["--config", "mine.toml"]).fails_with(2, &["privacy.pattern", "KD"]);
}

#[test]
fn a_missing_model_stops_a_run_before_the_first_row() {
    let bed = bed();
    let variables = [("ECHOLOT_MODEL_FOLDER", "no-model")];
    let answer = bed.echolot_with(&variables, &["run", "--input", "day.jsonl"]);
    answer.fails_with(1, &["no-model"]);
    assert!(!bed.data().exists());
}

#[test]
fn a_wrong_environment_variable_is_named() {
    let bed = bed();
    let run = |name, value| bed.echolot_with(&[(name, value)], &["run", "--input", "day.jsonl"]);
    run("ECHOLOT_MODEL_WORKER", "1").fails_with(2, &["ECHOLOT_MODEL_WORKER ", "echolot config"]);
    run("ECHOLOT_RUN_SHARD_ROWS", "many")
        .fails_with(2, &["ECHOLOT_RUN_SHARD_ROWS=many", "integer"]);
    run("ECHOLOT_SERVE_LISTEN", "here").fails_with(2, &["serve.listen", "127.0.0.1:8080"]);
    assert_eq!(run("ECHOLOT_RUN_SHARD_ROWS", "7").exit, 0);
}

#[test]
fn wrong_arguments_end_with_the_usage() {
    let bed = bed();
    bed.echolot(&["rum"]).fails_with(2, &["rum", "Usage"]);
    bed.echolot(&["run"]).fails_with(2, &["--input"]);
    bed.echolot(&["search", "--limit", "many"]).fails_with(2, &["many", "--limit"]);
    bed.echolot(&["export", "--what", "all"]).fails_with(2, &["feedback, opinions, themes"]);
}

#[test]
fn a_wrong_filter_names_the_values_there_are() {
    let bed = bed();
    assert_eq!(run(&bed, &[]).exit, 0);
    let search = |args: &[&str]| bed.echolot(&[&["search"], args].concat());
    search(&["--topic", "food"]).fails_with(2, &["topic: `food`", "food_drink"]);
    search(&["--intent", "anger"]).fails_with(2, &["intent: `anger`", "churn"]);
    search(&["--polarity", "bad"]).fails_with(2, &["polarity: `bad`", "negative"]);
    search(&["--lang", "german"]).fails_with(2, &["lang: `german`", "two-letter"]);
    search(&["--from", "gestern"]).fails_with(2, &["from: `gestern`", "2025-06-01"]);
    search(&["--rating-min", "gut"]).fails_with(2, &["rating_min: `gut`"]);
    search(&["--theme", "one"]).fails_with(2, &["theme: `one`"]);
    search(&["\"offen"]).fails_with(2, &["query", "character 0"]);
    bed.echolot(&["kpi", "--by", "hour"]).fails_with(2, &["by: `hour`", "release", "month"]);
}

#[test]
fn an_unknown_product_or_release_names_those_there_are() {
    let bed = bed();
    assert_eq!(run(&bed, &[]).exit, 0);
    let complaints = |product, release, more: &[&str]| {
        bed.echolot(&[&["complaints", "--product", product, "--release", release], more].concat())
    };
    complaints("Südwind", "1", &[]).fails_with(2, &["`Südwind`", "known are: Nordlicht"]);
    complaints("Nordlicht", "9", &[]).fails_with(2, &["release `9`", "known are: 4.2.0"]);
    complaints("Nordlicht", "4.2.0", &["--baseline", "8"]).fails_with(2, &["release `8`", "4.2.0"]);
}

#[test]
fn a_file_in_the_place_of_the_data_folder_is_left_alone() {
    let bed = bed();
    bed.write("data", "my notes");
    let answer = run(&bed, &[]);
    answer.fails_with(1, &["data"]);
    assert_eq!(fs_err::read_to_string(bed.data()).unwrap(), "my notes");
}
