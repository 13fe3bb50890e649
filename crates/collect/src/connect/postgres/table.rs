//! A table of a PostgreSQL database, looked at before it is read: its columns, its order, the COPY to run.

use data::declare::{Mode, Resource};
use kernel::Text;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Target, failed};
use crate::connect::hint;
use crate::names::field_of;
use crate::source::Decision;
use crate::{CollectError, Position};

/// Above so many rows by the server's estimate, counting them first would cost more than it tells.
const COUNT_LIMIT: f64 = 20_000_000.0;

/// What will be read, and how.
pub struct Table {
    /// `schema.table`.
    pub name: String,
    pub fields: Vec<String>,
    /// Index of the cursor's column, in mode `incremental`.
    pub cursor: Option<usize>,
    pub copy: String,
    pub rows_total: Option<u64>,
    pub decisions: Vec<Decision>,
}

struct Column {
    name: String,
    /// As `format_type` writes it, fit for a cast.
    type_name: String,
}

/// Opens a read-only snapshot and plans the reading of a resource's table in it.
pub async fn plan(
    connection: &mut PgConnection,
    target: &Target,
    resource: &Resource,
    position: &Position,
) -> Result<Table, CollectError> {
    let fail = |error: sqlx::Error| failed(target, &error);
    let (schema, name, estimate, oid) = find(connection, target, &resource.collect.from).await?;
    let columns = columns(connection, oid).await.map_err(fail)?;
    let fields: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut decisions = Vec::new();
    let mut cursor = None;
    let mut from = None;
    if resource.collect.mode == Mode::Incremental {
        let index = cursor_of(target, resource, &fields)?;
        cursor = Some(index);
        if let (Some(column), Some(last)) = (columns.get(index), position.cursor.as_deref()) {
            from = literal(connection, column, last, &mut decisions).await;
        }
    }
    begin(connection).await.map_err(fail)?;
    let cursor_name = cursor.and_then(|index| fields.get(index)).map(|name| quoted(name));
    let order = match &cursor_name {
        Some(cursor) => format!(" ORDER BY {cursor} NULLS FIRST"),
        None => key_order(connection, oid).await.map_err(fail)?,
    };
    // The last value is read again, and rows without one always are: others like it may have come since.
    // The ledger knows those that were here before.
    let filter = match (&cursor_name, from) {
        (Some(cursor), Some(from)) => format!(" WHERE {cursor} >= {from} OR {cursor} IS NULL"),
        _ => String::new(),
    };
    let relation = format!("{}.{}", quoted(&schema), quoted(&name));
    let list: Vec<String> = columns.iter().map(selected).collect();
    let copy = format!(
        "COPY (SELECT {} FROM {relation}{filter}{order}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)",
        list.join(", ")
    );
    let rows_total = match estimate <= COUNT_LIMIT {
        true => Some(count(connection, format!("SELECT count(*) FROM {relation}{filter}")).await.map_err(fail)?),
        false => None,
    };
    Ok(Table { name: format!("{schema}.{name}"), fields, cursor, copy, rows_total, decisions })
}

/// Finds the table by `table` or `schema.table`; an unqualified name is looked for along the search path first.
async fn find(
    connection: &mut PgConnection,
    target: &Target,
    wanted: &str,
) -> Result<(String, String, f64, i64), CollectError> {
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
    let named = |same: fn(&str, &str) -> bool| {
        tables.iter().position(|(schema, name, ..)| same(name, wanted) || same(&format!("{schema}.{name}"), wanted))
    };
    let found = named(|a, b| a == b).or_else(|| named(str::eq_ignore_ascii_case));
    if let Some(table) = found.and_then(|index| tables.get(index)) {
        return Ok(table.clone());
    }
    let qualified = wanted.contains('.');
    let present: Vec<String> = tables
        .iter()
        .map(|(schema, name, ..)| if qualified { format!("{schema}.{name}") } else { name.clone() })
        .collect();
    let (zh, en) = hint(wanted, &present);
    Err(CollectError::new(
        "postgres.table_missing",
        &target.shown,
        format!("数据库中没有表「{wanted}」，或账号看不到它。{zh}"),
        format!("The database has no table “{wanted}” that this account can see. {en}"),
    ))
}

async fn columns(connection: &mut PgConnection, oid: i64) -> sqlx::Result<Vec<Column>> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
         WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind(oid)
    .fetch_all(connection)
    .await?;
    Ok(columns.into_iter().map(|(name, type_name)| Column { name, type_name }).collect())
}

fn cursor_of(target: &Target, resource: &Resource, fields: &[String]) -> Result<usize, CollectError> {
    let cursor = resource.collect.cursor.as_deref().unwrap_or_default();
    let field = field_of(resource, cursor, fields);
    field.and_then(|field| fields.iter().position(|name| name == field)).ok_or_else(|| {
        let (zh, en) = hint(cursor, fields);
        CollectError::new(
            "postgres.cursor_missing",
            &target.shown,
            format!("表中没有游标信息项「{cursor}」的列。{zh}"),
            format!("The table has no column for the cursor item “{cursor}”. {en}"),
        )
    })
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
    decisions.push(Decision {
        what: "cursor".to_owned(),
        about: column.name.clone(),
        chosen: "start".to_owned(),
        why: Text::new(
            "上次的游标值已不符合该列的类型，从头读取。",
            "The last cursor value does not fit the column's type any more: reading from the start.",
        ),
    });
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

async fn count(connection: &mut PgConnection, sql: String) -> sqlx::Result<u64> {
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

/// A column as it is selected; truth values are spelled out, as `t` and `f` would be hard to read.
fn selected(column: &Column) -> String {
    let name = quoted(&column.name);
    if column.type_name == "boolean" { format!("{name}::text AS {name}") } else { name }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
