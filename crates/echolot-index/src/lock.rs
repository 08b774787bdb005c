//! The locks of a data folder: one run at a time, and one writer at a time.

use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use echolot_core::Timestamp;
use fs_err as fs;

use crate::error::{Error, Holder};

/// The right to be the one run of a data folder, from its first row on. It does
/// not keep others from writing: people go on editing while a run analyses.
#[derive(Debug)]
pub struct RunLock(pub(crate) Lock);

/// The right to write to a data folder: of an edit, and of a run from when it
/// stores what it has analysed.
#[derive(Debug)]
pub struct WriteLock(pub(crate) Lock);

/// A lock file that is held. It ends when this value is dropped or the process
/// dies, whichever way: the operating system releases the lock with the file
/// handle.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: fs::File,
    folder: PathBuf,
}

impl Lock {
    /// Takes the lock of `folder`, whose lock file is `path`, without waiting.
    pub(crate) fn acquire(folder: &Path, path: &Path) -> Result<Self, Error> {
        // The file is not truncated on opening, because the number of another
        // holder may stand in it.
        let mut file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.file().try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                let holder = read_holder(&mut file);
                return Err(Error::Busy { path: folder.to_owned(), holder });
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        // Who holds the lock is for people to read; when, is the time of the file.
        writeln!(file, "{}", std::process::id())?;
        Ok(Self { _file: file, folder: folder.to_owned() })
    }

    /// The folder this lock is for.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

fn read_holder(file: &mut fs::File) -> Holder {
    let mut text = String::new();
    let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
    let modified = file.metadata().ok().and_then(|metadata| metadata.modified().ok());
    let since = modified
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|age| Timestamp::from_seconds(i64::try_from(age.as_secs()).ok()?));
    Holder { process, since: process.and(since) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_is_refused_and_names_the_holder() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("lock");
        let lock = Lock::acquire(temp.path(), &path).unwrap();
        let Err(Error::Busy { holder, .. }) = Lock::acquire(temp.path(), &path) else {
            panic!("the lock was given twice");
        };
        assert_eq!(holder.process, Some(std::process::id()));
        assert!(holder.since.is_some());
        drop(lock);
        Lock::acquire(temp.path(), &path).unwrap();
    }

    #[test]
    fn a_file_left_by_a_dead_process_does_not_lock() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("lock");
        fs::write(&path, "4294967295 and a long line that must go\n").unwrap();
        let _lock = Lock::acquire(temp.path(), &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
    }
}
