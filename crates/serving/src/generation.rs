//! The files of a copy: which generation is the present one, how the next takes its place, and who may write.

use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::ServingError;

/// Digits of a generation's name.
const DIGITS: usize = 12;
/// What SQLite puts beside a file.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ServingError {
    let path = path.to_owned();
    move |error| ServingError::Io(path, error)
}

/// A number that nobody had before, small enough for JavaScript. The map's random keys are what std gives of chance.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish() >> 16
}

/// A file name that no generation had before.
pub(crate) fn fresh(path: &Path) -> Result<PathBuf, ServingError> {
    beside(path, &format!(".{:012x}", random()))
}

/// The present generation's file. `Missing` if there is none, `Damaged` if `path` is something else.
pub(crate) fn present(path: &Path) -> Result<PathBuf, ServingError> {
    match fs::read_link(path) {
        Ok(target) => match (target.file_name(), path.parent()) {
            (Some(name), Some(folder)) => Ok(folder.join(name)),
            _ => Err(ServingError::Damaged(path.to_owned(), "its link leads nowhere".to_owned())),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Err(ServingError::Missing(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            Err(ServingError::Damaged(path.to_owned(), "it is no link to a generation".to_owned()))
        }
        Err(error) => Err(io(path)(error)),
    }
}

/// Makes a finished generation the present one, and removes the one before. Returns when the disk has it.
pub(crate) fn turn(path: &Path, file: &Path) -> Result<(), ServingError> {
    let before = present(path).ok();
    File::open(file).and_then(|file| file.sync_all()).map_err(io(file))?;
    let link = beside(path, ".link")?;
    let name = file.file_name().ok_or_else(|| ServingError::Missing(file.to_owned()))?;
    drop_file(&link)?;
    std::os::unix::fs::symlink(name, &link).map_err(io(&link))?;
    fs::rename(&link, path).map_err(io(path))?;
    let folder = folder(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io(folder))?;
    match before {
        Some(before) if before != file => discard(&before),
        _ => Ok(()),
    }
}

/// Removes the files of one generation.
pub(crate) fn discard(file: &Path) -> Result<(), ServingError> {
    BESIDE.iter().try_for_each(|ending| drop_file(&beside(file, ending)?))
}

/// Removes what builds that did not come to their end left behind.
pub(crate) fn clear(path: &Path) -> Result<(), ServingError> {
    let kept = present(path).ok();
    for file in generations(path)? {
        if kept.as_ref() != Some(&file) {
            discard(&file)?;
        }
    }
    Ok(())
}

/// Removes a copy and all its files. Errors: another is writing it, or a file cannot be removed.
pub fn remove(path: &Path) -> Result<(), ServingError> {
    if !folder(path).exists() {
        return Ok(());
    }
    let _lock = lock(path)?;
    drop_file(path)?;
    generations(path)?.iter().try_for_each(|file| discard(file))?;
    drop_file(&beside(path, ".lock")?)
}

/// Keeps other writers out, in this process and in others, as long as it is held.
pub(crate) fn lock(path: &Path) -> Result<File, ServingError> {
    let name = beside(path, ".lock")?;
    let file = File::options().create(true).append(true).open(&name).map_err(io(&name))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServingError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(&name)(error)),
    }
}

/// All generations that have a file here, whole or not.
fn generations(path: &Path) -> Result<Vec<PathBuf>, ServingError> {
    let prefix = format!("{}.", name(path)?);
    let mut found = Vec::new();
    let folder = folder(path);
    for entry in fs::read_dir(folder).map_err(io(folder))? {
        let entry = entry.map_err(io(folder))?.file_name();
        let Some(rest) = entry.to_str().and_then(|name| name.strip_prefix(&prefix)) else { continue };
        let Some((digits, ending)) = rest.split_at_checked(DIGITS) else { continue };
        if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && BESIDE.contains(&ending) {
            found.push(folder.join(format!("{prefix}{digits}")));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn name(path: &Path) -> Result<&str, ServingError> {
    path.file_name().and_then(|name| name.to_str()).ok_or_else(|| ServingError::Missing(path.to_owned()))
}

fn beside(path: &Path, ending: &str) -> Result<PathBuf, ServingError> {
    Ok(path.with_file_name(format!("{}{ending}", name(path)?)))
}

fn drop_file(path: &Path) -> Result<(), ServingError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io(path)(error)),
        _ => Ok(()),
    }
}
