//! Bringing a copy up to date where it stands: what goes, what comes, and the feed of what thereby changed.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use arrow_array::RecordBatch;
use rusqlite::types::{ToSqlOutput, Value as Stored};
use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior};

use crate::batch::Rows;
use crate::feed::{Feed, Op};
use crate::file::{self, HELD, LAST, NEXT};
use crate::shape::Kind;
use crate::{Mark, ServingError, Shape, Value, generation};

/// Rows that go.
#[derive(Clone, Debug, PartialEq)]
pub enum Removal {
    /// The row with this key, if there is one. Not for copies without a key.
    Key(Vec<Value>),
    /// All rows with this hash in the named column; quick if an index begins with it, else the copy is read through once.
    Hash { column: String, hash: [u8; 16] },
}

/// How many rows really changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub added: u64,
    pub changed: u64,
    pub removed: u64,
}

/// Takes rows away and then adds rows, in one step, while others read; when it returns, it is on the disk. A row takes the
/// place of the one that has its key. Rows that go and come again with equal content have not changed. What is removed is
/// held in memory by number. Errors: as of [`Builder`](crate::Builder); then nothing is changed.
pub fn apply(path: &Path, removed: &[Removal], added: &[RecordBatch], mark: &Mark) -> Result<Applied, ServingError> {
    let _lock = generation::lock(path)?;
    let file = generation::present(path)?;
    let (mut db, shape) = file::open(path, &file, file::COPY, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut done = || {
        // A number of the feed that was told once is never given to another change, not even after a loss of power.
        db.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;")?;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer = Writer::of(&transaction, &shape)?;
        writer.going = going(&transaction, &shape, removed)?;
        for batch in added {
            let rows = Rows::of(&shape, batch)?;
            match shape.is_keyed() {
                true => writer.keyed(&rows)?,
                false => writer.counted(&rows)?,
            }
        }
        writer.remove()?;
        let applied = writer.end(mark)?;
        transaction.commit()?;
        Ok(applied)
    };
    done().map_err(|error: ServingError| error.at(path))
}

struct Writer<'w> {
    db: &'w Connection,
    shape: &'w Shape,
    feed: Feed,
    held: u64,
    next: i64,
    /// Numbers of rows that go, unless they come again.
    going: HashSet<i64>,
    applied: Applied,
}

impl<'w> Writer<'w> {
    fn of(db: &'w Connection, shape: &'w Shape) -> Result<Writer<'w>, ServingError> {
        Ok(Writer {
            db,
            shape,
            feed: Feed { last: file::number(db, LAST)? },
            held: file::unsigned(db, HELD)?,
            next: file::number(db, NEXT)?.max(1),
            going: HashSet::new(),
            applied: Applied::default(),
        })
    }

    /// Adds rows, each in the place of the one with its key.
    fn keyed(&mut self, rows: &Rows<'_>) -> Result<(), ServingError> {
        let width = self.shape.columns.len();
        let list = |form: &dyn Fn(usize) -> String| (0..width).map(form).collect::<Vec<_>>().join(", ");
        let same = list(&|place| format!("c{place} IS ?{}", place + 1));
        let find = format!("SELECT rowid, {same} FROM held WHERE {}", file::key_is(self.shape, width + 1));
        let insert = format!("INSERT INTO held ({}) VALUES ({})", list(&|place| format!("c{place}")), list(&|place| format!("?{}", place + 1)));
        let mut find = self.db.prepare_cached(&find)?;
        let mut insert = self.db.prepare_cached(&insert)?;
        let mut note = Feed::statement(self.db, self.shape)?;
        for row in 0..rows.count {
            rows.bind(row, &mut find)?;
            rows.bind_key(row, &mut find, width + 1)?;
            let found = find.raw_query().next()?.map(|row| different(row, width)).transpose()?;
            let op = match found {
                Some((id, places)) => {
                    self.going.remove(&id);
                    if places.is_empty() {
                        continue;
                    }
                    self.update(rows, row, id, &places)?;
                    self.applied.changed += 1;
                    Op::Changed
                }
                None => {
                    rows.bind(row, &mut insert)?;
                    insert.raw_execute()?;
                    self.applied.added += 1;
                    Op::Added
                }
            };
            self.feed.note_row(&mut note, op, rows, row)?;
        }
        Ok(())
    }

    /// Writes only what is different: an index is written, too, as soon as one of its columns is.
    fn update(&self, rows: &Rows<'_>, row: usize, id: i64, places: &[usize]) -> Result<(), ServingError> {
        let set: Vec<String> = places.iter().zip(2..).map(|(place, parameter)| format!("c{place} = ?{parameter}")).collect();
        let mut update = self.db.prepare_cached(&format!("UPDATE held SET {} WHERE rowid = ?1", set.join(", ")))?;
        update.raw_bind_parameter(1, id)?;
        for (place, parameter) in places.iter().zip(2..) {
            update.raw_bind_parameter(parameter, ToSqlOutput::Borrowed(rows.cell(row, *place)?))?;
        }
        update.raw_execute()?;
        Ok(())
    }

    /// Adds rows that nothing but their content tells apart.
    fn counted(&mut self, rows: &Rows<'_>) -> Result<(), ServingError> {
        let width = self.shape.columns.len();
        // Rows that go, by what tells their content: one of them stays for each that comes again.
        let mut prints: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut print_of = self.db.prepare_cached("SELECT p FROM held WHERE rowid = ?1")?;
        for id in &self.going {
            prints.entry(print_of.query_row([id], |row| row.get(0))?).or_default().push(*id);
        }
        let names: String = (0..width).map(|place| format!("c{place}, ")).collect();
        let marks = vec!["?"; width + 2].join(", ");
        let mut insert = self.db.prepare_cached(&format!("INSERT INTO held ({names} p, rowid) VALUES ({marks})"))?;
        let mut is_same = self.db.prepare_cached(&format!("SELECT 1 FROM held WHERE rowid = ?{} AND {}", width + 1, file::content_is(self.shape)))?;
        let mut note = Feed::statement(self.db, self.shape)?;
        for row in 0..rows.count {
            let print = rows.print(row)?;
            if let Some(ids) = prints.get_mut(&print)
                && let Some(id) = ids.last().copied()
            {
                rows.bind(row, &mut is_same)?;
                is_same.raw_bind_parameter(width + 1, id)?;
                if is_same.raw_query().next()?.is_some() {
                    ids.pop();
                    self.going.remove(&id);
                    continue;
                }
            }
            rows.bind(row, &mut insert)?;
            insert.raw_bind_parameter(width + 1, print)?;
            insert.raw_bind_parameter(width + 2, self.next)?;
            insert.raw_execute()?;
            self.feed.note(&mut note, Op::Added, &[self.next.into()])?;
            self.next += 1;
            self.applied.added += 1;
        }
        Ok(())
    }

    /// Removes what did not come again.
    fn remove(&mut self) -> Result<(), ServingError> {
        let keys: Vec<String> = match self.shape.is_keyed() {
            true => self.shape.key_places().iter().map(|place| format!("c{place}")).collect(),
            false => vec!["rowid".to_owned()],
        };
        let mut delete = self.db.prepare_cached(&format!("DELETE FROM held WHERE rowid = ?1 RETURNING {}", keys.join(", ")))?;
        let mut note = Feed::statement(self.db, self.shape)?;
        // In one order, so that equal histories give equal feeds.
        let mut going: Vec<i64> = self.going.drain().collect();
        going.sort_unstable();
        for id in going {
            let mut rows = delete.query([id])?;
            let Some(row) = rows.next()? else { continue };
            let key = (0..keys.len()).map(|place| row.get::<_, Stored>(place).map(ToSqlOutput::Owned)).collect::<Result<Vec<_>, _>>()?;
            drop(rows);
            self.feed.note(&mut note, Op::Removed, &key)?;
            self.applied.removed += 1;
        }
        Ok(())
    }

    fn end(self, mark: &Mark) -> Result<Applied, ServingError> {
        let held = (self.held + self.applied.added).saturating_sub(self.applied.removed);
        self.feed.end(self.db, held)?;
        file::put(self.db, HELD, i64::try_from(held).unwrap_or(i64::MAX))?;
        file::put(self.db, NEXT, self.next)?;
        file::put_mark(self.db, mark)?;
        Ok(self.applied)
    }
}

/// The number of a row that was found, and where it is not as it is to be.
fn different(row: &Row<'_>, width: usize) -> rusqlite::Result<(i64, Vec<usize>)> {
    let mut places = Vec::new();
    for place in 0..width {
        if !row.get::<_, bool>(place + 1)? {
            places.push(place);
        }
    }
    Ok((row.get(0)?, places))
}

/// Numbers of the rows to remove.
fn going(db: &Connection, shape: &Shape, removed: &[Removal]) -> Result<HashSet<i64>, ServingError> {
    let mut going = HashSet::new();
    let mut hashes: BTreeMap<&str, HashSet<[u8; 16]>> = BTreeMap::new();
    for removal in removed {
        match removal {
            Removal::Key(values) => {
                if !shape.is_keyed() || values.len() != shape.key.len() {
                    return Err(ServingError::Shape(format!("a key of {} values, where the copy's has {}", values.len(), shape.key.len())));
                }
                let mut find = db.prepare_cached(&format!("SELECT rowid FROM held WHERE {}", file::key_is(shape, 1)))?;
                let kinds = shape.key_kinds();
                for (((value, kind), name), parameter) in values.iter().zip(kinds).zip(&shape.key).zip(1..) {
                    find.raw_bind_parameter(parameter, kind.store(name, value)?)?;
                }
                let found: Option<i64> = find.raw_query().next()?.map(|row| row.get(0)).transpose()?;
                going.extend(found);
            }
            Removal::Hash { column, hash } => {
                hashes.entry(column).or_default().insert(*hash);
            }
        }
    }
    for (column, hashes) in hashes {
        let place = shape.place(column)?;
        if shape.columns.get(place).is_none_or(|column| column.kind != Kind::Hash) {
            return Err(ServingError::Shape(format!("column {column} has no hashes")));
        }
        let is_indexed = shape.indexes.iter().chain([&shape.key]).any(|index| index.first().is_some_and(|first| first == column));
        if is_indexed {
            let mut find = db.prepare_cached(&format!("SELECT rowid FROM held WHERE c{place} = ?1"))?;
            for hash in &hashes {
                let found = find.query_map([hash.as_slice()], |row| row.get::<_, i64>(0))?;
                for id in found {
                    going.insert(id?);
                }
            }
        } else {
            let mut all = db.prepare(&format!("SELECT rowid, c{place} FROM held WHERE c{place} IS NOT NULL"))?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                if hashes.contains(&row.get::<_, [u8; 16]>(1)?) {
                    going.insert(row.get(0)?);
                }
            }
        }
    }
    Ok(going)
}
