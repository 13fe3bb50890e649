//! Walking through raw by key: where each version stands, without its contents; then the contents of those wanted.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use ::collect::check::{Table, from_raw};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use data::City;
use data::declare::Resource;
use futures::TryStreamExt;

use super::{Batch, Version};
use crate::port::TableName;
use crate::{Answer, Desk, internal};

pub(super) type Key = [u8; 16];

/// The columns by which a record of the raw table is known again.
const MARKS: [&str; 7] = ["_batch", "_line", "_file", "_hash", "_bytes", "_faults", "_change"];

/// Where one version of a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub batch: i64,
    pub line: u64,
    pub hash: [u8; 16],
    pub removed: bool,
    pub refused: bool,
}

/// A resource as seen by its key.
pub(super) struct Keyed {
    pub resource: Resource,
    table: Table,
    key: Vec<String>,
}

impl Keyed {
    pub fn new(city: &City, resource: &Resource) -> Answer<Keyed> {
        let mut narrow = resource.clone();
        narrow.items.retain(|item| item.key);
        let key = narrow.items.iter().map(|item| item.name.clone()).collect();
        // Without a key every record is a row of its own; some item must be checked all the same.
        if narrow.items.is_empty() {
            narrow.items = resource.items.iter().take(1).cloned().map(|item| data::declare::Item { required: false, ..item }).collect();
        }
        Ok(Keyed { resource: resource.clone(), table: Table::new(city, &narrow).map_err(internal)?, key })
    }

    pub fn is_keyed(&self) -> bool {
        !self.key.is_empty()
    }

    pub fn key(&self) -> &[String] {
        &self.key
    }

    fn columns(&self) -> Vec<String> {
        let named = if self.is_keyed() { self.key.clone() } else { self.resource.items.iter().take(1).map(|i| i.name.clone()).collect() };
        named.into_iter().chain(MARKS.map(str::to_owned)).collect()
    }

    /// The key and place of each record, in no order.
    fn marks(&mut self, rows: &RecordBatch) -> Answer<Vec<(Key, Mark)>> {
        let mut marks = Vec::with_capacity(rows.num_rows());
        let batches = batch_numbers(rows)?;
        // Records come back in the order of files and lines; those of different batches are told apart first.
        for (seq, rows) in batches {
            for restored in from_raw(&rows).map_err(internal)? {
                let refused: std::collections::HashSet<usize> = restored.batch.faults.iter().map(|(row, _)| *row).collect();
                let checked = self.table.check_restored(&restored).map_err(internal)?;
                for (row, hash) in restored.hash.iter().enumerate() {
                    let line = restored.batch.lines.get(row).copied().unwrap_or(0);
                    let mark = Mark { batch: seq, line, hash: *hash, removed: restored.batch.is_removed(row), refused: refused.contains(&row) };
                    let key = match self.is_keyed() {
                        true => checked.key.get(row).copied().flatten(),
                        false => Some(of_its_own(&mark)),
                    };
                    marks.extend(key.map(|key| (key, mark)));
                }
            }
        }
        Ok(marks)
    }

    /// The key of a row by the texts of its parts, as the check would read them.
    pub fn key_of(&mut self, values: &[String]) -> Answer<Option<Key>> {
        let count = values.len();
        let batch = ::collect::RawBatch {
            fields: self.key.iter().cloned().collect(),
            columns: values.iter().map(|value| arrow_array::StringArray::from(vec![Some(value.as_str())])).collect(),
            file: "".into(),
            lines: vec![0],
            bytes: None,
            faults: Vec::new(),
            removed: Vec::new(),
        };
        if count != self.key.len() || count == 0 {
            return Ok(None);
        }
        let restored = ::collect::check::Restored { batch, hash: vec![[0; 16]] };
        Ok(self.table.check_restored(&restored).map_err(internal)?.key.first().copied().flatten())
    }
}

impl Desk {
    /// Shows `each` the key and place of every record of these batches, in no order.
    pub(super) async fn walk(&self, keyed: &mut Keyed, seqs: RangeInclusive<i64>, last: i64, mut each: impl FnMut(Key, Mark)) -> Answer<()> {
        if seqs.is_empty() {
            return Ok(());
        }
        let name = TableName::raw(&keyed.resource.id);
        let wide = (seqs.end() - seqs.start() + 1) * 2 > last;
        let single: Vec<Option<i64>> = if wide { vec![None] } else { seqs.clone().map(Some).collect() };
        for seq in single {
            let mut rows = self.0.ports.lake.scan(&name, Some(keyed.columns()), seq).await.map_err(internal)?;
            while let Some(batch) = rows.try_next().await.map_err(internal)? {
                let marks = keyed.marks(&batch)?;
                marks.into_iter().filter(|(_, mark)| seqs.contains(&mark.batch)).for_each(|(key, mark)| each(key, mark));
            }
        }
        Ok(())
    }

    /// The contents of the records at these places.
    pub(super) async fn contents(&self, resource: &str, batches: &[Batch], wanted: impl IntoIterator<Item = Mark>) -> Answer<HashMap<Mark, Version>> {
        let mut by_batch: HashMap<i64, Vec<Mark>> = HashMap::new();
        wanted.into_iter().for_each(|mark| by_batch.entry(mark.batch).or_default().push(mark));
        let mut found = HashMap::new();
        for (seq, marks) in by_batch {
            let known: HashMap<(u64, [u8; 16]), Mark> = marks.into_iter().map(|mark| ((mark.line, mark.hash), mark)).collect();
            let of = batches.iter().find(|batch| batch.seq == seq);
            let mut rows = self.0.ports.lake.scan(&TableName::raw(resource), None, Some(seq)).await.map_err(internal)?;
            while let Some(batch) = rows.try_next().await.map_err(internal)? {
                for restored in from_raw(&batch).map_err(internal)? {
                    let places = restored.hash.iter().enumerate().filter_map(|(row, hash)| {
                        let line = restored.batch.lines.get(row).copied().unwrap_or(0);
                        Some((row, *known.get(&(line, *hash))?))
                    });
                    for (row, mark) in places {
                        found.insert(mark, version(&restored.batch, row, mark, of));
                    }
                }
            }
        }
        Ok(found)
    }
}

impl std::hash::Hash for Mark {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::hash::Hash::hash(&(self.batch, self.line, self.hash), state);
    }
}

fn version(batch: &::collect::RawBatch, row: usize, mark: Mark, of: Option<&Batch>) -> Version {
    let cell = |column: &arrow_array::StringArray| (row < column.len() && column.is_valid(row)).then(|| column.value(row).to_owned());
    Version {
        batch: mark.batch,
        run: of.map(|of| of.run.clone()).unwrap_or_default(),
        file: batch.file.to_string(),
        line: mark.line,
        time: of.map(|of| of.time).unwrap_or_default(),
        removed: mark.removed,
        refused: mark.refused,
        cells: batch.fields.iter().cloned().zip(batch.columns.iter().map(cell)).collect(),
    }
}

/// The rows of each batch by itself.
fn batch_numbers(rows: &RecordBatch) -> Answer<Vec<(i64, RecordBatch)>> {
    let column = rows.column_by_name("_batch").ok_or_else(|| internal("_batch is missing"))?;
    let numbers = arrow_cast::cast(column, &DataType::Int64).map_err(internal)?;
    let numbers = numbers.as_primitive_opt::<Int64Type>().ok_or_else(|| internal("_batch is not a number"))?;
    let mut places: HashMap<i64, Vec<u32>> = HashMap::new();
    for (row, seq) in numbers.iter().enumerate() {
        if let (Some(seq), Ok(row)) = (seq, u32::try_from(row)) {
            places.entry(seq).or_default().push(row);
        }
    }
    if let [only] = places.keys().copied().collect::<Vec<_>>().as_slice()
        && places.get(only).is_some_and(|rows_of| rows_of.len() == rows.num_rows())
    {
        return Ok(vec![(*only, rows.clone())]);
    }
    let take = |(seq, rows_of): (i64, Vec<u32>)| {
        let chosen = arrow_select::take::take_record_batch(rows, &arrow_array::UInt32Array::from(rows_of)).map_err(internal)?;
        Ok((seq, chosen))
    };
    places.into_iter().map(take).collect()
}

/// The key of a record that has none: its place.
fn of_its_own(mark: &Mark) -> Key {
    let mut key = mark.hash;
    let place = (mark.batch as u64).rotate_left(40) ^ mark.line;
    for (byte, mixed) in key.iter_mut().zip(place.to_le_bytes()) {
        *byte ^= mixed;
    }
    key
}
