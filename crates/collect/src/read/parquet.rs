//! Parquet files: every column as text, without loss.

use std::fs::File;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::input::Input;
use super::{ReadOptions, Records};
use crate::source::Decision;
use crate::{CollectError, RawBatch};

/// Rows decoded at once; batches asked for are cut from them.
const DECODED: usize = 4096;

pub(crate) struct ParquetRecords {
    reader: ParquetRecordBatchReader,
    left: Option<RecordBatch>,
    fields: Arc<[String]>,
    file: Arc<str>,
    rows: u64,
    total: u64,
}

pub(crate) fn open(input: &Input) -> Result<ParquetRecords, CollectError> {
    let (reader, total) = if input.is_plain() {
        build(File::open(input.path()).map_err(|e| input.failure(&e))?, input.shown())?
    } else {
        build(Bytes::from(input.whole()?), input.shown())?
    };
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    let names = super::rows::unique_names(schema.fields().iter().map(|f| f.name().as_str()));
    Ok(ParquetRecords { reader, left: None, fields: names.into(), file: Arc::from(input.shown()), rows: 0, total })
}

fn build<R: parquet::file::reader::ChunkReader + 'static>(
    source: R,
    name: &str,
) -> Result<(ParquetRecordBatchReader, u64), CollectError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(source).map_err(|e| broken(name, &e))?;
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    Ok((builder.with_batch_size(DECODED).build().map_err(|e| broken(name, &e))?, total))
}

fn broken(name: &str, why: &dyn std::fmt::Display) -> CollectError {
    CollectError::new(
        "parquet.broken",
        name,
        format!("Parquet 文件无法读取（{why}）；请让部门重新导出"),
        format!("the Parquet file cannot be read ({why}); ask for a new export"),
    )
}

impl Records for ParquetRecords {
    fn next(&mut self, max_rows: usize) -> Result<Option<RawBatch>, CollectError> {
        let batch = match self.left.take() {
            Some(batch) => batch,
            None => match self.reader.next() {
                None => return Ok(None),
                Some(read) => read.map_err(|e| broken(&self.file, &e))?,
            },
        };
        let batch = cut(batch, max_rows, &mut self.left);
        let rows = batch.num_rows();
        let columns: Result<Vec<_>, _> = batch.columns().iter().map(text).collect();
        let first = self.rows + 1;
        self.rows += rows as u64;
        Ok(Some(RawBatch {
            fields: self.fields.clone(),
            columns: columns.map_err(|e| broken(&self.file, &e))?,
            file: self.file.clone(),
            lines: (first..first + rows as u64).collect(),
            bytes: None,
            faults: Vec::new(),
        }))
    }

    fn decisions(&self) -> Vec<Decision> {
        Vec::new()
    }

    fn chosen(&self) -> ReadOptions {
        ReadOptions::default()
    }

    fn rows_total(&self) -> Option<u64> {
        Some(self.total)
    }
}

/// The first rows of a decoded batch, at most `max_rows`; the others are left for the next time.
pub(super) fn cut(batch: RecordBatch, max_rows: usize, left: &mut Option<RecordBatch>) -> RecordBatch {
    let rows = batch.num_rows().min(max_rows);
    if rows < batch.num_rows() {
        *left = Some(batch.slice(rows, batch.num_rows() - rows));
    }
    batch.slice(0, rows)
}

/// A column as text: dates and times in ISO 8601, decimals in full, bytes as text where they are, else in hex.
pub(super) fn text(column: &ArrayRef) -> Result<StringArray, arrow_schema::ArrowError> {
    if let Some(strings) = column.as_string_opt::<i32>() {
        return Ok(strings.clone());
    }
    let column = match column.data_type() {
        DataType::Dictionary(_, values) => &arrow_cast::cast(column, values)?,
        DataType::BinaryView | DataType::LargeBinary => &arrow_cast::cast(column, &DataType::Binary)?,
        _ => column,
    };
    let mut out = StringBuilder::with_capacity(column.len(), column.len() * 8);
    if let Some(binary) = column.as_binary_opt::<i32>() {
        for value in binary {
            match value.map(|v| std::str::from_utf8(v).map_err(|_| v)) {
                None => out.append_null(),
                Some(Ok(text)) => out.append_value(text),
                Some(Err(bytes)) => out.append_value(hex(bytes)),
            }
        }
        return Ok(out.finish());
    }
    let options = FormatOptions::default();
    let format = ArrayFormatter::try_new(column.as_ref(), &options)?;
    for row in 0..column.len() {
        if column.is_null(row) {
            out.append_null();
        } else {
            out.append_value(format.value(row).try_to_string()?);
        }
    }
    Ok(out.finish())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |mut text, byte| {
        use std::fmt::Write;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
