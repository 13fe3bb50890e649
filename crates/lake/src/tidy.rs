//! Keeping a table in order: checkpoints, and files that nobody names any more.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deltalake_core::DeltaTableBuilder;
use url::Url;

use crate::disk::Proof;
use crate::manifest::{self, Checkpoint, Line, Manifest};
use crate::state::State;
use crate::table::Table;
use crate::{Lake, LakeError, append, disk, lease, log};

const CHECKPOINT_EVERY: i64 = 50;
/// Times of files lag behind the clock by which readers note their beginning; milliseconds.
const COARSE: i64 = 1000;

/// Sums the log up from time to time, so that opening a table stays quick.
pub(crate) async fn checkpoint_if_due(table: &Table) -> Result<(), LakeError> {
    let Some(state) = table.current().await? else {
        return Ok(());
    };
    let held = state.log.manifest.as_ref().and_then(|manifest| manifest.checkpoint.as_ref());
    let last = held.map_or(0, |checkpoint| checkpoint.version);
    if state.log.version - last < CHECKPOINT_EVERY { Ok(()) } else { checkpoint(table, &state).await }
}

/// Writes a checkpoint of the newest version and vouches for it in the manifest.
pub(crate) async fn checkpoint(table: &Table, state: &State) -> Result<(), LakeError> {
    let version = state.log.version;
    let url = Url::from_directory_path(&table.folder).map_err(|()| LakeError::Engine("not an absolute folder".to_owned()))?;
    let builder = DeltaTableBuilder::from_url(url.clone())?.with_storage_backend(table.store(), url);
    let delta = builder.with_version(u64::try_from(version).unwrap_or(0)).load().await?;
    deltalake_core::checkpoints::create_checkpoint(&delta, None).await?;
    let (folder, log) = (table.folder.clone(), state.log.clone());
    let manifest = tokio::task::spawn_blocking(move || -> Result<Manifest, LakeError> {
        let path = log::checkpoint(&folder, version);
        let bytes = fs::metadata(&path).map_err(|error| LakeError::io(&path, &error))?.len();
        let checkpoint = Checkpoint { version, bytes, sha256: disk::hash_file(&path, Proof::Full)?.sha256 };
        let mut lines = manifest::catch_up(&folder, log.manifest.as_ref(), version, None)?;
        let manifest = Manifest { version, bytes: log.length, sha256: log.hash, checkpoint: Some(checkpoint) };
        lines.push(Line::without(manifest.clone(), Vec::new()));
        manifest::append(&folder, &lines)?;
        Ok(manifest)
    })
    .await??;
    let mut next = state.clone();
    next.log.manifest = Some(manifest);
    table.put(Some(Arc::new(next)));
    Ok(())
}

/// Deletes data files that the table has not named for `older_than`, and not since the oldest reader began. Gives their number.
pub(crate) async fn vacuum(lake: &Lake, table: &Table, older_than: Duration) -> Result<u64, LakeError> {
    let now = append::now_millis();
    let Some(state) = table.current().await? else {
        return Ok(0);
    };
    // Asked after the state was looked up: whoever begins later reads this version or a newer one.
    let root = lake.root().to_owned();
    let oldest = tokio::task::spawn_blocking(move || lease::oldest(&root)).await??;
    let aged = now.saturating_sub(i64::try_from(older_than.as_millis()).unwrap_or(i64::MAX));
    let horizon = oldest.map_or(aged, |began| aged.min(began - COARSE));
    tokio::task::spawn_blocking(move || sweep(&state, horizon)).await?
}

fn sweep(state: &State, horizon: i64) -> Result<u64, LakeError> {
    let fail = |error: std::io::Error| LakeError::io(&state.folder, &error);
    let mut kept = log::removed_since(&state.folder, horizon)?;
    kept.extend(state.files.iter().map(|file| file.part.name.clone()));
    let mut old_files = Vec::new();
    for folder in [state.folder.clone(), log::folder(&state.folder)] {
        for found in fs::read_dir(&folder).map_err(fail)? {
            let found = found.map_err(fail)?;
            let name = found.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with(disk::UNFINISHED) || (folder == state.folder && name.ends_with(".parquet"));
            if ours && !kept.contains(&name) && old(&found.path(), horizon) {
                old_files.push((name, found.path()));
            }
        }
    }
    // Noted first, so that what is missing for another reason is known as damage.
    let names = old_files.iter().map(|(name, _)| name.clone()).filter(|name| name.ends_with(".parquet"));
    manifest::note_gone(&state.folder, names.collect())?;
    Ok(old_files.iter().filter(|(_, path)| fs::remove_file(path).is_ok()).count() as u64)
}

fn old(path: &Path, horizon: i64) -> bool {
    let modified = fs::metadata(path).and_then(|found| found.modified()).ok();
    modified.and_then(|time| jiff::Timestamp::try_from(time).ok()).is_some_and(|time| time.as_millisecond() < horizon)
}
