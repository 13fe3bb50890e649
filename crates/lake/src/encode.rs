//! Batches become row groups of Parquet. A column that has just been encoded for another table is taken over as it
//! stands: the raw and the standard layer hold the same texts, and encoding them is most of the work of landing.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::hash::Hash;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use datafusion::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use datafusion::parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::column::writer::ColumnCloseResult;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use datafusion::parquet::schema::types::{ColumnPath, SchemaDescriptor};

use crate::{LakeError, stats};

/// Large enough to compress well, small enough for a filter to skip most of a file.
pub(crate) const ROWS_PER_GROUP: usize = 128 * 1024;
/// Values looked at to tell whether a dictionary pays.
const LOOK: usize = 4096;
/// Files whose columns may still be taken over.
const LENDERS: usize = 8;

/// Columns by the arrays they were encoded from.
pub(crate) type Columns = Vec<(Weak<dyn Array>, ColumnCloseResult)>;

/// Columns of one data file, found by the arrays they were encoded from. It keeps no array alive: what nobody else
/// holds any more, nobody will write again.
struct Lent {
    path: PathBuf,
    columns: Columns,
}

/// What was written last, table after table.
#[derive(Default)]
pub(crate) struct Lenders(Mutex<VecDeque<Lent>>);

impl Lenders {
    pub fn lend(&self, path: &Path, columns: Columns) {
        let mut lent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lent.push_back(Lent { path: path.to_owned(), columns });
        if lent.len() > LENDERS {
            lent.pop_front();
        }
    }

    /// A file where this very array has been encoded under this name.
    fn find(&self, name: &str, array: &ArrayRef) -> Option<(File, ColumnCloseResult)> {
        let lent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = lent.iter().rev().find_map(|lent| {
            let same = |(held, close): &&(Weak<dyn Array>, ColumnCloseResult)| {
                held.upgrade().is_some_and(|held| Arc::ptr_eq(&held, array)) && close.metadata.column_descr().name() == name
            };
            lent.columns.iter().find(same).map(|(_, close)| (&lent.path, close.clone()))
        });
        // The file may be gone again; then the column is encoded here.
        found.and_then(|(path, close)| Some((File::open(path).ok()?, close)))
    }
}

/// One column of the row group under way.
enum Column {
    Encoded(ArrowColumnChunk),
    Lent(File, ColumnCloseResult),
}

/// A file that is at its end.
pub(crate) struct Written<W> {
    pub sink: W,
    pub rows: u64,
    /// JSON in the form of the Delta protocol.
    pub stats: String,
    /// What may be lent of it.
    pub lent: Columns,
}

/// Writes one file.
pub(crate) struct Encoder<W: Write + Send> {
    file: SerializedFileWriter<W>,
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    groups: usize,
    /// A row group that several small batches share, and its rows.
    open: Option<(Vec<ArrowColumnWriter>, usize)>,
    lent: Columns,
}

impl<W: Write + Send> Encoder<W> {
    /// `sample`: rows by which it is told how each column is best encoded.
    pub fn new(sink: W, schema: &SchemaRef, sample: &RecordBatch) -> Result<Encoder<W>, LakeError> {
        let mut properties = properties(sample)?;
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let parquet = parquet_schema(schema)?;
        let file = SerializedFileWriter::new(sink, parquet.root_schema_ptr(), Arc::new(properties))?;
        let factory = ArrowRowGroupWriterFactory::new(&file, schema.clone());
        Ok(Encoder { file, schema: schema.clone(), factory, groups: 0, open: None, lent: Vec::new() })
    }

    /// Adds rows to the row group under way.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let mut from = 0;
        while from < batch.num_rows() {
            let (mut writers, rows) = match self.open.take() {
                Some(open) => open,
                None => (self.factory.create_column_writers(self.groups)?, 0),
            };
            let length = (ROWS_PER_GROUP - rows).min(batch.num_rows() - from);
            let mut writer = writers.iter_mut();
            for (field, column) in self.schema.fields().iter().zip(batch.slice(from, length).columns()) {
                for leaf in compute_leaves(field, column)? {
                    writer.next().ok_or_else(narrow)?.write(&leaf)?;
                }
            }
            from += length;
            self.open = Some((writers, rows + length));
            if rows + length == ROWS_PER_GROUP {
                self.end_group()?;
            }
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), LakeError> {
        let Some((writers, _)) = self.open.take() else {
            return Ok(());
        };
        let mut group = self.file.next_row_group()?;
        for writer in writers {
            writer.close()?.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.groups += 1;
        Ok(())
    }

    /// Adds rows as row groups of their own, taking over what lenders have, and remembers what may be lent.
    pub fn add_group(&mut self, batch: &RecordBatch, lenders: &Lenders) -> Result<(), LakeError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if batch.num_rows() > ROWS_PER_GROUP || batch.num_columns() != self.file.schema_descr().num_columns() {
            self.add(batch)?;
            return self.end_group();
        }
        self.end_group()?;
        let writers = self.factory.create_column_writers(self.groups)?;
        let mut columns = Vec::with_capacity(writers.len());
        for ((field, array), mut writer) in self.schema.fields().iter().zip(batch.columns()).zip(writers) {
            columns.push(match lenders.find(field.name(), array) {
                Some((file, close)) => Column::Lent(file, close),
                None => {
                    for leaf in compute_leaves(field, array)? {
                        writer.write(&leaf)?;
                    }
                    Column::Encoded(writer.close()?)
                }
            });
        }
        let mut group = self.file.next_row_group()?;
        let mut closed = Vec::with_capacity(columns.len());
        for column in columns {
            closed.push(put(column, &mut group)?);
        }
        let group = group.close()?;
        self.groups += 1;
        for ((array, close), metadata) in batch.columns().iter().zip(closed).zip(group.columns()) {
            self.lent.extend(close.map(|close| (Arc::downgrade(array), placed(close, metadata.clone()))));
        }
        Ok(())
    }

    /// Adds the row groups of a file of the same columns as they stand.
    pub fn carry(&mut self, file: &File, metadata: &ParquetMetaData) -> Result<(), LakeError> {
        self.end_group()?;
        for (at, from) in metadata.row_groups().iter().enumerate() {
            let mut group = self.file.next_row_group()?;
            for (column, chunk) in from.columns().iter().enumerate() {
                let close = ColumnCloseResult {
                    bytes_written: chunk.compressed_size().try_into().unwrap_or(0),
                    rows_written: from.num_rows().try_into().unwrap_or(0),
                    metadata: chunk.clone(),
                    bloom_filter: None,
                    column_index: metadata.column_index().and_then(|index| index.get(at)?.get(column)).cloned(),
                    offset_index: metadata.offset_index().and_then(|index| index.get(at)?.get(column)).cloned(),
                };
                group.append_column(file, close)?;
            }
            group.close()?;
            self.groups += 1;
        }
        Ok(())
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<Written<W>, LakeError> {
        self.end_group()?;
        let groups = self.file.flushed_row_groups();
        let rows = groups.iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).sum();
        let stats = stats::gather(&self.schema, self.file.schema_descr(), groups)?;
        Ok(Written { sink: self.file.into_inner()?, rows, stats, lent: self.lent })
    }
}

/// Appends one column; what was encoded here comes back as it may be lent.
fn put<W: Write + Send>(column: Column, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<Option<ColumnCloseResult>, LakeError> {
    match column {
        Column::Encoded(chunk) => {
            let close = chunk.close().clone();
            chunk.append_to_row_group(group)?;
            Ok(Some(close))
        }
        Column::Lent(file, close) => {
            group.append_column(&file, close)?;
            Ok(None)
        }
    }
}

/// What was encoded, with its places in the file it went into.
fn placed(mut close: ColumnCloseResult, metadata: datafusion::parquet::file::metadata::ColumnChunkMetaData) -> ColumnCloseResult {
    let start = metadata.data_page_offset();
    if let Some(pages) = &mut close.offset_index {
        let first = pages.page_locations.first().map_or(0, |page| page.offset);
        pages.page_locations.iter_mut().for_each(|page| page.offset += start - first);
    }
    close.metadata = metadata;
    close
}

/// The columns of a file of ours.
pub(crate) fn parquet_schema(schema: &SchemaRef) -> Result<SchemaDescriptor, LakeError> {
    Ok(ArrowSchemaConverter::new().convert(schema)?)
}

fn narrow() -> LakeError {
    LakeError::Engine("a batch has more columns than its file".to_owned())
}

fn properties(sample: &RecordBatch) -> Result<WriterProperties, LakeError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by("sanjiang".to_owned());
    let sample = sample.slice(0, sample.num_rows().min(LOOK));
    for (field, column) in sample.schema().fields().iter().zip(sample.columns()) {
        if !varied(column) {
            continue;
        }
        let path = || ColumnPath::new(vec![field.name().clone()]);
        properties = properties.set_column_dictionary_enabled(path(), false);
        properties = match field.data_type() {
            DataType::Int64 => properties.set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED),
            // Hashes do not compress.
            DataType::Binary => properties.set_column_compression(path(), Compression::UNCOMPRESSED),
            _ => properties,
        };
    }
    Ok(properties.build())
}

/// Whether most values stand once, so that a dictionary would be built in vain.
fn varied(column: &ArrayRef) -> bool {
    fn once<T: Hash + Eq>(values: impl Iterator<Item = T>) -> bool {
        let (mut all, mut different) = (0, HashSet::new());
        values.for_each(|value| {
            all += 1;
            different.insert(value);
        });
        all >= 64 && different.len() * 4 > all * 3
    }
    match column.data_type() {
        DataType::Utf8 => once(column.as_string::<i32>().iter().flatten()),
        DataType::Binary => once(column.as_binary::<i32>().iter().flatten()),
        DataType::Int64 => once(column.as_primitive::<Int64Type>().iter().flatten()),
        DataType::Date32 => once(column.as_primitive::<Date32Type>().iter().flatten()),
        DataType::Float64 => once(column.as_primitive::<Float64Type>().iter().flatten().map(f64::to_bits)),
        DataType::Decimal128(_, _) => once(column.as_primitive::<Decimal128Type>().iter().flatten()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            once(column.as_primitive::<TimestampMicrosecondType>().iter().flatten())
        }
        _ => false,
    }
}
