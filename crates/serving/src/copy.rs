//! A copy that is open for reading.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use crate::condition::{self, Condition};
use crate::feed::{self, Changes, odd};
use crate::file::{self, EPOCH, HELD, LAST};
use crate::pool::Pool;
use crate::{Kind, Mark, ServingError, Shape, Value, generation};

/// What is asked of a copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Names, in the order in which the values come; all if none is named.
    pub columns: Vec<String>,
    pub condition: Option<Condition>,
    /// Columns and whether each is sorted downward. Nothing counts as greater than any value, as in the engine. Rows that
    /// are alike by these keep one order among themselves, so that pages fit.
    pub order: Vec<(String, bool)>,
    pub limit: Option<u64>,
    pub offset: u64,
    /// Whether to tell how many rows there are, whatever limit and offset say.
    pub count: bool,
}

/// The rows of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    pub rows: Vec<Vec<Value>>,
    pub total: Option<u64>,
}

/// A copy, open for reading, by many at once. It shows one generation: [`is_stale`](Copy::is_stale) tells when there is
/// a newer one, which is opened anew. What [`apply`](crate::apply()) does is seen by each read that begins after it.
#[derive(Clone)]
pub struct Copy {
    pool: Arc<Pool>,
    shape: Arc<Shape>,
    epoch: u64,
    within: Option<Duration>,
}

impl Copy {
    /// Opens the copy at `path`. Errors: there is none, or it is damaged.
    pub fn open(path: &Path) -> Result<Copy, ServingError> {
        // Between reading the link and opening the file a builder may have replaced both.
        let mut tries = 0;
        loop {
            let file = generation::present(path)?;
            match Pool::open(path, &file) {
                Err(ServingError::Missing(_)) if tries < 3 && generation::present(path)? != file => tries += 1,
                Err(error) => return Err(error),
                Ok((pool, shape)) => {
                    let epoch = pool.read(None, |db| file::unsigned(db, EPOCH))?;
                    return Ok(Copy { pool: Arc::new(pool), shape: Arc::new(shape), epoch, within: None });
                }
            }
        }
    }

    /// The same copy, each of whose reads is stopped with `TooLong` when so much time has passed since it began; the time
    /// that [`each`](Copy::each)'s receiver takes counts.
    pub fn within(&self, limit: Duration) -> Copy {
        Copy { within: Some(limit), ..self.clone() }
    }

    /// Whether another generation took this one's place, or the copy was removed.
    pub fn is_stale(&self) -> bool {
        generation::present(&self.pool.copy).ok().as_ref() != Some(&self.pool.file)
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What of the table the copy shows.
    pub fn mark(&self) -> Result<Mark, ServingError> {
        self.pool.read(self.within, |db| file::mark(&self.pool.copy, db))
    }

    /// Which feed this is: another epoch's numbers say nothing here, and its readers start again. Below 2^48.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The number of the feed's last change; 0 if there was none.
    pub fn last(&self) -> Result<u64, ServingError> {
        self.pool.read(self.within, |db| file::unsigned(db, LAST))
    }

    /// How many rows the copy has.
    pub fn held(&self) -> Result<u64, ServingError> {
        self.pool.read(self.within, |db| file::unsigned(db, HELD))
    }

    /// The rows asked for. They are all in memory at once: ask with a limit, or use [`each`](Copy::each).
    pub fn rows(&self, question: &Question) -> Result<Page, ServingError> {
        let read = |db: &Connection| {
            let mut rows = Vec::new();
            self.stream(db, question, &mut |row| {
                rows.push(row.to_vec());
                ControlFlow::Continue(())
            })?;
            let total = question.count.then(|| self.total(db, question.condition.as_ref())).transpose()?;
            Ok(Page { rows, total })
        };
        match question.count {
            true => self.pool.snapshot(self.within, read),
            false => self.pool.read(self.within, read),
        }
    }

    /// How many rows fulfil a condition.
    pub fn count(&self, condition: &Condition) -> Result<u64, ServingError> {
        self.pool.read(self.within, |db| self.total(db, Some(condition)))
    }

    /// Gives the rows asked for one by one, all of one snapshot, until there is none left or `receive` breaks. Writers go
    /// on meanwhile, yet their log grows as long as this reads.
    pub fn each(&self, question: &Question, receive: &mut dyn FnMut(&[Value]) -> ControlFlow<()>) -> Result<(), ServingError> {
        self.pool.read(self.within, |db| self.stream(db, question, receive))
    }

    /// The same, with the feed's number that belongs to the snapshot, told before the first row: who takes these rows and
    /// then the changes since that number has the copy's rows at any later moment.
    pub fn each_from(
        &self,
        question: &Question,
        begin: &mut dyn FnMut(u64),
        receive: &mut dyn FnMut(&[Value]) -> ControlFlow<()>,
    ) -> Result<(), ServingError> {
        self.pool.snapshot(self.within, |db| {
            begin(file::unsigned(db, LAST)?);
            self.stream(db, question, receive)
        })
    }

    /// What changed after `since`, at most `limit` changes, each row told once with its last change. Given a condition,
    /// rows that do not fulfil it are told as removed. Errors: `Gone` if the feed does not reach back so far.
    pub fn changes(&self, since: u64, limit: u64, columns: &[String], condition: Option<&Condition>) -> Result<Changes, ServingError> {
        self.pool.snapshot(self.within, |db| feed::changes(db, &self.shape, since, limit, columns, condition))
    }

    fn total(&self, db: &Connection, condition: Option<&Condition>) -> Result<u64, ServingError> {
        let Some(condition) = condition.filter(|condition| **condition != Condition::True) else { return file::unsigned(db, HELD) };
        let mut parameters = Vec::new();
        let fulfilled = condition::sql(condition, &self.shape, &mut parameters)?;
        let mut statement = db.prepare_cached(&format!("SELECT count(*) FROM held r WHERE {fulfilled}"))?;
        let total: i64 = statement.query_row(params_from_iter(parameters), |row| row.get(0))?;
        Ok(total.unsigned_abs())
    }

    fn stream(&self, db: &Connection, question: &Question, receive: &mut dyn FnMut(&[Value]) -> ControlFlow<()>) -> Result<(), ServingError> {
        let mut parameters = Vec::new();
        let (sql, kinds) = self.select(question, &mut parameters)?;
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut values = Vec::with_capacity(kinds.len());
        while let Some(row) = rows.next()? {
            values.clear();
            for (kind, place) in kinds.iter().zip(0..) {
                values.push(kind.read(row.get_ref(place)?).ok_or_else(|| odd(place, row))?);
            }
            if receive(&values).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn select(&self, question: &Question, parameters: &mut Vec<Stored>) -> Result<(String, Vec<Kind>), ServingError> {
        let (names, kinds): (Vec<String>, Vec<Kind>) = self.shape.found(&question.columns)?.into_iter().unzip();
        let mut sql = format!("SELECT {} FROM held r", names.join(", "));
        let mut add = |part: std::fmt::Arguments<'_>| sql.write_fmt(part).map_err(|_| ServingError::Limit("the question is too long".to_owned()));
        if let Some(condition) = &question.condition {
            add(format_args!(" WHERE {}", condition::sql(condition, &self.shape, parameters)?))?;
        }
        let mut separator = " ORDER BY";
        for (column, downward) in &question.order {
            let (name, _) = self.shape.find(column)?;
            // Where nothing can stand, an index is read in one go.
            let can_be_nothing = !self.shape.key.contains(column) && column != crate::ROW;
            let way = match (downward, can_be_nothing) {
                (true, true) => " DESC NULLS FIRST",
                (true, false) => " DESC",
                (false, true) => " NULLS LAST",
                (false, false) => "",
            };
            add(format_args!("{separator} {name}{way}"))?;
            separator = ",";
        }
        if let Some((_, downward)) = question.order.last() {
            add(format_args!(", r.rowid{}", if *downward { " DESC" } else { "" }))?;
        }
        if question.limit.is_some() || question.offset > 0 {
            // As numbers: SQLite plans a statement anew whose limit is a parameter, each time that it is bound.
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            add(format_args!(" LIMIT {} OFFSET {}", question.limit.map_or(-1, number), number(question.offset)))?;
        }
        Ok((sql, kinds))
    }
}
