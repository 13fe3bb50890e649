//! Building a copy from all rows of a table, beside the one that is there, whose feed it carries on.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use rusqlite::types::{ToSqlOutput, Value as Stored};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};

use crate::batch::Rows;
use crate::bits::Bits;
use crate::feed::{Feed, Op};
use crate::file::{self, EPOCH, HELD, LAST, NEXT, OLDEST};
use crate::{Mark, ServingError, Shape, generation};

/// A copy that is being built. Dropped before its end it leaves nothing, and the copy that was there stays.
pub struct Builder {
    path: PathBuf,
    file: PathBuf,
    db: Option<Connection>,
    shape: Shape,
    old: Option<Old>,
    feed: Feed,
    rows: u64,
    next: i64,
    // Held to the end.
    _lock: File,
}

/// The copy that was there, whose rows are compared with those that come.
struct Old {
    db: Connection,
    /// The rows that came again.
    came: Bits,
    /// Of rows that are there more than once: the number of the last that came again.
    last: HashMap<i64, i64>,
}

impl Builder {
    /// Begins a copy at `path`, whose folder must be there. Errors: the shape contradicts itself, another is writing, the
    /// disk. A copy that is there but damaged is as good as none: its feed ends.
    pub fn begin(path: &Path, shape: Shape) -> Result<Builder, ServingError> {
        shape.check()?;
        let lock = generation::lock(path)?;
        generation::clear(path)?;
        let file = generation::fresh(path)?;
        let mut builder = Builder { path: path.to_owned(), file, db: None, shape, old: None, feed: Feed { last: 0 }, rows: 0, next: 1, _lock: lock };
        builder.start().map_err(|error| error.at(path))?;
        Ok(builder)
    }

    fn start(&mut self) -> Result<(), ServingError> {
        let db = Connection::open(&self.file)?;
        db.set_prepared_statement_cache_capacity(16);
        // Until its end the file is nobody's: it needs no journal, and reaches the disk at the end.
        db.execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")?;
        db.execute_batch(&file::tables(&self.shape))?;
        db.execute_batch("BEGIN")?;
        file::put_shape(&db, file::COPY, &self.shape)?;
        file::put(&db, EPOCH, generation::random() as i64)?;
        let db = self.db.insert(db);
        let opened = generation::present(&self.path).and_then(|old| file::open(&self.path, &old, file::COPY, OpenFlags::SQLITE_OPEN_READ_ONLY));
        let old = match opened {
            Ok((old, shape)) if shape.is_alike(&self.shape) => old,
            Ok(_) => return Ok(()),
            Err(error) if error.is_damage() => return Ok(()),
            Err(error) => return Err(error),
        };
        match carry(db, &old, &self.shape).map_err(|error| error.at(&self.path)) {
            Ok(last) => {
                (self.feed.last, self.next) = (last, file::number(&old, NEXT)?.max(1));
                self.old = Some(Old { db: old, came: Bits::default(), last: HashMap::new() });
                Ok(())
            }
            Err(error) if error.is_damage() => self.forget(),
            Err(error) => Err(error),
        }
    }

    /// Adds rows. Columns of the batch that the shape does not name are left. Errors: a column is missing or of another
    /// kind, a value does not fit, a part of a key is empty, the disk; the builder is of no use after.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ServingError> {
        let shape = self.shape.clone();
        let rows = Rows::of(&shape, batch)?;
        let mut first = 0;
        while first < rows.count {
            match self.add_rows(&rows, &mut first).map_err(|error| error.at(&self.path)) {
                Err(error) if error.is_damage() && self.old.is_some() => self.forget()?,
                other => other?,
            }
        }
        Ok(())
    }

    /// Adds rows from `next` on, which goes with them.
    fn add_rows(&mut self, rows: &Rows<'_>, next: &mut usize) -> Result<(), ServingError> {
        let Some(db) = &self.db else { return Ok(()) };
        let width = self.shape.columns.len();
        let marks = vec!["?"; width + 1 + usize::from(!self.shape.is_keyed())].join(", ");
        let names: Vec<String> = (0..width).map(|place| format!("c{place}")).chain((!self.shape.is_keyed()).then(|| "p".to_owned())).collect();
        let mut insert = db.prepare_cached(&format!("INSERT INTO held ({}, rowid) VALUES ({marks})", names.join(", ")))?;
        let mut note = Feed::statement(db, &self.shape)?;
        let mut finder = self.old.as_mut().map(|old| Finder::of(old, &self.shape)).transpose()?;
        while *next < rows.count {
            let row = *next;
            rows.bind(row, &mut insert)?;
            if self.shape.is_keyed() {
                for place in &rows.key {
                    rows.key_cell(row, *place)?;
                }
                let op = match &mut finder {
                    Some(finder) => finder.keyed(rows, row)?,
                    None => None,
                };
                if let Some(op) = op {
                    self.feed.note_row(&mut note, op, rows, row)?;
                }
                insert.raw_bind_parameter(width + 1, i64::try_from(self.rows).unwrap_or(i64::MAX) + 1)?;
            } else {
                let print = rows.print(row)?;
                let before = match &mut finder {
                    Some(finder) => finder.counted(rows, row, print)?,
                    None => None,
                };
                let id = before.unwrap_or(self.next);
                if before.is_none() {
                    self.next += 1;
                    if finder.is_some() {
                        self.feed.note(&mut note, Op::Added, &[id.into()])?;
                    }
                }
                insert.raw_bind_parameter(width + 1, print)?;
                insert.raw_bind_parameter(width + 2, id)?;
            }
            insert.raw_execute()?;
            self.rows += 1;
            *next += 1;
        }
        Ok(())
    }

    /// The copy that was there cannot be compared with: readers of its feed must start again.
    fn forget(&mut self) -> Result<(), ServingError> {
        self.old = None;
        self.feed.last = 0;
        let Some(db) = &self.db else { return Ok(()) };
        db.execute("DELETE FROM change", [])?;
        file::put(db, OLDEST, 0)?;
        file::put(db, EPOCH, generation::random() as i64)
    }

    /// Makes the indexes and puts the copy in the place of the one that was there; when it returns, it is on the disk.
    /// Errors: two rows have the same key, the disk.
    pub fn finish(mut self, mark: &Mark) -> Result<(), ServingError> {
        if let (Some(db), Some(old)) = (&self.db, &self.old)
            && let Err(error) = removed(db, old, &self.shape, &mut self.feed)
        {
            match error.at(&self.path) {
                error if error.is_damage() => self.forget()?,
                error => return Err(error),
            }
        }
        self.old = None;
        self.complete(mark).map_err(|error| error.at(&self.path))?;
        self.db.take().map_or(Ok(()), |db| db.close().map_err(|(_, error)| error))?;
        generation::turn(&self.path, &self.file)
    }

    fn complete(&mut self, mark: &Mark) -> Result<(), ServingError> {
        let Some(db) = &self.db else { return Ok(()) };
        for index in file::indexes(&self.shape) {
            db.execute(&index, []).map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation) => ServingError::Twice(self.shape.key.join(", ")),
                _ => error.into(),
            })?;
        }
        std::mem::replace(&mut self.feed, Feed { last: 0 }).end(db, self.rows)?;
        file::put(db, HELD, i64::try_from(self.rows).unwrap_or(i64::MAX))?;
        file::put(db, NEXT, self.next)?;
        file::put_mark(db, mark)?;
        db.flush_prepared_statement_cache();
        // From now on it is written while others read.
        db.execute_batch("COMMIT; PRAGMA journal_mode = WAL;")?;
        Ok(())
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        self.db = None;
        if generation::present(&self.path).ok().as_ref() != Some(&self.file) {
            // What cannot be removed now is removed when the next build begins.
            let _ = generation::discard(&self.file);
        }
    }
}

/// Takes over the feed; returns how far it has come.
fn carry(db: &Connection, old: &Connection, shape: &Shape) -> Result<i64, ServingError> {
    // One transaction for all comparisons: each of its own would ask for the file's lock.
    old.execute_batch("PRAGMA mmap_size = 1099511627776; BEGIN")?;
    let mut select = old.prepare("SELECT * FROM change ORDER BY seq")?;
    let width = shape.key_kinds().len() + 2;
    let mut insert = Feed::statement(db, shape)?;
    let mut changes = select.query([])?;
    while let Some(change) = changes.next()? {
        for place in 0..width {
            insert.raw_bind_parameter(place + 1, ToSqlOutput::Borrowed(change.get_ref(place)?))?;
        }
        insert.raw_execute()?;
    }
    file::put(db, EPOCH, file::number(old, EPOCH)?)?;
    file::put(db, OLDEST, file::number(old, OLDEST)?)?;
    file::number(old, LAST)
}

/// Notes the rows that did not come again.
fn removed(db: &Connection, old: &Old, shape: &Shape, feed: &mut Feed) -> Result<(), ServingError> {
    let keys: Vec<String> = match shape.is_keyed() {
        true => shape.key_places().iter().map(|place| format!("c{place}")).collect(),
        false => vec!["rowid".to_owned()],
    };
    let mut note = Feed::statement(db, shape)?;
    let mut select = old.db.prepare(&format!("SELECT rowid, {} FROM held ORDER BY rowid", keys.join(", ")))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if old.came.has(row.get(0)?) {
            continue;
        }
        let key = (1..=keys.len()).map(|place| row.get::<_, Stored>(place).map(ToSqlOutput::Owned)).collect::<Result<Vec<_>, _>>()?;
        feed.note(&mut note, Op::Removed, &key)?;
    }
    Ok(())
}

/// Finds rows in the copy that was there.
struct Finder<'o> {
    find: CachedStatement<'o>,
    came: &'o mut Bits,
    last: &'o mut HashMap<i64, i64>,
    width: usize,
}

impl<'o> Finder<'o> {
    fn of(old: &'o mut Old, shape: &Shape) -> Result<Finder<'o>, ServingError> {
        let (same, width) = (file::content_is(shape), shape.columns.len());
        let sql = match shape.is_keyed() {
            true => format!("SELECT rowid, {same} FROM held WHERE {}", key_in_content(shape)),
            false => format!("SELECT rowid FROM held WHERE p = ?{} AND rowid > ?{} AND {same} ORDER BY rowid LIMIT 1", width + 1, width + 2),
        };
        Ok(Finder { find: old.db.prepare_cached(&sql)?, came: &mut old.came, last: &mut old.last, width })
    }

    /// What the row is to the one that has its key.
    fn keyed(&mut self, rows: &Rows<'_>, row: usize) -> Result<Option<Op>, ServingError> {
        rows.bind(row, &mut self.find)?;
        let mut found = self.find.raw_query();
        let Some(before) = found.next()? else { return Ok(Some(Op::Added)) };
        let (id, same) = (before.get(0)?, before.get::<_, bool>(1)?);
        self.came.set(id)?;
        Ok((!same).then_some(Op::Changed))
    }

    /// The number of a row with the same content, each told once.
    fn counted(&mut self, rows: &Rows<'_>, row: usize, print: i64) -> Result<Option<i64>, ServingError> {
        rows.bind(row, &mut self.find)?;
        self.find.raw_bind_parameter(self.width + 1, print)?;
        let mut after = self.last.get(&print).copied().unwrap_or(0);
        // Nearly all rows are there once, and are not remembered. Of others the first is found to have come already.
        for _ in 0..2 {
            self.find.raw_bind_parameter(self.width + 2, after)?;
            let found: Option<i64> = self.find.raw_query().next()?.map(|row| row.get(0)).transpose()?;
            let Some(id) = found else { return Ok(None) };
            if !self.came.has(id) {
                self.came.set(id)?;
                if after > 0 {
                    self.last.insert(print, id);
                }
                return Ok(Some(id));
            }
            after = id;
        }
        Ok(None)
    }
}

/// The condition that a row has the key that is among the values of the content.
fn key_in_content(shape: &Shape) -> String {
    let parts = shape.key_places().into_iter().map(|place| format!("c{place} = ?{}", place + 1));
    parts.collect::<Vec<_>>().join(" AND ")
}
