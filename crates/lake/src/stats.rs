//! Row counts, null counts, least and greatest values of a data file: taken from what Parquet notes while writing it,
//! kept as Delta statistics, given to the planner when reading it.

use std::sync::Arc;

use arrow_array::Array;
use arrow_schema::{DataType, Schema};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::functions_aggregate::min_max::{MaxAccumulator, MinAccumulator};
use datafusion::logical_expr::Accumulator;
use datafusion::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use datafusion::parquet::file::metadata::RowGroupMetaData;
use datafusion::parquet::schema::types::SchemaDescriptor;
use serde_json::{Map, Number, Value, json};

use crate::LakeError;

/// Longer texts are left out: a cut greatest value would be a lie.
const LONGEST: usize = 64;
/// As in Delta itself, only so many leading columns get a least and a greatest value.
const COLUMNS_WITH_BOUNDS: usize = 64;

/// What a file says of its rows, in the form of the Delta protocol: from the statistics that Parquet keeps of each row
/// group, so that no value is looked at twice.
pub(crate) fn gather(schema: &Schema, file: &SchemaDescriptor, groups: &[RowGroupMetaData]) -> Result<String, LakeError> {
    let rows: i64 = groups.iter().map(RowGroupMetaData::num_rows).sum();
    let (mut nulls, mut least, mut greatest) = (Map::new(), Map::new(), Map::new());
    for (at, field) in schema.fields().iter().enumerate() {
        let column = StatisticsConverter::try_new(field.name(), schema, file)?;
        let counts = column.row_group_null_counts(groups)?;
        if counts.null_count() == 0 {
            nulls.insert(field.name().clone(), json!(counts.values().iter().sum::<u64>()));
        }
        if at < COLUMNS_WITH_BOUNDS
            && let Some((low, high)) = bounds(&column, groups)?
        {
            least.insert(field.name().clone(), low);
            greatest.insert(field.name().clone(), high);
        }
    }
    Ok(json!({ "numRecords": rows, "minValues": least, "maxValues": greatest, "nullCount": nulls }).to_string())
}

/// The least and the greatest value of a column, where both can be written exactly.
fn bounds(column: &StatisticsConverter<'_>, groups: &[RowGroupMetaData]) -> Result<Option<(Value, Value)>, LakeError> {
    let kind = column.arrow_field().data_type();
    if matches!(kind, DataType::Boolean | DataType::Binary | DataType::Float32 | DataType::Float64) {
        return Ok(None);
    }
    let cut = [column.row_group_is_min_value_exact(groups)?, column.row_group_is_max_value_exact(groups)?];
    if cut.iter().any(|exact| exact.has_false()) {
        return Ok(None);
    }
    let (Ok(mut low), Ok(mut high)) = (MinAccumulator::try_new(kind), MaxAccumulator::try_new(kind)) else { return Ok(None) };
    low.update_batch(&[column.row_group_mins(groups)?])?;
    high.update_batch(&[column.row_group_maxes(groups)?])?;
    Ok(plain(&low.evaluate()?).zip(plain(&high.evaluate()?)))
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
