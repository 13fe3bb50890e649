//! A table of a MySQL or MariaDB database, looked at before it is read: its columns, its order, the SELECT to run.

use data::declare::{Mode, Resource};
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Row};

use super::{failed, number};
use crate::connect::database::{COUNT_LIMIT, COUNT_SECONDS, Target, find_table, from_the_start, present};
use crate::source::Decision;
use crate::{CollectError, Position};

/// A statement took longer than it was allowed to, as MariaDB and as MySQL number it.
const TOO_LONG: [u16; 2] = [1969, 3024];

/// What every session agrees on: the plain quoting of SQL, times in UTC, and a patient server, as our own commits
/// may keep its rows waiting.
const SESSION: &str = "SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = 600";

/// What will be read, and how.
pub struct Table {
    /// `database.table`.
    pub name: String,
    pub fields: Vec<String>,
    /// In which form each column's values come.
    pub forms: Vec<Form>,
    /// Index of the cursor's column, in mode `incremental`.
    pub cursor: Option<usize>,
    pub select: String,
    pub rows_total: Option<u64>,
    pub decisions: Vec<Decision>,
}

/// The form in which the server sends a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Told in hex.
    Bytes,
    /// A FLOAT, sent as the DOUBLE of the same value, because the server itself would round it to six digits.
    Float,
}

struct Column {
    name: String,
    /// `bigint`, `varchar`, `timestamp`…
    data_type: String,
}

/// Opens a snapshot and plans the reading of a resource's table in it.
pub async fn plan(
    connection: &mut MySqlConnection,
    target: &Target,
    resource: &Resource,
    position: &Position,
) -> Result<Table, CollectError> {
    let fail = |error: sqlx::Error| failed(target, &error);
    run(connection, SESSION).await.map_err(fail)?;
    let (schema, name) = find(connection, target, &resource.collect.from).await?;
    let columns = columns(connection, &schema, &name).await.map_err(fail)?;
    let fields: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut decisions = Vec::new();
    let mut cursor = None;
    let mut from = None;
    if resource.collect.mode == Mode::Incremental {
        let index = target.cursor("mysql.cursor_missing", resource, &fields)?;
        cursor = Some(index);
        if let (Some(column), Some(last)) = (columns.get(index), position.cursor.as_deref()) {
            from = literal(&column.data_type, last);
            decisions.extend(from.is_none().then(|| from_the_start(&column.name)));
        }
    }
    let estimate = estimate(connection, &schema, &name).await.map_err(fail)?;
    begin(connection).await.map_err(fail)?;
    let axes = axis_order(connection).await.map_err(fail)?;
    let cursor_name = cursor.and_then(|index| fields.get(index)).map(|name| quoted(name));
    let order = match &cursor_name {
        Some(cursor) => format!(" ORDER BY {cursor}"),
        None => key_order(connection, &schema, &name).await.map_err(fail)?,
    };
    // The last value is read again, and rows without one always are: others like it may have come since.
    // The ledger knows those that were here before.
    let filter = match (&cursor_name, from) {
        (Some(cursor), Some(from)) => format!(" WHERE {cursor} >= {from} OR {cursor} IS NULL"),
        _ => String::new(),
    };
    let relation = format!("{}.{}", quoted(&schema), quoted(&name));
    let (list, forms): (Vec<String>, Vec<Form>) = columns.iter().map(|column| selected(column, axes)).unzip();
    let select = format!("SELECT {} FROM {relation}{filter}{order}", list.join(", "));
    let rows_total = match estimate <= COUNT_LIMIT {
        true => count(connection, format!("SELECT COUNT(*) FROM {relation}{filter}")).await.map_err(fail)?,
        false => None,
    };
    Ok(Table { name: format!("{schema}.{name}"), fields, forms, cursor, select, rows_total, decisions })
}

/// Finds the table by `table` or `database.table`; an unqualified name is looked for in the connection's database first.
async fn find(
    connection: &mut MySqlConnection,
    target: &Target,
    wanted: &str,
) -> Result<(String, String), CollectError> {
    let rows = texts(
        connection,
        "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
         WHERE TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
         ORDER BY TABLE_SCHEMA = DATABASE() DESC, TABLE_SCHEMA, TABLE_NAME LIMIT 20000"
            .to_owned(),
    );
    let rows = rows.await.map_err(|error| failed(target, &error))?;
    let mut tables: Vec<(String, String)> = rows.into_iter().map(pair).collect();
    match find_table(&tables, wanted) {
        Some(index) => Ok(tables.swap_remove(index)),
        None => Err(target.no_table("mysql.table_missing", wanted, &present(&tables, wanted))),
    }
}

async fn columns(connection: &mut MySqlConnection, schema: &str, table: &str) -> sqlx::Result<Vec<Column>> {
    let rows = texts(
        connection,
        format!(
            "SELECT COLUMN_NAME, LOWER(DATA_TYPE) FROM information_schema.COLUMNS
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} ORDER BY ORDINAL_POSITION",
            text_literal(schema),
            text_literal(table)
        ),
    );
    let rows = rows.await?.into_iter().map(pair);
    Ok(rows.map(|(name, data_type)| Column { name, data_type }).collect())
}

/// How many rows the server believes the table to have; none for a view.
async fn estimate(connection: &mut MySqlConnection, schema: &str, table: &str) -> sqlx::Result<f64> {
    let rows = texts(
        connection,
        format!(
            "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            text_literal(schema),
            text_literal(table)
        ),
    );
    let first = rows.await?.into_iter().next().and_then(|row| row.into_iter().next().flatten());
    Ok(first.and_then(|rows| rows.parse().ok()).unwrap_or(0.0))
}

async fn begin(connection: &mut MySqlConnection) -> sqlx::Result<()> {
    run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
    run(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").await
}

/// MySQL 8 writes latitude first where the reference system says so, unless told otherwise; others know no such option.
async fn axis_order(connection: &mut MySqlConnection) -> sqlx::Result<&'static str> {
    let rows = texts(connection, "SELECT VERSION()".to_owned()).await?;
    let version = rows.into_iter().flatten().flatten().next().unwrap_or_default();
    let major: u32 = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    let newer = major >= 8 && !version.contains("MariaDB") && !version.contains("TiDB");
    Ok(if newer { ", 'axis-order=long-lat'" } else { "" })
}

/// By the primary key, so that each reading is alike; without one, as it comes.
async fn key_order(connection: &mut MySqlConnection, schema: &str, table: &str) -> sqlx::Result<String> {
    let rows = texts(
        connection,
        format!(
            "SELECT COLUMN_NAME FROM information_schema.STATISTICS
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX",
            text_literal(schema),
            text_literal(table)
        ),
    );
    let key: Vec<String> = rows.await?.into_iter().flatten().flatten().map(|name| quoted(&name)).collect();
    Ok(if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) })
}

/// The number of rows; `None` when counting takes too long, which ends the statement and not the transaction.
async fn count(connection: &mut MySqlConnection, sql: String) -> sqlx::Result<Option<u64>> {
    // Each of the family knows one of these settings; one that is not known changes nothing.
    let seconds = [("max_statement_time", COUNT_SECONDS), ("max_execution_time", COUNT_SECONDS * 1000)];
    for (name, limit) in seconds {
        let _ = set(connection, format!("SET SESSION {name} = {limit}")).await;
    }
    let counted = texts(connection, sql).await;
    for (name, _) in seconds {
        let _ = set(connection, format!("SET SESSION {name} = DEFAULT")).await;
    }
    match counted {
        Ok(rows) => Ok(rows.into_iter().flatten().flatten().next().and_then(|rows| rows.parse().ok())),
        Err(error) if TOO_LONG.contains(&number(&error)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A column as it is selected so that its text is exact, and the form in which it comes.
fn selected(column: &Column, axes: &str) -> (String, Form) {
    let name = quoted(&column.name);
    match column.data_type.as_str() {
        "bit" => (format!("CAST({name} AS UNSIGNED)"), Form::Text),
        "float" => (format!("{name} + 0e0"), Form::Float),
        // An instant; the session speaks UTC.
        "timestamp" => (format!("CONCAT({name}, '+00:00')"), Form::Text),
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon"
        | "geometrycollection" | "geomcollection" => (format!("ST_AsText({name}{axes})"), Form::Text),
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "vector" => (name, Form::Bytes),
        _ => (name, Form::Text),
    }
}

/// The last cursor value as a literal that compares as the column's type does; `None` when it is none.
fn literal(data_type: &str, last: &str) -> Option<String> {
    let all = |signs: &str| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit() || signs.contains(char::from(byte)));
    match data_type {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "bit" | "year" => {
            all("-.").then(|| last.to_owned())
        }
        "float" | "double" => all("-+.e").then(|| last.to_owned()),
        "date" | "datetime" | "timestamp" | "time" => {
            let bare = last.strip_suffix("+00:00").unwrap_or(last);
            all("-+: .").then(|| format!("'{bare}'"))
        }
        _ => Some(text_literal(last)),
    }
}

/// A text in SQL, under the session's empty `sql_mode`.
fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

async fn run(connection: &mut MySqlConnection, sql: &'static str) -> sqlx::Result<()> {
    sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
}

async fn set(connection: &mut MySqlConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ())
}

/// A small answer as texts.
async fn texts(connection: &mut MySqlConnection, sql: String) -> sqlx::Result<Vec<Vec<Option<String>>>> {
    let rows: Vec<MySqlRow> = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let cells = |row: &MySqlRow| (0..row.len()).map(|index| row.try_get_unchecked(index)).collect();
    rows.iter().map(cells).collect()
}

fn pair(row: Vec<Option<String>>) -> (String, String) {
    let mut cells = row.into_iter().map(Option::unwrap_or_default);
    (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
}
