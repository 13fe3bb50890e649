//! Deliveries in a folder or a bucket: each file is one. What was read before, byte for byte, is not read again.

mod arrival;
mod folder;
mod glob;
pub(super) mod place;

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::hash::Hasher;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use data::declare::{Format, Resource};
use kernel::Text;
use xxhash_rust::xxh3::Xxh3;

use self::folder::Folder;
use self::place::{Fetched, Found, Local, Place};
use super::sqlite;
use crate::position::FileMark;
use crate::read::{self, Fingerprint, ReadOptions};
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

pub use arrival::Arrival;
pub(super) use glob::Pattern;

/// What was decided is kept for so many decisions; a folder of thousands of files decides the same again and again.
const DECISION_LIMIT: usize = 200;

/// Opens the files of a folder that a resource names, after what was read before.
pub fn open(
    folder: &Path,
    arrival: Arrival,
    resource: &Resource,
    position: &Position,
) -> Result<Box<dyn Source>, CollectError> {
    let found = folder::find(folder, &resource.collect.from, &arrival)?;
    Ok(deliveries(Box::new(Folder { arrival }), found, resource, position))
}

/// A number that changes when a resource's files do: names, lengths, times, and what stands beside them. It is found
/// without opening a file. `None` when there are none.
pub fn look(folder: &Path, arrival: &Arrival, resource: &Resource) -> Option<u64> {
    let found = folder::find(folder, &resource.collect.from, arrival).ok()?;
    let mut hash = Xxh3::new();
    for found in &found {
        hash.update(found.name.as_bytes());
        for path in [Some(found.path.clone()), arrival.sidecar(&found.path)].into_iter().flatten() {
            let stamp = arrival::stamp(&path)
                .map(|(length, time)| (length, time.duration_since(UNIX_EPOCH).unwrap_or_default()));
            hash.update(format!("\0{stamp:?}\0").as_bytes());
        }
    }
    Some(hash.finish())
}

/// The deliveries that were found, after what was read before.
///
/// A file that an earlier run left in the middle is read from its start: only a ledger that sees the whole delivery
/// can tell the second copy of a row from the first one given again. The rows that are here count as unchanged.
pub(super) fn deliveries(
    place: Box<dyn Place>,
    found: Vec<Found>,
    resource: &Resource,
    position: &Position,
) -> Box<dyn Source> {
    let bytes_total = found.iter().map(|found| found.length).sum();
    let mut gone = position.files.clone();
    // The marks of files that are gone are dropped: should one come back, its rows are known to the ledger.
    let files = found.iter().filter_map(|found| Some((found.name.clone(), gone.remove(&found.name)?))).collect();
    Box::new(FilesSource {
        place,
        position: Position { files, cursor: None },
        waiting: found.into(),
        options: ReadOptions::from_collection(&resource.collect),
        current: None,
        decisions: Vec::new(),
        gone,
        delivery: 0,
        skipped: 0,
        rows: 0,
        bytes: 0,
        bytes_total,
    })
}

struct FilesSource {
    place: Box<dyn Place>,
    options: ReadOptions,
    waiting: VecDeque<Found>,
    current: Option<Open>,
    position: Position,
    decisions: Vec<Decision>,
    /// Files that were read before and are not there now, until they are found under another name.
    gone: BTreeMap<String, FileMark>,
    delivery: u64,
    skipped: u64,
    /// Of the files that are done.
    rows: u64,
    bytes: u64,
    bytes_total: u64,
}

/// The file being read.
struct Open {
    found: Found,
    source: Box<dyn Source>,
    local: Local,
}

impl FilesSource {
    /// Opens the next file with something new in it; `false` when there is none.
    fn advance(&mut self) -> Result<bool, CollectError> {
        while let Some(found) = self.waiting.pop_front() {
            let known = self.position.files.get(&found.name).filter(|mark| mark.complete).cloned();
            if let Some(mark) = known.as_ref().filter(|mark| self.place.is_same(&found, mark)) {
                self.skip(mark.rows, found.length);
                continue;
            }
            let local = match self.place.fetch(&found)? {
                Fetched::Ready(local) => local,
                Fetched::Held(why) => {
                    self.hold(&found, why);
                    continue;
                }
            };
            let same =
                |mark: &FileMark| mark.complete && mark.hash == local.print.hash && mark.length == local.print.length;
            let known = known.filter(|mark| same(mark)).or_else(|| self.renamed(&found, &same));
            if let Some(mark) = known {
                self.skip(mark.rows, found.length);
                self.position.files.insert(found.name.clone(), marked(&found, &local.print, mark.rows, true));
                continue;
            }
            if let Some(why) = self.place.settled(&found, &local)? {
                self.hold(&found, why);
                continue;
            }
            let source = self.open(&found, &local)?;
            self.delivery += 1;
            self.current = Some(Open { found, source, local });
            return Ok(true);
        }
        for name in std::mem::take(&mut self.gone).into_keys() {
            self.tell(
                "removed",
                &name,
                String::new(),
                Text::new("上次读过的文件已不在；已入库的行保留", "a file that was read before is gone; its rows stay"),
            );
        }
        Ok(false)
    }

    fn skip(&mut self, rows: u64, bytes: u64) {
        self.skipped += rows;
        self.bytes += bytes;
    }

    /// A file that has not arrived whole: what was read of it before stands as it is.
    fn hold(&mut self, found: &Found, why: Decision) {
        let rows = self.position.files.get(&found.name).map_or(0, |mark| mark.rows);
        self.skip(rows, found.length);
        keep(&mut self.decisions, vec![why]);
    }

    /// The mark of a file with this content that was read under another name and is gone from there.
    fn renamed(&mut self, found: &Found, same: &dyn Fn(&FileMark) -> bool) -> Option<FileMark> {
        let old = self.gone.iter().find(|(_, mark)| same(mark)).map(|(name, _)| name.clone())?;
        let mark = self.gone.remove(&old)?;
        let why = Text::new(
            format!("内容与读过的「{old}」相同，是改名，不再读"),
            format!("it is “{old}”, which was read, under another name: not read again"),
        );
        self.tell("renamed", &found.name, old, why);
        Some(mark)
    }

    fn tell(&mut self, what: &str, about: &str, chosen: String, why: Text) {
        keep(&mut self.decisions, vec![Decision { what: what.to_owned(), about: about.to_owned(), chosen, why }]);
    }

    fn open(&self, found: &Found, local: &Local) -> Result<Box<dyn Source>, CollectError> {
        let is_database = match self.options.format {
            Some(format) => format == Format::Sqlite,
            None => sqlite::is_database(&first_bytes(&local.path)),
        };
        match is_database {
            true => sqlite::open_named(&local.path, &found.name, self.options.table.as_deref()),
            false => read::open_known(&local.path, &found.name, &self.options, 0, local.print.clone()),
        }
    }

    fn mark(&mut self, complete: bool) {
        if let Some(open) = &self.current {
            let rows = open.source.progress().rows;
            self.position.files.insert(open.found.name.clone(), marked(&open.found, &open.local.print, rows, complete));
        }
    }

    /// Closes the file that has been read to its end.
    fn close(&mut self) -> Result<(), CollectError> {
        let Some(open) = &self.current else { return Ok(()) };
        if arrival::stamp(&open.local.path) != open.local.stamp {
            return Err(changed(&open.found.name));
        }
        self.mark(true);
        if let Some(open) = self.current.take() {
            self.rows += open.source.progress().rows;
            self.bytes += open.local.print.length;
            keep(&mut self.decisions, open.source.decisions());
        }
        Ok(())
    }
}

fn marked(found: &Found, print: &Fingerprint, rows: u64, complete: bool) -> FileMark {
    let (etag, modified) = (found.etag.clone(), found.modified.clone());
    FileMark { hash: print.hash.clone(), length: print.length, rows, complete, etag, modified }
}

impl Source for FilesSource {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        loop {
            let Some(open) = &mut self.current else {
                if self.advance()? {
                    continue;
                }
                return Ok(None);
            };
            if let Some(batch) = open.source.next(max_rows)? {
                self.mark(false);
                return Ok(Some(batch));
            }
            self.close()?;
        }
    }

    fn position(&self) -> Position {
        self.position.clone()
    }

    fn delivery(&self) -> u64 {
        self.delivery
    }

    fn decisions(&self) -> Vec<Decision> {
        let mut all = self.decisions.clone();
        if let Some(open) = &self.current {
            keep(&mut all, open.source.decisions());
        }
        all
    }

    fn progress(&self) -> Progress {
        let current = self.current.as_ref().map(|open| open.source.progress()).unwrap_or_default();
        let alone = self.waiting.is_empty() && self.rows == 0;
        Progress {
            rows: self.rows + current.rows,
            rows_total: current.rows_total.filter(|_| alone),
            bytes: self.bytes + current.bytes,
            bytes_total: Some(self.bytes_total),
        }
    }

    fn skipped(&self) -> u64 {
        self.skipped
    }
}

fn keep(all: &mut Vec<Decision>, more: Vec<Decision>) {
    for decision in more {
        if all.len() < DECISION_LIMIT && !all.contains(&decision) {
            all.push(decision);
        }
    }
}

fn first_bytes(path: &Path) -> Vec<u8> {
    let mut first = Vec::new();
    // A file that cannot be read is reported by the reader that is tried next.
    let _ = File::open(path).and_then(|file| file.take(16).read_to_end(&mut first));
    first
}

fn changed(name: &str) -> CollectError {
    CollectError::new(
        "files.changed",
        name,
        "读取期间文件被改写，可能仍在传送，请稍后再试。",
        "The file was written to while it was read; it may still be in transfer: try again later.",
    )
    .transient()
}
