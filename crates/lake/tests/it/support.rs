//! Small batches and short ways to look at a table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use futures::TryStreamExt;
use lake::{Appended, Commit, Compaction, Lake, LakeError, Layer, Limits, TableName};

pub fn table() -> TableName {
    TableName::new(Layer::Standard, "enterprise")
}

pub fn folder(root: &Path) -> PathBuf {
    root.join("standard/enterprise")
}

pub fn entry(root: &Path, version: i64) -> PathBuf {
    folder(root).join(format!("_delta_log/{version:020}.json"))
}

pub fn hash(id: i64) -> [u8; 16] {
    let mut hash = [7; 16];
    hash[..8].copy_from_slice(&id.to_le_bytes());
    hash
}

/// Rows `id, name, _batch, _hash` for some ids.
pub fn rows(ids: impl IntoIterator<Item = i64>, seq: i64) -> RecordBatch {
    let ids: Vec<i64> = ids.into_iter().collect();
    let hashes: Vec<[u8; 16]> = ids.iter().map(|id| hash(*id)).collect();
    let column = |array: ArrayRef| array;
    RecordBatch::try_from_iter([
        ("id", column(Arc::new(Int64Array::from(ids.clone())))),
        ("name", column(Arc::new(StringArray::from_iter_values(ids.iter().map(|id| format!("企业{id}")))))),
        ("_batch", column(Arc::new(Int64Array::from(vec![seq; ids.len()])))),
        ("_hash", column(Arc::new(BinaryArray::from_iter_values(hashes)))),
    ])
    .unwrap()
}

pub fn commit(seq: i64) -> Commit {
    Commit { seq, note: format!("{{\"at\":{seq}}}"), replaces: Vec::new() }
}

pub fn compaction(many: usize) -> Compaction {
    Compaction { many, ..Compaction::default() }
}

pub async fn land(lake: &Lake, ids: impl IntoIterator<Item = i64>, seq: i64) -> Result<Appended, LakeError> {
    lake.append(&table(), vec![rows(ids, seq)], commit(seq)).await
}

pub async fn select(lake: &Lake, sql: &str) -> Result<Vec<RecordBatch>, lake::SqlError> {
    lake.query(sql, &Limits::default()).await?.batches.try_collect().await
}

pub async fn number(lake: &Lake, sql: &str) -> i64 {
    let batches = select(lake, sql).await.unwrap();
    batches.iter().find(|batch| batch.num_rows() == 1).unwrap().column(0).as_primitive::<Int64Type>().value(0)
}

/// The ids in the table, sorted, read through a scan.
pub async fn ids(lake: &Lake) -> Result<Vec<i64>, LakeError> {
    let batches: Vec<RecordBatch> = lake.scan(&table(), Some(&["id"]), None).await?.try_collect().await?;
    let mut ids: Vec<i64> = batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    ids.sort_unstable();
    Ok(ids)
}

pub fn parquet_files(root: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder(root)).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "parquet")).collect();
    files.sort();
    files
}
