//! The feed of changes: what is noted, how far back it reaches, and how it is told.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Statement, params_from_iter};
use serde::Serialize;

use crate::batch::Rows;
use crate::condition::{self, Condition};
use crate::file::{self, LAST, OLDEST};
use crate::{ServingError, Shape, Value};

/// The feed reaches back at least so many changes.
const REACH: u64 = 100_000;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    Added,
    Changed,
    Removed,
}

impl Op {
    /// The word in files and messages.
    pub fn word(self) -> &'static str {
        match self {
            Op::Added => "added",
            Op::Changed => "changed",
            Op::Removed => "removed",
        }
    }
}

/// The last change of a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub seq: u64,
    /// The last thing that happened. Earlier changes of the row are not told any more, so a reader may see `Changed` for a
    /// row it never saw, and `Removed` for one it never had.
    pub op: Op,
    /// The values of the key; the row's number ([`ROW`](crate::ROW)) in a copy without a key.
    pub key: Vec<Value>,
    /// The row as it is now: none if it is gone, or does not fulfil the condition.
    pub row: Option<Vec<Value>>,
}

/// Changes in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changes {
    /// Where to go on: the `since` of the next question.
    pub next: u64,
    /// Whether more is there already.
    pub more: bool,
    pub changes: Vec<Change>,
}

/// How far a feed has come, while it is written.
pub(crate) struct Feed {
    pub last: i64,
}

impl Feed {
    /// The statement that notes a change: number, op, key.
    pub fn statement<'d>(db: &'d Connection, shape: &Shape) -> Result<rusqlite::CachedStatement<'d>, ServingError> {
        let marks = vec!["?"; shape.key_kinds().len() + 2].join(", ");
        // The row's change before this one goes.
        Ok(db.prepare_cached(&format!("REPLACE INTO change VALUES ({marks})"))?)
    }

    /// Notes a change of the row that a batch has.
    pub fn note_row(&mut self, statement: &mut Statement<'_>, op: Op, rows: &Rows<'_>, row: usize) -> Result<(), ServingError> {
        self.begin(statement, op)?;
        rows.bind_key(row, statement, 3)?;
        statement.raw_execute()?;
        Ok(())
    }

    /// Notes a change of the row with this key.
    pub fn note(&mut self, statement: &mut Statement<'_>, op: Op, key: &[ToSqlOutput<'_>]) -> Result<(), ServingError> {
        self.begin(statement, op)?;
        for (value, parameter) in key.iter().zip(3..) {
            statement.raw_bind_parameter(parameter, value)?;
        }
        statement.raw_execute()?;
        Ok(())
    }

    fn begin(&mut self, statement: &mut Statement<'_>, op: Op) -> Result<(), ServingError> {
        self.last += 1;
        statement.raw_bind_parameter(1, self.last)?;
        statement.raw_bind_parameter(2, op as i64)?;
        Ok(())
    }

    /// Writes down how far the feed has come, and drops what is too old. `rows` is how many rows are held.
    pub fn end(self, db: &Connection, rows: u64) -> Result<(), ServingError> {
        let reach = i64::try_from(REACH.max(rows.saturating_mul(2))).unwrap_or(i64::MAX);
        let oldest = file::number(db, OLDEST)?.max(self.last.saturating_sub(reach));
        db.execute("DELETE FROM change WHERE seq <= ?1", [oldest])?;
        file::put(db, OLDEST, oldest)?;
        file::put(db, LAST, self.last)
    }
}

/// Changes after `since`, at most `limit`. Called within one snapshot.
pub(crate) fn changes(
    db: &Connection,
    shape: &Shape,
    since: u64,
    limit: u64,
    columns: &[String],
    condition: Option<&Condition>,
) -> Result<Changes, ServingError> {
    let (oldest, last) = (file::unsigned(db, OLDEST)?, file::unsigned(db, LAST)?);
    if since < oldest || since > last {
        return Err(ServingError::Gone { since, oldest, last });
    }
    let (keys, found) = (shape.key_kinds(), shape.found(columns)?);
    let mut parameters = Vec::new();
    let fulfilled = match condition {
        Some(condition) => condition::sql(condition, shape, &mut parameters)?,
        None => "1".to_owned(),
    };
    let names = file::key_names(shape);
    let told: Vec<String> = names.iter().map(|name| format!("f.{name}")).chain(found.iter().map(|(sql, _)| sql.clone())).collect();
    let same: Vec<String> = match shape.is_keyed() {
        true => shape.key_places().iter().zip(&names).map(|(place, name)| format!("r.c{place} = f.{name}")).collect(),
        false => vec!["r.rowid = f.k0".to_owned()],
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).max(1);
    let sql = format!(
        "SELECT f.seq, f.op, r.rowid IS NOT NULL AND ({fulfilled}), {} FROM change f LEFT JOIN held r ON {} WHERE f.seq > ? ORDER BY f.seq LIMIT ?",
        told.join(", "),
        same.join(" AND "),
    );
    parameters.extend([rusqlite::types::Value::Integer(i64::try_from(since).unwrap_or(i64::MAX)), limit.into()]);
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let value = |(place, kind): (usize, crate::Kind)| kind.read(row.get_ref(place)?).ok_or_else(|| odd(place, row));
        let key = (3..).zip(keys.iter().copied()).map(value).collect::<Result<_, ServingError>>()?;
        let there = row.get::<_, Option<bool>>(2)?.unwrap_or(false);
        let told = there.then(|| (3 + keys.len()..).zip(found.iter().map(|(_, kind)| *kind)).map(value).collect::<Result<_, ServingError>>());
        let op = match (there, row.get::<_, i64>(1)?) {
            (false, _) => Op::Removed,
            (true, op) if op == Op::Added as i64 => Op::Added,
            (true, _) => Op::Changed,
        };
        changes.push(Change { seq: row.get::<_, i64>(0)?.unsigned_abs(), op, key, row: told.transpose()? });
    }
    let more = changes.len() as u64 >= limit.unsigned_abs() && changes.last().is_some_and(|change| change.seq < last);
    let next = changes.last().filter(|_| more).map_or(last, |change| change.seq);
    Ok(Changes { next, more, changes })
}

/// A value that its kind never stores.
pub(crate) fn odd(place: usize, row: &rusqlite::Row<'_>) -> ServingError {
    let found = row.get_ref(place).map_or(rusqlite::types::Type::Null, |value| value.data_type());
    ServingError::File(rusqlite::Error::InvalidColumnType(place, String::new(), found))
}
