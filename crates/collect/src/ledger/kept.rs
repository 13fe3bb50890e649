//! A ledger left on disk between two runs, so that a small delivery into a large table need not read the table.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Names the files of a ledger; while a run has them in use there is none.
const NAME: &str = "kept.json";

/// What is to be known of a ledger's files.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The state of the tables that it is of.
    pub mark: String,
    pub delivery: u32,
    /// Length of the file of texts.
    pub texts: u64,
    /// The sorted files with their levels, oldest first.
    pub shelves: Vec<(u8, String)>,
}

impl Kept {
    pub fn under(self, mark: &str) -> Kept {
        Kept { mark: mark.to_owned(), ..self }
    }
}

/// An empty folder.
pub fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(folder),
    }
}

/// Writes the names down, durable; the files are so already.
pub fn leave(folder: &Path, kept: &Kept) -> io::Result<()> {
    let staged = folder.join("kept.new");
    fs::write(&staged, serde_json::to_vec(kept)?)?;
    File::open(&staged)?.sync_all()?;
    sync(folder)?;
    fs::rename(&staged, folder.join(NAME))?;
    sync(folder)
}

/// Takes the names away, durably, if the mark is the same. `None` for another mark, or when there is nothing that can be read.
pub fn take(folder: &Path, mark: &str) -> io::Result<Option<Kept>> {
    let path = folder.join(NAME);
    let found = match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice::<Kept>(&bytes).ok(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    fs::remove_file(&path)?;
    sync(folder)?;
    Ok(found.filter(|kept| kept.mark == mark))
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
