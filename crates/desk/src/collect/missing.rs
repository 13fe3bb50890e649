//! Rows that a complete delivery no longer has: their removal is noted in raw, then they leave the standard layer.

use std::collections::HashSet;

use ::collect::check::Table;
use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use futures::TryStreamExt;

use super::land;
use super::run::{Run, RunError};
use crate::Desk;
use crate::port::TableName;

impl Desk {
    /// Removes the current rows with these hashes, a batch at a time. Answers how many, and the number of the last batch.
    /// What a crash leaves over is missing still when the next run has read the source.
    pub(super) async fn remove_missing(&self, run: &mut Run, missing: Vec<[u8; 16]>, mut seq: i64) -> Result<(u64, i64), RunError> {
        let wanted: HashSet<[u8; 16]> = missing.into_iter().collect();
        if wanted.is_empty() {
            return Ok((0, seq));
        }
        let name = TableName::standard(&run.resource.id);
        let table = Table::new(&run.city, &run.resource)?;
        let columns = table.identity_columns().into_iter().map(str::to_owned).collect();
        let mut batches = self.0.ports.lake.scan(&name, Some(columns), None).await?;
        let mut removed = 0;
        while let Some(batch) = batches.try_next().await? {
            let gone = chosen(&batch, &wanted)?;
            if gone.num_rows() == 0 {
                continue;
            }
            seq += 1;
            let stamp = land::Stamp { system: &run.resource.system, run: &run.id, seq, now: self.now() };
            let landed = land::removal(&run.city, &run.resource, &gone, &stamp)?;
            removed += gone.num_rows() as u64;
            self.commit(run, landed).await?;
        }
        Ok((removed, seq))
    }
}

/// The rows whose `_hash` is wanted.
pub(super) fn chosen(batch: &RecordBatch, wanted: &HashSet<[u8; 16]>) -> Result<RecordBatch, RunError> {
    let broken = |what: String| RunError::Broken(what);
    let column = batch.column_by_name("_hash").ok_or_else(|| broken("_hash is missing".to_owned()))?;
    let column = arrow_cast::cast(column, &arrow_schema::DataType::Binary).map_err(|e| broken(e.to_string()))?;
    let hashes = column.as_binary_opt::<i32>().ok_or_else(|| broken("_hash is not binary".to_owned()))?;
    let hit = |row: usize| hashes.is_valid(row) && <[u8; 16]>::try_from(hashes.value(row)).is_ok_and(|hash| wanted.contains(&hash));
    let mask: BooleanArray = (0..batch.num_rows()).map(|row| Some(hit(row))).collect();
    filter_record_batch(batch, &mask).map_err(|e| broken(e.to_string()))
}
