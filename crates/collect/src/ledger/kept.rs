//! Where ledgers lie on disk. Each has a folder of its own among those of its resource, locked while it is in use; one
//! may be left for the next run, so that a small delivery into a large table need not read the table.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Names the ledger that was left; while it is in use there is none.
const NAME: &str = "kept.json";

/// What is to be known of a ledger's files.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The state of the tables that it is of.
    pub mark: String,
    /// Its folder.
    pub folder: String,
    pub delivery: u32,
    /// Length of the file of texts.
    pub texts: u64,
    /// The sorted files with their levels, oldest first.
    pub shelves: Vec<(u8, String)>,
}

/// A ledger's own folder. It goes when this is dropped, unless the ledger is left for the next run.
pub struct Den {
    all: PathBuf,
    name: String,
    stays: bool,
    _lock: File,
}

impl Den {
    /// A new folder; those that dead processes left go.
    pub fn new(all: &Path) -> io::Result<Den> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        fs::create_dir_all(all)?;
        sweep(all);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let name = format!("{now:x}-{:x}-{:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // The lock is there before the folder, so that nobody takes it for a dead one.
        let lock = lock(all, &name)?;
        fs::create_dir(all.join(&name))?;
        Ok(Den { all: all.to_owned(), name, stays: false, _lock: lock })
    }

    pub fn path(&self) -> PathBuf {
        self.all.join(&self.name)
    }

    /// Leaves the folder, durably, to be taken up under this mark; the files in it are durable already.
    pub fn leave(&mut self, kept: Kept, mark: &str) -> io::Result<()> {
        let kept = Kept { mark: mark.to_owned(), folder: self.name.clone(), ..kept };
        let staged = self.all.join("kept.new");
        fs::write(&staged, serde_json::to_vec(&kept)?)?;
        File::open(&staged)?.sync_all()?;
        sync(&self.path())?;
        fs::rename(&staged, self.all.join(NAME))?;
        sync(&self.all)?;
        self.stays = true;
        Ok(())
    }

    /// Takes up what was left, if it was under the same mark. Nobody takes it up a second time.
    pub fn take_up(all: &Path, mark: &str) -> io::Result<Option<(Den, Kept)>> {
        let path = all.join(NAME);
        let found = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).ok(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        fs::remove_file(&path)?;
        sync(all)?;
        let Some(kept) = found.filter(|kept| kept.mark == mark && !kept.folder.contains(['/', '\\', '.'])) else {
            return Ok(None);
        };
        let Ok(lock) = lock(all, &kept.folder) else { return Ok(None) };
        Ok(Some((Den { all: all.to_owned(), name: kept.folder.clone(), stays: false, _lock: lock }, kept)))
    }
}

impl Drop for Den {
    fn drop(&mut self) {
        if !self.stays {
            // What stays behind is swept when the next ledger of the resource is made.
            let _ = fs::remove_dir_all(self.path());
            let _ = fs::remove_file(self.all.join(format!("{}.lock", self.name)));
        }
    }
}

fn lock(all: &Path, name: &str) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(all.join(format!("{name}.lock")))?;
    file.try_lock().map_err(io::Error::from)?;
    Ok(file)
}

/// Removes the folders that nobody holds, but for the one that was left on purpose.
fn sweep(all: &Path) {
    let kept = fs::read(all.join(NAME)).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    let Ok(found) = fs::read_dir(all) else { return };
    for name in found.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        let Some(name) = name.strip_suffix(".lock") else { continue };
        if kept.as_ref().is_none_or(|kept| kept.folder != name) && lock(all, name).is_ok() {
            let _ = fs::remove_dir_all(all.join(name));
            let _ = fs::remove_file(all.join(format!("{name}.lock")));
        }
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
