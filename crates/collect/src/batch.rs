//! Records as they were found: text, with where each came from.

use std::sync::Arc;

use arrow_array::{BinaryArray, StringArray};
use data::standard::Fault;

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
}
