//! Reading versions: which there are, and the rows of each.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Row, params_from_iter};

use super::delta::{self, Delta};
use super::{NEWEST, Version, columns};
use crate::condition::{self, Condition};
use crate::plan::{self, Plan, Told};
use crate::pool::Pool;
use crate::question::{self, Page, Question, Source};
use crate::{ServingError, Shape, Value, file, generation};

/// Versions, open for reading by many at once. What is published meanwhile is seen by each read that begins after it.
#[derive(Clone)]
pub struct Versions {
    pool: Arc<Pool>,
    shape: Arc<Shape>,
    within: Option<Duration>,
}

impl Versions {
    /// Opens the versions at `path`. Errors: there are none, or the file is damaged.
    pub fn open(path: &Path) -> Result<Versions, ServingError> {
        let (pool, shape) = Pool::open_present(path, file::VERSIONS)?;
        Ok(Versions { pool: Arc::new(pool), shape: Arc::new(shape), within: None })
    }

    /// The same, each of whose reads is stopped with `TooLong` when so much time has passed since it began.
    pub fn within(&self, limit: Duration) -> Versions {
        Versions { within: Some(limit), ..self.clone() }
    }

    /// Whether the file was removed or replaced.
    pub fn is_stale(&self) -> bool {
        generation::present(&self.pool.copy).ok().as_ref() != Some(&self.pool.file)
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    pub fn newest(&self) -> Result<Version, ServingError> {
        self.pool.read(self.within, newest)
    }

    /// One version. Errors: `Gone` if there is none of this number.
    pub fn version(&self, number: u64) -> Result<Version, ServingError> {
        self.pool.read(self.within, |db| version(db, number))
    }

    /// At most `limit` versions, the newest first, from the one numbered `from` downward.
    pub fn versions(&self, from: Option<u64>, limit: u64) -> Result<Vec<Version>, ServingError> {
        self.pool.read(self.within, |db| {
            let mut select = db.prepare_cached("SELECT * FROM version WHERE number <= ?1 ORDER BY number DESC LIMIT ?2")?;
            let [from, limit] = [from.unwrap_or(u64::MAX), limit].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
            let found = select.query_map([from, limit], read_version)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Rows of a version, the newest if none is named. They are all in memory at once: ask with a limit, or use
    /// [`each`](Versions::each).
    pub fn rows(&self, at: Option<u64>, question: &Question) -> Result<Page, ServingError> {
        self.pool.snapshot(self.within, |db| {
            let at = known(db, at)?;
            let mut rows = Vec::new();
            let mut receive = |row: &[Value]| {
                rows.push(row.to_vec());
                ControlFlow::Continue(())
            };
            self.stream(db, at, question, &mut receive)?;
            let total = question.count.then(|| self.total(db, at, question.condition.as_ref())).transpose()?;
            Ok(Page { rows, total })
        })
    }

    /// Gives the rows of a version one by one, until there is none left or `receive` breaks.
    pub fn each(&self, at: Option<u64>, question: &Question, receive: &mut dyn FnMut(&[Value]) -> ControlFlow<()>) -> Result<(), ServingError> {
        self.pool.snapshot(self.within, |db| self.stream(db, known(db, at)?, question, receive))
    }

    /// What a plan tells of a version's rows, the newest if none is named.
    pub fn told(&self, at: Option<u64>, plan: &Plan) -> Result<Told, ServingError> {
        self.pool.snapshot(self.within, |db| plan::tell(db, &self.source(known(db, at)?), &self.shape, plan))
    }

    /// What a plan tells, and how many rows fulfil its condition, whatever its limit says.
    pub fn told_of(&self, at: Option<u64>, plan: &Plan) -> Result<(Told, u64), ServingError> {
        self.pool.snapshot(self.within, |db| {
            let at = known(db, at)?;
            let from = self.source(at);
            let total = plan.filter.as_ref().map_or(Ok(at.rows), |filter| plan::count(db, &from, &self.shape, filter))?;
            Ok((plan::tell(db, &from, &self.shape, plan)?, total))
        })
    }

    /// A page of what differs from one version to another, in an order that stays: by the side and the row's number. `after` is
    /// where the page before ended.
    pub fn delta_page(&self, from: u64, to: u64, after: Option<(bool, u64)>, limit: usize) -> Result<Vec<Delta>, ServingError> {
        self.pool.snapshot(self.within, |db| {
            for number in [from, to].into_iter().filter(|number| *number > 0) {
                version(db, number)?;
            }
            delta::page(db, &self.shape, [from, to].map(signed), after, limit)
        })
    }

    /// What differs from version `from` to version `to`, told row by row: first what was removed, then what was added or
    /// has changed. Who has the rows of `from` by their numbers and applies it has those of `to`. `from` may be the newer
    /// one, or 0, at which there was nothing.
    pub fn delta(&self, from: u64, to: u64, columns: &[String], receive: &mut dyn FnMut(Delta) -> ControlFlow<()>) -> Result<(), ServingError> {
        self.pool.snapshot(self.within, |db| {
            for number in [from, to].into_iter().filter(|number| *number > 0) {
                version(db, number)?;
            }
            delta::tell(db, &self.shape, [from, to].map(signed), columns, receive)
        })
    }

    fn total(&self, db: &Connection, at: At, condition: Option<&Condition>) -> Result<u64, ServingError> {
        let Some(condition) = condition.filter(|condition| **condition != Condition::True) else { return Ok(at.rows) };
        let mut parameters = Vec::new();
        let fulfilled = condition::sql(condition, &self.shape, &mut parameters)?;
        let sql = format!("SELECT count(*) FROM {} WHERE {fulfilled}", self.source(at));
        let total: i64 = db.prepare_cached(&sql)?.query_row(params_from_iter(parameters), |row| row.get(0))?;
        Ok(total.unsigned_abs())
    }

    fn stream(&self, db: &Connection, at: At, question: &Question, receive: &mut dyn FnMut(&[Value]) -> ControlFlow<()>) -> Result<(), ServingError> {
        let from = self.source(at);
        let is_plain = at.newest && question.order.is_empty() && question.condition.is_none() && question.offset > 0;
        if !is_plain {
            return question::stream(db, &Source { from: &from, tie: "r.n", only: None }, &self.shape, question, receive);
        }
        // The rows of the newest version are numbered without a gap.
        let only = Some(format!("r.rowid > {}", signed(question.offset)));
        let question = Question { offset: 0, ..question.clone() };
        question::stream(db, &Source { from: &from, tie: "r.n", only }, &self.shape, &question, receive)
    }

    /// What stands behind `FROM` for the rows of a version.
    fn source(&self, at: At) -> String {
        if at.newest {
            return "held r".to_owned();
        }
        let (names, number) = (columns(&self.shape), at.number);
        format!(
            "(SELECT {names}, n FROM held WHERE since <= {number}
              UNION ALL SELECT {names}, n FROM gone WHERE since <= {number} AND until > {number}) r"
        )
    }
}

/// The version that is asked.
#[derive(Clone, Copy)]
struct At {
    number: i64,
    rows: u64,
    newest: bool,
}

fn known(db: &Connection, at: Option<u64>) -> Result<At, ServingError> {
    let newest = file::unsigned(db, NEWEST)?;
    let version = version(db, at.unwrap_or(newest))?;
    Ok(At { number: signed(version.number), rows: version.rows, newest: version.number == newest })
}

pub(super) fn newest(db: &Connection) -> Result<Version, ServingError> {
    version(db, file::unsigned(db, NEWEST)?)
}

fn version(db: &Connection, number: u64) -> Result<Version, ServingError> {
    let mut select = db.prepare_cached("SELECT * FROM version WHERE number = ?1")?;
    let mut found = select.query_map([signed(number)], read_version)?;
    match found.next().transpose()? {
        Some(version) => Ok(version),
        None => Err(ServingError::Gone { since: number, oldest: 1, last: file::unsigned(db, NEWEST)? }),
    }
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<Version> {
    let count = |place| row.get::<_, i64>(place).map(i64::unsigned_abs);
    Ok(Version { number: count(0)?, rows: count(1)?, added: count(2)?, changed: count(3)?, removed: count(4)?, note: row.get(5)? })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
