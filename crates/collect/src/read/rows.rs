//! Builds raw batches record by record, without an allocation per field.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BinaryBuilder, StringBuilder};
use arrow_array::{Array, BinaryArray, StringArray};
use data::standard::Fault;
use kernel::Text;

use super::limits;
use crate::RawBatch;

pub(crate) struct Rows {
    file: Arc<str>,
    fields: Vec<String>,
    shared: Option<Arc<[String]>>,
    columns: Vec<StringBuilder>,
    bytes: Option<BinaryBuilder>,
    lines: Vec<u64>,
    faults: Vec<(usize, Fault)>,
    weight: usize,
}

impl Rows {
    /// `keep_bytes`: records have original bytes worth keeping; an empty slice stands for none.
    pub fn new(file: Arc<str>, fields: Arc<[String]>, keep_bytes: bool) -> Rows {
        Rows {
            columns: fields.iter().map(|_| StringBuilder::new()).collect(),
            fields: fields.to_vec(),
            shared: Some(fields),
            file,
            bytes: keep_bytes.then(BinaryBuilder::new),
            lines: Vec::new(),
            faults: Vec::new(),
            weight: 0,
        }
    }

    /// Enough for one batch.
    pub fn is_full(&self, max_rows: usize) -> bool {
        self.lines.len() >= max_rows || self.weight >= limits::BATCH
    }

    /// Records of the batch so far, refused ones too.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    fn begin(&mut self, line: u64, raw: &[u8]) {
        self.lines.push(line);
        self.weight += raw.len() + self.columns.len();
        if let Some(bytes) = &mut self.bytes {
            bytes.append_option((!raw.is_empty()).then_some(raw));
        }
    }

    /// A record; fields without a cell are null, cells without a field are dropped (the caller has judged them empty).
    pub fn record<'a>(&mut self, line: u64, raw: &[u8], cells: impl IntoIterator<Item = Option<&'a str>>) {
        self.begin(line, raw);
        let mut cells = cells.into_iter();
        for column in &mut self.columns {
            match cells.next().flatten() {
                Some(cell) => {
                    self.weight += cell.len();
                    column.append_value(cell);
                }
                None => column.append_null(),
            }
        }
    }

    /// A record that is not one: null everywhere, with the reason.
    pub fn refused(&mut self, line: u64, raw: &[u8], fault: Fault) {
        self.faults.push((self.lines.len(), fault));
        self.begin(line, raw);
        for column in &mut self.columns {
            column.append_null();
        }
    }

    /// One more field, null in the records so far; its place.
    pub fn add_field(&mut self, name: String) -> usize {
        let mut column = StringBuilder::new();
        for _ in 0..self.lines.len() {
            column.append_null();
        }
        self.fields.push(name);
        self.shared = None;
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// The batch, or `None` when it has no records. The builder is empty afterwards and keeps its fields.
    pub fn finish(&mut self) -> Option<RawBatch> {
        if self.lines.is_empty() {
            return None;
        }
        let fields = self.shared.get_or_insert_with(|| self.fields.clone().into()).clone();
        self.weight = 0;
        Some(RawBatch {
            fields,
            columns: self.columns.iter_mut().map(take_text).collect(),
            file: self.file.clone(),
            lines: take_lines(&mut self.lines),
            bytes: self.bytes.as_mut().map(take_bytes).filter(|b| !b.is_empty()),
            faults: std::mem::take(&mut self.faults),
            removed: Vec::new(),
        })
    }
}

/// A column that is done. The next batch will be about as large: a builder that grows copies itself a dozen times.
pub(crate) fn take_text(column: &mut StringBuilder) -> StringArray {
    let (rows, bytes) = (column.len(), column.values_slice().len());
    std::mem::replace(column, StringBuilder::with_capacity(rows, bytes + bytes / 16)).finish()
}

fn take_bytes(column: &mut BinaryBuilder) -> BinaryArray {
    let (rows, bytes) = (column.len(), column.values_slice().len());
    std::mem::replace(column, BinaryBuilder::with_capacity(rows, bytes + bytes / 16)).finish()
}

/// The same for the numbers of the lines.
pub(crate) fn take_lines(lines: &mut Vec<u64>) -> Vec<u64> {
    let next = Vec::with_capacity(lines.len());
    std::mem::replace(lines, next)
}

/// A fault of a whole record.
pub(crate) fn fault(code: &str, found: &str, zh: impl Into<String>, en: impl Into<String>) -> Fault {
    let found: String = found.chars().take(200).collect();
    Fault { code: code.to_owned(), item: String::new(), found, message: Text::new(zh, en) }
}

/// Names that are unique: outer blanks go, an empty one becomes `column_<n>`, a second `x` becomes `x_2`.
pub(crate) fn unique_names<'a>(cells: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut names = Vec::new();
    for (index, cell) in cells.into_iter().enumerate() {
        let bare = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let base = if bare.is_empty() { format!("column_{}", index + 1) } else { bare.to_owned() };
        let mut name = base.clone();
        let mut again = 2;
        while !seen.insert(name.clone()) {
            name = format!("{base}_{again}");
            again += 1;
        }
        names.push(name);
    }
    names
}
