//! Typed rows as text, for pages and files.

use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};

use crate::{Answer, internal};

/// The named columns of a batch, row by row; null where a value is absent, and in columns that are not there.
pub fn texts(batch: &RecordBatch, columns: &[String]) -> Answer<Vec<Vec<Option<String>>>> {
    let options = FormatOptions::default();
    let arrays: Vec<_> = columns.iter().map(|name| batch.column_by_name(name)).collect();
    let formatters: Vec<Option<ArrayFormatter>> =
        arrays.iter().map(|array| array.map(|array| ArrayFormatter::try_new(array.as_ref(), &options)).transpose()).collect::<Result<_, _>>().map_err(internal)?;
    let cell = |row: usize, (array, formatter): (&Option<&arrow_array::ArrayRef>, &Option<ArrayFormatter>)| {
        let (array, formatter) = (array.as_ref()?, formatter.as_ref()?);
        (!array.is_null(row)).then(|| formatter.value(row).to_string())
    };
    Ok((0..batch.num_rows()).map(|row| arrays.iter().zip(&formatters).map(|pair| cell(row, pair)).collect()).collect())
}
