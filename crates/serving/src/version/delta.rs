//! What differs between two versions.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::columns;
use crate::feed::odd;
use crate::{Kind, Op, ServingError, Shape, Value};

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delta {
    pub op: Op,
    /// The row's number, which is never another row's.
    pub number: u64,
    /// The row as it is in the version that was asked for; as it was before, if it was removed.
    pub row: Vec<Value>,
}

/// Tells the rows that differ from one version to another.
pub(super) fn tell(
    db: &Connection,
    shape: &Shape,
    [from, to]: [i64; 2],
    asked: &[String],
    receive: &mut dyn FnMut(Delta) -> ControlFlow<()>,
) -> Result<(), ServingError> {
    if from == to {
        return Ok(());
    }
    let found = shape.found(asked)?;
    let kinds: Vec<Kind> = found.iter().map(|(_, kind)| *kind).collect();
    for sql in statements(shape, from, to, &found) {
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if receive(read(row, &kinds)?).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// At most so many rows that differ: what was removed by number, then what has come. `after` is the side (whether it has come) and
/// the number behind which to go on.
pub(super) fn page(db: &Connection, shape: &Shape, [from, to]: [i64; 2], after: Option<(bool, u64)>, limit: usize) -> Result<Vec<Delta>, ServingError> {
    let mut told = Vec::new();
    if from == to {
        return Ok(told);
    }
    let found = shape.found(&[])?;
    let kinds: Vec<Kind> = found.iter().map(|(_, kind)| *kind).collect();
    for (sql, come) in statements(shape, from, to, &found).into_iter().zip([false, true]) {
        let behind = match after {
            Some((side, _)) if side && !come => continue,
            Some((side, number)) if side == come => i64::try_from(number).unwrap_or(i64::MAX),
            _ => 0,
        };
        let mut statement = db.prepare_cached(&format!("{sql} AND r.n > ? ORDER BY r.n LIMIT ?"))?;
        let room = i64::try_from(limit.saturating_sub(told.len())).unwrap_or(i64::MAX);
        let mut rows = statement.query([behind, room])?;
        while let Some(row) = rows.next()? {
            told.push(read(row, &kinds)?);
        }
    }
    Ok(told)
}

/// The statements for what was removed, and for what was added or has changed.
fn statements(shape: &Shape, from: i64, to: i64, found: &[(String, Kind)]) -> [String; 2] {
    let told = found.iter().map(|(sql, _)| format!(", {sql}")).collect::<String>();
    let same = (0..shape.columns.len()).map(|place| format!("o.c{place} IS r.c{place}")).collect::<Vec<_>>().join(" AND ");
    let (before, after) = (Side::of(shape, from, to), Side::of(shape, to, from));
    [
        format!("SELECT {}, r.n{told} FROM {} WHERE NOT EXISTS ({})", Op::Removed as i64, before.rows, after.of_number),
        format!(
            "SELECT iif(o.n IS NULL, {}, {}), r.n{told} FROM {} LEFT JOIN {} o ON o.n = r.n WHERE (o.n IS NULL OR NOT ({same}))",
            Op::Added as i64,
            Op::Changed as i64,
            after.rows,
            before.other,
        ),
    ]
}

fn read(row: &Row<'_>, kinds: &[Kind]) -> Result<Delta, ServingError> {
    let op = match row.get::<_, i64>(0)? {
        op if op == Op::Added as i64 => Op::Added,
        op if op == Op::Changed as i64 => Op::Changed,
        _ => Op::Removed,
    };
    let values = (2..).zip(kinds).map(|(place, kind)| kind.read(row.get_ref(place)?).ok_or_else(|| odd(place, row)));
    Ok(Delta { op, number: row.get::<_, i64>(1)?.unsigned_abs(), row: values.collect::<Result<_, ServingError>>()? })
}

/// The rows of one version that are not rows of the other as they stand; how they are found.
struct Side {
    /// Behind `FROM`, called `r`.
    rows: String,
    /// The same, to be joined with.
    other: String,
    /// A SELECT that finds something if the row of the number `r.n` is there.
    of_number: String,
}

impl Side {
    /// The rows of version `at` that came after `other` or went by it, whichever is older.
    fn of(shape: &Shape, at: i64, other: i64) -> Side {
        let names = columns(shape);
        let rows = if at > other {
            // Of the newer version: what came after the older one. Version 1 comes after nothing, and is asked as a whole.
            let later = if other >= 1 { format!("since > {other} AND since > 1 AND since <= {at}") } else { format!("since <= {at}") };
            format!(
                "(SELECT {names}, n FROM held WHERE {later}
                  UNION ALL SELECT {names}, n FROM gone WHERE {later} AND until > {at})"
            )
        } else {
            // Of the older one: what went by the newer one.
            format!("(SELECT {names}, n FROM gone WHERE since <= {at} AND until > {at} AND until <= {other})")
        };
        Side { of_number: format!("SELECT 1 FROM {rows} s WHERE s.n = r.n"), other: rows.clone(), rows: format!("{rows} r") }
    }
}
