//! Putting a whole table's rows anew: files first, durable, then one log entry that takes the old ones away.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::append::{self, Change};
use crate::part::{self, Part};
use crate::table::Table;
use crate::{Commit, Lake, LakeError, types};

/// Rows of one data file.
const ROWS_A_FILE: usize = 1_000_000;
/// How often others may be quicker before we give up.
const ATTEMPTS: usize = 10;

/// Replaces all rows, and the schema, under the table's write lock, which the caller holds. The commit carries the number
/// of the batch that the rows reach up to. An error in the stream leaves the table as it was.
pub(crate) async fn rewrite(
    lake: &Lake,
    table: &Table,
    schema: &SchemaRef,
    rows: BoxStream<'static, Result<RecordBatch, LakeError>>,
    commit: &Commit,
) -> Result<i64, LakeError> {
    let schema = types::kept_schema(schema)?;
    let mut written = Vec::new();
    if let Err(error) = write(lake, table, &schema, rows, &mut written).await {
        append::discard(table, written.into_iter().map(|part| part.name).collect()).await;
        return Err(error);
    }
    // What is left when this fails, vacuum takes: an entry that names the files may stand all the same.
    enter(table, &schema, &written, commit).await
}

async fn write(
    lake: &Lake,
    table: &Table,
    schema: &SchemaRef,
    mut rows: BoxStream<'static, Result<RecordBatch, LakeError>>,
    written: &mut Vec<Part>,
) -> Result<(), LakeError> {
    let (mut waiting, mut count) = (Vec::new(), 0);
    loop {
        let next = rows.next().await.transpose()?;
        let ended = next.is_none();
        count += next.as_ref().map_or(0, RecordBatch::num_rows);
        waiting.extend(next);
        if count >= ROWS_A_FILE || (ended && count > 0) {
            lake.room(waiting.iter().map(|batch: &RecordBatch| batch.get_array_memory_size() as u64).sum())?;
            let (batches, given) = (std::mem::take(&mut waiting), schema.clone());
            let folder = table.folder.clone();
            let part = tokio::task::spawn_blocking(move || part::write(&folder, &given, batches.into_iter().map(Ok), append::now_millis()));
            written.extend(part.await??);
            count = 0;
        }
        if ended {
            return Ok(());
        }
    }
}

async fn enter(table: &Table, schema: &SchemaRef, written: &[Part], commit: &Commit) -> Result<i64, LakeError> {
    for _ in 0..ATTEMPTS {
        let state = table.current().await?;
        let change = Change {
            operation: "WRITE",
            data: true,
            seq: Some((commit.seq, commit.note.clone())),
            new: written.to_vec(),
            gone: state.iter().flat_map(|state| state.files.iter().map(|file| file.part.clone())).collect(),
            schema: state.as_ref().is_none_or(|state| state.schema != *schema).then(|| schema.clone()),
        };
        if let Some(version) = append::enter(table, state, change).await? {
            return Ok(version);
        }
    }
    Err(LakeError::Busy(table.name.to_string()))
}
