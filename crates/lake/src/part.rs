//! Data files: our own Parquet, named by the hash of its bytes, durable before anything refers to it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use datafusion::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use serde_json::{Value, json};

use crate::disk::{self, Hashes, Hashing, Proof};
use crate::encode::{Columns, Encoder, Lenders, Written};
use crate::{LakeError, types};

/// One data file of a table, as the log names it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub name: String,
    pub bytes: u64,
    pub rows: u64,
    /// Milliseconds since the epoch.
    pub modified: i64,
    /// JSON in the form of the Delta protocol.
    pub stats: String,
}

impl Part {
    pub fn add(&self, change: bool) -> Value {
        json!({ "add": { "path": self.name, "partitionValues": {}, "size": self.bytes, "modificationTime": self.modified,
            "dataChange": change, "stats": self.stats } })
    }

    /// As an `add` of the log tells it.
    pub fn added(add: &Value) -> Option<Part> {
        let stats = add.get("stats")?.as_str()?.to_owned();
        let rows = serde_json::from_str::<Value>(&stats).ok()?.get("numRecords")?.as_u64()?;
        let name = add.get("path")?.as_str()?.to_owned();
        let inside = !name.starts_with('/') && !name.split('/').any(|word| word == "..");
        inside.then_some(())?;
        Some(Part { name, bytes: add.get("size")?.as_u64()?, rows, modified: add.get("modificationTime")?.as_i64()?, stats })
    }

    pub fn remove(&self, change: bool, now: i64) -> Value {
        json!({ "remove": { "path": self.name, "deletionTimestamp": now, "dataChange": change, "extendedFileMetadata": true,
            "partitionValues": {}, "size": self.bytes } })
    }

    /// The hashes its name promises; `None` for a file some other program wrote.
    pub fn promised(&self) -> Option<Hashes> {
        let mut words = self.name.strip_suffix(".parquet")?.strip_prefix("rows-")?.split('-');
        let good = |word: &str, length: usize| word.len() == length && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let first = words.next()?;
        let (sha256, quick) = if first.len() == disk::QUICK { ("", first) } else { (first, words.next()?) };
        let known = good(quick, disk::QUICK) && (sha256.is_empty() || good(sha256, 64));
        known.then(|| Hashes { sha256: sha256.to_owned(), quick: quick.to_owned() })
    }

    /// Compares the file with the size and hash the log promises.
    pub fn verify(&self, folder: &Path, proof: Proof) -> Result<(), LakeError> {
        let path = folder.join(&self.name);
        self.check_size(folder)?;
        let Some(promised) = self.promised() else {
            return Ok(());
        };
        let found = disk::hash_file(&path, proof)?;
        let forged = proof == Proof::Full && !promised.sha256.is_empty() && found.sha256 != promised.sha256;
        if forged || found.quick != promised.quick { Err(LakeError::damaged(&path, "its bytes have changed")) } else { Ok(()) }
    }

    pub fn check_size(&self, folder: &Path) -> Result<(), LakeError> {
        let path = folder.join(&self.name);
        match fs::metadata(&path) {
            Ok(found) if found.len() == self.bytes => Ok(()),
            Ok(found) => Err(LakeError::damaged(&path, format!("{} bytes, should be {}", found.len(), self.bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(LakeError::damaged(&path, "missing")),
            Err(error) => Err(LakeError::io(&path, &error)),
        }
    }
}

/// Writes the batches as one data file; `None` when there are no rows.
pub(crate) fn write(
    folder: &Path,
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, LakeError>>,
    now: i64,
) -> Result<Option<Part>, LakeError> {
    let mut batches = batches.into_iter();
    let Some(first) = batches.next().transpose()? else {
        return Ok(None);
    };
    let rest = std::iter::once(Ok(first.clone())).chain(batches);
    let written = stage(folder, schema, &first, now, |encoder| {
        for batch in rest {
            let batch = types::conform(&batch?, schema)?;
            encoder.add(&batch)?;
        }
        Ok(())
    })?;
    Ok(written.map(|(part, _)| part))
}

/// Writes each batch as a row group of its own, taking over the columns that lenders have encoded, and lends its own.
pub(crate) fn write_lending(
    folder: &Path,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    now: i64,
    lenders: &Lenders,
) -> Result<Option<Part>, LakeError> {
    let Some(first) = batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Ok(None);
    };
    let written = stage(folder, schema, first, now, |encoder| {
        for batch in batches {
            let batch = types::conform(batch, schema)?;
            encoder.add_group(&batch, lenders)?;
        }
        Ok(())
    })?;
    Ok(written.map(|(part, lent)| {
        lenders.lend(&folder.join(&part.name), lent);
        part
    }))
}

/// Writes the row groups of some files, all of them in this schema, as one data file.
pub(crate) fn write_carrying(folder: &Path, schema: &SchemaRef, parts: &[Arc<Part>], now: i64) -> Result<Part, LakeError> {
    let written = stage(folder, schema, &RecordBatch::new_empty(schema.clone()), now, |encoder| {
        for part in parts {
            let path = folder.join(&part.name);
            let file = File::open(&path).map_err(|error| LakeError::io(&path, &error))?;
            encoder.carry(&file, metadata(folder, part, PageIndexPolicy::Optional)?.as_ref())?;
        }
        Ok(())
    })?;
    let (part, _) = written.ok_or_else(|| LakeError::damaged(folder, "files with rows became one without"))?;
    Ok(part)
}

type Sink = Hashing<BufWriter<File>>;

/// Writes a file under an unfinished name and gives it its own when it is durable.
fn stage(
    folder: &Path,
    schema: &SchemaRef,
    sample: &RecordBatch,
    now: i64,
    fill: impl FnOnce(&mut Encoder<Sink>) -> Result<(), LakeError>,
) -> Result<Option<(Part, Columns)>, LakeError> {
    disk::create_folder(folder).map_err(|error| LakeError::io(folder, &error))?;
    let staged = disk::unfinished(folder);
    let written = stage_at(&staged, folder, schema, sample, now, fill);
    if !matches!(written, Ok(Some(_))) {
        let _ = fs::remove_file(&staged);
    }
    written
}

fn stage_at(
    staged: &Path,
    folder: &Path,
    schema: &SchemaRef,
    sample: &RecordBatch,
    now: i64,
    fill: impl FnOnce(&mut Encoder<Sink>) -> Result<(), LakeError>,
) -> Result<Option<(Part, Columns)>, LakeError> {
    let fail = |error: std::io::Error| LakeError::io(staged, &error);
    let file = OpenOptions::new().write(true).create_new(true).open(staged).map_err(fail)?;
    let sink = Hashing::new(BufWriter::with_capacity(1 << 20, file), Proof::Full);
    let mut encoder = Encoder::new(sink, schema, &types::conform(sample, schema)?)?;
    fill(&mut encoder)?;
    let Written { mut sink, rows, stats, lent } = encoder.finish()?;
    if rows == 0 {
        return Ok(None);
    }
    sink.flush().map_err(fail)?;
    let Hashes { sha256, quick } = sink.hashes();
    let bytes = sink.written;
    let file = sink.inner.into_inner().map_err(|error| LakeError::io(staged, error.error()))?;
    file.sync_all().map_err(fail)?;
    let unique = uuid::Uuid::now_v7().simple().to_string();
    let name = format!("rows-{sha256}-{quick}-{unique}.parquet");
    fs::rename(staged, folder.join(&name)).map_err(fail)?;
    disk::sync_folder(folder).map_err(fail)?;
    Ok(Some((Part { name, bytes, rows, modified: now, stats }, lent)))
}

/// Takes away files that came to nothing. What cannot be removed now, `vacuum` takes later.
pub(crate) fn remove(folder: &Path, parts: &[Part]) {
    parts.iter().for_each(|part| drop(fs::remove_file(folder.join(&part.name))));
}

/// Opens a data file for reading some columns (all when `None`), in their kept types.
pub(crate) fn read(folder: &Path, part: &Part, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, LakeError> {
    Ok(reader(folder, part, columns, PageIndexPolicy::Skip)?.build()?)
}

/// The same for some of its rows, ascending.
pub(crate) fn read_ranges(
    folder: &Path,
    part: &Part,
    columns: &[&str],
    rows: Vec<Range<usize>>,
) -> Result<ParquetRecordBatchReader, LakeError> {
    let selection = RowSelection::from_consecutive_ranges(rows.into_iter(), usize::try_from(part.rows).unwrap_or(usize::MAX));
    Ok(reader(folder, part, Some(columns), PageIndexPolicy::Optional)?.with_row_selection(selection).build()?)
}

/// What the foot of a data file says.
pub(crate) fn metadata(folder: &Path, part: &Part, index: PageIndexPolicy) -> Result<Arc<ParquetMetaData>, LakeError> {
    Ok(reader(folder, part, None, index)?.metadata().clone())
}

fn reader(
    folder: &Path,
    part: &Part,
    columns: Option<&[&str]>,
    index: PageIndexPolicy,
) -> Result<ParquetRecordBatchReaderBuilder<File>, LakeError> {
    let path = folder.join(&part.name);
    part.check_size(folder)?;
    let file = File::open(&path).map_err(|error| LakeError::io(&path, &error))?;
    let options = ArrowReaderOptions::new().with_page_index_policy(index);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| LakeError::damaged(&path, error.to_string()))?;
    let mask = columns.map(|wanted| {
        let schema = builder.schema();
        let roots = schema.fields().iter().enumerate().filter(|(_, field)| wanted.contains(&field.name().as_str()));
        datafusion::parquet::arrow::ProjectionMask::roots(builder.parquet_schema(), roots.map(|(at, _)| at))
    });
    let builder = match mask {
        Some(mask) => builder.with_projection(mask),
        None => builder,
    };
    Ok(builder.with_batch_size(8192))
}

pub(crate) type Parts = Vec<Arc<Part>>;
