//! Files in a folder: each file is a delivery. What was read before, byte for byte, is not read again.

mod folder;
mod glob;

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

use data::declare::{Format, Resource};

use self::folder::Found;
use super::sqlite;
use crate::position::FileMark;
use crate::read::{self, Fingerprint, ReadOptions};
use crate::source::Decision;
use crate::{CollectError, Position, Progress, RawBatch, Source};

/// What was decided is kept for so many decisions; a folder of thousands of files decides the same again and again.
const DECISION_LIMIT: usize = 200;

/// Opens the files that a resource names, after what was read before.
///
/// A file that an earlier run left in the middle is read from its start: only a ledger that sees the whole delivery
/// can tell the second copy of a row from the first one given again. The rows that are here count as unchanged.
pub fn open(folder: &Path, resource: &Resource, position: &Position) -> Result<Box<dyn Source>, CollectError> {
    let found = folder::find(folder, &resource.collect.from)?;
    let length = |found: &Found| found.path.metadata().map(|metadata| metadata.len()).unwrap_or(0);
    let bytes_total = found.iter().map(length).sum();
    // The marks of files that are gone are dropped: should one come back, its rows are known to the ledger.
    let marks = found.iter().filter_map(|found| Some((found.name.clone(), position.files.get(&found.name)?.clone())));
    Ok(Box::new(FilesSource {
        position: Position { files: marks.collect(), cursor: None },
        waiting: found.into(),
        options: ReadOptions::from_collection(&resource.collect),
        current: None,
        decisions: Vec::new(),
        delivery: 0,
        skipped: 0,
        rows: 0,
        bytes: 0,
        bytes_total,
    }))
}

struct FilesSource {
    options: ReadOptions,
    waiting: VecDeque<Found>,
    current: Option<Open>,
    position: Position,
    decisions: Vec<Decision>,
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
    print: Fingerprint,
    stamp: Stamp,
}

/// By which it is seen that somebody wrote to a file while it was read.
type Stamp = Option<(u64, SystemTime)>;

impl FilesSource {
    /// Opens the next file with something new in it; `false` when there is none.
    fn advance(&mut self) -> Result<bool, CollectError> {
        while let Some(found) = self.waiting.pop_front() {
            let stamp = stamp(&found.path);
            let print = read::fingerprint(&found.path, &found.name)?;
            let known = self.position.files.get(&found.name);
            let known = known.filter(|mark| mark.complete && mark.hash == print.hash && mark.length == print.length);
            if let Some(mark) = known {
                self.skipped += mark.rows;
                self.bytes += print.length;
                continue;
            }
            let source = self.open(&found, &print)?;
            self.delivery += 1;
            self.current = Some(Open { found, source, print, stamp });
            return Ok(true);
        }
        Ok(false)
    }

    fn open(&self, found: &Found, print: &Fingerprint) -> Result<Box<dyn Source>, CollectError> {
        let is_database = match self.options.format {
            Some(format) => format == Format::Sqlite,
            None => sqlite::is_database(&first_bytes(&found.path)),
        };
        match is_database {
            true => sqlite::open_named(&found.path, &found.name, self.options.table.as_deref()),
            false => read::open_known(&found.path, &found.name, &self.options, 0, print.clone()),
        }
    }

    fn mark(&mut self, complete: bool) {
        if let Some(open) = &self.current {
            let rows = open.source.progress().rows;
            let mark = FileMark { hash: open.print.hash.clone(), length: open.print.length, rows, complete };
            self.position.files.insert(open.found.name.clone(), mark);
        }
    }

    /// Closes the file that has been read to its end.
    fn close(&mut self) -> Result<(), CollectError> {
        let Some(open) = &self.current else { return Ok(()) };
        if stamp(&open.found.path) != open.stamp {
            return Err(changed(&open.found.name));
        }
        self.mark(true);
        if let Some(open) = self.current.take() {
            self.rows += open.source.progress().rows;
            self.bytes += open.print.length;
            keep(&mut self.decisions, open.source.decisions());
        }
        Ok(())
    }
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

fn stamp(path: &Path) -> Stamp {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
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
