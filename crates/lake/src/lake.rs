//! The lake itself: a folder of tables, opened once and shared by all who read and write.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::{DataFrame, SessionContext, col, ident, lit};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};

use crate::encode::Lenders;
use crate::provider::Rows;
use crate::state::State;
use crate::synced::SyncedStore;
use crate::table::Table;
use crate::mask::{Masks, Secret};
use crate::{Answer, Appended, AsOf, Commit, Compaction, LakeError, LastCommit, Layer, Limits, Made, Profile, Recipe, Repaired, SqlError, TableInfo, TableName, Unmade, Verified};
use crate::lease::{self, Lease};
use crate::{append, changes, compact, disk, engine, make, manifest, profile, query, repair, rewrite, room, tidy, types, verify};

pub type Batches = BoxStream<'static, Result<RecordBatch, LakeError>>;

/// What a scan of our own may hold in memory; it streams, so this is plenty.
const SCAN_MEMORY: u64 = 512 << 20;

/// Tables at `root/<layer>/<name>`. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Lake(Arc<Inner>, Eyes);

/// How a lake is read: what keys of masks are made from, and which masks stand before its tables.
#[derive(Clone, Default)]
struct Eyes {
    secret: Option<Secret>,
    masks: Option<Arc<Masks>>,
}

struct Inner {
    root: PathBuf,
    store: Arc<SyncedStore>,
    runtime: Arc<RuntimeEnv>,
    tables: Mutex<HashMap<TableName, Arc<Table>>>,
    lenders: Arc<Lenders>,
}

/// Futures are boxed at this face, so that the engine's code is generated here once and not again in each crate
/// that awaits it: an edit elsewhere then costs seconds.
impl Lake {
    /// Opens the folder, making it where needed. Tables are read when first used.
    pub fn open(root: &Path) -> BoxFuture<'_, Result<Lake, LakeError>> {
        Box::pin(async move { Lake::open_spilling(root, &root.join("tmp"), engine::SPILL).await })
    }

    /// The same, with a folder of its own for what does not fit into memory, and at most so many bytes there.
    pub fn open_spilling<'a>(root: &'a Path, spill: &'a Path, most: u64) -> BoxFuture<'a, Result<Lake, LakeError>> {
        Box::pin(async move {
            let (root, spill) = (root.to_owned(), spill.to_owned());
            tokio::task::spawn_blocking(move || {
                disk::create_folder(&std::path::absolute(&root).map_err(|error| LakeError::io(&root, &error))?)
                    .map_err(|error| LakeError::io(&root, &error))?;
                let root = root.canonicalize().map_err(|error| LakeError::io(&root, &error))?;
                let runtime = engine::runtime(&spill, most)?;
                Ok(Lake(Arc::new(Inner { root, store: Arc::new(SyncedStore::new()), runtime, tables: Mutex::default(), lenders: Arc::default() }), Eyes::default()))
            })
            .await?
        })
    }

    /// The same lake, whose statements have the keys of masks.
    #[must_use]
    pub fn keyed(mut self, secret: Secret) -> Lake {
        self.1.secret = Some(secret);
        self
    }

    /// The same lake as a reader may see it: statements find these masks before its tables.
    #[must_use]
    pub fn masked(mut self, masks: Masks) -> Lake {
        self.1.masks = Some(Arc::new(masks));
        self
    }

    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.1.secret.as_ref()
    }

    pub(crate) fn masks(&self) -> Option<&Masks> {
        self.1.masks.as_deref()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0.root
    }

    /// Taken before a table is looked up for reading, and held until the last row.
    pub(crate) fn lease(&self) -> Option<Lease> {
        Lease::take(&self.0.root)
    }

    /// Refuses when the disk has no room for so many bytes more.
    pub(crate) fn room(&self, bytes: u64) -> Result<(), LakeError> {
        room::check(&self.0.root, bytes)
    }

    pub(crate) fn runtime(&self) -> &RuntimeEnv {
        &self.0.runtime
    }

    pub(crate) fn handle(&self, name: &TableName) -> Result<Arc<Table>, LakeError> {
        name.check()?;
        let mut tables = self.0.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = || self.0.root.join(name.layer.word()).join(&name.name);
        let new = || Arc::new(Table::new(name.clone(), folder(), self.0.store.clone(), self.0.lenders.clone()));
        let table = tables.entry(name.clone()).or_insert_with(new);
        Ok(table.clone())
    }

    pub(crate) async fn state(&self, name: &TableName) -> Result<Option<(Arc<Table>, Arc<State>)>, LakeError> {
        let table = self.handle(name)?;
        let state = table.current().await?;
        Ok(state.map(|state| (table, state)))
    }

    /// The tables of a layer, by name.
    pub(crate) fn names(&self, layer: Layer) -> Result<Vec<String>, LakeError> {
        let folder = self.0.root.join(layer.word());
        let found = match std::fs::read_dir(&folder) {
            Ok(found) => found,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LakeError::io(&folder, &error)),
        };
        let mut names: Vec<String> = found
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join("_delta_log").is_dir() || manifest::path(&entry.path()).exists())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| TableName::new(layer, name.as_str()).check().is_ok())
            .collect();
        names.sort();
        Ok(names)
    }

    pub(crate) fn all_names(&self) -> Vec<String> {
        query::layer_names(self)
    }

    /// Lands the rows as one atomic commit; returns once they are durable. Empty batches commit the note alone.
    /// New columns widen the table; a column missing in the batch is null.
    pub fn append<'a>(&'a self, table: &'a TableName, batches: Vec<RecordBatch>, commit: Commit) -> BoxFuture<'a, Result<Appended, LakeError>> {
        Box::pin(async move {
            let (lake, table) = (self.clone(), self.handle(table)?);
            // In a task of its own, so that a caller who goes away cannot leave the commit half remembered.
            tokio::spawn(async move {
                let _lease = lake.lease();
                let _writing = table.writing.lock().await;
                lake.room(batches.iter().map(|batch| batch.get_array_memory_size() as u64).sum())?;
                let done = append::append(&table, batches, &commit).await?;
                if let Appended::Done { .. } = done {
                    let few = compact::compact(&lake, &table, &Compaction { many: compact::MANY, ..Compaction::default() }).await;
                    for upkeep in [few.map(|_| ()), tidy::checkpoint_if_due(&table).await] {
                        // The rows are in; upkeep is tried again at the next append.
                        if let Err(error) = upkeep {
                            tracing::warn!(table = %table.name, %error, "upkeep of a table failed");
                        }
                    }
                }
                Ok(done)
            })
            .await?
        })
    }

    /// Puts these rows, in this schema, in the place of all that the table holds: one commit, under the number of the batch
    /// that they reach up to. An error in the stream leaves the table as it was.
    pub fn rewrite<'a>(&'a self, table: &'a TableName, schema: SchemaRef, rows: Batches, commit: Commit) -> BoxFuture<'a, Result<i64, LakeError>> {
        Box::pin(async move {
            let (lake, table) = (self.clone(), self.handle(table)?);
            // In a task of its own, as appends are.
            tokio::spawn(async move {
                let _lease = lake.lease();
                let _writing = table.writing.lock().await;
                rewrite::rewrite(&lake, &table, &schema, rows, &commit).await
            })
            .await?
        })
    }

    /// The newest batch of a table, durable; `None` before the first.
    pub fn last_commit<'a>(&'a self, table: &'a TableName) -> BoxFuture<'a, Result<Option<LastCommit>, LakeError>> {
        Box::pin(async move {
            let Some((handle, state)) = self.state(table).await? else {
                return Ok(None);
            };
            handle.sync(&state).await?;
            let mark = &state.log.mark;
            Ok(mark.seq.map(|seq| LastCommit { seq, note: mark.note.clone(), version: mark.noted }))
        })
    }

    /// Named columns (all when `None`) of all rows, or of the batch whose `_batch` is given. No table: no rows.
    pub fn scan<'a>(
        &'a self,
        table: &'a TableName,
        columns: Option<&'a [&'a str]>,
        batch_seq: Option<i64>,
    ) -> BoxFuture<'a, Result<Batches, LakeError>> {
        Box::pin(async move {
            let lease = self.lease();
            match self.state(table).await? {
                Some((handle, state)) => self.rows(handle, state, columns, batch_seq, lease).await,
                None => Ok(stream::empty().boxed()),
            }
        })
    }

    /// As `scan`, of the table as it was. No table yet: no rows. A version whose files have been vacuumed is refused.
    pub fn scan_as_of<'a>(&'a self, table: &'a TableName, as_of: AsOf, columns: Option<&'a [&'a str]>) -> BoxFuture<'a, Result<Batches, LakeError>> {
        Box::pin(async move {
            let lease = self.lease();
            let handle = self.handle(table)?;
            match handle.at(as_of).await? {
                Some(state) => self.rows(handle, state, columns, None, lease).await,
                None => Ok(stream::empty().boxed()),
            }
        })
    }

    /// Rows that came and went between two versions, with `_change` = `insert` or `delete`; a corrected row is one of each.
    /// Rows equal in every column count as one.
    pub fn changes<'a>(&'a self, table: &'a TableName, from: AsOf, upto: AsOf) -> BoxFuture<'a, Result<Batches, LakeError>> {
        Box::pin(async move {
            let lease = self.lease();
            let handle = self.handle(table)?;
            match changes::between(self, &handle, from, upto).await? {
                Some(frame) => stream_of(frame, lease).await,
                None => Ok(stream::empty().boxed()),
            }
        })
    }

    async fn rows(
        &self,
        table: Arc<Table>,
        state: Arc<State>,
        columns: Option<&[&str]>,
        batch_seq: Option<i64>,
        lease: Option<Lease>,
    ) -> Result<Batches, LakeError> {
        for name in columns.unwrap_or_default().iter().copied().chain(batch_seq.map(|_| "_batch")) {
            if state.schema.column_with_name(name).is_none() {
                return Err(LakeError::Column { table: table.name.to_string(), column: name.to_owned() });
            }
        }
        let context = SessionContext::new_with_state(engine::session(self, SCAN_MEMORY, None)?);
        let mut frame: DataFrame = context.read_table(Arc::new(Rows::new(table, state)))?;
        if let Some(seq) = batch_seq {
            frame = frame.filter(col("_batch").eq(lit(seq)))?;
        }
        if let Some(columns) = columns {
            frame = frame.select(columns.iter().map(|name| ident(*name)))?;
        }
        stream_of(frame, lease).await
    }

    /// All tables with their sizes. A damaged table is an error, not an absence.
    pub async fn tables(&self) -> Result<Vec<TableInfo>, LakeError> {
        let mut infos = Vec::new();
        for layer in Layer::ALL {
            for name in self.names(layer)? {
                infos.extend(self.table(&TableName::new(layer, name)).await?);
            }
        }
        Ok(infos)
    }

    pub fn table<'a>(&'a self, table: &'a TableName) -> BoxFuture<'a, Result<Option<TableInfo>, LakeError>> {
        Box::pin(async move {
            let Some((_, state)) = self.state(table).await? else {
                return Ok(None);
            };
            let (rows, bytes, files) = (state.rows(), state.bytes(), state.files.len() as u64);
            Ok(Some(TableInfo { table: table.clone(), rows, bytes, files, version: state.log.version, modified: state.modified }))
        })
    }

    pub async fn schema(&self, table: &TableName) -> Result<Option<SchemaRef>, LakeError> {
        Ok(self.state(table).await?.map(|(_, state)| state.schema.clone()))
    }

    /// Runs one SELECT (WITH, VALUES, EXPLAIN, DESCRIBE, SHOW TABLES). A bare table name means `standard`.
    pub fn query<'a>(&'a self, sql: &'a str, limits: &'a Limits) -> BoxFuture<'a, Result<Answer, SqlError>> {
        Box::pin(async move {
            query::run(self, sql, limits).await
        })
    }

    /// Makes a table from a SELECT, whole or by adding what is new, in one commit; whatever goes wrong, the table is as it was.
    pub fn make<'a>(&'a self, recipe: &'a Recipe) -> BoxFuture<'a, Result<Made, Unmade>> {
        Box::pin(async move {
            let (lake, recipe) = (self.clone(), recipe.clone());
            // In a task of its own, as appends are.
            let done = tokio::spawn(async move {
                let _lease = lake.lease();
                make::make(&lake, &recipe).await
            });
            done.await.map_err(LakeError::from)?
        })
    }

    /// The logical and the physical plan of a statement, indented.
    pub fn plan<'a>(&'a self, sql: &'a str) -> BoxFuture<'a, Result<(String, String), SqlError>> {
        Box::pin(async move {
            query::plan(self, sql).await
        })
    }

    /// The shape of the values of some columns, or of all but the system's own (`_…`) when none is named.
    pub fn profile<'a>(&'a self, table: &'a TableName, columns: &'a [String]) -> BoxFuture<'a, Result<Profile, LakeError>> {
        Box::pin(async move {
            profile::profile(self, table, columns).await
        })
    }

    /// Puts small files together, or all of them in a new order. Gives how many became fewer.
    pub async fn compact(&self, table: &TableName, wanted: Compaction) -> Result<u64, LakeError> {
        let (lake, table) = (self.clone(), self.handle(table)?);
        tokio::spawn(async move {
            let _writing = table.writing.lock().await;
            compact::compact(&lake, &table, &wanted).await
        })
        .await?
    }

    /// Deletes files that the table has not named for `older_than`, nor since the oldest reader of ours began, in whatever
    /// process. Gives their number. Readers of other makes are protected by `older_than` alone.
    pub async fn vacuum(&self, table: &TableName, older_than: Duration) -> Result<u64, LakeError> {
        let table = self.handle(table)?;
        let _writing = table.writing.lock().await;
        tidy::vacuum(self, &table, older_than).await
    }

    /// Sums the log of a table up in a checkpoint now. Appends do so by themselves from time to time.
    pub async fn checkpoint(&self, table: &TableName) -> Result<(), LakeError> {
        let table = self.handle(table)?;
        let _writing = table.writing.lock().await;
        match table.current().await? {
            Some(state) => tidy::checkpoint(&table, &state).await,
            None => Ok(()),
        }
    }

    /// Looks at every file of a table, every byte of it, and names what is not as it was written; `deep` also decodes all rows.
    pub fn verify<'a>(&'a self, table: &'a TableName, deep: bool) -> BoxFuture<'a, Result<Verified, LakeError>> {
        Box::pin(async move {
            let _lease = self.lease();
            let table = self.handle(table)?;
            verify::verify(&table, deep).await
        })
    }

    /// Mends what can be mended without losing anything, and sets aside what cannot; tells which batches are lost by it.
    pub fn repair<'a>(&'a self, table: &'a TableName) -> BoxFuture<'a, Result<Repaired, LakeError>> {
        Box::pin(async move {
            let table = self.handle(table)?;
            let _writing = table.writing.lock().await;
            repair::repair(&table).await
        })
    }

    /// Moves a whole table out of the way, so that it can be made again from what it was made of. Gives where it is now.
    pub async fn set_aside(&self, table: &TableName) -> Result<PathBuf, LakeError> {
        let table = self.handle(table)?;
        let _writing = table.writing.lock().await;
        repair::set_aside(&self.0.root, &table).await
    }

    /// Every table there is, damaged ones too.
    pub fn table_names(&self) -> Result<Vec<TableName>, LakeError> {
        let of = |layer: Layer| Ok(self.names(layer)?.into_iter().map(move |name| TableName::new(layer, name)));
        Ok(Layer::ALL.into_iter().map(of).collect::<Result<Vec<_>, LakeError>>()?.into_iter().flatten().collect())
    }

    /// Whether there is room to write: an error says that the disk is full.
    pub fn has_room(&self) -> Result<(), LakeError> {
        self.room(0)
    }
}

async fn stream_of(frame: DataFrame, lease: Option<Lease>) -> Result<Batches, LakeError> {
    let rows = frame.execute_stream().await?;
    let schema = types::plain(&rows.schema());
    let rows = lease::until_the_end(rows, lease);
    Ok(rows.map(move |batch| Ok(types::respell(&batch?, &schema)?)).boxed())
}
