//! The rows of an Arrow batch, value by value, as they are stored.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float64Array, Int64Array, LargeStringArray,
    RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, ValueRef};
use xxhash_rust::xxh3::Xxh3;

use crate::shape::{Column, Kind, Shape};
use crate::ServingError;

enum Reader {
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Integer(Int64Array),
    Number(Float64Array),
    Decimal(Decimal128Array),
    Boolean(BooleanArray),
    Date(Date32Array),
    Moment(TimestampMicrosecondArray),
    Hash(FixedSizeBinaryArray),
    Bytes(BinaryArray),
}

/// A batch, by the columns of a shape.
pub(crate) struct Rows<'s> {
    readers: Vec<(Reader, ArrayRef)>,
    columns: &'s [Column],
    pub key: Vec<usize>,
    pub count: usize,
}

impl<'s> Rows<'s> {
    /// Errors: a column of the shape is not there or of another kind; columns that the shape does not name are left.
    pub fn of(shape: &'s Shape, batch: &RecordBatch) -> Result<Rows<'s>, ServingError> {
        let reader = |column: &Column| {
            let array = batch.column_by_name(&column.name).ok_or_else(|| ServingError::Column(column.name.clone()))?;
            let found = || ServingError::Kind { column: column.name.clone(), found: array.data_type().to_string() };
            match Kind::of(array.data_type()) {
                Some(kind) if kind == column.kind => Ok((reader(column, array)?.ok_or_else(found)?, array.clone())),
                Some(_) => Err(ServingError::Shape(format!("column {}: the batch has {}", column.name, array.data_type()))),
                None => Err(found()),
            }
        };
        let readers = shape.columns.iter().map(reader).collect::<Result<_, _>>()?;
        Ok(Rows { readers, columns: &shape.columns, key: shape.key_places(), count: batch.num_rows() })
    }

    /// A value as it is stored. Errors: one that does not fit.
    pub fn cell(&self, row: usize, place: usize) -> Result<ValueRef<'_>, ServingError> {
        let Some((reader, array)) = self.readers.get(place) else { return Ok(ValueRef::Null) };
        if row >= array.len() || array.is_null(row) {
            return Ok(ValueRef::Null);
        }
        Ok(match reader {
            Reader::Text(array) => ValueRef::Text(array.value(row).as_bytes()),
            Reader::LargeText(array) => ValueRef::Text(array.value(row).as_bytes()),
            Reader::TextView(array) => ValueRef::Text(array.value(row).as_bytes()),
            Reader::Integer(array) => ValueRef::Integer(array.value(row)),
            Reader::Number(array) => match array.value(row) {
                number if number.is_nan() => ValueRef::Null,
                // The two zeros are one.
                number => ValueRef::Real(number + 0.0),
            },
            Reader::Decimal(array) => {
                let units = array.value(row);
                ValueRef::Integer(i64::try_from(units).map_err(|_| self.refuse(place, "a decimal of 64 bits", units.to_string()))?)
            }
            Reader::Boolean(array) => ValueRef::Integer(i64::from(array.value(row))),
            Reader::Date(array) => ValueRef::Integer(i64::from(array.value(row))),
            Reader::Moment(array) => ValueRef::Integer(array.value(row)),
            Reader::Hash(array) => ValueRef::Blob(array.value(row)),
            Reader::Bytes(array) => match array.value(row) {
                bytes if bytes.len() == 16 => ValueRef::Blob(bytes),
                bytes => return Err(self.refuse(place, "a hash of 16 bytes", format!("a value of {} bytes", bytes.len()))),
            },
        })
    }

    /// A value of the key, which is never empty.
    pub fn key_cell(&self, row: usize, place: usize) -> Result<ValueRef<'_>, ServingError> {
        match self.cell(row, place)? {
            ValueRef::Null => Err(ServingError::NoKey(self.columns.get(place).map(|column| column.name.clone()).unwrap_or_default())),
            value => Ok(value),
        }
    }

    /// Gives a statement the row's values, as its parameters 1 to the number of columns.
    pub fn bind(&self, row: usize, statement: &mut Statement<'_>) -> Result<(), ServingError> {
        for place in 0..self.readers.len() {
            statement.raw_bind_parameter(place + 1, ToSqlOutput::Borrowed(self.cell(row, place)?))?;
        }
        Ok(())
    }

    /// Gives a statement the values of the row's key, beginning with parameter `first`.
    pub fn bind_key(&self, row: usize, statement: &mut Statement<'_>, first: usize) -> Result<(), ServingError> {
        for (place, parameter) in self.key.iter().zip(first..) {
            statement.raw_bind_parameter(parameter, ToSqlOutput::Borrowed(self.key_cell(row, *place)?))?;
        }
        Ok(())
    }

    /// A number by which equal rows are found; different ones may share it.
    pub fn print(&self, row: usize) -> Result<i64, ServingError> {
        let mut print = Xxh3::new();
        for place in 0..self.readers.len() {
            match self.cell(row, place)? {
                ValueRef::Null => print.update(&[0]),
                ValueRef::Integer(number) => print.update(&number.to_le_bytes()),
                ValueRef::Real(number) => print.update(&number.to_bits().to_le_bytes()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    print.update(&bytes.len().to_le_bytes());
                    print.update(bytes);
                }
            }
        }
        Ok(print.digest() as i64)
    }

    fn refuse(&self, place: usize, expected: &'static str, given: String) -> ServingError {
        let column = self.columns.get(place).map(|column| column.name.clone()).unwrap_or_default();
        ServingError::Value { column, expected, given }
    }
}

fn reader(column: &Column, array: &ArrayRef) -> Result<Option<Reader>, ServingError> {
    Ok(match (column.kind, array.data_type()) {
        (Kind::Text, DataType::Utf8) => array.as_string_opt::<i32>().cloned().map(Reader::Text),
        (Kind::Text, DataType::LargeUtf8) => array.as_string_opt::<i64>().cloned().map(Reader::LargeText),
        (Kind::Text, _) => array.as_string_view_opt().cloned().map(Reader::TextView),
        (Kind::Integer, _) => as_kind(column, array, &DataType::Int64)?.as_primitive_opt::<Int64Type>().cloned().map(Reader::Integer),
        (Kind::Number, _) => as_kind(column, array, &DataType::Float64)?.as_primitive_opt::<Float64Type>().cloned().map(Reader::Number),
        (Kind::Decimal { .. }, _) => array.as_primitive_opt::<Decimal128Type>().cloned().map(Reader::Decimal),
        (Kind::Boolean, _) => array.as_boolean_opt().cloned().map(Reader::Boolean),
        (Kind::Date, _) => array.as_primitive_opt::<Date32Type>().cloned().map(Reader::Date),
        (Kind::Moment { .. }, _) => array.as_primitive_opt::<TimestampMicrosecondType>().cloned().map(Reader::Moment),
        (Kind::Hash, DataType::FixedSizeBinary(_)) => array.as_fixed_size_binary_opt().cloned().map(Reader::Hash),
        (Kind::Hash, _) => as_kind(column, array, &DataType::Binary)?.as_binary_opt::<i32>().cloned().map(Reader::Bytes),
    })
}

/// Errors instead of nulls for what does not fit.
fn as_kind(column: &Column, array: &ArrayRef, kind: &DataType) -> Result<ArrayRef, ServingError> {
    if array.data_type() == kind {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let expected = "a number of 64 bits with a sign";
    let fail = |error: arrow_schema::ArrowError| ServingError::Value { column: column.name.clone(), expected, given: error.to_string() };
    cast_with_options(array, kind, &options).map_err(fail)
}
