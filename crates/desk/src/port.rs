//! What the desk needs from outside, in its own words: the lake, a place to run SELECTs, a clock, chance.
//! The binary plugs the real ones in; nothing here knows an engine.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use futures::stream::BoxStream;
use kernel::{Moment, Text};

use crate::view::{ColumnProfile, SqlAnswer, SqlError};

/// Where in the river a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    Raw,
    Standard,
}

/// A table of the lake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    pub layer: Layer,
    pub name: String,
}

impl TableName {
    pub fn raw(resource: &str) -> TableName {
        TableName { layer: Layer::Raw, name: resource.to_owned() }
    }

    pub fn standard(resource: &str) -> TableName {
        TableName { layer: Layer::Standard, name: resource.to_owned() }
    }
}

/// One atomic, durable addition to a table. `seq` grows by one with each batch of a resource; a replay is recognised by it.
#[derive(Clone, Debug)]
pub struct Commit {
    pub seq: i64,
    /// JSON kept with the commit: position at the source and counts.
    pub note: String,
    /// `_hash` of older rows that this commit takes away.
    pub replaces: Vec<[u8; 16]>,
}

/// The newest batch a table has.
#[derive(Clone, Debug)]
pub struct LastCommit {
    pub seq: i64,
    pub note: String,
}

/// How large a table is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    pub rows: u64,
    pub bytes: u64,
}

/// Shape of a table's values.
#[derive(Clone, Debug)]
pub struct TableProfile {
    pub rows: u64,
    pub columns: Vec<ColumnProfile>,
}

/// The lake could not do it. `full`: the disk has no room left.
#[derive(Clone, Debug, thiserror::Error)]
#[error("lake: {}", message.en)]
pub struct LakeFailure {
    pub message: Text,
    pub full: bool,
}

pub type Batches = BoxStream<'static, Result<RecordBatch, LakeFailure>>;

#[async_trait]
pub trait Lake: Send + Sync {
    /// Returns once the rows are durable. No `rows` at all commit the note alone. `false`: this batch was there already.
    async fn append(&self, table: &TableName, rows: Vec<RecordBatch>, commit: Commit) -> Result<bool, LakeFailure>;
    /// Puts these rows, in this schema, in the place of all rows of the table: one commit, bound to the batch number as
    /// appends are. An error in the stream leaves the table as it was.
    async fn rewrite(&self, table: &TableName, schema: SchemaRef, rows: Batches, commit: Commit) -> Result<(), LakeFailure>;
    /// An error when the disk has no room for another batch.
    async fn has_room(&self) -> Result<(), LakeFailure> {
        Ok(())
    }
    async fn last_commit(&self, table: &TableName) -> Result<Option<LastCommit>, LakeFailure>;
    /// Named columns (all when `None`) of all rows, or of one batch.
    async fn scan(&self, table: &TableName, columns: Option<Vec<String>>, seq: Option<i64>) -> Result<Batches, LakeFailure>;
    /// Zero where there is no such table.
    async fn size(&self, table: &TableName) -> Result<TableSize, LakeFailure>;
    async fn profile(&self, table: &TableName, columns: Vec<String>) -> Result<TableProfile, LakeFailure>;
}

/// Runs SELECTs where they can do no harm: in a process of their own, within limits.
#[async_trait]
pub trait SqlRunner: Send + Sync {
    async fn run(&self, sql: &str, max_rows: u64, deadline: Duration) -> Result<SqlAnswer, SqlError>;
    async fn plan(&self, sql: &str) -> Result<(String, String), SqlError>;
}

/// The ports together. `clock` and `chance` are functions so that tests may choose both.
#[derive(Clone)]
pub struct Ports {
    pub lake: Arc<dyn Lake>,
    pub sql: Arc<dyn SqlRunner>,
    pub clock: fn() -> Moment,
    pub chance: fn(&mut [u8]),
}
