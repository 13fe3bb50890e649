//! One collector at a time for one data directory, across processes: a lock that the system frees when its holder dies.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held while collecting.
pub struct Lock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

/// Somebody else is collecting, or the directory cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another collection is under way")]
    Taken,
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

pub fn lock(data_dir: &Path) -> Result<Lock, LockError> {
    let file = File::options().create(true).truncate(false).write(true).open(data_dir.join("collect.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(LockError::Taken),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
