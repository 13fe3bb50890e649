//! Files of a log: written so that they are on disk when that is said, and read within bounds.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::fs::Advice;

use crate::error::LogError;

/// The checkpoint's file.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// A checkpoint that is signed and on disk, and about to take the other's place.
pub(crate) const NEXT: &str = ".checkpoint.next";
/// Whoever writes holds a lock on this file.
pub(crate) const LOCK: &str = ".lock";

/// Files that are flushed together. A flush waits for the disk, not for the processor, and the file system lets those that
/// wait at the same time share one commit of its journal.
const TOGETHER: usize = 8;
/// How often a lock that is taken is tried again, and after how long.
const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// Files that are held open until they are flushed.
const OPEN_MOST: usize = 128;

/// The whole of a file of at most `most` bytes; `None` if there is none.
pub(crate) fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, LogError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(LogError::io(path, error)),
    };
    read_open(&file, path, most).map(Some)
}

/// What the disk itself holds of a file that has been flushed: pages in memory are let go first.
pub(crate) fn read_from_disk(path: &Path, most: u64) -> Result<Vec<u8>, LogError> {
    let file = File::open(path).map_err(|error| LogError::io(path, error))?;
    // Not every file system can; then what it gives is read.
    let _ = rustix::fs::fadvise(&file, 0, None, Advice::DontNeed);
    read_open(&file, path, most)
}

fn read_open(file: &File, path: &Path, most: u64) -> Result<Vec<u8>, LogError> {
    let length = file.metadata().map_err(|error| LogError::io(path, error))?.len();
    let mut bytes = Vec::with_capacity(length.min(most) as usize + 1);
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| LogError::io(path, error))?;
    if bytes.len() as u64 > most {
        return Err(LogError::damaged(format!("文件过大：{}", path.display()), format!("the file is too large: {}", path.display())));
    }
    Ok(bytes)
}

/// Files written that are not yet known to be on disk.
#[derive(Default)]
pub(crate) struct Unflushed {
    files: Vec<(PathBuf, File)>,
    /// Folders in which something is new.
    folders: BTreeSet<PathBuf>,
}

impl Unflushed {
    /// Writes a new file. What is there under its name was never published, and goes.
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), LogError> {
        if let Some(folder) = path.parent() {
            self.make_folder(folder)?;
            self.folders.insert(folder.to_owned());
        }
        let create = || OpenOptions::new().write(true).create_new(true).open(path);
        let opened = match create() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(path).and_then(|()| create()),
            other => other,
        };
        let mut file = opened.map_err(|error| LogError::io(path, error))?;
        file.write_all(bytes).map_err(|error| LogError::io(path, error))?;
        self.files.push((path.to_owned(), file));
        if self.files.len() >= OPEN_MOST { self.flush_files() } else { Ok(()) }
    }

    /// Makes a folder and those above it, remembering that each new one has to be flushed in the one above.
    pub fn make_folder(&mut self, folder: &Path) -> Result<(), LogError> {
        if folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.make_folder(above)?;
            self.folders.insert(above.to_owned());
        }
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(LogError::io(folder, error)),
            _ => Ok(()),
        }
    }

    /// Waits until all of it is on disk: files and the folders that name them.
    pub fn flush(&mut self) -> Result<(), LogError> {
        for folder in std::mem::take(&mut self.folders) {
            let file = File::open(&folder).map_err(|error| LogError::io(&folder, error))?;
            self.files.push((folder, file));
        }
        self.flush_files()
    }

    fn flush_files(&mut self) -> Result<(), LogError> {
        let files = std::mem::take(&mut self.files);
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        std::thread::scope(|scope| {
            for _ in 0..files.len().min(TOGETHER) {
                scope.spawn(|| {
                    while let Some((path, file)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = file.sync_all() {
                            *failed.lock().unwrap_or_else(|poison| poison.into_inner()) = Some(LogError::io(path, error));
                        }
                    }
                });
            }
        });
        failed.into_inner().unwrap_or_else(|poison| poison.into_inner()).map_or(Ok(()), Err)
    }
}

/// Waits until a folder's names are on disk.
pub(crate) fn flush_folder(folder: &Path) -> Result<(), LogError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(|error| LogError::io(folder, error))
}

/// Removes a file if there is one.
pub(crate) fn remove(path: &Path) -> Result<(), LogError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LogError::io(path, error)),
        _ => Ok(()),
    }
}

/// Puts a file in place of another at once, both whole: what is read there is the one or the other.
pub(crate) fn replace(folder: &Path, next: &str, name: &str, bytes: &[u8]) -> Result<(), LogError> {
    let (from, to) = (folder.join(next), folder.join(name));
    let mut written = Unflushed::default();
    if let Err(error) = written.write(&from, bytes).and_then(|()| written.flush()) {
        // Whoever finds it would take it for what was meant; it was not to be.
        let _ = remove(&from);
        return Err(error);
    }
    fs::rename(&from, &to).map_err(|error| {
        let _ = remove(&from);
        LogError::io(&to, error)
    })?;
    flush_folder(folder)
}

/// Takes the lock of a folder, or says that another has it.
pub(crate) fn lock(folder: &Path) -> Result<File, LogError> {
    let path = folder.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| LogError::io(&path, error))?;
    let mut taken = file.try_lock();
    // Whoever only asks whether a writer is there holds it for a moment.
    for _ in 0..LOCK_TRIES {
        if !matches!(taken, Err(fs::TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        taken = file.try_lock();
    }
    match taken {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(LogError::Locked(kernel::Text::new(
            format!("另一个进程正在写入：{}", folder.display()),
            format!("another process is writing here: {}", folder.display()),
        ))),
        Err(fs::TryLockError::Error(error)) => Err(LogError::io(&path, error)),
    }
}

/// Whether somebody holds the lock just now.
pub(crate) fn is_locked(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}
