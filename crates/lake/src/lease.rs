//! Who is reading: a locked file for as long as a reader needs the files of a table as it was when the reader began.
//! The kernel ends the lock with the process, so a dead reader holds nothing up. Vacuum asks here, across processes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::{Stream, StreamExt};

use crate::{LakeError, append, disk};

/// A lease this young may be between its making and its locking.
const NEWBORN: Duration = Duration::from_secs(60);

/// Held while reading or writing; ends when dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    path: PathBuf,
    _locked: File,
}

impl Lease {
    /// Taken before the state of a table is looked up. `None` where none can be written: on a full or read-only disk
    /// reading goes on, under the protection of vacuum's least age alone.
    pub fn take(root: &Path) -> Option<Lease> {
        let path = folder(root).join(format!("{:020}-{}", append::now_millis(), uuid::Uuid::now_v7().simple()));
        let open = || OpenOptions::new().write(true).create_new(true).open(&path);
        let file = open().or_else(|_| fs::create_dir_all(folder(root)).and_then(|()| open()));
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked
            .map(|file| Lease { path: path.clone(), _locked: file })
            .inspect_err(|error| tracing::warn!(%error, "a reader could not take a lease"))
            .ok()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The rows, with the lease held until they have all been given or nobody wants more.
pub(crate) fn until_the_end<S: Stream>(rows: S, lease: Option<Lease>) -> impl Stream<Item = S::Item> {
    rows.inspect(move |_| {
        let _ = &lease;
    })
}

fn folder(root: &Path) -> PathBuf {
    root.join("readers")
}

/// When the oldest reader alive began, in milliseconds. Leases of the dead are removed.
pub(crate) fn oldest(root: &Path) -> Result<Option<i64>, LakeError> {
    let folder = folder(root);
    disk::create_folder(&folder).map_err(|error| LakeError::io(&folder, &error))?;
    let mut oldest = None;
    for found in fs::read_dir(&folder).map_err(|error| LakeError::io(&folder, &error))? {
        let path = found.map_err(|error| LakeError::io(&folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(began) = name.split('-').next().and_then(|millis| millis.parse::<i64>().ok()) else {
            continue;
        };
        if alive(&path) {
            oldest = Some(oldest.map_or(began, |known: i64| known.min(began)));
        } else {
            let _ = fs::remove_file(&path);
        }
    }
    Ok(oldest)
}

fn alive(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let age = file.metadata().and_then(|found| found.modified()).map(|time| SystemTime::now().duration_since(time).unwrap_or_default());
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => true,
        Ok(()) => age.is_ok_and(|age| age < NEWBORN),
    }
}
