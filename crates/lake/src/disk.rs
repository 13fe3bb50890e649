//! Files that are on the disk when the call returns: the file is synced, then the folder that names it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::LakeError;

/// Names that start so are unfinished work of ours; only `vacuum` looks at them again.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// Syncs the entries of a folder.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Creates a folder and its parents, each durable.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_folder(parent)?;
        match fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(parent)?,
        }
    }
    Ok(())
}

/// A fresh unfinished name beside `target`.
pub(crate) fn unfinished(folder: &Path) -> PathBuf {
    folder.join(format!("{UNFINISHED}{}", uuid::Uuid::now_v7().simple()))
}

fn stage(target: &Path, parts: &[&[u8]]) -> io::Result<(PathBuf, PathBuf)> {
    let folder = target.parent().ok_or_else(|| io::Error::other("a file without a folder"))?.to_owned();
    create_folder(&folder)?;
    let staged = unfinished(&folder);
    let written = write_synced(&staged, parts);
    if written.is_err() {
        let _ = fs::remove_file(&staged);
    }
    written.map(|()| (staged, folder))
}

fn write_synced(staged: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(staged)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Writes `target` whole or not at all, replacing what was there.
pub(crate) fn replace(target: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let (staged, folder) = stage(target, parts)?;
    fs::rename(&staged, target).inspect_err(|_| drop(fs::remove_file(&staged)))?;
    sync_folder(&folder)
}

/// Writes `target` whole or not at all; `AlreadyExists` if somebody was there first.
pub(crate) fn create(target: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let (staged, folder) = stage(target, parts)?;
    let linked = fs::hard_link(&staged, target);
    let _ = fs::remove_file(&staged);
    linked?;
    sync_folder(&folder)
}

/// SHA-256 of some bytes, as 64 hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether bytes are those that a hash in a log was taken of. Tables begun before SHA-256 carry XXH3-128.
pub(crate) fn is_hash_of(hash: &str, bytes: &[u8]) -> bool {
    hash == if hash.len() == QUICK { format!("{:032x}", xxh3_128(bytes)) } else { self::hash(bytes) }
}

/// Digits of an XXH3-128.
pub(crate) const QUICK: usize = 32;

/// Two hashes of the same bytes: SHA-256 that nobody can forge, and XXH3-128 that costs a reader next to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    pub sha256: String,
    pub quick: String,
}

/// What to compute while bytes pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Quick,
    Full,
}

/// Hashes of a file, read in pieces. The one not asked for is that of nothing.
pub(crate) fn hash_file(path: &Path, proof: Proof) -> Result<Hashes, LakeError> {
    let fail = |error: io::Error| LakeError::io(path, &error);
    let mut file = File::open(path).map_err(fail)?;
    let mut hasher = Hashing::new(io::sink(), proof);
    io::copy(&mut io::BufReader::with_capacity(1 << 20, &mut file), &mut hasher).map_err(fail)?;
    Ok(hasher.hashes())
}

/// Hashes what passes through it.
pub(crate) struct Hashing<W> {
    pub inner: W,
    proof: Proof,
    sha256: Sha256,
    quick: Xxh3,
    pub written: u64,
}

impl<W: Write> Hashing<W> {
    pub fn new(inner: W, proof: Proof) -> Hashing<W> {
        Hashing { inner, proof, sha256: Sha256::new(), quick: Xxh3::new(), written: 0 }
    }

    pub fn hashes(&self) -> Hashes {
        Hashes { sha256: hex(&self.sha256.clone().finalize()), quick: format!("{:032x}", self.quick.digest128()) }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        let passed = bytes.get(..count).unwrap_or(bytes);
        self.quick.update(passed);
        if self.proof == Proof::Full {
            self.sha256.update(passed);
        }
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
