//! What the desk needs from outside, in its own words: the lake, a place to run SELECTs, a clock, chance.
//! The binary plugs the real ones in; nothing here knows an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use data::mask::{Declassified, Mask};
use futures::stream::BoxStream;
use kernel::{Moment, Text};
use serde::{Deserialize, Serialize};

use crate::view::{ColumnProfile, SqlAnswer, SqlError};

/// Where in the river a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    Raw,
    Standard,
    Master,
    Topic,
    Open,
}

impl Layer {
    pub const ALL: [Layer; 5] = [Layer::Raw, Layer::Standard, Layer::Master, Layer::Topic, Layer::Open];

    /// The layer's name in SQL and in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Raw => "raw",
            Layer::Standard => "standard",
            Layer::Master => "master",
            Layer::Topic => "topic",
            Layer::Open => "open",
        }
    }
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

impl TableName {
    /// `topic.air_month`; a bare name means the standard layer.
    pub fn read(text: &str) -> Option<TableName> {
        let (layer, name) = text.split_once('.').unwrap_or((Layer::Standard.word(), text));
        let layer = Layer::ALL.into_iter().find(|known| known.word() == layer)?;
        Some(TableName { layer, name: name.to_owned() })
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.layer.word(), self.name)
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
    /// Version of the table that brought it. A table made anew under the same number has another one.
    pub version: i64,
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

/// What a reader sees of the tables that a SELECT names; of others nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Masks(pub Vec<(String, Shown)>);

/// What a reader sees of one table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub plain: BTreeSet<String>,
    pub masked: BTreeMap<String, Mask>,
    /// Whether columns that stand in neither, such as those no longer declared, are seen.
    pub rest: bool,
}

/// Runs SELECTs where they can do no harm: in a process of their own, within limits.
#[async_trait]
pub trait SqlRunner: Send + Sync {
    /// With `masks`, tables are seen only as far as these say.
    async fn run(&self, sql: &str, max_rows: u64, deadline: Duration, masks: Option<Masks>) -> Result<SqlAnswer, SqlError>;
    async fn plan(&self, sql: &str, masks: Option<Masks>) -> Result<(String, String), SqlError>;
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    pub table: TableName,
    pub column: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// How a value comes from a source; the greatest of several ways counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// As it stands, or cast.
    Copied,
    /// Through an expression over its own row.
    Computed,
    /// Summed up with those of other rows.
    Folded,
}

/// One column that a SELECT gives, and its lineage.
#[derive(Clone, Debug)]
pub struct PlannedColumn {
    pub name: String,
    /// Arrow type, e.g. `Utf8`, `Int64`, `Date32`.
    pub kind: String,
    /// What its value is computed from.
    pub value: BTreeMap<Source, How>,
    /// What decides which rows there are, or which rows went into the value.
    pub rows: BTreeSet<Source>,
    /// Sources of its value that come through declassifiers, whichever way they come.
    pub lowered: BTreeMap<Source, Declassified>,
}

/// What a SELECT gives, told without reading a row.
#[derive(Clone, Debug)]
pub struct Planned {
    pub columns: Vec<PlannedColumn>,
    /// As a table keeps it.
    pub schema: SchemaRef,
}

/// Tables with their columns, as declared.
pub type Tables = BTreeMap<TableName, SchemaRef>;

/// Reads SELECTs without running them. It waits for nothing and touches no data.
pub trait Planner: Send + Sync {
    /// The tables that a text names.
    fn reads(&self, sql: &str) -> Result<Vec<TableName>, SqlError>;
    /// Plans a text. With `kept`, what no table could keep is refused.
    fn plan(&self, sql: &str, tables: &Tables, kept: bool) -> Result<Planned, SqlError>;
}

/// A table to be made from a SELECT.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub table: TableName,
    pub sql: String,
    /// Rows at most; more are refused.
    pub rows: u64,
    pub memory_bytes: u64,
    pub deadline: Duration,
    /// JSON kept with the commit.
    pub note: String,
    /// Columns that together name a row.
    pub key: Vec<String>,
    /// Add the rows at or beyond the greatest value of this column, instead of making all anew.
    pub cursor: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Rows that the SELECT gave.
    pub given: u64,
    /// Rows of the table now.
    pub rows: u64,
    pub version: i64,
    /// Rows were added to what was there.
    pub added: bool,
}

/// Makes tables from SELECTs, in one commit each and where it can do no harm: in a process of its own, within limits.
#[async_trait]
pub trait Maker: Send + Sync {
    async fn make(&self, recipe: Recipe) -> Result<Made, Text>;
}

/// The ports together. `clock` and `chance` are functions so that tests may choose both.
#[derive(Clone)]
pub struct Ports {
    pub lake: Arc<dyn Lake>,
    pub sql: Arc<dyn SqlRunner>,
    pub planner: Arc<dyn Planner>,
    pub maker: Arc<dyn Maker>,
    pub clock: fn() -> Moment,
    pub chance: fn(&mut [u8]),
}
