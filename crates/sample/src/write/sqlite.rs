//! Databases: several tables of one system in one SQLite file, one transaction each.

use std::path::{Path, PathBuf};

use data::declare::Kind;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql};

use super::{fields, Cells, Damage, Field, Sink};
use crate::error::SampleError;
use crate::spec::Table;

/// A database under construction.
pub struct Database {
    connection: Connection,
    path: PathBuf,
}

impl Database {
    /// A new, empty database file in place of any there.
    pub fn create(path: &Path) -> Result<Database, SampleError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(SampleError::file(folder))?;
        }
        if path.exists() {
            std::fs::remove_file(path).map_err(SampleError::file(path))?;
        }
        let connection = Connection::open(path).map_err(SampleError::format(path))?;
        // Made anew from the seed if the power fails, so no journal is kept.
        connection
            .execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;")
            .map_err(SampleError::format(path))?;
        Ok(Database { connection, path: path.to_owned() })
    }

    pub fn table<'d>(&'d self, table: &Table) -> Result<Box<dyn Sink + 'd>, SampleError> {
        let failed = SampleError::format::<rusqlite::Error>;
        let fields = fields(table);
        let columns: Vec<String> = fields.iter().map(|field| format!("\"{}\" {}", field.source, column_type(field))).collect();
        let places = vec!["?"; fields.len()].join(", ");
        let begin = format!("BEGIN; CREATE TABLE \"{}\" ({});", table.id, columns.join(", "));
        self.connection.execute_batch(&begin).map_err(failed(&self.path))?;
        let insert = self.connection.prepare(&format!("INSERT INTO \"{}\" VALUES ({places})", table.id)).map_err(failed(&self.path))?;
        Ok(Box::new(Rows { database: self, insert, fields, count: 0 }))
    }
}

fn column_type(field: &Field) -> &'static str {
    match field.kind {
        Kind::Integer | Kind::Boolean => "INTEGER",
        Kind::Number | Kind::Longitude | Kind::Latitude => "REAL",
        Kind::Money => "NUMERIC",
        _ => "TEXT",
    }
}

struct Rows<'d> {
    database: &'d Database,
    insert: Statement<'d>,
    fields: Vec<Field>,
    count: u64,
}

/// One cell, with the type that the column has at heart.
struct Cell<'c>(&'c str, Field);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let Cell(text, field) = self;
        Ok(ToSqlOutput::Borrowed(match *text {
            "" => ValueRef::Null,
            "是" if field.kind == Kind::Boolean => ValueRef::Integer(1),
            "否" if field.kind == Kind::Boolean => ValueRef::Integer(0),
            text => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl Sink for Rows<'_> {
    fn write(&mut self, cells: &Cells, _damage: Damage) -> Result<u64, SampleError> {
        let failed = SampleError::format::<rusqlite::Error>;
        for (position, field) in self.fields.iter().enumerate() {
            let cell = Cell(cells.get(position), *field);
            self.insert.raw_bind_parameter(position + 1, cell).map_err(failed(&self.database.path))?;
        }
        self.insert.raw_execute().map_err(failed(&self.database.path))?;
        self.count += 1;
        Ok(self.count)
    }

    fn finish(self: Box<Self>) -> Result<(), SampleError> {
        let Rows { database, insert, .. } = *self;
        drop(insert);
        database.connection.execute_batch("COMMIT").map_err(SampleError::format(&database.path))
    }
}
