//! The way back: rows of the raw and standard tables, read from the lake after a crash or at the start of a run.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::take::take_record_batch;
use data::standard::Fault;

use super::REMOVED;
use super::assemble::broken;
use super::identity::{Hash, Version, key_hashes, versions};
use super::table::Table;
use crate::names::SYSTEM_COLUMNS;
use crate::{CollectError, RawBatch};

/// Records of one file as they were committed to the raw table, with the hashes they were committed with.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Its faults are all those the rows were refused for, so a refused row is refused again.
    pub batch: RawBatch,
    pub hash: Vec<Hash>,
}

/// Raw batches from rows of `raw.<resource>`, one for each file, in the order of files and lines.
pub fn from_raw(rows: &RecordBatch) -> Result<Vec<Restored>, CollectError> {
    let files = text(rows, "_file")?;
    let lines = whole(rows, "_line")?;
    let mut order: Vec<u32> = (0..rows.num_rows() as u32).collect();
    let place = |row: &u32| {
        let row = *row as usize;
        (files.is_valid(row).then(|| files.value(row)), lines.is_valid(row).then(|| lines.value(row)))
    };
    order.sort_by(|a, b| place(a).cmp(&place(b)));
    let one_file = order.chunk_by(|a, b| place(a).0 == place(b).0);
    one_file.map(|order| restore(&take_record_batch(rows, &UInt32Array::from(order.to_vec())).map_err(fail)?)).collect()
}

fn restore(rows: &RecordBatch) -> Result<Restored, CollectError> {
    let schema = rows.schema();
    let fields: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .filter(|name| !SYSTEM_COLUMNS.contains(&name.as_str()))
        .collect();
    let columns = fields.iter().map(|field| text(rows, field)).collect::<Result<Vec<_>, _>>()?;
    let file = text(rows, "_file")?;
    let faults = text(rows, "_faults")?;
    let mut found = Vec::new();
    for (row, faults) in faults.iter().enumerate() {
        let faults: Vec<Fault> = faults.map(serde_json::from_str).transpose().map_err(fail)?.unwrap_or_default();
        found.extend(faults.into_iter().map(|fault| (row, fault)));
    }
    let file: Arc<str> = file.iter().flatten().next().unwrap_or_default().into();
    let lines =
        whole(rows, "_line")?.iter().map(|line| line.and_then(|line| u64::try_from(line).ok()).unwrap_or(0)).collect();
    let bytes = Some(bytes(rows, "_bytes")?);
    let removed = removed(rows)?;
    let batch = RawBatch { fields: fields.into(), columns, file, lines, bytes, faults: found, removed };
    Ok(Restored { batch, hash: hashes(rows)? })
}

/// The rows that tell of a removal. Tables written before there were any lack the column.
fn removed(rows: &RecordBatch) -> Result<Vec<usize>, CollectError> {
    if rows.column_by_name("_change").is_none() {
        return Ok(Vec::new());
    }
    let changes = text(rows, "_change")?;
    Ok(changes.iter().enumerate().filter(|(_, change)| *change == Some(REMOVED)).map(|(row, _)| row).collect())
}

/// What the ledger needs of the rows of a standard table. Only the columns of [`Table::identity_columns`] are read.
pub struct Identity {
    pub hash: Hash,
    pub key: Option<Hash>,
    pub version: Option<Version>,
}

impl Table {
    /// The columns of `standard.<resource>` from which rows are known again: key, version, `_hash`.
    pub fn identity_columns(&self) -> Vec<&str> {
        let items = self
            .key
            .iter()
            .chain(&self.version)
            .filter_map(|index| Some(self.standard.fields().get(*index)?.name().as_str()));
        let mut names: Vec<&str> = items.collect();
        names.push("_hash");
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(*name));
        names
    }

    /// The identities of rows of `standard.<resource>`.
    pub fn identities(&self, rows: &RecordBatch) -> Result<Vec<Identity>, CollectError> {
        let typed = |index: &usize| -> Result<ArrayRef, CollectError> {
            let field = self.standard.fields().get(*index).ok_or_else(|| broken(&self.resource, &"item"))?;
            column(rows, field.name(), field.data_type())
        };
        let key: Vec<ArrayRef> = self.key.iter().map(typed).collect::<Result<_, _>>()?;
        let version = self.version.as_ref().map(typed).transpose()?;
        let count = rows.num_rows();
        let keys = key_hashes(&key.iter().collect::<Vec<_>>(), count);
        let versions = version.map_or_else(|| vec![None; count], |column| versions(&column, count));
        let together = hashes(rows)?.into_iter().zip(keys).zip(versions);
        Ok(together.map(|((hash, key), version)| Identity { hash, key, version }).collect())
    }
}

/// A column in the type we wrote, whatever type the engine chose for reading it.
fn column(rows: &RecordBatch, name: &str, data_type: &DataType) -> Result<ArrayRef, CollectError> {
    let column = rows.column_by_name(name).ok_or_else(|| fail(format!("column {name} is missing")))?;
    match column.data_type() == data_type {
        true => Ok(column.clone()),
        false => cast(column, data_type).map_err(fail),
    }
}

fn text(rows: &RecordBatch, name: &str) -> Result<StringArray, CollectError> {
    let column = column(rows, name, &DataType::Utf8)?;
    column.as_string_opt::<i32>().cloned().ok_or_else(|| fail(format!("column {name} is not text")))
}

fn whole(rows: &RecordBatch, name: &str) -> Result<Int64Array, CollectError> {
    let column = column(rows, name, &DataType::Int64)?;
    column.as_primitive_opt::<Int64Type>().cloned().ok_or_else(|| fail(format!("column {name} is not a number")))
}

fn bytes(rows: &RecordBatch, name: &str) -> Result<BinaryArray, CollectError> {
    let column = column(rows, name, &DataType::Binary)?;
    column.as_binary_opt::<i32>().cloned().ok_or_else(|| fail(format!("column {name} is not binary")))
}

fn hashes(rows: &RecordBatch) -> Result<Vec<Hash>, CollectError> {
    let hash = |bytes: Option<&[u8]>| {
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| fail("a _hash is not 16 bytes"))
    };
    bytes(rows, "_hash")?.iter().map(hash).collect()
}

fn fail(error: impl std::fmt::Display) -> CollectError {
    CollectError::new(
        "check.restore",
        "lake",
        format!("湖中的行无法读回：{error}"),
        format!("The rows in the lake cannot be read back: {error}"),
    )
}
