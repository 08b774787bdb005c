//! Staged work survives a killed run and is never taken on trust.

use fs_err as fs;

use crate::error::Error;
use crate::fixtures::{self, review, shard_row};
use crate::shard::{ShardRow, ShardSpec};
use crate::staging::{StagedRun, Staging};
use echolot_core::Fingerprint;

fn staging() -> (tempfile::TempDir, Staging) {
    let temp = tempfile::tempdir().unwrap();
    let staging = Staging::at(temp.path().join("staging"));
    (temp, staging)
}

fn stage(staging: &Staging, num_rows: u32, rows_per_shard: usize) -> StagedRun {
    let mut writer = staging.stage(rows_per_shard).unwrap();
    for number in 0..num_rows {
        writer.push(&review(number), Fingerprint::of_text(&number.to_string())).unwrap();
    }
    writer.finish().unwrap()
}

fn score(spec: &ShardSpec) -> Vec<ShardRow> {
    spec.row_range.clone().map(|number| shard_row(number as u32)).collect()
}

#[test]
fn input_reads_back_in_shards() {
    let (_temp, staging) = staging();
    let run = stage(&staging, 7, 3);
    let shards = run.shards("abc");
    assert_eq!(run.num_rows(), 7);
    let ranges: Vec<_> = shards.iter().map(|shard| shard.row_range.clone()).collect();
    assert_eq!(ranges, [0..3, 3..6, 6..7]);
    let rows: Vec<_> =
        shards.iter().flat_map(|shard| Staging::read_input(shard).unwrap()).collect();
    for (number, (feedback, content)) in (0_u32..).zip(rows) {
        assert_eq!(
            (feedback, content),
            (review(number), Fingerprint::of_text(&number.to_string()))
        );
    }
}

#[test]
fn a_run_without_rows_has_no_shards() {
    let (_temp, staging) = staging();
    let run = stage(&staging, 0, 3);
    assert!(run.shards("abc").is_empty());
    assert_eq!(stage(&staging, 0, 3).name(), run.name());
}

#[test]
fn output_reads_back_and_the_receipt_adds_up() {
    let (_temp, staging) = staging();
    let shards = stage(&staging, 7, 3).shards("abc");
    let mut xor = 0;
    for shard in &shards {
        assert_eq!(Staging::receipt(shard), None);
        let receipt = Staging::write_output(shard, &score(shard)).unwrap();
        assert_eq!(Staging::receipt(shard), Some(receipt.clone()));
        assert_eq!(Staging::read_output(shard).unwrap(), score(shard));
        assert_eq!(receipt.partials.iter().map(|partial| partial.rows).sum::<u64>(), receipt.rows);
        xor ^= receipt.checksum_xor;
    }
    // The same rows in one shard leave the same sums.
    let whole = &stage(&staging, 7, 100).shards("abc")[0];
    assert_eq!(Staging::write_output(whole, &score(whole)).unwrap().checksum_xor, xor);
}

#[test]
fn the_same_input_finds_its_receipts_again() {
    let (_temp, staging) = staging();
    let first = stage(&staging, 5, 2);
    let shard = &first.shards("abc")[0];
    Staging::write_output(shard, &score(shard)).unwrap();
    let again = stage(&staging, 5, 2);
    assert_eq!(again.name(), first.name());
    assert!(Staging::receipt(&again.shards("abc")[0]).is_some());
    assert!(Staging::receipt(&again.shards("another model")[0]).is_none());
    assert_ne!(stage(&staging, 5, 3).name(), first.name());
    assert_ne!(stage(&staging, 4, 2).name(), first.name());
}

#[test]
fn half_written_work_is_done_again() {
    let (temp, staging) = staging();
    // Killed while collecting: rows without a manifest under the name for it.
    let mut writer = staging.stage(2).unwrap();
    writer.push(&review(77), Fingerprint::of_text("x")).unwrap();
    drop(writer);
    let run = stage(&staging, 4, 2);
    let shard = &run.shards("abc")[0];
    // Killed while scoring: an output without a receipt, or with half of one.
    fs::write(&shard.output_uri, "half").unwrap();
    assert_eq!(Staging::receipt(shard), None);
    fs::write(shard.receipt_path(), "{\"shard_id\":").unwrap();
    assert_eq!(Staging::receipt(shard), None);
    Staging::write_output(shard, &score(shard)).unwrap();
    assert_eq!(Staging::read_output(shard).unwrap(), score(shard));
    // A folder with the right name and without a manifest is not a staged run.
    let folder = temp.path().join("staging").join(run.name());
    fs::remove_file(folder.join("manifest.json")).unwrap();
    let again = stage(&staging, 4, 2);
    assert_eq!(Staging::receipt(&again.shards("abc")[0]), None);
    assert_eq!(Staging::read_input(&again.shards("abc")[1]).unwrap().len(), 2);
    staging.clear().unwrap();
    assert_eq!(staging.count_leftovers(), 0);
}

#[test]
fn damaged_files_are_told() {
    let (_temp, staging) = staging();
    let shards = stage(&staging, 4, 2).shards("abc");
    let mut exchanged = score(&shards[0]);
    Staging::write_output(&shards[0], &exchanged).unwrap();
    let receipt = fs::read(shards[0].receipt_path()).unwrap();
    exchanged[1].clean.push('!');
    Staging::write_output(&shards[0], &exchanged).unwrap();
    fs::write(shards[0].receipt_path(), receipt).unwrap();
    let error = Staging::read_output(&shards[0]).unwrap_err();
    assert!(error.to_string().ends_with("the checksums differ"), "{error}");

    let bytes = fs::read(&shards[1].input_uri).unwrap();
    fs::write(&shards[1].input_uri, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(Staging::read_input(&shards[1]).unwrap_err(), Error::Damaged { .. }));
    let wrong_range = ShardSpec { row_range: 0..3, ..shards[0].clone() };
    assert!(matches!(Staging::read_input(&wrong_range).unwrap_err(), Error::Damaged { .. }));
}

#[test]
fn the_folder_hands_its_staging_area_to_the_one_run() {
    let (_temp, folder) = fixtures::folder();
    let lock = folder.lock_run().unwrap();
    assert!(matches!(folder.lock_run(), Err(Error::Busy { .. })));
    let _others_write_meanwhile = folder.lock().unwrap();
    stage(&folder.staging(&lock), 1, 1);
    assert_eq!(folder.inspect().leftover_staging, 1);
    folder.staging(&lock).clear().unwrap();
    assert_eq!(folder.inspect().leftover_staging, 0);
}
