//! Parquet files.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serving::{Kind, Value};

use super::{Rows, flush};
use crate::open::live::OpenColumn;
use crate::{Answer, internal};

/// Rows that are put together before they are written.
const GATHERED: usize = 16_384;

pub(super) struct Table {
    writer: ArrowWriter<BufWriter<File>>,
    schema: SchemaRef,
    columns: Vec<Vec<Option<String>>>,
}

impl Table {
    pub fn begin(file: BufWriter<File>, columns: &[OpenColumn]) -> Answer<Table> {
        let fields: Vec<Field> = columns.iter().map(|column| Field::new(&column.name, arrow(column.kind), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(internal)?)).build();
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(internal)?;
        Ok(Table { writer, columns: vec![Vec::new(); columns.len()], schema })
    }

    fn write(&mut self) -> Answer<()> {
        let gathered = self.columns.iter_mut().map(std::mem::take);
        // Each kind is told as the text that it is read from.
        let column = |(texts, field): (Vec<Option<String>>, &Arc<Field>)| -> Answer<ArrayRef> {
            cast(&StringArray::from(texts), field.data_type()).map_err(internal)
        };
        let columns = gathered.zip(self.schema.fields()).map(column).collect::<Answer<Vec<_>>>()?;
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(internal)?;
        self.writer.write(&batch).map_err(internal)
    }
}

impl Rows for Table {
    fn row(&mut self, row: &[Value]) -> Answer<()> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push((!value.is_null()).then(|| value.text()));
        }
        match self.columns.first().is_some_and(|column| column.len() >= GATHERED) {
            true => self.write(),
            false => Ok(()),
        }
    }

    fn end(mut self: Box<Self>) -> Answer<()> {
        self.write()?;
        flush(self.writer.into_inner().map_err(internal)?)
    }
}

fn arrow(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Hash => DataType::Utf8,
        Kind::Integer => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Decimal { scale } => DataType::Decimal128(18, i8::try_from(scale).unwrap_or(0)),
        Kind::Boolean => DataType::Boolean,
        Kind::Date => DataType::Date32,
        Kind::Moment { zoned: true } => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Moment { zoned: false } => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}
