//! What the keys of masks are made from: random bytes in a file of the data directory that only its owner may read. They
//! stand in no statement, no log and no backup of the lake; whoever loses them cannot undo what was encrypted. Other secrets are
//! kept in files of the same kind.

use std::fs::{self, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const LENGTH: usize = 32;

/// Where it lies.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("mask.key")
}

/// Reads the secret, making it at the first start. `fill` gives random bytes.
pub fn open(data_dir: &Path, fill: &dyn Fn(&mut [u8])) -> Result<Vec<u8>> {
    match read(data_dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => make(data_dir, fill)?,
        other => return other,
    }
    read(data_dir)
}

/// Reads the secret that is there.
pub fn read(data_dir: &Path) -> Result<Vec<u8>> {
    let path = path(data_dir);
    let bytes = private(&path)?;
    if bytes.len() != LENGTH {
        return Err(damaged(&path));
    }
    Ok(bytes)
}

fn make(data_dir: &Path, fill: &dyn Fn(&mut [u8])) -> Result<()> {
    let mut bytes = [0; LENGTH];
    fill(&mut bytes);
    match keep(&path(data_dir), &bytes) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Reads a file that only its owner may read.
pub(crate) fn private(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        return Err(said(format!("{0} 不应允许他人读取，请执行 chmod 600 / others may read {0}: chmod 600", path.display())));
    }
    Ok(bytes)
}

/// What is there is no secret.
pub(crate) fn damaged(path: &Path) -> Error {
    said(format!("{0} 已损坏，请从备份恢复 / {0} is damaged, restore it from a backup", path.display()))
}

fn said(text: String) -> Error {
    Error::new(ErrorKind::InvalidData, text)
}

/// Writes a secret that is not there yet, for its owner only: whole or not at all, and by one process only.
pub fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = written_beside(path, bytes)?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    linked?;
    flush_names(path)
}

/// Writes a secret in place of another.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::rename(written_beside(path, bytes)?, path)?;
    flush_names(path)
}

fn written_beside(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let beside = path.with_extension(format!("key.{}", std::process::id()));
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(beside)
}

fn flush_names(path: &Path) -> Result<()> {
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
