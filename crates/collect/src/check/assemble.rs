//! From checked records to the rows that land: batches of the raw and of the standard table.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray, UInt32Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::take::take;
use data::standard::Fault;
use kernel::RunId;

use super::REMOVED;
use super::table::{Checked, Table, origin_fields};
use crate::{CollectError, RawBatch};

/// Which collection a row belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Id of the system.
    pub system: String,
    pub run: RunId,
    /// Number of the batch in its run.
    pub batch: i64,
}

/// The rows of one batch as they land.
pub struct Landing {
    /// Rows of `raw.<resource>`: the current ones, then the others; either may be missing.
    pub raw: Vec<RecordBatch>,
    /// Rows of `standard.<resource>`. Its columns are those of the first raw batch wherever the texts are the same,
    /// so that who writes both need not encode them twice.
    pub standard: RecordBatch,
}

impl Table {
    /// The chosen rows as rows of both layers: `current` ones, none of them refused, and `others` that only the raw
    /// table keeps.
    pub fn land(
        &self,
        batch: &RawBatch,
        checked: &Checked,
        current: &[usize],
        others: &[usize],
        origin: &Origin,
    ) -> Result<Landing, CollectError> {
        let mut raw = Vec::with_capacity(2);
        if !current.is_empty() {
            raw.push(self.raw_batch(batch, checked, current, origin)?);
        }
        let standard = self.standard_batch(batch, checked, current, raw.first(), origin)?;
        if !others.is_empty() {
            raw.push(self.raw_batch(batch, checked, others, origin)?);
        }
        Ok(Landing { raw, standard })
    }

    /// The chosen rows as rows of `raw.<resource>`: the fields as found and the system columns. `_bytes` and
    /// `_faults` are filled for refused rows only, `_change` says [`REMOVED`] of removals and nothing of others.
    fn raw_batch(
        &self,
        batch: &RawBatch,
        checked: &Checked,
        rows: &[usize],
        origin: &Origin,
    ) -> Result<RecordBatch, CollectError> {
        let named = self.raw_names.iter().zip(&batch.columns);
        let mut fields: Vec<Field> = named.clone().map(|(name, _)| Field::new(name, DataType::Utf8, true)).collect();
        let mut columns: Vec<ArrayRef> = named.map(|(_, column)| Arc::new(column.clone()) as ArrayRef).collect();
        let indices = self.indices(rows)?;
        self.select(&mut columns, batch.rows(), &indices)?;
        fields.extend(origin_fields());
        columns.extend(origin_columns(batch, checked, rows, origin)?);
        fields.extend([Field::new("_bytes", DataType::Binary, true), Field::new("_faults", DataType::Utf8, true)]);
        columns.extend(refusal_columns(batch, checked, rows));
        fields.push(Field::new("_change", DataType::Utf8, true));
        columns.push(change_column(batch, rows));
        record_batch(&self.resource, Schema::new(fields).into(), columns, rows.len())
    }

    /// The chosen rows as rows of `standard.<resource>`; `raw` holds the same rows as they were found, where they are at hand.
    pub fn standard_batch(
        &self,
        batch: &RawBatch,
        checked: &Checked,
        rows: &[usize],
        raw: Option<&RecordBatch>,
        origin: &Origin,
    ) -> Result<RecordBatch, CollectError> {
        let indices = self.indices(rows)?;
        let mut columns = Vec::with_capacity(self.standard.fields().len());
        for (column, place) in checked.columns.iter().zip(&self.places) {
            let found = place.and_then(|place| Some((batch.columns.get(place)?, raw?.columns().get(place)?)));
            match found {
                Some((found, same)) if found.to_data().ptr_eq(&column.to_data()) => columns.push(same.clone()),
                _ => {
                    let mut own = [column.clone()];
                    self.select(&mut own, batch.rows(), &indices)?;
                    columns.extend(own);
                }
            }
        }
        match raw {
            Some(raw) => columns.extend(raw.columns().iter().skip(batch.columns.len()).take(ORIGIN_COLUMNS).cloned()),
            None => columns.extend(origin_columns(batch, checked, rows, origin)?),
        }
        record_batch(&self.resource, self.standard.clone(), columns, rows.len())
    }

    fn indices(&self, rows: &[usize]) -> Result<UInt32Array, CollectError> {
        let indices: Result<Vec<u32>, _> = rows.iter().map(|row| u32::try_from(*row)).collect();
        Ok(UInt32Array::from(indices.map_err(|error| broken(&self.resource, &error))?))
    }

    /// Takes the rows out of each column; all rows in their order need no copy.
    fn select(&self, columns: &mut [ArrayRef], rows: usize, indices: &UInt32Array) -> Result<(), CollectError> {
        if indices.len() == rows && indices.values().iter().zip(0u32..).all(|(index, row)| *index == row) {
            return Ok(());
        }
        for column in columns {
            *column = take(column, indices, None).map_err(|error| broken(&self.resource, &error))?;
        }
        Ok(())
    }
}

const ORIGIN_COLUMNS: usize = 6;

fn origin_columns(
    batch: &RawBatch,
    checked: &Checked,
    rows: &[usize],
    origin: &Origin,
) -> Result<[ArrayRef; ORIGIN_COLUMNS], CollectError> {
    let repeated = |text: &str| Arc::new(StringArray::new_repeated(text, rows.len())) as ArrayRef;
    let line = |row: &usize| batch.lines.get(*row).and_then(|line| i64::try_from(*line).ok());
    let lines: Int64Array = rows.iter().map(line).collect();
    let hashes: BinaryArray = rows.iter().map(|row| checked.hash.get(*row).map(<[u8; 16]>::as_slice)).collect();
    Ok([
        repeated(&origin.system),
        repeated(&origin.run.0),
        Arc::new(Int64Array::from_value(origin.batch, rows.len())),
        repeated(&batch.file),
        Arc::new(lines),
        Arc::new(hashes),
    ])
}

fn refusal_columns(batch: &RawBatch, checked: &Checked, rows: &[usize]) -> [ArrayRef; 2] {
    if checked.refused.is_empty() {
        return [Arc::new(BinaryArray::new_null(rows.len())), Arc::new(StringArray::new_null(rows.len()))];
    }
    let faults_of = |row: usize| -> Option<&Vec<Fault>> {
        let place = checked.refused.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        checked.refused.get(place).map(|(_, faults)| faults)
    };
    let bytes: BinaryArray = rows.iter().map(|row| faults_of(*row).map(|_| evidence(batch, *row))).collect();
    let faults: StringArray = rows
        .iter()
        .map(|row| faults_of(*row).map(|faults| serde_json::to_string(faults).unwrap_or_default()))
        .collect();
    [Arc::new(bytes), Arc::new(faults)]
}

fn change_column(batch: &RawBatch, rows: &[usize]) -> ArrayRef {
    let changes: StringArray = rows.iter().map(|row| batch.is_removed(*row).then_some(REMOVED)).collect();
    Arc::new(changes)
}

/// A record as evidence for people: its original bytes, or a JSON object of its fields where a source has none.
pub fn evidence(batch: &RawBatch, row: usize) -> Vec<u8> {
    let bytes = batch.bytes.as_ref().filter(|bytes| row < bytes.len() && bytes.is_valid(row));
    if let Some(bytes) = bytes {
        return bytes.value(row).to_vec();
    }
    let value = |column: &StringArray| match row < column.len() && column.is_valid(row) {
        true => serde_json::Value::from(column.value(row)),
        false => serde_json::Value::Null,
    };
    let fields: serde_json::Map<String, serde_json::Value> =
        batch.fields.iter().zip(&batch.columns).map(|(field, column)| (field.clone(), value(column))).collect();
    serde_json::to_vec(&fields).unwrap_or_default()
}

fn record_batch(
    resource: &str,
    schema: Arc<Schema>,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, CollectError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(|error: ArrowError| broken(resource, &error))
}

/// Columns that do not fit together: a mistake of the program, reported rather than survived in silence.
pub(super) fn broken(resource: &str, error: &dyn std::fmt::Display) -> CollectError {
    CollectError::new(
        "check.assemble",
        resource,
        format!("无法组成数据批次：{error}"),
        format!("The batch cannot be assembled: {error}"),
    )
}
