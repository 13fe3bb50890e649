//! The tables of a copy's file, and what it notes about itself.

use std::path::Path;

use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql};

use crate::{Mark, ServingError, Shape};

/// What a file is. A number changes when an older file of its form cannot be read any more.
pub(crate) const COPY: i64 = 1;
pub(crate) const VERSIONS: i64 = 101;

/// Notes that are numbers. `next` is the row number that is given out next, in a copy without a key.
pub(crate) const EPOCH: &str = "epoch";
pub(crate) const LAST: &str = "last";
pub(crate) const OLDEST: &str = "oldest";
pub(crate) const HELD: &str = "held";
pub(crate) const NEXT: &str = "next";

/// The empty tables. `held` has the rows: column `c3` is the shape's fourth, and `p` tells equal rows where there is no
/// key. `change` has the last change of each row that had one: `k0`… is the key, or the row's number.
pub(crate) fn tables(shape: &Shape) -> String {
    let (columns, print) = (columns(shape), print(shape));
    let (keys, names) = (shape.key_kinds(), key_names(shape));
    let typed: Vec<String> = keys.iter().zip(&names).map(|(kind, name)| format!("{name} {}", kind.sql())).collect();
    format!(
        "CREATE TABLE note (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
         CREATE TABLE held ({columns}{print});
         CREATE TABLE change (seq INTEGER PRIMARY KEY, op INTEGER NOT NULL, {});
         CREATE UNIQUE INDEX change_key ON change ({});",
        typed.join(", "),
        names.join(", "),
    )
}

/// The columns of rows with their types, as a table is made with them.
pub(crate) fn columns(shape: &Shape) -> String {
    let typed = shape.columns.iter().zip(0..).map(|(column, place)| format!("c{place} {}", column.kind.sql()));
    typed.collect::<Vec<_>>().join(", ")
}

/// The column by which equal rows are told, where there is no key.
pub(crate) fn print(shape: &Shape) -> &'static str {
    if shape.is_keyed() { "" } else { ", p INTEGER" }
}

/// The indexes, made when the rows are in.
pub(crate) fn indexes(shape: &Shape) -> Vec<String> {
    let list = |names: &[String]| {
        let places = names.iter().filter_map(|name| shape.place(name).ok());
        places.map(|place| format!("c{place}")).collect::<Vec<_>>().join(", ")
    };
    let mut made = vec![match shape.is_keyed() {
        true => format!("CREATE UNIQUE INDEX held_key ON held ({})", list(&shape.key)),
        false => "CREATE INDEX held_print ON held (p)".to_owned(),
    }];
    let further = shape.indexes.iter().zip(0..).filter(|(names, place)| **names != shape.key && !shape.indexes.iter().take(*place).any(|n| n == *names));
    // Named by its columns, so that one that is asked for later does not meet another under its name.
    made.extend(further.map(|(names, _)| list(names)).map(|columns| format!("CREATE INDEX held_{} ON held ({columns})", columns.replace(", ", "_"))));
    made
}

/// Names of the columns by which the feed knows a row.
pub(crate) fn key_names(shape: &Shape) -> Vec<String> {
    (0..shape.key_kinds().len()).map(|place| format!("k{place}")).collect()
}

/// The condition that a row of `held` is the one of a key given as parameters from `first`.
pub(crate) fn key_is(shape: &Shape, first: usize) -> String {
    let parts = shape.key_places().into_iter().zip(first..).map(|(place, parameter)| format!("c{place} = ?{parameter}"));
    parts.collect::<Vec<_>>().join(" AND ")
}

/// The condition that a row of `held` has the content given as parameters from 1.
pub(crate) fn content_is(shape: &Shape) -> String {
    let parts = (0..shape.columns.len()).map(|place| format!("c{place} IS ?{}", place + 1));
    parts.collect::<Vec<_>>().join(" AND ")
}

/// Opens a generation's file and checks that we wrote it. The path `copy` is for messages.
pub(crate) fn open(copy: &Path, file: &Path, form: i64, flags: OpenFlags) -> Result<(Connection, Shape), ServingError> {
    if !file.exists() {
        return Err(ServingError::Missing(copy.to_owned()));
    }
    let opened = || -> Result<(Connection, Shape), ServingError> {
        let db = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.set_prepared_statement_cache_capacity(64);
        if number(&db, "form")? != form {
            return Err(ServingError::Damaged(copy.to_owned(), "it has another form".to_owned()));
        }
        let shape: Shape = json(copy, &db, "shape")?;
        shape.check().map_err(|error| ServingError::Damaged(copy.to_owned(), error.to_string()))?;
        Ok((db, shape))
    };
    opened().map_err(|error| error.at(copy))
}

/// Writes what never changes in a file.
pub(crate) fn put_shape(db: &Connection, form: i64, shape: &Shape) -> Result<(), ServingError> {
    put(db, "form", form)?;
    put(db, "shape", serde_json::to_string(shape).map_err(|error| ServingError::Shape(error.to_string()))?)
}

pub(crate) fn put_mark(db: &Connection, mark: &Mark) -> Result<(), ServingError> {
    put(db, "mark", serde_json::to_string(mark).map_err(|error| ServingError::Shape(error.to_string()))?)
}

pub(crate) fn mark(copy: &Path, db: &Connection) -> Result<Mark, ServingError> {
    json(copy, db, "mark")
}

pub(crate) fn number(db: &Connection, name: &str) -> Result<i64, ServingError> {
    Ok(note::<i64>(db, name)?.unwrap_or_default())
}

pub(crate) fn unsigned(db: &Connection, name: &str) -> Result<u64, ServingError> {
    Ok(u64::try_from(number(db, name)?).unwrap_or_default())
}

pub(crate) fn put(db: &Connection, name: &str, value: impl ToSql) -> Result<(), ServingError> {
    db.prepare_cached("REPLACE INTO note VALUES (?1, ?2)")?.execute((name, value))?;
    Ok(())
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(copy: &Path, db: &Connection, name: &str) -> Result<T, ServingError> {
    let text = note::<String>(db, name)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| ServingError::Damaged(copy.to_owned(), format!("its {name}: {error}")))
}

fn note<T: FromSql>(db: &Connection, name: &str) -> Result<Option<T>, ServingError> {
    Ok(db.prepare_cached("SELECT value FROM note WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
}
