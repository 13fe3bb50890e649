//! Gathers records field by field into a raw batch.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use data::standard::Fault;
use kernel::Text;

use crate::RawBatch;
use crate::read::rows::{take_lines, take_text};

/// A batch is closed early when its texts reach this many bytes, so that memory stays bounded.
const BATCH_BYTES: usize = 32 << 20;

/// A batch in the making. Every record appends one value to each field, then is closed with `end_record`.
pub struct Gather {
    fields: Arc<[String]>,
    columns: Vec<StringBuilder>,
    lines: Vec<u64>,
    faults: Vec<(usize, Fault)>,
    removed: Vec<usize>,
    bytes: usize,
}

impl Gather {
    pub fn new(fields: Arc<[String]>) -> Gather {
        let columns = fields.iter().map(|_| StringBuilder::new()).collect();
        Gather { fields, columns, lines: Vec::new(), faults: Vec::new(), removed: Vec::new(), bytes: 0 }
    }

    /// Appends the value of a field; `None` is SQL NULL or an absent field.
    pub fn append(&mut self, field: usize, value: Option<&str>) {
        if let Some(column) = self.columns.get_mut(field) {
            column.append_option(value);
            self.bytes += value.map_or(0, str::len);
        }
    }

    /// Notes a fault of the record being gathered.
    pub fn fault(&mut self, code: &str, found: &str, message: Text) {
        let found = found.chars().take(200).collect();
        self.faults.push((self.lines.len(), Fault { code: code.to_owned(), item: String::new(), found, message }));
    }

    /// Marks the record being gathered as the removal of a row.
    pub fn removal(&mut self) {
        self.removed.push(self.lines.len());
    }

    pub fn end_record(&mut self, line: u64) {
        self.lines.push(line);
    }

    pub fn is_full(&self, max_rows: usize) -> bool {
        self.lines.len() >= max_rows.max(1) || self.bytes >= BATCH_BYTES
    }

    /// The batch so far, or `None` when it holds no record; the next one begins.
    pub fn finish(&mut self, file: &Arc<str>) -> Option<RawBatch> {
        if self.lines.is_empty() {
            return None;
        }
        self.bytes = 0;
        Some(RawBatch {
            fields: self.fields.clone(),
            columns: self.columns.iter_mut().map(take_text).collect(),
            file: file.clone(),
            lines: take_lines(&mut self.lines),
            bytes: None,
            faults: std::mem::take(&mut self.faults),
            removed: std::mem::take(&mut self.removed),
        })
    }
}
