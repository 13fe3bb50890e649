//! Parquet: typed columns, as a data platform hands tables on.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as ArrowField, Schema};

use super::{fields, Cells, Damage, Field, Sink};
use crate::error::SampleError;
use crate::spec::Table;

/// Rows gathered before they are written as a row group's part.
const BATCH: usize = 20_000;

pub struct Columns {
    writer: ArrowWriter<File>,
    path: PathBuf,
    fields: Vec<Field>,
    schema: Arc<Schema>,
    waiting: Vec<Cells>,
    count: u64,
}

impl Columns {
    pub fn create(table: &Table, path: &Path) -> Result<Columns, SampleError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(SampleError::file(folder))?;
        }
        let fields = fields(table);
        let arrow = fields.iter().map(|field| {
            let kind = if field.numeric { DataType::Float64 } else { DataType::Utf8 };
            ArrowField::new(field.source, kind, true)
        });
        let schema = Arc::new(Schema::new(arrow.collect::<Vec<_>>()));
        let file = File::create(path).map_err(SampleError::file(path))?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(SampleError::format(path))?;
        Ok(Columns { writer, path: path.to_owned(), fields, schema, waiting: Vec::new(), count: 0 })
    }

    fn flush(&mut self) -> Result<(), SampleError> {
        let waiting = std::mem::take(&mut self.waiting);
        let column = |(position, field): (usize, &Field)| -> ArrayRef {
            let cells = waiting.iter().map(|cells| Some(cells.get(position)).filter(|cell| !cell.is_empty()));
            if field.numeric {
                let mut builder = Float64Builder::new();
                cells.for_each(|cell| builder.append_option(cell.and_then(|text| text.parse().ok())));
                Arc::new(builder.finish())
            } else {
                let mut builder = StringBuilder::new();
                cells.for_each(|cell| builder.append_option(cell));
                Arc::new(builder.finish())
            }
        };
        let columns = self.fields.iter().enumerate().map(column).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(SampleError::format(&self.path))?;
        self.writer.write(&batch).map_err(SampleError::format(&self.path))
    }
}

impl Sink for Columns {
    fn write(&mut self, cells: &Cells, _damage: Damage) -> Result<u64, SampleError> {
        self.waiting.push(cells.clone());
        self.count += 1;
        if self.waiting.len() >= BATCH {
            self.flush()?;
        }
        Ok(self.count)
    }

    fn finish(mut self: Box<Self>) -> Result<(), SampleError> {
        if !self.waiting.is_empty() {
            self.flush()?;
        }
        self.writer.close().map(|_| ()).map_err(SampleError::format(&self.path))
    }
}
