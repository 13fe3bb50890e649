//! One collector at a time for one data directory, across processes: a lock that the system frees when its holder dies.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held while collecting, or while writing to one resource.
pub struct Lock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

/// Somebody else is collecting, or the directory cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another collection is under way")]
    Taken,
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The lock of all collection.
pub fn lock(data_dir: &Path) -> Result<Lock, LockError> {
    take(&data_dir.join("collect.lock"))
}

/// The lock of one resource's tables. The name is an id of the city: letters, digits and `_`.
pub fn resource(data_dir: &Path, id: &str) -> Result<Lock, LockError> {
    let folder = data_dir.join("locks");
    std::fs::create_dir_all(&folder)?;
    take(&folder.join(format!("{id}.lock")))
}

fn take(path: &Path) -> Result<Lock, LockError> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(LockError::Taken),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
