//! Several pages as one batch: pages are small, and each batch is a commit.

use std::time::{Duration, Instant};

use arrow_array::{Array, BinaryArray, StringArray};
use arrow_schema::ArrowError;
use arrow_select::concat::concat;

use crate::RawBatch;

/// A batch is closed at this size whatever number of rows was asked for.
const BATCH_BYTES: usize = 32 << 20;
/// Slow servers: what has come in this time is handed over, so that it is not lost should the rest fail.
const LONGEST: Duration = Duration::from_secs(5);

/// Pages being gathered, all with the same fields.
pub struct Pages {
    parts: Vec<RawBatch>,
    rows: usize,
    bytes: usize,
    since: Instant,
}

impl Pages {
    pub fn new() -> Pages {
        Pages { parts: Vec::new(), rows: 0, bytes: 0, since: Instant::now() }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn is_full(&self, max_rows: usize) -> bool {
        self.rows >= max_rows || self.bytes >= BATCH_BYTES || (self.rows > 0 && self.since.elapsed() >= LONGEST)
    }

    pub fn fits(&self, batch: &RawBatch) -> bool {
        self.parts
            .first()
            .is_none_or(|first| first.fields == batch.fields && first.bytes.is_some() == batch.bytes.is_some())
    }

    pub fn push(&mut self, batch: RawBatch) {
        self.rows += batch.rows();
        self.bytes += batch.columns.iter().map(|column| column.value_data().len()).sum::<usize>();
        self.parts.push(batch);
    }

    /// All of them as one batch, named after the first; `None` when there are none.
    pub fn join(self) -> Result<Option<RawBatch>, ArrowError> {
        let mut parts = self.parts;
        if parts.len() < 2 {
            return Ok(parts.pop());
        }
        let Some(first) = parts.first() else { return Ok(None) };
        let columns = (0..first.fields.len()).map(|field| {
            let parts: Vec<&dyn Array> =
                parts.iter().filter_map(|part| part.columns.get(field)).map(|c| c as &dyn Array).collect();
            Ok(StringArray::from(concat(&parts)?.to_data()))
        });
        let columns = columns.collect::<Result<_, ArrowError>>()?;
        let bytes: Vec<&dyn Array> =
            parts.iter().filter_map(|part| part.bytes.as_ref()).map(|bytes| bytes as &dyn Array).collect();
        let bytes = if bytes.is_empty() { None } else { Some(BinaryArray::from(concat(&bytes)?.to_data())) };
        let (fields, file) = (first.fields.clone(), first.file.clone());
        let mut lines = Vec::with_capacity(self.rows);
        let mut faults = Vec::new();
        for part in parts {
            faults.extend(part.faults.into_iter().map(|(row, fault)| (lines.len() + row, fault)));
            lines.extend(part.lines);
        }
        Ok(Some(RawBatch { fields, columns, file, lines, bytes, faults, removed: Vec::new() }))
    }
}
