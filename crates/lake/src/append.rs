//! Landing a batch: data files first, durable, then one log entry that makes them part of the table.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use serde_json::{Value, json};

use crate::log::{self, Log, Mark};
use crate::manifest::{self, Line, Manifest};
use crate::part::Part;
use crate::state::{self, State};
use crate::table::Table;
use crate::{Appended, Commit, LakeError, disk, part, replace, types};

/// How often others may be quicker before we give up.
const ATTEMPTS: usize = 10;

/// What one log entry is to say, before its version is known.
#[derive(Default)]
pub(crate) struct Change {
    pub operation: &'static str,
    /// Rows came or went, as against the same rows in other files.
    pub data: bool,
    pub seq: Option<(i64, String)>,
    pub new: Vec<Part>,
    pub gone: Vec<Arc<Part>>,
    pub schema: Option<SchemaRef>,
}

pub(crate) fn now_millis() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Appends under the table's write lock, which the caller holds.
pub(crate) async fn append(table: &Table, batches: Vec<RecordBatch>, commit: &Commit) -> Result<Appended, LakeError> {
    if let Some(state) = table.current().await?
        && let Some(there) = replayed(Some(&state), commit)
    {
        table.sync(&state).await?;
        return Ok(there);
    }
    let given = union(table, &batches)?;
    let written = write_rows(table, &given, batches).await?;
    let mut leftovers: Vec<String> = written.iter().map(|part| part.name.clone()).collect();
    let result = commit_rows(table, &given, written, commit, &mut leftovers).await;
    discard(table, leftovers).await;
    result
}

fn replayed(state: Option<&State>, commit: &Commit) -> Option<Appended> {
    let seq = state?.log.mark.seq?;
    (commit.seq <= seq).then_some(Appended::AlreadyThere)
}

/// The columns of all batches together, in kept types.
fn union(table: &Table, batches: &[RecordBatch]) -> Result<SchemaRef, LakeError> {
    let mut all: Option<SchemaRef> = None;
    for batch in batches {
        let given = types::kept_schema(&batch.schema())?;
        all = Some(match all {
            None => given,
            Some(held) => types::evolve(&table.name, &held, &given)?.unwrap_or(held),
        });
    }
    Ok(all.unwrap_or_else(|| Arc::new(Schema::empty())))
}

async fn write_rows(table: &Table, schema: &SchemaRef, batches: Vec<RecordBatch>) -> Result<Option<Part>, LakeError> {
    let (folder, schema, lenders) = (table.folder.clone(), schema.clone(), table.lenders.clone());
    tokio::task::spawn_blocking(move || part::write_lending(&folder, &schema, &batches, now_millis(), &lenders)).await?
}

async fn commit_rows(
    table: &Table,
    given: &SchemaRef,
    written: Option<Part>,
    commit: &Commit,
    leftovers: &mut Vec<String>,
) -> Result<Appended, LakeError> {
    for _ in 0..ATTEMPTS {
        let state = table.current().await?;
        if let Some(there) = replayed(state.as_deref(), commit) {
            return Ok(there);
        }
        let mut change = Change { operation: "WRITE", data: true, seq: Some((commit.seq, commit.note.clone())), ..Change::default() };
        change.schema = match &state {
            None if given.fields().is_empty() => {
                return Err(LakeError::Batch("a new table needs columns".to_owned()));
            }
            None => Some(given.clone()),
            Some(state) => types::evolve(&table.name, &state.schema, given)?,
        };
        if let Some(state) = &state
            && !commit.replaces.is_empty()
        {
            replace::without(table, state, &commit.replaces, &mut change).await?;
            leftovers.extend(change.new.iter().map(|part| part.name.clone()));
        }
        change.new.extend(written.clone());
        let names: HashSet<String> = change.new.iter().map(|part| part.name.clone()).collect();
        let entered = enter(table, state, change).await;
        if entered.is_err() {
            // The entry may stand all the same, and then it names these files: an orphan costs room, a missing file the table.
            leftovers.clear();
            table.put(None);
        }
        if let Some(version) = entered? {
            leftovers.retain(|name| !names.contains(name));
            return Ok(Appended::Done { version });
        }
    }
    Err(LakeError::Busy(table.name.to_string()))
}

/// Removes files that no entry came to name. What cannot be removed now, `vacuum` takes later.
pub(crate) async fn discard(table: &Table, names: Vec<String>) {
    let folder = table.folder.clone();
    let removed = tokio::task::spawn_blocking(move || names.iter().for_each(|name| drop(std::fs::remove_file(folder.join(name)))));
    let _ = removed.await;
}

/// Writes one log entry on top of `state`. `None`: somebody else wrote that version first.
pub(crate) async fn enter(table: &Table, state: Option<Arc<State>>, change: Change) -> Result<Option<i64>, LakeError> {
    let now = now_millis();
    let version = state.as_ref().map_or(0, |state| state.log.version + 1);
    let mark = mark_after(state.as_deref(), &change, version);
    let actions = actions(state.as_deref(), &change, now)?;
    let bytes = log::compose(change.operation, &mark, now, &actions);
    let held = state.as_ref().and_then(|state| state.log.manifest.clone());
    let length = bytes.len() as u64;
    let folder = table.folder.clone();
    let entered = tokio::task::spawn_blocking(move || -> Result<Option<Log>, LakeError> {
        let path = log::entry(&folder, version);
        match disk::create(&path, &[&bytes]) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(LakeError::io(&path, &error)),
        }
        let manifest = vouch(&folder, held, version, &bytes);
        Ok(Some(Log { version, hash: disk::hash(&bytes), length, mark, exact: true, manifest }))
    });
    let Some(log) = entered.await?? else {
        table.put(None);
        return Ok(None);
    };
    table.settled(&log.hash);
    table.trust(&change.new);
    let gone = change.gone.iter().map(|part| part.name.clone()).collect();
    let next = match state {
        Some(old) => {
            let schema = change.schema.unwrap_or_else(|| old.schema.clone());
            Some(Arc::new(old.after(log, schema, &gone, &change.new, now)))
        }
        // The rows are in; who asks next reads the table anew and learns why it cannot be read.
        None => state::load(&table.folder, &table.store(), state::Files::Seen).await.ok().flatten().map(Arc::new),
    };
    table.put(next);
    Ok(Some(version))
}

/// Notes the new entry in the manifest, with those before it that their writers did not live to note.
fn vouch(folder: &Path, held: Option<Manifest>, version: i64, entry: &[u8]) -> Option<Manifest> {
    let checkpoint = held.as_ref().and_then(|held| held.checkpoint.clone());
    let noted = manifest::catch_up(folder, held.as_ref(), version - 1, checkpoint.as_ref()).and_then(|mut lines| {
        let line = Line::of(version, entry, checkpoint);
        let manifest = line.manifest.clone();
        lines.push(line);
        manifest::append(folder, &lines).map(|()| manifest)
    });
    // The rows are in; the next entry catches up.
    noted.inspect_err(|error| tracing::warn!(%error, "the manifest could not be renewed")).ok().or(held)
}

fn mark_after(state: Option<&State>, change: &Change, version: i64) -> Mark {
    let (mut mark, rows, files) =
        state.map_or((Mark::default(), 0, 0), |state| (state.log.mark.clone(), state.rows(), state.files.len() as u64));
    if let Some((seq, note)) = &change.seq {
        mark = Mark { seq: Some(*seq), note: note.clone(), noted: version, ..mark };
    }
    let sum = |rows: &mut dyn Iterator<Item = u64>| rows.sum::<u64>();
    mark.rows =
        (rows + sum(&mut change.new.iter().map(|part| part.rows))).saturating_sub(sum(&mut change.gone.iter().map(|part| part.rows)));
    mark.files = (files + change.new.len() as u64).saturating_sub(change.gone.len() as u64);
    mark.previous = state.map(|state| state.log.hash.clone()).unwrap_or_default();
    mark
}

fn actions(state: Option<&State>, change: &Change, now: i64) -> Result<Vec<Value>, LakeError> {
    let mut actions = Vec::new();
    if state.is_none() {
        actions.push(json!({ "protocol": { "minReaderVersion": 1, "minWriterVersion": 2 } }));
    }
    if let Some(schema) = &change.schema {
        let born = || {
            json!({ "id": uuid::Uuid::now_v7().to_string(), "format": { "provider": "parquet", "options": {} },
                "partitionColumns": [], "configuration": {}, "createdTime": now })
        };
        let mut metadata = state.map_or_else(born, |state| state.metadata.clone());
        if let Some(fields) = metadata.as_object_mut() {
            fields.insert("schemaString".to_owned(), json!(types::delta_schema(schema)?));
        }
        actions.push(json!({ "metaData": metadata }));
    }
    if let Some((seq, _)) = &change.seq {
        actions.push(json!({ "txn": { "appId": log::APPLICATION, "version": seq, "lastUpdated": now } }));
    }
    actions.extend(change.gone.iter().map(|part| part.remove(change.data, now)));
    actions.extend(change.new.iter().map(|part| part.add(change.data)));
    Ok(actions)
}
