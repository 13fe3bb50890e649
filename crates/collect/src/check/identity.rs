//! What makes a row that row: the hash of its raw fields, the hash of its key, its version.
//!
//! These hashes are kept in tables, so their form must not change: XXH3-128, big-endian, over the bytes built here.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128, xxh3_128_with_seed};

use crate::RawBatch;

/// XXH3-128.
pub type Hash = [u8; 16];

/// Tells which of two rows with one key is newer. Versions of one item are all of the same variant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Numbers, dates and times, as integers in the same order.
    Number(i64),
    Text(Box<str>),
}

/// Records that could not be read are told apart by their bytes; the seed keeps them apart from readable ones.
const UNREADABLE_SEED: u64 = 1;

/// The hash of each record: name, length and text of every field that is not null, in the order of the names. So
/// neither the order of the fields nor a new, empty one makes another record, and null is not the empty text.
pub fn record_hashes(batch: &RawBatch, names: &[String], unreadable: &[bool]) -> Vec<Hash> {
    let mut order: Vec<(&String, usize)> = names.iter().zip(0..).collect();
    order.sort();
    let columns: Vec<_> = order
        .into_iter()
        .filter_map(|(name, index)| Some((xxh3_64(name.as_bytes()), batch.columns.get(index)?)))
        .collect();
    let mut scratch = Vec::with_capacity(512);
    let hash = |(row, unreadable): (usize, &bool)| {
        let bytes = batch.bytes.as_ref().filter(|bytes| *unreadable && row < bytes.len() && bytes.is_valid(row));
        if let Some(bytes) = bytes {
            return xxh3_128_with_seed(bytes.value(row), UNREADABLE_SEED).to_be_bytes();
        }
        scratch.clear();
        for (name, column) in &columns {
            if row < column.len() && column.is_valid(row) {
                append(&mut scratch, *name, column.value(row).as_bytes());
            }
        }
        xxh3_128(&scratch).to_be_bytes()
    };
    unreadable.iter().enumerate().map(hash).collect()
}

/// Tag, length, bytes: no two different sequences of fields give the same bytes.
fn append(scratch: &mut Vec<u8>, tag: u64, bytes: &[u8]) {
    scratch.extend_from_slice(&tag.to_le_bytes());
    scratch.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    scratch.extend_from_slice(bytes);
}

/// The hash of each row's key, from its typed values; `None` for a row that lacks a part of it.
pub fn key_hashes(columns: &[&ArrayRef], rows: usize) -> Vec<Option<Hash>> {
    if columns.is_empty() {
        return vec![None; rows];
    }
    let mut scratch = Vec::with_capacity(128);
    (0..rows)
        .map(|row| {
            scratch.clear();
            for (column, tag) in columns.iter().zip(0..) {
                append_value(&mut scratch, tag, column, row)?;
            }
            Some(xxh3_128(&scratch).to_be_bytes())
        })
        .collect()
}

fn append_value(scratch: &mut Vec<u8>, tag: u64, column: &ArrayRef, row: usize) -> Option<()> {
    if let Some(text) = column.as_string_opt::<i32>() {
        let text = (row < text.len() && text.is_valid(row)).then(|| text.value(row))?;
        append(scratch, tag, text.as_bytes());
        return Some(());
    }
    let number = number_at(column, row)?;
    append(scratch, tag, &number.to_le_bytes());
    Some(())
}

/// A value as a whole number that sorts as the value does; `None` for null and for text.
fn number_at(column: &ArrayRef, row: usize) -> Option<i64> {
    if row >= column.len() || column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Int64 => Some(column.as_primitive_opt::<Int64Type>()?.value(row)),
        DataType::Float64 => Some(ordered(column.as_primitive_opt::<Float64Type>()?.value(row))),
        DataType::Decimal128(_, _) => i64::try_from(column.as_primitive_opt::<Decimal128Type>()?.value(row)).ok(),
        DataType::Boolean => Some(i64::from(column.as_boolean_opt()?.value(row))),
        DataType::Date32 => Some(i64::from(column.as_primitive_opt::<Date32Type>()?.value(row))),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Some(column.as_primitive_opt::<TimestampMicrosecondType>()?.value(row))
        }
        _ => None,
    }
}

/// The bits of a float, turned so that they sort as the numbers do; both zeros are one.
fn ordered(number: f64) -> i64 {
    let bits = (number + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The version of each row; `None` where it is null.
pub fn versions(column: &ArrayRef, rows: usize) -> Vec<Option<Version>> {
    match column.as_string_opt::<i32>() {
        Some(text) => {
            let mut versions: Vec<_> = text.iter().map(|text| text.map(|text| Version::Text(text.into()))).collect();
            versions.resize(rows, None);
            versions
        }
        None => (0..rows).map(|row| number_at(column, row).map(Version::Number)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::ordered;

    #[test]
    fn floats_keep_their_order_as_integers() {
        let numbers = [f64::NEG_INFINITY, -2.5, -1.0, -1e-300, 0.0, 1e-300, 1.0, 2.5, f64::INFINITY];
        assert!(numbers.map(ordered).is_sorted());
        assert_eq!(ordered(-0.0), ordered(0.0));
    }
}
