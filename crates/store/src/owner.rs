//! Which processes are alive: each open store holds a lock on a small file of its own beside the database,
//! and the operating system lets go of it however the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// This process's sign of life. Dropping it ends it.
pub(crate) struct Owner {
    pub(crate) id: String,
    folder: PathBuf,
    /// Held for its lock.
    _lock: File,
}

impl Owner {
    /// Takes up an id in the folder `<database>.owners`.
    pub(crate) fn new(database: &Path) -> Result<Owner, StoreError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".owners");
        let folder = PathBuf::from(name);
        let failed = |reason: String| StoreError::Open { path: folder.display().to_string(), reason };
        let mut random = [0u8; 16];
        getrandom::fill(&mut random).map_err(|error| failed(error.to_string()))?;
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::create_dir_all(&folder).map_err(|error| failed(error.to_string()))?;
        let lock = OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(folder.join(&id))
            .map_err(|error| failed(error.to_string()))?;
        lock.try_lock().map_err(|error| failed(error.to_string()))?;
        Ok(Owner { id, folder, _lock: lock })
    }

    /// Whether the process that took `id` still holds it. In doubt it lives: a run is never taken from a live process.
    pub(crate) fn is_alive(&self, id: &str) -> bool {
        if id == self.id {
            return true;
        }
        let sound = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !sound {
            return false;
        }
        let path = self.folder.join(id);
        match File::open(&path) {
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
            Ok(file) => match file.try_lock() {
                Ok(()) => {
                    let _ = std::fs::remove_file(&path);
                    false
                }
                Err(TryLockError::WouldBlock) => true,
                Err(TryLockError::Error(_)) => true,
            },
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.folder.join(&self.id));
    }
}
