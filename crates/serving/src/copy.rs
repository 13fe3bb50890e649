//! A copy that is open for reading.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, params_from_iter};

use crate::condition::{self, Condition};
use crate::feed::{self, Changes};
use crate::file::{self, EPOCH, HELD, LAST};
use crate::pool::Pool;
use crate::question::{self, Page, Question, Source};
use crate::{Mark, ServingError, Shape, Value, generation};

const HELD_ROWS: Source<'static> = Source { from: "held r", tie: "r.rowid", only: None };

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
        let (pool, shape) = Pool::open_present(path, file::COPY)?;
        let epoch = pool.read(None, |db| file::unsigned(db, EPOCH))?;
        Ok(Copy { pool: Arc::new(pool), shape: Arc::new(shape), epoch, within: None })
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
        question::stream(db, &HELD_ROWS, &self.shape, question, receive)
    }
}
