//! A lake in memory with the port's promises, which fails on the n-th call when told to, as a dying process would.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;
use async_trait::async_trait;
use desk::port::{Batches, Commit, Lake, LakeFailure, LastCommit, Made, Maker, Masks, Planned, Planner, Ports, Recipe, SqlRunner, TableName, TableProfile, TableSize, Tables};
use desk::view::{ColumnProfile, SqlAnswer, SqlError};
use futures::StreamExt;
use kernel::{Moment, Text};

#[derive(Default)]
pub struct Memory {
    tables: Mutex<HashMap<TableName, Table>>,
    /// Calls of `append` until one fails; negative: never.
    pub fuse: AtomicI64,
    /// What every profile tells of the columns.
    pub shapes: Mutex<Vec<ColumnProfile>>,
    /// The one row that every SELECT answers with; none where it is empty.
    pub cells: Mutex<Vec<serde_json::Value>>,
    /// The masks that came with each SELECT.
    pub asked: Mutex<Vec<Option<Masks>>>,
}

#[derive(Default, Clone)]
struct Table {
    batches: Vec<RecordBatch>,
    seq: i64,
    note: String,
}

impl Memory {
    pub fn new(fuse: i64) -> Arc<Memory> {
        Arc::new(Memory { fuse: AtomicI64::new(fuse), ..Memory::default() })
    }

    pub fn batches(&self, table: &TableName) -> Vec<RecordBatch> {
        self.tables.lock().expect("lock").get(table).map(|t| t.batches.clone()).unwrap_or_default()
    }

    /// `Ok(true)`: fail after the work was done; `Err`: fail before.
    fn burn(&self) -> Result<bool, LakeFailure> {
        match self.fuse.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(dead()),
            1 => Ok(true),
            _ => Ok(false),
        }
    }
}

fn dead() -> LakeFailure {
    LakeFailure { message: Text::new("断电", "power cut"), full: false }
}

#[async_trait]
impl Lake for Memory {
    async fn append(&self, name: &TableName, rows: Vec<RecordBatch>, commit: Commit) -> Result<bool, LakeFailure> {
        let dies_after = self.burn()?;
        let mut tables = self.tables.lock().expect("lock");
        let table = tables.entry(name.clone()).or_default();
        let new = commit.seq > table.seq;
        if new {
            table.batches = table.batches.iter().map(|old| without(old, &commit.replaces)).collect();
            table.batches.extend(rows);
            table.seq = commit.seq;
            table.note = commit.note;
        }
        if dies_after { Err(dead()) } else { Ok(new) }
    }

    async fn rewrite(&self, name: &TableName, _schema: SchemaRef, rows: Batches, commit: Commit) -> Result<(), LakeFailure> {
        let batches = rows.collect::<Vec<_>>().await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let dies_after = self.burn()?;
        let table = Table { batches, seq: commit.seq, note: commit.note };
        self.tables.lock().expect("lock").insert(name.clone(), table);
        if dies_after { Err(dead()) } else { Ok(()) }
    }

    async fn last_commit(&self, name: &TableName) -> Result<Option<LastCommit>, LakeFailure> {
        let tables = self.tables.lock().expect("lock");
        Ok(tables.get(name).map(|t| LastCommit { seq: t.seq, note: t.note.clone(), version: t.seq }))
    }

    async fn scan(&self, name: &TableName, columns: Option<Vec<String>>, seq: Option<i64>) -> Result<Batches, LakeFailure> {
        let pick = move |batch: RecordBatch| match &columns {
            Some(names) => {
                let at: Vec<usize> = names.iter().map(|n| batch.schema().index_of(n).expect("column")).collect();
                batch.project(&at).expect("projection")
            }
            None => batch,
        };
        let of_batch = |batch: &RecordBatch| seq.is_none_or(|seq| batch.num_rows() > 0 && int(batch, "_batch")[0] == seq);
        let found: Vec<_> = self.batches(name).into_iter().filter(of_batch).map(pick).map(Ok).collect();
        Ok(futures::stream::iter(found).boxed())
    }

    async fn size(&self, name: &TableName) -> Result<TableSize, LakeFailure> {
        let rows = self.batches(name).iter().map(|b| b.num_rows() as u64).sum();
        Ok(TableSize { rows, bytes: rows })
    }

    async fn profile(&self, name: &TableName, _columns: Vec<String>) -> Result<TableProfile, LakeFailure> {
        Ok(TableProfile { rows: self.size(name).await?.rows, columns: self.shapes.lock().expect("lock").clone() })
    }
}

#[async_trait]
impl SqlRunner for Memory {
    async fn run(&self, _sql: &str, _max_rows: u64, _deadline: Duration, masks: Option<Masks>) -> Result<SqlAnswer, SqlError> {
        self.asked.lock().expect("lock").push(masks);
        let cells = self.cells.lock().expect("lock").clone();
        let rows = if cells.is_empty() { Vec::new() } else { vec![cells] };
        Ok(SqlAnswer { columns: Vec::new(), rows, truncated: false, elapsed_ms: 0 })
    }

    async fn plan(&self, _sql: &str, _masks: Option<Masks>) -> Result<(String, String), SqlError> {
        Ok((String::new(), String::new()))
    }
}

/// No city of these tests has models.
impl Planner for Memory {
    fn reads(&self, _sql: &str) -> Result<Vec<TableName>, SqlError> {
        Err(unplanned())
    }

    fn plan(&self, _sql: &str, _tables: &Tables, _kept: bool) -> Result<Planned, SqlError> {
        Err(unplanned())
    }
}

fn unplanned() -> SqlError {
    SqlError { message: Text::new("没有引擎", "no engine"), line: 0, column: 0, length: 0, suggestion: None }
}

#[async_trait]
impl Maker for Memory {
    async fn make(&self, _recipe: Recipe) -> Result<Made, Text> {
        Err(unplanned().message)
    }
}

/// Rows whose `_hash` is not among those taken away.
fn without(batch: &RecordBatch, hashes: &[[u8; 16]]) -> RecordBatch {
    let column = batch.column_by_name("_hash").expect("_hash").as_binary::<i32>();
    let keep: BooleanArray = column.iter().map(|hash| Some(!hashes.iter().any(|gone| hash == Some(gone.as_slice())))).collect();
    filter_record_batch(batch, &keep).expect("filter")
}

pub fn int(batch: &RecordBatch, name: &str) -> Vec<i64> {
    batch.column_by_name(name).expect("column").as_primitive::<Int64Type>().values().to_vec()
}

pub fn text(batch: &RecordBatch, name: &str) -> Vec<String> {
    batch.column_by_name(name).expect("column").as_string::<i32>().iter().map(|v| v.unwrap_or_default().to_owned()).collect()
}

pub fn ports(memory: &Arc<Memory>) -> Ports {
    fn clock() -> Moment {
        Moment::from_jiff(jiff::Timestamp::now())
    }
    fn chance(bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("random bytes");
    }
    Ports { lake: memory.clone(), sql: memory.clone(), planner: memory.clone(), maker: memory.clone(), clock, chance }
}
