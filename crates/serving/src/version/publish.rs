//! Publishing a version: all rows are given, and what differs from the newest version is written, in one step.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{NEWEST, NEXT, NUMBERED, Published, Version, columns, indexes, read, tables};
use crate::batch::Rows;
use crate::bits::Bits;
use crate::{ServingError, Shape, file, generation};

/// A version that is being made. Dropped before its end it leaves nothing, and the versions that were there stay.
pub struct Publishing {
    path: PathBuf,
    /// The file when it is a new one, which nobody sees before its end.
    fresh: Option<PathBuf>,
    db: Option<Connection>,
    shape: Shape,
    /// The version that is being made.
    number: i64,
    /// Rows of `held` now, those that will go among them.
    rows: i64,
    next: i64,
    came: Bits,
    /// Of rows that are there more than once: the place of the last that came again.
    last: HashMap<i64, i64>,
    added: u64,
    changed: u64,
    _lock: File,
}

impl Publishing {
    /// Begins the next version at `path`, whose folder must be there; the first if there is none. Errors: the shape
    /// contradicts itself or is not that of the versions that are there, another is publishing, damage, the disk.
    pub fn begin(path: &Path, shape: Shape) -> Result<Publishing, ServingError> {
        shape.check()?;
        let lock = generation::lock(path)?;
        generation::clear(path)?;
        let mut publishing = Publishing {
            path: path.to_owned(),
            fresh: None,
            db: None,
            shape,
            number: 1,
            rows: 0,
            next: 1,
            came: Bits::default(),
            last: HashMap::new(),
            added: 0,
            changed: 0,
            _lock: lock,
        };
        let begun = match generation::present(path) {
            Ok(file) => publishing.go_on(&file),
            Err(ServingError::Missing(_)) => publishing.start(),
            Err(error) => Err(error),
        };
        begun.map_err(|error| error.at(path))?;
        Ok(publishing)
    }

    fn start(&mut self) -> Result<(), ServingError> {
        let path = generation::fresh(&self.path)?;
        let db = Connection::open(&path)?;
        self.fresh = Some(path);
        // Until its end the file is nobody's: it needs no journal, and reaches the disk at the end.
        db.execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")?;
        db.execute_batch(&tables(&self.shape))?;
        db.execute_batch("BEGIN")?;
        file::put_shape(&db, file::VERSIONS, &self.shape)?;
        self.db = Some(db);
        Ok(())
    }

    fn go_on(&mut self, path: &Path) -> Result<(), ServingError> {
        let (db, shape) = file::open(&self.path, path, file::VERSIONS, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if !shape.is_alike(&self.shape) {
            return Err(ServingError::Shape("the versions that are there have other columns or another key".to_owned()));
        }
        db.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; BEGIN IMMEDIATE;")?;
        let newest = read::newest(&db)?;
        self.number = file::number(&db, NEWEST)? + 1;
        self.rows = i64::try_from(newest.rows).unwrap_or(i64::MAX);
        self.next = file::number(&db, NEXT)?.max(1);
        self.db = Some(db);
        Ok(())
    }

    /// Adds rows. Columns of the batch that the shape does not name are left. Errors: a column is missing or of another
    /// kind, a value does not fit, a part of a key is empty, a key comes twice, the disk; it is of no use after.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ServingError> {
        let shape = self.shape.clone();
        let rows = Rows::of(&shape, batch)?;
        self.add_rows(&rows).map_err(|error| error.at(&self.path))
    }

    fn add_rows(&mut self, rows: &Rows<'_>) -> Result<(), ServingError> {
        let Some(db) = self.db.take() else { return Ok(()) };
        let result = (0..rows.count).try_for_each(|row| match self.shape.is_keyed() {
            true => self.add_keyed(&db, rows, row),
            false => self.add_counted(&db, rows, row),
        });
        self.db = Some(db);
        result
    }

    fn add_keyed(&mut self, db: &Connection, rows: &Rows<'_>, row: usize) -> Result<(), ServingError> {
        for place in &rows.key {
            rows.key_cell(row, *place)?;
        }
        if self.fresh.is_some() {
            // Keys that come twice are found when their index is made.
            return self.insert(db, rows, row, None);
        }
        let width = self.shape.columns.len();
        let sql = format!("SELECT rowid, {} FROM held WHERE {}", file::content_is(&self.shape), file::key_is(&self.shape, width + 1));
        let mut find = db.prepare_cached(&sql)?;
        rows.bind(row, &mut find)?;
        rows.bind_key(row, &mut find, width + 1)?;
        let found: Option<(i64, bool)> = find.raw_query().next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
        match found {
            None => self.insert(db, rows, row, None),
            Some((id, _)) if self.came.has(id) => Err(ServingError::Twice(self.shape.key.join(", "))),
            Some((id, true)) => self.came.set(id),
            Some((id, false)) => self.replace(db, rows, row, id),
        }
    }

    fn add_counted(&mut self, db: &Connection, rows: &Rows<'_>, row: usize) -> Result<(), ServingError> {
        let print = rows.print(row)?;
        let before = match self.fresh {
            Some(_) => None,
            None => self.counted_before(db, rows, row, print)?,
        };
        match before {
            Some(id) => self.came.set(id),
            None => self.insert(db, rows, row, Some(print)),
        }
    }

    /// The place of a row with the same content that has not come yet.
    fn counted_before(&mut self, db: &Connection, rows: &Rows<'_>, row: usize, print: i64) -> Result<Option<i64>, ServingError> {
        let width = self.shape.columns.len();
        let same = file::content_is(&self.shape);
        let sql = format!("SELECT rowid FROM held WHERE p = ?{} AND rowid > ?{} AND {same} ORDER BY rowid LIMIT 1", width + 1, width + 2);
        let mut find = db.prepare_cached(&sql)?;
        rows.bind(row, &mut find)?;
        find.raw_bind_parameter(width + 1, print)?;
        let mut after = self.last.get(&print).copied().unwrap_or(0);
        loop {
            find.raw_bind_parameter(width + 2, after)?;
            let found: Option<i64> = find.raw_query().next()?.map(|row| row.get(0)).transpose()?;
            let Some(id) = found else { return Ok(None) };
            if !self.came.has(id) {
                // Nearly all rows are there once, and are not remembered.
                if after > 0 {
                    self.last.insert(print, id);
                }
                return Ok(Some(id));
            }
            after = id;
        }
    }

    fn insert(&mut self, db: &Connection, rows: &Rows<'_>, row: usize, print: Option<i64>) -> Result<(), ServingError> {
        let width = self.shape.columns.len();
        let p = if print.is_some() { ", p" } else { "" };
        let marks = vec!["?"; width + 3 + usize::from(print.is_some())].join(", ");
        let mut insert = db.prepare_cached(&format!("INSERT INTO held ({}, n, since, rowid{p}) VALUES ({marks})", columns(&self.shape)))?;
        rows.bind(row, &mut insert)?;
        self.rows += 1;
        for (value, parameter) in [self.next, self.number, self.rows].into_iter().chain(print).zip(width + 1..) {
            insert.raw_bind_parameter(parameter, value)?;
        }
        insert.raw_execute()?;
        self.next += 1;
        self.added += 1;
        // In a new file nothing was there before, so nothing need be told from what came.
        if self.fresh.is_some() { Ok(()) } else { self.came.set(self.rows) }
    }

    /// A row with other values takes the place of the one with its key.
    fn replace(&mut self, db: &Connection, rows: &Rows<'_>, row: usize, id: i64) -> Result<(), ServingError> {
        self.leave(db, id)?;
        let width = self.shape.columns.len();
        let set: Vec<String> = (0..width).map(|place| format!("c{place} = ?{}", place + 1)).collect();
        let mut update = db.prepare_cached(&format!("UPDATE held SET {}, since = ?{} WHERE rowid = ?{}", set.join(", "), width + 1, width + 2))?;
        rows.bind(row, &mut update)?;
        update.raw_bind_parameter(width + 1, self.number)?;
        update.raw_bind_parameter(width + 2, id)?;
        update.raw_execute()?;
        self.changed += 1;
        self.came.set(id)
    }

    /// Keeps what a row was in the versions before.
    fn leave(&self, db: &Connection, id: i64) -> Result<(), ServingError> {
        let names = columns(&self.shape);
        let sql = format!("INSERT INTO gone ({names}, n, since, until) SELECT {names}, n, since, ?1 FROM held WHERE rowid = ?2");
        db.prepare_cached(&sql)?.execute([self.number, id])?;
        Ok(())
    }

    /// Ends the version; when it returns, it is on the disk. Nothing is written where the rows are those of the newest.
    /// Errors: two rows have the same key, the disk; then nothing has changed.
    pub fn finish(mut self, note: &str) -> Result<Published, ServingError> {
        let Some(db) = self.db.take() else { return Err(ServingError::Missing(self.path.clone())) };
        let path = self.path.clone();
        let done = match self.fresh.clone() {
            Some(file) => self.finish_first(db, &file, note),
            None => self.finish_next(&db, note),
        };
        done.map_err(|error| error.at(&path))
    }

    fn finish_first(&mut self, db: Connection, file: &Path, note: &str) -> Result<Published, ServingError> {
        for index in indexes(&self.shape) {
            db.execute(&index, []).map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation) => ServingError::Twice(self.shape.key.join(", ")),
                _ => error.into(),
            })?;
        }
        let version = self.note(&db, note, 0)?;
        db.flush_prepared_statement_cache();
        // From now on it is written while others read.
        db.execute_batch("COMMIT; PRAGMA journal_mode = WAL;")?;
        db.close().map_err(|(_, error)| error)?;
        generation::turn(&self.path, file)?;
        self.fresh = None;
        Ok(Published::Made(version))
    }

    fn finish_next(&mut self, db: &Connection, note: &str) -> Result<Published, ServingError> {
        let removed = self.remove(db)?;
        if (self.added, self.changed, removed) == (0, 0, 0) {
            // Dropped, the transaction leaves nothing.
            return read::newest(db).map(Published::Unchanged);
        }
        for index in file::indexes(&self.shape) {
            // An index that a later declaration asks for.
            db.execute(&index.replacen("INDEX held_", "INDEX IF NOT EXISTS held_", 1), [])?;
        }
        // As does one that files of earlier days do not have.
        db.execute(NUMBERED, [])?;
        let version = self.note(db, note, removed)?;
        db.execute_batch("COMMIT")?;
        Ok(Published::Made(version))
    }

    /// Takes the rows away that did not come again. The last row moves to the place that is free, so that none stays empty.
    fn remove(&mut self, db: &Connection) -> Result<u64, ServingError> {
        let mut removed = 0;
        for id in (1..=self.rows).rev() {
            if self.came.has(id) {
                continue;
            }
            self.leave(db, id)?;
            db.prepare_cached("DELETE FROM held WHERE rowid = ?1")?.execute([id])?;
            if id != self.rows {
                db.prepare_cached("UPDATE held SET rowid = ?1 WHERE rowid = ?2")?.execute([id, self.rows])?;
            }
            self.rows -= 1;
            removed += 1;
        }
        Ok(removed)
    }

    fn note(&self, db: &Connection, note: &str, removed: u64) -> Result<Version, ServingError> {
        let version = Version {
            number: self.number.unsigned_abs(),
            rows: self.rows.unsigned_abs(),
            added: self.added,
            changed: self.changed,
            removed,
            note: note.to_owned(),
        };
        let counts = [version.rows, version.added, version.changed, version.removed].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        let [rows, added, changed, removed] = counts;
        db.execute("INSERT INTO version VALUES (?1, ?2, ?3, ?4, ?5, ?6)", (self.number, rows, added, changed, removed, note))?;
        file::put(db, NEWEST, self.number)?;
        file::put(db, NEXT, self.next)?;
        Ok(version)
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        self.db = None;
        if let Some(file) = &self.fresh {
            // What cannot be removed now is removed when the next version begins.
            let _ = generation::discard(file);
        }
    }
}
