//! Keeping a table in order: many small files into one, checkpoints, files nobody names any more, proof of every byte.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use deltalake_core::DeltaTableBuilder;
use url::Url;

use crate::append::{self, Change};
use crate::disk;
use crate::log::{self, Manifest};
use crate::part::{self, Part, Parts};
use crate::state::State;
use crate::table::Table;
use crate::{LakeError, types};

const SMALL: u64 = 16 << 20;
const LARGE: u64 = 256 << 20;
/// A table may have so many small files before they are put together.
pub(crate) const MANY: usize = 32;
const CHECKPOINT_EVERY: i64 = 50;
/// Unnamed files younger than this may belong to a write under way, or to a reader.
const YOUNGEST: Duration = Duration::from_secs(3600);

/// The oldest small files that fit into one; none when there are too few to be worth it.
fn small(state: &State, many: usize) -> Parts {
    let mut total = 0;
    let small = state.files.iter().map(|file| file.part.clone()).filter(|part| part.bytes < SMALL);
    let parts: Parts = small
        .take_while(|part| {
            total += part.bytes;
            total <= LARGE
        })
        .collect();
    if parts.len() > many { parts } else { Parts::new() }
}

/// Puts small files together when there are more than `many`. The caller holds the write lock.
/// Gives the number of files that became one; 0 also when another process was quicker.
pub(crate) async fn compact(table: &Table, many: usize) -> Result<u64, LakeError> {
    let Some(state) = table.current().await? else {
        return Ok(0);
    };
    let parts = small(&state, many.max(1));
    if parts.is_empty() {
        return Ok(0);
    }
    table.prove(&state).await?;
    let (from, old) = (state.clone(), parts.clone());
    let one = tokio::task::spawn_blocking(move || together(&from, &old)).await??;
    let name = one.name.clone();
    let count = parts.len() as u64;
    let change = Change { operation: "OPTIMIZE", new: vec![one], gone: parts, ..Change::default() };
    match append::enter(table, Some(state), change).await {
        Ok(Some(_)) => Ok(count),
        other => {
            append::discard(table, vec![name]).await;
            other.map(|_| 0)
        }
    }
}

fn together(state: &State, parts: &[Arc<Part>]) -> Result<Part, LakeError> {
    let rows = parts.iter().flat_map(|part| open(state, part));
    let newest = parts.iter().map(|part| part.modified).max().unwrap_or(0);
    let one =
        part::write(&state.folder, &state.schema, rows, newest)?.ok_or_else(|| LakeError::Engine("no rows to put together".to_owned()))?;
    let before: u64 = parts.iter().map(|part| part.rows).sum();
    if one.rows != before {
        let _ = fs::remove_file(state.folder.join(&one.name));
        return Err(LakeError::damaged(&state.folder, format!("{before} rows became {} when put together", one.rows)));
    }
    Ok(one)
}

fn open(state: &State, part: &Part) -> Box<dyn Iterator<Item = Result<RecordBatch, LakeError>>> {
    let schema = state.schema.clone();
    match part::read(&state.folder, part, None) {
        Ok(reader) => Box::new(reader.map(move |batch| types::conform(&batch?, &schema))),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// Sums the log up from time to time, so that opening a table stays quick.
pub(crate) async fn checkpoint_if_due(table: &Table) -> Result<(), LakeError> {
    let Some(state) = table.current().await? else {
        return Ok(());
    };
    let last = state.log.manifest.as_ref().and_then(|manifest| manifest.checkpoint.as_ref()).map_or(0, |(version, _)| *version);
    if state.log.version - last < CHECKPOINT_EVERY { Ok(()) } else { checkpoint(table, &state).await }
}

/// Writes a checkpoint of the newest version and remembers its hash.
pub(crate) async fn checkpoint(table: &Table, state: &State) -> Result<(), LakeError> {
    let version = state.log.version;
    let url = Url::from_directory_path(&table.folder).map_err(|()| LakeError::Engine("not an absolute folder".to_owned()))?;
    let builder = DeltaTableBuilder::from_url(url.clone())?.with_storage_backend(table.store(), url);
    let delta = builder.with_version(u64::try_from(version).unwrap_or(0)).load().await?;
    deltalake_core::checkpoints::create_checkpoint(&delta, None).await?;
    let folder = table.folder.clone();
    let (hash, rows) = (state.log.hash.clone(), state.rows());
    let manifest = tokio::task::spawn_blocking(move || -> Result<Manifest, LakeError> {
        let path = log::checkpoint(&folder, version);
        let manifest = Manifest { version, hash, rows, checkpoint: Some((version, disk::hash_file(&path)?)) };
        log::write_manifest(&folder, &manifest)?;
        Ok(manifest)
    })
    .await??;
    let mut next = state.clone();
    next.log.manifest = Some(manifest);
    table.put(Some(Arc::new(next)));
    Ok(())
}

/// Deletes data files that the table has not named for `older_than` (at least an hour). Gives their number.
pub(crate) async fn vacuum(table: &Table, older_than: Duration) -> Result<u64, LakeError> {
    let Some(state) = table.current().await? else {
        return Ok(0);
    };
    let age = older_than.max(YOUNGEST);
    tokio::task::spawn_blocking(move || sweep(&state, age)).await?
}

fn sweep(state: &State, age: Duration) -> Result<u64, LakeError> {
    let horizon = append::now_millis().saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
    let fail = |error: std::io::Error| LakeError::io(&state.folder, &error);
    let mut kept = log::removed_since(&state.folder, horizon)?;
    kept.extend(state.files.iter().map(|file| file.part.name.clone()));
    let mut count = 0;
    for folder in [state.folder.clone(), log::folder(&state.folder)] {
        for found in fs::read_dir(&folder).map_err(fail)? {
            let found = found.map_err(fail)?;
            let name = found.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with(disk::UNFINISHED) || (folder == state.folder && name.ends_with(".parquet"));
            if ours && !kept.contains(&name) && old(&found.path(), horizon) && fs::remove_file(found.path()).is_ok() {
                count += 1;
            }
        }
    }
    Ok(count)
}

fn old(path: &Path, horizon: i64) -> bool {
    let modified = fs::metadata(path).and_then(|found| found.modified()).ok();
    modified.and_then(|time| jiff::Timestamp::try_from(time).ok()).is_some_and(|time| time.as_millisecond() < horizon)
}

/// Reads every byte of the table and compares it with what the log promises. Gives files and bytes read.
pub(crate) async fn verify(table: &Table) -> Result<(u64, u64), LakeError> {
    table.put(None);
    let Some(state) = table.current().await? else {
        return Ok((0, 0));
    };
    let proven =
        tokio::task::spawn_blocking(move || state.files.iter().try_for_each(|file| file.part.verify(&state.folder)).map(|()| state))
            .await??;
    table.trust(proven.files.iter().map(|file| file.part.as_ref()));
    Ok((proven.files.len() as u64, proven.bytes()))
}
