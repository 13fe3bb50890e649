//! Records as they were found: text, with where each came from.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, StringArray};
use data::standard::Fault;

use crate::CollectError;

/// Some consecutive records of one source, all with the same fields.
///
/// Every vector and column has `rows` entries. A record that could not be read as one (ragged line, undecodable
/// bytes, broken JSON) has null in every column and an entry in `faults`; it is kept, not dropped.
#[derive(Clone, Debug)]
pub struct RawBatch {
    /// Field names as the source has them.
    pub fields: Arc<[String]>,
    /// One per field: the text as found; null where the field is absent or SQL NULL. Never trimmed, never converted.
    pub columns: Vec<StringArray>,
    /// What the records were read from: `people.csv`, `book.xlsx#Sheet1`, `people.db#person`, `https://…?page=3`.
    pub file: Arc<str>,
    /// 1-based line (text), sheet row, record number (JSON, tables) of each record's start.
    pub lines: Vec<u64>,
    /// The record's original bytes in the source's own encoding, for text sources; otherwise `None`
    /// and the record is shown as JSON of its fields.
    pub bytes: Option<BinaryArray>,
    /// (row in this batch, why it could not be read), ascending by row.
    pub faults: Vec<(usize, Fault)>,
    /// Rows that tell of a removal at the source, ascending. Of their fields only those of the key need be there.
    pub removed: Vec<usize>,
}

impl RawBatch {
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Whether a row tells of a removal at the source.
    pub fn is_removed(&self, row: usize) -> bool {
        self.removed.binary_search(&row).is_ok()
    }

    /// The same records with these fields, in this order: those they lack are null. Fields that are not among them go.
    pub fn with_fields(self, fields: &Arc<[String]>) -> RawBatch {
        if self.fields == *fields {
            return self;
        }
        let rows = self.rows();
        let column = |field: &String| match self.fields.iter().position(|own| own == field) {
            Some(place) => self.columns.get(place).cloned().unwrap_or_else(|| StringArray::new_null(rows)),
            None => StringArray::new_null(rows),
        };
        RawBatch { columns: fields.iter().map(column).collect(), fields: fields.clone(), ..self }
    }

    /// These records and those that follow them in the same file, with the fields of both.
    pub fn and(self, more: RawBatch) -> Result<RawBatch, CollectError> {
        let mut fields = self.fields.to_vec();
        fields.extend(more.fields.iter().filter(|field| !self.fields.contains(field)).cloned());
        let fields: Arc<[String]> = fields.into();
        let first = self.rows();
        let (before, more) = (self.with_fields(&fields), more.with_fields(&fields));
        let bytes = match (&before.bytes, &more.bytes) {
            (None, None) => None,
            (a, b) => Some(joined(&[&bytes_or_null(a, first), &bytes_or_null(b, more.rows())])?.as_binary::<i32>().clone()),
        };
        let column = |(a, b): (&StringArray, &StringArray)| Ok(joined(&[a, b])?.as_string::<i32>().clone());
        let columns = before.columns.iter().zip(&more.columns).map(column).collect::<Result<_, CollectError>>()?;
        let faults = before.faults.into_iter().chain(more.faults.into_iter().map(|(row, fault)| (row + first, fault)));
        Ok(RawBatch {
            fields,
            columns,
            file: before.file,
            lines: before.lines.into_iter().chain(more.lines).collect(),
            bytes,
            faults: faults.collect(),
            removed: before.removed.into_iter().chain(more.removed.into_iter().map(|row| row + first)).collect(),
        })
    }
}

fn bytes_or_null(bytes: &Option<BinaryArray>, rows: usize) -> BinaryArray {
    bytes.clone().unwrap_or_else(|| BinaryArray::new_null(rows))
}

fn joined(parts: &[&dyn Array]) -> Result<ArrayRef, CollectError> {
    // Only more text than a column can number (2 GiB) makes this fail.
    arrow_select::concat::concat(parts).map_err(|error| {
        CollectError::new("batch.size", "", format!("记录过大，无法合并：{error}"), format!("The records are too large to be joined: {error}"))
    })
}
