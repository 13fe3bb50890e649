//! Writers: one for each form in which departments deliver. Each gets finished cells as text.

mod delimited;
mod excel;
mod json;
mod parquet;
mod sqlite;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use data::declare::Kind;

use crate::catalogue::standards;
use crate::defects::numeric;
use crate::error::SampleError;
use crate::spec::{Delivery, Table};

pub use sqlite::Database;

/// The cells of one row, end to end in one buffer.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Appends what `write` writes as the next cell.
    pub fn push(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    pub fn get(&self, position: usize) -> &str {
        let start = if position == 0 { 0 } else { self.ends.get(position - 1).copied().unwrap_or(0) };
        self.ends.get(position).and_then(|end| self.text.get(start..*end)).unwrap_or("")
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The same cells with one exchanged.
    pub fn with(&self, position: usize, value: &str) -> Cells {
        let mut cells = Cells::default();
        for place in 0..self.len() {
            cells.push(|out| out.push_str(if place == position { value } else { self.get(place) }));
        }
        cells
    }
}

/// What happens to a row as a whole on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    None,
    /// The last two fields are missing.
    Short,
    /// A byte that no encoding of the file allows.
    Byte,
}

/// A column as writers see it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub source: &'static str,
    pub kind: Kind,
    pub numeric: bool,
}

pub fn fields(table: &Table) -> Vec<Field> {
    let field = |column: &crate::spec::Column| {
        let kind = standards::kind(column.standard);
        Field { source: column.source, kind, numeric: numeric(kind) }
    };
    table.columns.iter().map(field).collect()
}

/// Where rows go.
pub trait Sink {
    /// Writes a row; returns its line (sheet row, row id, or number of the record), from 1.
    fn write(&mut self, cells: &Cells, damage: Damage) -> Result<u64, SampleError>;
    fn finish(self: Box<Self>) -> Result<(), SampleError>;
}

/// The writer of a table that lies in a file of its own.
pub fn open(table: &Table, path: &Path) -> Result<Box<dyn Sink>, SampleError> {
    Ok(match table.delivery {
        Delivery::Csv { .. } => Box::new(delimited::Delimited::create(table, path)?),
        Delivery::Xlsx { header } => Box::new(excel::Sheet::create(table, header, path)?),
        Delivery::Parquet => Box::new(parquet::Columns::create(table, path)?),
        _ => Box::new(json::Records::create(table, path)?),
    })
}

fn create(path: &Path) -> Result<BufWriter<File>, SampleError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(SampleError::file(folder))?;
    }
    Ok(BufWriter::with_capacity(1 << 18, File::create(path).map_err(SampleError::file(path))?))
}
