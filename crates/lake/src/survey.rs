//! A table as its manifest and its log tell it, without trusting either: which entries there should be and which are right,
//! and from the right ones which data files there should be, of which rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use kernel::Text;
use serde_json::Value;

use crate::manifest::{self, Checkpoint};
use crate::part::Part;
use crate::{LakeError, disk, log, verify};

/// A data file that some version named.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub part: Part,
    /// The version that brought it.
    pub version: i64,
    /// Batches whose rows it may hold.
    seqs: BTreeSet<i64>,
    /// Named by the newest version.
    pub active: bool,
}

impl Named {
    /// `3`, `3–7, 9`.
    pub fn batches(&self) -> String {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for seq in &self.seqs {
            match runs.last_mut() {
                Some((_, end)) if *end + 1 == *seq => *end = *seq,
                _ => runs.push((*seq, *seq)),
            }
        }
        let text = |(from, to): &(i64, i64)| if from == to { from.to_string() } else { format!("{from}–{to}") };
        if runs.is_empty() { "?".to_owned() } else { runs.iter().map(text).collect::<Vec<_>>().join(", ") }
    }
}

/// A log entry that there should be.
pub(crate) struct Entry {
    pub version: i64,
    /// Its bytes as they were written, from the log or from the manifest's copy.
    pub right: Option<Arc<Vec<u8>>>,
    pub wrong: Option<Text>,
}

pub(crate) struct Survey {
    pub entries: BTreeMap<i64, Entry>,
    /// Checkpoints as promised, by version.
    pub checkpoints: BTreeMap<i64, Checkpoint>,
    pub wrong_lines: Vec<u64>,
    /// Versions that the manifest should know and does not.
    pub unnoted: Vec<i64>,
    /// Data files that were taken away on purpose.
    pub gone: HashSet<String>,
    /// Every data file that the log names.
    pub data: BTreeMap<String, Named>,
}

/// What the manifest says of an entry.
struct Noted {
    sha256: String,
    copy: Option<Arc<Vec<u8>>>,
}

impl Survey {
    pub fn of(folder: &Path) -> Result<Survey, LakeError> {
        let mut noted: BTreeMap<i64, Noted> = BTreeMap::new();
        let (mut checkpoints, mut wrong_lines, mut gone) = (BTreeMap::new(), Vec::new(), HashSet::new());
        manifest::lines(folder, |number, line| match line {
            None => wrong_lines.push(number),
            Some(line) => {
                let manifest = line.manifest;
                gone.extend(line.gone);
                let copy = line.entry.map(String::into_bytes).filter(|copy| disk::hash(copy) == manifest.sha256).map(Arc::new);
                let known = noted.remove(&manifest.version).and_then(|known| known.copy);
                noted.insert(manifest.version, Noted { sha256: manifest.sha256, copy: copy.or(known) });
                checkpoints.extend(manifest.checkpoint.map(|checkpoint| (checkpoint.version, checkpoint)));
            }
        })?;
        let (versions, summed) = log::list(folder)?;
        let all: BTreeSet<i64> = noted.keys().chain(&versions).copied().collect();
        let (first, newest) = (all.first().copied().unwrap_or(0), all.last().copied().unwrap_or(-1));
        // Another program may have cleaned old entries away, but only behind a checkpoint.
        let first = if summed.iter().any(|version| *version >= first - 1) { first } else { 0 };
        let entries = entries(folder, first, newest, &noted);
        // The newest may still be on its way into the manifest.
        let unnoted = (first..newest).filter(|version| !noted.contains_key(version)).collect();
        let data = named(entries.values().filter_map(|entry| Some((entry.version, entry.right.as_deref()?.as_slice()))));
        Ok(Survey { entries, checkpoints, wrong_lines, unnoted, gone, data })
    }
}

/// From the newest back, as each entry tells the hash of the one before it.
fn entries(folder: &Path, first: i64, newest: i64, noted: &BTreeMap<i64, Noted>) -> BTreeMap<i64, Entry> {
    let mut entries = BTreeMap::new();
    let mut told: Option<String> = None;
    for version in (first..=newest).rev() {
        let promised = noted.get(&version);
        let is_right = |bytes: &[u8]| {
            told.as_ref().is_none_or(|hash| disk::is_hash_of(hash, bytes)) && promised.is_none_or(|noted| disk::hash(bytes) == noted.sha256)
        };
        let (found, wrong) = match log::read_entry(folder, version) {
            Ok((bytes, _)) if is_right(&bytes) => (Some(Arc::new(bytes)), None),
            Ok(_) => (None, Some(Text::new("字节已改变", "its bytes have changed"))),
            Err(LakeError::Io { .. }) if !log::entry(folder, version).exists() => (None, Some(Text::new("缺失", "missing"))),
            Err(error) => (None, Some(verify::said(error))),
        };
        let copy = || promised.and_then(|noted| noted.copy.clone()).filter(|copy| is_right(copy));
        let right = found.or_else(copy);
        told = right.as_ref().and_then(|bytes| log::mark(bytes)).map(|mark| mark.previous).filter(|hash| !hash.is_empty());
        entries.insert(version, Entry { version, right, wrong });
    }
    entries
}

/// Follows the log from its beginning.
fn named<'a>(entries: impl Iterator<Item = (i64, &'a [u8])>) -> BTreeMap<String, Named> {
    let mut data: BTreeMap<String, Named> = BTreeMap::new();
    for (version, entry) in entries {
        let actions: Vec<Value> = log::actions(entry).collect();
        let removed: Vec<&str> = actions.iter().filter_map(|action| action.get("remove")?.get("path")?.as_str()).collect();
        let mut seqs: BTreeSet<i64> = actions.iter().filter_map(|action| action.get("txn")?.get("version")?.as_i64()).collect();
        for name in removed {
            if let Some(named) = data.get_mut(name) {
                named.active = false;
                seqs.extend(&named.seqs);
            }
        }
        for part in actions.iter().filter_map(|action| Part::added(action.get("add")?)) {
            data.insert(part.name.clone(), Named { part, version, seqs: seqs.clone(), active: true });
        }
    }
    data
}
