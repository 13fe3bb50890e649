//! Questions about keys that hold at any number of rows: `count_repeated(a, b)`, how many rows share their values with
//! another, `count_astray(a, b, known)`, how many have values that no known row has, and `key_part(n, a, b)`, which of `n`
//! parts the values fall in, so that what compares rows can be asked in parts.
//! Values are told apart by 128 bits of their hash, as rows are everywhere in the lake.

mod asked;
mod astray;
mod part;
mod repeated;
mod seen;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_row::{RowConverter, SortField};
use arrow_schema::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use xxhash_rust::xxh3::xxh3_128;

/// Functions that answer with one value a row.
pub(crate) fn functions() -> [ScalarUDF; 1] {
    [ScalarUDF::from(part::KeyPart::new())]
}

/// Functions that answer with one value for many rows.
pub(crate) fn aggregates() -> [AggregateUDF; 2] {
    [AggregateUDF::from(astray::CountAstray::new()), AggregateUDF::from(repeated::CountRepeated::new())]
}

/// Calls `each` with the number of each row and the hash of its values; with `None` where one of them is null.
fn hashes(columns: &[ArrayRef], mut each: impl FnMut(usize, Option<u128>)) -> Result<()> {
    let rows = columns.first().map_or(0, |column| column.len());
    if let [column] = columns {
        // What is compared most often needs no encoding.
        match column.data_type() {
            DataType::Utf8View => return bytes(column.as_string_view().iter(), each),
            DataType::Utf8 => return bytes(column.as_string::<i32>().iter(), each),
            DataType::LargeUtf8 => return bytes(column.as_string::<i64>().iter(), each),
            _ => {}
        }
    }
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let encoded = RowConverter::new(fields)?.convert_columns(columns)?;
    let nulls: Vec<_> = columns.iter().filter_map(|column| column.logical_nulls()).collect();
    for row in 0..rows {
        let null = nulls.iter().any(|nulls| nulls.is_null(row));
        each(row, (!null).then(|| xxh3_128(encoded.row(row).data())));
    }
    Ok(())
}

fn bytes<'a>(texts: impl Iterator<Item = Option<&'a str>>, mut each: impl FnMut(usize, Option<u128>)) -> Result<()> {
    for (row, text) in texts.enumerate() {
        each(row, text.map(|text| xxh3_128(text.as_bytes())));
    }
    Ok(())
}
