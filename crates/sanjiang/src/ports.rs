//! The desk's ports, plugged: the lake itself, and SELECTs in worker processes of this same binary.

use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use desk::port::{Batches, Commit, LakeFailure, LastCommit, Layer, TableName, TableProfile, TableSize};
use desk::view::{SqlAnswer, SqlError};
use futures::{StreamExt, TryStreamExt};
use kernel::Text;
use lake::Lake;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::worker;

/// The lake behind the desk's port.
pub struct LakePort(pub Lake);

#[async_trait]
impl desk::port::Lake for LakePort {
    async fn append(&self, table: &TableName, rows: Vec<RecordBatch>, commit: Commit) -> Result<bool, LakeFailure> {
        let commit = lake::Commit { seq: commit.seq, note: commit.note, replaces: commit.replaces };
        let done = self.0.append(&name(table), rows, commit).await.map_err(failure)?;
        Ok(matches!(done, lake::Appended::Done { .. }))
    }

    async fn rewrite(&self, table: &TableName, schema: SchemaRef, rows: Batches, commit: Commit) -> Result<(), LakeFailure> {
        let commit = lake::Commit { seq: commit.seq, note: commit.note, replaces: commit.replaces };
        let rows = rows.map_err(|failure| lake::LakeError::Batch(failure.message.en)).boxed();
        self.0.rewrite(&name(table), schema, rows, commit).await.map_err(failure)?;
        Ok(())
    }

    async fn has_room(&self) -> Result<(), LakeFailure> {
        self.0.has_room().map_err(failure)
    }

    async fn last_commit(&self, table: &TableName) -> Result<Option<LastCommit>, LakeFailure> {
        let last = self.0.last_commit(&name(table)).await.map_err(failure)?;
        Ok(last.map(|last| LastCommit { seq: last.seq, note: last.note, version: last.version }))
    }

    async fn scan(&self, table: &TableName, columns: Option<Vec<String>>, seq: Option<i64>) -> Result<Batches, LakeFailure> {
        let names: Option<Vec<&str>> = columns.as_ref().map(|columns| columns.iter().map(String::as_str).collect());
        let batches = self.0.scan(&name(table), names.as_deref(), seq).await.map_err(failure)?;
        Ok(batches.map(|batch| batch.map_err(failure)).boxed())
    }

    async fn size(&self, table: &TableName) -> Result<TableSize, LakeFailure> {
        let info = self.0.table(&name(table)).await.map_err(failure)?;
        Ok(info.map_or_else(TableSize::default, |info| TableSize { rows: info.rows, bytes: info.bytes }))
    }

    async fn profile(&self, table: &TableName, columns: Vec<String>) -> Result<TableProfile, LakeFailure> {
        let profile = self.0.profile(&name(table), &columns).await.map_err(failure)?;
        let column = |c: lake::ColumnProfile| desk::view::ColumnProfile {
            name: c.name,
            nulls: c.nulls,
            distinct: c.distinct,
            minimum: c.minimum,
            maximum: c.maximum,
            mean: c.mean,
            histogram: c.histogram,
            binned: c.binned,
        };
        Ok(TableProfile { rows: profile.rows, columns: profile.columns.into_iter().map(column).collect() })
    }
}

pub fn name(table: &TableName) -> lake::TableName {
    let layer = match table.layer {
        Layer::Raw => lake::Layer::Raw,
        Layer::Standard => lake::Layer::Standard,
        Layer::Master => lake::Layer::Master,
        Layer::Topic => lake::Layer::Topic,
        Layer::Open => lake::Layer::Open,
    };
    lake::TableName { layer, name: table.name.clone() }
}

pub fn layer(layer: lake::Layer) -> Layer {
    match layer {
        lake::Layer::Raw => Layer::Raw,
        lake::Layer::Standard => Layer::Standard,
        lake::Layer::Master => Layer::Master,
        lake::Layer::Topic => Layer::Topic,
        lake::Layer::Open => Layer::Open,
    }
}

fn failure(error: lake::LakeError) -> LakeFailure {
    tracing::warn!(%error, "lake");
    LakeFailure { full: error.full(), message: error.text() }
}

/// What a worker is asked, on its standard input.
#[derive(Serialize, Deserialize)]
pub struct Question {
    pub sql: String,
    pub max_rows: u64,
    pub deadline_ms: u64,
    pub plan_only: bool,
    /// What the reader sees of the tables; all of them when `None`.
    pub masks: Option<desk::port::Masks>,
    /// Where the worker may write what does not fit into memory. Gone with the worker, however that ends.
    pub spill: std::path::PathBuf,
}

/// What a worker answers, on its standard output.
#[derive(Serialize, Deserialize)]
pub enum Reply {
    Answer(SqlAnswer),
    Plan(String, String),
    Error(SqlError),
}

/// SELECTs in processes of their own: one that eats all memory or all time dies alone.
pub struct Workers {
    data_dir: std::path::PathBuf,
    at_once: Semaphore,
}

/// Workers side by side; further ones wait.
const WORKERS_AT_ONCE: usize = 2;
/// How long one waits for its turn.
const TURN: Duration = Duration::from_secs(20);
/// A worker that outlives its own deadline by this much is killed.
const GRACE: Duration = Duration::from_secs(3);
/// No answer is larger, in bytes: what a worker tells at most, as JSON.
const ANSWER_MAX: u64 = 48 * 1024 * 1024;

impl Workers {
    pub fn new(data_dir: std::path::PathBuf) -> Workers {
        Workers { data_dir, at_once: Semaphore::new(WORKERS_AT_ONCE) }
    }

    async fn ask(&self, mut question: Question) -> Result<Reply, SqlError> {
        let turn = tokio::time::timeout(TURN, self.at_once.acquire()).await;
        let _turn = turn.ok().and_then(Result::ok).ok_or_else(|| {
            plain("查询较多，请稍后再试。", "Too many queries at once; please try again shortly.")
        })?;
        let spill = spill(&self.data_dir).map_err(|error| {
            tracing::warn!(%error, "no folder for a query worker");
            plain("服务器磁盘暂不可写，请稍后再试。", "The server's disk cannot be written now; please try again later.")
        })?;
        question.spill = spill.path().to_owned();
        let deadline = Duration::from_millis(question.deadline_ms) + GRACE;
        match tokio::time::timeout(deadline, worker::ask("sql-worker", &self.data_dir, &question, ANSWER_MAX)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a query worker ended without an answer");
                Err(plain(
                    "查询超出内存等限制，已被中止。请缩小范围（加 WHERE 或 LIMIT）后再试。",
                    "The query went past its limits (memory) and was stopped. Narrow it with WHERE or LIMIT.",
                ))
            }
            Err(_) => Err(plain(
                "查询超过时限，已被中止。请缩小范围后再试。",
                "The query took too long and was stopped. Narrow it and try again.",
            )),
        }
    }
}

/// A folder that goes when it is dropped.
fn spill(data: &std::path::Path) -> std::io::Result<tempfile::TempDir> {
    let folder = std::path::absolute(data)?.join("lake/tmp");
    std::fs::create_dir_all(&folder)?;
    // Where a worker says that it is reading; it cannot make this folder itself.
    std::fs::create_dir_all(folder.with_file_name("readers"))?;
    tempfile::Builder::new().prefix("sql-").tempdir_in(folder)
}

#[async_trait]
impl desk::port::SqlRunner for Workers {
    async fn run(&self, sql: &str, max_rows: u64, deadline: Duration, masks: Option<desk::port::Masks>) -> Result<SqlAnswer, SqlError> {
        let question = Question { sql: sql.to_owned(), max_rows, deadline_ms: deadline.as_millis() as u64, plan_only: false, masks, spill: std::path::PathBuf::new() };
        match self.ask(question).await? {
            Reply::Answer(answer) => Ok(answer),
            Reply::Error(error) => Err(error),
            Reply::Plan(..) => Err(plain("回答有误，请重试。", "Unexpected answer; please try again.")),
        }
    }

    async fn plan(&self, sql: &str, masks: Option<desk::port::Masks>) -> Result<(String, String), SqlError> {
        let question = Question { sql: sql.to_owned(), max_rows: 1, deadline_ms: 10_000, plan_only: true, masks, spill: std::path::PathBuf::new() };
        match self.ask(question).await? {
            Reply::Plan(logical, physical) => Ok((logical, physical)),
            Reply::Error(error) => Err(error),
            Reply::Answer(_) => Err(plain("回答有误，请重试。", "Unexpected answer; please try again.")),
        }
    }
}

fn plain(zh: &str, en: &str) -> SqlError {
    SqlError { message: Text::new(zh, en), line: 0, column: 0, length: 0, suggestion: None }
}
