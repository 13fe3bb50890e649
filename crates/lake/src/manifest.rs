//! The manifest of a table, `manifest.log`: a line for each version with the size and SHA-256 of its log entry and of
//! the newest checkpoint, and a copy of the entry. An entry names its data files by their SHA-256 and carries the hash of
//! the entry before it, so the newest line vouches for every byte of the table; and what the log lost can be restored.
//!
//! A line is `<XXH3-128 of the rest> <JSON>`. A process that dies while writing leaves a last line without its end: it is
//! passed over, and cut off by the next writer.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::disk::Proof;
use crate::{LakeError, disk, log};

/// Larger than the largest log entry, escaped.
const LONGEST_LINE: u64 = 256 << 20;
/// Another writer holds the manifest for the time of one write.
const PATIENCE: Duration = Duration::from_secs(10);

/// A checkpoint as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub version: i64,
    pub bytes: u64,
    pub sha256: String,
}

impl Checkpoint {
    /// Holds the file against what was written.
    pub fn prove(&self, path: &Path) -> Result<(), LakeError> {
        let size = match fs::metadata(path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(LakeError::damaged(path, "missing")),
            Err(error) => return Err(LakeError::io(path, &error)),
        };
        if size != self.bytes {
            return Err(LakeError::damaged(path, format!("{size} bytes, should be {}", self.bytes)));
        }
        match disk::hash_file(path, Proof::Full)?.sha256 == self.sha256 {
            true => Ok(()),
            false => Err(LakeError::damaged(path, "its bytes have changed")),
        }
    }
}

/// What is promised of a table at one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub version: i64,
    /// Size and SHA-256 of the log entry.
    pub bytes: u64,
    pub sha256: String,
    pub checkpoint: Option<Checkpoint>,
}

/// A line of the file. A new checkpoint of a version that is there already brings no second copy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    pub manifest: Manifest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Data files of earlier versions that were taken away on purpose: vacuumed, or set aside as damaged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
}

impl Line {
    /// The line that vouches for a log entry.
    pub fn of(version: i64, entry: &[u8], checkpoint: Option<Checkpoint>) -> Line {
        let manifest = Manifest { version, bytes: entry.len() as u64, sha256: disk::hash(entry), checkpoint };
        Line { manifest, entry: String::from_utf8(entry.to_vec()).ok(), gone: Vec::new() }
    }

    /// Notes that data files have left, beside what was promised before.
    pub fn without(manifest: Manifest, gone: Vec<String>) -> Line {
        Line { manifest, entry: None, gone }
    }

    fn text(&self) -> io::Result<String> {
        let json = serde_json::to_string(self)?;
        Ok(format!("{:032x} {json}\n", xxh3_128(json.as_bytes())))
    }

    fn parse(line: &[u8]) -> Option<Line> {
        let (sum, json) = line.split_at_checked(disk::QUICK)?;
        let json = json.strip_prefix(b" ")?;
        let whole = format!("{:032x}", xxh3_128(json)).as_bytes() == sum;
        whole.then(|| serde_json::from_slice(json).ok()).flatten()
    }
}

pub(crate) fn path(table: &Path) -> PathBuf {
    table.join("manifest.log")
}

/// Adds lines, durable when this returns.
pub(crate) fn append(table: &Path, lines: &[Line]) -> Result<(), LakeError> {
    let path = path(table);
    let fail = |error: io::Error| LakeError::io(&path, &error);
    let fresh = !path.exists();
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(fail)?;
    lock(&file).map_err(fail)?;
    cut_torn_end(&mut file).map_err(fail)?;
    let mut text = String::new();
    for line in lines {
        text += &line.text().map_err(fail)?;
    }
    file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).map_err(fail)?;
    if fresh { disk::sync_folder(table).map_err(fail) } else { Ok(()) }
}

/// Puts other lines in the place of all.
pub(crate) fn rewrite(table: &Path, lines: impl Iterator<Item = Result<Line, LakeError>>) -> Result<(), LakeError> {
    let path = path(table);
    let fail = |error: io::Error| LakeError::io(&path, &error);
    let mut texts = Vec::new();
    for line in lines {
        texts.push(line?.text().map_err(fail)?.into_bytes());
    }
    let parts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    disk::replace(&path, &parts).map_err(fail)
}

/// For one write; the end of the file's life here ends the lock.
fn lock(file: &File) -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(Duration::from_millis(2)),
            Err(TryLockError::WouldBlock) => return Err(io::Error::new(ErrorKind::TimedOut, "held by another process")),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn cut_torn_end(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(());
    }
    let tail = tail(file, length, 1)?;
    if tail.last() == Some(&b'\n') {
        return Ok(());
    }
    let torn = whole_lines(&tail).map_or(tail.len(), |end| tail.len() - end - 1);
    file.set_len(length - torn as u64)
}

/// Where the last line end stands.
fn whole_lines(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|byte| *byte == b'\n')
}

/// The end of the file from a line end on, holding at least so many of them, or the whole file.
fn tail(file: &mut File, length: u64, ends: usize) -> io::Result<Vec<u8>> {
    let mut span: u64 = 64 << 10;
    loop {
        let from = length.saturating_sub(span);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        Read::by_ref(file).take(length - from).read_to_end(&mut bytes)?;
        if from == 0 || bytes.iter().filter(|byte| **byte == b'\n').count() >= ends || span >= LONGEST_LINE {
            return Ok(bytes);
        }
        span *= 4;
    }
}

/// The newest line; `None` where there is no manifest, or none of its lines was finished.
pub(crate) fn newest(table: &Path) -> Result<Option<Manifest>, LakeError> {
    let path = path(table);
    let fail = |error: io::Error| LakeError::io(&path, &error);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let length = file.metadata().map_err(fail)?.len();
    let bytes = tail(&mut file, length, 2).map_err(fail)?;
    let Some(end) = whole_lines(&bytes) else {
        return Ok(None);
    };
    let body = bytes.get(..end).unwrap_or_default();
    let start = whole_lines(body).map_or(0, |at| at + 1);
    let line = Line::parse(body.get(start..).unwrap_or_default());
    line.map(|line| Some(line.manifest)).ok_or_else(|| LakeError::damaged(&path, "its last line has changed"))
}

/// Notes on top of the newest line that data files have left; where nothing is promised yet, nobody will miss them.
pub(crate) fn note_gone(table: &Path, gone: Vec<String>) -> Result<(), LakeError> {
    match newest(table)? {
        Some(manifest) if !gone.is_empty() => append(table, &[Line::without(manifest, gone)]),
        _ => Ok(()),
    }
}

/// Every finished line: its number, and what it says if it is whole.
pub(crate) fn lines(table: &Path, mut each: impl FnMut(u64, Option<Line>)) -> Result<(), LakeError> {
    let path = path(table);
    let fail = |error: io::Error| LakeError::io(&path, &error);
    let mut file = match File::open(&path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(fail(error)),
    };
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        (&mut file).take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(fail)?;
        match bytes.strip_suffix(b"\n") {
            Some(line) => each(number, Line::parse(line)),
            None if bytes.len() as u64 == LONGEST_LINE => each(number, None),
            None => break,
        }
    }
    Ok(())
}

/// Lines for versions that have none yet, because their writer died or was another program.
pub(crate) fn catch_up(table: &Path, held: Option<&Manifest>, upto: i64, checkpoint: Option<&Checkpoint>) -> Result<Vec<Line>, LakeError> {
    let from = held.map_or_else(|| log::first(table), |held| Ok(held.version + 1))?;
    (from..=upto).map(|version| Ok(Line::of(version, &log::read_entry(table, version)?.0, checkpoint.cloned()))).collect()
}
