//! A table of a SQLite database, looked at before it is read: its columns, its order, the SELECT to run.

use data::declare::{Mode, Resource};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::connect::hint;
use crate::names::field_of;
use crate::{CollectError, Position};

/// What will be read, and how.
pub struct Table {
    pub name: String,
    pub fields: Vec<String>,
    /// Whether each column was declared to hold bytes.
    pub binary: Vec<bool>,
    /// Index of the cursor's column, in mode `incremental`.
    pub cursor: Option<usize>,
    pub select: String,
    pub count: String,
    /// Bound to the SELECT's only parameter, if it has one.
    pub from: Option<Value>,
}

impl Table {
    /// Plans the reading of a resource's table: all of it, or what the cursor says is new.
    pub fn plan(
        connection: &Connection,
        name: &str,
        resource: Option<&Resource>,
        position: &Position,
    ) -> Result<Table, Problem> {
        let name = find(connection, name)?;
        let (fields, binary) = columns(connection, &name)?;
        let mut table =
            Table { select: String::new(), count: String::new(), cursor: None, from: None, name, fields, binary };
        if let Some(resource) = resource.filter(|resource| resource.collect.mode == Mode::Incremental) {
            table.cursor = Some(table.cursor_of(resource)?);
            table.from = position.cursor.as_deref().and_then(typed);
        }
        let order = match table.cursor_name() {
            Some(cursor) => format!(" ORDER BY {cursor}"),
            None => stable_order(connection, &table)?,
        };
        // The last value is read again, and rows without one always are: others like it may have come since.
        // The ledger knows those that were here before.
        let filter = match (table.cursor_name(), &table.from) {
            (Some(cursor), Some(_)) => format!(" WHERE {cursor} >= ?1 OR {cursor} IS NULL"),
            _ => String::new(),
        };
        let from = quoted(&table.name);
        table.select = format!("SELECT * FROM {from}{filter}{order}");
        table.count = format!("SELECT count(*) FROM {from}{filter}");
        Ok(table)
    }

    fn cursor_name(&self) -> Option<String> {
        self.cursor.and_then(|index| self.fields.get(index)).map(|name| quoted(name))
    }

    fn cursor_of(&self, resource: &Resource) -> Result<usize, Problem> {
        let cursor = resource.collect.cursor.as_deref().unwrap_or_default();
        let field = field_of(resource, cursor, &self.fields);
        let index = field.and_then(|field| self.fields.iter().position(|name| name == field));
        index.ok_or_else(|| Problem::NoCursor { cursor: cursor.to_owned(), fields: self.fields.clone() })
    }
}

/// Why a table cannot be read.
pub enum Problem {
    Sqlite(rusqlite::Error),
    NoTable { wanted: String, present: Vec<String> },
    NoCursor { cursor: String, fields: Vec<String> },
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Problem {
        Problem::Sqlite(error)
    }
}

impl Problem {
    pub fn into_error(self, source_name: &str) -> CollectError {
        match self {
            Problem::Sqlite(error) => super::failed(source_name, &error),
            Problem::NoTable { wanted, present } => {
                let (zh, en) = hint(&wanted, &present);
                CollectError::new(
                    "sqlite.table_missing",
                    source_name,
                    format!("数据库中没有表「{wanted}」。{zh}"),
                    format!("The database has no table “{wanted}”. {en}"),
                )
            }
            Problem::NoCursor { cursor, fields } => {
                let (zh, en) = hint(&cursor, &fields);
                CollectError::new(
                    "sqlite.cursor_missing",
                    source_name,
                    format!("表中没有游标信息项「{cursor}」的列。{zh}"),
                    format!("The table has no column for the cursor item “{cursor}”. {en}"),
                )
            }
        }
    }
}

/// Names of the tables and views, in the order they were made.
pub fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid LIMIT 10000")?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

fn find(connection: &Connection, wanted: &str) -> Result<String, Problem> {
    let present = tables(connection)?;
    let exact = present.iter().find(|name| *name == wanted);
    let found = exact.or_else(|| present.iter().find(|name| name.eq_ignore_ascii_case(wanted))).cloned();
    found.ok_or_else(|| Problem::NoTable { wanted: wanted.to_owned(), present })
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<(Vec<String>, Vec<bool>)> {
    let statement = connection.prepare(&format!("SELECT * FROM {}", quoted(table)))?;
    let fields: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut declared = connection.prepare("SELECT name, type FROM pragma_table_xinfo(?1)")?;
    let types: Vec<(String, String)> =
        declared.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let is_binary =
        |field: &String| types.iter().any(|(name, kind)| name == field && kind.eq_ignore_ascii_case("blob"));
    let binary = fields.iter().map(is_binary).collect();
    Ok((fields, binary))
}

/// The order in which a table is read each time alike: by rowid, else by primary key, else as it comes.
fn stable_order(connection: &Connection, table: &Table) -> rusqlite::Result<String> {
    let free = ["rowid", "_rowid_", "oid"]
        .into_iter()
        .find(|name| !table.fields.iter().any(|field| field.eq_ignore_ascii_case(name)));
    let has_rowid =
        |name: &&str| connection.prepare(&format!("SELECT {name} FROM {} LIMIT 0", quoted(&table.name))).is_ok();
    let is_table: bool = connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1",
        [&table.name],
        |row| row.get(0),
    )?;
    if let Some(name) = free.filter(has_rowid).filter(|_| is_table) {
        return Ok(format!(" ORDER BY {name}"));
    }
    let mut statement = connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk")?;
    let key: Vec<String> = statement.query_map([&table.name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let key: Vec<String> = key.iter().map(|name| quoted(name)).collect();
    Ok(if key.is_empty() { String::new() } else { format!(" ORDER BY {}", key.join(", ")) })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A cursor as [`super::rows::cursor_text`] wrote it; anything else is read as "from the start".
fn typed(text: &str) -> Option<Value> {
    match text.split_once(':')? {
        ("integer", number) => number.parse().ok().map(Value::Integer),
        ("real", number) => number.parse().ok().map(Value::Real),
        ("text", text) => Some(Value::Text(text.to_owned())),
        _ => None,
    }
}
