//! A table at one version: its schema and data files, read through the Delta library and held
//! against the totals our log promises.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::SchemaRef;
use datafusion::common::Statistics;
use deltalake_core::DeltaTableBuilder;
use kernel::Moment;
use serde_json::Value;
use url::Url;

use crate::log::{self, Log};
use crate::part::Part;
use crate::synced::SyncedStore;
use crate::{LakeError, stats, types};

/// One active data file and what the planner may know of it.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    pub part: Arc<Part>,
    pub statistics: Arc<Statistics>,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub folder: PathBuf,
    /// Delta's own metadata (id, birth), for when the schema grows.
    pub metadata: Value,
    pub schema: SchemaRef,
    /// The same, as the engine is given it.
    pub viewed: SchemaRef,
    pub files: Vec<Active>,
    pub log: Log,
    /// When the newest entry was written.
    pub modified: Moment,
}

impl State {
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.part.rows).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.part.bytes).sum()
    }

    /// Whether the newest entry is still the one this state was read from.
    pub fn fresh(&self) -> bool {
        let next = log::entry(&self.folder, self.log.version + 1);
        let newest = fs::metadata(log::entry(&self.folder, self.log.version));
        !next.exists() && newest.is_ok_and(|found| found.len() == self.log.length)
    }

    /// After a commit of ours, without reading anything back.
    pub fn after(&self, log: Log, schema: SchemaRef, gone: &HashSet<String>, new: &[Part], now: i64) -> State {
        let viewed = types::viewed(&schema);
        let active = |part: &Part| Active {
            statistics: stats::statistics(&viewed, &part.stats, part.rows, part.bytes),
            part: Arc::new(part.clone()),
        };
        let same = schema == self.schema;
        let kept = self.files.iter().filter(|file| !gone.contains(&file.part.name));
        let mut files: Vec<Active> = kept.map(|file| if same { file.clone() } else { active(&file.part) }).collect();
        files.extend(new.iter().map(active));
        State { folder: self.folder.clone(), metadata: self.metadata.clone(), schema, viewed, files, log, modified: Moment(now * 1000) }
    }
}

/// Whether the data files must be there, of the right size.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    Seen,
    /// Some are known to be damaged and are about to leave the table.
    Unseen,
}

/// Reads the table as it is now; `None` where there is none.
pub(crate) async fn load(folder: &Path, store: &Arc<SyncedStore>, files: Files) -> Result<Option<State>, LakeError> {
    let table = folder.to_owned();
    let Some(log) = tokio::task::spawn_blocking(move || log::read(&table)).await?? else {
        return Ok(None);
    };
    load_log(folder, store, log, files).await.map(Some)
}

/// The table as it was at an earlier version, whose files may have been vacuumed since.
pub(crate) async fn load_at(folder: &Path, store: &Arc<SyncedStore>, version: i64) -> Result<State, LakeError> {
    let table = folder.to_owned();
    let log = tokio::task::spawn_blocking(move || log::read_at(&table, version)).await??;
    load_log(folder, store, log, Files::Seen).await
}

async fn load_log(folder: &Path, store: &Arc<SyncedStore>, log: Log, files: Files) -> Result<State, LakeError> {
    let url = Url::from_directory_path(folder).map_err(|()| LakeError::Engine(format!("not an absolute folder: {}", folder.display())))?;
    let version = u64::try_from(log.version).map_err(|_| LakeError::damaged(folder, "negative version"))?;
    let unreadable = |error: deltalake_core::DeltaTableError| LakeError::damaged(&log::folder(folder), error.to_string());
    let builder = DeltaTableBuilder::from_url(url.clone()).map_err(unreadable)?.with_storage_backend(store.clone(), url);
    let table = builder.with_version(version).load().await.map_err(unreadable)?;
    let snapshot = table.snapshot().map_err(unreadable)?.snapshot().clone();
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || digest(folder, log, &snapshot, files)).await?
}

fn digest(folder: PathBuf, log: Log, snapshot: &deltalake_core::kernel::EagerSnapshot, seen: Files) -> Result<State, LakeError> {
    let newest = log::entry(&folder, log.version);
    let schema = types::kept_schema(&snapshot.arrow_schema())?;
    let viewed = types::viewed(&schema);
    let mut files = Vec::new();
    for view in snapshot.log_data().iter() {
        let name = view.path().into_owned();
        let damaged = |what: &str| LakeError::damaged(&newest, format!("data file {name}: {what}"));
        if name.contains("..") || name.starts_with('/') {
            return Err(damaged("outside the table"));
        }
        let text = view.stats().unwrap_or_default();
        let parsed: Value = serde_json::from_str(&text).map_err(|_| damaged("no statistics"))?;
        let rows = parsed.get("numRecords").and_then(Value::as_u64).ok_or_else(|| damaged("no row count"))?;
        let bytes = u64::try_from(view.size()).map_err(|_| damaged("negative size"))?;
        let part = Part { name, bytes, rows, modified: view.modification_time(), stats: text };
        if seen == Files::Seen {
            part.check_size(&folder)?;
        }
        files.push(Active { statistics: stats::statistics(&viewed, &part.stats, rows, bytes), part: Arc::new(part) });
    }
    // Oldest first, so that rows come in the order in which they arrived.
    files.sort_by(|a, b| (a.part.modified, arrival(&a.part)).cmp(&(b.part.modified, arrival(&b.part))));
    let metadata = serde_json::to_value(snapshot.metadata()).map_err(|error| LakeError::damaged(&newest, error.to_string()))?;
    let modified = fs::metadata(&newest).and_then(|found| found.modified()).ok();
    let modified = modified.and_then(|time| jiff::Timestamp::try_from(time).ok()).map_or(Moment(0), Moment::from_jiff);
    let state = State { folder, metadata, schema, viewed, files, log, modified };
    if state.log.exact && (state.rows() != state.log.mark.rows || state.files.len() as u64 != state.log.mark.files) {
        let what =
            format!("{} rows in {} files, should be {} in {}", state.rows(), state.files.len(), state.log.mark.rows, state.log.mark.files);
        return Err(LakeError::damaged(&log::folder(&state.folder), what));
    }
    Ok(state)
}

/// The part of a data file's name that grows with time.
fn arrival(part: &Part) -> &str {
    part.name.rsplit('-').next().unwrap_or("")
}
