//! Row counts, null counts, least and greatest values of a data file: gathered while writing it,
//! kept as Delta statistics, given to the planner when reading it.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Schema, SchemaRef};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::functions_aggregate::min_max::{MaxAccumulator, MinAccumulator};
use datafusion::logical_expr::Accumulator;
use serde_json::{Map, Number, Value, json};

use crate::LakeError;

/// Longer texts are left out: a cut greatest value would be a lie.
const LONGEST: usize = 64;
/// As in Delta itself, only so many leading columns get a least and a greatest value.
const COLUMNS_WITH_BOUNDS: usize = 64;

/// Sums up batches as they pass.
pub(crate) struct Gather {
    pub rows: u64,
    schema: SchemaRef,
    nulls: Vec<u64>,
    bounds: Vec<Option<(MinAccumulator, MaxAccumulator)>>,
}

impl Gather {
    pub fn new(schema: &SchemaRef) -> Gather {
        let bound = |kind: &DataType| match kind {
            DataType::Boolean | DataType::Binary | DataType::Float32 | DataType::Float64 => None,
            other => MinAccumulator::try_new(other).ok().zip(MaxAccumulator::try_new(other).ok()),
        };
        let bounds =
            schema.fields().iter().enumerate().map(|(at, field)| if at < COLUMNS_WITH_BOUNDS { bound(field.data_type()) } else { None });
        Gather { rows: 0, schema: schema.clone(), nulls: vec![0; schema.fields().len()], bounds: bounds.collect() }
    }

    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.rows += batch.num_rows() as u64;
        for ((column, nulls), bounds) in batch.columns().iter().zip(&mut self.nulls).zip(&mut self.bounds) {
            *nulls += column.null_count() as u64;
            if let Some((least, greatest)) = bounds {
                let ends = ends(column).unwrap_or_else(|| column.clone());
                least.update_batch(std::slice::from_ref(&ends))?;
                greatest.update_batch(std::slice::from_ref(&ends))?;
            }
        }
        Ok(())
    }

    /// In the form of the Delta protocol.
    pub fn json(mut self) -> Result<String, LakeError> {
        let (mut nulls, mut least, mut greatest) = (Map::new(), Map::new(), Map::new());
        for ((field, count), bounds) in self.schema.fields().iter().zip(&self.nulls).zip(&mut self.bounds) {
            nulls.insert(field.name().clone(), json!(count));
            if let Some((low, high)) = bounds
                && let (Some(low), Some(high)) = (plain(&low.evaluate()?), plain(&high.evaluate()?))
            {
                least.insert(field.name().clone(), low);
                greatest.insert(field.name().clone(), high);
            }
        }
        Ok(json!({ "numRecords": self.rows, "minValues": least, "maxValues": greatest, "nullCount": nulls }).to_string())
    }
}

/// The first and the last text of a column in order. Comparing texts costs more than all else here, and most of them are
/// told apart by their first eight bytes.
fn ends(column: &ArrayRef) -> Option<ArrayRef> {
    let mut texts = column.as_string_opt::<i32>()?.iter().flatten();
    let first = texts.next()?;
    let (mut low, mut high) = ((lead(first), first), (lead(first), first));
    for text in texts {
        let new = (lead(text), text);
        if new < low {
            low = new;
        } else if new > high {
            high = new;
        }
    }
    Some(Arc::new(StringArray::from(vec![low.1, high.1])))
}

/// The first eight bytes as a number in the same order; shorter texts are filled up with zeros.
fn lead(text: &str) -> u64 {
    match text.as_bytes().first_chunk::<8>() {
        Some(lead) => u64::from_be_bytes(*lead),
        None => text.bytes().fold(0, |lead, byte| lead << 8 | u64::from(byte)) << (8 * (8 - text.len()) as u32 % 64),
    }
}

/// A value as Delta statistics write it, if it can be written exactly.
fn plain(value: &ScalarValue) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    match value {
        ScalarValue::Utf8(Some(text)) => (text.len() <= LONGEST).then(|| json!(text)),
        ScalarValue::Int8(Some(number)) => Some(json!(number)),
        ScalarValue::Int16(Some(number)) => Some(json!(number)),
        ScalarValue::Int32(Some(number)) => Some(json!(number)),
        ScalarValue::Int64(Some(number)) => Some(json!(number)),
        // JSON readers pass numbers through doubles, which are exact to fifteen digits.
        ScalarValue::Decimal128(Some(number), _, _) if number.unsigned_abs() < 1_000_000_000_000_000 => {
            let text = value.cast_to(&DataType::Utf8).ok()?.to_string();
            text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
        }
        ScalarValue::Date32(Some(_)) => Some(json!(value.cast_to(&DataType::Utf8).ok()?.to_string())),
        ScalarValue::TimestampMicrosecond(Some(micros), _) => Some(json!(jiff::Timestamp::from_microsecond(*micros).ok()?.to_string())),
        _ => None,
    }
}

/// What the planner may know of a file. Rows and nulls are exact; bounds only help to skip.
pub(crate) fn statistics(schema: &Schema, stats: &str, rows: u64, bytes: u64) -> Arc<Statistics> {
    let parsed: Value = serde_json::from_str(stats).unwrap_or(Value::Null);
    let bound = |group: &str, name: &str, kind: &DataType| {
        let text = match parsed.get(group).and_then(|values| values.get(name)) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Precision::Absent,
        };
        ScalarValue::try_from_string(text, kind).map_or(Precision::Absent, Precision::Inexact)
    };
    let columns = schema.fields().iter().map(|field| {
        let nulls = parsed.get("nullCount").and_then(|counts| counts.get(field.name())).and_then(Value::as_u64);
        ColumnStatistics {
            null_count: nulls.map_or(Precision::Absent, |count| Precision::Exact(count as usize)),
            min_value: bound("minValues", field.name(), field.data_type()),
            max_value: bound("maxValues", field.name(), field.data_type()),
            ..ColumnStatistics::new_unknown()
        }
    });
    Arc::new(Statistics {
        num_rows: Precision::Exact(rows as usize),
        total_byte_size: Precision::Inexact(bytes as usize),
        column_statistics: columns.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ordered_as_whole() {
        let texts = ["", "\0", "a", "a\0", "abcdefg", "abcdefgh", "abcdefgh\0", "abcdefghi", "江", "海曙区", "海曙区甲"];
        let mut ordered = texts.to_vec();
        ordered.sort_by_key(|text| (lead(text), *text));
        let mut plain = texts.to_vec();
        plain.sort_unstable();
        assert_eq!(ordered, plain);
        let column = Arc::new(StringArray::from(texts.map(Some).into_iter().chain([None]).collect::<Vec<_>>())) as ArrayRef;
        let found = ends(&column).unwrap();
        let least = plain.first().copied().unwrap();
        assert_eq!((found.as_string::<i32>().value(0), found.as_string::<i32>().value(1)), (least, *plain.last().unwrap()));
    }
}
