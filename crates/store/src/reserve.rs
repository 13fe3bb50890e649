//! Room kept for evidence: a file that is given up when the disk is full, so that what must be told can be told and reading goes on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// Bytes kept, some thousand leaves in the write-ahead log; of a small disk this part.
const ROOM: u64 = 16 << 20;
const PART: u64 = 16;
/// It is only taken where so many times as much is free.
const PLENTY: u64 = 4;

/// The file, beside the store's.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    pub fn beside(store: &Path) -> Reserve {
        Reserve { path: store.with_extension("reserve") }
    }

    /// Takes the room, unless it is taken or there is too little.
    pub fn keep(&self) -> io::Result<()> {
        if self.path.is_file() {
            return Ok(());
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let disk = statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        let room = ROOM.min(bytes(disk.f_blocks) / PART);
        if room == 0 || bytes(disk.f_bavail) < room * PLENTY {
            return Ok(());
        }
        let file = File::create(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, room) {
            // Some file systems cannot; then there is none.
            Err(error) => fs::remove_file(&self.path).and(Err(error.into())),
            Ok(()) => Ok(()),
        }
    }

    /// Gives the room up; whether there was any.
    pub fn give_up(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}
