//! A run that is killed at any moment leaves yesterday's state or tonight's.

use fs_err as fs;
use serde_json::json;

use crate::fixtures::{self, analysed, review};
use crate::folder::DataFolder;
use crate::inspection::TextIndexState;

/// The generation, what the database holds and what the index finds.
fn state(folder: &DataFolder) -> (u64, usize, u64) {
    let snapshot = folder.snapshot().unwrap();
    let request = fixtures::asked("Lieferung");
    let found = snapshot.search(&request).unwrap().total;
    (snapshot.generation(), snapshot.facts().unwrap().len(), found)
}

fn commit_without_publishing(folder: &DataFolder, number: u32) {
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    writer.insert(&analysed(&review(number)), None).unwrap();
    writer.commit(&json!(null), crate::fixtures::at()).unwrap();
}

fn folder_with_one_run() -> (tempfile::TempDir, DataFolder) {
    let (temp, folder) = fixtures::folder();
    fixtures::run(&folder, &[analysed(&review(1))]);
    (temp, folder)
}

#[test]
fn killed_between_commit_and_publish() {
    let (_temp, folder) = folder_with_one_run();
    commit_without_publishing(&folder, 2);
    assert_eq!(folder.published_generation().unwrap(), 1);
    assert_eq!(folder.inspect().text_index, Some(TextIndexState::Behind));
    assert_eq!(state(&folder), (2, 2, 2));
    assert_eq!(folder.inspect().text_index, Some(TextIndexState::Current));
}

#[test]
fn killed_before_the_first_publish() {
    let (_temp, folder) = fixtures::folder();
    commit_without_publishing(&folder, 1);
    commit_without_publishing(&folder, 2);
    assert_eq!(state(&folder), (2, 2, 2));
}

#[test]
fn killed_in_the_middle_of_the_transaction() {
    let (temp, folder) = folder_with_one_run();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    for number in 0..2000 {
        writer.insert(&analysed(&review(number + 10)), None).unwrap();
    }
    // What a dead process leaves: its files as they are, without its handles.
    let copy = temp.path().join("copy");
    for part in ["", "index"] {
        fs::create_dir_all(copy.join(part)).unwrap();
        for entry in fs::read_dir(folder.path().join(part)).unwrap().flatten() {
            if entry.path().is_file() {
                fs::copy(entry.path(), copy.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    drop(writer);
    assert_eq!(state(&DataFolder::open(&copy).unwrap()), (1, 1, 1));
    assert_eq!(state(&folder), (1, 1, 1));
}

#[test]
fn an_index_that_is_gone_is_rebuilt() {
    let (_temp, folder) = folder_with_one_run();
    fs::remove_dir_all(folder.index_path()).unwrap();
    assert_eq!(folder.published_generation().unwrap(), 0);
    assert_eq!(folder.inspect().text_index, Some(TextIndexState::Unusable));
    assert_eq!(state(&folder), (1, 1, 1));
}

#[test]
fn an_index_of_junk_is_rebuilt() {
    type Damage = fn(&std::path::Path);
    let damages: [Damage; 4] = [
        |index| fs::write(index.join("meta.json"), "{").unwrap(),
        |index| fs::write(index.join("meta.json"), "").unwrap(),
        |index| {
            for entry in fs::read_dir(index).unwrap().flatten() {
                if entry.path().extension().is_some_and(|extension| extension == "idx") {
                    fs::write(entry.path(), "junk").unwrap();
                }
            }
        },
        |index| {
            for entry in fs::read_dir(index).unwrap().flatten() {
                if entry.file_name() != "meta.json" {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        },
    ];
    for damage in damages {
        let (_temp, folder) = folder_with_one_run();
        damage(&folder.index_path());
        assert_eq!(folder.inspect().text_index, Some(TextIndexState::Unusable));
        assert_eq!(state(&folder), (1, 1, 1));
        assert_eq!(folder.inspect().problems, Vec::<String>::new());
    }
}

#[test]
fn a_foreign_index_is_not_believed() {
    let (_temp, folder) = folder_with_one_run();
    let (_other_temp, other) = fixtures::folder();
    fixtures::run(&other, &[analysed(&review(5)), analysed(&review(6))]);
    fs::remove_dir_all(folder.index_path()).unwrap();
    fs::rename(other.index_path(), folder.index_path()).unwrap();
    // Both are at generation 1, but they are not the same generation 1.
    assert_eq!(folder.inspect().text_index, Some(TextIndexState::Unusable));
    assert_eq!(state(&folder), (1, 1, 1));
}

#[test]
fn an_index_by_other_rules_is_rebuilt() {
    let (_temp, folder) = folder_with_one_run();
    let meta = folder.index_path().join("meta.json");
    let text = fs::read_to_string(&meta).unwrap();
    let older = text.replace(r#"\"analyser\":"#, r#"\"analyser\":9"#);
    assert_ne!(text, older);
    fs::write(&meta, older).unwrap();
    assert_eq!(state(&folder), (1, 1, 1));
}

#[test]
fn publishing_twice_changes_nothing() {
    let (_temp, folder) = folder_with_one_run();
    let meta = folder.index_path().join("meta.json");
    let before = fs::read(&meta).unwrap();
    let lock = folder.lock().unwrap();
    assert_eq!(folder.publish(&lock).unwrap(), 1);
    assert_eq!(folder.publish(&lock).unwrap(), 1);
    assert_eq!(fs::read(&meta).unwrap(), before);
}

#[test]
fn a_reader_waits_for_a_run_that_is_publishing() {
    let (_temp, folder) = folder_with_one_run();
    let lock = folder.lock().unwrap();
    let mut writer = folder.begin_run(&lock).unwrap();
    writer.insert(&analysed(&review(2)), None).unwrap();
    writer.commit(&json!(null), crate::fixtures::at()).unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| state(&folder));
        folder.publish(&lock).unwrap();
        drop(lock);
        assert_eq!(reader.join().unwrap(), (2, 2, 2));
    });
}

#[test]
fn an_inspection_counts_and_never_fails() {
    let (_temp, folder) = folder_with_one_run();
    let found = folder.inspect();
    assert_eq!(found.format_version, Some(crate::FORMAT_VERSION));
    assert_eq!((found.database_generation, found.published_generation), (Some(1), Some(1)));
    let count =
        |table: &str| found.row_counts.iter().find(|(name, _)| name == table).map(|(_, n)| *n);
    assert_eq!(
        (count("feedback"), count("opinion"), count("opinion_unit")),
        (Some(1), Some(3), Some(2))
    );
    assert!(found.free_bytes.is_some_and(|bytes| bytes > 0));
    assert!(!found.is_locked);
    assert_eq!(found.problems, Vec::<String>::new());

    fs::write(folder.database_path(), "this is no database, and it is long enough to be read")
        .unwrap();
    let found = folder.inspect();
    assert_eq!(found.database_generation, None);
    assert!(!found.problems.is_empty());
}
