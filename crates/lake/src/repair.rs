//! Mending a damaged table. The log is restored from the manifest and the manifest from the log; what only sums up is
//! dropped and made again; a data file that cannot be trusted leaves the table in a commit of its own, and the batches
//! that it held are told, to be brought again. Nothing is deleted: damaged files are moved to `damaged` beside the tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::Text;

use crate::append::{self, Change};
use crate::manifest::Line;
use crate::part::Part;
use crate::table::Table;
use crate::verify::{self, Damage, Place};
use crate::{LakeError, disk, log, manifest, state, tidy};

/// Rows that left a table because their file was damaged.
#[derive(Clone, Debug)]
pub struct Lost {
    pub file: String,
    pub rows: u64,
    /// Numbers of the batches that the file held, as text: `3–7, 9`.
    pub batches: String,
}

/// What was done, and what could not be.
#[derive(Clone, Debug, Default)]
pub struct Repaired {
    pub done: Vec<Text>,
    pub lost: Vec<Lost>,
    pub left: Vec<Damage>,
}

/// The caller holds the write lock.
pub(crate) async fn repair(table: &Table) -> Result<Repaired, LakeError> {
    table.put(None);
    table.distrust();
    let (name, folder) = (table.name.clone(), table.folder.clone());
    let look = move || verify::look(&name, &folder, false).map(|(verified, _)| verified.damages);
    let damages = tokio::task::spawn_blocking(look.clone()).await??;
    if damages.is_empty() {
        return Ok(Repaired::default());
    }
    let folder = table.folder.clone();
    let mut repaired = tokio::task::spawn_blocking(move || mend(&folder, &damages)).await??;
    let damages = tokio::task::spawn_blocking(look.clone()).await??;
    let (gone, others): (Vec<Damage>, Vec<Damage>) = damages.into_iter().partition(Damage::loses_rows);
    if others.is_empty() && !gone.is_empty() {
        drop_files(table, &gone, &mut repaired).await?;
    }
    if others.is_empty()
        && let Some(state) = table.current().await?
    {
        tidy::checkpoint(table, &state).await?;
        repaired.done.push(Text::new("检查点已重建", "a checkpoint was made anew"));
    }
    repaired.left = tokio::task::spawn_blocking(look).await??;
    Ok(repaired)
}

/// All but the data files that the table needs now.
fn mend(folder: &Path, damages: &[Damage]) -> Result<Repaired, LakeError> {
    let (mut repaired, mut gone) = (Repaired::default(), Vec::new());
    let mut said = |zh: &str, en: &str, file: &Path| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        repaired.done.push(Text::new(format!("{zh}：{name}"), format!("{en}: {name}")));
    };
    for damage in damages {
        match &damage.place {
            Place::Entry(version, Some(right)) => {
                put_away(folder, &damage.file)?;
                let path = log::entry(folder, *version);
                disk::create(&path, &[right]).map_err(|error| LakeError::io(&path, &error))?;
                said("日志条目已由清单中的副本恢复", "a log entry was restored from its copy in the manifest", &path);
            }
            Place::Checkpoint | Place::Hint => {
                put_away(folder, &damage.file)?;
                said("已移走，将重建", "moved away, to be made again", &damage.file);
            }
            Place::Old(_) => {
                put_away(folder, &damage.file)?;
                gone.extend(damage.file.file_name().map(|name| name.to_string_lossy().into_owned()));
                said("旧版本的数据文件已移走", "a data file of earlier versions was moved away", &damage.file);
            }
            Place::Manifest | Place::Entry(_, None) | Place::Data(_) => {}
        }
    }
    let whole_log = !damages.iter().any(|damage| matches!(damage.place, Place::Entry(_, None)));
    if whole_log && damages.iter().any(|damage| matches!(damage.place, Place::Manifest | Place::Checkpoint)) {
        let path = manifest::path(folder);
        // What its whole lines know of files that left, no log can tell.
        manifest::lines(folder, |_, line| gone.extend(line.into_iter().flat_map(|line| line.gone)))?;
        put_away(folder, &path)?;
        rewrite_manifest(folder)?;
        put_away_checkpoints(folder)?;
        said("清单已由日志重建", "the manifest was made again from the log", &path);
    }
    if whole_log {
        manifest::note_gone(folder, gone)?;
    }
    Ok(repaired)
}

/// From the log, without a checkpoint: the next one brings its own line.
fn rewrite_manifest(folder: &Path) -> Result<(), LakeError> {
    let (versions, _) = log::list(folder)?;
    manifest::rewrite(folder, versions.into_iter().map(|version| Ok(Line::of(version, &log::read_entry(folder, version)?.0, None))))
}

/// Nothing vouches for them any more. Where another program cleaned the log, its beginning is only in them: they stay.
fn put_away_checkpoints(folder: &Path) -> Result<(), LakeError> {
    let (entries, checkpoints) = log::list(folder)?;
    if entries.first() != Some(&0) {
        return Ok(());
    }
    put_away(folder, &log::folder(folder).join("_last_checkpoint"))?;
    checkpoints.into_iter().try_for_each(|version| put_away(folder, &log::checkpoint(folder, version)))
}

async fn drop_files(table: &Table, damages: &[Damage], repaired: &mut Repaired) -> Result<(), LakeError> {
    let state = state::load(&table.folder, &table.store(), state::Files::Unseen).await?.map(Arc::new);
    let mut gone: Vec<Arc<Part>> = Vec::new();
    for damage in damages {
        if let Place::Data(named) = &damage.place {
            gone.push(Arc::new(named.part.clone()));
            repaired.lost.push(Lost { file: named.part.name.clone(), rows: named.part.rows, batches: named.batches() });
        }
    }
    let change = Change { operation: "DELETE", data: true, gone, ..Change::default() };
    append::enter(table, state, change).await?.ok_or_else(|| LakeError::Busy(table.name.to_string()))?;
    for damage in damages {
        put_away(&table.folder, &damage.file)?;
    }
    let (folder, names) = (table.folder.clone(), damages.iter().filter_map(|damage| damage.file.file_name()));
    let names = names.map(|name| name.to_string_lossy().into_owned()).collect();
    tokio::task::spawn_blocking(move || manifest::note_gone(&folder, names)).await??;
    table.put(None);
    Ok(())
}

/// Beside the layers, so that nothing takes it for a table or a part of one.
fn damaged(root: &Path) -> Result<PathBuf, LakeError> {
    let folder = root.join("damaged");
    disk::create_folder(&folder).map_err(|error| LakeError::io(&folder, &error))?;
    Ok(folder)
}

fn away_name(folder: &Path, rest: &str) -> String {
    let words: Vec<_> = folder.components().rev().take(2).map(|word| word.as_os_str().to_string_lossy().into_owned()).collect();
    let table = words.iter().rev().cloned().collect::<Vec<_>>().join(".");
    format!("{table}-{}{rest}", append::now_millis())
}

/// Moves a file out of a table; one that is missing is away already.
fn put_away(folder: &Path, file: &Path) -> Result<(), LakeError> {
    let Some(root) = folder.parent().and_then(Path::parent) else {
        return Err(LakeError::Engine("a table outside a lake".to_owned()));
    };
    if !file.exists() {
        return Ok(());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let target = damaged(root)?.join(away_name(folder, &format!("-{name}")));
    fs::rename(file, &target).map_err(|error| LakeError::io(file, &error))?;
    let from = file.parent().unwrap_or(folder);
    disk::sync_folder(from).and_then(|()| disk::sync_folder(&root.join("damaged"))).map_err(|error| LakeError::io(from, &error))
}

/// The caller holds the write lock.
pub(crate) async fn set_aside(root: &Path, table: &Table) -> Result<PathBuf, LakeError> {
    let (root, folder) = (root.to_owned(), table.folder.clone());
    let target = tokio::task::spawn_blocking(move || -> Result<PathBuf, LakeError> {
        let target = damaged(&root)?.join(away_name(&folder, ""));
        let fail = |error: std::io::Error| LakeError::io(&folder, &error);
        fs::rename(&folder, &target).map_err(fail)?;
        let layer = folder.parent().unwrap_or(&root);
        disk::sync_folder(layer).and_then(|()| disk::sync_folder(&root.join("damaged"))).map_err(fail)?;
        Ok(target)
    })
    .await??;
    table.put(None);
    Ok(target)
}
