//! Some rows of a large table, in spans spread evenly over it: enough to see how its values are spread. What the
//! statistics of its files say exactly (nulls, bounds) is taken from there.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::common::stats::Precision;
use datafusion::parquet::file::metadata::ParquetMetaDataReader;
use datafusion::parquet::file::statistics::Statistics;

use crate::state::State;
use crate::{LakeError, part, types};

/// Tables of more rows are judged by some of them.
pub(crate) const WHOLE: u64 = 250_000;
const SPANS: u64 = 16;
/// Rows of a span.
const SPAN: u64 = 4096;
/// Rows are read no further when they have become so large.
const MOST_BYTES: usize = 128 << 20;

/// What is exactly known of a column without reading its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub nulls: Option<u64>,
    pub bounds: Option<(ScalarValue, ScalarValue)>,
}

/// The rows that stand for the whole, with the columns of `fields` only.
pub(crate) fn rows(state: &State, fields: &[Field]) -> Result<(SchemaRef, Vec<RecordBatch>), LakeError> {
    let schema: SchemaRef = Schema::new(fields.to_vec()).into();
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    let total = state.rows();
    let (mut batches, mut bytes, mut before) = (Vec::new(), 0, 0);
    for file in &state.files {
        let wanted = within(total, before, file.part.rows);
        before += file.part.rows;
        if wanted.is_empty() {
            continue;
        }
        for batch in part::read_ranges(&state.folder, &file.part, &names, wanted)? {
            let batch = types::conform(&batch?, &schema)?;
            bytes += batch.get_array_memory_size();
            batches.push(batch);
            if bytes > MOST_BYTES {
                return Ok((schema, batches));
            }
        }
    }
    Ok((schema, batches))
}

/// The parts of all spans that fall into a file of `rows` rows behind `before` others, as rows of the file.
fn within(total: u64, before: u64, rows: u64) -> Vec<Range<usize>> {
    let spans = (0..SPANS).map(|at| {
        let start = total / SPANS * at + (total / SPANS).saturating_sub(SPAN) / 2;
        start..(start + SPAN).min(total)
    });
    let inside = spans.filter_map(|span| {
        let (start, end) = (span.start.max(before), span.end.min(before + rows));
        (start < end).then(|| (start - before) as usize..(end - before) as usize)
    });
    inside.collect()
}

/// What the files say of each column.
pub(crate) fn known(state: &State, fields: &[Field]) -> Vec<Known> {
    fields.iter().map(|field| Known { nulls: nulls(state, field), bounds: bounds(state, field) }).collect()
}

fn nulls(state: &State, field: &Field) -> Option<u64> {
    let (place, _) = state.schema.column_with_name(field.name())?;
    let mut all = 0;
    for file in &state.files {
        match file.statistics.column_statistics.get(place)?.null_count {
            Precision::Exact(count) => all += count as u64,
            _ => return None,
        }
    }
    Some(all)
}

fn bounds(state: &State, field: &Field) -> Option<(ScalarValue, ScalarValue)> {
    if matches!(field.data_type(), DataType::Float64) {
        return doubles(state, field.name());
    }
    let (place, _) = state.schema.column_with_name(field.name())?;
    let mut found: Option<(ScalarValue, ScalarValue)> = None;
    for file in &state.files {
        let column = file.statistics.column_statistics.get(place)?;
        if matches!(column.null_count, Precision::Exact(nulls) if nulls as u64 == file.part.rows) {
            continue;
        }
        let (low, high) = (column.min_value.get_value()?, column.max_value.get_value()?);
        found = Some(match found {
            None => (low.clone(), high.clone()),
            Some((least, greatest)) => (
                if *low < least { low.clone() } else { least },
                if *high > greatest { high.clone() } else { greatest },
            ),
        });
    }
    found
}

/// Bounds of numbers with a fraction stand in the files themselves only.
fn doubles(state: &State, name: &str) -> Option<(ScalarValue, ScalarValue)> {
    let mut found: Option<(f64, f64)> = None;
    for file in &state.files {
        let opened = std::fs::File::open(state.folder.join(&file.part.name)).ok()?;
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&opened).ok()?;
        for group in metadata.row_groups() {
            let Some(column) = group.columns().iter().find(|column| column.column_descr().name() == name) else { continue };
            match column.statistics()? {
                Statistics::Double(values) => {
                    if let (Some(low), Some(high)) = (values.min_opt(), values.max_opt()) {
                        let (least, greatest) = found.unwrap_or((*low, *high));
                        found = Some((least.min(*low), greatest.max(*high)));
                    }
                }
                _ => return None,
            }
        }
    }
    found.map(|(low, high)| (ScalarValue::Float64(Some(low)), ScalarValue::Float64(Some(high))))
}

/// How many different values `rows` rows have, when `seen` of them show `different` ones, `once` of these a single time
/// (Haas and Stokes, as PostgreSQL estimates it).
pub(crate) fn different(rows: u64, seen: u64, different: u64, once: u64) -> u64 {
    if seen == 0 || rows <= seen {
        return different;
    }
    let (n, all, d, once) = (seen as f64, rows as f64, different as f64, once as f64);
    let estimate = n * d / (n - once + once * n / all);
    (estimate.round() as u64).clamp(different, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lie_apart_and_in_every_part_of_the_table() {
        let total = 3_000_000;
        let whole = within(total, 0, total);
        assert_eq!(whole.len() as u64, SPANS);
        assert!(whole.windows(2).all(|pair| pair[0].end < pair[1].start));
        let cut: usize = (0..30).flat_map(|file| within(total, file * 100_000, 100_000)).map(|range| range.len()).sum();
        assert_eq!(cut as u64, SPANS * SPAN);
    }

    #[test]
    fn different_values_are_estimated_between_few_and_all() {
        assert_eq!(different(1_000_000, 10_000, 12, 0), 12);
        assert_eq!(different(1_000_000, 10_000, 10_000, 10_000), 1_000_000);
        let some = different(1_000_000, 10_000, 9_000, 8_000);
        assert!((20_000..400_000).contains(&some), "{some}");
        assert_eq!(different(10, 0, 0, 0), 0);
    }
}
