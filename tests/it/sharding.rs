//! `shard run`: the part of a run that an engine spreads over machines.

use crate::bed::TestBed;

#[test]
fn a_wrong_description_is_refused() {
    let bed = TestBed::new();
    bed.echolot_reading(b"{}", &["shard", "run"])
        .fails_with(1, &["shard_id, input_uri, row_range"]);
    let other_model =
        br#"{"shard_id": "a/00000", "input_uri": "a/00000.in", "row_range": {"start": 0, "end": 1},
                           "model_sha": "beef", "output_uri": "a/00000.beef.out"}"#;
    bed.echolot_reading(other_model, &["shard", "run"]).fails_with(1, &["is for model beef"]);
}
