//! A table of a PostgreSQL database, looked at before it is read: its columns, its order, the COPY to run.

use data::declare::{Mode, Resource};
use sqlx::{AssertSqlSafe, PgConnection};

use super::failed;
use crate::connect::database::{COUNT_LIMIT, COUNT_SECONDS, Target, find_table, from_the_start, present};
use crate::source::Decision;
use crate::{CollectError, Position};

/// What will be read, and how.
pub struct Table {
    /// `schema.table`.
    pub name: String,
    pub fields: Vec<String>,
    /// Index of the cursor's column, in mode `incremental`.
    pub cursor: Option<usize>,
    pub copy: String,
    pub rows_total: Option<u64>,
    /// The snapshot it is read in, in mode `replication`.
    pub snapshot: Option<String>,
    pub decisions: Vec<Decision>,
}

/// A table at the server.
#[derive(Clone, Debug)]
pub struct Found {
    pub schema: String,
    pub name: String,
    /// Rows, as the server believes.
    estimate: f64,
    pub oid: i64,
}

impl Found {
    /// Its name in SQL.
    pub fn quoted(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }

    /// Its name for people.
    pub fn shown(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

pub struct Column {
    pub name: String,
    /// As `format_type` writes it, fit for a cast.
    pub type_name: String,
    /// Computed from others by the server.
    generated: bool,
}

/// Opens a read-only snapshot and plans the reading of a resource's table in it.
pub async fn plan(
    connection: &mut PgConnection,
    target: &Target,
    resource: &Resource,
    position: &Position,
) -> Result<Table, CollectError> {
    let fail = |error: sqlx::Error| failed(target, &error);
    let found = find(connection, target, &resource.collect.from).await?;
    let streamed = resource.collect.mode == Mode::Replication;
    let mut columns = columns(connection, found.oid).await.map_err(fail)?;
    // The stream does not tell computed columns, so they would be there today and gone tomorrow.
    columns.retain(|column| !(streamed && column.generated));
    let fields: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut decisions = Vec::new();
    let mut cursor = None;
    let mut from = None;
    if resource.collect.mode == Mode::Incremental {
        let index = target.cursor("postgres.cursor_missing", resource, &fields)?;
        cursor = Some(index);
        if let (Some(column), Some(last)) = (columns.get(index), position.cursor.as_deref()) {
            from = literal(connection, column, last, &mut decisions).await;
        }
    }
    begin(connection).await.map_err(fail)?;
    let cursor_name = cursor.and_then(|index| fields.get(index)).map(|name| quoted(name));
    let order = match &cursor_name {
        Some(cursor) => format!(" ORDER BY {cursor} NULLS FIRST"),
        None => key_order(connection, found.oid).await.map_err(fail)?,
    };
    // The last value is read again, and rows without one always are: others like it may have come since.
    // The ledger knows those that were here before.
    let filter = match (&cursor_name, from) {
        (Some(cursor), Some(from)) => format!(" WHERE {cursor} >= {from} OR {cursor} IS NULL"),
        _ => String::new(),
    };
    let relation = found.quoted();
    let list: Vec<String> = columns.iter().map(selected).collect();
    let copy = format!(
        "COPY (SELECT {} FROM {relation}{filter}{order}) TO STDOUT",
        list.join(", ")
    );
    let rows_total = match found.estimate <= COUNT_LIMIT {
        true => count(connection, format!("SELECT count(*) FROM {relation}{filter}")).await.map_err(fail)?,
        false => None,
    };
    let snapshot = match streamed {
        true => Some(snapshot(connection).await.map_err(fail)?),
        false => None,
    };
    Ok(Table { name: found.shown(), fields, cursor, copy, rows_total, snapshot, decisions })
}

/// Finds the table by `table` or `schema.table`; an unqualified name is looked for along the search path first.
pub async fn find(connection: &mut PgConnection, target: &Target, wanted: &str) -> Result<Found, CollectError> {
    let tables: Vec<(String, String, f64, i64)> = sqlx::query_as(
        "SELECT n.nspname::text, c.relname::text, c.reltuples::float8, c.oid::bigint
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
         ORDER BY array_position(current_schemas(false), n.nspname) NULLS LAST, n.nspname, c.relname
         LIMIT 20000",
    )
    .fetch_all(connection)
    .await
    .map_err(|error| failed(target, &error))?;
    let names: Vec<(String, String)> = tables.iter().map(|(schema, name, ..)| (schema.clone(), name.clone())).collect();
    let found = find_table(&names, wanted).and_then(|index| tables.into_iter().nth(index));
    let found = found.map(|(schema, name, estimate, oid)| Found { schema, name, estimate, oid });
    found.ok_or_else(|| target.no_table("postgres.table_missing", wanted, &present(&names, wanted)))
}

pub async fn columns(connection: &mut PgConnection, oid: i64) -> sqlx::Result<Vec<Column>> {
    let columns: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT attname::text, format_type(atttypid, atttypmod), attgenerated <> '' FROM pg_attribute
         WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind(oid)
    .fetch_all(connection)
    .await?;
    Ok(columns.into_iter().map(|(name, type_name, generated)| Column { name, type_name, generated }).collect())
}

/// The last cursor value as a literal of the column's type. If it is none (the column's type was changed), the
/// table is read from the start: the ledger knows the rows that are here already.
async fn literal(
    connection: &mut PgConnection,
    column: &Column,
    last: &str,
    decisions: &mut Vec<Decision>,
) -> Option<String> {
    let literal = format!("'{}'::{}", last.replace('\'', "''"), column.type_name);
    let is_valid = !last.contains('\0')
        && sqlx::query(AssertSqlSafe(format!("SELECT {literal}"))).execute(connection).await.is_ok();
    if is_valid {
        return Some(literal);
    }
    decisions.push(from_the_start(&column.name));
    None
}

async fn begin(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(connection).await.map(|_| ())
}

/// By the primary key, so that each reading is alike; without one, as it comes.
async fn key_order(connection: &mut PgConnection, oid: i64) -> sqlx::Result<String> {
    let key: Vec<String> = sqlx::query_scalar(
        "SELECT a.attname::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, place), pg_attribute a
         WHERE i.indrelid = $1::oid AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.place",
    )
    .bind(oid)
    .fetch_all(connection)
    .await?;
    let key: Vec<String> = key.iter().map(|name| quoted(name)).collect();
    Ok(if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) })
}

/// Which transactions the snapshot of the running transaction shows.
async fn snapshot(connection: &mut PgConnection) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT pg_current_snapshot()::text").fetch_one(connection).await
}

/// The number of rows, within the transaction; `None` when counting takes too long.
async fn count(connection: &mut PgConnection, sql: String) -> sqlx::Result<Option<u64>> {
    let limited = format!("SAVEPOINT counting; SET LOCAL statement_timeout = '{COUNT_SECONDS}s'");
    sqlx::raw_sql(AssertSqlSafe(limited)).execute(&mut *connection).await?;
    let counted: sqlx::Result<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await;
    let cancelled = |error: &sqlx::Error| error.as_database_error().and_then(|error| error.code()).is_some_and(|state| state == "57014");
    let rows = match counted {
        Ok(rows) => Some(u64::try_from(rows).unwrap_or(0)),
        Err(error) if cancelled(&error) => None,
        Err(error) => return Err(error),
    };
    // Takes the limit back as well.
    sqlx::raw_sql("ROLLBACK TO SAVEPOINT counting").execute(connection).await?;
    Ok(rows)
}

/// A column as it is selected; truth values are spelled out, as `t` and `f` would be hard to read.
fn selected(column: &Column) -> String {
    let name = quoted(&column.name);
    if column.type_name == "boolean" { format!("{name}::text AS {name}") } else { name }
}

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
