//! The Delta log on the disk: what our entries say, and proof that none is missing, torn or changed.
//! Each entry of ours carries the hash of the one before it and the totals after it.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::manifest::{self, Manifest};
use crate::{LakeError, disk};

/// Entries are small: an append adds one file. One this large is not ours.
const LARGEST_ENTRY: u64 = 64 << 20;

/// Who commits, for readers of the log and for Delta's application transactions.
pub(crate) const APPLICATION: &str = "collect";

/// What each of our entries says about the table after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Newest batch, kept by entries that bring none; `None` before the first.
    pub seq: Option<i64>,
    pub note: String,
    /// The table version that brought the batch.
    pub noted: i64,
    pub rows: u64,
    pub files: u64,
    /// Hash of the entry before; empty in the first.
    pub previous: String,
}

/// The log as read and proven.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub version: i64,
    /// SHA-256 and length of the newest entry.
    pub hash: String,
    pub length: u64,
    /// From the newest entry of ours; `exact` if that is the newest of all.
    pub mark: Mark,
    pub exact: bool,
    pub manifest: Option<Manifest>,
}

pub(crate) fn folder(table: &Path) -> PathBuf {
    table.join("_delta_log")
}

pub(crate) fn entry(table: &Path, version: i64) -> PathBuf {
    folder(table).join(format!("{version:020}.json"))
}

pub(crate) fn checkpoint(table: &Path, version: i64) -> PathBuf {
    folder(table).join(format!("{version:020}.checkpoint.parquet"))
}

/// The oldest entry there is.
pub(crate) fn first(table: &Path) -> Result<i64, LakeError> {
    Ok(list(table)?.0.first().copied().unwrap_or(0))
}

/// One log entry: a line for each action, the commit's own line first.
pub(crate) fn compose(operation: &str, mark: &Mark, now: i64, actions: &[Value]) -> Vec<u8> {
    let info = json!({ "commitInfo": { "timestamp": now, "operation": operation, "operationParameters": {}, "engineInfo": "sanjiang",
        "userMetadata": mark.note, "sanjiang": mark } });
    let lines = std::iter::once(&info).chain(actions).map(|action| format!("{action}\n"));
    lines.collect::<String>().into_bytes()
}

/// Reads and proves the log; `None` where there is no table.
pub(crate) fn read(table: &Path) -> Result<Option<Log>, LakeError> {
    let manifest = manifest::newest(table)?;
    let (versions, checkpoints) = list(table)?;
    let (Some(first), Some(newest)) = (versions.first().copied(), versions.last().copied()) else {
        return match (manifest, checkpoints.last()) {
            (None, None) => Ok(None),
            _ => Err(LakeError::damaged(&folder(table), "all log entries are missing")),
        };
    };
    check_gaps(table, &versions, &checkpoints)?;
    if let Some(manifest) = &manifest {
        check_end(table, manifest, newest)?;
    }
    // What a proven checkpoint sums up need not be read again; without a proof everything is.
    let summed = manifest.as_ref().and_then(|manifest| manifest.checkpoint.as_ref()).map_or(-1, |checkpoint| checkpoint.version);
    let from = checkpoints.iter().rev().find(|version| **version <= summed).copied().unwrap_or(first).max(first);
    let mut log = Log { version: newest, hash: String::new(), length: 0, mark: Mark::default(), exact: false, manifest };
    let mut before = Vec::new();
    for version in from..=newest {
        let (bytes, mark) = read_entry(table, version)?;
        if let Some(mark) = &mark
            && version > from
            && !disk::is_hash_of(&mark.previous, &before)
        {
            return Err(LakeError::damaged(&entry(table, version - 1), "its bytes have changed"));
        }
        log.hash = disk::hash(&bytes);
        log.length = bytes.len() as u64;
        log.exact = mark.is_some();
        log.mark = mark.unwrap_or(log.mark);
        if let Some(manifest) = &log.manifest
            && manifest.version == version
            && manifest.sha256 != log.hash
        {
            return Err(LakeError::damaged(&entry(table, version), "its bytes have changed"));
        }
        before = bytes;
    }
    if !log.exact && log.mark == Mark::default() {
        log.mark = look_back(table, first, from)?;
    }
    Ok(Some(log))
}

/// The log up to an earlier version. The caller has proven the whole.
pub(crate) fn read_at(table: &Path, version: i64) -> Result<Log, LakeError> {
    let (bytes, mark) = read_entry(table, version)?;
    let (hash, length, exact) = (disk::hash(&bytes), bytes.len() as u64, mark.is_some());
    Ok(Log { version, hash, length, mark: mark.unwrap_or_default(), exact, manifest: None })
}

/// The newest version committed at a moment (milliseconds) or before; `None` if all are younger.
pub(crate) fn version_at(table: &Path, moment: i64, newest: i64) -> Result<Option<i64>, LakeError> {
    let (mut from, mut upto) = (first(table)?, newest + 1);
    let oldest = from;
    while from < upto {
        let middle = from + (upto - from) / 2;
        if committed(table, middle)? <= moment { from = middle + 1 } else { upto = middle }
    }
    Ok((from > oldest).then_some(from - 1))
}

fn committed(table: &Path, version: i64) -> Result<i64, LakeError> {
    let (bytes, _) = read_entry(table, version)?;
    let time = actions(&bytes).find_map(|action| action.get("commitInfo")?.get("timestamp")?.as_i64());
    time.ok_or_else(|| LakeError::damaged(&entry(table, version), "no time of commit"))
}

/// Searches entries of other writers for the last one of ours.
fn look_back(table: &Path, first: i64, from: i64) -> Result<Mark, LakeError> {
    for version in (first..from).rev() {
        if let (_, Some(mark)) = read_entry(table, version)? {
            return Ok(mark);
        }
    }
    Ok(Mark::default())
}

pub(crate) fn list(table: &Path) -> Result<(Vec<i64>, Vec<i64>), LakeError> {
    let path = folder(table);
    let (mut versions, mut checkpoints) = (Vec::new(), Vec::new());
    let files = match fs::read_dir(&path) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((versions, checkpoints)),
        Err(error) => return Err(LakeError::io(&path, &error)),
    };
    for file in files {
        let name = file.map_err(|error| LakeError::io(&path, &error))?.file_name();
        let name = name.to_string_lossy();
        let Some((number, rest)) = name.split_once('.') else {
            continue;
        };
        let Some(version) = (number.len() == 20).then(|| number.parse::<i64>().ok()).flatten() else {
            continue;
        };
        match rest {
            "json" => versions.push(version),
            _ if rest.starts_with("checkpoint") && rest.ends_with("parquet") => checkpoints.push(version),
            _ => {}
        }
    }
    versions.sort_unstable();
    checkpoints.sort_unstable();
    Ok((versions, checkpoints))
}

fn check_gaps(table: &Path, versions: &[i64], checkpoints: &[i64]) -> Result<(), LakeError> {
    let first = versions.first().copied().unwrap_or(0);
    // Old entries may have been cleaned away by another program, but only behind a checkpoint.
    if first > 0 && !checkpoints.iter().any(|version| *version >= first - 1) {
        return Err(LakeError::damaged(&entry(table, first - 1), "missing"));
    }
    for (expected, found) in (first..).zip(versions) {
        if expected != *found {
            return Err(LakeError::damaged(&entry(table, expected), "missing"));
        }
    }
    Ok(())
}

fn check_end(table: &Path, manifest: &Manifest, newest: i64) -> Result<(), LakeError> {
    if manifest.version > newest {
        return Err(LakeError::damaged(&entry(table, manifest.version), "missing"));
    }
    manifest.checkpoint.as_ref().map_or(Ok(()), |promised| promised.prove(&checkpoint(table, promised.version)))
}

/// One entry, whole: it ends with a line end and every line is an action.
pub(crate) fn read_entry(table: &Path, version: i64) -> Result<(Vec<u8>, Option<Mark>), LakeError> {
    let path = entry(table, version);
    let size = fs::metadata(&path).map_err(|error| LakeError::io(&path, &error))?.len();
    if size > LARGEST_ENTRY {
        return Err(LakeError::damaged(&path, "too large to be a log entry"));
    }
    let bytes = fs::read(&path).map_err(|error| LakeError::io(&path, &error))?;
    let torn = || LakeError::damaged(&path, "empty or torn");
    let body = bytes.strip_suffix(b"\n").ok_or_else(torn)?;
    let mut mark = None;
    for line in body.split(|byte| *byte == b'\n') {
        let action: Value = serde_json::from_slice(line).map_err(|error| LakeError::damaged(&path, error.to_string()))?;
        let action = action.as_object().filter(|fields| fields.len() == 1).ok_or_else(torn)?;
        if let Some(ours) = action.get("commitInfo").and_then(|info| info.get("sanjiang")) {
            mark = Some(serde_json::from_value(ours.clone()).map_err(|error| LakeError::damaged(&path, error.to_string()))?);
        }
    }
    Ok((bytes, mark))
}

/// What an entry that was read tells, an action a line.
pub(crate) fn actions(entry: &[u8]) -> impl Iterator<Item = Value> + '_ {
    entry.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// What an entry says of the table after it, if it is one of ours.
pub(crate) fn mark(entry: &[u8]) -> Option<Mark> {
    actions(entry).find_map(|action| serde_json::from_value(action.get("commitInfo")?.get("sanjiang")?.clone()).ok())
}

/// Data files that entries entered since `horizon` (milliseconds) took out: readers may still be at them.
pub(crate) fn removed_since(table: &Path, horizon: i64) -> Result<HashSet<String>, LakeError> {
    let mut names = HashSet::new();
    let (versions, _) = list(table)?;
    for version in versions.into_iter().rev() {
        if entered(table, version)? < horizon {
            break;
        }
        let (bytes, _) = read_entry(table, version)?;
        names.extend(actions(&bytes).filter_map(|action| Some(action.get("remove")?.get("path")?.as_str()?.to_owned())));
    }
    Ok(names)
}

/// When an entry got its name, in milliseconds: the file's own time is that of its bytes, and a reader may have begun
/// between the two.
fn entered(table: &Path, version: i64) -> Result<i64, LakeError> {
    let path = entry(table, version);
    let found = fs::metadata(&path).map_err(|error| LakeError::io(&path, &error))?;
    Ok(found.ctime().saturating_mul(1000).saturating_add(found.ctime_nsec() / 1_000_000))
}
